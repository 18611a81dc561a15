package queue

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/uptrace/bun"

	"filodiretto/inbox"
)

// UndoVerb is the act that takes another back.
const UndoVerb Verb = "undo"

// Undo takes back an act of the staff within 30 s: the steps and the ticket are
// what they were, unless something else has happened to them since (queue 3, row
// 11). Segments and the call are marked undone; the phase in which the step was
// goes on from when it had begun.
func (q *Queue) Undo(ctx context.Context, v inbox.Viewer, verbID int64, key string) (*Result, error) {
	if len(key) > mostKey {
		return nil, invalid("key", "too_long")
	}
	var stepID int64
	if err := q.db.Ask(ctx, "SELECT step_id FROM step_verbs WHERE id = ?", []any{verbID}, &stepID); err != nil {
		return nil, notFound(err)
	}
	site, ticket, err := q.placeOfStep(ctx, stepID)
	if err != nil {
		return nil, err
	}
	k := verbKey{v.OperatorID, key}
	var out *Result
	err = q.at(ctx, site, want{tickets: []int64{ticket}, verbs: []verbKey{k}}, func(ctx context.Context, r *room) error {
		s, err := r.step(ctx, stepID)
		if err != nil {
			return err
		}
		if !r.mayAct(v, s) {
			return ErrNotFound
		}
		d, err := r.did(ctx, k)
		if err != nil {
			return err
		}
		if d != nil {
			out, err = r.again(ctx, d, UndoVerb)
			return err
		}
		out, err = r.takeBack(ctx, v, verbID, key)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// takeBack checks everything, and then puts back.
func (r *room) takeBack(ctx context.Context, v inbox.Viewer, verbID int64, key string) (*Result, error) {
	row, was, err := r.verbRow(ctx, verbID)
	if err != nil {
		return nil, err
	}
	switch {
	case row.UndoneAt != 0:
		return nil, refuse(UndoOvertaken)
	case row.Verb == UndoVerb || row.Verb == OfficeVerb || row.Actor != "operator":
		return nil, refuse(WrongState)
	case r.now > row.At.Add(r.q.undo):
		return nil, refuse(UndoTooLate)
	}
	steps := make([]*Step, len(was.Steps))
	for i, f := range was.Steps {
		if steps[i], err = r.step(ctx, f.ID); err != nil {
			return nil, err
		}
		if steps[i].Version != f.After {
			return nil, refuse(UndoOvertaken)
		}
	}
	for _, id := range was.Made {
		made, err := r.step(ctx, id)
		if err != nil {
			return nil, err
		}
		if made.Version != 1 { // nobody has touched it
			return nil, refuse(UndoOvertaken)
		}
		steps = append(steps, made)
	}
	if err := r.freeAgain(ctx, was.Steps, steps[0]); err != nil {
		return nil, err
	}
	return r.putAllBack(ctx, v, row, was, steps, key)
}

func (r *room) verbRow(ctx context.Context, id int64) (*StepVerb, former, error) {
	var was former
	row := new(StepVerb)
	if err := r.tx.NewSelect().Model(row).Where("vb.id = ?", id).Scan(ctx); err != nil {
		return nil, was, notFound(err)
	}
	if err := json.Unmarshal([]byte(row.Before), &was); err != nil {
		return nil, was, fmt.Errorf("read what was done: %w", err)
	}
	return row, was, nil
}

// freeAgain refuses when the counter to which a step would come back has somebody
// else by now, or another step of the visit goes on.
func (r *room) freeAgain(ctx context.Context, was []formerStep, own *Step) error {
	for _, f := range was {
		if !f.State.atCounter() {
			continue
		}
		there, err := r.at(ctx, f.CounterID)
		if err != nil {
			return err
		}
		if st, err := r.sitting(ctx, f.CounterID); err != nil {
			return err
		} else if st == nil {
			return refuse(NotOpen)
		}
		if there != nil && !slices.ContainsFunc(was, func(f formerStep) bool { return f.ID == there.ID }) {
			return &RefusedError{CounterBusy, there.TicketID}
		}
	}
	if !was[0].State.goesOn() || own.State.goesOn() {
		return nil
	}
	t, err := r.ticket(ctx, own.TicketID)
	if err != nil {
		return err
	}
	if t.Day != r.today || r.dayEnded() {
		return refuse(DayEnded)
	}
	return nil
}

func (r *room) putAllBack(ctx context.Context, v inbox.Viewer, row *StepVerb, was former, steps []*Step, key string) (*Result, error) {
	d := r.deed(UndoVerb, steps[0], by(v), key)
	for _, s := range steps[1:] {
		d.touch(s)
	}
	for i, s := range steps {
		to := formerStep{State: Cancelled, EndedAt: r.now, Outcome: "undone"} // what the act made
		if i < len(was.Steps) {
			to = was.Steps[i]
		}
		if err := r.undoSegments(ctx, s, row, to); err != nil {
			return nil, err
		}
		to.putBack(s)
	}
	if f := was.Ticket; f != nil {
		t, err := r.ticket(ctx, steps[0].TicketID)
		if err != nil {
			return nil, err
		}
		d.touchTicket(t)
		t.EndedAt, t.Outcome, t.PresentAt, t.CaseID = f.EndedAt, f.Outcome, f.PresentAt, f.CaseID
		r.changeTicket(t)
	}
	for _, id := range was.Passed {
		if p, err := r.step(ctx, id); err != nil {
			return nil, err
		} else if p.State == Waiting {
			p.LetPass++
			r.change(p)
		}
	}
	if was.Call != 0 {
		r.undone.calls = append(r.undone.calls, was.Call)
	}
	r.undone.verbs = append(r.undone.verbs, row.ID)
	return d.end("ticket.undone", facts{Undoes: row.ID, How: string(row.Verb)}), nil
}

// undoSegments marks the segments that the act began or ended as undone, and
// appends the one that goes on again, from when it had begun.
func (r *room) undoSegments(ctx context.Context, s *Step, row *StepVerb, to formerStep) error {
	if s.State.segment() == to.State.segment() && (s.EligibleAt == 0) == (to.EligibleAt == 0) && s.State != Transferred {
		return nil // the act left the phase alone
	}
	var rows []*Segment
	err := r.tx.NewSelect().Model(&rows).Where("sm.step_id = ? AND sm.undone_at = 0", s.ID).
		WhereGroup(" AND ", func(q *bun.SelectQuery) *bun.SelectQuery {
			return q.Where("sm.from_at >= ?", row.At).WhereOr("sm.to_at = ?", row.At).WhereOr("sm.to_at = 0")
		}).OrderExpr("sm.id").Scan(ctx)
	if err != nil {
		return fmt.Errorf("read segments: %w", err)
	}
	first := 0 // of those that are undone
	var goesOn *Segment
	for i, g := range rows {
		if g.ToAt == row.At || g.ToAt == g.FromAt && g.FromAt > row.At {
			goesOn, first = g, i
		}
	}
	for _, g := range rows[first:] {
		r.undone.segments = append(r.undone.segments, g.ID)
	}
	kind := to.State.segment()
	if to.State == Waiting && to.EligibleAt == 0 {
		kind = AwaySegment
	}
	if kind == "" || goesOn == nil || goesOn.Kind != kind {
		return nil
	}
	n := r.begin(s, kind, goesOn.FromAt)
	n.CounterID = goesOn.CounterID
	return nil
}
