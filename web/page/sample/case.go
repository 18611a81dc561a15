package sample

import "filodiretto/web/page"

const number = "2026/004127"

// Case is the middle pane.
func Case() page.Case {
	comp := Composer()
	return page.Case{
		Head: page.CaseHead{
			Number: number, View: page.ViewOffice, Subject: "Ponteggio in via Garibaldi 14", Kind: page.KindRequest,
			Status: page.StatusOpen, Due: page.Due{At: At(17, 17, 0), Level: page.LevelSoon}, Office: "Suolo pubblico", OfficeID: 6,
			Assignee: &page.Who{ID: 1, Name: "Giulia Moretti"}, Mine: true, Operators: Operators(), Offices: Offices(),
			PublicURL: "/p/case?number=2026/004127",
			May:       page.CaseMay{Assign: true, Office: true, Kind: true, Snooze: true, Close: true, Merge: true},
		},
		Suggestions: []page.Suggestion{{ID: 3, Number: number, Other: "2026/003871", Title: "TARI, riduzione compostaggio", Why: "reference"}},
		Alike:       &page.AlikeNote{MessageID: 15, Alike: page.Alike{ID: 4, Number: number, Kind: "office", Likes: "Ufficio Tributi", Address: "avvisi@posta.example", Alarm: true, MayJudge: true}},
		Forwarded:   []page.Forwarded{{Number: number, MessageID: 14, Colleague: "Marco Tonelli", Name: "Lucia Ferrante", Address: "lucia.ferrante@posta.example"}},
		Timeline:    Timeline(),
		Composer:    &comp,
	}
}

// Timeline is the story of the case: one of each kind of entry.
func Timeline() page.Timeline {
	return page.Timeline{Number: number, Last: 22, OlderURL: "/cases?case=2026/004127&entries=1", Entries: []page.Entry{
		{ID: 10, Version: 1, Kind: page.EntryVisit, Channel: page.ChannelCounter, At: At(10, 10, 12), By: "Davide Riva", Via: "sportello 3", Body: page.Body{Text: "Consegnata la domanda, bollo pagato. Manca la planimetria con le quote."}},
		{ID: 11, Version: 1, Kind: page.EntryEvent, At: At(10, 10, 13), By: "Davide Riva", Event: &page.EventLine{Key: "case.handed_over", Args: map[string]any{"from": "URP", "to": "Suolo pubblico"}, Detail: "serve il parere sulla viabilità"}},
		{ID: 12, Version: 2, Kind: page.EntryOut, Channel: page.ChannelMail, At: At(10, 15, 1), By: "Giulia Moretti", Body: page.Body{Subject: "Richiesta di integrazione", Text: "Si chiede la planimetria in scala 1:100 con l’ingombro del ponteggio e il passaggio pedonale protetto."}, Deliveries: []page.Delivery{
			{ID: 1, Recipient: "studio.salvi@posta.example", State: page.DeliveryArrived, At: At(10, 15, 2)},
			{ID: 2, Recipient: "garibaldi14@condominio.example", State: page.DeliveryFailed, At: At(10, 15, 9), Reason: "casella piena"},
			{ID: 3, Recipient: "lucia.ferrante@posta.example", Copy: true, State: page.DeliveryQueued, Delayed: true, At: At(10, 15, 9), Next: At(17, 12, 0)},
		}},
		{ID: 13, Version: 1, Kind: page.EntryFail, Channel: page.ChannelMail, At: At(10, 15, 9), Failure: &page.Failure{Number: number, DeliveryID: 2, Recipient: "Il condominio", Class: "recipient_gone", Reason: "552 5.2.2 Mailbox full", MayRetry: true, OtherChannels: []page.Choice{{Value: "telegram:1", Label: "Telegram"}}}},
		{ID: 14, Version: 1, Kind: page.EntryIn, Channel: page.ChannelMail, At: At(16, 17, 40), By: "Lucia Ferrante", Via: "urp@comune.pontelieto.example", Address: "lucia.ferrante@posta.example", Also: []page.Also{{Mailbox: "Posta Edilizia", Office: "Edilizia privata", At: At(16, 17, 52)}, {Mailbox: "Posta URP 2", Office: "URP", At: At(16, 17, 53), Blind: true}}, Warnings: []page.Warning{{Key: "same_message_id", Value: "2026/004091", URL: "/cases?case=2026/004091#e-12"}, {Key: "reply_to_differs", Value: "studio@ferrante.example", Other: "lucia.ferrante@posta.example", URL: "/cases?case=2026/004127&compose=reply&cc=studio%40ferrante.example"}}, Body: page.Body{Text: "Buonasera, allego la planimetria. Se serve altro preferisco Telegram, la posta la leggo di rado.", Quoted: "Il giorno 10 novembre 2026 URP ha scritto:\n> Si chiede la planimetria in scala 1:100"}, Files: []page.File{
			{Name: "planimetria_scansione.pdf", URL: "/files/17/planimetria_scansione.pdf", Size: 2_100_000, Type: "application/pdf", Scan: "clean", Signatures: []page.Signature{{Outcome: "valid", Signer: "Geom. Paola Rinaldi", For: At(16, 17, 40), Until: At(28, 12, 0), TaxCode: "RNLPLA70A41H501X"}}},
			{Name: "foto_facciata.heic", URL: "/files/18/foto_facciata.heic", Size: 840_000, Type: "image/heic", Scan: "clean", PictureURL: "/pictures/18"},
			{Name: "rilievo.zip", Size: 90_000_000, Type: "application/zip", Problem: "too_large"},
			{Name: "fattura.pdf", Size: 61_000, Type: "application/x-dosexec", Claimed: "application/pdf", Scan: "infected", ScanWord: "Win.Trojan.Prova", ScanURL: "/files/19/scan"},
		}, RawURL: "/messages/14/raw", Sender: &page.SenderCheck{
			State: page.SenderConfirmed, Domain: "posta.example", At: At(16, 17, 41),
			Server:     []page.Finding{{Method: "DMARC", Result: "pass", Domain: "posta.example"}, {Method: "SPF", Result: "softfail", Domain: "posta.example"}},
			Signatures: []page.Finding{{Method: "DKIM", Result: "pass", Domain: "posta.example"}, {Method: "DKIM", Result: "none", Domain: "lista.example", Reason: "no_key"}},
		}, Alikes: []page.Alike{{ID: 3, Number: number, Kind: "citizen", Likes: "Lucia Ferrante", Address: "lucia.ferrante@posta.example"}}},
		{
			ID: 15, Version: 1, Kind: page.EntryIn, Channel: page.ChannelMail, At: At(16, 17, 44), By: "Lucia Ferrante", Body: page.Body{Text: "Versione di testo del messaggio.", HTML: "/messages/15/html", RemoteImages: 2}, RawURL: "/messages/15/raw",
			Sender: &page.SenderCheck{State: page.SenderDoubted, Domain: "posta.example", Server: []page.Finding{{Method: "DMARC", Result: "fail", Domain: "posta.example"}}},
			Alikes: []page.Alike{
				{ID: 4, Number: number, Kind: "office", Likes: "Ufficio Tributi", Address: "avvisi@posta.example", Alarm: true, MayJudge: true},
				{ID: 5, Number: number, Kind: "domain", Likes: "comune.pontelieto.example", Address: "avvisi@posta.example", Alarm: true, FalseBy: "Giulia Moretti", FalseAt: At(16, 17, 50)},
			},
		},
		{ID: 19, Version: 1, Kind: page.EntryOut, Channel: page.ChannelMail, At: At(16, 17, 45), By: "Filo Diretto", Automatic: true, Body: page.Body{Text: "Abbiamo ricevuto il messaggio: la pratica è 2026/000718."}, Deliveries: []page.Delivery{{ID: 4, Recipient: "lucia.ferrante@posta.example", State: page.DeliveryArrived, At: At(16, 17, 45)}}},
		{ID: 16, Version: 1, Kind: page.EntryIn, Channel: page.ChannelTelegram, At: At(16, 18, 0), By: "Lucia Ferrante", Deleted: true, DeletedAt: At(16, 18, 2)},
		{ID: 17, Version: 3, Kind: page.EntryIn, Channel: page.ChannelTelegram, At: At(16, 18, 3), By: "Lucia Ferrante", EditedAt: At(16, 18, 5), Replaced: true, Versions: []page.Version{{At: At(16, 18, 5), Text: "Mi scusi, il ponteggio arriva martedì.", Files: []page.File{{Name: "foto-17.jpg", URL: "/files/17/foto-17.jpg", Size: 190_000, Type: "image/jpeg"}}}}, Files: []page.File{{Name: "foto-17.jpg", URL: "/files/18/foto-17.jpg", Size: 210_000, Type: "image/jpeg"}}, Body: page.Body{Text: "Mi scusi, il ponteggio arriva lunedì."}},
		{ID: 18, Version: 1, Kind: page.EntryNote, At: At(17, 8, 31), By: "Marco Tonelli", Body: page.Body{Text: "La scansione non si legge: chiediamo il file. L’amministratore svuota la casella entro sera. @Giulia ci pensi tu?"}},
		{ID: 20, Version: 4, Kind: page.EntryOut, Channel: page.ChannelTelegram, At: At(17, 9, 20), By: "Giulia Moretti", Body: page.Body{Text: "Buongiorno Lucia, la scansione è sfocata. Può mandarci qui il file del geometra?"}, Deliveries: []page.Delivery{{ID: 9, Recipient: "Lucia Ferrante", State: page.DeliveryRead, At: At(17, 9, 26)}}},
		{ID: 22, Version: 1, Kind: page.EntryIn, Channel: page.ChannelTelegram, At: At(17, 11, 4), By: "Lucia Ferrante", Unread: true, Body: page.Body{Text: "Ecco la planimetria con le quote. Va bene così? Il ponteggio dovrebbe arrivare lunedì mattina."}, Files: []page.File{{Name: "planimetria_quote.pdf", URL: "/files/22/planimetria_quote.pdf", Size: 840_000, Type: "application/pdf"}, {Place: &page.Spot{Lat: 45.01728, Lon: 10.46455}}}},
	}}
}

// Composer is the form under the timeline, stopped by a colleague.
func Composer() page.Composer {
	return page.Composer{
		Number: number, View: page.ViewOffice, Mode: page.ModeReply, Seen: 22,
		Channels: []page.ChannelChoice{
			{Value: "telegram:1", Channel: page.ChannelTelegram, To: "@lucia_f", Chosen: true},
			{Value: "mail:1", Channel: page.ChannelMail, To: "lucia.ferrante@posta.example"},
			{Value: "sms:1", Channel: page.ChannelSMS, To: "347 555 01 42", Barred: "opted_out"},
		},
		Recipients: []page.Recipient{{Name: "Lucia Ferrante", Address: "@lucia_f"}},
		Text:       "Buongiorno Lucia, la planimetria va bene, grazie. Ho riaperto il termine e passo la pratica ai Lavori pubblici.",
		Files:      []page.DraftFile{{ID: 4, Name: "ricevuta.pdf", Size: 120_000}}, Most: 25 << 20,
		State: page.ComposerState{
			Number: number, Mode: page.ModeReply, SavedAt: At(17, 11, 11), Meter: &page.Meter{Index: 68},
			Stop: &page.Stop{Number: number, Kind: page.StopColleague, Name: "Sara Benassi", Since: At(17, 11, 11)},
		},
	}
}

// ComposerUndo is the composer in the seconds after sending.
func ComposerUndo() page.Composer {
	c := Composer()
	c.Text, c.Files, c.State = "", nil, page.ComposerState{Number: number, Mode: page.ModeReply}
	c.Undo = &page.Undo{Number: number, ID: 7, Seconds: 10, Until: At(17, 11, 12), Channel: page.ChannelTelegram, To: "Lucia Ferrante"}
	return c
}

// ComposerNewer is the composer stopped by a newer message, with a fault and
// an address never seen.
func ComposerNewer() page.Composer {
	c := Composer()
	c.MayCc, c.ShowCc, c.Cc = true, true, "nuovo@posta.example"
	c.Unsure = []page.Unsure{{Address: "nuovo@posta.example"}}
	c.Fault = &page.FieldFault{Field: "text", Key: "empty"}
	c.State.Stop = &page.Stop{Number: number, Kind: page.StopNewer, Count: 1, From: "Lucia Ferrante"}
	c.State.Meter = &page.Meter{Index: 35}
	return c
}

// ComposerNote is the composer for a note on a closed case.
func ComposerNote() page.Composer {
	c := Composer()
	c.Mode, c.Closed, c.Channels, c.Recipients, c.Files = page.ModeNote, true, nil, nil, nil
	c.State = page.ComposerState{Number: number, Mode: page.ModeNote}
	c.Text = ""
	return c
}

// Picker is the list of ready texts.
func Picker() page.Picker {
	return page.Picker{Query: "int", Items: []page.PickerItem{
		{ID: 1, Short: "integrazione-ok", Office: "Suolo pubblico", First: "Abbiamo ricevuto i documenti mancanti. Il termine riparte da oggi…", Text: "Abbiamo ricevuto i documenti mancanti. Il termine riparte da oggi."},
		{ID: 2, Short: "integrazione-manca", First: "Manca ancora un documento: {documento}. Può mandarlo qui…", Text: "Manca ancora un documento: {documento}. Può mandarlo qui."},
		{ID: 3, Short: "interruzione-acqua", Office: "Lavori pubblici", First: "L’acqua mancherà in {via} dalle {ora} alle {ora}…", Text: "L’acqua mancherà in {via} dalle {ora} alle {ora}."},
	}}
}
