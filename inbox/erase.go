package inbox

import (
	"context"
	"slices"
	"strings"
	"unicode/utf8"

	"filodiretto/internal/db"
)

// EraseReason is why the contents of a message are erased.
type EraseReason string

// The reasons. There are no others.
const (
	EraseAsked    EraseReason = "asked"      // by the person concerned (GDPR art. 17)
	EraseMistaken EraseReason = "mistaken"   // sent to us by mistake, or somebody else's data
	EraseNoUse    EraseReason = "not_needed" // no longer needed (GDPR art. 5.1.e)
	EraseUnlawful EraseReason = "unlawful"   // contents that may not be kept
	mostEraseWhy              = 300          // runes of the words beside the reason
	erasedNote                = "erased"     // in Message.Notes, where nothing else is left
	erasedEvent               = "message.erased"
)

// EraseReasons are all reasons, in the order in which forms offer them.
var EraseReasons = []EraseReason{EraseAsked, EraseMistaken, EraseNoUse, EraseUnlawful}

// Erased reports whether somebody erased the contents, which is not the same as an
// answer that was taken back before it left.
func (m *Message) Erased() bool { return m.ErasedAt > 0 && m.Notes == erasedNote }

// Erase takes the contents of one message out of the house for good (mail rule 81b,
// GDPR art. 17): subject, text, HTML and what it said before; its files, the pictures
// made of them and what was found in them; its originals, however many of our mailboxes
// they came to; what providers sent back of it; the words in the search index; the
// automatic answers that repeat its subject; subject and beginning of it on the case.
// docs/decisions.md says table by table what goes.
//
// The row stays: who, when, by which channel, to whom, and the keys by which it would be
// known again, so that nothing brings it back. So do the states of its deliveries, which
// prove that it was sent. The event keeps the reason, the words and the operator.
//
// Only a head of the office that has the case may. What was erased before is left as it
// is, without an error. Errors: ErrNotFound; ErrForbidden; InvalidError on "reason"
// ("unknown"), on "words" ("required", "too_long") and on "message": "in_register" (it is,
// or must be, in the protocol register: DPR 445/2000 art. 53), "being_sent" (take it back,
// or wait), "in_quarantine" (decide of it there first).
//
// Files leave the store after the commit, see FinishErasing.
func (in *Inbox) Erase(ctx context.Context, v Viewer, messageID int64, reason EraseReason, words string) error {
	words = strings.Join(strings.Fields(words), " ")
	switch {
	case !slices.Contains(EraseReasons, reason):
		return &InvalidError{"reason", "unknown"}
	case words == "":
		return &InvalidError{"words", "required"}
	case utf8.RuneCountInString(words) > mostEraseWhy:
		return &InvalidError{"words", "too_long"}
	}
	return in.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		x, c, err := in.lockErasing(ctx, tx, v, messageID)
		if err != nil || x == nil {
			return err
		}
		tx.After(func() { in.clearErased(db.Outside(ctx)) })
		if err := x.rows(ctx, tx); err != nil {
			return err
		}
		if err := x.shared(ctx, tx, c); err != nil {
			return err
		}
		if err := x.cases(ctx, tx, c); err != nil {
			return err
		}
		e := NewEvent(tx, in.clock, erasedEvent, map[string]any{"reason": reason, "words": words, "files": x.files, "originals": len(x.raws), "automatic": len(x.ids) - 1})
		e.MessageID = messageID
		return in.saveCase(ctx, tx, v, c, []Event{e})
	})
}

// lockErasing locks the case on whose page the message stands, with those that were put
// into it, and then the message, in the order in which filing does. It is nil for what was
// erased before.
func (in *Inbox) lockErasing(ctx context.Context, tx *db.Tx, v Viewer, id int64) (*erasing, *Case, error) {
	root, err := shownOn(ctx, tx, id)
	if err != nil {
		return nil, nil, err
	}
	if err := lockFamily(ctx, tx, root); err != nil {
		return nil, nil, err
	}
	c, err := lockCase(ctx, tx, v, root)
	if err != nil {
		return nil, nil, err
	}
	if c.MergedInto > 0 {
		return nil, nil, db.ErrStale
	}
	if err := mayErase(ctx, tx, v, c); err != nil {
		return nil, nil, err
	}
	if tx.Postgres {
		if _, err := tx.NewRaw("SELECT 1 FROM messages WHERE id = ? FOR UPDATE", id).Exec(ctx); err != nil {
			return nil, nil, err
		}
	}
	x, err := in.lookErasing(ctx, tx, id)
	if err != nil || x.m.ErasedAt > 0 {
		return nil, nil, err
	}
	if x.refused != "" {
		return nil, nil, &InvalidError{"message", x.refused}
	}
	return x, c, nil
}
