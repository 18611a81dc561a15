package inbox

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/uptrace/bun"

	"filodiretto/internal/clock"
	"filodiretto/internal/db"
)

// DraftKind says what a draft will become.
type DraftKind string

// The kinds of draft.
const (
	ReplyDraft DraftKind = "reply"
	NoteDraft  DraftKind = "note"
)

// Draft is what an operator is writing on a case, kept on the server. It
// belongs to one case and one operator, so that nothing of it can end in
// another case (inbox.md 4.5).
type Draft struct {
	CaseID     int64
	OperatorID int64
	Kind       DraftKind
	Body       string
	Choice     DraftChoice
	// Pen names the open form that wrote Body, and Step counts its saves, so that
	// saves which overtake each other on the way are put in order. Empty and 0
	// when no form did: the API, or an answer that was taken back.
	Pen       string
	Step      int64
	Version   int64 // grows with each save; 0 is a draft that was never saved
	UpdatedAt clock.Instant
}

// DraftChoice is what was chosen beside the text.
type DraftChoice struct {
	AccountID int64       `json:"account,omitempty"`
	To        []Recipient `json:"to,omitempty"`
	Cc        []Recipient `json:"cc,omitempty"`
	Subject   string      `json:"subject,omitempty"`
	Template  string      `json:"template,omitempty"`
	Waiting   bool        `json:"waiting,omitempty"`
	Mentions  []int64     `json:"mentions,omitempty"`
	Files     []FileRef   `json:"files,omitempty"`
}

// DraftError says that another tab of the same operator saved the draft
// meanwhile, and gives what it holds. It is an ErrChanged.
type DraftError struct{ Theirs Draft }

// Error gives the version that is stored.
func (e *DraftError) Error() string { return fmt.Sprintf("the draft has version %d", e.Theirs.Version) }

// Unwrap makes it an ErrChanged.
func (e *DraftError) Unwrap() error { return ErrChanged }

type draftRow struct {
	bun.BaseModel `bun:"table:drafts,alias:dr"`

	CaseID     int64     `bun:",pk"`
	OperatorID int64     `bun:",pk"`
	Kind       DraftKind `bun:",pk"`
	Body       string
	Choice     string
	Pen        string
	Step       int64
	Version    int64
	UpdatedAt  clock.Instant
}

func (r *draftRow) draft() (Draft, error) {
	d := Draft{CaseID: r.CaseID, OperatorID: r.OperatorID, Kind: r.Kind, Body: r.Body, Pen: r.Pen, Step: r.Step, Version: r.Version, UpdatedAt: r.UpdatedAt}
	if err := json.Unmarshal([]byte(r.Choice), &d.Choice); err != nil {
		return d, fmt.Errorf("draft of case %d: %w", r.CaseID, err)
	}
	return d, nil
}

// Draft reads the viewer's draft on a case; one that was never saved is empty
// and has version 0.
func (in *Inbox) Draft(ctx context.Context, v Viewer, caseID int64, kind DraftKind) (*Draft, error) {
	if err := mayDraft(v, kind); err != nil {
		return nil, err
	}
	if _, err := findCase(ctx, in.db, v, caseID); err != nil {
		return nil, err
	}
	return findDraft(ctx, in.db.Read, v, caseID, kind)
}

func mayDraft(v Viewer, kind DraftKind) error {
	if v.OperatorID == 0 {
		return ErrForbidden
	}
	if kind != ReplyDraft && kind != NoteDraft {
		return &InvalidError{"kind", "unknown"}
	}
	return nil
}

func findDraft(ctx context.Context, idb bun.IDB, v Viewer, caseID int64, kind DraftKind) (*Draft, error) {
	row := &draftRow{CaseID: caseID, OperatorID: v.OperatorID, Kind: kind, Choice: "{}"}
	err := idb.NewSelect().Model(row).WherePK().Scan(ctx)
	if err = notFound(err); err != nil && err != ErrNotFound {
		return nil, fmt.Errorf("read a draft: %w", err)
	}
	d, err := row.draft()
	return &d, err
}

// SaveDraft stores what was written. d.Version is the one that was loaded, 0
// for a new draft; when another tab saved meanwhile, nothing is stored and a
// *DraftError gives the other text. Files are not changed by saving, only by
// AttachToDraft and DetachFromDraft. It returns the draft with its new version.
func (in *Inbox) SaveDraft(ctx context.Context, v Viewer, d Draft) (*Draft, error) {
	if err := mayDraft(v, d.Kind); err != nil {
		return nil, err
	}
	body, err := cleanText(d.Body)
	if err != nil {
		return nil, err
	}
	return in.changeDraft(ctx, v, d.CaseID, d.Kind, func(have *Draft) error {
		if have.Version != d.Version {
			return &DraftError{*have}
		}
		files := have.Choice.Files
		have.Body, have.Choice, have.Pen, have.Step = body, d.Choice, d.Pen, d.Step
		have.Choice.Files = files
		return nil
	})
}

// DiscardDraft throws a draft away, whatever its version.
func (in *Inbox) DiscardDraft(ctx context.Context, v Viewer, caseID int64, kind DraftKind) error {
	if err := mayDraft(v, kind); err != nil {
		return err
	}
	return in.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if _, err := findCase(ctx, tx, v, caseID); err != nil {
			return err
		}
		return deleteDraft(ctx, tx, caseID, v.OperatorID, kind)
	})
}

func deleteDraft(ctx context.Context, tx *db.Tx, caseID, operatorID int64, kind DraftKind) error {
	if _, err := tx.Send(ctx, []string{draftDeletion(tx, caseID, operatorID, kind)}); err != nil {
		return fmt.Errorf("delete a draft: %w", err)
	}
	return nil
}

func draftDeletion(tx *db.Tx, caseID, operatorID int64, kind DraftKind) string {
	return tx.NewRaw("DELETE FROM drafts WHERE case_id = ? AND operator_id = ? AND kind = ?", caseID, operatorID, string(kind)).String()
}

// changeDraft reads a draft, lets f change it and stores it.
func (in *Inbox) changeDraft(ctx context.Context, v Viewer, caseID int64, kind DraftKind, f func(*Draft) error) (*Draft, error) {
	var out *Draft
	err := in.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if _, err := findCase(ctx, tx, v, caseID); err != nil {
			return err
		}
		var err error
		out, err = changeDraft(ctx, tx, v, caseID, kind, f)
		return err
	})
	return out, err
}

func changeDraft(ctx context.Context, tx *db.Tx, v Viewer, caseID int64, kind DraftKind, f func(*Draft) error) (*Draft, error) {
	d, err := findDraft(ctx, tx, v, caseID, kind)
	if err != nil {
		return nil, err
	}
	seen := d.Version
	if err := f(d); err != nil {
		return nil, err
	}
	choice, err := json.Marshal(d.Choice)
	if err != nil {
		return nil, fmt.Errorf("store a draft: %w", err)
	}
	d.Version, d.UpdatedAt = seen+1, tx.Now
	res, err := tx.NewRaw(`INSERT INTO drafts (case_id, operator_id, kind, body, choice, pen, step, version, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (case_id, operator_id, kind) DO UPDATE SET body = excluded.body, choice = excluded.choice, pen = excluded.pen, step = excluded.step,
			version = excluded.version, updated_at = excluded.updated_at
		WHERE drafts.version = ?`, caseID, v.OperatorID, string(kind), d.Body, string(choice), d.Pen, d.Step, d.Version, d.UpdatedAt, seen).Exec(ctx)
	if err != nil {
		return nil, fmt.Errorf("store a draft: %w", err)
	}
	if n, err := res.RowsAffected(); err != nil || n == 1 {
		return d, err
	}
	theirs, err := findDraft(ctx, tx, v, caseID, kind) // another process was quicker
	if err != nil {
		return nil, err
	}
	return nil, &DraftError{*theirs}
}
