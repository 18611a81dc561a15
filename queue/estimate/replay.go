package estimate

import (
	"math"
	"slices"
)

// replay plays a field once: the counters call by the discipline until everybody
// who waits now has been called or all counters are closed.
type replay struct {
	*field
	draws  *draws
	run    int
	people []soul // the field's, and those who come in this run
	heads  []int  // by lane, how many of lane.people have been called
	extra  [][]int32
	passes []int
	ready  []float64 // by counter, when it wants to call; +Inf for never or idle
	idle   []float64 // by counter, since when it is idle; NaN for not
	coming []entry
	left   int       // how many of the known have not been called
	waits  []float64 // by known person: minutes to the call, +Inf for never
}

func newReplay(f *field, d *draws) *replay {
	return &replay{
		field: f, draws: d,
		heads: make([]int, len(f.lanes)), extra: make([][]int32, len(f.lanes)), passes: make([]int, len(f.lanes)),
		ready: make([]float64, len(f.desks)), idle: make([]float64, len(f.desks)), waits: make([]float64, f.known),
	}
}

// play is one run.
func (r *replay) play(run int) {
	r.begin(run)
	next := 0
	for r.left > 0 {
		d, at := r.soonest()
		switch {
		case next < len(r.coming) && r.coming[next].from <= at:
			r.come(r.coming[next])
			next++
		case math.IsInf(at, 1):
			return
		default:
			r.work(d, at)
		}
	}
}

func (r *replay) begin(run int) {
	r.run, r.left = run, r.known
	r.people = append(r.people[:0], r.field.people...)
	for i := range r.lanes {
		r.heads[i], r.extra[i], r.passes[i] = 0, r.extra[i][:0], r.lanes[i].passes
	}
	for i := range r.waits {
		r.waits[i] = math.Inf(1)
	}
	for d := range r.desks {
		r.idle[d], r.ready[d] = math.NaN(), r.start(&r.desks[d])
	}
	r.coming = append(r.coming[:0], r.pending...)
	r.bookings()
	r.newcomers()
	slices.SortFunc(r.coming, func(a, b entry) int {
		switch {
		case a.from < b.from:
			return -1
		case a.from > b.from:
			return 1
		}
		return int(a.whose - b.whose)
	})
}

// u is a uniform draw for a thing in this run, z a standard normal one.
func (r *replay) u(id int64, p purpose) float64 { return r.draws.mids[r.draws.of(id, p)[r.run]] }
func (r *replay) z(id int64, p purpose) float64 { return r.draws.normal[r.draws.of(id, p)[r.run]] }

// start is when a counter first wants to call.
func (r *replay) start(d *deskState) float64 {
	if len(d.spans) == 0 {
		return math.Inf(1)
	}
	switch d.begins {
	case serving:
		return d.law.residual(d.elapsed, r.u(d.ticket, forResidual)) + r.gap(d.ticket)
	case inPause:
		return d.law.residual(d.elapsed, r.u(d.id, forPause))
	case inGap:
		i, _ := slices.BinarySearch(r.gaps, d.elapsed)
		if longer := r.gaps[i:]; len(longer) > 0 {
			return longer[int(r.u(d.id, forGap)*float64(len(longer)))] - d.elapsed
		}
		return .1
	}
	return 0
}

// gap is the time after somebody until the next is called.
func (r *replay) gap(id int64) float64 {
	return r.gaps[int(r.u(id, forGap)*float64(len(r.gaps)))]
}

// bookings draws who of the booked comes, and when.
func (r *replay) bookings() {
	for i := range r.booked {
		b := &r.booked[i]
		u := r.u(b.ID, forPresence)
		if u >= b.shows {
			continue
		}
		s := b.soul
		s.arrived = max(0, b.slot+r.late[0]+r.late[1]*probit(b.early+(1-b.early)*u/b.shows))
		r.join(s, b)
	}
}

// join gives a booked person who comes the reference and the lane of the policy.
func (r *replay) join(s soul, b *bookedSoul) {
	switch {
	case s.arrived > b.slot+r.lateLimit:
		s.lane, s.since = b.lane[1], s.arrived
	case r.byArrival:
		s.since = s.arrived
	default:
		s.since = b.slot
	}
	s.from = max(s.arrived, b.slot-r.earlyLimit)
	r.add(s)
}

func (r *replay) add(s soul) {
	r.coming = append(r.coming, entry{s.from, int32(len(r.people))})
	r.people = append(r.people, s)
}

// newcomers draws those who come and may overtake.
func (r *replay) newcomers() {
	for i := range r.theirs {
		c := &r.theirs[i]
		n := poisson(c.mean, r.u(c.key, forPresence))
		for j := range int64(n) {
			s := c.soul
			s.id = c.key + j + 1
			at := c.from + (c.to-c.from)*r.u(s.id, forLateness)
			if at <= 0 {
				continue
			}
			s.arrived, s.since, s.from = at, at, at
			r.add(s)
		}
	}
}

// poisson is the quantile of a Poisson law.
func poisson(mean, u float64) int {
	p := math.Exp(-mean)
	for n := 0; ; n++ {
		if u -= p; u < 0 || n > 1000 {
			return n
		}
		p *= mean / float64(n+1)
	}
}

// soonest is the counter that wants to call first.
func (r *replay) soonest() (int, float64) {
	best, at := -1, math.Inf(1)
	for d, t := range r.ready {
		if t < at {
			best, at = d, t
		}
	}
	return best, at
}

// come lets somebody join their lane, and an idle counter call them.
func (r *replay) come(e entry) {
	s := &r.people[e.whose]
	x := append(r.extra[s.lane], e.whose)
	for i := len(x) - 1; i > 0 && senior(&r.people[x[i]], &r.people[x[i-1]]) < 0; i-- {
		x[i], x[i-1] = x[i-1], x[i]
	}
	r.extra[s.lane] = x
	best, least := -1, 0.0
	for _, k := range r.lanes[s.lane].desks {
		d := int(k.desk)
		if math.IsNaN(r.idle[d]) || !r.open(d, e.from) {
			continue
		}
		if best < 0 || k.handicap < least || k.handicap == least && r.idle[d] < r.idle[best] {
			best, least = d, k.handicap
		}
	}
	if best >= 0 {
		r.ready[best], r.idle[best] = e.from+r.react, math.NaN()
	}
}

// open reports whether the counter may call at t. One that will later is ready
// then; one that is closed for good never is.
func (r *replay) open(d int, t float64) bool {
	for _, s := range r.desks[d].spans {
		if t < s[0] {
			r.ready[d], r.idle[d] = s[0], math.NaN()
			return false
		}
		if t < s[1] {
			return true
		}
	}
	r.ready[d], r.idle[d] = math.Inf(1), math.NaN()
	return false
}

// work has a counter call whom the discipline says, at t.
func (r *replay) work(d int, t float64) {
	if !r.open(d, t) {
		return
	}
	for {
		i := r.pick(d, t)
		if i < 0 {
			r.ready[d], r.idle[d] = math.Inf(1), t
			return
		}
		s := &r.people[i]
		if i < r.known {
			r.waits[i] = t
			r.left--
		}
		if s.ghost {
			continue
		}
		gone, silently := r.gone(s, t)
		if gone && !silently {
			continue
		}
		took := s.law
		if gone {
			took = r.noShow
		}
		r.idle[d] = math.NaN()
		r.ready[d] = t + took.at(r.z(s.id, forService)) + r.gap(s.id)
		return
	}
}

// gone reports whether somebody has given up by t: having said so since the
// snapshot, or in silence since they came.
func (r *replay) gone(s *soul, t float64) (gone, silently bool) {
	told := r.told * (t - max(0, s.arrived))
	lasts := r.draws.lasts[r.draws.of(s.id, forPatience)[r.run]]
	return lasts < told+r.silent*(t-s.arrived), lasts >= told
}

// pick takes out of its lane whom counter d calls at t, or gives -1. Those who let
// others pass are called when nobody else can be.
func (r *replay) pick(d int, t float64) int {
	best, passing := head{who: -1}, head{who: -1}
	for _, k := range r.desks[d].lanes {
		l := &r.lanes[k.desk]
		who, extra := r.first(int(k.desk))
		if who < 0 {
			continue
		}
		h := head{int(k.desk), who, extra, l.tier, l.value(t-r.people[who].since) - k.handicap}
		to := &best
		if r.passes[k.desk] > 0 {
			to = &passing
		}
		if to.who < 0 || h.before(to, r) {
			*to = h
		}
	}
	switch {
	case best.who < 0 && passing.who < 0:
		return -1
	case best.who < 0:
		return r.take(passing)
	case passing.who >= 0 && !r.people[best.who].ghost:
		r.pass(d, t, &best)
	}
	return r.take(best)
}

// pass counts down for those who let the best go before them.
func (r *replay) pass(d int, t float64, best *head) {
	for _, k := range r.desks[d].lanes {
		l := &r.lanes[k.desk]
		who, extra := r.first(int(k.desk))
		if who < 0 || r.passes[k.desk] <= 0 {
			continue
		}
		h := head{int(k.desk), who, extra, l.tier, l.value(t-r.people[who].since) - k.handicap}
		if h.before(best, r) {
			r.passes[k.desk]--
		}
	}
}

// head is the first of a lane and its value.
type head struct {
	lane  int
	who   int32
	extra bool // among those who came during the replay
	tier  int
	value float64
}

func (h *head) before(o *head, r *replay) bool {
	if h.tier != o.tier {
		return h.tier > o.tier
	}
	if h.value != o.value {
		return h.value > o.value
	}
	return senior(&r.people[h.who], &r.people[o.who]) < 0
}

// first is who is next in a lane, or -1.
func (r *replay) first(i int) (who int32, extra bool) {
	who = -1
	if l := &r.lanes[i]; r.heads[i] < len(l.people) {
		who = l.people[r.heads[i]]
	}
	if x := r.extra[i]; len(x) > 0 && (who < 0 || senior(&r.people[x[0]], &r.people[who]) < 0) {
		return x[0], true
	}
	return who, false
}

func (r *replay) take(h head) int {
	if h.extra {
		r.extra[h.lane] = slices.Delete(r.extra[h.lane], 0, 1)
	} else {
		r.heads[h.lane]++
	}
	return int(h.who)
}
