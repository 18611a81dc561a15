package inbox

import (
	"slices"
	"testing"
	"time"

	"filodiretto/channels"
)

// Rule 60: what came back for a full mailbox is sent again by itself, under the same
// Message-ID, until its time is over; then the author is told.
func TestRule60AFullMailboxIsTriedAgain(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		s := e.sender(e.mail)
		k := e.writes(e.mail, "lucia@example.org", "una")
		r := e.sent(k)
		id := r.Deliveries[0].ID
		full := bounce(r, "5.2.2")
		full.Permanent = false
		e.reports(e.mail, full)
		if d, c := e.delivery(id), e.theCase(k.c.ID); d.State != Queued || !d.Delayed || d.NextAt != e.manual.Now().Add(bounceRetry) || c.Failed || !c.Delayed {
			t.Fatalf("waits for another try: %+v, case %+v", d, c)
		}
		e.deliver(e.mail)
		if n := len(s.got); n != 1 {
			t.Fatal("sent before its time:", n)
		}
		e.manual.Advance(bounceRetry + time.Minute)
		e.deliver(e.mail)
		if d := e.delivery(id); len(s.got) != 2 || s.got[0].ExternalID != s.got[1].ExternalID || d.State != Accepted {
			t.Fatalf("sent again: %d times, %+v", len(s.got), d)
		}
		e.manual.Advance(e.set.MailMaxAge)
		e.reports(e.mail, full)
		if d, c := e.delivery(id), e.theCase(k.c.ID); d.State != Expired || !c.Failed || c.Status != Open || e.identity(k.id.ID).Status != "active" {
			t.Fatalf("its time is over: %+v, case %+v", d, c)
		}
		if n := e.number("SELECT count(*) FROM events WHERE kind = 'delivery.delayed'"); n != 1 {
			t.Error("the author is told once that it is late:", n)
		}
	})
}

// Rule 60: 5.1.x marks the address bad with evidence and an end; 5.7.x alarms the
// administrator and marks nothing.
func TestRule60BadAddressAndPolicy(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		e.sender(e.mail)
		for _, code := range []string{"5.1.1", "5.1.2", "5.1.10"} {
			k := e.writes(e.mail, "a"+code+"@example.org", "una")
			e.reports(e.mail, bounce(e.sent(k), code))
			i := e.identity(k.id.ID)
			if i.Status != "bad" || i.StatusText != "report:"+code || i.StatusUntil != e.manual.Now().Add(badFor) {
				t.Errorf("%s: %+v", code, i)
			}
			if n := e.number("SELECT count(*) FROM events WHERE kind = 'identity.bad' AND citizen_id = ?", i.CitizenID); n != 1 {
				t.Errorf("%s: evidence in %d events", code, n)
			}
		}
		k := e.writes(e.mail, "b@example.org", "una")
		e.reports(e.mail, bounce(e.sent(k), "5.7.1"))
		if e.identity(k.id.ID).Status != "active" {
			t.Error("a policy says nothing of the address")
		}
		a, err := e.Account(t.Context(), e.mail.ID)
		if err != nil || a.ErrorClass != string(channels.PolicyBlocked) || a.ErrorAt == 0 {
			t.Errorf("the administrator sees %+v, %v", a, err)
		}
		if n := e.number("SELECT count(*) FROM events WHERE kind = 'account.trouble'"); n != 1 {
			t.Error("one alarm:", n)
		}
	})
}

// Rule 63: a message that came back names its author, opens the case again as not
// delivered, and another way of the same citizen is offered first.
func TestRule63ABounceTellsTheAuthorAndOffersAnotherWay(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		e.sender(e.mail)
		e.sender(e.tg)
		k := e.writes(e.mail, "lucia@example.org", "una")
		r := e.sent(k)
		if _, err := e.AddIdentity(t.Context(), e.giulia, k.c.CitizenID, NewIdentity{Kind: "email", Value: "lucia@casa.example"}); err != nil {
			t.Fatal(err)
		}
		if _, err := e.Close(t.Context(), e.giulia, k.c.ID, 0, 0, "answered"); err != nil {
			t.Fatal(err)
		}
		e.reports(e.mail, bounce(r, "5.1.1"))
		c := e.theCase(k.c.ID)
		if c.Status != Open || !c.Failed || !c.Unread {
			t.Errorf("the case: %+v", c)
		}
		if n := e.number("SELECT count(*) FROM events WHERE kind = 'delivery.failed' AND data LIKE ?", "%"+"\"author\":"+"%"); n != 1 {
			t.Error("the event names the author:", n)
		}
		if got := e.happened(k.c.ID); !slices.Contains(got, "case.reopened") {
			t.Error(got)
		}
		o, err := e.Options(t.Context(), e.giulia, k.c.ID)
		if err != nil || o.Default != 0 || o.List[0].Identity.Value != "lucia@casa.example" {
			t.Errorf("the other way comes first: %+v, %v", o, err)
		}
	})
}

// Rules 58 and 90: a storm is one alarm with a count, and can be kept out at once.
func TestRule58AStormIsOneAlarmWithACount(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		ourMail(e)
		e.set.PingPong = Budget{Count: 3, Within: 10 * time.Minute}
		for i := range 8 {
			e.manual.Advance(time.Second)
			name := []string{"Robot", "Robot 2"}[i%2] // one address under two names is one cause
			e.arrive(e.mail, letter(name+" <robot@posta.example>", string(rune('a'+i))+"@posta.example", "Numero", "ciao"))
		}
		storms, err := e.Storms(t.Context(), e.giulia)
		if err != nil || len(storms) != 1 || storms[0].Count != 5 || storms[0].Address != "robot@posta.example" || storms[0].Last != e.manual.Now() {
			t.Fatalf("%+v, %v", storms, err)
		}
		if other, err := e.Storms(t.Context(), e.elena); err != nil || len(other) != 0 {
			t.Error("another office sees it:", other, err)
		}
		if _, err := e.RejectStorm(t.Context(), e.elena, e.mail.ID, "robot@posta.example", "no"); err != ErrChanged {
			t.Error("another office decided:", err)
		}
		if _, err := e.RejectStorm(t.Context(), e.giulia, e.mail.ID, "robot@posta.example", " "); err == nil {
			t.Error("without a reason")
		}
		n, err := e.RejectStorm(t.Context(), e.giulia, e.mail.ID, "robot@posta.example", "Messaggi a catena")
		if err != nil || n != 5 {
			t.Fatal(n, err)
		}
		if w := e.number("SELECT count(*) FROM quarantine WHERE state = 'waiting'"); w != 0 || e.number("SELECT count(*) FROM raws WHERE state = 'rejected'") != 5 {
			t.Error("still waiting:", w)
		}
	})
}

// Rule 22: a rejected item holds its sender where a person says so.
func TestRule22RejectAndHold(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		ourMail(e)
		e.arrive(e.mail, letter("Max <max@posta.example>", "o1@posta.example", "Offerta", "Clicca.", "X-Spam-Flag: YES"))
		list, err := e.QuarantineList(t.Context(), e.giulia, 0, 10)
		if err != nil || len(list) != 1 {
			t.Fatal(list, err)
		}
		if err := e.RejectAndHold(t.Context(), e.giulia, list[0].ID, "Pubblicità"); err != nil {
			t.Fatal(err)
		}
		e.arrive(e.mail, letter("Max <max@posta.example>", "o2@posta.example", "Ancora", "Clicca."))
		if n := e.number("SELECT count(*) FROM quarantine WHERE reason = 'blocked_sender' AND state = 'waiting'"); n != 1 {
			t.Error("held:", n)
		}
	})
}
