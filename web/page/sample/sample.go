// Package sample is a morning in Pontelieto, a made-up Comune, as views: for
// tests of the pages and for looking at them while they are built.
package sample

import (
	"time"

	"filodiretto/internal/clock"
	"filodiretto/web/page"
)

// Zone is the municipality's time zone.
var Zone = mustZone("Europe/Rome")

// Now is the moment of all samples: Tuesday 17 November 2026, 11:12.
var Now = At(17, 11, 12)

func mustZone(name string) *time.Location {
	z, err := time.LoadLocation(name)
	if err != nil {
		return time.FixedZone("CET", 3600)
	}
	return z
}

// At is a moment of November 2026.
func At(day, hour, minute int) clock.Instant {
	return clock.At(time.Date(2026, 11, day, hour, minute, 0, 0, Zone))
}

// On is a day of another month of 2026.
func On(month time.Month, day int) clock.Instant {
	return clock.At(time.Date(2026, month, day, 10, 0, 0, 0, Zone))
}

// Shell is the frame of a page.
func Shell(s page.Section) page.Shell {
	return page.Shell{
		Section: s, Place: "URP", Back: "/cases",
		Me:     page.Me{ID: 1, Name: "Giulia Moretti", Office: "URP", Roles: []page.Role{page.RoleHead, page.RoleFront}, Lang: page.Italian, Keys: true},
		May:    page.May{Inbox: true, Reception: true, Queue: true, People: true, Quarantine: true, Channels: true, Admin: true, AdminAll: true, Compose: true},
		Health: page.Health{Total: 4, Up: 4}, Tally: page.Tally{Unread: 38}, Quarantined: 2,
	}
}

// Views is the left pane.
func Views() page.Views {
	return page.Views{
		Current: page.ViewOffice, Quarantine: 2, ShowQuarantine: true, ShowReception: true,
		Counts: map[page.ViewID]int{
			page.ViewMine: 12, page.ViewUnassigned: 7, page.ViewOffice: 138, page.ViewSoon: 5, page.ViewOverdue: 2,
			page.ViewCopied: 2, page.ViewComplaints: 4, page.ViewWaiting: 11, page.ViewSnoozed: 6, page.ViewFailed: 1,
		},
		Unread: map[page.ViewID]int{page.ViewMine: 3, page.ViewOffice: 38},
		Saved:  []page.SavedView{{ID: 71, Name: "Buche in attesa", Query: "buca stato:attesa"}},
	}
}

func who(name string) *page.Who { return &page.Who{ID: 2, Name: name} }

// Rows is the list.
func Rows() page.Rows {
	v := page.ViewOffice
	ok, soon, late := page.LevelOK, page.LevelSoon, page.LevelLate
	rows := []page.Row{
		{Number: "2026/004127", Channel: page.ChannelTelegram, From: "Lucia Ferrante", Subject: "Ponteggio via Garibaldi 14", Last: "Ecco la planimetria con le quote", At: At(17, 11, 4), Kind: page.KindRequest, Status: page.StatusOpen, Due: page.Due{At: At(17, 17, 0), Level: soon}, Office: "Suolo pubblico", Assignee: who("Giulia Moretti"), Presence: []page.Presence{{Name: "Sara", Doing: page.Writing, Since: At(17, 11, 11)}}, Current: true},
		{Number: "2026/004131", Channel: page.ChannelMail, From: "Geom. Andrea Salvi", Subject: "SCIA corso Matteotti 9", Last: "Si trasmettono gli elaborati richiesti", At: At(17, 10, 51), Unread: true, Kind: page.KindRequest, Status: page.StatusOpen, Due: page.Due{At: At(23, 12, 0), Level: ok}, Office: "Edilizia privata", Presence: []page.Presence{{Name: "Marco", Doing: page.Looking}}},
		{Number: "2026/004098", Channel: page.ChannelPhone, From: "Rosa Pellegrini", Subject: "TARI, conteggio doppio", Last: "Richiama: ha pagato due volte il box", At: At(13, 9, 30), Kind: page.KindRequest, Status: page.StatusOpen, Due: page.Due{At: At(15, 12, 0), Level: late}, Office: "Tributi", Assignee: who("Elena Costa"), Priority: true},
		{Number: "2026/004130", Channel: page.ChannelMail, From: "Franco Olivieri", Subject: "Reclamo, attesa allo sportello", Last: "Sabato ho aspettato 40 minuti", At: At(17, 10, 22), Unread: true, Kind: page.KindComplaint, Status: page.StatusOpen, Due: page.Due{At: At(18, 12, 0), Level: soon}, Office: "URP"},
		{Number: "2026/004011", Channel: page.ChannelMail, From: "Condominio Le Betulle", Subject: "Accesso agli atti, via Po 3", Last: "Risposta inviata", LastOut: true, LastBy: "Giulia", At: At(16, 16, 40), Kind: page.KindRecordsAccess, Status: page.StatusOpen, Failed: true, Office: "Edilizia privata", Assignee: who("Giulia Moretti")},
		{Number: "2026/004102", Channel: page.ChannelTelegram, From: "Ahmed Benali", Subject: "Cambio di residenza", Last: "Quando passano i vigili per il controllo?", At: At(17, 10, 37), Kind: page.KindInformation, Status: page.StatusOpen, Due: page.Due{At: At(29, 12, 0), Level: ok}, Office: "Anagrafe", Assignee: who("Davide Riva")},
		{Number: "2026/004126", Channel: page.ChannelCounter, From: "Irina Popescu", Subject: "Carta d’identità", Last: "Torna per il ritiro", At: At(17, 9, 48), Kind: page.KindRequest, Status: page.StatusOpen, Due: page.Due{At: At(26, 12, 0), Level: ok}, Office: "Anagrafe"},
		{Number: "2026/004125", Channel: page.ChannelWeb, From: "Matteo Grandi", Subject: "Lampione spento, via dei Mille", Last: "Da venerdì è buio davanti alla scuola", At: At(17, 9, 15), Unread: true, Kind: page.KindReport, Status: page.StatusOpen, Due: page.Due{At: At(20, 12, 0), Level: ok}, Office: "Lavori pubblici"},
		{Number: "2026/004124", Channel: page.ChannelMail, From: "t.ricci@posta.example", Subject: "Graduatoria del nido", Last: "Non trovo il numero di mia figlia", At: At(17, 8, 58), Suspect: true, Kind: page.KindInformation, Status: page.StatusOpen, Office: "Scuola"},
		{Number: "2026/004076", Channel: page.ChannelSMS, From: "Anna Bellini", Subject: "Appuntamento tributi", Last: "Confermo giovedì alle 10", At: At(16, 18, 2), Kind: page.KindRequest, Status: page.StatusWaiting, Office: "Tributi", Assignee: who("Elena Costa")},
		{Number: "2026/004070", Channel: page.ChannelMail, From: "Associazione La Rondine", Subject: "Sala civica, 5 dicembre", Last: "Alleghiamo lo statuto aggiornato", At: At(16, 12, 20), Kind: page.KindRequest, Status: page.StatusOpen, Due: page.Due{At: At(25, 12, 0), Level: ok}, Office: "Cultura", Assignee: who("Giulia Moretti")},
		{Number: "2026/003990", Channel: page.ChannelMail, From: "Paolo Neri", Subject: "Cassonetto rotto in via Po", Last: "Grazie, aspetto notizie", At: At(12, 12, 20), Kind: page.KindReport, Status: page.StatusOpen, SnoozedUntil: At(19, 9, 0), Office: "Ambiente"},
	}
	for i := range rows {
		rows[i].View = v
	}
	return page.Rows{View: v, Rows: rows, Total: 138, Before: "eyJhIjoxfQ", Order: page.OrderRecent, Offices: Offices()}
}

// Offices are the offices as choices.
func Offices() []page.Choice {
	return []page.Choice{
		{Value: "1", Label: "URP", Chosen: true},
		{Value: "2", Label: "Anagrafe"},
		{Value: "3", Label: "Edilizia privata"},
		{Value: "4", Label: "Lavori pubblici"},
		{Value: "5", Label: "Tributi"},
		{Value: "6", Label: "Suolo pubblico"},
	}
}

// Operators are colleagues as choices.
func Operators() []page.Choice {
	return []page.Choice{
		{Value: "1", Label: "Giulia Moretti", Hint: "tu", Chosen: true},
		{Value: "2", Label: "Sara Benassi", Hint: "8 aperte"},
		{Value: "3", Label: "Marco Tonelli", Hint: "14 aperte"},
		{Value: "4", Label: "Davide Riva", Hint: "5 aperte"},
	}
}

// Inbox is the whole page with a case open.
func Inbox() page.Inbox {
	return page.Inbox{Shell: Shell(page.SectionInbox), Views: Views(), List: Rows(), Work: Work()}
}

// savedView is the page with a search that the operator keeps.
func savedView() page.Inbox {
	in := Inbox()
	v := in.Views.Saved[0]
	in.Views.Current, in.List.View, in.List.Saved, in.List.Order, in.List.Total = v.View(), v.View(), &v, page.OrderFit, -1
	in.List.Rows, in.Work = in.List.Rows[:2], page.Work{View: v.View()}
	return in
}

// Work is the open case with its person.
func Work() page.Work {
	c := Case()
	p := PersonPane()
	return page.Work{Case: &c, Person: &p, View: page.ViewOffice}
}
