package simulate

import (
	"slices"
	"time"

	"filodiretto/internal/clock"
	"filodiretto/queue/estimate"
	"filodiretto/queue/order"
)

// arrive lets a person take a ticket.
func (r *Room) arrive(p *person) {
	p.here = true
	v := p.visit
	w := order.Waiting{
		ID: v.ID, Service: v.Legs[0].Service, Class: v.Class, Arrived: v.Arrived, Slot: v.Slot, Counter: v.Legs[0].Counter,
	}
	r.waiting = append(r.waiting, w)
	r.tell(estimate.Event{Kind: estimate.Issued, Ticket: v.ID, Service: w.Service, Class: v.Class, Slot: v.Slot, From: r.policy.From(w)})
	r.offer(v.ID)
}

// offer gives somebody who can be called to a counter that has nothing to do: the
// one that prefers the service, then the one that has been idle longest.
func (r *Room) offer(visit int64) {
	i := r.find(visit)
	if i < 0 {
		return
	}
	w := r.waiting[i]
	if from := r.policy.From(w); from > r.now {
		r.agenda.at(from, task{kind: eligible, visit: visit})
		return
	}
	best := -1
	var least time.Duration
	for d := range r.desks {
		if !r.desks[d].idle {
			continue
		}
		h, bar := r.desks[d].Serves(w)
		if bar != order.None || !r.open(d) {
			continue
		}
		if best < 0 || h < least || h == least && r.desks[d].free < r.desks[best].free {
			best, least = d, h
		}
	}
	if best >= 0 {
		r.ready(best)
	}
}

func (r *Room) find(visit int64) int {
	return slices.IndexFunc(r.waiting, func(w order.Waiting) bool { return w.ID == visit })
}

// open reports whether the counter may call now; when it may not but will, it is
// woken then.
func (r *Room) open(d int) bool {
	if r.now >= r.shut {
		return false
	}
	for _, s := range r.desks[d].Open {
		if r.now < s.From {
			r.wake(d, s.From)
			return false
		}
		if r.now < s.To {
			return true
		}
	}
	return false
}

// wake has the counter look for somebody at an instant; 0 for never.
func (r *Room) wake(d int, at clock.Instant) {
	if at == 0 {
		return
	}
	r.desks[d].turn++
	r.desks[d].idle = false
	r.agenda.at(at, task{kind: ready, desk: d, turn: r.desks[d].turn})
}

// ready has a counter call the next person, pause, or wait for somebody to come.
func (r *Room) ready(d int) {
	k := &r.desks[d]
	if !r.open(d) {
		if !k.off {
			k.off = true
			r.tell(estimate.Event{Kind: estimate.Paused, Counter: k.ID, Planned: true})
		}
		return
	}
	if k.paused != 0 || k.off || k.free == 0 {
		k.paused, k.off, k.free = 0, false, r.now
		r.tell(estimate.Event{Kind: estimate.Resumed, Counter: k.ID})
	}
	if k.stops < len(k.Stops) && r.now >= k.Stops[k.stops].From {
		s := k.Stops[k.stops]
		k.stops++
		k.paused = r.now
		r.wake(d, r.now.Add(s.To.Sub(s.From)))
		r.tell(estimate.Event{Kind: estimate.Paused, Counter: k.ID})
		return
	}
	i, passed, ok := r.choose(r.now, k.Counter.Counter, r.waiting)
	if !ok {
		k.idle = true
		return
	}
	for j := range r.waiting {
		if slices.Contains(passed, r.waiting[j].ID) {
			r.waiting[j].LetPass--
		}
	}
	r.call(d, i)
}

// call takes a person from the room to the counter.
func (r *Room) call(d, i int) {
	k, w := &r.desks[d], r.waiting[i]
	p := r.places[w.ID]
	r.waiting = slices.Delete(r.waiting, i, i+1)
	k.idle, k.free = false, 0
	k.turn++
	k.serving = &estimate.Serving{Ticket: w.ID, Service: w.Service, Since: r.now}
	if p.record.Called == 0 {
		p.record.Called = r.now
	}
	r.tell(estimate.Event{Kind: estimate.Called, Ticket: w.ID, Counter: k.ID, Service: w.Service, Class: w.Class, Slot: w.Slot})
	work := noShowWait
	if p.here && !r.away(p) {
		work = p.visit.Legs[p.leg].Work
		if k.Pace > 0 {
			work = time.Duration(float64(work) * k.Pace)
		}
	}
	r.agenda.at(r.now.Add(work), task{kind: finish, desk: d})
}

// away reports whether the person misses this call and will be put back.
func (r *Room) away(p *person) bool { return p.visit.Away > 0 && !p.put }

// finish ends what the counter does, and has it call the next after its gap.
func (r *Room) finish(d int) {
	k := &r.desks[d]
	s := *k.serving
	p := r.places[s.Ticket]
	k.serving, k.free = nil, r.now
	e := estimate.Event{Kind: estimate.Finished, Ticket: s.Ticket, Counter: k.ID, Service: s.Service, Class: p.visit.Class}
	switch {
	case !p.here:
		e.Kind = estimate.NoShow
		r.end(p, NoShow)
	case r.away(p):
		p.put = true
		e.Kind = estimate.PutBack
		e.From = r.now.Add(p.visit.Away)
		r.back(p, e.From)
	case p.leg+1 < len(p.visit.Legs):
		p.leg++
		r.back(p, 0)
	default:
		r.end(p, Served)
	}
	r.wake(d, r.now.Add(k.gap()))
	r.tell(e)
	if i := r.find(s.Ticket); i >= 0 {
		w := r.waiting[i]
		if e.Kind == estimate.Finished {
			r.tell(estimate.Event{Kind: estimate.Moved, Ticket: w.ID, Service: w.Service, Class: w.Class})
		}
		r.offer(w.ID)
	}
}

func (k *desk) gap() time.Duration {
	if len(k.Gaps) == 0 {
		return 0
	}
	k.gaps++
	return k.Gaps[(k.gaps-1)%len(k.Gaps)]
}

// back has a person wait again, with the seniority of the visit.
func (r *Room) back(p *person, notBefore clock.Instant) {
	v, leg := p.visit, p.visit.Legs[p.leg]
	r.waiting = append(r.waiting, order.Waiting{
		ID: v.ID, Service: leg.Service, Class: v.Class, Arrived: v.Arrived, Slot: v.Slot, Counter: leg.Counter, NotBefore: notBefore,
	})
}

// giveUp has a person leave who was not called in time. Who leaves in silence goes
// on being in the list until the call.
func (r *Room) giveUp(p *person) {
	if p.record.Called != 0 {
		return
	}
	p.here = false
	i := r.find(p.visit.ID)
	if p.visit.Silent || i < 0 {
		return
	}
	w := r.waiting[i]
	r.waiting = slices.Delete(r.waiting, i, i+1)
	r.end(p, Gone)
	r.tell(estimate.Event{Kind: estimate.Left, Ticket: w.ID, Service: w.Service, Class: w.Class})
}

func (r *Room) end(p *person, how Ending) {
	p.here = false
	p.record.End, p.record.Ending = r.now, how
}
