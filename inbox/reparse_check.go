package inbox

import (
	"slices"

	"filodiretto/channels"
	"filodiretto/internal/cms"
)

// keepCheck is a signature as it is found now, with what can only be known of the day
// when it came: what a list of revoked certificates said, which may not be there today,
// and that an authority vouched for the signer, which may have left the list since. An
// authority is found missing only after the bytes and the key were found to fit.
func keepCheck(was, now cms.Signature) cms.Signature {
	switch {
	case was.Fingerprint == "" || was.Fingerprint != now.Fingerprint:
	case now.Outcome == cms.Unknown && now.Reason == "untrusted" && (was.Outcome == cms.Valid || was.Reason == "revoked"):
		return was
	case now.Revocation != "" || was.Revocation == "":
	case was.Outcome == now.Outcome:
		now.Revocation = was.Revocation
	case now.Outcome == cms.Valid && was.Reason == "revoked":
		return was
	}
	return now
}

// keepChecks does so for the signatures over one thing, which are told apart by their
// certificates.
func keepChecks(was, now []cms.Signature) []cms.Signature {
	for i := range now {
		same := func(w cms.Signature) bool { return w.Fingerprint == now[i].Fingerprint }
		j := i
		if j >= len(was) || !same(was[j]) {
			j = slices.IndexFunc(was, same)
		}
		if j >= 0 {
			now[i] = keepCheck(was[j], now[i])
		}
	}
	return now
}

// keepFileChecks does so for the signatures over files, which are told apart by their
// bytes: a parser of today may find another one before them.
func keepFileChecks(old []*Part, now []channels.Part, files []keptFile) {
	for i := range now {
		if len(now[i].Signatures) == 0 || files[i].sha256 == "" {
			continue
		}
		same := func(p *Part) bool { return p.SHA256 == files[i].sha256 && p.Signatures != "" }
		if j := slices.IndexFunc(old, same); j >= 0 {
			now[i].Signatures = keepChecks(old[j].SignedBy(), now[i].Signatures)
		}
	}
}
