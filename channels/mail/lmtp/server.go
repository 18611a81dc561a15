// Package lmtp takes mail from the municipality's own mail server (RFC 2033),
// for those who would rather hand it over than have a mailbox read. Each
// recipient gets an answer of its own; while nothing can be stored the answer
// is "later", so that the other server's queue is the net (mail rule 81c).
package lmtp

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"net"
	"slices"
	"sync"
	"time"

	"github.com/emersion/go-smtp"

	"filodiretto/channels/mail"
	"filodiretto/internal/clock"
)

// Box is an account that takes mail.
type Box struct {
	ID     int64
	Keeper mail.Keeper
}

// Settings are what a Server needs.
type Settings struct {
	// Find gives the account of a normalised address. ok is false when there is
	// none, for good; an error says that nobody can tell now.
	Find func(ctx context.Context, address string) (b Box, ok bool, err error)
	// Max is the largest message, in bytes.
	Max int64
	// Note, when set, hears of each answer to a message: "taken", "later",
	// "too_large", "unknown".
	Note  func(outcome string)
	Clock clock.Clock
	Log   *slog.Logger
}

// Server is an LMTP server.
type Server struct {
	set    Settings
	server *smtp.Server

	mu      sync.Mutex
	open    map[net.Conn]bool // whether a message is being taken there
	closing bool
	calm    chan struct{} // closed when, on closing, no message is being taken
}

// Limits of a conversation.
const (
	maxRecipients = 100
	// patience is how long the other server may say nothing, and storing may take.
	// Postfix waits ten minutes for the answer to a message.
	patience = 5 * time.Minute
	// lookup is how long the search for a recipient may take.
	lookup = 30 * time.Second
	// longestLine is of a mail's text too. Mails over the 998 bytes of RFC 5322
	// section 2.1.1 are many, and whoever hands one over keeps it as it is.
	longestLine = 16 << 20
)

// New makes a server; Serve starts it.
func New(set Settings) *Server {
	if set.Note == nil {
		set.Note = func(string) {}
	}
	s := &Server{set: set, open: map[net.Conn]bool{}, calm: make(chan struct{})}
	s.server = smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) {
		return &session{set: &s.set, server: s, conn: c.Conn()}, nil
	}))
	s.server.LMTP, s.server.EnableSMTPUTF8, s.server.Domain = true, true, "localhost"
	s.server.MaxMessageBytes, s.server.MaxRecipients, s.server.ReadTimeout, s.server.WriteTimeout = set.Max, maxRecipients, patience, time.Minute
	s.server.MaxLineLength = longestLine
	s.server.ErrorLog = quiet{set.Log}
	return s
}

// Serve answers until Close; then it returns nil.
func (s *Server) Serve(l net.Listener) error {
	err := s.server.Serve(&watched{l, s})
	if errors.Is(err, smtp.ErrServerClosed) {
		return nil
	}
	return err
}

// Close ends the server. Messages that are being taken are finished and answered
// first, for as long as ctx lives; connections on which nothing goes on are closed
// at once, since other servers keep them open for the next message.
func (s *Server) Close(ctx context.Context) error {
	s.mu.Lock()
	s.closing = true
	s.settle()
	s.mu.Unlock()
	ended := make(chan error, 1)
	go func() { ended <- s.server.Shutdown(context.WithoutCancel(ctx)) }()
	select {
	case <-s.calm:
	case <-ctx.Done():
	}
	s.mu.Lock()
	left := slices.Collect(maps.Keys(s.open))
	s.mu.Unlock()
	for _, c := range left {
		_ = c.Close()
	}
	return <-ended
}

// mark notes whether a message is being taken on a connection; false when the
// server is closing and takes no more.
func (s *Server) mark(c net.Conn, busy bool) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if busy && s.closing {
		return false
	}
	s.open[c] = busy
	s.settle()
	return true
}

// watched tells the server which connections are open.
type watched struct {
	net.Listener
	server *Server
}

// Accept gives the next connection.
func (w *watched) Accept() (net.Conn, error) {
	c, err := w.Listener.Accept()
	if err != nil {
		return nil, err
	}
	k := &kept{Conn: c, server: w.server}
	w.server.mu.Lock()
	defer w.server.mu.Unlock()
	if w.server.closing {
		_ = c.Close()
		return nil, net.ErrClosed
	}
	w.server.open[k] = false
	return k, nil
}

// kept is a connection that says when it is closed.
type kept struct {
	net.Conn
	server *Server
}

// Close closes the connection.
func (k *kept) Close() error {
	k.server.gone(k)
	return k.Conn.Close()
}

func (s *Server) gone(c net.Conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.open, c)
	s.settle()
}

// settle tells Close when the last message is answered. The caller holds mu.
func (s *Server) settle() {
	if !s.closing {
		return
	}
	for _, busy := range s.open {
		if busy {
			return
		}
	}
	select {
	case <-s.calm:
	default:
		close(s.calm)
	}
}

// quiet passes what the library has to say to the log, without contents.
type quiet struct{ log *slog.Logger }

func (q quiet) Printf(string, ...any) { q.log.Debug("a conversation over LMTP ended with an error") }

func (q quiet) Println(...any) { q.log.Debug("a conversation over LMTP ended with an error") }
