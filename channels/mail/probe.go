package mail

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/emersion/go-imap/v2"

	"filodiretto/channels"
)

// Probe logs in to both servers and looks for the folders, changing nothing.
// Its error joins what is wrong with either, each with what to do about it.
func (m *mailbox) Probe(ctx context.Context) error {
	return errors.Join(m.probeIMAP(ctx), m.probeSMTP(ctx))
}

func (m *mailbox) probeIMAP(ctx context.Context) error {
	c, err := m.dialIMAP(ctx)
	if err != nil {
		return err
	}
	defer c.logout()
	var list []*imap.ListData
	err = c.do(func() (err error) {
		list, err = c.List("", "*", nil).Collect()
		return err
	})
	if err != nil {
		return m.imapError("list the folders of", err)
	}
	var there []string
	for _, f := range list {
		if !slices.Contains(f.Attrs, imap.MailboxAttrNoSelect) {
			there = append(there, f.Mailbox)
		}
	}
	var missing []string
	for _, name := range m.set.folders {
		if !slices.ContainsFunc(there, func(f string) bool { return sameFolder(f, name) }) {
			missing = append(missing, name)
		}
	}
	if want := m.set.sentFolder; want != "" && findSent(list, want) == "" {
		missing = append(missing, want)
	}
	if len(missing) > 0 {
		return channels.Errorf(channels.RetryBackoff, "", "the mailbox has no folder %s; it has %s: correct folders and sent_folder",
			strings.Join(missing, ", "), strings.Join(there, ", "))
	}
	return nil
}

// sameFolder compares names: only INBOX is the same in any case.
func sameFolder(a, b string) bool {
	return a == b || strings.EqualFold(a, "INBOX") && strings.EqualFold(b, "INBOX")
}

func (m *mailbox) probeSMTP(ctx context.Context) error {
	c, err := m.dialSMTP(ctx)
	if err != nil {
		return err
	}
	defer c.quit()
	c.watch.arm()
	err = c.Noop()
	c.watch.disarm()
	if err != nil {
		return fmt.Errorf("ask the SMTP server: %w", m.smtpConnectError(ctx, err))
	}
	return nil
}
