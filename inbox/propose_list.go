package inbox

import (
	"context"
	"fmt"
)

// OpenProposal is a question about two persons that waits for an answer.
type OpenProposal struct {
	Proposal
	One, Other PersonSummary // with all identities in use
}

// OpenProposals are the questions that wait, newest first, from before an id (0
// for the newest). next is 0 at the end; a page may be a little shorter than
// limit, as those whose two rows are one person meanwhile are left out.
func (in *Inbox) OpenProposals(ctx context.Context, v Viewer, before int64, limit int) (list []OpenProposal, next int64, err error) {
	if !v.mayOpenFiles() {
		return nil, 0, nil
	}
	limit = max(1, min(limit, 100))
	var rows []Proposal
	q := in.db.Read.NewSelect().Model(&rows).Where("pr.state = 'open'").OrderExpr("pr.id DESC").Limit(int64(limit) + 1)
	if before > 0 {
		q = q.Where("pr.id < ?", before)
	}
	if err := q.Scan(ctx); err != nil {
		return nil, 0, fmt.Errorf("list proposals: %w", err)
	}
	if len(rows) > limit {
		rows = rows[:limit]
		next = rows[limit-1].ID
	}
	if len(rows) == 0 {
		return nil, 0, nil
	}
	var ids []int64
	for _, p := range rows {
		ids = append(ids, p.AID, p.BID)
	}
	root, people, err := loadSummaries(ctx, in.db.Read, ids)
	if err != nil {
		return nil, 0, fmt.Errorf("list proposals: %w", err)
	}
	roots := make([]int64, 0, len(people))
	for id := range people {
		roots = append(roots, id)
	}
	identities, err := identitiesOf(ctx, in.db.Read, roots)
	if err != nil {
		return nil, 0, fmt.Errorf("list proposals: %w", err)
	}
	for _, p := range rows {
		a, b := root[p.AID], root[p.BID]
		if a == b {
			continue
		}
		o := OpenProposal{Proposal: p, One: people[a], Other: people[b]}
		o.One.Identities, o.Other.Identities = identities[a], identities[b]
		list = append(list, o)
	}
	return list, next, nil
}
