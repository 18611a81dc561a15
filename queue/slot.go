package queue

import (
	"slices"

	"github.com/uptrace/bun"

	"filodiretto/internal/clock"
)

// Slot is one time of an agenda. It has a row once somebody touched it; until then
// it is what the agenda says.
type Slot struct {
	bun.BaseModel `bun:"table:slots,alias:sl"`

	AgendaID    int64         `bun:",pk"`
	StartAt     clock.Instant `bun:",pk"`
	Capacity    int
	Public      int
	OwnCapacity int // of this slot, unlike the agenda's; -1 for none
	OwnPublic   int
	Taken       int // held or booked, all
	TakenPublic int // of these, by citizens themselves
	Resting     int // places given back, which nobody is told of yet
	RestUntil   clock.Instant
}

// free is how many places somebody may take: citizens of their share, staff of
// all, and nobody of those that rest.
func (s *Slot) free(public bool) int {
	n := s.Capacity - s.Taken - s.Resting
	if public {
		n = min(n, s.Public-s.TakenPublic-s.Resting)
	}
	return max(0, n)
}

func (s *Slot) take(public bool) {
	s.Taken++
	if public {
		s.TakenPublic++
	}
}

func (s *Slot) give(public bool) {
	s.Taken--
	if public {
		s.TakenPublic--
	}
}

// meant is the capacity that the slot should have: its own, else the agenda's.
func (s *Slot) meant(a *Agenda) (capacity, public int) {
	if s.OwnCapacity >= 0 {
		return s.OwnCapacity, s.OwnPublic
	}
	return a.Capacity, a.Public
}

// follow takes that capacity over. What is taken stays taken: those who have no
// place by now are conflicts.
func (s *Slot) follow(a *Agenda) {
	s.Capacity, s.Public = s.meant(a)
	s.Resting = min(s.Resting, max(0, s.Capacity-s.Taken))
	s.Capacity = max(s.Capacity, s.Taken)
}

// newSlot is a slot that nobody touched.
func newSlot(a *Agenda, start clock.Instant) *Slot {
	return &Slot{AgendaID: a.ID, StartAt: start, Capacity: a.Capacity, Public: a.Public, OwnCapacity: -1, OwnPublic: -1}
}

// Times are the slots of an agenda on a day, by the clock on the wall: what is at
// 9:30 is at 9:30 on both sides of a clock change (queue 3, rows 23 and 35). An
// hour that does not happen has no slots, one that happens twice has those of the
// first time.
func (a *Agenda) Times(h *House, d Day) []Span {
	if a.EndedAt != 0 {
		return nil
	}
	var out []Span
	for _, r := range a.ranges(h, d) {
		for m := r.From; m+a.SlotMin <= r.To; m += a.SlotMin {
			from := d.At(m, h.Calendar.Zone)
			if d.At(m+a.SlotMin, h.Calendar.Zone).Sub(from) >= a.slotLen() {
				out = append(out, Span{from, from.Add(a.slotLen())})
			}
		}
	}
	return out
}

// ranges are when the agenda has slots on a day: in the site's hours, or in its
// own. A specialist may see people while the hall is shut, but not on a holiday,
// and a day unlike the others bounds both.
func (a *Agenda) ranges(h *House, d Day) Ranges {
	site := h.Calendar.Ranges(d)
	if len(a.Hours) == 0 {
		return site
	}
	own := a.Hours.on(d.Weekday())
	if special, ok := h.Calendar.Days[d]; ok {
		return own.within(special)
	}
	if Holiday(d, h.Calendar.Patron) {
		return nil
	}
	return own
}

// within cuts ranges to what is in others too.
func (r Ranges) within(other Ranges) Ranges {
	var out Ranges
	for _, x := range r {
		for _, y := range other {
			if z := (Range{max(x.From, y.From), min(x.To, y.To)}); z.From < z.To {
				out = append(out, z)
			}
		}
	}
	return out
}

// slotAt is the slot that begins at an instant; ok is false when there is none.
func (a *Agenda) slotAt(h *House, at clock.Instant) (Span, bool) {
	times := a.Times(h, h.Today(at))
	i := slices.IndexFunc(times, func(s Span) bool { return s.From == at })
	if i < 0 {
		return Span{}, false
	}
	return times[i], true
}
