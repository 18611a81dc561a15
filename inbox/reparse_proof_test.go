package inbox

import (
	"strings"
	"testing"
)

// Rule 20: where a newer reader finds other things of who wrote or signed a mail, its
// case says so: somebody may have answered on what stood there before. A remark alone
// puts no line there.
func TestRule20AnotherProofIsToldOnTheCase(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		ourMail(e)
		o := newCertifiedOffice(t, e)
		e.arrive(e.mail, letter("Anna <anna@posta.example>", "z1@posta.example", "Orari", "Quali orari?", "Authentication-Results: mx.comune.pontelieto.example; dmarc=fail header.from=posta.example"))
		o.comes(o.provider, "z2@pec.example")
		for _, tt := range []struct{ name, channel, was, want string }{
			{"a remark", "mail", "notes = notes || ' bare_cr'", `"remarks":true`},
			{"the sender was confirmed", "mail", "notes = 'dmarc:pass/posta.example'", `"proof":true`},
			{"it was not certified", "pec", "certified = ''", `"proof":true`},
			{"its seal was broken", "pec", `certified = replace(certified, '"outcome":"valid"', '"outcome":"invalid"')`, `"proof":true`},
		} {
			e.exec(t, "UPDATE messages SET "+tt.was+" WHERE channel = ?", tt.channel)
			id := int64(e.number("SELECT id FROM messages WHERE channel = ? AND direction = 'in'", tt.channel))
			if changed, err := e.ReadMessageAgain(t.Context(), Viewer{System: true}, id); err != nil || !changed {
				t.Fatal(tt.name, changed, err)
			}
			var data string
			if err := e.db.Read.NewRaw("SELECT data FROM events WHERE kind = 'message.read_again' ORDER BY id DESC LIMIT 1").Scan(t.Context(), &data); err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(strings.ReplaceAll(data, " ", ""), tt.want) {
				t.Errorf("%s: %s", tt.name, data)
			}
		}
	})
}
