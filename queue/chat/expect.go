package chat

import (
	"context"
	"errors"

	"filodiretto/internal/clock"
	"filodiretto/queue"
	"filodiretto/queue/estimate"
	"filodiretto/queue/order"
)

// expectation is what is told of a wait.
type expectation struct {
	Ahead     int
	Known     bool
	Low, High int  // minutes
	Later     bool // the range has grown: a promise never rises without saying so
	Perhaps   bool // may not be served before the site shuts
	NotToday  bool // will hardly be
	// Nobody is that no counter does the service now, so that no wait can be told; From
	// is then when the shifts say that one opens, 0 when they say nothing.
	Nobody bool
	From   clock.Instant
}

// covered adds whether anybody does the service now. A range that is known stands: who
// is called sits there.
func covered(x expectation, c queue.Cover) expectation {
	if !c.Open && !x.Known {
		x.Nobody, x.From = true, c.From
	}
	return x
}

func told(x queue.Expectation) expectation {
	return expectation{
		Ahead: x.Ahead, Known: x.Known, Low: x.Range.Low, High: x.Range.High, Later: x.Move == estimate.Later,
		Perhaps: x.Today == queue.TodayPerhaps, NotToday: x.Today == queue.TodayNo,
	}
}

// expect is what the holder of a ticket that waits can expect. Who was called
// meanwhile is told nothing: the next look at the ticket says so.
func (c *Chat) expect(ctx context.Context, v *queue.TicketView) (expectation, error) {
	x, err := c.q.Expect(ctx, v.Ticket.ID)
	out := told(x)
	switch {
	case errors.Is(err, queue.ErrNotFound) && v.Place == nil:
		return expectation{}, nil
	case errors.Is(err, queue.ErrNotFound):
		out = expectation{Ahead: v.Place.Ahead}
	case err != nil:
		return expectation{}, err
	}
	return covered(out, v.House.CoverOf(v.At, v.Sitting, v.Last())), nil
}

// expectNew is what somebody meets who takes a number for a service now.
func (c *Chat) expectNew(ctx context.Context, h *queue.House, sv *queue.Service) (expectation, error) {
	f, err := c.q.Forecast(ctx, h.Site.ID)
	if err != nil {
		return expectation{}, err
	}
	sitting, err := c.q.OpenCounters(ctx, h.Site.ID)
	if err != nil {
		return expectation{}, err
	}
	return covered(told(f.Service(sv.ID, order.WalkIn)), h.Cover(c.clock.Now(), sitting, sv.ID)), nil
}
