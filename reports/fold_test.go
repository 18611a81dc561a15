package reports

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"filodiretto/internal/clock"
	"filodiretto/queue"
)

const monday = queue.Day("2026-11-23")

func hm(day queue.Day, minute int) clock.Instant { return day.At(minute, rome) }

// told makes events of a day, a minute of the day each.
type told struct {
	day    queue.Day
	events []Event
}

func (o *told) at(minute int, kind string, f Facts) *told {
	f.Site = 1
	o.events = append(o.events, Event{ID: int64(len(o.events) + 1), At: hm(o.day, minute), Kind: kind, Facts: f})
	return o
}

func TestFold(t *testing.T) {
	issued := Facts{Ticket: 1, Step: 11, Service: 5, State: queue.Waiting}
	step := Facts{Ticket: 1, Step: 11, Service: 5}
	first := Facts{Ticket: 1, Step: 11, Service: 5, First: true, WaitMS: 600_000, Verb: 77}
	for name, k := range map[string]struct {
		told *told
		want map[int64][]Fact
	}{
		"a visit": {
			(&told{day: monday}).at(540, "ticket.issued", issued).at(550, "ticket.called", first).at(551, "ticket.serving", step).at(561, "ticket.done", step),
			map[int64][]Fact{5: {{Band: 18, First: true, Outcome: Served, Wait: 600, Work: 600, Desk: 660, Stay: 1260}}},
		},
		"recalled, put back and called again: the wait is that to the first call": {
			(&told{day: monday}).at(540, "ticket.issued", issued).at(550, "ticket.called", first).at(552, "ticket.recalled", step).at(553, "ticket.put_back", step).
				at(570, "ticket.called", step).at(571, "ticket.serving", step).at(575, "ticket.done", step),
			map[int64][]Fact{5: {{Band: 18, First: true, Outcome: Served, Wait: 600, Work: 240, Desk: 480, Stay: 2100}}},
		},
		"set aside": {
			(&told{day: monday}).at(540, "ticket.issued", issued).at(550, "ticket.called", first).at(551, "ticket.serving", step).at(553, "ticket.held", step).
				at(563, "ticket.resumed", step).at(566, "ticket.done", step),
			map[int64][]Fact{5: {{Band: 18, First: true, Outcome: Served, Wait: 600, Work: 300, Desk: 360, Held: 600, Stay: 1560}}},
		},
		"a call that was undone never was": {
			(&told{day: monday}).at(540, "ticket.issued", issued).at(550, "ticket.called", first).at(550, "ticket.undone", Facts{Ticket: 1, Step: 11, Undoes: 77, Verb: 78}).
				at(560, "ticket.called", Facts{Ticket: 1, Step: 11, Service: 5, First: true, WaitMS: 1_200_000, Verb: 79}).at(561, "ticket.serving", step).at(562, "ticket.done", step),
			map[int64][]Fact{5: {{Band: 18, First: true, Outcome: Served, Wait: 1200, Work: 60, Desk: 120, Stay: 1320}}},
		},
		"transferred: the same visit waits for another service": {
			(&told{day: monday}).at(540, "ticket.issued", issued).at(550, "ticket.called", first).at(551, "ticket.serving", step).
				at(552, "ticket.transferred", Facts{Ticket: 1, Step: 11, Service: 5, Next: 12, To: 6}).
				at(582, "ticket.called", Facts{Ticket: 1, Step: 12, Service: 6, First: true, WaitMS: 1_800_000}).at(583, "ticket.serving", Facts{Step: 12}).at(590, "ticket.done", Facts{Step: 12}),
			map[int64][]Fact{
				5: {{Band: 18, First: true, Outcome: Served, Wait: 600, Work: 60, Desk: 120, Stay: 3000}},
				6: {{Band: 18, Outcome: Served, Wait: 1800, Work: 420, Desk: 480, Stay: -1}},
			},
		},
		"a number that was never printed is nobody": {
			(&told{day: monday}).at(540, "ticket.issued", issued).at(545, "ticket.voided", step), map[int64][]Fact{},
		},
		"at the counter when the day was ended: served, nobody knows how long": {
			(&told{day: monday}).at(540, "ticket.issued", issued).at(550, "ticket.called", first).at(551, "ticket.serving", step).
				at(900, "ticket.done", Facts{Step: 11, Reason: "day_ended"}),
			map[int64][]Fact{5: {{Band: 18, First: true, Outcome: Served, Wait: 600, Work: -1, Desk: -1, Stay: -1}}},
		},
		"came back after a missed call": {
			(&told{day: monday}).at(540, "ticket.issued", issued).at(550, "ticket.called", first).at(552, "ticket.no_show", step).at(555, "ticket.returned", step).
				at(556, "ticket.called", step).at(556, "ticket.serving", step).at(560, "ticket.done", step),
			map[int64][]Fact{5: {{Band: 18, First: true, Outcome: Served, Wait: 600, Work: 240, Desk: 360, Stay: 1200}}},
		},
		"a number of a kiosk that was alone counts from when it was taken": {
			(&told{day: monday}).at(540, "ticket.issued", Facts{Ticket: 1, Step: 11, Service: 5, State: queue.Waiting, Arrived: hm(monday, 505)}).
				at(545, "ticket.left", step),
			map[int64][]Fact{5: {{Band: 16, First: true, Outcome: Left, Wait: -1, Work: -1, Desk: -1, Stay: 2400}}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			got := Fold(1, monday, rome, k.told.events)
			if diff := cmp.Diff(k.want, got.Services); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// A counter that is open from 0:00 to 4:00 is open for three hours on the day on
// which the clocks go forward, and for five on the one on which they go back.
func TestFoldCountersOverTheChangesOfTheClocks(t *testing.T) {
	for day, want := range map[queue.Day]map[int]int{
		"2026-03-29": {0: 1800, 1: 1800, 2: 1800, 3: 1800, 6: 1800, 7: 1800},
		"2026-10-25": {0: 1800, 1: 1800, 2: 1800, 3: 1800, 4: 3600, 5: 3600, 6: 1800, 7: 1800},
	} {
		o := (&told{day: day}).at(0, "counter.opened", Facts{Counter: 3}).at(240, "counter.left", Facts{Counter: 3})
		got := map[int]int{}
		for band, s := range Fold(1, day, rome, o.events).Open {
			if s != 0 {
				got[band] = s
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s:\n%s", day, diff)
		}
	}
}

func TestPack(t *testing.T) {
	facts := []Fact{{Band: 47, First: true, Booked: true, Outcome: Expired, Wait: -1, Work: -1, Desk: -1, Stay: -1}, {Wait: 100_000, Work: 1, Desk: 70, Held: 300, Stay: 0}}
	var got []Fact
	if err := unpackFacts(packFacts(facts), func(f *Fact) { got = append(got, *f) }); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(facts, got); diff != "" {
		t.Error(diff)
	}
	if err := unpackFacts([]byte{1, 2, 3}, func(*Fact) {}); err == nil {
		t.Error("half a fact was read")
	}
}

func TestSpread(t *testing.T) {
	var s Spread
	for i := range 10 {
		s.add((10 - i) * 60)
	}
	s.sort()
	for p, want := range map[float64]int{.5: 300, .8: 480, .95: 600, 0: 60, 1: 600} {
		if got := s.Quantile(p); got != want {
			t.Errorf("P%v is %d, want %d", p*100, got, want)
		}
	}
	if s.Mean() != 330 || s.Over(480) != .2 || (&Spread{}).Quantile(.5) != -1 {
		t.Errorf("mean %d, over %v", s.Mean(), s.Over(480))
	}
}
