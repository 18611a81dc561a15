package inbox

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"filodiretto/internal/db"
	"filodiretto/internal/secret"
)

// useLink joins the person behind an identity to the person for whom the token
// was made, since whoever writes from the identity gave the token back: the
// identity is certain from then on. to says what it was joined to, in the
// language, and shows no more than the person needs (see linkHint). It is empty,
// and nothing but an event is left, when the token is forged, used or expired,
// or when staff said that the two are not the same person.
func (in *Inbox) useLink(ctx context.Context, tx *db.Tx, token string, identityID int64, lang string) (to string, err error) {
	id, err := findIdentity(ctx, tx, identityID)
	if err != nil {
		return "", fmt.Errorf("use link: %w", err)
	}
	lt := new(linkToken)
	err = tx.NewSelect().Model(lt).Where("lt.hash = ?", secret.HashToken(token)).Scan(ctx)
	switch err = notFound(err); {
	case errors.Is(err, ErrNotFound):
		return "", in.linkRefused(ctx, tx, id, 0, "unknown")
	case err != nil:
		return "", fmt.Errorf("use link: %w", err)
	case !lt.UsedAt.IsZero():
		return "", in.linkRefused(ctx, tx, id, lt.CaseID, "used")
	case lt.ExpiresAt <= tx.Now:
		return "", in.linkRefused(ctx, tx, id, lt.CaseID, "expired")
	}
	if err := lockMerges(ctx, tx); err != nil {
		return "", fmt.Errorf("use link: %w", err)
	}
	mine, theirs, err := findTwo(ctx, tx, lt.CitizenID, id.CitizenID)
	if err != nil {
		return "", fmt.Errorf("use link: %w", err)
	}
	if mine != theirs {
		apart, err := saidApart(ctx, tx, mine, theirs)
		if err != nil {
			return "", fmt.Errorf("use link: %w", err)
		}
		if apart {
			return "", in.linkRefused(ctx, tx, id, lt.CaseID, "not_same")
		}
	}
	// Only one of two that come at once finds it unused.
	res, err := tx.NewRaw("UPDATE link_tokens SET used_at = ?, identity_id = ? WHERE hash = ? AND used_at = 0", tx.Now, id.ID, lt.Hash).Exec(ctx)
	if err != nil {
		return "", fmt.Errorf("use link: %w", err)
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return "", errors.Join(err, in.linkRefused(ctx, tx, id, lt.CaseID, "used"))
	}
	if to, err = linkHint(ctx, tx, mine, lang); err != nil {
		return "", fmt.Errorf("use link: %w", err)
	}
	return to, in.linkUsed(ctx, tx, lt, id, mine != theirs)
}

// linkUsed makes the identity certain and, unless they are one person already,
// merges the two.
func (in *Inbox) linkUsed(ctx context.Context, tx *db.Tx, lt *linkToken, id *Identity, two bool) error {
	e := in.citizenEvent(tx, Viewer{}, "link.used", id.CitizenID, map[string]any{"identity": id.ID, "citizen": lt.CitizenID})
	e.Actor, e.CaseID = "citizen", lt.CaseID
	if err := AppendEvents(ctx, tx, e); err != nil {
		return fmt.Errorf("use link: %w", err)
	}
	if two {
		before, err := in.beforeLink(ctx, tx, id)
		if err != nil {
			return fmt.Errorf("use link: %w", err)
		}
		m := Merge{KeptID: lt.CitizenID, GoneID: id.CitizenID, Reason: "link", IdentityID: id.ID, ProofBefore: before}
		if _, err := in.merge(ctx, tx, Viewer{}, m); err != nil {
			return err
		}
	}
	_, err := tx.NewRaw("UPDATE identities SET proof = ?, proof_source = 'link', verified_at = ?, verified_by = ? WHERE id = ?",
		Certain, tx.Now, lt.ByOperator, id.ID).Exec(ctx)
	if err != nil {
		return fmt.Errorf("use link: %w", err)
	}
	return nil
}

// beforeLink is the proof that the identity goes back to when all the links
// that rest on it are undone.
func (in *Inbox) beforeLink(ctx context.Context, tx *db.Tx, id *Identity) (string, error) {
	if id.ProofSource == "link" {
		var first string
		err := tx.NewSelect().Table("merges").Column("proof_before").Where("identity_id = ? AND undone_at = 0", id.ID).
			OrderExpr("id").Limit(1).Scan(ctx, &first)
		if err = notFound(err); !errors.Is(err, ErrNotFound) {
			return first, err
		}
	}
	b, err := json.Marshal(proofBefore{id.Proof, id.ProofSource, int64(id.VerifiedAt), id.VerifiedBy})
	return string(b), err
}

func (in *Inbox) linkRefused(ctx context.Context, tx *db.Tx, id *Identity, caseID int64, why string) error {
	e := in.citizenEvent(tx, Viewer{}, "link.refused", id.CitizenID, map[string]any{"identity": id.ID, "why": why})
	e.Actor, e.CaseID = "citizen", caseID
	return AppendEvents(ctx, tx, e)
}
