package simulate

import (
	"slices"
	"time"

	"filodiretto/internal/clock"
	"filodiretto/queue/estimate"
	"filodiretto/queue/order"
)

// Alternative is another way to have run the same days.
type Alternative struct {
	Name   string
	Policy order.Policy
	// Change, if not nil, gives the day with other counters.
	Change func(Day) Day
}

// Outcome is what an alternative would have made of the days.
type Outcome struct {
	Name string `json:"name"`
	Summary
}

// Compare plays the days under each alternative. The same people come at the same
// moments with the same needs; only what the alternative changes differs.
func Compare(days []Day, alternatives ...Alternative) []Outcome {
	out := make([]Outcome, 0, len(alternatives))
	for _, a := range alternatives {
		var all []Record
		for _, d := range days {
			if a.Change != nil {
				d = a.Change(d)
			}
			all = append(all, Play(d, a.Policy, nil)...)
		}
		out = append(out, Outcome{a.Name, Summarise(all)})
	}
	return out
}

// Hours are the instants of a band of the day.
func (d Day) Hours(h Hours) estimate.Span {
	return estimate.Span{From: d.Start.Add(h.From), To: d.Start.Add(h.To)}
}

// With is the day with one counter more in a band. Its pauses between people are
// those of the counter with the most.
func (d Day) With(c order.Counter, band Hours) Day {
	more := Counter{Counter: c, Open: []estimate.Span{d.Hours(band)}}
	for _, o := range d.Counters {
		if len(o.Gaps) > len(more.Gaps) {
			more.Gaps = o.Gaps
		}
	}
	d.Counters = append(slices.Clone(d.Counters), more)
	return d
}

// Without is the day with a counter closed in a band.
func (d Day) Without(counter int64, band Hours) Day {
	d.Counters = slices.Clone(d.Counters)
	for i := range d.Counters {
		if c := &d.Counters[i]; c.ID == counter {
			c.Open = cut(c.Open, d.Hours(band))
		}
	}
	return d
}

// cut takes a span out of spans.
func cut(spans []estimate.Span, out estimate.Span) []estimate.Span {
	var left []estimate.Span
	for _, s := range spans {
		if to := min(s.To, out.From); to > s.From {
			left = append(left, estimate.Span{From: s.From, To: to})
		}
		if from := max(s.From, out.To); from < s.To {
			left = append(left, estimate.Span{From: from, To: s.To})
		}
	}
	return left
}

// Advice is what one counter more, or one fewer, in a band of the day does to the
// people who come in that band (queue 5.10).
type Advice struct {
	Band    Hours `json:"band"`
	Counter int64 `json:"counter"` // 0 for one more
	Before  Waits `json:"before"`
	After   Waits `json:"after"`
	Open    int   `json:"open"` // counters open at the middle of the band, the first day
}

// Advise tries one counter more with the given skills in each band, and each of the
// counters fewer that are open there. The bands follow each other from the first
// opening to the last closing of the days.
func Advise(days []Day, p order.Policy, skills []order.Skill, band time.Duration) []Advice {
	if len(days) == 0 || band <= 0 {
		return nil
	}
	from, to := opening(days)
	base := make([][]Record, len(days))
	for i, d := range days {
		base[i] = Play(d, p, nil)
	}
	var out []Advice
	for at := from.Truncate(band); at < to; at += band {
		b := Hours{at, at + band}
		before := WaitsOf(came(days, base, b))
		try := func(counter int64, change func(Day) Day) {
			played := make([][]Record, len(days))
			for i, d := range days {
				played[i] = Play(change(d), p, nil)
			}
			open := len(openAt(days[0], days[0].Start.Add(at+band/2)))
			out = append(out, Advice{b, counter, before, WaitsOf(came(days, played, b)), open})
		}
		try(0, func(d Day) Day { return d.With(order.Counter{ID: -1, Skills: skills}, b) })
		for _, c := range openAt(days[0], days[0].Start.Add(at+band/2)) {
			try(c, func(d Day) Day { return d.Without(c, b) })
		}
	}
	return out
}

// opening is the time of day of the first opening and of the last closing.
func opening(days []Day) (from, to time.Duration) {
	from = 24 * time.Hour
	for _, d := range days {
		for _, c := range d.Counters {
			for _, s := range c.Open {
				from, to = min(from, s.From.Sub(d.Start)), max(to, s.To.Sub(d.Start))
			}
		}
	}
	return from, to
}

// came are the records of those who came in a band.
func came(days []Day, records [][]Record, b Hours) []Record {
	var out []Record
	for i, d := range days {
		s := d.Hours(b)
		for _, r := range records[i] {
			if r.Arrived >= s.From && r.Arrived < s.To {
				out = append(out, r)
			}
		}
	}
	return out
}

// openAt are the counters that are open at an instant.
func openAt(d Day, at clock.Instant) []int64 {
	var out []int64
	for _, c := range d.Counters {
		if slices.ContainsFunc(c.Open, func(s estimate.Span) bool { return s.From <= at && at < s.To }) {
			out = append(out, c.ID)
		}
	}
	return out
}
