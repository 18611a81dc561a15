package channels

import (
	"filodiretto/internal/clock"
	"filodiretto/internal/cms"
)

// ItemKind says what a raw item turned out to be.
type ItemKind string

// The kinds of item.
const (
	Message     ItemKind = "message"     // something a person (or a robot) wrote
	Edit        ItemKind = "edit"        // a new version of the message ExternalID
	Deleted     ItemKind = "deleted"     // the sender took ExternalID back
	Report      ItemKind = "report"      // news of something we sent: Reports is filled
	Command     ItemKind = "command"     // /start, /stop, ...: Command and Payload are filled
	Button      ItemKind = "button"      // a button was pressed: Payload is its data, untrusted
	Consent     ItemKind = "consent"     // Command is "blocked" or "unblocked"
	Unsupported ItemKind = "unsupported" // something we cannot show yet; the raw bytes are kept
	Own         ItemKind = "own"         // written by our own staff outside the hub (Sent folder)
	Ignorable   ItemKind = "ignorable"   // carries nothing for people (a service update); kept raw only
)

// Auto classifies mail that no person wrote (reference/mail.md rule 53).
type Auto string

// The classes of automatic mail. NotAuto is a person's.
const (
	NotAuto       Auto = ""
	AutoReply     Auto = "auto_reply"
	Vacation      Auto = "vacation"
	DSN           Auto = "dsn"
	MDN           Auto = "mdn"
	Bulk          Auto = "bulk" // lists, newsletters
	CalendarReply Auto = "calendar_reply"
	Challenge     Auto = "challenge"
	AbuseReport   Auto = "abuse_report"
	OwnLoop       Auto = "own_loop" // our own message came back
)

// Address is where a person can be reached on a channel, or is known by.
type Address struct {
	Kind    string // "email", "telegram", "phone", "cf", ...
	Scope   string // bot id where ids are per bot; empty for e-mail and phone
	Value   string // normalised: lower-case mail address, decimal user id, E.164
	Display string // name as the platform gave it, untrusted
	Handle  string // "@lucia_f"
}

// Item is the draft of a message, as the channel reads it from the bytes.
// Text and names are already clean: valid UTF-8, no NUL, no bidi override in
// file names. HTML is already sanitised.
type Item struct {
	Kind       ItemKind
	ExternalID string   // normalised Message-ID, "chat:message"; empty only for odd items
	EditOf     string   // for Edit and Deleted: the ExternalID it changes
	BodyHash   string   // SHA-256 in hex of what the sender wrote, free of transport headers
	ThreadKey  string   // the platform's own conversation (a chat), empty for mail
	References []string // ExternalIDs it answers: In-Reply-To first, then References from last to first
	Tokens     []string // plus-address details and subject tokens found, unverified

	From    Address
	ReplyTo []Address // shown as a warning when it differs from From, never an identity
	To, Cc  []Address
	// OnlyCopied is true when the account's own addresses are only in Cc or in
	// no header at all: such mail never gets an automatic answer (rule 56).
	OnlyCopied bool

	SentAt     clock.Instant // as claimed by the sender; may be absurd
	ReceivedAt clock.Instant // by which messages are ordered (rule 39)
	Sequence   int64         // breaks ties: update_id, UID
	GroupKey   string        // album

	Subject string
	Text    string // always there when there is anything to read (rule 32)
	HTML    string // sanitised, or empty
	Lang    string // BCP 47, where the platform says
	Parts   []Part

	Auto    Auto
	Command string // "start", "stop", "privacy", "blocked", "unblocked", or another word
	Payload string // of /start, or of a button
	Answers string // for Button: the ExternalID of the message with the buttons
	Reports []DeliveryReport
	// System is true when a mail system wrote it by its looks: the envelope sender is
	// empty, or From is a mailer daemon. Anybody can make a mail look so.
	System bool `json:",omitzero"`
	// Signatures are those over the message itself (S/MIME), one for each signer.
	Signatures []cms.Signature `json:",omitzero"`
	// Certified is filled for what a PEC provider wrapped or wrote; nil for all else.
	Certified *Certified `json:",omitzero"`

	// Forwarded are the authors of messages that this one passes on, the outermost
	// first (mail rule 81); unproven.
	Forwarded []Forwarded `json:",omitzero"`

	// Quarantine, when set, is the reason why a person should look before
	// this becomes a case (a Reason in reference/mail.md rule 22).
	Quarantine string
	// Notes are remarks of the parser, as stable codes, for the message's
	// "how this was read" panel: "charset:windows-1252", "no_final_boundary",
	// "text_cut", "reply_to_differs", "remote_images".
	Notes []string
}

// Forwarded is a message that somebody passed on: from whom, and about what.
type Forwarded struct {
	From     Address
	Subject  string
	Attached bool // as a file, else written into the text
}

// PartKind says what a part is.
type PartKind string

// The kinds of part.
const (
	File     PartKind = "file"
	Inline   PartKind = "inline" // an image that the HTML shows, by ContentID
	Location PartKind = "location"
	Contact  PartKind = "contact"
	Nested   PartKind = "message" // message/rfc822 kept as .eml with a readable preview
)

// Part is an attachment or another piece that is not the text.
type Part struct {
	Kind      PartKind
	Name      string // safe to show and to save, unique within the message (rule 37)
	Claimed   string // media type as the sender says
	Detected  string // media type as the bytes say; empty while not fetched
	ContentID string // without <>
	Body      []byte // nil when Remote or Blob is set
	Blob      string `json:",omitzero"` // SHA-256 of a body that is in the store already (Slimmer)
	Remote    string // the platform's handle, for Fetcher
	Size      int64
	Preview   string // readable text of a nested message or contact
	Lat, Lon  float64
	Phone     string // of a contact, E.164
	OwnPhone  bool   // the contact is the sender's own, as the platform vouches
	Problem   string // "too_large", "unreadable": why there is no body
	// Signatures are those over a signed file (CAdES ".p7m", or a ".p7s" beside it).
	Signatures []cms.Signature `json:",omitzero"`
	// Inside is the name of the part that this one was taken out of: a signed
	// file, a winmail.dat. What was sent is that part.
	Inside string `json:",omitzero"`
}

// DeliveryReport is news about one recipient of a message that we sent.
type DeliveryReport struct {
	MessageID string // our ExternalID, where the report names it
	// Envelope is the id of the envelope that we gave to the next server, where the
	// report names it (RFC 3461 section 4.4): it stands in no message.
	Envelope  string `json:",omitzero"`
	Recipient string // address, normalised
	// Beyond is set where the report speaks of another address, to which the one that
	// we wrote to hands on: one of several perhaps, and the others may have it.
	Beyond    bool   `json:",omitzero"`
	State     string // "delivered", "delayed", "failed", "relayed", "read"
	Permanent bool
	Code      string // "5.1.1"
	Text      string // the other server's words
	// Confident is false when the report was recognised by its looks only, or
	// comes under a signature that was not found to hold.
	Confident bool
	At        clock.Instant `json:",omitzero"` // when it happened, where the reporter vouches for the time
	External  bool          `json:",omitzero"` // the recipient's mailbox is an ordinary one: no receipt of delivery will come
}
