package mail

import (
	"strings"

	"filodiretto/channels"
	"filodiretto/channels/mail/rfc822"
)

// maxReports bounds the recipients of one report.
const maxReports = 1000

// maxEnvelopeID is how long an id of an envelope may be (RFC 3461 section 4.4).
const maxEnvelopeID = 100

// maxWords bounds what is kept of the other server's words, in bytes.
const maxWords = 1000

// deliveryReports reads RFC 3464 parts (mail rules 59 and 60).
func (p *parsing) deliveryReports() {
	id := p.returnedID()
	p.item.System = p.system()
	for _, e := range p.reports {
		body, _, tooLarge := p.msg.Content(e)
		if tooLarge {
			continue
		}
		envelope := ""
		for _, block := range statusBlocks(string(body)) {
			if e := words(xtext(block["original-envelope-id"])); e != "" && len(e) <= maxEnvelopeID {
				envelope = e
			}
			if r, ok := deliveryReport(block); ok && len(p.item.Reports) < maxReports {
				r.MessageID, r.Envelope = id, envelope
				p.item.Reports = append(p.item.Reports, r)
			}
		}
	}
	if len(p.item.Reports) == 0 {
		p.looksLikeBounce()
	}
}

// returnedID is the Message-ID of the message that the report is about: in the
// returned message or headers, else what the report itself answers.
func (p *parsing) returnedID() string {
	for _, e := range p.returned {
		if id := rfc822.NormalizeID(e.Header.Get("Message-ID")); id != "" {
			return id
		}
	}
	if len(p.item.References) > 0 {
		return p.item.References[0]
	}
	return ""
}

// statusBlocks splits a status part at its empty lines into blocks of fields.
// Keys are lower case; a folded value is one line.
func statusBlocks(body string) []map[string]string {
	var out []map[string]string
	var block map[string]string
	last := ""
	for line := range strings.SplitSeq(strings.ReplaceAll(body, "\r", ""), "\n") {
		switch {
		case strings.TrimSpace(line) == "":
			block, last = nil, ""
		case (line[0] == ' ' || line[0] == '\t') && last != "" && len(block[last]) < 10*maxWords:
			block[last] += " " + strings.TrimSpace(line)
		default:
			name, value, ok := strings.Cut(line, ":")
			if !ok || len(name) > 100 || len(out) > maxReports {
				continue
			}
			if block == nil {
				block = map[string]string{}
				out = append(out, block)
			}
			last = strings.ToLower(strings.TrimSpace(name))
			if _, twice := block[last]; !twice && len(block) < 100 {
				block[last] = strings.TrimSpace(value)
			}
		}
	}
	return out
}

// deliveryReport reads one recipient's block; ok is false for the block about
// the whole message.
func deliveryReport(f map[string]string) (channels.DeliveryReport, bool) {
	final := typedAddress(f["final-recipient"])
	original := typedAddress(f["original-recipient"])
	if original == "" {
		original = final
	}
	action, status := strings.ToLower(f["action"]), statusCode(f["status"])
	if action == "" && status == "" || original == "" && f["final-recipient"] == "" {
		return channels.DeliveryReport{}, false
	}
	text := f["diagnostic-code"]
	if kind, rest, ok := strings.Cut(text, ";"); ok && !strings.Contains(strings.TrimSpace(kind), " ") {
		text = rest
	}
	if status == "" || strings.HasSuffix(status, ".0.0") {
		if better := statusCode(text); better != "" {
			status = better
		}
	}
	r := channels.DeliveryReport{Recipient: original, Beyond: final != "" && !strings.EqualFold(final, original), Code: status, Text: words(text), Confident: true}
	r.State, r.Permanent = outcome(action, status)
	return r, true
}

// outcome maps the action, or where it is missing the class of the code, to a
// state. A full mailbox (5.2.2) is worth another try (mail rule 60).
func outcome(action, code string) (state string, permanent bool) {
	action, _, _ = strings.Cut(action, " ")
	switch action {
	case "delivered":
		return "delivered", false
	case "delayed":
		return "delayed", false
	case "relayed", "expanded":
		return "relayed", false
	case "failed", "failure", "fail":
		return "failed", !strings.HasPrefix(code, "4.") && code != "5.2.2"
	}
	switch {
	case strings.HasPrefix(code, "2."):
		return "delivered", false
	case strings.HasPrefix(code, "4."):
		return "delayed", false
	default:
		return "failed", code != "5.2.2"
	}
}

// typedAddress reads "rfc822; user@example.org", also in the xtext of RFC 3461
// and the utf-8 form of RFC 6533.
func typedAddress(s string) string {
	if kind, rest, ok := strings.Cut(s, ";"); ok {
		s = rest
		if strings.Contains(strings.ToLower(kind), "x400") {
			return ""
		}
	}
	list, _ := rfc822.ParseAddresses(xtext(strings.TrimSpace(s)), "", 1)
	if len(list) == 0 {
		return ""
	}
	return list[0].Addr
}

// xtext undoes +XX, but only where it cannot be a plus-address.
func xtext(s string) string {
	for _, code := range []struct{ from, to string }{{"+2B", "+"}, {"+3D", "="}, {"+40", "@"}} {
		s = strings.ReplaceAll(s, code.from, code.to)
	}
	return s
}

// readReports reads RFC 8098 parts: somebody opened, or threw away, what we
// sent (mail rule 62).
func (p *parsing) readReports() {
	for _, e := range p.reports {
		body, _, tooLarge := p.msg.Content(e)
		if tooLarge {
			continue
		}
		for _, f := range statusBlocks(string(body)) {
			disposition := strings.ToLower(f["disposition"])
			if disposition == "" || len(p.item.Reports) >= maxReports {
				continue
			}
			r := channels.DeliveryReport{State: "delivered", Text: words(f["disposition"]), Confident: true}
			if strings.Contains(disposition, "displayed") {
				r.State = "read"
			}
			if r.MessageID = rfc822.NormalizeID(f["original-message-id"]); r.MessageID == "" {
				r.MessageID = p.returnedID()
			}
			if r.Recipient = typedAddress(f["original-recipient"]); r.Recipient == "" {
				r.Recipient = typedAddress(f["final-recipient"])
			}
			if r.Recipient == "" {
				r.Recipient = p.item.From.Value
			}
			p.item.Reports = append(p.item.Reports, r)
		}
	}
	if len(p.item.Reports) == 0 && p.msg.Type.Main == "multipart/report" {
		p.item.Reports = []channels.DeliveryReport{{State: "read", MessageID: p.returnedID(), Recipient: p.item.From.Value}}
	}
}

// words is what another server said, on one line.
func words(s string) string {
	s = rfc822.CleanLine(rfc822.DecodeWords(s, ""))
	s = strings.Join(strings.Fields(s), " ")
	if len(s) > maxWords {
		s = strings.ToValidUTF8(s[:maxWords], "")
	}
	return s
}
