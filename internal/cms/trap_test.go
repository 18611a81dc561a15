package cms

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"io"
	"math/big"
	"testing"

	"filodiretto/internal/testcost"
)

// traps are signatures made to cost more than they weigh, each with what was
// signed. A pattern of the peers' faults: the cost of a check is the attacker's
// choice of key, of certificates and of how often things are said.
var traps = []struct {
	name string
	make func() (der, content []byte)
}{
	{"nesting 10,000 deep, lengths left open", func() ([]byte, []byte) {
		return bytes.Repeat([]byte{0x30, 0x80}, 10_000), nil
	}},
	{"nesting 100,000 deep within open ones", func() ([]byte, []byte) {
		return append(bytes.Repeat([]byte{0x30, 0x80}, 15), bytes.Repeat([]byte{0x30, 0x80, 0, 0}, 6<<20)...), nil
	}},
	{"content in 12 million pieces", func() ([]byte, []byte) {
		return file([]byte(nil), bytes.Repeat([]byte{4, 0}, 12<<20)), nil
	}},
	{"content in a million pieces", func() ([]byte, []byte) {
		return file([]byte(nil), bytes.Repeat([]byte{4, 1, 'x'}, 1<<20)), nil
	}},
	{"content in 100,000 pieces", func() ([]byte, []byte) {
		return file([]byte(nil), bytes.Repeat([]byte{4, 1, 'x'}, 100_000)), nil
	}},
	{"200 signers of 25 MB", func() ([]byte, []byte) {
		p := made()
		content := make([]byte, 25<<20)
		return many(Signer{Certificate: p.rsa.cert, Key: p.rsa.key}, content, 200), content
	}},
	{"200 signers by the slowest curve", func() ([]byte, []byte) {
		key, err := ecdsa.GenerateKey(elliptic.P521(), rand.Reader)
		must(err)
		x := issue(made().dir, "slow", key, &made().root)
		return many(Signer{Certificate: x.cert, Key: key}, []byte("x"), 200), []byte("x")
	}},
	{"a key of a million bits", func() ([]byte, []byte) { return huge(1_000_000), []byte("x") }},
	{"a key of 100,000 bits, 200 times", func() ([]byte, []byte) {
		return again(huge(100_000), 200), []byte("x")
	}},
	{"a certificate of 10 MB, 200 signers", func() ([]byte, []byte) {
		p := made()
		return many(Signer{Certificate: stout(10 << 20), Key: p.rsa.key}, []byte("x"), 200), []byte("x")
	}},
	{"400 certificates of 50 kB, 200 signers", func() ([]byte, []byte) {
		p := made()
		s := Signer{Certificate: p.rsa.cert, Key: p.rsa.key}
		for range 390 {
			s.Others = append(s.Others, stout(50<<10))
		}
		return many(s, []byte("x"), 200), []byte("x")
	}},
}

// TestTraps: each is parsed and verified in under 2 seconds by a process that
// grows by less than 64 MiB, and none is valid.
func TestTraps(t *testing.T) {
	for _, trap := range traps {
		t.Run(trap.name, func(t *testing.T) {
			testcost.Within(t, testcost.Most, func() func() {
				der, content := trap.make()
				trust, err := NewTrust()
				must(err)
				trust.roots.AddCert(made().root.cert)
				return func() {
					if s, err := Parse(Bare(der)); err == nil {
						s.Verify(Octets{content}, trust, then)
					}
				}
			})
		})
	}
}

// many is a signature said n times.
func many(s Signer, content []byte, n int) []byte {
	der, err := s.Sign(content, true, then)
	must(err)
	return again(der, n)
}

// again repeats the signer of a SignedData.
func again(der []byte, n int) []byte {
	var info struct {
		Type    asn1.ObjectIdentifier
		Content asn1.RawValue
	}
	_, err := asn1.Unmarshal(der, &info)
	must(err)
	var data struct {
		Version      int
		Digests      asn1.RawValue
		Content      asn1.RawValue
		Certificates asn1.RawValue
		Signers      []asn1.RawValue `asn1:"set"`
	}
	_, err = asn1.Unmarshal(info.Content.Bytes, &data)
	must(err)
	one := data.Signers[0]
	for len(data.Signers) < n {
		data.Signers = append(data.Signers, one)
	}
	inner, err := asn1.Marshal(data)
	must(err)
	info.Content = asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 0, IsCompound: true, Bytes: inner}
	out, err := asn1.Marshal(info)
	must(err)
	return out
}

// file is an open SignedData in BER whose content stands in pieces.
func file(certificates, pieces []byte) []byte {
	oid, err := asn1.Marshal(oidSignedData)
	must(err)
	data, err := asn1.Marshal(oidData)
	must(err)
	b := append([]byte{0x30, 0x80}, oid...)
	b = append(b, 0xa0, 0x80, 0x30, 0x80, 2, 1, 1, 0x31, 0, 0x30, 0x80)
	b = append(append(b, data...), 0xa0, 0x80, 0x24, 0x80)
	b = append(append(b, pieces...), 0, 0, 0, 0, 0, 0)
	b = append(b, certificates...)
	return append(b, 0x31, 0, 0, 0, 0, 0, 0, 0)
}

// huge is a signature by a key of so many bits that nobody made: it cannot hold,
// but finding out takes the arithmetic.
func huge(bits int) []byte {
	n, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), uint(bits)))
	must(err)
	n.SetBit(n, bits-1, 1).SetBit(n, 0, 1)
	public := &rsa.PublicKey{N: n, E: 1<<31 - 1}
	template := &x509.Certificate{SerialNumber: big.NewInt(7), NotBefore: from, NotAfter: to, Subject: pkix.Name{CommonName: "Grande"}}
	der, err := x509.CreateCertificate(rand.Reader, template, made().root.cert, public, made().root.key)
	must(err)
	cert, err := x509.ParseCertificate(der)
	must(err)
	out, err := Signer{Certificate: cert, Key: pretender{public}}.Sign([]byte("x"), true, then)
	must(err)
	return out
}

// pretender signs with a number of the right length.
type pretender struct{ public *rsa.PublicKey }

func (p pretender) Public() crypto.PublicKey { return p.public }

func (p pretender) Sign(_ io.Reader, _ []byte, _ crypto.SignerOpts) ([]byte, error) {
	b := make([]byte, p.public.Size())
	b[len(b)-1] = 3
	return b, nil
}

// stout is a certificate of the test's RSA key with an extension of n bytes.
func stout(n int) *x509.Certificate {
	p := made()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(9), NotBefore: from, NotAfter: to, Subject: pkix.Name{CommonName: "Grosso"},
		ExtraExtensions: []pkix.Extension{{Id: asn1.ObjectIdentifier{1, 2, 3, 4}, Value: make([]byte, n)}},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, p.root.cert, p.rsa.key.Public(), p.root.key)
	must(err)
	cert, err := x509.ParseCertificate(der)
	must(err)
	return cert
}
