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
	if !v.mayOpenFiles() {
		return ErrNotFound
	}
	reason = cut(clean(reason), mostReason)
	if reason == "" {
		return &InvalidError{"reason", "missing"}
	}
	return in.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		id, err := findIdentity(ctx, tx, identityID)
		if err != nil {
			return err
		}
		if !id.RemovedAt.IsZero() {
			return ErrNotFound
		}
		if _, err := tx.NewRaw("UPDATE identities SET removed_at = ? WHERE id = ?", tx.Now, id.ID).Exec(ctx); err != nil {
			return fmt.Errorf("remove identity: %w", err)
		}
		e := in.citizenEvent(tx, v, "identity.removed", id.CitizenID, map[string]any{"identity": id.ID, "kind": id.Kind, "reason": reason})
		if err := AppendEvents(ctx, tx, e); err != nil {
			return fmt.Errorf("remove identity: %w", err)
		}
		if err := reindexCitizen(ctx, tx, id.CitizenID); err != nil {
			return fmt.Errorf("remove identity: %w", err)
		}
		if err := in.dropUnfounded(ctx, tx, id.CitizenID); err != nil {
			return fmt.Errorf("remove identity: %w", err)
		}
		return in.tellPeople(ctx, tx, id.CitizenID)
	})
}
