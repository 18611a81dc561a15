package chat

import (
	"context"

	"filodiretto/queue"
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

// expect is what the holder of a ticket that waits can expect.
func (c *Chat) expect(_ context.Context, v *queue.TicketView) (expectation, error) {
	if v.Place == nil {
		return expectation{}, nil
	}
	return expectation{Ahead: v.Place.Ahead}, nil
}

// expectNew is what somebody meets who takes a number for a service now.
func (c *Chat) expectNew(ctx context.Context, h *queue.House, sv *queue.Service) (expectation, error) {
	n, err := c.q.Ahead(ctx, h.Site.ID, sv.ID)
	return expectation{Ahead: n}, err
}
