package router

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"filodiretto/inbox"
	"filodiretto/internal/clock"
	"filodiretto/internal/db"
)

// ReadyText is a text that operators insert with "/" and its short name.
type ReadyText struct {
	bun.BaseModel `bun:"table:ready_texts,alias:rt"`

	ID        int64 `bun:",pk"`
	Short     string
	Name      string
	OfficeID  int64 // 0 for all offices
	Lang      string
	Body      string // may name variables of a case in braces
	UpdatedAt clock.Instant
	UpdatedBy int64
}

var shortForm = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,39}$`)

// ReadyTexts are the ready texts of all offices and of the viewer's own, by
// short name; an administrator sees those of every office.
func (r *Router) ReadyTexts(ctx context.Context, v inbox.Viewer) ([]ReadyText, error) {
	var out []ReadyText
	q := r.db.Read.NewSelect().Model(&out).OrderExpr("rt.short, rt.lang, rt.id")
	if !v.Admin && !v.System {
		q = q.Where("rt.office_id IN (?)", bun.List(append([]int64{0}, v.Offices...)))
	}
	if err := q.Scan(ctx); err != nil {
		return nil, fmt.Errorf("read the ready texts: %w", err)
	}
	return out, nil
}

// SaveReadyText makes a ready text (ID 0) or changes it; UpdatedAt is what the
// caller saw, and over a newer one it is inbox.ErrChanged. Administrators may,
// and heads for their offices and for all. InvalidError on "name", "short",
// "office", "lang" and "body".
func (r *Router) SaveReadyText(ctx context.Context, v inbox.Viewer, t ReadyText) (*ReadyText, error) {
	dir, err := r.mayRule(ctx, v)
	if err != nil {
		return nil, err
	}
	t.Name, t.Body = strings.TrimSpace(t.Name), strings.TrimSpace(unixLines(t.Body))
	t.Short = strings.ToLower(strings.TrimPrefix(strings.TrimSpace(t.Short), "/"))
	if err := t.check(dir, v); err != nil {
		return nil, err
	}
	err = r.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		kind, seen := "ready_text.changed", t.UpdatedAt
		t.UpdatedAt, t.UpdatedBy = max(tx.Now, seen+1), v.OperatorID
		if t.ID == 0 {
			kind, t.ID = "ready_text.created", db.NewID(r.clock)
			if _, err := tx.NewInsert().Model(&t).Exec(ctx); err != nil {
				return fmt.Errorf("store a ready text: %w", err)
			}
		} else {
			if err := mayReady(ctx, tx, v, t.ID); err != nil {
				return err
			}
			if err := changed(tx.NewUpdate().Model(&t).WherePK().Where("updated_at = ?", seen).Exec(ctx)); err != nil {
				return fmt.Errorf("store a ready text: %w", err)
			}
		}
		return r.event(ctx, tx, v, kind, t.OfficeID, map[string]any{"text": t.ID, "short": t.Short, "lang": t.Lang})
	})
	if db.IsUnique(err) {
		return nil, &inbox.InvalidError{Field: "short", Code: "taken"}
	}
	if err != nil {
		return nil, err
	}
	return &t, nil
}

func (t *ReadyText) check(dir *Directory, v inbox.Viewer) error {
	bad := func(field, code string) error { return &inbox.InvalidError{Field: field, Code: code} }
	switch {
	case t.Name == "":
		return bad("name", "required")
	case utf8.RuneCountInString(t.Name) > mostSubject:
		return bad("name", "too_long")
	case !shortForm.MatchString(t.Short):
		return bad("short", "bad_form")
	case t.OfficeID != 0 && dir.Office(t.OfficeID) == nil, !ofViewer(v, t.OfficeID):
		return bad("office", "unknown")
	case !slices.Contains(textLangs, t.Lang):
		return bad("lang", "unknown")
	case t.Body == "":
		return bad("body", "required")
	case utf8.RuneCountInString(t.Body) > mostBody:
		return bad("body", "too_long")
	}
	return nil
}

// ofViewer reports whether a viewer who may edit texts edits those of the office.
func ofViewer(v inbox.Viewer, office int64) bool {
	return office == 0 || v.Admin || v.System || v.Member(office)
}

// DeleteReadyText takes a ready text away. What was sent with it stays as it is.
func (r *Router) DeleteReadyText(ctx context.Context, v inbox.Viewer, id int64) error {
	if _, err := r.mayRule(ctx, v); err != nil {
		return err
	}
	return r.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := mayReady(ctx, tx, v, id); err != nil {
			return err
		}
		if err := must(tx.NewRaw("DELETE FROM ready_texts WHERE id = ?", id).Exec(ctx)); err != nil {
			return err
		}
		return r.event(ctx, tx, v, "ready_text.deleted", 0, map[string]any{"text": id})
	})
}

// mayReady finds the text as it stands; that of another office is inbox.ErrNotFound.
func mayReady(ctx context.Context, tx *db.Tx, v inbox.Viewer, id int64) error {
	old := new(ReadyText)
	if err := tx.NewSelect().Model(old).Where("rt.id = ?", id).Scan(ctx); err != nil {
		return noRow(err)
	}
	if !ofViewer(v, old.OfficeID) {
		return inbox.ErrNotFound
	}
	return nil
}
