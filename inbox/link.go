package inbox

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"filodiretto/channels"
	"filodiretto/internal/clock"
	"filodiretto/internal/db"
	"filodiretto/internal/secret"
)

// linkLife is how long a link handed to a citizen can be used.
const linkLife = 24 * time.Hour

// linkToken is a word that proves, when it comes back from a channel, that who
// is there is the person to whom it was handed. Only its hash is kept.
type linkToken struct {
	bun.BaseModel `bun:"table:link_tokens,alias:lt"`

	Hash       string `bun:",pk"`
	CitizenID  int64
	CaseID     int64
	ByOperator int64
	ExpiresAt  clock.Instant
	UsedAt     clock.Instant
}

// MakeLink makes a word for the person of a citizen row, to be printed or shown
// as t.me/bot?start=WORD: 16 random bytes in base64url (22 characters), good for
// 24 hours and one use. caseID is the matter that it was made for, or 0.
func (in *Inbox) MakeLink(ctx context.Context, v Viewer, citizenID, caseID int64) (token string, err error) {
	if !v.mayOpenFiles() {
		return "", ErrNotFound
	}
	token = secret.Token(16)
	err = in.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		root, err := findRoot(ctx, tx, citizenID)
		if err != nil {
			return err
		}
		if caseID > 0 {
			if err := in.caseOfPerson(ctx, tx, v, caseID, root); err != nil {
				return err
			}
		}
		// Old ones are of no use to anybody.
		if _, err := tx.NewRaw("DELETE FROM link_tokens WHERE expires_at < ?", tx.Now.Add(-30*linkLife)).Exec(ctx); err != nil {
			return fmt.Errorf("make link: %w", err)
		}
		row := linkToken{Hash: secret.HashToken(token), CitizenID: citizenID, CaseID: caseID, ByOperator: v.OperatorID, ExpiresAt: tx.Now.Add(linkLife)}
		if _, err := tx.NewInsert().Model(&row).Exec(ctx); err != nil {
			return fmt.Errorf("make link: %w", err)
		}
		e := in.citizenEvent(tx, v, "link.made", citizenID, map[string]any{"expires": row.ExpiresAt})
		e.CaseID = caseID
		return AppendEvents(ctx, tx, e)
	})
	if err != nil {
		return "", err
	}
	return token, nil
}

func (in *Inbox) caseOfPerson(ctx context.Context, tx *db.Tx, v Viewer, caseID, root int64) error {
	c, err := findCase(ctx, tx, v, caseID)
	if err != nil {
		return err
	}
	if of, err := findRoot(ctx, tx, c.CitizenID); err != nil || of != root {
		return errors.Join(err, ErrNotFound)
	}
	return nil
}

// useLink joins the person behind an identity to the person for whom the token
// was made, since whoever writes from the identity gave the token back: the
// identity is certain from then on. ok is false, and nothing but an event is
// left, when the token is forged, used or expired, or when staff said that the
// two are not the same person.
func (in *Inbox) useLink(ctx context.Context, tx *db.Tx, token string, identityID int64) (ok bool, err error) {
	id, err := findIdentity(ctx, tx, identityID)
	if err != nil {
		return false, fmt.Errorf("use link: %w", err)
	}
	lt := new(linkToken)
	err = tx.NewSelect().Model(lt).Where("lt.hash = ?", secret.HashToken(token)).Scan(ctx)
	switch err = notFound(err); {
	case errors.Is(err, ErrNotFound):
		return false, in.linkRefused(ctx, tx, id, 0, "unknown")
	case err != nil:
		return false, fmt.Errorf("use link: %w", err)
	case !lt.UsedAt.IsZero():
		return false, in.linkRefused(ctx, tx, id, lt.CaseID, "used")
	case lt.ExpiresAt <= tx.Now:
		return false, in.linkRefused(ctx, tx, id, lt.CaseID, "expired")
	}
	if err := lockMerges(ctx, tx); err != nil {
		return false, fmt.Errorf("use link: %w", err)
	}
	mine, theirs, err := findTwo(ctx, tx, lt.CitizenID, id.CitizenID)
	if err != nil {
		return false, fmt.Errorf("use link: %w", err)
	}
	if mine != theirs {
		apart, err := saidApart(ctx, tx, mine, theirs)
		if err != nil {
			return false, fmt.Errorf("use link: %w", err)
		}
		if apart {
			return false, in.linkRefused(ctx, tx, id, lt.CaseID, "not_same")
		}
	}
	// Only one of two that come at once finds it unused.
	res, err := tx.NewRaw("UPDATE link_tokens SET used_at = ? WHERE hash = ? AND used_at = 0", tx.Now, lt.Hash).Exec(ctx)
	if err != nil {
		return false, fmt.Errorf("use link: %w", err)
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return false, errors.Join(err, in.linkRefused(ctx, tx, id, lt.CaseID, "used"))
	}
	return true, in.linkUsed(ctx, tx, lt, id, mine != theirs)
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

// linkSameIdentity finds the citizen row that a form means when it gives an
// e-mail address or a Telegram id which is known: that is the person, with no
// question to ask. When the form names two persons, the first address counts,
// and a proposal asks whether they are one. ok is false when none is known.
func (in *Inbox) linkSameIdentity(ctx context.Context, tx *db.Tx, given []channels.Address) (citizenID int64, ok bool, err error) {
	var found []Identity
	for _, a := range given {
		if a.Kind != "email" && a.Kind != "telegram" || a.Value == "" {
			continue
		}
		var rows []Identity
		err := tx.NewSelect().Model(&rows).
			Where("i.kind = ? AND i.scope = ? AND i.value = ? AND i.removed_at = 0 AND i.kind IN ('email','telegram')", a.Kind, a.Scope, a.Value).Scan(ctx)
		if err != nil {
			return 0, false, fmt.Errorf("find by address: %w", err)
		}
		found = append(found, rows...)
	}
	if len(found) == 0 {
		return 0, false, nil
	}
	for _, other := range found[1:] {
		if err := in.propose(ctx, tx, []pair{newPair(found[0].CitizenID, other.CitizenID, "form")}); err != nil {
			return 0, false, fmt.Errorf("find by address: %w", err)
		}
	}
	return found[0].CitizenID, true, nil
}
