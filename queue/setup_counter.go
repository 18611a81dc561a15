package queue

import (
	"context"
	"fmt"
	"slices"

	"github.com/uptrace/bun"

	"filodiretto/inbox"
	"filodiretto/internal/db"
	"filodiretto/internal/live"
	"filodiretto/internal/secret"
)

func setUpLive(siteID, version int64) live.Event {
	return live.Event{Topic: "queue", ID: siteID, Version: version, Kind: "queue.set_up"}
}

func listOf(ids []int64) any { return bun.List(ids) }

// CounterEdit is a counter with what it does and when.
type CounterEdit struct {
	Counter
	Skills []Skill
	Shifts []Shift
}

// SaveCounter opens a counter (ID 0) or changes one with its skills and shifts, and
// returns its id.
func (q *Queue) SaveCounter(ctx context.Context, v inbox.Viewer, e CounterEdit) (int64, error) {
	switch {
	case !keyShape.MatchString(e.Key):
		return 0, invalid("key", "shape")
	case e.Name == "" || len(e.Name) > 60:
		return 0, invalid("name", "required")
	case !slices.Contains([]string{"desk", "specialist", "reception"}, e.Kind):
		return 0, invalid("kind", "unknown")
	}
	if err := checkShifts(e.Shifts); err != nil {
		return 0, err
	}
	id := e.ID
	err := q.setUp(ctx, v, e.SiteID, 0, "counter", func(ctx context.Context, tx *db.Tx, h *House) (int64, error) {
		if e.ID != 0 && h.Counter(e.ID) == nil {
			return 0, ErrNotFound
		}
		for _, s := range e.Skills {
			if h.Service(s.ServiceID) == nil || s.HandicapMin < 0 || s.HandicapMin > 480 {
				return 0, invalid("skills", "unknown")
			}
		}
		c := e.Counter
		var err error
		if id = c.ID; id == 0 {
			c.ID = db.NewID(q.clock)
			id = c.ID
			_, err = tx.NewInsert().Model(&c).Exec(ctx)
		} else {
			_, err = tx.NewUpdate().Model(&c).Column("key", "name", "kind", "office_id", "ord").WherePK().Exec(ctx)
		}
		if err != nil {
			return 0, takenKey(err)
		}
		return id, q.saveSkills(ctx, tx, id, e)
	})
	return id, err
}

func checkShifts(shifts []Shift) error {
	for _, s := range shifts {
		if s.Weekday < 1 || s.Weekday > 7 || s.Kind != "open" && s.Kind != "break" || s.FromMin < 0 || s.FromMin >= s.ToMin || s.ToMin > 24*60 {
			return invalid("shifts", "range")
		}
	}
	return nil
}

func (q *Queue) saveSkills(ctx context.Context, tx *db.Tx, counter int64, e CounterEdit) error {
	for _, table := range []string{"counter_services", "shifts"} {
		if _, err := tx.NewRaw("DELETE FROM "+table+" WHERE counter_id = ?", counter).Exec(ctx); err != nil {
			return fmt.Errorf("save a counter: %w", err)
		}
	}
	skills, shifts := slices.Clone(e.Skills), slices.Clone(e.Shifts)
	for i := range skills {
		skills[i].CounterID = counter
	}
	for i := range shifts {
		shifts[i].ID, shifts[i].CounterID = db.NewID(q.clock), counter
	}
	if len(skills) > 0 {
		if _, err := tx.NewInsert().Model(&skills).Exec(ctx); err != nil {
			return invalid("skills", "twice")
		}
	}
	if len(shifts) > 0 {
		if _, err := tx.NewInsert().Model(&shifts).Exec(ctx); err != nil {
			return fmt.Errorf("save a counter: %w", err)
		}
	}
	return nil
}

// EndCounter takes a counter away. *RefusedError InUse while somebody sits there or
// waits for it alone.
func (q *Queue) EndCounter(ctx context.Context, v inbox.Viewer, siteID, id int64) error {
	return q.setUp(ctx, v, siteID, 0, "counter_ended", func(ctx context.Context, tx *db.Tx, h *House) (int64, error) {
		if h.Counter(id) == nil {
			return 0, ErrNotFound
		}
		var waits int
		if err := tx.NewRaw("SELECT count(*) FROM steps WHERE site_id = ? AND target_id = ? AND target_id > 0 AND state = 'waiting'", siteID, id).Scan(ctx, &waits); err != nil {
			return 0, err
		}
		if waits > 0 {
			return 0, refuse(InUse)
		}
		return id, endUnused(ctx, tx, "counters", id, "SELECT count(*) FROM sittings WHERE counter_id = ? AND to_at = 0")
	})
}

// DeviceEdit is a kiosk, a display or a tablet.
type DeviceEdit struct {
	ID        int64 // 0 makes one, with a new token
	SiteID    int64
	Kind      string
	Name      string
	CounterID int64  // of a tablet
	Settings  string // JSON
	Alone     bool   // a kiosk that goes on while the server is away gets a band of numbers
}

// SaveDevice makes a device or changes one. The token of a new one is shown this
// once; only its hash is kept.
func (q *Queue) SaveDevice(ctx context.Context, v inbox.Viewer, e DeviceEdit) (id int64, token string, err error) {
	switch {
	case !slices.Contains([]string{"kiosk", "display", "tablet"}, e.Kind):
		return 0, "", invalid("kind", "unknown")
	case e.Name == "" || len(e.Name) > 60:
		return 0, "", invalid("name", "required")
	}
	err = q.setUp(ctx, v, e.SiteID, 0, "device", func(ctx context.Context, tx *db.Tx, h *House) (int64, error) {
		if e.Kind == "tablet" && h.Counter(e.CounterID) == nil {
			return 0, invalid("counter", "unknown")
		}
		d := &Device{ID: db.NewID(q.clock), SiteID: e.SiteID, Kind: e.Kind, CreatedAt: tx.Now}
		if e.ID != 0 {
			if err := tx.NewSelect().Model(d).Where("dv.id = ? AND dv.site_id = ? AND dv.revoked_at = 0", e.ID, e.SiteID).Scan(ctx); err != nil {
				return 0, notFound(err)
			}
		}
		d.Name, d.CounterID, d.Settings = e.Name, e.CounterID, or(e.Settings, "{}")
		if d.Band == 0 && e.Kind == "kiosk" && e.Alone {
			if err := tx.NewRaw("SELECT COALESCE(MAX(band), 0) + 1 FROM devices WHERE site_id = ?", e.SiteID).Scan(ctx, &d.Band); err != nil {
				return 0, err
			}
		}
		var err error
		if id = d.ID; e.ID == 0 {
			token = secret.Token(32)
			d.TokenHash = secret.HashToken(token)
			_, err = tx.NewInsert().Model(d).Exec(ctx)
		} else {
			_, err = tx.NewUpdate().Model(d).Column("name", "counter_id", "settings", "band").WherePK().Exec(ctx)
		}
		return id, err
	})
	if err != nil {
		return 0, "", err
	}
	return id, token, nil
}

// RevokeDevice takes a device's token back, at once.
func (q *Queue) RevokeDevice(ctx context.Context, v inbox.Viewer, siteID, id int64) error {
	return q.setUp(ctx, v, siteID, 0, "device_revoked", func(ctx context.Context, tx *db.Tx, _ *House) (int64, error) {
		res, err := tx.NewRaw("UPDATE devices SET revoked_at = ? WHERE id = ? AND site_id = ? AND revoked_at = 0", tx.Now, id, siteID).Exec(ctx)
		if err != nil {
			return 0, err
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return 0, ErrNotFound
		}
		return id, nil
	})
}

// Devices are a site's devices that were not revoked, for those who see the site.
func (q *Queue) Devices(ctx context.Context, v inbox.Viewer, siteID int64) ([]*Device, error) {
	h, err := q.House(ctx, siteID)
	if err != nil {
		return nil, err
	}
	if !seesSite(h, v) {
		return nil, ErrNotFound
	}
	var out []*Device
	err = q.db.Read.NewSelect().Model(&out).Where("dv.site_id = ? AND dv.revoked_at = 0", siteID).OrderExpr("dv.kind, dv.name, dv.id").Scan(ctx)
	return out, err
}
