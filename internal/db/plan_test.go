package db

import (
	"testing"

	"filodiretto/internal/clock"
	"filodiretto/internal/testserver"
)

// Questions are planned once for all values, and no plan is compiled: PostgreSQL took a
// tenth of a second for that, each time, where the answer took a hundredth.
func TestPostgresPlansOnceAndCompilesNothing(t *testing.T) {
	d, err := Open(t.Context(), testserver.Postgres(t), clock.System{}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	for name, want := range map[string]string{"plan_cache_mode": "force_generic_plan", "jit": "off"} {
		var got string
		if err := d.Read.NewRaw("SELECT current_setting(?)", name).Scan(t.Context(), &got); err != nil || got != want {
			t.Error(name, got, err)
		}
	}
}
