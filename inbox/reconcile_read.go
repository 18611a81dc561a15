package inbox

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"
)

// ReconcileRuns are the newest comparisons of an account, newest first.
func (in *Inbox) ReconcileRuns(ctx context.Context, accountID int64, most int) ([]ReconcileRun, error) {
	var runs []ReconcileRun
	if err := in.db.Read.NewSelect().Model(&runs).Where("rr.account_id = ?", accountID).OrderExpr("rr.id DESC").Limit(int64(most)).Scan(ctx); err != nil {
		return nil, fmt.Errorf("read the comparisons: %w", err)
	}
	return runs, in.addStreams(ctx, runs)
}

// ReconcileLast are the last comparisons of all accounts that came to an end
// well, by account.
func (in *Inbox) ReconcileLast(ctx context.Context) (map[int64]ReconcileRun, error) {
	var runs []ReconcileRun
	err := in.db.Read.NewSelect().Model(&runs).Where("rr.id IN (SELECT max(id) FROM reconcile_runs WHERE state = 'done' GROUP BY account_id)").Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the comparisons: %w", err)
	}
	if err := in.addStreams(ctx, runs); err != nil {
		return nil, err
	}
	out := make(map[int64]ReconcileRun, len(runs))
	for _, r := range runs {
		out[r.AccountID] = r
	}
	return out, nil
}

func (in *Inbox) addStreams(ctx context.Context, runs []ReconcileRun) error {
	if len(runs) == 0 {
		return nil
	}
	at := make(map[int64]int, len(runs))
	ids := make([]int64, len(runs))
	for i, r := range runs {
		at[r.ID], ids[i] = i, r.ID
	}
	var all []ReconcileStream
	if err := in.db.Read.NewSelect().Model(&all).Where("rs.run_id IN (?)", bun.List(ids)).OrderExpr("rs.run_id, rs.stream").Scan(ctx); err != nil {
		return fmt.Errorf("read the comparisons: %w", err)
	}
	for _, s := range all {
		r := &runs[at[s.RunID]]
		r.Streams = append(r.Streams, s)
	}
	return nil
}

// ReconcileItems are the items that a run found missing, those that are still
// missing first.
func (in *Inbox) ReconcileItems(ctx context.Context, runID int64, most int) ([]ReconcileItem, error) {
	var items []ReconcileItem
	err := in.db.Read.NewSelect().Model(&items).Where("ri.run_id = ?", runID).OrderExpr("ri.state, ri.at DESC, ri.dedup_key").Limit(int64(most)).Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("read what was missing: %w", err)
	}
	return items, nil
}
