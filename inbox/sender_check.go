package inbox

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"filodiretto/channels"
	"filodiretto/internal/clock"
	"filodiretto/internal/db"
)

// SenderCheck is what the signatures of domains (DKIM) of a mail said when it
// came (mail rule 51). An empty Outcome waits for the DNS.
type SenderCheck struct {
	bun.BaseModel `bun:"table:sender_checks,alias:sc"`

	RawID      int64 `bun:",pk"`
	AccountID  int64
	Sender     string
	Outcome    string
	Domain     string
	Aligned    bool
	Signatures string // JSON: read them with Details
	Attempts   int
	NextAt     clock.Instant
	CheckedAt  clock.Instant
}

// Details are the signatures one by one.
func (c *SenderCheck) Details() []channels.DomainSignature {
	var out []channels.DomainSignature
	if json.Unmarshal([]byte(c.Signatures), &out) != nil {
		return nil // none were kept
	}
	return out
}

const (
	checksAtOnce  = 20
	checkPatience = 20 * time.Second // one message, whatever the DNS does
	signedNote    = "dkim_signature" // the channel says that there is something to check
)

// checkAgain are the waits after a check to which the DNS did not answer. Keys
// are changed, and what is asked days later says nothing of the day it came.
var checkAgain = []time.Duration{time.Minute, 10 * time.Minute, time.Hour, 4 * time.Hour}

// noteSigned remembers which of the batch's mails a domain signed. They are
// checked after this transaction: no message waits for the DNS. What comes from an
// archive is left out, since its keys are gone.
func (f *filing) noteSigned(ctx context.Context) error {
	if f.acc.Kind != "mail" {
		return nil
	}
	var rows []*SenderCheck
	for _, r := range f.list {
		state := f.outcome[r.raw.ID]
		if r.raw.Archive || len(r.items) == 0 || state != "filed" && state != "quarantined" {
			continue
		}
		it := &r.items[0]
		if !slices.Contains(it.Notes, signedNote) {
			continue
		}
		c := &SenderCheck{RawID: r.raw.ID, AccountID: f.acc.ID, Sender: it.From.Value, NextAt: f.tx.Now}
		if slices.Contains(it.Notes, "several_from") {
			c.Sender = ""
		}
		rows = append(rows, c)
	}
	for part := range slices.Chunk(rows, mostInserted) {
		if _, err := f.tx.NewInsert().Model(&part).On("CONFLICT (raw_id) DO NOTHING").Exec(ctx); err != nil {
			return fmt.Errorf("note what is signed: %w", err)
		}
	}
	f.toFetch = f.toFetch || len(rows) > 0
	return nil
}

// CheckSenders checks the mails of an account that are due, and returns when none
// is. A channel that cannot check lets them wait.
func (in *Inbox) CheckSenders(ctx context.Context, accountID int64) error {
	ch, _, ok := in.channels.Channel(accountID)
	checker, can := ch.(channels.SenderChecker)
	if !ok || !can {
		return nil
	}
	for {
		var rows []*SenderCheck
		err := in.db.Read.NewSelect().Model(&rows).Where("sc.account_id = ? AND sc.next_at > 0 AND sc.next_at <= ?", accountID, in.clock.Now()).
			OrderExpr("sc.next_at, sc.raw_id").Limit(checksAtOnce).Scan(ctx)
		if err != nil {
			return fmt.Errorf("look for senders to check: %w", err)
		}
		for _, c := range rows {
			if err := in.checkSender(ctx, checker, c); err != nil {
				return err
			}
		}
		if len(rows) < checksAtOnce {
			return nil
		}
	}
}

func (in *Inbox) checkSender(ctx context.Context, checker channels.SenderChecker, c *SenderCheck) error {
	found, err := in.askSender(ctx, checker, c)
	if err != nil {
		return err
	}
	now := in.clock.Now()
	c.Domain, c.Aligned, c.CheckedAt = found.Domain, found.Aligned, now
	c.Signatures = stored(found.Signatures, len(found.Signatures) > 0)
	c.Attempts++
	c.Outcome, c.NextAt = string(found.Outcome), 0
	if found.Outcome == channels.CheckTemporary && c.Attempts <= len(checkAgain) {
		c.Outcome, c.NextAt = "", now.Add(checkAgain[c.Attempts-1])
	}
	return in.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error { return in.keepCheck(ctx, tx, c) })
}

// askSender has a mail checked. Whatever goes wrong with it is a check that did
// not come off, so that one odd mail stops no others.
func (in *Inbox) askSender(ctx context.Context, checker channels.SenderChecker, c *SenderCheck) (channels.SenderCheck, error) {
	bound, cancel := context.WithTimeout(ctx, checkPatience)
	defer cancel()
	body, err := in.openRaw(bound, c.RawID)
	var found channels.SenderCheck
	if err == nil {
		found, err = checker.CheckSender(bound, body, c.Sender)
		_ = body.Close()
	}
	if err == nil || ctx.Err() != nil {
		return found, ctx.Err()
	}
	if bound.Err() == nil {
		in.log.Warn("a sender could not be checked", "raw", c.RawID, "error", errText(err))
	}
	return channels.SenderCheck{Outcome: channels.CheckTemporary}, nil
}

// keepCheck writes what was found, and tells the open pages of the case.
func (in *Inbox) keepCheck(ctx context.Context, tx *db.Tx, c *SenderCheck) error {
	if _, err := tx.NewUpdate().Model(c).WherePK().Exec(ctx); err != nil {
		return fmt.Errorf("keep a check: %w", err)
	}
	if c.NextAt > 0 {
		return nil
	}
	var k struct{ ID, OfficeID int64 }
	err := tx.NewRaw("SELECT c.id, c.office_id FROM copies AS cp JOIN messages AS m ON m.id = cp.message_id JOIN cases AS c ON c.id = m.case_id WHERE cp.raw_id = ? LIMIT 1", c.RawID).Scan(ctx, &k)
	if err = notFound(err); errors.Is(err, ErrNotFound) {
		return nil // it waits in quarantine
	}
	if err != nil {
		return fmt.Errorf("keep a check: %w", err)
	}
	in.tellCase(tx, k.ID, k.OfficeID, "sender")
	return nil
}

// openRaw gives the bytes of a raw item as they came.
func (in *Inbox) openRaw(ctx context.Context, id int64) (io.ReadCloser, error) {
	r := new(Raw)
	if err := in.db.Read.NewSelect().Model(r).Where("r.id = ?", id).Scan(ctx); err != nil {
		return nil, notFound(err)
	}
	if r.Blob != "" {
		return in.blobs.Open(ctx, r.Blob)
	}
	return io.NopCloser(bytes.NewReader(r.Body)), nil
}

// checksOf reads what was found of the senders of messages, by raw item.
func (in *Inbox) checksOf(ctx context.Context, messages []*Message) (map[int64]*SenderCheck, error) {
	var raws []int64
	for _, m := range messages {
		if m.RawID > 0 && m.Direction == In && strings.Contains(m.Notes, signedNote) {
			raws = append(raws, m.RawID)
		}
	}
	if len(raws) == 0 {
		return nil, nil
	}
	var rows []*SenderCheck
	of, args := db.In(raws)
	if err := in.db.Ask(ctx, "SELECT sc.* FROM sender_checks AS sc WHERE sc.raw_id IN ("+of+")", args, &rows); err != nil {
		return nil, fmt.Errorf("checks of senders: %w", err)
	}
	out := make(map[int64]*SenderCheck, len(rows))
	for _, c := range rows {
		out[c.RawID] = c
	}
	return out, nil
}
