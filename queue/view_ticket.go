package queue

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"filodiretto/inbox"
	"filodiretto/internal/clock"
	"filodiretto/queue/order"
)

// TicketView is a ticket as its owner sees it. The class is not shown.
type TicketView struct {
	House   *House
	Ticket  Ticket
	Steps   []Step // in the order of the visit
	Current *Step  // which goes on; nil when the visit is over
	Place   *Place // while waiting, also while away or put back
	Counter *Counter
	Open    bool
	Sitting []int64 // counters at which somebody sits, while the number waits
	At      clock.Instant
}

// TicketState is a ticket by its secret, or for the person to whom it belongs.
func (q *Queue) TicketState(ctx context.Context, o Owner) (*TicketView, error) {
	id, site, err := q.find(ctx, o)
	if err != nil {
		return nil, err
	}
	h, err := q.House(ctx, site)
	if err != nil {
		return nil, err
	}
	out := &TicketView{House: h, At: q.clock.Now()}
	_, out.Open = h.Calendar.Open(out.At)
	if err := q.db.Read.NewSelect().Model(&out.Ticket).Where("t.id = ?", id).Scan(ctx); err != nil {
		return nil, notFound(err)
	}
	if err := q.db.Read.NewSelect().Model(&out.Steps).Where("s.ticket_id = ?", id).OrderExpr("s.ord").Scan(ctx); err != nil {
		return nil, fmt.Errorf("a ticket's steps: %w", err)
	}
	for i := range out.Steps {
		if out.Steps[i].State.goesOn() {
			out.Current = &out.Steps[i]
		}
	}
	if out.Current == nil {
		return out, nil
	}
	if out.Current.State.atCounter() {
		out.Counter = h.Counter(out.Current.CounterID)
	}
	if out.Current.State == Waiting {
		places, err := q.Places(ctx, site)
		if err != nil {
			return nil, err
		}
		if out.Sitting, err = q.OpenCounters(ctx, site); err != nil {
			return nil, err
		}
		if p, ok := places[out.Current.ID]; ok {
			out.Place = &p
		}
	}
	return out, nil
}

// VisitsOf are the tickets of a person, newest first, with their steps: what the
// file shows of visits. All records that are one person by a merge count. What
// somebody came for at a reserved office is seen by that office only.
func (q *Queue) VisitsOf(ctx context.Context, v inbox.Viewer, citizenID int64, limit int) ([]Visited, error) {
	if v.OperatorID == 0 && !v.System || !v.System && !v.FrontDesk && len(v.Offices) == 0 {
		return nil, ErrNotFound
	}
	var out []Visited
	err := q.db.Read.NewSelect().Model((*Ticket)(nil)).ColumnExpr("t.*").
		Where("t.citizen_id > 0 AND t.citizen_id IN (SELECT z.id FROM citizens AS z WHERE z.root_id = (SELECT root_id FROM citizens WHERE id = ?))", citizenID).
		OrderExpr("t.issued_at DESC, t.id DESC").Limit(int64(limit)).Scan(ctx, &out)
	if err != nil {
		return nil, fmt.Errorf("a person's visits: %w", err)
	}
	ids := make([]int64, len(out))
	at := map[int64]int{}
	for i := range out {
		ids[i], at[out[i].ID] = out[i].ID, i
	}
	if len(ids) == 0 {
		return nil, nil
	}
	var steps []Step
	sel := q.db.Read.NewSelect().Model(&steps).Where("s.ticket_id IN (?)", listOf(ids)).OrderExpr("s.ticket_id, s.ord")
	if !v.System {
		sel = sel.Where("s.service_id IN (SELECT sv.id FROM services AS sv JOIN offices AS o ON o.id = sv.office_id WHERE NOT o.reserved OR o.id IN (?))", listOf(append([]int64{0}, v.Offices...)))
	}
	if err := sel.Scan(ctx); err != nil {
		return nil, fmt.Errorf("a person's visits: %w", err)
	}
	for _, s := range steps {
		out[at[s.TicketID]].Steps = append(out[at[s.TicketID]].Steps, s)
	}
	return slices.DeleteFunc(out, func(x Visited) bool { return len(x.Steps) == 0 }), nil
}

// Visited is a ticket with its steps.
type Visited struct {
	Ticket
	Steps []Step `bun:"-"`
}

// SegmentsOf are the phases of a step in their order, those undone left out.
func (q *Queue) SegmentsOf(ctx context.Context, stepID int64) ([]Segment, error) {
	var out []Segment
	err := q.db.Read.NewSelect().Model(&out).Where("sm.step_id = ? AND sm.undone_at = 0", stepID).OrderExpr("sm.from_at, sm.id").Scan(ctx)
	return out, err
}

// Explained is a call with why it was this one.
type Explained struct {
	Call     Call
	Decision *order.Decision // of the order's own call
	Chosen   *ChosenWhy      // of one out of order
}

// Why explains a call to those who work in the room: the values of the called and
// of the runner-up, as they were (queue 4.5).
func (q *Queue) Why(ctx context.Context, v inbox.Viewer, callID int64) (*Explained, error) {
	out := new(Explained)
	if err := q.db.Read.NewSelect().Model(&out.Call).Where("ca.id = ?", callID).Scan(ctx); err != nil {
		return nil, notFound(err)
	}
	h, err := q.House(ctx, out.Call.SiteID)
	if err != nil {
		return nil, err
	}
	if !seesSite(h, v) {
		return nil, ErrNotFound
	}
	return out, out.read()
}

func (e *Explained) read() error {
	var err error
	switch e.Call.Kind {
	case "next":
		e.Decision = new(order.Decision)
		err = json.Unmarshal([]byte(e.Call.Why), e.Decision)
	case "chosen":
		e.Chosen = new(ChosenWhy)
		err = json.Unmarshal([]byte(e.Call.Why), e.Chosen)
	}
	if err != nil {
		return fmt.Errorf("read why a call was made: %w", err)
	}
	return nil
}

// NotMe is a call of somebody else while the owner of a ticket waited, and why:
// nobody is named, and no class.
type NotMe struct {
	At     clock.Instant
	Place  string
	Reason string // "service" (the counter does not do mine), "away", "put_back", "early", "bound", "chosen", or an order.Reason; precedence is ByTier or ByClass
}

// mostNotMe is how many calls are explained.
const mostNotMe = 10

// WhyNotMe explains the newest calls of others to the owner of a ticket (queue 5,
// point 5).
func (q *Queue) WhyNotMe(ctx context.Context, o Owner) ([]NotMe, error) {
	t, err := q.TicketState(ctx, o)
	if err != nil || t.Current == nil {
		return nil, err
	}
	me := t.Current
	var calls []Call
	err = q.db.Read.NewSelect().Model(&calls).Where("ca.site_id = ? AND ca.day = ? AND ca.at >= ? AND ca.undone_at = 0 AND ca.kind <> 'recall' AND ca.ticket_id <> ?",
		t.Ticket.SiteID, t.Ticket.Day, t.Ticket.IssuedAt, t.Ticket.ID).OrderExpr("ca.id DESC").Limit(mostNotMe).Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("calls of others: %w", err)
	}
	var out []NotMe
	for _, c := range calls {
		if me.FirstCalledAt != 0 && c.At >= me.FirstCalledAt {
			continue
		}
		why, err := q.notMe(t.House, me, c)
		if err != nil {
			return nil, err
		}
		out = append(out, NotMe{At: c.At, Place: c.Place, Reason: why})
	}
	return out, nil
}

func (q *Queue) notMe(h *House, me *Step, c Call) (string, error) {
	e := Explained{Call: c}
	if err := e.read(); err != nil {
		return "", err
	}
	if e.Chosen != nil {
		return "chosen", nil
	}
	who, w := h.Order(c.CounterID), h.Waits(me)
	switch h.Policy.Bar(c.At, who, w) {
	case order.NoSkill, order.NoClass:
		return "service", nil
	case order.OtherCounter:
		return "bound", nil
	case order.PutBack:
		return "put_back", nil
	case order.TooEarly:
		return "early", nil
	}
	if me.EligibleAt == 0 || me.EligibleAt > c.At {
		return "away", nil
	}
	other := e.Decision.Called
	mine := h.Policy.Place(c.At, who, w)
	switch {
	case mine.LetPass > 0:
		return string(order.ByPass), nil
	case other.Tier != mine.Tier:
		return string(order.ByTier), nil
	case other.Handicap < mine.Handicap && other.Value+other.Handicap < mine.Value+mine.Handicap:
		return string(order.BySkill), nil
	case other.Class != mine.Class && other.Minutes <= mine.Minutes:
		return string(order.ByClass), nil
	}
	return string(order.ByWait), nil
}
