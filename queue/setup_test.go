package queue

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"filodiretto/inbox"
	"filodiretto/queue/order"
)

// Queue 3, row 5: opening hours that are shortened under bookings list them. The
// appointments stay what they are.
func TestIssue1654ShorterHoursListTheAppointmentsBeneath(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		ctx := t.Context()
		agenda := int64(77)
		e.exec("INSERT INTO agendas (id, site_id, key, names, slot_min, capacity, public) VALUES (?, ?, 'a', '{}', 30, 1, 1)", agenda, e.site)
		book := func(id int64, day Day, minute int, state string) {
			at := day.At(minute, rome)
			e.exec("INSERT INTO appointments (id, site_id, agenda_id, service_id, start_at, end_at, public, state, idem_key, created_at) VALUES (?, ?, ?, ?, ?, ?, TRUE, ?, ?, 1)",
				id, e.site, agenda, e.registry, at, at.Add(30*time.Minute), state, e.key())
		}
		book(1, "2026-11-24", 12*60, "booked")
		book(2, "2026-11-24", 12*60+30, "booked")
		book(3, "2026-11-24", 12*60+30, "held")
		book(4, "2026-11-24", 12*60+30, "cancelled")
		book(5, "2026-11-23", 8*60, "booked") // over
		book(6, "2026-11-24", 15*60, "booked")
		ids := func(c []Conflict, err error) string {
			t.Helper()
			var out []string
			for _, x := range must(c, err)(t) {
				out = append(out, idText(x.ID))
			}
			return strings.Join(out, " ")
		}
		shorter := map[int]Ranges{2: {{8 * 60, 12*60 + 45}, {15 * 60, 18 * 60}}}
		if got := ids(e.SaveHours(ctx, e.admin, e.site, 0, shorter)); got != "2 3" {
			t.Error(got)
		}
		if got := ids(e.SaveDay(ctx, e.admin, e.site, 0, SpecialDay{Day: "2026-11-24"})); got != "1 2 3 6" {
			t.Error(got)
		}
		if got := ids(e.DropDay(ctx, e.admin, e.site, 0, "2026-11-24")); got != "2 3" {
			t.Error(got)
		}
		if n := e.number64("SELECT count(*) FROM appointments WHERE state = 'booked'"); n != 4 {
			t.Error("an appointment was changed")
		}
	})
}

func TestSetUpIsChecked(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		ctx := t.Context()
		group := e.house.Groups[0].ID
		names := Names{"it": "x"}
		for field, f := range map[string]func() error{
			"key":  func() error { _, err := e.SaveSite(ctx, e.admin, SiteEdit{Key: "Ü", Name: "x"}); return err },
			"name": func() error { _, err := e.SaveSite(ctx, e.admin, SiteEdit{Key: "x"}); return err },
			"rule": func() error {
				_, err := e.SaveSite(ctx, e.admin, SiteEdit{Key: "x", Name: "x", Settings: SiteSettings{Rule: "lottery"}})
				return err
			},
			"patron": func() error {
				_, err := e.SaveSite(ctx, e.admin, SiteEdit{Key: "x", Name: "x", Settings: SiteSettings{Patron: "30-02"}})
				return err
			},
			"early_min": func() error {
				_, err := e.SaveSite(ctx, e.admin, SiteEdit{Key: "x", Name: "x", Settings: SiteSettings{EarlyMin: -1}})
				return err
			},
			"key ":    func() error { _, err := e.SaveSite(ctx, e.admin, SiteEdit{Key: "municipio", Name: "x"}); return err },
			"hours":   func() error { _, err := e.SaveHours(ctx, e.admin, e.site, 0, map[int]Ranges{1: {{5, 5}}}); return err },
			"weekday": func() error { _, err := e.SaveHours(ctx, e.admin, e.site, 0, map[int]Ranges{8: nil}); return err },
			"day":     func() error { _, err := e.SaveDay(ctx, e.admin, e.site, 0, SpecialDay{Day: "x"}); return err },
			"series": func() error {
				_, err := e.SaveGroup(ctx, e.admin, Group{SiteID: e.site, Key: "g", Names: names, Series: "AK"})
				return err
			},
			"series ": func() error {
				_, err := e.SaveGroup(ctx, e.admin, Group{SiteID: e.site, Key: "g", Names: names, Series: "A"})
				return err
			},
			"names": func() error {
				_, err := e.SaveGroup(ctx, e.admin, Group{SiteID: e.site, Key: "g", Series: "B"})
				return err
			},
			"group": func() error {
				_, err := e.SaveService(ctx, e.admin, Service{SiteID: e.site, Key: "s", Names: names, GroupID: 4, Minutes: 5, OfficeID: e.urp})
				return err
			},
			"minutes": func() error {
				_, err := e.SaveService(ctx, e.admin, Service{SiteID: e.site, Key: "s", Names: names, GroupID: group, OfficeID: e.urp})
				return err
			},
			"slope": func() error {
				_, err := e.SaveClass(ctx, e.admin, Class{SiteID: e.site, Key: "c", Names: names})
				return err
			},
			"key  ": func() error {
				c := *e.house.ClassOf(order.Protected)
				c.Key = "other"
				_, err := e.SaveClass(ctx, e.admin, c)
				return err
			},
			"kind": func() error {
				_, err := e.SaveCounter(ctx, e.admin, CounterEdit{Counter: Counter{SiteID: e.site, Key: "k", Name: "k", Kind: "sofa", OfficeID: e.urp}})
				return err
			},
			"skills": func() error {
				_, err := e.SaveCounter(ctx, e.admin, CounterEdit{Counter: Counter{SiteID: e.site, Key: "k", Name: "k", Kind: "desk", OfficeID: e.urp}, Skills: []Skill{{ServiceID: 3}}})
				return err
			},
			"shifts": func() error {
				_, err := e.SaveCounter(ctx, e.admin, CounterEdit{Counter: Counter{SiteID: e.site, Key: "k", Name: "k", Kind: "desk", OfficeID: e.urp}, Shifts: []Shift{{Weekday: 1, Kind: "nap", FromMin: 1, ToMin: 2}}})
				return err
			},
			"kind ": func() error {
				_, _, err := e.SaveDevice(ctx, e.admin, DeviceEdit{SiteID: e.site, Kind: "toaster", Name: "x"})
				return err
			},
			"counter": func() error {
				_, _, err := e.SaveDevice(ctx, e.admin, DeviceEdit{SiteID: e.site, Kind: "tablet", Name: "x"})
				return err
			},
		} {
			if err := f(); !isInvalid(err, strings.TrimSpace(field)) {
				t.Errorf("%s: %v", field, err)
			}
		}
		if v := must(e.House(ctx, e.site))(t).Site.Version; v != e.house.Site.Version {
			t.Error("a refused change counts")
		}
	})
}

func TestWhoSetsUp(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		ctx := t.Context()
		for name, v := range map[string]inbox.Viewer{"front": e.anna, "back": e.carla, "nobody": {}} {
			if _, err := e.SaveSite(ctx, v, SiteEdit{Key: "x", Name: "x"}); err != ErrNotFound {
				t.Errorf("%s: %v", name, err)
			}
			if _, err := e.SaveHours(ctx, v, e.site, 0, nil); err != ErrNotFound {
				t.Errorf("%s: %v", name, err)
			}
			if _, _, err := e.SaveDevice(ctx, v, DeviceEdit{SiteID: e.site, Kind: "kiosk", Name: "x"}); err != ErrNotFound {
				t.Errorf("%s: %v", name, err)
			}
		}
		if _, err := e.SaveHours(ctx, e.admin, e.site, 1, nil); err != ErrChanged {
			t.Error(err)
		}
		if _, err := e.SaveHours(ctx, e.admin, 4, 0, nil); err != ErrNotFound {
			t.Error(err)
		}
		h := must(e.House(ctx, e.site))(t)
		if _, err := e.SaveSite(ctx, e.admin, SiteEdit{ID: e.site, Version: h.Site.Version, Key: "municipio", Name: "Sede"}); err != nil {
			t.Error(err)
		}
		if h := must(e.SiteByKey(ctx, "municipio"))(t); h.Site.Name != "Sede" || len(h.Counters) != 3 || len(h.Classes) != 3 {
			t.Errorf("%+v", h.Site)
		}
		// Every change is an event with who did it.
		if n := e.number64("SELECT count(*) FROM events WHERE kind = 'queue.set_up' AND (operator_id <> ? OR actor <> 'administrator')", e.admin.OperatorID); n != 0 {
			t.Error(n)
		}
	})
}

// What is in use is not taken away; what is not, is, and nobody can use it any more.
func TestTakingThingsAway(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		ctx := t.Context()
		i := e.take(e.taxes)
		e.sit(e.carla, e.c3)
		refused(t, e.EndService(ctx, e.admin, e.site, e.taxes), InUse)
		refused(t, e.EndCounter(ctx, e.admin, e.site, e.c3), InUse)
		refused(t, e.CloseSite(ctx, e.admin, e.site, 0), InUse)
		d := e.serve(e.carla, e.c3)
		e.finish(e.carla, d.Step.ID)
		if err := e.EndService(ctx, e.admin, e.site, e.taxes); err != nil {
			t.Fatal(err)
		}
		if _, err := e.IssueAtKiosk(ctx, e.kiosk, NewTicket{ServiceID: e.taxes, Key: "k"}); !isInvalid(err, "service") {
			t.Error(err)
		}
		if must(e.House(ctx, e.site))(t).Service(e.taxes) == nil {
			t.Error("the name of old tickets is lost", i.Ticket.Label)
		}
		if err := e.Leave(ctx, e.carla, e.c3, false); err != nil {
			t.Fatal(err)
		}
		if err := e.EndCounter(ctx, e.admin, e.site, e.c3); err != nil {
			t.Fatal(err)
		}
		if _, err := e.Open(ctx, e.carla, e.c3, 0); err != ErrNotFound {
			t.Error(err)
		}
		must(e.EndDay(ctx, e.anna, e.site))(t)
		if err := e.CloseSite(ctx, e.admin, e.site, 0); err != nil {
			t.Fatal(err)
		}
		if s := must(e.Sites(ctx))(t); len(s) != 0 {
			t.Error(s)
		}
		if _, err := e.IssueAtKiosk(ctx, e.kiosk, NewTicket{ServiceID: e.registry, Key: "l"}); err != ErrNotFound {
			t.Error(err)
		}
	})
}

// A process whose set-up is old by one change does not decide with it.
func TestSetUpOfAnotherProcess(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		ctx := t.Context()
		e.take(e.registry)
		other := e.open(e.dsn, e.clock)
		g := *e.house.Groups[0]
		g.Series = "B"
		must(other.SaveGroup(ctx, e.admin, g))(t)
		if i := e.take(e.registry); i.Ticket.Label != "B1" {
			t.Error(i.Ticket.Label)
		}
	})
}

// The site's rule decides; changing it puts those with appointments, who are here
// already, where the new rule has them.
func TestRulesOfASite(t *testing.T) {
	for rule, want := range map[order.Rule]string{
		order.Affine: "A3 A2 A1", order.FirstCome: "A1 A2 A3", order.Strict: "A3 A2 A1", order.LongestWait: "A1 A3 A2", order.AppointmentsFirst: "A2 A1 A3",
	} {
		t.Run(string(rule), func(t *testing.T) {
			eachDB(t, func(t *testing.T, e *env) {
				ctx := t.Context()
				plain := e.take(e.registry)
				e.after(time.Minute)
				slot := e.clock.Now().Add(10 * time.Minute)
				booked := e.take(e.registry)
				step := e.stepNow(booked.Step.ID)
				step.SlotAt, step.ClassID = slot, e.house.ClassOf(order.Appointment).ID
				e.house.place(step)
				e.exec("UPDATE steps SET slot_at = ?, class_id = ?, line = ?, ref_at = ? WHERE id = ?", slot, step.ClassID, step.Line, step.RefAt, step.ID)
				e.after(time.Minute)
				prior := e.take(e.registry, func(n *NewTicket) { n.Class = order.Protected })
				edit := SiteEdit{ID: e.site, Key: "municipio", Name: "Municipio", Settings: SiteSettings{Rule: rule}}
				must(e.SaveSite(ctx, e.admin, edit))(t)
				e.sit(e.anna, e.c1)
				var got []string
				for range 3 {
					d := e.call(e.anna, e.c1)
					got = append(got, d.Ticket.Label)
					must(e.NoShow(ctx, e.anna, e.act(d)))(t)
				}
				if s := strings.Join(got, " "); s != want {
					t.Errorf("%s, want %s (%d %d)", s, want, plain.Ticket.ID, prior.Ticket.ID)
				}
			})
		})
	}
}

// Queue 3, row 15: an appointment's window begins at an instant and not a minute
// later, and so does being late.
func TestIssue2889BoundariesAtTheSlot(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		ctx := t.Context()
		slot := e.clock.Now().Add(40 * time.Minute)
		var early, onTime, late *Step
		at := func(when time.Duration) *Step {
			e.manual.Advance(slot.Add(when).Sub(e.clock.Now()))
			var s *Step
			err := e.at(ctx, e.site, want{}, func(ctx context.Context, r *room) error {
				i, err := r.give(ctx, giving{
					NewTicket: NewTicket{ServiceID: e.registry, Class: order.Appointment, Lang: "it", Origin: ForAppointment}, by: automation, key: e.key(),
					day: r.today, number: int64(100 + e.n), at: r.now, slot: slot,
				})
				if err == nil {
					s = i.Step
				}
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			return s
		}
		early = at(-20 * time.Minute)
		if early.EligibleAt != slot.Add(-15*time.Minute) || early.RefAt != slot || early.Line != slotLine {
			t.Errorf("%+v", early)
		}
		e.sit(e.anna, e.c1)
		e.manual.Advance(slot.Add(-15*time.Minute).Sub(e.clock.Now()) - time.Microsecond)
		_, err := e.CallNext(ctx, e.anna, At{CounterID: e.c1})
		refused(t, err, Nobody)
		e.after(time.Microsecond)
		d := e.call(e.anna, e.c1)
		if d.Step.ID != early.ID || d.Step.FirstCalledAt != d.Step.EligibleAt || e.segments(early.ID) != "away 5m0s, waiting 0s, called" {
			t.Error(e.segments(early.ID))
		}
		if onTime = at(15 * time.Minute); onTime.RefAt != slot || onTime.Line != slotLine {
			t.Errorf("%+v", onTime)
		}
		if late = at(15*time.Minute + time.Microsecond); late.RefAt != e.clock.Now() || late.Line != lateLine {
			t.Errorf("%+v", late)
		}
	})
}

// Lists of services follow their groups, as the kiosk does: what belongs together stands
// together, however the services are numbered within their groups.
func TestServicesFollowTheirGroups(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		e.exec("UPDATE services SET ord = 2 WHERE id = ?", e.cards)
		e.exec("UPDATE services SET ord = 1 WHERE id IN (?, ?)", e.registry, e.taxes)
		e.exec("UPDATE service_groups SET ord = 2 WHERE series = 'A'")
		e.exec("UPDATE service_groups SET ord = 1 WHERE series = 'T'")
		h := &House{Site: &Site{ID: e.site}, Skills: map[int64][]Skill{}, Shifts: map[int64][]Shift{}}
		if err := h.loadParts(t.Context(), e.db.Read); err != nil {
			t.Fatal(err)
		}
		var got []int64
		for _, s := range h.Services {
			got = append(got, s.ID)
		}
		if want := []int64{e.taxes, e.registry, e.cards}; !slices.Equal(got, want) {
			t.Errorf("%v, not %v", got, want)
		}
	})
}
