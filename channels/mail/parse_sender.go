package mail

import (
	"strings"

	"filodiretto/channels"
)

// onceOnly are the fields that a mail may have once (RFC 5322 section 3.6, RFC 2045
// section 3) and that people or programs act by.
var onceOnly = []string{"From", "Sender", "Reply-To", "To", "Cc", "Subject", "Date", "Message-ID", "Content-Type", "Content-Transfer-Encoding"}

// doubled notes the fields that stand there twice and say different things. The
// topmost is read and shown; signatures are made over the lowest, so that whoever
// puts a second one on top of another's signed mail would speak in their name. The
// same thing said twice is a slip of a program, and deceives nobody.
func (p *parsing) doubled() {
	for _, name := range onceOnly {
		if differ(p.msg.Header.Values(name)) {
			p.note("twice:" + strings.ToLower(name))
		}
	}
}

// differ reports whether values are more than one, but for their blanks.
func differ(values []string) bool {
	for i := 1; i < len(values); i++ {
		if strings.Join(strings.Fields(values[i]), " ") != strings.Join(strings.Fields(values[0]), " ") {
			return true
		}
	}
	return false
}

// severalFrom notes that more than one address is given as the sender's: the first
// counts, and the others are told.
func (p *parsing) severalFrom(from []channels.Address) {
	seen := map[string]bool{p.item.From.Value: true}
	for _, a := range from {
		if seen[a.Value] {
			continue
		}
		seen[a.Value] = true
		p.note("several_from")
		if a.Value != "" && !strings.ContainsAny(a.Value, " \t") { // notes are parted by blanks
			p.note("also_from:" + a.Value)
		}
	}
}
