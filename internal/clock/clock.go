// Package clock is the only place that asks the machine what time it is.
// Instants are whole microseconds in UTC, which both databases hold exactly.
package clock

import (
	"strconv"
	"time"
)

// Instant is a moment in UTC, in microseconds since 1970. Zero means "none".
// It is stored as an integer, so that SQLite and PostgreSQL compare it alike.
type Instant int64

// At turns a time into an Instant, dropping what is finer than a microsecond.
// The zero time becomes the zero Instant.
func At(t time.Time) Instant {
	if t.IsZero() {
		return 0
	}
	return Instant(t.UnixMicro())
}

// Time gives the instant back as a time in UTC; the zero Instant is the zero time.
func (i Instant) Time() time.Time {
	if i == 0 {
		return time.Time{}
	}
	return time.UnixMicro(int64(i)).UTC()
}

// IsZero reports whether no instant is set.
func (i Instant) IsZero() bool { return i == 0 }

// Add moves the instant by d.
func (i Instant) Add(d time.Duration) Instant { return i + Instant(d/time.Microsecond) }

// Sub is the time from j to i.
func (i Instant) Sub(j Instant) time.Duration { return time.Duration(i-j) * time.Microsecond }

// MarshalJSON writes RFC 3339 with microseconds, or null when unset.
func (i Instant) MarshalJSON() ([]byte, error) {
	if i == 0 {
		return []byte("null"), nil
	}
	return []byte(strconv.Quote(i.Time().Format("2006-01-02T15:04:05.000000Z07:00"))), nil
}

// UnmarshalJSON reads what MarshalJSON writes and any other RFC 3339 time.
func (i *Instant) UnmarshalJSON(b []byte) error {
	if string(b) == "null" {
		*i = 0
		return nil
	}
	s, err := strconv.Unquote(string(b))
	if err != nil {
		return err
	}
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		return err
	}
	*i = At(t)
	return nil
}

// Clock tells the time. Production uses System, tests a Manual.
type Clock interface{ Now() Instant }

// System is the machine's clock.
type System struct{}

// Now is the present instant.
func (System) Now() Instant { return At(time.Now()) }
