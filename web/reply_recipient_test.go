package web

import (
	"net/http"
	"strings"
	"testing"
)

// TestARefusedRecipientIsNamed: of several recipients the one that cannot be written to
// is told, with why, by the API and under the form.
func TestARefusedRecipientIsNamed(t *testing.T) {
	eachSite(t, func(t *testing.T, e *siteTown) {
		e.letter(e.mail, "Edil Rossi <edil@posta.example>", "Cantiere", "Quando si comincia?")
		e.letter(e.mail, "Lucia <lucia@posta.example>", "Buca", "È profonda.")
		if _, err := e.db.Write.NewRaw("UPDATE identities SET status = 'bad' WHERE value = 'edil@posta.example'").Exec(t.Context()); err != nil {
			t.Fatal(err)
		}
		ref := e.ref(e.people["giulia"])
		at := "/cases/" + ref
		c := e.call("giulia", "GET", at, nil).want(http.StatusOK)
		answer := obj("text", "Domani.", "account", e.id(e.mail.ID), "to", []any{obj("address", "lucia@posta.example", "confirmed", true), obj("address", "edil@posta.example", "confirmed", true)},
			"seen_in_id", c.str("last_in_id"), "seen_id", c.str("last_message_id"))
		p := e.call("giulia", "POST", at+"/messages", answer).wantCode(http.StatusUnprocessableEntity, "bad")
		if p.str("field") != "to.1.address" || !strings.Contains(p.str("detail"), "bad (address that bounces)") {
			t.Error(p.str("field"), p.str("detail"))
		}
		b := e.as("giulia")
		f := b.get("/cases?case=" + ref)
		b.send("/cases/"+ref+"/reply", "compose", "reply", "channel", f.field("channel"), "seen", f.field("seen"), "base", f.field("base"), "text", "Domani.", "cc", "marco@posta.example, edil@posta.example").
			want(http.StatusUnprocessableEntity, "A edil@posta.example non si può scrivere: indirizzo che respinge i messaggi.")
	})
}
