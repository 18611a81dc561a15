package inbox

import (
	"context"
	"fmt"
	"slices"

	"github.com/uptrace/bun"

	"filodiretto/internal/db"
)

// AcceptProposal merges the two persons of a proposal. The one whose name comes
// from the better source stays in front, or else the older. ErrChanged when the
// proposal is decided already; other errors are those of Merge.
func (in *Inbox) AcceptProposal(ctx context.Context, v Viewer, proposalID int64) (*Merge, error) {
	if !v.mayOpenFiles() {
		return nil, ErrNotFound
	}
	var m *Merge
	err := in.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := lockMerges(ctx, tx); err != nil {
			return fmt.Errorf("accept proposal: %w", err)
		}
		p, err := openProposal(ctx, tx, proposalID)
		if err != nil {
			return err
		}
		kept, gone, err := inFront(ctx, tx, p)
		if err != nil {
			return fmt.Errorf("accept proposal: %w", err)
		}
		if m, err = in.merge(ctx, tx, v, Merge{KeptID: kept, GoneID: gone, Reason: "proposal: " + p.Reasons}); err != nil {
			return err
		}
		return in.closeProposals(ctx, tx, v, "accepted", []Proposal{*p})
	})
	return m, err
}

// inFront chooses which row of a proposal keeps the name.
func inFront(ctx context.Context, tx *db.Tx, p *Proposal) (kept, gone int64, err error) {
	rootA, rootB, err := findTwo(ctx, tx, p.AID, p.BID)
	if err != nil {
		return 0, 0, err
	}
	rows, err := findRows(ctx, tx, rootA, rootB)
	if err != nil {
		return 0, 0, err
	}
	split := slices.IndexFunc(rows, func(z Citizen) bool { return z.RootID == rootB })
	if split > 0 && nameRank(bestName(rows[split:])) > nameRank(bestName(rows[:split])) {
		return p.BID, p.AID, nil
	}
	return p.AID, p.BID, nil
}

// RefuseProposal says for good that the two persons are not the same, whatever
// rows they consist of later: see NotSame.
func (in *Inbox) RefuseProposal(ctx context.Context, v Viewer, proposalID int64) error {
	if !v.mayOpenFiles() {
		return ErrNotFound
	}
	return in.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := lockMerges(ctx, tx); err != nil {
			return fmt.Errorf("refuse proposal: %w", err)
		}
		p, err := openProposal(ctx, tx, proposalID)
		if err != nil {
			return err
		}
		return in.setApart(ctx, tx, v, p.AID, p.BID)
	})
}

// NotSame says that two persons are not one, so that it is never proposed again
// and Merge refuses it. WithdrawNotSame takes it back. InvalidError "merged"
// when they are one person now: undo the merge first.
func (in *Inbox) NotSame(ctx context.Context, v Viewer, aID, bID int64) error {
	if !v.mayOpenFiles() {
		return ErrNotFound
	}
	return in.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := lockMerges(ctx, tx); err != nil {
			return fmt.Errorf("not the same: %w", err)
		}
		return in.setApart(ctx, tx, v, aID, bID)
	})
}

// setApart marks the two rows, and refuses what else is open between their
// persons, so that the answer holds when one of them is parted later.
func (in *Inbox) setApart(ctx context.Context, tx *db.Tx, v Viewer, aID, bID int64) error {
	rootA, rootB, err := findTwo(ctx, tx, aID, bID)
	if err != nil {
		return err
	}
	if rootA == rootB {
		return &InvalidError{"person", "merged"}
	}
	rows, err := betweenPersons(ctx, tx, rootA, rootB)
	if err != nil {
		return fmt.Errorf("not the same: %w", err)
	}
	a, b := min(aID, bID), max(aID, bID)
	if !slices.ContainsFunc(rows, func(p Proposal) bool { return p.AID == a && p.BID == b }) {
		p := Proposal{ID: db.NewID(in.clock), AID: a, BID: b, State: "open", CreatedAt: tx.Now}
		// The ingest may propose the same two at this moment.
		if _, err := tx.NewInsert().Model(&p).On("CONFLICT (a_id, b_id) DO NOTHING").Exec(ctx); err != nil {
			return fmt.Errorf("not the same: %w", err)
		}
		if rows, err = betweenPersons(ctx, tx, rootA, rootB); err != nil {
			return fmt.Errorf("not the same: %w", err)
		}
	}
	open := slices.DeleteFunc(rows, func(p Proposal) bool { return p.State != "open" })
	return in.closeProposals(ctx, tx, v, "refused", open)
}

// WithdrawNotSame takes back that two persons are not one. What was proposed
// before is open again. ErrNotFound when nobody said it.
func (in *Inbox) WithdrawNotSame(ctx context.Context, v Viewer, aID, bID int64) error {
	if !v.mayOpenFiles() {
		return ErrNotFound
	}
	return in.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := lockMerges(ctx, tx); err != nil {
			return fmt.Errorf("withdraw not the same: %w", err)
		}
		rootA, rootB, err := findTwo(ctx, tx, aID, bID)
		if err != nil {
			return err
		}
		rows, err := betweenPersons(ctx, tx, rootA, rootB)
		if err != nil {
			return fmt.Errorf("withdraw not the same: %w", err)
		}
		refused := slices.DeleteFunc(rows, func(p Proposal) bool { return p.State != "refused" })
		if rootA == rootB || len(refused) == 0 {
			return ErrNotFound
		}
		if err := in.openAgain(ctx, tx, v, refused); err != nil {
			return fmt.Errorf("withdraw not the same: %w", err)
		}
		if err := in.proposeAgain(ctx, tx, rootA, rootB); err != nil {
			return fmt.Errorf("withdraw not the same: %w", err)
		}
		return in.tellPeople(ctx, tx, rootA, rootB)
	})
}

// openAgain opens refused proposals; a mark that was never a proposal goes.
func (in *Inbox) openAgain(ctx context.Context, tx *db.Tx, v Viewer, refused []Proposal) error {
	var events []Event
	for i := range refused {
		p := &refused[i]
		if p.Reasons == "" {
			if _, err := tx.NewDelete().Model(p).WherePK().Exec(ctx); err != nil {
				return err
			}
		} else if _, err := tx.NewRaw("UPDATE proposals SET state = 'open', decided_by = 0, decided_at = 0 WHERE id = ?", p.ID).Exec(ctx); err != nil {
			return err
		}
		events = append(events, in.proposalEvents(tx, v, "proposal.withdrawn", p)...)
	}
	return AppendEvents(ctx, tx, events...)
}

// closeProposals decides proposals and tells of it on both rows of each.
func (in *Inbox) closeProposals(ctx context.Context, tx *db.Tx, v Viewer, state string, list []Proposal) error {
	var events []Event
	var rows []int64
	for i := range list {
		p := &list[i]
		_, err := tx.NewRaw("UPDATE proposals SET state = ?, decided_by = ?, decided_at = ? WHERE id = ?", state, v.OperatorID, tx.Now, p.ID).Exec(ctx)
		if err != nil {
			return fmt.Errorf("proposal %s: %w", state, err)
		}
		events = append(events, in.proposalEvents(tx, v, "proposal."+state, p)...)
		rows = append(rows, p.AID, p.BID)
	}
	if len(rows) == 0 {
		return nil
	}
	if err := AppendEvents(ctx, tx, events...); err != nil {
		return fmt.Errorf("proposal %s: %w", state, err)
	}
	return in.tellPeople(ctx, tx, rows...)
}

// openProposal reads a proposal that is still to be decided.
func openProposal(ctx context.Context, tx *db.Tx, id int64) (*Proposal, error) {
	p := new(Proposal)
	if err := tx.NewSelect().Model(p).Where("pr.id = ?", id).Scan(ctx); err != nil {
		return nil, notFound(err)
	}
	if p.State != "open" {
		return nil, ErrChanged
	}
	return p, nil
}

// betweenPersons reads all proposals and marks between two persons.
func betweenPersons(ctx context.Context, tx *db.Tx, rootA, rootB int64) ([]Proposal, error) {
	var rows []Proposal
	of := func(root int64) *bun.SelectQuery {
		return tx.NewSelect().Table("citizens").Column("id").Where("root_id = ?", root)
	}
	err := tx.NewSelect().Model(&rows).
		Where("(pr.a_id IN (?) AND pr.b_id IN (?)) OR (pr.a_id IN (?) AND pr.b_id IN (?))", of(rootA), of(rootB), of(rootB), of(rootA)).
		OrderExpr("pr.id").Scan(ctx)
	return rows, err
}

// reopenProposals brings back, after a merge was undone, the questions that it
// had answered, and asks those that did not come up while the two were one.
func (in *Inbox) reopenProposals(ctx context.Context, tx *db.Tx, rootA, rootB int64) error {
	rows, err := betweenPersons(ctx, tx, rootA, rootB)
	if err != nil {
		return err
	}
	for _, p := range rows {
		if p.State != "accepted" {
			continue
		}
		if _, err := tx.NewRaw("UPDATE proposals SET state = 'open', decided_by = 0, decided_at = 0 WHERE id = ?", p.ID).Exec(ctx); err != nil {
			return err
		}
	}
	return in.proposeAgain(ctx, tx, rootA, rootB)
}

// proposeAgain looks at the identities of persons as if they were new.
func (in *Inbox) proposeAgain(ctx context.Context, tx *db.Tx, roots ...int64) error {
	byRoot, err := identitiesOf(ctx, tx, roots)
	if err != nil {
		return err
	}
	var ids []Identity
	for _, root := range roots {
		ids = append(ids, byRoot[root]...)
	}
	return in.proposeFor(ctx, tx, ids)
}
