package blob

import (
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"io"
)

// verified checks the bytes against the name while they are read from the
// first to the last. A reader that jumps gets its piece unchecked; going back
// to the start begins the check anew, as http.ServeContent does.
type verified struct {
	io.ReadSeekCloser
	sum  string
	hash hash.Hash
	at   int64
	seen int64 // bytes hashed; the check is on while seen == at
}

func verify(r io.ReadSeekCloser, sum string) *verified {
	return &verified{ReadSeekCloser: r, sum: sum, hash: sha256.New()}
}

// Read reads on and, at the end, compares.
func (v *verified) Read(p []byte) (int, error) {
	n, err := v.ReadSeekCloser.Read(p)
	if v.seen == v.at {
		v.hash.Write(p[:n])
		v.seen += int64(n)
	}
	v.at += int64(n)
	if err == io.EOF && v.seen == v.at && hex.EncodeToString(v.hash.Sum(nil)) != v.sum {
		return n, ErrCorrupt
	}
	return n, err
}

// Seek moves, and begins the check again when it moves to the start.
func (v *verified) Seek(offset int64, whence int) (int64, error) {
	at, err := v.ReadSeekCloser.Seek(offset, whence)
	if err != nil {
		return at, err
	}
	if v.at = at; at == 0 {
		v.hash.Reset()
		v.seen = 0
	} else if v.seen != at {
		v.seen = -1 // something was passed over
	}
	return at, nil
}
