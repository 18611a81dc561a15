package router

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/uptrace/bun"

	"filodiretto/inbox"
	"filodiretto/internal/clock"
	"filodiretto/internal/db"
)

// Office is a part of the Comune that answers. Front offices meet citizens;
// back offices conclude what the front cannot. The cases of a reserved office
// (social services, police) are seen by its members alone.
type Office struct {
	bun.BaseModel `bun:"table:offices,alias:o"`

	ID        int64  `bun:",pk"`
	Key       string // stable, as in the configuration file: "urp"
	Name      string
	Level     string // "front" or "back"
	Reserved  bool
	SignName  string // how letters of the office are signed; the name when empty
	CreatedAt clock.Instant
}

// Role is what an operator does in an office.
type Role string

// The roles. Administrator is of the whole installation and has no office.
const (
	Administrator Role = "administrator"
	Head          Role = "head"
	FrontOffice   Role = "front_office"
	BackOffice    Role = "back_office"
	Reception     Role = "reception"
	Communication Role = "communication"
)

// Roles are all roles, in the order in which forms offer them.
var Roles = []Role{FrontOffice, BackOffice, Reception, Head, Communication, Administrator}

// Operator is somebody who works with the program.
type Operator struct {
	bun.BaseModel `bun:"table:operators,alias:op"`

	ID         int64 `bun:",pk"`
	Login      string
	Name       string
	Password   string // argon2id in PHC form
	Lang       string
	KeysOff    bool          // single-letter keys switched off (WCAG 2.1.4)
	Away       bool          // gets no cases by round robin
	SeenAt     clock.Instant // last log-in
	DisabledAt clock.Instant
	// SessionsFrom is when the operator was last shown out: sessions that began
	// before are over.
	SessionsFrom clock.Instant
	CreatedAt    clock.Instant
}

// Membership is a role of an operator in an office (0 for an administrator).
type Membership struct {
	bun.BaseModel `bun:"table:operator_roles,alias:r"`

	OperatorID int64 `bun:",pk"`
	OfficeID   int64 `bun:",pk"`
	Role       Role  `bun:",pk"`
}

var keyForm = regexp.MustCompile(`^[a-z][a-z0-9_-]{0,31}$`)

// SaveOffice makes an office (ID 0) or changes it. Only an administrator may.
func (r *Router) SaveOffice(ctx context.Context, v inbox.Viewer, o Office) (*Office, error) {
	if !v.Admin && !v.System {
		return nil, inbox.ErrForbidden
	}
	o.Name = strings.TrimSpace(o.Name)
	switch {
	case !keyForm.MatchString(o.Key):
		return nil, &inbox.InvalidError{Field: "key", Code: "bad_form"}
	case o.Name == "":
		return nil, &inbox.InvalidError{Field: "name", Code: "required"}
	case o.Level != "front" && o.Level != "back":
		return nil, &inbox.InvalidError{Field: "level", Code: "unknown"}
	}
	err := r.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		kind := "office.changed"
		if o.ID == 0 {
			kind = "office.created"
			o.ID, o.CreatedAt = db.NewID(r.clock), tx.Now
			if _, err := tx.NewInsert().Model(&o).Exec(ctx); err != nil {
				return err
			}
		} else if err := must(tx.NewUpdate().Model(&o).Column("key", "name", "level", "reserved", "sign_name").WherePK().Exec(ctx)); err != nil {
			return err
		}
		if o.Reserved { // who saw its cases only because the mail came to them too sees them no more
			_, err := tx.NewRaw("DELETE FROM case_offices WHERE copied_at <> 0 AND since_at = copied_at AND office_id <> ? AND case_id IN (SELECT id FROM cases WHERE office_id = ?)", o.ID, o.ID).Exec(ctx)
			if err != nil {
				return fmt.Errorf("reserve the cases of an office: %w", err)
			}
		}
		tx.After(r.forget)
		return r.event(ctx, tx, v, kind, o.ID, map[string]any{"key": o.Key, "level": o.Level, "reserved": o.Reserved})
	})
	if db.IsUnique(err) {
		return nil, &inbox.InvalidError{Field: "key", Code: "taken"}
	}
	return &o, err
}

// must turns "no row was changed" into inbox.ErrNotFound.
func must(res sql.Result, err error) error {
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return errors.Join(err, inbox.ErrNotFound)
	}
	return nil
}

// event appends what an administrator did.
func (r *Router) event(ctx context.Context, tx *db.Tx, v inbox.Viewer, kind string, office int64, data any) error {
	e := inbox.NewEvent(tx, r.clock, kind, data)
	e.OfficeID = office
	if v.OperatorID > 0 {
		e.Actor, e.OperatorID = "operator", v.OperatorID
	}
	if err := inbox.AppendEvents(ctx, tx, e); err != nil {
		return fmt.Errorf("%s: %w", kind, err)
	}
	return nil
}

// Forget makes the next question read offices, people and rules anew, after they
// were changed by another process.
func (r *Router) Forget() { r.forget() }

// forget drops what is kept in memory, so that it is read anew.
func (r *Router) forget() {
	r.mu.Lock()
	r.rules, r.dir = nil, nil
	r.mu.Unlock()
}
