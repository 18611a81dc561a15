package demo

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"time"

	"filodiretto/app"
	"filodiretto/internal/config"
	"filodiretto/internal/db"
	"filodiretto/internal/live"
	"filodiretto/queue"
	"filodiretto/queue/estimate"
	"filodiretto/queue/simulate"
)

// hallPast tells the six months of the room: days of a made-up town hall, played by
// the simulator under the site's own rule, and put in each evening as the commands
// of that day would have left them.
type hallPast struct {
	q     *queue.Queue
	votes *queue.Votes
	house *queue.House
	staff map[int64]int64 // operator by counter
	seed  uint64
	// beside lives through the days as the site's own estimator would have; what it
	// said in the last weeks is put in with them.
	beside *estimate.Estimator
	until  queue.Day
	told   map[int64]bool // tickets of the day whose promise was learnt from
}

// hallStaff is who sat at which counter, by index, in the months behind; the others
// were shut. The registry has three of its four, which is why people wait there.
var hallStaff = map[int]string{0: "anna", 1: "dora", 2: "giulia", 4: "sara", 5: "davide", 8: "elena", 10: "roberto", 11: "luca"}

// hallShare is what people come for, and how much the time at the counter varies.
var hallShare = map[string]struct{ walkIn, booked, cv float64 }{
	"cie": {.20, .6, .35}, "certificati": {.20, 0, .7}, "residenza": {.11, .25, .5}, "stato_civile": {.04, 0, .6},
	"tari": {.10, 0, .8}, "imu": {.05, 0, .8}, "informazioni": {.11, 0, .9}, "protocollo": {.07, 0, .7}, "reclami": {.03, 0, .7},
	"mensa": {.05, 0, .7}, "edilizia": {.04, .15, .6},
}

// hallRate is how many come in an hour without an appointment, by half-hour from 8.
var hallRate = []float64{13, 18, 22, 25, 27, 28, 26, 22, 16, 12, 10, 9, 9, 10, 11, 10, 8, 5}

var hallWeekday = map[int]float64{1: 1.14, 2: .97, 3: .9, 4: 1.02, 5: .98, 6: .82}

func newHallPast(ctx context.Context, d *db.DB, cfg *config.Config, log *slog.Logger, w *world) (*hallPast, error) {
	box, err := app.MasterKey(cfg.Security)
	if err != nil {
		return nil, err
	}
	q := queue.New(queue.Deps{DB: d, Hub: &live.Hub{}, Log: log, Zone: rome, SignKey: box.Key("tickets")})
	h := &hall{services: map[string]*queue.Service{}}
	if err := h.build(ctx, q, w.router); err != nil {
		return nil, fmt.Errorf("demo: the town hall's room: %w", err)
	}
	p := &hallPast{q: q, votes: queue.NewVotes(q, nil, "", queue.VoteSettings{}), staff: map[int64]int64{}, seed: w.seed}
	if p.house, err = q.SiteByKey(ctx, hallKey); err != nil {
		return nil, err
	}
	for i, login := range hallStaff {
		p.staff[p.house.Counters[i].ID] = w.staff[login].OperatorID
	}
	groups := map[int64]string{}
	for _, sv := range p.house.Services {
		groups[sv.ID] = p.house.Group(sv.GroupID).Key
	}
	p.beside, err = estimate.New(estimate.Settings{Seed: w.seed, Runs: 24, Zone: rome.String(), Groups: groups})
	return p, err
}

// plan plans an evening for each day on which the town hall was open.
func (p *hallPast) plan(h *history) {
	p.until = queue.DayOf(h.until, rome)
	for day := queue.DayOf(h.until.Add(-span), rome).Add(1); ; day = day.Add(1) {
		evening := day.At(20*60+45, rome)
		if evening >= h.until {
			return
		}
		if len(p.house.Calendar.Ranges(day)) > 0 {
			h.agenda.plan(evening, func(ctx context.Context) error { return p.tell(ctx, day) })
		}
	}
}

// tell puts a day in, with the votes of those who pressed a face.
func (p *hallPast) tell(ctx context.Context, day queue.Day) error {
	seed := p.seed<<32 ^ uint64(day.Start(rome))
	d := p.model(day).Days(day.Start(rome).Time().In(rome), 1, seed)[0]
	past := queue.PastDay{SiteID: p.house.Site.ID, Day: day, Staff: p.staff}
	promises := day > p.until.Add(-promisedFor)
	past.Promised, p.told = map[int64]estimate.Promise{}, map[int64]bool{}
	records := simulate.Play(d, p.house.Policy, func(e estimate.Event, room *simulate.Room) {
		past.Events = append(past.Events, e)
		p.beside.Observe(e)
		if promises {
			p.promise(e, room, past.Promised)
		}
	})
	if _, err := p.q.PutPast(ctx, past); err != nil {
		return fmt.Errorf("demo: the room on %s: %w", day, err)
	}
	if err := p.votes.PutPast(ctx, p.faces(day, records, rand.New(rand.NewPCG(seed, 3)))); err != nil {
		return fmt.Errorf("demo: votes of %s: %w", day, err)
	}
	return nil
}

// promisedFor is for how many days behind there are promises, so that the page that
// tells how they were kept has something to tell.
const promisedFor = 15

// promise says at the number how long it will take, and learns at the call.
func (p *hallPast) promise(e estimate.Event, room *simulate.Room, said map[int64]estimate.Promise) {
	switch e.Kind {
	case estimate.Issued:
		for _, x := range p.beside.Estimate(room.Snapshot()).Waiting {
			if x.Ticket == e.Ticket && x.Known {
				said[e.Ticket] = x.Promise(e.At)
			}
		}
	case estimate.Called:
		if s, ok := said[e.Ticket]; ok && !p.told[e.Ticket] {
			p.told[e.Ticket] = true
			p.beside.Learn(estimate.Settled{Promise: s, Called: e.At})
		}
	}
}

// model is the town hall as it is on a day.
func (p *hallPast) model(day queue.Day) simulate.Model {
	minute := func(m int) time.Duration { return time.Duration(m) * time.Minute }
	m := simulate.Model{
		Name: hallKey, Overtime: 40 * time.Minute, Rate: map[int]float64{}, Busy: .14, Protected: .07,
		Weekday: map[time.Weekday]float64{time.Weekday(day.Weekday() % 7): hallWeekday[day.Weekday()]},
		Agenda: simulate.Agenda{
			Hours: []simulate.Hours{{From: minute(9 * 60), To: minute(12 * 60)}}, Every: minute(30), Places: 2, Taken: .75, NoShow: .11, Earlier: 6, Spread: 8,
		},
		Habits: simulate.Habits{
			Pace: .1, Gap: .8, Stops: .15, StopMean: 8, Absent: .04, Patience: 220, Silent: .5, Goes: .04, MissCall: .02, MissDelay: minute(10),
		},
	}
	for i, r := range hallRate {
		m.Rate[16+i] = r
	}
	for _, s := range p.house.Services {
		share := hallShare[s.Key]
		m.Services = append(m.Services, simulate.Service{ID: s.ID, Name: s.Key, Share: share.walkIn, Booked: share.booked, Mean: s.Minutes, CV: share.cv})
	}
	var shifts []simulate.Hours
	for _, r := range p.house.Calendar.Ranges(day) {
		m.Open = append(m.Open, simulate.Hours{From: minute(r.From), To: minute(r.To - 15)})
		shifts = append(shifts, simulate.Hours{From: minute(r.From), To: minute(r.To)})
	}
	last := &shifts[len(shifts)-1]
	last.To += 40 * time.Minute // who is there is served
	for i, c := range p.house.Counters {
		if p.staff[c.ID] == 0 || day.Weekday() == 6 && i%3 == 2 {
			continue
		}
		pause := minute(10*60 + 15*(i%4))
		m.Counters = append(m.Counters, simulate.Staffed{Counter: p.house.Order(c.ID), Shifts: shifts, Breaks: []simulate.Hours{{From: pause, To: pause + minute(15)}}})
	}
	return m
}

// voters of a hundred press a face on the way out; who waited long is less content.
const voters = 27

func (p *hallPast) faces(day queue.Day, records []simulate.Record, rng *rand.Rand) []queue.PastVote {
	var out []queue.PastVote
	for _, r := range records {
		roll, mood := rng.IntN(100), rng.Float64()
		reason := queue.VoteReasons[rng.IntN(len(queue.VoteReasons))]
		wait, called := r.Wait()
		if r.Ending != simulate.Served || !called || roll >= voters {
			continue
		}
		sv := p.house.Service(r.Service)
		v := queue.PastVote{
			VoteFacts: queue.VoteFacts{SiteID: p.house.Site.ID, OfficeID: sv.OfficeID, Service: sv.Key, Channel: "counter", Promise: "kept", Day: day},
			Wait:      wait, Face: queue.Green,
		}
		trouble := .05 + wait.Minutes()/150
		if wait > 35*time.Minute && rng.IntN(3) > 0 {
			v.Promise = "broken"
		}
		switch {
		case mood < trouble/2:
			v.Face, v.Reason = queue.Red, reason
			if wait > 20*time.Minute && rng.IntN(3) > 0 {
				v.Reason = "waiting"
			}
		case mood < trouble:
			v.Face = queue.Yellow
		}
		out = append(out, v)
	}
	return out
}
