package rig

import (
	"context"
	"fmt"
	"path/filepath"
	"sync"
	"time"

	"filodiretto/internal/testserver"
)

// Kind is one of the two databases.
type Kind string

// The databases, in the order in which figures are told.
const (
	SQLite   Kind = "sqlite"
	Postgres Kind = "postgres"
)

// Kinds are both.
var Kinds = []Kind{SQLite, Postgres}

// Database is a fresh one. What is committed to it is on the disk: SQLite runs
// with synchronous=FULL, PostgreSQL with fsync, as in production.
type Database struct {
	Kind  Kind
	URL   string
	Close func() error
}

// server is the one PostgreSQL of this process, which ends with it.
var server = sync.OnceValues(func() (*testserver.PG, error) {
	return testserver.StartPostgres("", testserver.PostgresOptions{Durable: true})
})

// Open makes an empty database; a folder is only used by SQLite.
func (k Kind) Open(dir string) (Database, error) {
	if k == SQLite {
		return Database{Kind: k, URL: "sqlite:" + filepath.Join(dir, "filodiretto.db"), Close: func() error { return nil }}, nil
	}
	pg, err := server()
	if err != nil {
		return Database{}, fmt.Errorf("start PostgreSQL: %w", err)
	}
	url, err := pg.Create(context.Background(), "")
	if err != nil {
		return Database{}, err
	}
	drop := func() error {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		return pg.Drop(ctx, url)
	}
	return Database{Kind: k, URL: url, Close: drop}, nil
}
