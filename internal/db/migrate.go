package db

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"

	"github.com/pressly/goose/v3"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riverdatabasesql"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivermigrate"
)

//go:embed migrations
var migrations embed.FS

// Migrate brings the tables to this program's version. It refuses a database
// that a newer program has already changed.
func (d *DB) Migrate(ctx context.Context) error {
	p, err := d.provider()
	if err != nil {
		return err
	}
	if err := d.refuseNewer(ctx, p); err != nil {
		return err
	}
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("database: migrate: %w", err)
	}
	if d.Postgres {
		return riverUp(ctx, riverdatabasesql.New(d.Write.DB))
	}
	return riverUp(ctx, riversqlite.New(d.Write.DB))
}

// Current reports the version of the tables and the newest this program knows; 0 where
// nobody has made any. It makes none.
func (d *DB) Current(ctx context.Context) (have, want int64, err error) {
	p, err := d.provider()
	if err != nil {
		return 0, 0, err
	}
	if have, err = d.version(ctx); err != nil {
		return 0, 0, fmt.Errorf("database: read the version: %w", err)
	}
	src := p.ListSources()
	return have, src[len(src)-1].Version, nil
}

// version is what goose would say, which makes its table first where there is none.
func (d *DB) version(ctx context.Context) (version int64, err error) {
	there := "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'goose_db_version'"
	if d.Postgres {
		there = "SELECT count(to_regclass('goose_db_version'))"
	}
	var n int
	if err := d.Read.NewRaw(there).Scan(ctx, &n); err != nil || n == 0 {
		return 0, err
	}
	err = d.Read.NewRaw("SELECT COALESCE(MAX(version_id), 0) FROM goose_db_version").Scan(ctx, &version)
	return version, err
}

func (d *DB) refuseNewer(ctx context.Context, p *goose.Provider) error {
	have, err := p.GetDBVersion(ctx)
	if err != nil {
		return fmt.Errorf("database: read the version: %w", err)
	}
	src := p.ListSources()
	if want := src[len(src)-1].Version; have > want {
		return fmt.Errorf("database: its tables have version %d and this program knows only %d: install the newer program, or restore a backup", have, want)
	}
	return nil
}

func (d *DB) provider() (*goose.Provider, error) {
	dir, dialect := "migrations/sqlite", goose.DialectSQLite3
	if d.Postgres {
		dir, dialect = "migrations/postgres", goose.DialectPostgres
	}
	sub, err := fs.Sub(migrations, dir)
	if err != nil {
		return nil, err
	}
	p, err := goose.NewProvider(dialect, d.Write.DB, sub)
	if err != nil {
		return nil, fmt.Errorf("database: read the migrations: %w", err)
	}
	return p, nil
}

func riverUp(ctx context.Context, driver riverdriver.Driver[*sql.Tx]) error {
	m, err := rivermigrate.New(driver, nil)
	if err != nil {
		return fmt.Errorf("database: jobs tables: %w", err)
	}
	if _, err := m.Migrate(ctx, rivermigrate.DirectionUp, nil); err != nil {
		return fmt.Errorf("database: jobs tables: %w", err)
	}
	return nil
}
