// Package channels is the contract that every channel fulfils: how a message
// of a citizen comes in, and how an answer goes out. Each platform is a
// package below this one and knows nothing of the inbox.
package channels

import (
	"context"
	"io"
	"log/slog"
	"net/http"

	"filodiretto/internal/clock"
	"filodiretto/internal/cms"
)

// Driver is what a platform's package offers; app lists all drivers in one
// place. Fields is at once the schema of the [[channel]] table in the
// configuration file, of the form on the administration page and of the
// documentation: a key that is not in it is an error.
type Driver struct {
	Kind   string // "mail", "telegram", "counter"
	Fields []Field
	// Open makes the channel of one account. It must not reach the network:
	// a server that is down is told by Probe, Receive and Send.
	// What it returns fulfils Parser, and as many of Sender, Receiver,
	// Fetcher and Prober as the platform can.
	Open func(Account, Deps) (Channel, error)
	// Link makes the address at which a citizen opens a chat with the account
	// of that public name and hands over a word, which comes back as the Payload
	// of the command "start"; "" when the name cannot stand in one. It is nil
	// where the platform has no such addresses.
	Link func(handle, word string) string
	// Presets are settings of well-known providers, to fill a new account's form with.
	Presets []Preset
}

// Preset is what one provider wants, as far as it is known. All of it can be
// changed on the form.
type Preset struct {
	Key    string            // "aruba"
	Name   string            // as people know the provider
	Values map[string]string // by Field.Name; no secrets
	Note   map[string]string // "it", "en": what else to mind; may be nil
}

// Field is one setting of a channel.
type Field struct {
	Name     string // as in the configuration file, snake_case
	Type     FieldType
	Required bool
	Secret   bool              // encrypted at rest, never shown again, also read from NAME_file
	Default  string            // as it would be written
	Label    map[string]string // "it", "en": one short line for the form
	Help     map[string]string // "it", "en": what it is for and what to write
	Choices  []Choice          // the words that a Text may be; none for any
	// When names other settings and the words at which this one counts and may be
	// Required: "reading=imap|pop3", "reading=imap&auth=password". Empty is always.
	When string
}

// FieldType says how a setting is checked and which control edits it.
type FieldType string

// The types of a setting.
const (
	Text     FieldType = "text"
	Number   FieldType = "number"
	Bool     FieldType = "bool"
	Duration FieldType = "duration" // Go's form: "90s", "5m"
	List     FieldType = "list"     // comma separated on the form, an array in the file
)

// Account is one mailbox, bot or counter that the municipality runs.
type Account struct {
	ID       int64
	Key      string            // the id in the configuration file, stable and readable
	Kind     string            // the driver's
	Name     string            // what people see
	Settings map[string]string // by Field.Name, checked and defaulted, secrets in clear
}

// Deps is what a channel may use of the house.
type Deps struct {
	Log   *slog.Logger
	Clock clock.Clock
	// Transport makes HTTP requests; nil means http.DefaultTransport.
	Transport http.RoundTripper
	// OwnHosts are the host names under which this installation's pages are
	// reached: what comes from outside may not link to them (mail rule 46).
	OwnHosts []string
	// Trust holds the authorities by which signers of mails and files are vouched
	// for; nil means nobody is, and a signature that fits stays "cannot be told".
	Trust *cms.Trust
	// Lookup asks the DNS for the keys of domains that sign mail; nil checks none.
	Lookup TextLookup
}

// Channel is an opened account. Every channel can read what it once received.
type Channel interface{ Parser }

// Parser turns raw bytes into items. It is pure: the same bytes give the same
// items on every machine and at any time, so that a message can be parsed
// again by a better version. It never drops an unknown kind: that becomes an
// Item of kind Unsupported. An error means quarantine, never loss.
type Parser interface {
	Parse(Raw) ([]Item, error)
	// ParserVersion grows whenever Parse may give another result.
	ParserVersion() int
}

// Receiver takes messages in. Receive blocks until ctx ends (then it returns
// ctx.Err()) or the connection is lost for good (then a *Error tells why; the
// caller waits and calls again). It moves its cursor only through
// Intake.Accept, so that nothing is confirmed to the platform before it is
// committed here.
type Receiver interface {
	Receive(ctx context.Context, in Intake) error
}

// Sender delivers one message to one recipient. Every failure is a *Error
// whose Class tells the scheduler what to do. Send is called from several
// goroutines at once, at most Concurrency() if the channel has that method.
type Sender interface {
	Send(ctx context.Context, m *Outgoing) (Receipt, error)
}

// Editor changes a message that it sent before, by the name that the platform gave
// it. The same change made twice is one, so that a failure whose outcome is not
// known may be tried again. Files cannot be changed.
type Editor interface {
	Edit(ctx context.Context, externalID string, m *Outgoing) error
}

// Menued is a channel whose chats show a list of commands. SetMenu replaces it, for
// people who use a language; lang "" is for all others.
type Menued interface {
	SetMenu(ctx context.Context, lang string, items []MenuItem) error
}

// MenuItem is a command with a few words on what it does.
type MenuItem struct{ Command, Text string }

// Fetcher downloads a file that a message only referred to (Part.Remote).
type Fetcher interface {
	Fetch(ctx context.Context, remote string, w io.Writer) error
	// SameFile reports whether two handles lead to the same file: a platform may give
	// a file another one each time that it speaks of it, and a parser may write it
	// otherwise than the one before.
	SameFile(a, b string) bool
}

// Prober tries the account without changing anything, for `filodiretto check`
// and the health page. nil means that sending and receiving should work.
type Prober interface {
	Probe(ctx context.Context) error
}

// Concurrent is a Sender that can carry several messages at once.
type Concurrent interface{ Concurrency() int }

// Paced is a Sender whose provider, or whose recipients' providers, take only so
// many messages a minute (mail rule 69). The house keeps to it over all its
// processes, so that Send need not.
type Paced interface{ Pace() Pace }

// Sized is a Sender whose provider takes messages up to a size, so that files which
// cannot leave are refused while the operator still writes (PEC reference section 9).
type Sized interface {
	// MostFiles is how many bytes all files of one message may have together.
	MostFiles() int64
}

// Pace is how many messages may be sent in a minute; 0 is no limit.
type Pace struct {
	Account int // by the account
	Domain  int // by the account, to addresses of one domain
}

// Intake is where a Receiver puts what it took in.
type Intake interface {
	// Cursor is what Accept last stored for the stream (a folder, a bot), nil at first.
	Cursor(ctx context.Context, stream string) ([]byte, error)
	// Accept commits the raw items and the stream's cursor in one transaction.
	// When it returns nil, the platform may be told "received". Items whose
	// dedup key is known already are left as they are.
	Accept(ctx context.Context, b Batch) error
	// Known gives those of the dedup keys that were taken in before.
	Known(ctx context.Context, keys []string) (map[string]Known, error)
	// Store keeps a large body before the item that names it is accepted, and
	// returns its SHA-256 in hex. It never holds the whole body in memory.
	Store(ctx context.Context, r io.Reader) (sha256 string, size int64, err error)
	// Alive notes a successful look at the platform, even when nothing was new.
	Alive(ctx context.Context)
	// Introduce keeps the public name that the platform gives the account (a
	// bot's username, without "@"), from which links for citizens are made.
	Introduce(ctx context.Context, handle string) error
	// Warn tells the administrator of something odd that did not stop the
	// intake (a UIDVALIDITY change, a second poller). code is stable, text is
	// free of secrets and contents.
	Warn(ctx context.Context, code, text string)
}

// Batch is what one Accept commits.
type Batch struct {
	Stream string // "INBOX", "updates"
	Cursor []byte // opaque to all but the channel; nil keeps the old one
	Items  []Raw
}

// Raw is one item as the platform gave it, byte for byte.
type Raw struct {
	ID          int64             // set when read back
	DedupKey    string            // unique within the account
	ContentType string            // "message/rfc822", "application/json"
	Body        []byte            // nil when Blob is set
	Blob        string            // SHA-256 of a body kept by Intake.Store
	Size        int64             // bytes of the body
	ReceivedAt  clock.Instant     // the platform's time of receipt, else ours
	Meta        map[string]string // folder, uid, flags: what the platform says beside the bytes
	Archive     bool              // from an archive import: no receipts, no notices, no clocks
	Cuts        []Cut             // files that Slim took out of Body
	BodyHash    string            // the channel's hash of what the sender wrote, where Body is slim
}
