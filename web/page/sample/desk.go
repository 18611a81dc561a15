package sample

import "filodiretto/web/page"

func kinds() []page.Choice {
	return []page.Choice{{Value: "information", Label: "Informazione"}, {Value: "request", Label: "Istanza", Chosen: true}, {Value: "report", Label: "Segnalazione"}}
}

// Reception is a visit of somebody who is known.
func Reception() page.Reception {
	return page.Reception{
		Shell: Shell(page.SectionReception), How: page.HowVisit, Query: "ferrante", Now: Now,
		Picks: page.PersonPicks{How: page.HowVisit, Query: "ferrante", People: PersonLines()}, Chosen: &PersonLines()[0],
		Cases: caseLines()[:2], Kinds: kinds(), Offices: Offices(),
		Number: NumberDesk(),
		Form:   page.VisitForm{Subject: "Planimetria del ponteggio", Outcome: page.OutcomeJoin, Case: number},
		Today: []page.VisitLine{
			{At: At(17, 10, 58), Where: "Irina Popescu", Purpose: "carta d’identità", Number: "2026/004126"},
			{At: At(17, 10, 41), Where: "senza nome", Purpose: "orari della biblioteca"},
		},
	}
}

// NumberDesk is the card that gives numbers, after one was given.
func NumberDesk() *page.NumberDesk {
	return &page.NumberDesk{
		Key: "k", Person: 1, Name: "Lucia Ferrante",
		Given: &page.NumberGiven{Label: "A14", Service: "Certificati", URL: "https://filo.comune.pontelieto.example/p/t/7Q4M2X9K7Q4M2X9K7Q4M2X", Again: true},
		Sites: []page.NumberSite{
			{ID: 1, Name: "Municipio", Groups: []page.NumberGroup{{Name: "Anagrafe", Services: []page.NumberService{numberService("1", "Carta d’identità elettronica", wait(10, 20, 4)), numberService("2", "Certificati", page.Wait{Ahead: 1})}}, {Name: "Tributi", Services: []page.NumberService{numberService("3", "TARI (rifiuti)", page.Wait{Ahead: 2, Nobody: true, From: page.Millis(At(17, 15, 0))})}}}, Classes: []page.Choice{{Value: "walkin", Label: "Ordinario", Chosen: true}, {Value: "protected", Label: "Precedenza"}}},
			{ID: 2, Name: "Delegazione San Rocco", Anyway: true, Groups: []page.NumberGroup{{Name: "Tutto", Services: []page.NumberService{numberService("9", "Certificati", wait(0, 5, 0))}}}, Classes: []page.Choice{{Value: "walkin", Label: "Ordinario", Chosen: true}}},
		},
	}
}

// ReceptionFaults is a phone note of a new person that came back with faults.
func ReceptionFaults() page.Reception {
	r := Reception()
	r.Number = &page.NumberDesk{Key: "k", Sites: NumberDesk().Sites[1:], Refused: "room_shut"}
	r.How, r.Chosen, r.Cases, r.Picks = page.HowPhone, nil, nil, page.PersonPicks{How: page.HowPhone, Query: "zanotti"}
	r.Query = "zanotti"
	r.Form = page.VisitForm{Name: "Piero Zanotti", Phone: "0555", CF: "ZNTPRI60A01G999A", CFWarn: "cf_wrong_check", Known: &PersonLines()[1], Outcome: page.OutcomeOpen}
	r.Faults = []page.FieldFault{{Field: "phone", Key: "bad_phone"}, {Field: "text", Key: "text_required"}}
	r.Done = &page.ReceptionDone{Number: "2026/004132", Name: "Anna Bellini", Open: true, Office: "Tributi"}
	return r
}

// Quarantine is the list of what is held.
func Quarantine() page.Quarantine {
	return page.Quarantine{
		Shell: Shell(page.SectionQuarantine), Counts: map[page.QuarantineWhy]int{page.WhySpoof: 1, page.WhyUnparseable: 1}, Before: "x",
		Items: []page.HeldLine{
			{ID: 7, Channel: page.ChannelMail, Account: "Posta URP", From: "sindaco@comune.pontelieto.example", Subject: "Bonifico urgente", At: At(17, 8, 12), Why: page.WhySpoof, Size: 18_000},
			{ID: 6, Channel: page.ChannelMail, Account: "Posta URP", Subject: "", At: At(16, 23, 40), Why: page.WhyUnparseable, Size: 4_100_000},
			{ID: 5, Channel: page.ChannelMail, Account: "Posta URP", From: "Offerte <news@offerte.example>", Subject: "Toner e risme: offerta di novembre", At: At(16, 18, 2), Why: page.WhyAuto, Kind: "bulk", Size: 21_000},
		},
		Storms:  []page.Storm{{AccountID: 1, Account: "Posta URP", Who: "Avvisi automatici", Address: "robot@avvisi.example", Count: 214, Last: At(17, 9, 2), Most: 30, Minutes: 10}},
		Senders: []page.HeldSender{{ID: 2, Address: "avvisi@comune-pontelieto.example", Office: "URP", By: "Giulia Moretti", At: At(16, 9, 30), Reason: "segnalato come falso"}},
	}
}

// QuarantineDecided is what people decided of what was held.
func QuarantineDecided() page.Quarantine {
	q := Quarantine()
	return page.Quarantine{Shell: q.Shell, Decided: true, Items: []page.HeldLine{
		{ID: 4, Channel: page.ChannelMail, Account: "Posta URP", From: "Idrometro <allarmi@rio.example>", Subject: "Livello 2,10 m", At: At(16, 8, 12), Why: page.WhyBudget, Size: 2_000, Done: &page.Decision{Key: "rejected", By: "Giulia Moretti", At: At(17, 9, 30), Reason: "Prova del sensore", Back: true}},
		{ID: 3, Channel: page.ChannelPEC, Account: "PEC", From: "Carlo Ricci <carlo@pec.example>", Subject: "Planimetrie", At: At(16, 8, 2), Why: page.WhyPECNoSender, Size: 90_000, Done: &page.Decision{Key: "released", By: "Paolo Conti", At: At(17, 9, 1)}},
	}}
}

// QuarantineRejected is one item that was rejected with others.
func QuarantineRejected() page.QuarantineItem {
	q := QuarantineItem()
	q.Line, q.Found = QuarantineDecided().Items[0], nil
	q.Decided, q.May = &page.Decision{Key: "rejected", By: "Giulia Moretti", At: At(17, 9, 30), Reason: "Prova del sensore", Back: true, Together: 8}, page.QuarantineMay{}
	return q
}

// QuarantineItem is one item.
func QuarantineItem() page.QuarantineItem {
	return page.QuarantineItem{
		Shell: Shell(page.SectionQuarantine), ID: 7, Line: Quarantine().Items[0],
		Found:   []string{"il nostro server lo ha ricevuto da un altro server", "SPF secondo il nostro server: fail/invio.example", "DKIM secondo il nostro server: none"},
		Headers: []page.Header{{Name: "From", Value: "Il Sindaco <sindaco@comune.pontelieto.example>"}, {Name: "Return-Path", Value: "<x91@invio.example>"}, {Name: "Received", Value: "from invio.example (203.0.113.7)"}},
		Text:    "Gentile collega,\nti chiedo di disporre oggi stesso il bonifico in allegato.\n\nIl Sindaco",
		Files:   []page.File{{Name: "coordinate.pdf", URL: "/files/30/coordinate.pdf", Size: 12_000, Type: "application/pdf"}},
		RawURL:  "/quarantine/7/raw", ParserVersion: 3, ParserNow: 4, Guess: &caseLines()[1],
		May: page.QuarantineMay{Release: true, Attach: true, Reject: true, Parse: true},
	}
}

// QuarantineOwn is an item that a form of the town's site sent from our own address.
func QuarantineOwn() page.QuarantineItem {
	q := QuarantineItem()
	q.Line = page.HeldLine{ID: 8, Channel: page.ChannelMail, Account: "Posta URP", From: "Sito del Comune <urp@comune.pontelieto.example>", Subject: "Modulo contatti", At: At(17, 9, 5), Why: page.WhyOwn, Size: 2_400}
	q.Headers = []page.Header{{Name: "From", Value: "Sito del Comune <urp@comune.pontelieto.example>"}, {Name: "Reply-To", Value: "Lucia Ferrante <lucia.ferrante@posta.example>"}}
	q.ID, q.Detail, q.Text, q.Files, q.RawURL = 8, "", "Nome: Lucia Ferrante\nMessaggio: la fontana di piazza Garibaldi perde acqua.", nil, "/quarantine/8/raw"
	q.ParserVersion, q.Guess, q.LetIn = 4, nil, &page.LetIn{For: "lucia.ferrante@posta.example"}
	return q
}

// Channels is the page of the channels' health.
func Channels() page.Channels {
	s := Shell(page.SectionChannels)
	s.Health = page.Health{Total: 4, Up: 2, Paused: 1}
	may := page.ChannelMay{Probe: true, Pause: true, Edit: true}
	return page.Channels{Shell: s, Scan: &page.ScanNote{Pending: 3, Oldest: At(17, 10, 40), Late: true, Infected: 1, Unscannable: 2}, Kinds: []page.ChannelKind{{Channel: page.ChannelMail}, {Channel: page.ChannelTelegram}, {Channel: page.ChannelCounter}}, Accounts: []page.ChannelCard{
		{ID: 1, Channel: page.ChannelMail, Name: "Posta URP", Address: "urp@comune.pontelieto.example", Office: "URP", State: page.ChannelUp, Receives: true, LastGood: At(17, 11, 12), May: may, FromFile: true, Reconciled: &page.ReconcileNote{At: At(17, 3, 10)}, Probed: &page.ProbeResult{OK: true, At: Now}},
		{ID: 2, Channel: page.ChannelTelegram, Name: "Bot del Comune", Address: "@pontelieto_bot", Office: "URP", State: page.ChannelUp, Receives: true, LastGood: At(17, 11, 11), Pending: 2, OldestPending: At(17, 11, 11), Outgoing: 3, May: may, Warnings: []page.ChannelWarning{{At: At(17, 9, 2), Code: "second_poller"}}},
		{ID: 3, Channel: page.ChannelMail, Name: "Posta Tributi", Address: "tributi@comune.pontelieto.example", Office: "Tributi", State: page.ChannelBroken, Receives: true, RestsUntil: At(17, 11, 20), LastGood: At(16, 22, 40), Pending: 14, OldestPending: At(16, 22, 41), Reconciled: &page.ReconcileNote{At: At(17, 3, 12), Absent: 2}, Outgoing: 6, Failed: 2, May: may, Error: &page.ChannelError{At: At(17, 11, 0), Class: "auth_broken", Code: "535 5.7.8", Text: "authentication refused", Count: 12}},
		{ID: 5, Channel: page.ChannelMail, Name: "Posta Anagrafe", Address: "anagrafe@comune.pontelieto.example", Office: "Anagrafe", State: page.ChannelMute, Receives: true, WayIn: page.HandedOver, LastGood: At(17, 11, 10), Outgoing: 2, Error: &page.ChannelError{At: At(17, 10, 2), Class: "sending_stuck"}, May: may},
		{ID: 6, Channel: page.ChannelPEC, Name: "PEC Protocollo", Address: "protocollo@pec.comune.pontelieto.example", Office: "Protocollo", State: page.ChannelSlow, Receives: true, LastGood: At(17, 11, 11), Unaccepted: &page.UnacceptedNote{Count: 3, From: At(17, 10, 31), URL: "/cases?view=failed"}, May: may},
		{ID: 4, Channel: page.ChannelCounter, Name: "Sportello", Office: "URP", State: page.ChannelPaused, PausedSince: At(17, 8, 0), May: page.ChannelMay{Resume: true, Edit: true}},
	}}
}

// ChannelForm adds a mailbox.
func ChannelForm() page.ChannelForm {
	return page.ChannelForm{
		Shell: Shell(page.SectionChannels), Channel: page.ChannelMail, Name: "Posta Tributi", Offices: Offices(),
		Fields: []page.SettingField{
			{Name: "address", Type: page.SettingText, Label: "Indirizzo", Help: "Quello a cui scrivono i cittadini.", Required: true, Value: "tributi@comune.pontelieto.example"},
			{Name: "reading", Type: page.SettingText, Label: "Come arriva la posta", Value: "imap", Steers: true, Choices: []page.Choice{{Value: "imap", Label: "Letta dalla casella (IMAP)", Chosen: true}, {Value: "handed", Label: "Consegnata dal nostro server (LMTP o HTTP)"}}},
			{Name: "imap_host", Type: page.SettingText, When: "reading=imap", Label: "Server IMAP", Help: "Nome del server e porta.", Required: true, Default: "imap.example:993"},
			{Name: "imap_password", Type: page.SettingText, Label: "Password", Required: true, Secret: true, HasValue: true},
			{Name: "folders", Type: page.SettingList, Label: "Cartelle", Default: "INBOX"},
			{Name: "poll", Type: page.SettingDuration, Label: "Controlla ogni", Default: "3m"},
			{Name: "sent", Type: page.SettingBool, Label: "Leggi anche la posta inviata", Value: "true"},
		},
		Faults: []page.FieldFault{{Field: "set.imap_host", Key: "required"}},
	}
}

func numberService(id, name string, w page.Wait) page.NumberService {
	return page.NumberService{Choice: page.Choice{Value: id, Label: name}, Wait: w}
}
