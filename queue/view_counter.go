package queue

import (
	"context"
	"fmt"
	"slices"
	"time"

	"filodiretto/inbox"
	"filodiretto/internal/clock"
	"filodiretto/queue/order"
)

// CounterView is what a counter's page shows.
type CounterView struct {
	House    *House
	Counter  *Counter
	Sitting  *SittingView // nil when nobody sits there
	Now      *Visit       // who is called or served
	Steps    []Step       // of that visit, all of them
	Held     []Visit      // set aside by this counter
	Waiting  int          // who can be called to this counter now or later
	Next     []Visit      // the first of them, in the order in which they would be called
	LastVerb int64        // what Undo would take back, 0 for nothing
	UndoTill clock.Instant
	Notices  []Notice // as RoomView has them
	Ailing   []Device
}

const nextShown = 8

// CounterState is the state of a counter for those who may sit there.
func (q *Queue) CounterState(ctx context.Context, v inbox.Viewer, counterID int64) (*CounterView, error) {
	site, err := q.siteOfCounter(ctx, counterID)
	if err != nil {
		return nil, err
	}
	h, err := q.House(ctx, site)
	if err != nil {
		return nil, err
	}
	c := h.Counter(counterID)
	if c == nil || !worksCounter(h, v, c) {
		return nil, ErrNotFound
	}
	out := &CounterView{House: h, Counter: c}
	steps, err := q.here(ctx, h)
	if err != nil {
		return nil, err
	}
	if err := q.deskVisits(ctx, out, steps); err != nil {
		return nil, err
	}
	veil, err := veilFor(ctx, q.db.Read, h, v)
	if err != nil {
		return nil, err
	}
	veil.visits(out.Next)
	if out.Notices, out.Ailing, err = q.notices(ctx, h, q.clock.Now()); err != nil {
		return nil, err
	}
	sittings, err := q.sittings(ctx, site)
	if err != nil {
		return nil, err
	}
	for i := range sittings {
		if sittings[i].CounterID == counterID {
			out.Sitting = &sittings[i]
		}
	}
	if out.Now != nil {
		err := q.db.Read.NewSelect().Model(&out.Steps).Where("s.ticket_id = ?", out.Now.Ticket.ID).OrderExpr("s.ord").Scan(ctx)
		if err != nil {
			return nil, fmt.Errorf("a visit's steps: %w", err)
		}
	}
	return out, q.lastVerb(ctx, v, out)
}

// deskVisits picks who concerns the counter, and reads who they are.
func (q *Queue) deskVisits(ctx context.Context, out *CounterView, steps []*Step) error {
	now, held, next := out.sort(q.clock.Now(), steps)
	visits, err := q.visitsOf(ctx, slices.Concat(now, held, next))
	if err != nil {
		return err
	}
	for _, v := range visits {
		switch {
		case v.Step.State.atCounter():
			out.Now = &v
		case v.Step.State == Held:
			out.Held = append(out.Held, v)
		default:
			out.Next = append(out.Next, v)
		}
	}
	return nil
}

// sort picks what concerns the counter: who is there, who is held by it, and the
// first of those who wait for it, in the order in which they would be called.
func (out *CounterView) sort(now clock.Instant, steps []*Step) (at, held, next []*Step) {
	byID := map[int64]*Step{}
	var waiting []order.Waiting
	who := out.House.Order(out.Counter.ID)
	for _, s := range steps {
		mine := s.CounterID == out.Counter.ID
		switch {
		case s.State.atCounter() && mine:
			at = append(at, s)
		case s.State == Held && mine:
			held = append(held, s)
		case s.State == Waiting && s.EligibleAt != 0:
			w := out.House.Waits(s)
			if _, bar := who.Serves(w); bar == order.None {
				waiting = append(waiting, w)
				byID[s.ID] = s
			}
		}
	}
	out.Waiting = len(waiting)
	bySeniority(held)
	ranked := out.House.Policy.Rank(now, who, waiting)
	for _, r := range ranked[:min(len(ranked), nextShown)] {
		next = append(next, byID[r.ID])
	}
	return at, held, next
}

// lastVerb finds what the operator could take back.
func (q *Queue) lastVerb(ctx context.Context, v inbox.Viewer, out *CounterView) error {
	if v.OperatorID == 0 {
		return nil
	}
	var row StepVerb
	now := q.clock.Now()
	err := q.db.Read.NewSelect().Model(&row).Where("vb.operator_id = ? AND vb.at >= ? AND vb.undone_at = 0 AND vb.verb NOT IN ('undo','to_office')", v.OperatorID, now.Add(-q.undo)).
		Where("vb.version = (SELECT s.version FROM steps AS s WHERE s.id = vb.step_id)").OrderExpr("vb.id DESC").Limit(1).Scan(ctx)
	switch notFound(err) {
	case nil:
		out.LastVerb, out.UndoTill = row.ID, row.At.Add(q.undo)
	case ErrNotFound:
	default:
		return fmt.Errorf("what was done last: %w", err)
	}
	return nil
}

// Place is where somebody stands.
type Place struct {
	StepID   int64
	TicketID int64
	Ahead    int // how many who share a counter with them would be called before
}

// Places gives the place of everybody who can be called, for the counters that are
// open now; when none does a service, for all that do it. It reads the whole room
// once: whoever shows many places asks once for each change of the room.
func (q *Queue) Places(ctx context.Context, siteID int64) (map[int64]Place, error) {
	h, err := q.House(ctx, siteID)
	if err != nil {
		return nil, err
	}
	steps, err := q.here(ctx, h)
	if err != nil {
		return nil, err
	}
	open, err := q.OpenCounters(ctx, siteID)
	if err != nil {
		return nil, err
	}
	return h.places(q.clock.Now(), steps, open), nil
}

// places gives the place of those who wait.
func (h *House) places(now clock.Instant, steps []*Step, open []int64) map[int64]Place {
	sharing := h.sharing(open)
	byID := make(map[int64]*Step, len(steps))
	waiting := make([]*Step, 0, len(steps))
	for _, s := range steps {
		if s.State == Waiting {
			waiting = append(waiting, s)
			byID[s.ID] = s
		}
	}
	out := make(map[int64]Place, len(steps))
	before := map[int64]int{} // by service, how many of it stand before
	for _, id := range h.everybody(now, waiting) {
		s := byID[id]
		p := Place{StepID: s.ID, TicketID: s.TicketID}
		for _, other := range sharing[s.ServiceID] {
			p.Ahead += before[other]
		}
		out[s.ID] = p
		before[s.ServiceID]++
	}
	return out
}

// everybody puts people in the order in which one counter that does everything
// would call them if no time passed. Whoever is put back, early or away keeps the
// place that they have.
func (h *House) everybody(now clock.Instant, steps []*Step) []int64 {
	all := order.Counter{ID: -1}
	for _, s := range h.Services {
		all.Skills = append(all.Skills, order.Skill{Service: s.ID})
	}
	waiting := make([]order.Waiting, len(steps))
	for i, s := range steps {
		waiting[i] = h.Waits(s)
		waiting[i].Counter, waiting[i].NotBefore = 0, 0
	}
	policy := h.Policy
	policy.Early = 24 * time.Hour
	ranked := policy.Rank(now, all, waiting)
	out := make([]int64, len(ranked))
	for i, r := range ranked {
		out[i] = r.ID
	}
	return out
}

// sharing says for each service which services wait for the same counters.
func (h *House) sharing(open []int64) map[int64][]int64 {
	isOpen := map[int64]bool{}
	for _, id := range open {
		isOpen[id] = true
	}
	out := map[int64][]int64{}
	for _, s := range h.Services {
		seen := map[int64]bool{s.ID: true}
		for _, onlyOpen := range []bool{true, false} {
			for _, c := range h.Counters {
				if c.EndedAt != 0 || onlyOpen && !isOpen[c.ID] || !h.Does(c.ID, s.ID) {
					continue
				}
				for _, skill := range h.Skills[c.ID] {
					seen[skill.ServiceID] = true
				}
			}
			if len(seen) > 1 {
				break
			}
		}
		for id := range seen {
			out[s.ID] = append(out[s.ID], id)
		}
	}
	return out
}
