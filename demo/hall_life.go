package demo

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"filodiretto/inbox"
	"filodiretto/internal/clock"
	"filodiretto/queue"
	"filodiretto/queue/order"
)

// hallLife is what goes on in the room while the demo runs: people take numbers,
// colleagues call them, talk with them and call the next. It goes the way of the pages
// and no other.
type hallLife struct {
	q     *queue.Queue
	h     *hall
	log   *slog.Logger
	speed float64
	end   context.CancelFunc
	done  sync.WaitGroup
}

// hallPace is how much faster than life the room is. It is as in life, so that what
// the six months behind have taught about waits holds: somebody is called each minute
// or two. A higher speed of the demo makes the room livelier, and its estimates wrong
// until they have learnt that.
const hallPace = 1.0

func startHallLife(q *queue.Queue, b *queue.Bookings, h *hall, staff map[string]inbox.Viewer, log *slog.Logger, seed uint64, speed float64) *hallLife {
	ctx, cancel := context.WithCancel(context.Background())
	l := &hallLife{q: q, h: h, log: log, speed: speed, end: cancel}
	if speed <= 0 {
		return l
	}
	l.done.Go(func() { l.tell(ctx, q.Learn(ctx)) }) // at once, and not only with the first chore
	l.done.Go(func() { l.arrivals(ctx, rand.New(rand.NewPCG(seed, 1))) })
	l.done.Go(func() { l.expected(ctx, b, rand.New(rand.NewPCG(seed, 99))) })
	for i, c := range hallCounters {
		if v, ok := staff[c.staff]; ok {
			l.done.Go(func() { l.colleague(ctx, v, h.counters[i].ID, rand.New(rand.NewPCG(seed, uint64(i)+2))) })
		}
	}
	return l
}

func (l *hallLife) stop() error {
	l.end()
	l.done.Wait()
	return nil
}

// openToday opens the town hall round the clock on the days on which somebody may
// look at the demo: whoever starts it on a Sunday evening should see a room. It
// begins at a quarter past, as the hall always does, so that the agendas' times stay
// where they are.
func openToday(ctx context.Context, q *queue.Queue, h *hall) error {
	today := queue.DayOf(clock.System{}.Now(), rome)
	for i := range 2 {
		day := queue.SpecialDay{SiteID: h.site.ID, Day: today.Add(i), Intervals: queue.Ranges{{From: 15, To: 24 * 60}}, Reason: "Apertura straordinaria per la dimostrazione"}
		if _, err := q.SaveDay(ctx, inbox.Viewer{System: true}, h.site.ID, 0, day); err != nil {
			return fmt.Errorf("demo: open the town hall: %w", err)
		}
	}
	return nil
}

func (l *hallLife) tell(ctx context.Context, err error) {
	if refused, ok := errors.AsType[*queue.RefusedError](err); ok {
		l.log.Debug("the room refused a robot", "code", refused.Code)
		return
	}
	if err != nil && ctx.Err() == nil && !errors.Is(err, queue.ErrChanged) {
		l.log.Error("the room's robots stumbled", "error", err)
	}
}

// rest waits for some of the room's minutes; false when the demo ends.
func (l *hallLife) rest(ctx context.Context, minutes float64) bool {
	timer := time.NewTimer(time.Duration(minutes * float64(time.Minute) / hallPace / l.speed))
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

// hallFirst is how many are there when the demo begins.
const hallFirst = 18

// hallMost is how many wait before nobody new comes.
const hallMost = 26

// arrivals lets people come: some at first, then one after the other.
func (l *hallLife) arrivals(ctx context.Context, rng *rand.Rand) {
	names := make([]string, 0, len(l.h.services))
	for _, g := range hallGroups {
		for _, s := range g.services {
			for range 1 + int(30/s.minutes) { // what is quick is asked for more often
				names = append(names, s.key)
			}
		}
	}
	for n := 0; ; n++ {
		if n >= hallFirst && !l.rest(ctx, rng.ExpFloat64()*1.9) {
			return
		}
		room, err := l.q.Room(ctx, inbox.Viewer{System: true}, l.h.site.ID)
		if err != nil {
			l.tell(ctx, err)
			if !l.rest(ctx, 5) {
				return
			}
			continue
		}
		if len(room.Visits) >= hallMost {
			if !l.rest(ctx, 4) {
				return
			}
			continue
		}
		t := queue.NewTicket{SiteID: l.h.site.ID, ServiceID: l.h.services[names[rng.IntN(len(names))]].ID, Key: fmt.Sprintf("demo-%d-%d", clock.System{}.Now(), n)}
		switch k := rng.IntN(100); {
		case k < 8:
			t.Class = order.Protected
		case k < 14:
			t.Lang = "en"
		case k < 17:
			t.Lang = "fr"
		}
		_, err = l.q.IssueTicket(ctx, inbox.Viewer{System: true}, t)
		l.tell(ctx, err)
	}
}

// colleague sits at a counter all day.
func (l *hallLife) colleague(ctx context.Context, v inbox.Viewer, counter int64, rng *rand.Rand) {
	if _, err := l.q.Open(ctx, v, counter, 0); err != nil {
		l.tell(ctx, err)
	}
	for l.rest(ctx, 0.3+rng.Float64()) {
		state, err := l.q.CounterState(ctx, v, counter)
		if err != nil {
			l.tell(ctx, err)
			continue
		}
		if state.Sitting == nil || state.Sitting.OperatorID != v.OperatorID {
			continue // somebody who tries the demo took the chair
		}
		l.tell(ctx, l.serve(ctx, v, counter, rng))
	}
}

// serve calls one person and deals with them.
func (l *hallLife) serve(ctx context.Context, v inbox.Viewer, counter int64, rng *rand.Rand) error {
	called, err := l.q.CallNext(ctx, v, queue.At{CounterID: counter})
	if err != nil {
		return err
	}
	step := queue.Act{StepID: called.Step.ID}
	if !l.rest(ctx, 0.8+rng.Float64()) {
		return nil
	}
	if rng.IntN(100) < 6 { // left without a word
		if _, err := l.q.Recall(ctx, v, step); err != nil || !l.rest(ctx, 2) {
			return err
		}
		_, err := l.q.NoShow(ctx, v, step)
		return err
	}
	if _, err := l.q.Start(ctx, v, step); err != nil {
		return err
	}
	minutes := 8.0
	for _, s := range l.h.services {
		if s.ID == called.Step.ServiceID {
			minutes = s.Minutes
		}
	}
	if !l.rest(ctx, minutes*(0.5+rng.ExpFloat64()*0.5)) {
		return nil
	}
	_, err = l.q.Finish(ctx, v, queue.Finish{Act: step})
	return err
}
