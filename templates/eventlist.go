package templates

// The variables that several events share.
var (
	municipality = Var{
		Name: "municipality", It: "Il nome del Comune", En: "The name of the municipality",
		ExampleIt: "Comune di Pontelieto",
	}
	office = Var{
		Name: "office", It: "L'ufficio che segue la pratica", En: "The office that handles the case",
		ExampleIt: "Ufficio relazioni con il pubblico", ExampleEn: "Public relations office",
	}
	officePhone = Var{
		Name: "office_phone", Optional: true, It: "Il telefono dell'ufficio", En: "The office's telephone",
		ExampleIt: "0575 123456",
	}
	caseNumber = Var{
		Name: "case_number", It: "Il numero della pratica", En: "The number of the case", ExampleIt: "2026/000123",
	}
	caseSubject = Var{
		Name: "case_subject", Optional: true, It: "L'oggetto scritto da chi ha aperto la pratica",
		En: "The subject as the citizen wrote it", ExampleIt: "Buca in via Garibaldi", ExampleEn: "Pothole in via Garibaldi",
	}
	statusLink = Var{
		Name: "status_link", Kind: Link, It: "L'indirizzo della pagina che dice a che punto è la pratica",
		En: "The address of the page that tells how the case stands", ExampleIt: "https://urp.comune.pontelieto.example/p/case?number=2026%2F000123&secret=7Q4M2XKP3D",
	}
	dpoContact = Var{
		Name: "dpo_contact", Optional: true, It: "Come scrivere al responsabile della protezione dei dati",
		En: "How to write to the data protection officer", ExampleIt: "dpo@comune.pontelieto.example",
	}
	privacyLink = Var{
		Name: "privacy_link", Kind: Link, Optional: true, It: "L'indirizzo dell'informativa completa sulla privacy",
		En: "The address of the full privacy notice", ExampleIt: "https://urp.comune.pontelieto.example/p/privacy",
	}
)

// caseEvents are those of cases and their answers.
var caseEvents = []Event{
	{
		Name: Receipt,
		It:   "Conferma automatica: il messaggio è arrivato e la pratica è aperta.",
		En:   "Automatic receipt: the message arrived and the case is open.",
		Vars: []Var{
			municipality, office, officePhone, caseNumber, caseSubject, statusLink, privacyLink,
			{
				Name: "answer_by", Optional: true, It: "Entro quando arriva la risposta", En: "When the answer is due",
				ExampleIt: "21 dicembre 2026", ExampleEn: "21 December 2026",
			},
		},
	},
	{
		Name: ReplySubject, SubjectOnly: true, Partial: true,
		It: "Oggetto delle risposte per e-mail.", En: "Subject of the answers by mail.",
		Vars: []Var{
			municipality, office, caseNumber, caseSubject,
			{
				Name: "case_token", It: "Il codice che riporta la risposta nella pratica giusta",
				En: "The code that brings the answer back to the right case", ExampleIt: "PL-2026-000123-K7",
			},
		},
	},
	{
		Name: ReplyFooter, Partial: true,
		It: "Chiusura sotto ogni risposta di un operatore.", En: "Closing lines under each answer of an operator.",
		Vars: []Var{municipality, office, officePhone, caseNumber, statusLink},
	},
	{
		Name: CaseClosed,
		It:   "La pratica è chiusa.", En: "The case is closed.",
		Vars: []Var{
			municipality, office, officePhone, caseNumber, caseSubject, statusLink,
			{
				Name: "outcome", Kind: Block, Optional: true, It: "Come è finita, in parole semplici", En: "How it ended, in plain words",
				ExampleIt: "La buca è stata riparata il 20 novembre.", ExampleEn: "The pothole was repaired on 20 November.",
			},
			{
				Name: "reopen_days", It: "Per quanti giorni una risposta riapre la pratica",
				En: "For how many days an answer reopens the case", ExampleIt: "30",
			},
		},
	},
	{
		Name: HandoverDone,
		It:   "La pratica è passata a un altro ufficio.", En: "The case went to another office.",
		Vars: []Var{
			municipality, caseNumber, caseSubject, statusLink,
			{
				Name: "from_office", It: "L'ufficio di prima", En: "The office before",
				ExampleIt: "Ufficio relazioni con il pubblico", ExampleEn: "Public relations office",
			},
			{
				Name: "to_office", It: "L'ufficio che ora segue la pratica", En: "The office that handles the case now",
				ExampleIt: "Ufficio manutenzioni", ExampleEn: "Maintenance office",
			},
		},
	},
	{
		Name: TooLarge,
		It:   "Il messaggio è troppo grande e non è stato letto.", En: "The message is too large and was not read.",
		Vars: []Var{
			municipality, office, officePhone,
			{
				Name: "limit", It: "La dimensione massima", En: "The largest size", ExampleIt: "25 MB",
			},
			{
				Name: "message_subject", Optional: true, It: "L'oggetto del messaggio", En: "The subject of the message",
				ExampleIt: "Planimetrie del garage", ExampleEn: "Plans of the garage",
			},
			{
				Name: "upload_link", Kind: Link, Optional: true, It: "L'indirizzo di una pagina per inviare file grandi",
				En: "The address of a page for large files", ExampleIt: "https://urp.comune.pontelieto.example/p/invia",
			},
		},
	},
	{
		Name: DeliveryFailedOperator,
		It:   "Avviso all'operatore: la sua risposta non è arrivata.", En: "To the operator: the answer did not arrive.",
		Vars: []Var{
			municipality, caseNumber, caseSubject,
			{
				Name: "recipient", It: "A chi era diretta", En: "Whom it was for", ExampleIt: "Lucia Ferrante",
			},
			{
				Name: "channel_name", It: "Il canale", En: "The channel", ExampleIt: "posta elettronica", ExampleEn: "e-mail",
			},
			{
				Name: "reason", Kind: Block, It: "Perché non è arrivata, in parole", En: "Why it did not arrive, in words",
				ExampleIt: "La casella non esiste più.", ExampleEn: "The mailbox does not exist any more.",
			},
			{
				Name: "case_link", Kind: Link, It: "L'indirizzo della pratica per gli operatori",
				En: "The address of the case for operators", ExampleIt: "https://urp.comune.pontelieto.example/cases/2026/000123",
			},
		},
	},
}

// contactEvents are those of a channel: its greeting, what it says of privacy, consent.
var contactEvents = []Event{
	{
		Name: Start,
		It:   "Saluto a chi apre la chat per la prima volta (/start).", En: "Greeting to who opens the chat for the first time (/start).",
		Vars: []Var{municipality, office, officePhone, privacyLink},
	},
	{
		Name: Privacy,
		It:   "Informativa breve sulla privacy (/privacy).", En: "Short privacy notice (/privacy).",
		Vars: []Var{
			municipality, privacyLink, dpoContact,
		},
	},
	{
		Name: PrivacyPage, Standing: true,
		It: "Pagina pubblica dell'informativa sulla privacy (/p/privacy).", En: "Public page of the privacy notice (/p/privacy).",
		Vars: []Var{
			municipality, dpoContact, privacyLink,
			{
				Name: "controller", It: "Il titolare del trattamento", En: "The controller of the personal data",
				ExampleIt: "Comune di Pontelieto, Piazza Roma 1",
			},
			{
				Name: "controller_contact", Optional: true, It: "Come scrivere al titolare", En: "How to write to the controller",
				ExampleIt: "comune@pec.pontelieto.example",
			},
			{
				Name: "retention", Kind: Block, Optional: true, It: "Per quanto tempo si conservano i dati", En: "How long data are kept",
				ExampleIt: "Dieci anni dalla chiusura della pratica, poi i dati si cancellano.",
				ExampleEn: "Ten years after the case is closed, then the data are deleted.",
			},
		},
	},
	{
		Name: OptedOut,
		It:   "Risposta a chi non vuole più avvisi (/stop).", En: "Answer to who wants no more notices (/stop).",
		Vars: []Var{municipality},
	},
	{
		Name: OptedIn,
		It:   "Risposta a chi vuole di nuovo gli avvisi.", En: "Answer to who wants notices again.",
		Vars: []Var{municipality},
	},
	{
		Name: LinkConfirmed,
		It:   "Il canale è stato collegato alla persona.", En: "The channel was linked to the person.",
		Vars: []Var{
			municipality, privacyLink,
			{
				Name: "linked_to", It: "A che cosa è collegato: quanto basta per riconoscersi e non di più",
				En: "What it is linked to: enough to recognise oneself and no more", ExampleIt: "l•••@p•••.it",
			},
		},
	},
	{
		Name: LinkExpired,
		It:   "Il collegamento che doveva unire il canale alla persona non vale più.", En: "The link that was to join the channel to the person is good no more.",
		Vars: []Var{municipality, office, officePhone},
	},
}
