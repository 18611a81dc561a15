// Package dbtest gives tests databases that have all tables already. Making the
// tables takes longer than most tests do, so that they are made once in a test
// process and copied. That they can be made is what the tests of db show.
package dbtest

import (
	"context"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"filodiretto/internal/clock"
	"filodiretto/internal/db"
	"filodiretto/internal/testserver"
)

// Postgres is the address of a database of its own on the private PostgreSQL of
// this test process; it goes with the test.
func Postgres(t testing.TB) (url string) {
	t.Helper()
	return testserver.PostgresFrom(t, "tables", func(url string) error { return migrate(t.Context(), url) })
}

// SQLite is the address of a file of its own, which goes with the test.
func SQLite(t testing.TB) (url string) {
	t.Helper()
	b, err := empty()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "t.db")
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return "sqlite:" + path
}

// empty is a file with all tables and nothing in them.
var empty = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "fd-tables-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "t.db")
	if err := migrate(context.Background(), "sqlite:"+path); err != nil { // no test's own: it is for all
		return nil, err
	}
	return os.ReadFile(path)
})

// migrate leaves everything in the database itself: closing it empties the log
// beside the file.
func migrate(ctx context.Context, url string) error {
	d, err := db.Open(ctx, url, clock.System{}, db.Options{})
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Migrate(ctx)
}
