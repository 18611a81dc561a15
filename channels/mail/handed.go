package mail

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"slices"
	"strings"

	"filodiretto/channels"
	"filodiretto/channels/mail/rfc822"
	"filodiretto/internal/clock"
)

// Keys of Raw.Meta of mail that was handed over.
const (
	MetaEnvelopeFrom = "envelope_from" // "<>" for the empty sender of reports
	MetaEnvelopeTo   = "envelope_to"   // as the other server wrote them, separated by commas
)

// nobody is the envelope sender of reports and automatic answers.
const nobody = "<>"

// Keeper is the part of an account's intake that takes mail which is handed
// over, rather than fetched. via is the stream: "lmtp" or "http".
type Keeper interface {
	Take(ctx context.Context, via string, it channels.Raw) error
	Store(ctx context.Context, r io.Reader) (sha256 string, size int64, err error)
}

// Handover is one message that another server hands over.
type Handover struct {
	Via  string   // "lmtp", "http"
	From string   // envelope sender, empty for reports
	To   []string // envelope recipients of this account; none when they are not known
	At   clock.Instant
	Max  int64 // bytes; larger ones are refused
	// Archive is old mail that is brought in (mail rule 8): it has its own date, opens
	// nothing and is answered by nobody.
	Archive bool
}

// What a message may be refused for.
var (
	ErrTooLarge = errors.New("the message is too large")
	ErrEmpty    = errors.New("there is no message")
)

// TakeOver stores one message that another server hands over, before that
// server is told "taken" (mail rules 19 and 81c). The same bytes are one message,
// however often and in whatever way they come; for another detail address they are
// one more original of it, since the detail may name a case. A large message is never
// in memory whole.
func TakeOver(ctx context.Context, to Keeper, h Handover, r io.Reader) error {
	sum := sha256.New()
	r = io.TeeReader(io.LimitReader(r, h.Max+1), sum)
	head, err := io.ReadAll(io.LimitReader(r, defaultLimits.inline+1))
	if err != nil {
		return err
	}
	if len(head) == 0 {
		return ErrEmpty
	}
	raw := channels.Raw{ContentType: TypeMessage, Body: head, Size: int64(len(head)), ReceivedAt: h.At, Meta: h.meta()}
	if h.Archive {
		raw.Archive = true
		if at := cmp.Or(receivedAt(head), writtenAt(head)); at > 0 && at < h.At {
			raw.ReceivedAt = at
		}
	}
	if raw.Size > defaultLimits.inline {
		raw.Body = nil
		if raw.Blob, raw.Size, err = to.Store(ctx, io.MultiReader(bytes.NewReader(head), r)); err != nil {
			return err
		}
	}
	if raw.Size > h.Max {
		return ErrTooLarge // the file that was stored is named by nothing and cleared away
	}
	raw.DedupKey = "sha256:" + hex.EncodeToString(sum.Sum(nil)) + h.details()
	return to.Take(ctx, h.Via, raw)
}

func (h Handover) meta() map[string]string {
	if len(h.To) == 0 && h.From == "" {
		return nil
	}
	from := h.From
	if from == "" {
		from = nobody
	}
	return map[string]string{MetaEnvelopeFrom: from, MetaEnvelopeTo: strings.Join(h.To, ", ")}
}

// details tells the detail addresses of a hand-over from those of another; "" for none.
func (h Handover) details() string {
	var with []string
	for _, to := range h.To {
		if strings.Contains(to, "+") {
			with = append(with, to)
		}
	}
	if len(with) == 0 {
		return ""
	}
	slices.Sort(with)
	sum := sha256.Sum256([]byte(strings.Join(slices.Compact(with), ",")))
	return "+" + hex.EncodeToString(sum[:8])
}

// Belongs tells whether mail for a normalised address is an account's, by its
// settings: its address, an alias, or either with a detail behind a plus sign.
// main is true for the address itself, which goes before another account's alias.
func Belongs(settings map[string]string, address string) (ok, main bool) {
	r := reader{values: settings}
	own := OwnAddresses{Address: r.text("address")}
	if _, ok := own.ready().match(address); ok {
		return true, true
	}
	own = OwnAddresses{Aliases: r.list("aliases")}
	_, ok = own.ready().match(address)
	return ok, false
}

// Normalize brings an envelope address into the form in which addresses are
// compared; false for what is none.
func Normalize(address string) (string, bool) { return rfc822.NormalizeAddress(address) }
