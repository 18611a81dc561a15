package mail

import (
	"io"
	"mime/quotedprintable"
	"strings"

	"filodiretto/channels/mail/rfc822"
)

// card is what people want to know of a visiting card.
type card struct {
	name, organisation    string
	phones, mails, places []string
}

// maxCard bounds what is read of a card, and of each of its lists.
const (
	maxCard      = 256 << 10
	maxCardLines = 10
)

// readCard reads the first card of a vCard text (RFC 6350, and 2.1 as phones
// write it), leniently.
func readCard(text string) card {
	var c card
	text = strings.NewReplacer("\n ", "", "\n\t", "", "=\n", "").Replace(text[:min(len(text), maxCard)])
	for line := range strings.SplitSeq(text, "\n") {
		head, value, ok := strings.Cut(line, ":")
		if !ok {
			continue
		}
		name, parameters, _ := strings.Cut(strings.ToUpper(head), ";")
		if _, plain, grouped := strings.Cut(name, "."); grouped {
			name = plain
		}
		if strings.Contains(parameters, "QUOTED-PRINTABLE") {
			if b, err := io.ReadAll(quotedprintable.NewReader(strings.NewReader(value))); err == nil {
				value = strings.ToValidUTF8(string(b), "\ufffd")
			}
		}
		if name == "END" {
			break
		}
		c.take(name, rfc822.CleanLine(unescapeCalendar(value)))
	}
	return c
}

func (c *card) take(name, value string) {
	value = strings.TrimSpace(value)
	if len(value) > 300 {
		value = strings.ToValidUTF8(value[:300], "")
	}
	add := func(to *[]string, s string) {
		if s != "" && len(*to) < maxCardLines {
			*to = append(*to, s)
		}
	}
	switch name {
	case "FN":
		c.name = value
	case "N":
		if c.name == "" {
			family, rest, _ := strings.Cut(value, ";")
			given, _, _ := strings.Cut(rest, ";")
			c.name = strings.TrimSpace(given + " " + family)
		}
	case "ORG":
		c.organisation = strings.Trim(strings.ReplaceAll(value, ";", ", "), ", ")
	case "TEL":
		add(&c.phones, strings.TrimPrefix(value, "tel:"))
	case "EMAIL":
		add(&c.mails, value)
	case "ADR":
		var parts []string
		for part := range strings.SplitSeq(value, ";") {
			if part = strings.TrimSpace(part); part != "" {
				parts = append(parts, part)
			}
		}
		add(&c.places, strings.Join(parts, ", "))
	}
}

// describe is the card in lines.
func (c card) describe() string {
	var lines []string
	for _, s := range append(append(append([]string{c.name, c.organisation}, c.phones...), c.mails...), c.places...) {
		if s != "" {
			lines = append(lines, s)
		}
	}
	return strings.Join(lines, "\n")
}
