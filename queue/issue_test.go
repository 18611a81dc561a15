package queue

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"filodiretto/inbox"
	"filodiretto/queue/order"
)

// Queue 3, row 18: letter and number on the displays; a series for each group, each
// counted by itself, without gaps.
func TestIssue1505SeriesOfLettersAndNumbers(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		var got []string
		for _, s := range []int64{e.registry, e.cards, e.taxes, e.registry, e.taxes} {
			got = append(got, e.take(s).Ticket.Label)
		}
		if strings.Join(got, " ") != "A1 A2 T1 A3 T2" {
			t.Error(got)
		}
	})
}

// Queue 3, row 28: a double tap, a retry after a time-out, two at the same moment:
// one ticket, with the same secret.
func TestIssue24DoubleTapIsOneTicket(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		n := NewTicket{ServiceID: e.registry, Key: "touch"}
		var all sync.WaitGroup
		var mu sync.Mutex
		secrets, labels := map[string]bool{}, map[string]bool{}
		for range 20 {
			all.Go(func() {
				i, err := e.IssueAtKiosk(t.Context(), e.kiosk, n)
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				defer mu.Unlock()
				secrets[i.Secret], labels[i.Ticket.Label] = true, true
			})
		}
		all.Wait()
		if len(secrets) != 1 || len(labels) != 1 || e.number64("SELECT count(*) FROM tickets") != 1 || e.events("ticket.issued") != 1 {
			t.Error(secrets, labels)
		}
		if again := must(e.IssueAtKiosk(t.Context(), e.kiosk, n))(t); !again.Repeated {
			t.Error("not said to be repeated")
		}
		if next := e.take(e.registry); next.Ticket.Label != "A2" {
			t.Error("a number was lost:", next.Ticket.Label)
		}
		// Another kiosk's key of the same name is another touch.
		_, token, err := e.SaveDevice(t.Context(), e.admin, DeviceEdit{SiteID: e.site, Kind: "kiosk", Name: "Secondo"})
		if err != nil {
			t.Fatal(err)
		}
		other := must(e.DeviceByToken(t.Context(), token))(t)
		if i := must(e.IssueAtKiosk(t.Context(), other, n))(t); i.Ticket.Label != "A3" || i.Repeated {
			t.Error(i.Ticket.Label)
		}
	})
}

// Queue 3, row 28: a number whose paper failed is nobody's, and is not called; one
// that lives on a telephone needs no paper.
func TestIssue21GhostNumbersOfAFailedPrinter(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		ctx := t.Context()
		e.sit(e.anna, e.c1)
		issue := func() *Issued {
			return must(e.IssueAtKiosk(ctx, e.kiosk, NewTicket{ServiceID: e.registry, Key: e.key()}))(t)
		}
		failed, silent, followed, printed := issue(), issue(), issue(), issue()
		for i, ok := range map[*Issued]bool{failed: false, printed: true} {
			if err := e.Printed(ctx, e.kiosk, i.Ticket.ID, ok); err != nil {
				t.Fatal(err)
			}
		}
		must(e.Follow(ctx, Owner{Secret: followed.Secret}))(t)
		e.after(4 * time.Minute)
		if n := must(e.VoidUnprinted(ctx, e.site))(t); n != 0 {
			t.Error("too early:", n)
		}
		e.after(time.Minute)
		if n := must(e.VoidUnprinted(ctx, e.site))(t); n != 2 {
			t.Error("voided", n)
		}
		for _, i := range []*Issued{failed, silent} {
			if s := e.stepNow(i.Step.ID); s.State != Cancelled || e.ticketNow(i.Ticket.ID).Outcome != "unprinted" {
				t.Errorf("%+v", s)
			}
		}
		if got := e.call(e.anna, e.c1).Ticket.Label + e.ticketNow(printed.Ticket.ID).Label; got != "A3A4" {
			t.Error(got)
		}
		if n := must(e.VoidUnprinted(ctx, e.site))(t); n != 0 {
			t.Error("again", n)
		}
		// Late word of the printer changes nothing any more; another kiosk has no say.
		if err := e.Printed(ctx, &Device{ID: 1, SiteID: e.site, Kind: "kiosk"}, printed.Ticket.ID, true); err != ErrNotFound {
			t.Error(err)
		}
	})
}

// Queue 3, row 14: a kiosk that does not start at opening. It gives numbers from the
// very instant of opening to that of closing, over the pause at noon.
func TestIssue1805KioskStartsAtOpening(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		ctx := t.Context()
		for _, x := range []struct {
			hour, minute int
			code         string
		}{{9, 0, ""}, {12, 59, ""}, {13, 0, Shut}, {14, 59, Shut}, {15, 0, ""}, {17, 59, ""}, {18, 0, Shut}, {23, 59, Shut}} {
			e.clockTo(x.hour, x.minute)
			_, err := e.IssueAtKiosk(ctx, e.kiosk, NewTicket{ServiceID: e.registry, Key: e.key()})
			if x.code == "" && err != nil {
				t.Errorf("%02d:%02d: %v", x.hour, x.minute, err)
			} else if x.code != "" {
				refused(t, err, x.code)
			}
		}
		// Staff may, when it must be.
		n := NewTicket{SiteID: e.site, ServiceID: e.registry, Key: e.key()}
		_, err := e.IssueTicket(ctx, e.anna, n)
		refused(t, err, Shut)
		n.Anyway = true
		must(e.IssueTicket(ctx, e.anna, n))(t)
	})
}

// Numbers begin with 1 each day of the town, at no other hour: the clock runs over
// three days around a change of the clocks, hour by hour.
func TestIssue626NumbersOverMidnightAndClockChanges(t *testing.T) {
	for _, day := range []Day{spring, autumn} {
		t.Run(string(day), func(t *testing.T) {
			eachDB(t, func(t *testing.T, e *env) {
				from := day.Add(-1).Start(rome)
				e.manual.Advance(from.Sub(e.clock.Now())) // the past is as good
				seen, count := Day(""), int64(0)
				for at := from; at < day.Add(2).Start(rome); at = at.Add(time.Hour) {
					i := must(e.IssueTicket(t.Context(), e.anna, NewTicket{SiteID: e.site, ServiceID: e.registry, Key: e.key(), Anyway: true}))(t)
					if i.Ticket.Day != seen {
						if seen != "" && WallMinute(at, rome) != 0 {
							t.Errorf("a new day at %v", at.Time().In(rome))
						}
						seen, count = i.Ticket.Day, 0
					}
					if count++; i.Ticket.Number != count || i.Ticket.Day != DayOf(at, rome) {
						t.Errorf("%v: %s of %s", at.Time().In(rome), i.Ticket.Label, i.Ticket.Day)
					}
					e.after(time.Hour)
				}
				want := map[Day]int64{spring: 23, autumn: 25}[day]
				if n := e.number64("SELECT last FROM ticket_numbers WHERE day = ?", day); n != want {
					t.Errorf("%d hours", n)
				}
			})
		})
	}
}

// Queue 3, row 38: one open ticket for each person and service; all records that are
// one person count.
func TestIssue1881OneOpenTicketForEachPersonAndService(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		ctx := t.Context()
		ada, twin := e.citizen("Ada"), e.citizen("Ada B.")
		e.exec("UPDATE citizens SET root_id = ? WHERE id = ?", ada, twin)
		first := e.remote(e.registry, ada)
		for name, n := range map[string]NewTicket{
			"the same":       {CitizenID: ada},
			"another record": {CitizenID: twin},
			"the browser":    {CitizenID: e.citizen("Eva"), Holder: fmt.Sprint(ada)},
		} {
			n.SiteID, n.ServiceID, n.Key, n.Origin = e.site, e.registry, e.key(), OnTelegram
			_, err := e.IssueRemote(ctx, n)
			if r := refused(t, err, AlreadyWaiting); r.Ticket != first.Ticket.ID {
				t.Error(name, r)
			}
		}
		_, err := e.IssueTicket(ctx, e.anna, NewTicket{SiteID: e.site, ServiceID: e.registry, Key: e.key(), CitizenID: ada})
		refused(t, err, AlreadyWaiting)
		e.remote(e.cards, ada) // another service is another matter
		must(e.GiveUp(ctx, Owner{Secret: first.Secret}, "k"))(t)
		e.remote(e.registry, ada)
	})
}

func TestManyTicketsOfOnePersonAtTheSameMoment(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		ada := e.citizen("Ada")
		var all sync.WaitGroup
		for i := range 30 {
			all.Go(func() {
				_, err := e.IssueRemote(t.Context(), NewTicket{SiteID: e.site, ServiceID: e.registry, Key: fmt.Sprint("k", i), Origin: OnWeb, CitizenID: ada})
				if err != nil {
					refused(t, err, AlreadyWaiting)
				}
			})
		}
		all.Wait()
		if n := e.number64("SELECT count(*) FROM tickets"); n != 1 {
			t.Error(n)
		}
	})
}

// Queue 5, point 6: a place taken from afar is kept as a paper one of that instant,
// but nobody is called who is not here.
func TestNobodyIsCalledWhoIsNotHere(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		ctx := t.Context()
		far := e.remote(e.registry, e.citizen("Ada"))
		e.after(time.Minute)
		paper := e.take(e.registry)
		e.sit(e.anna, e.c1)
		if got := e.serve(e.anna, e.c1); got.Ticket.ID != paper.Ticket.ID {
			t.Error("called", got.Ticket.Label)
		}
		e.finish(e.anna, paper.Step.ID)
		_, err := e.CallNext(ctx, e.anna, At{CounterID: e.c1, Key: e.key()})
		refused(t, err, Nobody)
		_, err = e.Call(ctx, e.anna, CallThis{Act: Act{StepID: far.Step.ID}, CounterID: e.c1})
		refused(t, err, NotCallable)

		e.after(8 * time.Minute)
		later := e.take(e.registry)
		_, err = e.Here(ctx, Owner{Secret: far.Secret}, "xxxx", "a")
		refused(t, err, WrongCode)
		code := must(e.DisplayState(ctx, e.site, -1))(t).Code
		must(e.Here(ctx, Owner{Secret: far.Secret}, code, "b"))(t)
		if again := must(e.Here(ctx, Owner{Secret: far.Secret}, "", "b"))(t); !again.Repeated {
			t.Error("said twice")
		}
		e.after(time.Minute)
		if got := e.call(e.anna, e.c1); got.Ticket.ID != far.Ticket.ID {
			t.Errorf("%s before %s, who came later to the room but took the number earlier", got.Ticket.Label, later.Ticket.Label)
		}
		if got := e.segments(far.Step.ID); got != "away 9m0s, waiting 1m0s, called" {
			t.Error(got)
		}
		if s := e.stepNow(far.Step.ID); s.FirstCalledAt.Sub(s.EligibleAt) != time.Minute {
			t.Error("the wait is not from first eligibility to first call")
		}
	})
}

func TestCodeOfPresence(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		ctx := t.Context()
		i := e.remote(e.registry, e.citizen("Ada"))
		code := must(e.DisplayState(ctx, e.site, -1))(t).Code
		if len(code) != codeLen {
			t.Error(code)
		}
		// Somebody in the room takes a number on the own telephone.
		n := NewTicket{SiteID: e.site, ServiceID: e.registry, Key: e.key(), Origin: OnWeb, Holder: "browser"}
		_, err := e.IssueRemote(ctx, n)
		refused(t, err, WrongCode)
		n.Code = "12"
		_, err = e.IssueRemote(ctx, n)
		refused(t, err, WrongCode)
		n.Code = code
		if s := must(e.IssueRemote(ctx, n))(t).Step; s.Away() {
			t.Error("is here, and is away")
		}
		e.after(29 * time.Minute) // shown for 15 minutes, and held for as long again
		if now := must(e.DisplayState(ctx, e.site, -1))(t).Code; now == code {
			t.Error("never changes")
		}
		must(e.Here(ctx, Owner{Secret: i.Secret}, code, ""))(t)
		late := e.remote(e.cards, e.citizen("Eva"))
		e.after(31 * time.Minute)
		for range mostTries {
			_, err = e.Here(ctx, Owner{Secret: late.Secret}, code, "")
			refused(t, err, WrongCode)
		}
		now := must(e.DisplayState(ctx, e.site, -1))(t).Code
		_, err = e.Here(ctx, Owner{Secret: late.Secret}, now, "")
		refused(t, err, TooManyTries)
		must(e.StaffHere(ctx, e.anna, Act{StepID: late.Step.ID}))(t)
	})
}

func TestWhoMayTakeWhat(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		ctx := t.Context()
		vip := must(e.SaveClass(ctx, e.admin, Class{SiteID: e.site, Key: "vip", Names: Names{"it": "Delegati"}, Slope: 1, HeadMin: 5}))(t)
		shut := must(e.SaveService(ctx, e.admin, Service{
			SiteID: e.site, GroupID: e.house.Groups[0].ID, Key: "inside", Names: Names{"it": "Interno"}, OfficeID: e.urp, Minutes: 5,
		}))(t)
		_ = vip
		kiosk := func(change func(*NewTicket)) error {
			n := NewTicket{ServiceID: e.registry, Key: e.key()}
			change(&n)
			_, err := e.IssueAtKiosk(ctx, e.kiosk, n)
			return err
		}
		refused(t, kiosk(func(n *NewTicket) { n.ServiceID = shut }), NotAtKiosk)
		_, err := e.IssueRemote(ctx, NewTicket{SiteID: e.site, ServiceID: shut, Key: "k", Origin: OnWeb, CitizenID: e.citizen("Ada")})
		refused(t, err, NotRemote)
		for name, f := range map[string]func(*NewTicket){
			"class":     func(n *NewTicket) { n.Class = "vip" },
			"class ":    func(n *NewTicket) { n.Class = "nobody" },
			"lang":      func(n *NewTicket) { n.Lang = "it'; --" },
			"procedure": func(n *NewTicket) { n.Procedure = "cards" },
			"service":   func(n *NewTicket) { n.ServiceID = 1 },
			"service ":  func(n *NewTicket) { n.More = []int64{e.registry} },
			"key":       func(n *NewTicket) { n.Key = "" },
		} {
			if err := kiosk(f); !isInvalid(err, strings.TrimSpace(name)) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if err := kiosk(func(n *NewTicket) { n.Class, n.Lang, n.Procedure = order.Protected, "de", "registry" }); err != nil {
			t.Error(err)
		}
		n := NewTicket{SiteID: e.site, ServiceID: shut, Key: "k", Class: "vip"}
		must(e.IssueTicket(ctx, e.anna, n))(t)
		for name, v := range map[string]inbox.Viewer{"back office": e.carla, "administrator": e.admin, "nobody": {}, "elsewhere": {OperatorID: 5, FrontDesk: true, Offices: []int64{1}}} {
			n.Key = name
			if _, err := e.IssueTicket(ctx, v, n); err != ErrNotFound {
				t.Errorf("%s: %v", name, err)
			}
		}
		if _, err := e.IssueAtKiosk(ctx, &Device{Kind: "display", SiteID: e.site}, n); err != ErrForbidden {
			t.Error(err)
		}
		if err := e.RevokeDevice(ctx, e.admin, e.site, e.kiosk.ID); err != nil {
			t.Fatal(err)
		}
		_, err = e.DeviceByToken(ctx, "x")
		if err != ErrNotFound {
			t.Error(err)
		}
	})
}

func isInvalid(err error, field string) bool {
	i, ok := err.(*inbox.InvalidError)
	return ok && i.Field == field
}

func TestFullAndTooLate(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		ctx := t.Context()
		sv := *e.house.Service(e.taxes)
		sv.PerDay = 2
		must(e.SaveService(ctx, e.admin, sv))(t)
		e.take(e.taxes)
		e.take(e.taxes)
		issue := func(service int64) error {
			_, err := e.IssueAtKiosk(ctx, e.kiosk, NewTicket{ServiceID: service, Key: e.key()})
			return err
		}
		refused(t, issue(e.taxes), ServiceFull)
		edit := SiteEdit{ID: e.site, Key: "municipio", Name: "Municipio", Settings: SiteSettings{MostWait: 3, LastMin: 20}}
		must(e.SaveSite(ctx, e.admin, edit))(t)
		e.take(e.cards)
		refused(t, issue(e.cards), RoomFull)
		must(e.IssueTicket(ctx, e.anna, NewTicket{SiteID: e.site, ServiceID: e.taxes, Key: "k", Anyway: true}))(t)
		edit.Settings.MostWait = 0
		must(e.SaveSite(ctx, e.admin, edit))(t)
		e.clockTo(12, 55) // the pause at noon is not the end of the day
		e.take(e.cards)
		e.clockTo(17, 39)
		e.take(e.cards)
		e.clockTo(17, 40)
		refused(t, issue(e.cards), TooLate)
	})
}

// At the same moment as many as the service takes, and not one more.
func TestServiceFullAtTheSameMoment(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		sv := *e.house.Service(e.taxes)
		sv.PerDay = 7
		must(e.SaveService(t.Context(), e.admin, sv))(t)
		var all sync.WaitGroup
		for i := range 40 {
			all.Go(func() {
				if _, err := e.IssueAtKiosk(t.Context(), e.kiosk, NewTicket{ServiceID: e.taxes, Key: fmt.Sprint("k", i)}); err != nil {
					refused(t, err, ServiceFull)
				}
			})
		}
		all.Wait()
		if n := e.number64("SELECT count(*) FROM tickets"); n != 7 {
			t.Error(n)
		}
	})
}
