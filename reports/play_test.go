package reports

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"filodiretto/internal/clock"
	"filodiretto/internal/db/dbtest"
	"filodiretto/queue"
	"filodiretto/queue/estimate"
	"filodiretto/queue/order"
	"filodiretto/queue/simulate"
)

// live plays days of a small office at the site and puts them in, Mondays.
func (e *env) live(c *clock.Manual, days ...queue.Day) (visits int) {
	e.t.Helper()
	m := simulate.IdentityCards()
	staff := map[int64]int64{}
	for i := range m.Services {
		m.Services[i].ID = e.services[i]
	}
	m.Counters = m.Counters[:3]
	for i := range m.Counters {
		m.Counters[i].Counter = e.house.Order(e.counters[i])
		staff[e.counters[i]] = e.staff[i].OperatorID
	}
	for i, day := range days {
		p := queue.PastDay{SiteID: e.site, Day: day, Staff: staff}
		simulate.Play(m.Days(day.Start(rome).Time().In(rome), 1, uint64(i))[0], e.house.Policy, func(x estimate.Event, _ *simulate.Room) { p.Events = append(p.Events, x) })
		c.Advance(day.At(21*60, rome).Sub(c.Now()))
		visits += must(e.q.PutPast(e.t.Context(), p))(e.t)
	}
	return visits
}

// These days lie after those of the tests before, since ids are given in order of time
// by the whole process.
//
// A site's own days, played again under its own rule, are about what they were; with a
// counter more at the worst time people wait less, and the advice says so.
func TestOwnDaysPlayedAgain(t *testing.T) {
	c := clock.NewManual(time.Date(2029, 3, 5, 0, 0, 0, 0, rome))
	e := newEnv(t, dbtest.SQLite(t), c)
	days := []queue.Day{"2029-03-05", "2029-03-12", "2029-03-19"}
	visits := e.live(c, days...)
	must(e.Update(t.Context()))(t)
	c.Advance(24 * time.Hour)

	f := must(e.Load(t.Context(), Filter{Site: e.site, From: days[0], To: days[2]}))(t)
	if f.Visits != visits || len(f.ByDay) != 3 || f.Weekdays[1] != 3 {
		t.Errorf("%d visits on %d days, put in %d", f.Visits, len(f.ByDay), visits)
	}
	typical := must(e.Typical(t.Context(), e.site, e.Today(), 1, 5))(t)
	if diff := cmp.Diff([]queue.Day{days[2], days[1], days[0]}, typical); diff != "" {
		t.Error(diff)
	}
	if other := must(e.Typical(t.Context(), e.site, e.Today(), 2, 5))(t); len(other) != 0 {
		t.Errorf("Tuesdays: %v", other)
	}
	p := must(e.Days(t.Context(), e.site, typical))(t)
	was, would := p.WhatIf(Change{More: []MoreCounter{{Like: e.counters[0], Hours: []queue.Range{{From: 600, To: 780}}}}})
	if real, again := p.Real.Mean(), int(was.All.Mean.Seconds()); again < real*2/3 || again > real*3/2 {
		t.Errorf("the mean wait was %d s, played %d s", real, again)
	}
	if would.All.P80 >= was.All.P80 {
		t.Errorf("P80 %v with a counter more, %v before", would.All.P80, was.All.P80)
	}
	_, shut := p.WhatIf(Change{Hours: map[int64][]queue.Range{e.counters[0]: {}}})
	if shut.All.Lost+shut.All.Called < was.All.Called || shut.All.P80 <= was.All.P80 && shut.All.Lost <= was.All.Lost {
		t.Errorf("with a counter shut: %+v, before %+v", shut.All, was.All)
	}
	a := must(e.Advise(t.Context(), e.site, 1))(t)
	if len(a.Best) == 0 || !a.Best[0].More || a.Best[0].After.P80 >= a.Best[0].Before.P80 || a.Best[0].Open == 0 || len(a.Bands) == 0 {
		t.Errorf("advice %+v", a.Best)
	}
	if again := must(e.Advise(t.Context(), e.site, 1))(t); again != a {
		t.Error("the same advice was made twice")
	}
	strict := p.House.Policy
	strict.Rule = order.Strict
	if _, s := p.WhatIf(Change{Policy: &strict}); s.Classes[order.Protected].P80 > was.Classes[order.Protected].P80 {
		t.Errorf("protected people wait %v under strict levels, %v before", s.Classes[order.Protected].P80, was.Classes[order.Protected].P80)
	}
	e.openData(days)
}

// openData looks at what everybody may have.
func (e *env) openData(days []queue.Day) {
	t := e.t
	lines := must(e.History(t.Context(), e.site, days[0], days[2].Add(30)))(t)
	if len(lines) == 0 {
		t.Fatal("no history")
	}
	for _, l := range lines {
		if l.Visits < FewVisits {
			t.Errorf("%s %d: %d visits are told apart", l.Day, l.Band, l.Visits)
		}
	}
	h, now, _, err := e.Monitor(t.Context(), "municipio")
	if err != nil || h.Site.ID != e.site || len(now) != len(e.services) {
		t.Fatalf("%d lines, %v", len(now), err)
	}
	got := must(e.q.IssueTicket(t.Context(), e.staff[0], queue.NewTicket{SiteID: e.site, ServiceID: e.services[0], Key: "m"}))(t)
	must(e.q.Open(t.Context(), e.staff[0], e.counters[0], 0))(t)
	_, now, _, err = e.Monitor(t.Context(), "municipio")
	if err != nil {
		t.Fatal(err)
	}
	if l := now[0]; !l.Open || l.Issued != got.Ticket.Label || l.ToServe != 1 || l.Counters != 1 || l.Served != "" {
		t.Errorf("line %+v", l)
	}
}

func TestSuppress(t *testing.T) {
	cell := func(service int64, n int) cellOf { return cellOf{service: service, visits: n} }
	for name, k := range map[string]struct{ in, want []cellOf }{
		"all large":                        {[]cellOf{cell(1, 9), cell(2, 5)}, []cellOf{cell(1, 9), cell(2, 5)}},
		"small ones together":              {[]cellOf{cell(1, 9), cell(2, 3), cell(3, 2)}, []cellOf{cell(1, 9), cell(0, 5)}},
		"one small, with the smallest":     {[]cellOf{cell(1, 9), cell(2, 6), cell(3, 2)}, []cellOf{cell(1, 9), cell(0, 8)}},
		"few even together: nothing":       {[]cellOf{cell(1, 2), cell(2, 2)}, nil},
		"one small beside one large: both": {[]cellOf{cell(1, 9), cell(2, 1)}, []cellOf{cell(0, 10)}},
	} {
		got := suppress(k.in)
		if len(got) == 0 {
			got = nil
		}
		if diff := cmp.Diff(k.want, got, cmp.AllowUnexported(cellOf{}, Spread{})); diff != "" {
			t.Errorf("%s:\n%s", name, diff)
		}
	}
}

func TestSheet(t *testing.T) {
	s := &Sheet{
		Key: "x", Name: "Attese: a/b", Columns: []Column{{"Servizio", Text}, {"Visite", Count}, {"P80 (min)", Minutes}, {"Quota", Share}},
		Rows: [][]any{{"=1+1;x", 3, 90, .125}, {"TARI", 0, -1, -1.0}},
	}
	want := "\ufeffServizio;Visite;P80 (min);Quota\r\n\"'=1+1;x\";3;1,5;12,5\r\nTARI;0;;\r\n"
	if got := string(s.CSV()); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	b, err := XLSX(s, &Sheet{Name: strings.Repeat("lungo ", 9), Columns: s.Columns})
	if err != nil {
		t.Fatal(err)
	}
	f, err := excelize.OpenReader(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := f.GetRows("Attese a-b")
	if err != nil || len(rows) != 3 || rows[1][0] != "=1+1;x" || rows[1][2] != "1.5" || rows[1][3] != "12.5" {
		t.Errorf("%q, %v", rows, err)
	}
	if formula, err := f.GetCellFormula("Attese a-b", "A2"); formula != "" || err != nil {
		t.Errorf("a text became the formula %q (%v)", formula, err)
	}
}

func TestHours(t *testing.T) {
	for in, want := range map[string]string{"8:30-13:00, 14-17.30": "08:30-13:00, 14:00-17:30", "-": "-"} {
		h, err := ParseHours(in)
		if got := FormatHours(h); err != nil || got != want {
			t.Errorf("%q: %q, %v", in, got, err)
		}
	}
	for _, in := range []string{"", "13-8", "8:70-9", "8-10,9-11", "8-25", "a-b"} {
		if _, err := ParseHours(in); err == nil {
			t.Errorf("%q was taken", in)
		}
	}
}
