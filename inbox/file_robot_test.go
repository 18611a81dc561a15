package inbox

import (
	"fmt"
	"testing"
	"time"
)

// A robot's answer belongs to the case that it names, closed for however long, and
// opens nothing.
func TestRule54ARobotsAnswerStaysOnAClosedCase(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		e.sender(e.mail)
		k := e.writes(e.mail, "lucia@posta.example", "una")
		r := e.sent(k)
		if _, err := e.Close(t.Context(), e.giulia, k.c.ID, 0, 0, "answered"); err != nil {
			t.Fatal(err)
		}
		realMail(e)
		before := e.theCase(k.c.ID)
		for _, x := range []struct {
			after   time.Duration
			subject string
		}{{time.Hour, "Risposta automatica: altro"}, {e.set.ReopenWithin, "Risposta automatica: Re: " + r.Message.Subject}} {
			e.manual.Advance(x.after)
			uid++
			e.arrive(e.mail, letter("Lucia <lucia@posta.example>", x.subject+"@posta.example", x.subject, "Sono in ferie.", "Auto-Submitted: auto-replied", "In-Reply-To: <"+r.Message.ExternalID+">"))
		}
		if n := e.number("SELECT count(*) FROM quarantine"); n != 0 {
			t.Error("in quarantine:", n)
		}
		if c := e.theCase(k.c.ID); c.Status != Closed || c.Unread != before.Unread || c.LastInID != before.LastInID {
			t.Errorf("%+v", c)
		}
		if n := e.number("SELECT count(*) FROM messages WHERE case_id = ? AND auto <> '' AND direction = 'in'", k.c.ID); n != 2 {
			t.Error("on the case:", n)
		}
		e.arrive(e.mail, letter("Lucia <lucia@posta.example>", "v9@posta.example", "Risposta automatica", "Sono in ferie.", "Auto-Submitted: auto-replied"))
		if n := e.number("SELECT count(*) FROM quarantine WHERE reason = 'auto'"); n != 1 {
			t.Error("one that names no case waits:", n)
		}
	})
}

// Rule 56: no robot answers who our own mail server says did not write, nor who looks
// like somebody else before a person has decided.
func TestRule56NoAnswerToFalseSenders(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		ourMail(e)
		e.route.decide = func(Facts) Decision { return Decision{Receipt: true} }
		const server = "Authentication-Results: mx.comune.pontelieto.example; "
		for _, x := range []struct {
			name, from, why string
			more            []string
		}{
			{"nothing is known", "Ada <ada@posta.example>", "", nil},
			{"true", "Bea <bea@posta.example>", "", []string{server + "dmarc=pass header.from=posta.example; spf=fail smtp.mailfrom=bea@posta.example"}},
			{"a list changed the sender", "Edo <edo@posta.example>", "", []string{server + "spf=softfail smtp.mailfrom=x@posta.example; dkim=pass header.d=posta.example"}},
			{"false", "Carla <carla@posta.example>", "not_proven", []string{server + "dmarc=fail header.from=posta.example; spf=pass smtp.mailfrom=x@evil.example"}},
			{"sent by who may not", "Dina <dina@posta.example>", "not_proven", []string{server + "spf=fail smtp.mailfrom=x@posta.example"}},
			{"a domain like ours", "Urp <urp@comune.pontelíeto.example>", "suspect", nil},
		} {
			sent := e.number("SELECT count(*) FROM deliveries")
			held := e.number("SELECT count(*) FROM events WHERE kind = 'automatic.withheld' AND data LIKE ?", `%"`+x.why+`"%`)
			e.arrive(e.mail, letter(x.from, x.name+"@posta.example", "Buca "+x.name, "C'è una buca.", x.more...))
			sent = e.number("SELECT count(*) FROM deliveries") - sent
			held = e.number("SELECT count(*) FROM events WHERE kind = 'automatic.withheld' AND data LIKE ?", `%"`+x.why+`"%`) - held
			if want := x.why == ""; sent != 1 && want || !want && (sent != 0 || held != 1) {
				t.Errorf("%s: %d answers, %d withheld", x.name, sent, held)
			}
		}
	})
}

// Rule 56: where the mailbox has a copy, open or blind, somebody else is to answer.
func TestRule56NoAnswerWhereWeAreACopy(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		ourMail(e)
		e.route.decide = func(Facts) Decision { return Decision{Receipt: true} }
		for i, x := range []struct {
			to   string
			want int
		}{
			{"To: urp@comune.pontelieto.example", 1},
			{"To: sindaco@altrove.example\r\nCc: urp@comune.pontelieto.example", 0},
			{"To: sindaco@altrove.example", 0},
			{"To: undisclosed-recipients:;", 0},
		} {
			before := e.number("SELECT count(*) FROM deliveries")
			e.arrive(e.mail, fmt.Sprintf("From: P%d <p%d@posta.example>\r\n%s\r\nMessage-ID: <c%d@posta.example>\r\nSubject: Buca %d\r\n\r\nC'è una buca.\r\n", i, i, x.to, i, i))
			if n := e.number("SELECT count(*) FROM deliveries") - before; n != x.want {
				t.Errorf("%s: %d answers", x.to, n)
			}
		}
		if n := len(e.allCases()); n != 4 {
			t.Error("cases:", n)
		}
	})
}
