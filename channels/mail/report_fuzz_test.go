package mail

import (
	"strings"
	"testing"

	"filodiretto/channels"
)

// FuzzReport reads any text as what a mail server says of a delivery (RFC 3464),
// and as what it says in words: states are of the few that there are, and what is
// told of a recipient is on one line.
func FuzzReport(f *testing.F) {
	f.Add("Reporting-MTA: dns; mx.example\r\n\r\nFinal-Recipient: rfc822; a@b.example\r\nAction: failed\r\nStatus: 5.1.1\r\nDiagnostic-Code: smtp; 550 no such user\r\n", "Message-ID: <x@y>\r\n")
	f.Add("Original-Recipient: rfc822;a@b\r\nAction: delayed\r\nStatus: 4.4.7 (x)\r\n\r\n\r\nAction: relayed\r\nFinal-Recipient: c@d\r\n", "")
	f.Add("Hi. This is the qmail-send program at x.\nI'm afraid I wasn't able to deliver your message.\n\n<a@b.example>:\nSorry, no mailbox here by that name. (#5.1.1)\n", "From: a\r\n")
	f.Add("Final-Recipient: rfc822; "+strings.Repeat("a", 2000)+"@b\r\nStatus: 9.9.99999999999\r\nAction: x\r\n", "To: b\r\n\r\nx")
	f.Fuzz(func(t *testing.T, status, returned string) {
		for _, body := range []string{
			"From: mailer-daemon@mx.example\r\nSubject: Undelivered\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\n\r\n" + status +
				"\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n" + status + "\r\n--b\r\nContent-Type: text/rfc822-headers\r\n\r\n" + returned + "\r\n--b--\r\n",
			"From: mailer-daemon@mx.example\r\nReturn-Path: <>\r\nSubject: failure notice\r\n\r\n" + status + "\r\n--- Below\r\n" + returned,
			"From: a@b.example\r\nContent-Type: multipart/report; report-type=disposition-notification; boundary=b\r\n\r\n--b\r\nContent-Type: message/disposition-notification\r\n\r\n" + status + "\r\n--b--\r\n",
		} {
			it := parseOne(t, channels.Raw{Body: []byte(body), ReceivedAt: testReceived}, testOwn)
			for _, r := range it.Reports {
				switch r.State {
				case "delivered", "delayed", "failed", "relayed", "read", "expanded", "":
				default:
					t.Errorf("state %q", r.State)
				}
				if strings.ContainsAny(r.Recipient+r.Code+r.MessageID, "\r\n\x00") || len(r.Code) > 20 {
					t.Errorf("%+v", r)
				}
			}
		}
	})
}
