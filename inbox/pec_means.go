package inbox

import (
	"context"
	"fmt"
	"slices"

	"github.com/uptrace/bun"
)

// Means are the ways to reach a person in which nothing is written from here:
// telephones, and postal addresses for a registered letter.
type Means struct {
	PersonID  int64
	Phones    []Identity // the best proven first, each once
	Addresses []Identity
}

// OtherMeans are those of the person of a case that the viewer may see, for when an
// answer failed and no other channel is left. What was taken back, or is known not to
// exist any more, is left out.
func (in *Inbox) OtherMeans(ctx context.Context, v Viewer, caseID int64) (*Means, error) {
	c, err := findCase(ctx, in.db, v, caseID)
	if err != nil {
		return nil, err
	}
	rows, err := in.rowsOf(ctx, c.CitizenID)
	if err != nil {
		return nil, err
	}
	ids := make([]int64, len(rows))
	for i := range rows {
		ids[i] = rows[i].ID
	}
	var all []Identity
	err = in.db.Read.NewSelect().Model(&all).Where("i.citizen_id IN (?) AND i.kind IN ('phone', 'address')", bun.List(ids)).
		Where("i.removed_at = 0 AND i.status NOT IN ('bad', 'gone', 'withdrawn')").OrderExpr("i.proof DESC, i.id").Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("other means of a person: %w", err)
	}
	out := &Means{PersonID: rows[0].RootID}
	for _, x := range all {
		to := &out.Phones
		if x.Kind == "address" {
			to = &out.Addresses
		}
		if !slices.ContainsFunc(*to, func(y Identity) bool { return y.Value == x.Value }) {
			*to = append(*to, x)
		}
	}
	return out, nil
}
