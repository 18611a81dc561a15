package inbox

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"filodiretto/internal/clock"
	"filodiretto/internal/db"
	"filodiretto/internal/textfold"
)

// What an operator may keep.
const (
	mostSavedViews    = 30
	mostSavedViewName = 60  // runes
	mostSavedQuery    = 500 // runes
)

// SavedView is a search that an operator keeps beside the views of the inbox.
type SavedView struct {
	bun.BaseModel `bun:"table:saved_views,alias:sv"`

	ID         int64 `bun:",pk"`
	OperatorID int64
	Name       string
	Query      string // as typed; it is read anew each time
	MadeAt     clock.Instant
}

// SavedViews are those of the viewer, by name.
func (in *Inbox) SavedViews(ctx context.Context, v Viewer) ([]SavedView, error) {
	var out []SavedView
	err := in.db.Ask(ctx, "SELECT sv.* FROM saved_views AS sv WHERE sv.operator_id = ? ORDER BY lower(sv.name), sv.id", []any{v.OperatorID}, &out)
	if err != nil {
		return nil, fmt.Errorf("read the saved views: %w", err)
	}
	return out, nil
}

// SavedView is one of the viewer's own; that of anybody else is ErrNotFound.
func (in *Inbox) SavedView(ctx context.Context, v Viewer, id int64) (*SavedView, error) {
	out := new(SavedView)
	err := in.db.Read.NewSelect().Model(out).Where("sv.id = ? AND sv.operator_id = ?", id, v.OperatorID).Scan(ctx)
	if err = notFound(err); err != nil {
		return nil, fmt.Errorf("read a saved view: %w", err)
	}
	return out, nil
}

// SaveView keeps a search under a name. Under a name that the viewer has already
// given, the search takes the place of the one before. ErrForbidden for whoever is
// no operator; InvalidError on "name" and "query", and "full" on "name" beyond
// thirty.
func (in *Inbox) SaveView(ctx context.Context, v Viewer, name, query string) (*SavedView, error) {
	if v.OperatorID == 0 {
		return nil, ErrForbidden
	}
	sv := &SavedView{ID: db.NewID(in.clock), OperatorID: v.OperatorID, Name: strings.Join(strings.Fields(name), " "), Query: strings.Join(strings.Fields(query), " ")}
	if err := sv.check(); err != nil {
		return nil, err
	}
	err := in.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		sv.MadeAt = tx.Now
		var others int
		if err := tx.NewRaw("SELECT count(*) FROM saved_views WHERE operator_id = ? AND name <> ?", sv.OperatorID, sv.Name).Scan(ctx, &others); err != nil {
			return fmt.Errorf("count the saved views: %w", err)
		}
		if others >= mostSavedViews {
			return &InvalidError{"name", "full"}
		}
		_, err := tx.NewInsert().Model(sv).On("CONFLICT (operator_id, name) DO UPDATE").Set("query = EXCLUDED.query, made_at = EXCLUDED.made_at").Returning("id").Exec(ctx)
		if err != nil {
			return fmt.Errorf("save a view: %w", err)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return sv, nil
}

func (sv *SavedView) check() error {
	switch {
	case sv.Name == "":
		return &InvalidError{"name", "empty"}
	case utf8.RuneCountInString(sv.Name) > mostSavedViewName:
		return &InvalidError{"name", "too_long"}
	case sv.Query == "":
		return &InvalidError{"query", "empty"}
	case utf8.RuneCountInString(sv.Query) > mostSavedQuery:
		return &InvalidError{"query", "too_long"}
	}
	return nil
}

// opOnly asks for one case alone, whatever else a search asks for. Nobody can type
// it.
const opOnly textfold.Op = "\x00only"

// Fits reports whether a case is among what a search finds, so that an open page
// need not search again for one row. Of a search for words it knows what the
// newest thousands of messages say.
func (in *Inbox) Fits(ctx context.Context, v Viewer, q textfold.Query, c *Case) (bool, error) {
	q.Filters = append(slices.Clip(q.Filters), textfold.Filter{Op: opOnly, Value: strconv.FormatInt(c.ID, 10)})
	found, err := in.SearchFrom(ctx, v, q, "", 1)
	return len(found.Hits) > 0, err
}

// ForgetView takes one of the viewer's saved views away.
func (in *Inbox) ForgetView(ctx context.Context, v Viewer, id int64) error {
	return in.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		res, err := tx.NewRaw("DELETE FROM saved_views WHERE id = ? AND operator_id = ?", id, v.OperatorID).Exec(ctx)
		if err != nil {
			return fmt.Errorf("take a saved view away: %w", err)
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return ErrNotFound
		}
		return nil
	})
}
