// Package rush is the worst morning of a town hall: all counters call and all
// kiosks give numbers at once, without a pause. It counts what must never happen
// and measures how long a call takes. The tests run it small and the bench whole.
package rush

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"filodiretto/inbox"
	"filodiretto/internal/clock"
	"filodiretto/internal/db"
	"filodiretto/internal/live"
	"filodiretto/queue"
)

// Plan is how large the rush is.
type Plan struct {
	Counters int // each calls, serves and finishes in a loop
	Kiosks   int // each gives numbers in a loop
	Tickets  int // in all
	// Processes is how many machines the counters and kiosks are spread over; each
	// has its own connections. 0 is 1. On SQLite there is one.
	Processes int
}

// Whole is the rush of the bench (issue: queue_ticket_twice, queue_ticket_lost).
var Whole = Plan{Counters: 64, Kiosks: 32, Tickets: 20_000}

// Report is what came of it.
type Report struct {
	CalledTwice  int // tickets that two counters got, or one counter twice
	NumberTwice  int // numbers that two tickets have
	NumberLost   int // numbers that no ticket has, below the highest
	NeverCalled  int
	Calls        int
	CallP50      time.Duration
	CallP99      time.Duration
	CallMax      time.Duration
	IssueP99     time.Duration
	Took         time.Duration
	MostWaiting  int // at once, as counted by the rush itself
	CommandsASec float64
}

// services and series of the site.
const (
	services   = 8
	seriesUsed = 4
)

// Run makes a site in an empty migrated database and rushes it. open opens one more
// process's connections to it.
func Run(ctx context.Context, p Plan, log *slog.Logger, open func() (*db.DB, error)) (Report, error) {
	var queues []*queue.Queue
	for range max(1, p.Processes) {
		d, err := open()
		if err != nil {
			return Report{}, err
		}
		defer d.Close()
		queues = append(queues, queue.New(queue.Deps{
			DB: d, Hub: &live.Hub{}, Log: log, Zone: time.UTC, SignKey: make([]byte, 32), Files: nobody{}, Teller: nobody{},
		}))
		if len(queues) > 1 {
			continue
		}
		if err := seed(ctx, d, p); err != nil {
			return Report{}, err
		}
	}
	r := &rush{plan: p, queues: queues}
	r.more = sync.NewCond(&r.mu)
	if err := r.build(ctx); err != nil {
		return Report{}, fmt.Errorf("rush: %w", err)
	}
	if err := r.run(ctx); err != nil {
		return Report{}, fmt.Errorf("rush: %w", err)
	}
	d, err := open()
	if err != nil {
		return Report{}, err
	}
	defer d.Close()
	return r.report, r.count(ctx, d)
}

// nobody neither opens cases nor tells people.
type nobody struct{}

func (nobody) OpenCase(context.Context, inbox.Viewer, queue.OfficeWork) (int64, error) {
	return 0, errors.New("rush: no cases")
}
func (nobody) Tell(context.Context, *db.Tx, []queue.News) error { return nil }

const office = 1

func operator(i int) inbox.Viewer {
	return inbox.Viewer{OperatorID: int64(i + 1), Offices: []int64{office}, FrontDesk: true}
}

// seed writes the people, whom another package would make.
func seed(ctx context.Context, d *db.DB, p Plan) error {
	return d.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if _, err := tx.NewRaw("INSERT INTO offices (id, key, name, level, created_at) VALUES (?, 'desk', 'Desk', 'front', 1)", office).Exec(ctx); err != nil {
			return err
		}
		for i := range p.Counters {
			v := operator(i)
			if _, err := tx.NewRaw("INSERT INTO operators (id, login, name, password, created_at) VALUES (?, ?, ?, '', 1)", v.OperatorID, fmt.Sprint(i), fmt.Sprint(i)).Exec(ctx); err != nil {
				return err
			}
		}
		return nil
	})
}

type rush struct {
	plan     Plan
	queues   []*queue.Queue
	site     int64
	services []int64
	counters []int64
	kiosks   []*queue.Device

	mu      sync.Mutex
	more    *sync.Cond // somebody took a ticket, or there are no more
	issued  int
	called  map[int64]int // how often, by ticket
	now     int           // waiting
	failed  error
	calls   []time.Duration
	issues  []time.Duration
	command int
	report  Report
}

var system = inbox.Viewer{System: true}

// build sets the site up: open all day, eight services in four series, and every
// counter does half of them.
func (r *rush) build(ctx context.Context) error {
	q := r.queues[0]
	s, err := q.SaveSite(ctx, system, queue.SiteEdit{Key: "rush", Name: "Rush"})
	if err != nil {
		return err
	}
	r.site, r.called = s.ID, map[int64]int{}
	today := queue.DayOf(clock.System{}.Now(), time.UTC)
	for _, d := range []queue.Day{today, today.Add(1)} {
		if _, err := q.SaveDay(ctx, system, r.site, 0, queue.SpecialDay{Day: d, Intervals: queue.Ranges{{From: 0, To: 24 * 60}}}); err != nil {
			return err
		}
	}
	var groups []int64
	for i := range seriesUsed {
		id, err := q.SaveGroup(ctx, system, queue.Group{SiteID: r.site, Key: fmt.Sprint("g", i), Names: queue.Names{"it": "g"}, Series: string("ABCD"[i])})
		if err != nil {
			return err
		}
		groups = append(groups, id)
	}
	for i := range services {
		id, err := q.SaveService(ctx, system, queue.Service{
			SiteID: r.site, GroupID: groups[i%seriesUsed], Key: fmt.Sprint("s", i), Names: queue.Names{"it": "s"}, OfficeID: office, Minutes: 10, Kiosk: true,
		})
		if err != nil {
			return err
		}
		r.services = append(r.services, id)
	}
	return r.buildCounters(ctx)
}

func (r *rush) buildCounters(ctx context.Context) error {
	q := r.queues[0]
	for i := range r.plan.Counters {
		e := queue.CounterEdit{Counter: queue.Counter{SiteID: r.site, Key: fmt.Sprint("c", i), Name: fmt.Sprint("Sportello ", i), Kind: "desk", OfficeID: office}}
		for j := range services / 2 {
			e.Skills = append(e.Skills, queue.Skill{ServiceID: r.services[(i+j)%services]})
		}
		id, err := q.SaveCounter(ctx, system, e)
		if err != nil {
			return err
		}
		r.counters = append(r.counters, id)
	}
	for i := range r.plan.Kiosks {
		_, token, err := q.SaveDevice(ctx, system, queue.DeviceEdit{SiteID: r.site, Kind: "kiosk", Name: fmt.Sprint("k", i)})
		if err != nil {
			return err
		}
		d, err := q.DeviceByToken(ctx, token)
		if err != nil {
			return err
		}
		r.kiosks = append(r.kiosks, d)
	}
	for i, c := range r.counters {
		if _, err := q.Open(ctx, operator(i), c, 0); err != nil {
			return err
		}
	}
	return nil
}

// run lets everybody begin at once.
func (r *rush) run(ctx context.Context) error {
	began := clock.System{}.Now()
	var all sync.WaitGroup
	for i := range r.plan.Kiosks {
		all.Go(func() { r.stop(r.give(ctx, i)) })
	}
	for i := range r.plan.Counters {
		all.Go(func() { r.stop(r.serve(ctx, i)) })
	}
	all.Wait()
	r.report.Took = clock.System{}.Now().Sub(began)
	return r.failed
}

// stop ends the rush when something failed.
func (r *rush) stop(err error) {
	if err == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.failed = errors.Join(r.failed, err)
	r.more.Broadcast()
}

// give is a kiosk. Every tenth ticket is of somebody with precedence.
func (r *rush) give(ctx context.Context, kiosk int) error {
	q := r.queues[kiosk%len(r.queues)]
	for i := kiosk; i < r.plan.Tickets; i += r.plan.Kiosks {
		n := queue.NewTicket{ServiceID: r.services[(i*7)%services], Key: fmt.Sprint(i)}
		if i%10 == 0 {
			n.Class = "protected"
		}
		began := clock.System{}.Now()
		if _, err := q.IssueAtKiosk(ctx, r.kiosks[kiosk], n); err != nil {
			return fmt.Errorf("give a number: %w", err)
		}
		took := clock.System{}.Now().Sub(began)
		r.mu.Lock()
		r.issued++
		r.now++
		r.command++
		r.report.MostWaiting = max(r.report.MostWaiting, r.now)
		r.issues = append(r.issues, took)
		r.more.Broadcast()
		over := r.failed != nil
		r.mu.Unlock()
		if over {
			return nil
		}
	}
	return nil
}

// serve is a counter.
func (r *rush) serve(ctx context.Context, counter int) error {
	q, v := r.queues[counter%len(r.queues)], operator(counter)
	for n := 0; ; n++ {
		r.mu.Lock()
		seen, over := r.issued, r.failed != nil
		r.mu.Unlock()
		if over {
			return nil
		}
		began := clock.System{}.Now()
		d, err := q.CallNext(ctx, v, queue.At{CounterID: r.counters[counter], Key: fmt.Sprint("c", n)})
		took := clock.System{}.Now().Sub(began)
		if refused, ok := errors.AsType[*queue.RefusedError](err); ok && refused.Code == queue.Nobody {
			if r.wait(seen) {
				continue
			}
			return nil
		}
		if err != nil {
			return fmt.Errorf("call: %w", err)
		}
		r.mu.Lock()
		r.called[d.Ticket.ID]++
		r.calls = append(r.calls, took)
		r.now--
		r.command += 3
		r.mu.Unlock()
		act := queue.Act{StepID: d.Step.ID, Version: d.Step.Version, Key: fmt.Sprint("s", n)}
		if _, err := q.Start(ctx, v, act); err != nil {
			return fmt.Errorf("start: %w", err)
		}
		if _, err := q.Finish(ctx, v, queue.Finish{Act: queue.Act{StepID: d.Step.ID, Key: fmt.Sprint("f", n)}}); err != nil {
			return fmt.Errorf("finish: %w", err)
		}
	}
}

// wait waits until more tickets were given than were seen; false when there will be
// no more.
func (r *rush) wait(seen int) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	for r.issued == seen && r.issued < r.plan.Tickets && r.failed == nil {
		r.more.Wait()
	}
	return r.issued > seen && r.failed == nil
}

// count looks at the rows, which nobody can talk out of.
func (r *rush) count(ctx context.Context, d *db.DB) error {
	for _, n := range r.called {
		if n > 1 {
			r.report.CalledTwice++
		}
	}
	var twice, numberTwice, never, lost int
	for query, to := range map[string]*int{
		"SELECT count(*) FROM (SELECT ticket_id FROM calls GROUP BY ticket_id HAVING count(*) > 1) AS x":                                        &twice,
		"SELECT count(*) FROM (SELECT series, day, band, number FROM tickets GROUP BY series, day, band, number HAVING count(*) > 1) AS x":      &numberTwice,
		"SELECT count(*) FROM tickets AS t WHERE NOT EXISTS (SELECT 1 FROM calls AS c WHERE c.ticket_id = t.id)":                                &never,
		"SELECT COALESCE(SUM(most - n), 0) FROM (SELECT max(number) AS most, count(*) AS n FROM tickets GROUP BY series, day, band) AS numbers": &lost,
	} {
		if err := d.Read.NewRaw(query).Scan(ctx, to); err != nil {
			return fmt.Errorf("rush: count: %w", err)
		}
	}
	r.report.CalledTwice = max(r.report.CalledTwice, twice)
	r.report.NumberTwice, r.report.NeverCalled, r.report.NumberLost = numberTwice, never+r.plan.Tickets-r.issued, lost
	slices.Sort(r.calls)
	slices.Sort(r.issues)
	r.report.Calls = len(r.calls)
	r.report.CallP50, r.report.CallP99, r.report.CallMax = at(r.calls, 0.50), at(r.calls, 0.99), at(r.calls, 1)
	r.report.IssueP99 = at(r.issues, 0.99)
	r.report.CommandsASec = float64(r.command) / r.report.Took.Seconds()
	return nil
}

// at is a quantile of sorted values.
func at(sorted []time.Duration, q float64) time.Duration {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[min(len(sorted)-1, int(float64(len(sorted))*q))]
}
