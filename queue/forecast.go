package queue

import (
	"context"
	"fmt"
	"time"

	"filodiretto/internal/clock"
	"filodiretto/queue/estimate"
	"filodiretto/queue/order"
)

// Expectation is what can honestly be said of the wait of one person.
type Expectation struct {
	// At is the instant from which the minutes count.
	At clock.Instant
	// Ahead is how many who share a counter with the person would be called before.
	Ahead int
	// Known is false while the site has seen fewer than 30 waits and while no counter
	// that is open does the service: then only Ahead may be shown (queue reference
	// 4.4, point 6).
	Known bool
	// Range is in whole minutes: half of the waits are longer than Low, one in five is
	// longer than High.
	Range estimate.Range
	// Soon is exceeded by nine waits in ten: who goes away should be back by then.
	Soon time.Duration
	// Move is estimate.Later for some minutes after the range has grown, with Was, when
	// the range that was shown before would have ended: a promise never rises without
	// saying so (point 5). It is estimate.Sooner when it has shrunk.
	Move estimate.Move
	Was  clock.Instant
	// Served is the probability of being called before the site closes, and Today
	// what to say of it.
	Served float64
	Today  Today
}

// Until is the end of the range as a time of day.
func (x Expectation) Until() clock.Instant {
	return x.At.Add(time.Duration(x.Range.High) * time.Minute)
}

// Today answers "will I be served today?" (queue reference 5, point 8).
type Today string

// The answers. Nothing is said while nothing is known.
const (
	TodayUnknown Today = ""
	TodayYes     Today = "yes"
	TodayPerhaps Today = "perhaps" // to be warned of
	TodayNo      Today = "no"      // no number should be given, but an appointment
)

// Forecast is what can be said of all waits of a room at one instant. It is shared
// and must not be changed.
type Forecast struct {
	At clock.Instant
	// Closes is when the site shuts today; 0 when that has passed or it does not open.
	Closes clock.Instant
	// Enough is whether the site has seen the waits that it takes to show ranges.
	Enough bool

	house  *House
	people map[int64]Expectation // by step
	asked  map[asker]Expectation
	print  uint64 // of what it was made from
}

type asker struct {
	service int64
	class   order.Class
}

// Step is what somebody who waits can expect, here or not here yet.
func (f *Forecast) Step(stepID int64) (Expectation, bool) {
	x, ok := f.people[stepID]
	return x, ok
}

// Service is what somebody can expect who takes a number now. For classes that
// nobody may choose at the kiosk it is that of walk-ins.
func (f *Forecast) Service(serviceID int64, class order.Class) Expectation {
	if x, ok := f.asked[asker{serviceID, class}]; ok {
		return x
	}
	if x, ok := f.asked[asker{serviceID, order.WalkIn}]; ok {
		return x
	}
	return Expectation{At: f.At}
}

// Forecast is the forecast of a site's room as it is now. It is made again when
// something changed and each half minute; whoever asks in between gets the same, so
// that many telephones cost one replay. What it shows to people who have a number is
// kept as a promise before it returns.
func (q *Queue) Forecast(ctx context.Context, siteID int64) (*Forecast, error) {
	f, err := q.forecasts.of(siteID).now(ctx, q, siteID)
	if err != nil {
		return nil, fmt.Errorf("forecast: %w", err)
	}
	return f, nil
}

// LastForecast is the forecast of a site's room that was made last, for whoever must
// not wait for a replay; nil when it is older than a minute, or there is none.
func (q *Queue) LastForecast(siteID int64) *Forecast {
	f := q.forecasts.of(siteID).newest.Load()
	if f == nil || q.clock.Now().Sub(f.At) > 2*oldest {
		return nil
	}
	return f
}

// Expect is what the holder of a ticket can expect. ErrNotFound for a ticket that
// does not wait.
func (q *Queue) Expect(ctx context.Context, ticketID int64) (Expectation, error) {
	var step struct{ ID, SiteID int64 }
	if err := q.db.Ask(ctx, "SELECT id, site_id FROM steps WHERE ticket_id = ? AND state = 'waiting'", []any{ticketID}, &step); err != nil {
		return Expectation{}, notFound(err)
	}
	if step.ID == 0 {
		return Expectation{}, ErrNotFound
	}
	f, err := q.Forecast(ctx, step.SiteID)
	if err != nil {
		return Expectation{}, err
	}
	x, ok := f.Step(step.ID)
	if !ok {
		return Expectation{}, ErrNotFound // called meanwhile
	}
	return x, nil
}

// today is what to say to somebody who is called before closing with a probability.
func (h *House) today(served float64) Today {
	switch p := served * 100; {
	case p < float64(h.Set.StopBelow):
		return TodayNo
	case p < float64(h.Set.WarnBelow):
		return TodayPerhaps
	}
	return TodayYes
}
