package estimate

import (
	"math/rand/v2"
	"testing"
)

// Places are what counting everybody who is before each one gives.
func TestPlacesCountThoseBefore(t *testing.T) {
	e := taught(t, 400)
	s, asks := full()
	f := e.lay(&s, asks)
	r := rand.New(rand.NewPCG(1, 2))
	raws := make([]raw, len(f.people))
	for i := range raws {
		raws[i].mean = float64(r.IntN(60)) // many alike
	}
	rivals := func(a, b int32) bool {
		for _, d := range f.desks {
			var x, y bool
			for _, l := range d.lanes {
				x, y = x || l.desk == a, y || l.desk == b
			}
			if x && y {
				return true
			}
		}
		return false
	}
	got := f.places(raws)
	for i := range f.known {
		want, me := 1, &f.people[i]
		for j := range f.known {
			o := &f.people[j]
			before := raws[j].mean < raws[i].mean || raws[j].mean == raws[i].mean && senior(o, me) < 0
			if j != i && !o.ghost && before && rivals(me.lane, o.lane) {
				want++
			}
		}
		if got[i] != want {
			t.Errorf("person %d has place %d, want %d", i, got[i], want)
		}
	}
}
