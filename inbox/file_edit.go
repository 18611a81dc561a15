package inbox

import (
	"context"
	"slices"

	"filodiretto/channels"
)

// editFiles takes the files of an edit where they are others than the message's. What
// the sender replaced stays as a file of the version that had it: the office may have
// acted on it. It reports whether anything changed. A place does not change by an edit,
// since one that is shared while somebody walks is edited every few seconds.
func (f *filing) editFiles(ctx context.Context, m *Message, it *channels.Item, files []keptFile) (bool, error) {
	if m.Parts == 0 && len(it.Parts) == 0 {
		return false, nil
	}
	old, err := f.partsNow(ctx, m)
	if err != nil {
		return false, err
	}
	edit := &filing{in: f.in, tx: f.tx}
	edited := *m
	edit.addParts(&edited, it, files)
	now := slices.DeleteFunc(edit.parts, func(p *Part) bool { return p.State == "none" })
	known := map[int64]bool{}
	for _, o := range old {
		known[o.ID] = true
	}
	left := keepParts(old, now, f.in.sameFile(f.acc.ID))
	now = slices.DeleteFunc(now, func(p *Part) bool { return known[p.ID] })
	for _, o := range left {
		o.Former = m.Version
		if !slices.Contains(f.parts, o) {
			f.former[o.ID] = o
		}
	}
	for _, p := range now {
		f.toFetch = f.toFetch || p.State == "pending"
	}
	f.parts = append(f.parts, now...)
	m.Parts += len(now) - len(left)
	return len(left)+len(now) > 0, nil
}

// partsNow are the files that a message has, in the tables and of this batch.
func (f *filing) partsNow(ctx context.Context, m *Message) ([]*Part, error) {
	var rows []*Part
	err := f.tx.NewSelect().Model(&rows).ExcludeColumn("data").Where("p.message_id = ? AND p.former = 0 AND p.state <> 'none'", m.ID).OrderExpr("p.ord").Scan(ctx)
	rows = slices.DeleteFunc(rows, func(p *Part) bool { return f.former[p.ID] != nil })
	for _, p := range f.parts {
		if p.MessageID == m.ID && p.Former == 0 && p.State != "none" {
			rows = append(rows, p)
		}
	}
	return rows, err
}

// updateFormer writes which files edits have replaced.
func (f *filing) updateFormer(ctx context.Context) error {
	for _, p := range f.former {
		if _, err := f.tx.NewUpdate().Model(p).Column("former").WherePK().Exec(ctx); err != nil {
			return err
		}
	}
	return nil
}
