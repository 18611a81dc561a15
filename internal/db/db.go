// Package db opens the database, SQLite or PostgreSQL, behind one set of
// queries, and runs transactions.
package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"
	"github.com/uptrace/bun/dialect/sqlitedialect"
	_ "modernc.org/sqlite" // registers the driver "sqlite"

	"filodiretto/internal/clock"
)

// DB is an open database. Write carries transactions; on SQLite it has one
// connection, so inside a transaction only the transaction may be used, or the
// program waits for itself. Read is for queries outside a transaction; it has
// connections of its own, so that reading never waits for writers.
type DB struct {
	Write *bun.DB
	Read  *bun.DB
	Clock clock.Clock
	// Postgres is false for SQLite. Only search and locks ask.
	Postgres bool

	asked     asked // with Read
	askedInTx asked // with Write
	watch     func(query string)
}

// Options tune an opened database.
type Options struct {
	ReadConnections int // default 4 on SQLite, 16 on PostgreSQL, which has as many and a few more to write
}

// Open opens "sqlite:/path/to/file.db" or "postgres://...". It does not create
// or change tables: see Migrate.
func Open(ctx context.Context, rawURL string, c clock.Clock, o Options) (*DB, error) {
	switch {
	case strings.HasPrefix(rawURL, "sqlite:"):
		return openSQLite(ctx, strings.TrimPrefix(rawURL, "sqlite:"), c, o)
	case strings.HasPrefix(rawURL, "postgres://"), strings.HasPrefix(rawURL, "postgresql://"):
		return openPostgres(ctx, rawURL, c, o)
	default:
		return nil, errors.New(`database: the url must begin with "sqlite:" or "postgres://"`)
	}
}

func openSQLite(ctx context.Context, path string, c clock.Clock, o Options) (*DB, error) {
	if path == "" || path == ":memory:" {
		return nil, errors.New("database: sqlite needs the path of a file, for example sqlite:/var/lib/filodiretto/filodiretto.db")
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		return nil, fmt.Errorf("database: make the folder: %w", err)
	}
	if err := ownOnly(path); err != nil {
		return nil, err
	}
	pragmas := url.Values{"_pragma": {
		"journal_mode(WAL)", "busy_timeout(5000)", "foreign_keys(1)", "synchronous(FULL)",
		"temp_store(MEMORY)", "cache_size(-8000)", "wal_autocheckpoint(4000)", "journal_size_limit(67108864)",
	}}
	dsn := "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + pragmas.Encode()
	w, err := sql.Open("sqlite", dsn+"&_txlock=immediate")
	if err != nil {
		return nil, fmt.Errorf("database: open: %w", err)
	}
	w.SetMaxOpenConns(1)
	w.SetMaxIdleConns(1)
	r, err := sql.Open("sqlite", dsn+"&_pragma=query_only(1)")
	if err != nil {
		return nil, fmt.Errorf("database: open for reading: %w", err)
	}
	n := o.ReadConnections
	if n <= 0 {
		n = 4
	}
	r.SetMaxOpenConns(n)
	r.SetMaxIdleConns(n)
	d := newDB(bun.NewDB(w, sqlitedialect.New()), bun.NewDB(r, sqlitedialect.New()), c)
	if err := w.PingContext(ctx); err != nil {
		d.Close()
		return nil, fmt.Errorf("database: %s cannot be opened: %w", path, err)
	}
	return d, nil
}

func newDB(w, r *bun.DB, c clock.Clock) *DB {
	return &DB{Write: w, Read: r, Clock: c, asked: asked{pool: r.DB}, askedInTx: asked{pool: w.DB}}
}

// ownOnly makes sure that the file, when it is new, can be read by nobody else on
// the machine: it holds what citizens wrote. SQLite gives its other files the
// same permissions. A file that is there keeps those that its owner chose.
func ownOnly(path string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return fmt.Errorf("database: %s cannot be opened: %w", path, err)
	}
	return f.Close()
}

// spareWriters are the connections to PostgreSQL beyond those that requests use:
// for leases, jobs and receivers.
const spareWriters = 4

// errPostgresURL says nothing of the address, which holds a password.
var errPostgresURL = errors.New("database: the postgres url cannot be read; it looks like postgres://user@host:5432/name")

// openPostgres opens two pools, as with SQLite. In one pool transactions could
// take all connections and then wait for one more to read with, for ever.
func openPostgres(ctx context.Context, dsn string, c clock.Clock, o Options) (*DB, error) {
	conf, err := pgx.ParseConfig(dsn)
	if err != nil {
		return nil, errPostgresURL
	}
	// bun writes values into the text, so that nearly every text is a new one:
	// pgx would have the server prepare, keep and soon forget each of them, with
	// a journey for each step. Ask prepares what is worth it.
	conf.DefaultQueryExecMode = pgx.QueryExecModeExec
	n := o.ReadConnections
	if n <= 0 {
		n = 16
	}
	w, r := stdlib.OpenDB(*conf), stdlib.OpenDB(*conf, stdlib.OptionAfterConnect(planOnce))
	for p, most := range map[*sql.DB]int{w: n + spareWriters, r: n} {
		p.SetMaxOpenConns(most)
		p.SetMaxIdleConns(most)
		p.SetConnMaxIdleTime(5 * time.Minute)
	}
	d := newDB(bun.NewDB(w, pgdialect.New()), bun.NewDB(r, pgdialect.New()), c)
	d.Postgres = true
	if err := w.PingContext(ctx); err != nil {
		d.Close()
		return nil, fmt.Errorf("database: PostgreSQL does not answer: %w", err)
	}
	return d, nil
}

// planOnce has a connection plan what was made ready for all values alike. Ask's
// questions are written so that their plan is the same for all; but where one value
// is found much more often than others, PostgreSQL would think each of them worth a
// plan of its own, and to plan the counts of a page takes it ten times as long as to
// count. Texts without parameters, as bun's are, are planned as before. Nor are plans
// compiled to machine code: that takes longer than any answer here, and is done anew
// for each, wherever the guess of how many rows wait is high.
func planOnce(ctx context.Context, c *pgx.Conn) error {
	_, err := c.Exec(ctx, "SELECT set_config('plan_cache_mode', 'force_generic_plan', false), set_config('jit', 'off', false)")
	return err
}

// Close closes the connections.
func (d *DB) Close() error {
	for _, a := range []*asked{&d.asked, &d.askedInTx} {
		a.mu.Lock()
		a.drop()
		a.mu.Unlock()
	}
	return errors.Join(d.Write.Close(), d.Read.Close())
}
