package lmtp

import (
	"context"
	"errors"
	"io"
	"net"

	"github.com/emersion/go-smtp"

	"filodiretto/channels/mail"
	"filodiretto/internal/db"
)

// session is one conversation.
type session struct {
	set    *Settings
	server *Server
	conn   net.Conn
	from   string
	to     []recipient
}

type recipient struct {
	said string // as the other server wrote it
	box  Box
}

// The answers that are not "taken". "later" leaves the message with the other
// server; the two others make it tell the sender.
var (
	noMailbox = &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "no such mailbox here"}
	later     = &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 3, 0}, Message: "cannot be stored now, try again"}
	closing   = &smtp.SMTPError{Code: 421, EnhancedCode: smtp.EnhancedCode{4, 3, 2}, Message: "closing, try again"}
	tooLarge  = &smtp.SMTPError{Code: 552, EnhancedCode: smtp.EnhancedCode{5, 3, 4}, Message: "message too large"}
	tooLong   = &smtp.SMTPError{Code: 554, EnhancedCode: smtp.EnhancedCode{5, 6, 0}, Message: "a line of the message is too long"}
)

// Mail begins a message, unless the server is closing.
func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	if !s.server.mark(s.conn, true) {
		return closing
	}
	s.from, s.to = from, nil
	return nil
}

// Rcpt says whether there is such a mailbox.
func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	address, ok := mail.Normalize(to)
	if !ok {
		s.set.Note("unknown")
		return noMailbox
	}
	ctx, cancel := context.WithTimeout(context.Background(), lookup)
	defer cancel()
	b, ok, err := s.set.Find(ctx, address)
	switch {
	case err != nil:
		s.set.Log.Warn("whose mail it is cannot be told now; the other server keeps it", "error", db.SafeError(err))
		s.set.Note("later")
		return later
	case !ok:
		s.set.Note("unknown")
		return noMailbox
	}
	s.to = append(s.to, recipient{to, b})
	return nil
}

// Data is for SMTP and is not reached.
func (s *session) Data(io.Reader) error { return later }

// LMTPData stores the message once for each account, and only then says so to
// each recipient.
func (s *session) LMTPData(r io.Reader, status smtp.StatusCollector) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	groups := s.byAccount()
	again := func() (io.Reader, error) { return r, nil } // for one account it goes straight to the store
	if len(groups) > 1 {
		body, err := spool(r)
		if err != nil {
			return s.refuse(0, err)
		}
		defer body.close()
		again = body.again
	}
	for _, group := range groups {
		answer := s.keep(ctx, group, again)
		for _, to := range group {
			status.SetStatus(to.said, answer)
		}
	}
	return nil
}

// byAccount puts together the recipients who are one account: urp@ and
// urp+detail@ get one message that knows both.
func (s *session) byAccount() [][]recipient {
	var groups [][]recipient
	at := map[int64]int{}
	for _, to := range s.to {
		i, there := at[to.box.ID]
		if !there {
			i = len(groups)
			at[to.box.ID], groups = i, append(groups, nil)
		}
		groups[i] = append(groups[i], to)
	}
	return groups
}

// keep stores the message for one account and gives the answer.
func (s *session) keep(ctx context.Context, group []recipient, again func() (io.Reader, error)) error {
	account := group[0].box
	r, err := again()
	if err != nil {
		return s.refuse(account.ID, err)
	}
	h := mail.Handover{Via: "lmtp", From: s.from, At: s.set.Clock.Now(), Max: s.set.Max}
	for _, to := range group {
		h.To = append(h.To, to.said)
	}
	if err := mail.TakeOver(ctx, account.Keeper, h, r); err != nil {
		return s.refuse(account.ID, err)
	}
	s.set.Note("taken")
	return nil
}

// refuse is the answer to a failure: only a message that is too large is refused
// for good.
func (s *session) refuse(account int64, err error) error {
	if errors.Is(err, mail.ErrTooLarge) || errors.Is(err, smtp.ErrDataTooLarge) {
		s.set.Note("too_large")
		return tooLarge
	}
	if errors.Is(err, smtp.ErrTooLongLine) {
		s.set.Note("too_large")
		return tooLong
	}
	s.set.Log.Warn("mail that was handed over could not be stored; the other server keeps it", "account", account, "error", db.SafeError(err))
	s.set.Note("later")
	return later
}

// Reset ends a message, after it was answered.
func (s *session) Reset() {
	s.from, s.to = "", nil
	s.server.mark(s.conn, false)
}

// Logout ends the conversation.
func (s *session) Logout() error { return nil }
