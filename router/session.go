package router

import (
	"context"
	"fmt"
	"slices"

	"filodiretto/inbox"
	"filodiretto/internal/db"
	"filodiretto/internal/live"
)

// TopicOperator is the topic of the live event that an operator was shown out.
const TopicOperator = "operator"

// showsOut reports whether a change must end the sessions of an operator: with
// another password, fewer roles or none at all, whoever is in must log in again.
func showsOut(ctx context.Context, tx *db.Tx, o *Operator, roles []Membership) (bool, error) {
	if o.ID == 0 {
		return false, nil
	}
	if o.Password != "" || !o.DisabledAt.IsZero() {
		return true, nil
	}
	var had []Membership
	if err := tx.NewSelect().Model(&had).Where("operator_id = ?", o.ID).Scan(ctx); err != nil {
		return false, fmt.Errorf("read the roles: %w", err)
	}
	return slices.ContainsFunc(had, func(h Membership) bool {
		return !slices.ContainsFunc(roles, func(m Membership) bool { return m.OfficeID == h.OfficeID && m.Role == h.Role })
	}), nil
}

// showOut ends all sessions of an operator. The instant keeps a request that is
// under way from writing its session back.
func (r *Router) showOut(ctx context.Context, tx *db.Tx, operatorID int64) error {
	if _, err := tx.NewRaw("UPDATE operators SET sessions_from = ? WHERE id = ?", tx.Now, operatorID).Exec(ctx); err != nil {
		return fmt.Errorf("end the sessions: %w", err)
	}
	if _, err := tx.NewRaw("DELETE FROM sessions WHERE operator_id = ?", operatorID).Exec(ctx); err != nil {
		return fmt.Errorf("end the sessions: %w", err)
	}
	tx.After(func() {
		r.forget()
		if r.Hub != nil {
			r.Hub.Publish(live.Event{Topic: TopicOperator, ID: operatorID, Kind: "shown_out"})
		}
	})
	return nil
}

// ShowOut ends all sessions of an operator; the caller begins the one anew that
// goes on. Operators end their own, an administrator anybody's.
func (r *Router) ShowOut(ctx context.Context, v inbox.Viewer, operatorID int64) error {
	if !v.Admin && !v.System && v.OperatorID != operatorID {
		return inbox.ErrForbidden
	}
	return r.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := r.showOut(ctx, tx, operatorID); err != nil {
			return err
		}
		return r.event(ctx, tx, v, "operator.shown_out", 0, map[string]any{"operator": operatorID})
	})
}

// Sessions counts the sessions of an operator that go on.
func (r *Router) Sessions(ctx context.Context, operatorID int64) (int, error) {
	var n int
	err := r.db.Read.NewRaw("SELECT count(*) FROM sessions WHERE operator_id = ? AND expires_at > ?", operatorID, r.clock.Now()).Scan(ctx, &n)
	if err != nil {
		return 0, fmt.Errorf("count the sessions: %w", err)
	}
	return n, nil
}
