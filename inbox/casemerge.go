package inbox

import (
	"context"
	"fmt"

	"filodiretto/internal/db"
)

// MergeCase puts a case into another of the same person: its messages are shown
// there, later answers go there (mail rule 78), and it can be taken out again.
// Both must be seen by the viewer, and the case that goes must be the viewer's
// office's.
func (in *Inbox) MergeCase(ctx context.Context, v Viewer, caseID, intoID int64) (*Case, error) {
	if caseID == intoID {
		return nil, &InvalidError{"into", "same"}
	}
	var out *Case
	err := in.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		// lock in order of id, so that two merges cannot wait for each other
		if _, err := lockCase(ctx, tx, v, min(caseID, intoID)); err != nil {
			return err
		}
		if _, err := lockCase(ctx, tx, v, max(caseID, intoID)); err != nil {
			return err
		}
		c, err := findCase(ctx, tx, v, caseID)
		if err != nil {
			return err
		}
		into, err := findCase(ctx, tx, v, intoID)
		if err != nil {
			return err
		}
		if err := mayWork(v, c); err != nil {
			return err
		}
		if c.MergedInto != 0 || into.MergedInto != 0 {
			return &InvalidError{"into", "merged_already"}
		}
		if err := samePerson(ctx, tx, c, into); err != nil {
			return err
		}
		return in.mergeCaseTx(ctx, tx, v, c, into, &out)
	})
	return out, err
}

func (in *Inbox) mergeCaseTx(ctx context.Context, tx *db.Tx, v Viewer, c, into *Case, out **Case) error {
	c.MergedInto, c.Status, c.Outcome, c.ClosedAt, c.Unread = into.ID, Closed, "merged", tx.Now, false
	if err := in.saveCase(ctx, tx, v, c, []Event{NewEvent(tx, in.clock, "case.merged_into", map[string]any{"into": into.ID})}); err != nil {
		return err
	}
	if c.LastAt > into.LastAt {
		into.LastAt, into.LastMessageID, into.Snippet, into.Channel = c.LastAt, c.LastMessageID, c.Snippet, c.Channel
	}
	if c.LastInAt > into.LastInAt {
		into.LastInAt, into.LastInID, into.AccountID, into.ThreadKey = c.LastInAt, c.LastInID, c.AccountID, c.ThreadKey
	}
	if into.Status != Open {
		into.Status, into.ClosedAt, into.SnoozedUntil, into.Outcome = Open, 0, 0, ""
	}
	*out = into
	return in.saveCase(ctx, tx, v, into, []Event{NewEvent(tx, in.clock, "case.merged", map[string]any{"from": c.ID})})
}

// samePerson refuses to show one person's messages on another person's case.
func samePerson(ctx context.Context, tx *db.Tx, a, b *Case) error {
	var roots []int64
	err := tx.NewRaw("SELECT DISTINCT root_id FROM citizens WHERE id IN (?, ?)", a.CitizenID, b.CitizenID).Scan(ctx, &roots)
	if err != nil {
		return err
	}
	if len(roots) != 1 {
		return &InvalidError{"into", "other_person"}
	}
	return nil
}

// UnmergeCase takes a case out of the one it was put into and opens it.
func (in *Inbox) UnmergeCase(ctx context.Context, v Viewer, caseID int64) (*Case, error) {
	return in.work(ctx, v, caseID, 0, func(tx *db.Tx, c *Case) ([]Event, error) {
		if c.MergedInto == 0 {
			return nil, &InvalidError{"case", "not_merged"}
		}
		from := c.MergedInto
		c.MergedInto, c.Status, c.ClosedAt, c.Outcome = 0, Open, 0, ""
		return []Event{NewEvent(tx, in.clock, "case.unmerged", map[string]any{"from": from})}, nil
	})
}

// CaseSuggestion says that a case may belong to another one, for a person to decide.
type CaseSuggestion struct {
	ID      int64
	CaseID  int64
	OtherID int64
	Reason  string // "reply_address", "reference", "subject_token", "chat", "follows"
	Year    int
	Number  int64
	Subject string
	Person  string
}

// Ref is the number of the other case.
func (s CaseSuggestion) Ref() string { return CaseRef(s.Year, s.Number) }

// suggestions are the open ones of a case whose other side the viewer may see.
func (in *Inbox) suggestions(ctx context.Context, v Viewer, caseID int64) ([]CaseSuggestion, error) {
	var out []CaseSuggestion
	q := in.db.Read.NewSelect().TableExpr("suggestions AS s").Join("JOIN cases AS c ON c.id = s.other_id").
		ColumnExpr("s.id, s.case_id, s.other_id, s.reason, c.year, c.number, c.subject, c.person").
		Where("s.case_id = ? AND s.state = 'open'", caseID).OrderExpr("s.id")
	err := visibleCases(q, v).Scan(ctx, &out)
	return out, err
}

// DecideSuggestion accepts (the case is put into the other one) or refuses for
// good. Accepting what another person wrote asks for a merge of the persons
// first, unless it only continues an older case.
func (in *Inbox) DecideSuggestion(ctx context.Context, v Viewer, suggestionID int64, accept bool) (*Case, error) {
	var s struct{ CaseID, OtherID int64 }
	err := in.db.Read.NewRaw("SELECT case_id, other_id FROM suggestions WHERE id = ? AND state = 'open'", suggestionID).Scan(ctx, &s)
	if err != nil {
		return nil, notFound(err)
	}
	var out *Case
	if accept {
		if out, err = in.MergeCase(ctx, v, s.CaseID, s.OtherID); err != nil {
			return nil, err
		}
	}
	state := "refused"
	if accept {
		state = "accepted"
	}
	err = in.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		c, err := findCase(ctx, tx, v, s.CaseID)
		if err != nil {
			return err
		}
		if err := mayWork(v, c); err != nil {
			return err
		}
		if _, err := tx.NewRaw("UPDATE suggestions SET state = ?, decided_by = ?, decided_at = ? WHERE id = ? AND state = 'open'",
			state, v.OperatorID, tx.Now, suggestionID).Exec(ctx); err != nil {
			return fmt.Errorf("decide a suggestion: %w", err)
		}
		e := v.event(NewEvent(tx, in.clock, "suggestion."+state, map[string]any{"other": s.OtherID}))
		e.CaseID, e.OfficeID = c.ID, c.OfficeID
		if out == nil {
			out = c
		}
		return AppendEvents(ctx, tx, e)
	})
	return out, err
}
