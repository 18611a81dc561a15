package cms

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"math/big"
	"testing"
	"time"

	"filodiretto/internal/clock"
)

// A certificate that was taken back before the moment that counts makes the
// signature invalid; a list that cannot tell leaves it as it was, and says so.
func TestRevocationLists(t *testing.T) {
	p := made()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	must(err)
	other := issue(t.TempDir(), "other", key, nil)
	list := func(by identity, made, next time.Time, serial *big.Int, when time.Time) *x509.RevocationList {
		tmpl := &x509.RevocationList{Number: big.NewInt(1), ThisUpdate: made, NextUpdate: next}
		if serial != nil {
			tmpl.RevokedCertificateEntries = []x509.RevocationListEntry{{SerialNumber: serial, RevocationTime: when}}
		}
		der, err := x509.CreateRevocationList(rand.Reader, tmpl, by.cert, by.key)
		must(err)
		l, err := x509.ParseRevocationList(der)
		must(err)
		return l
	}
	content := []byte("x")
	der, err := Signer{Certificate: p.rsa.cert, Key: p.rsa.key, Others: []*x509.Certificate{p.root.cert}}.Sign(content, true, then)
	must(err)
	s, err := Parse(der)
	must(err)
	day := 24 * time.Hour
	now := then.Time()
	for _, tt := range []struct {
		name       string
		list       *x509.RevocationList
		outcome    Outcome
		revocation Revocation
	}{
		{"nobody asked", nil, Valid, ""},
		{"not on the list", list(p.root, now.Add(-day), now.Add(day), nil, now), Valid, Good},
		{"taken back before", list(p.root, now.Add(-day), now.Add(day), p.rsa.cert.SerialNumber, now.Add(-2*day)), Invalid, Revoked},
		{"taken back later", list(p.root, now.Add(-day), now.Add(day), p.rsa.cert.SerialNumber, now.Add(time.Hour)), Valid, Good},
		{"an old list", list(p.root, now.Add(-9*day), now.Add(-8*day), nil, now), Valid, ""},
		{"a list made after its end", list(p.root, to.Add(day), to.Add(2*day), nil, now), Valid, ""},
		{"somebody else's list", list(other, now.Add(-day), now.Add(day), p.rsa.cert.SerialNumber, now.Add(-2*day)), Valid, ""},
	} {
		trust := trustIn(t, p.root)
		if tt.list != nil {
			trust.UseLists(func() []*x509.RevocationList { return []*x509.RevocationList{tt.list} })
		}
		r := all(t, s.Verify(Octets{content}, trust, then), 1)[0]
		if r.Outcome != tt.outcome || r.Revocation != tt.revocation {
			t.Errorf("%s: %s %s, revocation %q", tt.name, r.Outcome, r.Reason, r.Revocation)
		}
	}
}

// An authority that lists domains vouches for no other, by its key as by its certificate.
func TestAuthorityVouchesForItsDomainsOnly(t *testing.T) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	must(err)
	authority := func(domains ...string) identity {
		tmpl := &x509.Certificate{
			SerialNumber: big.NewInt(int64(len(domains)) + 1), NotBefore: from, NotAfter: to, BasicConstraintsValid: true, IsCA: true,
			Subject: pkix.Name{CommonName: "Autorità"}, KeyUsage: x509.KeyUsageCertSign, PermittedEmailAddresses: domains,
		}
		der, err := x509.CreateCertificate(rand.Reader, tmpl, tmpl, key.Public(), key)
		must(err)
		cert, err := x509.ParseCertificate(der)
		must(err)
		return identity{cert: cert, key: key}
	}
	old := authority("altro.example")
	k, err := rsa.GenerateKey(rand.Reader, 2048)
	must(err)
	signer := issue(t.TempDir(), "provider", k, &old)
	content := []byte("x")
	sum := sha256.Sum256(old.cert.RawSubjectPublicKeyInfo)
	for _, tt := range []struct {
		name    string
		with    []*x509.Certificate
		outcome Outcome
	}{
		{"another domain", []*x509.Certificate{old.cert}, Unknown},
		{"a renewed certificate names it", []*x509.Certificate{old.cert, authority("altro.example", "gestore.example").cert}, Valid},
		{"all below a domain", []*x509.Certificate{authority(".example").cert}, Valid},
		{"one address", []*x509.Certificate{authority("posta-certificata@gestore.example").cert}, Valid},
		{"no list at all", []*x509.Certificate{authority().cert}, Valid},
	} {
		der, err := Signer{Certificate: signer.cert, Key: signer.key, Others: tt.with}.Sign(content, true, then)
		must(err)
		s, err := Parse(der)
		must(err)
		trust, err := NewTrust(hex.EncodeToString(sum[:]))
		must(err)
		if r := all(t, s.Verify(Octets{content}, trust, clock.At(then.Time())), 1)[0]; r.Outcome != tt.outcome {
			t.Errorf("%s: %s %s", tt.name, r.Outcome, r.Reason)
		}
	}
}
