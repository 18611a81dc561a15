package web

import (
	"strings"
	"testing"
	"time"

	"filodiretto/inbox"
	"filodiretto/queue"
	"filodiretto/queue/estimate"
	"filodiretto/web/page"
)

// A service that no open counter does has no wait, and everybody is told why: at the
// kiosk, on the telephone, at reception and in the live room.
func TestNobodyDoesAService(t *testing.T) {
	eachSite(t, func(t *testing.T, e *siteTown) {
		h := e.hall()
		house, err := e.queue.House(t.Context(), h.site)
		must(t, err)
		zone, now := house.Calendar.Zone, e.manual.Now()
		later := now.Time().In(zone).Hour()*60 + 120
		weekday := queue.DayOf(now, zone).Weekday()
		_, err = e.queue.SaveCounter(t.Context(), inbox.Viewer{System: true}, queue.CounterEdit{
			Counter: queue.Counter{SiteID: h.site, Key: "15", Name: "Sportello 15", Kind: "desk", OfficeID: e.offices["urp"]},
			Skills:  []queue.Skill{{ServiceID: h.services["tari"]}}, Shifts: []queue.Shift{{Weekday: weekday, Kind: "open", FromMin: later, ToMin: later + 60}},
		})
		must(t, err)
		opens := queue.DayOf(now, zone).At(later, zone)
		hour := opens.Time().In(zone).Format("15:04")

		kiosk := e.deviceAt(h, queue.DeviceEdit{Kind: "kiosk"})
		waits := func() (group page.Wait, services map[string]page.Wait) {
			g := answer[page.KioskState](kiosk.get("/kiosk/municipio/state").want(200)).Groups[0]
			services = map[string]page.Wait{}
			for _, sv := range g.Services {
				services[sv.Names["it"]] = sv.Wait
			}
			return g.Wait, services
		}
		group, services := waits()
		if !group.Nobody || group.From != page.Millis(opens) || !services["certificati"].Nobody || services["certificati"].From != 0 || services["tari"].From != page.Millis(opens) {
			t.Errorf("nobody sits: %+v %+v", group, services)
		}
		given := answer[page.KioskTicket](kiosk.script("/kiosk/municipio/tickets", map[string]any{"key": "k", "service": h.id("tari"), "lang": "it"}).want(200))
		if !given.Wait.Nobody {
			t.Errorf("a number for nobody: %+v", given.Wait)
		}
		path := given.URL[strings.Index(given.URL, "/p/t/"):]
		phone := e.stranger()
		phone.get(path).want(200, "Nessuno sportello aperto per questo servizio", "Dovrebbe aprire alle "+hour)
		e.stranger().get("/p/take/municipio").want(200, "Nessuno sportello fino alle "+hour, "Nessuno sportello aperto")
		staff := e.as("giulia")
		staff.get("/reception").want(200, "nessuno sportello fino alle "+hour, "nessuno sportello aperto")
		staff.get("/queue").want(200, "Per 2 servizi nessuno sportello è aperto", "1 persona aspetta", "dai turni, dalle "+hour, `href="/counter">Apri uno sportello`).without("Cambia chi fa")
		e.as("admin").get("/queue").want(200, "Cambia chi fa che cosa", "/admin/queue/"+formatID(h.site))

		e.openDesk(h) // it does both
		if group, services = waits(); group.Nobody || services["tari"].Nobody || services["certificati"].Nobody {
			t.Errorf("somebody sits: %+v %+v", group, services)
		}
		phone.get(path).want(200, `id="nobody" role="status" hidden`)
		staff.get("/queue").want(200).without("nessuno sportello")
		staff.get("/reception").want(200, "1 persona prima").without("nessuno sportello")
	})
}

// What somebody who takes a number can expect stands on it at reception, and beside
// those in line at the counter.
func TestRangesForThoseAtTheDesk(t *testing.T) {
	eachSite(t, func(t *testing.T, e *siteTown) {
		h := e.hall()
		v := e.openDesk(h)
		for range estimate.Enough {
			e.ticket(h, "certificati", 0)
			e.manual.Advance(2 * time.Minute)
			c, err := e.queue.CallNext(t.Context(), v, queue.At{CounterID: h.first})
			must(t, err)
			_, err = e.queue.Start(t.Context(), v, queue.Act{StepID: c.Step.ID})
			must(t, err)
			e.manual.Advance(3 * time.Minute)
			_, err = e.queue.Finish(t.Context(), v, queue.Finish{Act: queue.Act{StepID: c.Step.ID}})
			must(t, err)
		}
		line := e.ticket(h, "certificati", 0)
		give := func(key string) *seen {
			return e.as("giulia").post("/reception/number", "site", formatID(h.site), "key", key, "service", formatID(h.services["certificati"])).want(200, "Numero dato")
		}
		b := e.as("giulia")
		b.get(counterURL(h.first)).want(200, line.Ticket.Label).without("Attesa prevista: </span>") // nothing is learnt yet
		give("k").want(200, "1 persona prima").without(" min · ")
		e.manual.Advance(10 * time.Minute)
		must(t, e.queue.Learn(t.Context()))
		b.get(counterURL(h.first)).want(200, line.Ticket.Label, "Attesa prevista: </span>")
		give("l").want(200, " min · 2 persone prima")
	})
}
