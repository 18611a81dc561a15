package mail

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"time"

	"filodiretto/channels"
)

// popConn is one POP3 connection (RFC 1939) on which we are logged in.
type popConn struct {
	watch *watchdog
	conn  net.Conn // watch, or TLS over it
	in    *bufio.Reader
	caps  map[string]string // RFC 2449: parameters by name; nil when the server tells none
	stop  func() bool
}

// popLine is the longest line that is no part of a message, in bytes. The RFC
// allows 512.
const popLine = 16 << 10

// popRefusal is a "-ERR". Its words are the server's.
type popRefusal struct {
	code string // RFC 2449: "AUTH", "IN-USE", "SYS/TEMP"; often empty
	text string
}

func (e *popRefusal) Error() string { return addressLike.ReplaceAllString("-ERR "+e.text, "<address>") }

// errOddAnswer means that the server does not speak POP3, or not any more.
var errOddAnswer = errors.New("the answer is no POP3")

// dialPOP3 connects and logs in. The connection closes when ctx ends.
func (m *mailbox) dialPOP3(ctx context.Context) (*popConn, error) {
	s := m.set.pop3
	raw, err := m.dialTCP(ctx, s)
	if err != nil {
		return nil, m.popError("connect to", err)
	}
	c := &popConn{watch: newWatchdog(raw, m.limits.command)}
	c.stop = context.AfterFunc(ctx, func() { _ = raw.Close() })
	c.use(c.watch)
	err = c.do(func() error {
		if s.security == securityTLS {
			if err := c.secure(m.tlsConfig(s.host)); err != nil {
				return err
			}
		}
		if _, err := c.answer(); err != nil { // the greeting
			return err
		}
		if s.security == securityStartTLS {
			if err := c.startTLS(m); err != nil {
				return err
			}
		}
		return c.askCaps()
	})
	if err == nil {
		err = m.loginPOP3(c)
	}
	if err != nil {
		c.close()
		return nil, m.popError("greet", err)
	}
	return c, nil
}

func (c *popConn) use(conn net.Conn) {
	c.conn, c.in = conn, bufio.NewReaderSize(conn, popLine)
}

func (c *popConn) secure(config *tls.Config) error {
	t := tls.Client(c.watch, config)
	if err := t.Handshake(); err != nil {
		return err
	}
	c.use(t)
	return nil
}

// startTLS encrypts a connection (RFC 2595). What came before in the clear is
// forgotten with the reader.
func (c *popConn) startTLS(m *mailbox) error {
	_, err := c.command("STLS")
	if no := (*popRefusal)(nil); errors.As(err, &no) {
		return &channels.Error{
			Class: channels.RetryBackoff, Code: no.code,
			Text: fmt.Sprintf("the POP3 server %s does not offer STARTTLS: check pop3_port and pop3_security", m.set.pop3.addr()),
		}
	}
	if err != nil {
		return err
	}
	return c.secure(m.tlsConfig(m.set.pop3.host))
}

// askCaps learns what the server can do. One that does not know the question can
// what RFC 1939 demands.
func (c *popConn) askCaps() error {
	lines, err := c.list("CAPA")
	if no := (*popRefusal)(nil); errors.As(err, &no) {
		return nil
	}
	if err != nil {
		return err
	}
	c.caps = map[string]string{}
	for _, line := range lines {
		name, params, _ := strings.Cut(line, " ")
		c.caps[strings.ToUpper(name)] = strings.ToUpper(params)
	}
	return nil
}

// command sends a line and gives what stands behind "+OK". Whoever sends text of
// others sees to it that it has no line end.
func (c *popConn) command(line string) (string, error) {
	if _, err := io.WriteString(c.conn, line+"\r\n"); err != nil {
		return "", err
	}
	return c.answer()
}

func (c *popConn) answer() (string, error) {
	line, err := c.line()
	if err != nil {
		return "", err
	}
	word, rest, _ := strings.Cut(line, " ")
	switch word {
	case "+OK", "+":
		return rest, nil
	case "-ERR":
		no := &popRefusal{text: rest}
		if code, _, found := strings.Cut(strings.TrimPrefix(rest, "["), "]"); found && strings.HasPrefix(rest, "[") {
			no.code = strings.ToUpper(code)
		}
		return "", no
	}
	return "", errOddAnswer
}

// line reads one line of an answer, without its end.
func (c *popConn) line() (string, error) {
	b, err := c.in.ReadSlice('\n')
	if errors.Is(err, bufio.ErrBufferFull) {
		return "", errOddAnswer
	}
	if err != nil {
		return "", err
	}
	return strings.TrimRight(string(b), "\r\n"), nil
}

// mostListed bounds an answer of many lines.
const mostListed = 2_000_000

// list sends a command and gives the lines of its answer.
func (c *popConn) list(command string) ([]string, error) {
	if _, err := c.command(command); err != nil {
		return nil, err
	}
	var out []string
	for {
		line, err := c.line()
		if err != nil {
			return nil, err
		}
		if line == "." {
			return out, nil
		}
		if len(out) == mostListed {
			return nil, errOddAnswer
		}
		out = append(out, strings.TrimPrefix(line, "."))
	}
}

// do runs one exchange. When the server makes no progress for the time of a
// command, the connection is closed and do gives errSilent (mail rule 9).
func (c *popConn) do(f func() error) error {
	c.watch.arm()
	err := f()
	if fired := c.watch.disarm(); fired && err != nil {
		return errSilent
	}
	return err
}

// close ends the connection without ceremony: what was marked as deleted stays.
func (c *popConn) close() {
	c.stop()
	_ = c.watch.Close()
}

// quit ends it in order; only now does the server delete what was marked.
func (c *popConn) quit() error {
	err := c.do(func() error {
		_, err := c.command("QUIT")
		return err
	})
	c.close()
	return err
}

// loginDelay is how long the server wants to be left alone between two logins.
func (c *popConn) loginDelay() time.Duration {
	word, _, _ := strings.Cut(c.caps["LOGIN-DELAY"], " ")
	n, err := strconv.Atoi(word)
	if err != nil || n < 0 {
		return 0
	}
	return min(time.Duration(n)*time.Second, time.Hour)
}

// popError tells what happened between us and the server.
func (m *mailbox) popError(doing string, err error) error {
	if done := (*channels.Error)(nil); errors.As(err, &done) {
		return err
	}
	e := &channels.Error{Class: channels.RetryBackoff, Err: redacted(err)}
	if no := (*popRefusal)(nil); errors.As(err, &no) {
		e.Code = strings.TrimSpace("-ERR " + no.code)
		e.Text = fmt.Sprintf("could not %s the POP3 server %s: it answered %s", doing, m.set.pop3.addr(), e.Code)
		return e
	}
	why := reason(err, "pop3")
	if errors.Is(err, errOddAnswer) {
		why = "it does not speak POP3 on this port: check pop3_port and pop3_security"
	}
	e.Text = fmt.Sprintf("could not %s the POP3 server %s: %s", doing, m.set.pop3.addr(), why)
	return e
}
