package inbox

import (
	"fmt"
	"strings"
	"testing"
)

// Rule 22: whether a mail under our own domain waits, by what really stands on top of it
// where mail is run in different ways: no stranger slips through by a greeting or behind
// a filter, and no colleague's mail waits for being unsigned or for lying in a mailbox on
// a second machine.
func TestRule22TheBorderDecidesWhoWaits(t *testing.T) {
	results := func(s string) string {
		return "Authentication-Results: mx.comune.pontelieto.example; " + s + "\r\n"
	}
	received := func(s string) string { return "Received: " + s + "; Mon, 16 Nov 2026 10:00:00 +0100\r\n" }
	const of = " header.from=comune.pontelieto.example"
	store := received("from mx.comune.pontelieto.example (mx [10.0.0.5]) by box.comune.pontelieto.example (Postfix) with ESMTP id 1")
	house := received("from pc (pc.lan [10.0.0.77]) by mx.comune.pontelieto.example (Postfix) with ESMTP id 2")
	out := received("from out.posta.example (out.posta.example [203.0.113.5]) by mx.comune.pontelieto.example (Postfix) with ESMTPS id 3")
	exchange := func(greeting string) string {
		return received("from " + greeting + " (192.0.2.66) by mx.comune.pontelieto.example (10.0.0.2) with Microsoft SMTP Server id 15.2 via Frontend Transport")
	}
	amavis := received("from localhost (localhost [127.0.0.1]) by mx.comune.pontelieto.example (Postfix) with ESMTP id 4") +
		received("from mx.comune.pontelieto.example ([127.0.0.1]) by localhost (mx.comune.pontelieto.example [127.0.0.1]) (amavisd-new, port 10024) with ESMTP id 5")
	eachDB(t, func(t *testing.T, e *env) {
		ourMail(e)
		for i, tt := range []struct {
			name, header string
			held         bool
		}{
			{"a colleague in the house", house + results("dkim=none"), false},
			{"a colleague in the house, mailbox on another machine", store + house + results("dkim=none"), false},
			{"the DNS gave no answer, mailbox on another machine", store + house + results("dkim=temperror"), false},
			{"signed, mailbox on another machine", store + house + results("dkim=pass header.d=comune.pontelieto.example"), false},
			{"true from outside", out + results("dmarc=pass"+of), false},
			{"true from outside, mailbox on another machine", store + out + results("dmarc=pass"+of), false},
			{"true from outside, behind amavis", amavis + out + results("dmarc=pass"+of), false},
			{"not signed from outside", out + results("dkim=none"), true},
			{"not signed from outside, mailbox on another machine", store + out + results("dkim=none"), true},
			{"another domain's, mailbox on another machine", store + out + results("spf=pass smtp.mailfrom=evil.example; dkim=none; dmarc=none"+of), true},
			{"softfail, mailbox on another machine", store + out + results("spf=softfail smtp.mailfrom=comune.pontelieto.example"), true},
			{"behind amavis", amavis + out + results("dmarc=fail (p=reject)"+of), true},
			{"greets Exchange as localhost", results("dkim=none") + exchange("localhost"), true},
			{"greets Exchange with our name", results("dkim=none") + exchange("mx.comune.pontelieto.example"), true},
			{"greets Exchange as localhost, and vouches for themselves", results("dkim=none") + exchange("localhost") + results("dmarc=pass"+of), true},
		} {
			before := e.number("SELECT count(*) FROM quarantine WHERE reason = 'spoof_suspected'")
			e.arrive(e.mail, tt.header+letter("Marco Tonelli <marco@comune.pontelieto.example>", fmt.Sprintf("b%d@comune.pontelieto.example", i), fmt.Sprintf("Prova %d", i), "Una prova."))
			if held := e.number("SELECT count(*) FROM quarantine WHERE reason = 'spoof_suspected'") > before; held != tt.held {
				t.Errorf("%s: held %v; %s", tt.name, held, strings.TrimSpace(tt.header))
			}
		}
	})
}
