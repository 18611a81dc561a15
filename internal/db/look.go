package db

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"
	"github.com/uptrace/bun/dialect/sqlitedialect"

	"filodiretto/internal/clock"
)

// Look has f read a database that is there, and changes nothing: nothing can be written
// through it, and on SQLite no file is made beside the database's. f may be run again,
// where somebody opened the file while it read; what counts is its last run. An error of
// f is returned as it is.
func Look(ctx context.Context, rawURL string, c clock.Clock, f func(*DB) error) error {
	if path, is := strings.CutPrefix(rawURL, "sqlite:"); is {
		return lookSQLite(ctx, path, c, f)
	}
	conf, err := pgx.ParseConfig(rawURL)
	if err != nil {
		return errPostgresURL
	}
	conf.DefaultQueryExecMode = pgx.QueryExecModeExec
	d := looking(stdlib.OpenDB(*conf, stdlib.OptionAfterConnect(readOnly)), c, true)
	defer d.Close()
	if err := d.Read.PingContext(ctx); err != nil {
		return fmt.Errorf("database: PostgreSQL does not answer: %w", err)
	}
	return f(d)
}

// readOnly is planOnce for a connection on which every transaction only reads.
func readOnly(ctx context.Context, c *pgx.Conn) error {
	if _, err := c.Exec(ctx, "SELECT set_config('default_transaction_read_only', 'on', false)"); err != nil {
		return err
	}
	return planOnce(ctx, c)
}

// lookSQLite reads a file that nobody has open as one that cannot change, since SQLite
// makes files beside any other; where somebody opened it meanwhile, what was read may
// not fit together, and it is read again as they left it.
func lookSQLite(ctx context.Context, path string, c clock.Clock, f func(*DB) error) error {
	for range 3 {
		before, err := os.Stat(path)
		if err != nil {
			return fmt.Errorf("database: %s cannot be opened: %w", path, err)
		}
		if inUse(path) {
			break
		}
		err = lookFile(ctx, path, "&immutable=1", c, f)
		after, still := os.Stat(path)
		if still == nil && !inUse(path) && after.Size() == before.Size() && after.ModTime().Equal(before.ModTime()) {
			return err
		}
	}
	return lookFile(ctx, path, "", c, f)
}

// inUse reports whether a file has a log beside it: somebody has it open, or died.
func inUse(path string) bool {
	_, err := os.Lstat(path + "-wal")
	return err == nil
}

func lookFile(ctx context.Context, path, how string, c clock.Clock, f func(*DB) error) error {
	pragmas := url.Values{"_pragma": {"busy_timeout(5000)", "query_only(1)", "temp_store(MEMORY)"}}
	pool, err := sql.Open("sqlite", "file:"+(&url.URL{Path: path}).EscapedPath()+"?mode=ro"+how+"&"+pragmas.Encode())
	if err != nil {
		return fmt.Errorf("database: open: %w", err)
	}
	d := looking(pool, c, false)
	defer d.Close()
	var n int
	if err := pool.QueryRowContext(ctx, "PRAGMA schema_version").Scan(&n); err != nil {
		return fmt.Errorf("database: %s cannot be opened: %w", path, err)
	}
	return f(d)
}

// looking is a database of one pool that only reads.
func looking(pool *sql.DB, c clock.Clock, postgres bool) *DB {
	pool.SetMaxOpenConns(2)
	b := bun.NewDB(pool, sqlitedialect.New())
	if postgres {
		b = bun.NewDB(pool, pgdialect.New())
	}
	d := newDB(b, b, c)
	d.Postgres = postgres
	return d
}
