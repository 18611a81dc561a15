package web

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"filodiretto/inbox"
	"filodiretto/internal/clock"
	"filodiretto/internal/db/dbtest"
)

// TestAPIProblems is a table of wrong requests. Each gets a problem document that
// names what is wrong; checkProblem looks at its shape and at the remedy.
func TestAPIProblems(t *testing.T) {
	eachAPI(t, func(t *testing.T, e *apiTown) {
		e.letter(e.mail, "Lucia <lucia@posta.example>", "Aperto", "Ciao.")
		path, _ := e.firstCase("giulia")
		kind, reply := path+"/kind", path+"/messages"
		deep := strings.Repeat(`{"a":`, 100) + "1" + strings.Repeat("}", 100)
		for _, x := range []struct {
			name, method, path, body string
			headers                  []string
			status                   int
			code, field              string
		}{
			{"no JSON", "POST", kind, `{"kind":`, nil, 400, "bad_json", ""},
			{"more than one value", "POST", kind, `{"kind":"report"} {}`, nil, 400, "bad_json", ""},
			{"a member twice", "POST", kind, `{"kind":"report","kind":"thanks"}`, nil, 400, "bad_json", ""},
			{"no UTF-8", "POST", kind, "{\"kind\":\"\xff\"}", nil, 400, "bad_json", ""},
			{"too deep", "POST", kind, deep, nil, 400, "bad_json", ""},
			{"no body", "POST", kind, "", nil, 400, "no_body", ""},
			{"no object", "POST", kind, `[]`, nil, 422, "type", ""},
			{"null", "POST", kind, `null`, nil, 422, "type", ""},
			{"unknown member", "POST", kind, `{"kind":"report","knid":1}`, nil, 422, "unknown", "knid"},
			{"unknown member deep down", "POST", reply, `{"text":"x","account":"1","to":[{"adress":"a@b.it"}],"seen_in_id":null}`, nil, 422, "unknown", "to.0.adress"},
			{"missing member", "POST", kind, `{}`, nil, 422, "required", "kind"},
			{"wrong type", "POST", kind, `{"kind":1}`, nil, 422, "type", "kind"},
			{"not one of", "POST", kind, `{"kind":"boh"}`, nil, 422, "not_one_of", "kind"},
			{"an id that is a number", "POST", path + "/assign", `{"operator":12}`, nil, 422, "type", "operator"},
			{"an id that is none", "POST", path + "/assign", `{"operator":"-1"}`, nil, 422, "bad_form", "operator"},
			{"an id that is too large", "POST", path + "/assign", `{"operator":"99999999999999999999"}`, nil, 422, "bad_form", "operator"},
			{"no instant", "POST", path + "/due", `{"due_at":"domani"}`, nil, 422, "bad_form", "due_at"},
			{"an instant of another age", "POST", path + "/due", `{"due_at":"0001-01-01T00:00:00Z"}`, nil, 422, "bad_form", "due_at"},
			{"a number out of range", "POST", path + "/priority", `{"priority":9}`, nil, 422, "out_of_range", "priority"},
			{"a number with a fraction", "POST", path + "/priority", `{"priority":1.5}`, nil, 422, "type", "priority"},
			{"a huge number", "POST", path + "/priority", `{"priority":1e400}`, nil, 422, "type", "priority"},
			{"too many", "POST", reply, `{"text":"x","account":"1","seen_in_id":null,"to":[` + strings.Repeat(`{},`, 20) + `{}]}`, nil, 422, "too_many", "to"},
			{"no recipient", "POST", reply, `{"text":"x","account":"1","seen_in_id":null,"to":[]}`, nil, 422, "missing", "to"},
			{"too long", "POST", path + "/handover", `{"office":"1","reason":"` + strings.Repeat("x", 2001) + `"}`, nil, 422, "too_long", "reason"},
			{"a body for a command that takes none", "POST", path + "/unmerge", `{"x":1}`, nil, 422, "unknown", "x"},
			{"a form", "POST", kind, `kind=report`, []string{"Content-Type", "application/x-www-form-urlencoded"}, 415, "not_json", ""},
			{"another charset", "POST", kind, `{"kind":"report"}`, []string{"Content-Type", "application/json; charset=latin1"}, 415, "not_json", ""},
			{"a file as a form", "POST", "/files?name=a", "x", []string{"Content-Type", "multipart/form-data; boundary=b"}, 415, "not_bytes", ""},
			{"an empty file", "POST", "/files?name=a", "", []string{"Content-Type", "text/plain"}, 422, "empty", "file"},
			{"a file without a name", "POST", "/files", "x", []string{"Content-Type", "text/plain"}, 422, "required", "name"},
			{"an unknown parameter", "GET", "/cases?veiw=mine", "", nil, 422, "unknown", "veiw"},
			{"a parameter twice", "GET", "/cases?view=mine&view=all", "", nil, 422, "twice", "view"},
			{"an unknown view", "GET", "/cases?view=boh", "", nil, 422, "not_one_of", "view"},
			{"a limit of words", "GET", "/cases?limit=many", "", nil, 422, "type", "limit"},
			{"a limit too large", "GET", "/cases?limit=100000", "", nil, 422, "out_of_range", "limit"},
			{"a cursor that is none", "GET", "/cases?cursor=!", "", nil, 422, "unreadable", "cursor"},
			{"an id of words in the address", "GET", "/messages/abc", "", nil, 404, "", ""},
			{"a number that is none", "GET", "/cases/2026/abc", "", nil, 404, "", ""},
			{"a case that is not there", "GET", "/cases/2026/999999", "", nil, 404, "", ""},
			{"an unknown address", "GET", "/caese", "", nil, 404, "", ""},
			{"an address above", "GET", "", "", nil, 404, "", ""},
			{"a wrong method", "DELETE", "/cases", "", nil, 405, "", ""},
			{"a strange method", "PATCH", kind, `{}`, nil, 405, "", ""},
			{"no etag", "POST", kind, `{"kind":"report"}`, []string{"If-Match", "abc"}, 422, "bad_etag", "If-Match"},
			{"two versions", "POST", kind, `{"kind":"report","version":1}`, []string{"If-Match", `"2"`}, 422, "two_versions", "version"},
			{"an old version", "POST", kind, `{"kind":"report"}`, []string{"If-Match", `"999"`}, 409, "", ""},
			{"a long key", "POST", kind, `{"kind":"report"}`, []string{"Idempotency-Key", strings.Repeat("x", 201)}, 422, "too_long", "Idempotency-Key"},
		} {
			t.Run(x.name, func(t *testing.T) {
				var body any
				if x.body != "" || x.headers != nil {
					body = x.body
				}
				r := e.once("giulia", x.method, x.path, body, x.headers...)
				if r.Status != x.status || r.str("code") != x.code || r.str("field") != x.field {
					t.Errorf("want %d %s %s: %d %s", x.status, x.code, x.field, r.Status, r.Bytes)
				}
				if x.status == 405 && r.Header.Get("Allow") == "" {
					t.Error("405 names what is allowed")
				}
			})
		}
	})
}

// endless is a body without an announced length that is larger than any limit.
type endless struct{ left int }

func (b *endless) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, io.EOF
	}
	n := min(len(p), b.left)
	copy(p, bytes.Repeat([]byte(" "), n))
	b.left -= n
	return n, nil
}

func TestAPITooLarge(t *testing.T) {
	eachAPI(t, func(t *testing.T, e *apiTown) {
		send := func(path, kind string, body io.Reader, length int64) *apiReply {
			r := httptest.NewRequestWithContext(t.Context(), "POST", apiPrefix+path, body)
			r.ContentLength = length
			r.Header.Set("Content-Type", kind)
			r.Header.Set("Authorization", "Bearer "+e.tokens["giulia"])
			w := httptest.NewRecorder()
			e.site.ServeHTTP(w, r)
			out := &apiReply{t: t, Status: w.Code, Header: w.Header(), Bytes: w.Body.Bytes()}
			e.check(r, out)
			return out
		}
		send("/citizens", "application/json", &endless{apiMostJSON + 10}, -1).want(http.StatusRequestEntityTooLarge)
		send("/citizens", "application/json", strings.NewReader("{}"), 1<<40).want(http.StatusRequestEntityTooLarge)
		send("/citizens", "application/json", strings.NewReader("{}"), apiMostJSON+1).want(http.StatusRequestEntityTooLarge)
		send("/files?name=a", "text/plain", &endless{inbox.MaxUpload + 1}, -1).want(http.StatusRequestEntityTooLarge)
		send("/files?name=a", "text/plain", &endless{inbox.MaxUpload + 3<<20}, -1).want(http.StatusRequestEntityTooLarge)
	})
}

// TestAPITooFast: over the rate a program is told how long to wait, and only its
// own operator's programs wait.
func TestAPITooFast(t *testing.T) {
	m := clock.NewManual(testMorning)
	e := openAPITown(t, dbtest.SQLite(t), m, 5)
	var last *apiReply
	for range 11 {
		last = e.call("giulia", "GET", "/me", nil)
	}
	last.wantCode(http.StatusTooManyRequests, "too_many_requests")
	if last.Header.Get("Retry-After") != "1" {
		t.Error(last.Header)
	}
	e.call("sara", "GET", "/me", nil).want(http.StatusOK)
	m.Advance(1e9)
	e.call("giulia", "GET", "/me", nil).want(http.StatusOK)
}

// TestAPIPanic: what breaks inside is told as a fault with the request's id, and
// nothing else; the log has the rest.
func TestAPIPanic(t *testing.T) {
	e := newAPITown(t, dbtest.SQLite(t))
	e.sink(e.mail).panics = "segreto di dentro"
	r := e.call("admin", "POST", "/accounts/"+e.id(e.mail.ID)+"/probe", nil).want(http.StatusInternalServerError)
	if strings.Contains(string(r.Bytes), "segreto") || r.str("request") == "" {
		t.Errorf("%s", r.Bytes)
	}
	e.logMu.Lock()
	defer e.logMu.Unlock()
	if !strings.Contains(e.log.String(), r.str("request")) {
		t.Error("the log knows the request by its id")
	}
}

// TestAPIWithoutDatabase: nothing is changed and the caller is told to come again.
func TestAPIWithoutDatabase(t *testing.T) {
	eachAPI(t, func(t *testing.T, e *apiTown) {
		if err := e.db.Close(); err != nil {
			t.Fatal(err)
		}
		for _, path := range []string{"/me", "/cases", "/openapi.json"} {
			r := e.call("giulia", "GET", path, nil)
			if path == "/openapi.json" {
				r.want(http.StatusOK)
			} else if r.Status != http.StatusServiceUnavailable && r.Status != http.StatusInternalServerError {
				t.Errorf("%s: %d", path, r.Status)
			}
		}
	})
}

// TestAPISecretsStayIn: neither the log nor an answer to somebody else tells the
// token, what a citizen wrote or where they live.
func TestAPISecretsStayIn(t *testing.T) {
	eachAPI(t, func(t *testing.T, e *apiTown) {
		e.letter(e.mail, "Lucia Ferrante <lucia@posta.example>", "Oggetto riconoscibile", "Testo riconoscibile.")
		path, c := e.firstCase("giulia")
		e.call("giulia", "POST", path+"/messages", e.answer("giulia", path, "Risposta riconoscibile."), "Idempotency-Key", "k")
		e.call("giulia", "POST", path+"/messages", e.answer("giulia", path, "Altra riconoscibile."), "Idempotency-Key", "k")
		e.call("giulia", "GET", "/citizens?q=lucia@posta.example&boh=riconoscibile", nil)
		var keys []byte
		if err := e.db.Read.NewRaw("SELECT request_hash FROM idempotency_keys").Scan(t.Context(), &keys); err != nil {
			t.Fatal(err)
		}
		e.logMu.Lock()
		defer e.logMu.Unlock()
		for _, secret := range []string{e.tokens["giulia"], "riconoscibile", "lucia@", c.str("status_secret"), "Ferrante"} {
			if strings.Contains(e.log.String(), secret) {
				t.Errorf("the log tells %q", secret)
			}
		}
		var n int
		if err := e.db.Read.NewRaw("SELECT count(*) FROM api_tokens WHERE hash = ?", e.tokens["giulia"]).Scan(t.Context(), &n); err != nil || n != 0 {
			t.Error("a token is stored as its hash", n, err)
		}
		if strings.Contains(fmt.Sprint(e.call("sara", "GET", "/me", nil)), e.tokens["sara"]) {
			t.Error("a token is never told again")
		}
	})
}
