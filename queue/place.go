package queue

import (
	"context"
	"sync"
)

// place is the site and the ticket to which a step belongs. It never changes.
type place struct{ site, ticket int64 }

// places are those of the steps that were lately at hand, so that a verb need not
// ask where its step is before its turn.
type places struct {
	mu sync.Mutex
	of map[int64]place // by step
}

// mostPlaces bounds the places that are kept; with more, all are forgotten.
const mostPlaces = 20_000

func (p *places) get(step int64) (place, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	at, known := p.of[step]
	return at, known
}

func (p *places) keep(more map[int64]place) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.of == nil || len(p.of)+len(more) > mostPlaces {
		p.of = make(map[int64]place, len(more))
	}
	for step, at := range more {
		p.of[step] = at
	}
}

// placeOfStep finds where a step is, so that its room can be entered.
func (q *Queue) placeOfStep(ctx context.Context, stepID int64) (site, ticket int64, err error) {
	if at, known := q.places.get(stepID); known {
		return at.site, at.ticket, nil
	}
	var row struct{ SiteID, TicketID int64 }
	if err := q.db.Ask(ctx, "SELECT site_id, ticket_id FROM steps WHERE id = ?", []any{stepID}, &row); err != nil {
		return 0, 0, notFound(err)
	}
	q.places.keep(map[int64]place{stepID: {row.SiteID, row.TicketID}})
	return row.SiteID, row.TicketID, nil
}

// keepPlaces remembers the steps that a turn changed, once they are committed.
func (r *room) keepPlaces() {
	at := map[int64]place{}
	for id, k := range r.steps {
		if k.changed {
			at[id] = place{k.row.SiteID, k.row.TicketID}
		}
	}
	if len(at) > 0 {
		r.tx.After(func() { r.q.places.keep(at) })
	}
}
