package simulate

import (
	"math"
	"slices"
	"testing"
	"time"

	"filodiretto/queue/estimate"
	"filodiretto/queue/order"
	"github.com/google/go-cmp/cmp"
)

var march = time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)

func TestSameSeedSameDays(t *testing.T) {
	for _, m := range Offices() {
		if d := cmp.Diff(m.Days(march, 3, 5), m.Days(march, 3, 5)); d != "" {
			t.Errorf("%s: %s", m.Name, d)
		}
		if cmp.Equal(m.Days(march, 1, 5), m.Days(march, 1, 6)) {
			t.Errorf("%s: another seed gives the same day", m.Name)
		}
	}
}

// Common random numbers: one counter more changes nobody's arrival, need or patience.
func TestCountersDoNotChangePeople(t *testing.T) {
	a, b := Town(), Town()
	b.Counters = append(b.Counters, Staffed{Counter: order.Counter{ID: 9, Skills: skills(1)}, Shifts: b.Counters[0].Shifts})
	da, db := a.Days(march, 3, 5), b.Days(march, 3, 5)
	for i := range da {
		if d := cmp.Diff(da[i].Visits, db[i].Visits); d != "" {
			t.Fatal(d)
		}
	}
}

func TestClosedDaysAreLeftOut(t *testing.T) {
	for _, d := range Village().Days(march, 12, 1) {
		if w := d.Start.Time().Weekday(); w == time.Saturday || w == time.Sunday {
			t.Errorf("open on %v", w)
		}
	}
}

func TestNobodyComesForWhatNobodyDoes(t *testing.T) {
	m := Village()
	m.Counters[2].Days = []time.Weekday{time.Tuesday}
	d := m.Days(march, 2, 1)
	social := func(v Visit) bool { return slices.ContainsFunc(v.Legs, func(l Leg) bool { return l.Service == 4 }) }
	if slices.ContainsFunc(d[0].Visits, social) || !slices.ContainsFunc(d[1].Visits, social) {
		t.Error("social services on Monday, or none on Tuesday")
	}
}

// The generated days have the shares that the model says.
func TestDrawsHaveTheirShares(t *testing.T) {
	m := Town()
	var walkins, protected, booked, missed, quick int
	work := map[int64][]float64{}
	for _, d := range m.Days(march, 150, 3) {
		for _, v := range d.Visits {
			switch {
			case v.Slot != 0 && v.Arrived == 0:
				missed++
				booked++
			case v.Slot != 0:
				booked++
			default:
				walkins++
				if v.Class == order.Protected {
					protected++
				}
				if v.Legs[0].Service == 1 {
					quick++
				}
			}
			work[v.Legs[0].Service] = append(work[v.Legs[0].Service], v.Legs[0].Work.Minutes())
		}
	}
	near := func(name string, got, want, by float64) {
		t.Helper()
		if math.Abs(got-want) > by {
			t.Errorf("%s is %.3f, want %.3f", name, got, want)
		}
	}
	near("protected", float64(protected)/float64(walkins), m.Protected, .01)
	near("quick", float64(quick)/float64(walkins), .5, .02)
	near("never came", float64(missed)/float64(booked), m.Agenda.NoShow, .02)
	for _, s := range m.Services {
		mean, square := 0.0, 0.0
		for _, w := range work[s.ID] {
			mean, square = mean+w, square+w*w
		}
		n := float64(len(work[s.ID]))
		mean /= n
		near(s.Name+" mean", mean, s.Mean, s.Mean*.06)
		near(s.Name+" CV", math.Sqrt(square/n-mean*mean)/mean, s.CV, .08)
	}
}

// The overloaded office follows the published hour profile (queue 6), the town the
// mean of queue 4.3.
func TestCalibration(t *testing.T) {
	profile := map[int]float64{8: 15, 9: 26, 10: 34, 11: 41, 12: 48}
	var all []Record
	for _, d := range IdentityCards().Days(march, 250, 2) {
		all = append(all, Play(d, order.Default(), nil)...)
	}
	for hour, want := range profile {
		var rs []Record
		for _, r := range all {
			if r.Arrived != 0 && r.Arrived.Time().Hour() == hour {
				rs = append(rs, r)
			}
		}
		if got := WaitsOf(rs).Mean.Minutes(); math.Abs(got-want) > want*.15 {
			t.Errorf("at %d the mean wait is %.1f minutes, want about %.0f", hour, got, want)
		}
	}
	w := WaitsOf(all)
	for _, c := range []struct {
		name      string
		got       time.Duration
		want, tol float64
	}{{"mean", w.Mean, 32.3, 3}, {"P50", w.P50, 26, 4}, {"P80", w.P80, 55, 5}, {"P90", w.P90, 71, 7}} {
		if math.Abs(c.got.Minutes()-c.want) > c.tol {
			t.Errorf("%s is %.1f minutes, want about %.0f", c.name, c.got.Minutes(), c.want)
		}
	}
	var town []Record
	for _, d := range Town().Days(march, 250, 2) {
		town = append(town, Play(d, order.Default(), nil)...)
	}
	if got := WaitsOf(town).Mean.Minutes(); math.Abs(got-16.3) > 2 {
		t.Errorf("the town waits %.1f minutes, want about 16.3", got)
	}
}

// A snapshot says nothing of what is still to happen: change the future, and it is
// the same.
func TestSnapshotKnowsNoFuture(t *testing.T) {
	d := Town().Days(march, 1, 4)[0]
	noon := d.Start.Add(10 * time.Hour)
	at := func(d Day) (last estimate.Snapshot) {
		Play(d, order.Default(), func(e estimate.Event, r *Room) {
			if e.At <= noon {
				last = r.Snapshot()
			}
		})
		return last
	}
	want := at(d)
	other := d
	other.Visits, other.Counters = slices.Clone(d.Visits), slices.Clone(d.Counters)
	other.Visits = slices.DeleteFunc(other.Visits, func(v Visit) bool { return v.Slot == 0 && v.Arrived > noon })
	for i := range other.Visits {
		v := &other.Visits[i]
		if v.Slot != 0 && v.Arrived > noon {
			v.Arrived = 0
		}
		if v.Patience > 0 && v.Arrived.Add(v.Patience) > noon {
			v.Patience = 0
		}
	}
	for i := range other.Counters {
		other.Counters[i].Stops = slices.DeleteFunc(slices.Clone(other.Counters[i].Stops), func(s estimate.Span) bool { return s.From > noon })
	}
	// Who is waiting may need anything, too.
	for _, w := range want.Waiting {
		i := slices.IndexFunc(other.Visits, func(v Visit) bool { return v.ID == w.ID })
		other.Visits[i].Legs = []Leg{{Service: w.Service, Work: time.Hour}}
	}
	if diff := cmp.Diff(want, at(other)); diff != "" {
		t.Error(diff)
	}
}
