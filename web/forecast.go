package web

import (
	"context"

	"filodiretto/internal/clock"
	"filodiretto/internal/db"
	"filodiretto/queue"
	"filodiretto/queue/estimate"
	"filodiretto/queue/order"
	"filodiretto/web/page"
)

// forecast is the forecast of a room for its pages. Without one they show places
// only: a range that cannot be found out is no reason to show nothing.
func (s *Server) forecast(ctx context.Context, site int64) *queue.Forecast {
	f, err := s.Queue.Forecast(ctx, site)
	if err != nil {
		if ctx.Err() == nil {
			s.Log.ErrorContext(ctx, "waits could not be estimated", "site", site, "error", db.SafeError(err))
		}
		return nil
	}
	return f
}

// waitOf is an expectation as pages show it.
func waitOf(x queue.Expectation, ahead int) page.Wait {
	out := page.Wait{Known: x.Known, Ahead: ahead}
	if !x.Known {
		return out
	}
	out.Low, out.High = x.Range.Low, x.Range.High
	if x.Move == estimate.Later {
		out.Was = page.Millis(x.Was)
	}
	return out
}

// stepWait is the wait of somebody who has a number, and whether they will be served
// today: "yes", "perhaps", "no", or nothing while that is not known.
func (now *roomNow) stepWait(step *queue.Step) (page.Wait, string) {
	x, ahead := queue.Expectation{}, now.Places[step.ID].Ahead
	if now.forecast != nil {
		x, _ = now.forecast.Step(step.ID)
	}
	return covered(waitOf(x, ahead), now.House.CoverOf(now.Display.At, now.Open, step)), string(x.Today)
}

// covered adds to a wait whether anybody does the service now. A range that is known
// stands: who is called sits there.
func covered(w page.Wait, c queue.Cover) page.Wait {
	if !c.Open && !w.Known {
		w.Nobody, w.From = true, page.Millis(c.From)
	}
	return w
}

// serviceWait is what somebody meets who comes for a service now: how many wait for
// the counters that do it, the range, and whether they will be served today.
func (now *roomNow) serviceWait(service int64) (page.Wait, string) {
	var x queue.Expectation
	if now.forecast != nil {
		x = now.forecast.Service(service, order.WalkIn)
	}
	return covered(waitOf(x, now.waitingFor(service)), now.House.Cover(now.Display.At, now.Open, service)), string(x.Today)
}

// groupWait is the wait of a group's services together, and those services with
// theirs.
func (now *roomNow) groupWait(group int64) (page.Wait, []page.DisplayWait) {
	var own []page.DisplayWait
	var waits []page.Wait
	for _, sv := range now.House.Services {
		if sv.GroupID == group && sv.EndedAt == 0 {
			w, _ := now.serviceWait(sv.ID)
			own = append(own, page.DisplayWait{Names: page.Names(sv.Names), Wait: w})
			waits = append(waits, w)
		}
	}
	return page.GroupWait(waits), own
}

// keptYesterday is of how many in a hundred what was promised yesterday held; 0 when
// too few were promised something.
func (s *Server) keptYesterday(ctx context.Context, h *queue.House, now clock.Instant) int {
	n, err := s.Queue.KeptOn(ctx, h.Site.ID, h.Today(now).Add(-1))
	if err != nil {
		s.Log.ErrorContext(ctx, "what became of yesterday's promises is not known", "site", h.Site.ID, "error", db.SafeError(err))
		return 0
	}
	return n
}
