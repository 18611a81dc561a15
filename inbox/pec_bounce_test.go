package inbox

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"filodiretto/channels/pec/standin"
)

// bounceOf is what an ordinary mail server says of a mail of ours.
func bounceOf(id, to string) []byte {
	return []byte("From: MAILER-DAEMON@mx.example\r\nTo: " + pecBox + "\r\nSubject: Undelivered Mail Returned to Sender\r\nMessage-ID: <b1@mx.example>\r\nMIME-Version: 1.0\r\n" +
		"Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nno\r\n" +
		"--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\nFinal-Recipient: rfc822; " + to + "\r\nAction: failed\r\nStatus: 5.1.1\r\nDiagnostic-Code: smtp; 550 no such user\r\n" +
		"--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: <" + id + ">\r\n\r\n--b--\r\n")
}

// An ordinary mailbox that bounces tells so in ordinary mail, which the provider
// wraps as an anomaly: it belongs to what was sent, and is nobody's message (PEC
// reference section 7.7, mail rules 59 and 89).
func TestRule87BounceInsideAnAnomaly(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		o := newCertifiedOffice(t, e)
		o.comes(o.provider, "a1@pec.example")
		c := e.allCases()[0]
		r, posts := o.answered(standin.Fate{External: true})
		e.arrive(o.acc, string(posts[0].Raw))
		if d := e.delivery(r.Deliveries[0].ID); d.State != Sent || !d.Outside {
			t.Fatalf("%+v", d)
		}
		before := e.theCase(c.ID)
		raw, err := o.provider.Anomaly("", pecBox, bounceOf(r.Message.ExternalID, annaPEC), e.manual.Now())
		if err != nil {
			t.Fatal(err)
		}
		e.arrive(o.acc, string(raw))
		d, k := e.delivery(r.Deliveries[0].ID), e.theCase(c.ID)
		if d.State != Failed || d.Code != "5.1.1" || d.LegalArrivedAt != 0 {
			t.Errorf("%+v", d)
		}
		if !k.Failed || k.Status != Open || k.LastInID != before.LastInID || len(e.allCases()) != 1 {
			t.Errorf("the case: %+v", k)
		}
		if n := e.number("SELECT count(*) FROM messages WHERE direction = 'in'"); n != 1 {
			t.Error("a bounce is no message of a citizen", n)
		}
	})
}

// Rule 89: no receipt is answered by a robot, opens anything or counts as the
// citizen's word; nor does a machine's answer inside a certified mail get one, nor
// a letter that somebody forged.
func TestRule89ReceiptsAreAnsweredByNobody(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		o := newCertifiedOffice(t, e)
		e.route.decide = func(Facts) Decision { return Decision{Receipt: true} }
		o.comes(o.provider, "a1@pec.example")
		o.deliver(o.acc)
		if n := len(o.box.arrived()); n != 1 {
			t.Fatal("a citizen's letter is confirmed:", n)
		}
		c := e.allCases()[0]
		_, posts := o.answered(standin.Fate{After: time.Minute})
		sent := len(o.box.arrived())
		before := e.theCase(c.ID)
		e.manual.Advance(2 * time.Minute)
		for _, p := range posts {
			e.arrive(o.acc, string(p.Raw))
		}
		o.comes(o.provider, "v1@pec.example", "Auto-Submitted: auto-replied", "In-Reply-To: <"+o.receipts()[0].CertifiedBy().ID+">")
		o.comes(o.liar, "f1@pec.example")
		o.deliver(o.acc)
		if n := len(o.box.arrived()); n != sent {
			t.Error("answered by a robot:", n-sent)
		}
		if k := e.theCase(c.ID); k.LastInAt != before.LastInAt || k.Status != before.Status {
			t.Errorf("%+v, was %+v", k, before)
		}
		why := e.number("SELECT count(*) FROM events WHERE kind = 'automatic.withheld' AND data LIKE '%not_proven%'")
		if why != 1 {
			t.Error("the forged letter's confirmation was not withheld", why)
		}
	})
}

// Rule 90: one alarm for a cause, however many recipients have it.
func TestRule90OneAlarmForACause(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		o := newCertifiedOffice(t, e)
		o.comes(o.provider, "a1@pec.example")
		c := e.allCases()[0]
		m := o.message("m.id = ?", c.LastInID)
		cc := []Recipient{}
		for i := range 5 {
			cc = append(cc, Recipient{Address: fmt.Sprintf("p%d@pec.example", i), Confirmed: true})
		}
		o.mustReply(ReplyCommand{CaseID: c.ID, SeenInID: m.ID, AccountID: o.acc.ID, To: []Recipient{{IdentityID: m.IdentityID}}, Cc: cc, Text: "Ecco.", Undo: AtOnce})
		o.deliver(o.acc)
		e.manual.Advance(25 * time.Minute)
		if n, err := e.SweepReceipts(t.Context()); err != nil || n != 6 {
			t.Fatal(n, err)
		}
		if n := len(slices.DeleteFunc(e.happened(c.ID), func(k string) bool { return k != "delivery.no_acceptance" })); n != 1 {
			t.Error(n, "alarms")
		}
		e.set.AcceptWithin, e.set.ArriveWithin = 40*time.Minute, 26*time.Hour
		if a, b := e.ReceiptPatience(); a != 40*time.Minute || b != 26*time.Hour {
			t.Error(a, b)
		}
	})
}
