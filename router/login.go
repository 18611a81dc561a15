package router

import (
	"context"
	"fmt"

	"filodiretto/inbox"
	"filodiretto/internal/db"
)

// NoteLogin writes down that an operator came in, and when.
func (r *Router) NoteLogin(ctx context.Context, operatorID int64) error {
	return r.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := must(tx.NewRaw("UPDATE operators SET seen_at = ? WHERE id = ?", tx.Now, operatorID).Exec(ctx)); err != nil {
			return fmt.Errorf("note a login: %w", err)
		}
		return r.event(ctx, tx, inbox.Viewer{OperatorID: operatorID}, "operator.login", 0, nil)
	})
}
