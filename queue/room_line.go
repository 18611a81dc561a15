package queue

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"filodiretto/queue/order"
)

// lineKey names a line: people who wait for one service, of one class, whose value
// follows one formula. Whoever stands first in it is called before the others in
// it at every counter, so that thousands who wait cost no more than the lines.
type lineKey struct {
	service, class int64
	kind           int
}

// The kinds of lines (order.Policy.Since): without appointment, within the window
// of one, too late for one.
const (
	walkLine = 0
	slotLine = 1
	lateLine = 2
)

var lineKinds = []int{walkLine, slotLine, lateLine}

// lineOf is the line of somebody under the policy.
func lineOf(p order.Policy, w order.Waiting) int {
	switch {
	case w.Slot == 0:
		return walkLine
	case w.Arrived <= w.Slot.Add(p.Late):
		return slotLine
	}
	return lateLine
}

// place sets a step's line and reference.
func (h *House) place(s *Step) {
	w := h.Waits(s)
	s.Line = lineOf(h.Policy, w)
	s.RefAt = h.Policy.Since(w)
}

func keyOf(s *Step) lineKey { return lineKey{s.ServiceID, s.ClassID, s.Line} }

// line is the first part of a line as it is stored.
type line struct {
	rows []*Step // without those at its beginning who were called in this turn
	last *Step   // up to here it was read
	end  bool    // there are no others
}

// How many of a line are read at first, for one caller and at most, and then.
const (
	leastOfLine = 3
	mostOfLine  = 12
	moreOfLine  = 40
)

const inLine = "x.state = 'waiting' AND x.eligible_at > 0 AND x.target_id = 0"

// loadLines reads the heads of all lines that the counters call from, and who
// waits for one of them alone.
func (r *room) loadLines(ctx context.Context, counters []int64) error {
	var keys []lineKey
	for _, c := range counters {
		for _, s := range r.h.Skills[c] {
			for _, class := range r.h.Classes {
				for _, kind := range lineKinds {
					k := lineKey{s.ServiceID, class.ID, kind}
					if r.lines[k] == nil {
						r.lines[k] = &line{}
						keys = append(keys, k)
					}
				}
			}
		}
	}
	if err := r.loadBound(ctx); err != nil || len(keys) == 0 {
		return err
	}
	limit := min(leastOfLine+r.callers/4, mostOfLine)
	var v strings.Builder
	for i, k := range keys {
		if i > 0 {
			v.WriteByte(',')
		}
		fmt.Fprintf(&v, "(%d,%d,%d)", k.service, k.class, k.kind)
	}
	head := "SELECT x.id FROM steps AS x WHERE x.site_id = ? AND x.service_id = v.service_id AND x.class_id = v.class_id AND x.line = v.line AND " +
		inLine + " ORDER BY x.ref_at, x.arrived_at, x.id LIMIT ?"
	query := "WITH v (service_id, class_id, line) AS (VALUES " + v.String() + ") SELECT s.* FROM v, steps AS s WHERE s.id IN (" + head + ")"
	if r.tx.Postgres { // which would walk the whole table for that
		query = "WITH v (service_id, class_id, line) AS (VALUES " + v.String() + ") SELECT s.* FROM v CROSS JOIN LATERAL (" +
			strings.Replace(head, "SELECT x.id", "SELECT x.*", 1) + ") AS s"
	}
	var rows []*Step
	if err := r.tx.NewRaw(query, r.h.Site.ID, limit).Scan(ctx, &rows); err != nil {
		return fmt.Errorf("read the lines: %w", err)
	}
	for _, s := range rows {
		l := r.lines[keyOf(s)]
		l.rows = append(l.rows, s)
	}
	for _, k := range keys {
		l := r.lines[k]
		slices.SortFunc(l.rows, inOrder)
		l.read(limit)
	}
	return nil
}

func inOrder(a, b *Step) int {
	return cmp.Or(cmp.Compare(a.RefAt, b.RefAt), cmp.Compare(a.ArrivedAt, b.ArrivedAt), cmp.Compare(a.ID, b.ID))
}

// loadBound reads who waits for one counter alone, whichever it is: they are few.
func (r *room) loadBound(ctx context.Context) error {
	if r.bound {
		return nil
	}
	r.bound = true
	var rows []*Step
	err := r.tx.NewSelect().Model(&rows).Where("s.site_id = ? AND s.target_id > 0 AND s.state = 'waiting'", r.h.Site.ID).Scan(ctx)
	if err != nil {
		return fmt.Errorf("read who waits for a counter: %w", err)
	}
	for _, s := range rows {
		r.keepStep(s)
	}
	return nil
}

// more reads on in a line; none when there is no more.
func (r *room) more(ctx context.Context, k lineKey) error {
	l := r.lines[k]
	q := r.tx.NewSelect().TableExpr("steps AS x").ColumnExpr("x.*").
		Where("x.site_id = ? AND x.service_id = ? AND x.class_id = ? AND x.line = ? AND "+inLine, r.h.Site.ID, k.service, k.class, k.kind).
		OrderExpr("x.ref_at, x.arrived_at, x.id").Limit(moreOfLine)
	if last := l.last; last != nil {
		q = q.Where("(x.ref_at, x.arrived_at, x.id) > (?, ?, ?)", last.RefAt, last.ArrivedAt, last.ID)
	}
	var rows []*Step
	if err := q.Scan(ctx, &rows); err != nil {
		return fmt.Errorf("read on in a line: %w", err)
	}
	next := line{rows: rows}
	next.read(moreOfLine)
	l.rows, l.end = append(l.rows, rows...), next.end
	if next.last != nil {
		l.last = next.last
	}
	return nil
}

// read notes up to where a line was read.
func (l *line) read(limit int) {
	if n := len(l.rows); n > 0 {
		l.last = l.rows[n-1]
	}
	l.end = len(l.rows) < limit
}

// candidates are those among whom the next at a counter must be: of each line its
// head and, while those let others pass, who follows; and whatever this turn has
// changed.
func (r *room) candidates(ctx context.Context, counterID int64) ([]*Step, error) {
	if err := r.loadLines(ctx, []int64{counterID}); err != nil {
		return nil, err
	}
	var out []*Step
	for _, k := range r.steps {
		s := k.row
		if s.State == Waiting && s.EligibleAt != 0 && (k.changed || s.TargetID == counterID) {
			out = append(out, s)
		}
	}
	who := r.h.Order(counterID)
	for _, skill := range r.h.Skills[counterID] {
		for _, class := range r.h.Classes {
			for _, kind := range lineKinds {
				var err error
				if out, err = r.heads(ctx, lineKey{skill.ServiceID, class.ID, kind}, who, out); err != nil {
					return nil, err
				}
			}
		}
	}
	return out, nil
}

// heads appends those of a line that can be called, up to and with the first who
// lets nobody pass.
func (r *room) heads(ctx context.Context, k lineKey, who order.Counter, out []*Step) ([]*Step, error) {
	l := r.lines[k]
	for i := 0; ; i++ {
		if i == len(l.rows) {
			if l.end {
				return out, nil
			}
			if err := r.more(ctx, k); err != nil {
				return nil, err
			}
			if i == len(l.rows) {
				return out, nil
			}
		}
		s := l.rows[i]
		if known := r.steps[s.ID]; known != nil {
			if known.changed {
				if i == 0 {
					l.rows, i = l.rows[1:], -1 // for good: whoever was called is not looked at again
				}
				continue
			}
			s = known.row
		}
		if r.h.Policy.Bar(r.now, who, r.h.Waits(s)) != order.None {
			continue
		}
		out = append(out, s)
		if s.LetPass == 0 {
			return out, nil
		}
	}
}
