package queue

import (
	"database/sql"
	"errors"
	"slices"

	"filodiretto/inbox"
)

// Who may do what in a room. Whoever works in a front office or at reception, and
// belongs to an office that has a counter or a service at the site, works its
// queue: issues tickets, sees the room, sits at any of its desks. A specialist of
// the back office works the counters of the own office. An administrator sets the
// site up. What somebody may not see is not found.

// worksSite reports whether v works the whole queue of the site.
func worksSite(h *House, v inbox.Viewer) bool {
	if v.System {
		return true
	}
	return v.FrontDesk && v.OperatorID != 0 && ofSite(h, v)
}

// worksCounter reports whether v may sit at the counter.
func worksCounter(h *House, v inbox.Viewer, c *Counter) bool {
	if v.System {
		return true
	}
	return v.OperatorID != 0 && (v.Member(c.OfficeID) || c.Kind != "specialist" && worksSite(h, v))
}

// seesSite reports whether v may look at the room: those who work anywhere in it,
// and administrators.
func seesSite(h *House, v inbox.Viewer) bool {
	return v.System || v.Admin || v.OperatorID != 0 && ofSite(h, v)
}

func ofSite(h *House, v inbox.Viewer) bool {
	return slices.ContainsFunc(h.Counters, func(c *Counter) bool { return c.EndedAt == 0 && v.Member(c.OfficeID) }) ||
		slices.ContainsFunc(h.Services, func(s *Service) bool { return s.EndedAt == 0 && v.Member(s.OfficeID) })
}

func setsUp(v inbox.Viewer) error {
	if v.System || v.Admin {
		return nil
	}
	return ErrNotFound
}

// notFound turns "no rows" into ErrNotFound and leaves other errors as they are.
func notFound(err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return ErrNotFound
	}
	return err
}
