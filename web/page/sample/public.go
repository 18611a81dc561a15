package sample

import (
	"maps"

	"filodiretto/web/page"
)

// Site is the frame of citizens' pages.
func Site() page.Site {
	return page.Site{
		Municipality: "Pontelieto", Union: "Unione della Valle del Lieto", Lang: page.Italian, Phone: "0555 010 100", Email: "urp@comune.pontelieto.example",
		PEC: "comune@pec.pontelieto.example", Address: "Piazza del Ponte 1, Pontelieto", Hours: []string{"lun, mar, gio 08:15–17:00", "mer, ven 08:15–13:30", "sab 08:15–12:15"},
		PrivacyURL: "/privacy", AccessURL: "/accessibilita", Path: "/p/case",
	}
}

// PublicPrivacy is the notice on personal data.
func PublicPrivacy() page.PublicPrivacy {
	return page.PublicPrivacy{
		Site: Site(), Title: "Come usiamo i tuoi dati", Text: page.Italian,
		Body: "<p>Questa pagina spiega che cosa facciamo dei dati che ci dai.</p>\n<h2>Chi usa i tuoi dati</h2>\n<ul>\n<li>Il titolare è: Comune di Pontelieto</li>\n<li>Per scriverci: comune@pec.pontelieto.example</li>\n</ul>\n<h2>Perché li usiamo</h2>\n<p>Usiamo i tuoi dati per risponderti e per seguire la tua pratica.</p>\n",
	}
}

// PublicCase is a case as the citizen sees it.
func PublicCase() page.PublicCase {
	return page.PublicCase{
		Site: Site(), Number: "2026/004871", Subject: "Buca profonda in via Molini", Status: page.StatusOpen, Kind: page.KindReport,
		Phases: []page.Phase{
			{ID: page.PhaseReceived, At: At(12, 18, 24), Channel: page.ChannelTelegram},
			{ID: page.PhaseCharge, At: At(13, 9, 10), Office: "Ufficio manutenzioni", Current: true},
			{ID: page.PhaseAnswered},
			{ID: page.PhaseClosed},
		},
		Due: page.Due{At: At(27, 17, 0), Level: page.LevelOK}, Office: "Ufficio manutenzioni", Desk: page.Desk{Phone: "0555 010 140", Address: "via del Cantiere 3", Hours: []string{"mar e gio 09:00–12:30"}},
		Messages: []page.PublicMessage{
			{Mine: true, Text: "La buca è davanti al civico 12, sul lato della scuola. Ieri è caduta una signora in bicicletta.", At: At(12, 18, 24), Channel: page.ChannelTelegram, Files: []page.File{{Name: "buca.jpg"}}},
			{By: "Ufficio manutenzioni", Text: "Grazie della segnalazione. Abbiamo visto la buca e messo le transenne. La ripariamo venerdì 20: se piove, lunedì 23.", At: At(16, 11, 40), Channel: page.ChannelTelegram, State: page.DeliveryArrived, Files: []page.File{{Name: "avviso-lavori.pdf", URL: "/p/case/files/9/avviso-lavori.pdf", Size: 84_000}}},
		},
		MayReply: true, AnswerTo: page.ChannelTelegram, Opened: "2026/004871", Key: "k",
	}
}

// All is every page by name, in the states worth looking at.
func All() map[string]page.View {
	in := Inbox()
	empty := Inbox()
	empty.Work = page.Work{View: page.ViewOffice}
	empty.List = page.Rows{View: page.ViewComplaints, Total: 0, Order: page.OrderRecent, Offices: Offices()}
	list := Inbox()
	list.Work = page.Work{View: page.ViewOffice}
	views := list
	views.Pane = page.PaneViews
	person := Inbox()
	person.Work.Pane = page.PanePerson
	missing := Inbox()
	missing.Work = page.Work{Missing: "2026/009999", View: page.ViewMine}
	undo, newer, note, readOnly := Inbox(), Inbox(), Inbox(), Inbox()
	cu, cn, ct := ComposerUndo(), ComposerNewer(), ComposerNote()
	undo.Work.Case.Composer, newer.Work.Case.Composer, note.Work.Case.Composer, readOnly.Work.Case.Composer = &cu, &cn, &ct, nil
	undo.Flash = &page.Flash{Level: page.LevelOK, Key: "assigned", Args: map[string]any{"number": number, "name": "Sara Benassi"}, UndoURL: "/undo"}
	note.Work.Case.Head.Status = page.StatusClosed
	note.Work.Case.Head.May = page.CaseMay{Reopen: true}
	readOnly.Work.Case.Handover = &page.Handover{Number: number, FromOffice: "URP", ToOffice: "Suolo pubblico", By: "Davide Riva", At: At(17, 9, 0), Reason: "Serve il parere sulla viabilità.", MayAccept: true}
	closed := PublicCase()
	closed.Status, closed.MayReply, closed.Sent = page.StatusClosed, false, true
	faulty := PublicCase()
	faulty.Text, faulty.Fault = "Ecco la foto della buca.", &page.FieldFault{Field: "file", Key: "page_too_large"}
	all := map[string]page.View{
		"public-fault": faulty, "public-ended": page.PublicEntry{Site: Site(), Number: "2026/004871", Fault: "ended", Text: "Ecco la foto"},
		"inbox": in, "inbox-empty": empty, "inbox-list": list, "inbox-views": views, "inbox-person": person, "inbox-missing": missing, "inbox-saved": savedView(),
		"inbox-undo": undo, "inbox-newer": newer, "inbox-note": note, "inbox-readonly": readOnly,
		"person": Person(), "people": People(), "search": Search(), "search-save": searchToSave(), "search-empty": page.Search{Shell: Shell(page.SectionInbox), Examples: true},
		"reception": Reception(), "reception-faults": ReceptionFaults(),
		"desks": Desks(), "desks-none": page.Desks{Shell: Shell(page.SectionCounter)}, "counter": Counter(), "counter-called": CounterCalled(),
		"counter-serving": CounterServing(), "counter-paused": CounterPaused(), "live-room": LiveRoom(), "live-room-none": page.Room{Shell: Shell(page.SectionQueue)}, "estimates": Estimates(), "estimates-few": EstimatesFew(),
		"quarantine": Quarantine(), "quarantine-item": QuarantineItem(), "quarantine-own": QuarantineOwn(), "quarantine-decided": QuarantineDecided(), "quarantine-rejected": QuarantineRejected(), "channels": Channels(), "channel-form": ChannelForm(), "reconcile": Reconcile(), "reconcile-empty": ReconcileEmpty(), "reconcile-none": ReconcileNone(), "reconcile-running": ReconcileRunning(),
		"login":     page.Login{Municipality: "Pontelieto", User: "giulia.moretti", Fault: "slow", Wait: 30},
		"access":    page.Access{Shell: Shell(page.SectionHelp), Login: "giulia.moretti", Others: 2, Faults: []page.FieldFault{{Field: "old", Key: "password_wrong"}}},
		"help":      page.Help{Shell: Shell(page.SectionHelp), Operators: SearchOperators()},
		"fault-404": page.Fault{Shell: Shell(page.SectionInbox), Status: 404}, "fault-500": page.Fault{Status: 500, Bare: true, Request: "01J9-K2", RetryURL: "/cases"},
		"fault-public":   page.Fault{Status: 404, Public: true, Site: Site()},
		"public-privacy": PublicPrivacy(),
		"person-link":    PersonLink(),
		"public-case":    PublicCase(), "public-closed": closed, "public-entry": page.PublicEntry{Site: Site(), Number: "2026/00487", Fault: "wrong"},
	}
	maps.Copy(all, QueueAdmin())
	maps.Copy(all, Agendas())
	maps.Copy(all, Reports())
	maps.Copy(all, Registers())
	maps.Copy(all, Erase())
	for name, v := range Admin() {
		all[name] = v
	}
	return all
}

// Fragments is every fragment by name.
func Fragments() map[string]page.View {
	c := Case()
	return map[string]page.View{
		"health": page.Health{Total: 4, Up: 3, Paused: 1}, "earlier": page.Earlier{Timeline: page.Timeline{OlderURL: "/cases?older=x", OlderGet: "/cases/2026/1/earlier?older=x", Entries: Timeline().Entries[:2]}}, "views": Views(), "counts": page.Counts{Views: Views(), Tally: page.Tally{Unread: 38}}, "tally": page.Tally{}, "rows": Rows(), "row": Rows().Rows[0], "work": Work(),
		"case-live": page.CaseLive{Head: c.Head, Suggestions: c.Suggestions, Forwarded: c.Forwarded, Timeline: c.Timeline, Alike: c.Alike, HasComposer: true, Stop: c.Composer.State.Stop},
		"composer":  Composer(), "composer-undo": ComposerUndo(), "composer-newer": ComposerNewer(), "composer-note": ComposerNote(),
		"composer-state": Composer().State, "picker": Picker(), "picker-none": page.Picker{Query: "zz"},
		"draft-files": page.DraftFiles{Number: number, Mode: page.ModeReply, Files: Composer().Files, Fault: "too_large", Name: "video.mp4", Most: 25 << 20},
		"person-pane": PersonPane(), "person-history": History(), "picks": Reception().Picks,
		"report-advice": *reportAdvice(),
		"counter-desk":  CounterServing().Desk, "room-live": LiveRoom().Live,
		"palette":      page.Palette{Query: "fer", Cases: caseLines()[:2], People: PersonLines()[:1]},
		"channel-card": Channels().Accounts[2], "reconcile-state": Reconcile().State, "text-preview": Preview(),
	}
}
