package inbox

import (
	"context"
	"fmt"

	"filodiretto/internal/db"
	"filodiretto/internal/together"
)

// visitsShown is how many visits and calls stand beside a case.
const visitsShown = 3

// CasePage is all that the page of a case shows: the case, what the form under it
// needs to know, and its person.
type CasePage struct {
	*CaseView
	Compose *Composing
	Person  *Person     // of its cases only what a line of them says; merges are not filled
	Visits  []VisitNote // the person's last ones
}

// CasePage reads the page of a case by the number that people say. That the case
// and the file of its person were read is written to the events, each once in ten
// minutes for an operator, before anything is given.
//
// The case is read once, with the viewer's rights; what belongs to it is read by
// its id. A page puts about a dozen questions, whatever the case holds. The story,
// the person and the note of who read them have nothing to wait for from each
// other: they go at once, and the commit of the last costs the page no time.
func (in *Inbox) CasePage(ctx context.Context, v Viewer, ref string) (*CasePage, error) {
	c, err := in.CaseByRef(ctx, v, ref)
	if err != nil {
		return nil, err
	}
	rows, err := in.rowsOf(ctx, c.CitizenID)
	if err != nil {
		return nil, err
	}
	p, o := &CasePage{}, &optioning{in: in, v: v, c: c}
	var has aside
	err = together.Do(
		func() error {
			err := in.noteReads(ctx, v, read{"case.read", c.CitizenID, c.ID, c.OfficeID}, read{kind: "citizen.read", citizenID: rows[0].RootID})
			if err != nil {
				return fmt.Errorf("case: record the read: %w", err)
			}
			return nil
		},
		func() (err error) {
			if has, err = in.asideOf(ctx, v, c); err == nil {
				p.CaseView, err = in.viewCase(ctx, v, c, has)
			}
			return err
		},
		func() (err error) {
			if p.Person, err = in.panel(ctx, v, rows); err != nil {
				return err
			}
			if p.Visits, err = in.VisitsOf(ctx, v, p.Person, visitsShown); err != nil {
				return err
			}
			return o.loadPerson(ctx, p.Person)
		},
	)
	if err != nil {
		return nil, err
	}
	o.page = p
	p.Compose, err = in.composeFor(ctx, o, has.drafted)
	return p, err
}

// rowsOf reads all rows of the person to whom a row belongs, the root first.
func (in *Inbox) rowsOf(ctx context.Context, id int64) ([]Citizen, error) {
	var rows []Citizen
	err := in.db.Ask(ctx, "SELECT z.* FROM citizens AS z WHERE z.root_id = (SELECT root_id FROM citizens WHERE id = ?) ORDER BY z.id", []any{id}, &rows)
	if err != nil {
		return nil, fmt.Errorf("person: %w", err)
	}
	if len(rows) == 0 {
		return nil, ErrNotFound
	}
	rootsFirst(rows, []int64{rows[0].RootID})
	return rows, nil
}

// panel is the person of the rows as it stands beside a case.
func (in *Inbox) panel(ctx context.Context, v Viewer, rows []Citizen) (*Person, error) {
	p := &Person{ID: rows[0].RootID}
	p.setRows(rows)
	for _, step := range []func(context.Context, Viewer, *Person) error{in.panelIdentities, in.panelCases, in.panelAside} {
		if err := step(ctx, v, p); err != nil {
			return nil, fmt.Errorf("person: %w", err)
		}
	}
	return p, nil
}

func (in *Inbox) panelIdentities(ctx context.Context, _ Viewer, p *Person) error {
	of, args := db.In(p.ids())
	var rows []Identity
	err := in.db.Ask(ctx, "SELECT i.* FROM identities AS i WHERE i.citizen_id IN ("+of+") AND i.removed_at = 0 ORDER BY i.id", args, &rows)
	if err != nil {
		return err
	}
	return in.setIdentities(ctx, in.db.Read, p, rows)
}

func (in *Inbox) panelCases(ctx context.Context, v Viewer, p *Person) error {
	of, args := db.In(p.ids())
	may, offices := visible(v, "c")
	var rows []Case
	err := in.db.Ask(ctx, fmt.Sprintf(`SELECT c.id, c.year, c.number, c.office_id, c.kind, c.status, c.subject, c.snippet, c.due_at, c.created_at, c.closed_at
		FROM cases AS c WHERE c.citizen_id IN (%s) AND c.merged_into = 0 AND %s
		ORDER BY CASE WHEN c.status = 'closed' THEN 1 ELSE 0 END, c.last_at DESC, c.id DESC LIMIT %d`, of, may, 5*mostPast+1), append(args, offices...), &rows)
	p.setCases(rows)
	return err
}

// panelAside reads what few files have, after one question that tells which.
func (in *Inbox) panelAside(ctx context.Context, v Viewer, p *Person) error {
	of, ids := db.In(p.ids())
	var notes, asA, asB, hint bool
	var args []any
	for range 3 {
		args = append(args, ids...)
	}
	err := in.db.Ask(ctx, `SELECT EXISTS (SELECT 1 FROM citizen_notes WHERE citizen_id IN (`+of+`)), EXISTS (SELECT 1 FROM proposals WHERE a_id IN (`+of+`)),
		EXISTS (SELECT 1 FROM proposals WHERE b_id IN (`+of+`)), EXISTS (SELECT 1 FROM settings WHERE key = ? AND value <> '')`,
		append(args, SettingReservedHint), &notes, &asA, &asB, &hint)
	if err == nil && notes {
		err = in.loadNotes(ctx, in.db.Read, v, p)
	}
	if err == nil && (asA || asB) {
		err = in.loadProposals(ctx, in.db.Read, v, p)
	}
	if err == nil && hint {
		err = in.loadReserved(ctx, in.db.Read, v, p)
	}
	return err
}
