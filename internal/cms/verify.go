package cms

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/x509"
	"encoding/asn1"
	"time"

	"filodiretto/internal/clock"
)

// Verify checks every signer. detached is what was signed when it is not inside,
// nil where it is. Given, it alone counts: a signature that also holds a content
// of its own must not vouch for what is shown beside it. at is the moment at which certificates must have been valid: that
// of receipt, not now, since certificates of old mail have expired.
func (s *Signed) Verify(detached Octets, trust *Trust, at clock.Instant) []Signature {
	content := detached
	if content == nil {
		content = s.Content
	}
	sums := map[crypto.Hash][]byte{}
	out := make([]Signature, 0, len(s.signers))
	for i := range s.signers {
		out = append(out, s.verify(&s.signers[i], content, sums, trust, at))
	}
	return out
}

func (s *Signed) verify(x *signer, content Octets, sums map[crypto.Hash][]byte, trust *Trust, at clock.Instant) Signature {
	cert := s.certificate(x)
	r := describe(cert)
	r.SignedAt = x.claimedTime()
	hash, known := digests[x.digest.id]
	if !known {
		return r.end(Unknown, "algorithm")
	}
	r.Digest = hash.String()
	if sums[hash] == nil {
		h := hash.New()
		_, _ = content.WriteTo(h)
		sums[hash] = h.Sum(nil)
	}
	switch {
	case cert == nil:
		return r.end(Unknown, "no_certificate")
	case x.unclear:
		return r.end(Unknown, "encoding")
	}
	digest := sums[hash]
	if x.attributes != nil {
		if !bytes.Equal(x.contentType, s.contentType) {
			return r.end(Invalid, "content_type")
		}
		if !bytes.Equal(x.messageDigest, digest) {
			return r.end(Invalid, "digest_mismatch")
		}
	}
	if ok, known := x.holds(cert, hash, digest); !known {
		return r.end(Unknown, "algorithm")
	} else if !ok {
		return r.end(Invalid, "signature_mismatch")
	}
	return r.judge(trust, cert, s, at)
}

// certificate is the signer's, by what the signer says of it.
func (s *Signed) certificate(x *signer) *x509.Certificate {
	for _, c := range s.Certificates {
		if x.keyID != nil {
			if bytes.Equal(c.SubjectKeyId, x.keyID) {
				return c
			}
			continue
		}
		if bytes.Equal(c.RawIssuer, x.issuer) && bytes.Equal(c.SerialNumber.Bytes(), bytes.TrimLeft(x.serial, "\x00")) {
			return c
		}
	}
	return nil
}

// holds checks the value against the key; known is false when we have no way
// to check it.
func (x *signer) holds(cert *x509.Certificate, hash crypto.Hash, digest []byte) (ok, known bool) {
	way, there := signatures[x.signature.id]
	if !there {
		return false, false
	}
	if way.hash == 0 {
		way.hash = hash
	}
	salt := 0
	if way.scheme == pss {
		if way.hash, salt, there = x.signature.pssHash(); !there {
			return false, false
		}
	}
	if x.attributes != nil {
		h := way.hash.New()
		h.Write(x.attributes)
		digest = h.Sum(nil)
	} else if way.hash != hash {
		return false, false
	}
	switch key := cert.PublicKey.(type) {
	case *rsa.PublicKey:
		switch way.scheme {
		case pkcs1:
			return rsa.VerifyPKCS1v15(key, way.hash, digest, x.value) == nil, true
		case pss:
			return rsa.VerifyPSS(key, way.hash, digest, x.value, &rsa.PSSOptions{SaltLength: salt}) == nil, true
		}
	case *ecdsa.PublicKey:
		if way.scheme == ecdsaSign {
			return ecdsa.VerifyASN1(key, digest, x.value), true
		}
	}
	return false, false
}

// claimedTime is when the signer says that it signed; nobody vouches for it.
func (x *signer) claimedTime() clock.Instant {
	var t time.Time
	if len(x.signingTime.raw) == 0 || len(x.signingTime.raw) > 40 {
		return 0
	}
	if _, err := asn1.Unmarshal(x.signingTime.raw, &t); err != nil || t.Year() < 1990 {
		return 0
	}
	return clock.At(t)
}
