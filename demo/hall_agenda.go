package demo

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"filodiretto/app"
	"filodiretto/inbox"
	"filodiretto/internal/clock"
	"filodiretto/internal/db"
	"filodiretto/queue"
)

// hallAgenda is an agenda of the town hall. One without hours has those of the hall,
// so that on whatever day the demo begins there are times around now.
type hallAgenda struct {
	key, counter          string
	names                 queue.Names
	services              []string
	slot, capacity, share int
	lead, horizon         int
	hours                 queue.AgendaHours
	documents             queue.Names
	full                  int // how much of a hundred is taken in the coming days, and was in those past
	waiting               int // people on the waiting list
}

var hallAgendas = []hallAgenda{
	{
		key: "anagrafe", names: queue.Names{"it": "Anagrafe su appuntamento", "en": "Registry by appointment"}, services: []string{"cie", "residenza"},
		slot: 30, capacity: 3, share: 2, lead: 60, horizon: 28, full: 55,
		documents: queue.Names{
			"it": "Una fototessera fatta da meno di 6 mesi\nLa vecchia carta, oppure la denuncia di furto o smarrimento\nLa tessera sanitaria\n22,20 euro",
			"en": "A passport photograph less than 6 months old\nThe old card, or the report of its loss\nThe health card\n22.20 euro",
		},
	},
	{
		key: "tributi", counter: "9", names: queue.Names{"it": "Tributi: conteggi e rimborsi", "en": "Taxes: sums and refunds"}, services: []string{"imu", "tari"},
		slot: 30, capacity: 1, share: 1, lead: 240, horizon: 21, full: 60,
		hours: queue.AgendaHours{{Weekday: 1, From: 540, To: 720}, {Weekday: 2, From: 540, To: 720}, {Weekday: 4, From: 870, To: 990}},
	},
	{
		key: "edilizia", counter: "12", names: queue.Names{"it": "Tecnico dell’edilizia", "en": "Building officer"}, services: []string{"edilizia"},
		slot: 45, capacity: 1, share: 1, lead: 1440, horizon: 42, full: 80, waiting: 4,
		hours: queue.AgendaHours{{Weekday: 2, From: 540, To: 765}, {Weekday: 4, From: 540, To: 765}},
	},
	{
		key: "colloqui", counter: "13", names: queue.Names{"it": "Assistente sociale", "en": "Social worker"}, services: []string{"colloquio"},
		slot: 60, capacity: 1, share: 0, lead: 60, horizon: 28, full: 50,
		hours: queue.AgendaHours{{Weekday: 1, From: 540, To: 780}, {Weekday: 2, From: 540, To: 780}, {Weekday: 3, From: 540, To: 780}, {Weekday: 4, From: 540, To: 780}, {Weekday: 5, From: 540, To: 780}},
	},
}

// bookings makes the agendas of the hall, or finds them, with who came in the weeks
// behind and who comes in those ahead.
type bookings struct {
	b   *queue.Bookings
	db  *db.DB
	q   *queue.Queue
	h   *hall
	w   *world
	rng *rand.Rand
	now clock.Instant
}

// pastWeeks is how far back the agendas were used.
const pastWeeks = 10

func openAgendas(ctx context.Context, a *app.App, h *hall, w *world) error {
	p := &bookings{b: a.Bookings, db: a.DB, q: a.Queue, h: h, w: w, rng: rand.New(rand.NewPCG(w.seed, 0x6167656e6461)), now: clock.System{}.Now()}
	if err := p.private(ctx, a); err != nil {
		return fmt.Errorf("demo: the social worker's room: %w", err)
	}
	known, err := p.b.Agendas(ctx, h.site.ID)
	if err != nil {
		return err
	}
	for _, x := range hallAgendas {
		i := slices.IndexFunc(known, func(a *queue.Agenda) bool { return a.Key == x.key })
		if i < 0 {
			saved, err := p.save(ctx, x)
			if err != nil {
				return fmt.Errorf("demo: agenda %s: %w", x.key, err)
			}
			if err := p.past(ctx, x, saved); err != nil {
				return fmt.Errorf("demo: who came by appointment: %w", err)
			}
			if err := p.wishes(ctx, x, saved); err != nil {
				return fmt.Errorf("demo: the waiting list: %w", err)
			}
			known, i = append(known, saved), len(known)
		}
		if err := p.ahead(ctx, x, known[i]); err != nil {
			return fmt.Errorf("demo: who comes by appointment: %w", err)
		}
	}
	return nil
}

// private is a service of the reserved office: it gives no numbers, and what people
// come for is seen by that office alone.
func (p *bookings) private(ctx context.Context, a *app.App) error {
	all := inbox.Viewer{System: true}
	house, err := p.q.House(ctx, p.h.site.ID)
	if err != nil || house.ServiceByKey("colloquio") != nil {
		return err
	}
	dir, err := a.Router.Directory(ctx)
	if err != nil {
		return err
	}
	office := dir.OfficeByKey("sociale").ID
	group, err := p.q.SaveGroup(ctx, all, queue.Group{SiteID: p.h.site.ID, Key: "sociale", Names: queue.Names{"it": "Servizi sociali", "en": "Social services"}, Series: "S", Ord: len(hallGroups)})
	if err != nil {
		return err
	}
	service, err := p.q.SaveService(ctx, all, queue.Service{
		SiteID: p.h.site.ID, GroupID: group, Key: "colloquio", Names: queue.Names{"it": "Colloquio con l’assistente sociale", "en": "Talk with the social worker"}, OfficeID: office, Minutes: 45, Ord: 1,
	})
	if err != nil {
		return err
	}
	_, err = p.q.SaveCounter(ctx, all, queue.CounterEdit{
		Counter: queue.Counter{SiteID: p.h.site.ID, Key: "13", Name: "Stanza 4", Kind: "specialist", OfficeID: office, Ord: len(hallCounters)},
		Skills:  []queue.Skill{{ServiceID: service}},
	})
	return err
}

func (p *bookings) save(ctx context.Context, x hallAgenda) (*queue.Agenda, error) {
	house, err := p.q.House(ctx, p.h.site.ID)
	if err != nil {
		return nil, err
	}
	a := queue.Agenda{
		SiteID: p.h.site.ID, Key: x.key, Names: x.names, SlotMin: x.slot, Capacity: x.capacity, Public: x.share, LeadMin: x.lead, HorizonDays: x.horizon, Hours: x.hours,
		Settings: queue.AgendaSettings{Documents: x.documents},
	}
	for _, key := range x.services {
		a.Services = append(a.Services, house.ServiceByKey(key).ID)
	}
	for _, c := range house.Counters {
		if c.Key == x.counter {
			a.CounterID = c.ID
		}
	}
	return p.b.SaveAgenda(ctx, inbox.Viewer{System: true}, a)
}

// reasons to come by appointment, as the counter writes them down.
var agendaNotes = []string{"", "", "", "", "Porta la denuncia di smarrimento.", "Viene con il padre, in carrozzina.", "Ha già telefonato due volte.", "Parla soprattutto inglese."}

// someone is a citizen whom nobody plays.
func (p *bookings) someone() *citizen {
	all := p.w.folk.all()
	for {
		if c := all[p.rng.IntN(len(all))]; !c.Guest {
			return c
		}
	}
}

// past puts in the weeks behind: most came, some did not, some cancelled.
func (p *bookings) past(ctx context.Context, x hallAgenda, a *queue.Agenda) error {
	house, err := p.q.House(ctx, a.SiteID)
	if err != nil {
		return err
	}
	var list []queue.PastAppointment
	today := house.Today(p.now)
	for day := today.Add(-7 * pastWeeks); day < today; day = day.Add(1) {
		for _, t := range a.Times(house, day) {
			for place := range a.Capacity {
				if p.rng.IntN(100) >= x.full {
					continue
				}
				e := queue.PastAppointment{
					AgendaID: a.ID, ServiceID: a.Services[p.rng.IntN(len(a.Services))], Start: t.From, Person: p.someone().Name(), Public: place < a.Public,
					BookedAt: t.From.Add(-time.Duration(6+p.rng.IntN(234)) * time.Hour), State: queue.AppointmentDone, Outcome: "served", Key: fmt.Sprint(t.From, "-", place),
				}
				switch n := p.rng.IntN(100); {
				case n < 11:
					e.State, e.Outcome = queue.AppointmentMissed, "not_here"
				case n < 16:
					e.State, e.Outcome = queue.AppointmentCancel, "citizen"
				case n < 18:
					e.State, e.Outcome = queue.AppointmentCancel, "staff"
				}
				list = append(list, e)
			}
		}
	}
	_, err = p.b.PutPast(ctx, list)
	return err
}

// mostOnDay bounds what is booked on one day at one agenda when the demo begins, and
// daysAhead how far.
const (
	mostOnDay = 7
	daysAhead = 9
)

// ahead books for the coming days, through the counter as a colleague does, up to so
// many on each: today from now on, so that somebody is expected.
func (p *bookings) ahead(ctx context.Context, x hallAgenda, a *queue.Agenda) error {
	all := inbox.Viewer{System: true}
	house, err := p.q.House(ctx, a.SiteID)
	if err != nil {
		return err
	}
	today := house.Today(p.now)
	free, err := p.b.FreeSlots(ctx, all, a.ID, today, today.Add(daysAhead))
	if err != nil {
		return err
	}
	taken := map[queue.Day]int{}
	for _, f := range free {
		taken[house.Today(f.Start)] += f.Capacity - f.Free
	}
	for _, f := range free {
		day := house.Today(f.Start)
		if hour := f.Start.Time().In(rome).Hour(); day != today && (hour < 8 || hour > 16) {
			continue // the hall is open at night only for who looks at the demo
		}
		near := f.Start < p.now.Add(3*time.Hour)
		for range f.Free {
			if taken[day] >= mostOnDay || p.rng.IntN(100) >= x.full || !near && a.Capacity > 1 && p.rng.IntN(4) > 0 {
				continue
			}
			if err := p.book(ctx, a, f.Start, near); err != nil {
				return err
			}
			taken[day]++
		}
	}
	return nil
}

func (p *bookings) book(ctx context.Context, a *queue.Agenda, start clock.Instant, near bool) error {
	c := p.someone()
	r := queue.BookRequest{
		HoldRequest: queue.HoldRequest{AgendaID: a.ID, ServiceID: a.Services[p.rng.IntN(len(a.Services))], Start: start, Lang: "it"},
		Person:      c.Name(), Note: agendaNotes[p.rng.IntN(len(agendaNotes))],
	}
	var err error
	if r.CitizenID, err = p.onFile(ctx, c); err != nil {
		return err
	}
	if r.CitizenID == 0 {
		r.Phone = c.Phone
	}
	r.Key = fmt.Sprint("demo-", start, "-", c.Key, "-", p.rng.Uint64())
	if !near && len(c.Mail) > 0 && c.Fate == "" && p.rng.IntN(3) == 0 {
		r.Email = c.Mail[0] // who leaves an address has the confirmation in the mailbox
	}
	_, err = p.b.Book(ctx, inbox.Viewer{System: true}, r)
	if refused, ok := errors.AsType[*queue.RefusedError](err); ok && (refused.Code == queue.SlotFull || refused.Code == queue.NoSuchSlot) {
		return nil // the moment has passed
	}
	return err
}

// onFile is the person's file, as whoever books at the counter finds it by the
// name; 0 for who never wrote.
func (p *bookings) onFile(ctx context.Context, c *citizen) (id int64, err error) {
	err = p.db.Read.NewRaw("SELECT root_id FROM citizens WHERE name = ? ORDER BY id LIMIT 1", c.Name()).Scan(ctx, &id)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return id, err
}

// wishes puts people on the waiting list of an agenda that is nearly full.
func (p *bookings) wishes(ctx context.Context, x hallAgenda, a *queue.Agenda) error {
	today := queue.DayOf(p.now, rome)
	for n := range x.waiting {
		c := p.someone()
		_, err := p.b.Join(ctx, inbox.Viewer{System: true}, queue.JoinRequest{
			AgendaID: a.ID, ServiceID: a.Services[0], From: today.Add(1), To: today.Add(10 + p.rng.IntN(20)), Key: fmt.Sprint("demo-wish-", n), Lang: "it",
			Person: c.Name(), Phone: c.Phone,
		})
		if refused, ok := errors.AsType[*queue.RefusedError](err); err != nil && !(ok && refused.Code == queue.OnTheList) {
			return err
		}
	}
	return nil
}
