package demo

import (
	"bytes"
	"fmt"
	"strings"
	"time"

	"filodiretto/internal/clock"
)

// failureNotice is what a provider sends back when it took a message for a
// mailbox that does not exist any more (RFC 3464).
func failureNotice(from, to string, original []byte, at clock.Instant) []byte {
	var b bytes.Buffer
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\r\n", args...) }
	domain := to[strings.LastIndexByte(to, '@')+1:]
	mark := fmt.Sprintf("rapporto-%d", int64(at))
	line("Return-Path: <>")
	line("Date: %s", at.Time().Format(time.RFC1123Z))
	line("From: Mail Delivery System <MAILER-DAEMON@%s>", domain)
	line("To: <%s>", from)
	line("Subject: Undelivered Mail Returned to Sender")
	line("Message-ID: <%s@%s>", mark, domain)
	line("Auto-Submitted: auto-replied")
	line("MIME-Version: 1.0")
	line(`Content-Type: multipart/report; report-type=delivery-status; boundary="%s"`, mark)
	line("")
	line("--%s", mark)
	line("Content-Type: text/plain; charset=us-ascii\r\n")
	line("This is the mail system at host mx.%s.\r\n", domain)
	line("I'm sorry to have to inform you that your message could not be")
	line("delivered to one or more recipients.\r\n")
	line("<%s>: host mx.%s said: 550 5.1.1 User unknown", to, domain)
	line("--%s", mark)
	line("Content-Type: message/delivery-status\r\n")
	line("Reporting-MTA: dns; mx.%s", domain)
	line("Arrival-Date: %s\r\n", at.Time().Format(time.RFC1123Z))
	line("Final-Recipient: rfc822; %s", to)
	line("Original-Recipient: rfc822; %s", to)
	line("Action: failed")
	line("Status: 5.1.1")
	line("Diagnostic-Code: smtp; 550 5.1.1 User unknown")
	line("--%s", mark)
	line("Content-Type: text/rfc822-headers\r\n")
	b.Write(headerOf(original))
	line("--%s--", mark)
	return b.Bytes()
}

// headerOf is a message up to its first empty line.
func headerOf(message []byte) []byte {
	head, _, found := bytes.Cut(message, []byte("\r\n\r\n"))
	if !found {
		return message
	}
	return append(bytes.Clone(head), "\r\n"...)
}
