package score

import (
	"math"
	"slices"

	"filodiretto/internal/clock"
	"filodiretto/queue/estimate"
	"filodiretto/queue/order"
)

// entrant is somebody in the merged queue of the peer.
type entrant struct {
	id       int64
	priority int // 1 to 3
	at       clock.Instant
	booked   bool
}

// zms is the peer's estimate for one person in minutes: optimistic and pessimistic,
// whole minutes as it shows them (queue 1.3 and 1.1). average is its configured
// constant in minutes; counters are those logged in.
//
// Its queue holds booked people from their slot on whether they are here or not,
// since it has no check-in; protected people are walk-ins of priority 1.
func zms(s *estimate.Snapshot, who int64, average float64, counters int) (optimistic, pessimistic float64) {
	booked, others := merged(s)
	slot := average * 60
	if counters > 0 {
		slot /= float64(counters)
	}
	skip := counters
	var t, opt, pes float64 = 120, 0, slot // seconds from now
	shown := func(v float64) float64 { return math.Floor(v / 60) }
	for len(booked)+len(others) > 0 {
		e, o, p := entrant{id: -1}, shown(opt), shown(pes)
		switch {
		case len(others) > 0 && others[0].priority == 1,
			len(others) > 0 && len(booked) > 0 && others[0].priority == 2 && others[0].at < booked[0].at:
			e, others = others[0], others[1:]
		case len(booked) > 0 && t >= seconds(s, booked[0].at):
			e, booked = booked[0], booked[1:]
			if at := seconds(s, e.at); opt < at { // not before the slot
				o, p = shown(at), math.Ceil(t/60)+1
			}
		case len(others) > 0:
			e, others = others[0], others[1:]
		}
		if e.id == who {
			return o, p
		}
		if skip--; skip <= 0 {
			opt += .8 * slot
		}
		pes += slot
		t += slot
	}
	return shown(opt), shown(pes)
}

// merged are the two lists of the peer, each by priority, time and number.
func merged(s *estimate.Snapshot) (booked, others []entrant) {
	for _, w := range s.Waiting {
		switch {
		case w.Slot != 0:
			booked = append(booked, entrant{w.ID, 2, w.Slot, true})
		case w.Class == order.Protected:
			others = append(others, entrant{w.ID, 1, w.Arrived, false})
		default:
			others = append(others, entrant{w.ID, 3, w.Arrived, false})
		}
	}
	for _, b := range s.Booked {
		booked = append(booked, entrant{b.ID, 2, b.Slot, true})
	}
	by := func(a, b entrant) int {
		switch {
		case a.priority != b.priority:
			return a.priority - b.priority
		case a.at != b.at && a.at < b.at:
			return -1
		case a.at != b.at:
			return 1
		}
		return int(a.id - b.id)
	}
	slices.SortFunc(booked, by)
	slices.SortFunc(others, by)
	return booked, others
}

func seconds(s *estimate.Snapshot, at clock.Instant) float64 { return at.Sub(s.At).Seconds() }
