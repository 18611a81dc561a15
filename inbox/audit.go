package inbox

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"filodiretto/internal/clock"
	"filodiretto/internal/db"
)

// AuditFilter says which events are asked for. Zero fields ask for all.
type AuditFilter struct {
	Kind       string // "case.closed", or a whole family: "case."
	OperatorID int64
	CitizenID  int64 // a person with all that was merged into them
	CaseRef    string
	From, To   clock.Instant // To is not part of it
	Before     int64         // events older than the one with this id
	Limit      int
}

// AuditEvent is an event with what names its object. Contents are no part of it.
type AuditEvent struct {
	Event
	Ref    string // number of the case; empty for none
	Person string // name of the citizen; empty for none
}

// AuditPage is a piece of the register, newest first.
type AuditPage struct {
	Events []AuditEvent
	Refs   map[int64]string // numbers of all the cases that the events name
	Next   int64            // Before of what follows; 0 at the end
	Sealed clock.Instant    // events up to this instant are sealed; 0 for none
}

// Audit reads the register of what happened. An administrator sees all events;
// a head those of the offices they head, and what their people did that concerns
// no office. Others get ErrForbidden. A number of a case that does not exist is
// InvalidError on "number".
func (in *Inbox) Audit(ctx context.Context, v Viewer, f AuditFilter) (*AuditPage, error) {
	f.Limit = max(1, min(f.Limit, 200))
	q := in.db.Read.NewSelect().Model((*Event)(nil)).OrderExpr("e.id DESC").Limit(int64(f.Limit) + 1)
	if !v.Admin && !v.System {
		heads, err := in.headOf(ctx, v.OperatorID)
		if err != nil {
			return nil, err
		}
		if len(heads) == 0 {
			return nil, ErrForbidden
		}
		q = q.Where("(e.office_id IN (?) OR e.office_id = 0 AND e.operator_id IN (SELECT operator_id FROM operator_roles WHERE office_id IN (?)))", bun.List(heads), bun.List(heads))
	}
	q, err := in.auditWhere(ctx, q, f)
	if err != nil {
		return nil, err
	}
	var list []Event
	if err := q.Scan(ctx, &list); err != nil {
		return nil, fmt.Errorf("read the register: %w", err)
	}
	out := &AuditPage{}
	if len(list) > f.Limit {
		list = list[:f.Limit]
		out.Next = list[f.Limit-1].ID
	}
	for i := range list {
		out.Events = append(out.Events, AuditEvent{Event: list[i]})
	}
	if err := in.auditNames(ctx, out); err != nil {
		return nil, err
	}
	err = in.db.Read.NewRaw("SELECT COALESCE(max(e.at), 0) FROM events AS e WHERE e.id = (SELECT max(last_event) FROM seals)").Scan(ctx, &out.Sealed)
	if err != nil {
		return nil, fmt.Errorf("read the last seal: %w", err)
	}
	return out, nil
}

// headOf are the offices that an operator heads.
func (in *Inbox) headOf(ctx context.Context, operator int64) ([]int64, error) {
	var out []int64
	err := in.db.Read.NewRaw("SELECT office_id FROM operator_roles WHERE operator_id = ? AND role = 'head'", operator).Scan(ctx, &out)
	if err != nil {
		return nil, fmt.Errorf("read the roles: %w", err)
	}
	return out, nil
}

// idLate is by how much the id of an event may be younger than its instant, which
// is that of the beginning of its transaction.
const idLate = time.Hour

func (in *Inbox) auditWhere(ctx context.Context, q *bun.SelectQuery, f AuditFilter) (*bun.SelectQuery, error) {
	if family, ok := strings.CutSuffix(f.Kind, "."); ok {
		q = q.Where("e.kind LIKE ? ESCAPE '!'", strings.NewReplacer("!", "!!", "%", "!%", "_", "!_").Replace(family)+".%")
	} else if f.Kind != "" {
		q = q.Where("e.kind = ?", f.Kind)
	}
	if f.OperatorID != 0 {
		q = q.Where("e.operator_id = ? AND e.operator_id > 0", f.OperatorID)
	}
	if f.CitizenID != 0 {
		const person = "SELECT p.id FROM citizens AS p WHERE p.root_id = (SELECT r.root_id FROM citizens AS r WHERE r.id = ?)"
		q = q.Where("(e.citizen_id > 0 AND e.case_id = 0 AND e.citizen_id IN ("+person+") OR e.case_id > 0 AND e.case_id IN (SELECT c.id FROM cases AS c WHERE c.citizen_id IN ("+person+")))",
			f.CitizenID, f.CitizenID)
	}
	if f.CaseRef != "" {
		year, number, ok := ParseRef(f.CaseRef)
		if !ok {
			return nil, &InvalidError{"number", "unknown"}
		}
		var id int64
		err := in.db.Read.NewRaw("SELECT id FROM cases WHERE year = ? AND number = ?", year, number).Scan(ctx, &id)
		if err != nil {
			if notFound(err) == ErrNotFound {
				return nil, &InvalidError{"number", "unknown"}
			}
			return nil, fmt.Errorf("read the register: %w", err)
		}
		q = q.Where("e.case_id = ? AND e.case_id > 0", id)
	}
	if f.From != 0 {
		q = q.Where("e.id >= ? AND e.at >= ?", db.FirstID(f.From), f.From)
	}
	if f.To != 0 {
		q = q.Where("e.id < ? AND e.at < ?", db.FirstID(f.To.Add(idLate)), f.To)
	}
	if f.Before != 0 {
		q = q.Where("e.id < ?", f.Before)
	}
	return q, nil
}

// auditNames finds the numbers of the cases and the names of the persons that
// events name, with one question each.
func (in *Inbox) auditNames(ctx context.Context, p *AuditPage) error {
	var cases, citizens []int64
	for i := range p.Events {
		e := &p.Events[i]
		var d struct{ From, Into json.RawMessage }
		_ = json.Unmarshal([]byte(e.Data), &d) // members of other types name no case
		cases = append(cases, e.CaseID, idOf(d.From), idOf(d.Into))
		citizens = append(citizens, e.CitizenID)
	}
	var refs []struct {
		ID, Number int64
		Year       int
	}
	if err := in.db.Read.NewRaw("SELECT id, year, number FROM cases WHERE id IN (?)", bun.List(append(cases, 0))).Scan(ctx, &refs); err != nil {
		return fmt.Errorf("read the register: %w", err)
	}
	p.Refs = make(map[int64]string, len(refs))
	for _, r := range refs {
		p.Refs[r.ID] = CaseRef(r.Year, r.Number)
	}
	var people []struct {
		ID   int64
		Name string
	}
	if err := in.db.Read.NewRaw("SELECT id, name FROM citizens WHERE id IN (?)", bun.List(append(citizens, 0))).Scan(ctx, &people); err != nil {
		return fmt.Errorf("read the register: %w", err)
	}
	names := make(map[int64]string, len(people))
	for _, x := range people {
		names[x.ID] = x.Name
	}
	for i := range p.Events {
		e := &p.Events[i]
		e.Ref, e.Person = p.Refs[e.CaseID], names[e.CitizenID]
	}
	return nil
}

// idOf reads a member of an event that holds an id; what is none is 0.
func idOf(raw json.RawMessage) (id int64) {
	_ = json.Unmarshal(raw, &id)
	return id
}
