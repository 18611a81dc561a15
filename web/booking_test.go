package web

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"filodiretto/inbox"
	"filodiretto/queue"
)

// agenda publishes slots of half an hour for a service, without proof of the address
// where confirm is -1.
func (e *siteTown) agenda(h *townHall, service string, capacity, confirm int) *queue.Agenda {
	e.t.Helper()
	a, err := queue.NewBookings(e.queue, e.inbox, "https://filo.pontelieto.example").SaveAgenda(e.t.Context(), inbox.Viewer{System: true}, queue.Agenda{
		SiteID: h.site, Key: service, Names: queue.Names{"it": service}, SlotMin: 30, Capacity: capacity, Public: capacity, LeadMin: 60, HorizonDays: 14, Services: []int64{h.services[service]},
		Settings: queue.AgendaSettings{ConfirmMin: confirm, Documents: queue.Names{"it": "Un documento\nLa tessera sanitaria"}},
	})
	must(e.t, err)
	return a
}

var slotValue = regexp.MustCompile(`name="start" value="(\d+)"`)

// slot is the nth time on a page.
func (a *seen) slot(n int) string {
	a.t.Helper()
	all := slotValue.FindAllStringSubmatch(a.Body, -1)
	if len(all) <= n {
		a.t.Fatalf("%s offers %d times: %.400s", a.What, len(all), text(a.Body))
	}
	return all[n][1]
}

// booked books the nth time and gives the address of the appointment.
func (b *browser) booked(n int, mail string) string {
	b.t.Helper()
	a := b.get("/p/book/municipio/certificati").want(200)
	form := b.post("/p/book/municipio/certificati", "key", a.field("key"), "start", a.slot(n)).to("/p/book/municipio/certificati/").Header.Get("Location")
	b.get(form).want(200, "Il posto è tuo fino alle")
	to := b.post(form, "person", "Lucia Ferrante", "email", mail).to("/p/appointment/").Header.Get("Location")
	return strings.TrimSuffix(to, "?did=booked")
}

func TestBookingFromTheListToTheCalendar(t *testing.T) {
	eachSite(t, func(t *testing.T, e *siteTown) {
		h := e.hall()
		e.agenda(h, "certificati", 1, -1)
		b := e.stranger()
		b.get("/p/book").to("/p/book/municipio")
		b.get("/p/book/municipio").want(200, "certificati", "primo posto").without("tari")
		b.get("/p/book/municipio/tari").want(404)
		a := b.get("/p/book/municipio/certificati").want(200, "La tessera sanitaria")
		form := b.post("/p/book/municipio/certificati", "key", a.field("key"), "start", a.slot(0)).to("/p/book/municipio/certificati/").Header.Get("Location")
		b.post(form, "person", "", "email", "lucia@").want(422, "Scrivi nome e cognome", "Scrivi un indirizzo e-mail", `aria-invalid="true"`)
		other := e.stranger()
		other.post("/p/book/municipio/certificati", "key", "o", "start", a.slot(0)).want(409, "Qualcuno è stato più veloce")
		other.get(form).want(409, "Il tempo è finito")
		to := b.post(form, "person", "Lucia Ferrante", "email", "lucia@posta.example").to("/p/appointment/").Header.Get("Location")
		path := strings.TrimSuffix(to, "?did=booked")
		b.get(to).want(200, "l’appuntamento è confermato", "Lucia Ferrante", "Codice per il totem")
		ics := b.get(path+"/calendar.ics").want(200, "BEGIN:VEVENT", "METHOD:PUBLISH")
		if !strings.HasPrefix(ics.Header.Get("Content-Type"), "text/calendar") {
			t.Error(ics.Header.Get("Content-Type"))
		}
		b.get(path + "/nothing").want(404)
	})
}

// A place that was kept for too long is somebody else's (queue 3, row 6), and more
// time is one touch away (WCAG 2.2.1).
func TestAHoldEndsAndCanBePutOff(t *testing.T) {
	eachSite(t, func(t *testing.T, e *siteTown) {
		h := e.hall()
		e.agenda(h, "certificati", 1, -1)
		b := e.stranger()
		a := b.get("/p/book/municipio/certificati").want(200)
		form := b.post("/p/book/municipio/certificati", "key", "k", "start", a.slot(3)).to("/p/book/").Header.Get("Location")
		e.manual.Advance(8 * time.Minute)
		b.post(form+"/longer", "key", "k").to(form)
		e.manual.Advance(8 * time.Minute)
		b.get(form).want(200, "Il posto è tuo")
		if n := e.count("SELECT taken FROM slots WHERE taken > 0"); n != 1 {
			t.Errorf("%d places are taken by one hold", n)
		}
		e.manual.Advance(11 * time.Minute)
		b.get(form).want(409, "Il tempo è finito")
		other := e.stranger()
		other.post("/p/book/municipio/certificati", "key", "o", "start", a.slot(3)).to("/p/book/")
		b.post(form, "person", "Lucia Ferrante", "email", "lucia@posta.example").want(409)
	})
}

func TestMovingAndCancellingByTheLink(t *testing.T) {
	eachSite(t, func(t *testing.T, e *siteTown) {
		h := e.hall()
		e.agenda(h, "certificati", 1, -1)
		b := e.stranger()
		path := b.booked(50, "lucia@posta.example")
		a := b.get(path+"/change").want(200, "Sposta l’appuntamento")
		to := b.post(path+"/change", "start", a.slot(60)).to("/p/appointment/").Header.Get("Location")
		moved := strings.TrimSuffix(to, "?did=changed")
		b.get(to).want(200, "l’appuntamento è spostato")
		b.post(moved+"/sooner", "key", "s", "from", "not a day", "to", "").want(422, "Controlla i giorni")
		b.get(moved+"?ask=cancel").want(200, "Vuoi annullare?")
		if n := e.count("SELECT count(*) FROM appointments WHERE state = 'booked'"); n != 1 { // asking changes nothing
			t.Fatalf("%d appointments", n)
		}
		b.post(moved+"/cancel").want(200, "Appuntamento annullato")
		b.post(moved+"/cancel").want(404, "non vale più")
		b.get(moved).want(404, "non vale più")
	})
}

// A link does one thing: what is wrong, over, used or for something else looks
// alike (queue 3, row 17).
func TestLinksOpenOneThingOnly(t *testing.T) {
	eachSite(t, func(t *testing.T, e *siteTown) {
		h := e.hall()
		e.agenda(h, "certificati", 1, -1)
		b := e.stranger()
		token := strings.TrimPrefix(b.booked(50, "lucia@posta.example"), "/p/appointment/")
		over := text(b.get("/p/appointment/wrong").want(404, "non vale più").Body)
		for _, path := range []string{"/p/appointment/confirm/" + token, "/p/appointment/cancel/" + token, "/p/offer/" + token, "/p/offer/wrong"} {
			if got := text(b.get(path).want(404).Body); got != over {
				t.Errorf("%s answers otherwise: %q", path, got)
			}
		}
		b.post("/p/waitlist/"+token).want(404, "non vale più")
		b.post("/p/appointment/confirm/" + token).want(404)
		b.get("/p/appointment/" + token).want(200)
	})
}

func TestAnAddressIsProvenBeforeABookingIsFirm(t *testing.T) {
	eachSite(t, func(t *testing.T, e *siteTown) {
		h := e.hall()
		e.agenda(h, "certificati", 1, 60)
		b := e.stranger()
		a := b.get("/p/book/municipio/certificati").want(200)
		form := b.post("/p/book/municipio/certificati", "key", "k", "start", a.slot(2)).to("/p/book/").Header.Get("Location")
		b.post(form, "person", "Lucia Ferrante", "email", "lucia@posta.example").want(200, "apri il messaggio", "lucia@posta.example")
		if n := e.count("SELECT count(*) FROM appointments WHERE state = 'booked'"); n != 0 {
			t.Errorf("%d are firm already", n)
		}
	})
}

// The code of the appointment checks in at the kiosk, the display's on the telephone.
func TestCheckInAtKioskAndByTelephone(t *testing.T) {
	eachSite(t, func(t *testing.T, e *siteTown) {
		h := e.hall()
		e.agenda(h, "certificati", 1, -1)
		e.ticket(h, "tari", 0)
		first, second := e.stranger(), e.stranger()
		mine, theirs := first.booked(0, "lucia@posta.example"), second.booked(1, "mario@posta.example")
		code := regexp.MustCompile(`b-code">([A-Z0-9]{6})<`).FindStringSubmatch(first.get(mine).want(200).Body)
		if code == nil {
			t.Fatal("no code on the page")
		}
		kiosk := e.deviceAt(h, queue.DeviceEdit{Kind: "kiosk"})
		kiosk.script("/kiosk/municipio/arrive", map[string]string{"code": strings.ToLower(code[1])}).want(200, `"slot":`)
		shown := e.deviceAt(h, queue.DeviceEdit{Kind: "display"}).get("/display/municipio/state").want(200)
		digits := regexp.MustCompile(`"code":"(\d+)"`).FindStringSubmatch(shown.Body)[1]
		second.post(theirs+"/here", "code", "x").want(409, "Il codice non è quello dello schermo")
		to := second.post(theirs+"/here", "code", digits).to("/p/t/").Header.Get("Location")
		second.get(to).want(200, "sappiamo che sei qui")
	})
}
