package inbox

import (
	"fmt"
	"testing"

	"filodiretto/channels"
)

// dsnOf writes a report of a mail system about one recipient; more are fields of the
// message's own block, and id is the Message-ID in the returned headers.
func dsnOf(from, recipient, action, status, id, envelope string, headers ...string) string {
	uid++
	h := fmt.Sprintf("From: %s\r\nTo: urp@comune.pontelieto.example\r\nSubject: Undelivered\r\nMessage-ID: <dsn%d@mx.example>\r\nMIME-Version: 1.0\r\n", from, uid)
	for _, x := range headers {
		h += x + "\r\n"
	}
	s := h + "Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nno\r\n" +
		"--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n"
	if envelope != "" {
		s += "Original-Envelope-Id: " + envelope + "\r\n"
	}
	s += "\r\nFinal-Recipient: rfc822; " + recipient + "\r\nAction: " + action + "\r\nStatus: " + status + "\r\n"
	if id != "" {
		s += "\r\n--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: <" + id + ">\r\n"
	}
	return s + "\r\n--b--\r\n"
}

func mdnOf(from, recipient, id string, headers ...string) string {
	uid++
	h := fmt.Sprintf("From: %s\r\nTo: urp@comune.pontelieto.example\r\nSubject: Letto\r\nMessage-ID: <mdn%d@mx.example>\r\nMIME-Version: 1.0\r\n", from, uid)
	for _, x := range headers {
		h += x + "\r\n"
	}
	s := h + "Content-Type: multipart/report; report-type=disposition-notification; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nletto\r\n" +
		"--b\r\nContent-Type: message/disposition-notification\r\n\r\nFinal-Recipient: rfc822; " + recipient + "\r\n"
	if id != "" {
		s += "Original-Message-ID: <" + id + ">\r\n"
	}
	return s + "Disposition: manual-action/MDN-sent-manually; displayed\r\n\r\n--b--\r\n"
}

const (
	mallory  = "Mallory <mallory@evil.example>"
	daemonOf = "MAILER-DAEMON@example.org"
	toNobody = "Return-Path: <>"
	isTrue   = "Authentication-Results: mx.comune.pontelieto.example; dmarc=pass header.from=example.org"
	isFalse  = "Authentication-Results: mx.comune.pontelieto.example; dmarc=fail header.from=example.org"
)

// Rule 59: without an id of ours anybody could have written a report. It says at most
// that something may have failed, never that it arrived or was read, and marks nobody.
func TestRule59ReportsOfStrangers(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		for i, x := range []struct {
			name    string
			report  func(to, id string) string
			state   State
			waiting bool
		}{
			{"a person says it arrived", func(to, _ string) string { return dsnOf(mallory, to, "delivered", "2.0.0", "", "") }, Accepted, true},
			{"a person says it failed", func(to, _ string) string { return dsnOf(mallory, to, "failed", "5.1.1", "", "") }, Accepted, true},
			{"a person knows the id", func(to, id string) string { return dsnOf(mallory, to, "failed", "5.1.1", id, "") }, Accepted, true},
			{"a system says it arrived", func(to, _ string) string { return dsnOf(daemonOf, to, "delivered", "2.0.0", "", "", toNobody) }, Accepted, true},
			{"a system says it was passed on", func(to, _ string) string { return dsnOf(daemonOf, to, "relayed", "2.0.0", "", "", toNobody) }, Accepted, true},
			{"a system says it failed", func(to, _ string) string { return dsnOf(daemonOf, to, "failed", "5.1.1", "", "", toNobody) }, Unknown, false},
			{"a system that our server calls false", func(to, _ string) string { return dsnOf(daemonOf, to, "failed", "5.1.1", "", "", toNobody, isFalse) }, Accepted, true},
			{"a full mailbox is no reason to send again", func(to, _ string) string { return dsnOf(daemonOf, to, "failed", "5.2.2", "", "", toNobody) }, Unknown, false},
			{"a stranger read it", func(to, _ string) string { return mdnOf(mallory, to, "") }, Accepted, true},
			{"a stranger who knows the id read it", func(to, id string) string { return mdnOf(mallory, to, id) }, Accepted, true},
			{"the recipient read something", func(to, _ string) string { return mdnOf(to, to, "") }, Accepted, true},
			{"the recipient read it, says who our server calls false", func(to, id string) string { return mdnOf(to, to, id, isFalse) }, Accepted, true},
			{"the recipient read it", func(to, id string) string { return mdnOf("Lucia <"+to+">", to, id) }, Read, false},
			{"a system that knows the id", func(to, id string) string {
				return dsnOf("MAILER-DAEMON@mx.elsewhere.example", to, "delivered", "2.0.0", id, "", toNobody)
			}, Delivered, false},
			{"one with the id that our server calls false", func(to, id string) string { return dsnOf(daemonOf, to, "failed", "5.1.1", id, "", toNobody, isFalse) }, Unknown, false},
		} {
			to := fmt.Sprintf("lucia%d@example.org", i)
			e.sender(e.mail)
			k := e.writes(e.mail, to, "una")
			r := e.sent(k)
			ourMail(e)
			before := e.number("SELECT count(*) FROM quarantine WHERE reason = 'unknown_receipt'")
			e.arrive(e.mail, x.report(to, r.Message.ExternalID))
			d := e.delivery(r.Deliveries[0].ID)
			waits := e.number("SELECT count(*) FROM quarantine WHERE reason = 'unknown_receipt'") > before
			if d.State != x.state || waits != x.waiting || e.identity(k.id.ID).Status != "active" {
				t.Errorf("%s: %s, waits for a person: %v, address %s", x.name, d.State, waits, e.identity(k.id.ID).Status)
			}
			if d.State == Unknown && (d.Class != string(channels.Unconfirmed) || !e.theCase(k.c.ID).Failed) {
				t.Errorf("%s: it is told as doubt: %+v", x.name, d)
			}
		}
	})
}

// Rule 59: whoever got a message knows its Message-ID, and may not speak of the others
// who got it. The id of the envelope is known to mail systems alone.
func TestRule59ARecipientSpeaksOfNoOther(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		const other = "vigile@comune.example"
		for i, x := range []struct {
			name   string
			report func(to, id, envelope string) string
			state  State
		}{
			{"who is in copy says it arrived", func(to, id, _ string) string {
				return dsnOf("MAILER-DAEMON@evil.example", to, "delivered", "2.0.0", id, "", toNobody)
			}, Accepted},
			{"who is in copy says it failed", func(to, id, _ string) string { return dsnOf(daemonOf, to, "failed", "5.1.1", id, "", toNobody) }, Unknown},
			{"who is in copy says it was read", func(to, id, _ string) string { return mdnOf(to, to, id) }, Accepted},
			{"another domain's system that is true", func(to, id, _ string) string {
				return dsnOf("MAILER-DAEMON@evil.example", to, "delivered", "2.0.0", id, "", toNobody, "Authentication-Results: mx.comune.pontelieto.example; dmarc=pass header.from=evil.example")
			}, Accepted},
			{"a person of the recipient's domain", func(to, id, _ string) string {
				return dsnOf("piero@example.org", to, "delivered", "2.0.0", id, "", toNobody, isTrue)
			}, Accepted},
			{"the recipient's system, found true", func(to, id, _ string) string {
				return dsnOf(daemonOf, to, "delivered", "2.0.0", id, "", toNobody, isTrue)
			}, Delivered},
			{"our own system, found true", func(to, id, _ string) string {
				return dsnOf("MAILER-DAEMON@comune.pontelieto.example", to, "failed", "5.1.1", id, "", toNobody, "Authentication-Results: mx.comune.pontelieto.example; dkim=pass header.d=comune.pontelieto.example")
			}, Failed},
			{"the recipient, found true", func(to, id, _ string) string { return mdnOf(to, to, id, isTrue) }, Read},
			{"who carried it", func(to, id, envelope string) string {
				return dsnOf("MAILER-DAEMON@relay.example", to, "failed", "5.1.1", id, envelope, toNobody)
			}, Failed},
			{"a made up envelope", func(to, id, _ string) string {
				return dsnOf("MAILER-DAEMON@relay.example", to, "delivered", "2.0.0", id, "fde.1.aaaaaaaaaaaaaaaa", toNobody)
			}, Accepted},
		} {
			to := fmt.Sprintf("lucia%d@example.org", i)
			s := e.sender(e.mail)
			k := e.writes(e.mail, to, "una")
			two := k.reply("x")
			two.Cc = []Recipient{{Address: other}}
			r := e.mustReply(two)
			e.deliver(e.mail)
			var d *Delivery
			for _, x := range r.Deliveries {
				if x.Address == to {
					d = e.delivery(x.ID)
				}
			}
			envelope := ""
			for _, o := range s.got {
				if o.DeliveryID == d.ID {
					envelope = o.EnvelopeID
				}
			}
			ourMail(e)
			e.arrive(e.mail, x.report(to, r.Message.ExternalID, envelope))
			if got := e.delivery(d.ID); got.State != x.state {
				t.Errorf("%s: %s %s", x.name, got.State, got.Code)
			}
			if bad := e.identity(k.id.ID).Status == "bad"; bad != (x.state == Failed) {
				t.Errorf("%s: the address is bad: %v", x.name, bad)
			}
		}
	})
}

// A doubt gives way to a report that is proven.
func TestADoubtIsSettled(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		for _, x := range []struct {
			action, code string
			want         State
		}{{"failed", "5.1.1", Failed}, {"delivered", "2.0.0", Delivered}} {
			e.sender(e.mail)
			k := e.writes(e.mail, "a"+x.action+"@example.org", "una")
			r := e.sent(k)
			ourMail(e)
			to := r.Deliveries[0].Address
			e.arrive(e.mail, dsnOf(daemonOf, to, "failed", "5.1.1", "", "", toNobody))
			e.arrive(e.mail, dsnOf(daemonOf, to, x.action, x.code, r.Message.ExternalID, "", toNobody))
			if d := e.delivery(r.Deliveries[0].ID); d.State != x.want || e.theCase(k.c.ID).Failed != (x.want == Failed) {
				t.Errorf("%s: %+v", x.action, d)
			}
		}
	})
}
