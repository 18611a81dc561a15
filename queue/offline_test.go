package queue

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestBandLetters(t *testing.T) {
	seen := map[string]bool{}
	for band := range 40 {
		l := BandLetters(band)
		if seen[l] {
			t.Error("twice:", l)
		}
		seen[l] = true
		for _, series := range []string{"A", "AA", "KA"} { // no series ends like a band
			if !seriesShape.MatchString(series) || band > 0 && seriesShape.MatchString(series[:1]+l) {
				t.Error(series, l)
			}
		}
	}
	if BandLetters(0) != "" || BandLetters(1) != "J" || BandLetters(5) != "Y" || BandLetters(6) != "JJ" || label("A", 2, 3) != "AK3" {
		t.Error("letters")
	}
}

// A kiosk that was alone: its people stand where they would have stood, under the
// numbers that they hold. Said again, nothing happens again.
func TestKioskThatWasAlone(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		ctx := t.Context()
		first := e.take(e.registry)
		lease := must(e.Lease(ctx, e.kiosk))(t)
		if lease.Band != 1 || lease.Letters != "J" || lease.Next["A"] != 1 || lease.Next["T"] != 1 || lease.Day != "2026-11-23" {
			t.Fatalf("%+v", lease)
		}
		var alone []Alone
		for n := range int64(3) {
			e.after(time.Minute)
			alone = append(alone, Alone{Key: fmt.Sprint("off", n), ServiceID: e.registry, Day: lease.Day, Number: n + 1, At: e.clock.Now()})
		}
		e.after(time.Minute)
		after := e.take(e.registry) // by another kiosk that sees the server, say
		got := must(e.Reconcile(ctx, e.kiosk, []Alone{alone[1], alone[0], alone[2]}))(t)
		for _, r := range got {
			if r.Code != "" || r.Repeated {
				t.Errorf("%+v", r)
			}
		}
		for _, r := range must(e.Reconcile(ctx, e.kiosk, alone))(t) {
			if !r.Repeated || r.Label == "" {
				t.Errorf("%+v", r)
			}
		}
		if n := e.number64("SELECT count(*) FROM tickets"); n != 5 {
			t.Error(n)
		}
		e.sit(e.anna, e.c1)
		var order []string
		for range 5 {
			d := e.call(e.anna, e.c1)
			order = append(order, d.Ticket.Label)
			must(e.NoShow(ctx, e.anna, e.act(d)))(t)
		}
		if strings.Join(order, " ") != "A1 AJ1 AJ2 AJ3 A2" {
			t.Error(order, first.Ticket.Label, after.Ticket.Label)
		}
		if l := must(e.Lease(ctx, e.kiosk))(t); l.Next["A"] != 4 {
			t.Errorf("%+v", l)
		}
		if n := must(e.VoidUnprinted(ctx, e.site))(t); n != 0 {
			t.Error("paper that was printed is voided")
		}
	})
}

// The request reached the server, its answer was lost, and the kiosk printed its own
// number: the paper counts, and the number that nobody holds is voided.
func TestAnswerThatWasLost(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		ctx := t.Context()
		lost := must(e.IssueAtKiosk(ctx, e.kiosk, NewTicket{ServiceID: e.registry, Key: "touch"}))(t)
		a := Alone{Key: "touch", ServiceID: e.registry, Day: "2026-11-23", Number: 1, At: e.clock.Now()}
		r := must(e.Reconcile(ctx, e.kiosk, []Alone{a}))(t)[0]
		if r.Label != "AJ1" || e.stepNow(lost.Step.ID).State != Cancelled || e.ticketNow(lost.Ticket.ID).EndedAt == 0 {
			t.Errorf("%+v", r)
		}
		if r := must(e.Reconcile(ctx, e.kiosk, []Alone{a}))(t)[0]; !r.Repeated {
			t.Errorf("%+v", r)
		}
	})
}

func TestReconcileRefuses(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		ctx := t.Context()
		ok := Alone{Key: "a", ServiceID: e.registry, Day: "2026-11-23", Number: 1, At: e.clock.Now().Add(time.Hour)}
		if r := must(e.Reconcile(ctx, e.kiosk, []Alone{ok}))(t)[0]; r.Code != "" {
			t.Errorf("%+v", r)
		}
		if s := e.stepNow(e.number64("SELECT id FROM steps")); s.RefAt != e.clock.Now() {
			t.Error("a kiosk's clock that goes ahead puts people behind the future")
		}
		for want, f := range map[string]func(*Alone){
			DayEnded:    func(a *Alone) { a.Day = "2026-11-22" },
			NumberTaken: func(*Alone) {},
			"invalid":   func(a *Alone) { a.Number = 0 },
			"invalid ":  func(a *Alone) { a.ServiceID = 4 },
			"invalid  ": func(a *Alone) { a.Class = "nobody" },
		} {
			a := ok
			a.Key = "b" + want
			f(&a)
			if r := must(e.Reconcile(ctx, e.kiosk, []Alone{a}))(t)[0]; r.Code != strings.TrimSpace(want) {
				t.Errorf("%s: %+v", want, r)
			}
		}
		_, token, err := e.SaveDevice(ctx, e.admin, DeviceEdit{SiteID: e.site, Kind: "kiosk", Name: "Senza banda"})
		if err != nil {
			t.Fatal(err)
		}
		plain := must(e.DeviceByToken(ctx, token))(t)
		_, err = e.Lease(ctx, plain)
		refused(t, err, NotLeased)
		_, err = e.Reconcile(ctx, plain, nil)
		refused(t, err, NotLeased)
		if err := e.Seen(ctx, e.kiosk, "paper_out"); err != nil {
			t.Fatal(err)
		}
		if d := must(e.DeviceByToken(ctx, e.tokenless(e.kiosk)))(t); d.Problem != "paper_out" || e.events("device.changed") != 1 {
			t.Errorf("%+v", d)
		}
	})
}

// tokenless gives a device a new token, as nobody knows the old one.
func (e *env) tokenless(d *Device) string {
	e.exec("UPDATE devices SET token_hash = ? WHERE id = ?", hashSecret("new"), d.ID)
	return "new"
}
