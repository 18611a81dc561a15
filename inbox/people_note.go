package inbox

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"filodiretto/internal/clock"
	"filodiretto/internal/db"
)

// citizenNote is what staff should know of a person the next time.
type citizenNote struct {
	bun.BaseModel `bun:"table:citizen_notes,alias:cn"`

	ID         int64 `bun:",pk"`
	CitizenID  int64
	OperatorID int64
	Text       string
	At         clock.Instant
}

// AddCitizenNote writes a note on the file of the person to whom the row id
// belongs. It stays with the root row of today, so that an undone merge parts
// the notes too. InvalidError "empty" on "text".
func (in *Inbox) AddCitizenNote(ctx context.Context, v Viewer, id int64, text string) error {
	if !v.mayOpenFiles() {
		return ErrNotFound
	}
	if text = cut(cleanLines(text), mostNote); text == "" {
		return &InvalidError{"text", "empty"}
	}
	return in.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		root, err := findRoot(ctx, tx, id)
		if err != nil {
			return err
		}
		n := &citizenNote{ID: db.NewID(in.clock), CitizenID: root, OperatorID: v.OperatorID, Text: text, At: tx.Now}
		if _, err := tx.NewInsert().Model(n).Exec(ctx); err != nil {
			return fmt.Errorf("note on a person: %w", err)
		}
		if err := AppendEvents(ctx, tx, in.citizenEvent(tx, v, "citizen.noted", root, map[string]any{"note": n.ID})); err != nil {
			return fmt.Errorf("note on a person: %w", err)
		}
		return in.tellPeople(ctx, tx, root)
	})
}

// loadNotes adds the notes on all rows of the person, newest first, before what
// stands on the rows themselves.
func (in *Inbox) loadNotes(ctx context.Context, idb bun.IDB, _ Viewer, p *Person) error {
	var rows []citizenNote
	err := idb.NewSelect().Model(&rows).Where("cn.citizen_id IN (?)", bun.List(p.ids())).OrderExpr("cn.id DESC").Limit(50).Scan(ctx)
	if err != nil || len(rows) == 0 {
		return err
	}
	notes := make([]PersonNote, 0, len(rows)+len(p.Notes))
	for _, n := range rows {
		notes = append(notes, PersonNote{CitizenID: n.CitizenID, Text: n.Text, ID: n.ID, ByOperator: n.OperatorID, At: n.At})
	}
	p.Notes = append(notes, p.Notes...)
	return nil
}
