package inbox

import (
	"context"
	"maps"
	"slices"

	"github.com/uptrace/bun"

	"filodiretto/internal/db"
)

// edge is a merge in force: the person of gone joined the person of kept.
type edge struct{ KeptID, GoneID int64 }

// rootsOf works out who is who from the merges in force, in the order in which
// they were made: each joins the whole person of its gone row to the person of
// its kept row, whose root stays. Since nothing but the edges in force counts,
// an undone one leaves no trace, in whatever order they are undone.
func rootsOf(rows []int64, edges []edge) map[int64]int64 {
	root := make(map[int64]int64, len(rows))
	members := make(map[int64][]int64, len(rows))
	for _, id := range rows {
		root[id] = id
		members[id] = []int64{id}
	}
	for _, e := range edges {
		kept, gone := root[e.KeptID], root[e.GoneID]
		if kept == gone {
			continue
		}
		for _, id := range members[gone] {
			root[id] = kept
		}
		members[kept] = append(members[kept], members[gone]...)
		delete(members, gone)
	}
	return root
}

// recomputeRoots brings root_id and the names in the cases up to date for all
// rows of the persons with the roots given, after an edge between them or
// within one of them came or went.
func (in *Inbox) recomputeRoots(ctx context.Context, tx *db.Tx, roots ...int64) error {
	var rows []struct{ ID, RootID int64 }
	err := tx.NewSelect().Table("citizens").Column("id", "root_id").Where("root_id IN (?)", bun.List(roots)).OrderExpr("id").Scan(ctx, &rows)
	if err != nil {
		return err
	}
	ids := make([]int64, len(rows))
	for i, r := range rows {
		ids[i] = r.ID
	}
	var edges []edge
	err = tx.NewSelect().Table("merges").Column("kept_id", "gone_id").Where("undone_at = 0 AND kept_id IN (?)", bun.List(ids)).OrderExpr("id").Scan(ctx, &edges)
	if err != nil {
		return err
	}
	want := rootsOf(ids, edges)
	moved := map[int64][]int64{} // new root -> rows
	touched := map[int64]bool{}
	for _, id := range roots {
		touched[id] = true
	}
	for _, r := range rows {
		touched[want[r.ID]] = true
		if want[r.ID] != r.RootID {
			moved[want[r.ID]] = append(moved[want[r.ID]], r.ID)
		}
	}
	for root, ids := range moved {
		if _, err := tx.NewRaw("UPDATE citizens SET root_id = ? WHERE id IN (?)", root, bun.List(ids)).Exec(ctx); err != nil {
			return err
		}
	}
	all := slices.Sorted(maps.Keys(touched))
	if _, err := tx.NewRaw("UPDATE citizens SET version = version + 1 WHERE id IN (?)", bun.List(all)).Exec(ctx); err != nil {
		return err
	}
	return in.refreshNames(ctx, tx, all)
}
