package order

import (
	"slices"
	"testing"
	"time"

	"filodiretto/internal/clock"
	"pgregory.net/rapid"
)

var classes = []Class{WalkIn, Appointment, Protected, "vip"}

func anyPolicy(t *rapid.T) Policy {
	p := Default()
	p.Rule = rapid.SampledFrom(Rules).Draw(t, "rule")
	for _, c := range classes {
		p.Weights[c] = Weight{
			Head:     float64(rapid.IntRange(-20, 60).Draw(t, "head")),
			Slope:    float64(rapid.IntRange(1, 16).Draw(t, "slope")) / 4,
			Absolute: rapid.IntRange(0, 5).Draw(t, "absolute") == 0,
			Level:    rapid.IntRange(0, 3).Draw(t, "level"),
		}
	}
	p.Early = time.Duration(rapid.IntRange(0, 30).Draw(t, "early")) * time.Minute
	p.Late = time.Duration(rapid.IntRange(0, 30).Draw(t, "late")) * time.Minute
	return p
}

func anyCounter(t *rapid.T) Counter {
	c := Counter{ID: int64(rapid.IntRange(1, 3).Draw(t, "counter"))}
	for s := int64(1); s <= 4; s++ {
		if rapid.Bool().Draw(t, "skill") {
			c.Skills = append(c.Skills, Skill{s, time.Duration(rapid.IntRange(0, 2).Draw(t, "handicap")) * 5 * time.Minute})
		}
	}
	if rapid.IntRange(0, 4).Draw(t, "only") == 0 {
		c.Classes = []Class{rapid.SampledFrom(classes).Draw(t, "class")}
	}
	return c
}

func anyWaiting(t *rapid.T, id int64) Waiting {
	min := func(lo, hi int, what string) clock.Instant {
		return ten.Add(time.Duration(rapid.IntRange(lo, hi).Draw(t, what)) * time.Minute)
	}
	w := Waiting{
		ID: id, Service: int64(rapid.IntRange(1, 4).Draw(t, "service")),
		Class: rapid.SampledFrom(classes).Draw(t, "class"), Arrived: min(-120, 5, "arrived"),
	}
	if w.Class == Appointment || rapid.IntRange(0, 3).Draw(t, "booked") == 0 {
		w.Slot = min(-90, 60, "slot")
	}
	if rapid.IntRange(0, 4).Draw(t, "put back") == 0 {
		w.NotBefore = min(-30, 30, "not before")
	}
	if rapid.IntRange(0, 5).Draw(t, "bound") == 0 {
		w.Counter = int64(rapid.IntRange(1, 3).Draw(t, "to"))
	}
	if rapid.IntRange(0, 4).Draw(t, "passes") == 0 {
		w.LetPass = rapid.IntRange(1, 4).Draw(t, "let pass")
	}
	return w
}

func anyRoom(t *rapid.T) []Waiting {
	ws := make([]Waiting, rapid.IntRange(0, 25).Draw(t, "people"))
	for i := range ws {
		ws[i] = anyWaiting(t, int64(i+1))
	}
	return ws
}

func ids(rs []Ranked) []int64 {
	out := make([]int64, len(rs))
	for i, r := range rs {
		out[i] = r.ID
	}
	return out
}

// direct is whom to call by the definition of each rule in queue 4.5, written
// again without tiers, lines or sorting: the last one whom nobody beats.
func direct(p Policy, now clock.Instant, c Counter, ws []Waiting) (best *Waiting) {
	for i := range ws {
		w := &ws[i]
		if !may(p, now, c, *w) {
			continue
		}
		if best == nil || beats(p, now, c, *w, *best) {
			best = w
		}
	}
	return best
}

func may(p Policy, now clock.Instant, c Counter, w Waiting) bool {
	if now < w.Arrived || now < w.NotBefore || (w.Slot != 0 && now.Add(p.Early) < w.Slot) {
		return false
	}
	if w.Counter != 0 {
		return w.Counter == c.ID
	}
	classOK := len(c.Classes) == 0 || slices.Contains(c.Classes, w.Class) || w.Slot != 0 && slices.Contains(c.Classes, Appointment)
	return classOK && slices.ContainsFunc(c.Skills, func(s Skill) bool { return s.Service == w.Service })
}

func beats(p Policy, now clock.Instant, c Counter, a, b Waiting) bool {
	level := func(w Waiting) int {
		both := []Class{w.Class}
		if w.Slot != 0 {
			both = append(both, Appointment)
		}
		best := -1 << 30
		for _, cl := range both {
			l := 0
			switch wt := p.Weights[cl]; {
			case p.Rule == Strict:
				l = wt.Level
			case p.Rule == AppointmentsFirst && cl == Appointment && w.Slot != 0 && w.Arrived <= w.Slot.Add(p.Late):
				l = 1
			case wt.Absolute && p.Rule == AppointmentsFirst:
				l = 2
			case wt.Absolute && p.Rule == Affine:
				l = 1
			}
			best = max(best, l)
		}
		return best
	}
	since := func(w Waiting) clock.Instant {
		if p.Rule != FirstCome && w.Slot != 0 && w.Arrived <= w.Slot.Add(p.Late) {
			return w.Slot
		}
		return w.Arrived
	}
	value := func(w Waiting) float64 {
		v, min := -1e300, now.Sub(since(w)).Minutes()
		for _, cl := range []Class{w.Class, Appointment} {
			if cl == Appointment && w.Slot == 0 && w.Class != Appointment {
				continue
			}
			wt := p.Weights[cl]
			switch {
			case p.Rule != Affine:
				v = max(v, min)
			case wt.Absolute == (level(w) == 1):
				v = max(v, wt.Head+wt.Slope*min)
			}
		}
		for _, s := range c.Skills {
			if s.Service == w.Service && w.Counter == 0 {
				v -= s.Handicap.Minutes()
			}
		}
		return v
	}
	switch {
	case level(a) != level(b):
		return level(a) > level(b)
	case value(a) != value(b):
		return value(a) > value(b)
	case since(a) != since(b):
		return since(a) < since(b)
	case a.Arrived != b.Arrived:
		return a.Arrived < b.Arrived
	}
	return a.ID < b.ID
}

func TestAgreesWithTheDefinition(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, c, ws := anyPolicy(t), anyCounter(t), anyRoom(t)
		for i := range ws {
			ws[i].LetPass = 0
		}
		want := direct(p, ten, c, ws)
		d, ok := p.Next(ten, c, ws)
		if ok != (want != nil) || ok && d.Called.ID != want.ID {
			t.Fatalf("called %d (%v), by the definition %v", d.Called.ID, ok, want)
		}
	})
}

func TestNeverCallsWhomItMayNot(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, c, ws := anyPolicy(t), anyCounter(t), anyRoom(t)
		ranked := p.Rank(ten, c, ws)
		for _, r := range ranked {
			if w := ws[r.ID-1]; !may(p, ten, c, w) {
				t.Fatalf("%+v is ranked at counter %+v", w, c)
			}
		}
		for _, w := range ws {
			if may(p, ten, c, w) != slices.Contains(ids(ranked), w.ID) {
				t.Fatalf("%+v is missing at counter %+v", w, c)
			}
		}
	})
}

// Within a class and a service, who counts from earlier is called earlier.
func TestMonotoneInSeniority(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, c, ws := anyPolicy(t), anyCounter(t), anyRoom(t)
		ranked := p.byValue(ten, c, ws)
		for i, a := range ranked {
			for _, b := range ranked[i+1:] {
				wa, wb := ws[a.ID-1], ws[b.ID-1]
				alike := wa.Class == wb.Class && wa.Service == wb.Service && wa.Slot == 0 && wb.Slot == 0 && wa.Counter == wb.Counter
				if alike && wa.Arrived > wb.Arrived {
					t.Fatalf("%+v goes before %+v", wa, wb)
				}
			}
		}
	})
}

func TestShiftOfTimeChangesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, c, ws := anyPolicy(t), anyCounter(t), anyRoom(t)
		by := time.Duration(rapid.Int64Range(-1e12, 1e12).Draw(t, "microseconds")) * time.Microsecond
		moved := slices.Clone(ws)
		shift := func(i clock.Instant) clock.Instant {
			if i == 0 {
				return 0
			}
			return i.Add(by)
		}
		for i, w := range moved {
			moved[i].Arrived, moved[i].Slot, moved[i].NotBefore = shift(w.Arrived), shift(w.Slot), shift(w.NotBefore)
		}
		a, b := p.Rank(ten, c, ws), p.Rank(ten.Add(by), c, moved)
		for i := range b {
			b[i].Since, b[i].Arrived = a[i].Since, a[i].Arrived
		}
		if !slices.Equal(a, b) {
			t.Fatalf("ranked %v, moved by %v %v", ids(a), by, ids(b))
		}
	})
}

func TestOrderOfTheInputChangesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, c, ws := anyPolicy(t), anyCounter(t), anyRoom(t)
		mixed := rapid.Permutation(ws).Draw(t, "mixed")
		if a, b := ids(p.Rank(ten, c, ws)), ids(p.Rank(ten, c, mixed)); !slices.Equal(a, b) {
			t.Fatalf("%v and %v", a, b)
		}
	})
}

// Rank is what repeated calls would do, with those who let others pass.
func TestRankIsRepeatedCalling(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, c, ws := anyPolicy(t), anyCounter(t), anyRoom(t)
		want := ids(p.Rank(ten, c, ws))
		var got []int64
		room := slices.Clone(ws)
		for {
			d, ok := p.Next(ten, c, room)
			if !ok {
				break
			}
			got = append(got, d.Called.ID)
			for i := range room {
				if slices.Contains(d.Passed, room[i].ID) {
					room[i].LetPass--
				}
			}
			room = slices.DeleteFunc(room, func(w Waiting) bool { return w.ID == d.Called.ID })
		}
		if !slices.Equal(got, want) {
			t.Fatalf("called %v, ranked %v", got, want)
		}
	})
}

// Nobody starves under finite weights, even when at every single call a person of
// the most favoured class walks in: the wait is bounded by the weights. A person
// beats every newcomer who came after t − (a + b·w − a_k)/b_k, hence for n ahead
// and s minutes a call w ≤ max(n·s + (a_k − a)/b, (n·s·b_k + a_k − a)/b).
func TestNobodyStarves(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := anyPolicy(t)
		p.Rule = Affine
		for c, w := range p.Weights {
			w.Absolute = false
			p.Weights[c] = w
		}
		room := make([]Waiting, rapid.IntRange(1, 12).Draw(t, "people"))
		for i := range room {
			room[i] = Waiting{ID: int64(i + 1), Service: 1, Class: rapid.SampledFrom(classes).Draw(t, "class"), Arrived: ten}
		}
		rival := rapid.SampledFrom(classes).Draw(t, "rival")
		const s = 5.0
		bound, k := float64(len(room)+1)*s, p.Weights[rival]
		for _, w := range room {
			wt := p.Weights[w.Class]
			n := float64(len(room)+1) * s
			bound = max(bound, (n*k.Slope+k.Head-wt.Head)/wt.Slope, n+(k.Head-wt.Head)/wt.Slope)
		}
		first, now := int64(len(room)), ten
		for call := 0; slices.ContainsFunc(room, func(w Waiting) bool { return w.ID <= first }); call++ {
			if Minutes(now.Sub(ten)) > bound+s {
				t.Fatalf("somebody of the first %d waits more than %.0f minutes", first, bound)
			}
			room = append(room, Waiting{ID: first + int64(call) + 1, Service: 1, Class: rival, Arrived: now})
			d, _ := p.Next(now, counter(1), room)
			room = slices.DeleteFunc(room, func(w Waiting) bool { return w.ID == d.Called.ID })
			now = now.Add(5 * time.Minute)
		}
	})
}

// The strict rule does starve, which is why it is not the default.
func TestStrictStarves(t *testing.T) {
	p := under(Strict)
	room := []Waiting{walkin(1, 0)}
	for i := range 200 {
		room = append(room, protected(int64(i+2), float64(-5*i)))
		d, _ := p.Next(ahead(float64(5*i)), counter(1), room)
		if d.Called.ID == 1 {
			t.Fatal("the walk-in was called")
		}
		room = slices.DeleteFunc(room, func(w Waiting) bool { return w.ID == d.Called.ID })
	}
}
