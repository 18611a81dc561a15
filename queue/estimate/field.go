package estimate

import (
	"cmp"
	"slices"
	"time"

	"filodiretto/internal/clock"
	"filodiretto/queue/order"
)

// field is a snapshot laid out for being replayed many times: instants are minutes
// from the snapshot, and people are sorted into lanes within which the discipline
// never changes their order. So a counter need look only at the head of each lane.
type field struct {
	people  []soul
	known   int // the first so many are those who wait, then those who ask
	lanes   []lane
	desks   []deskState
	booked  []bookedSoul
	theirs  []cell // newcomers who may overtake
	pending []entry
	gaps    []float64
	noShow  law
	told    float64 // per minute
	silent  float64
	late    [2]float64 // mean and spread of minutes from slot to check-in
	shows   float64
	// the policy's window of an appointment, and whether it counts arrivals only
	lateLimit, earlyLimit float64
	byArrival             bool
	closing               float64 // when the last counter closes
	react                 float64 // how long an idle counter takes to call who comes
}

// soul is somebody in a replay.
type soul struct {
	id      int64
	since   float64 // the reference of the discipline
	arrived float64
	from    float64 // can be called from
	lane    int32
	law     law
	ghost   bool // asks how long it would take, and takes nobody's time
	passes  int  // how many are let pass
}

// lane are people alike in everything but seniority. The value of its head after
// x minutes is the larger of the two lines a + b·x.
type lane struct {
	tier           int
	a1, b1, a2, b2 float64
	passes         int     // the lane of one who lets others pass
	people         []int32 // by seniority, those who can be called now
	desks          []served
}

func laneOf(c order.Claims, passes int) lane {
	first, second := c.Of[0], c.Of[c.Count-1]
	return lane{tier: first.Tier, a1: first.Head, b1: first.Slope, a2: second.Head, b2: second.Slope, passes: passes}
}

func (l *lane) value(x float64) float64 { return max(l.a1+l.b1*x, l.a2+l.b2*x) }

// mayPass reports whether somebody of lane l could ever be called before somebody
// of lane o who came earlier.
func (l *lane) mayPass(o *lane) bool {
	if l.tier != o.tier {
		return l.tier > o.tier
	}
	if max(l.a1, l.a2) > max(o.a1, o.a2) || max(l.b1, l.b2) > max(o.b1, o.b2) {
		return true
	}
	return slices.ContainsFunc(l.desks, func(mine served) bool {
		return slices.ContainsFunc(o.desks, func(theirs served) bool {
			return mine.desk == theirs.desk && mine.handicap < theirs.handicap
		})
	})
}

// served is a counter that calls from a lane.
type served struct {
	desk     int32
	handicap float64
}

// laneKey is what makes two people alike.
type laneKey struct {
	service, counter, passer int64
	class                    order.Class
	booked                   bool
	claims                   order.Claims
}

type entry struct {
	from  float64
	whose int32
}

// bookedSoul is an appointment that has not checked in; its lane depends on
// whether it will be too late.
type bookedSoul struct {
	order.Waiting
	soul soul
	slot float64
	lane [2]int32 // within the window, too late
	// early is the share of those who come that would be here by now, shows the
	// probability of coming for one who is not.
	early, shows float64
}

// cell is one series of newcomers in one half-hour.
type cell struct {
	key      int64
	from, to float64
	mean     float64
	soul     soul
}

// deskState is a counter at the snapshot.
type deskState struct {
	lanes []served // desk is the lane here
	spans [][2]float64
	// how the counter begins: free at 0, in a gap, serving, or in a pause
	begins  beginning
	elapsed float64
	law     law
	ticket  int64
	id      int64
}

type beginning int

const (
	free beginning = iota
	inGap
	serving
	inPause
)

// builder lays out a snapshot.
type builder struct {
	field
	snap  *Snapshot
	e     *Estimator
	index map[laneKey]int32
	laws  map[int64]law
}

func (e *Estimator) lay(s *Snapshot, asks []Ask) *field {
	b := &builder{snap: s, e: e, index: map[laneKey]int32{}, laws: map[int64]law{}}
	k := &e.state.Know
	b.gaps = gapsOf(k.Gaps.Values)
	b.noShow = k.NoShows.shrunk(anyNoShow, shrinkage)
	b.told, b.silent = k.Told.value(.001, 2000), k.Silent.value(.001, 2000)
	b.shows = k.Shows.value(.88, 25)
	b.react = k.React.mean()
	b.late[0], b.late[1] = k.Late.normal(-5, 8)
	b.lateLimit, b.earlyLimit = order.Minutes(s.Policy.Late), order.Minutes(s.Policy.Early)
	b.byArrival = s.Policy.Rule == order.FirstCome
	b.counters()
	for _, w := range s.Waiting {
		b.people = append(b.people, b.soul(w))
	}
	for i, a := range asks {
		w := order.Waiting{ID: -int64(i) - 1, Service: a.Service, Class: a.Class, Arrived: s.At}
		if a.As != nil {
			w = *a.As
		}
		g := b.soul(w)
		g.ghost = true
		b.people = append(b.people, g)
	}
	b.known = len(b.people)
	b.held()
	b.bookings()
	b.newcomers()
	b.line()
	return &b.field
}

// gapsOf are the gaps seen, sorted; an office of which few are known gets usual ones.
func gapsOf(seen []float64) []float64 {
	gaps := slices.Clone(seen)
	for i := len(gaps); i < 20; i++ {
		gaps = append(gaps, anyGap.at(probit((float64(i)+.5)/20)))
	}
	slices.Sort(gaps)
	return gaps
}

func (b *builder) min(at clock.Instant) float64 { return order.Minutes(at.Sub(b.snap.At)) }

func (b *builder) law(service int64) law {
	l, ok := b.laws[service]
	if !ok {
		l = b.e.state.Know.service(service, b.e.set.Groups[service])
		b.laws[service] = l
	}
	return l
}

// soul lays out a person.
func (b *builder) soul(w order.Waiting) soul {
	p := b.snap.Policy
	return soul{
		id: w.ID, since: b.min(p.Since(w)), arrived: b.min(w.Arrived), from: b.min(p.From(w)),
		lane: b.lane(w), law: b.law(w.Service), passes: w.LetPass,
	}
}

// lane is the lane of somebody, made when it is the first of its kind.
func (b *builder) lane(w order.Waiting) int32 {
	key := laneKey{
		service: w.Service, counter: w.Counter, class: w.Class, booked: w.Slot != 0,
		claims: b.snap.Policy.Claims(w),
	}
	if w.LetPass > 0 {
		key.passer = w.ID
	}
	i, ok := b.index[key]
	if ok {
		return i
	}
	i = int32(len(b.lanes))
	b.index[key] = i
	l := laneOf(key.claims, w.LetPass)
	for d, c := range b.snap.Counters {
		if h, bar := c.Serves(w); bar == order.None && len(b.desks[d].spans) > 0 {
			l.desks = append(l.desks, served{int32(d), order.Minutes(h)})
			b.desks[d].lanes = append(b.desks[d].lanes, served{i, order.Minutes(h)})
		}
	}
	b.lanes = append(b.lanes, l)
	return i
}

// counters lays out the counters, without those that are closed for the day.
func (b *builder) counters() {
	for _, c := range b.snap.Counters {
		d := deskState{id: c.ID}
		for _, o := range c.Open {
			to := o.To
			if b.snap.Closes != 0 {
				to = min(to, b.snap.Closes)
			}
			if to > b.snap.At && to > o.From {
				b.closing = max(b.closing, b.min(to))
				d.spans = append(d.spans, [2]float64{b.min(o.From), b.min(to)})
			}
		}
		switch {
		case c.Serving != nil:
			d.begins, d.elapsed, d.ticket = serving, -b.min(c.Serving.Since), c.Serving.Ticket
			d.law = b.law(c.Serving.Service)
		case c.PausedSince != 0:
			d.begins, d.elapsed = inPause, -b.min(c.PausedSince)
			d.law = b.e.state.Know.Pauses.shrunk(anyPause, shrinkage)
		case c.FreeSince != 0 && b.hadSomebody(c):
			d.begins, d.elapsed = inGap, -b.min(c.FreeSince)
		}
		b.desks = append(b.desks, d)
	}
}

// hadSomebody reports whether somebody could be called when the counter became
// free. If so it is about to call; else it has been idle and calls whoever comes.
func (b *builder) hadSomebody(c Counter) bool {
	return slices.ContainsFunc(b.snap.Waiting, func(w order.Waiting) bool {
		_, bar := c.Serves(w)
		return bar == order.None && b.snap.Policy.From(w) <= c.FreeSince
	})
}

// held lays out those on hold: they come back to their counter.
func (b *builder) held() {
	back := b.e.state.Know.Holds.shrunk(anyHold, shrinkage)
	for _, h := range b.snap.Held {
		w := h.Waiting
		left := back.residual(order.Minutes(b.snap.At.Sub(h.Since)), .5)
		w.NotBefore = b.snap.At.Add(time.Duration(left * float64(time.Minute)))
		b.people = append(b.people, b.soul(w))
	}
}

// bookings lays out the appointments still to come.
func (b *builder) bookings() {
	for _, k := range b.snap.Booked {
		w := order.Waiting{ID: k.ID, Service: k.Service, Class: k.Class, Arrived: k.Slot, Slot: k.Slot}
		s := bookedSoul{Waiting: w, soul: b.soul(w), slot: b.min(k.Slot)}
		s.lane[0] = s.soul.lane
		w.Arrived = k.Slot.Add(b.snap.Policy.Late + time.Minute)
		s.lane[1] = b.lane(w)
		s.early = phi((-s.slot - b.late[0]) / b.late[1])
		s.shows = b.shows * (1 - s.early) / (b.shows*(1-s.early) + 1 - b.shows)
		b.booked = append(b.booked, s)
	}
}

// newcomers lays out how many are to come of those who may overtake somebody.
// Others change nobody's wait: whoever is here is called before them.
func (b *builder) newcomers() {
	p := &b.e.state.Know.Arrivals
	if p.Days == 0 || len(b.people) == 0 {
		return
	}
	hr, midnight := hour(b.snap.At, b.e.zone)
	now := int(hr * 2)
	day := weekday(b.snap.At, b.e.zone)
	busy := p.busy(day, now)
	for i := range p.Series {
		s := &p.Series[i]
		w := order.Waiting{Service: s.Service, Class: s.Class, Arrived: b.snap.At}
		one := b.soul(w)
		if !slices.ContainsFunc(b.people, func(o soul) bool { return b.lanes[one.lane].mayPass(&b.lanes[o.lane]) }) {
			continue
		}
		for band := now; band < bands; band++ {
			mean := s.Bands[band] / p.Days * busy
			from, to := (float64(band)/2-hr)*60, (float64(band+1)/2-hr)*60
			if mean <= 0 || from > 300 || b.snap.Closes != 0 && from > b.min(b.snap.Closes) {
				continue
			}
			key := int64(mix(uint64(midnight)^uint64(band)<<8^uint64(s.Service)<<16) >> 8)
			for _, c := range s.Class {
				key = key*31 + int64(c)
			}
			b.theirs = append(b.theirs, cell{key: key, from: from, to: to, mean: mean, soul: one})
		}
	}
}

// line puts those who can be called now into their lanes by seniority, and the
// others on the list of those to come.
func (b *builder) line() {
	for i := range b.people {
		s := &b.people[i]
		if s.from > 0 {
			b.pending = append(b.pending, entry{s.from, int32(i)})
			continue
		}
		b.lanes[s.lane].people = append(b.lanes[s.lane].people, int32(i))
	}
	for i := range b.lanes {
		slices.SortFunc(b.lanes[i].people, func(x, y int32) int { return senior(&b.people[x], &b.people[y]) })
	}
}

// senior is the order within a lane, as package order has it.
func senior(x, y *soul) int {
	return cmp.Or(cmp.Compare(x.since, y.since), cmp.Compare(x.arrived, y.arrived), cmp.Compare(x.id, y.id))
}
