package web

import (
	"net/http"
	"strings"
	"time"

	"filodiretto/register"
)

// storyOfRegister: a message gets its number, office and class change, a head annuls,
// and another program's number is typed in and corrected.
func (e *apiTown) storyOfRegister() {
	t := e.t
	t.Helper()
	e.letter(e.mail, "Anna Verdi <anna.verdi@posta.example>", "Accesso agli atti", "Chiedo copia.")
	path, _ := e.firstCase("giulia")
	list := e.call("giulia", "GET", path+"/messages", nil).want(http.StatusOK)
	m := "/messages/" + list.str("items", 0, "id") + "/register"
	if s := e.call("giulia", "GET", m, nil).want(http.StatusOK); s.str("state") != string(register.NotNeeded) {
		t.Errorf("%s", s.Bytes)
	}
	e.call("giulia", "POST", m+"/state", obj("state", "due", "version", 9)).want(http.StatusConflict)
	due := e.call("giulia", "POST", m+"/state", obj("state", "due")).want(http.StatusOK)
	if due.Header.Get("ETag") != `"1"` {
		t.Error(due.Header)
	}
	if l := e.call("giulia", "GET", "/register/due?limit=5", nil).want(http.StatusOK); len(l.list("items")) != 1 || l.str("items", 0, "subject") != "Accesso agli atti" {
		t.Errorf("%s", l.Bytes)
	}
	if c := e.call("giulia", "GET", "/titolario", nil).want(http.StatusOK); len(c.list("items")) != 126 {
		t.Errorf("%d classes", len(c.list("items")))
	}
	e.call("giulia", "POST", m, obj("class", "XCIX.1", "version", 1)).want(http.StatusUnprocessableEntity)
	x := e.call("giulia", "POST", m, obj("class", "I.8", "origin", obj("number", "77")), "If-Match", `"1"`, "Idempotency-Key", "registro-1").want(http.StatusCreated)
	again := e.call("giulia", "POST", m, obj("class", "I.8", "origin", obj("number", "77")), "If-Match", `"1"`, "Idempotency-Key", "registro-1").want(http.StatusCreated)
	if again.str("id") != x.str("id") {
		t.Errorf("the same key is the same entry: %s", again.Bytes)
	}
	if x.str("ref") != "0000001/2026" || x.str("origin", "number") != "77" || x.str("documents", 0, "what") != register.Received || len(x.str("documents", 0, "sha256")) != 64 || x.Header.Get("Location") == "" {
		t.Errorf("%s", x.Bytes)
	}
	e.call("giulia", "POST", m, obj("class", "I.8", "version", 2)).want(http.StatusUnprocessableEntity)
	entry := "/register/" + x.str("id")
	if l := e.call("giulia", "GET", "/register?q=accesso&year=2026&direction=in", nil).want(http.StatusOK); len(l.list("items")) != 1 {
		t.Errorf("%s", l.Bytes)
	}
	if v := e.call("elena", "GET", entry, nil).want(http.StatusOK); v.str("subject") != "" || v.str("ref") != "0000001/2026" || len(v.list("documents")) != 0 {
		t.Errorf("%s", v.Bytes)
	}
	a := e.call("giulia", "POST", entry+"/assign", obj("office", e.id(e.offices["anagrafe"]), "class", "XI.2", "seen", x.str("assignments", 0, "id"))).want(http.StatusOK)
	if a.str("class") != "XI.2" {
		t.Errorf("%s", a.Bytes)
	}
	e.call("giulia", "POST", entry+"/annul", obj("reason", "Doppione", "act", "Determina 1")).want(http.StatusForbidden)
	e.call("giulia", "POST", entry+"/correct", obj("class", "I.8", "number", "5")).want(http.StatusUnprocessableEntity)
	if v := e.call("sara", "POST", entry+"/annul", obj("reason", "Doppione", "act", "Determina 1"), "Idempotency-Key", "annullo-1").want(http.StatusOK); v.str("reason") != "Doppione" {
		t.Errorf("%s", v.Bytes)
	}
	e.storyOfExternal(m)
	e.storyOfDailies()
}

// storyOfExternal: the same town with numbers of another program.
func (e *apiTown) storyOfExternal(m string) {
	t := e.t
	t.Helper()
	set := townRegister
	set.Mode = register.External
	was := *e.deps.Register
	*e.deps.Register = *register.New(register.Deps{DB: e.db, Blobs: e.deps.Blobs, Inbox: e.inbox, Hub: e.hub, Log: e.deps.Log, Settings: set, Scheme: register.NationalScheme()})
	defer func() { *e.deps.Register = was }()
	v := e.call("giulia", "GET", m, nil).want(http.StatusOK)
	version := int(v.num("version"))
	e.call("giulia", "POST", m, obj("class", "I.8", "number", "<>", "version", version)).want(http.StatusUnprocessableEntity)
	x := e.call("giulia", "POST", m, obj("class", "I.8", "number", "0004321/2026", "version", version)).want(http.StatusCreated)
	y := e.call("giulia", "POST", "/register/"+x.str("id")+"/correct", obj("class", "I.8", "number", "0004322", "date", "2026-11-16")).want(http.StatusOK)
	if y.str("ref") != "0004322/2026" || y.str("replaces", 0) != x.str("id") || y.str("source") != "external" {
		t.Errorf("%s", y.Bytes)
	}
	e.letter(e.mail, "Bruno Riva <bruno@posta.example>", "Altro", "Ciao.")
	path, _ := e.firstCase("giulia")
	other := "/messages/" + e.call("giulia", "GET", path+"/messages", nil).want(http.StatusOK).str("items", 0, "id") + "/register"
	e.call("giulia", "POST", other, obj("class", "I.8", "number", "4322/2026")).wantCode(http.StatusUnprocessableEntity, "taken")
	e.call("giulia", "POST", other, obj("class", "I.8", "number", "4322/2026", "sure", true)).want(http.StatusCreated)
}

// storyOfDailies: yesterday's register is a file.
func (e *apiTown) storyOfDailies() {
	t := e.t
	t.Helper()
	e.manual.Advance(24 * time.Hour)
	if _, err := e.deps.Register.CloseDays(t.Context()); err != nil {
		t.Fatal(err)
	}
	l := e.call("giulia", "GET", "/daily-registers?limit=1", nil).want(http.StatusOK)
	if len(l.list("items")) != 1 || l.str("items", 0, "last") != "0000001" {
		t.Errorf("%s", l.Bytes)
	}
	f := e.call("giulia", "GET", "/daily-registers/"+l.str("items", 0, "day"), nil).want(http.StatusOK)
	if !strings.Contains(string(f.Bytes), "Accesso agli atti") {
		t.Errorf("%s", f.Bytes)
	}
	e.call("giulia", "GET", "/daily-registers/2026-01-01", nil).want(http.StatusNotFound)
}
