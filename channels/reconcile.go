package channels

import (
	"context"

	"filodiretto/internal/clock"
)

// Reconciler is a Receiver that can tell what the platform holds, so that it can
// be compared with what was taken in, each day and by `filodiretto reconcile`
// (mail rule 15). Nothing is changed at the platform by any of its methods.
type Reconciler interface {
	// Held lists every stream of the account. cursor gives what Intake.Accept
	// last stored for a stream, nil when nothing was.
	Held(ctx context.Context, cursor func(stream string) ([]byte, error)) ([]Held, error)
	// Describe tells what the platform says of items that are missing here, by the
	// keys that Held gave and in their order. What is no longer there, or is none
	// of ours after a closer look, is left out: it is not missing.
	Describe(ctx context.Context, stream string, cursor []byte, keys []string) ([]HeldItem, error)
	// Refetch takes single items in through in.Accept, and leaves the stream's
	// cursor where it is. An item that the platform does not give is left out and
	// is no error; each that was taken in is told to taken, unless nil.
	Refetch(ctx context.Context, in Intake, stream string, keys []string, taken func(key string)) error
}

// Held is what the platform holds of one stream.
type Held struct {
	Stream string
	// Prefix begins the dedup keys of this stream in its present numbering.
	Prefix string
	// Keys are the dedup keys of what should have been taken in by now.
	Keys []string
	// Waiting is how many came after the cursor, or are still owed.
	Waiting int
	// Renumbered says that the platform numbers anew since the cursor: nothing
	// can be compared before the receiver has read the stream again.
	Renumbered bool
}

// HeldItem is what the platform says of one item that it holds.
type HeldItem struct {
	Key     string
	Subject string // as decoded, cut to 200 characters
	At      clock.Instant
	Size    int64 // bytes; -1 when the platform does not say
}
