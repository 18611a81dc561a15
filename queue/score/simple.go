package score

import (
	"math"
	"slices"

	"filodiretto/internal/clock"
	"filodiretto/queue/estimate"
	"filodiretto/queue/order"
)

// The simple estimators, by name.
var simple = []string{"static", "hourly", "les", "les_class", "hol", "hol_class", "queue", "queue_skilled", "workload"}

// peers are the variants of the peer's formula.
var peers = []string{"zms", "zms_15"}

// past is what the simple estimators remember.
type past struct {
	training bool
	static   map[order.Class]*tally
	hourly   map[hourClass]*tally
	service  tally // from the call to the end
	services map[int64]*tally
	gap      tally // from the end to the next call of somebody who waited
	issued   map[int64]estimate.Event
	calls    map[int64]estimate.Event // by counter
	ends     map[int64]estimate.Event // by counter
	les      float64
	lesClass map[order.Class]float64
}

type hourClass struct {
	hour  int
	class order.Class
}

type tally struct{ n, sum float64 }

func (t *tally) add(x float64) { t.n, t.sum = t.n+1, t.sum+x }

func (t *tally) mean() float64 {
	if t == nil || t.n == 0 {
		return 0
	}
	return t.sum / t.n
}

func newPast() *past {
	return &past{static: map[order.Class]*tally{}, hourly: map[hourClass]*tally{}, services: map[int64]*tally{}}
}

// newDay forgets what was under way.
func (p *past) newDay(training bool) {
	p.training, p.les, p.lesClass = training, 0, map[order.Class]float64{}
	p.issued, p.calls, p.ends = map[int64]estimate.Event{}, map[int64]estimate.Event{}, map[int64]estimate.Event{}
}

func (p *past) saw(e estimate.Event) {
	switch e.Kind {
	case estimate.Issued:
		p.issued[e.Ticket] = e
	case estimate.Called:
		p.called(e)
	case estimate.Finished:
		if p.training {
			took := order.Minutes(e.At.Sub(p.calls[e.Counter].At))
			p.service.add(took)
			at(p.services, e.Service).add(took)
		}
		p.ends[e.Counter] = e
	case estimate.Paused:
		delete(p.ends, e.Counter)
	}
}

func (p *past) called(e estimate.Event) {
	p.calls[e.Counter] = e
	i, ok := p.issued[e.Ticket]
	if !ok {
		return
	}
	delete(p.issued, e.Ticket)
	wait := order.Minutes(e.At.Sub(i.At))
	p.les, p.lesClass[e.Class] = wait, wait
	if !p.training {
		return
	}
	if end, ok := p.ends[e.Counter]; ok && max(i.At, i.From) <= end.At {
		p.gap.add(order.Minutes(e.At.Sub(end.At)))
	}
	at(p.static, e.Class).add(wait)
	at(p.hourly, hourClass{hourOf(i.At), e.Class}).add(wait)
}

func at[K comparable](m map[K]*tally, k K) *tally {
	if m[k] == nil {
		m[k] = &tally{}
	}
	return m[k]
}

// hourOf is the hour of the day; the made-up days are in UTC.
func hourOf(t clock.Instant) int { return t.Time().Hour() }

// predict gives what every simple estimator and peer says of w: minutes from now.
func (p *past) predict(s *estimate.Snapshot, w order.Waiting) map[string]float64 {
	elapsed := order.Minutes(s.At.Sub(w.Arrived))
	left := func(total float64) float64 { return max(0, total-elapsed) }
	hol, holClass := 0.0, 0.0
	for _, o := range s.Waiting {
		if o.ID == w.ID {
			continue
		}
		age := order.Minutes(s.At.Sub(o.Arrived))
		hol = max(hol, age)
		if o.Class == w.Class {
			holClass = max(holClass, age)
		}
	}
	open := openNow(s, nil)
	skilled := openNow(s, &w)
	cycle := p.service.mean() + p.gap.mean()
	out := map[string]float64{
		"static":    left(p.static[w.Class].mean()),
		"hourly":    left(p.hourly[hourClass{hourOf(s.At), w.Class}].mean()),
		"les":       left(p.les),
		"les_class": left(p.lesClass[w.Class]),
		"hol":       left(hol),
		"hol_class": left(holClass),
		"queue":     float64(len(ahead(s, w, nil))+1) * cycle / float64(max(1, len(open))),
	}
	if !slices.ContainsFunc(skilled, func(c estimate.Counter) bool { return idle(s, c, w) }) {
		rivals := ahead(s, w, skilled)
		out["queue_skilled"] = float64(len(rivals)+1) * cycle / float64(max(1, len(skilled)))
		out["workload"] = p.work(s, rivals, skilled) / float64(max(1, len(skilled)))
	} else {
		out["queue_skilled"], out["workload"] = 0, 0
	}
	for _, z := range []struct {
		name    string
		average float64
	}{{"zms", max(1, math.Round(p.service.mean()))}, {"zms_15", 15}} {
		o, pes := zms(s, w.ID, z.average, len(open))
		out[z.name] = (o + pes) / 2
	}
	return out
}

// work is what is still to do before somebody's turn, in minutes: the mean services
// of those ahead and what is left of those being served.
func (p *past) work(s *estimate.Snapshot, rivals []order.Waiting, counters []estimate.Counter) float64 {
	total := 0.0
	for _, o := range rivals {
		total += p.services[o.Service].mean() + p.gap.mean()
	}
	for _, c := range counters {
		if c.Serving != nil {
			total += max(0, p.services[c.Serving.Service].mean()-order.Minutes(s.At.Sub(c.Serving.Since))) + p.gap.mean()
		}
	}
	return total
}

// openNow are the counters that work now, or those of them that may call w.
func openNow(s *estimate.Snapshot, w *order.Waiting) []estimate.Counter {
	var out []estimate.Counter
	for _, c := range s.Counters {
		open := c.Serving != nil
		for _, o := range c.Open {
			open = open || o.From <= s.At && s.At < o.To
		}
		if !open || c.PausedSince != 0 {
			continue
		}
		if w != nil {
			if _, bar := c.Serves(*w); bar != order.None {
				continue
			}
		}
		out = append(out, c)
	}
	return out
}

// idle reports whether the counter has nothing to do but to call w: nobody else who
// waits has been there since it became free.
func idle(s *estimate.Snapshot, c estimate.Counter, w order.Waiting) bool {
	if c.Serving != nil {
		return false
	}
	return !slices.ContainsFunc(s.Waiting, func(o order.Waiting) bool {
		_, bar := c.Serves(o)
		return o.ID != w.ID && bar == order.None && s.Policy.From(o) <= s.At
	})
}

// ahead are those who would be called before w now: all, or those whom one of the
// counters given may call.
func ahead(s *estimate.Snapshot, w order.Waiting, among []estimate.Counter) []order.Waiting {
	var anywhere order.Counter
	me := s.Policy.Place(s.At, anywhere, w)
	var out []order.Waiting
	for _, o := range s.Waiting {
		if o.ID == w.ID || o.NotBefore > s.At {
			continue
		}
		if among != nil && !slices.ContainsFunc(among, func(c estimate.Counter) bool {
			_, bar := c.Serves(o)
			return bar == order.None
		}) {
			continue
		}
		if them := s.Policy.Place(s.At, anywhere, o); them.Tier > me.Tier || them.Tier == me.Tier && (them.Value > me.Value || them.Value == me.Value && o.ID < w.ID) {
			out = append(out, o)
		}
	}
	return out
}
