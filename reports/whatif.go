package reports

import (
	"cmp"
	"slices"
	"time"

	"filodiretto/internal/clock"
	"filodiretto/queue"
	"filodiretto/queue/estimate"
	"filodiretto/queue/order"
	"filodiretto/queue/simulate"
)

// Change is another way to have run a site's days. What is not said stays as it was.
type Change struct {
	Policy *order.Policy
	// Hours are when a counter is open instead of when it was; none at all shut it. More
	// are further counters, each with the skills of another.
	Hours map[int64][]queue.Range
	More  []MoreCounter
}

// MoreCounter is a counter that was not there.
type MoreCounter struct {
	Like  int64
	Hours []queue.Range
}

// Result is what became of the people.
type Result struct {
	simulate.Summary
	Services map[int64]simulate.Waits `json:"services"`
	Hours    map[int]simulate.Waits   `json:"hours"` // by hour of the day in which they came
}

// WhatIf plays the days as they were set up and as they would be: the same people, at
// the same moments, with the same needs.
func (p *Played) WhatIf(c Change) (was, would Result) {
	policy := p.House.Policy
	if c.Policy != nil {
		policy = *c.Policy
	}
	var before, after [][]simulate.Record
	for _, d := range p.Days {
		before = append(before, simulate.Play(d, p.House.Policy, nil))
		after = append(after, simulate.Play(p.changed(d, c), policy, nil))
	}
	return p.result(before), p.result(after)
}

// changed is the day with other counters.
func (p *Played) changed(d simulate.Day, c Change) simulate.Day {
	d.Counters = slices.Clone(d.Counters)
	gaps := usualGaps(d)
	for id, hours := range c.Hours {
		i := slices.IndexFunc(d.Counters, func(x simulate.Counter) bool { return x.ID == id })
		if i < 0 {
			d.Counters = append(d.Counters, simulate.Counter{Counter: p.House.Order(id), Gaps: gaps})
			i = len(d.Counters) - 1
		}
		d.Counters[i].Open = spans(d.Start, hours)
	}
	for i, m := range c.More {
		extra := p.House.Order(m.Like)
		extra.ID = -int64(i + 1)
		d.Counters = append(d.Counters, simulate.Counter{Counter: extra, Gaps: gaps, Open: spans(d.Start, m.Hours)})
	}
	// the order of counters decides ties, and must not be that of a map
	slices.SortFunc(d.Counters, func(a, b simulate.Counter) int { return cmp.Compare(a.ID, b.ID) })
	return d
}

func spans(start clock.Instant, hours []queue.Range) []estimate.Span {
	var out []estimate.Span
	for _, h := range hours {
		out = append(out, estimate.Span{From: start.Add(minutes(h.From)), To: start.Add(minutes(h.To))})
	}
	return out
}

func (p *Played) result(played [][]simulate.Record) Result {
	var all []simulate.Record
	services, hours := map[int64][]simulate.Record{}, map[int][]simulate.Record{}
	for i, records := range played {
		all = append(all, records...)
		for _, r := range records {
			services[r.Service] = append(services[r.Service], r)
			if r.Arrived != 0 {
				h := int(r.Arrived.Sub(p.Days[i].Start).Hours())
				hours[h] = append(hours[h], r)
			}
		}
	}
	out := Result{Summary: simulate.Summarise(all), Services: map[int64]simulate.Waits{}, Hours: map[int]simulate.Waits{}}
	for id, r := range services {
		out.Services[id] = simulate.WaitsOf(r)
	}
	for h, r := range hours {
		out.Hours[h] = simulate.WaitsOf(r)
	}
	return out
}

// usualGaps are the pauses between people of the counter with the most.
func usualGaps(d simulate.Day) (gaps []time.Duration) {
	for _, c := range d.Counters {
		if len(c.Gaps) > len(gaps) {
			gaps = c.Gaps
		}
	}
	return gaps
}

func minutes(n int) time.Duration { return time.Duration(n) * time.Minute }
