package queue

import (
	"context"
	"fmt"
	"slices"

	"github.com/uptrace/bun"

	"filodiretto/inbox"
	"filodiretto/internal/db"
)

// What an agenda may be set to.
const (
	mostSlotMin  = 8 * 60
	mostCapacity = 200
	mostHorizon  = 366
)

// SaveAgenda makes an agenda, when its ID is 0, or changes it. Version is the one
// that the caller saw. Appointments that the change leaves without a place stay as
// they are and are listed by Conflicts. ErrNotFound for who sets nothing up,
// *inbox.InvalidError names what is wrong.
func (b *Bookings) SaveAgenda(ctx context.Context, v inbox.Viewer, a Agenda) (*Agenda, error) {
	if err := setsUp(v); err != nil {
		return nil, err
	}
	err := b.q.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		h, err := b.houseOf(ctx, tx, a.SiteID)
		if err != nil {
			return err
		}
		if err := a.check(h); err != nil {
			return err
		}
		if err := b.storeAgenda(ctx, tx, &a); err != nil {
			return err
		}
		return b.agendaEvent(ctx, tx, v, &a, "agenda.saved")
	})
	if db.IsUnique(err) {
		return nil, invalid("key", "taken")
	}
	if err != nil {
		return nil, err
	}
	return &a, nil
}

func (b *Bookings) storeAgenda(ctx context.Context, tx *db.Tx, a *Agenda) error {
	if a.ID == 0 {
		a.ID, a.Version, a.EndedAt = db.NewID(b.q.clock), 1, 0
		if _, err := tx.NewInsert().Model(a).Exec(ctx); err != nil {
			return fmt.Errorf("make an agenda: %w", err)
		}
	} else {
		a.Version++
		res, err := tx.NewUpdate().Model(a).ExcludeColumn("id", "site_id", "ended_at").Where("ag.id = ? AND ag.site_id = ? AND ag.version = ? AND ag.ended_at = 0", a.ID, a.SiteID, a.Version-1).Exec(ctx)
		if err != nil {
			return fmt.Errorf("change an agenda: %w", err)
		}
		if n, err := res.RowsAffected(); err != nil || n != 1 {
			return orError(err, ErrChanged)
		}
	}
	if _, err := tx.NewRaw("DELETE FROM agenda_services WHERE agenda_id = ?", a.ID).Exec(ctx); err != nil {
		return fmt.Errorf("services of an agenda: %w", err)
	}
	for _, id := range a.Services {
		if _, err := tx.NewRaw("INSERT INTO agenda_services (agenda_id, service_id) VALUES (?, ?)", a.ID, id).Exec(ctx); err != nil {
			return fmt.Errorf("services of an agenda: %w", err)
		}
	}
	return nil
}

func orError(err, other error) error {
	if err != nil {
		return err
	}
	return other
}

// check says what is wrong with an agenda.
func (a *Agenda) check(h *House) error {
	switch {
	case !keyShape.MatchString(a.Key):
		return invalid("key", "shape")
	case a.Names.In("it") == "":
		return invalid("names", "required")
	case a.SlotMin < 5 || a.SlotMin > mostSlotMin:
		return invalid("slot_min", "range")
	case a.Capacity < 1 || a.Capacity > mostCapacity:
		return invalid("capacity", "range")
	case a.Public < 0 || a.Public > a.Capacity:
		return invalid("public", "range")
	case a.LeadMin < 0 || a.LeadMin > 60*24*30:
		return invalid("lead_min", "range")
	case a.HorizonDays < 1 || a.HorizonDays > mostHorizon:
		return invalid("horizon_days", "range")
	case len(a.Services) == 0:
		return invalid("services", "required")
	}
	slices.Sort(a.Services)
	a.Services = slices.Compact(a.Services)
	for _, id := range a.Services {
		if s := h.Service(id); s == nil || s.EndedAt != 0 {
			return invalid("services", "unknown")
		}
		if a.CounterID != 0 && !h.Does(a.CounterID, id) {
			return invalid("counter", "no_skill")
		}
	}
	if c := h.Counter(a.CounterID); a.CounterID != 0 && (c == nil || c.EndedAt != 0) {
		return invalid("counter", "unknown")
	}
	if err := a.checkHours(); err != nil {
		return err
	}
	return a.Settings.check()
}

func (a *Agenda) checkHours() error {
	for day := 1; day <= 7; day++ {
		if _, wrong := a.Hours.on(day).tidy(); wrong != "" {
			return invalid("hours", wrong)
		}
	}
	if slices.ContainsFunc(a.Hours, func(r AgendaRange) bool { return r.Weekday < 1 || r.Weekday > 7 }) {
		return invalid("hours", "range")
	}
	return nil
}

func (s AgendaSettings) check() error {
	f := s.filled()
	for _, x := range []struct {
		name           string
		n, least, most int
	}{
		{"hold_min", f.HoldMin, 1, 60},
		{"confirm_min", f.ConfirmMin, -1, 24 * 60},
		{"most_open", f.MostOpen, 1, 100},
		{"most_day", f.MostDay, 1, 100},
		{"change_min", f.ChangeMin, -1, 7 * 24 * 60},
		{"rest_from_min", f.RestFrom, 0, f.RestTo},
		{"rest_to_min", f.RestTo, 1, 24 * 60},
		{"offer_min", f.OfferMin, 5, 48 * 60},
		{"most_offers", f.MostOffers, 1, 20},
		{"remind_min", f.RemindMin, -1, 24 * 60},
		{"tell_from", f.TellFrom, 0, f.TellTo - 60},
		{"tell_to", f.TellTo, 60, 24 * 60},
	} {
		if x.n < x.least || x.n > x.most {
			return invalid(x.name, "range")
		}
	}
	return nil
}

// EndAgenda takes an agenda off. Its appointments stay and are listed by Conflicts;
// its waiting list ends.
func (b *Bookings) EndAgenda(ctx context.Context, v inbox.Viewer, id, version int64) error {
	if err := setsUp(v); err != nil {
		return err
	}
	return b.q.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		a, err := findAgenda(ctx, tx, id)
		if err != nil {
			return err
		}
		res, err := tx.NewRaw("UPDATE agendas SET ended_at = ?, version = version + 1 WHERE id = ? AND version = ? AND ended_at = 0", tx.Now, id, version).Exec(ctx)
		if err != nil {
			return fmt.Errorf("end an agenda: %w", err)
		}
		if n, err := res.RowsAffected(); err != nil || n != 1 {
			return orError(err, ErrChanged)
		}
		if _, err := tx.NewRaw("UPDATE waitlist SET state = 'ended', ended_at = ? WHERE agenda_id = ? AND state = 'waiting'", tx.Now, id).Exec(ctx); err != nil {
			return fmt.Errorf("end a waiting list: %w", err)
		}
		return b.agendaEvent(ctx, tx, v, a, "agenda.ended")
	})
}

func (b *Bookings) agendaEvent(ctx context.Context, tx *db.Tx, v inbox.Viewer, a *Agenda, kind string) error {
	e := inbox.NewEvent(tx, b.q.clock, kind, map[string]any{"site": a.SiteID, "agenda": a.ID, "version": a.Version})
	e.Actor, e.OperatorID = by(v).kind, v.OperatorID
	b.publish(tx, a.SiteID, kind)
	return inbox.AppendEvents(ctx, tx, e)
}

// Agendas are those of a site that have not ended, by name.
func (b *Bookings) Agendas(ctx context.Context, siteID int64) ([]*Agenda, error) {
	return loadAgendas(ctx, b.q.db.Read, "ag.site_id = ? AND ag.ended_at = 0", siteID)
}

// Agenda is one agenda, also one that ended.
func (b *Bookings) Agenda(ctx context.Context, id int64) (*Agenda, error) {
	return findAgenda(ctx, b.q.db.Read, id)
}

func findAgenda(ctx context.Context, idb bun.IDB, id int64) (*Agenda, error) {
	list, err := loadAgendas(ctx, idb, "ag.id = ?", id)
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, ErrNotFound
	}
	return list[0], nil
}

func loadAgendas(ctx context.Context, idb bun.IDB, where string, args ...any) ([]*Agenda, error) {
	var list []*Agenda
	if err := idb.NewSelect().Model(&list).Where(where, args...).OrderExpr("ag.key, ag.id").Scan(ctx); err != nil {
		return nil, fmt.Errorf("agendas: %w", err)
	}
	if len(list) == 0 {
		return nil, nil
	}
	ids := make([]int64, len(list))
	for i, a := range list {
		ids[i], a.Settings = a.ID, a.Settings.filled()
	}
	var rows []struct{ AgendaID, ServiceID int64 }
	if err := idb.NewRaw("SELECT agenda_id, service_id FROM agenda_services WHERE agenda_id IN (?) ORDER BY agenda_id, service_id", bun.List(ids)).Scan(ctx, &rows); err != nil {
		return nil, fmt.Errorf("services of agendas: %w", err)
	}
	for _, a := range list {
		for _, r := range rows {
			if r.AgendaID == a.ID {
				a.Services = append(a.Services, r.ServiceID)
			}
		}
	}
	return list, nil
}
