//go:build !race

package estimate

import (
	"testing"
	"time"

	"filodiretto/internal/clock"
	"filodiretto/queue/order"
)

// full is a room in which 300 people wait for twelve services at ten counters, with
// bookings to come and somebody who may overtake, and the asks of a kiosk.
func full() (Snapshot, []Ask) {
	s := Snapshot{At: hm(9, 30), Policy: order.Default(), Closes: hm(17, 0)}
	classes := []order.Class{order.WalkIn, order.WalkIn, order.WalkIn, order.Protected}
	for i := range int64(300) {
		s.Waiting = append(s.Waiting, order.Waiting{ID: i + 1, Service: i%12 + 1, Class: classes[i%4], Arrived: hm(8, 0).Add(time.Duration(i*15) * time.Second)})
	}
	for c := range int64(10) {
		x := Counter{Counter: order.Counter{ID: c + 1}, Open: []Span{{hm(8, 0), hm(17, 0)}}}
		for k := range int64(5) {
			x.Skills = append(x.Skills, order.Skill{Service: (c+k*3)%12 + 1, Handicap: time.Duration(k) * time.Minute})
		}
		x.Serving = &Serving{Ticket: 1000 + c, Service: x.Skills[0].Service, Since: hm(9, 25)}
		s.Counters = append(s.Counters, x)
	}
	for i := range int64(40) {
		s.Booked = append(s.Booked, Booking{ID: 2000 + i, Service: i%12 + 1, Class: order.Appointment, Slot: hm(9, 45).Add(time.Duration(i*10) * time.Minute)})
	}
	var asks []Ask
	for i := range int64(12) {
		asks = append(asks, Ask{Service: i + 1, Class: order.WalkIn}, Ask{Service: i + 1, Class: order.Protected})
	}
	return s, asks
}

// One replay for 300 people stays far below what somebody notices.
func TestAFullRoomIsReplayedAtOnce(t *testing.T) {
	e := taught(t, 400)
	s, asks := full()
	best := time.Hour
	for range 5 {
		began := clock.System{}.Now()
		e.Estimate(s, asks...)
		best = min(best, clock.System{}.Now().Sub(began))
	}
	t.Logf("%v for 300 people", best)
	if best > 50*time.Millisecond {
		t.Errorf("a replay takes %v", best)
	}
}

func BenchmarkFullRoom(b *testing.B) {
	e := taught(b, 400)
	s, asks := full()
	for b.Loop() {
		e.Estimate(s, asks...)
	}
}
