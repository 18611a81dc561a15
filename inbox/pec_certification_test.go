package inbox

import (
	"testing"

	"filodiretto/channels"
	"filodiretto/channels/pec"
	"filodiretto/internal/cms"
)

// What cannot be checked is no proof and no accusation: for who sent it, for the page
// and for the register alike.
func TestRule82WhatCannotBeCheckedAccusesNobody(t *testing.T) {
	for _, tt := range []struct {
		sig       cms.Signature
		uncovered bool
		want      Certification
	}{
		{cms.Signature{Outcome: cms.Valid}, false, CertifiedProven},
		{cms.Signature{Outcome: cms.Valid}, true, CertifiedBroken},
		{cms.Signature{Outcome: cms.Invalid, Reason: "digest"}, false, CertifiedBroken},
		{cms.Signature{Outcome: cms.Unknown, Reason: "not_signed"}, false, CertifiedBroken},
		{cms.Signature{Outcome: cms.Unknown, Reason: "unreadable"}, false, CertifiedBroken},
		{cms.Signature{Outcome: cms.Unknown, Reason: "untrusted"}, false, CertifiedUnproven},
		{cms.Signature{Outcome: cms.Unknown, Reason: "algorithm"}, false, CertifiedUnproven},
		{cms.Signature{Outcome: cms.Unknown, Reason: "no_certificate"}, false, CertifiedUnproven},
	} {
		c := &channels.Certified{Kind: pec.KindEnvelope, Uncovered: tt.uncovered, Signature: tt.sig}
		if got := sealOf(c); got != tt.want {
			t.Errorf("%+v: %q, want %q", tt.sig, got, tt.want)
		}
		if broken := brokenSeal(&channels.Item{Certified: c}); broken != (tt.want == CertifiedBroken) {
			t.Errorf("%+v: broken is %v", tt.sig, broken)
		}
	}
}
