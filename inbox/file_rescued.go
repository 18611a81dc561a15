package inbox

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/uptrace/bun"

	"filodiretto/channels/mail"
)

// spamSuspected is the reason of what our own mail server takes for spam.
const spamSuspected = "spam_suspected"

// RescuedNote is the note of a decision that nobody took here: whoever reads the mailbox
// at its provider moved the mail out of the folder of unwanted mail.
const RescuedNote = "rescued"

// inJunk reports whether an original lay in the folder of unwanted mail.
func (r *Raw) inJunk() bool {
	var meta map[string]string
	return json.Unmarshal([]byte(r.Meta), &meta) == nil && meta[mail.MetaJunk] != ""
}

// loadJunk takes out of originals with bytes of the batch those that wait, or were
// rejected, because they lay in the folder of unwanted mail. In another folder the same
// mail counts as new: a person said at the provider's that it is wanted.
func (f *filing) loadJunk(ctx context.Context, kept []*Raw) (others []*Raw, err error) {
	f.junk, f.rescued = map[string]int64{}, map[int64]int64{}
	var ids []int64
	for _, r := range kept {
		if (r.State == "quarantined" || r.State == "rejected") && r.inJunk() {
			ids = append(ids, r.ID)
		}
	}
	if len(ids) == 0 {
		return kept, nil
	}
	var held []int64
	if err := f.tx.NewRaw("SELECT DISTINCT raw_id FROM quarantine WHERE reason = ? AND raw_id IN (?)", spamSuspected, bun.List(ids)).Scan(ctx, &held); err != nil {
		return nil, fmt.Errorf("what lay among unwanted mail: %w", err)
	}
	junk := map[int64]bool{}
	for _, id := range held {
		junk[id] = true
	}
	for _, r := range kept {
		if junk[r.ID] {
			f.junk[r.SHA256] = r.ID
		} else {
			others = append(others, r)
		}
	}
	return others, nil
}

// filedBefore is the original of the same bytes that stands for this one; 0 for none.
func (f *filing) filedBefore(r *Raw) int64 {
	if first := f.sameBytes[r.SHA256]; first != 0 && first != r.ID {
		return first
	}
	if first := f.junk[r.SHA256]; first != 0 && first != r.ID && r.inJunk() {
		return first
	}
	return 0
}

// rescue notes that a mail which lay among unwanted mail has come from another folder.
func (f *filing) rescue(r *reading) {
	if first := f.junk[r.raw.SHA256]; first != 0 && first != r.raw.ID {
		f.rescued[r.raw.ID] = first
	}
}

// noteJunk does as loadJunk for what waits from now on: the same mail may come from
// another folder with this very batch.
func (f *filing) noteJunk(r *Raw) {
	held := func(q *Quarantined) bool { return q.RawID == r.ID && q.Reason == spamSuspected }
	if r.inJunk() && slices.ContainsFunc(f.quarantine, held) {
		delete(f.sameBytes, r.SHA256)
		f.junk[r.SHA256] = r.ID
	}
}

// settleRescued ends the waiting of what has come from another folder. It is filed, or
// waits anew for another reason.
func (f *filing) settleRescued(ctx context.Context) error {
	for raw, before := range f.rescued {
		res, err := f.tx.NewRaw(`UPDATE quarantine SET state = 'released', decided_at = ?, note = ?,
			message_id = COALESCE((SELECT max(cp.message_id) FROM copies AS cp WHERE cp.raw_id = ?), 0)
			WHERE raw_id = ? AND state = 'waiting' AND reason = ?`, f.tx.Now, RescuedNote, raw, before, spamSuspected).Exec(ctx)
		if err != nil {
			return fmt.Errorf("end the waiting of a rescued mail: %w", err)
		}
		n, err := res.RowsAffected()
		if err != nil {
			return fmt.Errorf("end the waiting of a rescued mail: %w", err)
		}
		if n == 0 { // it was rejected here before
			continue
		}
		_, err = f.tx.NewRaw("UPDATE raws SET state = 'duplicate' WHERE id = ? AND NOT EXISTS (SELECT 1 FROM quarantine AS q WHERE q.raw_id = raws.id AND q.state = 'waiting')", before).Exec(ctx)
		if err != nil {
			return fmt.Errorf("end the waiting of a rescued mail: %w", err)
		}
		e := NewEvent(f.tx, f.in.clock, "quarantine.released", map[string]any{"raw": before, "reason": spamSuspected, "why": RescuedNote})
		e.OfficeID = f.acc.OfficeID
		if err := AppendEvents(ctx, f.tx, e); err != nil {
			return err
		}
	}
	return nil
}
