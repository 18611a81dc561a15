package inbox

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

var allStates = []State{Queued, Sending, Accepted, Sent, Delivered, Read, Failed, Blocked, Expired, Cancelled, Suppressed, Unknown}

func TestAdvances(t *testing.T) {
	can := map[State][]State{
		Queued:     {Sending, Accepted, Sent, Delivered, Read, Failed, Blocked, Expired, Cancelled, Suppressed},
		Sending:    {Queued, Accepted, Sent, Delivered, Read, Failed, Blocked, Expired, Cancelled, Suppressed, Unknown},
		Accepted:   {Sent, Delivered, Read, Failed, Blocked, Expired},
		Sent:       {Delivered, Read, Failed, Blocked, Expired},
		Delivered:  {Read},
		Failed:     {Delivered, Read},
		Blocked:    {Delivered, Read},
		Expired:    {Delivered, Read},
		Unknown:    {Queued, Accepted, Sent, Delivered, Read, Failed, Blocked, Expired},
		Read:       nil,
		Cancelled:  nil,
		Suppressed: nil,
	}
	for _, from := range allStates {
		for _, to := range allStates {
			if got := advances(from, to); got != slices.Contains(can[from], to) {
				t.Errorf("%s -> %s: %v", from, to, got)
			}
		}
	}
}

// Whatever news comes in whatever order: what was read stays read, and what was
// taken back never comes back.
func TestNewsInAnyOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.SampledFrom([]State{Accepted, Unknown, Sending}).Draw(t, "start")
		news := rapid.SliceOfN(rapid.SampledFrom([]State{Sent, Delivered, Read, Failed, Accepted}), 1, 12).Draw(t, "news")
		best := 0
		for _, n := range news {
			before := s
			if advances(s, n) {
				s = n
			}
			best = max(best, n.rank())
			if before.rank() >= Delivered.rank() && s.rank() < before.rank() {
				t.Fatal("good news undone", before, s)
			}
		}
		if best >= Delivered.rank() && s.rank() != best {
			t.Fatal("the best news stands in the end", news, s)
		}
	})
}
