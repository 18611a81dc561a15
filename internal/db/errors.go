package db

import (
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"net"

	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"
)

// IsDown reports whether err says that the database cannot be reached or has no
// room, as opposed to refusing what was asked.
func IsDown(err error) bool {
	if errors.Is(err, driver.ErrBadConn) || errors.Is(err, sql.ErrConnDone) {
		return true
	}
	if _, ok := errors.AsType[net.Error](err); ok {
		return true
	}
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		return e.Code[:2] == "57" || e.Code[:2] == "53" || e.Code[:2] == "08"
	}
	if e, ok := errors.AsType[*sqlite.Error](err); ok {
		switch e.Code() & 0xff {
		case 5, 6, 8, 10, 13, 14: // busy, locked, read-only, I/O, full, cannot open
			return true
		}
	}
	return false
}

// SafeError is the text of an error for a log: a database's message may quote
// a row, so of those only the code and the constraint are kept.
func SafeError(err error) string {
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		return fmt.Sprintf("postgres %s %s %s", e.Code, e.TableName, e.ConstraintName)
	}
	if e, ok := errors.AsType[*sqlite.Error](err); ok {
		return fmt.Sprintf("sqlite %d", e.Code())
	}
	return err.Error()
}
