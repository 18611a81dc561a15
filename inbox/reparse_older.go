package inbox

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"filodiretto/channels"
	"filodiretto/internal/db"
)

// How much one call of ReadOlder does, so that what comes now does not wait for it.
const (
	olderMost = 200
	olderFor  = 3 * time.Second
)

// ReadOlder reads again what a former version of a channel's parser has read (mail
// rule 20): each original once for a version, oldest versions first, a small number
// in each call. What reads differently is replaced, with the former reading kept; a
// receipt that reads differently is applied again. Originals that still cannot be
// read are left as they are. It returns how many it dealt with; call it from time to
// time, by one process.
func (in *Inbox) ReadOlder(ctx context.Context) (int, error) { return in.readOlder(ctx, olderMost) }

func (in *Inbox) readOlder(ctx context.Context, most int) (int, error) {
	var accounts []int64
	if err := in.db.Read.NewRaw("SELECT id FROM accounts WHERE enabled ORDER BY id").Scan(ctx, &accounts); err != nil {
		return 0, fmt.Errorf("read older originals: %w", err)
	}
	until := in.clock.Now().Add(olderFor)
	done := 0
	for _, account := range accounts {
		ch, _, ok := in.channels.Channel(account)
		if !ok || ch == nil { // closed, or nothing is read there
			continue
		}
		var rows []*Raw
		err := in.db.Read.NewSelect().Model(&rows).ExcludeColumn("body").Where("r.account_id = ? AND r.state = 'filed' AND r.parser > 0 AND r.parser < ?", account, ch.ParserVersion()).
			OrderExpr("r.parser, r.id").Limit(int64(most - done)).Scan(ctx)
		if err != nil {
			return done, fmt.Errorf("read older originals: %w", err)
		}
		for _, r := range rows {
			if err := in.readOld(ctx, ch, r.ID); err != nil {
				return done, fmt.Errorf("read original %d again: %w", r.ID, err)
			}
			if done++; done >= most || in.clock.Now() > until {
				return done, nil
			}
		}
	}
	return done, nil
}

// readOld reads one original again and marks it as read by the parser of today,
// whatever came of it: it is tried once.
func (in *Inbox) readOld(ctx context.Context, ch channels.Channel, id int64) error {
	raw := new(Raw)
	if err := in.db.Read.NewSelect().Model(raw).Where("r.id = ?", id).Scan(ctx); err != nil {
		return notFound(err)
	}
	rd, err := in.read(ctx, ch, raw)
	if err == nil && rd.fail == "" {
		err = in.takeReading(ctx, raw, rd)
	}
	switch {
	case err == nil:
	case ctx.Err() != nil || isOutage(err) || errors.Is(err, ErrChanged): // next time
		return err
	default:
		in.log.Warn("an original could not be read again", "raw", raw.ID, "error", errText(err))
	}
	_, err = in.db.Write.NewRaw("UPDATE raws SET parser = ? WHERE id = ?", ch.ParserVersion(), raw.ID).Exec(ctx)
	return err
}

// takeReading brings a new reading to the messages and receipts of its original.
func (in *Inbox) takeReading(ctx context.Context, raw *Raw, rd *reading) error {
	var messages []*Message
	if err := in.db.Read.NewSelect().Model(&messages).Where("m.raw_id = ? AND m.direction = 'in' AND m.erased_at = 0", raw.ID).OrderExpr("m.id").Scan(ctx); err != nil {
		return err
	}
	for _, m := range messages {
		i := itemOf(rd, m)
		if i < 0 || anothersNow(m, &rd.items[i]) {
			continue
		}
		if _, err := in.rereadMessage(ctx, Viewer{System: true}, m, rd, i); err != nil {
			return err
		}
	}
	for i := range rd.items {
		if it := &rd.items[i]; certified(it) && len(messages) == 0 {
			if err := in.freeCertified(ctx, raw); err != nil {
				return err
			}
		} else if isReceipt(it) {
			if err := in.rereadReceipt(ctx, raw, it); err != nil {
				return err
			}
		}
	}
	return nil
}

// freeCertified lets a certified mail be filed that a former version took for a copy
// of the ordinary mail with its words; once it has been, it stays a copy of both. In an
// ordinary mailbox there was no such version: what is a copy there is one of the same
// envelope, filed as its provider's, and would stand there twice.
func (in *Inbox) freeCertified(ctx context.Context, raw *Raw) error {
	_, err := in.db.Write.NewRaw(`UPDATE raws SET state = 'pending' WHERE id = ? AND state = 'filed'
		AND EXISTS (SELECT 1 FROM accounts AS a WHERE a.id = raws.account_id AND a.kind = 'pec')
		AND EXISTS (SELECT 1 FROM copies AS cp JOIN messages AS m ON m.id = cp.message_id WHERE cp.raw_id = raws.id AND m.certified = '')
		AND NOT EXISTS (SELECT 1 FROM copies AS cp JOIN messages AS m ON m.id = cp.message_id WHERE cp.raw_id = raws.id AND m.certified <> '')`, raw.ID).Exec(ctx)
	if err != nil {
		return fmt.Errorf("file a certified mail that counted as a copy: %w", err)
	}
	return nil
}

// rereadReceipt applies a receipt again where it now says something else. What it set
// before stays set: that is history, and a person sees that it is not proven any more.
// What it was tied to it stays tied to, where nothing in it names a message any more:
// which addresses are ours today, as after a mailbox was renamed, or with which secret
// ids are signed, says nothing of what was sent then.
func (in *Inbox) rereadReceipt(ctx context.Context, raw *Raw, it *channels.Item) error {
	var rows []*CertifiedReceipt
	if err := in.db.Read.NewSelect().Model(&rows).Where("rc.raw_id = ?", raw.ID).Scan(ctx); err != nil || len(rows) == 0 {
		return err // it was no receipt then: it waits in quarantine, or is a message
	}
	if was := rows[0].CertifiedBy(); was != nil {
		it.Certified.Signature = keepCheck(was.Signature, it.Certified.Signature)
	}
	now := stored(it.Certified, true)
	if !slices.ContainsFunc(rows, func(r *CertifiedReceipt) bool { return r.Certified != now || r.Proven != it.Certified.Proven() }) {
		return in.keepRereadAuthorities(ctx, it.Certified)
	}
	if rows[0].Proven && !it.Certified.Proven() {
		in.log.Warn("a receipt that counted as proven does not any more", "raw", raw.ID, "message", rows[0].MessageID)
	}
	tied := slices.ContainsFunc(rows, func(r *CertifiedReceipt) bool { return r.MessageID != 0 })
	return in.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		message, err := in.receiptMessage(ctx, tx, raw.AccountID, it.Certified)
		if err != nil {
			return err
		}
		if !tied || message != 0 {
			return in.applyReceipt(ctx, tx, raw, it)
		}
		if err := keepAuthorities(ctx, tx, it.Certified.Signature); err != nil {
			return err
		}
		if _, err = tx.NewRaw("UPDATE receipts SET certified = ?, proven = ? WHERE raw_id = ?", now, it.Certified.Proven(), raw.ID).Exec(ctx); err != nil {
			return err
		}
		for _, r := range rows {
			if _, err := emptyAnswer(ctx, tx, r.MessageID, raw.ID); err != nil { // it may have been erased meanwhile
				return err
			}
		}
		return nil
	})
}
