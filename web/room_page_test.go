package web

import (
	"bufio"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"filodiretto/inbox"
	"filodiretto/internal/db/dbtest"
	"filodiretto/queue"
	"filodiretto/web/page"
)

// deviceAt opens a device of the hall in a browser of its own.
func (e *siteTown) deviceAt(h *townHall, d queue.DeviceEdit) *browser {
	e.t.Helper()
	d.SiteID, d.Name = h.site, d.Kind
	_, token, err := e.queue.SaveDevice(e.t.Context(), inbox.Viewer{System: true}, d)
	must(e.t, err)
	b := e.stranger()
	b.get("/" + d.Kind + "/municipio?token=" + token).to("/" + d.Kind + "/municipio")
	return b
}

// script sends what a script of the room sends.
func (b *browser) script(path string, body any) *seen {
	b.t.Helper()
	text, err := json.Marshal(body)
	must(b.t, err)
	return b.do(b.request("POST", path, strings.NewReader(string(text)), "Content-Type", "application/json"))
}

func answer[T any](a *seen) T {
	a.t.Helper()
	var out T
	if err := json.Unmarshal([]byte(a.Body), &out); err != nil {
		a.t.Fatalf("%s: %v: %s", a.What, err, a.Body)
	}
	return out
}

// openDesk has an operator of the URP sit at the first counter.
func (e *siteTown) openDesk(h *townHall) inbox.Viewer {
	e.t.Helper()
	v := e.people["giulia"]
	if v.OperatorID == 0 {
		for _, v = range e.people {
			if v.FrontDesk {
				break
			}
		}
	}
	_, err := e.queue.Open(e.t.Context(), v, h.first, 0)
	must(e.t, err)
	return v
}

func (h *townHall) id(service string) string { return strconv.FormatInt(h.services[service], 10) }

func TestKioskGivesOneNumberForATouch(t *testing.T) {
	eachSite(t, func(t *testing.T, e *siteTown) {
		h := e.hall()
		kiosk := e.deviceAt(h, queue.DeviceEdit{Kind: "kiosk", Alone: true, Settings: `{"printer":"browser"}`})
		kiosk.get("/kiosk/municipio").want(200, `id="boot"`, "certificati").without("<no value>")
		e.stranger().get("/kiosk/municipio").want(404)
		e.stranger().get("/kiosk/municipio?token=wrong").to("/kiosk/municipio")

		touch := map[string]any{"key": "tap1", "service": h.id("certificati"), "class": "", "lang": "it"}
		first := answer[page.KioskTicket](kiosk.script("/kiosk/municipio/tickets", touch).want(200))
		again := answer[page.KioskTicket](kiosk.script("/kiosk/municipio/tickets", touch).want(200))
		if first.Label != "A1" || again.Label != first.Label || again.URL != first.URL { // queue 3, row 28
			t.Errorf("one touch gave %q and %q", first.Label, again.Label)
		}
		protected := map[string]any{"key": "tap2", "service": h.id("certificati"), "class": "protected", "lang": "de"}
		a := kiosk.script("/kiosk/municipio/tickets", protected).want(200).without("protected", "precedenza")
		if second := answer[page.KioskTicket](a); second.Label != "A2" {
			t.Errorf("the second touch gave %q", second.Label)
		}
		kiosk.script("/kiosk/municipio/tickets/"+strconv.FormatInt(first.ID, 10)+"/printed", map[string]bool{"ok": true}).want(200)
		if n := e.count("SELECT count(*) FROM tickets WHERE printed_at > 0"); n != 1 {
			t.Errorf("%d numbers are acknowledged", n)
		}
		kiosk.script("/kiosk/municipio/tickets", map[string]any{"key": "x", "service": "1", "lang": "it"}).want(422, `"code":"service"`)
		kiosk.script("/kiosk/municipio/arrive", map[string]any{"code": "AAAAAA"}).want(404, "wrong_code")
		kiosk.script("/kiosk/municipio/help", nil).want(200)
	})
}

// A kiosk that was alone tells afterwards, twice if need be, and nothing is given twice.
func TestKioskReconcilesWhatItGaveAlone(t *testing.T) {
	eachSite(t, func(t *testing.T, e *siteTown) {
		h := e.hall()
		kiosk := e.deviceAt(h, queue.DeviceEdit{Kind: "kiosk", Alone: true})
		state := answer[page.KioskState](kiosk.get("/kiosk/municipio/state").want(200))
		if state.Lease == nil || state.Lease.Next["A"] != 1 || state.Lease.Letters == "" {
			t.Fatalf("lease %+v", state.Lease)
		}
		given := map[string]any{"tickets": []map[string]any{
			{"key": "alone1", "service_id": h.id("certificati"), "lang": "it", "day": state.Lease.Day, "number": 1, "at": state.Now},
			{"key": "alone2", "service_id": h.id("tari"), "lang": "it", "day": state.Lease.Day, "number": 2, "at": state.Now},
		}}
		for range 2 {
			got := answer[struct{ Tickets []queue.Reconciled }](kiosk.script("/kiosk/municipio/reconcile", given).want(200))
			if len(got.Tickets) != 2 || got.Tickets[0].Label != "A"+state.Lease.Letters+"1" || got.Tickets[0].Code != "" {
				t.Fatalf("%+v", got)
			}
		}
		if n := e.count("SELECT count(*) FROM tickets"); n != 2 {
			t.Errorf("%d numbers", n)
		}
		if state = answer[page.KioskState](kiosk.get("/kiosk/municipio/state").want(200)); state.Lease.Next["A"] != 3 {
			t.Errorf("it counts on from %d", state.Lease.Next["A"])
		}
	})
}

// stream is the data of one kind of event.
func (b *browser) stream(path, event string) <-chan string {
	b.t.Helper()
	a, err := b.http.Do(b.request("GET", path, nil))
	if err != nil {
		b.t.Fatal(err)
	}
	if a.StatusCode != http.StatusOK || !strings.HasPrefix(a.Header.Get("Content-Type"), "text/event-stream") {
		b.t.Fatalf("%s: %d %s", path, a.StatusCode, a.Header.Get("Content-Type"))
	}
	out := make(chan string, 100)
	go func() {
		defer close(out)
		defer a.Body.Close()
		name := ""
		for s := bufio.NewScanner(a.Body); s.Scan(); {
			if e, ok := strings.CutPrefix(s.Text(), "event: "); ok {
				name = e
			}
			if d, ok := strings.CutPrefix(s.Text(), "data: "); ok && name == event {
				out <- d
			}
		}
	}()
	return out
}

func next[T any](t *testing.T, events <-chan string, good func(T) bool) T {
	t.Helper()
	end := time.After(20 * time.Second)
	for {
		select {
		case text, open := <-events:
			if !open {
				t.Fatal("the stream ended")
			}
			var v T
			must(t, json.Unmarshal([]byte(text), &v))
			if good(v) {
				return v
			}
		case <-end:
			t.Fatal("nothing came that pleases")
		}
	}
}

func TestACallReachesDisplayAndTelephone(t *testing.T) {
	eachSite(t, func(t *testing.T, e *siteTown) {
		h := e.hall()
		kiosk, display := e.deviceAt(h, queue.DeviceEdit{Kind: "kiosk"}), e.deviceAt(h, queue.DeviceEdit{Kind: "display"})
		give := func(key string) page.KioskTicket {
			return answer[page.KioskTicket](kiosk.script("/kiosk/municipio/tickets", map[string]any{"key": key, "service": h.id("certificati"), "class": "protected", "lang": "it"}).want(200))
		}
		one, two := give("one"), give("two")
		path := func(k page.KioskTicket) string { return k.URL[strings.Index(k.URL, "/p/t/"):] }
		phone := e.stranger()
		phone.get(path(two)).want(200, "A\u00a02", `data-phase="waiting"`).without("protected", "Precedenza")
		screen, followed := display.stream("/display/municipio/events", "state"), phone.stream(path(two)+"/events", "ticket")
		next(t, followed, func(s page.TicketState) bool { return s.Phase == page.TicketWaiting && s.Wait.Ahead == 1 })
		v := e.openDesk(h)
		call, err := e.queue.CallNext(t.Context(), v, queue.At{CounterID: h.first, Key: "c1"})
		must(t, err)
		next(t, followed, func(s page.TicketState) bool { return s.Wait.Ahead == 0 })
		d := next(t, screen, func(s page.DisplayState) bool { return len(s.Calls) == 1 })
		if d.Calls[0].Label != one.Label || len(d.Announce) != 1 || d.Code == "" {
			t.Errorf("the display shows %+v", d)
		}
		_, err = e.queue.Recall(t.Context(), v, queue.Act{StepID: call.Step.ID, Key: "r1"})
		must(t, err) // a recall of a number that is shown is a call of its own
		d = next(t, screen, func(s page.DisplayState) bool { return len(s.Announce) == 2 })
		if len(d.Calls) != 1 || d.Announce[0].ID == d.Announce[1].ID {
			t.Errorf("after a recall: %+v", d)
		}
		_, err = e.queue.NoShow(t.Context(), v, queue.Act{StepID: call.Step.ID, Key: "n1"})
		must(t, err)
		_, err = e.queue.CallNext(t.Context(), v, queue.At{CounterID: h.first, Key: "c2"})
		must(t, err)
		s := next(t, followed, func(s page.TicketState) bool { return s.Phase == page.TicketCalled })
		if s.Place == nil || s.Place.Mark != "1" {
			t.Errorf("sent to %+v", s.Place)
		}
		phone.get(path(two)).want(200, "tocca a te")
		again := next(t, display.stream("/display/municipio/events", "state"), func(page.DisplayState) bool { return true })
		if len(again.Calls) != 2 { // queue 3, row 24: whoever comes back lacks nothing
			t.Errorf("after coming back: %+v", again.Calls)
		}
		e.stranger().get("/display/municipio").want(404)
		e.stranger().get("/display/municipio/events").want(404)
	})
}

func TestWhatTheHolderOfANumberCanDo(t *testing.T) {
	eachSite(t, func(t *testing.T, e *siteTown) {
		h := e.hall()
		path := "/p/t/" + e.ticket(h, "certificati", 0).Secret
		b := e.stranger()
		a := b.get(path).want(200, "Lascio passare 3 persone")
		b.post(path+"/pass", "key", a.field("key")).to(path + "?did=pass")
		b.post(path+"/pass", "key", a.field("key")).to(path + "?did=pass") // the other of two taps
		if n := e.count("SELECT let_pass FROM steps"); n != 3 {
			t.Errorf("lets %d go first", n)
		}
		b.post(path+"/late", "key", "l", "minutes", "20").to(path + "?did=late")
		b.get(path).want(200, `data-phase="later"`)
		b.post(path+"/late", "key", "m", "minutes", "-5").want(422)
		b.get(path+"?ask=leave").want(200, "Vuoi lasciare il posto?")
		b.post(path+"/leave", "key", "x").to(path)
		b.get(path).want(200, `data-phase="left"`, "Torno in coda")
		b.post(path+"/back", "key", "y").to(path + "?did=back")
		b.get(path).want(200).without(`data-phase="left"`)
		b.post(path+"/leave", "key", "z").to(path)
		e.manual.Advance(3 * time.Minute)
		b.get(path).want(200).without("Torno in coda")
		b.post(path+"/back", "key", "w").want(422, "passato troppo tempo")
		b.post(path + "/nothing").want(404)
		b.get("/p/t/wrong").want(404)
		b.get(path+"?lang=de").want(200, `lang="de"`, "aufgegeben")
	})
}

// The worker of notifications reaches the pages of numbers, and is looked at anew each
// time, so that no telephone keeps an old one.
func TestWorkerOfNotifications(t *testing.T) {
	e := newSite(t, dbtest.SQLite(t))
	a := e.stranger().get("/p/notify.js").want(200, "notificationclick").without("fetch(", "addEventListener(\"push\"")
	if kind, keep := a.Header.Get("Content-Type"), a.Header.Get("Cache-Control"); !strings.HasPrefix(kind, "text/javascript") || keep != "no-cache" {
		t.Errorf("%s, %s", kind, keep)
	}
}

// Nobody fills the room from home, and a browser has one number (queue 5, point 6).
func TestTakingANumberNeedsTheCodeOfTheDisplay(t *testing.T) {
	eachSite(t, func(t *testing.T, e *siteTown) {
		h := e.hall()
		e.ticket(h, "tari", 0) // opens the day
		code := answer[page.DisplayState](e.deviceAt(h, queue.DeviceEdit{Kind: "display"}).get("/display/municipio/state").want(200)).Code
		b := e.stranger()
		b.get("/p/take/municipio").want(200, "certificati").without(code)
		wrong := "0000"
		if code == wrong {
			wrong = "0001"
		}
		b.post("/p/take/municipio", "key", "k", "service", h.id("certificati"), "code", wrong).want(422, "non è quello dello schermo")
		b.post("/p/take/municipio", "key", "k", "service", "", "code", code).want(422, "Scegli un servizio")
		b.post("/p/take/municipio", "key", "k", "service", h.id("certificati"), "code", code).to("/p/t/")
		b.post("/p/take/municipio", "key", "other", "service", h.id("certificati"), "code", code).want(422, "Hai già un numero")
		b.get("/p/take/municipio").want(200, "Hai già il numero")
		guesser := e.stranger()
		for range 12 {
			guesser.post("/p/take/municipio", "key", "g", "service", h.id("certificati"), "code", wrong)
		}
		guesser.post("/p/take/municipio", "key", "g", "service", h.id("certificati"), "code", code).want(429)
	})
}

func TestThreeFaces(t *testing.T) {
	eachSite(t, func(t *testing.T, e *siteTown) {
		h := e.hall()
		v := e.openDesk(h)
		serve := func(key string) string {
			k := e.ticket(h, "certificati", 0)
			c, err := e.queue.CallNext(t.Context(), v, queue.At{CounterID: h.first, Key: key})
			must(t, err)
			_, err = e.queue.Start(t.Context(), v, queue.Act{StepID: c.Step.ID})
			must(t, err)
			_, err = e.queue.Finish(t.Context(), v, queue.Finish{Act: queue.Act{StepID: c.Step.ID}})
			must(t, err)
			return "/p/t/" + k.Secret
		}
		b := e.stranger()
		b.get(serve("a")).want(200, `data-phase="done"`, "faccina")
		tablet := e.deviceAt(h, queue.DeviceEdit{Kind: "tablet", CounterID: h.first})
		tablet.get("/tablet/municipio").want(200, "Com’è andata?")
		a := tablet.post("/tablet/municipio", "face", "1").want(200, "Che cosa non ha funzionato?")
		tablet.post("/tablet/municipio/reason", "more", a.field("more"), "reason", "waiting").want(200, "Grazie")
		tablet.get("/tablet/municipio").want(200).without("Com’è andata?</h1>")
		path := serve("b")
		to := b.get(path + "/vote").to("/p/vote/").Header.Get("Location")
		b.get(to).want(200, "Bene", "Male")
		b.post(to, "face", "3").want(200, "Grazie")
		b.post(to, "face", "3").want(404, "non si può più votare") // one vote for each visit
		b.get("/p/vote/wrong").want(404)
		if n := e.count("SELECT count(*) FROM votes WHERE reason = 'waiting' AND face = 1"); n != 1 {
			t.Errorf("%d red votes with their reason", n)
		}
	})
}
