package templates

import "slices"

var events = slices.Concat(
	about(CaseTopic, caseEvents), about(ContactTopic, contactEvents), about(TicketTopic, ticketEvents), about(AppointmentTopic, appointmentEvents),
)

// about says of events what they are about.
func about(topic string, list []Event) []Event {
	for i := range list {
		list[i].Topic = topic
	}
	return list
}

// The events of the physical queue.
const (
	TicketTaken    = "ticket_taken"
	TicketPresent  = "ticket_present"
	TicketNext     = "ticket_next"
	TicketCalled   = "ticket_called"
	TicketRecalled = "ticket_recalled"
	TicketPutBack  = "ticket_put_back"
	TicketVoided   = "ticket_voided"
	TicketExpired  = "ticket_expired"

	AppointmentAsked     = "appointment_asked"
	AppointmentBooked    = "appointment_booked"
	AppointmentChanged   = "appointment_changed"
	AppointmentCancelled = "appointment_cancelled"
	AppointmentReminder  = "appointment_reminder"
	AppointmentConflict  = "appointment_conflict"
	WaitlistAsked        = "waitlist_asked"
	WaitlistJoined       = "waitlist_joined"
	WaitlistOffer        = "waitlist_offer"
	VoteInvitation       = "vote_invitation"
)

// The variables that several of them share.
var (
	ticketLabel = Var{Name: "ticket", It: "Il numero del biglietto", En: "The number of the ticket", ExampleIt: "B12"}
	site        = Var{
		Name: "site", It: "La sede dove ci si presenta", En: "The site to go to",
		ExampleIt: "Municipio, piazza Roma 1", ExampleEn: "Town hall, piazza Roma 1",
	}
	service = Var{
		Name: "service", It: "Il servizio", En: "The service", ExampleIt: "Carta d'identità", ExampleEn: "Identity card",
	}
	desk = Var{
		Name: "desk", It: "Lo sportello che chiama", En: "The counter that calls", ExampleIt: "Sportello 3", ExampleEn: "Counter 3",
	}
	ticketLink = Var{
		Name: "ticket_link", Kind: Link, Optional: true, It: "L'indirizzo della pagina del biglietto", En: "The address of the ticket's page",
		ExampleIt: "https://urp.comune.pontelieto.example/p/t/7Q4M2X9K7Q4M2X9K7Q4M2X",
	}
	wait = Var{
		Name: "wait", Optional: true, It: "L'attesa prevista", En: "The wait expected",
		ExampleIt: "fra 10 e 20 minuti", ExampleEn: "between 10 and 20 minutes",
	}
	when = Var{
		Name: "when", It: "Il giorno e l'ora", En: "Day and time",
		ExampleIt: "martedì 1 dicembre 2026, ore 09:30", ExampleEn: "Tuesday 1 December 2026, 09:30",
	}
	checkinCode = Var{
		Name: "code", It: "Il codice per dire al totem che si è arrivati", En: "The code that tells the kiosk of the arrival", ExampleIt: "K7M4QX",
	}
	suiting = Var{
		Name: "days", It: "I giorni che vanno bene", En: "The days that suit",
		ExampleIt: "dal 1 al 18 dicembre 2026", ExampleEn: "from 1 to 18 December 2026",
	}
	bring = Var{
		Name: "documents", Kind: Block, Optional: true, It: "Che cosa portare", En: "What to bring",
		ExampleIt: "Una foto tessera e la vecchia carta.", ExampleEn: "A passport photograph and the old card.",
	}
	changeLink = Var{
		Name: "change_link", Kind: Link, It: "L'indirizzo per spostare o annullare", En: "The address for changing or cancelling",
		ExampleIt: "https://urp.comune.pontelieto.example/p/appointment/w2TzKbn0Qk5iV8cJxM4eYh3sLrG7uPaD9fNo1mZqXtE",
	}
	until = Var{
		Name: "until", It: "Entro quando", En: "Until when", ExampleIt: "oggi alle 12:30", ExampleEn: "today at 12:30",
	}
)

// linkVar is a link with a token.
func linkVar(name, path, it, en string) Var {
	return Var{
		Name: name, Kind: Link, It: it, En: en,
		ExampleIt: "https://urp.comune.pontelieto.example/p/" + path + "/w2TzKbn0Qk5iV8cJxM4eYh3sLrG7uPaD9fNo1mZqXtE",
	}
}

var ticketEvents = []Event{
	{
		Name: TicketTaken, It: "Il numero è preso: posto, attesa e pagina da seguire.", En: "The number is taken: place, wait and the page to follow.",
		Vars: []Var{municipality, ticketLabel, service, site, ticketLink, wait, {
			Name: "ahead", Optional: true, It: "Quante persone ci sono prima", En: "How many people are before", ExampleIt: "7",
		}},
	},
	{
		Name: TicketPresent, It: "La persona risulta presente: da ora può essere chiamata.", En: "The person is known to be here and can be called from now on.",
		Vars: []Var{municipality, ticketLabel, service, site, ticketLink, wait},
	},
	{
		Name: TicketNext, It: "Tocca quasi a te.", En: "You are next.",
		Vars: []Var{municipality, ticketLabel, service, site, ticketLink},
	},
	{
		Name: TicketCalled, It: "Il numero è chiamato a uno sportello.", En: "The number is called to a counter.",
		Vars: []Var{municipality, ticketLabel, service, site, desk},
	},
	{
		Name: TicketRecalled, It: "Il numero è chiamato di nuovo.", En: "The number is called again.",
		Vars: []Var{municipality, ticketLabel, service, site, desk},
	},
	{
		Name: TicketPutBack, It: "Lo sportello ha rimesso il numero in attesa.", En: "The counter put the number back to wait.",
		Vars: []Var{municipality, ticketLabel, service, site, ticketLink},
	},
	{
		Name: TicketVoided, It: "Il numero non vale più: il biglietto non è stato stampato.", En: "The number is good no more: its ticket was not printed.",
		Vars: []Var{municipality, ticketLabel, service, site},
	},
	{
		Name: TicketExpired, It: "La giornata è finita senza che il numero sia stato servito.", En: "The day ended before the number was served.",
		Vars: []Var{municipality, ticketLabel, service, site},
	},
}

var appointmentEvents = []Event{
	{
		Name: AppointmentAsked, It: "Appuntamento chiesto: va confermato da questo recapito.", En: "Appointment asked for: it must be confirmed from this address.",
		Vars: []Var{municipality, service, site, when, until, linkVar("confirm_link", "appointment/confirm", "L'indirizzo per confermare", "The address for confirming")},
	},
	{
		Name: AppointmentBooked, It: "Appuntamento prenotato.", En: "Appointment booked.",
		Vars: []Var{municipality, office, officePhone, service, site, when, checkinCode, bring, changeLink},
	},
	{
		Name: AppointmentChanged, It: "Appuntamento spostato.", En: "Appointment changed.",
		Vars: []Var{municipality, office, officePhone, service, site, when, checkinCode, bring, changeLink, {
			Name: "before", It: "Il giorno e l'ora di prima", En: "Day and time before",
			ExampleIt: "lunedì 30 novembre 2026, ore 11:00", ExampleEn: "Monday 30 November 2026, 11:00",
		}},
	},
	{
		Name: AppointmentCancelled, It: "Appuntamento annullato.", En: "Appointment cancelled.",
		Vars: []Var{municipality, office, officePhone, service, site, when, {
			Name: "reason", Optional: true, It: "Perché, in parole semplici", En: "Why, in plain words",
			ExampleIt: "Lo sportello quel giorno è chiuso.", ExampleEn: "The counter is closed on that day.",
		}, {
			Name: "booking_link", Kind: Link, Optional: true, It: "L'indirizzo per prenotare di nuovo", En: "The address for booking again",
			ExampleIt: "https://urp.comune.pontelieto.example/p/book",
		}},
	},
	{
		Name: AppointmentReminder, It: "Promemoria di un appuntamento, con conferma e disdetta.", En: "Reminder of an appointment, to be confirmed or cancelled.",
		Vars: []Var{
			municipality, office, officePhone, service, site, when, checkinCode, bring,
			optional(linkVar("confirm_link", "appointment/confirm", "L'indirizzo per confermare", "The address for confirming")),
			linkVar("cancel_link", "appointment/cancel", "L'indirizzo per disdire", "The address for cancelling"),
		},
	},
	{
		Name: AppointmentConflict, It: "L'orario è cambiato: l'appuntamento va spostato.", En: "The hours changed: the appointment must be moved.",
		Vars: []Var{municipality, office, officePhone, service, site, when, changeLink},
	},
	{
		Name: WaitlistAsked, It: "Iscrizione alla lista d'attesa: va confermata da questo recapito.", En: "Asked for the waiting list: it must be confirmed from this address.",
		Vars: []Var{municipality, service, site, suiting, linkVar("join_link", "waitlist/join", "L'indirizzo per confermare", "The address for confirming")},
	},
	{
		Name: WaitlistJoined, It: "Iscrizione alla lista d'attesa.", En: "Put on the waiting list.",
		Vars: []Var{municipality, service, site, suiting, linkVar("leave_link", "waitlist", "L'indirizzo per uscire dalla lista", "The address for leaving the list")},
	},
	{
		Name: WaitlistOffer, It: "Si è liberato un posto per chi è in lista d'attesa.", En: "A place became free for who is on the waiting list.",
		Vars: []Var{
			municipality, service, site, when, until,
			linkVar("offer_link", "offer", "L'indirizzo per accettare o rifiutare", "The address for accepting or refusing"),
		},
	},
	{
		Name: VoteInvitation, It: "Invito a dire com'è andata, con tre faccine.", En: "Invitation to tell how it went, with three faces.",
		Vars: []Var{municipality, service, {
			Name: "until", It: "Fino a quale giorno si può votare", En: "Until which day one can vote", ExampleIt: "20 dicembre 2026", ExampleEn: "20 December 2026",
		}, linkVar("vote_link", "vote", "L'indirizzo per dare il voto", "The address for giving the vote")},
	},
}

// optional is a variable that may be empty.
func optional(v Var) Var {
	v.Optional = true
	return v
}
