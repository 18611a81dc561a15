package mail

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"mime"
	"net"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
	"github.com/emersion/go-message/charset"
	"github.com/emersion/go-sasl"

	"filodiretto/channels"
)

// errSilent means that the server kept the connection and said nothing.
var errSilent = errors.New("the server did not answer in time")

// conn is one IMAP connection on which we are logged in. Every exchange goes
// through do, because the library waits for an answer for ever (rule 9).
type conn struct {
	*imapclient.Client
	watch *watchdog
	// news holds a value when the server announced messages.
	news chan struct{}
	stop func() bool // ends the tie to the context
}

// keepAlive finds out about a peer that vanished (rule 9).
var keepAlive = net.KeepAliveConfig{Enable: true, Idle: time.Minute, Interval: 15 * time.Second, Count: 4}

// dialIMAP connects and logs in. The connection closes when ctx ends.
func (m *mailbox) dialIMAP(ctx context.Context) (*conn, error) {
	raw, err := m.dialTCP(ctx, m.set.imap)
	if err != nil {
		return nil, m.imapError("connect to", err)
	}
	c := &conn{watch: newWatchdog(raw, m.limits.command), news: make(chan struct{}, 1)}
	c.stop = context.AfterFunc(ctx, func() { _ = raw.Close() })
	if err := c.start(m); err != nil {
		c.close()
		_ = raw.Close()
		return nil, err
	}
	return c, nil
}

// start makes the protocol ready on a fresh connection: TLS, greeting, login.
func (c *conn) start(m *mailbox) error {
	options := &imapclient.Options{
		TLSConfig:   m.tlsConfig(m.set.imap.host),
		WordDecoder: &mime.WordDecoder{CharsetReader: charset.Reader},
		UnilateralDataHandler: &imapclient.UnilateralDataHandler{
			Mailbox: func(d *imapclient.UnilateralDataMailbox) {
				if d.NumMessages != nil {
					c.announce()
				}
			},
		},
	}
	err := c.do(func() (err error) {
		switch m.set.imap.security {
		case securityTLS:
			config := options.TLSConfig.Clone()
			config.NextProtos = []string{"imap"}
			secure := tls.Client(c.watch, config)
			if err := secure.Handshake(); err != nil {
				return err
			}
			c.Client = imapclient.New(secure, options)
		case securityStartTLS:
			c.Client, err = imapclient.NewStartTLS(c.watch, options)
			return err
		default:
			c.Client = imapclient.New(c.watch, options)
		}
		return c.WaitGreeting()
	})
	var no *imap.Error
	if errors.As(err, &no) && m.set.imap.security == securityStartTLS {
		return &channels.Error{
			Class: channels.RetryBackoff, Code: imapCode(no),
			Text: fmt.Sprintf("the IMAP server %s does not offer STARTTLS: check imap_port and imap_security", m.set.imap.addr()),
		}
	}
	if err != nil {
		return m.imapError("greet", err)
	}
	return c.login(m)
}

// login proves who we are. A refusal stops the account; a server that is only
// unable to check now does not.
func (c *conn) login(m *mailbox) error {
	if c.State() == imap.ConnStateAuthenticated {
		return nil
	}
	if m.tokens != nil {
		return m.loginWithToken(c)
	}
	err := c.do(func() error {
		caps := c.Caps()
		switch {
		case caps.Has(imap.CapLoginDisabled):
			return channels.Errorf(channels.AuthBroken, "LOGINDISABLED",
				"the IMAP server takes no login on this connection: set imap_security to tls or starttls")
		case caps.Has(imap.AuthCap(sasl.Plain)):
			return c.Authenticate(sasl.NewPlainClient("", m.set.imap.user, m.set.imap.password))
		default:
			return c.Login(m.set.imap.user, m.set.imap.password).Wait()
		}
	})
	var no *imap.Error
	if errors.As(err, &no) && !temporary(no) {
		return &channels.Error{
			Class: channels.AuthBroken, Code: imapCode(no), Err: redacted(err),
			Text: "the IMAP server refuses the login: check imap_user and imap_password, and whether the provider wants an app password",
		}
	}
	if err != nil {
		return m.imapError("log in to", err)
	}
	return nil
}

// announce notes that there may be new messages; it never blocks.
func (c *conn) announce() {
	select {
	case c.news <- struct{}{}:
	default:
	}
}

// do runs one exchange. When the server makes no progress for the time of a
// command, the connection is closed and do gives errSilent.
func (c *conn) do(f func() error) error {
	c.watch.arm()
	err := f()
	if fired := c.watch.disarm(); fired && err != nil {
		return errSilent
	}
	return err
}

// close ends the connection without ceremony. It is safe on a half-made one.
func (c *conn) close() {
	c.stop()
	if c.Client != nil {
		_ = c.Client.Close() // what we wanted is done or failed already
	}
}

// logout ends the connection in order.
func (c *conn) logout() {
	_ = c.do(func() error { return c.Logout().Wait() })
	c.close()
}

func (m *mailbox) dialTCP(ctx context.Context, s server) (net.Conn, error) {
	dialer := &net.Dialer{Timeout: m.limits.dial, KeepAliveConfig: keepAlive}
	return dialer.DialContext(ctx, "tcp", s.addr())
}

// temporary tells whether the server only cannot do it now (RFC 5530).
func temporary(e *imap.Error) bool {
	switch e.Code {
	case imap.ResponseCodeUnavailable, imap.ResponseCodeServerBug, imap.ResponseCodeInUse, imap.ResponseCodeLimit:
		return true
	}
	return false
}

// imapCode is the server's answer without its words.
func imapCode(e *imap.Error) string {
	if e.Code == "" {
		return string(e.Type)
	}
	return fmt.Sprintf("%s [%s]", e.Type, e.Code)
}

// imapError tells what happened between us and the server. The caller waits
// and tries again, unless the error says otherwise by itself.
func (m *mailbox) imapError(doing string, err error) error {
	var done *channels.Error
	if errors.As(err, &done) {
		return err
	}
	e := &channels.Error{Class: channels.RetryBackoff, Err: redacted(err)}
	var no *imap.Error
	if errors.As(err, &no) {
		e.Code = imapCode(no)
		e.Text = fmt.Sprintf("could not %s the IMAP server %s: it answered %s", doing, m.set.imap.addr(), e.Code)
		return e
	}
	e.Text = fmt.Sprintf("could not %s the IMAP server %s: %s", doing, m.set.imap.addr(), reason(err, "imap"))
	return e
}
