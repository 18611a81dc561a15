package inbox

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/uptrace/bun"

	"filodiretto/internal/db"
)

// mergeLock is the number of PostgreSQL's advisory lock under which merges are
// made and undone, one at a time. They are rare, and two at once on the same
// persons could join what the other has just parted.
const mergeLock = 0x6d65726765 // "merge"

func lockMerges(ctx context.Context, tx *db.Tx) error {
	if !tx.Postgres {
		return nil // the only writer
	}
	_, err := tx.NewRaw("SELECT pg_advisory_xact_lock(?)", mergeLock).Exec(ctx)
	return err
}

// Merge says that the person of the row goneID is the person of the row keptID,
// under whose name they go on. No row moves: see Citizen. It can be undone at
// any time and in any order. InvalidError codes: "same" when they are one
// person already, "not_same" when somebody said that they are two, "missing"
// without a reason.
func (in *Inbox) Merge(ctx context.Context, v Viewer, keptID, goneID int64, reason string) (*Merge, error) {
	if !v.mayOpenFiles() {
		return nil, ErrNotFound
	}
	reason = strings.TrimSpace(reason)
	if reason == "" {
		return nil, &InvalidError{"reason", "missing"}
	}
	var m *Merge
	err := in.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		m, err = in.merge(ctx, tx, v, Merge{KeptID: keptID, GoneID: goneID, Reason: cut(reason, mostReason)})
		return err
	})
	return m, err
}

// merge adds the edge m within a transaction. The ids in it are rows, not roots,
// so that an edge means just the two records that somebody compared, and stays
// right when another merge is undone.
func (in *Inbox) merge(ctx context.Context, tx *db.Tx, v Viewer, m Merge) (*Merge, error) {
	if err := lockMerges(ctx, tx); err != nil {
		return nil, fmt.Errorf("merge: %w", err)
	}
	kept, gone, err := findTwo(ctx, tx, m.KeptID, m.GoneID)
	if err != nil {
		return nil, err
	}
	if kept == gone {
		return nil, &InvalidError{"person", "same"}
	}
	apart, err := saidApart(ctx, tx, kept, gone)
	if err != nil {
		return nil, fmt.Errorf("merge: %w", err)
	}
	if apart {
		return nil, &InvalidError{"person", "not_same"}
	}
	m.ID, m.ByOperator, m.At = db.NewID(in.clock), v.OperatorID, tx.Now
	if _, err := tx.NewInsert().Model(&m).Exec(ctx); err != nil {
		return nil, fmt.Errorf("merge: %w", err)
	}
	if err := in.recomputeRoots(ctx, tx, kept, gone); err != nil {
		return nil, fmt.Errorf("merge: %w", err)
	}
	return &m, in.mergeEvents(ctx, tx, v, "citizen.merged", &m, kept, gone)
}

// UndoMerge takes a merge back: what was one person is what it was before, and
// what came since stays with the record it came to. ErrChanged when it is
// undone already.
func (in *Inbox) UndoMerge(ctx context.Context, v Viewer, mergeID int64) error {
	if !v.mayOpenFiles() {
		return ErrNotFound
	}
	return in.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := lockMerges(ctx, tx); err != nil {
			return fmt.Errorf("undo merge: %w", err)
		}
		m := new(Merge)
		if err := tx.NewSelect().Model(m).Where("mg.id = ?", mergeID).Scan(ctx); err != nil {
			return notFound(err)
		}
		if !m.UndoneAt.IsZero() {
			return ErrChanged
		}
		if err := in.undoMerge(ctx, tx, v, m); err != nil {
			return fmt.Errorf("undo merge: %w", err)
		}
		return nil
	})
}

func (in *Inbox) undoMerge(ctx context.Context, tx *db.Tx, v Viewer, m *Merge) error {
	root, err := findRoot(ctx, tx, m.KeptID)
	if err != nil {
		return err
	}
	m.UndoneAt, m.UndoneBy = tx.Now, v.OperatorID
	if _, err := tx.NewUpdate().Model(m).Column("undone_at", "undone_by").WherePK().Exec(ctx); err != nil {
		return err
	}
	if err := in.recomputeRoots(ctx, tx, root); err != nil {
		return err
	}
	if err := unproveLink(ctx, tx, m); err != nil {
		return err
	}
	kept, gone, err := findTwo(ctx, tx, m.KeptID, m.GoneID)
	if err != nil {
		return err
	}
	if err := in.partCases(ctx, tx, v, kept, gone); err != nil {
		return fmt.Errorf("take cases apart: %w", err)
	}
	if err := in.reopenProposals(ctx, tx, kept, gone); err != nil {
		return err
	}
	return in.mergeEvents(ctx, tx, v, "citizen.merge_undone", m, kept, gone)
}

// mergeEvents tells of a merge on the two rows that it joins.
func (in *Inbox) mergeEvents(ctx context.Context, tx *db.Tx, v Viewer, kind string, m *Merge, kept, gone int64) error {
	data := map[string]any{"merge": m.ID, "kept": m.KeptID, "gone": m.GoneID, "identity": m.IdentityID}
	events := []Event{in.citizenEvent(tx, v, kind, m.KeptID, data), in.citizenEvent(tx, v, kind, m.GoneID, data)}
	if v.OperatorID == 0 && m.IdentityID > 0 && kind == "citizen.merged" {
		events[0].Actor, events[1].Actor = "citizen", "citizen" // with a link that they were given
	}
	if err := AppendEvents(ctx, tx, events...); err != nil {
		return err
	}
	return in.tellPeople(ctx, tx, kept, gone)
}

// findTwo gives the roots of two rows; ErrNotFound unless both exist.
func findTwo(ctx context.Context, idb bun.IDB, a, b int64) (rootA, rootB int64, err error) {
	if rootA, err = findRoot(ctx, idb, a); err != nil {
		return 0, 0, err
	}
	rootB, err = findRoot(ctx, idb, b)
	return rootA, rootB, err
}

// saidApart reports whether somebody said that a row of one person is not a row
// of the other.
func saidApart(ctx context.Context, idb bun.IDB, rootA, rootB int64) (bool, error) {
	rows := func(root int64) *bun.SelectQuery {
		return idb.NewSelect().Table("citizens").Column("id").Where("root_id = ?", root)
	}
	return idb.NewSelect().Table("proposals").Where("state = 'refused'").
		Where("(a_id IN (?) AND b_id IN (?)) OR (a_id IN (?) AND b_id IN (?))", rows(rootA), rows(rootB), rows(rootB), rows(rootA)).
		Exists(ctx)
}

// proofBefore is what a link's identity was worth before, as merges keep it.
type proofBefore struct {
	Proof      Proof  `json:"proof"`
	Source     string `json:"source,omitempty"`
	VerifiedAt int64  `json:"at,omitempty"`
	VerifiedBy int64  `json:"by,omitempty"`
}

// unproveLink gives an identity back the proof it had before a link, when the
// link was the merge that is undone and no other merge rests on the identity.
// What somebody proved otherwise since then stays.
func unproveLink(ctx context.Context, tx *db.Tx, m *Merge) error {
	if m.IdentityID == 0 || m.ProofBefore == "" {
		return nil
	}
	other, err := tx.NewSelect().Table("merges").Where("identity_id = ? AND undone_at = 0", m.IdentityID).Exists(ctx)
	if err != nil || other {
		return err
	}
	var b proofBefore
	if err := json.Unmarshal([]byte(m.ProofBefore), &b); err != nil {
		return err
	}
	_, err = tx.NewRaw("UPDATE identities SET proof = ?, proof_source = ?, verified_at = ?, verified_by = ? WHERE id = ? AND proof_source = 'link'",
		b.Proof, b.Source, b.VerifiedAt, b.VerifiedBy, m.IdentityID).Exec(ctx)
	return err
}
