package inbox

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"time"
	"unicode/utf8"

	"filodiretto/channels"
	"filodiretto/channels/webpage"
	"filodiretto/internal/db"
)

// How much one message on the status page may hold, and how many of a case are
// taken in an hour: more comes from no citizen.
const (
	mostPageText  = 10_000 // characters
	mostPageFiles = 10
	pagePerHour   = 10
)

// PageReply is a form that a citizen sent from the status page of a case.
type PageReply struct {
	Ref, Secret string // with which the page was opened
	ContentType string // multipart/form-data with its boundary
	Body        []byte // as the browser sent it
	Lang        string // of the page
}

// ReplyOnPage takes a message that was written on the status page into its case:
// the bytes first, and the message in the same transaction. The same form sent
// twice is one message. That the writer has the secret of the case is all that
// is known of who it was, and is noted with the message.
//
// Errors: ErrSecret; ErrInvalid on "text" ("required", "too_long", "unreadable"),
// "file" ("too_many", "too_large"), "case" ("closed", "too_often") and "page"
// ("off") where the municipality takes no messages here.
func (in *Inbox) ReplyOnPage(ctx context.Context, r PageReply) error {
	acc, ch, err := in.pageAccount(ctx)
	if err != nil {
		return err
	}
	form, err := checkForm(r)
	if err != nil {
		return err
	}
	for range 3 {
		err = in.replyOnPage(ctx, r, form, acc, ch)
		if !errors.Is(err, ErrChanged) {
			return err
		}
	}
	return err
}

func checkForm(r PageReply) (*webpage.Form, error) {
	form, err := webpage.ReadForm(r.ContentType, r.Body)
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF):
		return nil, &InvalidError{"file", "too_large"}
	case err != nil:
		return nil, &InvalidError{"text", "unreadable"}
	case form.Empty():
		return nil, &InvalidError{"text", "required"}
	case utf8.RuneCountInString(form.Text) > mostPageText:
		return nil, &InvalidError{"text", "too_long"}
	case len(form.Files) > mostPageFiles:
		return nil, &InvalidError{"file", "too_many"}
	case form.Size() > MaxFiles:
		return nil, &InvalidError{"file", "too_large"}
	}
	return form, nil
}

// replyOnPage is ReplyOnPage for the case as it is now; ErrChanged when it was
// put into another one meanwhile.
func (in *Inbox) replyOnPage(ctx context.Context, r PageReply, form *webpage.Form, acc Account, ch channels.Channel) error {
	opened, err := in.caseOfSecret(ctx, in.db.Read, r.Ref, r.Secret)
	if err != nil {
		return err
	}
	top, _, err := publicCases(ctx, in.db.Read, opened)
	if err != nil {
		return fmt.Errorf("reply on the page: %w", err)
	}
	if !in.mayReplyOnPage(top) {
		return &InvalidError{"case", "closed"}
	}
	rows, err := in.rawRows(ctx, acc.ID, channels.Batch{Stream: "page", Items: []channels.Raw{{
		DedupKey: form.ID(strconv.FormatInt(opened.ID, 10)), ContentType: r.ContentType, Body: r.Body, Size: int64(len(r.Body)), ReceivedAt: in.clock.Now(),
		Meta: map[string]string{webpage.MetaCase: strconv.FormatInt(top.ID, 10), webpage.MetaCitizen: strconv.FormatInt(opened.CitizenID, 10), webpage.MetaLang: r.Lang},
	}}})
	if err != nil {
		return err
	}
	raw := &rows[0]
	rd, err := in.read(ctx, ch, raw)
	if err != nil {
		return err
	}
	err = in.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error { return in.filePageReply(ctx, tx, acc, top, raw, rd) })
	switch {
	case err == nil, db.IsUnique(err): // the other of two clicks was quicker
		return nil
	case errors.Is(err, ErrInvalid), errors.Is(err, ErrChanged), isOutage(err), ctx.Err() != nil:
		return err
	}
	in.log.Error("a message from the status page could not be filed at once and waits for the ingest", "account", acc.Key, "error", errText(err))
	return in.keepForLater(ctx, acc, raw)
}

func (in *Inbox) filePageReply(ctx context.Context, tx *db.Tx, acc Account, top *Case, raw *Raw, rd *reading) error {
	now, err := lockCase(ctx, tx, Viewer{System: true}, top.ID)
	if err != nil {
		return err
	}
	if now.MergedInto != top.MergedInto || now.CitizenID != top.CitizenID {
		return ErrChanged
	}
	if !in.mayReplyOnPage(now) {
		return &InvalidError{"case", "closed"}
	}
	var known, lately int
	err = tx.NewRaw(`SELECT (SELECT count(*) FROM raws WHERE account_id = ? AND dedup_key = ?),
		(SELECT count(*) FROM messages WHERE case_id = ? AND account_id = ? AND direction = 'in' AND at > ?)`,
		acc.ID, raw.DedupKey, top.ID, acc.ID, tx.Now.Add(-time.Hour)).Scan(ctx, &known, &lately)
	switch {
	case err != nil:
		return fmt.Errorf("reply on the page: %w", err)
	case known > 0:
		return nil // sent twice
	case lately >= pagePerHour:
		return &InvalidError{"case", "too_often"}
	}
	raw.AcceptedAt = tx.Now
	if _, err := tx.NewInsert().Model(raw).Exec(ctx); err != nil {
		return err
	}
	return in.fileTx(ctx, tx, acc, []*reading{rd})
}

// keepForLater keeps the bytes alone, for the ingest to file or to quarantine:
// what a citizen sent is not refused for a fault of ours.
func (in *Inbox) keepForLater(ctx context.Context, acc Account, raw *Raw) error {
	err := in.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		raw.AcceptedAt, raw.State = tx.Now, "pending"
		if _, err := tx.NewInsert().Model(raw).Exec(ctx); err != nil {
			return err
		}
		return in.wake.Ingest(ctx, tx, acc.ID)
	})
	if err == nil || db.IsUnique(err) {
		return nil
	}
	return fmt.Errorf("reply on the page: %w", err)
}

// pageAccount is the account that takes what is written on the pages, as it is
// open in this process.
func (in *Inbox) pageAccount(ctx context.Context) (Account, channels.Channel, error) {
	var ids []int64
	err := in.db.Ask(ctx, "SELECT id FROM accounts WHERE kind = 'web' AND enabled AND stopped_at = 0 ORDER BY id", nil, &ids)
	if err != nil {
		return Account{}, nil, fmt.Errorf("account of the pages: %w", err)
	}
	for _, id := range ids {
		if ch, acc, ok := in.channels.Channel(id); ok {
			return acc, ch, nil
		}
	}
	return Account{}, nil, &InvalidError{"page", "off"}
}

// mayReplyOnPage reports whether a case takes messages of its citizen: like an
// answer by mail, one to a case that is closed for too long begins something new
// (mail rule 79), which a page about this case cannot.
func (in *Inbox) mayReplyOnPage(c *Case) bool {
	return c.MergedInto == 0 && (c.Status != Closed || in.clock.Now().Sub(c.ClosedAt) <= in.set.ReopenWithin)
}

// pageWays fills how the citizen may write here and where an answer comes.
func (in *Inbox) pageWays(ctx context.Context, c *Case, p *PublicCase) error {
	_, _, err := in.pageAccount(ctx)
	if p.MayReply = err == nil && in.mayReplyOnPage(c); err != nil && !errors.Is(err, ErrInvalid) {
		return err
	}
	var kinds []string
	if err := in.db.Ask(ctx, "SELECT kind FROM accounts WHERE id = ? AND enabled", []any{c.AccountID}, &kinds); err != nil {
		return err
	}
	if len(kinds) > 0 && reachedBy[kinds[0]] != "" && kinds[0] != "phone" {
		p.AnswerTo = kinds[0]
	}
	return nil
}

// onPage takes from what was noted with the bytes on which case, and by whose
// secret, they were written.
func (rd *reading) onPage(meta map[string]string) {
	c, err := strconv.ParseInt(meta[webpage.MetaCase], 10, 64)
	z, err2 := strconv.ParseInt(meta[webpage.MetaCitizen], 10, 64)
	if err == nil && err2 == nil {
		rd.attach, rd.sender = c, &Identity{CitizenID: z}
	}
}
