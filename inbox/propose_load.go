package inbox

import (
	"context"
	"maps"
	"slices"

	"github.com/uptrace/bun"

	"filodiretto/internal/db"
)

// rootPair is two persons, the smaller root first.
type rootPair struct{ a, b int64 }

// whoIsWho knows the persons of some rows: the root of each of their rows, and
// each person's name where it is a real one.
type whoIsWho struct {
	root map[int64]int64  // row -> root
	name map[int64]string // root -> name
}

func (w *whoIsWho) roots(x, y int64) rootPair {
	rx, ry := w.root[x], w.root[y]
	return rootPair{min(rx, ry), max(rx, ry)}
}

func loadWho(ctx context.Context, tx *db.Tx, pairs []pair) (*whoIsWho, error) {
	ids := map[int64]bool{}
	for _, p := range pairs {
		ids[p.a], ids[p.b] = true, true
	}
	w := &whoIsWho{root: map[int64]int64{}, name: map[int64]string{}}
	for part := range slices.Chunk(slices.Sorted(maps.Keys(ids)), 500) {
		var rows []Citizen
		err := tx.NewSelect().Model(&rows).Column("id", "root_id", "name", "name_source").
			Where("z.root_id IN (SELECT root_id FROM citizens WHERE id IN (?))", bun.List(part)).OrderExpr("z.root_id, z.id").Scan(ctx)
		if err != nil {
			return nil, err
		}
		w.add(rows)
	}
	return w, nil
}

// add takes in rows that are ordered by root.
func (w *whoIsWho) add(rows []Citizen) {
	for start := 0; start < len(rows); {
		end := start
		for end < len(rows) && rows[end].RootID == rows[start].RootID {
			w.root[rows[end].ID] = rows[end].RootID
			if rows[end].ID == rows[end].RootID {
				rows[start], rows[end] = rows[end], rows[start] // the root first
			}
			end++
		}
		w.name[rows[start].RootID] = realName(bestName(rows[start:end]))
		start = end
	}
}

// knownProposals is what was asked about two persons so far.
type knownProposals struct {
	apart bool                // somebody said that they are not the same
	open  map[[2]int64]string // rows -> reasons
}

func loadKnownProposals(ctx context.Context, tx *db.Tx, w *whoIsWho) (map[rootPair]*knownProposals, error) {
	out := map[rootPair]*knownProposals{}
	for part := range slices.Chunk(slices.Sorted(maps.Keys(w.root)), 500) {
		var rows []Proposal
		err := tx.NewSelect().Model(&rows).Column("a_id", "b_id", "state", "reasons").Where("pr.a_id IN (?)", bun.List(part)).Scan(ctx)
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			if w.root[r.BID] == 0 {
				continue // with somebody who is not among these
			}
			rp := w.roots(r.AID, r.BID)
			k := out[rp]
			if k == nil {
				k = &knownProposals{open: map[[2]int64]string{}}
				out[rp] = k
			}
			switch r.State {
			case "refused":
				k.apart = true
			case "open":
				k.open[[2]int64{r.AID, r.BID}] = r.Reasons
			}
		}
	}
	return out, nil
}

// dropUnfounded takes back the open proposals of a row for which, after one of
// its identities was removed, no reason is left, and corrects the others.
func (in *Inbox) dropUnfounded(ctx context.Context, tx *db.Tx, citizenID int64) error {
	var open []Proposal
	err := tx.NewSelect().Model(&open).Where("pr.state = 'open' AND (pr.a_id = ? OR pr.b_id = ?)", citizenID, citizenID).Scan(ctx)
	if err != nil || len(open) == 0 {
		return err
	}
	rows := []int64{citizenID}
	for _, p := range open {
		rows = append(rows, p.AID+p.BID-citizenID)
	}
	ids, err := findIdentities(ctx, tx, rows)
	if err != nil {
		return err
	}
	byRow := map[int64][]Identity{}
	for _, id := range ids {
		byRow[id.CitizenID] = append(byRow[id.CitizenID], id)
	}
	for _, p := range open {
		if err := in.correctProposal(ctx, tx, p, sharedKinds(byRow[p.AID], byRow[p.BID])); err != nil {
			return err
		}
	}
	return nil
}
