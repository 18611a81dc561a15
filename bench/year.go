package bench

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"filodiretto/bench/rig"
	"filodiretto/inbox"
	"filodiretto/internal/clock"
	"filodiretto/internal/db"
	"filodiretto/internal/live"
	"filodiretto/queue"
	"filodiretto/queue/estimate"
	"filodiretto/queue/simulate"
	"filodiretto/reports"
)

// yearVisits is how many people come in the year that is made again.
const yearVisits = 250_000

// yearFrom are the first days of the year, one after the other, since ids are given in
// order of time; both lie ahead of the machine's clock.
var yearFrom = map[rig.Kind]queue.Day{rig.SQLite: "2040-01-02", rig.Postgres: "2042-01-06"}

// yearAgain makes the figures of a year of 250,000 visits again from their events. The
// visits are six made-up days of a big one-stop counter, again and again.
func yearAgain(ctx context.Context, s *session) ([]Figure, error) {
	base, err := s.database()
	if err != nil {
		return nil, err
	}
	first := yearFrom[s.kind]
	zone, err := time.LoadLocation("Europe/Rome")
	if err != nil {
		return nil, err
	}
	c := clock.NewManual(first.Start(zone).Time())
	d, err := db.Open(ctx, base.URL, c, db.Options{})
	if err != nil {
		return nil, err
	}
	defer d.Close()
	if err := d.Migrate(ctx); err != nil {
		return nil, err
	}
	log := slog.New(slog.DiscardHandler)
	q := queue.New(queue.Deps{DB: d, Hub: &live.Hub{}, Log: log, Zone: zone, SignKey: make([]byte, 32)})
	y := &year{q: q, d: d, clock: c, zone: zone, staff: map[int64]int64{}}
	if err := y.build(ctx); err != nil {
		return nil, fmt.Errorf("build the site: %w", err)
	}
	visits, last, err := y.live(ctx, first, s.size(yearVisits, 2000))
	if err != nil {
		return nil, fmt.Errorf("live through the year: %w", err)
	}
	var events int
	if err := d.Read.NewRaw("SELECT count(*) FROM events").Scan(ctx, &events); err != nil {
		return nil, err
	}
	r := reports.New(reports.Deps{DB: d, Queue: q, Votes: queue.NewVotes(q, nil, "", queue.VoteSettings{}), Log: log, Zone: zone})
	start := time.Now()
	days, err := r.Rebuild(ctx, first, last)
	if err != nil {
		return nil, err
	}
	took := time.Since(start)
	start = time.Now()
	f, err := r.Load(ctx, reports.Filter{From: first, To: last})
	if err != nil {
		return nil, err
	}
	shown := time.Since(start)
	if f.Visits != visits {
		return nil, fmt.Errorf("%d visits in the figures, %d came", f.Visits, visits)
	}
	more := map[string]any{"events": events, "days": days, "events_s": round(float64(events) / took.Seconds()), "year_load_ms": round(ms(shown))}
	return []Figure{{Name: "day_rebuild_s", Value: took.Seconds(), Unit: "s", N: visits, More: more}}, nil
}

// year is a site that is lived through.
type year struct {
	q     *queue.Queue
	d     *db.DB
	clock *clock.Manual
	zone  *time.Location
	site  int64
	model simulate.Model
	staff map[int64]int64
}

// build makes the site of the model.
func (y *year) build(ctx context.Context) error {
	all := inbox.Viewer{System: true}
	y.model = simulate.OneStop()
	y.model.Weekday[time.Saturday] = .9
	for band := range y.model.Rate {
		y.model.Rate[band] *= 2.85
	}
	office := db.NewID(y.clock)
	err := y.d.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.NewRaw("INSERT INTO offices (id, key, name, level, created_at) VALUES (?, 'desk', 'Desk', 'front', 1)", office).Exec(ctx)
		return err
	})
	if err != nil {
		return err
	}
	s, err := y.q.SaveSite(ctx, all, queue.SiteEdit{Key: "year", Name: "Year"})
	if err != nil {
		return err
	}
	y.site = s.ID
	week := map[int]queue.Ranges{}
	for d := 1; d <= 6; d++ {
		week[d] = queue.Ranges{{From: 8 * 60, To: 19 * 60}}
	}
	if _, err := y.q.SaveHours(ctx, all, y.site, 0, week); err != nil {
		return err
	}
	group, err := y.q.SaveGroup(ctx, all, queue.Group{SiteID: y.site, Key: "all", Names: queue.Names{"it": "Servizi"}, Series: "A"})
	if err != nil {
		return err
	}
	ids := map[int64]int64{}
	for i, sv := range y.model.Services {
		id, err := y.q.SaveService(ctx, all, queue.Service{SiteID: y.site, GroupID: group, Key: fmt.Sprint("s", i), Names: queue.Names{"it": sv.Name}, OfficeID: office, Minutes: sv.Mean, Kiosk: true})
		if err != nil {
			return err
		}
		ids[sv.ID], y.model.Services[i].ID = id, id
	}
	return y.counters(ctx, office, ids)
}

// counters are those of the model, and twice twelve more of the same, so that the rush is
// served.
func (y *year) counters(ctx context.Context, office int64, ids map[int64]int64) error {
	staffed := slices.Concat(y.model.Counters, y.model.Counters[:12], y.model.Counters[:12])
	y.model.Counters = nil
	for i, c := range staffed {
		edit := queue.CounterEdit{Counter: queue.Counter{SiteID: y.site, Key: fmt.Sprint(i + 1), Name: fmt.Sprint("Sportello ", i+1), Kind: "desk", OfficeID: office, Ord: i}}
		c.Skills = append(c.Skills[:0:0], c.Skills...)
		for j := range c.Skills {
			c.Skills[j].Service = ids[c.Skills[j].Service]
			edit.Skills = append(edit.Skills, queue.Skill{ServiceID: c.Skills[j].Service})
		}
		id, err := y.q.SaveCounter(ctx, inbox.Viewer{System: true}, edit)
		if err != nil {
			return err
		}
		c.ID = id
		y.model.Counters = append(y.model.Counters, c)
		operator := db.NewID(y.clock)
		err = y.d.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
			_, err := tx.NewRaw("INSERT INTO operators (id, login, name, password, created_at) VALUES (?, ?, ?, '', 1)", operator, fmt.Sprint(i), fmt.Sprint(i)).Exec(ctx)
			return err
		})
		if err != nil {
			return err
		}
		y.staff[id] = operator
	}
	return nil
}

// live puts days in until so many people came.
func (y *year) live(ctx context.Context, day queue.Day, most int) (visits int, last queue.Day, err error) {
	h, err := y.q.House(ctx, y.site)
	if err != nil {
		return 0, "", err
	}
	type played struct {
		start  clock.Instant
		events []estimate.Event
	}
	var usual [7]*played
	for ; visits < most; day = day.Add(1) {
		w := day.Weekday() % 7
		if w == 0 {
			continue
		}
		if usual[w] == nil {
			p := &played{start: day.Start(y.zone)}
			simulate.Play(y.model.Days(p.start.Time().In(y.zone), 1, uint64(w))[0], h.Policy, func(e estimate.Event, _ *simulate.Room) { p.events = append(p.events, e) })
			usual[w] = p
		}
		past := queue.PastDay{SiteID: y.site, Day: day, Staff: y.staff, Events: make([]estimate.Event, len(usual[w].events))}
		shift := day.Start(y.zone).Sub(usual[w].start)
		for i, e := range usual[w].events {
			e.At = e.At.Add(shift)
			if e.Slot != 0 {
				e.Slot = e.Slot.Add(shift)
			}
			if e.From != 0 {
				e.From = e.From.Add(shift)
			}
			past.Events[i] = e
		}
		y.clock.Advance(day.At(21*60, y.zone).Sub(y.clock.Now()))
		n, err := y.q.PutPast(ctx, past)
		if err != nil {
			return visits, last, err
		}
		visits, last = visits+n, day
	}
	return visits, last, nil
}
