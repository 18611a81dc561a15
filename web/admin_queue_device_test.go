package web

import (
	"strconv"
	"strings"
	"testing"

	"filodiretto/queue"
	"filodiretto/web/page"
)

// What a device runs stands on its page: today's version, or an older one, which is
// told apart.
func TestWhatADeviceRuns(t *testing.T) {
	eachSite(t, func(t *testing.T, e *siteTown) {
		h := e.hall()
		id, token, err := e.queue.SaveDevice(t.Context(), theRoom, queue.DeviceEdit{SiteID: h.site, Kind: "kiosk", Name: "Ingresso"})
		must(t, err)
		staff, kiosk, at := e.as("admin"), e.stranger(), siteURL(h.site)+"/devices/"+formatID(id)
		staff.get(at).want(200, "mai visto")
		kiosk.get("/kiosk/municipio?token=" + token).to("/kiosk/municipio")
		staff.get(siteURL(h.site)).want(200, "mai visto").without("pagina di oggi")
		kiosk.get("/kiosk/municipio").want(200, `"release":"`+release()+`"`)
		staff.get(siteURL(h.site)).want(200, "pagina di oggi").without("pagina vecchia")
		staff.get(at).want(200, "pagina di oggi ("+release()[:shownVersion]+")", "visto ")

		// A page that was opened before the update goes on asking, and says which it is.
		got := answer[page.KioskState](kiosk.get("/kiosk/municipio/state?page=0011223344556677").want(200))
		if got.Release != release() {
			t.Errorf("the page is told to be %q", got.Release)
		}
		staff.get(siteURL(h.site)).want(200, "Totem, pagina vecchia", "pagina vecchia (00112233): si ricarica da sola")
		kiosk.get("/kiosk/municipio/state").want(200) // from before devices said it
		staff.get(at).want(200, "pagina vecchia (00112233)")
		kiosk.get("/kiosk/municipio/state?page=" + strings.Repeat("x", 41)).want(422)
		kiosk.get("/kiosk/municipio").want(200)
		staff.get(at).want(200, "pagina di oggi")
		if n := e.count("SELECT count(*) FROM devices WHERE page_version = ?", release()); n != 1 {
			t.Errorf("%d devices run today's page", n)
		}
	})
}

func TestADeviceIsSet(t *testing.T) {
	eachSite(t, func(t *testing.T, e *siteTown) {
		h := e.hall()
		make := func(kind string) (address string, b *browser) {
			id, token, err := e.queue.SaveDevice(t.Context(), theRoom, queue.DeviceEdit{SiteID: h.site, Kind: kind, Name: kind})
			must(t, err)
			b = e.stranger()
			b.get("/" + kind + "/municipio?token=" + token).to("/" + kind + "/municipio")
			return siteURL(h.site) + "/devices/" + strconv.FormatInt(id, 10), b
		}
		staff, back := e.as("admin"), siteURL(h.site)

		at, display := make("display")
		staff.get(at).want(200, "Volume, da 1 a 100", "Avvisi in fondo allo schermo").without("Indirizzo della stampante")
		staff.post(at, "name", "Sala", "speaks", "1", "volume", "40", "langs", "en", "title0", "Sabato 21", "text0", "si chiude alle 11").to(back)
		display.get("/display/municipio").want(200, `"volume":40`, `"speak":true`, `"langs":["en"]`, "si chiude alle 11")
		staff.get(at).want(200, `value="40"`, `value="si chiude alle 11"`)
		staff.post(at, "name", "Sala", "volume", "40").to(back)
		display.get("/display/municipio").want(200, `"speak":false`, `"langs":["it","en"]`).without("si chiude alle 11")
		staff.post(at, "name", "Sala", "volume", "0").want(422, "fuori dai limiti")
		staff.post(at, "name", "Sala", "volume", "high").want(422, "numero intero")

		at, kiosk := make("kiosk")
		state := func() page.KioskState { return answer[page.KioskState](kiosk.get("/kiosk/municipio/state").want(200)) }
		staff.get(at).want(200, "Indirizzo della stampante").without("Volume", "Stampa una prova")
		for _, wrong := range []string{"", "10.0.0.21:x", "10.0.0.21:99999", "a b", "http://10.0.0.21/", "-;x"} {
			staff.post(at, "name", "Ingresso", "paper", "server", "printer", wrong).want(422, "Scrivi un indirizzo come")
		}
		staff.post(at, "name", "Ingresso", "paper", "server", "printer", "stampante.lan", "narrow", "1").to(back)
		staff.get(at).want(200, `value="stampante.lan:9100"`, "Stampa una prova")
		if state().Printer != "server" {
			t.Errorf("%+v", state())
		}
		staff.post(at, "name", "Ingresso", "paper", "browser").to(back)
		if state().Printer != "browser" {
			t.Errorf("%+v", state())
		}
		staff.post(at, "name", "Ingresso", "paper", "none").to(back)
		if state().Printer != "none" {
			t.Errorf("%+v", state())
		}
		e.as("giulia").post(at, "name", "Mia", "paper", "none").want(403)
	})
}
