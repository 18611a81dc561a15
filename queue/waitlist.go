package queue

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"filodiretto/inbox"
	"filodiretto/internal/clock"
	"filodiretto/internal/db"
	"filodiretto/templates"
)

// WaitState is where an entry of the waiting list stands.
type WaitState string

// The states of an entry.
const (
	OnList  WaitState = "waiting"
	Offered WaitState = "offered" // a place is held for the person, who must answer
	Taken   WaitState = "taken"
	OffList WaitState = "left"  // by own wish
	ListEnd WaitState = "ended" // its days are over, or offers were not answered
)

// Wish is an entry of the waiting list: who would come if somebody else does not.
type Wish struct {
	bun.BaseModel `bun:"table:waitlist,alias:wl"`

	ID            int64 `bun:",pk"`
	SiteID        int64
	AgendaID      int64
	ServiceID     int64
	CitizenID     int64
	IdentityID    int64
	AccountID     int64
	Contact       string
	Person        string
	Lang          string
	Procedure     string
	FromDay       Day // the days that suit, both included
	ToDay         Day
	State         WaitState
	Offers        int           // that were not accepted
	LastStartAt   clock.Instant // of the last offer, which is not made again
	AppointmentID int64         // the one that is held, or was taken
	InsteadOf     int64         // the appointment that an accepted offer replaces; 0 for none
	IdemKey       string
	EndedAt       clock.Instant
	CreatedAt     clock.Instant

	// Veiled says that who asked may only know that somebody waits, see
	// Appointment.Veiled.
	Veiled bool `bun:"-"`
}

// JoinRequest puts somebody on the waiting list of an agenda.
type JoinRequest struct {
	AgendaID  int64
	ServiceID int64
	From, To  Day
	Key       string // the same key twice is one entry
	Lang      string
	Procedure string

	// Token is a change link of an appointment that somebody would like to have
	// earlier: they are who it is for, and an accepted offer takes its place.
	Token string

	CitizenID  int64
	Person     string
	Email      string
	Phone      string
	IdentityID int64
	AccountID  int64
	Proven     bool
}

// mostListDays is how long somebody may wait on the list.
const mostListDays = 190

// Join puts somebody on the waiting list and tells them so, with a link to leave
// it. A citizen must have proven an address: the chat they write from, or the
// appointment whose link they hold. ErrForbidden without; OnTheList when the
// person is on it already.
func (b *Bookings) Join(ctx context.Context, v inbox.Viewer, r JoinRequest) (*Wish, error) {
	r.Person = strings.Join(strings.Fields(r.Person), " ")
	switch {
	case r.Key == "" || len(r.Key) > mostKey:
		return nil, invalid("key", "required")
	case !goodLang(r.Lang):
		return nil, invalid("lang", "unknown")
	case utf8.RuneCountInString(r.Person) > mostPerson:
		return nil, invalid("person", "too_long")
	case citizen(v) && r.Token == "" && (!r.Proven || r.IdentityID == 0):
		return nil, ErrForbidden
	case r.Person == "" && r.Token == "":
		return nil, invalid("person", "required")
	}
	var has *Appointment
	if r.Token != "" {
		var err error
		if _, has, err = b.ofToken(ctx, r.Token, ToChange); err != nil {
			return nil, err
		}
		r.AgendaID, r.ServiceID = has.AgendaID, has.ServiceID
	}
	var out *Wish
	err := b.in(ctx, v, r.AgendaID, func(ctx context.Context, k *booking) (err error) {
		out, err = k.join(ctx, r, has)
		return err
	})
	if db.IsUnique(err) {
		return nil, refuse(OnTheList)
	}
	if err != nil {
		return nil, err
	}
	return out, nil
}

func (k *booking) join(ctx context.Context, r JoinRequest, has *Appointment) (*Wish, error) {
	w, before, err := k.wish(ctx, r, has)
	if err != nil || before {
		return w, err
	}
	if _, err := k.tx.NewInsert().Model(w).Exec(ctx); err != nil {
		return nil, fmt.Errorf("waiting list: %w", err)
	}
	return w, k.joined(ctx, w)
}

// joined tells somebody that they are on the list, with a link to leave it.
func (k *booking) joined(ctx context.Context, w *Wish) error {
	_, link, err := k.token(ctx, ToLeave, 0, w.ID, w.ToDay.End(k.h.Calendar.Zone))
	if err != nil {
		return err
	}
	k.wishEvent("waitlist.joined", w, nil)
	k.tellWish(w, templates.WaitlistJoined, map[string]string{"days": daysText(w.FromDay, w.ToDay, w.Lang), "leave_link": link})
	return nil
}

// wish checks a request and makes an entry of it that is not written yet; before
// says that the same request was made already.
func (k *booking) wish(ctx context.Context, r JoinRequest, has *Appointment) (w *Wish, before bool, err error) {
	if err := k.may(r.ServiceID, r.Procedure); err != nil {
		return nil, false, err
	}
	today := k.h.Today(k.now)
	for _, d := range []Day{r.From, r.To} {
		if _, err := ParseDay(string(d)); err != nil {
			return nil, false, invalid("days", "bad_form")
		}
	}
	if r.To < r.From || r.To < today || r.To > today.Add(mostListDays) {
		return nil, false, invalid("days", "range")
	}
	w = &Wish{
		ID: db.NewID(k.q.clock), SiteID: k.a.SiteID, AgendaID: k.a.ID, ServiceID: r.ServiceID, Person: r.Person, Lang: or(r.Lang, k.h.Set.Langs[0]),
		Procedure: r.Procedure, FromDay: r.From, ToDay: r.To, State: OnList, IdemKey: k.listKey(r.Key), CreatedAt: k.now,
	}
	old := new(Wish)
	if err := k.tx.NewSelect().Model(old).Where("wl.idem_key = ?", w.IdemKey).Scan(ctx); err == nil {
		return old, true, nil
	} else if !errors.Is(notFound(err), ErrNotFound) {
		return nil, false, fmt.Errorf("waiting list: %w", err)
	}
	if err := k.whose(ctx, w, r, has); err != nil {
		return nil, false, err
	}
	if w.Contact == "" {
		return nil, false, invalid("citizen", "required") // whom could one tell
	}
	return w, false, nil
}

func (k *booking) listKey(key string) string {
	return fmt.Sprintf("%d:%d:%s", k.a.ID, k.v.OperatorID, key)
}

// whose fills in who waits: as an appointment would be theirs.
func (k *booking) whose(ctx context.Context, w *Wish, r JoinRequest, has *Appointment) error {
	if has != nil {
		w.CitizenID, w.IdentityID, w.AccountID, w.Contact, w.InsteadOf = has.CitizenID, has.IdentityID, has.AccountID, has.Contact, has.ID
		if w.Person == "" {
			w.Person = has.Person
		}
		return nil
	}
	ap := &Appointment{Lang: w.Lang}
	err := k.meet(ctx, ap, BookRequest{
		CitizenID: r.CitizenID, Person: r.Person, Email: r.Email, Phone: r.Phone, IdentityID: r.IdentityID, AccountID: r.AccountID,
	})
	w.CitizenID, w.IdentityID, w.AccountID, w.Contact = ap.CitizenID, ap.IdentityID, ap.AccountID, ap.Contact
	return err
}

func (k *booking) wishEvent(kind string, w *Wish, data map[string]any) {
	who := by(k.v)
	if citizen(k.v) {
		who.kind = "citizen"
	}
	f := map[string]any{"site": k.a.SiteID, "agenda": k.a.ID, "service": w.ServiceID, "wish": w.ID}
	for name, x := range data {
		f[name] = x
	}
	k.record(who, kind, w.ServiceID, w.CitizenID, 0, f)
}

// tellWish tells somebody of the list what they asked to be told.
func (k *booking) tellWish(w *Wish, event string, vars map[string]string) {
	n := inbox.Notice{
		Event: event, CitizenID: w.CitizenID, IdentityID: w.IdentityID, AccountID: w.AccountID, Lang: w.Lang, Asked: true, Vars: vars,
	}
	if s := k.h.Service(w.ServiceID); s != nil {
		n.OfficeID, n.Vars["service"] = s.OfficeID, s.Names.In(w.Lang)
	}
	n.Vars["site"] = k.h.Site.where()
	k.notices = append(k.notices, n)
}

// saveWish changes an entry that is still as it was read. ok is false when
// somebody else was quicker.
func (k *booking) saveWish(ctx context.Context, w *Wish, was WaitState) (ok bool, err error) {
	res, err := k.tx.NewUpdate().Model(w).Column("state", "offers", "last_start_at", "appointment_id", "ended_at").Where("wl.id = ? AND wl.state = ?", w.ID, was).Exec(ctx)
	if err != nil {
		return false, fmt.Errorf("waiting list: %w", err)
	}
	n, err := res.RowsAffected()
	return n == 1, err
}

// LeaveList takes somebody off the list, by the link that they were sent or by
// staff (id). A place that is held for them goes to the next.
func (b *Bookings) LeaveList(ctx context.Context, v inbox.Viewer, token string, id int64) error {
	if citizen(v) {
		row, err := findToken(ctx, b.q.db.Read, b.q.clock.Now(), token, ToLeave)
		if err != nil {
			return err
		}
		id = row.WaitlistID
	}
	w := new(Wish)
	if err := b.q.db.Read.NewSelect().Model(w).Where("wl.id = ?", id).Scan(ctx); err != nil {
		return notFound(err)
	}
	return b.in(ctx, v, w.AgendaID, func(ctx context.Context, k *booking) error {
		if !citizen(v) && !worksAgenda(k.h, k.a, v) {
			return ErrNotFound
		}
		if veil, err := veilFor(ctx, k.tx, k.h, v); err != nil || !citizen(v) && veil[w.ServiceID] {
			return orError(err, ErrNotFound)
		}
		return k.leave(ctx, w)
	})
}

func (k *booking) leave(ctx context.Context, w *Wish) error {
	was := w.State
	var held *Appointment
	if was == Offered {
		ap, err := k.find(ctx, w.AppointmentID)
		if err != nil {
			return err
		}
		if err := k.lock(ctx, ap.StartAt); err != nil {
			return err
		}
		if held, err = k.find(ctx, w.AppointmentID); err != nil {
			return err
		}
	}
	if was != OnList && was != Offered {
		return ErrNotFound
	}
	w.State, w.EndedAt = OffList, k.now
	if ok, err := k.saveWish(ctx, w, was); err != nil || !ok {
		return orError(err, ErrChanged)
	}
	if _, err := k.tx.NewRaw("DELETE FROM booking_tokens WHERE waitlist_id = ?", w.ID).Exec(ctx); err != nil {
		return fmt.Errorf("waiting list: %w", err)
	}
	k.wishEvent("waitlist.left", w, nil)
	if held == nil || held.State != HeldSlot {
		return nil
	}
	return k.release(ctx, held, AppointmentExpired, "refused", false)
}

// WaitingList is who waits, in the order in which offers are made. ErrNotFound for
// those who do not work the agenda.
func (b *Bookings) WaitingList(ctx context.Context, v inbox.Viewer, agendaID int64) ([]*Wish, error) {
	_, h, err := b.worked(ctx, v, agendaID)
	if err != nil {
		return nil, err
	}
	var out []*Wish
	err = b.q.db.Read.NewSelect().Model(&out).Where("wl.agenda_id = ? AND wl.state IN ('waiting','offered')", agendaID).OrderExpr("wl.offers, wl.id").Limit(1000).Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("waiting list: %w", err)
	}
	veil, err := veilFor(ctx, b.q.db.Read, h, v)
	if err != nil {
		return nil, err
	}
	for i, w := range out {
		if veil[w.ServiceID] {
			out[i] = &Wish{ID: w.ID, SiteID: w.SiteID, AgendaID: w.AgendaID, FromDay: w.FromDay, ToDay: w.ToDay, State: w.State, Offers: w.Offers, CreatedAt: w.CreatedAt, Veiled: true}
		}
	}
	return out, nil
}

// worked finds an agenda that v works.
func (b *Bookings) worked(ctx context.Context, v inbox.Viewer, agendaID int64) (*Agenda, *House, error) {
	a, err := b.Agenda(ctx, agendaID)
	if err != nil {
		return nil, nil, err
	}
	h, err := b.q.House(ctx, a.SiteID)
	if err != nil {
		return nil, nil, err
	}
	if !worksAgenda(h, a, v) {
		return nil, nil, ErrNotFound
	}
	return a, h, nil
}
