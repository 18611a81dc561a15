package inbox

import (
	"context"
	"fmt"
	"slices"

	"github.com/uptrace/bun"
)

// Audience says who may be told that something of a case changed.
type Audience struct {
	ID       int64
	Ref      string // the number that people say
	OfficeID int64
	Reserved bool    // the office's cases are for its members alone
	Hands    []int64 // offices that have or had a hand in it
}

// Audiences reads the audiences of cases, many at once: it is asked for each
// burst of changes, not for each page that is open.
func (in *Inbox) Audiences(ctx context.Context, ids []int64) ([]Audience, error) {
	var out []Audience
	for part := range slices.Chunk(ids, 500) {
		var rows []struct {
			ID       int64
			Year     int
			Number   int64
			OfficeID int64
			Reserved bool
		}
		err := in.db.Read.NewRaw("SELECT c.id, c.year, c.number, c.office_id, o.reserved FROM cases AS c JOIN offices AS o ON o.id = c.office_id WHERE c.id IN (?)", bun.List(part)).Scan(ctx, &rows)
		if err != nil {
			return nil, fmt.Errorf("who sees the cases: %w", err)
		}
		var hands []struct{ CaseID, OfficeID int64 }
		err = in.db.Read.NewRaw("SELECT case_id, office_id FROM case_offices WHERE case_id IN (?)", bun.List(part)).Scan(ctx, &hands)
		if err != nil {
			return nil, fmt.Errorf("who sees the cases: %w", err)
		}
		for _, r := range rows {
			a := Audience{ID: r.ID, Ref: CaseRef(r.Year, r.Number), OfficeID: r.OfficeID, Reserved: r.Reserved}
			for _, h := range hands {
				if h.CaseID == r.ID {
					a.Hands = append(a.Hands, h.OfficeID)
				}
			}
			out = append(out, a)
		}
	}
	return out, nil
}

// Sees reports whether the viewer may see the case. It is the rule of Viewer,
// for one that is in memory.
func (v Viewer) Sees(a *Audience) bool {
	return v.System || v.Member(a.OfficeID) || slices.ContainsFunc(a.Hands, v.Member) || v.FrontDesk && !a.Reserved
}
