package queue

import (
	"context"
	"math"

	"filodiretto/inbox"
	"filodiretto/internal/clock"
)

// SetSlot gives one slot a capacity of its own, as when a colleague is ill on one
// morning; 0 closes it for new bookings. follow takes the agenda's again. Those who
// have a place keep it: who is too many by now is listed by Conflicts.
// *RefusedError NoSuchSlot where the agenda has none.
func (b *Bookings) SetSlot(ctx context.Context, v inbox.Viewer, agendaID int64, start clock.Instant, capacity, public int, follow bool) error {
	if !follow && (capacity < 0 || capacity > mostCapacity) {
		return invalid("capacity", "range")
	}
	if !follow && (public < 0 || public > capacity) {
		return invalid("public", "range")
	}
	return b.in(ctx, v, agendaID, func(ctx context.Context, k *booking) error {
		if citizen(v) || !worksAgenda(k.h, k.a, v) {
			return ErrNotFound
		}
		if _, ok := k.a.slotAt(k.h, start); !ok {
			return refuse(NoSuchSlot)
		}
		if err := k.lock(ctx, start); err != nil {
			return err
		}
		s := k.slots[start]
		if s.OwnCapacity, s.OwnPublic = capacity, public; follow {
			s.OwnCapacity, s.OwnPublic = -1, -1
		}
		s.follow(k.a)
		k.record(by(v), "agenda.slot", 0, 0, 0, map[string]any{
			"site": k.a.SiteID, "agenda": k.a.ID, "start": start, "capacity": capacity, "public": public, "follow": follow,
		})
		return nil
	})
}

// Overbook is how many appointments a slot of some places may take when people come
// with a probability: the largest number of which more than the places come with a
// probability of at most risk (queue 4.6). It is never fewer than the places, and
// never more than twice as many.
func Overbook(places int, comes, risk float64) int {
	if places < 1 || comes <= 0 || comes >= 1 || risk <= 0 {
		return max(0, places)
	}
	n := places
	for n < 2*places && tooMany(n+1, places, comes) <= risk {
		n++
	}
	return n
}

// tooMany is P(Binomial(n, p) > places).
func tooMany(n, places int, p float64) float64 {
	sum := 0.0
	for k := places + 1; k <= n; k++ {
		ways, _ := math.Lgamma(float64(n + 1))
		a, _ := math.Lgamma(float64(k + 1))
		b, _ := math.Lgamma(float64(n - k + 1))
		sum += math.Exp(ways - a - b + float64(k)*math.Log(p) + float64(n-k)*math.Log(1-p))
	}
	return sum
}

// SlotAdvice is what the no-shows of an agenda speak for.
type SlotAdvice struct {
	Expected int     // appointments that were over in the last eight weeks
	NoShow   float64 // share of those who did not come
	Capacity int     // as it is
	Advised  int     // with so many, more come than there is room for once in twenty slots
}

const (
	adviceDays  = 56
	adviceLeast = 60   // appointments below which nothing is advised
	adviceRisk  = 0.05 // how often a slot may be too full
)

// Advise tells how many places an agenda's slots could have, given who did not
// come lately. It changes nothing. places is how many can be served at once; 0
// takes the capacity.
func (b *Bookings) Advise(ctx context.Context, v inbox.Viewer, agendaID int64, places int) (*SlotAdvice, error) {
	a, h, err := b.worked(ctx, v, agendaID)
	if err != nil {
		return nil, err
	}
	today := h.Today(b.q.clock.Now())
	counts, err := b.AppointmentCounts(ctx, v, a.SiteID, today.Add(-adviceDays), today.Add(-1))
	if err != nil {
		return nil, err
	}
	var all AppointmentCount
	for _, c := range counts {
		if c.AgendaID == a.ID {
			all.Came, all.Missed = all.Came+c.Came, all.Missed+c.Missed
		}
	}
	if places <= 0 {
		places = a.Capacity
	}
	out := &SlotAdvice{Expected: all.Came + all.Missed, NoShow: max(0, all.NoShow()), Capacity: a.Capacity, Advised: places}
	if out.Expected >= adviceLeast {
		out.Advised = Overbook(places, 1-out.NoShow, adviceRisk)
	}
	return out, nil
}
