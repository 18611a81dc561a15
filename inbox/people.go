package inbox

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"filodiretto/internal/clock"
)

// Person is a citizen's file as one operator may see it: all rows that are one
// person, and what hangs on them.
type Person struct {
	ID         int64 // the root row's
	Version    int64 // for UpdateCitizen
	Name       string
	NameSource string
	Lang       string
	Preferred  string // channel, empty when not said

	Rows       []Citizen // the root first, then by age
	Identities []PersonIdentity
	Notes      []PersonNote
	Open       []Case // newest contact first; Secret is not filled
	Past       []Case // closed ones, the newest hundred
	MorePast   bool
	// Reserved is what the municipality lets be said when the person has a
	// matter that the viewer may not see ("call extension 214"). It is empty
	// unless the setting person.reserved_hint says otherwise, and never tells
	// how many (inbox.md section 6 item 6).
	Reserved  string
	Proposals []PersonProposal
	Merges    []PersonMerge // in force, newest first; each can be undone
	Apart     []PersonApart // said not to be the same person
	Link      *LinkState    // the newest word made to link a chat, nil for none
}

// PersonIdentity is an identity with what a page says of it.
type PersonIdentity struct {
	Identity
	VerifiedByName string
	Preferred      bool   // on the channel that the person prefers
	Barred         string // why nothing at all may go there; empty when it may
	NoNotices      string // why nothing may go there that was not asked for
}

// PersonNote is what staff wrote on one row of the file. What stands on the row
// itself has no ID, writer and time.
type PersonNote struct {
	CitizenID  int64
	Text       string
	ID         int64
	ByOperator int64
	At         clock.Instant
}

// PersonMerge is a merge in force.
type PersonMerge struct {
	Merge
	KeptName, GoneName string
	ByName             string // empty when the citizen did it with a link
}

// PersonApart is a mark that two persons are not the same.
type PersonApart struct {
	OtherID int64 // root of the other person
	Name    string
	At      clock.Instant
}

// SettingReservedHint is the key, in the table settings, of the text shown on a
// file that has a matter which the reader may not see.
const SettingReservedHint = "person.reserved_hint"

const mostPast = 100

// mayOpenFiles reports whether the viewer works with citizens at all. The file
// is the municipality's one record of a person and is open to all its offices;
// the matters in it are not (inbox.md section 6 item 6).
func (v Viewer) mayOpenFiles() bool { return v.System || v.FrontDesk || len(v.Offices) > 0 }

// Person reads the file of the person to whom the row id belongs, and writes
// into the events that the viewer read it. ErrNotFound when there is no such
// row or the viewer works in no office.
func (in *Inbox) Person(ctx context.Context, v Viewer, id int64) (*Person, error) {
	root, err := in.openFile(ctx, v, id)
	if err != nil {
		return nil, err
	}
	p := &Person{ID: root}
	for _, step := range []func(context.Context, bun.IDB, Viewer, *Person) error{
		in.loadRows, in.loadNotes, in.loadIdentities, in.loadPersonCases, in.loadReserved, in.loadMerges, in.loadProposals, in.loadLink,
	} {
		if err := step(ctx, in.db.Read, v, p); err != nil {
			return nil, fmt.Errorf("person: %w", err)
		}
	}
	return p, nil
}

// ids are the row ids of the person.
func (p *Person) ids() []int64 {
	out := make([]int64, len(p.Rows))
	for i := range p.Rows {
		out[i] = p.Rows[i].ID
	}
	return out
}

func (p *Person) rowName(id int64) string {
	for i := range p.Rows {
		if p.Rows[i].ID == id {
			return p.Rows[i].Name
		}
	}
	return ""
}

func (in *Inbox) loadRows(ctx context.Context, idb bun.IDB, _ Viewer, p *Person) error {
	rows, err := findRows(ctx, idb, p.ID)
	if err != nil {
		return err
	}
	if len(rows) == 0 { // merged away between two queries
		return ErrNotFound
	}
	p.setRows(rows)
	return nil
}

// setRows takes what the rows of the person say, the root first.
func (p *Person) setRows(rows []Citizen) {
	p.Rows = rows
	shown := bestName(rows)
	p.Version, p.Name, p.NameSource = rows[0].Version, shown.Name, shown.NameSource
	for _, z := range rows {
		if p.Lang == "" {
			p.Lang = z.Lang
		}
		if p.Preferred == "" {
			p.Preferred = z.Preferred
		}
		if z.Note != "" {
			p.Notes = append(p.Notes, PersonNote{CitizenID: z.ID, Text: z.Note})
		}
	}
}

// findRows reads the rows of the persons with the roots given, each root before
// its other rows, which go by age.
func findRows(ctx context.Context, idb bun.IDB, roots ...int64) ([]Citizen, error) {
	var rows []Citizen
	err := idb.NewSelect().Model(&rows).Where("z.root_id IN (?)", bun.List(roots)).OrderExpr("z.id").Scan(ctx)
	rootsFirst(rows, roots)
	return rows, err
}

// rootsFirst orders rows by the persons' roots, each root before its others.
func rootsFirst(rows []Citizen, roots []int64) {
	slices.SortStableFunc(rows, func(a, b Citizen) int {
		switch {
		case a.RootID != b.RootID:
			return slices.Index(roots, a.RootID) - slices.Index(roots, b.RootID)
		case a.ID == a.RootID:
			return -1
		case b.ID == b.RootID:
			return 1
		}
		return 0
	})
}

func (in *Inbox) loadIdentities(ctx context.Context, idb bun.IDB, _ Viewer, p *Person) error {
	rows, err := findIdentities(ctx, idb, p.ids())
	if err != nil {
		return err
	}
	return in.setIdentities(ctx, idb, p, rows)
}

// setIdentities takes the identities of the person, with the names of those who
// verified them.
func (in *Inbox) setIdentities(ctx context.Context, idb bun.IDB, p *Person, rows []Identity) error {
	var by []int64
	for i := range rows {
		if rows[i].VerifiedBy > 0 {
			by = append(by, rows[i].VerifiedBy)
		}
	}
	names, err := operatorNames(ctx, idb, by)
	if err != nil {
		return err
	}
	now := in.clock.Now()
	for _, id := range rows {
		p.Identities = append(p.Identities, PersonIdentity{
			Identity: id, VerifiedByName: names[id.VerifiedBy],
			Preferred: p.Preferred != "" && reachedBy[p.Preferred] == id.Kind,
			Barred:    id.Barred(false, now), NoNotices: id.Barred(true, now),
		})
	}
	return nil
}

// findIdentities reads the identities of rows, those in use, the oldest first.
func findIdentities(ctx context.Context, idb bun.IDB, citizens []int64) ([]Identity, error) {
	var rows []Identity
	if len(citizens) == 0 {
		return nil, nil
	}
	err := idb.NewSelect().Model(&rows).Where("i.citizen_id IN (?) AND i.removed_at = 0", bun.List(citizens)).OrderExpr("i.id").Scan(ctx)
	return rows, err
}

func operatorNames(ctx context.Context, idb bun.IDB, ids []int64) (map[int64]string, error) {
	names := map[int64]string{}
	if len(ids) == 0 {
		return names, nil
	}
	var rows []struct {
		ID   int64
		Name string
	}
	err := idb.NewSelect().Table("operators").Column("id", "name").Where("id IN (?)", bun.List(ids)).Scan(ctx, &rows)
	for _, r := range rows {
		names[r.ID] = r.Name
	}
	return names, err
}

func (in *Inbox) loadPersonCases(ctx context.Context, idb bun.IDB, v Viewer, p *Person) error {
	var rows []Case
	q := idb.NewSelect().Model(&rows).ExcludeColumn("secret").
		Where("c.citizen_id IN (?) AND c.merged_into = 0", bun.List(p.ids())).
		OrderExpr("CASE WHEN c.status = 'closed' THEN 1 ELSE 0 END, c.last_at DESC, c.id DESC").Limit(5*mostPast + 1)
	if err := visibleCases(q, v).Scan(ctx); err != nil {
		return err
	}
	p.setCases(rows)
	return nil
}

// setCases takes the person's cases: open ones before closed ones, of each the
// newest first.
func (p *Person) setCases(rows []Case) {
	for _, c := range rows {
		switch {
		case c.Status != Closed:
			p.Open = append(p.Open, c)
		case len(p.Past) < mostPast:
			p.Past = append(p.Past, c)
		default:
			p.MorePast = true
		}
	}
}

// loadReserved fills the hint when policy has one and a reserved office works
// on a matter of the person out of the viewer's sight.
func (in *Inbox) loadReserved(ctx context.Context, idb bun.IDB, v Viewer, p *Person) error {
	var hint string
	err := idb.NewSelect().Table("settings").Column("value").Where("key = ?", SettingReservedHint).Scan(ctx, &hint)
	if err = notFound(err); err == ErrNotFound || strings.TrimSpace(hint) == "" {
		return nil
	}
	if err != nil {
		return err
	}
	seen := visibleCases(idb.NewSelect().Model((*Case)(nil)).Column("c.id").Where("c.citizen_id IN (?)", bun.List(p.ids())), v)
	hidden, err := idb.NewSelect().TableExpr("cases AS x").Join("JOIN offices AS o ON o.id = x.office_id AND o.reserved").
		Where("x.citizen_id IN (?) AND x.status <> 'closed' AND x.id NOT IN (?)", bun.List(p.ids()), seen).Exists(ctx)
	if hidden {
		p.Reserved = hint
	}
	return err
}

func (in *Inbox) loadMerges(ctx context.Context, idb bun.IDB, _ Viewer, p *Person) error {
	if len(p.Rows) == 1 {
		return nil
	}
	var rows []Merge
	err := idb.NewSelect().Model(&rows).Where("mg.undone_at = 0 AND mg.kept_id IN (?)", bun.List(p.ids())).OrderExpr("mg.id DESC").Scan(ctx)
	if err != nil {
		return err
	}
	var by []int64
	for i := range rows {
		by = append(by, rows[i].ByOperator)
	}
	names, err := operatorNames(ctx, idb, by)
	if err != nil {
		return err
	}
	for _, m := range rows {
		p.Merges = append(p.Merges, PersonMerge{Merge: m, KeptName: p.rowName(m.KeptID), GoneName: p.rowName(m.GoneID), ByName: names[m.ByOperator]})
	}
	return nil
}
