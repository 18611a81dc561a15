package web

import (
	"bytes"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"filodiretto/inbox"
	"filodiretto/internal/db/dbtest"
	"filodiretto/internal/password"
)

// siteTown is the town with its pages served over TLS, as in production.
type siteTown struct {
	*apiTown
	srv *httptest.Server
}

// eachSite runs a test on SQLite and on a real PostgreSQL.
func eachSite(t *testing.T, f func(t *testing.T, e *siteTown)) {
	t.Run("sqlite", func(t *testing.T) { f(t, newSite(t, dbtest.SQLite(t))) })
	t.Run("postgres", func(t *testing.T) { f(t, newSite(t, dbtest.Postgres(t))) })
}

const testPassword = "quattro parole che nessuno indovina"

func newSite(t testing.TB, url string) *siteTown {
	t.Helper()
	e := &siteTown{apiTown: newAPITown(t, url)}
	e.serve()
	hash, err := password.NewHasher(password.Params{MemoryKiB: 8, Passes: 1, Lanes: 1}, 2).Hash(t.Context(), testPassword)
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range e.people {
		if err := e.router.SetPassword(t.Context(), inbox.Viewer{System: true}, v.OperatorID, hash); err != nil {
			t.Fatal(err)
		}
	}
	return e
}

func (e *siteTown) serve() {
	e.srv = httptest.NewTLSServer(e.site)
	e.t.Cleanup(e.srv.Close)
}

// browser is somebody at a browser.
type browser struct {
	t    testing.TB
	e    *siteTown
	http *http.Client
}

// stranger is somebody who has not logged in.
func (e *siteTown) stranger() *browser {
	e.t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		e.t.Fatal(err)
	}
	c := *e.srv.Client()
	c.Jar = jar
	c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &browser{t: e.t, e: e, http: &c}
}

// as is somebody who has logged in.
func (e *siteTown) as(who string) *browser {
	e.t.Helper()
	b := e.stranger()
	a := b.post("/login", "user", who, "password", testPassword)
	if a.Code != http.StatusSeeOther {
		e.t.Fatalf("%s cannot log in: %d %.300s", who, a.Code, a.Body)
	}
	return b
}

// seen is what a browser was answered.
type seen struct {
	t      testing.TB
	What   string
	Code   int
	Header http.Header
	Body   string
}

func (b *browser) do(r *http.Request) *seen {
	b.t.Helper()
	a, err := b.http.Do(r)
	if err != nil {
		b.t.Fatal(err)
	}
	defer a.Body.Close()
	body, err := io.ReadAll(a.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	out := &seen{t: b.t, What: r.Method + " " + r.URL.RequestURI(), Code: a.StatusCode, Header: a.Header, Body: string(body)}
	if out.Code >= 500 {
		b.e.logMu.Lock()
		b.t.Logf("%s: %d; the log says: %s", out.What, out.Code, b.e.log)
		b.e.logMu.Unlock()
	}
	file := strings.HasPrefix(a.Header.Get("Content-Disposition"), "attachment") // somebody's bytes, a key for instance, may spell anything
	for _, inside := range []string{"goroutine ", ".go:", "SQLITE", "pq:", "<no value>", "ZgotmplZ", "%!"} {
		if !file && strings.Contains(out.Body, inside) {
			b.t.Errorf("%s shows the inside: %q near %q", out.What, inside, around(out.Body, inside))
		}
	}
	return out
}

func around(s, part string) string {
	i := strings.Index(s, part)
	return s[max(0, i-150):min(len(s), i+80)]
}

func (b *browser) request(method, path string, body io.Reader, headers ...string) *http.Request {
	b.t.Helper()
	r, err := http.NewRequestWithContext(b.t.Context(), method, b.e.srv.URL+path, body)
	if err != nil {
		b.t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	return r
}

// get asks for a page; headers are pairs.
func (b *browser) get(path string, headers ...string) *seen {
	b.t.Helper()
	return b.do(b.request("GET", path, nil, headers...))
}

// fragment asks as htmx does.
func (b *browser) fragment(path string) *seen { b.t.Helper(); return b.get(path, "HX-Request", "true") }

// post sends a form of pairs.
func (b *browser) post(path string, pairs ...string) *seen {
	b.t.Helper()
	f := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		f.Add(pairs[i], pairs[i+1])
	}
	return b.do(b.request("POST", path, strings.NewReader(f.Encode()), "Content-Type", "application/x-www-form-urlencoded"))
}

// send posts a form with files as htmx does; a name that begins with "@" is a
// file, whose value is "name:contents".
func (b *browser) send(path string, pairs ...string) *seen {
	b.t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for i := 0; i < len(pairs); i += 2 {
		if field, isFile := strings.CutPrefix(pairs[i], "@"); isFile {
			name, contents, _ := strings.Cut(pairs[i+1], ":")
			p, err := w.CreateFormFile(field, name)
			if err != nil {
				b.t.Fatal(err)
			}
			_, _ = io.WriteString(p, contents)
		} else if err := w.WriteField(pairs[i], pairs[i+1]); err != nil {
			b.t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		b.t.Fatal(err)
	}
	return b.do(b.request("POST", path, &body, "Content-Type", w.FormDataContentType(), "HX-Request", "true"))
}

// want fails unless the answer has the status and holds all the words.
func (a *seen) want(code int, words ...string) *seen {
	a.t.Helper()
	if a.Code != code {
		a.t.Fatalf("%s: status %d, want %d: %.600s", a.What, a.Code, code, text(a.Body))
	}
	for _, w := range words {
		if !strings.Contains(a.Body, w) {
			a.t.Errorf("%s: %q is not in it: %.1500s", a.What, w, text(a.Body))
		}
	}
	return a
}

// without fails when the answer holds one of the words.
func (a *seen) without(words ...string) *seen {
	a.t.Helper()
	for _, w := range words {
		if strings.Contains(a.Body, w) {
			a.t.Errorf("%s: %q should not be in it: near %q", a.What, w, around(a.Body, w))
		}
	}
	return a
}

// to fails unless the answer leads there.
func (a *seen) to(prefix string) *seen {
	a.t.Helper()
	if a.Code != http.StatusSeeOther || !strings.HasPrefix(a.Header.Get("Location"), prefix) {
		a.t.Fatalf("%s: %d to %q, want 303 to %q: %.400s", a.What, a.Code, a.Header.Get("Location"), prefix, text(a.Body))
	}
	return a
}

var anyTag = regexp.MustCompile(`(?s)<script.*?</script>|<style.*?</style>|<[^>]*>`)

// text is the words of a page, for messages of tests.
func text(html string) string {
	if i := strings.Index(html, `<main`); i > 0 {
		html = html[i:]
	}
	return strings.Join(strings.Fields(anyTag.ReplaceAllString(html, " ")), " ")
}

// field finds the value of an input.
func (a *seen) field(name string) string {
	a.t.Helper()
	m := regexp.MustCompile(`name="` + regexp.QuoteMeta(name) + `"[^>]*? value="([^"]*)"`).FindStringSubmatch(a.Body)
	if m == nil {
		a.t.Fatalf("%s has no field %q: %.800s", a.What, name, a.Body)
	}
	return m[1]
}

// ref is the number of the newest case of a person, as a front desk finds it.
func (e *siteTown) ref(who inbox.Viewer) string {
	e.t.Helper()
	p, err := e.inbox.List(e.t.Context(), who, inbox.ViewOffice, "", 1)
	if err != nil || len(p.Cases) == 0 {
		e.t.Fatalf("no case: %v", err)
	}
	return p.Cases[0].Ref()
}

func (e *siteTown) theCase(ref string) *inbox.Case {
	e.t.Helper()
	k, err := e.inbox.CaseByRef(e.t.Context(), inbox.Viewer{System: true}, ref)
	if err != nil {
		e.t.Fatal(err)
	}
	return k
}

func encode(pairs []string) string {
	f := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		f.Add(pairs[i], pairs[i+1])
	}
	return f.Encode()
}
