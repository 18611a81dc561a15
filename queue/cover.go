package queue

import (
	"slices"

	"filodiretto/internal/clock"
)

// Cover says whether somebody sits at a counter that does a service. Without one no
// wait can be told (queue reference 4.4, point 2: only counters that are open now),
// and people are told why.
type Cover struct {
	// Open is whether somebody sits at a counter that does the service, also on a break.
	Open bool
	// From is when the shifts of today say that the next such counter opens; 0 when they
	// say nothing. For a counter without shifts they say something only while the site
	// is shut: its hours are those of the site.
	From clock.Instant
}

// Cover is how a service is covered at an instant, by the counters at which somebody
// sits.
func (h *House) Cover(now clock.Instant, sitting []int64, serviceID int64) Cover {
	return h.cover(now, sitting, func(c *Counter) bool { return h.Does(c.ID, serviceID) })
}

// CoverOf is Cover for a step, which may wait for one counter and no other.
func (h *House) CoverOf(now clock.Instant, sitting []int64, s *Step) Cover {
	if s.TargetID != 0 {
		return h.cover(now, sitting, func(c *Counter) bool { return c.ID == s.TargetID })
	}
	return h.Cover(now, sitting, s.ServiceID)
}

func (h *House) cover(now clock.Instant, sitting []int64, does func(*Counter) bool) Cover {
	var out Cover
	day := h.Today(now)
	_, open := h.Calendar.Open(now)
	works := len(h.Calendar.Spans(day)) > 0 // shifts are of ordinary weeks and know no holidays
	for _, c := range h.Counters {
		if c.EndedAt != 0 || !does(c) {
			continue
		}
		if slices.Contains(sitting, c.ID) {
			return Cover{Open: true}
		}
		if !works || open && len(h.Shifts[c.ID]) == 0 {
			continue
		}
		for _, s := range h.planned(c.ID, day) {
			if s.From > now && (out.From == 0 || s.From < out.From) {
				out.From = s.From
			}
		}
	}
	return out
}
