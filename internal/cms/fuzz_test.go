package cms

import (
	"testing"
)

// FuzzCMS reads any bytes as a signature: it must end, and never find a
// signature valid that the made authority did not make.
func FuzzCMS(f *testing.F) {
	p := made()
	for _, detached := range []bool{true, false} {
		for _, x := range []identity{p.rsa, p.ecdsa} {
			der, err := Signer{Certificate: x.cert, Key: x.key}.Sign([]byte("seed"), detached, then)
			must(err)
			f.Add(der)
			f.Add([]byte("-----BEGIN PKCS7-----\n"))
		}
	}
	f.Add([]byte{0x30, 0x80, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02, 0xa0, 0x80, 0x30, 0x80, 0, 0, 0, 0, 0, 0})
	other, err := NewTrust()
	must(err)
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := Parse(Bare(b))
		if err != nil {
			return
		}
		for _, r := range s.Verify(Octets{[]byte("seed")}, other, then) {
			if r.Outcome == Valid {
				t.Errorf("valid without an authority: %+v", r)
			}
		}
		if s.Content.Len() > int64(len(b)) {
			t.Errorf("%d bytes of content from %d", s.Content.Len(), len(b))
		}
	})
}
