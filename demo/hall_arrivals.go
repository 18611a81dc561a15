package demo

import (
	"context"
	"math/rand/v2"
	"time"

	"filodiretto/inbox"
	"filodiretto/internal/clock"
	"filodiretto/queue"
)

// expected lets those come who have an appointment: most of them, from ten minutes
// before to five after. It goes by the clock on the wall, as the agenda does; who
// stays away is for whoever tries the demo to receive, or to mark.
func (l *hallLife) expected(ctx context.Context, b *queue.Bookings, rng *rand.Rand) {
	decided := map[int64]bool{}
	for {
		timer := time.NewTimer(time.Duration(20+rng.IntN(40)) * time.Second)
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-timer.C:
		}
		list, err := b.ExpectedToday(ctx, inbox.Viewer{System: true}, l.h.site.ID, "")
		if err != nil {
			l.tell(ctx, err)
			continue
		}
		now := clock.System{}.Now()
		for _, x := range list {
			if decided[x.ID] || x.StartAt > now.Add(10*time.Minute) || x.StartAt < now.Add(-5*time.Minute) {
				continue
			}
			if decided[x.ID] = true; rng.IntN(100) < 60 {
				_, err := b.CheckIn(ctx, inbox.Viewer{System: true}, x.ID)
				l.tell(ctx, err)
			}
			break // one at a time
		}
	}
}
