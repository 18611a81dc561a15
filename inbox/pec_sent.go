package inbox

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"

	"github.com/uptrace/bun"

	"filodiretto/internal/clock"
	"filodiretto/internal/db"
)

// SentMail is a certified mail as it was given to the provider: without its own
// bytes nothing proves what the receipts are about (PEC reference section 3). A
// repeated try that left with other bytes (another date) is a row of its own.
type SentMail struct {
	bun.BaseModel `bun:"table:sent_mails,alias:sm"`

	DeliveryID int64  `bun:",pk"`
	SHA256     string `bun:"sha256,pk"`
	Size       int64
	Data       []byte // nil when it is in the blob store
	At         clock.Instant
}

// keepSent keeps what is about to leave for a delivery. It is called before the
// provider is given a byte.
func (in *Inbox) keepSent(delivery int64) func(context.Context, io.WriterTo) error {
	return func(ctx context.Context, mail io.WriterTo) error {
		row, err := in.keepMail(ctx, mail)
		if err != nil {
			return err
		}
		row.DeliveryID = delivery
		return in.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
			row.At = tx.Now
			_, err := tx.NewInsert().Model(row).On("CONFLICT (delivery_id, sha256) DO NOTHING").Exec(ctx)
			if err != nil {
				return fmt.Errorf("keep what is sent: %w", err)
			}
			return nil
		})
	}
}

// keepMail puts a mail into a row or, when it is large, into the blob store.
func (in *Inbox) keepMail(ctx context.Context, mail io.WriterTo) (*SentMail, error) {
	small := &smallBuffer{}
	_, err := mail.WriteTo(small)
	if err == nil {
		sum := sha256.Sum256(small.Bytes())
		return &SentMail{SHA256: hex.EncodeToString(sum[:]), Size: int64(small.Len()), Data: small.Bytes()}, nil
	}
	if !errors.Is(err, errNotSmall) {
		return nil, fmt.Errorf("keep what is sent: %w", err)
	}
	r, w := io.Pipe()
	go func() {
		_, err := mail.WriteTo(w)
		w.CloseWithError(err)
	}()
	sum, size, err := in.blobs.Put(ctx, r)
	r.CloseWithError(err) // lets the writer go when the store gave up
	if err != nil {
		return nil, fmt.Errorf("keep what is sent: %w", err)
	}
	return &SentMail{SHA256: sum, Size: size}, nil
}

var errNotSmall = errors.New("too large for a row")

// smallBuffer holds what a row may.
type smallBuffer struct{ bytes.Buffer }

func (b *smallBuffer) Write(p []byte) (int, error) {
	if b.Len()+len(p) > inRow {
		return 0, errNotSmall
	}
	return b.Buffer.Write(p)
}

// sentMails are the mails of deliveries as they left, oldest first.
func (in *Inbox) sentMails(ctx context.Context, deliveries []int64) ([]*SentMail, error) {
	if len(deliveries) == 0 {
		return nil, nil
	}
	var rows []*SentMail
	err := in.db.Read.NewSelect().Model(&rows).Where("sm.delivery_id IN (?)", bun.List(deliveries)).OrderExpr("sm.delivery_id, sm.at, sm.sha256").Scan(ctx)
	return rows, err
}
