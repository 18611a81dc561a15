package queue

import (
	"context"
	"fmt"
	"math"
	"regexp"

	"filodiretto/inbox"
	"filodiretto/internal/db"
	"filodiretto/queue/order"
)

// seriesShape is one or two capital letters, the last not one of bandAlphabet.
var seriesShape = regexp.MustCompile(`^[A-Z]?[A-IL-VZ]$`)

// SaveGroup opens a group (ID 0) or changes one, and returns its id.
func (q *Queue) SaveGroup(ctx context.Context, v inbox.Viewer, g Group) (int64, error) {
	switch {
	case !keyShape.MatchString(g.Key):
		return 0, invalid("key", "shape")
	case g.Names.In("it") == "":
		return 0, invalid("names", "required")
	case !seriesShape.MatchString(g.Series):
		return 0, invalid("series", "shape")
	}
	return q.saveRow(ctx, v, g.SiteID, "group", &g.ID, &g, func(h *House) error {
		if g.ID != 0 && h.Group(g.ID) == nil {
			return ErrNotFound
		}
		for _, o := range h.Groups {
			if o.ID != g.ID && o.Series == g.Series {
				return invalid("series", "taken")
			}
		}
		return nil
	}, "key", "names", "series", "ord")
}

// SaveService opens a service (ID 0) or changes one, and returns its id.
func (q *Queue) SaveService(ctx context.Context, v inbox.Viewer, s Service) (int64, error) {
	switch {
	case !keyShape.MatchString(s.Key):
		return 0, invalid("key", "shape")
	case s.Names.In("it") == "":
		return 0, invalid("names", "required")
	case !(s.Minutes > 0 && s.Minutes <= 480):
		return 0, invalid("minutes", "range")
	case s.PerDay < 0:
		return 0, invalid("per_day", "range")
	}
	return q.saveRow(ctx, v, s.SiteID, "service", &s.ID, &s, func(h *House) error {
		switch {
		case s.ID != 0 && h.Service(s.ID) == nil:
			return ErrNotFound
		case h.Group(s.GroupID) == nil:
			return invalid("group", "unknown")
		}
		return nil
	}, "group_id", "key", "names", "office_id", "minutes", "kiosk", "remote", "per_day", "ord")
}

// EndService takes a service off. *RefusedError InUse while somebody waits for it.
func (q *Queue) EndService(ctx context.Context, v inbox.Viewer, siteID, id int64) error {
	return q.setUp(ctx, v, siteID, 0, "service_ended", func(ctx context.Context, tx *db.Tx, h *House) (int64, error) {
		if h.Service(id) == nil {
			return 0, ErrNotFound
		}
		return id, endUnused(ctx, tx, "services", id, "SELECT count(*) FROM tickets AS t JOIN steps AS s ON s.ticket_id = t.id WHERE t.ended_at = 0 AND s.ended_at = 0 AND s.service_id = ?")
	})
}

// SaveClass adds a class of precedence (ID 0) or changes one, and returns its id. The
// keys of the three that every site has stay as they are.
func (q *Queue) SaveClass(ctx context.Context, v inbox.Viewer, c Class) (int64, error) {
	switch {
	case !keyShape.MatchString(string(c.Key)):
		return 0, invalid("key", "shape")
	case c.Names.In("it") == "":
		return 0, invalid("names", "required")
	case !(c.Slope > 0) || math.IsInf(c.Slope, 0):
		return 0, invalid("slope", "range") // its people would starve
	case math.IsNaN(c.HeadMin) || math.IsInf(c.HeadMin, 0):
		return 0, invalid("head_min", "range")
	}
	return q.saveRow(ctx, v, c.SiteID, "class", &c.ID, &c, func(h *House) error {
		old := h.Class(c.ID)
		switch {
		case c.ID != 0 && old == nil:
			return ErrNotFound
		case old != nil && old.Key != c.Key && (old.Key == order.WalkIn || old.Key == order.Appointment || old.Key == order.Protected):
			return invalid("key", "fixed")
		}
		return nil
	}, "key", "names", "head_min", "slope", "absolute", "level", "kiosk", "ord")
}

// saveRow inserts a row of the set-up, or changes the named columns of one.
func (q *Queue) saveRow(ctx context.Context, v inbox.Viewer, siteID int64, what string, id *int64, row any, check func(*House) error, columns ...string) (int64, error) {
	err := q.setUp(ctx, v, siteID, 0, what, func(ctx context.Context, tx *db.Tx, h *House) (int64, error) {
		if err := check(h); err != nil {
			return 0, err
		}
		var err error
		if *id == 0 {
			*id = db.NewID(q.clock)
			_, err = tx.NewInsert().Model(row).Exec(ctx)
		} else {
			_, err = tx.NewUpdate().Model(row).Column(columns...).WherePK().Exec(ctx)
		}
		if err != nil {
			return 0, takenKey(err)
		}
		return *id, nil
	})
	if err != nil {
		return 0, err
	}
	return *id, nil
}

// endUnused ends a row of the set-up that nothing uses.
func endUnused(ctx context.Context, tx *db.Tx, table string, id int64, uses string) error {
	var n int
	if err := tx.NewRaw(uses, id).Scan(ctx, &n); err != nil {
		return fmt.Errorf("look who uses it: %w", err)
	}
	if n > 0 {
		return refuse(InUse)
	}
	_, err := tx.NewRaw("UPDATE "+table+" SET ended_at = ? WHERE id = ? AND ended_at = 0", tx.Now, id).Exec(ctx)
	return err
}
