package testserver

import (
	"bytes"
	"errors"
	"io"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"filodiretto/internal/clock"
)

// errDropped ends a session whose connection we closed on purpose.
var errDropped = errors.New("connection closed on purpose")

// sinkSession is one connection.
type sinkSession struct {
	sink   *Sink
	conn   *smtp.Conn
	authed bool
	from   string
	utf8   bool
	to     []string
}

func (s *Sink) session(c *smtp.Conn) (smtp.Session, error) {
	s.mu.Lock()
	s.sessions++
	s.mu.Unlock()
	ss := &sinkSession{sink: s, conn: c}
	if s.opts.User == "" {
		return ss, nil
	}
	return authSession{ss}, nil
}

// authSession offers AUTH; sinkSession alone does not.
type authSession struct{ *sinkSession }

func (authSession) AuthMechanisms() []string { return []string{sasl.Plain, sasl.Login} }

func (s authSession) Auth(mech string) (sasl.Server, error) {
	check := func(user, password string) error {
		if user != s.sink.opts.User || password != s.sink.opts.Password {
			return smtp.ErrAuthFailed
		}
		s.authed = true
		return nil
	}
	if mech == sasl.Login {
		return &loginServer{check: check}, nil
	}
	return sasl.NewPlainServer(func(_, user, password string) error { return check(user, password) }), nil
}

// loginServer is the old LOGIN mechanism: two questions, two answers.
type loginServer struct {
	step  int
	user  string
	check func(user, password string) error
}

func (l *loginServer) Next(response []byte) (challenge []byte, done bool, err error) {
	l.step++
	switch l.step {
	case 1:
		return []byte("Username:"), false, nil
	case 2:
		l.user = string(response)
		return []byte("Password:"), false, nil
	default:
		return nil, true, l.check(l.user, string(response))
	}
}

func (s *sinkSession) Mail(from string, opts *smtp.MailOptions) error {
	if s.sink.opts.User != "" && !s.authed {
		return &smtp.SMTPError{Code: 530, EnhancedCode: smtp.EnhancedCode{5, 7, 0}, Message: "Authentication required"}
	}
	s.from, s.to, s.utf8 = from, nil, opts != nil && opts.UTF8
	_, err := s.answer("", AtMail)
	return err
}

func (s *sinkSession) Rcpt(to string, _ *smtp.RcptOptions) error {
	if _, err := s.answer(to, AtRcpt); err != nil {
		return err
	}
	if check := s.sink.opts.Recipient; check != nil {
		if err := check(to); err != nil {
			return err
		}
	}
	s.to = append(s.to, to)
	return nil
}

func (s *sinkSession) Data(r io.Reader) error {
	for _, to := range s.to {
		if _, err := s.answer(to, AtBody); err != nil {
			return err
		}
	}
	var b bytes.Buffer
	if _, err := b.ReadFrom(r); err != nil {
		return err
	}
	for _, to := range s.to {
		answer, err := s.answer(to, AtDot)
		if err == nil || answer.Keep {
			err = errors.Join(s.deliver(to, b.Bytes()), err)
		}
		if err != nil {
			return unjoin(err)
		}
	}
	return nil
}

func (s *sinkSession) deliver(to string, data []byte) error {
	if d := s.sink.opts.Deliver; d != nil {
		if err := d(s.from, to, data); err != nil {
			return err
		}
	}
	if s.sink.opts.Forget {
		data = nil
	}
	s.sink.record(Received{From: s.from, To: to, UTF8: s.utf8, Data: data, At: clock.System{}.Now()})
	return nil
}

// unjoin finds the answer for the wire, which the server looks for by type.
func unjoin(err error) error {
	var answer *smtp.SMTPError
	if errors.As(err, &answer) {
		return answer
	}
	return err
}

// answer does what the script says for the recipient at this stage.
func (s *sinkSession) answer(to string, stage Stage) (Answer, error) {
	a, ok := s.sink.script.take(to, stage)
	switch {
	case !ok:
		return a, nil
	case a.Hang:
		s.hang()
		return a, errDropped
	case a.Drop:
		_ = s.conn.Conn().Close()
		return a, errDropped
	default:
		return a, a.err()
	}
}

// hang waits until the client gives up or the sink stops. The client's leaving
// shows as the end of its stream.
func (s *sinkSession) hang() {
	s.sink.note(func() { s.sink.held++ })
	left := make(chan struct{})
	go func() {
		defer close(left)
		_, _ = io.Copy(io.Discard, s.conn.Conn())
	}()
	select {
	case <-left:
	case <-s.sink.done:
		_ = s.conn.Conn().Close()
		<-left
	}
	_ = s.conn.Conn().Close()
}

func (s *sinkSession) Reset() { s.from, s.to, s.utf8 = "", nil, false }

func (s *sinkSession) Logout() error { return nil }
