package inbox

import (
	"context"
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
	IdentityID int64 // from which it came back
}

// Link is a word that was just made.
type Link struct {
	Word      string // told once: only its hash is kept
	ExpiresAt clock.Instant
}

// MakeLink makes a word for the person of a citizen row, to be printed or shown
// as t.me/bot?start=WORD: 16 random bytes in base64url (22 characters), good for
// 24 hours and one use. caseID is the matter that it was made for, or 0. A word
// made for the person before and not used yet is good no more, so that a sheet
// that was left on the counter opens nothing.
func (in *Inbox) MakeLink(ctx context.Context, v Viewer, citizenID, caseID int64) (*Link, error) {
	if !v.mayOpenFiles() {
		return nil, ErrNotFound
	}
	out := &Link{Word: secret.Token(16)}
	err := in.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		root, err := findRoot(ctx, tx, citizenID)
		if err != nil {
			return err
		}
		if caseID > 0 {
			if err := in.caseOfPerson(ctx, tx, v, caseID, root); err != nil {
				return err
			}
		}
		_, err = tx.NewRaw("DELETE FROM link_tokens WHERE used_at = 0 AND citizen_id IN (SELECT id FROM citizens WHERE root_id = ?)", root).Exec(ctx)
		if err != nil {
			return fmt.Errorf("make link: %w", err)
		}
		out.ExpiresAt = tx.Now.Add(linkLife)
		row := linkToken{Hash: secret.HashToken(out.Word), CitizenID: citizenID, CaseID: caseID, ByOperator: v.OperatorID, ExpiresAt: out.ExpiresAt}
		if _, err := tx.NewInsert().Model(&row).Exec(ctx); err != nil {
			return fmt.Errorf("make link: %w", err)
		}
		e := in.citizenEvent(tx, v, "link.made", citizenID, map[string]any{"expires": row.ExpiresAt})
		e.CaseID = caseID
		return AppendEvents(ctx, tx, e)
	})
	if err != nil {
		return nil, err
	}
	return out, nil
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

// linkSameIdentity finds the citizen row that a form means when it gives an
// e-mail address or a Telegram id which is known: that is the person, with no
// question to ask. When the form names two persons, the first address counts,
// and a proposal asks whether they are one. ok is false when none is known.
func (in *Inbox) linkSameIdentity(ctx context.Context, tx *db.Tx, given []channels.Address) (citizenID int64, ok bool, err error) {
	var found []Identity
	for _, a := range given {
		if !isAddress(a.Kind) && a.Kind != "telegram" || a.Value == "" {
			continue
		}
		var rows []Identity
		err := tx.NewSelect().Model(&rows).
			Where("i.kind = ? AND i.scope = ? AND i.value = ? AND i.removed_at = 0 AND i.kind IN ('email','telegram','pec')", a.Kind, a.Scope, a.Value).Scan(ctx)
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
