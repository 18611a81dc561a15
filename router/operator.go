package router

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"filodiretto/inbox"
	"filodiretto/internal/db"
)

var loginForm = regexp.MustCompile(`^[a-z0-9][a-z0-9._@-]{1,63}$`)

// SaveOperator makes an operator (ID 0, with a hashed password) or changes name,
// language and roles. An empty Password leaves it as it is. A new password, a role
// less, or being disabled ends the operator's sessions at once. Only an
// administrator may, and the last one cannot stop being one.
func (r *Router) SaveOperator(ctx context.Context, v inbox.Viewer, o Operator, roles []Membership) (*Operator, error) {
	if !v.Admin && !v.System {
		return nil, inbox.ErrForbidden
	}
	o.Login, o.Name = strings.ToLower(strings.TrimSpace(o.Login)), strings.TrimSpace(o.Name)
	if o.Lang == "" {
		o.Lang = "it"
	}
	switch {
	case !loginForm.MatchString(o.Login):
		return nil, &inbox.InvalidError{Field: "login", Code: "bad_form"}
	case o.Name == "":
		return nil, &inbox.InvalidError{Field: "name", Code: "required"}
	case o.ID == 0 && o.Password == "":
		return nil, &inbox.InvalidError{Field: "password", Code: "required"}
	case o.Lang != "it" && o.Lang != "en":
		return nil, &inbox.InvalidError{Field: "lang", Code: "unknown"}
	}
	if err := checkRoles(roles); err != nil {
		return nil, err
	}
	err := r.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		before, err := administrators(ctx, tx)
		if err != nil {
			return err
		}
		shown, err := showsOut(ctx, tx, &o, roles)
		if err != nil {
			return err
		}
		kind, err := r.storeOperator(ctx, tx, &o)
		if err != nil {
			return err
		}
		if err := setRoles(ctx, tx, o.ID, roles); err != nil {
			return err
		}
		if shown {
			if err := r.showOut(ctx, tx, o.ID); err != nil {
				return err
			}
		}
		after, err := administrators(ctx, tx)
		if err != nil {
			return err
		}
		if before > 0 && after == 0 { // disabled, or without the role
			return &inbox.InvalidError{Field: "roles", Code: "last_administrator"}
		}
		tx.After(r.forget)
		return r.event(ctx, tx, v, kind, 0, map[string]any{"operator": o.ID, "roles": roleNames(roles), "disabled": !o.DisabledAt.IsZero()})
	})
	if db.IsUnique(err) {
		return nil, &inbox.InvalidError{Field: "login", Code: "taken"}
	}
	return &o, err
}

// storeOperator writes the row and tells which event that is.
func (r *Router) storeOperator(ctx context.Context, tx *db.Tx, o *Operator) (kind string, err error) {
	if o.ID == 0 {
		o.ID, o.CreatedAt = db.NewID(r.clock), tx.Now
		_, err = tx.NewInsert().Model(o).Exec(ctx)
		return "operator.created", err
	}
	columns := []string{"login", "name", "lang", "away", "disabled_at"}
	if o.Password != "" {
		columns = append(columns, "password")
	}
	return "operator.changed", must(tx.NewUpdate().Model(o).Column(columns...).WherePK().Exec(ctx))
}

// roleNames are the roles as an event holds them: "head:OFFICE".
func roleNames(roles []Membership) []string {
	out := make([]string, len(roles))
	for i, m := range roles {
		out[i] = fmt.Sprintf("%s:%d", m.Role, m.OfficeID)
	}
	return out
}

func checkRoles(roles []Membership) error {
	for _, m := range roles {
		if !slices.Contains(Roles, m.Role) {
			return &inbox.InvalidError{Field: "roles", Code: "unknown"}
		}
		if (m.OfficeID == 0) != (m.Role == Administrator) {
			return &inbox.InvalidError{Field: "roles", Code: "office_required"}
		}
	}
	return nil
}

func setRoles(ctx context.Context, tx *db.Tx, operator int64, roles []Membership) error {
	if _, err := tx.NewRaw("DELETE FROM operator_roles WHERE operator_id = ?", operator).Exec(ctx); err != nil {
		return err
	}
	for i := range roles {
		roles[i].OperatorID = operator
	}
	if len(roles) > 0 {
		if _, err := tx.NewInsert().Model(&roles).Exec(ctx); err != nil {
			return err
		}
	}
	return nil
}

func administrators(ctx context.Context, tx *db.Tx) (int64, error) {
	return tx.NewSelect().TableExpr("operator_roles AS r").Join("JOIN operators AS op ON op.id = r.operator_id AND op.disabled_at = 0").
		Where("r.role = ?", Administrator).Count(ctx)
}

// SetPassword stores a new hash and ends the operator's sessions; the caller
// begins the one anew that goes on. An operator sets their own; an administrator
// anybody's.
func (r *Router) SetPassword(ctx context.Context, v inbox.Viewer, operatorID int64, hash string) error {
	if !v.Admin && !v.System && v.OperatorID != operatorID {
		return inbox.ErrForbidden
	}
	return r.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := must(tx.NewRaw("UPDATE operators SET password = ? WHERE id = ?", hash, operatorID).Exec(ctx)); err != nil {
			return err
		}
		if err := r.showOut(ctx, tx, operatorID); err != nil {
			return err
		}
		return r.event(ctx, tx, v, "operator.password", 0, map[string]any{"operator": operatorID})
	})
}

// RenewHash stores the same password hashed better, unless it was changed since.
func (r *Router) RenewHash(ctx context.Context, operatorID int64, old, hash string) error {
	_, err := r.db.Write.NewRaw("UPDATE operators SET password = ? WHERE id = ? AND password = ?", hash, operatorID, old).Exec(ctx)
	return err
}

// Preferences are what an operator chooses for themselves.
type Preferences struct {
	Lang    string
	KeysOff bool
	Away    bool
}

// SetPreferences stores an operator's own choices.
func (r *Router) SetPreferences(ctx context.Context, v inbox.Viewer, p Preferences) error {
	if p.Lang != "it" && p.Lang != "en" {
		return &inbox.InvalidError{Field: "lang", Code: "unknown"}
	}
	return r.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		tx.After(r.forget)
		return must(tx.NewRaw("UPDATE operators SET lang = ?, keys_off = ?, away = ? WHERE id = ?", p.Lang, p.KeysOff, p.Away, v.OperatorID).Exec(ctx))
	})
}

// OperatorByLogin finds who may log in; inbox.ErrNotFound for the others.
func (r *Router) OperatorByLogin(ctx context.Context, login string) (*Operator, error) {
	o := new(Operator)
	err := r.db.Read.NewSelect().Model(o).Where("op.login = ? AND op.disabled_at = 0", strings.ToLower(strings.TrimSpace(login))).Scan(ctx)
	if err != nil {
		return nil, noRow(err)
	}
	return o, nil
}
