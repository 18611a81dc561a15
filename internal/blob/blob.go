// Package blob keeps large bodies by what they are: the name of a blob is the
// SHA-256 of its bytes. A blob is whole and on disk before Put returns, so
// that the row which names it may commit (architecture, "Raw first").
package blob

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"

	"filodiretto/internal/clock"
)

// ErrNotFound means that no blob has this name.
var ErrNotFound = errors.New("no such file in the store")

// ErrCorrupt means that the bytes are not those that the name promises.
var ErrCorrupt = errors.New("file in the store is damaged: its bytes do not fit its name")

// ErrName means that a name is not a SHA-256 in lower-case hex.
var ErrName = errors.New("not the name of a file in the store")

// Store holds blobs. It is safe for use by many goroutines and, over the same
// folder or bucket, by many processes.
type Store interface {
	// Put reads r to its end without holding it in memory, and keeps it. It
	// returns the name and the size in bytes. Keeping the same bytes twice
	// keeps them once and makes the blob young again (see Info.Modified).
	Put(ctx context.Context, r io.Reader) (sum string, size int64, err error)
	// Open gives the bytes, or ErrNotFound. Who reads them from the first to
	// the last in order gets ErrCorrupt instead of io.EOF if they are not the
	// right ones. A blob that was discarded is brought back and young again.
	Open(ctx context.Context, sum string) (io.ReadSeekCloser, error)
	// Has reports whether the blob is there, discarded or not.
	Has(ctx context.Context, sum string) (bool, error)
	// Walk calls f for every blob that was not discarded until f fails.
	Walk(ctx context.Context, f func(Info) error) error

	// Discard puts a blob aside that no row seems to name. It is not lost: Open
	// brings it back for whoever names it after all, and so does Restore. One that
	// is not there is no error.
	Discard(ctx context.Context, sum string) error
	// Restore brings a discarded blob back; one that was not discarded is no error.
	Restore(ctx context.Context, sum string) error
	// Purge removes a discarded blob for good. The same blob, put anew or brought
	// back meanwhile, stays.
	Purge(ctx context.Context, sum string) error
	// WalkDiscarded calls f for every discarded blob until f fails; Modified is
	// when it was discarded.
	WalkDiscarded(ctx context.Context, f func(Info) error) error
	// Check tells why the store could not be used now, nil if it could.
	Check(ctx context.Context) error
}

// Info is what a store knows of a blob besides its bytes.
type Info struct {
	Sum      string
	Size     int64 // bytes
	Modified clock.Instant
}

// Open makes the store that the configuration names: "dir:/path" or
// "s3://key:secret@host:port/bucket/prefix?region=R&insecure=true". A folder is
// made when missing and cleaned of what a crash left; an object store is not
// reached before it is used (see Check).
func Open(address string) (Store, error) {
	scheme, rest, _ := strings.Cut(address, ":")
	switch scheme {
	case "dir":
		return OpenDir(rest)
	case "s3":
		return openS3(address)
	}
	return nil, errors.New(`file store is neither "dir:/path" nor "s3://..."`)
}

// checkName keeps everything but a SHA-256 away from paths and keys.
func checkName(sum string) error {
	if len(sum) != 64 || strings.ToLower(sum) != sum {
		return ErrName
	}
	if _, err := hex.DecodeString(sum); err != nil {
		return ErrName
	}
	return nil
}

// contextReader stops a long copy when its context ends.
type contextReader struct {
	ctx context.Context
	r   io.Reader
}

func (c contextReader) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.r.Read(p)
}

func wrap(op string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("file store: %s: %w", op, err)
}
