package inbox

import (
	"context"
	"fmt"
	"slices"

	"filodiretto/internal/db"
)

// proofSources are the ways in which an identity is proved, with the level that
// each can give at most.
var proofSources = map[string]Proof{
	"declared":      Declared,
	"called_back":   Confirmed, // somebody answered there and knew
	"code_returned": Confirmed, // a code sent there was given back
	"document_seen": Certain,
	"spid":          Certain,
	"cie":           Certain,
}

// ProofSources are the ways of proving an identity, in the order of forms.
var ProofSources = []string{"document_seen", "spid", "cie", "code_returned", "called_back", "declared"}

// SetProof records how sure we are that an identity is the person's, and from
// what. InvalidError on "level" when the source cannot give it.
func (in *Inbox) SetProof(ctx context.Context, v Viewer, identityID int64, level Proof, source string) error {
	if !v.mayOpenFiles() {
		return ErrNotFound
	}
	most, known := proofSources[source]
	if !known || !slices.Contains(ProofSources, source) {
		return &InvalidError{"source", "unknown"}
	}
	if level < Declared || level > most {
		return &InvalidError{"level", "too_high"}
	}
	return in.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		id, err := findIdentity(ctx, tx, identityID)
		if err != nil {
			return err
		}
		if !id.RemovedAt.IsZero() {
			return ErrNotFound
		}
		before := id.Proof
		id.Proof, id.ProofSource, id.VerifiedAt, id.VerifiedBy = level, source, tx.Now, v.OperatorID
		if _, err := tx.NewUpdate().Model(id).Column("proof", "proof_source", "verified_at", "verified_by").WherePK().Exec(ctx); err != nil {
			return fmt.Errorf("set proof: %w", err)
		}
		e := in.citizenEvent(tx, v, "identity.proved", id.CitizenID, map[string]any{"identity": id.ID, "kind": id.Kind, "before": before, "level": level, "source": source})
		if err := AppendEvents(ctx, tx, e); err != nil {
			return fmt.Errorf("set proof: %w", err)
		}
		return in.tellPeople(ctx, tx, id.CitizenID)
	})
}

// RemoveIdentity takes an identity off a citizen row, because it is not theirs
// or no longer. The row is kept, with the messages that came from it; a mail
// address or Telegram id is then free, and who writes from it next is a new
// citizen. Open proposals that rested on it alone are withdrawn.
func (in *Inbox) RemoveIdentity(ctx context.Context, v Viewer, identityID int64, reason string) error {
	return in.RemoveIdentities(ctx, v, []int64{identityID}, reason)
}

// RemoveIdentities is RemoveIdentity for what several records of a person have in common:
// off all of them, or off none. What somebody removed meanwhile is passed over;
// ErrNotFound says that nothing was left.
func (in *Inbox) RemoveIdentities(ctx context.Context, v Viewer, ids []int64, reason string) error {
	if !v.mayOpenFiles() {
		return ErrNotFound
	}
	reason = cut(clean(reason), mostReason)
	if reason == "" {
		return &InvalidError{"reason", "missing"}
	}
	return in.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		removed := false
		for _, id := range slices.Sorted(slices.Values(ids)) {
			gone, err := in.removeIdentity(ctx, tx, v, id, reason)
			if err != nil {
				return fmt.Errorf("remove identity: %w", err)
			}
			removed = removed || gone
		}
		if !removed {
			return ErrNotFound
		}
		return nil
	})
}

// removeIdentity is false for one that was removed before.
func (in *Inbox) removeIdentity(ctx context.Context, tx *db.Tx, v Viewer, identityID int64, reason string) (bool, error) {
	id, err := findIdentity(ctx, tx, identityID)
	if err != nil {
		return false, err
	}
	res, err := tx.NewRaw("UPDATE identities SET removed_at = ? WHERE id = ? AND removed_at = 0", tx.Now, id.ID).Exec(ctx)
	if err != nil {
		return false, err
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return false, err
	}
	e := in.citizenEvent(tx, v, "identity.removed", id.CitizenID, map[string]any{"identity": id.ID, "kind": id.Kind, "reason": reason})
	if err := AppendEvents(ctx, tx, e); err != nil {
		return false, err
	}
	if err := reindexCitizen(ctx, tx, id.CitizenID); err != nil {
		return false, err
	}
	if err := in.dropUnfounded(ctx, tx, id.CitizenID); err != nil {
		return false, err
	}
	return true, in.tellPeople(ctx, tx, id.CitizenID)
}
