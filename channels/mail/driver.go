// Package mail is the channel of ordinary e-mail: it takes messages in over
// IMAP (reference/mail.md 1.1), reads them (1.3) and sends answers over SMTP
// (1.6). A message is kept byte for byte before anyone looks at it.
package mail

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"

	"filodiretto/channels"
	"filodiretto/internal/clock"
)

// Driver offers mailboxes that know nothing of certified mail; package pec has the
// driver of those that open it.
var Driver = channels.Driver{Kind: "mail", Fields: fields, Open: open}

// Content types of the raw items that this channel takes in.
const (
	// TypeMessage is a whole message, byte for byte.
	TypeMessage = "message/rfc822"
	// TypeHeaders is the header of a message whose body is not here; its
	// MetaProblem says why. The header may be empty (mail rules 12 and 23).
	TypeHeaders = "message/rfc822-headers"
)

// Keys of Raw.Meta.
const (
	MetaFolder      = "folder"
	MetaUIDValidity = "uidvalidity"
	MetaUID         = "uid"
	MetaUIDL        = "uidl"    // POP3's
	MetaFlags       = "flags"   // space separated: `\Seen $Junk`
	MetaJunk        = "junk"    // set where it lay in the folder of unwanted mail
	MetaSize        = "size"    // bytes of the whole message, where only the header is here
	MetaProblem     = "problem" // one of the Problem codes
)

// Reasons why a message has no body here.
const (
	ProblemTooLarge = "too_large" // over the limit; the original stays at the provider (rule 12)
	ProblemNotGiven = "not_given" // the server did not hand it out, tried several times
)

// mailbox is one opened account. Its methods may be called at once from
// several goroutines.
type mailbox struct {
	id     int64
	set    settings
	own    OwnAddresses
	limits limits
	log    *slog.Logger
	clock  clock.Clock
	trust  *x509.CertPool // nil means the system's authorities
	pool   *pool
	sent   *sentCopies // nil when no copies are kept

	lookup  channels.TextLookup // nil checks no signatures of domains
	variant Variant
	tokens  *tokens // nil when passwords are used

	// doubtful holds, by folder, the message during whose fetch a connection
	// died: it is fetched alone next time, so that it cannot stop the others.
	mu       sync.Mutex
	doubtful map[string]doubt
	// unreadable holds folders whose list we could not read.
	unreadable map[string]bool
}

var (
	_ channels.Parser     = (*mailbox)(nil)
	_ channels.Receiver   = (*mailbox)(nil)
	_ channels.Sender     = (*mailbox)(nil)
	_ channels.Prober     = (*mailbox)(nil)
	_ channels.Concurrent = (*mailbox)(nil)
)

func open(a channels.Account, deps channels.Deps) (channels.Channel, error) {
	return Open(a, deps, Variant{})
}

// common is what every mailbox does, however its mail comes in.
type common interface {
	channels.Parser
	channels.Slimmer
	channels.Sender
	channels.Concurrent
	channels.Paced
	channels.SenderChecker
}

// handedBox is a mailbox whose mail is handed over by another server (mail rule
// 81c): it sends, and there is nothing to look into.
type handedBox struct {
	common
	m *mailbox
}

var _ channels.Prober = (*handedBox)(nil)

// Probe tries the server for outgoing mail.
func (b *handedBox) Probe(ctx context.Context) error { return b.m.probeSMTP(ctx) }

func newMailbox(a channels.Account, deps channels.Deps) (*mailbox, error) {
	set, err := readSettings(a)
	if err != nil {
		return nil, fmt.Errorf("mailbox %s: %w", a.Key, err)
	}
	m := &mailbox{
		id: a.ID, set: set, own: set.own(deps), limits: defaultLimits, log: deps.Log, clock: deps.Clock, lookup: deps.Lookup,
		doubtful: map[string]doubt{}, unreadable: map[string]bool{},
	}
	if m.log == nil {
		m.log = slog.New(slog.DiscardHandler)
	}
	m.log = m.log.With("channel", a.Key)
	if m.clock == nil {
		m.clock = clock.System{}
	}
	if set.caFile != "" {
		if m.trust, err = readAuthority(set.caFile); err != nil {
			return nil, fmt.Errorf("mailbox %s: %w", a.Key, err)
		}
	}
	if set.oauth.tokenURL != "" {
		m.tokens = newTokens(set.oauth, deps.Transport, func() time.Time { return m.clock.Now().Time() })
	}
	m.pool = newPool(m)
	if set.sentFolder != "" {
		m.sent = newSentCopies(m)
	}
	return m, nil
}

// readAuthority reads the certificates of a private authority (rule 14).
func readAuthority(path string) (*x509.CertPool, error) {
	pem, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("ca_file: %w", err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("ca_file: the file holds no certificate in PEM form")
	}
	return pool, nil
}

// tlsConfig verifies the server's certificate, always (rule 14).
func (m *mailbox) tlsConfig(host string) *tls.Config {
	return &tls.Config{ServerName: host, RootCAs: m.trust, MinVersion: tls.VersionTLS12}
}

// Parse reads one raw item.
func (m *mailbox) Parse(raw channels.Raw) ([]channels.Item, error) {
	if m.variant.Parse != nil {
		return m.variant.Parse(raw, m.own)
	}
	return Parse(raw, m.own)
}

// ParserVersion is the version of the parser.
func (m *mailbox) ParserVersion() int {
	if m.variant.Parse != nil {
		return m.variant.ParserVersion
	}
	return ParserVersion
}

// Concurrency is how many messages may be sent at once.
func (m *mailbox) Concurrency() int { return m.set.connections }
