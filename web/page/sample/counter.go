package sample

import "filodiretto/web/page"

func queueLines() []page.QueueLine {
	return []page.QueueLine{
		{Step: 11, Version: 2, Ticket: 1, Label: "A12", Service: "Carta d’identità elettronica", State: "waiting", Since: At(17, 10, 41), Wait: wait(10, 20, 0), Today: "yes"},
		{Step: 12, Version: 1, Ticket: 2, Label: "C7", Service: "Segnalazioni e reclami", Class: "Precedenza", Person: "Lucia Ferrante", State: "waiting", Since: At(17, 11, 2), Wait: wait(15, 25, 1), Today: "perhaps"},
		{Step: 13, Version: 1, Ticket: 3, Label: "A13", Service: "Cambio di residenza", Class: "Appuntamento", State: "waiting", Since: At(17, 11, 5), Slot: At(17, 11, 15)},
		{Step: 14, Version: 1, Ticket: 4, Label: "B31", Service: "TARI (rifiuti)", State: "waiting", Since: At(17, 11, 9), Away: true, Wait: page.Wait{Nobody: true}},
	}
}

// Desks is the choice of a counter.
func Desks() page.Desks {
	return page.Desks{Shell: Shell(page.SectionCounter), Sites: []page.SiteDesks{{Name: "Municipio", Desks: []page.DeskChoice{
		{ID: 1, Name: "Sportello 1", Does: "Carta d’identità elettronica, Certificati, Cambio di residenza", By: "Anna Greco"},
		{ID: 3, Name: "Sportello 3", Does: "Carta d’identità elettronica, Certificati, Nascite, matrimoni e altri atti"},
		{ID: 7, Name: "Sportello 7", Does: "Informazioni, Consegna di documenti, Segnalazioni e reclami"},
	}}}}
}

// Counter is a counter that is free.
func Counter() page.Counter {
	return page.Counter{Shell: Shell(page.SectionCounter), Desk: page.CounterDesk{
		ID: 7, Name: "Sportello 7", Site: 1, SiteName: "Municipio", Waiting: 4, Key: "k", Next: queueLines(), Held: queueLines()[:1],
		Services: Offices(), Counters: Offices(), Offices: Offices(), Told: told(7), At: Now,
	}}
}

// told is what the devices of the Municipio want of who works there.
func told(counter int64) page.Told {
	return page.Told{
		Site: 1, Counter: counter, Ailing: []page.Ailing{{Device: "Totem ingresso", Problem: "carta finita"}},
		Notices: []page.RoomNotice{
			{ID: 61, Kind: "help", Device: "Totem ingresso", At: At(17, 11, 2)},
			{ID: 62, Kind: "refused", Device: "Totem scala B", Label: "AK3", Reason: "Il totem, mentre era scollegato, ha dato due volte lo stesso numero.", At: At(17, 11, 9)},
		},
	}
}

// CounterCalled is a counter whose number was called and has not come yet.
func CounterCalled() page.Counter {
	c := Counter()
	c.Desk.Undo, c.Desk.UndoTill = 5, Now
	line := queueLines()[1]
	line.State, line.Person = "called", ""
	c.Desk.Now = &page.DeskVisit{
		QueueLine: line, Since: At(17, 11, 11), Waited: 9, Calls: 2, Lang: page.Italian, Query: "ferrante", Found: PersonLines()[:2],
		Why: &page.WhyCalled{
			Reason: "class",
			Called: page.WhyLine{Label: "C7", Class: "Precedenza", Waited: 9, Head: "10", Slope: "×4", Value: "46"},
			Runner: &page.WhyLine{Label: "A12", Class: "Ordinario", Waited: 30, Head: "0", Slope: "×1", Value: "30"},
		},
	}
	return c
}

// CounterServing is a counter with a person whose file is open.
func CounterServing() page.Counter {
	c := CounterCalled()
	c.Desk.Now.Serving, c.Desk.Now.Query, c.Desk.Now.Found = true, "", nil
	c.Desk.Now.Steps = []page.VisitStep{{Service: "Segnalazioni e reclami", State: "serving"}, {Service: "Certificati", State: "booked"}}
	c.Desk.Now.File = &page.VisitFile{Person: PersonPane().Person, Identities: PersonPane().Identities, Open: caseLines()[:2], Past: 3, Possible: 1}
	return c
}

// CounterPaused is a counter on a break.
func CounterPaused() page.Counter {
	c := Counter()
	c.Desk.Told.Notices, c.Desk.Told.Ailing, c.Desk.Told.More = c.Desk.Told.Notices[:1], nil, 2
	c.Desk.Paused, c.Desk.Pause, c.Desk.Next, c.Desk.Held, c.Desk.Waiting = At(17, 11, 0), "break", nil, nil, 0
	return c
}

// LiveRoom is the room of a site.
func LiveRoom() page.Room {
	served := queueLines()[1]
	served.State, served.At = "serving", "Sportello 5"
	return page.Room{
		Shell: Shell(page.SectionQueue), Sites: []page.Choice{{Value: "1", Label: "Municipio", Chosen: true}, {Value: "2", Label: "Delegazione San Rocco"}},
		Live: page.RoomLive{
			Site: 1, Name: "Municipio", Open: true, Until: At(17, 17, 0), Code: "4821", Waiting: queueLines(), AtDesks: []page.QueueLine{served}, Elsewhere: 3,
			Unserved: []page.Unserved{{Service: "TARI (rifiuti)", Waiting: 1}, {Service: "Sportello unico edilizia", From: At(17, 15, 0)}}, SetUp: true,
			Told: told(0), MayWork: true, Estimates: true, Desk: 7, Key: "k", At: Now,
			Desks: []page.RoomDesk{
				{Name: "Sportello 5", By: "Sara Benassi", Label: "C6", State: "serving", Since: At(17, 11, 4)},
				{Name: "Sportello 6", By: "Davide Riva", Paused: true},
				{Name: "Sportello 7", By: "Giulia Moretti"},
			},
		},
	}
}
