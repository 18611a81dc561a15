package mail

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"

	"filodiretto/channels"
	"filodiretto/internal/clock"
)

// Keeper is the part of an account's intake that takes mail which is handed
// over, rather than fetched.
type Keeper interface {
	Accept(ctx context.Context, b channels.Batch) error
	Store(ctx context.Context, r io.Reader) (sha256 string, size int64, err error)
}

// ErrTooLarge is returned for a message above the limit of the channel.
var ErrTooLarge = errors.New("the message is too large")

// TakeOver stores one message that another server hands over, before that
// server is told "taken" (mail rule 81c). The same bytes are one message,
// however often they come. via is "lmtp" or "http"; meta may be nil.
func TakeOver(ctx context.Context, to Keeper, via string, r io.Reader, meta map[string]string, now clock.Instant) error {
	limit := defaultLimits
	sum := sha256.New()
	r = io.TeeReader(io.LimitReader(r, limit.message+1), sum)
	head, err := io.ReadAll(io.LimitReader(r, limit.inline+1))
	if err != nil {
		return err
	}
	raw := channels.Raw{ContentType: TypeMessage, Body: head, Size: int64(len(head)), ReceivedAt: now, Meta: meta}
	if raw.Size > limit.inline {
		raw.Body = nil
		if raw.Blob, raw.Size, err = to.Store(ctx, io.MultiReader(bytes.NewReader(head), r)); err != nil {
			return err
		}
	}
	if raw.Size > limit.message {
		return ErrTooLarge // the file that was stored is named by nothing and cleared away
	}
	raw.DedupKey = via + ":" + hex.EncodeToString(sum.Sum(nil))
	return to.Accept(ctx, channels.Batch{Stream: via, Items: []channels.Raw{raw}})
}
