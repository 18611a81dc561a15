package queue

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"filodiretto/inbox"
	"filodiretto/internal/clock"
	"filodiretto/internal/db"
)

// HoldRequest asks to keep a place while somebody fills in who they are.
type HoldRequest struct {
	AgendaID  int64
	ServiceID int64
	Start     clock.Instant
	Key       string // made by the page: the same key twice is one hold
	Holder    string // what stands for the browser or chat; not for staff
	Lang      string
	Procedure string // key; one that the service is for
}

// Hold keeps a place of a slot for HoldMin minutes. A browser holds one place at a
// time: what it held before in the agenda is free again. *RefusedError SlotFull,
// NoSuchSlot, TooSoon or TooFar.
func (b *Bookings) Hold(ctx context.Context, v inbox.Viewer, r HoldRequest) (*Appointment, error) {
	key, err := r.scope(v)
	if err != nil {
		return nil, err
	}
	var out *Appointment
	err = b.in(ctx, v, r.AgendaID, func(ctx context.Context, k *booking) error {
		if err := k.may(r.ServiceID, r.Procedure); err != nil {
			return err
		}
		if out, err = k.byKey(ctx, key); out != nil || err != nil {
			return err
		}
		out, err = k.hold(ctx, r, key)
		return err
	})
	if db.IsUnique(err) { // the other of two clicks was quicker
		return b.held(ctx, key)
	}
	if err != nil {
		return nil, err
	}
	return out, nil
}

// scope checks the request's words and makes its key one of who asks.
func (r *HoldRequest) scope(v inbox.Viewer) (string, error) {
	switch {
	case r.Key == "" || len(r.Key) > mostKey:
		return "", invalid("key", "required")
	case !goodLang(r.Lang):
		return "", invalid("lang", "unknown")
	case !citizen(v):
		return fmt.Sprintf("staff:%d:%s", v.OperatorID, r.Key), nil
	case r.Holder == "":
		return "", invalid("holder", "required")
	}
	return "citizen:" + holderHash(r.Holder) + ":" + r.Key, nil
}

// may checks who asks and what for.
func (k *booking) may(serviceID int64, procedure string) error {
	if !citizen(k.v) && !worksAgenda(k.h, k.a, k.v) {
		return ErrNotFound
	}
	if !k.a.Offers(serviceID) {
		return invalid("service", "unknown")
	}
	s := k.h.Service(serviceID)
	if procedure != "" && !s.has(procedure) {
		return invalid("procedure", "unknown")
	}
	return nil
}

func (k *booking) byKey(ctx context.Context, key string) (*Appointment, error) {
	ap := new(Appointment)
	switch err := notFound(k.tx.NewSelect().Model(ap).Where("ap.idem_key = ?", key).Scan(ctx)); err {
	case nil:
		return ap, nil
	case ErrNotFound:
		return nil, nil
	default:
		return nil, fmt.Errorf("look for a hold: %w", err)
	}
}

func (b *Bookings) held(ctx context.Context, key string) (*Appointment, error) {
	ap := new(Appointment)
	if err := b.q.db.Read.NewSelect().Model(ap).Where("ap.idem_key = ?", key).Scan(ctx); err != nil {
		return nil, notFound(err)
	}
	return ap, nil
}

// hold locks the slot, and those in which the browser holds something else.
func (k *booking) hold(ctx context.Context, r HoldRequest, key string) (*Appointment, error) {
	starts := []clock.Instant{r.Start}
	holder := holderHash(r.Holder)
	const mine = "ap.holder = ? AND ap.holder <> '' AND ap.state = 'held' AND ap.contact = '' AND ap.agenda_id = ?"
	if citizen(k.v) {
		var others []clock.Instant
		if err := k.tx.NewSelect().TableExpr("appointments AS ap").Column("start_at").Where(mine, holder, k.a.ID).Scan(ctx, &others); err != nil {
			return nil, fmt.Errorf("look for other holds: %w", err)
		}
		starts = append(starts, others...)
	}
	span, err := k.bookable(r.Start, k.now)
	if err != nil {
		return nil, err
	}
	if err := k.lock(ctx, starts...); err != nil {
		return nil, err
	}
	var others []*Appointment
	if err := k.tx.NewSelect().Model(&others).Where(mine+" AND ap.start_at IN (?)", holder, k.a.ID, bun.List(starts)).OrderExpr("ap.id").Scan(ctx); err != nil {
		return nil, fmt.Errorf("look for other holds: %w", err)
	}
	for _, ap := range others {
		if err := k.release(ctx, ap, AppointmentExpired, "replaced", false); err != nil {
			return nil, err
		}
	}
	ap := &Appointment{
		ID: db.NewID(k.q.clock), SiteID: k.a.SiteID, AgendaID: k.a.ID, ServiceID: r.ServiceID, StartAt: span.From, EndAt: span.To, Public: citizen(k.v),
		State: HeldSlot, HoldUntil: k.now.Add(minutes(k.a.Settings.HoldMin)), Holder: holder, Lang: r.Lang, Procedure: r.Procedure,
		IdemKey: key, ByOperator: k.v.OperatorID, Version: 1, CreatedAt: k.now,
	}
	return ap, k.place(ctx, ap)
}

// place gives a new appointment a place of its locked slot.
func (k *booking) place(ctx context.Context, ap *Appointment) error {
	s := k.slots[ap.StartAt]
	if s.free(ap.Public) == 0 {
		return refuse(SlotFull)
	}
	s.take(ap.Public)
	if _, err := k.tx.NewInsert().Model(ap).Exec(ctx); err != nil {
		return fmt.Errorf("write an appointment: %w", err)
	}
	return nil
}

// bookable reports whether who asks may book at a time at all.
func (k *booking) bookable(start, now clock.Instant) (Span, error) {
	span, ok := k.a.slotAt(k.h, start)
	switch {
	case !ok || start <= now:
		return span, refuse(NoSuchSlot)
	case !citizen(k.v):
		return span, nil
	case start < now.Add(minutes(k.a.LeadMin)):
		return span, refuse(TooSoon)
	case k.h.Today(start) > k.h.Today(now).Add(k.a.HorizonDays):
		return span, refuse(TooFar)
	}
	return span, nil
}

func goodLang(s string) bool {
	if len(s) > 8 {
		return false
	}
	for _, c := range s {
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && c != '-' {
			return false
		}
	}
	return true
}
