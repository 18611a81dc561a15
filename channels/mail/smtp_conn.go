package mail

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/textproto"
	"slices"
	"strconv"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"
	"github.com/wneessen/go-mail/smtp"

	"filodiretto/channels"
)

// smtpConn is one SMTP connection on which we are logged in. It carries one
// message at a time.
type smtpConn struct {
	*smtp.Client
	watch      *watchdog
	pipelining bool
	eightBit   bool
	utf8       bool
	dsn        bool  // the server passes on what reports need (RFC 3461)
	sizes      bool  // the server wants to know sizes
	most       int64 // bytes the server takes; 0 means it did not say
	spare      *time.Timer
}

// errNoUTF8 and errOver end a message before anything of it is sent.
var (
	errNoUTF8 = channels.Errorf(channels.ContentRejected, "5.6.7",
		"the address has letters beyond ASCII before the @, and the mail server cannot carry that")
	errOver = channels.Errorf(channels.ContentRejected, "5.3.4",
		"the message is larger than the mail server takes: send fewer or smaller files")
)

// dialSMTP connects and logs in.
func (m *mailbox) dialSMTP(ctx context.Context) (*smtpConn, error) {
	c := &smtpConn{}
	letGo := func() bool { return true }
	defer func() { letGo() }()
	dialed, err := m.smtpDialer(c, func() { letGo = context.AfterFunc(ctx, c.close) })
	if err != nil {
		return nil, fmt.Errorf("prepare the SMTP connection: %w", err)
	}
	c.Client, err = dialed.DialToSMTPClientWithContext(ctx)
	if err == nil {
		err = m.loginSMTP(c)
	}
	if err != nil {
		if c.watch != nil {
			_ = c.watch.Close() // the library leaves it open
		}
		return nil, m.smtpConnectError(ctx, err)
	}
	// From here the watchdog keeps the time.
	if err := c.watch.SetDeadline(time.Time{}); err != nil {
		return nil, m.smtpConnectError(ctx, err)
	}
	c.learn()
	return c, nil
}

// smtpDialer is the library's client for this account. It opens connections
// through our own watchdog; logging in is ours, for the choice of mechanism.
// connected is called once there is a connection.
func (m *mailbox) smtpDialer(c *smtpConn, connected func()) (*gomail.Client, error) {
	s := m.set.smtp
	_, domain, _ := strings.Cut(m.set.address, "@")
	options := []gomail.Option{
		gomail.WithPort(s.port), gomail.WithTimeout(m.limits.dial), gomail.WithHELO(domain),
		gomail.WithTLSConfig(m.tlsConfig(s.host)),
		gomail.WithDialContextFunc(func(ctx context.Context, _, _ string) (net.Conn, error) {
			raw, err := m.dialTCP(ctx, s)
			if err != nil {
				return nil, err
			}
			c.watch = newWatchdog(raw, m.limits.command)
			connected()
			if s.security != securityTLS {
				return c.watch, nil
			}
			secure := tls.Client(c.watch, m.tlsConfig(s.host))
			if err := secure.HandshakeContext(ctx); err != nil {
				return nil, err
			}
			return secure, nil
		}),
	}
	switch s.security {
	case securityStartTLS:
		options = append(options, gomail.WithTLSPolicy(gomail.TLSMandatory))
	default:
		options = append(options, gomail.WithTLSPolicy(gomail.NoTLS))
	}
	return gomail.NewClient(s.host, options...)
}

// loginSMTP proves who we are, by a token or a password.
func (m *mailbox) loginSMTP(c *smtpConn) error {
	if m.tokens == nil {
		return c.login(m.set.smtp)
	}
	if m.set.smtp.user == "" {
		return nil // a server that asks for no login
	}
	ok, offered := c.Extension("AUTH")
	if !ok && m.set.smtp.assumed {
		return nil // such as the town's own server, which takes mail from this machine as it is
	}
	if !slices.Contains(strings.Fields(offered), "XOAUTH2") {
		return channels.Errorf(channels.AuthBroken, "", "the SMTP server %s takes no login with a token (XOAUTH2): name the provider's own server in smtp_host, or check smtp_port and smtp_security", m.set.smtp.addr())
	}
	token, err := m.tokens.token()
	if err != nil {
		return err
	}
	if err = c.Auth(smtp.XOAuth2Auth(m.set.smtp.user, token)); err != nil {
		m.tokens.drop()
	}
	return err
}

// login proves who we are when there is a password. The password goes in the
// clear only where the settings allow it: on this machine, or by the explicit
// override (rule 14).
func (c *smtpConn) login(s server) error {
	if s.password == "" {
		return nil
	}
	ok, offered := c.Extension("AUTH")
	mechanisms := strings.Fields(offered)
	var auth smtp.Auth
	clear := s.security == securityPlain
	switch {
	case !ok:
		return channels.Errorf(channels.AuthBroken, "", "the SMTP server %s takes no login on this connection: check smtp_port and smtp_security, or leave smtp_password empty", s.addr())
	case slices.Contains(mechanisms, "PLAIN"):
		auth = smtp.PlainAuth("", s.user, s.password, s.host, clear)
	case slices.Contains(mechanisms, "LOGIN"):
		auth = smtp.LoginAuth(s.user, s.password, s.host, clear)
	case slices.Contains(mechanisms, "SCRAM-SHA-256"):
		auth = smtp.ScramSHA256Auth(s.user, s.password)
	case slices.Contains(mechanisms, "CRAM-MD5"):
		auth = smtp.CRAMMD5Auth(s.user, s.password)
	default:
		return channels.Errorf(channels.AuthBroken, "", "the SMTP server %s offers no way to log in with a password", s.addr())
	}
	return c.Auth(auth)
}

// learn notes what the server offers.
func (c *smtpConn) learn() {
	c.pipelining, _ = c.Extension("PIPELINING")
	c.eightBit, _ = c.Extension("8BITMIME")
	c.utf8, _ = c.Extension("SMTPUTF8")
	c.dsn, _ = c.Extension("DSN")
	var most string
	c.sizes, most = c.Extension("SIZE")
	c.most, _ = strconv.ParseInt(most, 10, 64) // 0 when it names none
}

// smtpConnectError says why we could not get as far as a message.
func (m *mailbox) smtpConnectError(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return &channels.Error{Class: channels.RetryBackoff, Text: "sending was called off", Err: ctx.Err()}
	}
	var done *channels.Error
	if errors.As(err, &done) {
		return done
	}
	e := smtpError(stageConnect, err)
	var refused *textproto.Error
	if !errors.As(err, &refused) {
		e.Text = fmt.Sprintf("could not connect to the SMTP server %s: %s", m.set.smtp.addr(), reason(err, "smtp"))
	}
	return e
}

// mailCommand is the MAIL command for a letter.
func (c *smtpConn) mailCommand(l *letter) string {
	command := "MAIL FROM:<" + l.from + ">"
	if c.eightBit {
		command += " BODY=8BITMIME"
	}
	if c.sizes {
		command += " SIZE=" + strconv.FormatInt(l.size(), 10)
	}
	if l.utf8 {
		command += " SMTPUTF8"
	}
	if c.dsn && validToken(l.envid) { // whose letters need no xtext (RFC 3461 section 4)
		command += " ENVID=" + l.envid
	}
	return command
}

// close ends the connection without ceremony.
func (c *smtpConn) close() { _ = c.watch.Close() }

// quit ends the connection in order.
func (c *smtpConn) quit() {
	c.watch.arm()
	_ = c.Quit() // it was of no more use
	c.watch.disarm()
	c.close()
}
