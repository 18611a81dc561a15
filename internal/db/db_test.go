package db

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"filodiretto/internal/clock"
)

func openTest(t *testing.T) *DB {
	t.Helper()
	d, err := Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "t.db"), clock.System{}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	if err := d.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return d
}

func TestOnlyTheOwnerReadsTheFiles(t *testing.T) {
	path := filepath.Join(t.TempDir(), "t.db")
	d, err := Open(t.Context(), "sqlite:"+path, clock.System{}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if err := d.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{path, path + "-wal", path + "-shm"} {
		info, err := os.Stat(name)
		if err != nil {
			t.Fatal(err)
		}
		if mode := info.Mode().Perm(); mode != 0o600 {
			t.Errorf("%s has mode %o, want 600", filepath.Base(name), mode)
		}
	}
}

func TestTxCommitsAndRunsAfter(t *testing.T) {
	d := openTest(t)
	ran := 0
	err := d.Tx(t.Context(), func(ctx context.Context, tx *Tx) error {
		tx.After(func() { ran++ })
		_, err := tx.ExecContext(ctx, "INSERT INTO settings (key, value) VALUES ('a','b')")
		return err
	})
	if err != nil || ran != 1 {
		t.Fatal(err, ran)
	}
	boom := errors.New("boom")
	err = d.Tx(t.Context(), func(ctx context.Context, tx *Tx) error {
		tx.After(func() { ran++ })
		if _, err := tx.ExecContext(ctx, "INSERT INTO settings (key, value) VALUES ('c','d')"); err != nil {
			return err
		}
		return boom
	})
	var n int
	if err2 := d.Read.QueryRow("SELECT count(*) FROM settings").Scan(&n); err2 != nil || n != 1 || !errors.Is(err, boom) || ran != 1 {
		t.Fatal(err, err2, n, ran)
	}
	err = d.Tx(t.Context(), func(ctx context.Context, tx *Tx) error {
		_, err := tx.ExecContext(ctx, "INSERT INTO settings (key, value) VALUES ('a','z')")
		return err
	})
	if !IsUnique(err) {
		t.Fatal("a second row with the same key must be told as a unique violation:", err)
	}
}

func TestMigrateTwiceAndNewer(t *testing.T) {
	d := openTest(t)
	if err := d.Migrate(t.Context()); err != nil {
		t.Fatal("migrating again must change nothing:", err)
	}
	have, want, err := d.Current(t.Context())
	if err != nil || have != want || have == 0 {
		t.Fatal(have, want, err)
	}
	if _, err := d.Write.Exec("INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, 1)"); err != nil {
		t.Fatal(err)
	}
	if err := d.Migrate(t.Context()); err == nil {
		t.Fatal("tables of a newer program must be refused")
	}
}

func TestNewIDGrows(t *testing.T) {
	seen, last := map[int64]bool{}, int64(0)
	for range 100_000 {
		id := NewID(clock.System{})
		if seen[id] || id <= last {
			t.Fatal("not unique or not growing", id, last)
		}
		seen[id], last = true, id
	}
}
