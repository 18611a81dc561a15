package web

import (
	"bytes"
	"net"
	"strconv"
	"testing"

	"filodiretto/queue"
	"filodiretto/web/page"
)

// receiptPrinter listens on a real TCP address and answers as ESC/POS printers do:
// offline is added to its first status. What is on paper comes out of the channel.
func receiptPrinter(t *testing.T, offline byte) (addr string, paper <-chan []byte) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	t.Cleanup(func() { l.Close() })
	out := make(chan []byte, 10)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			serveReceipts(c, offline, out)
		}
	}()
	return l.Addr().String(), out
}

func serveReceipts(c net.Conn, offline byte, out chan<- []byte) {
	defer c.Close()
	var got []byte
	buf := make([]byte, 4096)
	for {
		n, err := c.Read(buf)
		if err != nil {
			return
		}
		switch in := buf[:n]; {
		case bytes.Equal(in, []byte{0x10, 0x04, 2}):
			_, _ = c.Write([]byte{0x12 | offline})
		case bytes.Equal(in, []byte{0x10, 0x04, 4}):
			_, _ = c.Write([]byte{0x12})
		default:
			got = append(got, in...)
			if rest, ok := bytes.CutSuffix(got, []byte{0x1d, 'r', 1}); ok {
				out <- rest
				_, _ = c.Write([]byte{0})
			}
		}
	}
}

func TestKioskPrintsAndAcknowledges(t *testing.T) {
	eachSite(t, func(t *testing.T, e *siteTown) {
		h := e.hall()
		addr, paper := receiptPrinter(t, 0)
		kiosk := e.deviceAt(h, queue.DeviceEdit{Kind: "kiosk", Settings: `{"printer":"` + addr + `"}`})
		k := answer[page.KioskTicket](kiosk.script("/kiosk/municipio/tickets", map[string]any{"key": "a", "service": h.id("certificati"), "lang": "fr"}).want(200))
		print := "/kiosk/municipio/tickets/" + strconv.FormatInt(k.ID, 10) + "/print"
		kiosk.script(print, nil).want(200, `"printed":true`)
		slip := <-paper
		for _, want := range []string{"Municipio", "certificati", "A 1", "17 novembre 2026", k.URL} {
			if !bytes.Contains(slip, []byte(want)) {
				t.Errorf("%q is not on the paper: %q", want, slip)
			}
		}
		if n := e.count("SELECT count(*) FROM tickets WHERE printed_at > 0 AND print_failed_at = 0"); n != 1 {
			t.Errorf("%d numbers are acknowledged", n)
		}
		if stranger := e.deviceAt(h, queue.DeviceEdit{Kind: "kiosk", Settings: `{"printer":"` + addr + `"}`}); stranger.script(print, nil).Code == 200 {
			t.Error("another kiosk printed the number")
		}
		if len(paper) != 0 {
			t.Error("another kiosk's paper came out")
		}
	})
}

// A number whose paper failed lives on the telephone, or ends (queue 3, row 28).
func TestKioskWithoutPaperSaysSo(t *testing.T) {
	eachSite(t, func(t *testing.T, e *siteTown) {
		h := e.hall()
		addr, _ := receiptPrinter(t, 0x20)
		kiosk := e.deviceAt(h, queue.DeviceEdit{Kind: "kiosk", Settings: `{"printer":"` + addr + `"}`})
		k := answer[page.KioskTicket](kiosk.script("/kiosk/municipio/tickets", map[string]any{"key": "a", "service": h.id("certificati"), "lang": "it"}).want(200))
		kiosk.script("/kiosk/municipio/tickets/"+strconv.FormatInt(k.ID, 10)+"/print", nil).want(200, `"printed":false`, "paper_out")
		if n := e.count("SELECT count(*) FROM tickets WHERE print_failed_at > 0 AND printed_at = 0"); n != 1 {
			t.Errorf("%d prints are marked as failed", n)
		}
		if state := answer[page.KioskState](kiosk.get("/kiosk/municipio/state").want(200)); state.Problem != "paper_out" {
			t.Errorf("the trouble is %q", state.Problem)
		}
		kiosk.script("/kiosk/municipio/tickets/"+strconv.FormatInt(k.ID, 10)+"/printed", map[string]bool{"ok": true}).want(200) // the person noted it
		if n := e.count("SELECT count(*) FROM tickets WHERE printed_at > 0"); n != 1 {
			t.Errorf("%d numbers are held", n)
		}
	})
}
