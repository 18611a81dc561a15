package channels

import "context"

// Reconciler is a Receiver that can tell what the platform holds, so that it can
// be compared with what was taken in (`filodiretto reconcile`).
type Reconciler interface {
	// Held lists every stream of the account. cursor gives what Intake.Accept
	// last stored for a stream, nil when nothing was. Nothing is changed.
	Held(ctx context.Context, cursor func(stream string) ([]byte, error)) ([]Held, error)
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
