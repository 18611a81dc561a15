package inbox

import (
	"context"
	"errors"
	"fmt"
	"maps"

	"filodiretto/internal/db"
)

// MergeCase puts a case into another of the same person: its messages are shown
// there, later answers go there (mail rule 78), and it can be taken out again.
// Both must be seen by the viewer, and the case that goes must be the viewer's
// office's.
func (in *Inbox) MergeCase(ctx context.Context, v Viewer, caseID, intoID int64) (*Case, error) {
	var out *Case
	err := in.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		out, err = in.joinCases(ctx, tx, v, caseID, intoID)
		return err
	})
	return out, err
}

// joinCases is MergeCase within a transaction. It waits for merges of persons
// that are being made or undone, which decide whether the two are one person's.
func (in *Inbox) joinCases(ctx context.Context, tx *db.Tx, v Viewer, caseID, intoID int64) (*Case, error) {
	if caseID == intoID {
		return nil, &InvalidError{"into", "same"}
	}
	if err := lockMerges(ctx, tx); err != nil {
		return nil, fmt.Errorf("merge cases: %w", err)
	}
	// lock in order of id, so that two merges cannot wait for each other
	if _, err := lockCase(ctx, tx, v, min(caseID, intoID)); err != nil {
		return nil, err
	}
	if _, err := lockCase(ctx, tx, v, max(caseID, intoID)); err != nil {
		return nil, err
	}
	c, err := findCase(ctx, tx, v, caseID)
	if err != nil {
		return nil, err
	}
	into, err := findCase(ctx, tx, v, intoID)
	if err != nil {
		return nil, err
	}
	if err := mayWork(v, c); err != nil {
		return nil, err
	}
	if c.MergedInto != 0 || into.MergedInto != 0 {
		return nil, &InvalidError{"into", "merged_already"}
	}
	if err := samePerson(ctx, tx, c, into); err != nil {
		return nil, err
	}
	return into, in.mergeCaseTx(ctx, tx, v, c, into)
}

func (in *Inbox) mergeCaseTx(ctx context.Context, tx *db.Tx, v Viewer, c, into *Case) error {
	// What was not delivered is dealt with where the citizen is answered now.
	into.Failed, into.Delayed = into.Failed || c.Failed, into.Delayed || c.Delayed
	// Neither may who is answered there look more trustworthy than they are.
	into.Suspect, into.CalledFalse = into.Suspect || c.Suspect, into.CalledFalse || c.CalledFalse
	into.RegisterKin = max(into.RegisterKin, c.RegisterRule, c.RegisterKin)
	c.MergedInto, c.Status, c.Outcome, c.ClosedAt = into.ID, Closed, "merged", tx.Now
	c.Unread, c.Failed, c.Delayed = false, false, false
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
	var out *Case
	err := in.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		c, err := lockCase(ctx, tx, v, caseID)
		if err != nil {
			return err
		}
		if err := mayWork(v, c); err != nil {
			return err
		}
		if c.MergedInto == 0 {
			return &InvalidError{"case", "not_merged"}
		}
		out = c
		return in.takeOut(ctx, tx, v, c, nil)
	})
	return out, err
}

// takeOut parts a case from the one it was put into. Either shows again what is
// its own: last message, where the citizen is reached, what did not arrive, what is
// doubted of a sender.
func (in *Inbox) takeOut(ctx context.Context, tx *db.Tx, v Viewer, c *Case, data map[string]any) error {
	from := c.MergedInto
	e := map[string]any{"from": from}
	maps.Copy(e, data)
	c.MergedInto, c.Status, c.ClosedAt, c.Outcome = 0, Open, 0, ""
	if err := ownMarks(ctx, tx, c); err != nil {
		return err
	}
	if err := ownDoubts(ctx, tx, c); err != nil {
		return err
	}
	if err := in.saveCase(ctx, tx, v, c, []Event{NewEvent(tx, in.clock, "case.unmerged", e)}); err != nil {
		return err
	}
	for range mostMerges {
		if from == 0 {
			break
		}
		p, err := lockCase(ctx, tx, Viewer{System: true}, from)
		if err != nil {
			return fmt.Errorf("part cases: %w", err)
		}
		if err := lastOf(ctx, tx, p); err != nil {
			return err
		}
		if err := registerKin(ctx, tx, p); err != nil {
			return err
		}
		if err := ownDoubts(ctx, tx, p); err != nil {
			return err
		}
		if p.MergedInto == 0 {
			if err := ownMarks(ctx, tx, p); err != nil {
				return err
			}
		}
		if err := in.saveCase(ctx, tx, v, p, nil); err != nil {
			return err
		}
		from = p.MergedInto
	}
	return nil
}

// partCases takes out every case of the two persons that stands in a case of
// the other, once a merge of persons is undone: nobody's messages may be shown on
// a stranger's case. It asks no right on the cases, since to leave one there
// would be worse.
func (in *Inbox) partCases(ctx context.Context, tx *db.Tx, v Viewer, rootA, rootB int64) error {
	var ids []int64
	err := tx.NewRaw(`SELECT c.id FROM cases AS c JOIN citizens AS z ON z.id = c.citizen_id
		JOIN cases AS p ON p.id = c.merged_into JOIN citizens AS y ON y.id = p.citizen_id
		WHERE z.root_id IN (?, ?) AND c.merged_into > 0 AND y.root_id <> z.root_id ORDER BY c.id`, rootA, rootB).Scan(ctx, &ids)
	if err != nil {
		return err
	}
	for _, id := range ids {
		c, err := lockCase(ctx, tx, Viewer{System: true}, id)
		if err != nil {
			return err
		}
		if c.MergedInto == 0 {
			continue // an operator was quicker
		}
		if err := in.takeOut(ctx, tx, v, c, map[string]any{"why": "other_person"}); err != nil {
			return err
		}
	}
	return nil
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
	var out *Case
	err := in.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		out, err = in.decideSuggestion(ctx, tx, v, suggestionID, accept)
		return err
	})
	return out, err
}

func (in *Inbox) decideSuggestion(ctx context.Context, tx *db.Tx, v Viewer, suggestionID int64, accept bool) (*Case, error) {
	var s struct{ CaseID, OtherID int64 }
	err := tx.NewRaw("SELECT case_id, other_id FROM suggestions WHERE id = ? AND state = 'open'", suggestionID).Scan(ctx, &s)
	if err != nil {
		return nil, notFound(err)
	}
	c, err := findCase(ctx, tx, v, s.CaseID)
	if err != nil {
		return nil, err
	}
	if err := mayWork(v, c); err != nil {
		return nil, err
	}
	state, out := "refused", c
	if accept {
		state = "accepted"
		if out, err = in.joinCases(ctx, tx, v, s.CaseID, s.OtherID); err != nil {
			return nil, err
		}
	}
	res, err := tx.NewRaw("UPDATE suggestions SET state = ?, decided_by = ?, decided_at = ? WHERE id = ? AND state = 'open'",
		state, v.OperatorID, tx.Now, suggestionID).Exec(ctx)
	if err != nil {
		return nil, fmt.Errorf("decide a suggestion: %w", err)
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return nil, errors.Join(err, ErrChanged) // somebody decided in the meantime
	}
	e := v.event(NewEvent(tx, in.clock, "suggestion."+state, map[string]any{"other": s.OtherID}))
	e.CaseID, e.OfficeID = c.ID, c.OfficeID
	return out, AppendEvents(ctx, tx, e)
}
