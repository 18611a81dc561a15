package queue

import (
	"context"
	"fmt"
	"slices"

	"github.com/uptrace/bun"
)

// want is what a command is likely to look at, so that a turn reads it with one
// query for all its commands. It is a hint: what is missing is read when asked for.
type want struct {
	counters  []int64
	operators []int64
	steps     []int64
	tickets   []int64
	issued    []string
	verbs     []verbKey
	call      bool
}

func (w *want) add(o want) {
	w.counters = append(w.counters, o.counters...)
	w.operators = append(w.operators, o.operators...)
	w.steps = append(w.steps, o.steps...)
	w.tickets = append(w.tickets, o.tickets...)
	w.issued = append(w.issued, o.issued...)
	w.verbs = append(w.verbs, o.verbs...)
	w.call = w.call || o.call
}

func (r *room) load(ctx context.Context, w want) error {
	if w.call {
		r.callers = len(w.counters)
	}
	for _, f := range []func() error{
		func() error { return r.loadVerbs(ctx, w.verbs) },
		func() error { return r.loadSittings(ctx, w.counters, w.operators) },
		func() error { return r.loadSteps(ctx, w.steps) },
		func() error { return r.loadVisits(ctx, w.tickets) },
		func() error { return r.loadAtCounters(ctx, w.counters) },
		func() error { return r.loadIssued(ctx, w.issued) },
	} {
		if err := f(); err != nil {
			return err
		}
	}
	if w.call {
		return r.loadLines(ctx, w.counters)
	}
	return nil
}

// loadSteps reads steps with their tickets and all the tickets' steps.
func (r *room) loadSteps(ctx context.Context, ids []int64) error {
	ids = slices.DeleteFunc(slices.Clone(ids), func(id int64) bool { return r.steps[id] != nil && r.ofTicket[r.steps[id].row.TicketID] != nil })
	if len(ids) == 0 {
		return nil
	}
	var tickets []int64
	if err := r.tx.NewSelect().Table("steps").Column("ticket_id").Distinct().Where("id IN (?)", bun.List(ids)).Scan(ctx, &tickets); err != nil {
		return fmt.Errorf("read steps: %w", err)
	}
	return r.loadVisits(ctx, tickets)
}

// loadVisits reads tickets with all their steps.
func (r *room) loadVisits(ctx context.Context, ids []int64) error {
	ids = slices.DeleteFunc(slices.Clone(ids), func(id int64) bool { return r.ofTicket[id] != nil })
	if len(ids) == 0 {
		return nil
	}
	var steps []*Step
	if err := r.tx.NewSelect().Model(&steps).Where("s.ticket_id IN (?)", bun.List(ids)).OrderExpr("s.ticket_id, s.ord").Scan(ctx); err != nil {
		return fmt.Errorf("read steps: %w", err)
	}
	return r.keepVisits(ctx, steps)
}

// keepVisits takes in all the steps of tickets, in their order, and the tickets.
func (r *room) keepVisits(ctx context.Context, steps []*Step) error {
	var ids []int64
	all := map[int64][]*Step{}
	for _, s := range steps {
		if len(all[s.TicketID]) == 0 {
			ids = append(ids, s.TicketID)
		}
		all[s.TicketID] = append(all[s.TicketID], s)
	}
	for _, id := range ids {
		if r.ofTicket[id] != nil {
			continue
		}
		for _, s := range all[id] {
			r.ofTicket[id] = append(r.ofTicket[id], r.keepStep(s))
		}
	}
	return r.loadTickets(ctx, ids)
}

func (r *room) loadTickets(ctx context.Context, ids []int64) error {
	ids = slices.DeleteFunc(slices.Clone(ids), func(id int64) bool { return r.tickets[id] != nil })
	if len(ids) == 0 {
		return nil
	}
	var tickets []*Ticket
	if err := r.tx.NewSelect().Model(&tickets).Where("t.id IN (?)", bun.List(ids)).Scan(ctx); err != nil {
		return fmt.Errorf("read tickets: %w", err)
	}
	for _, t := range tickets {
		r.keepTicket(t)
	}
	return nil
}

// loadSittings reads who sits at counters, and where operators sit.
func (r *room) loadSittings(ctx context.Context, counters, operators []int64) error {
	counters = slices.DeleteFunc(slices.Clone(counters), func(id int64) bool { _, known := r.sittings[id]; return known })
	operators = slices.DeleteFunc(slices.Clone(operators), func(id int64) bool { _, known := r.sitsAt[id]; return known })
	if len(counters)+len(operators) == 0 {
		return nil
	}
	var rows []*Sitting
	q := r.tx.NewSelect().Model(&rows).Where("st.to_at = 0").WhereGroup(" AND ", func(q *bun.SelectQuery) *bun.SelectQuery {
		if len(counters) > 0 {
			q = q.Where("st.counter_id IN (?)", bun.List(counters))
		}
		if len(operators) > 0 {
			q = q.WhereOr("st.operator_id IN (?)", bun.List(operators))
		}
		return q
	})
	if err := q.Scan(ctx); err != nil {
		return fmt.Errorf("read sittings: %w", err)
	}
	for _, id := range counters {
		r.sittings[id] = nil
	}
	for _, id := range operators {
		r.sitsAt[id] = nil
	}
	for _, s := range rows {
		if old := r.sittings[s.CounterID]; old != nil {
			s = old
		}
		r.sittings[s.CounterID], r.sitsAt[s.OperatorID] = s, s
	}
	return nil
}

// sitting is who sits at a counter, or nil.
func (r *room) sitting(ctx context.Context, counterID int64) (*Sitting, error) {
	err := r.loadSittings(ctx, []int64{counterID}, nil)
	return r.sittings[counterID], err
}

// loadAtCounters reads the steps that are called or served at counters.
func (r *room) loadAtCounters(ctx context.Context, counters []int64) error {
	counters = slices.DeleteFunc(slices.Clone(counters), func(id int64) bool { return r.looked[id] })
	if len(counters) == 0 {
		return nil
	}
	var steps []*Step
	err := r.tx.NewSelect().Model(&steps).Where("s.counter_id IN (?) AND s.state IN ('called','serving')", bun.List(counters)).Scan(ctx)
	if err != nil {
		return fmt.Errorf("read counters: %w", err)
	}
	for _, s := range steps {
		r.keepStep(s)
	}
	for _, id := range counters {
		r.looked[id] = true
	}
	return nil
}

// at is the step that is called or served at a counter, or nil.
func (r *room) at(ctx context.Context, counterID int64) (*Step, error) {
	if err := r.loadAtCounters(ctx, []int64{counterID}); err != nil {
		return nil, err
	}
	for _, k := range r.steps {
		if k.row.CounterID == counterID && k.row.State.atCounter() {
			return k.row, nil
		}
	}
	return nil, nil
}

// loadIssued reads the tickets that were issued under keys.
func (r *room) loadIssued(ctx context.Context, keys []string) error {
	keys = slices.DeleteFunc(slices.Clone(keys), func(k string) bool { _, known := r.issued[k]; return known })
	if len(keys) == 0 {
		return nil
	}
	var tickets []*Ticket
	err := r.tx.NewSelect().Model(&tickets).Where("t.site_id = ? AND t.idem_key IN (?)", r.h.Site.ID, bun.List(keys)).Scan(ctx)
	if err != nil {
		return fmt.Errorf("read tickets: %w", err)
	}
	for _, k := range keys {
		r.issued[k] = nil
	}
	for _, t := range tickets {
		r.issued[t.IdemKey] = r.keepTicket(t)
	}
	return nil
}
