package queue

import (
	"context"
	"crypto/rand"
	"fmt"
	"strings"
	"unicode/utf8"

	"filodiretto/inbox"
	"filodiretto/internal/db"
	"filodiretto/queue/order"
	"filodiretto/templates"
)

// BookRequest makes a held slot, or a free one, somebody's appointment.
type BookRequest struct {
	HoldID      int64 // from Hold; 0 books the slot that HoldRequest names at once
	HoldRequest       // its Holder as with Hold

	CitizenID int64  // whose file; 0 finds or makes one by the address
	Person    string // the name as given
	Email     string
	Phone     string
	// IdentityID and AccountID are where the person is told, when that is known,
	// as in a chat. Proven says that they are there now: nothing is to be proved.
	IdentityID int64
	AccountID  int64
	Proven     bool

	CaseID int64
	Class  order.Class // staff only; empty is that of appointments
	Note   string      // staff only
}

// Booking is an appointment as it was made.
type Booking struct {
	Appointment *Appointment
	// Token opens the page for changing and cancelling. It is empty while the
	// person must first prove the address to which the link was sent, and when the
	// request was repeated.
	Token    string
	Told     inbox.Noticed // how the person was told, or why not
	Repeated bool
}

// Book makes an appointment. A citizen who only typed an address gets a link
// there, and has ConfirmMin minutes to open it; the place is theirs until then.
// *RefusedError HoldLapsed, SlotFull, MostDay, MostOpen, and those of Hold.
func (b *Bookings) Book(ctx context.Context, v inbox.Viewer, r BookRequest) (*Booking, error) {
	if err := r.check(v); err != nil {
		return nil, err
	}
	agendaID := r.AgendaID
	var was *Appointment
	if r.HoldID != 0 {
		var err error
		if was, err = findAppointment(ctx, b.q.db.Read, r.HoldID); err != nil {
			return nil, err
		}
		agendaID = was.AgendaID
	}
	var out *Booking
	err := b.inTold(ctx, v, agendaID, &out, func(ctx context.Context, k *booking) (*Booking, error) {
		if was == nil {
			return k.bookAtOnce(ctx, r)
		}
		if err := k.lock(ctx, was.StartAt); err != nil {
			return nil, err
		}
		held, err := k.find(ctx, r.HoldID)
		if err != nil {
			return nil, err
		}
		return k.book(ctx, held, r)
	})
	if db.IsUnique(err) {
		return nil, ErrChanged // the same key at the same moment: asked again, it is answered
	}
	return out, err
}

// bookAtOnce holds a place and books it, or does neither.
func (k *booking) bookAtOnce(ctx context.Context, r BookRequest) (*Booking, error) {
	key, err := r.scope(k.v)
	if err != nil {
		return nil, err
	}
	if err := k.may(r.ServiceID, r.Procedure); err != nil {
		return nil, err
	}
	ap, err := k.byKey(ctx, key)
	if err != nil {
		return nil, err
	}
	if ap == nil {
		if ap, err = k.hold(ctx, r.HoldRequest, key); err != nil {
			return nil, err
		}
	} else if err := k.lock(ctx, ap.StartAt); err != nil {
		return nil, err
	} else if ap, err = k.find(ctx, ap.ID); err != nil {
		return nil, err
	}
	return k.book(ctx, ap, r)
}

// inTold is in, for what has one message for the citizen, whose fate goes into
// the answer.
func (b *Bookings) inTold(ctx context.Context, v inbox.Viewer, agendaID int64, out **Booking, f func(context.Context, *booking) (*Booking, error)) error {
	var k *booking
	err := b.in(ctx, v, agendaID, func(ctx context.Context, now *booking) (err error) {
		k = now
		*out, err = f(ctx, k)
		return err
	})
	if err != nil {
		*out = nil
		return err
	}
	if k.mine > 0 {
		(*out).Told = k.told[k.mine-1]
	}
	return nil
}

const mostPerson = 200

func (r *BookRequest) check(v inbox.Viewer) error {
	r.Person = strings.Join(strings.Fields(r.Person), " ")
	switch {
	case utf8.RuneCountInString(r.Person) > mostPerson:
		return invalid("person", "too_long")
	case r.Person == "":
		return invalid("person", "required")
	case utf8.RuneCountInString(r.Note) > mostNote:
		return invalid("note", "too_long")
	case !citizen(v):
		return nil
	case r.Class != "" || r.Note != "" || r.CitizenID != 0 && !r.Proven:
		return ErrForbidden
	case r.Proven && r.IdentityID == 0:
		return invalid("identity", "required")
	case !r.Proven && r.Email == "":
		return invalid("email", "required")
	}
	return nil
}

// book makes a held appointment somebody's.
func (k *booking) book(ctx context.Context, ap *Appointment, r BookRequest) (*Booking, error) {
	switch {
	case citizen(k.v) && (ap.Holder == "" || ap.Holder != holderHash(r.Holder)), !citizen(k.v) && !worksAgenda(k.h, k.a, k.v):
		return nil, ErrNotFound
	case ap.Contact != "" || ap.State == BookedSlot: // the second of two clicks
		return &Booking{Appointment: ap, Repeated: true}, nil
	case ap.State != HeldSlot:
		return nil, refuse(HoldLapsed)
	}
	if err := k.meet(ctx, ap, r); err != nil {
		return nil, err
	}
	if r.Class != "" {
		c := k.h.ClassOf(r.Class)
		if c == nil {
			return nil, invalid("class", "unknown")
		}
		ap.ClassID = c.ID
	}
	ap.Person, ap.CaseID, ap.Note = r.Person, r.CaseID, r.Note
	if ap.Lang == "" {
		ap.Lang = k.h.Set.Langs[0]
	}
	if err := k.countBooking(ctx, ap.Contact); err != nil {
		return nil, err
	}
	if citizen(k.v) && !r.Proven && k.a.Settings.ConfirmMin > 0 {
		return k.ask(ctx, ap)
	}
	return k.booked(ctx, ap)
}

// meet finds out whose appointment it is.
func (k *booking) meet(ctx context.Context, ap *Appointment, r BookRequest) error {
	met := inbox.Met{CitizenID: r.CitizenID, IdentityID: r.IdentityID}
	switch {
	case r.CitizenID != 0:
		if err := k.tx.NewRaw("SELECT root_id FROM citizens WHERE id = ?", r.CitizenID).Scan(ctx, &met.RootID); err != nil {
			return notFoundIs(err, invalid("citizen", "unknown"))
		}
	case r.IdentityID != 0:
		err := k.tx.NewRaw("SELECT z.id, z.root_id FROM identities AS i JOIN citizens AS z ON z.id = i.citizen_id WHERE i.id = ?", r.IdentityID).Scan(ctx, &met.CitizenID, &met.RootID)
		if err != nil {
			return notFoundIs(err, invalid("identity", "unknown"))
		}
	case r.Email != "" || r.Phone != "":
		source := "form"
		if !citizen(k.v) {
			source = "counter"
		}
		var err error
		if met, err = k.b.tell.MeetTx(ctx, k.tx, k.v, inbox.Contact{Name: r.Person, Email: r.Email, Phone: r.Phone, Lang: ap.Lang, Source: source}); err != nil {
			return err
		}
	}
	ap.CitizenID, ap.IdentityID, ap.AccountID = met.CitizenID, met.IdentityID, r.AccountID
	ap.Contact = contactOf(met, r.Email)
	return nil
}

func notFoundIs(err, other error) error {
	if notFound(err) == ErrNotFound {
		return other
	}
	return err
}

// ask keeps the place until the person proves to read at the address.
func (k *booking) ask(ctx context.Context, ap *Appointment) (*Booking, error) {
	ap.HoldUntil = min(k.now.Add(minutes(k.a.Settings.ConfirmMin)), ap.StartAt)
	_, link, err := k.token(ctx, ToConfirm, ap.ID, 0, ap.HoldUntil)
	if err != nil {
		return nil, err
	}
	k.event("appointment.asked", ap, nil)
	k.notify(ap, templates.AppointmentAsked, true, map[string]string{"until": k.untilText(ap.HoldUntil, ap.Lang), "confirm_link": link})
	return &Booking{Appointment: ap}, k.save(ctx, ap)
}

// booked makes an appointment firm.
func (k *booking) booked(ctx context.Context, ap *Appointment) (*Booking, error) {
	if err := k.checkOpen(ctx, ap); err != nil {
		return nil, err
	}
	code, err := k.newCode(ctx)
	if err != nil {
		return nil, err
	}
	ap.State, ap.HoldUntil, ap.BookedAt, ap.Code, ap.EndedAt, ap.Outcome = BookedSlot, 0, k.now, code, 0, ""
	ap.RemindAt = k.nextReminder(ap)
	token, link, err := k.token(ctx, ToChange, ap.ID, 0, ap.EndAt)
	if err != nil {
		return nil, err
	}
	if err := k.save(ctx, ap); err != nil {
		return nil, err
	}
	k.event("appointment.booked", ap, map[string]any{"public": ap.Public})
	k.notify(ap, templates.AppointmentBooked, true, map[string]string{"change_link": link})
	return &Booking{Appointment: ap, Token: token}, nil
}

// codeLetters are those of the codes that people type: none looks like another.
const (
	codeLetters = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
	kioskCode   = 6
)

// newCode makes a code that no open appointment of the site has.
func (k *booking) newCode(ctx context.Context) (string, error) {
	for {
		var raw [kioskCode]byte
		_, _ = rand.Read(raw[:]) // never fails
		for i := range raw {
			raw[i] = codeLetters[int(raw[i])%len(codeLetters)]
		}
		var n int
		err := k.tx.NewRaw("SELECT COUNT(*) FROM appointments WHERE site_id = ? AND code = ? AND code <> '' AND state IN ('booked','arrived')", k.a.SiteID, string(raw[:])).Scan(ctx, &n)
		if err != nil {
			return "", fmt.Errorf("make a code: %w", err)
		}
		if n == 0 {
			return string(raw[:]), nil
		}
	}
}

// Confirm is what a link to confirm does: an appointment that was asked for
// becomes firm, and the address proven; of one that is firm the person says that
// they will come. ErrNotFound for a token that is wrong, over or used; MostOpen
// and SlotFull as Book.
func (b *Bookings) Confirm(ctx context.Context, token string) (*Booking, error) {
	row, ap, err := b.ofToken(ctx, token, ToConfirm)
	if err != nil {
		return nil, err
	}
	var out *Booking
	err = b.inTold(ctx, inbox.Viewer{}, ap.AgendaID, &out, func(ctx context.Context, k *booking) (*Booking, error) {
		if err := k.lock(ctx, ap.StartAt); err != nil {
			return nil, err
		}
		if err := k.use(ctx, row); err != nil {
			return nil, err
		}
		ap, err := k.find(ctx, row.AppointmentID)
		if err != nil {
			return nil, err
		}
		switch ap.State {
		case HeldSlot:
			if err := k.b.tell.ProveTx(ctx, k.tx, ap.IdentityID); err != nil {
				return nil, err
			}
			return k.booked(ctx, ap)
		case BookedSlot:
			ap.ConfirmedAt = k.now
			k.event("appointment.confirmed", ap, nil)
			return &Booking{Appointment: ap}, k.save(ctx, ap)
		}
		return nil, ErrNotFound
	})
	return out, err
}
