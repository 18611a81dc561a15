package inbox

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"filodiretto/internal/clock"
)

// LinkState is how the newest word made for a person stands.
type LinkState struct {
	MadeAt    clock.Instant
	ByName    string
	ExpiresAt clock.Instant
	UsedAt    clock.Instant // 0 while it was not used
	With      string        // from which identity it came back, as shown
}

// LinkOf is the newest word made for the person to whom the row id belongs; nil
// when there is none, or none that is worth telling of any more.
func (in *Inbox) LinkOf(ctx context.Context, v Viewer, id int64) (*LinkState, error) {
	if !v.mayOpenFiles() {
		return nil, ErrNotFound
	}
	root, err := findRoot(ctx, in.db.Read, id)
	if err != nil {
		return nil, err
	}
	s, err := findLink(ctx, in.db.Read, root)
	if err != nil {
		return nil, fmt.Errorf("state of a link: %w", err)
	}
	return s, nil
}

func (in *Inbox) loadLink(ctx context.Context, idb bun.IDB, _ Viewer, p *Person) (err error) {
	p.Link, err = findLink(ctx, idb, p.ID)
	return err
}

func findLink(ctx context.Context, idb bun.IDB, root int64) (*LinkState, error) {
	var rows []linkToken
	err := idb.NewSelect().Model(&rows).Where("lt.citizen_id IN (SELECT id FROM citizens WHERE root_id = ?)", root).
		OrderExpr("lt.expires_at DESC, lt.used_at, lt.hash").Limit(1).Scan(ctx)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	t := rows[0]
	s := &LinkState{MadeAt: t.ExpiresAt.Add(-linkLife), ExpiresAt: t.ExpiresAt, UsedAt: t.UsedAt}
	names, err := operatorNames(ctx, idb, []int64{t.ByOperator})
	if err != nil {
		return nil, err
	}
	s.ByName = names[t.ByOperator]
	if t.IdentityID > 0 {
		id, err := findIdentity(ctx, idb, t.IdentityID)
		if err != nil {
			return nil, err
		}
		of, err := findRoot(ctx, idb, id.CitizenID)
		if err != nil || of != root {
			return nil, err // undone since, or by somebody who left with another merge
		}
		s.With = id.Shown()
	}
	return s, nil
}
