package queue

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"filodiretto/inbox"
	"filodiretto/internal/clock"
	"filodiretto/internal/db"
	"filodiretto/queue/order"
)

// NewTicket is what somebody asks for at the kiosk, at reception or from afar.
type NewTicket struct {
	SiteID    int64
	ServiceID int64
	More      []int64     // further services of the same visit, one after the other
	Class     order.Class // empty is "walkin"; others than the kiosk's need staff
	Lang      string      // empty is the site's first
	Procedure string      // key; one that the service is for
	Key       string      // made at the touch: the same key twice is the same ticket
	CitizenID int64
	// IdentityID and AccountID are where the person is told of the call.
	IdentityID int64
	AccountID  int64
	CaseID     int64  // what the visit is about
	Origin     Origin // OnWeb or OnTelegram; only from afar
	Holder     string // what stands for the browser or chat; only from afar
	Code       string // the code of presence, for somebody who takes the number in the room
	Anyway     bool   // staff: also when the site is shut or full
}

// Issued is a ticket as it was given. The secret opens its page; it is made again
// from the key and kept nowhere.
type Issued struct {
	Ticket   *Ticket
	Step     *Step
	Secret   string
	Repeated bool // the key was used before
}

// IssueAtKiosk gives a number at a kiosk. The paper has to be acknowledged with
// Printed, or somebody has to open the ticket's page; else it is voided.
// *RefusedError says why there is none.
func (q *Queue) IssueAtKiosk(ctx context.Context, d *Device, n NewTicket) (*Issued, error) {
	if err := d.may("kiosk"); err != nil {
		return nil, err
	}
	n.SiteID, n.Origin, n.Anyway, n.CitizenID, n.IdentityID, n.AccountID, n.CaseID = d.SiteID, AtKiosk, false, 0, 0, 0, 0
	scope := fmt.Sprintf("kiosk:%d:", d.ID)
	if err := q.stillToday(ctx, n.SiteID, n.ServiceID, n.Class, scope+n.Key); err != nil {
		return nil, err
	}
	return q.issue(ctx, n, actor{kind: "citizen"}, d.ID, scope, nil)
}

// IssueTicket gives a number at reception. ErrNotFound for those who do not work
// the site's queue.
func (q *Queue) IssueTicket(ctx context.Context, v inbox.Viewer, n NewTicket) (*Issued, error) {
	n.Origin = ByStaff
	return q.issue(ctx, n, by(v), 0, fmt.Sprintf("staff:%d:", v.OperatorID), func(h *House) bool { return worksSite(h, v) })
}

// IssueRemote gives a number to somebody who is not known to be in the room. The
// place in the order is that of a paper number taken at the same instant, but
// nobody is called who is not here: until the code of presence is given, with the
// ticket or with Here, the ticket is away (queue 5, point 6). Somebody without a
// citizen's file needs the code, or anybody could fill the room from home.
func (q *Queue) IssueRemote(ctx context.Context, n NewTicket) (*Issued, error) {
	switch {
	case n.Origin != OnWeb && n.Origin != OnTelegram:
		return nil, invalid("origin", "unknown")
	case n.Holder == "" && n.CitizenID == 0:
		return nil, invalid("holder", "required")
	case n.CitizenID == 0 && n.Code == "":
		return nil, refuse(WrongCode)
	}
	n.Anyway = false
	scope := string(n.Origin) + ":" + n.Holder + ":"
	if err := q.stillToday(ctx, n.SiteID, n.ServiceID, n.Class, scope+n.Key); err != nil {
		return nil, err
	}
	return q.issue(ctx, n, actor{kind: "citizen"}, 0, scope, nil)
}

func (q *Queue) issue(ctx context.Context, n NewTicket, by actor, device int64, scope string, may func(*House) bool) (*Issued, error) {
	if n.Key == "" || len(n.Key) > mostKey {
		return nil, invalid("key", "required")
	}
	key := scope + n.Key
	var out *Issued
	err := q.at(ctx, n.SiteID, want{issued: []string{key}}, func(ctx context.Context, r *room) error {
		if may != nil && !may(r.h) {
			return ErrNotFound
		}
		var err error
		out, err = r.issueOnce(ctx, n, by, device, key)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// mostKey is how long an idempotency key may be, in bytes.
const mostKey = 200

func (r *room) issueOnce(ctx context.Context, n NewTicket, by actor, device int64, key string) (*Issued, error) {
	if err := r.loadIssued(ctx, []string{key}); err != nil {
		return nil, err
	}
	if t := r.issued[key]; t != nil {
		return r.issuedBefore(ctx, t)
	}
	if err := r.mayIssue(ctx, &n); err != nil {
		return nil, err
	}
	number, err := r.number(ctx, numberKey{r.h.Group(r.h.Service(n.ServiceID).GroupID).Series, r.today, 0})
	if err != nil {
		return nil, err
	}
	return r.give(ctx, giving{NewTicket: n, by: by, device: device, key: key, day: r.today, number: number, at: r.now})
}

// issuedBefore answers a double tap, or a retry after a time-out, with the same
// ticket (queue 3, row 28).
func (r *room) issuedBefore(ctx context.Context, t *Ticket) (*Issued, error) {
	steps, err := r.stepsOf(ctx, t.ID)
	if err != nil {
		return nil, err
	}
	s := current(steps)
	if s == nil {
		s = steps[0]
	}
	ticket, step := *t, *s
	return &Issued{Ticket: &ticket, Step: &step, Secret: r.q.secretOf(t.SiteID, t.IdemKey), Repeated: true}, nil
}

// giving is a ticket that nothing speaks against any more.
type giving struct {
	NewTicket
	by          actor
	device      int64
	key         string
	day         Day
	band        int
	number      int64
	at          clock.Instant // from when its place counts
	slot        clock.Instant
	appointment int64
}

// give writes the ticket and its steps.
func (r *room) give(ctx context.Context, g giving) (*Issued, error) {
	class, sv := r.h.ClassOf(g.Class), r.h.Service(g.ServiceID)
	series := r.h.Group(sv.GroupID).Series
	sec := r.q.secretOf(r.h.Site.ID, g.key)
	t := &Ticket{
		ID: db.NewID(r.q.clock), SiteID: r.h.Site.ID, Day: g.day, Series: series, Band: g.band, Number: g.number, Label: label(series, g.band, g.number),
		ClassID: class.ID, Lang: g.Lang, Origin: g.Origin, Procedure: g.Procedure, CitizenID: g.CitizenID, IdentityID: g.IdentityID,
		AccountID: g.AccountID, CaseID: g.CaseID, DeviceID: g.device, Holder: holderHash(g.Holder), SecretHash: hashSecret(sec), IdemKey: g.key,
		IssuedAt: g.at, Version: 1,
	}
	if g.Origin != OnWeb && g.Origin != OnTelegram || g.Code != "" {
		t.PresentAt = r.now
	}
	r.openDay()
	r.addTicket(t)
	r.issued[g.key] = t
	var first *Step
	for i, id := range append([]int64{g.ServiceID}, g.More...) {
		s := &Step{
			ID: db.NewID(r.q.clock), TicketID: t.ID, SiteID: t.SiteID, ServiceID: id, ClassID: class.ID, Ord: i + 1, State: Booked,
			CitizenID: t.CitizenID, ArrivedAt: g.at, SlotAt: g.slot, AppointmentID: g.appointment, Version: 1,
		}
		if i == 0 {
			s.State, first, s.Errand = Waiting, s, g.Procedure
			if t.PresentAt != 0 {
				s.EligibleAt = max(g.at, r.h.Policy.From(r.h.Waits(s)))
			}
		}
		r.h.place(s)
		r.addStep(s)
		r.opening(s)
		r.taken[id]++
		f := facts{Origin: t.Origin, Device: g.device, SlotAt: g.slot}
		if g.at != r.now {
			f.Arrived = g.at
		}
		r.stepEvent("ticket.issued", s, g.by, f)
	}
	ticket, step := *t, *first
	return &Issued{Ticket: &ticket, Step: &step, Secret: sec}, nil
}

// opening begins the segments of a step that begins to wait: away first, for
// somebody who is not here, or whose appointment's window has not begun.
func (r *room) opening(s *Step) {
	switch {
	case s.State != Waiting:
	case s.EligibleAt == 0:
		r.begin(s, AwaySegment, r.now)
	case s.EligibleAt > r.now:
		r.begin(s, AwaySegment, r.now).ToAt = s.EligibleAt
		r.begin(s, WaitingSegment, s.EligibleAt)
	default:
		r.begin(s, WaitingSegment, s.EligibleAt)
	}
}

// mayIssue checks a request and fills what it leaves open.
func (r *room) mayIssue(ctx context.Context, n *NewTicket) error {
	if r.dayEnded() {
		return refuse(DayEnded)
	}
	if err := r.fillRequest(n); err != nil {
		return err
	}
	if n.Code != "" {
		if err := r.checkCode(n.Code); err != nil {
			return err
		}
	}
	if err := r.waitsAlready(ctx, n); err != nil || n.Anyway {
		return err
	}
	until, open := r.h.Calendar.Open(r.now)
	switch {
	case !open:
		return refuse(Shut)
	case r.h.Set.LastMin > 0 && until == r.h.Calendar.Closing(r.today) && r.now >= until.Add(-minutes(r.h.Set.LastMin)):
		return refuse(TooLate)
	}
	return r.hasRoom(ctx, n)
}

// fillRequest checks service, class, language and procedure.
func (r *room) fillRequest(n *NewTicket) error {
	for i, id := range append([]int64{n.ServiceID}, n.More...) {
		sv := r.h.Service(id)
		switch {
		case sv == nil || sv.EndedAt != 0 || slices.Contains(n.More[:max(0, i-1)], id) || i > 0 && id == n.ServiceID:
			return invalid("service", "unknown")
		case n.Origin == AtKiosk && !sv.Kiosk:
			return refuse(NotAtKiosk)
		case (n.Origin == OnWeb || n.Origin == OnTelegram) && !sv.Remote:
			return refuse(NotRemote)
		}
	}
	if n.Class == "" {
		n.Class = order.WalkIn
	}
	class := r.h.ClassOf(n.Class)
	if class == nil || n.Origin != ByStaff && n.Origin != ForAppointment && n.Class != order.WalkIn && !class.Kiosk {
		return invalid("class", "unknown")
	}
	if n.Lang == "" {
		n.Lang = r.h.Set.Langs[0]
	}
	if len(n.Lang) > 8 || strings.ContainsFunc(n.Lang, func(c rune) bool { return (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && c != '-' }) {
		return invalid("lang", "unknown")
	}
	if n.Procedure != "" && !r.h.Service(n.ServiceID).has(n.Procedure) {
		return invalid("procedure", "unknown")
	}
	return nil
}
