package queue

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"filodiretto/internal/clock"
	"filodiretto/queue/estimate"
)

// forecasts are the newest forecasts of the sites that this process was asked about.
type forecasts struct {
	sites sync.Map // *siteForecast by site
}

func (f *forecasts) of(site int64) *siteForecast {
	if s, ok := f.sites.Load(site); ok {
		return s.(*siteForecast)
	}
	s, _ := f.sites.LoadOrStore(site, &siteForecast{})
	return s.(*siteForecast)
}

// siteForecast makes the forecasts of a site one after the other. Those who ask
// while one is made share the next.
type siteForecast struct {
	asked atomic.Int64 // how many have asked

	newest atomic.Pointer[Forecast]

	mu       sync.Mutex
	answered int64 // of those who asked, up to this one the last answer holds
	last     *Forecast
	rest     clock.Instant // no replay before
	learnt   *learnt       // as it was read last
}

const (
	// oldest is how long a forecast holds in a room in which nothing happens.
	oldest = 30 * time.Second
	// share is the part of the time that replays of one site may take: a crowd that
	// makes the room change all the time gets fewer forecasts, not a slower room.
	share = 3
)

func (s *siteForecast) now(ctx context.Context, q *Queue, site int64) (*Forecast, error) {
	me := s.asked.Add(1)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.last != nil && s.answered >= me {
		return s.last, nil
	}
	if err := s.wait(ctx, q.clock); err != nil {
		return nil, err
	}
	upto := s.asked.Load()
	f, err := s.make(ctx, q, site)
	if err != nil {
		return nil, err
	}
	s.last, s.answered = f, upto
	s.newest.Store(f)
	return f, nil
}

// wait keeps replays from taking more than their share.
func (s *siteForecast) wait(ctx context.Context, c clock.Clock) error {
	left := s.rest.Sub(c.Now())
	if left <= 0 {
		return nil
	}
	timer := time.NewTimer(left)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (s *siteForecast) make(ctx context.Context, q *Queue, site int64) (*Forecast, error) {
	began := q.clock.Now()
	h, err := q.House(ctx, site)
	if err != nil {
		return nil, err
	}
	p, err := q.lookAt(ctx, h)
	if err != nil {
		return nil, err
	}
	if s.learnt, err = q.learntBy(ctx, h, s.learnt); err != nil {
		return nil, err
	}
	print := p.print(s.learnt.upto)
	if s.last != nil && s.last.print == print && p.now.Sub(s.last.At) < oldest && p.now >= s.last.At {
		return s.last, nil
	}
	f, fresh := p.forecast(s.learnt.Estimator)
	f.print = print
	if err := q.keepPromises(ctx, f.At, fresh); err != nil {
		return nil, err
	}
	ended := q.clock.Now()
	s.rest = ended.Add((share - 1) * ended.Sub(began))
	return f, nil
}

// learnt is an estimator and the event up to which it has learnt.
type learnt struct {
	*estimate.Estimator
	upto int64
}
