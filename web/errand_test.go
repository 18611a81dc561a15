package web

import (
	"testing"

	"filodiretto/inbox"
	"filodiretto/queue"
	"filodiretto/web/page"
)

// errand puts a reason to come on a service.
func (e *siteTown) errand(h *townHall, service string) {
	e.t.Helper()
	_, err := e.queue.SaveErrand(e.t.Context(), inbox.Viewer{System: true}, h.site, queue.Errand{
		ServiceID: h.services[service], Key: "autentica", Names: queue.Names{"it": "Autentica di firma"},
		Documents: queue.Papers{"it": {"Documento d'identità", "Delega, se vieni per altri"}, "en": {"Identity document"}}, Online: "https://example.org/autentica",
	})
	must(e.t, err)
}

// TestErrandsAreShownBeforeTheNumber: on the kiosk's screen, and on a telephone as a
// question before the number is given.
func TestErrandsAreShownBeforeTheNumber(t *testing.T) {
	eachSite(t, func(t *testing.T, e *siteTown) {
		h := e.hall()
		e.errand(h, "certificati")
		kiosk := e.deviceAt(h, queue.DeviceEdit{Kind: "kiosk", Name: "Ingresso"})
		state := answer[page.KioskState](kiosk.get("/kiosk/municipio/state").want(200))
		var sheet *page.KioskSheet
		for _, g := range state.Groups {
			for _, s := range g.Services {
				if len(s.For) == 1 {
					sheet = &s.For[0]
				}
			}
		}
		if sheet == nil || sheet.Key != "autentica" || sheet.Online == nil || len(sheet.Needs) != 2 || !sheet.Needs[1].If || sheet.Needs[0].If || sheet.Needs[0].Names["en"] != "Identity document" {
			t.Fatalf("%+v", sheet)
		}
		e.ticket(h, "tari", 0) // opens the day
		code := answer[page.DisplayState](e.deviceAt(h, queue.DeviceEdit{Kind: "display", Name: "Sala"}).get("/display/municipio/state").want(200)).Code
		b := e.stranger()
		b.post("/p/take/municipio", "key", "k", "service", h.id("certificati"), "code", code).want(200, "Autentica di firma", "Delega, se vieni per altri", "https://example.org/autentica", "Altro")
		if n := e.count("SELECT count(*) FROM tickets WHERE origin = 'web'"); n != 0 {
			t.Fatal("a number before the question was answered")
		}
		b.post("/p/take/municipio", "key", "k", "service", h.id("certificati"), "errand", "autentica", "code", "x").want(422, "Autentica di firma")
		b.post("/p/take/municipio", "key", "k", "service", h.id("certificati"), "errand", "autentica", "code", code).to("/p/t/")
		other := e.stranger()
		other.post("/p/take/municipio", "key", "o", "service", h.id("certificati"), "errand", "-", "code", code).to("/p/t/")
		if n := e.count("SELECT count(*) FROM steps WHERE errand = 'autentica'"); n != 1 {
			t.Error(n, "steps have the errand")
		}
	})
}

// TestCounterNotesWhatIsMissing: the counter sees why somebody comes, and ticks what
// they did not bring.
func TestCounterNotesWhatIsMissing(t *testing.T) {
	eachSite(t, func(t *testing.T, e *siteTown) {
		h := e.hall()
		e.errand(h, "certificati")
		b, at := e.as("giulia"), counterURL(h.first)
		b.post(at + "/open").to(at)
		_, err := e.queue.IssueTicket(t.Context(), inbox.Viewer{System: true}, queue.NewTicket{SiteID: h.site, ServiceID: h.services["certificati"], Procedure: "autentica", Key: "k"})
		must(t, err)
		b.post(at+"/next", "key", "k1").to(at)
		act := func(verb string, more ...string) {
			p := b.get(at)
			b.post(at+"/act", append([]string{"verb", verb, "step", p.field("step"), "version", p.field("version"), "key", p.field("key")}, more...)...).to(at)
		}
		act("start")
		b.get(at).want(200, "Autentica di firma", "Che cosa manca?", "Documento d&#39;identità")
		act("finish", "missing", "Documento d'identità")
		if n := e.count("SELECT count(*) FROM steps WHERE outcome = 'missing_documents' AND missing = 'Documento d''identità'"); n != 1 {
			t.Error("what is missing is noted")
		}
	})
}
