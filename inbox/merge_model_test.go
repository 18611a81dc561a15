package inbox

import (
	"context"
	"flag"
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"filodiretto/internal/db"
)

// model is what a town of a few rows should look like, worked out in the
// simplest way: from the list of what is in force, anew each time.
type model struct {
	e      *env
	rows   []*Citizen
	phones map[int64]map[string]bool
	edges  []*Merge
	apart  map[[2]int64]bool
	cases  map[int64]int64 // case -> row
	into   map[int64]int64 // case -> the case that it was put into
}

func (m *model) roots(merged bool) map[int64]int64 {
	root := map[int64]int64{}
	for _, z := range m.rows {
		root[z.ID] = z.ID
	}
	for _, e := range m.edges {
		if !merged {
			break
		}
		kept, gone := root[e.KeptID], root[e.GoneID]
		for id, r := range root {
			if r == gone {
				root[id] = kept
			}
		}
	}
	return root
}

func (m *model) name(id int64) string {
	for _, z := range m.rows {
		if z.ID == id {
			return z.Name
		}
	}
	return ""
}

// crossing calls f for each two rows of which one is of each person.
func (m *model) crossing(rootA, rootB int64, f func(a, b int64)) {
	root := m.roots(true)
	for _, x := range m.rows {
		for _, y := range m.rows {
			if root[x.ID] == rootA && root[y.ID] == rootB {
				f(min(x.ID, y.ID), max(x.ID, y.ID))
			}
		}
	}
}

func (m *model) shares(a, b int64) bool {
	for p := range m.phones[a] {
		if m.phones[b][p] {
			return true
		}
	}
	return false
}

func (m *model) saidApart(rootA, rootB int64) (yes bool) {
	m.crossing(rootA, rootB, func(a, b int64) { yes = yes || m.apart[[2]int64{a, b}] })
	return yes
}

func (m *model) asked(rootA, rootB int64) (yes bool) {
	m.crossing(rootA, rootB, func(a, b int64) { yes = yes || m.shares(a, b) })
	return yes && !m.saidApart(rootA, rootB)
}

// setApart marks two rows and all pairs about which the question is open.
func (m *model) setApart(x, y int64) {
	root := m.roots(true)
	m.crossing(root[x], root[y], func(a, b int64) {
		if m.shares(a, b) {
			m.apart[[2]int64{a, b}] = true
		}
	})
	m.apart[[2]int64{min(x, y), max(x, y)}] = true
}

// view is the town as text: who is who, whose cases bear which name, and what
// is asked.
func (m *model) view(merged bool) []string {
	root := m.roots(merged)
	var out []string
	for _, z := range m.rows {
		out = append(out, fmt.Sprintf("row %d is %d, phones %v", z.ID, root[z.ID], slices.Sorted(maps.Keys(m.phones[z.ID]))))
	}
	for _, c := range slices.Sorted(maps.Keys(m.cases)) {
		if m.into[c] != 0 {
			continue
		}
		out = append(out, fmt.Sprintf("case %d of row %d under %s", c, m.cases[c], m.name(root[m.cases[c]])))
	}
	persons := slices.Sorted(maps.Values(root))
	persons = slices.Compact(persons)
	for _, p := range persons {
		for _, q := range persons {
			if p != q && m.asked(p, q) {
				out = append(out, fmt.Sprintf("asked %d %d", p, q))
			}
		}
	}
	return out
}

// real is the same of the database, seen through the service.
func (m *model) real() []string {
	var out []string
	var asked []string
	seen := map[int64]bool{}
	caseLines := map[int64]string{}
	for _, z := range m.rows {
		p := m.e.person(m.e.giulia, z.ID)
		var phones []string
		for _, id := range p.Identities {
			if id.CitizenID == z.ID {
				phones = append(phones, id.Value)
			}
		}
		slices.Sort(phones)
		out = append(out, fmt.Sprintf("row %d is %d, phones %v", z.ID, p.ID, phones))
		for _, c := range p.Open {
			caseLines[c.ID] = fmt.Sprintf("case %d of row %d under %s", c.ID, c.CitizenID, c.Person)
		}
		if !seen[p.ID] {
			seen[p.ID] = true
			for _, x := range p.Proposals {
				asked = append(asked, fmt.Sprintf("asked %d %d", p.ID, x.Other.ID))
			}
		}
	}
	for _, c := range slices.Sorted(maps.Keys(caseLines)) {
		out = append(out, caseLines[c])
	}
	slices.Sort(asked)
	return append(out, asked...)
}

func (m *model) check(t *rapid.T, merged bool) {
	want := m.view(merged)
	n := slices.IndexFunc(want, func(s string) bool { return s[:5] == "asked" })
	if n >= 0 {
		slices.Sort(want[n:])
	}
	if diff := cmp.Diff(want, m.real()); diff != "" {
		t.Fatalf("not as the model (-) says: %s", diff)
	}
}

func (m *model) step(t *rapid.T) {
	ctx := m.e.t.Context()
	pick := func(label string) *Citizen { return rapid.SampledFrom(m.rows).Draw(t, label) }
	must := func(what string, err error) {
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
	}
	x, y := pick("x"), pick("y")
	root := m.roots(true)
	rx, ry := root[x.ID], root[y.ID]
	switch rapid.SampledFrom([]string{"phone", "phone", "phone", "case", "case", "merge", "merge", "join", "join", "undo", "decide", "decide", "apart", "withdraw"}).Draw(t, "do") {
	case "phone":
		phone := fmt.Sprintf("+39333%07d", rapid.IntRange(0, 2).Draw(t, "phone")+int(m.rows[0].ID%1_000_000)*5)
		if rapid.Bool().Draw(t, "from a text") { // as the ingest does it, row by row
			if !m.phones[x.ID][phone] {
				m.claim(x, phone)
				m.phones[x.ID][phone] = true
			}
			return
		}
		_, err := m.e.AddIdentity(ctx, m.e.giulia, x.ID, NewIdentity{Kind: "phone", Value: phone})
		known := false
		for _, z := range m.rows {
			known = known || root[z.ID] == rx && m.phones[z.ID][phone]
		}
		if known != (code(err) == "value:known") {
			t.Fatalf("add %s to %d: %v, known %v", phone, x.ID, err, known)
		}
		if err == nil {
			m.phones[x.ID][phone] = true
		}
	case "case":
		m.cases[m.e.case_(&Citizen{ID: x.ID, Name: m.name(rx)}, m.e.urp, "mail", "testo").ID] = x.ID
	case "join":
		m.join(t)
	case "merge":
		got, err := m.e.Merge(ctx, m.e.giulia, x.ID, y.ID, "prova")
		switch {
		case rx == ry:
			if code(err) != "person:same" {
				t.Fatal("merge of one person:", err)
			}
		case m.saidApart(rx, ry):
			if code(err) != "person:not_same" {
				t.Fatal("merge of two that are apart:", err)
			}
		default:
			must("merge", err)
			m.edges = append(m.edges, got)
		}
	case "undo":
		m.undoOne(t)
	case "decide":
		p := m.e.person(m.e.giulia, x.ID)
		if len(p.Proposals) == 0 {
			return
		}
		q := rapid.SampledFrom(p.Proposals).Draw(t, "proposal")
		if rapid.Bool().Draw(t, "yes") {
			got, err := m.e.AcceptProposal(ctx, m.e.giulia, q.ID)
			must("accept", err)
			m.edges = append(m.edges, got)
			return
		}
		must("refuse", m.e.RefuseProposal(ctx, m.e.giulia, q.ID))
		m.crossing(rx, q.Other.ID, func(a, b int64) {
			if m.shares(a, b) {
				m.apart[[2]int64{a, b}] = true
			}
		})
	case "apart":
		if rx != ry && !m.saidApart(rx, ry) {
			must("apart", m.e.NotSame(ctx, m.e.giulia, x.ID, y.ID))
			m.setApart(x.ID, y.ID)
		}
	case "withdraw":
		if rx != ry && m.saidApart(rx, ry) {
			must("withdraw", m.e.WithdrawNotSame(ctx, m.e.giulia, x.ID, y.ID))
			m.crossing(rx, ry, func(a, b int64) { delete(m.apart, [2]int64{a, b}) })
		}
	}
}

// join puts one case into another, if they are one person's.
func (m *model) join(t *rapid.T) {
	if len(m.cases) < 2 {
		return
	}
	all := slices.Sorted(maps.Keys(m.cases))
	c, into := rapid.SampledFrom(all).Draw(t, "case"), rapid.SampledFrom(all).Draw(t, "into")
	root := m.roots(true)
	want := ""
	switch {
	case c == into:
		want = "into:same"
	case m.into[c] != 0 || m.into[into] != 0:
		want = "into:merged_already"
	case root[m.cases[c]] != root[m.cases[into]]:
		want = "into:other_person"
	}
	_, err := m.e.MergeCase(m.e.t.Context(), m.e.giulia, c, into)
	if (err == nil) != (want == "") || err != nil && code(err) != want {
		t.Fatalf("case %d into %d: %v, want %q", c, into, err, want)
	}
	if want == "" {
		m.into[c] = into
	}
}

// claim adds a telephone that somebody wrote in a message.
func (m *model) claim(z *Citizen, phone string) {
	m.e.tx(func(ctx context.Context, tx *db.Tx) error {
		id := Identity{
			ID: db.NewID(m.e.clock), CitizenID: z.ID, Kind: "phone", Value: phone, MatchKey: phone,
			Source: "message_text", Status: "active", FirstSeen: tx.Now, LastSeen: tx.Now,
		}
		if _, err := tx.NewInsert().Model(&id).Exec(ctx); err != nil {
			return err
		}
		return m.e.proposeFor(ctx, tx, []Identity{id})
	})
}

func (m *model) undoOne(t *rapid.T) {
	if len(m.edges) == 0 {
		return
	}
	i := rapid.IntRange(0, len(m.edges)-1).Draw(t, "edge")
	if err := m.e.UndoMerge(m.e.t.Context(), m.e.elena, m.edges[i].ID); err != nil {
		t.Fatal("undo:", err)
	}
	m.edges = slices.Delete(m.edges, i, i+1)
	root := m.roots(true)
	maps.DeleteFunc(m.into, func(c, into int64) bool { return root[m.cases[c]] != root[m.cases[into]] })
}

// TestMergesFollowTheModel does random things to a few rows and compares with
// the model; then it undoes all merges in any order and compares with the town
// in which nobody was ever merged, plus what came later.
func TestMergesFollowTheModel(t *testing.T) {
	if f := flag.Lookup("rapid.checks"); f.Value.String() == f.DefValue {
		old := f.Value.String()
		_ = f.Value.Set("150") // each check is some twenty transactions
		t.Cleanup(func() { _ = f.Value.Set(old) })
	}
	eachDB(t, func(t *testing.T, e *env) {
		rapid.Check(t, func(t *rapid.T) {
			m := &model{e: e, phones: map[int64]map[string]bool{}, apart: map[[2]int64]bool{}, cases: map[int64]int64{}, into: map[int64]int64{}}
			for i := range rapid.IntRange(2, 5).Draw(t, "rows") {
				z := e.citizen("Persona " + string(rune('A'+i)) + " Prova")
				m.rows = append(m.rows, z)
				m.phones[z.ID] = map[string]bool{}
			}
			for range rapid.IntRange(1, 25).Draw(t, "steps") {
				m.step(t)
			}
			m.check(t, true)
			for len(m.edges) > 0 {
				m.undoOne(t)
				m.check(t, true)
			}
			m.check(t, false)
		})
	})
}
