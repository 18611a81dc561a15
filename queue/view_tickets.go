package queue

import (
	"context"
	"fmt"
)

// Tickets are tickets as their owners see them, by id: the rooms are read once each,
// however many tickets there are. Those that are not known are left out. It asks
// nobody who wants to know: whoever shows one to a person looks first whose it is.
func (q *Queue) Tickets(ctx context.Context, ids ...int64) (map[int64]*TicketView, error) {
	out := make(map[int64]*TicketView, len(ids))
	if len(ids) == 0 {
		return out, nil
	}
	var tickets []*Ticket
	if err := q.db.Read.NewSelect().Model(&tickets).Where("t.id IN (?)", listOf(ids)).Scan(ctx); err != nil {
		return nil, fmt.Errorf("tickets: %w", err)
	}
	rooms, sitting := map[int64]map[int64]Place{}, map[int64][]int64{}
	for _, t := range tickets {
		h, err := q.House(ctx, t.SiteID)
		if err != nil {
			return nil, err
		}
		v := &TicketView{House: h, Ticket: *t, At: q.clock.Now()}
		_, v.Open = h.Calendar.Open(v.At)
		out[t.ID] = v
	}
	var steps []Step
	if err := q.db.Read.NewSelect().Model(&steps).Where("s.ticket_id IN (?)", listOf(ids)).OrderExpr("s.ticket_id, s.ord").Scan(ctx); err != nil {
		return nil, fmt.Errorf("tickets' steps: %w", err)
	}
	for _, s := range steps {
		if v := out[s.TicketID]; v != nil {
			v.Steps = append(v.Steps, s)
		}
	}
	for _, v := range out {
		v.chooseCurrent()
		if v.Current == nil || v.Current.State != Waiting {
			continue
		}
		places := rooms[v.Ticket.SiteID]
		if places == nil {
			var err error
			if places, err = q.Places(ctx, v.Ticket.SiteID); err != nil {
				return nil, err
			}
			if sitting[v.Ticket.SiteID], err = q.OpenCounters(ctx, v.Ticket.SiteID); err != nil {
				return nil, err
			}
			rooms[v.Ticket.SiteID] = places
		}
		v.Sitting = sitting[v.Ticket.SiteID]
		if p, ok := places[v.Current.ID]; ok {
			v.Place = &p
		}
	}
	return out, nil
}

// chooseCurrent finds which step goes on, and where.
func (v *TicketView) chooseCurrent() {
	for i := range v.Steps {
		if v.Steps[i].State.goesOn() {
			v.Current = &v.Steps[i]
		}
	}
	if v.Current != nil && v.Current.State.atCounter() {
		v.Counter = v.House.Counter(v.Current.CounterID)
	}
}

// Last is the step that goes on, else the one that ended last.
func (v *TicketView) Last() *Step {
	if v.Current != nil {
		return v.Current
	}
	return &v.Steps[len(v.Steps)-1]
}

// OpenOf are the open tickets of a person, wherever they were taken, oldest first.
// All records that are one person by a merge count.
func (q *Queue) OpenOf(ctx context.Context, citizenID int64) ([]int64, error) {
	var ids []int64
	err := q.db.Ask(ctx, `SELECT t.id FROM tickets AS t WHERE t.ended_at = 0 AND t.citizen_id > 0 AND t.citizen_id IN
		(SELECT z.id FROM citizens AS z WHERE z.root_id = (SELECT root_id FROM citizens WHERE id = ?)) ORDER BY t.id`, []any{citizenID}, &ids)
	if err != nil {
		return nil, fmt.Errorf("a person's open tickets: %w", err)
	}
	return ids, nil
}

// OwnerOf reports whether a ticket belongs to a person.
func (q *Queue) OwnerOf(ctx context.Context, ticketID, citizenID int64) error {
	_, _, err := q.find(ctx, Owner{TicketID: ticketID, CitizenID: citizenID})
	return err
}
