package queue

import (
	"context"
	"fmt"

	"filodiretto/inbox"
	"filodiretto/internal/clock"
)

// RoomView is the live room as those who work in it see it.
type RoomView struct {
	House     *House
	Session   *Session // nil when the day was not opened yet
	Code      string   // of presence, that the displays show; empty without a session
	Open      bool     // within the opening hours
	Until     clock.Instant
	Visits    []Visit // who waits (first those who can be called), is called, served or held; by seniority
	Sittings  []SittingView
	Elsewhere int // visits that go on at the back office
}

// Visit is a step that goes on, with its ticket.
type Visit struct {
	Step   Step
	Ticket Ticket
	Person string // name on file; empty when nobody knows
}

// SittingView is who sits at a counter.
type SittingView struct {
	Sitting
	Operator string
}

// Room is the live room: who waits for what since when, who is where. Who came for
// a reserved office is named to that office alone. ErrNotFound for those who do not
// work there.
func (q *Queue) Room(ctx context.Context, v inbox.Viewer, siteID int64) (*RoomView, error) {
	h, err := q.House(ctx, siteID)
	if err != nil {
		return nil, err
	}
	if !seesSite(h, v) {
		return nil, ErrNotFound
	}
	now := q.clock.Now()
	out := &RoomView{House: h}
	out.Until, out.Open = h.Calendar.Open(now)
	if out.Session, out.Code, err = q.session(ctx, h, now); err != nil {
		return nil, err
	}
	if out.Visits, err = q.visits(ctx, siteID); err != nil {
		return nil, err
	}
	veil, err := veilFor(ctx, q.db.Read, h, v)
	if err != nil {
		return nil, err
	}
	veil.visits(out.Visits)
	if out.Sittings, err = q.sittings(ctx, siteID); err != nil {
		return nil, err
	}
	err = q.db.Ask(ctx, `SELECT count(*) FROM steps AS s JOIN tickets AS t ON t.id = s.ticket_id
		WHERE t.site_id = ? AND t.day = ? AND t.ended_at = 0 AND s.state = 'transferred' AND s.ended_at = 0`, []any{siteID, h.Today(now)}, &out.Elsewhere)
	return out, err
}

// session reads today's session and the code that its displays show.
func (q *Queue) session(ctx context.Context, h *House, now clock.Instant) (*Session, string, error) {
	s := new(Session)
	err := q.db.Read.NewSelect().Model(s).Where("ss.site_id = ? AND ss.day = ?", h.Site.ID, h.Today(now)).Scan(ctx)
	switch notFound(err) {
	case nil:
	case ErrNotFound:
		return nil, "", nil
	default:
		return nil, "", fmt.Errorf("the site's day: %w", err)
	}
	if s.EndedAt != 0 {
		return s, "", nil
	}
	return s, presenceCode(s, h.Set, now), nil
}

func (q *Queue) visits(ctx context.Context, siteID int64) ([]Visit, error) {
	var steps []Step
	err := q.db.Read.NewSelect().Model(&steps).Where("s.site_id = ? AND s.state IN ('waiting','called','serving','held')", siteID).
		OrderExpr("CASE WHEN s.eligible_at = 0 THEN 1 ELSE 0 END, s.ref_at, s.arrived_at, s.id").Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("who is in the room: %w", err)
	}
	var tickets []struct {
		Ticket
		Person string
	}
	err = q.db.Read.NewSelect().Model((*Ticket)(nil)).ColumnExpr("t.*, COALESCE(r.name, '') AS person").
		Join("LEFT JOIN citizens AS z ON z.id = t.citizen_id").Join("LEFT JOIN citizens AS r ON r.id = z.root_id").
		Where("t.id IN (SELECT x.ticket_id FROM steps AS x WHERE x.site_id = ? AND x.state IN ('waiting','called','serving','held'))", siteID).Scan(ctx, &tickets)
	if err != nil {
		return nil, fmt.Errorf("who is in the room: %w", err)
	}
	byID := make(map[int64]int, len(tickets))
	for i := range tickets {
		byID[tickets[i].ID] = i
	}
	out := make([]Visit, 0, len(steps))
	for _, s := range steps {
		if i, ok := byID[s.TicketID]; ok { // one that came between the two reads is told of by an event
			out = append(out, Visit{Step: s, Ticket: tickets[i].Ticket, Person: tickets[i].Person})
		}
	}
	return out, nil
}

func (q *Queue) sittings(ctx context.Context, siteID int64) ([]SittingView, error) {
	var out []SittingView
	err := q.db.Read.NewSelect().Model((*Sitting)(nil)).ColumnExpr("st.*, o.name AS operator").Join("JOIN operators AS o ON o.id = st.operator_id").
		Where("st.site_id = ? AND st.to_at = 0", siteID).OrderExpr("st.counter_id").Scan(ctx, &out)
	if err != nil {
		return nil, fmt.Errorf("who sits where: %w", err)
	}
	return out, nil
}
