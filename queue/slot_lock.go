package queue

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/uptrace/bun"

	"filodiretto/inbox"
	"filodiretto/internal/clock"
	"filodiretto/internal/db"
)

// booking is an agenda within a transaction: the slots that it locked, and what
// is written at its end. Whoever changes what takes a place holds the lock of the
// slot, so that all that is decided about a slot is decided one after the other,
// each by its own instant (queue 3, rows 3, 4 and 6).
type booking struct {
	b   *Bookings
	q   *Queue
	tx  *db.Tx
	now clock.Instant // of having the locks
	h   *House
	a   *Agenda
	v   inbox.Viewer

	slots   map[clock.Instant]*Slot
	before  map[clock.Instant]Slot
	notices []inbox.Notice
	mine    int             // which of them is for who asked, from 1; 0 for none
	told    []inbox.Noticed // what became of them, afterwards
	events  []inbox.Event
	kinds   []string // for open pages
}

// in runs f within a transaction on an agenda.
func (b *Bookings) in(ctx context.Context, v inbox.Viewer, agendaID int64, f func(context.Context, *booking) error) error {
	return b.q.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		a, err := findAgenda(ctx, tx, agendaID)
		if err != nil {
			return err
		}
		h, err := b.houseOf(ctx, tx, a.SiteID)
		if err != nil {
			return err
		}
		k := &booking{b: b, q: b.q, tx: tx, now: tx.Now, h: h, a: a, v: v, slots: map[clock.Instant]*Slot{}, before: map[clock.Instant]Slot{}}
		if err := f(ctx, k); err != nil {
			return err
		}
		return k.store(ctx)
	})
}

// lock takes slots, makes the rows of those that nobody touched yet, and settles
// what time has done to them. It is called once in a transaction, with all slots
// that it is about: they are locked in one question in their order, so that no two
// transactions wait for each other (queue 3, row 3).
func (k *booking) lock(ctx context.Context, starts ...clock.Instant) error {
	slices.Sort(starts)
	starts = slices.Compact(starts)
	rows := make([]*Slot, len(starts))
	for i, at := range starts {
		rows[i] = newSlot(k.a, at)
	}
	if _, err := k.tx.NewInsert().Model(&rows).On("CONFLICT (agenda_id, start_at) DO NOTHING").Returning("NULL").Exec(ctx); err != nil {
		return fmt.Errorf("make slots: %w", err)
	}
	q := k.tx.NewSelect().Model(&rows).Where("sl.agenda_id = ? AND sl.start_at IN (?)", k.a.ID, bun.List(starts)).OrderExpr("sl.start_at")
	if k.tx.Postgres {
		q = q.For("UPDATE")
	}
	rows = nil
	if err := q.Scan(ctx); err != nil {
		return fmt.Errorf("lock slots: %w", err)
	}
	k.now = k.q.clock.Now()
	k.tx.Now = k.now
	for _, s := range rows {
		k.slots[s.StartAt], k.before[s.StartAt] = s, *s
		s.follow(k.a)
	}
	for _, s := range rows {
		if err := k.settle(ctx, s); err != nil {
			return err
		}
	}
	return nil
}

// store writes the slots, tells citizens and appends the events.
func (k *booking) store(ctx context.Context) error {
	for at, s := range k.slots {
		if *s == k.before[at] {
			continue
		}
		if _, err := k.tx.NewUpdate().Model(s).WherePK().Exec(ctx); err != nil {
			return fmt.Errorf("write a slot: %w", err)
		}
	}
	if err := k.tellAll(ctx); err != nil {
		return err
	}
	if err := inbox.AppendEvents(ctx, k.tx, k.events...); err != nil {
		return fmt.Errorf("write events: %w", err)
	}
	for _, kind := range k.kinds {
		k.b.publish(k.tx, k.a.SiteID, kind)
	}
	return nil
}

// tellAll sends the notices that were not sent yet.
func (k *booking) tellAll(ctx context.Context) error {
	told, err := k.b.tell.NotifyTx(ctx, k.tx, k.notices[len(k.told):]...)
	if err != nil {
		return fmt.Errorf("tell citizens: %w", err)
	}
	k.told = append(k.told, told...)
	return nil
}

// tellNow sends the notices at once, for a command that goes on by whether the
// person could be told.
func (k *booking) tellNow(ctx context.Context) (inbox.Noticed, error) {
	if err := k.tellAll(ctx); err != nil || k.mine == 0 {
		return inbox.Noticed{Held: "no_address"}, err
	}
	return k.told[k.mine-1], nil
}

// find reads an appointment of this agenda. Call it with its slot locked, or only
// to know which slot that is.
func (k *booking) find(ctx context.Context, id int64) (*Appointment, error) {
	ap := new(Appointment)
	if err := k.tx.NewSelect().Model(ap).Where("ap.id = ? AND ap.agenda_id = ?", id, k.a.ID).Scan(ctx); err != nil {
		return nil, notFound(err)
	}
	return ap, nil
}

// save writes a changed appointment. The slot's lock makes sure that it is the one
// that was read.
func (k *booking) save(ctx context.Context, ap *Appointment) error {
	ap.Version++
	res, err := k.tx.NewUpdate().Model(ap).ExcludeColumn("id", "site_id", "idem_key", "created_at").Where("ap.id = ? AND ap.version = ?", ap.ID, ap.Version-1).Exec(ctx)
	if err != nil {
		return fmt.Errorf("write an appointment: %w", err)
	}
	if n, err := res.RowsAffected(); err != nil || n != 1 {
		return orError(err, ErrChanged)
	}
	return nil
}

// release gives the place of an appointment back, which ends as state. rest says
// that the place rests before others may have it.
func (k *booking) release(ctx context.Context, ap *Appointment, state BookingState, outcome string, rest bool) error {
	ap.State, ap.Outcome, ap.EndedAt, ap.RemindAt, ap.HoldUntil = state, outcome, k.now, 0, 0
	if err := k.save(ctx, ap); err != nil {
		return err
	}
	if err := endTokens(ctx, k.tx, ap.ID); err != nil {
		return err
	}
	return k.giveBack(ctx, ap, rest)
}

// giveBack frees the place that an appointment has.
func (k *booking) giveBack(ctx context.Context, ap *Appointment, rest bool) error {
	s := k.slots[ap.StartAt]
	s.give(ap.Public)
	if !ap.Public || s.StartAt <= k.now || s.Taken+s.Resting >= s.Capacity {
		return nil
	}
	if rest {
		s.Resting++
		s.RestUntil = max(s.RestUntil, k.now.Add(k.restFor()))
		return nil
	}
	return k.fill(ctx, s, 1)
}

// event appends an event about an appointment, done by who asked for the command.
func (k *booking) event(kind string, ap *Appointment, data map[string]any) {
	who := by(k.v)
	if citizen(k.v) {
		who.kind = "citizen"
	}
	k.eventBy(who, kind, ap, data)
}

// eventBy is event for what somebody else did, as time.
func (k *booking) eventBy(who actor, kind string, ap *Appointment, data map[string]any) {
	f := map[string]any{"site": k.a.SiteID, "agenda": k.a.ID, "service": ap.ServiceID, "appointment": ap.ID, "start": ap.StartAt}
	maps.Copy(f, data)
	k.record(who, kind, ap.ServiceID, ap.CitizenID, ap.CaseID, f)
}

func (k *booking) record(who actor, kind string, serviceID, citizenID, caseID int64, data map[string]any) {
	e := inbox.NewEvent(k.tx, k.q.clock, kind, data)
	e.At, e.CitizenID, e.CaseID, e.Actor, e.OperatorID = k.now, citizenID, caseID, who.kind, who.operator
	if s := k.h.Service(serviceID); s != nil {
		e.OfficeID = s.OfficeID
	}
	k.events = append(k.events, e)
	k.kinds = append(k.kinds, kind)
}
