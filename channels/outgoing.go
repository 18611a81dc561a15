package channels

import (
	"context"
	"io"
)

// Outgoing is one message for one recipient.
type Outgoing struct {
	DeliveryID int64
	// ExternalID is fixed when the message is queued and the same on every
	// try and for every recipient: for mail the Message-ID without <> (rule 65).
	ExternalID string
	To         Address
	// EnvelopeID names this delivery to mail systems alone, which bring it back in
	// their reports (RFC 3461 section 4.4); empty for none.
	EnvelopeID string
	// ToAll and CcAll are what the headers show; To is one of them.
	ToAll, CcAll []Address
	ThreadKey    string   // the chat to write into, where the channel has chats
	ReplyToken   string   // for mail: detail of a plus-address in Reply-To, where the account has them
	AnswerTo     string   // ExternalID of the message it answers
	References   []string // oldest first
	FromName     string   // the office, in words
	Subject      string
	Text         string // plain text, always there
	HTML         string // for mail; made by us, safe
	Markup       string // for Telegram: its HTML, escaped by templates; empty means plain Text
	Files        []OutgoingFile
	Buttons      [][]OutgoingButton
	// Automatic marks what no person wrote: mail then carries Auto-Submitted
	// and its relatives (rule 55).
	Automatic bool
	Silent    bool
	// Keep, when set, is given the mail as it is about to leave, byte for byte,
	// which it may write several times. When it fails nothing is sent. Channels
	// whose messages are no mails do not call it.
	Keep func(ctx context.Context, mail io.WriterTo) error
}

// OutgoingFile is an attachment. Open may be called again on a retry.
type OutgoingFile struct {
	Name string
	Type string
	Size int64
	Open func() (io.ReadCloser, error)
}

// OutgoingButton is a button under a message. Data has at most 64 bytes.
type OutgoingButton struct{ Text, Data, URL string }

// Receipt is what the platform said when it took the message.
type Receipt struct {
	// ExternalIDs are the platform's names for what was sent, one for each
	// piece when a long text was split; reports and answers will use them.
	ExternalIDs []string
	// Delivered is true where acceptance already means arrival in the chat
	// (Telegram); mail is only accepted.
	Delivered bool
	Code      string // "250 2.0.0"
	// Notes are stable codes of what was done on the way: "plain_fallback",
	// "split:3", "without_reply".
	Notes []string
}
