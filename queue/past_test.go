package queue

import (
	"testing"
	"time"

	"filodiretto/internal/db/dbtest"
	"filodiretto/queue/estimate"
	"filodiretto/queue/order"
	"filodiretto/queue/simulate"
)

// pastOf plays a made-up day on the test's site: its three services and counters.
func pastOf(e *env, day Day, seed uint64) (PastDay, []simulate.Record) {
	m := simulate.Village()
	m.Services = m.Services[:3]
	for i, id := range []int64{e.registry, e.cards, e.taxes} {
		m.Services[i].ID = id
	}
	m.Counters = m.Counters[:3]
	staff := map[int64]int64{}
	for i, id := range []int64{e.c1, e.c2, e.c3} {
		m.Counters[i].Counter = e.house.Order(id)
		staff[id] = []int64{e.anna.OperatorID, e.bruno.OperatorID, e.carla.OperatorID}[i]
	}
	start := day.Start(rome).Time().In(rome)
	d := m.Days(start, 1, seed)[0]
	p := PastDay{SiteID: e.site, Day: day, Staff: staff}
	records := simulate.Play(d, order.Default(), func(x estimate.Event, _ *simulate.Room) { p.Events = append(p.Events, x) })
	return p, records
}

// A day that is put in is what the commands of that day would have left: every visit
// ends as it was played, and waits are those of the play.
func TestPutPast(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		day := DayOf(e.clock.Now(), rome)
		p, records := pastOf(e, day, 7)
		e.clockTo(21, 0)
		n := must(e.PutPast(t.Context(), p))(t)
		endings := map[simulate.Ending]int64{}
		var called, waited int64
		for _, r := range records {
			endings[r.Ending]++
			if r.Called != 0 {
				called++
				from := r.Arrived
				if r.Slot != 0 {
					from = max(from, r.Slot.Add(-e.house.Policy.Early))
				}
				waited += int64(r.Called.Sub(from) / time.Microsecond)
			}
		}
		if n == 0 || int64(n) != int64(len(records))-endings[simulate.Missed] {
			t.Errorf("%d tickets of %d visits", n, len(records))
		}
		for ending, outcome := range map[simulate.Ending]string{simulate.Served: "served", simulate.NoShow: "no_show", simulate.Gone: "gave_up", simulate.Expired: "expired"} {
			if got := e.number64("SELECT count(*) FROM tickets WHERE outcome = ?", outcome); got != endings[ending] {
				t.Errorf("%d tickets %s, played %d", got, outcome, endings[ending])
			}
		}
		if got := e.number64("SELECT sum(first_called_at - eligible_at) FROM steps WHERE ord = 1 AND first_called_at > 0"); got != waited {
			t.Errorf("waits of %v, played %v", time.Duration(got)*time.Microsecond, time.Duration(waited)*time.Microsecond)
		}
		for what, query := range map[string]string{
			"open steps":          "SELECT count(*) FROM steps WHERE ended_at = 0",
			"open segments":       "SELECT count(*) FROM segments WHERE to_at = 0",
			"open sittings":       "SELECT count(*) FROM sittings WHERE to_at = 0",
			"acts to undo":        "SELECT count(*) FROM step_verbs",
			"backward segments":   "SELECT count(*) FROM segments WHERE to_at < from_at",
			"calls without event": "SELECT (SELECT count(*) FROM calls) - (SELECT count(*) FROM events WHERE kind = 'ticket.called')",
		} {
			if n := e.number64(query); n != 0 {
				t.Errorf("%d %s", n, what)
			}
		}
		if got := e.number64("SELECT count(*) FROM events WHERE kind = 'ticket.called'"); got < called {
			t.Errorf("%d calls, played %d", got, called)
		}
		_, err := e.PutPast(t.Context(), p)
		refused(t, err, WrongDay)
		p.Day = day.Add(-1)
		_, err = e.PutPast(t.Context(), p)
		refused(t, err, WrongDay)
	})
}

func TestPutPastRefusesTheFuture(t *testing.T) {
	e := newEnv(t, dbtest.SQLite(t))
	p := PastDay{SiteID: e.site, Day: DayOf(e.clock.Now(), rome), Events: []estimate.Event{{At: e.clock.Now().Add(time.Minute), Kind: estimate.Issued, Service: e.cards, Ticket: 1}}}
	if _, err := e.PutPast(t.Context(), p); err == nil {
		t.Error("a ticket of the next minute was taken")
	}
}
