package inbox

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"filodiretto/channels"
	"filodiretto/internal/db"
)

// ofMessages empties what hangs on messages, given by a list of ids for each "?". Parts
// stay with kind and size alone. What somebody decided of a sender stays, since it
// counts for the sender's other messages too.
var ofMessages = []string{
	"UPDATE messages SET subject = '', text = '', html = '', markup = '', signatures = '', notes = '" + erasedNote + "', version = version + 1 WHERE id IN (?)",
	"DELETE FROM message_versions WHERE message_id IN (?)",
	`UPDATE parts SET name = '', claimed = '', detected = '', content_id = '', sha256 = '', data = NULL, remote = '', state = 'none', problem = '` + erasedNote + `',
		preview = '', lat = 0, lon = 0, signatures = '', inside = '', next_at = 0 WHERE message_id IN (?)`,
	"DELETE FROM lookalikes WHERE message_id IN (?) AND decision = ''",
	"DELETE FROM forwards WHERE message_id IN (?) AND state <> 'accepted'",
	"UPDATE forwards SET subject = '' WHERE message_id IN (?)",
	"UPDATE quarantine SET subject = '' WHERE message_id IN (?)",
	"UPDATE deliveries SET text = '' WHERE message_id IN (?)", // a recipient's server may quote
	"UPDATE delivery_events SET text = '' WHERE delivery_id IN (SELECT id FROM deliveries WHERE message_id IN (?))",
	"DELETE FROM sent_mails WHERE delivery_id IN (SELECT id FROM deliveries WHERE message_id IN (?))",
	"UPDATE dialogue_turns SET data = '' WHERE message_id IN (?)",
}

// ofRaws empties raw items. Row, size and hash stay: by them it is known again.
var ofRaws = []string{
	"UPDATE quarantine SET subject = '' WHERE raw_id IN (?)",
	"DELETE FROM sender_checks WHERE raw_id IN (?)",
	`UPDATE reconcile_items SET subject = '' WHERE EXISTS (SELECT 1 FROM raws AS r JOIN reconcile_runs AS ru ON ru.account_id = r.account_id
		WHERE r.id IN (?) AND ru.id = reconcile_items.run_id AND r.dedup_key = reconcile_items.dedup_key)`,
	"UPDATE raws SET body = NULL, blob = '', meta = '{}', parser = 0, state = CASE WHEN state = 'pending' THEN 'duplicate' ELSE state END WHERE id IN (?)",
}

// rows empties the rows of the messages, of their originals, and of what came back.
func (x *erasing) rows(ctx context.Context, tx *db.Tx) error {
	if err := x.leaveStore(ctx, tx); err != nil {
		return err
	}
	for _, q := range ofMessages {
		if _, err := tx.NewRaw(q, bun.List(x.ids)).Exec(ctx); err != nil {
			return fmt.Errorf("erase a message: %w", err)
		}
	}
	if _, err := tx.NewRaw("UPDATE messages SET erased_at = ?, certified = CASE WHEN id = ? THEN ? ELSE '' END WHERE id IN (?)", tx.Now, x.m.ID, certifiedShell(x.m.CertifiedBy()), bun.List(x.ids)).Exec(ctx); err != nil {
		return fmt.Errorf("erase a message: %w", err)
	}
	if err := emptyReceipts(ctx, tx, x.ids); err != nil {
		return err
	}
	if err := unindex(ctx, tx, x.ids); err != nil {
		return err
	}
	return emptyRaws(ctx, tx, x.raws)
}

// emptyRaws takes the bytes of raw items away, and lets their files leave the store.
func emptyRaws(ctx context.Context, tx *db.Tx, raws []int64) error {
	if len(raws) == 0 {
		return nil
	}
	var files []string
	if err := tx.NewRaw("SELECT blob FROM raws WHERE blob <> '' AND id IN (?)", bun.List(raws)).Scan(ctx, &files); err != nil {
		return fmt.Errorf("files of originals: %w", err)
	}
	for _, q := range ofRaws {
		if _, err := tx.NewRaw(q, bun.List(raws)).Exec(ctx); err != nil {
			return fmt.Errorf("erase an original: %w", err)
		}
	}
	return leaveStore(ctx, tx, files...)
}

// emptyReceipts leaves of the receipts of certified mail what proves the sending.
func emptyReceipts(ctx context.Context, tx *db.Tx, messages []int64) error {
	var rows []*CertifiedReceipt
	if err := tx.NewSelect().Model(&rows).Where("rc.message_id IN (?)", bun.List(messages)).Scan(ctx); err != nil {
		return fmt.Errorf("receipts of a message: %w", err)
	}
	for _, r := range rows {
		r.Subject, r.Certified = "", certifiedShell(r.CertifiedBy())
		if _, err := tx.NewUpdate().Model(r).Column("subject", "certified").WherePK().Exec(ctx); err != nil {
			return fmt.Errorf("erase what a receipt repeats: %w", err)
		}
	}
	return nil
}

// certifiedShell is what stays of a provider's statement: that it was certified, by whom,
// when, under which id, and whether the provider's signature held.
func certifiedShell(c *channels.Certified) string {
	if c == nil {
		return ""
	}
	return stored(&channels.Certified{
		Kind: c.Kind, Error: c.Error, Provider: c.Provider, ID: c.ID, Original: c.Original, At: c.At, Receipt: c.Receipt,
		Elsewhere: c.Elsewhere, Uncovered: c.Uncovered, Signature: c.Signature,
	}, true)
}
