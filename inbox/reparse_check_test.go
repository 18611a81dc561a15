package inbox

import (
	"testing"

	"filodiretto/channels"
	"filodiretto/internal/cms"
)

// What lists of revoked certificates and of authorities said when a message came is not
// lost because they say nothing today.
func TestKeepCheck(t *testing.T) {
	good := cms.Signature{Outcome: cms.Valid, Fingerprint: "aa", Revocation: cms.Good}
	revoked := cms.Signature{Outcome: cms.Invalid, Reason: "revoked", Fingerprint: "aa", Revocation: cms.Revoked}
	unvouched := cms.Signature{Outcome: cms.Unknown, Reason: "untrusted", Fingerprint: "aa"}
	misused := cms.Signature{Outcome: cms.Invalid, Reason: "wrong_use", Fingerprint: "aa"}
	silent := cms.Signature{Outcome: cms.Valid, Fingerprint: "aa"}
	for _, tt := range []struct {
		name           string
		was, now, want cms.Signature
	}{
		{"nobody to ask", good, silent, good},
		{"revoked then", revoked, silent, revoked},
		{"revoked since", good, revoked, revoked},
		{"the authority is on no list any more", good, unvouched, good},
		{"revoked then, by an authority that is on no list any more", revoked, unvouched, revoked},
		{"nobody vouched for it then either", unvouched, unvouched, unvouched},
		{"made for another use, says the list of today", silent, misused, misused},
		{"another certificate of no authority", good, cms.Signature{Outcome: cms.Unknown, Reason: "untrusted", Fingerprint: "bb"}, cms.Signature{Outcome: cms.Unknown, Reason: "untrusted", Fingerprint: "bb"}},
		{"another certificate", good, cms.Signature{Outcome: cms.Valid, Fingerprint: "bb"}, cms.Signature{Outcome: cms.Valid, Fingerprint: "bb"}},
		{"changed content is found out now", good, cms.Signature{Outcome: cms.Invalid, Reason: "digest_mismatch", Fingerprint: "aa"}, cms.Signature{Outcome: cms.Invalid, Reason: "digest_mismatch", Fingerprint: "aa"}},
	} {
		if got := keepCheck(tt.was, tt.now); got.Outcome != tt.want.Outcome || got.Revocation != tt.want.Revocation || got.Reason != tt.want.Reason {
			t.Errorf("%s: %+v", tt.name, got)
		}
	}
}

// Signatures are told apart by certificates and files by their bytes, whatever stands
// before them today.
func TestKeepFileChecks(t *testing.T) {
	by := func(fingerprint string, r cms.Revocation) cms.Signature {
		return cms.Signature{Outcome: cms.Valid, Fingerprint: fingerprint, Revocation: r}
	}
	old := []*Part{
		{SHA256: "one", Signatures: stored([]cms.Signature{by("aa", cms.Good)}, true)},
		{SHA256: "none"},
		{SHA256: "two", Signatures: stored([]cms.Signature{by("bb", cms.Good), by("cc", cms.Good)}, true)},
	}
	now := []channels.Part{
		{Signatures: []cms.Signature{by("aa", "")}},
		{Signatures: []cms.Signature{by("aa", "")}},
		{},
		{Signatures: []cms.Signature{by("dd", ""), by("cc", ""), by("bb", "")}},
		{Signatures: []cms.Signature{by("aa", "")}},
	}
	keepFileChecks(old, now, []keptFile{{sha256: "before"}, {sha256: "one"}, {sha256: "none"}, {sha256: "two"}, {}})
	for i, want := range [][]cms.Revocation{{""}, {cms.Good}, nil, {"", cms.Good, cms.Good}, {""}} {
		if len(now[i].Signatures) != len(want) {
			t.Fatal(i, now[i].Signatures)
		}
		for k, r := range want {
			if s := now[i].Signatures[k]; s.Revocation != r {
				t.Errorf("file %d, signature %d: %+v", i, k, s)
			}
		}
	}
}
