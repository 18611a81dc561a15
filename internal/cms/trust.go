package cms

import (
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"strings"

	"filodiretto/internal/clock"
)

// Trust is the set of authorities by which signers are vouched for: their
// certificates, or only their keys. A key is enough where an authority was
// certified several times with the same one (PEC reference section 8.4).
type Trust struct {
	roots *x509.CertPool
	keys  map[string]bool // SHA-256 of the SubjectPublicKeyInfo, hex
	known []*x509.Certificate
	lists func() []*x509.RevocationList // nil asks nobody
}

// NewTrust trusts authorities by the SHA-256 of their key (hex, in any case).
func NewTrust(keys ...string) (*Trust, error) {
	t := &Trust{roots: x509.NewCertPool(), keys: map[string]bool{}}
	for _, k := range keys {
		k = strings.ToLower(strings.TrimSpace(k))
		if b, err := hex.DecodeString(k); err != nil || len(b) != sha256.Size {
			return nil, errors.New("a key is named by 64 hexadecimal digits, the SHA-256 of its SubjectPublicKeyInfo")
		}
		t.keys[k] = true
	}
	return t, nil
}

// AddFile trusts the certificates in a file of PEM blocks.
func (t *Trust) AddFile(path string) error {
	b, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	return t.AddPEM(b)
}

// AddPEM trusts the certificates in PEM blocks; there must be one at least.
func (t *Trust) AddPEM(b []byte) error {
	n := 0
	for {
		var block *pem.Block
		if block, b = pem.Decode(b); block == nil {
			break
		}
		if block.Type != "CERTIFICATE" {
			continue
		}
		c, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return fmt.Errorf("certificate %d: %w", n+1, err)
		}
		t.roots.AddCert(c)
		t.known = append(t.known, c)
		n++
	}
	if n == 0 {
		return errors.New("the file holds no certificate in PEM form")
	}
	return nil
}

// judge is the last step for a signature that fits: was the certificate valid
// at the time, is it vouched for, and may it sign?
func (r Signature) judge(t *Trust, cert *x509.Certificate, s *Signed, at clock.Instant) Signature {
	r.CheckedAt = at
	switch when := at.Time(); {
	case when.Before(cert.NotBefore):
		return r.end(Invalid, "not_yet_valid")
	case when.After(cert.NotAfter):
		return r.end(Invalid, "expired")
	}
	chain := t.chain(cert, s, at)
	if chain == nil {
		return r.end(Unknown, "untrusted")
	}
	for _, c := range chain {
		r.Chain = append(r.Chain, fingerprint(c))
	}
	if r.chain = chain; !fits(chain, Document) {
		return r.end(Invalid, "wrong_use")
	}
	if r.Revocation = t.revocation(cert, chain, at); r.Revocation == Revoked {
		return r.end(Invalid, "revoked")
	}
	return r.end(Valid, "")
}

// chain leads from the certificate to an authority, nil when there is none.
func (t *Trust) chain(cert *x509.Certificate, s *Signed, at clock.Instant) []*x509.Certificate {
	if t == nil {
		return nil
	}
	if chain := t.byKey(cert, s.Certificates); chain != nil {
		return chain
	}
	chains, err := cert.Verify(x509.VerifyOptions{
		Roots: t.roots, Intermediates: s.pool(), CurrentTime: at.Time(), KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny},
	})
	if err != nil || len(chains) == 0 {
		return nil
	}
	return chains[0]
}

// byKey finds an issuer whose key is trusted. Its certificate's own dates say
// nothing: it was renewed with the same key after the signer's was made.
func (t *Trust) byKey(cert *x509.Certificate, others []*x509.Certificate) []*x509.Certificate {
	if len(t.keys) == 0 {
		return nil
	}
	for _, issuer := range append(others[:len(others):len(others)], t.known...) {
		sum := sha256.Sum256(issuer.RawSubjectPublicKeyInfo)
		if t.keys[hex.EncodeToString(sum[:])] && issuer.IsCA && permits(issuer, cert) && cert.CheckSignatureFrom(issuer) == nil {
			return []*x509.Certificate{cert, issuer}
		}
	}
	return nil
}
