package db

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"filodiretto/internal/clock"
	"filodiretto/internal/testserver"
)

// files are the contents of a folder.
func files(t *testing.T, dir string) map[string]string {
	t.Helper()
	list, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, e := range list {
		b, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		out[e.Name()] = string(b)
	}
	return out
}

// look reads the keys of the settings, and tries to write one.
func look(t *testing.T, url string) (found []string) {
	t.Helper()
	err := Look(t.Context(), url, clock.System{}, func(d *DB) error {
		if have, want, err := d.Current(t.Context()); err != nil || have != want {
			t.Error(have, want, err)
		}
		found = keys(t, d)
		if err := d.Tx(t.Context(), func(ctx context.Context, tx *Tx) error { return put(ctx, tx, "mine") }); err == nil {
			t.Error("written while looking")
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	return found
}

// Look sees what is there while it is served, and writes nothing.
func TestLookOnlyReads(t *testing.T) {
	for name, url := range map[string]string{"sqlite": "sqlite:" + filepath.Join(t.TempDir(), "t.db"), "postgres": testserver.Postgres(t)} {
		t.Run(name, func(t *testing.T) {
			d, err := Open(t.Context(), url, clock.System{}, Options{})
			if err != nil {
				t.Fatal(err)
			}
			defer d.Close()
			if err := d.Migrate(t.Context()); err != nil {
				t.Fatal(err)
			}
			if err := d.Tx(t.Context(), func(ctx context.Context, tx *Tx) error { return put(ctx, tx, "theirs") }); err != nil {
				t.Fatal(err)
			}
			if got := look(t, url); !slices.Equal(got, []string{"theirs"}) {
				t.Errorf("while it is served: %v", got)
			}
			if got := keys(t, d); !slices.Equal(got, []string{"theirs"}) {
				t.Error(got)
			}
		})
	}
}

// No byte of a SQLite database changes, and no file comes beside it: where nobody has it
// open, where it is served, and where who served it died.
func TestLookLeavesEveryFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "t.db")
	d, err := Open(t.Context(), "sqlite:"+path, clock.System{}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := d.Tx(t.Context(), func(ctx context.Context, tx *Tx) error { return put(ctx, tx, "theirs") }); err != nil {
		t.Fatal(err)
	}
	same := func(dir string, before map[string]string, but ...string) {
		t.Helper()
		after := files(t, dir)
		for name := range after {
			if before[name] != after[name] && !slices.Contains(but, name) {
				t.Errorf("%s changed", name)
			}
		}
		if len(after) < len(before) {
			t.Errorf("%d files of %d are left", len(after), len(before))
		}
	}
	served := files(t, dir)
	if got := look(t, "sqlite:"+path); !slices.Equal(got, []string{"theirs"}) {
		t.Errorf("while it is served: %v", got)
	}
	same(dir, served, "t.db-shm") // the index of the log, which all who have it open share

	died := t.TempDir()
	for _, name := range []string{"t.db", "t.db-wal"} {
		if err := os.WriteFile(filepath.Join(died, name), []byte(served[name]), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	crashed := files(t, died)
	if got := look(t, "sqlite:"+filepath.Join(died, "t.db")); !slices.Equal(got, []string{"theirs"}) {
		t.Errorf("after who served it died: %v", got)
	}
	same(died, crashed, "t.db-shm")

	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	shut := files(t, dir)
	if got := look(t, "sqlite:"+path); !slices.Equal(got, []string{"theirs"}) {
		t.Errorf("while nobody has it open: %v", got)
	}
	same(dir, shut)
}

// What was read of a file that somebody opened meanwhile is read again.
func TestLookAgainWhereSomebodyBegan(t *testing.T) {
	path := filepath.Join(t.TempDir(), "t.db")
	begin := func() *DB {
		d, err := Open(t.Context(), "sqlite:"+path, clock.System{}, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if err := d.Migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
		return d
	}
	begin().Close()
	var seen [][]string
	err := Look(t.Context(), "sqlite:"+path, clock.System{}, func(d *DB) error {
		seen = append(seen, keys(t, d))
		if len(seen) == 1 {
			other := begin()
			t.Cleanup(func() { other.Close() })
			return other.Tx(t.Context(), func(ctx context.Context, tx *Tx) error { return put(ctx, tx, "theirs") })
		}
		return nil
	})
	if err != nil || len(seen) != 2 || len(seen[0]) != 0 || !slices.Equal(seen[1], []string{"theirs"}) {
		t.Error(seen, err)
	}
}

// Where nobody has made tables there are none afterwards either.
func TestCurrentMakesNothing(t *testing.T) {
	file := filepath.Join(t.TempDir(), "t.db")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for url, tables := range map[string]string{
		"sqlite:" + file:       "SELECT count(*) FROM sqlite_master",
		testserver.Postgres(t): "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'",
	} {
		err := Look(t.Context(), url, clock.System{}, func(d *DB) error {
			if have, want, err := d.Current(t.Context()); have != 0 || want == 0 || err != nil {
				t.Error(have, want, err)
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
		if at, err := os.Stat(file); url == "sqlite:"+file && (err != nil || at.Size() != 0) {
			t.Error("the file is not empty any more")
		}
		d, err := Open(t.Context(), url, clock.System{}, Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer d.Close()
		if _, _, err := d.Current(t.Context()); err != nil {
			t.Error(err)
		}
		var n int
		if err := d.Read.NewRaw(tables).Scan(t.Context(), &n); err != nil || n != 0 {
			t.Error(n, "tables were made", err)
		}
	}
	if err := Look(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "none.db"), clock.System{}, func(*DB) error { return nil }); err == nil {
		t.Error("looked at what is not there")
	}
}
