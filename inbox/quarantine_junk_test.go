package inbox

import (
	"strconv"
	"testing"

	"filodiretto/channels"
	"filodiretto/channels/mail"
)

// Rules 10, 22 and 56: mail from the folder of unwanted mail waits for a person, makes
// nobody known, and no robot answers it, not even when it is let in.
func TestRule22JunkWaitsAndNoRobotAnswers(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		ourMail(e)
		e.route.decide = func(Facts) Decision { return Decision{Receipt: true} }
		come := func(id string, meta map[string]string) {
			uid++
			must(t, e.Accept(t.Context(), e.mail.ID, channels.Batch{Stream: "Spam", Items: []channels.Raw{{
				DedupKey: strconv.Itoa(uid), ContentType: "message/rfc822", ReceivedAt: e.clock.Now(), Meta: meta,
				Body: []byte(letter("Max <"+id+"@posta.example>", id+"@posta.example", "Offerta "+id, "Clicca.")),
			}}}))
			e.ingest(e.mail)
		}
		come("a1", map[string]string{mail.MetaFolder: "INBOX"})
		if n := e.number("SELECT count(*) FROM messages WHERE origin = 'automation'"); n != 1 {
			t.Fatal("receipts as usual:", n)
		}
		come("a2", map[string]string{mail.MetaFolder: "Spam", mail.MetaJunk: "true"})
		q := e.held(t)
		if q.Reason != "spam_suspected" || len(e.allCases()) != 1 || e.number("SELECT count(*) FROM citizens") != 1 {
			t.Fatalf("%+v", q)
		}
		c, err := e.Release(t.Context(), e.giulia, q.ID, 0, "")
		if err != nil || c == nil || !hasNote(e.lastIn(t), "from_junk") {
			t.Fatal(c, err)
		}
		if n := e.number("SELECT count(*) FROM messages WHERE origin = 'automation'"); n != 1 {
			t.Error("a robot answered:", n)
		}
	})
}
