package web

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"filodiretto/channels/webpage"
	"filodiretto/inbox"
)

// opens is a browser in which the case of a letter is open.
func (e *siteTown) opens(ref string) *browser {
	e.t.Helper()
	b := e.stranger()
	b.post("/p/case", "number", ref, "secret", e.theCase(ref).Secret).to("/p/case")
	return b
}

// TestPublicReply: a citizen writes on the page, once, without scripts; staff see
// it with what is proven; the answer comes where the citizen is reached.
func TestPublicReply(t *testing.T) {
	eachSite(t, func(t *testing.T, e *siteTown) {
		e.letter(e.mail, "Lucia Ferrante <lucia@posta.example>", "Ponteggio", "Buongiorno, a che punto è?")
		ref := e.ref(e.people["giulia"])
		b := e.opens(ref)
		b.get("/p/case").want(http.StatusOK, "rispondi al messaggio che hai ricevuto").without(`action="/p/case/reply#reply"`)
		b.send("/p/case/reply", "number", ref, "key", "k", "text", "prova").want(http.StatusUnprocessableEntity, "non si può scrivere da qui", "Ponteggio")

		e.deps.Config.Contact.Phone, e.deps.Config.Contact.Hours = "0371 555 100", []string{"lunedì 9-12"}
		e.account("pagine", "web", "urp", webpage.Driver, nil)
		p := b.get("/p/case").want(http.StatusOK, `action="/p/case/reply#reply"`, `enctype="multipart/form-data"`, "E-mail", "0371 555 100", "lunedì 9-12")
		key := p.field("key")
		if again := b.get("/p/case").field("key"); again == key || len(key) < 20 {
			t.Error("two forms have one key")
		}
		for range 2 {
			b.send("/p/case/reply", "number", p.field("number"), "key", key, "text", "Ecco la <planimetria>.", "@file", "piano.pdf:%PDF-1.4").to("/p/case?sent=1")
		}
		b.get("/p/case?sent=1").want(http.StatusOK, "Messaggio ricevuto", `role="status"`, "Ecco la &lt;planimetria&gt;.", "piano.pdf").without("/p/case/files/")
		staff := e.as("giulia")
		seen := staff.get("/cases?case="+ref).want(http.StatusOK, "Ecco la &lt;planimetria&gt;.", "conosce numero e codice", "Pagina web", "piano.pdf")
		if n := strings.Count(seen.Body, "Ecco la &lt;planimetria&gt;."); n > 2 { // once in the list, once in the case
			t.Errorf("a double click made %d messages", n)
		}
		file := regexp.MustCompile(`href="(/files/[0-9]+/piano\.pdf\?t=[^"]+)"`).FindStringSubmatch(seen.Body)
		if file == nil {
			t.Fatal("staff cannot get the file")
		}
		if d := staff.get(file[1]).want(http.StatusOK); d.Header.Get("Content-Type") != "application/octet-stream" || d.Header.Get("X-Content-Type-Options") != "nosniff" || !strings.HasPrefix(d.Header.Get("Content-Disposition"), "attachment") {
			t.Errorf("the file is no plain download: %v", d.Header)
		}

		k := e.theCase(ref)
		cmd := inbox.ReplyCommand{CaseID: k.ID, SeenInID: k.LastInID, AccountID: k.AccountID, Text: "Va bene.", Undo: inbox.AtOnce}
		o, err := e.inbox.Options(t.Context(), e.people["giulia"], k.ID)
		if err != nil {
			t.Fatal(err)
		}
		cmd.To = []inbox.Recipient{{IdentityID: o.List[0].Identity.ID}}
		f, err := e.inbox.KeepFile(t.Context(), "autorizzazione firmata.pdf", strings.NewReader("%PDF-1.4 firmata"))
		if err != nil {
			t.Fatal(err)
		}
		cmd.Files = []inbox.FileRef{f}
		if _, err := e.inbox.Reply(t.Context(), e.people["giulia"], cmd); err != nil {
			t.Fatal(err)
		}
		if sent := e.sent(e.mail); len(sent) != 1 || sent[0].To.Value != "lucia@posta.example" {
			t.Fatalf("%+v", sent)
		}
		p = b.get("/p/case").want(http.StatusOK, "Va bene.", "autorizzazione firmata.pdf")
		link := regexp.MustCompile(`href="(/p/case/files/[0-9]+/[^"]+)"`).FindStringSubmatch(p.Body)
		if link == nil {
			t.Fatal("no way to the file that we sent")
		}
		d := b.get(link[1]).want(http.StatusOK, "%PDF-1.4 firmata")
		if d.Header.Get("Content-Type") != "application/octet-stream" || d.Header.Get("Referrer-Policy") != "no-referrer" {
			t.Errorf("%v", d.Header)
		}
		e.stranger().get(link[1]).to("/p/case")
		b.get("/p/case/files/4711/x").want(http.StatusNotFound)
	})
}

// TestPublicReplyKeepsWhatWasTyped: whatever stands in the way, the words come
// back, and never to the wrong case.
func TestPublicReplyKeepsWhatWasTyped(t *testing.T) {
	eachSite(t, func(t *testing.T, e *siteTown) {
		e.deps.Config.Server.MaxUploadMB = 1
		e.account("pagine", "web", "urp", webpage.Driver, nil)
		e.letter(e.mail, "Lucia Ferrante <lucia@posta.example>", "Ponteggio", "Buongiorno")
		first := e.ref(e.people["giulia"])
		e.letter(e.mail, "Eva Neri <eva@posta.example>", "Nido", "Salve")
		second := e.ref(e.people["giulia"])
		b := e.opens(first)
		b.send("/p/case/reply", "number", first, "key", "k", "text", " ").want(http.StatusUnprocessableEntity, "Scrivi qualcosa", `role="alert"`)
		b.send("/p/case/reply", "number", first, "key", "k", "text", "le mie parole", "@file", "video.mp4:"+strings.Repeat("x", 3<<20)).
			want(http.StatusRequestEntityTooLarge, "I file sono troppo grandi", "le mie parole</textarea>", "Ponteggio")

		// In another tab the case of somebody else was opened.
		b.post("/p/case", "number", second, "secret", e.theCase(second).Secret).to("/p/case")
		lost := b.send("/p/case/reply", "number", first, "key", "k", "text", "per Lucia <sola>").want(http.StatusUnprocessableEntity, "un’altra pratica", `value="`+first+`"`, "per Lucia &lt;sola&gt;")
		lost.without("Nido", "Salve")
		b.post("/p/case", "number", first, "secret", "sbagliato", "text", "per Lucia <sola>").want(http.StatusNotFound, "per Lucia &lt;sola&gt;")
		b.post("/p/case", "number", first, "secret", e.theCase(first).Secret, "text", "per Lucia <sola>").want(http.StatusOK, "per Lucia &lt;sola&gt;</textarea>", "Ponteggio")

		e.manual.Advance(31 * time.Minute)
		b.send("/p/case/reply", "number", first, "key", "k", "text", "dopo pranzo").want(http.StatusUnprocessableEntity, "aperta troppo a lungo", "dopo pranzo")
		e.stranger().send("/p/case/reply", "number", first, "key", "k", "text", "di nessuno").want(http.StatusUnprocessableEntity).without("Ponteggio")
		b = e.opens(first)
		for range 3 { // looking keeps it open
			e.manual.Advance(20 * time.Minute)
			b.get("/p/case").want(http.StatusOK, "Ponteggio")
		}
		b.post("/p/case/reply", "number", first, "key", "k", "text", "non è un modulo con file").want(http.StatusUnprocessableEntity)
		for _, ref := range []string{first, second} {
			if _, err := e.inbox.CaseByRef(t.Context(), e.people["giulia"], ref); err != nil {
				t.Fatal(err)
			}
			if c := e.theCase(ref); c.Channel != "mail" {
				t.Errorf("%s took in what was refused", ref)
			}
		}
	})
}
