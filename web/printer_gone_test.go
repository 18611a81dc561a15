package web

import (
	"bytes"
	"net"
	"strconv"
	"testing"

	"filodiretto/internal/secret"
	"filodiretto/queue"
	"filodiretto/web/page"
)

// dyingPrinter answers the first question and hangs up in the middle of the paper.
func dyingPrinter(t *testing.T) (addr string, die func()) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			buf := make([]byte, 3)
			_, _ = c.Read(buf)
			_, _ = c.Write([]byte{0x12})
			_, _ = c.Read(buf)
			_ = c.Close()
		}
	}()
	return l.Addr().String(), func() { l.Close() }
}

// mrf345/FQM #91, #100 and #125 (queue 3, row 32): what the printer said was lost. Here
// a printer that dies, in the middle of the paper or altogether, is told to the person
// at the kiosk, who keeps the number, and to the staff, until it prints again.
func TestIssue91PrinterThatDies(t *testing.T) {
	eachSite(t, func(t *testing.T, e *siteTown) {
		h := e.hall()
		addr, die := dyingPrinter(t)
		id, token, err := e.queue.SaveDevice(t.Context(), theRoom, queue.DeviceEdit{SiteID: h.site, Kind: "kiosk", Name: "Ingresso", Settings: `{"printer":"` + addr + `"}`})
		must(t, err)
		kiosk := e.stranger()
		kiosk.get("/kiosk/municipio?token=" + token).to("/kiosk/municipio")
		staff := e.as("admin")
		devices := siteURL(h.site)
		device := devices + "/devices/" + strconv.FormatInt(id, 10)
		take := func() page.KioskTicket {
			return answer[page.KioskTicket](kiosk.script("/kiosk/municipio/tickets", map[string]any{"key": secret.Token(8), "service": h.id("certificati"), "lang": "it"}).want(200))
		}
		print := func(k page.KioskTicket) *seen {
			return kiosk.script("/kiosk/municipio/tickets/"+strconv.FormatInt(k.ID, 10)+"/print", nil)
		}
		for _, c := range []struct {
			cut         func()
			code, words string
		}{
			{func() {}, "printer_silent", "la stampante non conferma"},
			{die, "printer_off", "stampante spenta"},
		} {
			c.cut()
			k := take()
			print(k).want(200, `"printed":false`, c.code)
			if state := answer[page.KioskState](kiosk.get("/kiosk/municipio/state").want(200)); state.Problem != c.code {
				t.Errorf("the kiosk is told %q", state.Problem)
			}
			staff.get(devices).want(200, c.words)
			staff.post(device + "/test").to(device)
			staff.get(device).want(200, "La prova non è uscita: "+c.words)
			kiosk.script("/kiosk/municipio/tickets/"+strconv.FormatInt(k.ID, 10)+"/printed", map[string]bool{"ok": true}).want(200) // noted by hand
		}
		again, paper := receiptPrinter(t, 0)
		staff.post(device, "name", "Ingresso", "paper", "server", "printer", again, "langs", "it").to(devices)
		staff.post(device + "/test").to(device)
		staff.get(device).want(200, "La prova è stampata")
		if slip := <-paper; !bytes.Contains(slip, []byte("Prova di stampa")) || !bytes.Contains(slip, []byte{0x85, 0x8a, 0x82, 0x8d, 0x95, 0x97, ' ', 0xd5}) {
			t.Errorf("the trial is not in code page 858: %q", slip)
		}
		print(take()).want(200, `"printed":true`)
		<-paper
		staff.get(devices).want(200).without("stampante spenta", "la stampante non conferma")
	})
}
