package inbox

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"filodiretto/channels"
	"filodiretto/internal/clock"
	"filodiretto/internal/db"
)

// inRow is the size in bytes up to which a raw body or a file lives in its
// row; what is larger is a file of the blob store, synced before the row commits.
const inRow = 128 << 10

// Accept commits raw items and the cursor of their stream in one transaction
// (mail rules 1 and 19). Items whose dedup key is known are left as they are.
func (in *Inbox) Accept(ctx context.Context, accountID int64, b channels.Batch) error {
	from := in.clock.Now()
	rows, err := in.rawRows(ctx, accountID, b)
	if err != nil {
		return err
	}
	err = in.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		for i := range rows {
			rows[i].AcceptedAt = tx.Now
		}
		if len(rows) > 0 {
			_, err := tx.NewInsert().Model(&rows).On("CONFLICT (account_id, dedup_key) DO NOTHING").Exec(ctx)
			if err != nil {
				return fmt.Errorf("accept: store raw items: %w", err)
			}
			if err := in.wake.Ingest(ctx, tx, accountID); err != nil {
				return fmt.Errorf("accept: wake the ingest: %w", err)
			}
		}
		if b.Cursor != nil {
			_, err := tx.NewRaw(`INSERT INTO cursors (account_id, stream, cursor, updated_at) VALUES (?, ?, ?, ?)
				ON CONFLICT (account_id, stream) DO UPDATE SET cursor = excluded.cursor, updated_at = excluded.updated_at`,
				accountID, b.Stream, b.Cursor, tx.Now).Exec(ctx)
			if err != nil {
				return fmt.Errorf("accept: store the cursor: %w", err)
			}
		}
		return nil
	})
	in.log.DebugContext(ctx, "raw items accepted", "account", accountID, "items", len(rows), "accept", in.clock.Now().Sub(from))
	return err
}

func (in *Inbox) rawRows(ctx context.Context, accountID int64, b channels.Batch) ([]Raw, error) {
	rows := make([]Raw, 0, len(b.Items))
	for _, it := range b.Items {
		meta, err := json.Marshal(it.Meta)
		if err != nil {
			return nil, fmt.Errorf("accept: meta: %w", err)
		}
		r := Raw{
			ID: db.NewID(in.clock), AccountID: accountID, DedupKey: it.DedupKey, Stream: b.Stream,
			ContentType: it.ContentType, Meta: string(meta), Archive: it.Archive,
			ReceivedAt: it.ReceivedAt, State: "pending",
		}
		if r.ReceivedAt.IsZero() {
			r.ReceivedAt = in.clock.Now()
		}
		if it.Blob != "" {
			r.Blob, r.SHA256, r.Size = it.Blob, it.Blob, it.Size
		} else if err := in.keepBody(ctx, &r, it.Body); err != nil {
			return nil, err
		}
		rows = append(rows, r)
	}
	return rows, nil
}

func (in *Inbox) keepBody(ctx context.Context, r *Raw, body []byte) error {
	k, err := in.keepFile(ctx, body)
	if err != nil {
		return err
	}
	r.Size, r.SHA256, r.Body = k.size, k.sha256, k.data
	if k.data == nil && k.size > 0 {
		r.Blob = k.sha256
	}
	return nil
}

// rawBody gives the bytes of a raw item back; ErrNotFound for one that was erased.
func (in *Inbox) rawBody(ctx context.Context, r *Raw) ([]byte, error) {
	if r.Blob == "" && r.Body == nil && r.Size > 0 {
		return nil, ErrNotFound
	}
	if r.Blob == "" {
		return r.Body, nil
	}
	f, err := in.blobs.Open(ctx, r.Blob)
	if err != nil {
		return nil, fmt.Errorf("read raw item %d: %w", r.ID, err)
	}
	defer f.Close()
	b, err := io.ReadAll(f)
	if err != nil {
		return nil, fmt.Errorf("read raw item %d: %w", r.ID, err)
	}
	return b, nil
}

// Cursor is what Accept last stored for a stream of the account; nil at first.
func (in *Inbox) Cursor(ctx context.Context, accountID int64, stream string) ([]byte, error) {
	var c []byte
	err := in.db.Read.NewRaw("SELECT cursor FROM cursors WHERE account_id = ? AND stream = ?", accountID, stream).Scan(ctx, &c)
	if notFound(err) == ErrNotFound {
		return nil, nil
	}
	return c, err
}

// Store keeps a large body before the item that names it is accepted.
func (in *Inbox) Store(ctx context.Context, r io.Reader) (sha string, size int64, err error) {
	return in.blobs.Put(ctx, r)
}

// Alive notes that the account was looked at with success (mail rule 16). While
// its sending is paused for an error of its own, that error stays.
func (in *Inbox) Alive(ctx context.Context, accountID int64) error {
	res, err := in.db.Write.NewRaw("UPDATE accounts SET error_class = '', error_text = '', error_at = 0 WHERE id = ? AND (error_class <> '' OR last_ok_at = 0) AND paused_until <= ?", accountID, in.clock.Now()).Exec(ctx)
	if err != nil {
		return err
	}
	if _, err = in.db.Write.NewRaw("UPDATE accounts SET last_ok_at = ? WHERE id = ?", in.clock.Now(), accountID).Exec(ctx); err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err == nil && n > 0 { // it is well again: open pages should say so
		in.publishAccount(accountID)
	}
	return nil
}

// Introduce keeps the public name of an account as its platform tells it, which
// may change. Links for citizens are made from it.
func (in *Inbox) Introduce(ctx context.Context, accountID int64, handle string) error {
	res, err := in.db.Write.NewRaw("UPDATE accounts SET handle = ? WHERE id = ? AND handle <> ?", handle, accountID, handle).Exec(ctx)
	if err != nil {
		return fmt.Errorf("keep the name of an account: %w", err)
	}
	if n, err := res.RowsAffected(); err == nil && n > 0 {
		in.publishAccount(accountID)
	}
	return nil
}

// Trouble notes what stopped an account, in words for the administrator, and
// appends an event the first time (one alarm per cause, mail rule 90).
func (in *Inbox) Trouble(ctx context.Context, accountID int64, e *channels.Error, pauseUntil clock.Instant) error {
	return in.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		var a Account
		if err := tx.NewSelect().Model(&a).Where("a.id = ?", accountID).Scan(ctx); err != nil {
			return notFound(err)
		}
		first := a.ErrorClass != string(e.Class)
		text := e.Text
		if e.Code != "" {
			text = e.Code + ": " + text
		}
		_, err := tx.NewRaw("UPDATE accounts SET error_class = ?, error_text = ?, error_at = CASE WHEN error_at = 0 THEN ? ELSE error_at END, paused_until = CASE WHEN ? > paused_until THEN ? ELSE paused_until END WHERE id = ?",
			string(e.Class), text, tx.Now, pauseUntil, pauseUntil, accountID).Exec(ctx)
		if err != nil || !first {
			return err
		}
		tx.After(func() { in.publishAccount(accountID) })
		ev := NewEvent(tx, in.clock, "account.trouble", map[string]any{"account": a.Key, "class": e.Class, "code": e.Code})
		ev.OfficeID = a.OfficeID
		return AppendEvents(ctx, tx, ev)
	})
}

// Warn records something odd of an account that did not stop it.
func (in *Inbox) Warn(ctx context.Context, accountID int64, code, text string) error {
	return in.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		ev := NewEvent(tx, in.clock, "account.warning", map[string]any{"account": accountID, "code": code, "text": text})
		return AppendEvents(ctx, tx, ev)
	})
}

// WarnPolicy is the code of the warning that a recipient's server refuses our mail by
// its policy: a list, a domain not in order, or a sender blocked by that one recipient.
const WarnPolicy = "policy_refused"

// warnPolicy tells the administrator, once a day for an account, that recipients'
// servers refuse our mail. The account itself works: it gets no error (mail rule 60).
func (in *Inbox) warnPolicy(ctx context.Context, tx *db.Tx, accountID int64) error {
	ev := NewEvent(tx, in.clock, "account.warning", map[string]any{"account": accountID, "code": WarnPolicy, "text": "a recipient's server refuses our mail by its policy: see the delivery"})
	since, known := tx.Now.Add(-24*time.Hour), 0
	err := tx.NewRaw("SELECT count(*) FROM events WHERE kind IN ('account.warning','account.trouble') AND id >= ? AND at >= ? AND data = ?", db.FirstID(since), since, ev.Data).Scan(ctx, &known)
	if err != nil || known > 0 {
		return err
	}
	tx.After(func() { in.publishAccount(accountID) })
	return AppendEvents(ctx, tx, ev)
}
