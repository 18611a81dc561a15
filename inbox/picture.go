package inbox

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/uptrace/bun"

	"filodiretto/internal/blob"
	"filodiretto/internal/clock"
	"filodiretto/internal/db"
	"filodiretto/internal/picture"
)

// Pictures makes what pages show of a file.
type Pictures interface {
	// Shows reports whether a file of that type may have a picture on this machine.
	Shows(kind string) bool
	Make(ctx context.Context, file io.Reader, kind string, edge int) (*picture.Made, error)
}

// pictureEdge is the longer side of what is shown, in points: a form that somebody
// photographed can be read.
const pictureEdge = 1600

// Picture is what pages show in the place of a file (mail rules 36 and 49). The file
// itself stays as it came.
type Picture struct {
	bun.BaseModel `bun:"table:pictures,alias:pi"`

	Content       string `bun:",pk"` // SHA-256 of the file, hex
	Blob          string // of the picture; empty for none
	Kind          string // "image/jpeg"
	Size          int64  // bytes
	Width, Height int    // points
	Reason        string // why there is none: "large", "broken", "slow"
	Maker         int    // picture.Version
	At            clock.Instant
}

// Pictured reports whether pages may ask for a picture of a file.
func (in *Inbox) Pictured(p *Part) bool {
	return in.pictures != nil && p.State == "stored" && p.Size > 0 && in.pictures.Shows(p.Detected)
}

// OpenPicture gives the picture of a file that the viewer may open. It is made when
// it is first wanted, and kept. ErrNotFound when there is none of it.
func (in *Inbox) OpenPicture(ctx context.Context, v Viewer, partID int64) (*Picture, io.ReadSeekCloser, error) {
	p, f, err := in.OpenPart(ctx, v, partID)
	if err != nil {
		return nil, nil, err
	}
	defer f.Close()
	if in.pictures == nil || p.SHA256 == "" || !in.pictures.Shows(p.Detected) {
		return nil, nil, ErrNotFound
	}
	x := new(Picture)
	err = in.db.Read.NewSelect().Model(x).Where("pi.content = ? AND pi.maker = ?", p.SHA256, picture.Version).Scan(ctx)
	if notFound(err) == ErrNotFound {
		x, err = in.makePicture(ctx, p, f)
	}
	switch {
	case err != nil:
		return nil, nil, err
	case x.Blob == "":
		return nil, nil, ErrNotFound
	}
	shown, err := in.blobs.Open(ctx, x.Blob)
	if errors.Is(err, blob.ErrNotFound) {
		err = ErrNotFound
	}
	return x, shown, err
}

func (in *Inbox) makePicture(ctx context.Context, p *Part, file io.Reader) (*Picture, error) {
	x := &Picture{Content: p.SHA256, Kind: "image/jpeg", Maker: picture.Version}
	made, err := in.pictures.Make(ctx, file, p.Detected, pictureEdge)
	switch {
	case errors.Is(err, picture.ErrNoHEIC), errors.Is(err, picture.ErrKind), errors.Is(err, picture.ErrBusy):
		return nil, ErrNotFound // may be otherwise tomorrow
	case errors.Is(err, picture.ErrLarge):
		x.Reason = "large"
	case errors.Is(err, picture.ErrBroken):
		x.Reason = "broken"
	case errors.Is(err, picture.ErrSlow):
		x.Reason = "slow"
	case err != nil:
		return nil, fmt.Errorf("picture of file %d: %w", p.ID, err)
	default:
		x.Width, x.Height = made.Width, made.Height
		if x.Blob, x.Size, err = in.blobs.Put(ctx, bytes.NewReader(made.Body)); err != nil {
			return nil, fmt.Errorf("keep a picture: %w", err)
		}
	}
	return x, in.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		x.At = tx.Now
		_, err := tx.NewInsert().Model(x).On("CONFLICT (content) DO UPDATE").
			Set("blob = EXCLUDED.blob, size = EXCLUDED.size, width = EXCLUDED.width, height = EXCLUDED.height, reason = EXCLUDED.reason, maker = EXCLUDED.maker, at = EXCLUDED.at").Exec(ctx)
		if err != nil {
			return fmt.Errorf("keep a picture: %w", err)
		}
		return nil
	})
}

// forgetContents forgets what is known of files that no message has any more: an
// erased photograph must not live on in its picture.
func (in *Inbox) forgetContents(ctx context.Context) error {
	return in.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		gone := in.clock.Now().Add(-unnamedFor) // younger ones may be on their way to a message
		for _, q := range []string{
			"DELETE FROM pictures WHERE at < ? AND NOT EXISTS (SELECT 1 FROM parts AS p WHERE p.sha256 = pictures.content)",
			"DELETE FROM scans WHERE asked_at < ? AND NOT EXISTS (SELECT 1 FROM parts AS p WHERE p.sha256 = scans.content)",
		} {
			if _, err := tx.ExecContext(ctx, q, gone); err != nil {
				return fmt.Errorf("forget what was known of files: %w", err)
			}
		}
		return nil
	})
}
