package sample

import "filodiretto/web/page"

func registerTabs(tab string) page.RegisterTabs {
	return page.RegisterTabs{Tab: tab, Due: 3, Days: true}
}

func classes() []page.ChoiceGroup {
	return []page.ChoiceGroup{
		{Label: "I Amministrazione generale", Choices: []page.Choice{{Value: "I.8", Label: "I.8 Informazioni e relazioni con il pubblico"}}},
		{Label: "VI Pianificazione e gestione del territorio", Choices: []page.Choice{{Value: "VI.3", Label: "VI.3 Edilizia privata", Chosen: true}, {Value: "VI.7", Label: "VI.7 Viabilità"}}},
	}
}

func registerLines() []page.RegisterLine {
	return []page.RegisterLine{
		{ID: 5, Number: "0000005/2026", At: At(17, 10, 2), Who: "Anna Verdi <anna.verdi@pec.cittadini.example>", Subject: "Richiesta di accesso agli atti, via Mazzini 12", Office: "Edilizia privata", Class: "VI.3", ClassName: "Edilizia privata", Case: number},
		{ID: 4, Number: "0000004/2026", Out: true, At: At(16, 12, 40), Veiled: true},
		{ID: 3, Number: "0000003/2026", At: At(16, 9, 15), Who: "Edil Rossi S.r.l.", Subject: "Comunicazione di inizio lavori", Office: "Edilizia privata", Class: "VI.3", ClassName: "Edilizia privata", Case: number, Annulled: true},
		{ID: 2, Number: "0001234/2026", Day: "15/11/2026", Who: "Studio Bellini", Subject: "Osservazioni alla variante", Office: "Urbanistica", Class: "VI.1", ClassName: "Urbanistica", Case: number, Superseded: true},
	}
}

func registerFiles() []page.RegisterFile {
	const sum = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
	return []page.RegisterFile{{What: "received", Name: "messaggio.eml", Size: 18_200, SHA256: sum, URL: "/messages/14/raw"}, {What: "attachment", Name: "pianta.pdf", Size: 412_000, SHA256: sum, URL: "/files/3/pianta.pdf"}, {What: "attachment", Name: "foto.jpg"}}
}

func registerOrigin() *page.Origin {
	return &page.Origin{Number: "0012345", Date: "20/11/2026", Body: "r_testa", Area: "AOOTEST", Sender: "Regione Testa", Subject: "Richiesta di parere", Class: "VI.3", Documents: []string{"richiesta.pdf.p7m"}, Confirm: true}
}

// Registers are the pages of the protocol register.
func Registers() map[string]page.View {
	shell := Shell(page.SectionRegister)
	form := page.RegisterForm{
		Shell: shell, RegisterTabs: registerTabs("due"), Action: "/messages/14/register", Refuse: "/messages/14/register/state", BackURL: "/cases?case=" + number, Version: 1,
		Channel: page.ChannelPEC, At: At(17, 9, 58), Case: number, Snippet: "La sottoscritta chiede copia del permesso…", Sender: "Anna Verdi <anna.verdi@pec.cittadini.example>", Recipients: "protocollo@pec.pontelieto.example",
		Subject: "Richiesta di accesso agli atti, via Mazzini 12", Offices: Offices(), Classes: classes(), Files: registerFiles(),
	}
	external := form
	external.External, external.Number, external.Date, external.Today, external.Code, external.Area, external.Taken = true, "0001234", "2026-11-17", "2026-11-17", "PG", "AB12CD3", true
	external.Origin, external.OriginNumber, external.OriginDate = registerOrigin(), "0012345", "2026-11-20"
	external.Faults = []page.FieldFault{{Field: "class", Key: "class_unknown"}}
	entry := page.RegisterEntry{
		Shell: shell, RegisterTabs: registerTabs("list"), Line: registerLines()[0], Administration: "c_x000", Area: "AB12CD3", Code: "PG", Sender: form.Sender, Recipients: form.Recipients, Channel: page.ChannelPEC, DocumentAt: At(17, 9, 58),
		By: "Giulia Moretti", Origin: registerOrigin(), Files: registerFiles(), Hash: registerFiles()[0].SHA256, MayAssign: true, MayAnnul: true, Offices: Offices(), Classes: classes(), Seen: 9,
		Assignments: []page.RegisterAssignment{{At: At(17, 10, 30), Office: "Edilizia privata", Class: "VI.3", Name: "Edilizia privata", By: "Giulia Moretti"}, {At: At(17, 10, 2), Office: "URP", Class: "I.8", Name: "Informazioni e relazioni con il pubblico", By: "Giulia Moretti"}},
	}
	annulled := entry
	annulled.Line, annulled.MayAssign, annulled.MayAnnul = registerLines()[2], false, false
	annulled.Annulment = &page.RegisterAnnulment{At: At(16, 11, 0), Reason: "Registrata due volte", Act: "Determina 12/2026", By: "Sara Benassi"}
	annulled.Earlier, annulled.Later, annulled.External, annulled.MayCorrect = registerLines()[3:], &registerLines()[0], true, true
	veiled := page.RegisterEntry{Shell: shell, RegisterTabs: registerTabs("list"), Line: registerLines()[1], Area: "AB12CD3", Code: "PG", Hash: entry.Hash}
	return map[string]page.View{
		"register": page.Register{
			Shell: shell, RegisterTabs: registerTabs("list"), Query: "verdi", Narrowed: true, Years: []page.Choice{{Value: "2026", Label: "2026"}}, Directions: []page.Choice{{Value: "in", Label: "In arrivo"}, {Value: "out", Label: "In partenza"}},
			Offices: Offices(), Classes: classes(), Lines: registerLines(), OlderURL: "/register?cursor=x",
		},
		"register-empty": page.Register{Shell: shell, RegisterTabs: page.RegisterTabs{Tab: "list"}},
		"register-due": page.RegisterDue{Shell: shell, RegisterTabs: registerTabs("due"), Lines: []page.RegisterDueLine{
			{MessageID: 14, Channel: page.ChannelPEC, At: At(17, 9, 58), Who: "Anna Verdi", Subject: "Richiesta di accesso agli atti, via Mazzini 12", Case: number, Office: "Edilizia privata", Why: "per il canale", URL: "/messages/14/register"},
			{MessageID: 15, Channel: page.ChannelPEC, Out: true, At: At(17, 10, 58), Who: "Studio Bellini", Subject: "", Case: number, Office: "Urbanistica", URL: "/messages/15/register", Annulled: true},
		}},
		"register-due-empty": page.RegisterDue{Shell: shell, RegisterTabs: page.RegisterTabs{Tab: "due"}},
		"register-form":      form, "register-external": external, "register-entry": entry, "register-annulled": annulled, "register-veiled": veiled,
		"register-days": page.RegisterDays{Shell: shell, RegisterTabs: registerTabs("days"), Days: []page.RegisterDay{
			{Day: "16/11/2026", URL: "/registers/2026-11-16", Entries: 3, Annulments: 1, First: "0000002", Last: "0000004", Size: 3210, SHA256: entry.Hash}, {Day: "15/11/2026", URL: "/registers/2026-11-15", Size: 410, SHA256: entry.Hash},
		}},
		"register-days-empty": page.RegisterDays{Shell: shell, RegisterTabs: page.RegisterTabs{Tab: "days", Days: true}},
	}
}
