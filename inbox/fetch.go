package inbox

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"filodiretto/channels"
	"filodiretto/internal/db"
	"filodiretto/internal/filetype"
	"filodiretto/internal/live"
)

// fetchTries is how often a file is asked for before it is given up; the
// message itself is valid all the while.
const fetchTries = 8

// FetchFiles downloads the files of the account's messages that the platform
// only named, and returns when none is due.
func (in *Inbox) FetchFiles(ctx context.Context, accountID int64) error {
	ch, _, ok := in.channels.Channel(accountID)
	if !ok {
		return nil
	}
	f, ok := ch.(channels.Fetcher)
	if !ok {
		return nil
	}
	for {
		var rows []*Part
		err := in.db.Read.NewSelect().Model(&rows).Join("JOIN messages AS m ON m.id = p.message_id").
			Where("p.state = 'pending' AND p.next_at <= ? AND m.account_id = ?", in.clock.Now(), accountID).
			OrderExpr("p.id").Limit(20).Scan(ctx)
		if err != nil {
			return fmt.Errorf("look for files to fetch: %w", err)
		}
		if len(rows) == 0 {
			return nil
		}
		for _, p := range rows {
			if err := in.fetchOne(ctx, f, p); err != nil {
				return err
			}
		}
	}
}

// fetchOne downloads one file. The error is our own; the platform's is in the row.
func (in *Inbox) fetchOne(ctx context.Context, f channels.Fetcher, p *Part) error {
	pr, pw := io.Pipe()
	go func() { pw.CloseWithError(f.Fetch(ctx, p.Remote, pw)) }()
	sum, size, err := in.blobs.Put(ctx, pr)
	pr.CloseWithError(err)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	p.Attempts++
	if err != nil {
		var e *channels.Error
		if !errors.As(err, &e) && !errors.Is(err, io.ErrUnexpectedEOF) {
			return fmt.Errorf("store a fetched file: %w", err)
		}
		in.putOff(p, channels.AsError(err))
	} else {
		p.State, p.SHA256, p.Size, p.Problem = "stored", sum, size, ""
		if p.Detected, err = in.detect(ctx, sum); err != nil {
			return err
		}
	}
	return in.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		res, err := tx.NewUpdate().Model(p).Column("state", "sha256", "size", "problem", "detected", "attempts", "next_at").WherePK().Where("state = 'pending'").Exec(ctx)
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 { // it was erased meanwhile
			return cmp.Or(err, leaveStore(ctx, tx, p.SHA256))
		}
		if err := in.askScans(ctx, tx, []*Part{p}); err != nil {
			return err
		}
		var c Case
		err = tx.NewSelect().Model(&c).Where("c.id = (SELECT case_id FROM messages WHERE id = ?)", p.MessageID).Scan(ctx)
		if err == nil {
			tx.After(func() {
				in.hub.Publish(live.Event{Topic: "case", ID: c.ID, Version: c.Version, Office: c.OfficeID, Kind: "file"})
			})
		}
		if notFound(err) == ErrNotFound {
			return nil
		}
		return err
	})
}

func (in *Inbox) putOff(p *Part, e *channels.Error) {
	wait := time.Duration(1<<min(p.Attempts, 12)) * time.Second
	if e.Class == channels.RetryAfter {
		wait = max(e.After, time.Second)
	}
	p.NextAt = in.clock.Now().Add(wait)
	p.Problem = string(e.Class)
	final := e.Class == channels.ContentRejected || e.Class == channels.RecipientGone || e.Class == channels.AuthBroken
	if final || p.Attempts >= fetchTries {
		p.State = "failed"
	}
}

// detect tells the type of a stored file by its first bytes.
func (in *Inbox) detect(ctx context.Context, sum string) (string, error) {
	r, err := in.blobs.Open(ctx, sum)
	if err != nil {
		return "", err
	}
	defer r.Close()
	t, err := filetype.OfReader(r)
	if err != nil {
		return "", nil //nolint:nilerr // what cannot be told is left empty
	}
	return t, nil
}
