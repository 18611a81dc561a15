package web

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"filodiretto/channels"
	"filodiretto/inbox"
)

// The form asks for what the chosen way in needs, and for nothing else.
func TestFormOfEachWayIn(t *testing.T) {
	eachSite(t, func(t *testing.T, e *siteTown) {
		b, office := e.as("admin"), formatID(e.offices["anagrafe"])
		b.get("/channels/new?kind=mail").want(http.StatusOK, `<select class="field-input" id="f-set.reading"`, "Consegnata dal nostro server (LMTP o HTTP)",
			`data-when="reading=imap">`, `data-when="reading=pop3" hidden>`, `data-when="reading=imap&amp;auth=password">`, `data-when="reading=pop3&amp;auth=password" hidden>`, `data-when="auth=oauth2" hidden>`)
		handed := map[string]string{"office": office, "name": "Posta consegnata", "set.reading": "handed", "set.imap_host": "", "set.imap_password": ""}
		b.post("/channels", newMail(handed)...).to("/channels")
		id, settings, _ := e.accountNamed("Posta consegnata")
		if settings["reading"] != "handed" {
			t.Errorf("%v", settings)
		}
		b.get(fmt.Sprintf("/channels/%d", id)).want(http.StatusOK, `value="handed" selected`, `data-when="reading=imap" hidden>`)
		pop := map[string]string{"office": office, "name": "Posta scaricata", "set.reading": "pop3", "set.imap_host": "", "set.imap_password": ""}
		b.post("/channels", newMail(pop)...).want(http.StatusUnprocessableEntity, `id="e-set.pop3_host"`, `data-when="reading=pop3">`).without(`id="e-set.imap_host"`)
		pop["set.pop3_host"], pop["set.pop3_password"] = "pop.example", otherSecret
		b.post("/channels", newMail(pop)...).to("/channels")
		b.post("/channels", newMail(map[string]string{"office": office, "set.reading": "uucp"})...).want(http.StatusUnprocessableEntity, `id="e-set.reading"`)
	})
}

// Rules 16 and 81d: the list tells of each way in when mail last came by it; a
// mailbox that is looked into seldom is not late for that.
func TestRule81dEachWayIn(t *testing.T) {
	eachSite(t, func(t *testing.T, e *siteTown) {
		b, office := e.as("admin"), formatID(e.offices["anagrafe"])
		b.post("/channels", newMail(map[string]string{"office": office, "name": "Posta consegnata", "set.reading": "handed", "set.imap_host": "", "set.imap_password": ""})...).to("/channels")
		id, _, _ := e.accountNamed("Posta consegnata")
		card := func() string {
			page := b.get("/channels").want(http.StatusOK)
			_, after, _ := strings.Cut(page.Body, fmt.Sprintf(`id="channel-%d"`, id))
			card, _, _ := strings.Cut(after, "</section>")
			return card
		}
		if got := card(); !strings.Contains(got, "Ultima posta consegnata") || !strings.Contains(got, "mai") || !strings.Contains(got, "consegnata dal nostro server") {
			t.Errorf("%s", got)
		}
		if err := e.inbox.Alive(t.Context(), id); err != nil {
			t.Fatal(err)
		}
		if got := card(); strings.Contains(got, "<dd>mai</dd>") {
			t.Errorf("%s", got)
		}
		e.as("giulia").get("/channels").want(http.StatusOK, "Ultima posta consegnata") // every operator sees it
	})
}

// A mailbox that is looked into once an hour is not late after a quarter of one.
func TestLateByItsOwnPace(t *testing.T) {
	for settings, want := range map[string]time.Duration{`{"poll":"2m"}`: 2 * time.Minute, `{"poll":"1h"}`: time.Hour, `{"poll":"spesso"}`: 0, `{}`: 0, ``: 0} {
		if got := pollOf(&inbox.Account{Settings: settings}); got != want {
			t.Errorf("%s: %s", settings, got)
		}
	}
}

// Rule 16: what waits to be read for too long is told, on the card, in the frame and
// to programs, also where mail is handed over and no look can be late.
func TestRule16WhatWaitsForTooLongIsLate(t *testing.T) {
	eachSite(t, func(t *testing.T, e *siteTown) {
		b := e.as("admin")
		before := b.get("/shell/health", "HX-Request", "true").want(http.StatusOK).Body
		if _, err := e.inbox.Take(t.Context(), e.mail.ID, "http", channels.Raw{DedupKey: "x", ContentType: "message/rfc822", Body: []byte("x"), Size: 1, ReceivedAt: e.manual.Now()}); err != nil {
			t.Fatal(err)
		}
		e.manual.Advance(slowAfter)
		card := fmt.Sprintf(`id="channel-%d"`, e.mail.ID)
		state := func() string {
			_, after, _ := strings.Cut(b.get("/channels").want(http.StatusOK).Body, card)
			after, _, _ = strings.Cut(after, "</section>")
			return after
		}
		if got := state(); strings.Contains(got, "In ritardo") {
			t.Errorf("late at once: %s", got)
		}
		if got := b.get("/shell/health", "HX-Request", "true").Body; got != before {
			t.Errorf("%s\n%s", before, got)
		}
		e.manual.Advance(healthKept)
		if got := state(); !strings.Contains(got, "In ritardo") {
			t.Errorf("%s", got)
		}
		if got := b.get("/shell/health", "HX-Request", "true").Body; got == before {
			t.Errorf("the frame says nothing: %s", got)
		}
	})
}
