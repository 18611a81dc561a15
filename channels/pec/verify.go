package pec

import (
	"crypto/x509"
	"slices"
	"strings"

	"filodiretto/channels/mail/rfc822"
	"filodiretto/internal/clock"
	"filodiretto/internal/cms"
)

// maxSignature bounds smime.p7s; real ones have five to ten kilobytes.
const maxSignature = 1 << 20

// verify checks the provider's signature over the first part of the message,
// byte for byte (PEC reference section 8). at is when the provider says it
// wrote, which the caller has held against the time of receipt.
func verify(msg *rfc822.Message, l layers, trust *cms.Trust, at clock.Instant) cms.Signature {
	if l.signature == nil {
		return cms.Signature{Outcome: cms.Unknown, Reason: "not_signed"}
	}
	der, size, tooLarge := msg.Content(l.signature)
	if tooLarge || size > maxSignature {
		return cms.Signature{Outcome: cms.Unknown, Reason: "unreadable"}
	}
	signed, err := cms.Parse(cms.Bare(der))
	if err != nil {
		return cms.Signature{Outcome: cms.Unknown, Reason: "unreadable"}
	}
	results := signed.Verify(cms.Lines(l.signed.Raw), trust, at)
	if len(results) == 0 {
		return cms.Signature{Outcome: cms.Unknown, Reason: "not_signed"}
	}
	r := results[0]
	if r.Outcome != cms.Invalid {
		if reason := unfit(&r, provider(&msg.Header)); reason != "" {
			r.Refuse(reason)
		}
	}
	return r
}

// provider is the address that the outermost From shows: always the
// provider's, whatever the name says.
func provider(h *rfc822.Header) string {
	list, _ := rfc822.ParseAddresses(h.Get("From"), "", 1)
	if len(list) == 0 {
		return ""
	}
	return list[0].Addr
}

// unfit says why a certificate cannot be that of this provider: it is for
// another address, or for another use.
func unfit(r *cms.Signature, from string) string {
	c := r.Certificate()
	switch {
	case c == nil:
		return ""
	case !slices.Contains(r.Addresses, strings.ToLower(from)):
		return "wrong_address"
	case c.IsCA, c.KeyUsage != 0 && c.KeyUsage&x509.KeyUsageDigitalSignature == 0:
		return "wrong_use"
	case len(c.ExtKeyUsage)+len(c.UnknownExtKeyUsage) > 0 &&
		!slices.Contains(c.ExtKeyUsage, x509.ExtKeyUsageEmailProtection) && !slices.Contains(c.ExtKeyUsage, x509.ExtKeyUsageAny):
		return "wrong_use"
	}
	return ""
}
