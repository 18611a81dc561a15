package mail

import "strings"

// fromNobody reports whether the envelope sender is empty, as it is of reports and
// automatic answers (mail rule 54): by the server that handed the message over, or
// by the Return-Path that the last server wrote.
func (p *parsing) fromNobody() bool {
	if from := p.raw.Meta[MetaEnvelopeFrom]; from != "" {
		return from == nobody
	}
	return strings.TrimSpace(p.msg.Header.Get("Return-Path")) == nobody
}
