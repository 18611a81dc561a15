package queue

import (
	"slices"
	"time"

	"filodiretto/internal/clock"
)

// Span is a stretch of time, [From, To).
type Span struct{ From, To clock.Instant }

// Calendar knows when a site is open. Make it with a House, or for a simulation by
// hand.
type Calendar struct {
	Zone   *time.Location
	Week   map[int]Ranges // by weekday, 1 Monday .. 7 Sunday; sorted, without overlaps
	Days   map[Day]Ranges // days unlike the others; they count before holidays
	Patron string         // "10-04"
}

// mostShut is how many days ahead the next opening is looked for.
const mostShut = 60

// Ranges are the parts of a day in which the site is open, by the clock on the wall.
func (c Calendar) Ranges(d Day) Ranges {
	if special, ok := c.Days[d]; ok {
		return special
	}
	if Holiday(d, c.Patron) {
		return nil
	}
	return c.Week[d.Weekday()]
}

// Spans are the instants at which the site opens and shuts on a day. Where clocks
// go back within the opening hours, the site is open for the hour that is twice.
func (c Calendar) Spans(d Day) []Span {
	var out []Span
	for _, r := range c.Ranges(d) {
		s := Span{d.At(r.From, c.Zone), d.AtLast(r.To, c.Zone)}
		if s.From < s.To {
			out = append(out, s)
		}
	}
	return out
}

// Open reports whether the site is open at an instant, and until when.
func (c Calendar) Open(at clock.Instant) (until clock.Instant, open bool) {
	for _, s := range c.Spans(DayOf(at, c.Zone)) {
		if s.From <= at && at < s.To {
			return s.To, true
		}
	}
	return 0, false
}

// Next is when the site opens at an instant or later; 0 when not within 60 days.
func (c Calendar) Next(at clock.Instant) clock.Instant {
	d := DayOf(at, c.Zone)
	for range mostShut {
		for _, s := range c.Spans(d) {
			if s.To > at {
				return max(s.From, at)
			}
		}
		d = d.Add(1)
	}
	return 0
}

// Closing is when the site shuts for good on a day; 0 for a day without hours.
func (c Calendar) Closing(d Day) clock.Instant {
	spans := c.Spans(d)
	if len(spans) == 0 {
		return 0
	}
	return spans[len(spans)-1].To
}

// Covers reports whether the site is open all through a span.
func (c Calendar) Covers(s Span) bool {
	for _, open := range c.Spans(DayOf(s.From, c.Zone)) {
		if open.From <= s.From && s.To <= open.To {
			return true
		}
	}
	return false
}

// tidy sorts ranges and says what is wrong with them: "range" for one that is none,
// "overlap" for two that overlap. Ranges that touch are joined.
func (r Ranges) tidy() (Ranges, string) {
	out := slices.Clone(r)
	slices.SortFunc(out, func(a, b Range) int { return a.From - b.From })
	joined := out[:0]
	for _, x := range out {
		if x.From < 0 || x.From >= x.To || x.To > 24*60 {
			return nil, "range"
		}
		if n := len(joined); n > 0 && x.From < joined[n-1].To {
			return nil, "overlap"
		} else if n > 0 && x.From == joined[n-1].To {
			joined[n-1].To = x.To
			continue
		}
		joined = append(joined, x)
	}
	return joined, ""
}
