package score

import (
	"math"
	"testing"

	"filodiretto/queue/estimate"
	"filodiretto/queue/order"
)

func near(t *testing.T, name string, got, want float64) {
	t.Helper()
	if math.Abs(got-want) > 1e-6 {
		t.Errorf("%s is %v, want %v", name, got, want)
	}
}

func desk(id int64, services ...int64) estimate.Counter {
	c := estimate.Counter{Counter: order.Counter{ID: id}, Open: []estimate.Span{{From: at10(-120), To: at10(180)}}}
	for _, s := range services {
		c.Skills = append(c.Skills, order.Skill{Service: s})
	}
	return c
}

// taught has seen two walk-ins wait 10 and 20 minutes, served 12 minutes each at
// one counter, with a gap of 2 between them.
func taught() *past {
	p := newPast()
	p.newDay(true)
	for _, e := range []estimate.Event{
		{At: at10(-100), Kind: estimate.Issued, Ticket: 1, Service: 1, Class: order.WalkIn},
		{At: at10(-96), Kind: estimate.Issued, Ticket: 2, Service: 1, Class: order.WalkIn},
		{At: at10(-90), Kind: estimate.Called, Ticket: 1, Counter: 1, Service: 1, Class: order.WalkIn},
		{At: at10(-78), Kind: estimate.Finished, Ticket: 1, Counter: 1, Service: 1},
		{At: at10(-76), Kind: estimate.Called, Ticket: 2, Counter: 1, Service: 1, Class: order.WalkIn},
		{At: at10(-64), Kind: estimate.Finished, Ticket: 2, Counter: 1, Service: 1},
	} {
		p.saw(e)
	}
	return p
}

func TestSimpleEstimators(t *testing.T) {
	p := taught()
	me := walkin(12, 0)
	other := walkin(10, -8)
	elsewhere := walkin(11, -30)
	elsewhere.Service = 2
	s := &estimate.Snapshot{At: ten, Policy: order.Default(), Waiting: []order.Waiting{other, elsewhere, me}}
	for _, c := range []estimate.Counter{desk(1, 1), desk(2, 1), desk(3, 2)} {
		c.Serving = &estimate.Serving{Ticket: 100 + c.ID, Service: 1, Since: at10(-4)}
		s.Counters = append(s.Counters, c)
	}
	away := desk(4, 1)
	away.PausedSince = at10(-5)
	s.Counters = append(s.Counters, away)
	got := p.predict(s, me)
	for name, want := range map[string]float64{
		"static": 15, "hourly": 0, "les": 20, "les_class": 20, "hol": 30, "hol_class": 30,
		"queue":         3 * 14.0 / 3,
		"queue_skilled": 2 * 14.0 / 2,
		"workload":      (14 + 2*(8+2)) / 2.0,
		"zms":           math.Floor((0 + 12.0) / 2), // 12 minutes over 3 counters, third in the queue: 0 and 12
	} {
		near(t, name, got[name], want)
	}
	// While waiting, what has been waited is taken off.
	s.Waiting[2].Arrived = at10(-4)
	got = p.predict(s, s.Waiting[2])
	near(t, "static later", got["static"], 11)
	near(t, "les later", got["les"], 16)
}

func TestIdleCounterMeansNow(t *testing.T) {
	p := taught()
	me := walkin(12, 0)
	s := &estimate.Snapshot{At: ten, Policy: order.Default(), Waiting: []order.Waiting{me}, Counters: []estimate.Counter{desk(1, 1)}}
	if got := p.predict(s, me); got["queue_skilled"] != 0 || got["workload"] != 0 || got["queue"] != 14 {
		t.Errorf("%v", got)
	}
}

func TestTestDaysTeachTheMeansNothing(t *testing.T) {
	p := taught()
	before := p.static[order.WalkIn].mean()
	p.newDay(false)
	p.saw(estimate.Event{At: at10(0), Kind: estimate.Issued, Ticket: 5, Service: 1, Class: order.WalkIn})
	p.saw(estimate.Event{At: at10(90), Kind: estimate.Called, Ticket: 5, Counter: 1, Service: 1, Class: order.WalkIn})
	near(t, "static", p.static[order.WalkIn].mean(), before)
	near(t, "les", p.les, 90)
}

func TestLine(t *testing.T) {
	var s sum
	s.add(10, 20, 15) // 5 too low, kept by 5
	s.add(10, 20, 26) // 16 too low, missed by 6
	l := s.line()
	near(t, "MAE", l.MAE, 10.5)
	near(t, "RMSE", l.RMSE, math.Sqrt((25+256)/2.0))
	near(t, "bias", l.Bias, -10.5)
	near(t, "too low", l.TooLow, .5)
	near(t, "cover", l.Cover, .5)
	near(t, "pinball", l.Pin80, (.2*5+.8*6)/2)
	near(t, "width", l.Width, 10)
	if (&sum{}).line() != (Line{}) {
		t.Error("nothing has figures")
	}
}

func TestBoundCovers(t *testing.T) {
	var b bound
	for i := range 1000 {
		b.learn(10, float64(i%10)*2) // waits of 0 to 18 for 10 said
	}
	if u := b.upper(10); u < 14 || u > 16 {
		t.Errorf("the upper end is %v", u)
	}
	if len(b.ratios) != kept {
		t.Errorf("%d ratios kept", len(b.ratios))
	}
}
