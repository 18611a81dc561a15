package demo

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"time"

	"filodiretto/internal/clock"
)

// planDoubt tells of a notice of failure that the town's mail server does not take for
// its sender's: anybody who saw the answer may have written it, so that it is in doubt
// whether that arrived, and it has not failed.
func (h *history) planDoubt() {
	h.agenda.plan(h.until.Add(-50*time.Minute), func(ctx context.Context) error {
		var sent []struct{ Address, ExternalID string }
		now := h.clock.Now()
		err := h.db.Read.NewRaw(`SELECT d.address, m.external_id FROM deliveries AS d JOIN messages AS m ON m.id = d.message_id JOIN cases AS c ON c.id = d.case_id
			WHERE d.account_id = ? AND c.office_id = ? AND d.kind = 'email' AND d.state = 'accepted' AND m.origin = 'operator' AND d.created_at < ?
			AND NOT EXISTS (SELECT 1 FROM messages AS x WHERE x.case_id = d.case_id AND x.direction = 'in' AND x.id > m.id)
			ORDER BY d.id DESC LIMIT 1`, h.account(urpMail), h.accounts[urpMail].OfficeID, now.Add(-30*time.Minute)).Scan(ctx, &sent)
		if err != nil {
			return fmt.Errorf("demo: an answer to doubt: %w", err)
		}
		if len(sent) == 0 {
			return fmt.Errorf("demo: there is no answer to doubt")
		}
		return h.office.deliver(urpBox, strangeNotice(sent[0].Address, sent[0].ExternalID, now))
	})
}

// strangeNotice is a report of failure (RFC 3464) about one of our messages, by somebody
// who only says that they are the recipient's provider.
func strangeNotice(to, message string, at clock.Instant) []byte {
	var b bytes.Buffer
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\r\n", args...) }
	const mark = "avviso-di-mancata-consegna"
	domain := to[strings.LastIndexByte(to, '@')+1:]
	line("Return-Path: <>")
	line("Authentication-Results: %s;\r\n\tspf=none smtp.helo=smistamento.example;\r\n\tdmarc=fail header.from=%s", townServer, domain)
	line("Received: from smistamento.example (unknown [192.0.2.77])\r\n\tby %s with ESMTP; %s", townServer, at.Time().In(rome).Format(time.RFC1123Z))
	line("Date: %s", at.Time().In(rome).Format(time.RFC1123Z))
	line("From: Mail Delivery System <MAILER-DAEMON@%s>", domain)
	line("To: <%s>", urpBox)
	line("Subject: Undelivered Mail Returned to Sender")
	line("Message-ID: <avviso-%d@smistamento.example>", int64(at))
	line("Auto-Submitted: auto-replied")
	line("MIME-Version: 1.0")
	line(`Content-Type: multipart/report; report-type=delivery-status; boundary="%s"`, mark)
	line("\r\n--%s", mark)
	line("Content-Type: text/plain; charset=us-ascii\r\n")
	line("A message to <%s> could not be delivered: user unknown.", to)
	line("--%s", mark)
	line("Content-Type: message/delivery-status\r\n")
	line("Reporting-MTA: dns; smistamento.example\r\n")
	line("Final-Recipient: rfc822; %s", to)
	line("Action: failed")
	line("Status: 5.1.1")
	line("Diagnostic-Code: smtp; 550 5.1.1 User unknown")
	line("\r\n--%s", mark)
	line("Content-Type: text/rfc822-headers\r\n")
	line("Message-ID: <%s>\r\n", message)
	line("--%s--", mark)
	return b.Bytes()
}
