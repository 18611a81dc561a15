package order

import (
	"slices"
	"testing"
	"time"

	"filodiretto/internal/clock"
)

var ten = clock.At(time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)) // 10:00 in Rome

// ago and ahead are instants around ten o'clock, in minutes.
func ago(min float64) clock.Instant   { return ten.Add(time.Duration(-min * float64(time.Minute))) }
func ahead(min float64) clock.Instant { return ago(-min) }

func counter(services ...int64) Counter {
	c := Counter{ID: 1}
	for _, s := range services {
		c.Skills = append(c.Skills, Skill{Service: s})
	}
	return c
}

func walkin(id int64, min float64) Waiting {
	return Waiting{ID: id, Service: 1, Class: WalkIn, Arrived: ago(min)}
}

func protected(id int64, min float64) Waiting {
	return Waiting{ID: id, Service: 1, Class: Protected, Arrived: ago(min)}
}

// booked has a slot so many minutes ago and checked in so many minutes ago.
func booked(id int64, slot, arrived float64) Waiting {
	return Waiting{ID: id, Service: 1, Class: Appointment, Slot: ago(slot), Arrived: ago(arrived)}
}

func under(r Rule) Policy {
	p := Default()
	p.Rule = r
	return p
}

func TestNext(t *testing.T) {
	absolute := Default()
	absolute.Weights[Protected] = Weight{Head: 10, Slope: 4, Absolute: true}
	both := Waiting{ID: 2, Service: 1, Class: Protected, Slot: ago(0), Arrived: ago(3)}
	passing := walkin(1, 50)
	passing.LetPass = 2
	cases := []struct {
		name    string
		policy  Policy
		waiting []Waiting
		called  int64
		reason  Reason
	}{
		{"nobody else", Default(), []Waiting{walkin(1, 3)}, 1, Only},
		{"longer wait of the same class", Default(), []Waiting{walkin(1, 3), walkin(2, 4)}, 2, ByWait},
		{"appointment at its slot is worth 25 minutes", Default(), []Waiting{walkin(1, 24), booked(2, 0, 5)}, 2, ByClass},
		{"and not 26", Default(), []Waiting{walkin(1, 26), booked(2, 0, 5)}, 1, ByWait},
		{"protected ripens four times as fast", Default(), []Waiting{walkin(1, 49), protected(2, 10)}, 2, ByClass},
		{"and no faster", Default(), []Waiting{walkin(1, 51), protected(2, 10)}, 1, ByWait},
		{"absolute precedence beats any wait", absolute, []Waiting{walkin(1, 300), protected(2, 0)}, 2, ByTier},
		{"among the absolute the longer wait", absolute, []Waiting{protected(1, 1), protected(2, 2)}, 2, ByWait},
		{"equal in all: the smaller number", Default(), []Waiting{walkin(2, 5), walkin(1, 5)}, 1, ByTie},
		{"late by more than L counts from the check-in", Default(), []Waiting{walkin(1, 26), booked(2, 30, 1)}, 2, ByClass},
		{"late, and a walk-in of 28 minutes", Default(), []Waiting{walkin(1, 28), booked(2, 30, 1)}, 1, ByWait},
		{"late within L keeps the slot", Default(), []Waiting{walkin(1, 40), booked(2, 15, 0)}, 2, ByClass},
		{"both claims: the better counts", Default(), []Waiting{walkin(1, 24), both}, 2, ByClass},
		{"lets two pass", Default(), []Waiting{passing, walkin(2, 5)}, 2, ByPass},
		{"nobody left to pass", Default(), []Waiting{passing}, 1, Only},
		{"first come: by ticket, whatever the slot", under(FirstCome), []Waiting{walkin(1, 6), booked(2, 20, 5)}, 1, ByWait},
		{"longest wait: the slot counts", under(LongestWait), []Waiting{walkin(1, 6), booked(2, 10, 5)}, 2, ByWait},
		{"longest wait: and does not before", under(LongestWait), []Waiting{walkin(1, 6), booked(2, -3, 30)}, 1, ByWait},
		{"strict: the level first", under(Strict), []Waiting{walkin(1, 90), booked(2, 0, 5), protected(3, 1)}, 3, ByTier},
		{"appointments first", under(AppointmentsFirst), []Waiting{walkin(1, 90), booked(2, 0, 5)}, 2, ByTier},
		{"appointments first: not the late", under(AppointmentsFirst), []Waiting{walkin(1, 9), booked(2, 30, 5)}, 1, ByWait},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			d, ok := c.policy.Next(ten, counter(1), c.waiting)
			if !ok || d.Called.ID != c.called || d.Reason != c.reason {
				t.Errorf("called %d because %q, want %d because %q", d.Called.ID, d.Reason, c.called, c.reason)
			}
			if d.At != ten || d.Counter != 1 || d.Rule != c.policy.Rule {
				t.Errorf("the decision does not say when, where and how: %+v", d)
			}
		})
	}
}

func TestDecisionHasTheFigures(t *testing.T) {
	d, ok := Default().Next(ten, counter(1), []Waiting{walkin(1, 24), booked(2, 2, 5), walkin(3, 20)})
	if !ok || d.RunnerUp == nil {
		t.Fatal("no decision with a runner-up")
	}
	c, r := d.Called, *d.RunnerUp
	if c.ID != 2 || c.Class != Appointment || c.Head != 25 || c.Slope != 2 || c.Minutes != 2 || c.Value != 29 || c.Since != ago(2) {
		t.Errorf("called: %+v", c)
	}
	if r.ID != 1 || r.Class != WalkIn || r.Head != 0 || r.Slope != 1 || r.Minutes != 24 || r.Value != 24 || r.Since != ago(24) {
		t.Errorf("runner-up: %+v", r)
	}
}

func TestBetterOfTwoClaims(t *testing.T) {
	both := Waiting{ID: 1, Service: 1, Class: Protected, Slot: ahead(0), Arrived: ago(3)}
	for _, c := range []struct {
		at    float64
		class Class
		value float64
	}{{0, Appointment, 25}, {5, Appointment, 35}, {10, Protected, 50}} {
		r := Default().Place(ahead(c.at), counter(1), both)
		if r.Class != c.class || r.Value != c.value {
			t.Errorf("after %v minutes: %s with %v, want %s with %v", c.at, r.Class, r.Value, c.class, c.value)
		}
	}
}

func TestBar(t *testing.T) {
	p := Default()
	put := walkin(1, 10)
	put.NotBefore = ahead(1)
	bound := walkin(1, 10)
	bound.Counter, bound.Service = 9, 77
	quick := counter(1)
	quick.Classes = []Class{Appointment}
	both := Waiting{ID: 1, Service: 1, Class: Protected, Slot: ten, Arrived: ago(1)}
	cases := []struct {
		name string
		c    Counter
		w    Waiting
		want Bar
	}{
		{"skill", counter(1), walkin(1, 1), None},
		{"no skill", counter(2), walkin(1, 1), NoSkill},
		{"bound elsewhere", counter(1), bound, OtherCounter},
		{"bound here, whatever the skills", Counter{ID: 9}, bound, None},
		{"put back", counter(1), put, PutBack},
		{"not arrived yet", counter(1), walkin(1, -1), TooEarly},
		{"early for the slot", counter(1), booked(1, -16, 20), TooEarly},
		{"in the window at its first instant", counter(1), booked(1, -15, 20), None},
		{"counter for appointments only", quick, walkin(1, 50), NoClass},
		{"appointment of a protected person there", quick, both, None},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := p.Bar(ten, c.c, c.w); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestPutBackKeepsSeniority(t *testing.T) {
	put := walkin(1, 30)
	put.NotBefore = ahead(5)
	others := []Waiting{put, walkin(2, 10)}
	if d, _ := Default().Next(ten, counter(1), others); d.Called.ID != 2 {
		t.Errorf("called %d within the delay", d.Called.ID)
	}
	if d, _ := Default().Next(ahead(5), counter(1), others); d.Called.ID != 1 {
		t.Errorf("called %d after it: the seniority is lost", d.Called.ID)
	}
}

func TestHandicapPrefersAndDoesNotStarve(t *testing.T) {
	c := Counter{ID: 1, Skills: []Skill{{Service: 1}, {Service: 2, Handicap: 10 * time.Minute}}}
	other := walkin(1, 12)
	other.Service = 2
	d, _ := Default().Next(ten, c, []Waiting{other, walkin(2, 3)})
	if d.Called.ID != 2 || d.Reason != BySkill || d.RunnerUp.Handicap != 10 {
		t.Errorf("called %d because %q", d.Called.ID, d.Reason)
	}
	if d, _ := Default().Next(ten, c, []Waiting{other, walkin(2, 1)}); d.Called.ID != 1 {
		t.Error("12 minutes against 1 is more than the handicap of 10")
	}
}

func TestLetPassCountsDown(t *testing.T) {
	p, c := Default(), counter(1)
	first := walkin(1, 60)
	first.LetPass = 2
	waiting := []Waiting{first, walkin(2, 50), walkin(3, 40), walkin(4, 30)}
	var got []int64
	for len(waiting) > 0 {
		d, ok := p.Next(ten, c, waiting)
		if !ok {
			t.Fatal("nobody is called")
		}
		got = append(got, d.Called.ID)
		for i := range waiting {
			if slices.Contains(d.Passed, waiting[i].ID) {
				waiting[i].LetPass--
			}
		}
		waiting = slices.DeleteFunc(waiting, func(w Waiting) bool { return w.ID == d.Called.ID })
	}
	if want := []int64{2, 3, 1, 4}; !slices.Equal(got, want) {
		t.Errorf("called %v, want %v", got, want)
	}
}

func TestWhyForAnyPair(t *testing.T) {
	d := Default().Why(ten, counter(1), walkin(1, 30), protected(2, 4))
	if d.Reason != ByWait || d.Called.Value != 30 || d.RunnerUp.Value != 26 {
		t.Errorf("%+v against %+v because %q", d.Called, d.RunnerUp, d.Reason)
	}
}

func TestNobodyToCall(t *testing.T) {
	if _, ok := Default().Next(ten, counter(2), []Waiting{walkin(1, 5)}); ok {
		t.Error("somebody was called without the skill")
	}
	if got := Default().Rank(ten, counter(1), nil); len(got) != 0 {
		t.Errorf("ranked %v of nobody", got)
	}
}
