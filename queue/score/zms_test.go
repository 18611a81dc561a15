package score

import (
	"testing"
	"time"

	"filodiretto/internal/clock"
	"filodiretto/queue/estimate"
	"filodiretto/queue/order"
)

var ten = clock.At(time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC))

func at10(min float64) clock.Instant { return ten.Add(time.Duration(min * float64(time.Minute))) }

func walkin(id int64, min float64) order.Waiting {
	return order.Waiting{ID: id, Service: 1, Class: order.WalkIn, Arrived: at10(min)}
}

// The figures are worked out by hand from the published formula (queue 1.3): with a
// constant of 15 minutes and three counters the slot is 5 minutes.
func TestPeerFormula(t *testing.T) {
	right := walkin(8, -1)
	right.Class = order.Protected
	late := order.Waiting{ID: 9, Service: 1, Class: order.Appointment, Slot: at10(-30), Arrived: at10(-1)}
	soon := estimate.Booking{ID: 7, Service: 1, Class: order.Appointment, Slot: at10(1)}
	five := []order.Waiting{walkin(1, -20), walkin(2, -19), walkin(3, -18), walkin(4, -17), walkin(5, -16)}
	cases := []struct {
		name     string
		waiting  []order.Waiting
		booked   []estimate.Booking
		counters int
		who      int64
		opt, pes float64
	}{
		{"first", five, nil, 3, 1, 0, 5},
		{"second: a counter is taken to be free for each", five, nil, 3, 2, 0, 10},
		{"third", five, nil, 3, 3, 0, 15},
		{"fourth: 0.8 of a slot", five, nil, 3, 4, 4, 20},
		{"fifth", five, nil, 3, 5, 8, 25},
		{"protected goes first", append([]order.Waiting{right}, five...), nil, 3, 8, 0, 5},
		{"and is before the others", append([]order.Waiting{right}, five...), nil, 3, 1, 0, 10},
		{"a late appointment goes before all walk-ins", append([]order.Waiting{late}, five...), nil, 3, 9, 0, 5},
		{"one who is not here, too, when due in two minutes", five, []estimate.Booking{soon}, 3, 1, 0, 10},
		{"its own figure before the slot", five, []estimate.Booking{soon}, 3, 7, 1, 3},
		{"nobody logged in counts as one", five[:2], nil, 0, 2, 12, 30},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			s := &estimate.Snapshot{At: ten, Waiting: c.waiting, Booked: c.booked}
			opt, pes := zms(s, c.who, 15, c.counters)
			if opt != c.opt || pes != c.pes {
				t.Errorf("%v to %v, want %v to %v", opt, pes, c.opt, c.pes)
			}
		})
	}
}

// A booking far ahead is passed by the clock of the walk; the walk ends.
func TestPeerFormulaEnds(t *testing.T) {
	s := &estimate.Snapshot{At: ten, Booked: []estimate.Booking{{ID: 7, Slot: at10(300)}}}
	if opt, pes := zms(s, 7, 15, 3); opt != 300 || pes < 300 {
		t.Errorf("%v to %v", opt, pes)
	}
	if opt, pes := zms(s, 99, 15, 3); opt <= 0 || pes <= 0 {
		t.Errorf("somebody unknown gets %v to %v", opt, pes)
	}
}
