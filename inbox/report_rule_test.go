package inbox

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"filodiretto/channels"
)

// fullMailbox is an answer that left for Lucia, by its delivery, and the report that her
// mailbox is full.
func (e *env) fullMailbox() (s *fakeSender, k contact, id int64, full channels.DeliveryReport) {
	e.t.Helper()
	s, k = e.sender(e.mail), e.writes(e.mail, "lucia@example.org", "una")
	r := e.sent(k)
	full = bounce(r, "5.2.2")
	full.Permanent = false
	return s, k, r.Deliveries[0].ID, full
}

// Rule 60: what came back for a full mailbox is sent again by itself, under the same
// Message-ID, until its time is over; then the author is told.
func TestRule60AFullMailboxIsTriedAgain(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		s, k, id, full := e.fullMailbox()
		e.reports(e.mail, full)
		if d, c := e.delivery(id), e.theCase(k.c.ID); d.State != Queued || !d.Delayed || d.NextAt != e.manual.Now().Add(bounceRetries[0]) || c.Failed || !c.Delayed {
			t.Fatalf("waits for another try: %+v, case %+v", d, c)
		}
		e.deliver(e.mail)
		if n := len(s.got); n != 1 {
			t.Fatal("sent before its time:", n)
		}
		e.manual.Advance(bounceRetries[0] + time.Minute)
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

// Rule 60: it is sent again twice and no more, the second time after a day; a person who
// lets it be tried again begins anew.
func TestRule60AFullMailboxIsTriedTwice(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		s, k, id, full := e.fullMailbox()
		untilGivenUp := func() {
			t.Helper()
			for _, wait := range bounceRetries {
				e.reports(e.mail, full)
				if d := e.delivery(id); d.State != Queued || d.NextAt != e.manual.Now().Add(wait) {
					t.Fatalf("waits %v: %+v", wait, d)
				}
				e.manual.Advance(wait + time.Minute)
				e.deliver(e.mail)
			}
			e.reports(e.mail, full)
			if d := e.delivery(id); d.State != Expired || !e.theCase(k.c.ID).Failed {
				t.Fatalf("it was tried often enough: %+v", d)
			}
		}
		untilGivenUp()
		e.manual.Advance(time.Minute)
		must(t, e.RetryDelivery(t.Context(), e.giulia, id))
		e.deliver(e.mail)
		untilGivenUp()
		if len(s.got) != 6 {
			t.Error("it left", len(s.got), "times")
		}
	})
}

// Rules 59 and 60: an address may hand on to several. What a report says of one of
// them sends nothing to the others again, marks no address bad, and is neither an
// arrival nor a failure.
func TestRule60WhatIsBehindAnAddress(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		for i, x := range []struct {
			name, action, code string
			original           bool // the report names our address too
			carried            bool // and the id of our envelope
			twice              string
			state              State
		}{
			{"one is full", "failed", "5.2.2", true, true, "", Unknown},
			{"one is full, by the Message-ID", "failed", "5.2.2", true, false, "", Unknown},
			{"one is full, our address is not named", "failed", "5.2.2", false, true, "", Unknown},
			{"one was given up after days", "failed", "4.4.7", true, true, "", Unknown},
			{"one is gone", "failed", "5.1.1", true, true, "", Unknown},
			{"one is gone, our address is not named", "failed", "5.1.1", false, false, "", Unknown},
			{"one has it", "delivered", "2.0.0", true, true, "", Sent},
			{"one is late", "delayed", "4.4.1", true, true, "", Accepted},
			{"one is gone, another has it", "failed", "5.1.1", true, true, "delivered", Unknown},
			{"one has it, another is gone", "delivered", "2.0.0", true, true, "failed", Unknown},
		} {
			to := fmt.Sprintf("studio%d@example.org", i)
			s := e.sender(e.mail)
			k := e.writes(e.mail, to, "una")
			r := e.sent(k)
			envelope := ""
			if x.carried {
				envelope = s.got[len(s.got)-1].EnvelopeID
			}
			ourMail(e)
			report := func(member, action, code string) {
				dsn := dsnOf(daemonOf, member, action, code, r.Message.ExternalID, envelope, toNobody)
				if x.original {
					dsn = strings.Replace(dsn, "Final-Recipient:", "Original-Recipient: rfc822;"+to+"\r\nFinal-Recipient:", 1)
				}
				e.arrive(e.mail, dsn)
			}
			report("piero@altro.example", x.action, x.code)
			if x.twice != "" {
				report("maria@altro.example", x.twice, map[string]string{"delivered": "2.0.0", "failed": "5.1.1"}[x.twice])
			}
			d := e.delivery(r.Deliveries[0].ID)
			if d.State != x.state || e.identity(k.id.ID).Status != "active" || e.theCase(k.c.ID).Failed != (x.state == Unknown) {
				t.Errorf("%s: %s, address %s, case %+v", x.name, d.State, e.identity(k.id.ID).Status, e.theCase(k.c.ID))
			}
		}
	})
}

// Rule 60: 5.1.x marks the address bad with evidence and an end; 5.7.x warns the
// administrator once a day and marks nothing, neither address nor mailbox: one
// recipient's refusal is none of the mailbox, and nobody is mailed.
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
		for _, to := range []string{"b@example.org", "c@example.org"} {
			k := e.writes(e.mail, to, "una")
			e.reports(e.mail, bounce(e.sent(k), "5.7.1"))
			if e.identity(k.id.ID).Status != "active" {
				t.Error("a policy says nothing of the address")
			}
		}
		if a := e.account(t, e.mail.ID); a.ErrorClass != "" || a.ErrorAt != 0 {
			t.Errorf("the mailbox works: %+v", a)
		}
		warned := func(want int) {
			t.Helper()
			if n := e.number("SELECT count(*) FROM events WHERE kind = 'account.warning' AND data LIKE ?", "%"+WarnPolicy+"%"); n != want {
				t.Errorf("%d warnings, not %d", n, want)
			}
		}
		warned(1)
		for range 2 {
			if told := e.sweepAlarms(); told != "" {
				t.Errorf("somebody was mailed: %s", told)
			}
			e.manual.Advance(25 * time.Hour)
		}
		e.reports(e.mail, bounce(e.sent(e.writes(e.mail, "d@example.org", "una")), "5.7.1"))
		warned(2)
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
		if _, _, err := e.RejectStorm(t.Context(), e.elena, e.mail.ID, "robot@posta.example", "no"); err != ErrChanged {
			t.Error("another office decided:", err)
		}
		if _, _, err := e.RejectStorm(t.Context(), e.giulia, e.mail.ID, "robot@posta.example", " "); err == nil {
			t.Error("without a reason")
		}
		n, _, err := e.RejectStorm(t.Context(), e.giulia, e.mail.ID, "robot@posta.example", "Messaggi a catena")
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
		must(t, e.RejectAndHold(t.Context(), e.giulia, e.held(t).ID, "Pubblicità"))
		e.arrive(e.mail, letter("Max <max@posta.example>", "o2@posta.example", "Ancora", "Clicca."))
		if n := e.number("SELECT count(*) FROM quarantine WHERE reason = 'blocked_sender' AND state = 'waiting'"); n != 1 {
			t.Error("held:", n)
		}
	})
}
