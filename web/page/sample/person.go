package sample

import (
	"time"

	"filodiretto/web/page"
)

func identities() []page.Identity {
	return []page.Identity{
		{ID: 1, Kind: page.IdentityCF, Value: "FRRLCU72E51G999X", Proof: page.ProofCertain, Source: "document", SourceBy: "Davide Riva", At: At(10, 10, 12)},
		{ID: 2, Kind: page.IdentityTelegram, Value: "@lucia_f", Proof: page.ProofCertain, Source: "link", At: On(time.February, 2)},
		{ID: 3, Kind: page.IdentityEmail, Value: "lucia.ferrante@posta.example", Proof: page.ProofConfirmed, Source: "mail", At: On(time.March, 4)},
		{ID: 4, Kind: page.IdentityPhone, Value: "347 555 01 42", Proof: page.ProofDeclared, Source: "operator", SourceBy: "Sara Benassi", At: On(time.June, 9), Status: "opted_out"},
	}
}

func head() page.PersonHead {
	return page.PersonHead{ID: 41, Name: "Lucia Ferrante", Age: 54, Address: "via Garibaldi 14", Since: On(time.March, 4), Lang: "it"}
}

func caseLines() []page.CaseLine {
	return []page.CaseLine{
		{Number: number, Subject: "Ponteggio in via Garibaldi 14", Kind: page.KindRequest, Status: page.StatusOpen, Due: page.Due{At: At(17, 17, 0), Level: page.LevelSoon}, Office: "Suolo pubblico"},
		{Number: "2026/003871", Subject: "TARI, riduzione compostaggio", Kind: page.KindRequest, Status: page.StatusOpen, Due: page.Due{At: On(time.December, 5), Level: page.LevelOK}, Office: "Tributi"},
		{Number: "2026/001204", Subject: "Marciapiede rotto", Kind: page.KindComplaint, Status: page.StatusClosed, Office: "Lavori pubblici"},
		{Number: "2025/008830", Subject: "Carta d’identità elettronica", Kind: page.KindRequest, Status: page.StatusClosed, Office: "Anagrafe"},
	}
}

// PersonLink is the sheet with which a person links a chat.
func PersonLink() page.PersonLink {
	return page.PersonLink{
		Shell: Shell(page.SectionPeople), Head: head(),
		Chats: []page.LinkChat{{Channel: page.ChannelTelegram, Handle: "@pontelieto_bot", URL: "https://t.me/pontelieto_bot?start=k3Jx_9-AAAAAAAAAAAAAAA"}},
		State: page.LinkState{PersonID: 41, Stage: page.LinkWaiting, MadeAt: At(17, 10, 32), ExpiresAt: At(18, 10, 32), By: "Giulia Moretti", Watch: true},
		Sheet: page.LinkSheet{
			Lang: page.Italian, Town: "Comune di Pontelieto", Title: "Collega Telegram", Intro: "Così i messaggi che scrivi al bot del Comune arrivano insieme alle tue altre richieste.",
			Steps: []string{"Inquadra il codice con il telefono, oppure apri l’indirizzo qui sotto.", "Si apre Telegram: premi Avvia.", "Il bot ti risponde che il collegamento è fatto."},
			Code:  "Codice QR che apre Telegram", Until: "Vale fino a mercoledì 18 novembre, ore 10:32 e si usa una volta sola.", Alone: "È personale: non darlo ad altri.",
		},
	}
}

// PersonPane is the right pane.
func PersonPane() page.PersonPane {
	return page.PersonPane{
		Number: number, View: page.ViewOffice, Person: head(), Identities: identities(), Preferred: page.ChannelTelegram,
		Barred:   []page.Barred{{Channel: page.ChannelSMS, Why: "wished"}},
		Possible: []page.Possible{{PersonID: 41, Other: 77, Name: "L. Ferrante", Handle: "ferrante.l@lavoro.example", Reasons: []string{"phone", "name_address"}}},
		Open:     caseLines()[:2], Past: 5, PastSince: On(time.January, 10),
		Visits: []page.VisitLine{{At: At(10, 10, 12), Where: "sportello 3", Purpose: "domanda ponteggio", Number: number}, {At: On(time.September, 22), Where: "Anagrafe", Purpose: "carta d’identità"}},
		Notes:  []page.PersonNote{{ID: 1, Text: "Sente poco dall’orecchio destro: allo sportello parlare di fronte.", By: "Davide Riva", At: On(time.September, 22)}},
	}
}

// Comparison sets two records side by side.
func Comparison() page.Comparison {
	return page.Comparison{PersonID: 41, Other: 77, Name: "L. Ferrante", Cases: 1, At: At(16, 9, 0), Open: true, Clues: []page.Clue{
		{Kind: "name", Here: "Lucia Ferrante", There: "L. Ferrante", Result: page.ClueClose},
		{Kind: "phone", Here: "347 555 01 42", There: "347 555 01 42", Result: page.ClueEqual},
		{Kind: "address", Here: "via Garibaldi 14", There: "v. Garibaldi 14 int. 3", Result: page.ClueClose},
		{Kind: "email", Here: "lucia.ferrante@posta.example", There: "ferrante.l@lavoro.example", Result: page.ClueOther},
		{Kind: "cf", Here: "FRRLCU72E51G999X", Result: page.ClueUnknown},
	}}
}

// History is the story over all channels, newest first.
func History() page.PersonHistory {
	t := Timeline()
	var es []page.Entry
	for i := len(t.Entries) - 1; i >= 0; i-- {
		e := t.Entries[i]
		e.Case, e.Failure = number, nil
		if e.Kind != page.EntryFail {
			es = append(es, e)
		}
	}
	return page.PersonHistory{
		PersonID: 41, Show: page.HistoryAll, Channels: 4,
		Counts:   map[page.HistoryFilter]int{page.HistoryAll: 64, page.HistoryMessages: 38, page.HistoryVisits: 9, page.HistoryEvents: 15, page.HistoryNotes: 2},
		Timeline: page.Timeline{NewestFirst: true, Entries: es, OlderURL: "/people/41?before=1"},
	}
}

// Person is the whole file.
func Person() page.Person {
	s := Shell(page.SectionPeople)
	s.Title = "Lucia Ferrante"
	return page.Person{
		Shell: s, Head: head(), Identities: identities(), Compare: []page.Comparison{Comparison()},
		Merges:  []page.Merge{{ID: 5, Name: "Lucia F.", By: "Sara Benassi", At: On(time.June, 9), MayUndo: true}},
		Apart:   []page.ApartLine{{Other: 90, Name: "Lucia Ferranti", By: "Davide Riva", At: On(time.May, 2)}},
		History: History(), Cases: caseLines(), OpenCases: 2,
		Tickets: []page.TicketLine{
			{Label: "A12", At: At(16, 9, 41), Steps: []page.VisitStep{{Service: "Certificati", State: "done"}, {Service: "TARI (rifiuti)", State: "transferred"}}, Waited: 14, Note: "Torna con la ricevuta."},
			{Label: "C3", At: At(2, 10, 5), Steps: []page.VisitStep{{Service: "Informazioni", State: "left"}}, Waited: -1},
		},
		Wishes: page.Wishes{
			PersonID:  41,
			Preferred: []page.Choice{{Label: "nessuna preferenza"}, {Value: "telegram", Label: "Telegram", Chosen: true}, {Value: "mail", Label: "E-mail"}},
			Barred:    []page.Choice{{Value: "telegram", Label: "Telegram"}, {Value: "mail", Label: "E-mail"}, {Value: "sms", Label: "SMS", Chosen: true}},
			Reasons:   []page.Barred{{Channel: page.ChannelSMS, Why: "wished"}},
		},
		Notes: PersonPane().Notes,
		Add:   page.IdentityForm{Kind: page.IdentityPhone},
		Link:  page.LinkState{PersonID: 41, Stage: page.LinkUsed, UsedAt: On(time.February, 2), With: "@lucia_f"}, MayLink: true,
		May: page.PersonMay{Write: true, Edit: true, Merge: true, Undo: true},
	}
}

// PersonLines are persons in a list.
func PersonLines() []page.PersonLine {
	return []page.PersonLine{
		{ID: 41, Name: "Lucia Ferrante", Address: "via Garibaldi 14", Age: 54, Channels: []page.Channel{page.ChannelTelegram, page.ChannelMail, page.ChannelCounter}, Handle: "347 555 01 42", Open: 2, Due: page.Due{At: At(17, 17, 0), Level: page.LevelSoon}, Last: At(17, 11, 4), Current: true},
		{ID: 42, Name: "Giorgio Ferrante", Address: "via Po 21", Age: 61, Last: On(time.April, 2)},
		{ID: 43, Name: "Ferrante Costruzioni srl", Channels: []page.Channel{page.ChannelPEC}, Handle: "ferrante@pec.example", Open: 1, Last: At(3, 9, 0)},
	}
}

// People is the list of persons.
func People() page.People {
	return page.People{
		Shell: Shell(page.SectionPeople), Query: "ferrante", People: PersonLines(), Before: "x", Total: 3,
		Form: page.PersonForm{Name: "Lucia Ferrante", CF: "FRRLCU72E51G999A", Warn: "cf_wrong_check", Known: &PersonLines()[0]},
	}
}

// SearchOperators teach two operators.
func SearchOperators() []page.SearchOperator {
	return []page.SearchOperator{
		{Names: []string{"da", "mittente"}, Meaning: "di chi è la pratica: nome, indirizzo, telefono", Examples: []string{"da:ferrante", `da:"Lucia Ferrante"`}},
		{Names: []string{"stato"}, Meaning: "a che punto è", Examples: []string{"stato:aperta", "-stato:chiusa"}, Values: []string{"aperta", "in attesa", "posticipata", "chiusa"}},
	}
}

// Search is a page of results.
func Search() page.Search {
	rows := Rows().Rows
	s := Shell(page.SectionInbox)
	s.Query = "planimetria scadenza:ogi"
	return page.Search{
		Shell: s, Query: s.Query, People: PersonLines()[:2], After: "dy4x", Operators: SearchOperators(),
		Faults: []page.QueryFault{{Text: "«scadenza:» non conosce «ogi»: ho cercato senza questo filtro. Forse volevi scrivere «scadenza:oggi».", Fixed: "planimetria scadenza:oggi"}},
		Cases: []page.Hit{
			{Row: rows[0], Parts: []page.HitPart{{Text: "… Ecco la "}, {Text: "planimetria", Marked: true}, {Text: " con le quote. Va bene così? Il ponteggio …"}}},
			{Row: rows[1], Parts: []page.HitPart{{Text: "… elaborati e "}, {Text: "planimetrie", Marked: true}, {Text: " in scala …"}}},
			{Row: rows[4]},
		},
	}
}

// searchToSave is a page of results whose search can be kept.
func searchToSave() page.Search {
	s := Search()
	s.Query, s.Faults, s.Save = "planimetria scadenza:oggi", nil, true
	s.Shell.Query = s.Query
	return s
}
