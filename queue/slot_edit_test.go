package queue

import (
	"errors"
	"math"
	"math/rand/v2"
	"testing"

	"filodiretto/inbox"
	"filodiretto/internal/db"
)

func TestOneSlotHasAnotherCapacity(t *testing.T) {
	eachAgenda(t, func(t *testing.T, e *agendaEnv) {
		nine := e.slot(tuesday, 9, 0)
		ap := e.staffBooks(nine)
		set := func(capacity, public int, follow bool) {
			t.Helper()
			if err := e.SetSlot(t.Context(), e.anna, e.agenda.ID, nine, capacity, public, follow); err != nil {
				t.Fatal(err)
			}
		}
		set(5, 3, false)
		if e.free(inbox.Viewer{}, nine) != 3 || e.free(e.anna, nine) != 4 {
			t.Fatal(e.slotRow(nine))
		}
		set(0, 0, false)
		if e.free(inbox.Viewer{}, nine) != 0 || e.free(e.anna, nine) != 0 || e.now(ap).State != BookedSlot {
			t.Fatal(e.slotRow(nine))
		}
		if got := e.conflicts(); len(got) != 1 || got[0].Why != "capacity" {
			t.Fatalf("who has a place that is no more is a conflict: %+v", got)
		}
		e.edit(func(a *Agenda) { a.Capacity, a.Public = 4, 4 })
		if e.free(inbox.Viewer{}, nine) != 0 {
			t.Fatal("the slot's own capacity stays")
		}
		set(0, 0, true)
		if e.free(inbox.Viewer{}, nine) != 3 || len(e.conflicts()) != 0 {
			t.Fatal(e.slotRow(nine))
		}
		for _, v := range []inbox.Viewer{{}, e.carla} {
			if err := e.SetSlot(t.Context(), v, e.agenda.ID, nine, 1, 1, false); !errors.Is(err, ErrNotFound) {
				t.Error(err)
			}
		}
		refused(t, e.SetSlot(t.Context(), e.anna, e.agenda.ID, nine+1, 1, 1, false), NoSuchSlot)
		if err := e.SetSlot(t.Context(), e.anna, e.agenda.ID, nine, 1, 2, false); !errors.Is(err, ErrInvalid) {
			t.Error(err)
		}
	})
}

func TestOverbook(t *testing.T) {
	for _, c := range []struct {
		places      int
		comes, risk float64
		want        int
	}{
		{10, 1, 0.05, 10}, {10, 0.9, 0, 10}, {0, 0.9, 0.05, 0}, {1, 0.88, 0.05, 1}, {10, 0.88, 0.05, 10}, {30, 0.8, 0.05, 33}, {10, 0.1, 0.05, 20},
	} {
		if got := Overbook(c.places, c.comes, c.risk); got != c.want {
			t.Errorf("%+v: %d", c, got)
		}
	}
	draw := rand.New(rand.NewPCG(1, 2)) // against the definition, by throwing dice
	const n, places, p, throws = 12, 9, 0.8, 200_000
	over := 0
	for range throws {
		came := 0
		for range n {
			if draw.Float64() < p {
				came++
			}
		}
		if came > places {
			over++
		}
	}
	if got, want := tooMany(n, places, p), float64(over)/throws; math.Abs(got-want) > 0.005 {
		t.Errorf("%v, thrown %v", got, want)
	}
}

func TestAdvise(t *testing.T) {
	eachAgenda(t, func(t *testing.T, e *agendaEnv) {
		if got := must(e.Advise(t.Context(), e.anna, e.agenda.ID, 0))(t); got.Advised != 2 || got.Expected != 0 {
			t.Fatalf("nothing is known: %+v", got)
		}
		at := e.slot("2026-11-10", 9, 0)
		for i := range 100 {
			state := "done"
			if i%4 == 0 {
				state = "no_show"
			}
			e.exec(`INSERT INTO appointments (id, site_id, agenda_id, service_id, start_at, end_at, public, state, idem_key, booked_at, created_at)
				VALUES (?, ?, ?, ?, ?, ?, TRUE, ?, ?, 1, 1)`, db.NewID(e.env.clock), e.site, e.agenda.ID, e.cards, at, at.Add(minutes(15)), state, e.key())
		}
		got := must(e.Advise(t.Context(), e.anna, e.agenda.ID, 20))(t)
		if got.Expected != 100 || got.NoShow != 0.25 || got.Advised != 23 {
			t.Fatalf("%+v", got)
		}
		if _, err := e.Advise(t.Context(), e.carla, e.agenda.ID, 0); !errors.Is(err, ErrNotFound) {
			t.Fatal(err)
		}
	})
}
