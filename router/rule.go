package router

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"filodiretto/inbox"
	"filodiretto/internal/clock"
	"filodiretto/internal/db"
)

// Rule says what to do with a new case that fits its conditions. Rules are tried
// in order; each that fits acts, and one with Stop ends the matter.
type Rule struct {
	ID         int64
	Ord        int
	Name       string
	Enabled    bool
	Definition Definition
	Version    int64
	UpdatedAt  clock.Instant
}

// Definition is what a rule says. It fits when every condition of All and, if
// there are any in Any, at least one of those hold. A rule without conditions
// fits everything.
type Definition struct {
	All     []Condition `json:"all,omitempty"`
	Any     []Condition `json:"any,omitempty"`
	Actions Actions     `json:"actions"`
	Stop    bool        `json:"stop,omitempty"`
}

// Condition compares one fact of the case.
type Condition struct {
	Field string `json:"field"` // one of Fields
	Op    string `json:"op"`    // one of Ops
	Value string `json:"value"`
}

// Actions are what a rule does. Zero members do nothing.
type Actions struct {
	Office    string `json:"office,omitempty"` // key
	Kind      string `json:"kind,omitempty"`
	Priority  *int   `json:"priority,omitempty"` // 0, 1, 2
	Assignee  string `json:"assignee,omitempty"` // login, or "round_robin"
	Procedure string `json:"procedure,omitempty"`
	DueDays   int    `json:"due_days,omitempty"` // calendar days from the message
	Receipt   bool   `json:"receipt,omitempty"`
	Register  bool   `json:"register,omitempty"` // its messages must be entered in the protocol register
}

// RoundRobin as an assignee gives the case to the member of the office whose
// turn it is and who is not away.
const RoundRobin = "round_robin"

// The facts that a condition may look at.
const (
	FieldChannel   = "channel"   // "mail", "telegram", "counter", "phone"
	FieldAccount   = "account"   // key of the account
	FieldSender    = "sender"    // address
	FieldWords     = "words"     // of subject and text, by their stems
	FieldSubject   = "subject"   // by stems, of the subject alone
	FieldKind      = "kind"      // as set so far
	FieldHour      = "hour"      // "8-14": hours of the day in the municipality's zone
	FieldDay       = "day"       // "mon,tue": days of the week
	FieldProcedure = "procedure" // as set so far
	FieldLang      = "lang"      // "it", "en"
	FieldFiles     = "files"     // number of files
)

// Fields are all facts, in the order of the form.
var Fields = []string{FieldWords, FieldSubject, FieldSender, FieldChannel, FieldAccount, FieldKind, FieldProcedure, FieldHour, FieldDay, FieldLang, FieldFiles}

// The comparisons. For words, "any" fits when one of the words is there and
// "all" when every one is; a word in the value stands for all its forms.
const (
	OpIs       = "is"
	OpIsNot    = "is_not"
	OpContains = "contains"
	OpAny      = "any"
	OpAll      = "all"
	OpNone     = "none"
	OpIn       = "in"
	OpNotIn    = "not_in"
	OpAtLeast  = "at_least"
)

// Ops are the comparisons that a fact allows.
func Ops(field string) []string {
	switch field {
	case FieldWords, FieldSubject:
		return []string{OpAny, OpAll, OpNone}
	case FieldSender:
		return []string{OpIs, OpIsNot, OpContains}
	case FieldHour, FieldDay:
		return []string{OpIn, OpNotIn}
	case FieldFiles:
		return []string{OpAtLeast}
	default:
		return []string{OpIs, OpIsNot}
	}
}

type ruleRow struct {
	bun.BaseModel `bun:"table:rules,alias:ru"`

	ID         int64 `bun:",pk"`
	Ord        int
	Name       string
	Enabled    bool
	Definition string
	Version    int64
	UpdatedAt  clock.Instant
}

func (row ruleRow) rule() (Rule, error) {
	r := Rule{ID: row.ID, Ord: row.Ord, Name: row.Name, Enabled: row.Enabled, Version: row.Version, UpdatedAt: row.UpdatedAt}
	if err := json.Unmarshal([]byte(row.Definition), &r.Definition); err != nil {
		return r, fmt.Errorf("rule %d cannot be read: %w", row.ID, err)
	}
	return r, nil
}

// Rules are all rules in their order.
func (r *Router) Rules(ctx context.Context) ([]Rule, error) { return readRules(ctx, r.db.Read) }

func readRules(ctx context.Context, d bun.IDB) ([]Rule, error) {
	var rows []ruleRow
	if err := d.NewSelect().Model(&rows).OrderExpr("ru.ord, ru.id").Scan(ctx); err != nil {
		return nil, fmt.Errorf("read the rules: %w", err)
	}
	out := make([]Rule, 0, len(rows))
	for _, row := range rows {
		rule, err := row.rule()
		if err != nil {
			return nil, err
		}
		out = append(out, rule)
	}
	return out, nil
}

// SaveRule makes a rule (ID 0, at the end) or changes it. Administrators and
// heads may. What the rule names (an office, an operator) must exist.
func (r *Router) SaveRule(ctx context.Context, v inbox.Viewer, rule Rule) (*Rule, error) {
	dir, err := r.mayRule(ctx, v)
	if err != nil {
		return nil, err
	}
	rule.Name = strings.TrimSpace(rule.Name)
	if rule.Name == "" {
		return nil, &inbox.InvalidError{Field: "name", Code: "required"}
	}
	if err := rule.Definition.check(dir); err != nil {
		return nil, err
	}
	def, err := json.Marshal(rule.Definition)
	if err != nil {
		return nil, fmt.Errorf("write the rule: %w", err)
	}
	err = r.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		row := ruleRow{ID: rule.ID, Ord: rule.Ord, Name: rule.Name, Enabled: rule.Enabled, Definition: string(def), Version: rule.Version + 1, UpdatedAt: tx.Now}
		kind := "rule.changed"
		if row.ID == 0 {
			kind, row.ID, row.Version = "rule.created", db.NewID(r.clock), 1
			if err := tx.NewRaw("SELECT COALESCE(max(ord), 0) + 1 FROM rules").Scan(ctx, &row.Ord); err != nil {
				return err
			}
			if _, err := tx.NewInsert().Model(&row).Exec(ctx); err != nil {
				return err
			}
		} else if err := changed(tx.NewUpdate().Model(&row).Column("name", "enabled", "definition", "version", "updated_at").WherePK().Where("version = ?", rule.Version).Exec(ctx)); err != nil {
			return err
		}
		rule.ID, rule.Ord, rule.Version, rule.UpdatedAt = row.ID, row.Ord, row.Version, tx.Now
		tx.After(r.forget)
		return r.event(ctx, tx, v, kind, 0, map[string]any{"rule": row.ID, "definition": rule.Definition})
	})
	return &rule, err
}

// DeleteRule takes a rule away; what it did stays in the events.
func (r *Router) DeleteRule(ctx context.Context, v inbox.Viewer, id int64) error {
	if _, err := r.mayRule(ctx, v); err != nil {
		return err
	}
	return r.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := must(tx.NewRaw("DELETE FROM rules WHERE id = ?", id).Exec(ctx)); err != nil {
			return err
		}
		tx.After(r.forget)
		return r.event(ctx, tx, v, "rule.deleted", 0, map[string]any{"rule": id})
	})
}

// MoveRule moves a rule up (-1) or down (+1) by one place.
func (r *Router) MoveRule(ctx context.Context, v inbox.Viewer, id int64, dir int) error {
	if _, err := r.mayRule(ctx, v); err != nil {
		return err
	}
	return r.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		rules, err := readRules(ctx, tx)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(rules, func(x Rule) bool { return x.ID == id })
		j := i + dir
		if i < 0 {
			return inbox.ErrNotFound
		}
		if j < 0 || j >= len(rules) || dir*dir != 1 {
			return nil
		}
		rules[i], rules[j] = rules[j], rules[i]
		for n, x := range rules {
			if _, err := tx.NewRaw("UPDATE rules SET ord = ? WHERE id = ?", n+1, x.ID).Exec(ctx); err != nil {
				return err
			}
		}
		tx.After(r.forget)
		return r.event(ctx, tx, v, "rule.moved", 0, map[string]any{"rule": id, "to": j + 1})
	})
}

func (r *Router) mayRule(ctx context.Context, v inbox.Viewer) (*Directory, error) {
	dir, err := r.Directory(ctx)
	if err != nil {
		return nil, err
	}
	if v.Admin || v.System || slices.ContainsFunc(dir.RolesOf(v.OperatorID), func(m Membership) bool { return m.Role == Head }) {
		return dir, nil
	}
	return nil, inbox.ErrForbidden
}

// changed turns "no row was changed" into inbox.ErrChanged.
func changed(res sql.Result, err error) error {
	err = must(res, err)
	if errors.Is(err, inbox.ErrNotFound) {
		return inbox.ErrChanged
	}
	return err
}
