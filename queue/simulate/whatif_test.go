package simulate

import (
	"slices"
	"testing"
	"time"

	"filodiretto/queue/estimate"
	"filodiretto/queue/order"
	"github.com/google/go-cmp/cmp"
)

func with(rule order.Rule) order.Policy {
	p := order.Default()
	p.Rule = rule
	return p
}

// The frontier of queue 4.5: strict rules give appointments everything and walk-ins
// the bill, first come the reverse, the affine rule lies between and can be moved.
func TestFrontier(t *testing.T) {
	days := Town().Days(march, 150, 9)
	mild := order.Default()
	mild.Weights[order.Appointment] = order.Weight{Head: 8, Slope: 1}
	mild.Weights[order.Protected] = order.Weight{Head: 6, Slope: 2.5}
	out := Compare(days,
		Alternative{Name: "first come", Policy: with(order.FirstCome)},
		Alternative{Name: "mild", Policy: mild},
		Alternative{Name: "affine", Policy: order.Default()},
		Alternative{Name: "strict", Policy: with(order.Strict)})
	for i := 1; i < len(out); i++ {
		a, b := out[i-1], out[i]
		if b.Classes[order.Appointment].P90 > a.Classes[order.Appointment].P90 {
			t.Errorf("appointments wait longer under %s than under %s", b.Name, a.Name)
		}
		if b.Classes[order.WalkIn].Mean < a.Classes[order.WalkIn].Mean {
			t.Errorf("walk-ins wait shorter under %s than under %s", b.Name, a.Name)
		}
	}
}

// The peer's merge is about as hard on walk-ins as the strict rule (queue 4.5).
func TestPeerMergeFavoursAppointments(t *testing.T) {
	var peer, affine []Record
	for _, d := range Town().Days(march, 100, 9) {
		peer = append(peer, PlayBy(d, order.Default(), PeerMerge(), nil)...)
		affine = append(affine, Play(d, order.Default(), nil)...)
	}
	p, a := Summarise(peer), Summarise(affine)
	if p.Classes[order.Appointment].P90 >= a.Classes[order.Appointment].P90 || p.Classes[order.WalkIn].Mean <= a.Classes[order.WalkIn].Mean {
		t.Errorf("peer %+v, affine %+v", p, a)
	}
}

func TestPeerMergeSteps(t *testing.T) {
	c := order.Counter{ID: 1, Skills: skills(1)}
	walk := order.Waiting{ID: 1, Service: 1, Class: order.WalkIn, Arrived: hm(8, 0)}
	late := order.Waiting{ID: 2, Service: 1, Class: order.Appointment, Slot: hm(8, 30), Arrived: hm(9, 59)}
	soon := order.Waiting{ID: 3, Service: 1, Class: order.Appointment, Slot: hm(10, 2), Arrived: hm(9, 0)}
	later := order.Waiting{ID: 4, Service: 1, Class: order.Appointment, Slot: hm(10, 3), Arrived: hm(9, 0)}
	right := order.Waiting{ID: 5, Service: 1, Class: order.Protected, Arrived: hm(9, 59)}
	for _, k := range []struct {
		name    string
		waiting []order.Waiting
		want    int64
	}{
		{"protected before all", []order.Waiting{walk, late, right}, 5},
		{"however late, before walk-ins", []order.Waiting{walk, late}, 2},
		{"due in two minutes", []order.Waiting{walk, soon}, 3},
		{"due in three is not due", []order.Waiting{walk, later}, 1},
		{"early, with nobody else", []order.Waiting{later}, 4},
	} {
		i, _, ok := PeerMerge()(hm(10, 0), c, k.waiting)
		if !ok || k.waiting[i].ID != k.want {
			t.Errorf("%s: called %v", k.name, k.waiting[i].ID)
		}
	}
	if _, _, ok := PeerMerge()(hm(10, 0), c, nil); ok {
		t.Error("called nobody")
	}
}

func TestOneCounterMore(t *testing.T) {
	days := IdentityCards().Days(march, 10, 1)
	p := order.Default()
	band := Hours{10 * time.Hour, 12 * time.Hour}
	more := order.Counter{ID: -1, Skills: skills(1, 2, 3)}
	out := Compare(days,
		Alternative{Name: "fewer", Policy: p, Change: func(d Day) Day { return d.Without(1, band) }},
		Alternative{Name: "as it was", Policy: p},
		Alternative{Name: "more", Policy: p, Change: func(d Day) Day { return d.With(more, band) }})
	if out[0].All.P80 <= out[1].All.P80 || out[1].All.P80 <= out[2].All.P80 {
		t.Errorf("P80 %v with one fewer, %v as it was, %v with one more", out[0].All.P80, out[1].All.P80, out[2].All.P80)
	}
	if n := len(days[0].Counters); n != 4 {
		t.Errorf("the day itself has %d counters now", n)
	}
}

func TestWithoutCutsTheBand(t *testing.T) {
	d := Day{Start: monday, Counters: []Counter{desk1(1, 1), desk1(2, 1)}}
	got := d.Without(1, Hours{10 * time.Hour, 11 * time.Hour}).Counters[0].Open
	want := []estimate.Span{{From: hm(9, 0), To: hm(10, 0)}, {From: hm(11, 0), To: hm(12, 0)}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if got := d.Without(1, Hours{8 * time.Hour, 13 * time.Hour}).Counters[0].Open; len(got) != 0 {
		t.Errorf("open %v", got)
	}
	if got := d.Without(1, Hours{13 * time.Hour, 14 * time.Hour}).Counters[0].Open; len(got) != 1 {
		t.Errorf("open %v", got)
	}
}

func TestAdvise(t *testing.T) {
	days := IdentityCards().Days(march, 4, 1)
	advice := Advise(days, order.Default(), skills(1, 2, 3), time.Hour)
	i := slices.IndexFunc(advice, func(a Advice) bool { return a.Counter == 0 && a.Band.From == 11*time.Hour })
	if i < 0 {
		t.Fatal("no advice for eleven o'clock")
	}
	if a := advice[i]; a.After.P80 >= a.Before.P80 || a.Open == 0 || a.Before.Called == 0 {
		t.Errorf("one more at eleven: %v, before %v", a.After, a.Before)
	}
	fewer := slices.IndexFunc(advice, func(a Advice) bool { return a.Counter == 1 && a.Band.From == 9*time.Hour })
	if fewer < 0 || advice[fewer].After.Mean <= advice[fewer].Before.Mean {
		t.Error("one fewer at nine does not tell")
	}
	if Advise(nil, order.Default(), nil, time.Hour) != nil {
		t.Error("advice on no days")
	}
}

// A day made again from its own events and played under its own rule is the same day.
func TestOwnDayAgain(t *testing.T) {
	m := Town()
	m.Habits.Gap, m.Habits.Pace, m.Habits.Stops = 0, 0, 0
	for _, d := range m.Days(march, 5, 3) {
		var events []estimate.Event
		want := Play(d, order.Default(), func(e estimate.Event, _ *Room) { events = append(events, e) })
		counters := slices.Clone(d.Counters)
		for i := range counters {
			counters[i].Gaps = nil
		}
		again := FromEvents(d.Start, events, counters)
		again.Close = d.Close
		got := map[int64]Record{}
		for _, r := range Play(again, order.Default(), nil) {
			got[r.ID] = r
		}
		for _, r := range want {
			if got[r.ID] != r {
				t.Fatalf("was %+v, again %+v", r, got[r.ID])
			}
		}
	}
}

func TestOwnDayReadsGapsAndPlaysThem(t *testing.T) {
	d := Town().Days(march, 1, 3)[0]
	var events []estimate.Event
	want := Summarise(Play(d, order.Default(), func(e estimate.Event, _ *Room) { events = append(events, e) }))
	for i := range d.Counters {
		d.Counters[i].Gaps, d.Counters[i].Stops, d.Counters[i].Pace = nil, nil, 0
	}
	again := FromEvents(d.Start, events, d.Counters)
	if len(again.Counters[1].Gaps) == 0 {
		t.Fatal("no gaps were read")
	}
	again.Close = d.Close
	got := Summarise(Play(again, order.Default(), nil))
	if diff := (got.All.Mean - want.All.Mean).Abs(); diff > 3*time.Minute {
		t.Errorf("the mean wait was %v, again %v", want.All.Mean, got.All.Mean)
	}
}

func TestWaitsOf(t *testing.T) {
	var rs []Record
	for i := range 10 {
		rs = append(rs, Record{Arrived: hm(9, 0), Called: hm(9, 10*(i+1)), Ending: Served})
	}
	rs = append(rs, Record{Arrived: hm(9, 0), Ending: Gone}, Record{Slot: hm(9, 0), Ending: Missed})
	w := WaitsOf(rs)
	want := Waits{Called: 10, Lost: 1, Mean: 55 * time.Minute, P50: 50 * time.Minute, P80: 80 * time.Minute, P90: 90 * time.Minute, Over60: .4}
	if w != want {
		t.Errorf("got %+v, want %+v", w, want)
	}
	if w := WaitsOf(nil); w != (Waits{}) {
		t.Errorf("of nobody: %+v", w)
	}
}
