package inbox

import (
	"context"
	"encoding/json"
	"fmt"
	"io"

	"filodiretto/channels"
)

// How much of an item is held in memory to read it (mail rule 11).
const (
	// slimFrom is the size from which an item is read as a stream, if its channel can.
	slimFrom = 2 << 20
	// wholeMost is the size up to which an item is read whole; of a larger one that
	// cannot be slimmed the parser is shown the beginning, and its size.
	wholeMost = 60 << 20
	beginning = 1 << 20
)

// load gives an item to be parsed: whole, or slim when it is large.
func (in *Inbox) load(ctx context.Context, ch channels.Parser, r *Raw) (channels.Raw, error) {
	raw := channels.Raw{
		ID: r.ID, DedupKey: r.DedupKey, ContentType: r.ContentType, Blob: r.Blob, Size: r.Size,
		ReceivedAt: r.ReceivedAt, Archive: r.Archive,
	}
	err := json.Unmarshal([]byte(r.Meta), &raw.Meta)
	if err != nil {
		return raw, fmt.Errorf("raw item %d: meta: %w", r.ID, err)
	}
	if s, can := ch.(channels.Slimmer); can && r.Blob != "" && r.Size >= slimFrom {
		slim, ok, err := in.slim(ctx, s, r, raw)
		if ok || err != nil {
			return slim, err
		}
	}
	raw.Body, err = in.wholeBody(ctx, r)
	return raw, err
}

func (in *Inbox) slim(ctx context.Context, s channels.Slimmer, r *Raw, raw channels.Raw) (_ channels.Raw, ok bool, err error) {
	f, err := in.blobs.Open(ctx, r.Blob)
	if err != nil {
		return raw, false, fmt.Errorf("read raw item %d: %w", r.ID, err)
	}
	defer f.Close()
	out, ok, err := s.Slim(raw, f, func(part io.Reader) (string, int64, error) { return in.blobs.Put(ctx, part) })
	if err != nil {
		return raw, false, fmt.Errorf("read raw item %d: %w", r.ID, err)
	}
	return out, ok, nil
}

// wholeBody is what a parser gets of an item that is not slim.
func (in *Inbox) wholeBody(ctx context.Context, r *Raw) ([]byte, error) {
	if r.Size <= wholeMost || r.Blob == "" {
		return in.rawBody(ctx, r)
	}
	f, err := in.blobs.Open(ctx, r.Blob)
	if err != nil {
		return nil, fmt.Errorf("read raw item %d: %w", r.ID, err)
	}
	defer f.Close()
	b := make([]byte, beginning)
	n, err := io.ReadFull(f, b)
	if err != nil {
		return nil, fmt.Errorf("read raw item %d: %w", r.ID, err)
	}
	return b[:n], nil
}
