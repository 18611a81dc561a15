// Package templates holds the texts of notifications: one for each event,
// channel and language, with the municipality's own texts over the built-in
// ones.
//
// A text is logic-less: {case_number} stands for a value, {{ and }} for
// braces, and there is nothing else. What a variable may be is declared for
// each event; a name that is not, or a value that is missing, is an error
// before anything is sent (mail rule 73). Values are inserted as data and
// never read again: a citizen who writes {case_number}, #{x} or <b> gets just
// these characters back.
package templates

// Channels that have a way of their own to write a text. Any other channel
// gets the plain text.
const (
	Any      = ""     // a text for all channels
	Mail     = "mail" // subject, plain text and HTML
	PEC      = "pec"  // as mail, and the texts of mail where it has none of its own
	Telegram = "telegram"
	SMS      = "sms"
	Page     = "page" // a preview or a page of ours: HTML fragment
)

// DefaultLang is the language that every event has a text in.
const DefaultLang = "it"

// Text is one text as people write it. HTML for mail and markup for Telegram
// are made from Plain, so that there is one text to keep right and none of
// them can differ from the plain one.
//
// In Plain a blank line parts paragraphs, a paragraph whose lines all begin
// with "- " is a list, and links that begin with http:// or https:// are made
// clickable.
type Text struct {
	Event   string
	Channel string // Any, Mail, ...
	Lang    string // BCP 47: "it", "en"
	Subject string // one line; used by mail only
	Plain   string
}
