package queue

import (
	"context"
	"fmt"
	"hash/fnv"
	"time"

	"filodiretto/internal/clock"
	"filodiretto/queue/estimate"
	"filodiretto/queue/order"
)

// seen is a room as the office itself sees it at an instant: nothing in it is of the
// future but what was declared (queue reference 4.4, point 2).
type seen struct {
	h        *House
	now      clock.Instant
	steps    []seenStep
	sittings []Sitting
	since    map[int64]clock.Instant // by step at a counter or on hold, since when
	free     map[int64]clock.Instant // by counter, since when the last person is gone
	booked   []estimate.Booking
	said     map[int64][]*Promise // by step, the oldest first
}

// seenStep is a step that goes on.
type seenStep struct {
	*Step
	Followed bool // somebody sees on a telephone what is said of it
}

func (q *Queue) lookAt(ctx context.Context, h *House) (*seen, error) {
	p := &seen{h: h, now: q.clock.Now(), since: map[int64]clock.Instant{}, free: map[int64]clock.Instant{}, said: map[int64][]*Promise{}}
	for what, f := range map[string]func(context.Context, *Queue) error{
		"who is here": p.people, "who sits where": p.counters, "who is expected": p.expected, "what was promised": p.promised,
	} {
		if err := f(ctx, q); err != nil {
			return nil, fmt.Errorf("%s: %w", what, err)
		}
	}
	return p, nil
}

func (p *seen) people(ctx context.Context, q *Queue) error {
	const goesOn = "s.site_id = ? AND s.state IN ('waiting','called','serving','held')"
	site := p.h.Site.ID
	steps, err := q.here(ctx, p.h)
	if err != nil {
		return err
	}
	followed := make(map[int64]bool, len(steps))
	var id int64
	err = q.db.AskEach(ctx, `SELECT s.id FROM steps AS s JOIN tickets AS t ON t.id = s.ticket_id WHERE `+goesOn+`
		AND (t.followed_at > 0 OR t.account_id > 0 OR t.origin IN ('web','telegram'))`, []any{site}, func() { followed[id] = true }, &id)
	if err != nil {
		return err
	}
	p.steps = make([]seenStep, len(steps))
	for i, s := range steps {
		p.steps[i] = seenStep{Step: s, Followed: followed[s.ID]}
	}
	var segments []Segment
	err = q.db.Ask(ctx, `SELECT g.* FROM segments AS g JOIN steps AS s ON s.id = g.step_id
		WHERE s.site_id = ? AND s.state IN ('called','serving','held') AND g.undone_at = 0 ORDER BY g.step_id, g.from_at, g.id`, []any{site}, &segments)
	if err != nil {
		return err
	}
	var was Segment
	for _, g := range segments {
		// The service is counted from the call: both phases are time of the counter.
		if g.Kind != ServingSegment || was.StepID != g.StepID || was.Kind != CalledSegment || was.ToAt != g.FromAt {
			p.since[g.StepID] = g.FromAt
		}
		was = g
	}
	return nil
}

func (p *seen) counters(ctx context.Context, q *Queue) error {
	site := p.h.Site.ID
	err := q.db.Ask(ctx, "SELECT * FROM sittings WHERE site_id = ? AND to_at = 0 ORDER BY counter_id", []any{site}, &p.sittings)
	if err != nil {
		return err
	}
	var rows []struct {
		CounterID int64
		At        clock.Instant
	}
	err = q.db.Ask(ctx, `SELECT g.counter_id, max(g.to_at) AS at FROM segments AS g WHERE g.undone_at = 0 AND g.counter_id > 0 AND g.step_id IN
		(SELECT c.step_id FROM calls AS c WHERE c.id IN (SELECT max(x.id) FROM calls AS x WHERE x.site_id = ? AND x.day = ? AND x.undone_at = 0 GROUP BY x.counter_id))
		GROUP BY g.counter_id`, []any{site, p.h.Today(p.now)}, &rows)
	for _, r := range rows {
		p.free[r.CounterID] = r.At
	}
	return err
}

// mostLate is how long after the slot somebody is still expected.
const mostLate = 2 * time.Hour

func (p *seen) expected(ctx context.Context, q *Queue) error {
	var rows []struct {
		ID, ServiceID, ClassID int64
		StartAt                clock.Instant
	}
	day := p.h.Today(p.now)
	err := q.db.Ask(ctx, `SELECT id, service_id, class_id, start_at FROM appointments
		WHERE site_id = ? AND start_at >= ? AND start_at < ? AND state = 'booked' ORDER BY start_at, id`,
		[]any{p.h.Site.ID, max(day.Start(p.h.Calendar.Zone), p.now.Add(-mostLate)), day.End(p.h.Calendar.Zone)}, &rows)
	for _, r := range rows {
		b := estimate.Booking{ID: r.ID, Service: r.ServiceID, Class: order.Appointment, Slot: r.StartAt}
		if c := p.h.Class(r.ClassID); c != nil {
			b.Class = c.Key
		}
		p.booked = append(p.booked, b)
	}
	return err
}

func (p *seen) promised(ctx context.Context, q *Queue) error {
	var rows []*Promise
	err := q.db.Ask(ctx, `SELECT pr.* FROM promises AS pr JOIN steps AS s ON s.id = pr.step_id
		WHERE s.site_id = ? AND s.state = 'waiting' ORDER BY pr.id`, []any{p.h.Site.ID}, &rows)
	for _, r := range rows {
		p.said[r.StepID] = append(p.said[r.StepID], r)
	}
	return err
}

// print is the same for the same room.
func (p *seen) print(upto int64) uint64 {
	f := fnv.New64a()
	add := func(n ...int64) {
		for _, x := range n {
			var b [8]byte
			for i := range b {
				b[i] = byte(x >> (8 * i))
			}
			_, _ = f.Write(b[:]) // never fails
		}
	}
	add(p.h.Site.Version, upto, int64(len(p.steps)), int64(len(p.sittings)), int64(len(p.booked)))
	for _, s := range p.steps {
		followed := int64(0)
		if s.Followed {
			followed = 1
		}
		add(s.ID, s.Version, int64(s.LetPass), followed)
	}
	for _, s := range p.sittings {
		add(s.ID, int64(s.PauseAt), int64(s.PauseUntil), int64(s.UntilAt))
	}
	for _, b := range p.booked {
		add(b.ID, int64(b.Slot))
	}
	return f.Sum64()
}
