package queue

import "context"

// CheckInByLink is check-in at a kiosk with the link of the appointment's page, which
// the kiosk read from a telephone or from paper. A link of another site, of another
// kind, or one that holds no more is ErrNotFound.
func (b *Bookings) CheckInByLink(ctx context.Context, d *Device, token string) (*CheckedIn, error) {
	if err := d.may("kiosk"); err != nil {
		return nil, err
	}
	_, ap, err := b.ofToken(ctx, token, ToChange)
	if err != nil {
		return nil, err
	}
	if ap.SiteID != d.SiteID {
		return nil, ErrNotFound
	}
	return b.checkIn(ctx, ap, arriving{by: actor{kind: "citizen"}, device: d.ID})
}

// HereAtKiosk says that whoever holds a ticket stands before a kiosk of its site: that
// proves as much as the code on the display (Here). came tells whether that was news;
// who was known to be in the room only sees the number again. ErrNotFound for a
// ticket of another site, *RefusedError WrongState for one whose visit is over.
func (q *Queue) HereAtKiosk(ctx context.Context, d *Device, secret string) (v *TicketView, came bool, err error) {
	if err := d.may("kiosk"); err != nil {
		return nil, false, err
	}
	o := Owner{Secret: secret}
	if secret == "" {
		return nil, false, ErrNotFound
	}
	if v, err = q.TicketState(ctx, o); err != nil {
		return nil, false, err
	}
	switch {
	case v.Ticket.SiteID != d.SiteID:
		return nil, false, ErrNotFound
	case v.Current == nil:
		return nil, false, refuse(WrongState)
	case v.Current.State != Waiting || !v.Current.Away() && v.Current.NotBefore <= v.At:
		return v, false, nil
	}
	_, err = q.own(ctx, o, "", HereVerb, func(ctx context.Context, r *room, s *Step, key string) (*Result, error) {
		t, err := r.ticket(ctx, s.TicketID)
		if err != nil {
			return nil, err
		}
		return r.here(t, s, theCitizen, key), nil
	})
	if err != nil {
		return nil, false, err
	}
	v, err = q.TicketState(ctx, o)
	return v, true, err
}
