package channels

import "filodiretto/internal/clock"

// Known is an item that was taken in before.
type Known struct {
	AcceptedAt  clock.Instant // when it was committed here
	ContentType string        // as it was taken in: a header alone is of another type than a whole message
}
