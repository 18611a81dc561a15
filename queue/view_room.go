package queue

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"filodiretto/inbox"
	"filodiretto/internal/clock"
	"filodiretto/internal/db"
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
	Elsewhere int      // visits that go on at the back office
	Notices   []Notice // what devices told today and nobody has seen to, oldest first
	Ailing    []Device // the devices that have a Problem
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
	if out.Notices, out.Ailing, err = q.notices(ctx, h, now); err != nil {
		return nil, err
	}
	if out.Visits, err = q.visits(ctx, h); err != nil {
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

// visits are all who are in a room, by seniority; first those who can be called.
func (q *Queue) visits(ctx context.Context, h *House) ([]Visit, error) {
	steps, err := q.here(ctx, h)
	if err != nil {
		return nil, err
	}
	steps = slices.Clone(steps)
	bySeniority(steps)
	return q.visitsOf(ctx, steps)
}

func bySeniority(steps []*Step) {
	away := func(s *Step) int {
		if s.EligibleAt == 0 {
			return 1
		}
		return 0
	}
	slices.SortFunc(steps, func(a, b *Step) int {
		return cmp.Or(away(a)-away(b), cmp.Compare(a.RefAt, b.RefAt), cmp.Compare(a.ArrivedAt, b.ArrivedAt), cmp.Compare(a.ID, b.ID))
	})
}

// mostNamed is for how many tickets at once is asked.
const mostNamed = 500

// visitsOf are steps with their tickets and the names on file, in their order.
func (q *Queue) visitsOf(ctx context.Context, steps []*Step) ([]Visit, error) {
	out := make([]Visit, 0, len(steps))
	for some := range slices.Chunk(steps, mostNamed) {
		ids := make([]int64, len(some))
		for i, s := range some {
			ids[i] = s.TicketID
		}
		var tickets []struct {
			Ticket
			Person string
		}
		marks, args := db.In(ids)
		err := q.db.Ask(ctx, `SELECT t.*, COALESCE(r.name, '') AS person FROM tickets AS t
			LEFT JOIN citizens AS z ON z.id = t.citizen_id LEFT JOIN citizens AS r ON r.id = z.root_id WHERE t.id IN (`+marks+")", args, &tickets)
		if err != nil {
			return nil, fmt.Errorf("who is in the room: %w", err)
		}
		byID := make(map[int64]int, len(tickets))
		for i := range tickets {
			byID[tickets[i].ID] = i
		}
		for _, s := range some {
			if i, ok := byID[s.TicketID]; ok {
				out = append(out, Visit{Step: *s, Ticket: tickets[i].Ticket, Person: tickets[i].Person})
			}
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
