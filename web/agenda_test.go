package web

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"filodiretto/inbox"
	"filodiretto/queue"
)

var appointmentLink = regexp.MustCompile(`[?&;]ap=(\d+)`)

// bookedBy books by the staff's page and gives the id.
func (b *browser) bookedBy(agenda *queue.Agenda, start string, more ...string) string {
	b.t.Helper()
	form := append([]string{"agenda", formatID(agenda.ID), "start", start, "service", formatID(agenda.Services[0]), "class", "appointment", "key", start + strings.Join(more, "")}, more...)
	to := b.post("/agenda/book", form...).to("/agenda?").Header.Get("Location")
	m := appointmentLink.FindStringSubmatch(to)
	if m == nil {
		b.t.Fatalf("no appointment in %s", to)
	}
	return m[1]
}

func TestAgendaFromBookingToArrival(t *testing.T) {
	eachSite(t, func(t *testing.T, e *siteTown) {
		h := e.hall()
		b := e.as("giulia")
		b.get("/agenda").want(http.StatusOK, "Nessuna agenda da vedere")
		a := e.agenda(h, "certificati", 3, -1)
		b.get("/agenda").want(http.StatusOK, "certificati", "posti liberi", `data-go="a"`)
		at := queue.Day("2026-11-17").At(10*60+30, time.UTC)
		b.get("/agenda?slot="+startText(at)).want(http.StatusOK, "Prenota qui")
		b.get("/agenda?book="+startText(at)).want(http.StatusOK, "Prenota: oggi alle 10:30")
		b.post("/agenda/book", "agenda", formatID(a.ID), "start", startText(at), "service", formatID(a.Services[0]), "name", " ", "key", "x").want(http.StatusUnprocessableEntity, `aria-invalid="true"`)
		id := b.bookedBy(a, startText(at), "name", "Lucia Ferrante", "phone", "347 555 0142", "note", "Porta la foto.")
		b.get("/agenda?ap="+id).want(http.StatusOK, "Nessun messaggio lo raggiunge", "Lucia Ferrante", "Porta la foto.", "È arrivato", "+39 347 555 0142").without("Non è venuto")
		b.get("/agenda?view=week").want(http.StatusOK, "1 di 3")
		b.post("/agenda/appointments/"+id+"/missed", "version", "2").to("/agenda?")
		b.get("/agenda").want(http.StatusOK, "ora non è ancora passata")
		b.post("/agenda/appointments/" + id + "/arrive").to("/agenda?")
		b.get("/agenda?ap="+id).want(http.StatusOK, "È in anticipo: il numero è A1", "arrivato")
		if n := e.count("SELECT count(*) FROM tickets WHERE origin = 'appointment'"); n != 1 {
			t.Errorf("%d tickets", n)
		}
	})
}

func TestAgendaMovesAndCancels(t *testing.T) {
	eachSite(t, func(t *testing.T, e *siteTown) {
		h := e.hall()
		a := e.agenda(h, "certificati", 1, -1)
		b := e.as("giulia")
		day := queue.Day("2026-11-18")
		id := b.bookedBy(a, startText(day.At(9*60, time.UTC)), "name", "Mario Rossi", "email", "mario@posta.example")
		p := b.get("/agenda?day=2026-11-18&ap="+id+"&do=move").want(http.StatusOK, "ha il posto, ed è stato avvisato", "Tocca l’ora nuova")
		version := p.field("version")
		to := startText(day.At(11*60, time.UTC))
		b.post("/agenda/appointments/"+id+"/move", "version", version, "start", to).to("/agenda?")
		b.get("/agenda?day=2026-11-18&ap="+id).want(http.StatusOK, "spostato e avvisato", "11:00–11:30")
		b.post("/agenda/appointments/"+id+"/cancel", "version", version, "tell", "1").to("/agenda?")
		b.get("/agenda?day=2026-11-18").want(http.StatusOK, "Nel frattempo", "Mario Rossi")
		b.get("/agenda?day=2026-11-18&ap="+id+"&do=cancel").want(http.StatusOK, "Avvisa la persona")
		b.post("/agenda/appointments/"+id+"/cancel", "tell", "1", "reason", "Sportello chiuso.").to("/agenda?")
		b.get("/agenda?day=2026-11-18").want(http.StatusOK, "annullato e avvisato")
		b.post("/agenda/slots", "agenda", formatID(a.ID), "day", "2026-11-18", "start", to, "capacity", "0", "public", "0").to("/agenda?")
		b.get("/agenda?day=2026-11-18").want(http.StatusOK, "chiuso alle prenotazioni")
		b.post("/agenda/waiting", "agenda", formatID(a.ID), "service", formatID(a.Services[0]), "name", "Nina Bo", "from", "2026-11-18", "to", "2026-11-25", "key", "w").want(http.StatusUnprocessableEntity, "serve per avvisare")
		b.post("/agenda/waiting", "agenda", formatID(a.ID), "service", formatID(a.Services[0]), "name", "Nina Bo", "phone", "347 555 1000", "from", "2026-11-18", "to", "2026-11-25", "key", "w").to("/agenda/waiting")
		b.get("/agenda/waiting?agenda="+formatID(a.ID)).want(http.StatusOK, "Nina Bo", "è in lista d’attesa")
	})
}

// Hours that shrink leave conflicts, each with its next step.
func TestAgendaConflictsHaveActions(t *testing.T) {
	eachSite(t, func(t *testing.T, e *siteTown) {
		h := e.hall()
		a := e.agenda(h, "certificati", 2, -1)
		b, admin := e.as("giulia"), e.as("admin")
		day := queue.Day("2026-11-19")
		id := b.bookedBy(a, startText(day.At(9*60, time.UTC)), "name", "Mario Rossi", "email", "mario@posta.example")
		silent := b.bookedBy(a, startText(day.At(9*60, time.UTC)), "name", "Rosa Neri")
		site := siteURL(h.site)
		p := admin.get(site+"/shut").want(http.StatusOK, "Vedi che cosa succede")
		form := []string{"version", p.field("version"), "day", "2026-11-19", "reason", "Sciopero"}
		seen := admin.post(site+"/shut", form...).want(http.StatusOK, "Appuntamenti senza più posto: 2. Raggiungibili con un messaggio: 1; da chiamare al telefono: 1.", "Conferma")
		if n := e.count("SELECT count(*) FROM site_days"); n != 0 {
			t.Fatal("showing shuts nothing")
		}
		admin.post(site+"/shut", append(form, "sure", seen.field("sure"))...).to(site)
		admin.get("/agenda/conflicts?site="+formatID(h.site)).want(http.StatusOK, "Posto riservato").without("Mario Rossi")
		b.get("/agenda").want(http.StatusOK, "2 appuntamenti non hanno più posto")
		b.get("/agenda/conflicts?site="+formatID(h.site)).want(http.StatusOK, "Mario Rossi", "Quel giorno la sede è chiusa.", "da chiamare al telefono")
		b.post("/agenda/appointments/"+id+"/tell", "back", "conflicts").to("/agenda/conflicts")
		b.get("/agenda/conflicts?site="+formatID(h.site)).want(http.StatusOK, "avvisato, con il modo di scegliere", "avvisato, sceglie un’altra ora")
		b.post("/agenda/appointments/"+silent+"/move", "start", startText(day.Add(1).At(9*60, time.UTC)), "back", "conflicts").to("/agenda/conflicts")
		b.get("/agenda/conflicts?site=" + formatID(h.site)).want(http.StatusOK).without("Quel giorno la sede è chiusa. </small>")
		admin.get(site+"/give-up").want(http.StatusOK, "Prima vanno spostati o annullati").without("queue-danger")
		admin.post(site+"/give-up", "version", "0").want(http.StatusOK, "Prima vanno spostati")
	})
}

// Who may work no agenda sees none, and nobody acts on another office's.
func TestAgendaIsOfWhoWorksIt(t *testing.T) {
	eachSite(t, func(t *testing.T, e *siteTown) {
		h := e.hall()
		a := e.agenda(h, "certificati", 2, -1)
		id := e.as("giulia").bookedBy(a, startText(queue.Day("2026-11-18").At(9*60, time.UTC)), "name", "Lucia Ferrante")
		e.as("admin").get("/agenda").want(http.StatusForbidden)
		for _, who := range []string{"elena", "paolo", "rita"} {
			b := e.as(who)
			b.get("/agenda").want(http.StatusOK, "Nessuna agenda da vedere")
			b.get("/agenda?agenda="+formatID(a.ID)).want(http.StatusOK, "Nessuna agenda").without("Lucia")
			b.post("/agenda/appointments/" + id + "/cancel").want(http.StatusNotFound)
			b.get("/agenda/waiting?agenda=" + formatID(a.ID)).want(http.StatusNotFound)
		}
		e.stranger().get("/agenda").to("/login")
	})
}

// Two touches at reception: the name, and "has arrived".
func TestReceptionReceivesAppointments(t *testing.T) {
	eachSite(t, func(t *testing.T, e *siteTown) {
		h := e.hall()
		a := e.agenda(h, "certificati", 3, -1)
		b := e.as("giulia")
		at := queue.Day("2026-11-17").At(10*60+30, time.UTC)
		id := b.bookedBy(a, startText(at), "name", "Lucia Ferrante", "phone", "347 555 0142")
		b.bookedBy(a, startText(at), "name", "Mario Rossi")
		b.get("/reception").want(http.StatusOK, "Chi ha un appuntamento", "Lucia Ferrante", "Mario Rossi")
		for _, q := range []string{"ferr", "0142"} {
			b.get("/reception/arrivals?arrival="+q).want(http.StatusOK, "Lucia Ferrante").without("Mario Rossi", "<html")
		}
		b.get("/reception/arrivals?arrival=nessuno").want(http.StatusOK, "Nessun appuntamento di oggi")
		e.manual.Advance(20 * time.Minute)
		b.post("/reception/arrived", "appointment", id).want(http.StatusOK, "A1", "Sarà chiamato come chi aspetta dalle 10:30", "<svg")
		b.get("/reception/arrivals?arrival=ferr").want(http.StatusOK, "arrivato · A1")
		v, err := e.queue.Room(t.Context(), inbox.Viewer{System: true}, h.site)
		must(t, err)
		if len(v.Visits) != 1 || v.Visits[0].Step.RefAt != at {
			t.Fatalf("%+v", v.Visits)
		}
	})
}

// An agenda is made on a page, which shows what it would publish before it does.
func TestAgendaIsSetUpOnAPage(t *testing.T) {
	eachSite(t, func(t *testing.T, e *siteTown) {
		h := e.hall()
		b := e.as("admin")
		at := siteURL(h.site) + "/agendas/"
		b.get(siteURL(h.site)).want(http.StatusOK, "Nessuna agenda: qui si lavora solo con i numeri", "Chiudi un giorno")
		b.get(at+"new").want(http.StatusOK, "Orario dell’agenda", "Anteprima")
		values := map[string]string{"name_it": "Certificati", "open_3": "09:00-10:00"}
		set := queue.Agenda{SlotMin: 30, Capacity: 2, Public: 1, LeadMin: 60, HorizonDays: 30, Settings: queue.DefaultAgendaSettings()}
		form := func(more ...string) []string {
			out := []string{"services", formatID(h.services["certificati"])}
			for k, v := range values {
				out = append(out, k, v)
			}
			for _, x := range agendaNumbers(&set) {
				out = append(out, x.name, formatID(int64(*x.to)))
			}
			return append(out, more...)
		}
		set.SlotMin = 2
		b.post(at+"new", form()...).want(http.StatusUnprocessableEntity, "Il valore è fuori dai limiti")
		set.SlotMin = 30
		b.post(at+"new", form("preview", "1")...).want(http.StatusOK, "Che cosa si pubblica", "Mercoledì 18 novembre 2026", "09:00–10:00", "L’agenda non riceve")
		if n := e.count("SELECT count(*) FROM agendas"); n != 0 {
			t.Fatal("a preview makes nothing")
		}
		b.post(at+"new", form()...).to(siteURL(h.site))
		list, err := e.deps.Bookings.Agendas(t.Context(), h.site)
		must(t, err)
		if len(list) != 1 || list[0].Key != "certificati" || list[0].SlotMin != 30 || len(list[0].Hours) != 1 || list[0].Settings.HoldMin != 10 {
			t.Fatalf("%+v", list[0])
		}
		one := at + formatID(list[0].ID)
		b.get(one).want(http.StatusOK, "Che cosa si pubblica", `value="Certificati"`)
		b.post(one, form("version", "7")...).want(http.StatusUnprocessableEntity, "Nel frattempo è cambiato qualcosa")
		values["name_it"] = "Certificati e altro"
		b.post(one, form("version", "1")...).to(siteURL(h.site))
		b.get(siteURL(h.site)).want(http.StatusOK, "Certificati e altro", "30 minuti, 2 posti, 1 per i cittadini")
		b.post(one + "/end").to(siteURL(h.site))
		b.get(siteURL(h.site)).want(http.StatusOK, "Nessuna agenda: qui")
		b.get(one).want(http.StatusNotFound)
		e.as("giulia").get(at + "new").want(http.StatusForbidden)
	})
}

// Who finds no time goes on the waiting list, once the address is proven.
func TestWaitingListFromTheWeb(t *testing.T) {
	eachSite(t, func(t *testing.T, e *siteTown) {
		h := e.hall()
		e.agenda(h, "certificati", 1, 60)
		b := e.stranger()
		b.get("/p/book/municipio/certificati").want(http.StatusOK, "Mettiti in lista d’attesa")
		p := b.get("/p/book/municipio/certificati/wait").want(http.StatusOK, "In lista d’attesa")
		form := []string{"key", p.field("key"), "person", "Nina Bo", "from", "2026-11-18", "to", "2026-11-25"}
		b.post("/p/book/municipio/certificati/wait", append(form, "email", "nina@")...).want(http.StatusUnprocessableEntity, "Scrivi un indirizzo e-mail")
		b.post("/p/book/municipio/certificati/wait", "key", "k", "person", "Nina Bo", "email", "nina@posta.example", "from", "2026-11-01", "to", "2026-11-02").want(http.StatusUnprocessableEntity, "Controlla i giorni")
		b.post("/p/book/municipio/certificati/wait", append(form, "email", "nina@posta.example")...).want(http.StatusOK, "apri il messaggio", "nina@posta.example")
		if n := e.count("SELECT count(*) FROM waitlist WHERE state = 'waiting'"); n != 0 {
			t.Fatal("not before the address is proven")
		}
		link := regexp.MustCompile(`/p/waitlist/join/[A-Za-z0-9_-]{43}`)
		var path string
		for _, m := range e.sent(e.mail) {
			if x := link.FindString(m.Text); x != "" {
				path = x
			}
		}
		if path == "" {
			t.Fatal("no letter has the link")
		}
		b.get(path).want(http.StatusOK, "Ti metti in lista d’attesa?", "certificati")
		b.post(path).want(http.StatusOK, "Sei in lista d’attesa")
		b.post(path).want(http.StatusNotFound, "non vale più")
		e.as("giulia").get("/agenda/waiting?agenda="+formatID(int64(e.count("SELECT agenda_id FROM waitlist")))).want(http.StatusOK, "Nina Bo")
	})
}

// Wrong codes of presence are counted for a network address, as log-ins are.
func TestWrongCodesOfPresenceSlowDown(t *testing.T) {
	eachSite(t, func(t *testing.T, e *siteTown) {
		h := e.hall()
		e.agenda(h, "certificati", 3, -1)
		e.ticket(h, "tari", 0)
		b := e.stranger()
		for range 10 {
			b.post("/p/take/municipio", "service", formatID(h.services["certificati"]), "code", "1", "key", "k").want(http.StatusUnprocessableEntity)
		}
		b.post("/p/take/municipio", "service", formatID(h.services["certificati"]), "code", "1", "key", "k").want(http.StatusTooManyRequests)
		e.manual.Advance(time.Hour)
		paths := []string{b.booked(0, "lucia@posta.example"), e.stranger().booked(1, "mario@posta.example")}
		for i := range 10 {
			b.post(paths[i%2]+"/here", "code", "1").want(http.StatusConflict)
		}
		b.post(paths[0]+"/here", "code", "1").want(http.StatusTooManyRequests, "Troppe richieste")
	})
}
