package web

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"filodiretto/channels"
	"filodiretto/internal/clock"
	"filodiretto/internal/db/dbtest"
	"filodiretto/internal/fiscalcode"
)

// TestAPIStory lives through all that the API can do, once with every POST sent a
// second time under its idempotency key. At its end no operation of the document
// is left that was not done with success.
func TestAPIStory(t *testing.T) {
	var towns, later []*apiTown
	eachAPI(t, func(t *testing.T, e *apiTown) {
		e.twice = true
		e.storyOfSettings()
		e.storyOfCase()
		e.storyOfAnswer()
		e.storyOfOffices()
		e.storyOfPeople()
		e.storyOfQuarantine()
		e.storyOfFailure()
		e.storyOfFinding()
		e.storyOfRooms()
		e.storyOfAppointments()
		e.storyOfSavedViews()
		e.storyOfComparison()
		e.intakeToken()
		e.letter2("postfix", e.mail.Key).want(http.StatusCreated)
		towns = append(towns, e)
	})
	// The rest is in towns of its own whose clocks go ahead, and comes last: ids tell
	// the time, and never go back within a process.
	eachAPI(t, func(t *testing.T, e *apiTown) {
		e.twice = true
		e.storyOfRegister()
		later = append(later, e)
	})
	senders, certified := anotherTown(t), anotherTown(t)
	(&siteTown{apiTown: senders}).storyOfSenders()
	certified.storyOfCertified(t)
	for i, e := range towns {
		for _, op := range e.ops {
			if !e.done[op.ID] && !later[i].done[op.ID] && !senders.done[op.ID] && !certified.done[op.ID] {
				t.Errorf("%s (%s %s) was never done", op.ID, op.Method, op.Path)
			}
		}
	}
}

// anotherTown is one for stories that tests of their own tell on both databases.
func anotherTown(t *testing.T) *apiTown {
	e := newAPITown(t, dbtest.SQLite(t))
	e.twice = true
	return e
}

func (e *apiTown) storyOfComparison() {
	opened := e.chans.by[e.mail.ID]
	opened.ch = &heldMail{Channel: opened.ch}
	e.chans.by[e.mail.ID] = opened
	account := "/accounts/" + e.id(e.mail.ID)
	e.call("admin", "POST", account+"/reconcile", nil).want(http.StatusOK)
	if list := e.call("admin", "GET", account+"/reconciliations", nil).want(http.StatusOK).list("items"); len(list) != 1 {
		e.t.Errorf("%d comparisons", len(list))
	}
}

func (e *apiTown) storyOfSavedViews() {
	made := e.call("giulia", "POST", "/saved-views", obj("name", "Buche", "query", "buca")).want(http.StatusCreated)
	if list := e.call("giulia", "GET", "/saved-views", nil).want(http.StatusOK).list("items"); len(list) != 1 {
		e.t.Errorf("%d saved views", len(list))
	}
	e.call("giulia", "DELETE", "/saved-views/"+made.str("id"), nil).want(http.StatusNoContent)
}

func (e *apiTown) id(v int64) string { return formatID(v) }

func (e *apiTown) storyOfSettings() {
	t := e.t
	e.call("", "GET", "/openapi.json", nil).want(http.StatusOK)
	me := e.call("giulia", "GET", "/me", nil).want(http.StatusOK)
	if me.str("login") != "giulia" || me.str("roles", 0, "role") != "front_office" {
		t.Errorf("%s", me.Bytes)
	}
	if r := e.call("giulia", "PATCH", "/me", obj("lang", "en", "away", true)).want(http.StatusOK); r.str("lang") != "en" {
		t.Errorf("%s", r.Bytes)
	}
	office := e.call("admin", "POST", "/offices", obj("key", "verde", "name", "Verde pubblico", "level", "back")).want(http.StatusCreated).str("id")
	e.call("admin", "PUT", "/offices/"+office, obj("key", "verde", "name", "Verde e parchi", "level", "back", "sign_name", "Ufficio verde")).want(http.StatusOK)
	if n := len(e.call("giulia", "GET", "/offices", nil).want(http.StatusOK).list("items")); n != 5 {
		t.Errorf("%d offices", n)
	}
	operator := obj("login", "ugo", "name", "Ugo Verdi", "lang", "it", "roles", []any{obj("office", office, "role", "back_office")}, "password", "un cavallo blu di notte")
	ugo := e.call("admin", "POST", "/operators", operator).want(http.StatusCreated).str("id")
	operator["disabled"] = true
	delete(operator, "password")
	if r := e.call("admin", "PUT", "/operators/"+ugo, operator).want(http.StatusOK); r.str("disabled_at") == "" {
		t.Errorf("%s", r.Bytes)
	}
	e.call("admin", "GET", "/operators", nil).want(http.StatusOK)

	made := e.call("admin", "POST", "/tokens", obj("name", "protocollo", "scopes", []string{"read"})).want(http.StatusCreated)
	e.tokens["machine"] = made.str("token")
	e.call("machine", "GET", "/me", nil).want(http.StatusOK)
	if r := e.call("admin", "GET", "/tokens", nil).want(http.StatusOK); strings.Contains(string(r.Bytes), made.str("token")) {
		t.Error("a token's word is told once")
	}
	e.call("admin", "DELETE", "/tokens/"+made.str("id"), nil).want(http.StatusNoContent)
	e.call("machine", "GET", "/me", nil).wantCode(http.StatusUnauthorized, "bad_token")

	e.storyOfRules()
	e.storyOfTexts()
}

func (e *apiTown) storyOfRules() {
	t := e.t
	def := obj("all", []any{obj("field", "words", "op", "any", "value", "tari tributi")}, "actions", obj("office", "tributi", "priority", 1))
	rule := e.call("sara", "POST", "/rules", obj("name", "TARI", "enabled", true, "definition", def)).want(http.StatusCreated)
	path := "/rules/" + rule.str("id")
	e.call("sara", "PUT", path, obj("name", "TARI e tributi", "enabled", true, "definition", def)).wantCode(http.StatusPreconditionRequired, "version_required")
	e.call("sara", "PUT", path, obj("name", "TARI e tributi", "enabled", true, "definition", def), "If-Match", rule.Header.Get("ETag")).want(http.StatusOK)
	e.call("sara", "PUT", path, obj("name", "TARI", "enabled", true, "definition", def, "version", 1)).want(http.StatusConflict)
	second := e.call("sara", "POST", "/rules", obj("name", "Altro", "enabled", false, "definition", obj("actions", obj("receipt", true)))).want(http.StatusCreated).str("id")
	e.call("sara", "POST", "/rules/"+second+"/move", obj("to", "up")).want(http.StatusNoContent)
	list := e.call("sara", "GET", "/rules", nil).want(http.StatusOK)
	if list.str("items", 0, "id") != second || list.str("items", 1, "name") != "TARI e tributi" {
		t.Errorf("%s", list.Bytes)
	}
	e.call("sara", "DELETE", "/rules/"+second, nil).want(http.StatusNoContent)
	e.call("giulia", "GET", "/rules", nil).want(http.StatusForbidden)
	e.call("sara", "POST", "/rules/try", obj("rules", []any{obj("name", "x", "enabled", true, "definition", def)}, "limit", 10)).want(http.StatusOK)
}

func (e *apiTown) storyOfTexts() {
	t := e.t
	e.call("sara", "GET", "/texts", nil).want(http.StatusOK)
	saved := e.call("sara", "PUT", "/texts/receipt/any/it", obj("subject", "Ricevuto", "body", "Abbiamo ricevuto: {case_number}.")).want(http.StatusOK)
	e.call("sara", "PUT", "/texts/receipt/any/it", obj("subject", "Ricevuto", "body", "Altro.")).want(http.StatusConflict)
	bad := e.call("sara", "PUT", "/texts/receipt/any/it", obj("subject", "Ricevuto", "body", "Ecco {case_numbr}.", "seen", saved.at("updated_at"))).wantCode(http.StatusUnprocessableEntity, "unknown_variable")
	if bad.str("field") != "body" || !strings.Contains(bad.str("detail"), "case_number") {
		t.Errorf("the place and what was meant are told: %s", bad.Bytes)
	}
	if r := e.call("sara", "POST", "/texts/preview", obj("event", "receipt", "channel", "mail", "lang", "it", "subject", "Ricevuto", "body", "Numero {case_number}.")).want(http.StatusOK); !strings.Contains(r.str("html"), "<p>") {
		t.Errorf("%s", r.Bytes)
	}
	e.call("sara", "POST", "/texts/preview", obj("event", "receipt", "body", "{boh}")).wantCode(http.StatusUnprocessableEntity, "unknown_variable")
	e.call("sara", "DELETE", "/texts/receipt/any/it", nil).want(http.StatusNoContent)

	ready := obj("short", "orari", "name", "Orari", "lang", "it", "body", "Siamo aperti dalle 9.")
	made := e.call("sara", "POST", "/ready-texts", ready).want(http.StatusCreated)
	ready["seen"], ready["body"] = made.at("updated_at"), "Siamo aperti dalle 8."
	e.call("sara", "PUT", "/ready-texts/"+made.str("id"), ready).want(http.StatusOK)
	e.call("sara", "PUT", "/ready-texts/"+made.str("id"), ready).want(http.StatusConflict)
	if r := e.call("giulia", "GET", "/ready-texts", nil).want(http.StatusOK); r.str("items", 0, "body") != "Siamo aperti dalle 8." {
		t.Errorf("%s", r.Bytes)
	}
	e.call("sara", "DELETE", "/ready-texts/"+made.str("id"), nil).want(http.StatusNoContent)
}

// storyOfErasing: a note is erased, by the head and by nobody else.
func (e *apiTown) storyOfErasing(path string) {
	note := e.call("giulia", "POST", path+"/notes", obj("text", "Il suo codice è segretissimo.")).want(http.StatusCreated).str("message", "id")
	why := obj("reason", "mistaken", "words", "non doveva stare qui")
	e.call("giulia", "POST", "/messages/"+note+"/erase", why).want(http.StatusForbidden)
	e.call("sara", "POST", "/messages/"+note+"/erase", obj("reason", "because", "words", "x")).want(http.StatusUnprocessableEntity)
	e.call("sara", "POST", "/messages/"+note+"/erase", why).want(http.StatusNoContent)
	if m := e.call("giulia", "GET", "/messages/"+note, nil).want(http.StatusOK); m.str("text") != "" || m.str("erased_at") == "" {
		e.t.Errorf("%s", m.Bytes)
	}
}

func (e *apiTown) storyOfCase() {
	t := e.t
	e.letter(e.mail, "Lucia Ferrante <lucia@posta.example>", "Buca in via Garibaldi", "C'è una buca.")
	path, c := e.firstCase("giulia")
	tag := c.Header.Get("ETag")
	do := func(verb string, body any, headers ...string) *apiReply {
		t.Helper()
		return e.call("giulia", "POST", path+"/"+verb, body, headers...)
	}
	giulia := e.id(e.people["giulia"].OperatorID)
	if r := do("assign", obj("operator", giulia)).want(http.StatusOK); r.str("assignee", "name") != "Giulia Moretti" {
		t.Errorf("%s", r.Bytes)
	}
	do("assign", obj("operator", nil, "version", c.num("version"))).want(http.StatusConflict)
	do("assign", obj("operator", nil), "If-Match", tag).want(http.StatusConflict)
	do("assign", obj("operator", e.id(e.people["elena"].OperatorID))).wantCode(http.StatusUnprocessableEntity, "not_in_office")
	if r := do("kind", obj("kind", "report")).want(http.StatusOK); r.str("kind") != "report" || r.Header.Get("ETag") == tag {
		t.Errorf("%s", r.Bytes)
	}
	do("priority", obj("priority", 2)).want(http.StatusOK)
	due := e.manual.Now().Add(72 * time.Hour)
	if r := do("due", obj("due_at", due)).want(http.StatusOK); !strings.HasPrefix(r.str("due_at"), "2026-11-20T10:00:00") {
		t.Errorf("%s", r.Bytes)
	}
	do("due", obj("due_at", nil)).want(http.StatusOK)
	do("snooze", obj("until", e.manual.Now().Add(-time.Hour))).wantCode(http.StatusUnprocessableEntity, "past")
	do("snooze", obj("until", due)).want(http.StatusOK)
	do("status", obj("status", "waiting")).want(http.StatusOK)
	do("read", nil).want(http.StatusOK)
	do("close", obj("outcome", "riparata", "seen_in_id", c.at("last_in_id"))).want(http.StatusOK)
	if r := do("reopen", nil).want(http.StatusOK); r.str("status") != "open" {
		t.Errorf("%s", r.Bytes)
	}
	do("reopen", obj()).wantCode(http.StatusUnprocessableEntity, "not_closed")

	list := e.call("giulia", "GET", "/cases?view=mine", nil).want(http.StatusOK)
	if list.str("items", 0, "ref") != c.str("ref") || strings.Contains(string(list.Bytes), c.str("status_secret")) {
		t.Errorf("a list shows no secret: %s", list.Bytes)
	}
	if r := e.call("giulia", "GET", "/cases/counts", nil).want(http.StatusOK); r.num("views", "mine") != 1 {
		t.Errorf("%s", r.Bytes)
	}

	e.letter(e.mail, "Lucia Ferrante <lucia@posta.example>", "Altra cosa", "Un'altra domanda.")
	other, oc := e.firstCase("giulia")
	if r := e.call("giulia", "POST", other+"/merge", obj("into", c.str("ref"))).want(http.StatusOK); r.str("ref") != c.str("ref") {
		t.Errorf("%s", r.Bytes)
	}
	if r := e.call("giulia", "GET", path, nil).want(http.StatusOK); r.str("merged", 0, "ref") != oc.str("ref") {
		t.Errorf("%s", r.Bytes)
	}
	if r := e.call("giulia", "GET", other, nil).want(http.StatusOK); r.str("parent", "ref") != c.str("ref") {
		t.Errorf("%s", r.Bytes)
	}
	if r := e.call("giulia", "GET", path+"/messages?limit=1", nil).want(http.StatusOK); r.str("next") == "" {
		t.Errorf("%s", r.Bytes)
	} else if more := e.call("giulia", "GET", path+"/messages?cursor="+r.str("next"), nil).want(http.StatusOK); len(more.list("items")) != 1 || more.str("items", 0, "text") != "C'è una buca.\n" {
		t.Errorf("%s", more.Bytes)
	}
	e.call("giulia", "POST", other+"/unmerge", nil).want(http.StatusOK)
	e.storyOfSuggestion(path)
}

// storyOfSuggestion: somebody else answers in a thread; a person decides whether
// it belongs there.
func (e *apiTown) storyOfSuggestion(path string) {
	t := e.t
	var refused, taken string
	for i, who := range []string{"Ugo <ugo@posta.example>", "Ada <ada@posta.example>"} {
		c := e.call("giulia", "GET", path, nil).want(http.StatusOK)
		m := e.call("giulia", "POST", path+"/messages", e.answer("giulia", path, fmt.Sprintf("Risposta %d", i))).want(http.StatusCreated)
		sent := e.sent(e.mail)
		e.letter(e.mail, who, "Re: "+c.str("subject"), "Scrivo per lei.", "Content-Type: text/plain", "In-Reply-To: <"+sent[len(sent)-1].ExternalID+">")
		other, oc := e.firstCase("giulia")
		if len(oc.list("suggestions")) == 0 {
			t.Fatalf("no suggestion for %s after %s: %s", who, m.str("message", "id"), oc.Bytes)
		}
		s := other + "/suggestions/" + oc.str("suggestions", 0, "id")
		if i == 0 {
			refused = s
			e.call("giulia", "POST", s, obj("accept", false)).want(http.StatusOK)
		} else {
			taken = s
			e.call("giulia", "POST", s, obj("accept", true)).wantCode(http.StatusUnprocessableEntity, "other_person")
		}
	}
	e.call("giulia", "POST", refused, obj("accept", true)).want(http.StatusNotFound)
	_ = taken
}

func (e *apiTown) storyOfAnswer() {
	t := e.t
	e.letter(e.mail, "Carlo Gatti <carlo@posta.example>", "Carta d'identità", "text", "Content-Type: multipart/mixed; boundary=b")
	e.letter(e.mail, "Carlo Gatti <carlo@posta.example>", "Carta d'identità scaduta", "--b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p>Ecco <b>la copia</b><script>alert(1)</script></p>\r\n--b\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment; filename=copia.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n"+
		base64.StdEncoding.EncodeToString([]byte("%PDF-1.4 prova"))+"\r\n--b--", "Content-Type: multipart/mixed; boundary=b")
	path, c := e.firstCase("giulia")
	var msg map[string]any
	for _, x := range c.list("timeline") {
		if m, ok := x.(map[string]any)["message"].(map[string]any); ok {
			msg = m
		}
	}
	id := msg["id"].(string)
	m := e.call("giulia", "GET", "/messages/"+id, nil).want(http.StatusOK)
	if !strings.Contains(m.str("html"), "<b>la copia</b>") || strings.Contains(m.str("html"), "script") {
		t.Errorf("%s", m.Bytes)
	}
	if f := e.call("giulia", "GET", "/files/"+m.str("parts", 0, "id"), nil).want(http.StatusOK); string(f.Bytes) != "%PDF-1.4 prova" ||
		f.Header.Get("Content-Type") != "application/octet-stream" || !strings.HasPrefix(f.Header.Get("Content-Disposition"), "attachment") || f.Header.Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("%v %s", f.Header, f.Bytes)
	}
	if r := e.call("giulia", "GET", "/messages/"+id+"/raw", nil).want(http.StatusOK); !strings.Contains(string(r.Bytes), "boundary=b") {
		t.Errorf("%s", r.Bytes)
	}
	e.call("giulia", "GET", "/messages/"+id+"/versions", nil).want(http.StatusOK)
	e.call("giulia", "POST", "/messages/"+id+"/read-again", nil).want(http.StatusOK)

	e.storyOfErasing(path)
	e.storyOfDraft(path)
	file := e.call("giulia", "POST", "/files?name=modulo.txt", "Il modulo.", "Content-Type", "text/plain", "Idempotency-Key", "f1").want(http.StatusCreated)
	e.call("giulia", "POST", "/files?name=modulo.txt", "Il modulo.", "Content-Type", "text/plain", "Idempotency-Key", "f1").want(http.StatusCreated)
	e.call("giulia", "POST", "/files?name=modulo.txt", "Altri byte.", "Content-Type", "text/plain", "Idempotency-Key", "f1").wantCode(http.StatusUnprocessableEntity, "key_reused")
	body := e.answer("giulia", path, "Ecco il modulo.")
	body["files"], body["waiting"] = []any{obj("sha256", file.str("sha256"), "name", "modulo.txt")}, true
	delete(body, "undo_seconds")
	reply := e.call("giulia", "POST", path+"/messages", body).want(http.StatusCreated)
	if reply.Header.Get("Location") != apiPrefix+"/messages/"+reply.str("message", "id") {
		t.Error(reply.Header)
	}
	at := path + "/messages/" + reply.str("message", "id")
	e.call("giulia", "POST", at+"/hold", nil).want(http.StatusOK)
	if r := e.call("giulia", "POST", at+"/undo", nil).want(http.StatusOK); r.str("body") != "Ecco il modulo." || r.str("files", 0, "name") != "modulo.txt" {
		t.Errorf("%s", r.Bytes)
	}
	e.call("giulia", "POST", at+"/undo", nil).want(http.StatusConflict)
	again := e.answer("giulia", path, "Ecco il modulo.")
	again["undo_seconds"] = 60
	second := e.call("giulia", "POST", path+"/messages", again).want(http.StatusCreated)
	e.call("sara", "POST", path+"/messages/"+second.str("message", "id")+"/undo", nil).want(http.StatusForbidden)
	e.call("giulia", "POST", path+"/messages/"+second.str("message", "id")+"/let-go", nil).want(http.StatusOK)
	before := len(e.sink(e.mail).got)
	if got := e.sent(e.mail); len(got) != before+1 {
		t.Errorf("%d left", len(got)-before)
	}
	note := e.call("giulia", "POST", path+"/notes", obj("text", "Vedi @sara e @rita", "mentions", []any{e.id(e.people["sara"].OperatorID)})).want(http.StatusCreated)
	if len(note.list("told")) != 1 || len(note.list("blind")) != 0 && note.str("blind", 0) != e.id(e.people["rita"].OperatorID) {
		t.Errorf("%s", note.Bytes)
	}
	e.storyOfStop(path)
}

func (e *apiTown) storyOfDraft(path string) {
	t := e.t
	d := path + "/drafts/reply"
	if r := e.call("giulia", "GET", d, nil).want(http.StatusOK); r.num("version") != 0 {
		t.Errorf("%s", r.Bytes)
	}
	saved := e.call("giulia", "PUT", d, obj("body", "Gentile Carlo", "version", 0)).want(http.StatusOK)
	other := e.call("giulia", "PUT", d, obj("body", "Altro", "version", 0)).wantCode(http.StatusConflict, "draft_changed")
	if other.str("draft", "body") != "Gentile Carlo" {
		t.Errorf("%s", other.Bytes)
	}
	e.call("giulia", "PUT", d, obj("body", "Gentile Carlo,"), "If-Match", saved.Header.Get("ETag")).want(http.StatusOK)
	put := e.call("giulia", "POST", d+"/files?name=a.txt", "uno", "Content-Type", "application/octet-stream", "Idempotency-Key", "d1").want(http.StatusCreated)
	if again := e.call("giulia", "POST", d+"/files?name=a.txt", "uno", "Content-Type", "application/octet-stream", "Idempotency-Key", "d1").want(http.StatusCreated); len(again.list("files")) != 1 {
		t.Errorf("%s", again.Bytes)
	}
	if r := e.call("giulia", "DELETE", d+"/files/"+put.str("files", 0, "sha256"), nil).want(http.StatusOK); len(r.list("files")) != 0 {
		t.Errorf("%s", r.Bytes)
	}
	e.call("giulia", "DELETE", d, nil).want(http.StatusNoContent)
	e.call("giulia", "GET", path+"/drafts/altro", nil).want(http.StatusNotFound)
}

// storyOfStop: an answer written without knowledge of something newer is stopped.
func (e *apiTown) storyOfStop(path string) {
	t := e.t
	c := e.call("giulia", "GET", path, nil).want(http.StatusOK)
	body := e.answer("giulia", path, "Scritta prima.")
	sent := e.sent(e.mail)
	e.letter(e.mail, "Carlo Gatti <carlo@posta.example>", "Re: "+c.str("subject"), "Ho trovato il documento.", "Content-Type: text/plain", "In-Reply-To: <"+sent[len(sent)-1].ExternalID+">")
	stop := e.call("giulia", "POST", path+"/messages", body).wantCode(http.StatusConflict, "newer_messages")
	if stop.str("newer", 0, "text") != "Ho trovato il documento.\n" {
		t.Errorf("%s", stop.Bytes)
	}
	e.call("giulia", "POST", path+"/close", obj("seen_in_id", c.at("last_in_id"))).want(http.StatusConflict)
	body["override"] = true
	e.call("giulia", "POST", path+"/messages", body).want(http.StatusCreated)
	unseen := e.answer("giulia", path, "In copia.")
	unseen["cc"] = []any{obj("address", "vicino@posta.example")}
	r := e.call("giulia", "POST", path+"/messages", unseen).wantCode(http.StatusUnprocessableEntity, "unseen_recipients")
	if r.str("unseen", 0, "value") != "vicino@posta.example" {
		t.Errorf("%s", r.Bytes)
	}
	unseen["cc"] = []any{obj("address", "vicino@posta.example", "confirmed", true)}
	e.call("giulia", "POST", path+"/messages", unseen).want(http.StatusCreated)
}

func (e *apiTown) storyOfOffices() {
	t := e.t
	e.letter(e.mail, "Dina Sala <dina@posta.example>", "Bolletta della TARI", "Quanto devo per la TARI?")
	list := e.call("elena", "GET", "/cases?view=office&limit=1", nil).want(http.StatusOK) // the rule sent it there
	path := "/cases/" + list.str("items", 0, "ref")
	if list.num("items", 0, "priority") != 1 {
		t.Errorf("%s", list.Bytes)
	}
	urp, anagrafe := e.id(e.offices["urp"]), e.id(e.offices["anagrafe"])
	e.call("giulia", "POST", path+"/messages", e.answer("elena", path, "Non tocca a me.")).want(http.StatusForbidden)
	if r := e.call("giulia", "GET", path, nil).want(http.StatusOK); r.str("status_secret") != "" {
		t.Error("who only reads a case is not given its secret")
	}
	e.call("elena", "POST", path+"/handover", obj("office", urp, "reason", "È per voi.")).want(http.StatusOK)
	e.call("elena", "POST", path+"/handover/withdraw", nil).want(http.StatusOK)
	e.call("elena", "POST", path+"/handover", obj("office", anagrafe, "reason", "Residenza.")).want(http.StatusOK)
	e.call("elena", "POST", path+"/handover", obj("office", urp, "reason", "Due volte.")).wantCode(http.StatusUnprocessableEntity, "pending")
	if r := e.call("paolo", "GET", "/handovers", nil).want(http.StatusOK); r.str("items", 0, "reason") != "Residenza." || len(e.call("giulia", "GET", "/handovers", nil).want(http.StatusOK).list("items")) != 0 {
		t.Errorf("%s", r.Bytes)
	}
	e.call("elena", "POST", path+"/presence", obj("doing", "writing")).want(http.StatusNoContent)
	if r := e.call("paolo", "GET", path+"/presence", nil).want(http.StatusOK); r.str("items", 0, "operator", "name") != "Elena Costa" || r.str("items", 0, "doing") != "writing" {
		t.Errorf("%s", r.Bytes)
	}
	if r := e.call("paolo", "GET", path, nil).want(http.StatusOK); r.str("handovers", 1, "state") != "pending" || r.str("handovers", 1, "reason") != "Residenza." {
		t.Errorf("%s", r.Bytes)
	}
	e.call("paolo", "POST", path+"/handover/answer", obj("accept", false)).wantCode(http.StatusUnprocessableEntity, "required")
	if r := e.call("paolo", "POST", path+"/handover/answer", obj("accept", true)).want(http.StatusOK); r.str("office", "key") != "anagrafe" {
		t.Errorf("%s", r.Bytes)
	}
}

func (e *apiTown) storyOfPeople() {
	t := e.t
	cf := fiscalcode.Normalise("RSSMRA80A01H501U")
	made := e.call("giulia", "POST", "/citizens", obj("name", "Mario Rossi", "lang", "it", "identities", []any{obj("kind", "email", "value", "mario@posta.example"), obj("kind", "phone", "value", "347 5550142"), obj("kind", "cf", "value", cf)})).want(http.StatusCreated)
	mario := "/citizens/" + made.str("id")
	if made.Header.Get("Location") != apiPrefix+mario {
		t.Error(made.Header)
	}
	twice := e.call("giulia", "POST", "/citizens", obj("name", "Mario R.", "identities", []any{obj("kind", "email", "value", "mario@posta.example")})).wantCode(http.StatusConflict, "taken")
	if twice.str("citizen_id") != made.str("id") {
		t.Errorf("%s", twice.Bytes)
	}
	p := e.call("giulia", "GET", mario, nil).want(http.StatusOK)
	e.call("giulia", "PATCH", mario, obj("note", "Preferisce il telefono.")).wantCode(http.StatusPreconditionRequired, "version_required")
	if r := e.call("giulia", "PATCH", mario, obj("preferred", "mail"), "If-Match", p.Header.Get("ETag")).want(http.StatusOK); r.str("preferred") != "mail" || r.str("name") != "Mario Rossi" {
		t.Errorf("%s", r.Bytes)
	}
	e.call("giulia", "PATCH", mario, obj("name", "Mario", "version", p.num("version"))).want(http.StatusConflict)
	e.call("giulia", "POST", mario+"/notes", obj("text", "Cammina con le stampelle.")).want(http.StatusNoContent)
	if r := e.call("giulia", "GET", "/citizens?q=ross", nil).want(http.StatusOK); r.str("items", 0, "id") != made.str("id") {
		t.Errorf("%s", r.Bytes)
	}
	first := e.call("giulia", "GET", "/citizens?limit=1", nil).want(http.StatusOK)
	if r := e.call("giulia", "GET", "/citizens?limit=1&cursor="+first.str("next"), nil).want(http.StatusOK); r.str("items", 0, "id") == first.str("items", 0, "id") {
		t.Errorf("%s", r.Bytes)
	}
	e.storyOfIdentities(mario)
	e.storyOfMerges(made.str("id"))
	e.storyOfVisits(made.str("id"))
	if r := e.call("giulia", "GET", mario+"/timeline?what=visits", nil).want(http.StatusOK); r.str("items", 0, "message", "kind") == "" {
		t.Errorf("%s", r.Bytes)
	}
	if w := e.call("giulia", "POST", mario+"/link", nil).want(http.StatusCreated).str("word"); len(w) < 20 {
		t.Error(w)
	}
	if r := e.call("giulia", "GET", mario+"/link", nil).want(http.StatusOK); r.str("stage") != "waiting" {
		t.Errorf("%s", r.Bytes)
	}
}

func (e *apiTown) storyOfIdentities(mario string) {
	t := e.t
	doubt := e.call("giulia", "POST", mario+"/identities", obj("kind", "cf", "value", "RSSMRA80A01H501X")).wantCode(http.StatusUnprocessableEntity, "cf_wrong_check")
	if doubt.str("overriding") != "override_reason" {
		t.Errorf("%s", doubt.Bytes)
	}
	i := e.call("giulia", "POST", mario+"/identities", obj("kind", "cf", "value", "RSSMRA80A01H501X", "override_reason", "Così sul tesserino.")).want(http.StatusCreated)
	at := mario + "/identities/" + i.str("id")
	e.call("giulia", "POST", at+"/proof", obj("level", 2, "source", "called_back")).wantCode(http.StatusUnprocessableEntity, "too_high")
	e.call("giulia", "POST", at+"/proof", obj("level", 2, "source", "document_seen")).want(http.StatusNoContent)
	e.call("giulia", "DELETE", at, nil).wantCode(http.StatusUnprocessableEntity, "required")
	e.call("giulia", "DELETE", at+"?reason=errore", nil).want(http.StatusNoContent)
	e.call("giulia", "DELETE", at+"?reason=errore", nil).want(http.StatusNotFound)
	mail := e.call("giulia", "POST", mario+"/identities", obj("kind", "email", "value", "rossi@posta.example")).want(http.StatusCreated).str("id")
	at = mario + "/identities/" + mail
	e.call("giulia", "POST", at+"/consent", obj("action", "withdraw")).want(http.StatusNoContent)
	e.call("giulia", "POST", at+"/consent", obj("action", "opt_in")).want(http.StatusNoContent)
	e.call("giulia", "POST", at+"/try-again", nil).want(http.StatusConflict)
	if _, err := e.db.Write.NewRaw("UPDATE identities SET status = 'bad' WHERE id = ?", parseID(mail)).Exec(t.Context()); err != nil {
		t.Fatal(err)
	}
	e.call("giulia", "POST", at+"/try-again", nil).want(http.StatusNoContent)
	// an address of somebody else makes a proposal although it is refused
	e.call("giulia", "POST", mario+"/identities", obj("kind", "email", "value", "lucia@posta.example")).wantCode(http.StatusConflict, "taken")
	if r := e.call("giulia", "GET", mario, nil).want(http.StatusOK); len(r.list("proposals")) != 1 {
		t.Errorf("%s", r.Bytes)
	}
}

func (e *apiTown) storyOfMerges(mario string) {
	t := e.t
	twin := e.call("giulia", "POST", "/citizens", obj("name", "Rossi Mario", "identities", []any{obj("kind", "phone", "value", "3475550142")})).want(http.StatusCreated).str("id")
	list := e.call("giulia", "GET", "/proposals", nil).want(http.StatusOK)
	i := slices.IndexFunc(list.list("items"), func(x any) bool {
		m := x.(map[string]any)
		return m["one"].(map[string]any)["id"] == twin || m["other"].(map[string]any)["id"] == twin
	})
	if i < 0 {
		t.Fatalf("no proposal: %s", list.Bytes)
	}
	done := e.call("giulia", "POST", "/proposals/"+list.str("items", i, "id"), obj("accept", true)).want(http.StatusOK)
	e.call("giulia", "POST", "/citizens/merges/"+done.str("merge", "id")+"/undo", nil).want(http.StatusNoContent)
	e.call("giulia", "POST", "/citizens/merges/"+done.str("merge", "id")+"/undo", nil).want(http.StatusConflict)
	e.call("giulia", "POST", "/proposals/"+list.str("items", i, "id"), obj("accept", false)).want(http.StatusOK)
	e.call("giulia", "POST", "/citizens/"+mario+"/merge", obj("other", twin, "reason", "È lui.")).wantCode(http.StatusUnprocessableEntity, "not_same")
	e.call("giulia", "POST", "/citizens/"+mario+"/not-same/withdraw", obj("other", twin)).want(http.StatusNoContent)
	m := e.call("giulia", "POST", "/citizens/"+mario+"/merge", obj("other", twin, "reason", "È lui.")).want(http.StatusOK)
	if r := e.call("giulia", "GET", "/citizens/"+twin, nil).want(http.StatusOK); r.str("id") != mario || len(r.list("records")) != 2 {
		t.Errorf("%s", r.Bytes)
	}
	e.call("giulia", "POST", "/citizens/merges/"+m.str("id")+"/undo", nil).want(http.StatusNoContent)
	e.call("giulia", "POST", "/citizens/"+mario+"/not-same", obj("other", twin)).want(http.StatusNoContent)
}

func (e *apiTown) storyOfVisits(mario string) {
	t := e.t
	desk := e.id(e.counter.ID)
	v := e.call("giulia", "POST", "/visits", obj("account", desk, "citizen_id", mario, "subject", "Passaporto", "text", "Chiede del passaporto.", "kind", "information", "office", e.id(e.offices["urp"]))).want(http.StatusCreated)
	if v.Header.Get("Location") != apiPrefix+"/cases/"+v.str("ref") || v.str("kind") != "information" {
		t.Errorf("%v %s", v.Header, v.Bytes)
	}
	daughter := obj("account", desk, "person", "Ida", "text", "Torna.", "case", v.str("ref"), "closed", true, "outcome", "fatto")
	if r := e.call("giulia", "POST", "/visits", daughter).wantCode(http.StatusUnprocessableEntity, "other_person"); r.str("overriding") != "other_person" {
		t.Errorf("%s", r.Bytes)
	}
	daughter["other_person"] = true
	e.call("giulia", "POST", "/visits", daughter).want(http.StatusCreated)
	for _, bad := range []struct {
		code string
		body map[string]any
	}{
		{"unknown", obj("account", desk, "text", "x", "case", "2026/000999")},
		{"unknown", obj("account", desk, "text", "x", "office", "77")},
		{"unknown", obj("account", desk, "text", "x", "citizen_id", "77")},
		{"unknown", obj("account", "77", "text", "x")},
		{"required", obj("account", desk)},
		{"bad_form", obj("account", desk, "text", "x", "email", "nessuna")},
	} {
		e.call("giulia", "POST", "/visits", bad.body).wantCode(http.StatusUnprocessableEntity, bad.code)
	}
}

func (e *apiTown) storyOfQuarantine() {
	t := e.t
	held := func() string {
		t.Helper()
		e.arrive(e.mail, channels.Raw{ContentType: "message/rfc822", Body: []byte(fmt.Sprintf("Subject: senza mittente\r\n\r\nChi sono? %d\r\n", e.unread))})
		r := e.call("giulia", "GET", "/quarantine?limit=1", nil).want(http.StatusOK)
		return "/quarantine/" + r.str("items", 0, "id")
	}
	one := held()
	x := e.call("giulia", "GET", one, nil).want(http.StatusOK)
	if !strings.Contains(x.str("text"), "Chi sono?") || x.at("readable") != true {
		t.Errorf("%s", x.Bytes)
	}
	e.call("giulia", "GET", one+"/raw", nil).want(http.StatusOK)
	c := e.call("giulia", "POST", one+"/release", obj("note", "va bene")).want(http.StatusOK)
	e.call("giulia", "POST", one+"/release", nil).want(http.StatusConflict)
	e.call("giulia", "POST", held()+"/attach", obj("case", c.str("ref"))).want(http.StatusOK)
	two := held()
	e.call("giulia", "POST", two+"/attach", obj("case", "2026/009999")).wantCode(http.StatusUnprocessableEntity, "unknown")
	e.call("giulia", "POST", two+"/read-again", nil).want(http.StatusOK)
	e.call("giulia", "POST", two+"/reject", obj("reason", "spam")).want(http.StatusNoContent)
}

// storyOfFailure: an answer that does not arrive, and what can be done.
func (e *apiTown) storyOfFailure() {
	t := e.t
	e.letter(e.mail, "Piera Bo <piera@posta.example>", "Orari", "Quando siete aperti?")
	path, _ := e.firstCase("giulia")
	e.sink(e.mail).set(&channels.Error{Class: channels.ContentRejected, Code: "550", Text: "no"})
	failed := e.call("giulia", "POST", path+"/messages", e.answer("giulia", path, "Alle nove.")).want(http.StatusCreated)
	e.sent(e.mail)
	if r := e.call("giulia", "GET", path, nil).want(http.StatusOK); r.at("failed") != true {
		t.Fatalf("the failure shows: %s", r.Bytes)
	}
	at := path + "/deliveries/" + failed.str("message", "deliveries", 0, "id")
	e.call("giulia", "POST", at+"/arrived", nil).want(http.StatusConflict)
	e.call("giulia", "POST", path+"/failure", nil).want(http.StatusOK)
	e.call("giulia", "POST", path+"/failure", nil).want(http.StatusConflict)
	e.sink(e.mail).set(nil)
	e.call("giulia", "POST", at+"/retry", nil).want(http.StatusNoContent)
	if _, err := e.db.Write.NewRaw("UPDATE deliveries SET state = 'unknown', next_at = ? WHERE id = ?", clock.Instant(0), parseID(failed.str("message", "deliveries", 0, "id"))).Exec(t.Context()); err != nil {
		t.Fatal(err)
	}
	e.call("giulia", "POST", at+"/arrived", nil).want(http.StatusNoContent)

	acc := "/accounts/" + e.id(e.mail.ID)
	e.call("giulia", "POST", acc+"/probe", nil).wantCode(http.StatusForbidden, "scope_missing")
	if r := e.call("admin", "POST", acc+"/probe", nil).want(http.StatusOK); r.at("ok") != true {
		t.Errorf("%s", r.Bytes)
	}
	e.sink(e.mail).set(&channels.Error{Class: channels.AuthBroken, Code: "535", Text: "refused"})
	if r := e.call("admin", "POST", acc+"/probe", nil).want(http.StatusOK); r.at("ok") != false || r.str("class") != string(channels.AuthBroken) {
		t.Errorf("%s", r.Bytes)
	}
	e.sink(e.mail).set(nil)
	e.call("giulia", "POST", acc+"/pause", nil).wantCode(http.StatusForbidden, "scope_missing")
	e.call("admin", "POST", acc+"/pause", nil).want(http.StatusNoContent)
	if r := e.call("giulia", "GET", acc, nil).want(http.StatusOK); r.str("state") != "paused" {
		t.Errorf("%s", r.Bytes)
	}
	e.call("admin", "POST", acc+"/resume", nil).want(http.StatusNoContent)
	if e.chans.reloads != 2 {
		t.Errorf("the accounts are opened anew once for each change, not %d times", e.chans.reloads)
	}
	e.call("giulia", "GET", "/accounts", nil).want(http.StatusOK)
	e.storyOfAccounts()
}

// storyOfAccounts: a mailbox is added and changed; its password is never told.
func (e *apiTown) storyOfAccounts() {
	t := e.t
	kinds := e.call("giulia", "GET", "/channel-kinds", nil).want(http.StatusOK)
	if kinds.str("items", 0, "kind") != "mail" || kinds.str("items", 0, "fields", 0, "help") == "" {
		t.Errorf("%s", kinds.Bytes)
	}
	settings := map[string]any{}
	for name, v := range mailSettings {
		settings[name] = v
	}
	settings["imap_password"] = "molto segreta"
	body := obj("kind", "mail", "name", "Posta del sindaco", "office", e.id(e.offices["urp"]), "settings", settings)
	made := e.call("admin", "POST", "/accounts", body).want(http.StatusCreated)
	at := "/accounts/" + made.str("id")
	got := e.call("admin", "GET", at+"/settings", nil).want(http.StatusOK)
	if got.str("settings", "imap_user") != "u" || got.str("secrets", 0) != "imap_password" {
		t.Errorf("%s", got.Bytes)
	}
	for _, r := range []*apiReply{made, got} {
		if strings.Contains(string(r.Bytes), "molto segreta") {
			t.Errorf("a password is never told: %s", r.Bytes)
		}
	}
	delete(body, "kind")
	delete(settings, "imap_password")
	settings["imap_user"] = "sindaco"
	e.call("admin", "PUT", at, body).want(http.StatusOK)
	if r := e.call("admin", "GET", at+"/settings", nil).want(http.StatusOK); r.str("settings", "imap_user") != "sindaco" || len(r.list("secrets")) != 1 {
		t.Errorf("%s", r.Bytes)
	}
	settings["imap_prot"] = "1"
	e.call("admin", "PUT", at, body).wantCode(http.StatusUnprocessableEntity, "unknown")
	delete(settings, "imap_prot")
	settings["imap_port"] = "molti"
	if r := e.call("admin", "PUT", at, body).wantCode(http.StatusUnprocessableEntity, "setting_number"); r.str("field") != "settings.imap_port" {
		t.Errorf("%s", r.Bytes)
	}
	settings["imap_port"] = "993"
	settings["imap_security"] = "boh"
	if r := e.call("admin", "PUT", at, body).wantCode(http.StatusUnprocessableEntity, "setting_refused"); r.str("field") != "settings.imap_security" {
		t.Errorf("%s", r.Bytes)
	}
	body["kind"] = "piccione"
	e.call("admin", "POST", "/accounts", body).wantCode(http.StatusUnprocessableEntity, "unknown")
}

func (e *apiTown) storyOfFinding() {
	t := e.t
	if r := e.call("giulia", "GET", "/search?q=buche", nil).want(http.StatusOK); !strings.Contains(r.str("cases", 0, "case", "subject"), "Buca") {
		t.Errorf("%s", r.Bytes)
	}
	if r := e.call("giulia", "GET", "/search?q=2026/000001", nil).want(http.StatusOK); r.str("cases", 0, "case", "ref") != "2026/000001" {
		t.Errorf("%s", r.Bytes)
	}
	if r := e.call("giulia", "GET", "/search?q=ross", nil).want(http.StatusOK); len(r.list("people")) == 0 {
		t.Errorf("%s", r.Bytes)
	}
	if r := e.call("giulia", "GET", "/search?q=stato:boh", nil).want(http.StatusOK); len(r.list("problems")) == 0 {
		t.Errorf("%s", r.Bytes)
	}
	e.call("giulia", "GET", "/search", nil).want(http.StatusOK)
	all := e.call("admin", "GET", "/events?kind=case.&limit=5", nil).want(http.StatusOK)
	if len(all.list("items")) != 5 || !strings.HasPrefix(all.str("items", 0, "kind"), "case.") {
		t.Errorf("%s", all.Bytes)
	}
	if r := e.call("admin", "GET", "/events?limit=5&kind=case.&cursor="+all.str("next"), nil).want(http.StatusOK); r.str("items", 0, "id") >= all.str("items", 4, "id") {
		t.Errorf("%s", r.Bytes)
	}
	e.call("sara", "GET", "/events?case=2026/000001&from=2026-11-17T00:00:00Z", nil).want(http.StatusOK)
	e.call("giulia", "GET", "/events", nil).want(http.StatusForbidden)
}
