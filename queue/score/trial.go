package score

import (
	"filodiretto/internal/clock"
	"filodiretto/queue/estimate"
	"filodiretto/queue/order"
	"filodiretto/queue/simulate"
)

// trial plays the days of one office and asks every estimator along the way.
type trial struct {
	e     *estimate.Estimator
	size  Size
	past  *past
	bound [2]map[string]*bound
	lines [2]map[string]*sum // at the issue, later
	hours map[int]*sum
	class map[order.Class]*sum
	queue map[string]*sum
	// of the day that is played
	training bool
	calls    int
	open     map[int64][]said // what has been said of a ticket and is not settled
	outcomes []outcome        // waiting for whether the person was served
	all      []simulate.Record
}

// said is a prediction of all estimators.
type said struct {
	promise estimate.Promise
	when    int // 0 when the ticket was issued, 1 later
	others  map[string]float64
	waiting int
}

// outcome is a prediction and when the call came.
type outcome struct {
	said
	called clock.Instant
}

func newTrial(e *estimate.Estimator, size Size) *trial {
	t := &trial{
		e: e, size: size, past: newPast(),
		hours: map[int]*sum{}, class: map[order.Class]*sum{}, queue: map[string]*sum{},
	}
	for i := range t.lines {
		t.lines[i], t.bound[i] = map[string]*sum{}, map[string]*bound{}
	}
	return t
}

// play plays a day. Estimators learn of an outcome when it happens, on test days
// too, as they would in an office.
func (t *trial) play(d simulate.Day, training bool) {
	t.training, t.calls, t.outcomes = training, 0, nil
	t.open = map[int64][]said{}
	t.past.newDay(training)
	records := simulate.Play(d, order.Default(), t.saw)
	if training {
		return
	}
	t.all = append(t.all, records...)
	served := map[int64]bool{}
	for _, r := range records {
		served[r.ID] = r.Ending == simulate.Served
	}
	for _, o := range t.outcomes {
		if served[o.promise.Ticket] {
			t.count(o)
		}
	}
}

func (t *trial) saw(e estimate.Event, room *simulate.Room) {
	t.e.Observe(e)
	t.past.saw(e)
	switch e.Kind {
	case estimate.Issued:
		t.predict(room, e.Ticket)
	case estimate.Called:
		t.settle(e)
		t.calls++
		if t.size.Every > 0 && t.calls%t.size.Every == 0 {
			t.predict(room, 0)
		}
	}
}

// predict asks for one ticket, or for all who wait.
func (t *trial) predict(room *simulate.Room, ticket int64) {
	s := room.Snapshot()
	if len(s.Waiting) == 0 {
		return
	}
	res := t.e.Estimate(s)
	when := 0
	if ticket == 0 {
		when = 1
	}
	for i, w := range s.Waiting {
		if ticket != 0 && w.ID != ticket || w.NotBefore > s.At {
			continue
		}
		t.open[w.ID] = append(t.open[w.ID], said{
			promise: res.Waiting[i].Promise(s.At), when: when, others: t.past.predict(&s, w), waiting: len(s.Waiting),
		})
	}
}

// settle lets everybody learn from a call.
func (t *trial) settle(e estimate.Event) {
	for _, s := range t.open[e.Ticket] {
		settled := estimate.Settled{Promise: s.promise, Called: e.At}
		t.e.Learn(settled)
		t.outcomes = append(t.outcomes, outcome{s, e.At})
		if t.training {
			for name, v := range s.others {
				t.boundOf(s.when, name).learn(v, settled.Wait())
			}
		}
	}
	delete(t.open, e.Ticket)
}

func (t *trial) boundOf(when int, name string) *bound {
	m := t.bound[when]
	if m[name] == nil {
		m[name] = &bound{}
	}
	return m[name]
}

// count counts a prediction of somebody who was served.
func (t *trial) count(o outcome) {
	p := o.promise
	was := order.Minutes(o.called.Sub(p.At))
	lines := t.lines[o.when]
	for name, v := range o.others {
		b := t.boundOf(o.when, name)
		sumOf(lines, name).add(v, b.upper(v), was)
		b.learn(v, was)
	}
	sumOf(lines, "ours").add(p.Expected, p.High, was)
	if o.when != 0 {
		return
	}
	sumOf(t.hours, hourOf(p.At)).add(p.Expected, p.High, was)
	sumOf(t.class, p.Class).add(p.Expected, p.High, was)
	sumOf(t.queue, queueBand(o.waiting)).add(p.Expected, p.High, was)
}

func sumOf[K comparable](m map[K]*sum, k K) *sum {
	if m[k] == nil {
		m[k] = &sum{}
	}
	return m[k]
}

func queueBand(n int) string {
	switch {
	case n <= 2:
		return "1-2"
	case n <= 5:
		return "3-5"
	case n <= 10:
		return "6-10"
	case n <= 20:
		return "11-20"
	}
	return "21+"
}

// office sums up.
func (t *trial) office(name string) Office {
	o := Office{
		Name: name, Issue: linesOf(t.lines[0]), Later: linesOf(t.lines[1]),
		Hours: linesOf(t.hours), Classes: linesOf(t.class), Queues: linesOf(t.queue),
	}
	var sent, lost, wait float64
	for _, r := range t.all {
		if r.Ending == simulate.Missed {
			continue
		}
		sent++
		if r.Ending != simulate.Served {
			lost++
			continue
		}
		o.Served++
		wait += order.Minutes(r.Called.Sub(r.Arrived))
	}
	o.Lost, o.Wait = lost/max(1, sent), wait/max(1, float64(o.Served))
	o.Best, o.Peer = best(o.Issue, simple), best(o.Issue, peers)
	return o
}

func linesOf[K comparable](sums map[K]*sum) map[K]Line {
	out := map[K]Line{}
	for k, s := range sums {
		out[k] = s.line()
	}
	return out
}
