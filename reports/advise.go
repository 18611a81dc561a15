package reports

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"filodiretto/queue"
	"filodiretto/queue/estimate"
	"filodiretto/queue/order"
	"filodiretto/queue/simulate"
)

// Try is what one counter more, or one fewer, in a stretch of the day does to the
// people who come in it for the services of that counter (queue reference 5 point 10).
type Try struct {
	From, To time.Duration // times of the day
	More     bool          // else one fewer
	Like     int64         // a counter that does those services; with one fewer, the one that is shut
	Open     int           // counters that do any of them and are open in the middle of it, on a usual day
	People   int           // who come in it for them and are called, on all days together
	Before   simulate.Waits
	After    simulate.Waits
}

// Advice is what counters more or fewer would do on a site's own days.
type Advice struct {
	Days  []queue.Day
	Bands []BandAdvice // half-hours from the first opening to the last closing
	Best  []Try        // what is worth saying, the most useful first
}

// BandAdvice is a half-hour.
type BandAdvice struct {
	More  *Try // the counter more that helps most; nil when nobody comes
	Fewer *Try // the counter fewer that hurts least; nil when only one is open
}

// advise plays at most so many people again, all days together: enough to tell, and
// done in some seconds.
const mostPeople = 1500

// window is for how long a counter is tried that is worth to be said.
const (
	window   = 90 * time.Minute
	halfHour = 30 * time.Minute
)

// Advise tries counters on typical days of a site: the newest of one weekday, or of
// any with 0. It takes some seconds the first time that it is asked on a day. The
// answer has no days when there are none yet.
func (r *Reports) Advise(ctx context.Context, site int64, weekday int) (*Advice, error) {
	days, err := r.Typical(ctx, site, r.Today(), weekday, 8)
	if err != nil || len(days) == 0 {
		return &Advice{}, err
	}
	r.played.mu.Lock() // one at a time: it takes a processor
	defer r.played.mu.Unlock()
	h, err := r.queue.House(ctx, site)
	if err != nil {
		return nil, err
	}
	key := fmt.Sprint(site, h.Site.Version, days)
	if a := r.played.advice[key]; a != nil {
		return a, nil
	}
	p, err := r.Days(ctx, site, days)
	if err != nil {
		return nil, err
	}
	a := p.advise(ctx)
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if r.played.advice == nil || len(r.played.advice) > 50 {
		r.played.advice = map[string]*Advice{}
	}
	r.played.advice[key] = a
	return a, nil
}

// advise tries counters on the days.
func (p *Played) advise(ctx context.Context) *Advice {
	people := 0
	for i := range p.Days {
		if people += len(p.Days[i].Visits); people > mostPeople && i > 0 {
			p.Names, p.Days = p.Names[:i], p.Days[:i]
			break
		}
	}
	t := &trying{Played: p, sets: p.sets()}
	for _, d := range p.Days {
		t.base = append(t.base, simulate.Play(d, p.House.Policy, nil))
	}
	out := &Advice{Days: p.Names}
	from, to := p.hours()
	for at := from.Truncate(halfHour); at < to && ctx.Err() == nil; at += halfHour {
		out.Bands = append(out.Bands, BandAdvice{
			More: t.best(at, at+halfHour, t.more, helpsMore), Fewer: t.best(at, at+halfHour, t.fewer, hurtsLess),
		})
		if at+window <= to+halfHour {
			out.keep(t.best(at, at+window, t.more, helpsMore))
			out.keep(t.best(at, at+window, t.fewer, hurtsLess))
		}
	}
	out.choose()
	return out
}

// set is a way in which counters are skilled.
type set struct {
	counters []int64
	skills   []order.Skill
	services map[int64]bool
}

// sets are the different skills of the counters that were open.
func (p *Played) sets() []*set {
	var out []*set
	by := map[string]*set{}
	seen := map[int64]bool{}
	for _, d := range p.Days {
		for _, c := range d.Counters {
			if seen[c.ID] || len(c.Skills) == 0 {
				continue
			}
			seen[c.ID] = true
			var ids []int64
			for _, s := range c.Skills {
				ids = append(ids, s.Service)
			}
			slices.Sort(ids)
			k := fmt.Sprint(ids)
			if by[k] == nil {
				by[k] = &set{skills: c.Skills, services: map[int64]bool{}}
				for _, id := range ids {
					by[k].services[id] = true
				}
				out = append(out, by[k])
			}
			by[k].counters = append(by[k].counters, c.ID)
		}
	}
	return out
}

func (p *Played) hours() (from, to time.Duration) {
	from = 24 * time.Hour
	for _, d := range p.Days {
		for _, v := range d.Visits {
			if v.Arrived != 0 {
				at := v.Arrived.Sub(d.Start)
				from, to = min(from, at), max(to, at)
			}
		}
	}
	return from, to
}

// trying plays alternatives of the same days.
type trying struct {
	*Played
	sets []*set
	base [][]simulate.Record
}

// best is the best of what is tried with each set of skills.
func (t *trying) best(from, to time.Duration, try func(s *set, from, to time.Duration) *Try, better func(a, b *Try) bool) *Try {
	var best *Try
	for _, s := range t.sets {
		if x := try(s, from, to); x != nil && (best == nil || better(x, best)) {
			best = x
		}
	}
	return best
}

func helpsMore(a, b *Try) bool { return a.Before.P80-a.After.P80 > b.Before.P80-b.After.P80 }
func hurtsLess(a, b *Try) bool { return a.After.P80-a.Before.P80 < b.After.P80-b.Before.P80 }

// fewest is how many people must have come for a figure to say anything.
const fewest = 5

func (t *trying) more(s *set, from, to time.Duration) *Try {
	x := &Try{From: from, To: to, More: true, Like: s.counters[0], Before: t.waits(t.base, s, from, to)}
	if x.Before.Called < fewest {
		return nil
	}
	return t.played(x, s, func(d simulate.Day) simulate.Day {
		return d.With(order.Counter{ID: -1, Skills: s.skills}, simulate.Hours{From: from, To: to})
	})
}

// fewer shuts one of the counters of the set that is open all the time.
func (t *trying) fewer(s *set, from, to time.Duration) *Try {
	x := &Try{From: from, To: to, Before: t.waits(t.base, s, from, to)}
	i := slices.IndexFunc(s.counters, func(c int64) bool { return 2*t.openOn(c, from, to) > len(t.Days) })
	if x.Before.Called < fewest || i < 0 || t.open(s, from, to) < 2 {
		return nil
	}
	x.Like = s.counters[i]
	return t.played(x, s, func(d simulate.Day) simulate.Day { return d.Without(x.Like, simulate.Hours{From: from, To: to}) })
}

func (t *trying) played(x *Try, s *set, change func(simulate.Day) simulate.Day) *Try {
	after := make([][]simulate.Record, len(t.Days))
	for i, d := range t.Days {
		after[i] = simulate.Play(change(d), t.House.Policy, nil)
	}
	x.After, x.People, x.Open = t.waits(after, s, x.From, x.To), x.Before.Called, t.open(s, x.From, x.To)
	return x
}

// waits are those of the people who come in a stretch of the day for services of a set.
func (t *trying) waits(played [][]simulate.Record, s *set, from, to time.Duration) simulate.Waits {
	var came []simulate.Record
	for i, d := range t.Days {
		for _, r := range played[i] {
			if at := r.Arrived.Sub(d.Start); r.Arrived != 0 && at >= from && at < to && s.services[r.Service] {
				came = append(came, r)
			}
		}
	}
	return simulate.WaitsOf(came)
}

// openOn is on how many of the days a counter is open in the middle of a stretch.
func (t *trying) openOn(counter int64, from, to time.Duration) int {
	n := 0
	for _, d := range t.Days {
		at := d.Start.Add((from + to) / 2)
		i := slices.IndexFunc(d.Counters, func(c simulate.Counter) bool { return c.ID == counter })
		if i >= 0 && slices.ContainsFunc(d.Counters[i].Open, func(o estimate.Span) bool { return o.From <= at && at < o.To }) {
			n++
		}
	}
	return n
}

// open is how many counters that do any service of a set are open then, on a usual day.
func (t *trying) open(s *set, from, to time.Duration) int {
	n := 0
	for _, c := range t.House.Counters {
		if slices.ContainsFunc(t.House.Skills[c.ID], func(k queue.Skill) bool { return s.services[k.ServiceID] }) {
			n += t.openOn(c.ID, from, to)
		}
	}
	return (n + len(t.Days)/2) / len(t.Days)
}

// What is worth saying: with one more, eight in ten wait at least five minutes and a
// fifth less; with one fewer, at most two minutes more, and less than 15 in all.
const (
	worthMore  = 5 * time.Minute
	worthFewer = 2 * time.Minute
	shortWait  = 15 * time.Minute
)

func (a *Advice) keep(t *Try) {
	if t == nil {
		return
	}
	gain := t.Before.P80 - t.After.P80
	if t.More && gain >= worthMore && gain*5 >= t.Before.P80 || !t.More && -gain <= worthFewer && t.After.P80 <= shortWait {
		a.Best = append(a.Best, *t)
	}
}

// choose leaves the best time of each counter: three with more, two with fewer.
func (a *Advice) choose() {
	slices.SortStableFunc(a.Best, func(x, y Try) int {
		if x.More != y.More {
			return map[bool]int{true: -1, false: 1}[x.More]
		}
		if x.More {
			return cmp.Compare(y.Before.P80-y.After.P80, x.Before.P80-x.After.P80)
		}
		return cmp.Or(cmp.Compare(x.After.P80-x.Before.P80, y.After.P80-y.Before.P80), cmp.Compare(x.People, y.People))
	})
	var out []Try
	count := map[bool]int{}
	for _, x := range a.Best {
		overlaps := slices.ContainsFunc(out, func(o Try) bool {
			return o.More == x.More && o.Like == x.Like || o.More != x.More && o.From < x.To && x.From < o.To && o.Like == x.Like
		})
		if most := map[bool]int{true: 3, false: 2}[x.More]; overlaps || count[x.More] == most {
			continue
		}
		count[x.More]++
		out = append(out, x)
	}
	a.Best = out
}
