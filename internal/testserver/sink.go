package testserver

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"log"
	"net"
	"os"
	"sync"
	"time"

	"github.com/emersion/go-smtp"

	"filodiretto/internal/clock"
)

// SinkOptions says how the SMTP server behaves.
type SinkOptions struct {
	// TLS offers STARTTLS, with a certificate whose authority is Sink.CAFile.
	TLS bool
	// Implicit speaks TLS from the first byte.
	Implicit bool
	// User and Password, when set, must be given before MAIL.
	User, Password string
	// MaxSize refuses larger messages (bytes); 0 means 50 MiB.
	MaxSize int64
	// NoUTF8 withholds SMTPUTF8, as old servers do.
	NoUTF8 bool
	// Forget records the envelope only, for benches that send gigabytes.
	Forget bool
	// Recipient, when set, may refuse a recipient at RCPT.
	Recipient func(to string) error
	// Deliver, when set, gets each message before it is answered with 250.
	// An *smtp.SMTPError is answered as it is.
	Deliver func(from, to string, data []byte) error
}

// Received is one message for one recipient, as the sink took it.
type Received struct {
	From, To string
	UTF8     bool
	Data     []byte
	At       clock.Instant
}

// Sink is an SMTP server that keeps what it is given and answers as told.
type Sink struct {
	opts   SinkOptions
	dir    string
	id     *identity
	server *smtp.Server
	listen net.Listener
	script script
	done   chan struct{}
	served chan struct{}

	mu       sync.Mutex
	received []Received
	count    int
	sessions int
	held     int           // clients that were ever left without an answer
	changed  chan struct{} // closed and replaced when something happens
}

// StartSMTPSink starts the server on a free port of 127.0.0.1.
func StartSMTPSink(opts SinkOptions) (*Sink, error) {
	s := &Sink{opts: opts, done: make(chan struct{}), served: make(chan struct{}), changed: make(chan struct{})}
	var err error
	if opts.TLS || opts.Implicit {
		if s.dir, _, err = workDir("", "smtp"); err != nil {
			return nil, err
		}
		if s.id, err = makeIdentity(s.dir); err != nil {
			return nil, err
		}
	}
	s.configure()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("start the SMTP sink: %w", err)
	}
	s.listen = l
	s.serve(l)
	return s, nil
}

func (s *Sink) configure() {
	s.server = smtp.NewServer(smtp.BackendFunc(s.session))
	s.server.Domain = "localhost"
	s.server.AllowInsecureAuth = true
	s.server.EnableSMTPUTF8 = !s.opts.NoUTF8
	s.server.MaxMessageBytes = s.opts.MaxSize
	if s.opts.MaxSize == 0 {
		s.server.MaxMessageBytes = 50 << 20
	}
	s.server.ReadTimeout, s.server.WriteTimeout = 5*time.Minute, time.Minute
	s.server.ErrorLog = log.New(io.Discard, "", 0)
	if s.id != nil && s.opts.TLS {
		s.server.TLSConfig = s.tlsConfig()
	}
}

func (s *Sink) tlsConfig() *tls.Config {
	return &tls.Config{Certificates: []tls.Certificate{s.id.certificate}, MinVersion: tls.VersionTLS12}
}

func (s *Sink) serve(l net.Listener) {
	if s.opts.Implicit {
		l = tls.NewListener(l, s.tlsConfig())
	}
	go func() {
		defer close(s.served)
		_ = s.server.Serve(l) // ends with ErrServerClosed
	}()
}

// Addr is host:port.
func (s *Sink) Addr() string { return s.listen.Addr().String() }

// CAFile is the authority of the server's certificate; empty without TLS.
func (s *Sink) CAFile() string {
	if s.id == nil {
		return ""
	}
	return s.id.caFile
}

// Answer queues answers for a recipient, one for each time it is tried; when
// they are used up the sink accepts. An empty recipient stands for everybody.
func (s *Sink) Answer(rcpt string, answers ...Answer) { s.script.add(rcpt, answers) }

// Messages gives what was received so far, in order.
func (s *Sink) Messages() []Received {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Received(nil), s.received...)
}

// Count is the number of messages received so far.
func (s *Sink) Count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.count
}

// Sessions is the number of connections that were opened so far.
func (s *Sink) Sessions() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.sessions
}

// Await waits until at least n messages are there and gives all of them.
func (s *Sink) Await(ctx context.Context, n int) ([]Received, error) {
	if err := s.await(ctx, "messages", n, func() int { return s.count }); err != nil {
		return nil, err
	}
	return s.Messages(), nil
}

// AwaitHeld waits until n clients in all were left without an answer, as
// Answer.Hang asks.
func (s *Sink) AwaitHeld(ctx context.Context, n int) error {
	return s.await(ctx, "held clients", n, func() int { return s.held })
}

// await waits until count, which is read under the lock, is at least n.
func (s *Sink) await(ctx context.Context, what string, n int, count func() int) error {
	for {
		s.mu.Lock()
		have, changed := count(), s.changed
		s.mu.Unlock()
		if have >= n {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return fmt.Errorf("the SMTP sink has %d of %d %s: %w", have, n, what, ctx.Err())
		}
	}
}

// note changes what the sink counts and tells those who wait.
func (s *Sink) note(change func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change()
	close(s.changed)
	s.changed = make(chan struct{})
}

func (s *Sink) record(m Received) {
	s.note(func() {
		s.count++
		if !s.opts.Forget {
			s.received = append(s.received, m)
		}
	})
}

// Stop closes every connection and ends the server.
func (s *Sink) Stop() {
	select {
	case <-s.done:
		return
	default:
		close(s.done)
	}
	// The server may not know its listener yet when it is closed at once.
	_ = s.listen.Close()
	_ = s.server.Close()
	<-s.served
	if s.dir != "" {
		_ = os.RemoveAll(s.dir)
	}
}
