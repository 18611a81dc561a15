package queue

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"filodiretto/inbox"
)

// it-at-m/eappointment #936 and ZMS-3436, bcgov/queue-management #405, calcom/cal.diy
// #5820, easyappointments #910 (queue 3, rows 4, 21, 36 and 37): fifty clients want
// one slot at the same moment. As many get it as there are places.
func TestIssue936OverbookingByFiftyClients(t *testing.T) {
	eachAgenda(t, func(t *testing.T, e *agendaEnv) {
		const clients, places = 50, 7
		e.edit(func(a *Agenda) { a.Capacity, a.Public = places, places })
		nine := e.slot(tuesday, 9, 0)
		var got, full atomic.Int64
		var group sync.WaitGroup
		for i := range clients {
			r := e.web(nine, fmt.Sprintf("client%d@example.org", i))
			group.Go(func() {
				_, err := e.Book(t.Context(), inbox.Viewer{}, r)
				var refusal *RefusedError
				switch {
				case err == nil:
					got.Add(1)
				case errors.As(err, &refusal) && refusal.Code == SlotFull:
					full.Add(1)
				default:
					t.Error(err)
				}
			})
		}
		group.Wait()
		if got.Load() != places || full.Load() != clients-places {
			t.Errorf("%d got a place and %d did not, of %d places", got.Load(), full.Load(), places)
		}
		s := e.slotRow(nine)
		rows := e.number64("SELECT COUNT(*) FROM appointments WHERE state = 'held' AND contact <> ''")
		if s.Taken != places || s.TakenPublic != places || rows != places {
			t.Errorf("%+v, %d appointments", s, rows)
		}
	})
}

// ZMS-3436: one client clicks often. It is one booking.
func TestIssue5820MultiClickIsOneBooking(t *testing.T) {
	eachAgenda(t, func(t *testing.T, e *agendaEnv) {
		e.edit(func(a *Agenda) { a.Capacity, a.Public = 20, 20 })
		r := e.web(e.slot(tuesday, 9, 0), "lucia@example.org")
		var group sync.WaitGroup
		for range 10 {
			group.Go(func() {
				if _, err := e.Book(t.Context(), inbox.Viewer{}, r); err != nil && !errors.Is(err, ErrChanged) {
					t.Error(err)
				}
			})
		}
		group.Wait()
		if s := e.slotRow(r.Start); s.Taken != 1 || len(e.deliver(e.mail)) != 1 {
			t.Error(s)
		}
	})
}

// it-at-m/eappointment #2970 (queue 3, row 3): those who move between the same two
// slots in both directions must not wait for each other for ever.
func TestIssue2970DeadlocksWhileReserving(t *testing.T) {
	eachAgenda(t, func(t *testing.T, e *agendaEnv) {
		const people = 12
		e.edit(func(a *Agenda) { a.Capacity, a.Public = 2*people, 2*people })
		nine, ten := e.slot(tuesday, 9, 0), e.slot(tuesday, 10, 0)
		var tokens []string
		for i := range people {
			start := nine
			if i%2 == 1 {
				start = ten
			}
			_, token := e.books(start, fmt.Sprintf("p%d@example.org", i))
			tokens = append(tokens, token)
		}
		var group sync.WaitGroup
		for i, token := range tokens {
			group.Go(func() {
				for n := range 4 {
					start := nine
					if (i+n)%2 == 0 {
						start = ten
					}
					_, err := e.Change(t.Context(), inbox.Viewer{}, ChangeRequest{Token: token, Start: start})
					if code := (*RefusedError)(nil); err != nil && !(errors.As(err, &code) && code.Code == SlotFull) { // places rest meanwhile
						t.Error(err)
					}
				}
			})
		}
		group.Wait()
		if a, b := e.slotRow(nine), e.slotRow(ten); a.Taken+b.Taken != people || a.TakenPublic+b.TakenPublic != people {
			t.Error(a, b)
		}
		for _, at := range []struct{ taken, rows int64 }{
			{int64(e.slotRow(nine).Taken), e.number64("SELECT COUNT(*) FROM appointments WHERE state = 'booked' AND start_at = ?", nine)},
			{int64(e.slotRow(ten).Taken), e.number64("SELECT COUNT(*) FROM appointments WHERE state = 'booked' AND start_at = ?", ten)},
		} {
			if at.taken != at.rows {
				t.Error("the count is not the rows", at)
			}
		}
	})
}

// it-at-m/eappointment #1372 (queue 3, row 6): the time of a hold is over at the very
// instant at which it is confirmed. It is decided once: at the last microsecond it
// holds, at the next it does not, and the place is sold once.
func TestIssue1372HoldExpiresAtTheInstantOfConfirmation(t *testing.T) {
	eachAgenda(t, func(t *testing.T, e *agendaEnv) {
		nine, ten := e.slot(tuesday, 9, 0), e.slot(tuesday, 10, 0)
		must(e.Book(t.Context(), inbox.Viewer{}, e.web(nine, "late@example.org")))(t)
		late := e.lastLink(ToConfirm)
		must(e.Book(t.Context(), inbox.Viewer{}, e.web(ten, "intime@example.org")))(t)
		inTime := e.lastLink(ToConfirm)
		e.manual.Advance(minutes(60) - 1000) // a microsecond before
		if got := must(e.Confirm(t.Context(), inTime))(t); got.Appointment.State != BookedSlot {
			t.Fatal(got.Appointment.State)
		}
		e.manual.Advance(1000)
		if e.free(inbox.Viewer{}, nine) != 1 {
			t.Fatal("from now on it is free, though no sweep has run")
		}
		if _, err := e.Confirm(t.Context(), late); !errors.Is(err, ErrNotFound) {
			t.Fatal("and the link is over", err)
		}
		must(e.Book(t.Context(), inbox.Viewer{}, e.web(nine, "next@example.org")))(t)
		if _, err := e.Confirm(t.Context(), late); !errors.Is(err, ErrNotFound) {
			t.Fatal(err)
		}
		if s := e.slotRow(nine); s.TakenPublic != 1 || e.number64("SELECT COUNT(*) FROM appointments WHERE start_at = ? AND state IN ('held','booked')", nine) != 1 {
			t.Fatal("sold once", s)
		}
		if e.events("appointment.expired") != 1 {
			t.Fatal("what was not confirmed is told")
		}
	})
}

// Who confirms and who books the place that is about to be free, at the same
// moment: one of them has it.
func TestConfirmAndNextClientAtTheSameInstant(t *testing.T) {
	eachAgenda(t, func(t *testing.T, e *agendaEnv) {
		nine := e.slot(tuesday, 9, 0)
		must(e.Book(t.Context(), inbox.Viewer{}, e.web(nine, "first@example.org")))(t)
		link := e.lastLink(ToConfirm)
		e.manual.Advance(minutes(60) - 1000)
		r := e.web(nine, "second@example.org")
		var confirmed, booked error
		var group sync.WaitGroup
		group.Go(func() { e.manual.Advance(1000) })
		group.Go(func() { _, confirmed = e.Confirm(t.Context(), link) })
		group.Go(func() { _, booked = e.Book(t.Context(), inbox.Viewer{}, r) })
		group.Wait()
		if confirmed == nil && booked == nil || e.slotRow(nine).TakenPublic > 1 {
			t.Fatal("both have the one place", confirmed, booked)
		}
	})
}

// The form that somebody left open: the hold is over, and Book says so.
func TestBookAfterTheHoldLapsed(t *testing.T) {
	eachAgenda(t, func(t *testing.T, e *agendaEnv) {
		r := e.web(e.slot(tuesday, 9, 0), "lucia@example.org")
		r.HoldID = must(e.Bookings.Hold(t.Context(), inbox.Viewer{}, r.HoldRequest))(t).ID
		e.after(minutes(10))
		_, err := e.Book(t.Context(), inbox.Viewer{}, r)
		refused(t, err, HoldLapsed)
		if n := must(e.Settle(t.Context()))(t); n != 1 || e.slotRow(r.Start).Taken != 0 {
			t.Fatal(n, e.slotRow(r.Start))
		}
		if n := must(e.Settle(t.Context()))(t); n != 0 {
			t.Fatal("once", n)
		}
	})
}

// The limits against those who book to sell (queue 1, anti-trading).
func TestAntiTradingLimits(t *testing.T) {
	eachAgenda(t, func(t *testing.T, e *agendaEnv) {
		e.edit(func(a *Agenda) { a.Capacity, a.Public, a.Settings.MostOpen, a.Settings.MostDay = 20, 20, 2, 4 })
		nine := e.slot(tuesday, 9, 0)
		var tokens []string
		for _, email := range []string{"dealer@example.org", "Dealer+1@example.org"} { // one mailbox is one person
			_, token := e.books(nine, email)
			tokens = append(tokens, token)
		}
		must(e.Book(t.Context(), inbox.Viewer{}, e.web(nine, "dealer+2@example.org")))(t)
		_, err := e.Confirm(t.Context(), e.lastLink(ToConfirm))
		refused(t, err, MostOpen)
		must(e.Cancel(t.Context(), inbox.Viewer{}, CancelRequest{Token: tokens[0]}))(t)
		if _, err := e.Confirm(t.Context(), e.lastLink(ToConfirm)); err != nil {
			t.Fatal("the refusal used nothing up", err)
		}
		must(e.Cancel(t.Context(), inbox.Viewer{}, CancelRequest{Token: tokens[1]}))(t)
		must(e.Book(t.Context(), inbox.Viewer{}, e.web(nine, "dealer+3@example.org")))(t)
		_, err = e.Book(t.Context(), inbox.Viewer{}, e.web(nine, "dealer+4@example.org"))
		refused(t, err, MostDay)
		e.books(nine, "somebody@example.org")
		for range 5 { // staff know a large family when they see one
			r := e.web(nine, "dealer@example.org")
			r.Holder = ""
			must(e.Book(t.Context(), e.anna, r))(t)
		}
		e.clockTo(23, 59)
		e.after(minutes(2))
		must(e.Book(t.Context(), inbox.Viewer{}, e.web(nine, "dealer+5@example.org")))(t)
	})
}

// A person who books on two windows at once stays within the limit.
func TestLimitHoldsAtTheSameMoment(t *testing.T) {
	eachAgenda(t, func(t *testing.T, e *agendaEnv) {
		e.edit(func(a *Agenda) { a.Capacity, a.Public, a.Settings.MostOpen, a.Settings.MostDay = 5, 5, 2, 100 })
		_, identity := e.chat("501")
		var got atomic.Int64
		var group sync.WaitGroup
		for i := range 8 {
			r := e.web(e.slot(tuesday, 9, 0).Add(minutes(15*i)), "")
			r.Holder, r.IdentityID, r.AccountID, r.Proven = fmt.Sprint("window", i), identity, e.bot.acc.ID, true
			group.Go(func() {
				if _, err := e.Book(t.Context(), inbox.Viewer{}, r); err == nil {
					got.Add(1)
				} else if code := (*RefusedError)(nil); !errors.As(err, &code) || code.Code != MostOpen {
					t.Error(err)
				}
			})
		}
		group.Wait()
		if got.Load() != 2 || e.number64("SELECT COUNT(*) FROM appointments WHERE state = 'booked'") != 2 {
			t.Error(got.Load())
		}
	})
}

// The same for links that are opened at the same moment: there nothing is counted
// by the day, and the lock of the contact alone keeps the limit. The second link is
// opened while the first one is decided and not committed.
func TestLimitHoldsWhenConfirmedAtOnce(t *testing.T) {
	eachAgenda(t, func(t *testing.T, e *agendaEnv) {
		e.edit(func(a *Agenda) { a.Capacity, a.Public, a.Settings.MostOpen, a.Settings.MostDay = 5, 5, 1, 100 })
		var asked []*Appointment
		for i := range 2 {
			r := e.web(e.slot(tuesday, 9, 15*i), fmt.Sprintf("dealer+%d@example.org", i))
			asked = append(asked, must(e.Book(t.Context(), inbox.Viewer{}, r))(t).Appointment)
		}
		link := e.lastLink(ToConfirm) // of the second
		second := make(chan error, 1)
		err := e.in(t.Context(), inbox.Viewer{}, e.agenda.ID, func(ctx context.Context, k *booking) error {
			if err := k.lock(ctx, asked[0].StartAt); err != nil {
				return err
			}
			first, err := k.find(ctx, asked[0].ID)
			if err != nil {
				return err
			}
			if _, err := k.booked(ctx, first); err != nil {
				return err
			}
			go func() {
				_, err := e.Confirm(t.Context(), link)
				second <- err
			}()
			return e.waitsForLock(t, second)
		})
		if err != nil {
			t.Fatal(err)
		}
		refused(t, <-second, MostOpen)
		if n := e.number64("SELECT COUNT(*) FROM appointments WHERE state = 'booked'"); n != 1 {
			t.Error(n)
		}
	})
}

// waitsForLock returns once somebody waits for a contact's lock. On SQLite they wait
// for the one connection that writes, which needs no look.
func (e *agendaEnv) waitsForLock(t *testing.T, done <-chan error) error {
	t.Helper()
	for e.env.db.Postgres {
		if n := e.number64("SELECT COUNT(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"); n > 0 {
			return nil
		}
		select {
		case err := <-done:
			return fmt.Errorf("the second was decided without waiting: %v", err)
		case <-t.Context().Done():
			return t.Context().Err()
		default:
		}
	}
	return nil
}
