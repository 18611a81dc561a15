package queue

import (
	"testing"
	"time"

	"filodiretto/internal/clock"
	"filodiretto/internal/db/dbtest"
	"filodiretto/queue/estimate"
	"filodiretto/queue/order"
)

// On the nights when clocks change, hours and shifts are those on the wall, and a wait
// lasts as long as it lasts.
func TestForecastsOverClockChanges(t *testing.T) {
	for _, day := range []string{"2026-03-29", "2026-10-25"} {
		t.Run(day, func(t *testing.T) {
			e := newEnv(t, dbtest.SQLite(t))
			week := map[int]Ranges{}
			for d := 1; d <= 7; d++ {
				week[d] = Ranges{{0, 6 * 60}}
			}
			h := e.house
			h.Calendar.Week, h.Calendar.Days = week, nil
			h.Shifts[e.c1] = []Shift{{CounterID: e.c1, Weekday: 7, Kind: "open", FromMin: 0, ToMin: 5 * 60}, {CounterID: e.c1, Weekday: 7, Kind: "break", FromMin: 2*60 + 30, ToMin: 3*60 + 30}}
			one := Day(day).At(60, rome)
			spans := h.declared(&Sitting{CounterID: e.c1, FromAt: one}, one, h.Calendar.Closing(Day(day)))
			if len(spans) != 2 || spans[0].From != one || spans[1].To != Day(day).AtLast(5*60, rome) {
				t.Fatalf("open %v", spans)
			}
			open := spans[0].To.Sub(spans[0].From) + spans[1].To.Sub(spans[1].From)
			want := map[string]time.Duration{
				"2026-03-29": 2*time.Hour + 30*time.Minute, // half past two is three: an hour before the break
				"2026-10-25": 3 * time.Hour,                // the hour that is twice falls into it
			}[day]
			if open != want {
				t.Errorf("open for %v, want %v: %v", open, want, spans)
			}
		})
	}
}

// What a break, a promise to leave and a shut site leave of a counter's time.
func TestDeclaredHours(t *testing.T) {
	e := newEnv(t, dbtest.SQLite(t))
	at := func(h, m int) clock.Instant { return Day("2026-11-23").At(h*60+m, rome) }
	text := func(spans []estimate.Span) string {
		out := ""
		for _, s := range spans {
			out += s.From.Time().In(rome).Format("15:04") + "-" + s.To.Time().In(rome).Format("15:04 ")
		}
		return out
	}
	shut := at(18, 0)
	for _, c := range []struct {
		name   string
		now    clock.Instant
		st     Sitting
		closes clock.Instant
		want   string
	}{
		{"the hours of the site", at(9, 0), Sitting{}, shut, "09:00-13:00 15:00-18:00 "},
		{"until noon", at(9, 0), Sitting{UntilAt: at(12, 0)}, shut, "09:00-12:00 "},
		{"it said noon and is still here", at(12, 30), Sitting{UntilAt: at(12, 0)}, shut, "12:30-13:00 15:00-18:00 "},
		{"a break with an end", at(9, 0), Sitting{PauseAt: at(8, 50), PauseUntil: at(9, 20)}, shut, "09:20-13:00 15:00-18:00 "},
		{"a break without", at(9, 0), Sitting{PauseAt: at(8, 50)}, shut, "09:00-13:00 15:00-18:00 "},
		{"after closing who waits is served", at(18, 10), Sitting{}, 0, "18:10-20:10 "},
	} {
		st := c.st
		st.CounterID = e.c1
		if got := text(e.house.declared(&st, c.now, c.closes)); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

// Who would hardly be served today gets no number at the kiosk, and one at reception.
func TestNoNumberInVain(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		ctx := t.Context()
		e.sit(e.anna, e.c1)
		e.lived(estimate.Enough)
		e.clockTo(17, 30)
		first := NewTicket{ServiceID: e.registry, Key: "the-first-touch"}
		i := must(e.IssueAtKiosk(ctx, e.kiosk, first))(t)
		for range 14 {
			must(e.IssueTicket(ctx, e.anna, NewTicket{SiteID: e.site, ServiceID: e.registry, Key: e.key()}))(t)
		}
		e.after(oldest)
		_, err := e.IssueAtKiosk(ctx, e.kiosk, NewTicket{ServiceID: e.registry, Key: e.key()})
		refused(t, err, NotToday)
		if again := must(e.IssueAtKiosk(ctx, e.kiosk, first))(t); !again.Repeated || again.Ticket.ID != i.Ticket.ID {
			t.Error("the second of two touches is another ticket")
		}
		must(e.IssueTicket(ctx, e.anna, NewTicket{SiteID: e.site, ServiceID: e.registry, Key: e.key()}))(t)
		if x := e.forecast().Service(e.taxes, order.WalkIn); x.Today != TodayUnknown {
			t.Errorf("of a service that nobody does now: %+v", x)
		}
	})
}

// Many who look at once cost one replay; each sees what happened before it looked.
func TestManyLookAtOneForecast(t *testing.T) {
	e := newEnv(t, dbtest.SQLite(t))
	e.sit(e.anna, e.c1)
	e.lived(estimate.Enough)
	e.take(e.registry)
	f := e.forecast()
	for range 50 {
		if e.forecast() != f {
			t.Fatal("nothing has happened, and it was made again")
		}
	}
	i := e.take(e.registry)
	g := e.forecast()
	if _, ok := g.Step(i.Step.ID); g == f || !ok {
		t.Error("a new number is not in it")
	}
	e.after(oldest)
	if e.forecast() == g {
		t.Error("half a minute later it is the same")
	}
	done := make(chan *Forecast)
	for range 20 {
		go func() {
			f, err := e.Forecast(t.Context(), e.site)
			if err != nil {
				t.Error(err)
			}
			done <- f
		}()
	}
	seen := map[*Forecast]bool{}
	for range 20 {
		seen[<-done] = true
	}
	if len(seen) != 1 {
		t.Errorf("%d forecasts of one room", len(seen))
	}
}

// How promises were kept is for heads and administrators.
func TestKept(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		ctx := t.Context()
		e.sit(e.anna, e.c1)
		e.lived(estimate.Enough)
		for range 12 {
			e.take(e.registry)
			e.forecast()
			e.after(2 * time.Minute)
			d := e.serve(e.anna, e.c1)
			e.after(3 * time.Minute)
			e.finish(e.anna, d.Step.ID)
		}
		e.learn()
		today := e.house.Today(e.clock.Now())
		k := must(e.Kept(ctx, e.admin, e.site, today.Add(-6), today))(t)
		if k.Made != 12 || k.Called != 12 || k.InTime < 9 || k.Waits != 42 || k.Learnt == 0 || k.Share() != (100*k.InTime+6)/12 {
			t.Errorf("%+v", k)
		}
		n := 0
		for _, c := range k.ByHour {
			n += c.N
		}
		if n != 12 || len(k.ByDay) != 1 || k.ByDay[0].Band != string(today) || k.ByClass[0].Band != "walkin" || len(k.ByWait) == 0 {
			t.Errorf("%+v", k)
		}
		if got := must(e.KeptOn(ctx, e.site, today))(t); got != k.Share() {
			t.Errorf("%d in a hundred, and %d", got, k.Share())
		}
		if _, err := e.Kept(ctx, e.anna, e.site, today, today); err != ErrNotFound {
			t.Errorf("to an operator: %v", err)
		}
		e.exec("INSERT INTO operator_roles (operator_id, office_id, role) VALUES (?, ?, 'head')", e.bruno.OperatorID, e.urp)
		must(e.Kept(ctx, e.bruno, e.site, today, today))(t)
		if _, err := e.Kept(ctx, e.admin, e.site, today, today.Add(-1)); err == nil {
			t.Error("days that run backwards")
		}
	})
}

// Who lets others go first is told what that costs.
func TestLettingPassIsExpected(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		e.sit(e.anna, e.c1)
		e.lived(estimate.Enough)
		for range 6 {
			e.take(e.registry)
		}
		mine := e.take(e.registry)
		must(e.Follow(t.Context(), Owner{Secret: mine.Secret}))(t)
		before := e.expect(mine)
		for range 3 {
			e.take(e.registry)
		}
		e.forecast()
		must(e.LetPass(t.Context(), Owner{Secret: mine.Secret}, 3, "pass"))(t)
		after := e.expect(mine)
		if !after.Known || after.Move != estimate.Later || after.Ahead != 9 || after.Range.High <= before.Range.High {
			t.Errorf("%+v, before %+v", after, before)
		}
	})
}
