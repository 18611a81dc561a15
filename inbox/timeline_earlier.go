package inbox

import (
	"context"
	"fmt"

	"filodiretto/internal/clock"
)

// spot is a place on a timeline: a message, by which the next page begins.
type spot struct {
	at clock.Instant
	id int64
}

// condition narrows a question to what stands before the spot; nil does not.
func (s *spot) condition(alias string, args []any) (sql string, more []any) {
	if s == nil {
		return "", args
	}
	return fmt.Sprintf(" AND (%[1]s.at, %[1]s.id) < (?, ?)", alias), append(args[:len(args):len(args)], s.at, s.id)
}

// EarlierInCase reads what stands on a case before a cursor that an earlier
// CaseView gave in Older: as much as one page, with what happened in between.
// Suggestions are not read. Reading is written to the events as by ViewCase.
// InvalidError on "cursor".
func (in *Inbox) EarlierInCase(ctx context.Context, v Viewer, ref, cursor string) (*CaseView, error) {
	at, id, ok := decodeCursor(cursor)
	if !ok {
		return nil, &InvalidError{"cursor", "unreadable"}
	}
	c, err := in.CaseByRef(ctx, v, ref)
	if err != nil {
		return nil, err
	}
	cv := &CaseView{Case: c, Registered: true}
	if cv.Merged, err = in.mergedCases(ctx, c.ID); err != nil {
		return nil, fmt.Errorf("earlier messages: %w", err)
	}
	ids := []int64{c.ID}
	for _, m := range cv.Merged {
		ids = append(ids, m.ID)
	}
	if err := in.entries(ctx, v, cv, ids, true, &spot{at, id}); err != nil {
		return nil, fmt.Errorf("earlier messages: %w", err)
	}
	if cv.Lookalikes, err = in.lookalikesOf(ctx, ids); err != nil {
		return nil, err
	}
	return cv, in.noteRead(ctx, v, "case.read", c.CitizenID, c.ID, c.OfficeID)
}
