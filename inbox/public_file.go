package inbox

import (
	"context"
	"fmt"
	"io"
)

// PublicFile opens a file that the municipality sent, for the citizen who has
// number and secret of the case: one of those that the status page offers and no
// other. ErrSecret when it does not fit.
func (in *Inbox) PublicFile(ctx context.Context, ref, secretWord string, id int64) (*Part, io.ReadSeekCloser, error) {
	p, err := in.StatusPage(ctx, ref, secretWord)
	if err != nil {
		return nil, nil, err
	}
	for _, m := range p.Messages {
		for _, f := range m.Files {
			if f.ID != id || id == 0 {
				continue
			}
			part := new(Part)
			if err := in.db.Read.NewSelect().Model(part).Where("p.id = ?", id).Scan(ctx); err != nil {
				return nil, nil, fmt.Errorf("public file: %w", notFound(err))
			}
			if err := in.mayOpen(ctx, part); err != nil {
				return nil, nil, err
			}
			body, err := in.openPart(ctx, part)
			return part, body, err
		}
	}
	return nil, nil, ErrSecret
}
