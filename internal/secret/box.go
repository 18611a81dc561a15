package secret

import (
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"strconv"

	"golang.org/x/crypto/chacha20poly1305"
)

// KeySize is the length of a master key in bytes.
const KeySize = 32

// A sealed value is: version, key id, nonce, ciphertext with its tag.
const (
	sealVersion = 1
	idSize      = 4
	headSize    = 1 + idSize
	sealedMin   = headSize + chacha20poly1305.NonceSizeX + chacha20poly1305.Overhead
)

// ErrSealed means that a sealed value does not open: it was changed, moved to
// another row or field, or cut.
var ErrSealed = errors.New("sealed value does not open: it was altered or belongs elsewhere")

// ErrUnknownKey means that a value was sealed under a key this box has not.
var ErrUnknownKey = errors.New("sealed under a master key that is not configured: add the old key to security.master_key_old")

// Box seals values under a master key and derives further keys from it. It is
// safe for use by many goroutines.
type Box struct{ keys []boxKey } // the first one seals, all open

type boxKey struct {
	id     [idSize]byte
	master []byte
	aead   cipher.AEAD
}

// NewBox makes a box that seals under current and also opens what older keys
// sealed. Every key has KeySize bytes.
func NewBox(current []byte, older ...[]byte) (*Box, error) {
	b := &Box{}
	for _, master := range append([][]byte{current}, older...) {
		if len(master) != KeySize {
			return nil, fmt.Errorf("master key has %d bytes: it must have %d", len(master), KeySize)
		}
		aead, err := chacha20poly1305.NewX(derive(master, "seal"))
		if err != nil {
			return nil, fmt.Errorf("make cipher: %w", err)
		}
		k := boxKey{master: append([]byte(nil), master...), aead: aead}
		copy(k.id[:], derive(master, "id"))
		b.keys = append(b.keys, k)
	}
	return b, nil
}

// Place names where a sealed value lives, so that it opens nowhere else.
func Place(table string, row int64, field string) string {
	return table + "/" + strconv.FormatInt(row, 10) + "/" + field
}

// Seal encrypts plain for one place (see Place). The same text sealed twice
// gives different bytes.
func (b *Box) Seal(plain []byte, place string) []byte {
	k := b.keys[0]
	out := make([]byte, headSize+chacha20poly1305.NonceSizeX, sealedMin+len(plain))
	out[0] = sealVersion
	copy(out[1:], k.id[:])
	nonce := out[headSize:]
	_, _ = rand.Read(nonce) // never fails
	return k.aead.Seal(out, nonce, plain, associated(out[:headSize], place))
}

// Open decrypts what Seal made for the same place. It returns ErrSealed or
// ErrUnknownKey, and never part of the text.
func (b *Box) Open(sealed []byte, place string) ([]byte, error) {
	if len(sealed) < sealedMin || sealed[0] != sealVersion {
		return nil, ErrSealed
	}
	for _, k := range b.keys {
		if [idSize]byte(sealed[1:headSize]) != k.id {
			continue
		}
		nonce, text := sealed[headSize:headSize+chacha20poly1305.NonceSizeX], sealed[headSize+chacha20poly1305.NonceSizeX:]
		plain, err := k.aead.Open(nil, nonce, text, associated(sealed[:headSize], place))
		if err != nil {
			return nil, ErrSealed
		}
		return plain, nil
	}
	return nil, ErrUnknownKey
}

// Stale reports whether the value was sealed under an older key and should be
// sealed again before that key is taken away.
func (b *Box) Stale(sealed []byte) bool {
	return len(sealed) >= headSize && [idSize]byte(sealed[1:headSize]) != b.keys[0].id
}

// Key derives 32 bytes for one purpose ("case status link"), always the same
// for the same master key, and of no help in guessing those of another purpose.
func (b *Box) Key(purpose string) []byte { return derive(b.keys[0].master, "purpose: "+purpose) }

// associated binds the head and the place to the ciphertext.
func associated(head []byte, place string) []byte {
	return append(append(make([]byte, 0, len(head)+len(place)), head...), place...)
}

// derive is HKDF-SHA-256 (RFC 5869). The master key itself encrypts nothing.
func derive(master []byte, info string) []byte {
	k, err := hkdf.Key(sha256.New, master, nil, "filodiretto v1 "+info, KeySize)
	if err != nil { // only for lengths beyond 255 hashes
		panic(err)
	}
	return k
}
