package queue

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"filodiretto/inbox"
	"filodiretto/internal/db"
	"filodiretto/internal/secret"
	"filodiretto/templates"
)

// askedFor is how long the link lasts by which somebody proves the address that they
// typed to be on the waiting list.
const askedFor = 24 * time.Hour

// AskJoin is Join for a citizen who only typed a mail address, as when no free time
// suits: they get a link there, and are on the list once it was opened
// (ConfirmJoin). Until then the entry counts for nothing. It counts as a booking
// against MostDay, so that nobody is written to without end.
func (b *Bookings) AskJoin(ctx context.Context, r JoinRequest) (*Wish, error) {
	r.Person = strings.Join(strings.Fields(r.Person), " ")
	r.Token, r.Proven, r.CitizenID, r.IdentityID = "", false, 0, 0
	switch {
	case r.Key == "" || len(r.Key) > mostKey:
		return nil, invalid("key", "required")
	case !goodLang(r.Lang):
		return nil, invalid("lang", "unknown")
	case r.Person == "":
		return nil, invalid("person", "required")
	case utf8.RuneCountInString(r.Person) > mostPerson:
		return nil, invalid("person", "too_long")
	case r.Email == "":
		return nil, invalid("email", "required")
	}
	var out *Wish
	err := b.in(ctx, inbox.Viewer{}, r.AgendaID, func(ctx context.Context, k *booking) error {
		w, before, err := k.wish(ctx, r, nil)
		if out = w; err != nil || before {
			return err
		}
		if err := k.countBooking(ctx, w.Contact); err != nil {
			return err
		}
		w.State, w.EndedAt = OffList, k.now // not on the list yet
		if _, err := k.tx.NewInsert().Model(w).Exec(ctx); err != nil {
			return fmt.Errorf("waiting list: %w", err)
		}
		token, sealed := k.b.tell.NewToken()
		if err := k.keepToken(ctx, token, ToConfirm, w.ID); err != nil {
			return err
		}
		link := ""
		if k.b.url != "" {
			link = k.b.url + "/p/waitlist/join/" + sealed
		}
		k.wishEvent("waitlist.asked", w, nil)
		k.tellWish(w, templates.WaitlistAsked, map[string]string{"days": daysText(w.FromDay, w.ToDay, w.Lang), "join_link": link})
		return nil
	})
	if db.IsUnique(err) {
		return nil, ErrChanged // the other of two clicks: asked again, it is answered
	}
	if err != nil {
		return nil, err
	}
	return out, nil
}

func (k *booking) keepToken(ctx context.Context, token string, p Purpose, wish int64) error {
	row := &bookingToken{Hash: secret.HashToken(token), Purpose: p, WaitlistID: wish, ExpiresAt: k.now.Add(askedFor)}
	if _, err := k.tx.NewInsert().Model(row).Exec(ctx); err != nil {
		return fmt.Errorf("make a token: %w", err)
	}
	return nil
}

// ConfirmJoin puts somebody on the waiting list who asked for it: the address is
// proven by the link that came there. ErrNotFound for a token that is wrong, over or
// used; OnTheList when the person got there by another way.
func (b *Bookings) ConfirmJoin(ctx context.Context, token string) (*Wish, error) {
	row, err := findToken(ctx, b.q.db.Read, b.q.clock.Now(), token, ToConfirm)
	if err != nil {
		return nil, err
	}
	w := new(Wish)
	if err := b.q.db.Read.NewSelect().Model(w).Where("wl.id = ? AND wl.state = 'left'", row.WaitlistID).Scan(ctx); err != nil {
		return nil, notFound(err)
	}
	err = b.in(ctx, inbox.Viewer{}, w.AgendaID, func(ctx context.Context, k *booking) error {
		if err := k.use(ctx, row); err != nil {
			return err
		}
		if w.ToDay < k.h.Today(k.now) || k.a.EndedAt != 0 {
			return ErrNotFound
		}
		if err := k.b.tell.ProveTx(ctx, k.tx, w.IdentityID); err != nil {
			return err
		}
		w.State, w.EndedAt = OnList, 0
		if ok, err := k.saveWish(ctx, w, OffList); err != nil || !ok {
			return orError(err, ErrNotFound)
		}
		return k.joined(ctx, w)
	})
	if db.IsUnique(err) {
		return nil, refuse(OnTheList)
	}
	if err != nil {
		return nil, err
	}
	return w, nil
}

// LookJoin is what the page shows before ConfirmJoin. It changes nothing.
func (b *Bookings) LookJoin(ctx context.Context, token string) (service, place string, w *Wish, err error) {
	row, err := findToken(ctx, b.q.db.Read, b.q.clock.Now(), token, ToConfirm)
	if err != nil {
		return "", "", nil, err
	}
	w = new(Wish)
	if err := b.q.db.Read.NewSelect().Model(w).Where("wl.id = ? AND wl.state = 'left'", row.WaitlistID).Scan(ctx); err != nil {
		return "", "", nil, notFound(err)
	}
	h, err := b.q.House(ctx, w.SiteID)
	if err != nil {
		return "", "", nil, err
	}
	if s := h.Service(w.ServiceID); s != nil {
		service = s.Names.In(w.Lang)
	}
	return service, h.Site.where(), w, nil
}
