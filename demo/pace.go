package demo

import (
	"math/rand/v2"
	"time"

	"filodiretto/internal/clock"
)

// pace says how long people take.
type pace interface {
	// staff is when a colleague turns to a case that came at an instant.
	staff(rng *rand.Rand, from clock.Instant) clock.Instant
	// citizen is when somebody answers what they were written.
	citizen(rng *rand.Rand, from clock.Instant) clock.Instant
	// later is when something is looked at again, some days on.
	later(rng *rand.Rand, from clock.Instant) clock.Instant
}

// days is the pace of the six months that lie behind: office hours, evenings,
// and things that are left lying.
type days struct{}

func (days) staff(rng *rand.Rand, from clock.Instant) clock.Instant {
	wait := time.Duration(10+rng.IntN(170)) * time.Minute
	switch n := rng.IntN(100); {
	case n < 15:
		wait = time.Duration(20+rng.IntN(50)) * time.Hour
	case n < 19:
		wait = time.Duration(4+rng.IntN(9)) * 24 * time.Hour
	}
	return officeHours(rng, from.Add(wait))
}

func (days) citizen(rng *rand.Rand, from clock.Instant) clock.Instant {
	wait := time.Duration(4+rng.IntN(200)) * time.Minute
	if chance(rng, 25) {
		wait = time.Duration(10+rng.IntN(40)) * time.Hour
	}
	return wakingHours(rng, from.Add(wait))
}

func (days) later(rng *rand.Rand, from clock.Instant) clock.Instant {
	return officeHours(rng, from.Add(time.Duration(2+rng.IntN(5))*24*time.Hour))
}

// moments is the pace of the living demo, where somebody watches.
type moments struct{ speed float64 }

func (m moments) after(rng *rand.Rand, from clock.Instant, low, high int) clock.Instant {
	seconds := float64(low) + rng.Float64()*float64(high-low)
	return from.Add(time.Duration(seconds / m.speed * float64(time.Second)))
}

func (m moments) staff(rng *rand.Rand, from clock.Instant) clock.Instant {
	return m.after(rng, from, 25, 120)
}

func (m moments) citizen(rng *rand.Rand, from clock.Instant) clock.Instant {
	return m.after(rng, from, 8, 40)
}

func (m moments) later(rng *rand.Rand, from clock.Instant) clock.Instant {
	return m.after(rng, from, 60, 240)
}

// wakingHours moves an instant out of the night.
func wakingHours(rng *rand.Rand, at clock.Instant) clock.Instant {
	t := at.Time().In(rome)
	if t.Hour() >= 7 {
		return at
	}
	return clock.At(time.Date(t.Year(), t.Month(), t.Day(), 7, rng.IntN(90), rng.IntN(60), 0, rome))
}
