package reports

import (
	"errors"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"filodiretto/inbox"
	"filodiretto/queue"
)

// The figures that follow the events are the same as those that are made again, and
// both say what the rows say: over both changes of the clocks, visits over midnight in
// UTC and in Rome, put back, undone, recalled and transferred, and numbers of a kiosk
// that was alone.
func TestRunningFiguresAreThoseOfARebuild(t *testing.T) {
	for _, from := range []queue.Day{"2026-03-28", "2026-10-24", "2026-12-31"} {
		t.Run(string(from), func(t *testing.T) {
			c, envs := bothDBs(t, from.At(20*60, rome).Time())
			rng := rand.New(rand.NewPCG(1, uint64(from.Weekday())))
			walks := []*walk{newWalk(envs[0], 7), newWalk(envs[1], 7)}
			to := from.Add(2)
			for envs[0].Today() < to {
				c.Advance(time.Duration(rng.IntN(20+280*rng.IntN(2))) * time.Second)
				follow := rng.IntN(15) == 0
				for _, w := range walks {
					if w.step(); follow {
						must(w.Update(t.Context()))(t)
					}
				}
			}
			var figures []kept
			for _, e := range envs {
				must(e.Update(t.Context()))(t)
				running := e.kept()
				if len(running.Days) < 6 || len(running.Counters) == 0 {
					t.Fatalf("%d services on days, %d half-hours", len(running.Days), len(running.Counters))
				}
				e.exec("UPDATE report_days SET visits = visits + 1")
				if n := must(e.Rebuild(t.Context(), from, to))(t); n != 3 {
					t.Errorf("made %d days again", n)
				}
				if diff := cmp.Diff(running, e.kept()); diff != "" {
					t.Errorf("running figures, and made again:\n%s", diff)
				}
				for day := from; day <= to; day = day.Add(1) {
					e.compareWithRows(day)
				}
				if n := must(e.Update(t.Context()))(t); n != 0 {
					t.Errorf("made %d days without news", n)
				}
				figures = append(figures, e.nameless())
			}
			if diff := cmp.Diff(figures[0], figures[1]); diff != "" {
				t.Errorf("SQLite and PostgreSQL:\n%s", diff)
			}
		})
	}
}

// nameless are the figures with the places of site and services instead of their ids.
func (e *env) nameless() kept {
	k := e.kept()
	for i := range k.Days {
		k.Days[i].SiteID, k.Days[i].ServiceID = 0, int64(slices.Index(e.services, k.Days[i].ServiceID))
	}
	for i := range k.Counters {
		k.Counters[i].SiteID = 0
	}
	return k
}

type kept struct {
	Days     []dayRow
	Counters []counterRow
}

func (e *env) kept() (k kept) {
	e.t.Helper()
	if err := e.db.Read.NewSelect().Model(&k.Days).OrderExpr("rd.site_id, rd.day, rd.service_id").Scan(e.t.Context()); err != nil {
		e.t.Fatal(err)
	}
	if err := e.db.Read.NewSelect().Model(&k.Counters).OrderExpr("rb.site_id, rb.day, rb.band").Scan(e.t.Context()); err != nil {
		e.t.Fatal(err)
	}
	return k
}

// compareWithRows holds the figures of a day against tickets, steps and segments.
func (e *env) compareWithRows(day queue.Day) {
	t := e.t
	t.Helper()
	figures := map[int64][]Fact{}
	for _, d := range e.kept().Days {
		if d.Day == day {
			if err := unpackFacts(d.Facts, func(f *Fact) { figures[d.ServiceID] = append(figures[d.ServiceID], *f) }); err != nil {
				t.Fatal(err)
			}
		}
	}
	visits := 0
	for _, service := range e.services {
		var waits, rows, work, workRows []int
		for _, f := range figures[service] {
			if f.First {
				visits++
			}
			if f.Wait >= 0 {
				waits = append(waits, f.Wait)
			}
			if f.Work >= 0 {
				work = append(work, f.Work)
			}
		}
		e.scan(&rows, `SELECT (s.first_called_at - s.eligible_at) / 1000000 FROM steps AS s JOIN tickets AS t ON t.id = s.ticket_id
			WHERE t.day = ? AND s.service_id = ? AND t.outcome <> 'unprinted' AND s.first_called_at > 0
			AND EXISTS (SELECT 1 FROM calls AS c WHERE c.step_id = s.id AND c.undone_at = 0)`, day, service)
		slices.Sort(waits)
		slices.Sort(rows)
		if !slices.Equal(waits, rows) {
			t.Errorf("%s, service %d: waits %v, by the rows %v", day, service, waits, rows)
		}
		e.scan(&workRows, `SELECT CAST(sum((g.to_at - g.from_at) / 1000000) AS BIGINT) FROM segments AS g JOIN steps AS s ON s.id = g.step_id JOIN tickets AS t ON t.id = s.ticket_id
			WHERE t.day = ? AND s.service_id = ? AND g.kind = 'serving' AND g.undone_at = 0 AND s.state <> 'serving' AND s.outcome <> 'day_ended' GROUP BY s.id`, day, service)
		slices.Sort(work)
		slices.Sort(workRows)
		if !slices.Equal(work, workRows) {
			t.Errorf("%s, service %d: service times %v, by the rows %v", day, service, work, workRows)
		}
	}
	var tickets []int
	e.scan(&tickets, "SELECT count(*) FROM tickets WHERE day = ? AND outcome <> 'unprinted'", day)
	if visits != tickets[0] {
		t.Errorf("%s: %d visits, %d tickets", day, visits, tickets[0])
	}
}

func (e *env) scan(to *[]int, query string, args ...any) {
	e.t.Helper()
	if err := e.db.Read.NewRaw(query, args...).Scan(e.t.Context(), to); err != nil {
		e.t.Fatal(err)
	}
}

// walk does one thing after the other in the room, as it comes.
type walk struct {
	*env
	rng   *rand.Rand
	done  []int64 // acts that may be undone
	steps []int64
	alone int64
}

func newWalk(e *env, seed uint64) *walk { return &walk{env: e, rng: rand.New(rand.NewPCG(seed, 2))} }

func (w *walk) step() {
	switch w.rng.IntN(14) {
	case 0, 1, 2:
		w.issue()
	case 3:
		w.reconcile()
	case 4:
		i := w.rng.IntN(3)
		_, err := w.q.Open(w.t.Context(), w.staff[i], w.counters[i], 0)
		w.check(err)
	case 5:
		i := w.rng.IntN(3)
		var err error
		if w.rng.IntN(2) == 0 {
			_, err = w.q.Pause(w.t.Context(), w.staff[i], w.counters[i], "break", 0)
		} else {
			_, err = w.q.Unpause(w.t.Context(), w.staff[i], w.counters[i])
		}
		w.check(err)
	case 6:
		i := w.rng.IntN(3)
		w.check(w.q.Leave(w.t.Context(), w.staff[i], w.counters[i], w.rng.IntN(3) == 0))
	default:
		i := w.rng.IntN(3)
		w.serve(i)
	}
	if w.rng.IntN(6) == 0 && len(w.done) > 0 {
		_, err := w.q.Undo(w.t.Context(), w.staff[0], w.done[len(w.done)-1], w.key())
		w.check(err)
	}
}

func (w *walk) issue() {
	n := queue.NewTicket{SiteID: w.site, ServiceID: w.services[w.rng.IntN(3)], Key: w.key()}
	if w.rng.IntN(5) == 0 {
		n.More = []int64{w.services[w.rng.IntN(3)]}
	}
	switch w.rng.IntN(4) {
	case 0:
		n.Origin, n.Holder = queue.OnWeb, w.key()
		_, err := w.q.IssueRemote(w.t.Context(), n) // without the code: refused, and no event
		w.check(err)
	case 1:
		got, err := w.q.IssueAtKiosk(w.t.Context(), w.kiosk, n)
		if w.check(err); err == nil && w.rng.IntN(4) > 0 {
			w.check(w.q.Printed(w.t.Context(), w.kiosk, got.Ticket.ID, true))
		}
	default:
		_, err := w.q.IssueTicket(w.t.Context(), w.staff[0], n)
		w.check(err)
	}
}

// reconcile brings in a number that the kiosk gave some minutes ago.
func (w *walk) reconcile() {
	w.alone++
	at := w.clock.Now().Add(-time.Duration(w.rng.IntN(40)) * time.Minute)
	_, err := w.q.Reconcile(w.t.Context(), w.kiosk, []queue.Alone{{Key: w.key(), ServiceID: w.services[0], Day: w.Today(), Number: w.alone, At: at}})
	w.check(err)
}

// serve does something at a counter with whoever is there.
func (w *walk) serve(i int) {
	ctx, v := w.t.Context(), w.staff[i]
	state, err := w.q.CounterState(ctx, v, w.counters[i])
	if err != nil {
		w.t.Fatal(err)
	}
	if state.Sitting == nil {
		return
	}
	if state.Now == nil {
		if n := len(w.steps); n > 0 && w.rng.IntN(5) == 0 { // who was set aside, or missed the call, is back
			a := queue.Act{StepID: w.steps[w.rng.IntN(n)], Key: w.key()}
			if w.rng.IntN(2) == 0 {
				w.keep(w.q.Resume(ctx, v, a, w.counters[i]))
			} else {
				w.keep(w.q.Return(ctx, v, a))
			}
			return
		}
		w.keep(w.q.CallNext(ctx, v, queue.At{CounterID: w.counters[i], Key: w.key()}))
		return
	}
	a := queue.Act{StepID: state.Now.Step.ID, Key: w.key()}
	w.steps = append(w.steps, a.StepID)
	switch w.rng.IntN(12) {
	case 0:
		w.keep(w.q.Recall(ctx, v, a))
	case 1:
		w.keep(w.q.PutBack(ctx, v, a, queue.Now))
	case 2:
		w.keep(w.q.Hold(ctx, v, a, "form"))
	case 3:
		w.keep(w.q.Transfer(ctx, v, queue.Transfer{Act: a, ServiceID: w.services[w.rng.IntN(3)]}))
	case 4:
		w.keep(w.q.AddService(ctx, v, a, w.services[w.rng.IntN(3)]))
	case 5:
		w.keep(w.q.NoShow(ctx, v, a))
	case 6, 7, 8:
		w.keep(w.q.Start(ctx, v, a))
	default:
		w.keep(w.q.Finish(ctx, v, queue.Finish{Act: a}))
	}
}

func (w *walk) keep(r *queue.Result, err error) {
	w.t.Helper()
	if w.check(err); err == nil && r.VerbID != 0 {
		w.done = append(w.done, r.VerbID)
	}
}

// check lets refusals pass: a walk does what comes to its mind.
func (w *walk) check(err error) {
	w.t.Helper()
	if err == nil || errors.Is(err, queue.ErrChanged) || errors.Is(err, queue.ErrNotFound) {
		return
	}
	var refused *queue.RefusedError
	var wrong *inbox.InvalidError
	if !errors.As(err, &refused) && !errors.As(err, &wrong) {
		w.t.Fatal(err)
	}
}
