package web

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"filodiretto/internal/db/dbtest"
)

func TestPagesNeedALogin(t *testing.T) {
	e := newSite(t, dbtest.SQLite(t))
	b := e.stranger()
	b.get("/cases?view=mine&case=2026/000001").to("/login?next=/cases%3Fview%3Dmine%26case%3D2026/000001")
	for _, p := range []string{"/people", "/people/1", "/reception", "/quarantine/1", "/files/1/a.txt", "/messages/1/html", "/search?q=x", "/help"} {
		b.get(p).to("/login?next=")
	}
	b.get("/live").want(http.StatusUnauthorized)
	if a := b.fragment("/cases/counts").want(http.StatusUnauthorized); a.Header.Get("HX-Redirect") != "" {
		t.Error("a fragment leads the page away, with what was typed in it")
	}
	b.post("/cases/2026/000001/assign", "operator", "1").want(http.StatusUnauthorized)
	if got := b.get("/login?next=https://altrove.example/").want(http.StatusOK).field("next"); got != "/cases" {
		t.Errorf("next leads elsewhere: %q", got)
	}
	out := e.as("giulia")
	out.post("/logout").to("/login")
	out.get("/cases").to("/login")
}

// TestADisabledOperatorIsOut: at the next page, and no new log-in works.
func TestADisabledOperatorIsOut(t *testing.T) {
	e := newSite(t, dbtest.SQLite(t))
	b := e.as("giulia")
	dir, err := e.router.Directory(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	op := *dir.Operator(e.people["giulia"].OperatorID)
	op.DisabledAt = e.manual.Now()
	if _, err := e.router.SaveOperator(t.Context(), e.people["admin"], op, dir.RolesOf(op.ID)); err != nil {
		t.Fatal(err)
	}
	b.get("/cases").to("/login")
	e.stranger().post("/login", "user", "giulia", "password", testPassword).want(http.StatusUnauthorized)
}

func TestHeaders(t *testing.T) {
	e := newSite(t, dbtest.SQLite(t))
	h, body := fileMail()
	e.letter(e.mail, "Lucia <lucia@posta.example>", "Allegati", body, h...)
	ref := e.ref(e.people["giulia"])
	k := e.theCase(ref)
	b := e.as("giulia")
	page := b.get("/cases?case=" + ref)
	for name, want := range map[string]string{"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Cache-Control": "no-store", "Referrer-Policy": "same-origin"} {
		if got := page.Header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	csp := page.Header.Get("Content-Security-Policy")
	if !strings.HasPrefix(csp, "default-src 'self'") || strings.Contains(csp, "unsafe") {
		t.Errorf("policy of pages: %q", csp)
	}
	page.without("alert(1)", "spia.example", " onclick", "<script>")
	for _, c := range e.stranger().post("/login", "user", "giulia", "password", testPassword).Header.Values("Set-Cookie") {
		if !strings.Contains(c, "__Host-") || !strings.Contains(c, "HttpOnly") || !strings.Contains(c, "Secure") || !strings.Contains(c, "SameSite=Lax") {
			t.Errorf("cookie: %s", c)
		}
	}
	html := "/messages/" + formatID(k.LastInID) + "/html"
	page.want(http.StatusOK, html)
	f := b.get(html).want(http.StatusOK, "allegato", "/files/").without("alert(1)", ` src="https://spia.example`, "cid:")
	csp = f.Header.Get("Content-Security-Policy")
	for _, want := range []string{"default-src 'none'", "sandbox", "img-src 'self' data:;", "frame-ancestors 'self'"} {
		if !strings.Contains(csp, want) {
			t.Errorf("policy of a frame lacks %q: %q", want, csp)
		}
	}
	if strings.Contains(csp, "allow-scripts") || f.Header.Get("X-Frame-Options") != "SAMEORIGIN" || f.Header.Get("Referrer-Policy") != "no-referrer" {
		t.Errorf("frame: %v", f.Header)
	}
	asked := b.get(html+"?images=1").want(http.StatusOK, "https://spia.example/a.png")
	if !strings.Contains(asked.Header.Get("Content-Security-Policy"), "img-src 'self' data: https:") {
		t.Error("pictures from outside that were asked for may be loaded")
	}
	raw := b.get("/messages/"+formatID(k.LastInID)+"/raw").want(http.StatusOK, "alert(1)")
	if raw.Header.Get("Content-Type") != "application/octet-stream" || !strings.HasPrefix(raw.Header.Get("Content-Disposition"), "attachment") {
		t.Errorf("raw: %v", raw.Header)
	}
	if _, parts, err := e.inbox.MessageWithParts(t.Context(), e.people["giulia"], k.LastInID); err != nil || len(parts) != 2 {
		t.Fatalf("parts: %v %v", parts, err)
	} else {
		for _, p := range parts {
			a := b.get(b.get(filePath(p.ID, p.Name)).want(http.StatusSeeOther).Header.Get("Location")).want(http.StatusOK)
			want := "application/octet-stream"
			if p.ContentID != "" {
				want = "image/png"
			} else if d := a.Header.Get("Content-Disposition"); d != `attachment; filename="_ pagina.html"; filename*=UTF-8''%C3%A0%20pagina.html` {
				t.Errorf("name of the download: %s", d)
			}
			if a.Header.Get("Content-Type") != want || !strings.HasPrefix(a.Header.Get("Content-Disposition"), "attachment") || a.Header.Get("X-Content-Type-Options") != "nosniff" ||
				!strings.Contains(a.Header.Get("Content-Security-Policy"), "sandbox") {
				t.Errorf("%s: %v", p.Name, a.Header)
			}
		}
	}
}

func TestPostsFromElsewhereAreRefused(t *testing.T) {
	e := newSite(t, dbtest.SQLite(t))
	e.letter(e.mail, "Lucia <lucia@posta.example>", "x", "y")
	ref := e.ref(e.people["giulia"])
	b := e.as("giulia")
	for _, h := range [][]string{{"Sec-Fetch-Site", "cross-site"}, {"Origin", "https://altrove.example"}} {
		r := b.request("POST", "/cases/"+ref+"/close", strings.NewReader("outcome=answered"), append(h, "Content-Type", "application/x-www-form-urlencoded")...)
		b.do(r).want(http.StatusForbidden)
		r = b.request("POST", "/login", strings.NewReader("user=giulia"), append(h, "Content-Type", "application/x-www-form-urlencoded")...)
		b.do(r).want(http.StatusForbidden)
	}
	if e.theCase(ref).Status != "open" {
		t.Error("a form of another site closed a case")
	}
}

func TestLoginsAreSlowedDown(t *testing.T) {
	eachSite(t, func(t *testing.T, e *siteTown) {
		b := e.stranger()
		for range 5 {
			b.post("/login", "user", "giulia", "password", "sbagliata").want(http.StatusUnauthorized, "non corretti")
		}
		b.post("/login", "user", "giulia", "password", testPassword).want(http.StatusTooManyRequests, "Troppi tentativi")
		e.as("sara") // others are not held up
		e.manual.Advance(5 * time.Minute)
		b.post("/login", "user", "giulia", "password", testPassword).to("/cases")
		nobody := e.stranger()
		for range 5 {
			nobody.post("/login", "user", "chiunque", "password", "x").want(http.StatusUnauthorized, "non corretti")
		}
		nobody.post("/login", "user", "chiunque", "password", "x").want(http.StatusTooManyRequests)
	})
}

func TestUploadsAreLimited(t *testing.T) {
	e := newSite(t, dbtest.SQLite(t))
	e.letter(e.mail, "Lucia <lucia@posta.example>", "x", "y")
	base := "/cases/" + e.ref(e.people["giulia"])
	b := e.as("giulia")
	big := io.MultiReader(strings.NewReader("--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.bin\"\r\n\r\n"), bytes.NewReader(make([]byte, 27<<20)), strings.NewReader("\r\n--x--\r\n"))
	r := b.request("POST", base+"/files", big, "Content-Type", "multipart/form-data; boundary=x", "HX-Request", "true") // of unknown length
	b.do(r).want(http.StatusRequestEntityTooLarge, "Troppo grande")
	b.send(base+"/files", "compose", "reply", "@file", "vuoto.txt:").want(http.StatusUnprocessableEntity)
	b.do(b.request("POST", base+"/files", strings.NewReader("--x\r\nbroken"), "Content-Type", "multipart/form-data; boundary=x")).want(http.StatusBadRequest)
	b.send(base+"/files", "compose", "reply", "@file", "../../etc/passwd:x").want(http.StatusOK, "passwd").without("../")
}

func TestWrongAddresses(t *testing.T) {
	e := newSite(t, dbtest.SQLite(t))
	b := e.as("giulia")
	b.get("/nulla").want(http.StatusNotFound, "Questa pagina non c")
	b.get("/cases/2026/999999").want(http.StatusNotFound)
	b.get("/people/abc").want(http.StatusNotFound)
	b.get("/cases?before=%00").want(http.StatusUnprocessableEntity)
	a := b.post("/cases").want(http.StatusMethodNotAllowed)
	if a.Header.Get("Allow") != "GET" {
		t.Errorf("Allow: %q", a.Header.Get("Allow"))
	}
	a = b.get("/logout").want(http.StatusMethodNotAllowed)
	if a.Header.Get("Allow") != "POST" {
		t.Errorf("Allow: %q", a.Header.Get("Allow"))
	}
	b.get("/p/nulla").want(http.StatusNotFound, "Comune di Pontelieto")
}

func TestLanguages(t *testing.T) {
	e := newSite(t, dbtest.SQLite(t))
	b := e.stranger()
	b.get("/login").want(http.StatusOK, `<html lang="it"`, "Nome utente")
	b.get("/login", "Accept-Language", "en-GB,it;q=0.5").want(http.StatusOK, `<html lang="en"`)
	b.get("/login?lang=en").want(http.StatusOK, `<html lang="en"`)
	b.get("/login").want(http.StatusOK, `<html lang="en"`) // remembered
	g := e.as("giulia")
	g.get("/help").want(http.StatusOK, `<html lang="it"`)
	g.post("/me", "lang", "en", "back", "/help").to("/help")
	g.get("/help").want(http.StatusOK, `<html lang="en"`)
	g.post("/me", "keys", "off", "back", "//altrove.example").to("/cases")
	g.get("/help").want(http.StatusOK, `data-keys="off"`)
}
