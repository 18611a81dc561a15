// Package pec is the channel of certified mail (posta elettronica certificata,
// DPR 68/2005, RFC 6109). What arrives is a provider's envelope around a
// citizen's message, or a receipt about one of ours; both are kept byte for
// byte, since the bytes are the evidence and what is read here only an index.
package pec

import (
	"strings"

	"filodiretto/channels/mail/rfc822"
)

// The kinds of envelope and receipt, in the providers' words (PEC reference
// section 1.1).
const (
	KindEnvelope    = "posta-certificata"
	KindAnomaly     = "errore" // ordinary mail in the PEC box, wrapped
	KindAccepted    = "accettazione"
	KindRefused     = "non-accettazione"
	KindTaken       = "presa-in-carico" // between providers
	KindDelivered   = "avvenuta-consegna"
	KindUndelivered = "errore-consegna"
	KindLate        = "preavviso-errore-consegna" // after 12 hours, and again after 24
	KindVirus       = "rilevazione-virus"         // between providers
)

// sort is what the two headers make of a message.
type sort int

const (
	ordinary sort = iota // neither header: mail of the provider, or no PEC box
	envelope
	receipt
)

// classify looks at the headers on top and at nothing else, never at the
// subject: names and values are compared whole, since one is inside the other
// (PEC reference section 0, rules 1 and 2). An envelope that answers a receipt
// carries the id of what it answers too, so X-Trasporto comes first.
func classify(h *rfc822.Header) (sort, string) {
	if word := lowered(h.Get("X-Trasporto")); word != "" {
		return envelope, word
	}
	if word := lowered(h.Get("X-Ricevuta")); word != "" {
		return receipt, word
	}
	return ordinary, ""
}

func lowered(s string) string {
	s = strings.ToLower(strings.TrimSpace(rfc822.CleanLine(s)))
	if len(s) > 100 {
		s = strings.ToValidUTF8(s[:100], "")
	}
	return s
}

// id is a Message-ID as ids are compared: without <> and blanks, lower case.
func id(s string) string { return strings.ToLower(rfc822.NormalizeID(s)) }
