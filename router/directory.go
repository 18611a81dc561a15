package router

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"github.com/uptrace/bun"

	"filodiretto/inbox"
	"filodiretto/internal/clock"
)

// directoryAge is how long what other processes changed may go unseen.
const directoryAge = 10_000_000 // microseconds: 10 s

// Directory is all offices and people, as they are now. It is small and read
// by every page, so it is kept in memory for some seconds.
type Directory struct {
	Offices   []Office
	Operators []Operator
	Members   []Membership

	readAt   clock.Instant
	office   map[int64]*Office
	operator map[int64]*Operator
}

// Directory gives the offices and people.
func (r *Router) Directory(ctx context.Context) (*Directory, error) {
	now := r.clock.Now()
	r.mu.RLock()
	d := r.dir
	r.mu.RUnlock()
	if d != nil && now-d.readAt < directoryAge {
		return d, nil
	}
	d, err := readDirectory(ctx, r.db.Read, now)
	if err != nil {
		return nil, err
	}
	r.mu.Lock()
	r.dir = d
	r.mu.Unlock()
	return d, nil
}

func readDirectory(ctx context.Context, idb bun.IDB, now clock.Instant) (*Directory, error) {
	d := &Directory{readAt: now, office: map[int64]*Office{}, operator: map[int64]*Operator{}}
	if err := idb.NewSelect().Model(&d.Offices).OrderExpr("o.level DESC, o.name").Scan(ctx); err != nil {
		return nil, fmt.Errorf("read the offices: %w", err)
	}
	if err := idb.NewSelect().Model(&d.Operators).ExcludeColumn("password").OrderExpr("op.name").Scan(ctx); err != nil {
		return nil, fmt.Errorf("read the operators: %w", err)
	}
	if err := idb.NewSelect().Model(&d.Members).Scan(ctx); err != nil {
		return nil, fmt.Errorf("read the roles: %w", err)
	}
	for i := range d.Offices {
		d.office[d.Offices[i].ID] = &d.Offices[i]
	}
	for i := range d.Operators {
		d.operator[d.Operators[i].ID] = &d.Operators[i]
	}
	return d, nil
}

// Office finds an office; nil when there is none.
func (d *Directory) Office(id int64) *Office { return d.office[id] }

// OfficeByKey finds an office by its key; nil when there is none.
func (d *Directory) OfficeByKey(key string) *Office {
	for i := range d.Offices {
		if d.Offices[i].Key == key {
			return &d.Offices[i]
		}
	}
	return nil
}

// Operator finds an operator, also one who is disabled; nil when there is none.
func (d *Directory) Operator(id int64) *Operator { return d.operator[id] }

// InOffice are the active members of an office, by name.
func (d *Directory) InOffice(office int64) []*Operator {
	var out []*Operator
	for i := range d.Operators {
		o := &d.Operators[i]
		if o.DisabledAt.IsZero() && d.has(o.ID, office) {
			out = append(out, o)
		}
	}
	return out
}

func (d *Directory) has(operator, office int64) bool {
	return slices.ContainsFunc(d.Members, func(m Membership) bool { return m.OperatorID == operator && m.OfficeID == office })
}

// RolesOf are the memberships of an operator.
func (d *Directory) RolesOf(operator int64) []Membership {
	var out []Membership
	for _, m := range d.Members {
		if m.OperatorID == operator {
			out = append(out, m)
		}
	}
	return out
}

// Heads are the heads of an office.
func (d *Directory) Heads(office int64) []int64 {
	var out []int64
	for _, m := range d.Members {
		if m.OfficeID == office && m.Role == Head {
			out = append(out, m.OperatorID)
		}
	}
	return out
}

// Viewer makes the viewer of an operator; ok is false for one who may not work.
func (d *Directory) Viewer(operator int64) (v inbox.Viewer, ok bool) {
	o := d.operator[operator]
	if o == nil || !o.DisabledAt.IsZero() {
		return inbox.Viewer{}, false
	}
	v = inbox.Viewer{OperatorID: o.ID, Name: o.Name}
	for _, m := range d.RolesOf(operator) {
		if m.Role == Administrator {
			v.Admin = true
			continue
		}
		if !slices.Contains(v.Offices, m.OfficeID) {
			v.Offices = append(v.Offices, m.OfficeID)
		}
		if off := d.office[m.OfficeID]; m.Role == Reception || off != nil && off.Level == "front" && (m.Role == FrontOffice || m.Role == Head) {
			v.FrontDesk = true
		}
	}
	return v, true
}

// noRow turns "no rows" into inbox.ErrNotFound.
func noRow(err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return inbox.ErrNotFound
	}
	return err
}
