package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"reflect"
	"sync"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"filodiretto/internal/clock"
	"filodiretto/internal/testserver"
)

func TestAskAnswersAsBunDoesAndForgetsWhatIsTooMuch(t *testing.T) {
	for name, url := range map[string]string{
		"sqlite":   "sqlite:" + filepath.Join(t.TempDir(), "t.db"),
		"postgres": testserver.Postgres(t),
	} {
		t.Run(name, func(t *testing.T) {
			d, err := Open(t.Context(), url, clock.System{}, Options{})
			if err != nil {
				t.Fatal(err)
			}
			defer d.Close()
			if err := d.Migrate(t.Context()); err != nil {
				t.Fatal(err)
			}
			for i := range 5 {
				if _, err := d.Write.NewRaw("INSERT INTO settings (key, value) VALUES (?, ?)", fmt.Sprint("k", i), "v'?").Exec(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			var group sync.WaitGroup
			for g := range 8 { // many at once, more texts than are kept
				group.Go(func() { askMuch(t, d, g) })
			}
			group.Wait()
			if n := len(d.asked.ready); n == 0 || n > mostAsked {
				t.Error(n, "texts are kept")
			}
			var one int
			if err := d.Ask(t.Context(), "SELECT nothing FROM nowhere", nil, &one); err == nil {
				t.Error("a question that cannot be read must fail")
			}
		})
	}
}

type setting struct {
	bun.BaseModel `bun:"table:settings"`

	Key, Value string
}

func askMuch(t *testing.T, d *DB, g int) {
	for i := range 60 {
		var rows []*setting
		q := fmt.Sprintf("SELECT * FROM settings WHERE key >= ? AND value = ? AND %d = %d ORDER BY key", 100*g+i, 100*g+i)
		if err := d.Ask(t.Context(), q, []any{"k3", "v'?"}, &rows); err != nil {
			t.Error(err)
			return
		}
		if len(rows) != 2 || rows[0].Key != "k3" || rows[1].Value != "v'?" {
			t.Error("wrong answer", rows)
		}
		var n int
		if err := d.Ask(t.Context(), "SELECT count(*) FROM settings WHERE key < ?", []any{"k2"}, &n); err != nil || n != 2 {
			t.Error(n, err)
		}
	}
}

func TestAskOne(t *testing.T) {
	d, err := Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "t.db"), clock.System{}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if err := d.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Write.NewRaw("INSERT INTO settings (key, value) VALUES ('a', 'b')").Exec(t.Context()); err != nil {
		t.Fatal(err)
	}
	var seen []string
	d.WatchAsk(func(q string) { seen = append(seen, q) })
	const q = "SELECT * FROM settings WHERE key = ?"
	if s, err := AskOne[setting](t.Context(), d, q, []any{"a"}); err != nil || s.Value != "b" {
		t.Error(s, err)
	}
	if s, err := AskOne[setting](t.Context(), d, q, []any{"z"}); !errors.Is(err, sql.ErrNoRows) {
		t.Error(s, err)
	}
	if got := Columns[setting](d, "s", "value"); got != "s.key" {
		t.Error(got)
	}
	if len(seen) != 2 || seen[0] != q {
		t.Error("the questions put were", seen)
	}
}

// TestAskInATransaction: the first time as it is, then made ready, and each sees
// what its transaction wrote. SQLite has one connection to write with, so that
// making ready within the transaction would wait for ever.
func TestAskInATransaction(t *testing.T) {
	for name, url := range map[string]string{
		"sqlite":   "sqlite:" + filepath.Join(t.TempDir(), "t.db"),
		"postgres": testserver.Postgres(t),
	} {
		t.Run(name, func(t *testing.T) {
			d, err := Open(t.Context(), url, clock.System{}, Options{})
			if err != nil {
				t.Fatal(err)
			}
			defer d.Close()
			if err := d.Migrate(t.Context()); err != nil {
				t.Fatal(err)
			}
			failed := errors.New("no")
			for i := range 4 {
				err := d.Tx(t.Context(), func(ctx context.Context, tx *Tx) error {
					if _, err := tx.NewRaw("INSERT INTO settings (key, value) VALUES (?, 'x')", fmt.Sprint("k", i)).Exec(ctx); err != nil {
						return err
					}
					s, err := AskOne[setting](ctx, tx, "SELECT * FROM settings WHERE key = ?", []any{fmt.Sprint("k", i)})
					if err != nil || s.Value != "x" {
						t.Error(i, s, err)
					}
					if i == 0 {
						return failed
					}
					return nil
				})
				if ready := len(d.askedInTx.ready); i == 0 && (err != failed || ready != 0) || i > 0 && (err != nil || ready != 1) {
					t.Error("after transaction", i, "there are", ready, "questions ready", err)
				}
			}
			err = d.Tx(t.Context(), func(ctx context.Context, tx *Tx) error {
				_, err := AskOne[setting](ctx, tx, "SELECT * FROM settings WHERE key = ?", []any{"k0"})
				return err
			})
			if !errors.Is(err, sql.ErrNoRows) {
				t.Error("what was rolled back is found:", err)
			}
		})
	}
}

func TestInHasFewTexts(t *testing.T) {
	for _, c := range []struct {
		ids   []int64
		marks string
		args  []any
	}{
		{nil, "?", []any{int64(-1)}},
		{[]int64{7}, "?", []any{int64(7)}},
		{[]int64{7, 8}, "?, ?", []any{int64(7), int64(8)}},
		{[]int64{7, 8, 9}, "?, ?, ?, ?", []any{int64(7), int64(8), int64(9), int64(9)}},
	} {
		if marks, args := In(c.ids); marks != c.marks || !reflect.DeepEqual(args, c.args) {
			t.Error(c.ids, marks, args)
		}
	}
}

func TestNumbered(t *testing.T) {
	for q, want := range map[string]string{"": "", "a = ?": "a = $1", "? AND ? OR b": "$1 AND $2 OR b"} {
		if got := numbered(q); got != want {
			t.Errorf("%q: %q, want %q", q, got, want)
		}
	}
}

// TestAskForgetsNoOneWaits: a question that is forgotten is closed on every connection
// that knows it, also on one that waits for a row which the forgetting transaction
// holds. That transaction must go on, or both wait for ever.
func TestAskForgetsNoOneWaits(t *testing.T) {
	d, err := Open(t.Context(), testserver.Postgres(t), clock.System{}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	must := func(_ any, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(nil, d.Migrate(t.Context()))
	must(d.Write.NewRaw("INSERT INTO settings (key, value) VALUES ('k', '0')").Exec(t.Context()))
	const text, change = "SELECT count(*) FROM settings WHERE key <> ?", "UPDATE settings SET value = value || 'x' WHERE key = 'k'"
	ctx, stop := context.WithTimeout(t.Context(), 20*time.Second)
	defer stop()
	waiting := make(chan error, 1)
	must(nil, d.Tx(ctx, func(ctx context.Context, tx *Tx) error {
		if _, err := tx.ExecContext(ctx, change); err != nil {
			return err
		}
		var twice []*question
		for range 2 { // two make the same question ready: one is used this once
			q, err := d.askedInTx.makeReady(ctx, text, d.text(text))
			if err != nil {
				return err
			}
			twice = append(twice, q)
		}
		go func() { // on the connection that was last used, which knows both
			waiting <- d.Tx(ctx, func(ctx context.Context, tx *Tx) error {
				_, err := tx.ExecContext(ctx, change)
				return err
			})
		}()
		for blocked := 0; blocked == 0; {
			if err := d.Read.NewRaw("SELECT count(*) FROM pg_locks WHERE NOT granted").Scan(ctx, &blocked); err != nil {
				return err
			}
		}
		for _, q := range twice {
			d.askedInTx.giveBack(q)
		}
		var n int
		return tx.Ask(ctx, text, []any{""}, &n)
	}))
	must(nil, <-waiting)
}
