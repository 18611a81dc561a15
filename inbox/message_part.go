package inbox

import (
	"bytes"
	"context"
	"fmt"
	"io"
)

// MessageWithParts is a message that the viewer may see, with its parts but
// without their bytes.
func (in *Inbox) MessageWithParts(ctx context.Context, v Viewer, id int64) (*Message, []*Part, error) {
	m, err := in.Message(ctx, v, id)
	if err == nil {
		err = in.beside(ctx, v, []*Message{m})
	}
	if err != nil || m.Parts == 0 {
		return m, nil, err
	}
	var parts []*Part
	err = in.db.Read.NewSelect().Model(&parts).ExcludeColumn("data").Where("p.message_id = ? AND p.former = 0", m.ID).OrderExpr("p.ord").Scan(ctx)
	if err == nil {
		err = in.verdicts(ctx, parts)
	}
	return m, parts, err
}

// OpenPart gives the bytes of a stored part. ErrNotFound for one that has none
// or was taken back, HeldError for one that the malware scan holds back.
func (in *Inbox) OpenPart(ctx context.Context, v Viewer, id int64) (*Part, io.ReadSeekCloser, error) {
	p, m, err := in.FilePart(ctx, v, id)
	if err != nil {
		return nil, nil, err
	}
	if p.State != "stored" || m.ErasedAt > 0 {
		return nil, nil, ErrNotFound
	}
	if err := in.mayOpen(ctx, p); err != nil {
		return nil, nil, err
	}
	f, err := in.openPart(ctx, p)
	return p, f, err
}

// openPart opens a stored file wherever it lives.
func (in *Inbox) openPart(ctx context.Context, p *Part) (io.ReadSeekCloser, error) {
	if p.Data != nil || p.Size == 0 {
		return readSeekNopCloser{bytes.NewReader(p.Data)}, nil
	}
	f, err := in.blobs.Open(ctx, p.SHA256)
	if err != nil {
		return nil, fmt.Errorf("open file %d: %w", p.ID, err)
	}
	return f, nil
}

type readSeekNopCloser struct{ io.ReadSeeker }

func (readSeekNopCloser) Close() error { return nil }
