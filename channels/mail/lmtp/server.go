// Package lmtp takes mail from the municipality's own mail server (RFC 2033),
// for those who would rather hand it over than have a mailbox read. Each
// recipient gets an answer of its own; while nothing can be stored the answer
// is "later", so that the other server's queue is the net (mail rule 81c).
package lmtp

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"os"
	"strings"
	"time"

	"github.com/emersion/go-smtp"

	"filodiretto/channels/mail"
	"filodiretto/channels/mail/rfc822"
	"filodiretto/internal/clock"
)

// Settings are what a Server needs.
type Settings struct {
	// Find gives the intake of the account with that address; ok is false when
	// no account has it.
	Find  func(address string) (k mail.Keeper, ok bool)
	Clock clock.Clock
	Log   *slog.Logger
}

// Server is an LMTP server.
type Server struct {
	set    Settings
	server *smtp.Server
}

// Limits of a conversation; a message has at most the size of the channel's.
const (
	maxBytes      = 50 << 20
	maxRecipients = 100
	patience      = 5 * time.Minute
)

// New makes a server; Serve starts it.
func New(set Settings) *Server {
	s := &Server{set: set}
	s.server = smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &session{set: &s.set}, nil }))
	s.server.LMTP, s.server.EnableSMTPUTF8, s.server.Domain = true, true, "localhost"
	s.server.MaxMessageBytes, s.server.MaxRecipients, s.server.ReadTimeout, s.server.WriteTimeout = maxBytes, maxRecipients, patience, time.Minute
	s.server.ErrorLog = quiet{set.Log}
	return s
}

// Listen opens where the server listens: "unix:/path" or "host:port". Nobody
// logs in, so that an address other than this machine's is refused.
func Listen(where string) (net.Listener, error) {
	if path, is := strings.CutPrefix(where, "unix:"); is {
		if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
			return nil, err
		}
		return net.Listen("unix", path)
	}
	host, _, err := net.SplitHostPort(where)
	if err != nil {
		return nil, err
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return nil, errors.New("LMTP has no login: let it listen on 127.0.0.1, ::1 or unix:/path, and reach it through the mail server of this machine")
	}
	return net.Listen("tcp", where)
}

// Serve answers until Close; then it returns nil.
func (s *Server) Serve(l net.Listener) error {
	err := s.server.Serve(l)
	if errors.Is(err, smtp.ErrServerClosed) {
		return nil
	}
	return err
}

// Close ends the server; messages that are being taken are finished first, for
// as long as ctx lives.
func (s *Server) Close(ctx context.Context) error {
	err := s.server.Shutdown(ctx)
	if err != nil && ctx.Err() != nil {
		return s.server.Close()
	}
	return err
}

// session is one conversation.
type session struct {
	set  *Settings
	from string
	to   []recipient
}

type recipient struct {
	said   string // as the other server wrote it
	keeper mail.Keeper
}

var (
	noMailbox = &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "no such mailbox here"}
	later     = &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 3, 0}, Message: "cannot be stored now, try again"}
	tooLarge  = &smtp.SMTPError{Code: 552, EnhancedCode: smtp.EnhancedCode{5, 3, 4}, Message: "message too large"}
)

func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	s.from, s.to = from, nil
	return nil
}

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	address, ok := rfc822.NormalizeAddress(to)
	if !ok {
		return noMailbox
	}
	k, ok := s.set.Find(address)
	if !ok {
		return noMailbox
	}
	s.to = append(s.to, recipient{to, k})
	return nil
}

// Data is for SMTP and is not reached.
func (s *session) Data(io.Reader) error { return later }

// LMTPData stores the message for each recipient, and only then says so.
func (s *session) LMTPData(r io.Reader, status smtp.StatusCollector) error {
	body, err := spool(r)
	if err != nil {
		return later
	}
	defer body.close()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	for _, to := range s.to {
		status.SetStatus(to.said, s.keep(ctx, to, body))
	}
	return nil
}

func (s *session) keep(ctx context.Context, to recipient, body *spooled) error {
	again, err := body.again()
	if err != nil {
		return later
	}
	meta := map[string]string{"envelope_from": s.from, "envelope_to": to.said}
	switch err := mail.TakeOver(ctx, to.keeper, "lmtp", again, meta, s.set.Clock.Now()); {
	case err == nil:
		return nil
	case errors.Is(err, mail.ErrTooLarge):
		return tooLarge
	default:
		s.set.Log.Warn("mail that was handed over could not be stored; the other server keeps it", "error", err)
		return later
	}
}

func (s *session) Reset()        { s.from, s.to = "", nil }
func (s *session) Logout() error { return nil }

// quiet passes what the library has to say to the log, without contents.
type quiet struct{ log *slog.Logger }

func (q quiet) Printf(string, ...any) { q.log.Debug("a conversation over LMTP ended with an error") }

func (q quiet) Println(...any) { q.log.Debug("a conversation over LMTP ended with an error") }
