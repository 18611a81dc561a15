// Package rfc822 reads mail as it is, not as it should be: it never fails and
// never panics, its cost is linear in the message, and what it had to guess or
// leave out it says in notes (mail rules 12 and 28-31).
package rfc822

// Limits bound what one message may cost (mail rule 12). What is over a limit
// is named in Message.Exceeded, never dropped in silence.
type Limits struct {
	Total      int64 // bytes of the whole message; over it only the headers are read
	Part       int64 // bytes of one decoded part
	Parts      int   // parts of all levels together
	Depth      int   // levels of nesting
	Header     int   // bytes of one header section
	Fields     int   // header fields of all parts together
	Recipients int   // addresses in To and Cc together
	Links      int   // links in the HTML
	Text       int   // bytes of readable text kept
	HTML       int   // bytes of text and HTML that are read; what is over it stays an attachment
}

// DefaultLimits are those of the product.
var DefaultLimits = Limits{
	Total:      50 << 20,
	Part:       25 << 20,
	Parts:      500,
	Depth:      30,
	Header:     256 << 10,
	Fields:     10_000,
	Recipients: 1000,
	Links:      5000,
	Text:       1 << 20,
	HTML:       3 << 20,
}

// The codes in Message.Exceeded and, behind "limit:", in the notes of an item.
const (
	OverTotal      = "total"
	OverPart       = "part"
	OverParts      = "parts"
	OverDepth      = "depth"
	OverHeader     = "header"
	OverRecipients = "recipients"
	OverLinks      = "links"
)
