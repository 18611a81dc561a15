package inbox

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"filodiretto/internal/clock"
)

// Composing is what the form under a case needs to know.
type Composing struct {
	Ways *Options // nil for who may only read the case
	Undo *Reply   // the viewer's newest answer that can still be taken back; nil when there is none

	drafts map[DraftKind]*Draft
}

// Draft is the viewer's draft; one that was never saved is empty and has
// version 0.
func (c *Composing) Draft(kind DraftKind) *Draft { return c.drafts[kind] }

// Compose reads what the form under a case needs to know.
func (in *Inbox) Compose(ctx context.Context, v Viewer, caseID int64) (*Composing, error) {
	c, err := in.CaseByID(ctx, v, caseID)
	if err != nil {
		return nil, err
	}
	out := &Composing{}
	if out.drafts, err = in.draftsOf(ctx, v, c, true); err != nil {
		return nil, err
	}
	if mayWork(v, c) == nil {
		if out.Ways, err = in.waysOf(ctx, &optioning{in: in, v: v, c: c}); err != nil {
			return nil, err
		}
	}
	out.Undo, err = in.Undoable(ctx, v, c.ID)
	return out, err
}

// composeFor is Compose for a page that was read: most of it is there.
func (in *Inbox) composeFor(ctx context.Context, o *optioning, drafted bool) (out *Composing, err error) {
	out = &Composing{Undo: o.page.undoable(o.v, in.clock.Now())}
	if out.drafts, err = in.draftsOf(ctx, o.v, o.c, drafted); err != nil {
		return nil, err
	}
	if mayWork(o.v, o.c) == nil {
		out.Ways, err = in.waysOf(ctx, o)
	}
	return out, err
}

// draftsOf are the viewer's drafts on a case that they may see. drafted is false
// when there are certainly none.
func (in *Inbox) draftsOf(ctx context.Context, v Viewer, c *Case, drafted bool) (map[DraftKind]*Draft, error) {
	out := map[DraftKind]*Draft{}
	for _, kind := range []DraftKind{ReplyDraft, NoteDraft} {
		out[kind] = &Draft{CaseID: c.ID, OperatorID: v.OperatorID, Kind: kind}
	}
	if !drafted || v.OperatorID == 0 {
		return out, nil
	}
	var rows []*draftRow
	err := in.db.Ask(ctx, "SELECT dr.* FROM drafts AS dr WHERE dr.case_id = ? AND dr.operator_id = ?", []any{c.ID, v.OperatorID}, &rows)
	if err != nil {
		return nil, fmt.Errorf("read the drafts: %w", err)
	}
	for _, r := range rows {
		d, err := r.draft()
		if err != nil {
			return nil, err
		}
		out[r.Kind] = &d
	}
	return out, nil
}

// undoable is Undoable for what is on the timeline: an answer that waits for its
// first try is among the newest.
func (p *CasePage) undoable(v Viewer, now clock.Instant) *Reply {
	var out *Reply
	for i := range p.Entries {
		m := p.Entries[i].Message
		if m == nil || m.CaseID != p.Case.ID || m.Origin != FromOperator || m.OperatorID != v.OperatorID || m.OperatorID == 0 || m.ErasedAt > 0 {
			continue
		}
		r := &Reply{Message: m}
		for _, d := range p.Entries[i].Deliveries {
			if d.State == Queued && d.Attempts == 0 && d.NextAt > now {
				r.Deliveries = append(r.Deliveries, d)
				r.UndoUntil = max(r.UndoUntil, d.NextAt)
			}
		}
		if len(r.Deliveries) > 0 && (out == nil || m.ID > out.Message.ID) {
			out = r
		}
	}
	return out
}

// deliveries are all on the timeline, in the order in which they were made.
func (p *CasePage) deliveries() []*Delivery {
	var out []*Delivery
	for i := range p.Entries {
		out = append(out, p.Entries[i].Deliveries...)
	}
	slices.SortFunc(out, func(a, b *Delivery) int { return cmp.Compare(a.ID, b.ID) })
	return out
}
