package queue

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/uptrace/bun"

	"filodiretto/inbox"
)

// sorted gives the changed rows of a table in the order of their ids, so that no
// two machines lock them crosswise and a run can be repeated.
func sorted[T any](rows map[int64]*known[T]) []*known[T] {
	var ids []int64
	for id, k := range rows {
		if k.changed {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	out := make([]*known[T], len(ids))
	for i, id := range ids {
		out[i] = rows[id]
	}
	return out
}

var ticketColumns = []string{
	"version", "lang", "citizen_id", "identity_id", "account_id", "case_id", "present_at", "printed_at", "print_failed_at",
	"followed_at", "code_tries", "told_at", "ended_at", "outcome",
}

func (r *room) storeTickets() {
	var fresh []*Ticket
	var rows [][]any
	for _, k := range sorted(r.tickets) {
		t := k.row
		if k.stored == 0 {
			fresh = append(fresh, t)
			continue
		}
		rows = append(rows, []any{
			t.ID, k.stored, t.Version, t.Lang, t.CitizenID, t.IdentityID, t.AccountID, t.CaseID, t.PresentAt, t.PrintedAt, t.PrintFailedAt,
			t.FollowedAt, t.CodeTries, t.ToldAt, t.EndedAt, t.Outcome,
		})
	}
	update(r, "tickets", ticketColumns, rows)
	insertAll(r, "write tickets", fresh)
}

var stepColumns = []string{
	"version", "state", "citizen_id", "line", "ref_at", "eligible_at", "not_before", "let_pass", "counter_id", "sitting_id",
	"calls", "first_called_at", "called_at", "warned_at", "served_at", "ended_at", "outcome", "note", "missing",
}

// storeSteps writes first what ends, then what leaves a counter, then what comes
// to one, and then what is new.
func (r *room) storeSteps() {
	var fresh []*Step
	var phases [3][][]any
	for _, k := range sorted(r.steps) {
		s := k.row
		if k.stored == 0 {
			fresh = append(fresh, s)
			continue
		}
		phase := 0
		switch {
		case s.State.atCounter():
			phase = 2
		case s.State.goesOn():
			phase = 1
		}
		phases[phase] = append(phases[phase], []any{
			s.ID, k.stored, s.Version, s.State, s.CitizenID, s.Line, s.RefAt, s.EligibleAt, s.NotBefore, s.LetPass, s.CounterID, s.SittingID,
			s.Calls, s.FirstCalledAt, s.CalledAt, s.WarnedAt, s.ServedAt, s.EndedAt, s.Outcome, s.Note, s.Missing,
		})
	}
	for _, rows := range phases {
		update(r, "steps", stepColumns, rows)
	}
	if len(r.warned) > 0 {
		r.later("write steps", r.tx.NewRaw("UPDATE steps SET warned_at = ? WHERE id IN (?)", r.now, bun.List(r.warned)).String())
	}
	slices.SortStableFunc(fresh, func(a, b *Step) int { return cmp.Compare(a.ID, b.ID) })
	insertAll(r, "write steps", fresh)
}

func (r *room) storeSegments() {
	ids := make([]int64, 0, len(r.closing))
	for id := range r.closing {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	if len(ids) > 0 {
		// One that begins in the future, an appointment's, ends as it begins.
		r.later("end segments", r.tx.NewRaw("UPDATE segments SET to_at = CASE WHEN from_at > ? THEN from_at ELSE ? END WHERE step_id IN (?) AND to_at = 0 AND undone_at = 0",
			r.now, r.now, bun.List(ids)).String())
	}
	r.markUndone("segments", r.undone.segments)
	insertAll(r, "write segments", r.segments)
}

func (r *room) storeSittings() {
	for _, s := range r.changedSittings {
		if slices.Contains(r.newSittings, s) {
			continue
		}
		r.later("write sittings", r.tx.NewUpdate().Model(s).Column("to_at", "until_at", "pause_at", "pause_until", "pause_reason").WherePK().String())
	}
	insertAll(r, "write sittings", r.newSittings)
}

type callDraft struct {
	call *Call
}

func (r *room) storeCalls() {
	rows := make([]*Call, len(r.calls))
	for i, c := range r.calls {
		rows[i] = c.call
		if k := r.tickets[c.call.TicketID]; k != nil {
			c.call.Label, c.call.Lang = k.row.Label, k.row.Lang
		}
	}
	r.markUndone("calls", r.undone.calls)
	insertAll(r, "write calls", rows)
}

func (r *room) storeVerbs() {
	rows := make([]*StepVerb, len(r.verbs))
	for i, v := range r.verbs {
		rows[i] = v.row
	}
	insertAll(r, "write what was done", rows)
	r.markUndone("step_verbs", r.undone.verbs)
}

func (r *room) markUndone(table string, ids []int64) {
	if len(ids) > 0 {
		r.later("mark "+table+" undone", r.tx.NewRaw("UPDATE ? SET undone_at = ? WHERE id IN (?) AND undone_at = 0", bun.Ident(table), r.now, bun.List(ids)).String())
	}
}

func (r *room) storeEvents() {
	events := make([]inbox.Event, len(r.events))
	for i, d := range r.events {
		if k := r.tickets[d.ticket]; k != nil {
			d.event.CitizenID, d.event.CaseID = k.row.CitizenID, k.row.CaseID
		}
		events[i] = d.event
	}
	insertAll(r, "append events", events)
}

// storeNews tells those who can be reached.
func (r *room) storeNews(ctx context.Context) error {
	var out []News
	for _, n := range r.news {
		k := r.tickets[n.ticket]
		if k == nil || k.row.AccountID == 0 {
			continue
		}
		n.news.CitizenID, n.news.IdentityID, n.news.AccountID = k.row.CitizenID, k.row.IdentityID, k.row.AccountID
		n.news.Label, n.news.Lang = k.row.Label, k.row.Lang
		out = append(out, n.news)
	}
	if len(out) == 0 {
		return nil
	}
	if err := r.q.tell.Tell(ctx, r.tx, out); err != nil {
		return fmt.Errorf("tell people: %w", err)
	}
	return nil
}
