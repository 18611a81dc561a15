// Package cms reads signatures: the S/MIME signature of a mail or of a PEC
// provider, and files signed with CAdES (".p7m"). It follows RFC 5652 in BER
// as programs write it, open lengths included, looks at nothing but
// SignedData, and says of each signer one of three things: it holds, it does
// not hold, or that cannot be told from here.
package cms

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/asn1"
	"errors"
)

// ErrNotSigned is returned for a CMS that is something else, as an encrypted one.
var ErrNotSigned = errors.New("cms: not signed data")

// Limits of what is looked at. Files with dozens of signers exist.
const (
	maxSigners      = 200
	maxCertificates = 400
	maxAttributes   = 100
	// Certificates have some kilobytes, and keys up to 16,384 bits. The time that
	// a check takes grows with both, and is the sender's choice.
	maxCertificate     = 64 << 10 // bytes of one
	maxAllCertificates = 4 << 20  // bytes together
	maxKey             = 16_384   // bits of an RSA key
)

var (
	oidSignedData    = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 2}
	oidContentType   = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 3}
	oidMessageDigest = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 4}
	oidSigningTime   = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 5}
)

// Signed is a parsed SignedData.
type Signed struct {
	// Content is what was signed; nil when the signature is detached.
	Content      Octets
	Certificates []*x509.Certificate

	contentType []byte // the OID's content octets
	signers     []signer
	between     *x509.CertPool // of Certificates, made when first asked for
}

// signer is one SignerInfo (RFC 5652 section 5.3).
type signer struct {
	issuer, serial []byte // the whole Name, and the integer's octets
	keyID          []byte
	digest         algorithm
	attributes     []byte // as they are hashed: a SET; nil when there are none
	unclear        bool   // the attributes are not in the one form that can be hashed, or say a thing twice
	contentType    []byte
	messageDigest  []byte
	signingTime    element
	signature      algorithm
	value          []byte
}

// Parse reads DER or BER; Bare takes off PEM and base64 first. The result
// refers to b, which must not be changed afterwards.
func Parse(b []byte) (*Signed, error) {
	info, err := sequence(b, 3)
	if err != nil || len(info) < 2 {
		return nil, errBER
	}
	if !info[0].oid(oidSignedData) {
		return nil, ErrNotSigned
	}
	inner, err := info[1].children(1)
	if err != nil || len(inner) == 0 {
		return nil, errBER
	}
	fields, err := inner[0].children(8)
	if err != nil || len(fields) < 4 || !inner[0].is(universal, tagSequence) {
		return nil, errBER
	}
	s := &Signed{}
	if err := s.encapsulated(fields[2]); err != nil {
		return nil, err
	}
	for _, f := range fields[3:] {
		switch {
		case f.is(context, 0):
			s.readCertificates(f)
		case f.is(universal, tagSet):
			if err := s.readSigners(f); err != nil {
				return nil, err
			}
		}
	}
	return s, nil
}

// sequence are the members of the SEQUENCE at the start of b. Bytes behind it
// are left alone: mail programs add line ends.
func sequence(b []byte, limit int) ([]element, error) {
	e, _, err := next(b)
	if err != nil || !e.is(universal, tagSequence) {
		return nil, errBER
	}
	return e.children(limit)
}

// encapsulated reads EncapsulatedContentInfo.
func (s *Signed) encapsulated(e element) error {
	parts, err := e.children(2)
	if err != nil || len(parts) == 0 || !parts[0].is(universal, tagOID) {
		return errBER
	}
	s.contentType = parts[0].content
	if len(parts) < 2 {
		return nil
	}
	inner, err := parts[1].children(1)
	if err != nil || len(inner) == 0 {
		return errBER
	}
	s.Content, err = inner[0].octets()
	if len(s.Content) == 0 && err == nil {
		s.Content = Octets{{}}
	}
	return err
}

// readCertificates keeps what can be read: one odd certificate among others
// must not take the signature away. Attribute certificates and the like have
// tags of their own and are passed over. One that nobody can check in reasonable
// time counts as one that is not there.
func (s *Signed) readCertificates(e element) {
	total := 0
	for b := e.content; len(b) > 0 && len(s.Certificates) < maxCertificates; {
		c, rest, err := next(b)
		if err != nil {
			return
		}
		b = rest
		if !c.is(universal, tagSequence) || len(c.raw) > maxCertificate {
			continue
		}
		if total += len(c.raw); total > maxAllCertificates {
			return
		}
		if cert, err := x509.ParseCertificate(c.raw); err == nil && checkable(cert) {
			s.Certificates = append(s.Certificates, cert)
		}
	}
}

// checkable reports whether the key is of a size that people use: a signature of
// a million bits takes minutes to check.
func checkable(c *x509.Certificate) bool {
	key, is := c.PublicKey.(*rsa.PublicKey)
	return !is || key.N.BitLen() <= maxKey
}

// pool is what chains may lead through.
func (s *Signed) pool() *x509.CertPool {
	if s.between == nil {
		s.between = x509.NewCertPool()
		for _, c := range s.Certificates {
			s.between.AddCert(c)
		}
	}
	return s.between
}

// Signers is how many signed.
func (s *Signed) Signers() int { return len(s.signers) }

func (s *Signed) readSigners(e element) error {
	list, err := e.children(maxSigners)
	if err != nil {
		return err
	}
	for _, x := range list {
		one, err := readSigner(x)
		if err != nil {
			return err
		}
		s.signers = append(s.signers, one)
	}
	return nil
}

func readSigner(e element) (signer, error) {
	f, err := e.children(7)
	if err != nil || len(f) < 5 || !f[0].is(universal, tagInteger) {
		return signer{}, errBER
	}
	var x signer
	if err := x.identifier(f[1]); err != nil {
		return signer{}, err
	}
	if x.digest, err = readAlgorithm(f[2]); err != nil {
		return signer{}, err
	}
	f = f[3:]
	if f[0].is(context, 0) {
		if err := x.readAttributes(f[0]); err != nil {
			return signer{}, err
		}
		f = f[1:]
	}
	if len(f) < 2 || !f[1].is(universal, tagOctets) {
		return signer{}, errBER
	}
	if x.signature, err = readAlgorithm(f[0]); err != nil {
		return signer{}, err
	}
	x.value, err = f[1].bytesOf()
	return x, err
}

// identifier reads who signed: issuer and serial number, or the key's id.
func (x *signer) identifier(e element) (err error) {
	if e.is(context, 0) {
		x.keyID, err = e.bytesOf()
		return err
	}
	f, err := e.children(2)
	if err != nil || len(f) < 2 || !f[1].is(universal, tagInteger) {
		return errBER
	}
	x.issuer, x.serial = f[0].raw, f[1].content
	return nil
}

// readAttributes reads the signed attributes. They are hashed as a SET, whose
// tag differs from the one they are sent with (RFC 5652 section 5.4).
func (x *signer) readAttributes(e element) error {
	list, err := e.children(maxAttributes)
	if err != nil {
		return err
	}
	x.attributes = append([]byte{0x31}, e.raw[1:]...)
	x.unclear = e.indefinite
	for _, a := range list {
		x.unclear = x.unclear || a.indefinite
		f, err := a.children(2)
		if err != nil || len(f) < 2 {
			return errBER
		}
		values, err := f[1].children(maxAttributes)
		if err != nil {
			return errBER
		}
		if len(values) == 0 {
			continue
		}
		switch v := values[0]; {
		case f[0].oid(oidContentType):
			x.unclear = x.unclear || x.contentType != nil || len(values) > 1
			x.contentType = v.content
		case f[0].oid(oidMessageDigest):
			x.unclear = x.unclear || x.messageDigest != nil || len(values) > 1
			if x.messageDigest, err = v.bytesOf(); err != nil {
				return err
			}
		case f[0].oid(oidSigningTime):
			x.signingTime = v
		}
	}
	return nil
}

// oid reports whether the element is that object identifier.
func (e element) oid(id asn1.ObjectIdentifier) bool {
	var got asn1.ObjectIdentifier
	if !e.is(universal, tagOID) || len(e.content) > 40 {
		return false
	}
	_, err := asn1.Unmarshal(e.raw, &got)
	return err == nil && got.Equal(id)
}
