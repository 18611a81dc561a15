package simulate

import (
	"time"

	"filodiretto/internal/clock"
	"filodiretto/queue/order"
)

// PeerMerge is the rule of the German peer (queue 1.1), for comparison only: a site
// cannot choose it. Appointments that are due go before ordinary walk-ins, however
// late their people are; protected people go before all; with nobody else waiting
// an early appointment is called.
func PeerMerge() Chooser {
	return func(now clock.Instant, c order.Counter, waiting []order.Waiting) (int, []int64, bool) {
		slot, other := -1, -1
		for i, w := range waiting {
			if _, bar := c.Serves(w); bar != order.None || now < w.NotBefore {
				continue
			}
			switch {
			case w.Slot != 0:
				if slot < 0 || earlier(w.Slot, w.ID, waiting[slot].Slot, waiting[slot].ID) {
					slot = i
				}
			case other < 0 || before(w, waiting[other]):
				other = i
			}
		}
		switch {
		case slot < 0 && other < 0:
			return 0, nil, false
		case slot < 0:
			return other, nil, true
		case other < 0:
			return slot, nil, true
		case waiting[other].Class == order.Protected, now.Add(2*time.Minute) < waiting[slot].Slot:
			return other, nil, true
		}
		return slot, nil, true
	}
}

func earlier(a clock.Instant, aID int64, b clock.Instant, bID int64) bool {
	return a < b || a == b && aID < bID
}

// before is the peer's order of walk-ins: protected first, then by arrival.
func before(a, b order.Waiting) bool {
	pa, pb := a.Class == order.Protected, b.Class == order.Protected
	if pa != pb {
		return pa
	}
	return earlier(a.Arrived, a.ID, b.Arrived, b.ID)
}
