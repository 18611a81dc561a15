package channels

import (
	"errors"
	"io"
)

// Slimmer is a Parser that can read a large raw item as a stream: files in it are
// decoded and kept one after the other, and what is left is small enough to be
// parsed in memory (mail rule 11).
type Slimmer interface {
	Parser
	// Slim reads body, which is raw's, to its end. keep stores what it reads and
	// returns its SHA-256 in hex and its size. What it gives has Body without the
	// files, and Cuts in their places. ok is false where the item must be parsed
	// whole; files may have been kept for nothing then.
	Slim(raw Raw, body io.Reader, keep func(io.Reader) (sum string, size int64, err error)) (slim Raw, ok bool, err error)
}

// ErrCuts is what Parse gives when the cuts of a slim item do not lie where files
// are: the item must be parsed whole.
var ErrCuts = errors.New("the cuts of a slim item do not fit it")

// Cut is a file that Slim took out of a body.
type Cut struct {
	Mark string // stands for the file's encoded bytes in Body
	Blob string // SHA-256 of the file in the store
	Size int64  // bytes of the file
	Head []byte // its first bytes, by which its type is known
}
