package estimate

import (
	"testing"
	"time"

	"filodiretto/queue/order"
	"github.com/google/go-cmp/cmp"
)

func walkin(id, service int64, hour, min int) order.Waiting {
	return order.Waiting{ID: id, Service: service, Class: order.WalkIn, Arrived: hm(hour, min)}
}

// taught has seen n services of ten minutes each, exactly, with no gap.
func taught(t testing.TB, n int) *Estimator {
	t.Helper()
	e := estimator(t)
	at := hm(8, 0).Add(-24 * time.Hour)
	for i := range int64(n) {
		e.Observe(Event{At: at, Kind: Issued, Ticket: i + 1, Service: 1, Class: order.WalkIn})
		e.Observe(Event{At: at, Kind: Called, Ticket: i + 1, Counter: 1, Service: 1, Class: order.WalkIn})
		at = at.Add(10 * time.Minute)
		e.Observe(Event{At: at, Kind: Finished, Ticket: i + 1, Counter: 1, Service: 1})
	}
	return e
}

func room(ws ...order.Waiting) Snapshot {
	return Snapshot{At: hm(10, 0), Policy: order.Default(), Counters: []Counter{counter(1, 1)}, Waiting: ws, Closes: hm(13, 0)}
}

func TestOnlyThePlaceUntilEnoughIsKnown(t *testing.T) {
	for n, want := range map[int]bool{Enough - 1: false, Enough: true} {
		x := taught(t, n).Estimate(room(walkin(1, 1, 9, 50), walkin(2, 1, 9, 55))).Waiting[1]
		if x.Known != want || x.Place != 2 {
			t.Errorf("after %d waits: known %v, place %d", n, x.Known, x.Place)
		}
	}
}

func TestWaitsAddUp(t *testing.T) {
	e := taught(t, 400)
	s := room(walkin(1, 1, 9, 50), walkin(2, 1, 9, 52), walkin(3, 1, 9, 54), walkin(4, 1, 9, 56))
	for i, x := range e.Estimate(s).Waiting {
		near(t, "expected", x.Expected.Minutes(), float64(i)*10.6, .08*float64(i)*10.6+.1)
		if x.Place != i+1 {
			t.Errorf("place %d of %d", x.Place, i+1)
		}
	}
}

func TestHalfAWaitWithTwoCounters(t *testing.T) {
	e := taught(t, 400)
	s := room(walkin(1, 1, 9, 50), walkin(2, 1, 9, 51), walkin(3, 1, 9, 52), walkin(4, 1, 9, 53), walkin(5, 1, 9, 54))
	one := e.Estimate(s).Waiting[4].Expected
	s.Counters = append(s.Counters, counter(2, 1))
	two := e.Estimate(s).Waiting[4].Expected
	near(t, "ratio", two.Minutes()/one.Minutes(), .5, .08)
}

func TestWhoIsServedCountsByWhatIsLeft(t *testing.T) {
	e := taught(t, 400)
	s := room(walkin(1, 1, 9, 50))
	expected := func(since time.Duration) float64 {
		s.Counters[0].Serving = &Serving{Ticket: 99, Service: 1, Since: s.At.Add(-since)}
		return e.Estimate(s).Waiting[0].Expected.Minutes()
	}
	just, nearly := expected(0), expected(8*time.Minute)
	near(t, "just called", just, 10.6, 1)
	if nearly >= just-4 {
		t.Errorf("%.1f minutes left after eight, %.1f at the start", nearly, just)
	}
}

func TestDeclaredBreaksAreKnownAndOthersGuessed(t *testing.T) {
	e := taught(t, 400)
	s := room(walkin(1, 1, 9, 50))
	s.Counters[0].Open = []Span{{hm(8, 0), hm(9, 58)}, {hm(10, 20), hm(13, 0)}}
	near(t, "break", e.Estimate(s).Waiting[0].Expected.Minutes(), 20, .5)
	s = room(walkin(1, 1, 9, 50))
	s.Counters[0].PausedSince = hm(9, 58)
	if x := e.Estimate(s).Waiting[0].Expected; x < 3*time.Minute || x > 20*time.Minute {
		t.Errorf("a pause of unknown length: %v", x)
	}
}

func TestServedToday(t *testing.T) {
	e := taught(t, 400)
	s := room()
	s.Closes = hm(10, 31) // three turns and no more
	for i := range int64(6) {
		s.Waiting = append(s.Waiting, walkin(i+1, 1, 9, 50+int(i)))
	}
	res := e.Estimate(s, Ask{Service: 1, Class: order.WalkIn})
	if first, last := res.Waiting[1].Served, res.Waiting[5].Served; first < .99 || last > .01 {
		t.Errorf("the second is served with %.2f, the sixth with %.2f", first, last)
	}
	if ask := res.Asked[0]; ask.Served > .01 || ask.Place != 7 {
		t.Errorf("who asks: %+v", ask)
	}
	if high := res.Waiting[5].High; high < 30*time.Minute {
		t.Errorf("the sixth would wait %v at most", high)
	}
}

func TestNoCounterNoPromise(t *testing.T) {
	e := taught(t, 400)
	s := room(walkin(1, 2, 9, 50))
	if x := e.Estimate(s).Waiting[0]; x.Known || x.Served != 0 || x.Expected < time.Hour {
		t.Errorf("nobody does the service: %+v", x)
	}
}

func TestEmptyHall(t *testing.T) {
	e := taught(t, 400)
	res := e.Estimate(room(), Ask{Service: 1, Class: order.WalkIn})
	if x := res.Asked[0]; x.Expected != 0 || x.Place != 1 || x.Served != 1 {
		t.Errorf("%+v", x)
	}
	if res := e.Estimate(Snapshot{At: hm(10, 0)}, Ask{Service: 1, Class: order.WalkIn}); res.Asked[0].Known {
		t.Errorf("without counters: %+v", res.Asked[0])
	}
}

// Askers change nothing for those who wait, nor for each other.
func TestAskersAreGhosts(t *testing.T) {
	e := taught(t, 400)
	s := room(walkin(1, 1, 9, 50), walkin(2, 1, 9, 55))
	alone, many := e.Estimate(s), e.Estimate(s, Ask{Service: 1, Class: order.Protected}, Ask{Service: 1, Class: order.WalkIn}, Ask{Service: 1, Class: order.WalkIn})
	if d := cmp.Diff(alone.Waiting, many.Waiting); d != "" {
		t.Error(d)
	}
	one := e.Estimate(s, Ask{Service: 1, Class: order.WalkIn}).Asked[0]
	if many.Asked[1].Expected != one.Expected || many.Asked[2].Expected != one.Expected {
		t.Errorf("%v and %v beside others, %v alone", many.Asked[1].Expected, many.Asked[2].Expected, one.Expected)
	}
}

// Bookings and people with precedence who are still to come make walk-ins wait.
func TestThoseToComeCount(t *testing.T) {
	e := taught(t, 400)
	s := room(walkin(1, 1, 9, 58), walkin(2, 1, 9, 59))
	s.Counters[0].Serving = &Serving{Ticket: 99, Service: 1, Since: hm(9, 59)}
	before := e.Estimate(s).Waiting[1].Expected
	s.Booked = []Booking{{50, 1, order.Appointment, hm(10, 5)}, {51, 1, order.Appointment, hm(10, 10)}}
	booked := e.Estimate(s).Waiting[1].Expected
	if booked < before+8*time.Minute {
		t.Errorf("%v without bookings, %v with two", before, booked)
	}
	long := s
	long.Booked = []Booking{{50, 1, order.Appointment, hm(8, 5)}, {51, 1, order.Appointment, hm(8, 10)}}
	if past := e.Estimate(long).Waiting[1].Expected; past > before+2*time.Minute {
		t.Errorf("bookings of two hours ago still count: %v, without %v", past, before)
	}
}

func TestPutBackAndHeldComeAgain(t *testing.T) {
	e := taught(t, 400)
	put := walkin(1, 1, 9, 0)
	put.NotBefore = hm(10, 25)
	x := e.Estimate(room(put, walkin(2, 1, 9, 50))).Waiting
	if x[0].Expected < 25*time.Minute || x[0].Place != 2 || x[1].Expected > time.Minute {
		t.Errorf("put back: %v at place %d; the other %v", x[0].Expected, x[0].Place, x[1].Expected)
	}
	s := room(walkin(2, 1, 9, 50), walkin(3, 1, 9, 51))
	before := e.Estimate(s).Waiting[1].Expected
	held := walkin(9, 1, 9, 0)
	held.Counter = 1
	s.Held = []Held{{held, hm(9, 58)}}
	if after := e.Estimate(s).Waiting[1].Expected; after < before+5*time.Minute {
		t.Errorf("%v without, %v with somebody on hold", before, after)
	}
}

// The estimate a moment later differs by what happened, not by chance.
func TestEstimatesDoNotJump(t *testing.T) {
	e := taught(t, 400)
	s := room()
	for i := range int64(12) {
		s.Waiting = append(s.Waiting, walkin(i+1, 1, 9, 40+int(i)))
	}
	s.Counters = append(s.Counters, counter(2, 1))
	for i := range s.Counters {
		s.Counters[i].Serving = &Serving{Ticket: int64(90 + i), Service: 1, Since: hm(9, 57)}
	}
	a := e.Estimate(s)
	s.At = s.At.Add(5 * time.Second)
	b := e.Estimate(s)
	for i := range a.Waiting {
		if d := (a.Waiting[i].Expected - b.Waiting[i].Expected).Abs(); d > 30*time.Second {
			t.Errorf("place %d moved by %v in five seconds", i+1, d)
		}
	}
}
