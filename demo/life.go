package demo

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"filodiretto/inbox"
	"filodiretto/internal/clock"
)

// backlog is how many unanswered cases the robots leave to the people who try
// the demo; when there are more, the colleagues work them off.
const backlog = 80

// life goes on in Pontelieto while the demo runs: people write and come, answer
// what they are answered, and some of the town's staff are robots too. What
// they begin reaches the program over IMAP and the Bot API and no other way.
type life struct {
	w     *world
	log   *slog.Logger
	speed float64 // below 0 nobody does anything by themselves
	end   context.CancelFunc
	done  sync.WaitGroup
	next  clock.Instant // when something new happens
}

func startLife(w *world, log *slog.Logger, speed float64) *life {
	ctx, cancel := context.WithCancel(context.Background())
	l := &life{w: w, log: log, speed: speed, end: cancel}
	l.next = w.clock.Now().Add(l.pause(2, 3))
	l.done.Go(func() { l.watchBot(ctx) })
	l.done.Go(func() { l.run(ctx) })
	return l
}

func (l *life) stop() error {
	l.end()
	l.done.Wait()
	return nil
}

// pause is some seconds at the life's speed.
func (l *life) pause(low, high int) time.Duration {
	s := float64(low) + l.w.rng.Float64()*float64(high-low)
	return time.Duration(s / max(l.speed, 0.01) * float64(time.Second))
}

// watchBot wakes the story when the bot has written to somebody.
func (l *life) watchBot(ctx context.Context) {
	for n := l.w.botSeen; ; {
		sent, err := l.w.bot.AwaitSent(ctx, n, nil)
		if err != nil {
			return // the demo ends
		}
		n = sent.N
		l.w.wake()
	}
}

func (l *life) run(ctx context.Context) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-l.w.newsFor:
		case <-timer.C:
		}
		l.turn(ctx)
		timer.Reset(l.rest())
	}
}

// rest is how long nothing is planned, at most some seconds.
func (l *life) rest() time.Duration {
	at := l.next
	if s := l.w.agenda.next(); s != 0 && l.speed > 0 {
		at = min(at, s)
	}
	return min(max(at.Sub(l.w.clock.Now()), 20*time.Millisecond), 3*time.Second)
}

// turn does what is due. Trouble is told in the log; life goes on.
func (l *life) turn(ctx context.Context) {
	tell := func(err error) {
		if err != nil && ctx.Err() == nil && !expected(err) {
			l.log.Error("the demo's robots stumbled", "error", err)
		}
	}
	if l.speed <= 0 {
		l.w.takeNews()
	} else {
		tell(l.w.react(ctx))
		for s, ok := l.w.agenda.due(l.w.clock.Now()); ok && ctx.Err() == nil; s, ok = l.w.agenda.due(l.w.clock.Now()) {
			tell(s.do(ctx))
		}
		if l.w.clock.Now() >= l.next {
			l.next = l.w.clock.Now().Add(l.pause(3, 8))
			tell(l.happen(ctx))
		}
	}
	tell(l.w.diary.flush())
}

// happen makes one thing happen.
func (l *life) happen(ctx context.Context) error {
	w := l.w
	n, err := l.unanswered(ctx)
	if err != nil {
		return err
	}
	if n > backlog {
		return l.workOff(ctx)
	}
	switch n := w.rng.IntN(100); {
	case n < 8:
		if s := l.some(func(s *story) bool {
			return s.turns == 0 && s.echoes == 0 && s.channel != "phone" && s.channel != "counter"
		}); s != nil {
			return s.chase(ctx)
		}
	case n < 10:
		return w.newsletter(ctx)
	}
	s, err := w.someStory(ctx)
	if err != nil || s == nil || s.closed != 0 {
		return err
	}
	if s.left = !chance(w.rng, 45); !s.left {
		s.plan(w.pace.staff(w.rng, s.at()), s.look)
	}
	return nil
}

// unanswered are the open cases in which the citizen had the last word.
func (l *life) unanswered(ctx context.Context) (int, error) {
	var n int
	err := l.w.db.Read.NewRaw("SELECT count(*) FROM cases WHERE status = 'open' AND last_in_id = last_message_id").Scan(ctx, &n)
	if err != nil {
		return 0, fmt.Errorf("demo: count what is unanswered: %w", err)
	}
	return n, nil
}

// workOff lets a colleague take a case that was left to people.
func (l *life) workOff(ctx context.Context) error {
	s := l.some(func(s *story) bool { return s.left })
	if s == nil {
		return nil
	}
	if done, err := l.isClosed(ctx, s); done || err != nil {
		return err
	}
	s.left = false
	if err := s.look(ctx); err != nil {
		return err
	}
	s.plan(l.w.pace.later(l.w.rng, s.at()), s.close)
	return nil
}

// some is the oldest story that pleases.
func (l *life) some(pleases func(*story) bool) *story {
	var found *story
	for s := range l.w.stories {
		if s.closed == 0 && pleases(s) && (found == nil || s.began < found.began) {
			found = s
		}
	}
	return found
}

// isClosed looks whether a person has closed a story's case meanwhile.
func (l *life) isClosed(ctx context.Context, s *story) (bool, error) {
	if ok, err := s.findCase(ctx); !ok || err != nil {
		return false, err
	}
	c, err := l.w.in.CaseByID(ctx, inbox.Viewer{System: true}, s.caseID)
	if err != nil {
		return false, fmt.Errorf("demo: look at a case: %w", err)
	}
	if c.Status == inbox.Closed {
		s.closed = l.w.clock.Now()
	}
	return s.closed != 0, nil
}
