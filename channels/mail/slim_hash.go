package mail

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"hash"

	"filodiretto/channels/mail/rfc822"
)

// bodyHasher makes the hash of what the sender wrote (parsing.bodyHash) from a
// mail that is read as a stream.
type bodyHasher struct {
	h     hash.Hash
	space []byte // white space that counts only when something follows
}

func newBodyHasher(header []byte) *bodyHasher {
	b := &bodyHasher{h: sha256.New()}
	hashFields(b.h, &rfc822.Read(append(bytes.Clone(header), '\r', '\n'), rfc822.DefaultLimits).Header)
	return b
}

// write goes on with the body.
func (b *bodyHasher) write(p []byte) {
	for len(p) > 0 {
		i := bytes.IndexFunc(p, func(r rune) bool { return r == ' ' || r == '\t' || r == '\r' || r == '\n' })
		switch i {
		case -1:
			b.text(p)
			return
		case 0:
			b.space = append(b.space, p[0])
			p = p[1:]
		default:
			b.text(p[:i])
			p = p[i:]
		}
	}
}

// text writes what is no white space, and the white space before it, in which a
// CR before an LF does not count and a CR alone counts as one.
func (b *bodyHasher) text(p []byte) {
	for i, c := range b.space {
		switch {
		case c != '\r':
			b.h.Write(b.space[i : i+1])
		case i+1 == len(b.space) || b.space[i+1] != '\n':
			b.h.Write([]byte{'\n'})
		}
	}
	b.space = b.space[:0]
	b.h.Write(p)
}

func (b *bodyHasher) sum() string { return hex.EncodeToString(b.h.Sum(nil)) }
