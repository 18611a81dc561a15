package mail

import (
	"regexp"
	"strings"

	"filodiretto/channels"
	"filodiretto/channels/mail/rfc822"
)

const (
	// mostForwards bounds how many forwardings are followed inwards; a mail seldom
	// goes through more hands.
	mostForwards = 4
	// forwardText is how much of the text is looked at.
	forwardText = 64 << 10
	// forwardLines is how many lines the header of a quoted message may have.
	forwardLines = 10
)

var (
	// forwardSubject is how programs mark the subject of what is passed on.
	forwardSubject = regexp.MustCompile(`(?i)^\s*(?:i|fw|fwd|inoltro|inoltra|inoltrato|wg|tr)(?:\[\d+\])?\s*:`)
	// forwardMark is the line that some write above it.
	forwardMark = regexp.MustCompile(`(?i)forwarded message|messaggio inoltrato|inizio (?:del )?messaggio inoltrato|begin forwarded`)
	// forwardField is a line of the header that is written into the text, in the
	// forms of Outlook, Gmail, Apple Mail, Thunderbird and web mailers.
	forwardField = regexp.MustCompile(`(?i)^[>\s*_]*(from|da|mittente|sent|inviato|date|data|to|a|per|cc|subject|oggetto|reply-to|rispondi a)\s*[*_]*\s*:[*_]*\s*(.*?)\s*$`)
	// mailtoIn is the address that some put beside itself: "anna@x.it<mailto:anna@x.it>".
	mailtoIn = regexp.MustCompile(`(?i)[\[<]\s*mailto:([^\]>\s]+)\s*[\]>]`)
)

// forwarded notes whose mail this one passes on (mail rule 81): of messages that
// are attached, and of those whose header stands in the text. The outermost comes
// first. Nothing of it is proven; the inbox only asks a person.
func (p *parsing) forwarded() {
	if p.item.Kind != channels.Message && p.item.Kind != channels.Own || p.item.Auto != channels.NotAuto {
		return
	}
	passed := forwardSubject.MatchString(p.item.Subject)
	for _, e := range p.returned {
		if from, ok := p.author(e.Header.Get("From")); ok && len(p.item.Forwarded) < mostForwards {
			about := e.Header.Text("Subject")
			if from.Kind == "pec" {
				from.Display = p.nameInside(e, from.Value)
				about = strings.TrimPrefix(about, "POSTA CERTIFICATA: ") // the provider's words
			}
			p.item.Forwarded = append(p.item.Forwarded, channels.Forwarded{From: from, Subject: p.cut(about, maxSubject, "subject_cut"), Attached: true})
		}
	}
	defer func() { p.noteIf(len(p.item.Forwarded) > 0, "forwarded") }()
	text := p.item.Text[:min(len(p.item.Text), forwardText)]
	if passed || forwardMark.MatchString(text) {
		p.quotedHeaders(strings.Split(strings.ToValidUTF8(text, ""), "\n"))
	}
}

// quotedHeaders finds runs of lines that are the header of a quoted message: who
// wrote, and two of when, to whom, about what.
func (p *parsing) quotedHeaders(lines []string) {
	for i := 0; i < len(lines) && len(p.item.Forwarded) < mostForwards; i++ {
		h, next := readQuoted(lines, i)
		if next == i {
			continue
		}
		if from, ok := p.author(mailtoIn.ReplaceAllString(h["from"], " <$1>")); ok {
			about := rfc822.CleanLine(h["subject"])
			if from.Kind == "pec" {
				about = strings.TrimPrefix(about, "POSTA CERTIFICATA: ")
			}
			p.item.Forwarded = append(p.item.Forwarded, channels.Forwarded{From: from, Subject: p.cut(about, maxSubject, "subject_cut")})
		}
		i = next - 1
	}
}

// readQuoted reads a header that begins at a line; next is the line after it, or
// the same where there is none. A folded address goes on in the next line.
func readQuoted(lines []string, at int) (h map[string]string, next int) {
	if forwardField.FindStringSubmatch(lines[at]) == nil {
		return nil, at
	}
	h = map[string]string{}
	last := ""
	i := at
	for ; i < len(lines) && i < at+forwardLines; i++ {
		m := forwardField.FindStringSubmatch(lines[i])
		if m == nil {
			more := strings.Trim(lines[i], "> \t\r")
			if more == "" || last == "" {
				break
			}
			h[last] += " " + more
			continue
		}
		last = fieldName(m[1])
		if _, twice := h[last]; twice {
			break
		}
		h[last] = m[2]
	}
	if h["from"] == "" || len(h) < 3 {
		return nil, at
	}
	return h, i
}

// fieldName puts the words of both languages under one name.
func fieldName(s string) string {
	switch strings.ToLower(s) {
	case "from", "da", "mittente":
		return "from"
	case "subject", "oggetto":
		return "subject"
	case "sent", "inviato", "date", "data":
		return "date"
	case "to", "a", "per":
		return "to"
	}
	return strings.ToLower(s)
}

// behalf is a From of a provider from its beginning to its end: the certified address for
// which it writes, in the name that it puts beside its own (PEC reference section 3.2),
// and its own. Anybody may write such a name, and those words within one.
var behalf = regexp.MustCompile(`(?i)^[\s"'*_]*per conto di\s*:\s*([^\s<>"'()\[\],;:]+@[^\s<>"'()\[\],;:*]+)[\s"'*_]*[<(\[]\s*posta-certificata@[^\s<>"'()\[\],;:]+\s*[>)\]][\s*_]*$`)

// nameInside is the name beside a certified address in the message inside its envelope.
func (p *parsing) nameInside(e *rfc822.Entity, address string) string {
	for i := range e.Parts {
		part := e.Parts[i]
		if a, ok := p.author(part.Header.Get("From")); ok && a.Value == address {
			return a.Display
		}
		if name := p.nameInside(part, address); name != "" {
			return name
		}
	}
	return ""
}

// author reads one address with its name. That of a provider of certified mail, which
// relays everybody, is none: it is the one for whom it says that it writes.
func (p *parsing) author(s string) (channels.Address, bool) {
	if m := behalf.FindStringSubmatch(rfc822.DecodeWords(s, "")); m != nil {
		if addr, ok := rfc822.NormalizeAddress(m[1]); ok {
			return channels.Address{Kind: "pec", Value: addr}, true
		}
	}
	list, _ := rfc822.ParseAddresses(strings.NewReplacer("*", "", "\t", " ").Replace(s), "", 3)
	for _, a := range list {
		if a.Addr == "" {
			continue
		}
		name := strings.Trim(a.Name, ` "'`)
		if same, ok := rfc822.NormalizeAddress(name); ok && same == a.Addr {
			name = ""
		}
		return channels.Address{Kind: "email", Value: a.Addr, Display: p.cut(name, 300, "name_cut")}, true
	}
	return channels.Address{}, false
}
