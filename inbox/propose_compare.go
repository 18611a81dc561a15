package inbox

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"filodiretto/internal/clock"
	"filodiretto/internal/db"
	"filodiretto/internal/person"
)

// PersonProposal asks about another person, with what speaks for and against.
type PersonProposal struct {
	ID        int64 // for AcceptProposal and RefuseProposal
	Other     PersonSummary
	Reasons   []string // "cf", "email", "form", "phone", "address", "name"
	Score     int      // 5 to 100
	Weak      bool     // hardly more than a household; pages may fold it away
	CreatedAt clock.Instant
	Table     []Compared
}

// PersonSummary is a person in a few words.
type PersonSummary struct {
	ID         int64
	Name       string
	Identities []Identity
	Since      clock.Instant // when the first row was made

	realName string // empty where Name is only an address
}

// Compared is one line of the comparison of two persons.
type Compared struct {
	Field   string       // "name", "cf", "phone", "email", "pec", "address"
	Verdict person.Match // Unknown when one of them has none
	Mine    []string     // as shown
	Theirs  []string
}

const (
	mostProposals = 20
	weakScore     = 30 // an address alone, or a telephone with another name
)

// compare puts two persons side by side.
func compare(nameA, nameB string, a, b []Identity) []Compared {
	out := []Compared{{Field: "name", Verdict: person.NameMatch(nameA, nameB), Mine: one(nameA), Theirs: one(nameB)}}
	for _, kind := range []string{"cf", "phone", "email", "pec", "address"} {
		mine, theirs := ofKind(a, kind), ofKind(b, kind)
		out = append(out, Compared{
			Field: kind, Verdict: compareKind(kind, mine, theirs), Mine: displays(mine), Theirs: displays(theirs),
		})
	}
	return out
}

// compareKind is the best verdict over all that both have of a kind.
func compareKind(kind string, a, b []Identity) person.Match {
	best := person.Unknown
	for i := range a {
		for j := range b {
			best = better(best, sameIdentity(kind, &a[i], &b[j]))
		}
	}
	return best
}

func sameIdentity(kind string, a, b *Identity) person.Match {
	switch {
	case kind == "address":
		return person.AddressMatch(a.Display, b.Display)
	case a.Value == b.Value:
		return person.Same
	}
	return person.Different
}

func better(a, b person.Match) person.Match {
	for _, m := range []person.Match{person.Same, person.Compatible, person.Different} {
		if a == m || b == m {
			return m
		}
	}
	return person.Unknown
}

// sharedKinds are the reasons that the identities of two rows give.
func sharedKinds(a, b []Identity) []string {
	var out []string
	for _, kind := range []string{"cf", "phone", "address"} {
		if m := compareKind(kind, ofKind(a, kind), ofKind(b, kind)); m == person.Same || m == person.Compatible {
			out = append(out, kind)
		}
	}
	return out
}

func ofKind(ids []Identity, kind string) []Identity {
	return slices.DeleteFunc(slices.Clone(ids), func(id Identity) bool { return id.Kind != kind })
}

func displays(ids []Identity) []string {
	var out []string
	for i := range ids {
		out = append(out, ids[i].Shown())
	}
	return out
}

func one(s string) []string {
	if s == "" {
		return nil
	}
	return []string{s}
}

// Shown is the identity as people read it: a handle rather than a number, a
// street address as it was written.
func (id *Identity) Shown() string {
	switch {
	case id.Kind == Nobody:
		return ""
	case id.Kind == "telegram" && id.Handle != "":
		return id.Handle
	case id.Kind == "address" && id.Display != "":
		return id.Display
	case id.Kind == "phone":
		return person.GroupPhone(id.Value)
	}
	return id.Value
}

// correctProposal keeps of a proposal what is founded: kinds that the rows still
// share, and what was not drawn from identities at all.
func (in *Inbox) correctProposal(ctx context.Context, tx *db.Tx, p Proposal, kinds []string) error {
	var left []string
	for _, r := range strings.Fields(p.Reasons) {
		if slices.Contains(kinds, r) || r == "email" || r == "form" {
			left = append(left, r)
		}
	}
	if len(left) == 0 {
		_, err := tx.NewDelete().Model(&p).WherePK().Exec(ctx)
		return err
	}
	names := person.Unknown
	if strings.Contains(p.Reasons, "name") {
		left, names = append(left, "name"), person.Compatible
	}
	written, list := joinReasons("", left)
	if written == p.Reasons {
		return nil
	}
	_, err := tx.NewRaw("UPDATE proposals SET reasons = ?, score = ? WHERE id = ?", written, score(list, names), p.ID).Exec(ctx)
	return err
}

// loadProposals fills what is asked about the person, and of whom it was said
// that they are somebody else.
func (in *Inbox) loadProposals(ctx context.Context, idb bun.IDB, _ Viewer, p *Person) error {
	var rows []Proposal
	err := idb.NewSelect().Model(&rows).Where("pr.state IN ('open','refused') AND (pr.a_id IN (?) OR pr.b_id IN (?))", bun.List(p.ids()), bun.List(p.ids())).
		OrderExpr("pr.score DESC, pr.id").Scan(ctx)
	if err != nil || len(rows) == 0 {
		return err
	}
	mine := p.ids()
	var others []int64
	for i := range rows {
		others = append(others, other(&rows[i], mine))
	}
	byRow, people, err := loadSummaries(ctx, idb, others)
	if err != nil {
		return err
	}
	apart := map[int64]bool{}
	for i := range rows {
		root := byRow[others[i]]
		if rows[i].State == "refused" && root != p.ID && !apart[root] {
			apart[root] = true
			p.Apart = append(p.Apart, PersonApart{OtherID: root, Name: people[root].Name, At: rows[i].DecidedAt})
		}
	}
	at := map[int64]int{}
	for i := range rows {
		root := byRow[others[i]]
		if rows[i].State == "refused" || root == p.ID || apart[root] {
			continue
		}
		if j, seen := at[root]; seen { // another pair of rows of the same two persons
			_, p.Proposals[j].Reasons = joinReasons(rows[i].Reasons, p.Proposals[j].Reasons)
		} else if len(p.Proposals) < mostProposals {
			at[root] = len(p.Proposals)
			p.Proposals = append(p.Proposals, PersonProposal{
				ID: rows[i].ID, Other: people[root], Reasons: strings.Fields(rows[i].Reasons), Score: rows[i].Score,
				Weak: rows[i].Score < weakScore, CreatedAt: rows[i].CreatedAt,
			})
		}
	}
	return in.compareProposals(ctx, idb, p)
}

func other(p *Proposal, mine []int64) int64 {
	if slices.Contains(mine, p.AID) {
		return p.BID
	}
	return p.AID
}

// compareProposals adds the identities of the others and the tables.
func (in *Inbox) compareProposals(ctx context.Context, idb bun.IDB, p *Person) error {
	if len(p.Proposals) == 0 {
		return nil
	}
	var roots []int64
	for i := range p.Proposals {
		roots = append(roots, p.Proposals[i].Other.ID)
	}
	ids, err := identitiesOf(ctx, idb, roots)
	if err != nil {
		return err
	}
	var mine []Identity
	for i := range p.Identities {
		mine = append(mine, p.Identities[i].Identity)
	}
	name := realName(&Citizen{Name: p.Name, NameSource: p.NameSource})
	for i := range p.Proposals {
		x := &p.Proposals[i]
		x.Other.Identities = ids[x.Other.ID]
		x.Table = compare(name, x.Other.realName, mine, x.Other.Identities)
	}
	return nil
}

// identitiesOf reads the identities in use of persons, by root.
func identitiesOf(ctx context.Context, idb bun.IDB, roots []int64) (map[int64][]Identity, error) {
	var rows []struct {
		Identity
		RootID int64
	}
	out := map[int64][]Identity{}
	err := idb.NewSelect().Model((*Identity)(nil)).ColumnExpr("i.*").ColumnExpr("z.root_id").Join("JOIN citizens AS z ON z.id = i.citizen_id").
		Where("z.root_id IN (?) AND i.removed_at = 0", bun.List(roots)).OrderExpr("i.id").Scan(ctx, &rows)
	for _, r := range rows {
		out[r.RootID] = append(out[r.RootID], r.Identity)
	}
	return out, err
}

// loadSummaries reads the persons of some rows: the root of each row, and each
// person by root, without identities.
func loadSummaries(ctx context.Context, idb bun.IDB, ids []int64) (byRow map[int64]int64, people map[int64]PersonSummary, err error) {
	byRow, people = map[int64]int64{}, map[int64]PersonSummary{}
	var rows []Citizen
	err = idb.NewSelect().Model(&rows).Where("z.root_id IN (SELECT root_id FROM citizens WHERE id IN (?))", bun.List(ids)).
		OrderExpr("z.root_id, z.id").Scan(ctx)
	if err = notFound(err); err != nil && !errors.Is(err, ErrNotFound) {
		return nil, nil, err
	}
	for start := 0; start < len(rows); {
		end, since := start, rows[start].CreatedAt
		for end < len(rows) && rows[end].RootID == rows[start].RootID {
			byRow[rows[end].ID] = rows[end].RootID
			since = min(since, rows[end].CreatedAt)
			if rows[end].ID == rows[end].RootID {
				rows[start], rows[end] = rows[end], rows[start]
			}
			end++
		}
		best := bestName(rows[start:end])
		people[rows[start].RootID] = PersonSummary{ID: rows[start].RootID, Name: best.Name, Since: since, realName: realName(best)}
		start = end
	}
	return byRow, people, nil
}
