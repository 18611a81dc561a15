package queue

import (
	"testing"
	"time"
)

func TestPutPastCountsAndIsPutInOnce(t *testing.T) {
	eachAgenda(t, func(t *testing.T, e *agendaEnv) {
		var list []PastAppointment
		for i := range 450 {
			day := Day("2026-11-20").Add(-i % 50)
			p := PastAppointment{
				AgendaID: e.agenda.ID, ServiceID: e.cards, Start: e.slot(day, 9, 0), BookedAt: e.slot(day.Add(-3), 9, 0), Person: "Rosa Neri", State: AppointmentDone,
				Public: true, Key: string(day) + time.Duration(i).String(),
			}
			if i%10 == 0 {
				p.State = AppointmentMissed
			}
			list = append(list, p)
		}
		if n := must(e.PutPast(t.Context(), list))(t); n != 450 {
			t.Fatal(n)
		}
		if n := must(e.PutPast(t.Context(), list))(t); n != 0 {
			t.Fatal("once", n)
		}
		advice := must(e.Advise(t.Context(), e.anna, e.agenda.ID, 2))(t)
		if advice.Expected != 450 || advice.NoShow != 0.1 || advice.Advised != 2 {
			t.Fatalf("%+v", advice)
		}
		for _, wrong := range []func(*PastAppointment){
			func(p *PastAppointment) { p.State = BookedSlot },
			func(p *PastAppointment) { p.Start = e.slot(tuesday, 9, 0) },
			func(p *PastAppointment) { p.Key = "" },
		} {
			p := list[0]
			wrong(&p)
			if _, err := e.PutPast(t.Context(), []PastAppointment{p}); err == nil {
				t.Errorf("%+v is put in", p)
			}
		}
	})
}
