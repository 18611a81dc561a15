package queue

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"filodiretto/internal/clock"
	"filodiretto/internal/db"
	"filodiretto/queue/estimate"
	"filodiretto/queue/order"
)

// PastDay is a day of a site that was played, or that another system has kept: what
// happened in the room, in order of time. Tickets have numbers of their own there;
// services and counters are the site's.
type PastDay struct {
	SiteID int64
	Day    Day
	Events []estimate.Event
	// Staff is who sat at each counter that called somebody.
	Staff map[int64]int64
	// Promised is what was promised at the number, by the ticket of the events.
	Promised map[int64]estimate.Promise
}

// PutPast writes a whole day with the same rows and events that the commands of that
// day would have left, in one transaction: verb by verb through the table of states,
// but with the instants of the events, and without asking whom the order would have
// called. It is for days that are made up (a demonstration, a measurement). The
// clock must show that day, and the day must not have begun; what acts could repeat
// or undo is not kept. It returns how many tickets were given.
func (q *Queue) PutPast(ctx context.Context, p PastDay) (int, error) {
	given := 0
	err := q.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		r, err := q.enter(ctx, tx, p.SiteID)
		if err != nil {
			return err
		}
		if r.today != p.Day || r.session != nil {
			return refuse(WrongDay)
		}
		b := &bygone{r: r, staff: p.Staff, steps: map[int64]*Step{}, first: map[int64]*Step{}, begins: map[int64]clock.Instant{}}
		if err := b.play(ctx, p.Events); err != nil {
			return err
		}
		given = len(b.steps)
		if err := r.store(ctx); err != nil || len(p.Promised) == 0 {
			return err
		}
		rows := b.promises(p.Promised)
		if len(rows) > 0 {
			_, err = tx.NewInsert().Model(&rows).Exec(ctx)
		}
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("write a day that has passed: %w", err)
	}
	return given, nil
}

// bygone is a room in which a past day is played.
type bygone struct {
	r      *room
	staff  map[int64]int64
	steps  map[int64]*Step         // by the ticket's number in the events
	first  map[int64]*Step         // by the ticket's number, its first step
	begins map[int64]clock.Instant // by step, when the service begins of who was called
}

// settleIn is how long somebody takes from the call to the counter.
const settleIn = 25 * time.Second

func (b *bygone) play(ctx context.Context, events []estimate.Event) error {
	end := b.r.now
	ends := endsOf(events)
	for i, e := range events {
		if e.At > end {
			return invalid("events", "future")
		}
		b.begin(e.At)
		b.r.now = e.At
		if err := b.take(ctx, e, ends[i]); err != nil {
			return fmt.Errorf("%s of %d: %w", e.Kind, e.Ticket, err)
		}
	}
	if len(events) == 0 {
		return nil
	}
	// and the day ends as EndDays ends it
	b.begin(end)
	b.r.now = max(b.r.now, min(end, b.r.h.Calendar.Closing(b.r.today)))
	err := b.r.endDay(ctx, b.r.openDay(), automation, "closed")
	b.r.verbs = nil
	return err
}

// endsOf finds for each call what ended it, and for each service that ended the one
// with which the visit goes on.
func endsOf(events []estimate.Event) map[int]estimate.Event {
	out, next := map[int]estimate.Event{}, map[int64]estimate.Event{}
	for i := len(events) - 1; i >= 0; i-- {
		e := events[i]
		switch e.Kind {
		case estimate.Called:
			out[i] = next[e.Ticket]
		case estimate.Finished:
			if m := next[e.Ticket]; m.Kind == estimate.Moved && m.At == e.At {
				out[i] = m
			}
			next[e.Ticket] = e
		case estimate.NoShow, estimate.PutBack, estimate.Moved:
			next[e.Ticket] = e
		}
	}
	return out
}

func (b *bygone) take(ctx context.Context, e, then estimate.Event) error {
	switch e.Kind {
	case estimate.Issued:
		return b.issue(ctx, e)
	case estimate.Resumed:
		return b.sit(e.Counter)
	case estimate.Paused:
		b.pause(e)
		return nil
	}
	s := b.steps[e.Ticket]
	if s == nil {
		return nil // an appointment of somebody who never came, the closing of a counter
	}
	switch e.Kind {
	case estimate.Called:
		return b.call(e, s, then)
	case estimate.Finished:
		return b.finish(ctx, s, then)
	case estimate.NoShow:
		return b.noShow(ctx, s)
	case estimate.PutBack:
		b.r.putBack(s, b.who(s), "", max(0, e.From.Sub(e.At)))
	case estimate.Left:
		_, err := b.r.giveUp(ctx, s, theCitizen, "")
		return err
	}
	return nil
}

func (b *bygone) issue(ctx context.Context, e estimate.Event) error {
	sv := b.r.h.Service(e.Service)
	if sv == nil {
		return invalid("service", "unknown")
	}
	number, err := b.r.number(ctx, numberKey{b.r.h.Group(sv.GroupID).Series, b.r.today, 0})
	if err != nil {
		return err
	}
	n := NewTicket{SiteID: b.r.h.Site.ID, ServiceID: e.Service, Class: e.Class, Lang: b.r.h.Set.Langs[0], Origin: AtKiosk}
	if b.r.h.ClassOf(n.Class) == nil {
		n.Class = order.WalkIn
	}
	if e.Slot != 0 {
		n.Origin = ForAppointment
	}
	issued, err := b.r.give(ctx, giving{
		NewTicket: n, by: actor{kind: "citizen"}, key: fmt.Sprintf("past:%s:%d", b.r.today, e.Ticket), day: b.r.today, number: number, at: e.At, slot: e.Slot,
	})
	if err != nil {
		return err
	}
	b.r.tickets[issued.Ticket.ID].row.PrintedAt = e.At
	b.steps[e.Ticket] = b.r.steps[issued.Step.ID].row
	b.first[e.Ticket] = b.steps[e.Ticket]
	return nil
}

// sit opens a counter, or ends its break.
func (b *bygone) sit(counter int64) error {
	if st := b.r.sittings[counter]; st != nil {
		if st.PauseAt != 0 {
			st.PauseAt, st.PauseReason = 0, ""
			b.r.siteEvent("counter.resumed", actor{"operator", st.OperatorID}, facts{Counter: counter, Sitting: st.ID})
		}
		return nil
	}
	if b.staff[counter] == 0 || b.r.h.Counter(counter) == nil {
		return invalid("staff", "required")
	}
	b.r.openDay()
	st := &Sitting{ID: db.NewID(b.r.q.clock), SiteID: b.r.h.Site.ID, CounterID: counter, OperatorID: b.staff[counter], FromAt: b.r.now}
	b.r.newSittings = append(b.r.newSittings, st)
	b.r.sittings[counter], b.r.sitsAt[st.OperatorID] = st, st
	b.r.siteEvent("counter.opened", actor{"operator", st.OperatorID}, facts{Counter: counter, Sitting: st.ID})
	return nil
}

func (b *bygone) pause(e estimate.Event) {
	st := b.r.sittings[e.Counter]
	if st == nil || st.PauseAt != 0 {
		return
	}
	st.PauseAt, st.PauseReason = b.r.now, "break"
	b.r.siteEvent("counter.paused", actor{"operator", st.OperatorID}, facts{Counter: e.Counter, Sitting: st.ID, Reason: st.PauseReason})
}

func (b *bygone) call(e estimate.Event, s *Step, end estimate.Event) error {
	if err := b.sit(e.Counter); err != nil {
		return err
	}
	if _, ok := CallNextVerb.After(s.State); !ok {
		return refuse(WrongState)
	}
	st := b.r.sittings[e.Counter]
	b.r.call(b.r.deed(CallNextVerb, s, actor{"operator", st.OperatorID}, ""), b.r.h.Counter(e.Counter), st, "next", "{}")
	if end.Kind == estimate.Finished {
		b.begins[s.ID] = min(e.At.Add(settleIn), end.At)
	}
	return nil
}

// begin starts the services of those who were called and are at the counter by an
// instant.
func (b *bygone) begin(by clock.Instant) {
	var due []int64
	for id, at := range b.begins {
		if at <= by {
			due = append(due, id)
		}
	}
	slices.SortFunc(due, func(x, y int64) int { return cmp.Or(cmp.Compare(b.begins[x], b.begins[y]), cmp.Compare(x, y)) })
	for _, id := range due {
		s := b.r.steps[id].row
		b.r.now = b.begins[id]
		delete(b.begins, id)
		d := b.r.deed(StartVerb, s, b.who(s), "")
		s.ServedAt = b.r.now
		d.to()
		d.end("ticket.serving", facts{})
	}
}

func (b *bygone) who(s *Step) actor { return actor{"operator", b.staff[s.CounterID]} }

// finish ends a service; then is the service with which the visit goes on, if any.
func (b *bygone) finish(ctx context.Context, s *Step, then estimate.Event) error {
	if then.Kind == estimate.Moved {
		d := b.r.deed(AddVerb, s, b.who(s), "")
		n := b.r.follow(s, b.r.ofTicket[s.TicketID], then.Service)
		n.State = Booked
		b.r.addStep(n)
		d.end("ticket.added", facts{Next: n.ID, To: n.ServiceID})
		b.steps[then.Ticket] = n
	}
	d := b.r.deed(FinishVerb, s, b.who(s), "")
	d.to()
	s.Outcome = "served"
	if err := b.r.goOn(ctx, d, b.r.ofTicket[s.TicketID], nil); err != nil {
		return err
	}
	d.end("ticket.done", facts{Outcome: s.Outcome})
	return nil
}

func (b *bygone) noShow(ctx context.Context, s *Step) error {
	d := b.r.deed(NoShowVerb, s, b.who(s), "")
	d.to()
	s.Outcome = "no_show"
	if err := b.r.endVisit(ctx, d, s.Outcome); err != nil {
		return err
	}
	d.end("ticket.no_show", facts{Outcome: s.Outcome})
	return nil
}

// promises are the rows of what was promised at the numbers of the day. What became
// of it is learnt with the events.
func (b *bygone) promises(said map[int64]estimate.Promise) []*Promise {
	var out []*Promise
	for _, ticket := range slices.Sorted(maps.Keys(said)) {
		first := b.first[ticket]
		if first == nil {
			continue
		}
		p := promiseOf(first, said[ticket], said[ticket].Range())
		p.ID, p.First = db.NewID(b.r.q.clock), true
		out = append(out, p)
	}
	return out
}
