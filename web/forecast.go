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
	ahead := now.Places[step.ID].Ahead
	if now.forecast == nil {
		return page.Wait{Ahead: ahead}, ""
	}
	x, _ := now.forecast.Step(step.ID)
	return waitOf(x, ahead), string(x.Today)
}

// serviceWait is what somebody meets who comes for a service now: how many wait for
// the counters that do it, the range, and whether they will be served today.
func (now *roomNow) serviceWait(service int64) (page.Wait, string) {
	ahead := now.waitingFor(service)
	if now.forecast == nil {
		return page.Wait{Ahead: ahead}, ""
	}
	x := now.forecast.Service(service, order.WalkIn)
	return waitOf(x, ahead), string(x.Today)
}

// groupWait is from the least to the most of a group's services.
func (now *roomNow) groupWait(group int64) page.Wait {
	var out page.Wait
	first := true
	for _, sv := range now.House.Services {
		if sv.GroupID != group || sv.EndedAt != 0 {
			continue
		}
		w, _ := now.serviceWait(sv.ID)
		out.Ahead = max(out.Ahead, w.Ahead)
		switch {
		case !w.Known: // nobody does it now: it says nothing of the others
		case first:
			out.Known, out.Low, out.High, first = true, w.Low, w.High, false
		default:
			out.Low, out.High = min(out.Low, w.Low), max(out.High, w.High)
		}
	}
	return out
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
