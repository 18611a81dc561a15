package queue

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"filodiretto/inbox"
	"filodiretto/queue/estimate"
	"filodiretto/queue/order"
)

// fewKept is how many promises there must be before a share of them is told: of fewer
// it would say more about chance, and perhaps about persons.
const fewKept = 10

// Kept is how the promises of a site came out that were made within some days
// (queue reference 4.4, point 5; 5, point 4).
type Kept struct {
	From, To Day // both included
	Made     int // the first ones of their numbers, whatever became of them
	Called   int // of these, whose person was called: only they count below
	// InTime is how many were called within the time that they had read.
	InTime int
	Left   int // gave up before
	Open   int // still wait, or were sent on
	Waits  int // that the estimates of the site have learnt from
	Learnt int // promises that they have learnt from
	ByHour []estimate.Calibration
	ByDay  []estimate.Calibration
	// ByClass is by the keys of the classes of precedence; not for the public.
	ByClass []estimate.Calibration
	ByWait  []estimate.Calibration // by how long the promise was, "00–10"
}

// Share is of how many in a hundred the promise held; 0 when they are too few to say.
func (k *Kept) Share() int {
	if k.Called < fewKept {
		return 0
	}
	return (100*k.InTime + k.Called/2) / k.Called
}

// mostKept is over how many days promises are summed up at once.
const mostKept = 92

// Kept sums up the first promises of numbers, for those who answer for the work of an
// office at the site and for administrators. Nothing in it tells of an operator.
// ErrNotFound for others.
func (q *Queue) Kept(ctx context.Context, v inbox.Viewer, siteID int64, from, to Day) (*Kept, error) {
	h, err := q.House(ctx, siteID)
	if err != nil {
		return nil, err
	}
	if sees, err := q.seesKept(ctx, h, v); err != nil || !sees {
		return nil, orError(err, ErrNotFound)
	}
	if to < from || to > from.Add(mostKept) {
		return nil, invalid("days", "range")
	}
	out := &Kept{From: from, To: to}
	settled, err := q.firstPromises(ctx, h, out)
	if err != nil {
		return nil, err
	}
	zone := h.Calendar.Zone
	out.ByHour, out.ByDay = estimate.Calibrate(settled, estimate.ByHour(zone)), estimate.Calibrate(settled, estimate.ByDay(zone))
	out.ByClass, out.ByWait = estimate.Calibrate(settled, estimate.ByClass), estimate.Calibrate(settled, byWait)
	l, err := q.learntBy(ctx, h, nil)
	if err != nil {
		return nil, err
	}
	out.Waits, out.Learnt = l.Waits(), l.Learnt()
	return out, nil
}

// seesKept reports whether v may see how promises came out: who is the head of an
// office that has a service or a counter at the site, and administrators.
func (q *Queue) seesKept(ctx context.Context, h *House, v inbox.Viewer) (bool, error) {
	if v.System || v.Admin {
		return true, nil
	}
	if v.OperatorID == 0 {
		return false, nil
	}
	var heads []int64
	if err := q.db.Ask(ctx, "SELECT office_id FROM operator_roles WHERE operator_id = ? AND role = 'head' ORDER BY office_id", []any{v.OperatorID}, &heads); err != nil {
		return false, fmt.Errorf("which offices somebody heads: %w", err)
	}
	return slices.ContainsFunc(h.Services, func(s *Service) bool { return s.EndedAt == 0 && slices.Contains(heads, s.OfficeID) }) ||
		slices.ContainsFunc(h.Counters, func(c *Counter) bool { return c.EndedAt == 0 && slices.Contains(heads, c.OfficeID) }), nil
}

// byWait bands promises by how long the expected wait was.
func byWait(s estimate.Settled) string {
	for _, b := range []struct {
		to   float64
		name string
	}{{10, "00–10"}, {20, "10–20"}, {40, "20–40"}, {60, "40–60"}} {
		if s.Expected < b.to {
			return b.name
		}
	}
	return "60+"
}

func (q *Queue) firstPromises(ctx context.Context, h *House, out *Kept) ([]estimate.Settled, error) {
	zone := h.Calendar.Zone
	var rows []*Promise
	err := q.db.Read.NewSelect().Model(&rows).Where("pr.site_id = ? AND pr.at >= ? AND pr.at < ? AND pr.first", h.Site.ID, out.From.Start(zone), out.To.End(zone)).
		OrderExpr("pr.at, pr.id").Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("what became of promises: %w", err)
	}
	var settled []estimate.Settled
	for _, p := range rows {
		if p.Outcome == PromiseVoided {
			continue // nobody held the number
		}
		out.Made++
		switch p.Outcome {
		case PromiseCalled:
			s, err := p.settled(p.EndedAt, h.classKey(p.ClassID))
			if err != nil {
				return nil, err
			}
			s.High = max(s.High, float64(p.HighMin)) // what the person read counts
			if out.Called++; s.Kept() {
				out.InTime++
			}
			settled = append(settled, s)
		case PromiseLeft:
			out.Left++
		default:
			out.Open++
		}
	}
	return settled, nil
}

// KeptOn is of how many in a hundred the promises of a day held, which everybody may
// know; 0 when there were too few.
func (q *Queue) KeptOn(ctx context.Context, siteID int64, d Day) (int, error) {
	h, err := q.House(ctx, siteID)
	if err != nil {
		return 0, err
	}
	var row struct{ Called, InTime int }
	err = q.db.Ask(ctx, `SELECT count(*) AS called, COALESCE(sum(CASE WHEN waited_s <= high_min * 60 OR waited_s <= high_s THEN 1 ELSE 0 END), 0) AS in_time
		FROM promises WHERE site_id = ? AND at >= ? AND at < ? AND first AND outcome = 'called'`, []any{siteID, d.Start(h.Calendar.Zone), d.End(h.Calendar.Zone)}, &row)
	if err != nil {
		return 0, fmt.Errorf("what became of a day's promises: %w", err)
	}
	k := Kept{Called: row.Called, InTime: row.InTime}
	return k.Share(), nil
}

// stillToday refuses a number to somebody who would hardly be served before the site
// closes: *RefusedError NotToday (queue reference 5, point 8). A touch that was
// answered before gets its number again.
func (q *Queue) stillToday(ctx context.Context, siteID, serviceID int64, class order.Class, key string) error {
	f, err := q.forecasts.of(siteID).recent(ctx, q, siteID)
	if err != nil {
		q.log.ErrorContext(ctx, "waits could not be estimated; the number is given", "site", siteID, "error", err)
		return nil
	}
	if f.Service(serviceID, cmp.Or(class, order.WalkIn)).Today != TodayNo {
		return nil
	}
	var given int64
	if err := q.db.Ask(ctx, "SELECT count(*) FROM tickets WHERE site_id = ? AND idem_key = ?", []any{siteID, key}, &given); err != nil || given > 0 {
		return err
	}
	return refuse(NotToday)
}

// recent is a forecast that is good enough to decide by: of the last half minute.
func (s *siteForecast) recent(ctx context.Context, q *Queue, site int64) (*Forecast, error) {
	s.mu.Lock()
	last := s.last
	s.mu.Unlock()
	if now := q.clock.Now(); last != nil && now >= last.At && now.Sub(last.At) < oldest {
		return last, nil
	}
	return q.Forecast(ctx, site)
}
