package chat

import (
	"context"
	"errors"

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
	if errors.Is(err, queue.ErrNotFound) {
		if v.Place == nil {
			return expectation{}, nil
		}
		return expectation{Ahead: v.Place.Ahead}, nil
	}
	return told(x), err
}

// expectNew is what somebody meets who takes a number for a service now.
func (c *Chat) expectNew(ctx context.Context, h *queue.House, sv *queue.Service) (expectation, error) {
	f, err := c.q.Forecast(ctx, h.Site.ID)
	if err != nil {
		return expectation{}, err
	}
	return told(f.Service(sv.ID, order.WalkIn)), nil
}
