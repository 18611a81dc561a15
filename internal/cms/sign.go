package cms

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"math/big"

	"filodiretto/internal/clock"
)

// Signer makes signatures of RSA and ECDSA keys: those of the demo's and the
// tests' certified mail provider. It writes DER.
type Signer struct {
	Certificate *x509.Certificate
	Others      []*x509.Certificate // sent along: the authorities in between
	Key         crypto.Signer
	Hash        crypto.Hash // 0 means SHA-256
}

type attribute struct {
	Type   asn1.ObjectIdentifier
	Values any `asn1:"set"`
}

type issuerAndSerial struct {
	Issuer asn1.RawValue
	Serial *big.Int
}

type signerInfo struct {
	Version    int
	ID         issuerAndSerial
	Digest     pkix.AlgorithmIdentifier
	Attributes asn1.RawValue
	Signature  pkix.AlgorithmIdentifier
	Value      []byte
}

type encapsulated struct {
	Type    asn1.ObjectIdentifier
	Content []byte `asn1:"explicit,optional,tag:0"`
}

type signedData struct {
	Version      int
	Digests      []pkix.AlgorithmIdentifier `asn1:"set"`
	Content      encapsulated
	Certificates asn1.RawValue
	Signers      []signerInfo `asn1:"set"`
}

type contentInfo struct {
	Type    asn1.ObjectIdentifier
	Content signedData `asn1:"explicit,tag:0"`
}

var oidData = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 1}

// Sign makes a SignedData over content; detached leaves the content out.
func (s Signer) Sign(content []byte, detached bool, at clock.Instant) ([]byte, error) {
	hash := s.Hash
	if hash == 0 {
		hash = crypto.SHA256
	}
	digestID, err := identifierOf(hash)
	if err != nil {
		return nil, err
	}
	attributes, err := signedAttributes(hash, content, at)
	if err != nil {
		return nil, err
	}
	h := hash.New()
	h.Write(attributes)
	value, err := s.Key.Sign(rand.Reader, h.Sum(nil), hash)
	if err != nil {
		return nil, fmt.Errorf("cms: sign: %w", err)
	}
	digest := pkix.AlgorithmIdentifier{Algorithm: digestID, Parameters: asn1.NullRawValue}
	way := pkix.AlgorithmIdentifier{Algorithm: asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 1}, Parameters: asn1.NullRawValue}
	if _, ok := s.Key.Public().(*ecdsa.PublicKey); ok {
		way = pkix.AlgorithmIdentifier{Algorithm: asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3, 2}}
	}
	data := signedData{
		Version: 1, Digests: []pkix.AlgorithmIdentifier{digest}, Content: encapsulated{Type: oidData},
		Certificates: s.certificates(),
		Signers: []signerInfo{{
			Version: 1, ID: issuerAndSerial{Issuer: asn1.RawValue{FullBytes: s.Certificate.RawIssuer}, Serial: s.Certificate.SerialNumber},
			Digest: digest, Attributes: asn1.RawValue{FullBytes: append([]byte{0xa0}, attributes[1:]...)}, Signature: way, Value: value,
		}},
	}
	if !detached {
		data.Content.Content = content
	}
	out, err := asn1.Marshal(contentInfo{Type: oidSignedData, Content: data})
	if err != nil {
		return nil, fmt.Errorf("cms: sign: %w", err)
	}
	return out, nil
}

// signedAttributes are in the order of DER, as a SET.
func signedAttributes(hash crypto.Hash, content []byte, at clock.Instant) ([]byte, error) {
	h := hash.New()
	h.Write(content)
	list := []attribute{
		{oidContentType, []asn1.ObjectIdentifier{oidData}},
		{oidMessageDigest, [][]byte{h.Sum(nil)}},
	}
	if !at.IsZero() {
		list = append(list, attribute{oidSigningTime, []any{at.Time()}})
	}
	raw := make([]asn1.RawValue, 0, len(list))
	for _, a := range list {
		b, err := asn1.Marshal(a)
		if err != nil {
			return nil, fmt.Errorf("cms: sign: %w", err)
		}
		raw = append(raw, asn1.RawValue{FullBytes: b})
	}
	return asn1.MarshalWithParams(raw, "set")
}

func (s Signer) certificates() asn1.RawValue {
	raw := append([]byte(nil), s.Certificate.Raw...)
	for _, c := range s.Others {
		raw = append(raw, c.Raw...)
	}
	return asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 0, IsCompound: true, Bytes: raw}
}

func identifierOf(h crypto.Hash) (asn1.ObjectIdentifier, error) {
	switch h {
	case crypto.SHA1:
		return asn1.ObjectIdentifier{1, 3, 14, 3, 2, 26}, nil
	case crypto.SHA256:
		return asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 1}, nil
	case crypto.SHA512:
		return asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 3}, nil
	default:
		return nil, fmt.Errorf("cms: sign: no hash %v", h)
	}
}
