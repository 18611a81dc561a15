package sample

import (
	"strconv"

	"filodiretto/web/page"
)

// Agendas is every page of appointments for the staff by name.
func Agendas() map[string]page.View {
	day := AgendaDay()
	slot, see, move, book, week, shut := day, day, day, day, day, day
	open := day.Days[0].Slots[2]
	slot.Slot = &page.AgendaSlot{AgendaSlotLine: open, BookURL: "/agenda?book=1", Value: "1", Back: "/agenda"}
	line := day.Days[0].Slots[0].Lines[0]
	see.See = &page.AgendaSee{
		AgendaLine: line, End: At(17, 9, 0), Version: 2, Booked: At(12, 15, 20), By: "Giulia Moretti", MayArrive: true, MayMiss: true, MayChange: true,
		MoveURL: "/agenda?move=1", CancelURL: "/agenda?cancel=1", Back: "/agenda", File: &page.VisitFile{Person: PersonPane().Person, Identities: PersonPane().Identities, Open: caseLines()[:1]},
	}
	moving := *see.See
	moving.Moving, moving.MoveDays = true, []page.BookDay{{At: At(18, 8, 0), Times: []page.BookTime{{At: At(18, 9, 0), Value: "1", Free: 2}, {At: At(18, 9, 30), Value: "2", Free: 1}}}}
	move.See = &moving
	book.Book = &page.AgendaBook{
		Start: open.Start, Value: "1", Agenda: 1, Services: Offices(), Classes: Offices()[:2], Query: "ferrante", Find: "/agenda/people?agenda=1",
		Picks: page.AgendaPicks{Asked: true, People: []page.AgendaPick{{PersonLine: PersonLines()[0], URL: "/agenda?person=1"}}}, Faults: []page.FieldFault{{Field: "person", Key: "required"}}, Key: "k", Back: "/agenda",
	}
	week.Week, week.At, week.Until = true, At(16, 8, 0), At(22, 8, 0)
	week.Days = append(week.Days, page.AgendaDay{At: At(18, 8, 0), URL: "/agenda?day=2026-11-18", Why: "shut", Reason: "ponte"})
	shut.Days, shut.Booked, shut.Free = []page.AgendaDay{{At: At(22, 8, 0), Why: "holiday", Reason: "domenica"}}, 0, 0
	conflict := line
	conflict.ID, conflict.Person = 9, "Rosa Pellegrini"
	return map[string]page.View{
		"agenda": day, "agenda-slot": slot, "agenda-see": see, "agenda-move": move, "agenda-book": book, "agenda-week": week, "agenda-shut": shut,
		"agenda-none": page.Agenda{Shell: Shell(page.SectionAgenda)},
		"agenda-conflicts": page.AgendaConflicts{Shell: Shell(page.SectionAgenda), Site: 1, Name: "Municipio", Back: "/agenda", Lines: []page.AgendaConflict{
			{AgendaLine: conflict, Version: 1, Agenda: "Anagrafe su appuntamento", Why: "shut", Next: "call", Free: []page.BookTime{{At: At(18, 9, 0), Value: "1", Free: 2}}, MayAct: true},
		}},
		"agenda-waiting": page.AgendaWaiting{
			Shell: Shell(page.SectionAgenda), ID: 1, Name: "Anagrafe su appuntamento", Back: "/agenda", Form: page.AgendaJoin{Key: "k", Services: Offices(), From: "2026-11-18"},
			Lines: []page.AgendaWish{
				{ID: 1, Person: "Lucia Ferrante", Service: "Carta d’identità elettronica", From: At(18, 8, 0), To: At(25, 8, 0), Since: At(16, 10, 2), Offers: 1, Offered: true},
				{ID: 2, Service: "Colloquio", Since: At(16, 11, 0), Veiled: true},
			},
		},
	}
}

// AgendaDay is a morning of an agenda with every state of an appointment.
func AgendaDay() page.Agenda {
	a := page.Agenda{
		Shell: Shell(page.SectionAgenda), ID: 1, Site: 1, Name: "Anagrafe su appuntamento", SiteName: "Municipio", At: At(17, 8, 0), Until: At(17, 8, 0), Day: "2026-11-17",
		Prev: "/agenda?day=2026-11-16", Next: "/agenda?day=2026-11-18", Today: "/agenda", DayURL: "/agenda", WeekURL: "/agenda?view=week", Close: "/agenda",
		Booked: 3, Arrived: 1, Missed: 1, Free: 9, Conflicts: 1, Waiting: 2,
		Choices: []page.AgendaChoice{{Name: "Anagrafe su appuntamento", Site: "Municipio", URL: "/agenda?agenda=1", Current: true}, {Name: "Tecnico dell’edilizia", Site: "Municipio", URL: "/agenda?agenda=2"}},
	}
	states := []string{"booked", "arrived", "no_show", "held", "done", "booked"}
	names := []string{"Lucia Ferrante", "Ahmed Benali", "Anna Bellini", "", "Irina Popescu", "Matteo Grandi"}
	d := page.AgendaDay{At: a.At, Today: true, URL: "/agenda"}
	for i, state := range states {
		start := At(17, 8+i/2, 30*(i%2))
		d.Slots = append(d.Slots, page.AgendaSlotLine{
			Start: start, End: At(17, 8+(i+1)/2, 30*((i+1)%2)), URL: "/agenda?slot=" + strconv.Itoa(i), Capacity: 3, ForPublic: 2, Free: 2, Public: 1, Taken: 1, Past: i < 1, Own: i == 2, Resting: i % 2,
			Lines: []page.AgendaLine{{
				ID: int64(i + 1), URL: "/agenda?see=" + strconv.Itoa(i+1), At: start, Person: names[i], Service: "Carta d’identità elettronica", State: state, Until: At(17, 11, 22), Code: "K7MXQ2",
				Note: "Porta la vecchia carta.", Label: "A12", Online: i%2 == 0, Sure: i == 0, Veiled: i == 5,
			}},
		})
	}
	d.Others = []page.AgendaLine{{ID: 9, URL: "/agenda?see=9", At: At(17, 14, 30), Person: "Rosa Pellegrini", Service: "Cambio di residenza", State: "booked"}}
	a.Days = []page.AgendaDay{d}
	return a
}
