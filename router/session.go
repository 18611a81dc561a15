package router

import (
	"context"
	"fmt"
	"slices"

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
