package router

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"filodiretto/inbox"
	"filodiretto/internal/clock"
	"filodiretto/internal/db"
	"filodiretto/internal/textfold"
)

// ruleSet is the rules made ready: values folded, offices and people looked up.
type ruleSet struct {
	rules  []compiled
	readAt clock.Instant
}

type compiled struct {
	id       int64
	all, any []test
	actions  Actions
	office   int64
	assignee int64
	stop     bool
}

// test answers whether a condition holds.
type test func(*state) bool

// state is a case on its way through the rules.
type state struct {
	inbox.Facts
	words   map[string]bool
	subject map[string]bool
	at      time.Time // in the municipality's zone
}

// Decide sends the facts of each new case through the rules (inbox.Router).
func (r *Router) Decide(ctx context.Context, tx *db.Tx, facts []inbox.Facts) ([]inbox.Decision, error) {
	set, err := r.compiled(ctx, tx)
	if err != nil {
		return nil, err
	}
	out := make([]inbox.Decision, len(facts))
	for i := range facts {
		d, wantsTurn := set.decide(r.zone, facts[i])
		if wantsTurn {
			office := d.Office
			if office == 0 {
				office = facts[i].Office
			}
			if d.Assignee, err = r.nextInTurn(ctx, tx, office); err != nil {
				return nil, err
			}
		}
		out[i] = d
	}
	return out, nil
}

// compiled gives the rules as they are, read at most ten seconds ago. They are
// read through the transaction: on SQLite no other connection may be waited for.
func (r *Router) compiled(ctx context.Context, tx *db.Tx) (*ruleSet, error) {
	r.mu.RLock()
	set := r.rules
	r.mu.RUnlock()
	if set != nil && tx.Now-set.readAt < directoryAge {
		return set, nil
	}
	rules, err := readRules(ctx, tx)
	if err != nil {
		return nil, err
	}
	dir, err := readDirectory(ctx, tx, tx.Now)
	if err != nil {
		return nil, err
	}
	set = &ruleSet{readAt: tx.Now}
	for _, rule := range rules {
		if rule.Enabled {
			set.rules = append(set.rules, compile(rule, dir))
		}
	}
	r.mu.Lock()
	r.rules = set
	r.mu.Unlock()
	return set, nil
}

func compile(rule Rule, dir *Directory) compiled {
	c := compiled{id: rule.ID, actions: rule.Definition.Actions, stop: rule.Definition.Stop}
	for _, x := range rule.Definition.All {
		c.all = append(c.all, x.test())
	}
	for _, x := range rule.Definition.Any {
		c.any = append(c.any, x.test())
	}
	if o := dir.OfficeByKey(c.actions.Office); o != nil {
		c.office = o.ID
	}
	if o := dir.operatorByLogin(c.actions.Assignee); o != nil {
		c.assignee = o.ID
	}
	return c
}

// decide applies the rules in order. wantsTurn says that the last assignment is
// by round robin.
func (set *ruleSet) decide(zone *time.Location, f inbox.Facts) (d inbox.Decision, wantsTurn bool) {
	s := &state{Facts: f, at: f.At.Time().In(zone)}
	for _, c := range set.rules {
		if !c.fits(s) {
			continue
		}
		d.Rules = append(d.Rules, c.id)
		a := c.actions
		if c.office != 0 {
			d.Office = c.office
		}
		if a.Kind != "" {
			d.Kind, s.Kind = inbox.CaseKind(a.Kind), inbox.CaseKind(a.Kind)
		}
		if a.Procedure != "" {
			d.Procedure, s.Procedure = a.Procedure, a.Procedure
		}
		if a.Priority != nil {
			d.Priority = *a.Priority
		}
		if a.Assignee != "" {
			wantsTurn, d.Assignee = a.Assignee == RoundRobin, c.assignee
		}
		if a.DueDays > 0 {
			d.DueAt = endOfDay(s.at.AddDate(0, 0, a.DueDays))
		}
		d.Receipt = d.Receipt || a.Receipt
		if a.Register && d.Register == 0 {
			d.Register = c.id
		}
		if c.stop {
			break
		}
	}
	return d, wantsTurn
}

// endOfDay is the last second of a day: a term of days includes the last one.
func endOfDay(t time.Time) clock.Instant {
	y, m, day := t.Date()
	return clock.At(time.Date(y, m, day, 23, 59, 59, 0, t.Location()))
}

func (c *compiled) fits(s *state) bool {
	for _, t := range c.all {
		if !t(s) {
			return false
		}
	}
	return len(c.any) == 0 || slices.ContainsFunc(c.any, func(t test) bool { return t(s) })
}

func (c Condition) test() test {
	value := strings.TrimSpace(c.Value)
	switch c.Field {
	case FieldWords:
		return wordTest(c.Op, value, func(s *state) map[string]bool { return s.stems(&s.words, s.Words) })
	case FieldSubject:
		return wordTest(c.Op, value, func(s *state) map[string]bool { return s.stems(&s.subject, textfold.Words(s.Subject)) })
	case FieldHour:
		from, to, _ := hours(value)
		return negate(c.Op == OpNotIn, func(s *state) bool {
			h := s.at.Hour()
			if from < to {
				return h >= from && h < to
			}
			return h >= from || h < to
		})
	case FieldDay:
		set, _ := days(value)
		return negate(c.Op == OpNotIn, func(s *state) bool { return set[s.at.Weekday()] })
	case FieldFiles:
		n, _ := strconv.Atoi(value)
		return func(s *state) bool { return s.Files >= n }
	case FieldSender:
		folded := strings.ToLower(value)
		if c.Op == OpContains {
			return func(s *state) bool { return strings.Contains(strings.ToLower(s.Sender), folded) }
		}
		return negate(c.Op == OpIsNot, func(s *state) bool { return strings.ToLower(s.Sender) == folded })
	}
	get := map[string]func(*state) string{
		FieldChannel: func(s *state) string { return s.Channel }, FieldAccount: func(s *state) string { return s.AccountKey },
		FieldKind: func(s *state) string { return string(s.Kind) }, FieldProcedure: func(s *state) string { return s.Procedure },
		FieldLang: func(s *state) string { return s.Lang },
	}[c.Field]
	if get == nil {
		return func(*state) bool { return false } // a field of a newer program: never fits
	}
	return negate(c.Op == OpIsNot, func(s *state) bool { return strings.EqualFold(get(s), value) })
}

func negate(not bool, t test) test {
	if !not {
		return t
	}
	return func(s *state) bool { return !t(s) }
}

// stems makes the set of an item's words once.
func (s *state) stems(kept *map[string]bool, words []string) map[string]bool {
	if *kept == nil {
		*kept = make(map[string]bool, len(words))
		for _, w := range words {
			(*kept)[w] = true
		}
	}
	return *kept
}

func wordTest(op, value string, has func(*state) map[string]bool) test {
	stems := textfold.Words(value)
	some := func(s *state) bool {
		set := has(s)
		return slices.ContainsFunc(stems, func(w string) bool { return set[w] })
	}
	switch op {
	case OpAll:
		return func(s *state) bool {
			set := has(s)
			return !slices.ContainsFunc(stems, func(w string) bool { return !set[w] })
		}
	case OpNone:
		return func(s *state) bool { return !some(s) }
	default:
		return some
	}
}

// nextInTurn gives the member of an office whose turn it is: the one after the
// last, by id, who is neither away nor disabled. 0 when there is nobody.
func (r *Router) nextInTurn(ctx context.Context, tx *db.Tx, office int64) (int64, error) {
	var last int64
	q := "SELECT last_operator FROM round_robin WHERE office_id = ?"
	if tx.Postgres {
		q += " FOR UPDATE"
	}
	if err := tx.NewRaw(q, office).Scan(ctx, &last); err != nil && noRow(err) != inbox.ErrNotFound {
		return 0, fmt.Errorf("whose turn it is: %w", err)
	}
	var members []int64
	err := tx.NewRaw(`SELECT DISTINCT op.id FROM operators AS op JOIN operator_roles AS r ON r.operator_id = op.id
		WHERE r.office_id = ? AND r.role IN (?) AND op.disabled_at = 0 AND NOT op.away ORDER BY op.id`, office, bun.List([]Role{FrontOffice, BackOffice})).Scan(ctx, &members)
	if err != nil {
		return 0, fmt.Errorf("whose turn it is: %w", err)
	}
	if len(members) == 0 {
		return 0, nil
	}
	next := members[0]
	if i := slices.IndexFunc(members, func(id int64) bool { return id > last }); i >= 0 {
		next = members[i]
	}
	_, err = tx.NewRaw(`INSERT INTO round_robin (office_id, last_operator) VALUES (?, ?)
		ON CONFLICT (office_id) DO UPDATE SET last_operator = excluded.last_operator`, office, next).Exec(ctx)
	return next, err
}
