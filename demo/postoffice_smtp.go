package demo

import (
	"bytes"
	"io"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// mailSession is one connection of somebody who sends mail: the town's own
// program. Nobody else may.
type mailSession struct {
	office *postOffice
	isUser bool
	from   string
	to     []string
}

// AuthMechanisms offers the one that every client knows.
func (s *mailSession) AuthMechanisms() []string { return []string{sasl.Plain} }

// Auth lets the town's mailboxes in.
func (s *mailSession) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if s.office.boxes[user] == nil || password != s.office.password {
			return smtp.ErrAuthFailed
		}
		s.isUser = true
		return nil
	}), nil
}

func (s *mailSession) Mail(from string, _ *smtp.MailOptions) error {
	if !s.isUser {
		return smtp.ErrAuthRequired
	}
	s.from, s.to = from, nil
	return nil
}

func (s *mailSession) Rcpt(to string, _ *smtp.RcptOptions) error {
	if _, ours := s.office.townBox(to); !ours && s.from != pecBox {
		if refused, _ := s.office.world.verdict(to); refused != nil {
			return refused
		}
	}
	s.to = append(s.to, to)
	return nil
}

func (s *mailSession) Data(r io.Reader) error {
	var b bytes.Buffer
	if _, err := b.ReadFrom(r); err != nil {
		return err
	}
	for _, to := range s.to {
		if err := s.office.forward(s.from, to, b.Bytes()); err != nil {
			return err
		}
	}
	return nil
}

func (s *mailSession) Reset() { s.from, s.to = "", nil }

func (s *mailSession) Logout() error { return nil }

// forward takes a message to where it goes: a mailbox of the town, a citizen,
// or back to its sender with the reason.
func (p *postOffice) forward(from, to string, data []byte) error {
	if from == pecBox && p.certified != nil {
		return p.certified.submit(from, to, data, p.clock.Now())
	}
	if box, ours := p.townBox(to); ours {
		return p.deliver(box, data)
	}
	_, bounces := p.world.verdict(to)
	if !bounces {
		p.world.mailed(to, data)
		return nil
	}
	if box, ours := p.townBox(from); ours { // a notice of failure has no sender, and none follows
		return p.deliver(box, failureNotice(from, to, data, p.clock.Now()))
	}
	return nil
}
