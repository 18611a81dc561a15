package web

import (
	"regexp"
	"testing"

	"filodiretto/inbox"
	"filodiretto/queue"
	"filodiretto/web/page"
)

// The kiosk says "we have told the staff": the live room says it until somebody goes
// there, and tells what ails a device and whose paper stands in no line.
func TestWhatDevicesTellStandsInTheRoom(t *testing.T) {
	eachSite(t, func(t *testing.T, e *siteTown) {
		h := e.hall()
		id, token, err := e.queue.SaveDevice(t.Context(), inbox.Viewer{System: true}, queue.DeviceEdit{SiteID: h.site, Kind: "kiosk", Name: "Ingresso", Alone: true})
		must(t, err)
		kiosk := e.stranger()
		kiosk.get("/kiosk/municipio?token=" + token).to("/kiosk/municipio")
		state := answer[page.KioskState](kiosk.get("/kiosk/municipio/state").want(200))
		staff := e.as("giulia")
		staff.get("/queue").want(200).without("Ingresso")

		kiosk.script("/kiosk/municipio/help", nil).want(200)
		kiosk.script("/kiosk/municipio/help", nil).want(200)
		asked := staff.get("/queue").want(200, "Al totem «Ingresso» qualcuno chiede aiuto", "Ci vado")
		all := regexp.MustCompile(`/queue/\d+/notices/\d+/done`).FindAllString(asked.Body, -1)
		if len(all) != 1 {
			t.Fatal("told", all)
		}
		e.stranger().post(all[0]).want(401)
		staff.post(all[0]).to("/queue?site=" + formatID(h.site))
		staff.get("/queue").want(200).without("chiede aiuto")

		for _, key := range []string{"one", "two"} {
			kiosk.script("/kiosk/municipio/reconcile", map[string]any{"tickets": []map[string]any{
				{"key": key, "service_id": h.id("certificati"), "lang": "it", "day": state.Lease.Day, "number": 1, "at": state.Now},
			}}).want(200)
		}
		must(t, e.queue.Seen(t.Context(), &queue.Device{ID: id, SiteID: h.site}, "paper_out"))
		staff.get("/queue").want(200, "Chi ha il biglietto A"+state.Lease.Letters+"1", "va chiamato a voce", "ha dato due volte lo stesso numero", "Ingresso: carta finita")
	})
}
