package inbox

import (
	"context"
	"fmt"
	"slices"

	"github.com/uptrace/bun"

	"filodiretto/internal/db"
)

// What was erased may come again: a folder is numbered anew, another mailbox hands it
// over, an archive is read in, its sender edits it. It is known by its keys and makes no
// message; but it came with its bytes, and those go with the transaction that files it
// (mail rule 81b).

// lookErased finds the originals of the batch whose message was erased before. The
// messages are locked as who erases locks them: either this sees the erasure, or that
// sees the copy.
func (f *filing) lookErased(ctx context.Context) error {
	f.erased = nil
	var before []int64
	for _, c := range f.copies {
		if !slices.ContainsFunc(f.messages, func(m *Message) bool { return m.ID == c.MessageID }) {
			before = append(before, c.MessageID)
		}
	}
	gone, err := erasedOf(ctx, f.tx, before)
	if err != nil {
		return err
	}
	for _, c := range f.copies {
		if gone[c.MessageID] {
			f.erased = append(f.erased, c.RawID)
		}
	}
	var again []int64
	for _, r := range f.list {
		if f.outcome[r.raw.ID] == "duplicate" {
			again = append(again, r.raw.ID)
		}
	}
	if len(again) == 0 {
		return nil
	}
	var empty []int64
	err = f.tx.NewRaw(`SELECT r.id FROM raws AS r JOIN raws AS o ON o.account_id = r.account_id AND o.sha256 = r.sha256
		WHERE r.id IN (?) AND o.id <> r.id AND o.body IS NULL AND o.blob = '' AND o.size > 0`, bun.List(again)).Scan(ctx, &empty)
	if err != nil {
		return fmt.Errorf("what comes again after it was erased: %w", err)
	}
	f.erased = append(f.erased, empty...)
	return nil
}

// emptyErased takes their bytes, and the files that were made of them while reading.
func (f *filing) emptyErased(ctx context.Context) error {
	if len(f.erased) == 0 {
		return nil
	}
	for _, r := range f.list {
		if !slices.Contains(f.erased, r.raw.ID) {
			continue
		}
		for _, facts := range r.facts {
			for _, k := range facts.files {
				if k.data == nil {
					if err := leaveStore(ctx, f.tx, k.sha256); err != nil {
						return err
					}
				}
			}
		}
	}
	f.tx.After(func() { f.in.clearErased(db.Outside(ctx)) })
	return emptyRaws(ctx, f.tx, f.erased)
}

// erasedOf tells which messages were erased, and keeps them from being so until the end
// of the transaction.
func erasedOf(ctx context.Context, tx *db.Tx, messages []int64) (map[int64]bool, error) {
	if len(messages) == 0 {
		return nil, nil
	}
	slices.Sort(messages)
	q := "SELECT id FROM messages WHERE id IN (?)"
	if tx.Postgres {
		q += " ORDER BY id FOR SHARE"
	}
	if _, err := tx.NewRaw(q, bun.List(messages)).Exec(ctx); err != nil {
		return nil, fmt.Errorf("lock messages: %w", err)
	}
	var gone []int64
	if err := tx.NewRaw("SELECT id FROM messages WHERE id IN (?) AND erased_at > 0 AND notes = '"+erasedNote+"'", bun.List(messages)).Scan(ctx, &gone); err != nil {
		return nil, fmt.Errorf("which messages were erased: %w", err)
	}
	return set(gone), nil
}

// emptyAnswer takes the bytes of what came back of a message that was erased: a provider
// or a server sends the whole message with its receipt.
//
// It reports whether the message was erased: then its words may be in those of the answer too.
func emptyAnswer(ctx context.Context, tx *db.Tx, message, raw int64) (erased bool, err error) {
	gone, err := erasedOf(ctx, tx, []int64{message})
	if err != nil || !gone[message] {
		return false, err
	}
	if err := emptyReceipts(ctx, tx, []int64{message}); err != nil {
		return true, err
	}
	return true, emptyRaws(ctx, tx, []int64{raw})
}
