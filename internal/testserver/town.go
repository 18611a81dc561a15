package testserver

import (
	"strings"

	"github.com/emersion/go-smtp"
)

// StartTownMail starts the mail server of a small town: an SMTP server whose
// mail for the mailboxes of d arrives in their INBOX. A recipient with a
// detail ("urp+abc@...") reaches the mailbox without it. An unknown recipient
// of a domain that has mailboxes is refused with 550 5.1.1, and what goes to
// other domains is only recorded.
func StartTownMail(d *DovecotServer, opts SinkOptions) (*Sink, error) {
	opts.Recipient = func(to string) error {
		box := mailboxOf(to)
		if !d.Has(box) && d.serves(domainOf(box)) {
			return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "User unknown"}
		}
		return nil
	}
	opts.Deliver = func(_, to string, data []byte) error {
		if box := mailboxOf(to); d.Has(box) {
			return d.Deliver(box, "INBOX", data)
		}
		return nil
	}
	return StartSMTPSink(opts)
}

// mailboxOf is the address in lower case and without its detail.
func mailboxOf(address string) string {
	local, domain, ok := strings.Cut(strings.ToLower(address), "@")
	if !ok {
		return address
	}
	local, _, _ = strings.Cut(local, "+")
	return local + "@" + domain
}

func domainOf(address string) string {
	return address[strings.LastIndexByte(address, '@')+1:]
}

// serves tells whether some mailbox is in the domain.
func (d *DovecotServer) serves(domain string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	for user := range d.accounts {
		if domainOf(user) == domain {
			return true
		}
	}
	return false
}
