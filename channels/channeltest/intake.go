package channeltest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"maps"
	"slices"
	"sync"

	"filodiretto/channels"
)

// Intake is a channels.Intake in memory. It keeps the promises of the real one
// (items and cursor move together or not at all, a known dedup key is left as
// it is) and lets a test make Accept fail and wait for what happens.
// Its methods may be called from several goroutines.
type Intake struct {
	mu       sync.Mutex
	changed  chan struct{} // closed and replaced at every change
	cursors  map[string][]byte
	byKey    map[string]bool
	items    []channels.Raw
	offered  []channels.Raw
	batches  int
	refused  int
	failing  error
	failures int // how many more times to fail; below zero: until Heal
	blobs    map[string][]byte
	alive    int
	warnings []Warning
	handle   string
}

// Warning is what a channel told the administrator.
type Warning struct{ Code, Text string }

var _ channels.Intake = (*Intake)(nil)

// NewIntake makes an empty intake: no cursor, no item.
func NewIntake() *Intake {
	return &Intake{
		changed: make(chan struct{}),
		cursors: map[string][]byte{},
		byKey:   map[string]bool{},
		blobs:   map[string][]byte{},
	}
}

// Cursor gives what the last successful Accept stored for the stream, or nil.
func (in *Intake) Cursor(ctx context.Context, stream string) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	in.mu.Lock()
	defer in.mu.Unlock()
	return bytes.Clone(in.cursors[stream]), nil
}

// Accept stores the new items and the cursor, or neither when a failure was
// asked for. It refuses what the real intake refuses: an item without a dedup
// key, without a body, or with a blob that was never stored.
func (in *Intake) Accept(ctx context.Context, b channels.Batch) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	in.mu.Lock()
	defer in.mu.Unlock()
	defer in.signal()
	for i, raw := range b.Items {
		in.offered = append(in.offered, clone(raw))
		if err := in.check(raw); err != nil {
			return fmt.Errorf("accept item %d: %w", i, err)
		}
	}
	if in.failing != nil && in.failures != 0 {
		in.failures--
		in.refused++
		return in.failing
	}
	in.batches++
	for _, raw := range b.Items {
		if in.byKey[raw.DedupKey] {
			continue
		}
		in.byKey[raw.DedupKey] = true
		raw = clone(raw)
		raw.ID = int64(len(in.items) + 1)
		in.items = append(in.items, raw)
	}
	if b.Cursor != nil {
		in.cursors[b.Stream] = bytes.Clone(b.Cursor)
	}
	return nil
}

func (in *Intake) check(raw channels.Raw) error {
	switch {
	case raw.DedupKey == "":
		return fmt.Errorf("no dedup key")
	case raw.ContentType == "":
		return fmt.Errorf("no content type")
	case raw.ReceivedAt.IsZero():
		return fmt.Errorf("no time of receipt")
	case raw.Body == nil && raw.Blob == "":
		return fmt.Errorf("neither body nor blob")
	case raw.Body != nil && raw.Blob != "":
		return fmt.Errorf("both body and blob")
	case raw.Blob != "" && in.blobs[raw.Blob] == nil:
		return fmt.Errorf("blob was never stored")
	case raw.Body != nil && raw.Size != int64(len(raw.Body)):
		return fmt.Errorf("size %d is not the body's %d", raw.Size, len(raw.Body))
	case raw.Blob != "" && raw.Size != int64(len(in.blobs[raw.Blob])):
		return fmt.Errorf("size %d is not the blob's %d", raw.Size, len(in.blobs[raw.Blob]))
	}
	return nil
}

// Known gives those of the keys that are among the items. They were accepted when
// they were received.
func (in *Intake) Known(ctx context.Context, keys []string) (map[string]channels.Known, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	in.mu.Lock()
	defer in.mu.Unlock()
	out := map[string]channels.Known{}
	for _, raw := range in.items {
		if slices.Contains(keys, raw.DedupKey) {
			out[raw.DedupKey] = channels.Known{AcceptedAt: raw.ReceivedAt, ContentType: raw.ContentType}
		}
	}
	return out, nil
}

// Store keeps the bytes in memory under their SHA-256.
func (in *Intake) Store(ctx context.Context, r io.Reader) (string, int64, error) {
	body, err := io.ReadAll(r)
	if err != nil {
		return "", 0, fmt.Errorf("store: %w", err)
	}
	if err := ctx.Err(); err != nil {
		return "", 0, err
	}
	sum := sha256.Sum256(body)
	sha := hex.EncodeToString(sum[:])
	in.mu.Lock()
	defer in.mu.Unlock()
	in.blobs[sha] = append([]byte{}, body...)
	in.signal()
	return sha, int64(len(body)), nil
}

// Alive counts a good look at the platform.
func (in *Intake) Alive(context.Context) {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.alive++
	in.signal()
}

// Introduce keeps the account's public name.
func (in *Intake) Introduce(ctx context.Context, handle string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	in.mu.Lock()
	defer in.mu.Unlock()
	defer in.signal()
	in.handle = handle
	return nil
}

// Handle is what Introduce last kept.
func (in *Intake) Handle() string {
	in.mu.Lock()
	defer in.mu.Unlock()
	return in.handle
}

// Warn keeps the warning.
func (in *Intake) Warn(_ context.Context, code, text string) {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.warnings = append(in.warnings, Warning{code, text})
	in.signal()
}

// Fail makes the next n calls of Accept fail with err; n below zero means all
// calls until Heal.
func (in *Intake) Fail(n int, err error) {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.failing, in.failures = err, n
}

// Heal ends what Fail began.
func (in *Intake) Heal() { in.Fail(0, nil) }

// Items are the items stored so far, each dedup key once, in order of arrival.
func (in *Intake) Items() []channels.Raw {
	in.mu.Lock()
	defer in.mu.Unlock()
	return slices.Clone(in.items)
}

// Offered are all items ever given to Accept, repeated and refused ones too.
func (in *Intake) Offered() []channels.Raw {
	in.mu.Lock()
	defer in.mu.Unlock()
	return slices.Clone(in.offered)
}

// Warnings are all warnings so far.
func (in *Intake) Warnings() []Warning {
	in.mu.Lock()
	defer in.mu.Unlock()
	return slices.Clone(in.warnings)
}

// Body gives the bytes of an item wherever they are, as the real intake does
// when an item is read back for Parse.
func (in *Intake) Body(raw channels.Raw) []byte {
	if raw.Blob == "" {
		return raw.Body
	}
	in.mu.Lock()
	defer in.mu.Unlock()
	return in.blobs[raw.Blob]
}

// signal wakes everyone who waits. The caller holds mu.
func (in *Intake) signal() {
	close(in.changed)
	in.changed = make(chan struct{})
}

func clone(raw channels.Raw) channels.Raw {
	raw.Body = bytes.Clone(raw.Body)
	raw.Meta = maps.Clone(raw.Meta)
	return raw
}
