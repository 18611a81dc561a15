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
		all := regexp.MustCompile(` action="(/queue/\d+/notices/\d+/done)"`).FindAllStringSubmatch(asked.Body, -1)
		if len(all) != 1 {
			t.Fatal("told", all)
		}
		e.stranger().post(all[0][1]).want(401)
		staff.post(all[0][1]).to("/queue?site=" + formatID(h.site))
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

// Who sits at a counter reads the same there, and stays there when it is seen to.
func TestWhatDevicesTellStandsAtTheCounters(t *testing.T) {
	eachSite(t, func(t *testing.T, e *siteTown) {
		h := e.hall()
		var kiosks []*queue.Device
		for _, name := range []string{"Ingresso", "Scala B", "Cortile", "Anagrafe", "Tributi"} {
			id, _, err := e.queue.SaveDevice(t.Context(), inbox.Viewer{System: true}, queue.DeviceEdit{SiteID: h.site, Kind: "kiosk", Name: name})
			must(t, err)
			kiosks = append(kiosks, &queue.Device{ID: id, SiteID: h.site, Kind: "kiosk"})
		}
		staff, at := e.as("giulia"), counterURL(h.first)
		staff.post(at + "/open").to(at)
		staff.get(at).want(200).without("Ingresso")
		must(t, e.queue.AskHelp(t.Context(), kiosks[0]))
		must(t, e.queue.Seen(t.Context(), kiosks[0], "paper_out"))
		for _, path := range []string{at, at + "/desk"} {
			staff.get(path).want(200, "Al totem «Ingresso» qualcuno chiede aiuto", "Ci vado", "Ingresso: carta finita")
		}
		done := regexp.MustCompile(`/queue/\d+/notices/\d+/done`).FindString(staff.get(at).Body)
		if done == "" {
			t.Fatal("no notice at the counter")
		}
		staff.post(done, "counter", formatID(h.first)).to(at)
		staff.get(at).want(200, "Ingresso: carta finita").without("chiede aiuto")
		staff.post(done, "counter", "//elsewhere.example").to("/queue?site=" + formatID(h.site))

		// Many are told in a few lines, the oldest first.
		for _, k := range kiosks {
			must(t, e.queue.AskHelp(t.Context(), k))
		}
		staff.get(at).want(200, "«Ingresso»", "«Scala B»", "«Cortile»", "Altre 2 segnalazioni in sala").without("«Anagrafe»", "«Tributi»")
		staff.get("/queue").want(200, "«Ingresso»", "«Anagrafe»", "«Tributi»").without("segnalazioni in sala")
	})
}
