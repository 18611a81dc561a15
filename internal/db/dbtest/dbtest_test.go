package dbtest

import (
	"testing"

	"filodiretto/internal/clock"
	"filodiretto/internal/db"
)

// A copy has the tables of the newest version, is empty, and is nobody else's.
func TestCopies(t *testing.T) {
	for name, fresh := range map[string]func(testing.TB) string{"sqlite": SQLite, "postgres": Postgres} {
		t.Run(name, func(t *testing.T) {
			for range 2 {
				d, err := db.Open(t.Context(), fresh(t), clock.System{}, db.Options{})
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() { d.Close() })
				if have, want, err := d.Current(t.Context()); err != nil || have != want {
					t.Fatalf("version %d of %d: %v", have, want, err)
				}
				if err := d.Migrate(t.Context()); err != nil { // nothing is left to do
					t.Fatal(err)
				}
				var n int
				if err := d.Read.NewRaw("SELECT count(*) FROM cases").Scan(t.Context(), &n); err != nil || n != 0 {
					t.Fatalf("%d cases: %v", n, err)
				}
				if _, err := d.Write.ExecContext(t.Context(), "INSERT INTO river_queue (name, metadata, paused_at, updated_at) VALUES ('mine', '{}', NULL, CURRENT_TIMESTAMP)"); err != nil {
					t.Fatal("the next copy knows of this one, or the tables of the jobs are missing:", err)
				}
			}
		})
	}
}
