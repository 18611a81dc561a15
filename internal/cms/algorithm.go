package cms

import (
	"crypto"
	_ "crypto/sha1" // receipts of PEC providers were signed over SHA-1 until about 2025
	_ "crypto/sha256"
	_ "crypto/sha512"
	"encoding/asn1"
)

// algorithm is an AlgorithmIdentifier.
type algorithm struct {
	id         string // dotted
	parameters element
}

func readAlgorithm(e element) (algorithm, error) {
	f, err := e.children(2)
	if err != nil || len(f) == 0 || !f[0].is(universal, tagOID) || len(f[0].content) > 40 {
		return algorithm{}, errBER
	}
	var id asn1.ObjectIdentifier
	if _, err := asn1.Unmarshal(f[0].raw, &id); err != nil {
		return algorithm{}, errBER
	}
	a := algorithm{id: id.String()}
	if len(f) == 2 {
		a.parameters = f[1]
	}
	return a, nil
}

// scheme is the way in which a value was signed.
type scheme int

const (
	pkcs1 scheme = iota + 1
	pss
	ecdsaSign
)

var digests = map[string]crypto.Hash{
	"1.3.14.3.2.26":          crypto.SHA1,
	"2.16.840.1.101.3.4.2.1": crypto.SHA256,
	"2.16.840.1.101.3.4.2.2": crypto.SHA384,
	"2.16.840.1.101.3.4.2.3": crypto.SHA512,
	"2.16.840.1.101.3.4.2.4": crypto.SHA224,
}

// signatures are the algorithms by which signers sign; hash 0 means that the
// digest algorithm says it.
var signatures = map[string]struct {
	scheme scheme
	hash   crypto.Hash
}{
	"1.2.840.113549.1.1.1":  {pkcs1, 0},
	"1.2.840.113549.1.1.5":  {pkcs1, crypto.SHA1},
	"1.2.840.113549.1.1.14": {pkcs1, crypto.SHA224},
	"1.2.840.113549.1.1.11": {pkcs1, crypto.SHA256},
	"1.2.840.113549.1.1.12": {pkcs1, crypto.SHA384},
	"1.2.840.113549.1.1.13": {pkcs1, crypto.SHA512},
	"1.2.840.113549.1.1.10": {pss, 0},
	"1.2.840.10045.2.1":     {ecdsaSign, 0}, // written by some instead of what it should be
	"1.2.840.10045.4.1":     {ecdsaSign, crypto.SHA1},
	"1.2.840.10045.4.3.1":   {ecdsaSign, crypto.SHA224},
	"1.2.840.10045.4.3.2":   {ecdsaSign, crypto.SHA256},
	"1.2.840.10045.4.3.3":   {ecdsaSign, crypto.SHA384},
	"1.2.840.10045.4.3.4":   {ecdsaSign, crypto.SHA512},
}

// pssHash reads the parameters of RSASSA-PSS (RFC 4055 section 3.1): which
// hash, and how long the salt. Without parameters it is SHA-1 with 20 bytes.
func (a algorithm) pssHash() (hash crypto.Hash, salt int, ok bool) {
	hash, salt = crypto.SHA1, 20
	if len(a.parameters.raw) == 0 {
		return hash, salt, true
	}
	fields, err := a.parameters.children(4)
	if err != nil {
		return 0, 0, false
	}
	for _, f := range fields {
		inner, err := f.children(1)
		if err != nil || len(inner) == 0 {
			return 0, 0, false
		}
		switch {
		case f.is(context, 0):
			h, err := readAlgorithm(inner[0])
			if hash, ok = digests[h.id]; err != nil || !ok {
				return 0, 0, false
			}
		case f.is(context, 2):
			if _, err := asn1.Unmarshal(inner[0].raw, &salt); err != nil || salt < 0 || salt > 1024 {
				return 0, 0, false
			}
		}
	}
	return hash, salt, true
}
