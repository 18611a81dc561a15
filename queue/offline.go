package queue

import (
	"context"
	"fmt"
	"slices"

	"filodiretto/internal/clock"
	"filodiretto/queue/order"
)

// Lease is what a kiosk needs to go on giving numbers while the server is away: a
// band of its own in each series. Its labels carry the band's letters, so that they
// meet nobody else's. The kiosk counts on from Next, without gaps.
type Lease struct {
	Day     Day              `json:"day"`
	Band    int              `json:"band"`
	Letters string           `json:"letters"` // "K": the label of series A, number 3 is AK3
	Next    map[string]int64 `json:"next"`    // by series
	Until   clock.Instant    `json:"until"`   // when the day ends; no numbers are given after
}

// Lease gives a kiosk its band for today. It is asked for whenever the server is
// there, so that the kiosk always knows where to count on.
func (q *Queue) Lease(ctx context.Context, d *Device) (*Lease, error) {
	if err := d.may("kiosk"); err != nil {
		return nil, err
	}
	if d.Band == 0 {
		return nil, refuse(NotLeased)
	}
	h, err := q.House(ctx, d.SiteID)
	if err != nil {
		return nil, err
	}
	day := h.Today(q.clock.Now())
	l := &Lease{Day: day, Band: d.Band, Letters: BandLetters(d.Band), Next: map[string]int64{}, Until: day.End(q.zone)}
	var rows []struct {
		Series string
		Last   int64
	}
	err = q.db.Read.NewRaw("SELECT series, last FROM ticket_numbers WHERE site_id = ? AND day = ? AND band = ?", d.SiteID, day, d.Band).Scan(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("lease numbers: %w", err)
	}
	for _, g := range h.Groups {
		l.Next[g.Series] = 1
	}
	for _, x := range rows {
		l.Next[x.Series] = x.Last + 1
	}
	return l, nil
}

// Alone is a ticket that a kiosk gave while the server was away.
type Alone struct {
	Key       string        `json:"key"` // of the touch, also of the request that got no answer
	ServiceID int64         `json:"service_id"`
	Class     order.Class   `json:"class,omitempty"`
	Lang      string        `json:"lang,omitempty"`
	Procedure string        `json:"procedure,omitempty"`
	Day       Day           `json:"day"`
	Number    int64         `json:"number"`
	At        clock.Instant `json:"at"` // by the kiosk's clock
}

// Reconciled is what became of one of them.
type Reconciled struct {
	Key      string `json:"key"`
	TicketID int64  `json:"ticket_id,omitempty"`
	Label    string `json:"label,omitempty"`
	Code     string `json:"code,omitempty"` // why there is no ticket: a code of RefusedError, or "invalid"
	Repeated bool   `json:"repeated,omitempty"`
}

// mostAlone is how many tickets are reconciled at once.
const mostAlone = 500

// Reconcile takes in what a kiosk gave while it was alone. The people stand where
// they would stand had the server been there. It may be repeated. A request that
// reached the server but whose answer did not reach the kiosk has made a ticket
// that nobody holds: that one is voided, and the paper counts. A paper that can stand
// in no line is told to the staff (RefusedNotice), for somebody may hold it.
func (q *Queue) Reconcile(ctx context.Context, d *Device, given []Alone) ([]Reconciled, error) {
	if err := d.may("kiosk"); err != nil {
		return nil, err
	}
	if d.Band == 0 {
		return nil, refuse(NotLeased)
	}
	if len(given) > mostAlone {
		return nil, invalid("tickets", "too_many")
	}
	given = slices.Clone(given)
	slices.SortStableFunc(given, func(a, b Alone) int { return int(a.Number - b.Number) })
	out := make([]Reconciled, len(given))
	for i, g := range given {
		err := q.at(ctx, d.SiteID, want{issued: []string{d.aloneKey(g.Key), d.key(g.Key)}}, func(ctx context.Context, r *room) error {
			var err error
			out[i], err = r.reconcile(ctx, d, g)
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (d *Device) key(k string) string      { return fmt.Sprintf("kiosk:%d:%s", d.ID, k) }
func (d *Device) aloneKey(k string) string { return fmt.Sprintf("alone:%d:%s", d.ID, k) }

func (r *room) reconcile(ctx context.Context, d *Device, g Alone) (Reconciled, error) {
	out := Reconciled{Key: g.Key}
	key := d.aloneKey(g.Key)
	if err := r.loadIssued(ctx, []string{key, d.key(g.Key)}); err != nil {
		return out, err
	}
	if t := r.issued[key]; t != nil {
		out.TicketID, out.Label, out.Repeated = t.ID, t.Label, true
		return out, nil
	}
	n := NewTicket{
		SiteID: d.SiteID, ServiceID: g.ServiceID, Class: g.Class, Lang: g.Lang, Procedure: g.Procedure, Origin: AtKiosk,
	}
	if code, err := r.mayReconcile(ctx, g, &n); err != nil || code != "" {
		if out.Code = code; err == nil {
			err = r.refuse(ctx, d, g, code)
		}
		return out, err
	}
	series := r.h.Group(r.h.Service(g.ServiceID).GroupID).Series
	c, err := r.counting(ctx, numberKey{series, g.Day, d.Band})
	if err != nil {
		return out, err
	}
	taken, err := r.numberTaken(ctx, series, g.Day, d.Band, g.Number)
	if err != nil {
		return out, err
	}
	if taken {
		out.Code = NumberTaken
		return out, r.refuse(ctx, d, g, NumberTaken)
	}
	if err := r.voidGhost(ctx, d, r.issued[d.key(g.Key)]); err != nil {
		return out, err
	}
	c.last = max(c.last, g.Number)
	issued, err := r.give(ctx, giving{
		NewTicket: n, by: actor{kind: "citizen"}, device: d.ID, key: key, day: g.Day, band: d.Band, number: g.Number, at: r.whenAlone(g),
	})
	if err != nil {
		return out, err
	}
	t, err := r.ticket(ctx, issued.Ticket.ID)
	if err != nil {
		return out, err
	}
	t.PrintedAt = r.now // a kiosk that is alone has nothing but paper
	out.TicketID, out.Label = t.ID, t.Label
	return out, nil
}

// mayReconcile refuses what can be no ticket of today.
func (r *room) mayReconcile(_ context.Context, g Alone, n *NewTicket) (code string, err error) {
	switch {
	case g.Day != r.today || r.dayEnded():
		return DayEnded, nil // that day's people have gone
	case g.Key == "" || len(g.Key) > mostKey || g.Number < 1:
		return "invalid", nil
	}
	if err := r.fillRequest(n); err != nil {
		if refused, ok := err.(*RefusedError); ok {
			return refused.Code, nil
		}
		return "invalid", nil
	}
	return "", nil
}

// whenAlone is the instant from which a place counts: what the kiosk's clock said,
// within the day and not in the future.
func (r *room) whenAlone(g Alone) clock.Instant {
	return min(r.now, max(g.At, r.today.Start(r.h.Calendar.Zone)))
}

func (r *room) numberTaken(ctx context.Context, series string, day Day, band int, number int64) (bool, error) {
	for _, k := range r.tickets {
		if t := k.row; t.Series == series && t.Day == day && t.Band == band && t.Number == number {
			return true, nil
		}
	}
	var n int
	err := r.tx.NewRaw("SELECT count(*) FROM tickets WHERE site_id = ? AND series = ? AND day = ? AND band = ? AND number = ?",
		r.h.Site.ID, series, day, band, number).Scan(ctx, &n)
	return n > 0, err
}

// voidGhost ends the ticket of a request whose answer was lost.
func (r *room) voidGhost(ctx context.Context, d *Device, t *Ticket) error {
	if t == nil || t.EndedAt != 0 || t.PrintedAt != 0 || t.FollowedAt != 0 || t.DeviceID != d.ID {
		return nil
	}
	return r.void(ctx, t, "answer_lost")
}

// void ends a ticket that nobody can hold, unless it was called already.
func (r *room) void(ctx context.Context, t *Ticket, reason string) error {
	steps, err := r.stepsOf(ctx, t.ID)
	if err != nil {
		return err
	}
	s := current(steps)
	if s == nil || s.State != Waiting || s.FirstCalledAt != 0 {
		return nil
	}
	d := r.deed(VoidVerb, s, automation, "")
	d.to()
	s.Outcome = "unprinted"
	if err := r.endVisit(ctx, d, s.Outcome); err != nil {
		return err
	}
	d.end("ticket.voided", facts{Reason: reason, Outcome: s.Outcome})
	return nil
}

// VoidUnprinted ends the numbers of kiosks whose paper was not acknowledged within
// the site's time, and that live on nobody's telephone (queue 3, row 28). It
// returns how many.
func (q *Queue) VoidUnprinted(ctx context.Context, siteID int64) (int, error) {
	count := 0
	err := q.at(ctx, siteID, want{}, func(ctx context.Context, r *room) error {
		count = 0
		var ids []int64
		err := r.tx.NewRaw(`SELECT id FROM tickets WHERE origin = 'kiosk' AND printed_at = 0 AND followed_at = 0 AND ended_at = 0
			AND issued_at <= ? AND site_id = ? ORDER BY issued_at LIMIT 200`, r.now.Add(-minutes(r.h.Set.VoidMin)), siteID).Scan(ctx, &ids)
		if err != nil {
			return fmt.Errorf("look for unprinted numbers: %w", err)
		}
		if err := r.loadVisits(ctx, ids); err != nil {
			return err
		}
		for _, id := range ids {
			t, err := r.ticket(ctx, id)
			if err != nil {
				return err
			}
			reason := "not_acknowledged"
			if t.PrintFailedAt != 0 {
				reason = "print_failed"
			}
			before := len(r.verbs)
			if err := r.void(ctx, t, reason); err != nil {
				return err
			}
			count += len(r.verbs) - before
		}
		return nil
	})
	return count, err
}
