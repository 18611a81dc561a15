package web

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"filodiretto/inbox"
	"filodiretto/router"
	"filodiretto/web/openapi"
)

// hidden is a case of the reserved office with all that hangs on it.
type hidden struct {
	ref                            string
	caseID, message, note, part    int64
	delivery, identity, quarantine int64
}

// hide makes the case of which nobody outside its office may learn anything.
func (e *apiTown) hide() hidden {
	t := e.t
	t.Helper()
	var h hidden
	e.letter(e.social, "Ida Segreta <ida@posta.example>", "Aiuto riservato", "--b\r\nContent-Type: text/plain\r\n\r\nParole riservate.\r\n--b\r\nContent-Type: text/plain\r\nContent-Disposition: attachment; filename=a.txt\r\n\r\nallegato riservato\r\n--b--", "Content-Type: multipart/mixed; boundary=b")
	path, c := e.firstCase("rita")
	h.ref, h.caseID = c.str("ref"), parseID(c.str("id"))
	reply := e.call("rita", "POST", path+"/messages", e.answer("rita", path, "Risposta riservata.")).want(http.StatusCreated)
	h.message, h.delivery = parseID(reply.str("message", "id")), parseID(reply.str("message", "deliveries", 0, "id"))
	h.note = parseID(e.call("rita", "POST", path+"/notes", obj("text", "Nota riservata.")).want(http.StatusCreated).str("message", "id"))
	e.one("SELECT p.id FROM parts AS p JOIN messages AS m ON m.id = p.message_id WHERE m.case_id = ?", &h.part, h.caseID)
	e.one("SELECT identity_id FROM messages WHERE case_id = ? AND direction = 'in'", &h.identity, h.caseID)
	e.letter(e.social, "", "Senza mittente riservato", "x")
	e.one("SELECT max(id) FROM quarantine", &h.quarantine)
	return h
}

func (e *apiTown) one(q string, to *int64, args ...any) {
	e.t.Helper()
	if err := e.db.Read.NewRaw(q, args...).Scan(e.t.Context(), to); err != nil || *to == 0 {
		e.t.Fatal(q, err)
	}
}

// TestAPIGuessing tries every address of the API with the numbers of a case that
// the caller may not see. Each answers as if it did not exist, whatever was sent.
func TestAPIGuessing(t *testing.T) {
	eachAPI(t, func(t *testing.T, e *apiTown) {
		h := e.hide()
		mine := func(who string) string { // a case that the caller does see, for addresses that mix
			return "/cases/" + e.call(who, "GET", "/cases?view=office&limit=1", nil).want(http.StatusOK).str("items", 0, "ref")
		}
		e.letter(e.mail, "Lucia <lucia@posta.example>", "Aperto", "Ciao.")
		for _, who := range []string{"giulia", "paolo", "sara", "admin"} {
			tried := 0
			for _, op := range e.ops {
				for _, path := range guesses(op, h) {
					tried++
					e.guess(who, op, path)
				}
			}
			if tried < 40 {
				t.Errorf("only %d addresses tried", tried)
			}
			if who == "giulia" || who == "sara" {
				own := mine(who)
				for _, path := range []string{fmt.Sprintf("%s/messages/%d/undo", own, h.message), fmt.Sprintf("%s/deliveries/%d/retry", own, h.delivery), fmt.Sprintf("%s/deliveries/%d/arrived", own, h.delivery), own + "/suggestions/7"} {
					e.call(who, "POST", path, bodyFor(e.operation2("POST", path))).want(http.StatusNotFound)
				}
			}
		}
		e.sees("rita", h)
	})
}

// guesses are the addresses of an operation with the numbers of the hidden case;
// none for operations that name none of them.
func guesses(op *openapi.Operation, h hidden) []string {
	var ids []int64
	switch {
	case strings.HasPrefix(op.Path, casePath+"/messages/"):
		ids = []int64{h.message, h.note}
	case strings.HasPrefix(op.Path, deliveryPath):
		ids = []int64{h.delivery}
	case strings.HasPrefix(op.Path, casePath):
		ids = []int64{h.caseID}
	case strings.HasPrefix(op.Path, "/messages/"):
		ids = []int64{h.message, h.note}
	case strings.HasPrefix(op.Path, "/files/"):
		ids = []int64{h.part}
	case strings.HasPrefix(op.Path, "/quarantine/"):
		ids = []int64{h.quarantine}
	}
	year, number, _ := strings.Cut(h.ref, "/")
	var out []string
	for _, id := range ids {
		out = append(out, strings.NewReplacer("{year}", year, "{number}", number, "{kind}", "reply", "{sha256}", strings.Repeat("a", 64), "{id}", formatID(id)).Replace(op.Path))
	}
	return out
}

func bodyFor(op *openapi.Operation) any {
	switch {
	case op == nil || op.Body == nil:
		return nil
	case op.BodyType != "":
		return "byte"
	}
	return sample(op.Body)
}

func (e *apiTown) operation2(method, path string) *openapi.Operation {
	r, err := http.NewRequest(method, "http://x"+apiPrefix+path, nil)
	if err != nil {
		e.t.Fatal(err)
	}
	return e.operation(r)
}

func (e *apiTown) guess(who string, op *openapi.Operation, path string) {
	t := e.t
	t.Helper()
	if strings.HasSuffix(op.Path, "/files") {
		path += "?name=a.txt"
	}
	for _, key := range []string{"", "k-" + who + path} {
		var headers []string
		if key != "" {
			if op.Method != http.MethodPost {
				continue
			}
			headers = []string{"Idempotency-Key", key}
		}
		r := e.call(who, op.Method, path, bodyFor(op), headers...)
		if r.Status != http.StatusNotFound {
			t.Errorf("%s guesses %s %s: %d %.300s", who, op.Method, path, r.Status, r.Bytes)
		}
		for _, word := range []string{"riservat", "ida@", "Ida"} {
			if strings.Contains(string(r.Bytes), word) {
				t.Errorf("%s %s tells %q", op.Method, path, word)
			}
		}
	}
}

// sees makes sure that the guesses were right: the office itself gets there.
func (e *apiTown) sees(who string, h hidden) {
	e.t.Helper()
	for _, path := range []string{"/cases/" + h.ref, fmt.Sprintf("/messages/%d", h.message), fmt.Sprintf("/messages/%d", h.note), fmt.Sprintf("/files/%d", h.part), fmt.Sprintf("/quarantine/%d", h.quarantine)} {
		e.call(who, "GET", path, nil).want(http.StatusOK)
	}
}

// TestAPIBackDoors names the hidden case in the bodies of other commands.
func TestAPIBackDoors(t *testing.T) {
	eachAPI(t, func(t *testing.T, e *apiTown) {
		h := e.hide()
		e.letter(e.mail, "Lucia <lucia@posta.example>", "Aperto", "Ciao.")
		path, c := e.firstCase("giulia")
		citizen := "/citizens/" + c.str("citizen_id")
		e.call("giulia", "POST", path+"/merge", obj("into", h.ref)).wantCode(http.StatusUnprocessableEntity, "unknown")
		e.call("giulia", "POST", "/visits", obj("account", e.id(e.counter.ID), "text", "x", "case", h.ref)).wantCode(http.StatusUnprocessableEntity, "unknown")
		e.call("giulia", "POST", citizen+"/link", obj("case", h.ref)).wantCode(http.StatusUnprocessableEntity, "unknown")
		body := e.answer("giulia", path, "x")
		body["account"] = e.id(e.social.ID)
		e.call("giulia", "POST", path+"/messages", body).wantCode(http.StatusUnprocessableEntity, "other_office")
		body = e.answer("giulia", path, "x")
		body["seen_in_id"] = e.id(h.message)
		e.call("giulia", "POST", path+"/messages", body).want(http.StatusConflict)
		body["override"] = true
		e.call("giulia", "POST", path+"/messages", body).want(http.StatusCreated)
		for _, q := range []string{"riservate", "numero:" + h.ref, h.ref, "aiuto"} {
			if r := e.call("giulia", "GET", "/search?q="+q, nil).want(http.StatusOK); len(r.list("cases")) != 0 {
				t.Errorf("%s finds it: %s", q, r.Bytes)
			}
		}
		for _, view := range inbox.Views {
			for _, who := range []string{"giulia", "paolo", "admin"} {
				if r := e.call(who, "GET", "/cases?view="+string(view), nil).want(http.StatusOK); strings.Contains(string(r.Bytes), h.ref) {
					t.Errorf("%s sees it in %s", who, view)
				}
			}
		}
		var ida int64
		e.one("SELECT citizen_id FROM cases WHERE id = ?", &ida, h.caseID)
		if r := e.call("giulia", "GET", fmt.Sprintf("/citizens/%d", ida), nil).want(http.StatusOK); len(r.list("open")) != 0 || strings.Contains(string(r.Bytes), h.ref) {
			t.Errorf("the file is everybody's, the matters in it are not: %s", r.Bytes)
		}
		if r := e.call("giulia", "GET", fmt.Sprintf("/citizens/%d/timeline", ida), nil).want(http.StatusOK); strings.Contains(string(r.Bytes), "riservat") {
			t.Errorf("%s", r.Bytes)
		}
		// the identity of another person's address
		e.call("giulia", "DELETE", fmt.Sprintf("%s/identities/%d?reason=x", citizen, h.identity), nil).want(http.StatusNotFound)
		e.call("giulia", "POST", fmt.Sprintf("%s/identities/%d/proof", citizen, h.identity), obj("level", 0, "source", "declared")).want(http.StatusNotFound)
	})
}

// TestAPITokens: every operation refuses who has no token, a token that is over,
// or one without the scope.
func TestAPITokens(t *testing.T) {
	eachAPI(t, func(t *testing.T, e *apiTown) {
		token := func(who string, scope router.Scope) string {
			word, _, err := e.router.CreateToken(t.Context(), e.people[who], "x", []router.Scope{scope}, e.manual.Now().Add(1e9))
			if err != nil {
				t.Fatal(err)
			}
			return word
		}
		e.tokens["reader"], e.tokens["writer"], e.tokens["garbage"], e.tokens["long"] = token("admin", router.ScopeRead), token("admin", router.ScopeWrite), "fd_"+strings.Repeat("x", 43), strings.Repeat("x", 5000)
		for _, op := range e.ops {
			if op.Scope == "" {
				continue
			}
			path := samplePath(op.Path)
			for _, who := range []string{"", "garbage", "long"} {
				if r := e.call(who, op.Method, path, bodyFor(op)).want(http.StatusUnauthorized); !strings.HasPrefix(r.Header.Get("WWW-Authenticate"), "Bearer") {
					t.Error(path, r.Header)
				}
			}
			if op.Scope != "read" {
				e.call("reader", op.Method, path, bodyFor(op)).wantCode(http.StatusForbidden, "scope_missing")
			}
			if op.Scope == "admin" {
				e.call("writer", op.Method, path, bodyFor(op)).wantCode(http.StatusForbidden, "scope_missing")
				e.call("giulia", op.Method, path, bodyFor(op)).wantCode(http.StatusForbidden, "scope_missing")
			}
		}
		e.call("reader", "GET", "/me", nil).want(http.StatusOK)
		e.manual.Advance(2e9)
		e.call("reader", "GET", "/me", nil).wantCode(http.StatusUnauthorized, "bad_token")
		e.call("", "GET", "/me", nil, "Cookie", "filodiretto=x").want(http.StatusUnauthorized)
		e.call("", "GET", "/me", nil, "Authorization", "Basic "+e.tokens["giulia"]).want(http.StatusUnauthorized)
	})
}

// TestAPIAdminLostRole: who is no administrator any more keeps the token's scope
// and may do nothing with it.
func TestAPIAdminLostRole(t *testing.T) {
	eachAPI(t, func(t *testing.T, e *apiTown) {
		ctx := t.Context()
		if _, err := e.router.SaveOperator(ctx, inbox.Viewer{System: true}, router.Operator{Login: "altra", Name: "Altra", Password: "x"}, []router.Membership{{Role: router.Administrator}}); err != nil {
			t.Fatal(err)
		}
		admin := e.people["admin"]
		if _, err := e.router.SaveOperator(ctx, inbox.Viewer{System: true}, router.Operator{ID: admin.OperatorID, Login: "admin", Name: "Ada"}, []router.Membership{{OfficeID: e.offices["urp"], Role: router.FrontOffice}}); err != nil {
			t.Fatal(err)
		}
		for _, op := range e.ops {
			if op.Scope == "admin" && !strings.Contains(op.Path, "token") {
				if r := e.call("admin", op.Method, samplePath(op.Path), bodyFor(op)); r.Status != http.StatusForbidden {
					t.Errorf("%s %s: %d %s", op.Method, op.Path, r.Status, r.Bytes)
				}
			}
		}
		e.call("admin", "POST", "/tokens", obj("name", "x", "scopes", []string{"admin"})).wantCode(http.StatusUnprocessableEntity, "not_yours")
	})
}
