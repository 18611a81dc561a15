package web

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"filodiretto/internal/db/dbtest"
	"filodiretto/queue"
	"filodiretto/web/page"
)

// A kiosk reads what people have with them: the page of a number, on paper or on a
// telephone, the page of an appointment, its code. From a keyboard of another country
// a reader's typing comes twice, and one of the two is right.
func TestAKioskReadsCodes(t *testing.T) {
	eachSite(t, func(t *testing.T, e *siteTown) {
		h := e.hall()
		kiosk := e.deviceAt(h, queue.DeviceEdit{Kind: "kiosk"})
		read := func(texts ...string) *seen {
			return kiosk.script("/kiosk/municipio/scan", map[string]any{"read": texts})
		}
		i := e.ticket(h, "certificati", 0)
		link := "https://filo.example/p/t/" + i.Secret
		got := answer[page.KioskTicket](read(link).want(200))
		if got.Label != "A1" || got.Scan != page.ScanKnown || got.Wait.Ahead != 0 || got.QR.Path == "" {
			t.Errorf("a number that is here: %+v", got)
		}
		if got = answer[page.KioskTicket](read("httpsç--filo.example-p-t-"+i.Secret, link).want(200)); got.Label != "A1" {
			t.Errorf("typed on another keyboard: %+v", got)
		}
		v := e.openDesk(h)
		call, err := e.queue.CallNext(t.Context(), v, queue.At{CounterID: h.first, Key: "c"})
		must(t, err)
		if got = answer[page.KioskTicket](read(link).want(200)); got.Scan != page.ScanCalled || got.Place == nil || got.Place.Mark != "1" {
			t.Errorf("a number that is called: %+v", got)
		}
		_, err = e.queue.NoShow(t.Context(), v, queue.Act{StepID: call.Step.ID, Key: "n"})
		must(t, err)
		read(link).want(422, `"code":"wrong_state"`)
		e.stranger().script("/kiosk/municipio/scan", map[string]any{"read": []string{link}}).want(404)

		for range 3 {
			read("https://altrove.example/").want(404, queue.WrongCode)
		}
		read().want(404)
		kiosk.script("/kiosk/municipio/scan", "x").want(400)
	})
}

// Who guesses codes at a kiosk is slowed down, in whatever way they come.
func TestGuessingAtTheReaderIsSlow(t *testing.T) {
	e := newSite(t, dbtest.SQLite(t))
	h := e.hall()
	kiosk := e.deviceAt(h, queue.DeviceEdit{Kind: "kiosk"})
	guess := func() int {
		return kiosk.script("/kiosk/municipio/scan", map[string]any{"read": []string{"AAAAAA"}}).Code
	}
	for range 30 {
		if guess() == http.StatusTooManyRequests {
			kiosk.script("/kiosk/municipio/arrive", map[string]string{"code": "AAAAAA"}).want(http.StatusTooManyRequests)
			return
		}
	}
	t.Error("thirty guesses, and no end")
}

// An appointment is checked in by the code that its page shows as a QR code, and by
// the page's own address; once.
func TestAKioskReadsAnAppointment(t *testing.T) {
	eachSite(t, func(t *testing.T, e *siteTown) {
		h := e.hall()
		e.agenda(h, "certificati", 1, -1)
		kiosk := e.deviceAt(h, queue.DeviceEdit{Kind: "kiosk"})
		lucia := e.stranger()
		path, _, _ := strings.Cut(lucia.booked(0, "lucia@posta.example"), "?")
		shown := lucia.get(path).want(200, `aria-label="Codice QR da far leggere al totem"`).Body
		code := regexp.MustCompile(`b-code">([A-Z0-9]{6})<`).FindStringSubmatch(shown)[1]
		read := func(text string) page.KioskTicket {
			return answer[page.KioskTicket](kiosk.script("/kiosk/municipio/scan", map[string]any{"read": []string{text}}).want(200))
		}
		first, again := read("https://filo.example"+path), read(code)
		if first.Label == "" || first.Slot == 0 || first.Scan != "" || again.Label != first.Label {
			t.Errorf("%+v, then %+v", first, again)
		}
		if n := e.count("SELECT count(*) FROM tickets"); n != 1 {
			t.Errorf("%d numbers for one appointment", n)
		}
	})
}

// The camera is for the page of a kiosk that may use it, and for no other.
func TestOnlyAKioskMayUseACamera(t *testing.T) {
	e := newSite(t, dbtest.SQLite(t))
	h := e.hall()
	plain, eye := e.deviceAt(h, queue.DeviceEdit{Kind: "kiosk"}), e.deviceAt(h, queue.DeviceEdit{Kind: "kiosk", Settings: `{"camera":true,"reader":true}`})
	for b, want := range map[*browser]string{plain: "camera=()", eye: "camera=(self)", e.as("giulia"): "camera=()"} {
		at := "/kiosk/municipio"
		if b != plain && b != eye {
			at = "/queue"
		}
		if got := b.get(at).want(200).Header.Get("Permissions-Policy"); !strings.HasPrefix(got, want) {
			t.Errorf("%s: %q", at, got)
		}
	}
	if s := answer[page.KioskState](eye.get("/kiosk/municipio/state").want(200)); !s.Camera || !s.Reader {
		t.Errorf("%+v", s)
	}
	at, staff := regexp.MustCompile(`/admin/queue/\d+/devices/\d+`), e.as("admin")
	form := at.FindString(staff.get(siteURL(h.site)).want(200).Body)
	staff.get(form).want(200, "Ha un lettore di codici", "Legge i codici con la fotocamera")
}
