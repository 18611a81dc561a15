package queue

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"filodiretto/inbox"
	"filodiretto/internal/db"
	"filodiretto/queue/order"
)

// SiteEdit is what an administrator says of a site.
type SiteEdit struct {
	ID       int64 // 0 opens a site
	Version  int64 // of the site as seen; 0 when the caller did not look
	Key      string
	Name     string
	Address  string
	Settings SiteSettings
}

var keyShape = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,39}$`)

// SaveSite opens a site or changes one. A new one has the three classes of
// precedence that every site has, weighted as order.Default.
func (q *Queue) SaveSite(ctx context.Context, v inbox.Viewer, e SiteEdit) (*Site, error) {
	if err := setsUp(v); err != nil {
		return nil, err
	}
	e.Name = strings.TrimSpace(e.Name)
	if err := e.check(); err != nil {
		return nil, err
	}
	if e.ID == 0 {
		return q.openSite(ctx, v, e)
	}
	var out *Site
	err := q.setUp(ctx, v, e.ID, e.Version, "site", func(ctx context.Context, tx *db.Tx, h *House) (int64, error) {
		s := *h.Site
		s.Key, s.Name, s.Address, s.Settings = e.Key, e.Name, e.Address, e.Settings
		s.Version++
		if _, err := tx.NewUpdate().Model(&s).Column("key", "name", "address", "settings").WherePK().Exec(ctx); err != nil {
			return 0, takenKey(err)
		}
		out = &s
		if old, is := h.Set, e.Settings.filled(); old.Rule != is.Rule || old.LateMin != is.LateMin {
			return s.ID, q.placeAgain(ctx, tx, s.ID)
		}
		return s.ID, nil
	})
	return out, err
}

func (e *SiteEdit) check() error {
	set := e.Settings.filled()
	switch {
	case !keyShape.MatchString(e.Key):
		return invalid("key", "shape")
	case e.Name == "" || len(e.Name) > 200:
		return invalid("name", "required")
	case !slices.Contains(order.Rules, set.Rule):
		return invalid("rule", "unknown")
	case set.TellAhead < -1 || set.TellAhead > 100:
		return invalid("tell_ahead", "range")
	case set.WarnBelow < -1 || set.WarnBelow > 100:
		return invalid("warn_below", "range")
	case set.StopBelow < -1 || set.StopBelow > 100 || set.StopBelow > max(0, set.WarnBelow) && set.WarnBelow > 0:
		return invalid("stop_below", "range")
	case set.Patron != "" && Day("2024-"+set.Patron).date().IsZero():
		return invalid("patron", "shape")
	}
	for field, n := range map[string]int{
		"early_min": set.EarlyMin, "late_min": set.LateMin, "put_back_min": set.PutBack, "void_min": set.VoidMin, "stuck_min": set.StuckMin,
		"max_calls": set.MaxCalls, "last_min": set.LastMin, "end_min": set.EndMin, "most_waiting": set.MostWait, "most_pass": set.MostPass,
		"code_min": set.CodeMin, "announced": set.Announced, "keep_days": set.KeepDays,
	} {
		if n < 0 || n > 24*60 {
			return invalid(field, "range")
		}
	}
	return nil
}

func (q *Queue) openSite(ctx context.Context, v inbox.Viewer, e SiteEdit) (*Site, error) {
	var out *Site
	err := q.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		s := &Site{ID: db.NewID(q.clock), Key: e.Key, Name: e.Name, Address: e.Address, Settings: e.Settings, Version: 1, CreatedAt: tx.Now}
		if _, err := tx.NewInsert().Model(s).Exec(ctx); err != nil {
			return takenKey(err)
		}
		classes := firstClasses(s.ID)
		for _, c := range classes {
			c.ID = db.NewID(q.clock)
		}
		if _, err := tx.NewInsert().Model(&classes).Exec(ctx); err != nil {
			return fmt.Errorf("open a site: %w", err)
		}
		out = s
		return q.setUpEvent(ctx, tx, v, s.ID, s.ID, "site")
	})
	return out, err
}

func firstClasses(site int64) []*Class {
	weights := order.Default().Weights
	out := []*Class{
		{Key: order.WalkIn, Names: Names{"it": "Ordinario", "en": "Ordinary"}, Kiosk: true},
		{Key: order.Appointment, Names: Names{"it": "Appuntamento", "en": "Appointment"}},
		{Key: order.Protected, Names: Names{"it": "Precedenza", "en": "Precedence"}, Kiosk: true},
	}
	for i, c := range out {
		w := weights[c.Key]
		c.SiteID, c.Ord, c.HeadMin, c.Slope, c.Absolute, c.Level = site, i, w.Head, w.Slope, w.Absolute, w.Level
	}
	return out
}

// CloseSite gives a site up. *RefusedError "in_use" while its day is open, and while
// somebody has an appointment there: of a site that is gone nobody could move it.
func (q *Queue) CloseSite(ctx context.Context, v inbox.Viewer, siteID, version int64) error {
	return q.setUp(ctx, v, siteID, version, "site_closed", func(ctx context.Context, tx *db.Tx, _ *House) (int64, error) {
		var open int
		if err := tx.NewRaw("SELECT count(*) FROM site_sessions WHERE site_id = ? AND ended_at = 0", siteID).Scan(ctx, &open); err != nil {
			return 0, err
		}
		var ahead int
		if err := tx.NewRaw("SELECT count(*) FROM appointments WHERE site_id = ? AND end_at > ? AND state = 'booked'", siteID, tx.Now).Scan(ctx, &ahead); err != nil {
			return 0, err
		}
		if open > 0 || ahead > 0 {
			return 0, refuse(InUse)
		}
		_, err := tx.NewRaw("UPDATE sites SET closed_at = ? WHERE id = ?", tx.Now, siteID).Exec(ctx)
		return siteID, err
	})
}

// setUp is the frame of every change of a site's set-up. The site's version grows
// with it, so that no process goes on with an old set-up; its row is locked, so that
// no ticket is given meanwhile.
func (q *Queue) setUp(ctx context.Context, v inbox.Viewer, siteID, version int64, what string, f func(context.Context, *db.Tx, *House) (id int64, err error)) error {
	if err := setsUp(v); err != nil {
		return err
	}
	return q.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		res, err := tx.NewRaw("UPDATE sites SET version = version + 1 WHERE id = ? AND closed_at = 0", siteID).Exec(ctx)
		if err != nil {
			return fmt.Errorf("set up a site: %w", err)
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return ErrNotFound
		}
		h, err := loadHouse(ctx, tx, siteID, q.zone)
		if err != nil {
			return err
		}
		h.Site.Version-- // as it was
		if version != 0 && h.Site.Version != version {
			return ErrChanged
		}
		id, err := f(ctx, tx, h)
		if err != nil {
			return err
		}
		return q.setUpEvent(ctx, tx, v, siteID, id, what)
	})
}

func (q *Queue) setUpEvent(ctx context.Context, tx *db.Tx, v inbox.Viewer, siteID, id int64, what string) error {
	e := inbox.NewEvent(tx, q.clock, "queue.set_up", map[string]any{"site": siteID, "what": what, "id": id})
	e.Actor = "administrator"
	e.OperatorID = v.OperatorID
	if v.System {
		e.Actor = "automation"
	}
	tx.After(func() { q.hub.Publish(setUpLive(siteID, int64(tx.Now))) })
	return inbox.AppendEvents(ctx, tx, e)
}

// takenKey names the field when a key is another's.
func takenKey(err error) error {
	if db.IsUnique(err) {
		return invalid("key", "taken")
	}
	return err
}

// placeAgain gives those who have an appointment and are here their line and their
// reference under a changed rule.
func (q *Queue) placeAgain(ctx context.Context, tx *db.Tx, siteID int64) error {
	h, err := loadHouse(ctx, tx, siteID, q.zone)
	if err != nil {
		return err
	}
	var steps []*Step
	err = tx.NewSelect().Model(&steps).Where("s.site_id = ? AND s.slot_at > 0 AND s.ended_at = 0", siteID).Scan(ctx)
	if err != nil {
		return fmt.Errorf("place those with appointments: %w", err)
	}
	for _, s := range steps {
		h.place(s)
		if _, err := tx.NewRaw("UPDATE steps SET line = ?, ref_at = ? WHERE id = ?", s.Line, s.RefAt, s.ID).Exec(ctx); err != nil {
			return fmt.Errorf("place those with appointments: %w", err)
		}
	}
	return nil
}
