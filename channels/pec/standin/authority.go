// Package standin is an honest stand-in for a provider of certified mail
// (PEC): it checks what a provider checks, wraps what it takes in envelopes,
// and writes receipts of every kind, signed with keys of an authority that is
// made for the purpose. It serves the tests and the demo, and proves nothing
// to anybody else.
package standin

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"time"

	"filodiretto/internal/clock"
	"filodiretto/internal/cms"
)

// Authority vouches for made-up providers.
type Authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey

	between []*x509.Certificate // sent along with a signature: this one, where another is above it
}

// NewAuthority makes one that is valid from two years before now to ten after.
func NewAuthority(now clock.Instant) (*Authority, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("make an authority: %w", err)
	}
	t := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Autorità di prova PEC", Organization: []string{"Filo Diretto, prova"}, Country: []string{"IT"}},
		NotBefore: now.Time().AddDate(-2, 0, 0), NotAfter: now.Time().AddDate(10, 0, 0),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
	}
	cert, err := issue(t, t, key.Public(), key)
	if err != nil {
		return nil, err
	}
	return &Authority{cert: cert, key: key}, nil
}

// Below makes an authority that this one certifies, as large providers have it: their
// signatures bring its certificate along.
func (a *Authority) Below(name string) (*Authority, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("make an authority below another: %w", err)
	}
	cert, err := issue(&x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: name, Country: []string{"IT"}},
		NotBefore: a.cert.NotBefore, NotAfter: a.cert.NotAfter,
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
	}, a.cert, key.Public(), a.key)
	if err != nil {
		return nil, err
	}
	return &Authority{cert: cert, key: key, between: append([]*x509.Certificate{cert}, a.between...)}, nil
}

// Renewed is another certificate of the same authority, with the same key, as DER.
func (a *Authority) Renewed(from, to time.Time) ([]byte, error) {
	t := *a.cert
	t.SerialNumber, t.NotBefore, t.NotAfter = big.NewInt(3), from, to
	cert, err := issue(&t, &t, a.key.Public(), a.key)
	if err != nil {
		return nil, err
	}
	return cert.Raw, nil
}

// PEM is the authority's certificate, for the ca_file of an account.
func (a *Authority) PEM() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.cert.Raw})
}

// Trust is that of whoever trusts this authority alone.
func (a *Authority) Trust() (*cms.Trust, error) {
	t, err := cms.NewTrust()
	if err != nil {
		return nil, err
	}
	return t, t.AddPEM(a.PEM())
}

// Certify makes the signer of a provider for mail of posta-certificata@domain,
// valid between the two times.
func (a *Authority) Certify(name, domain string, from, to time.Time) (cms.Signer, error) {
	return a.certify(pkix.Name{CommonName: name, Organization: []string{name}, Country: []string{"IT"}}, []string{sender(domain)}, from, to)
}

// CertifyPerson makes the signer of a person's digital signature, as a signature
// card has it: with the codice fiscale, and with mail addresses or, as most, without.
func (a *Authority) CertifyPerson(name, taxCode string, addresses []string, from, to time.Time) (cms.Signer, error) {
	n := pkix.Name{CommonName: name, Country: []string{"IT"}}
	if taxCode != "" {
		n.SerialNumber = "TINIT-" + taxCode
	}
	return a.certify(n, addresses, from, to)
}

func (a *Authority) certify(subject pkix.Name, addresses []string, from, to time.Time) (cms.Signer, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return cms.Signer{}, fmt.Errorf("certify a signer: %w", err)
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 100))
	if err != nil {
		return cms.Signer{}, fmt.Errorf("certify a signer: %w", err)
	}
	public, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		return cms.Signer{}, fmt.Errorf("certify a signer: %w", err)
	}
	keyID := sha256.Sum256(public)
	cert, err := issue(&x509.Certificate{
		SerialNumber: serial, SubjectKeyId: keyID[:20], Subject: subject,
		NotBefore: from, NotAfter: to, KeyUsage: x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageEmailProtection}, EmailAddresses: addresses,
	}, a.cert, key.Public(), a.key)
	if err != nil {
		return cms.Signer{}, err
	}
	return cms.Signer{Certificate: cert, Others: a.between, Key: key}, nil
}

func issue(t, parent *x509.Certificate, key any, by *ecdsa.PrivateKey) (*x509.Certificate, error) {
	der, err := x509.CreateCertificate(rand.Reader, t, parent, key, by)
	if err != nil {
		return nil, fmt.Errorf("issue a certificate: %w", err)
	}
	return x509.ParseCertificate(der)
}

// sender is the address from which a provider writes.
func sender(domain string) string { return "posta-certificata@" + domain }

// RevocationList signs a list of certificates that were taken back.
func (a *Authority) RevocationList(list *x509.RevocationList) ([]byte, error) {
	return x509.CreateRevocationList(rand.Reader, list, a.cert, a.key)
}
