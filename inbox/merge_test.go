package inbox

import (
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func (e *env) merge(kept, gone *Citizen) *Merge {
	e.t.Helper()
	m, err := e.Merge(e.t.Context(), e.giulia, kept.ID, gone.ID, "stessa persona allo sportello")
	if err != nil {
		e.t.Fatal("merge:", err)
	}
	return m
}

func (e *env) undo(m *Merge) {
	e.t.Helper()
	if err := e.UndoMerge(e.t.Context(), e.elena, m.ID); err != nil {
		e.t.Fatal("undo:", err)
	}
}

// snapshot is all that a merge could disturb, as text.
func (e *env) snapshot() []string {
	e.t.Helper()
	var out []string
	for _, q := range []string{
		"SELECT 'z ' || id || ' ' || root_id || ' ' || name || ' ' || note FROM citizens ORDER BY id",
		"SELECT 'i ' || id || ' ' || citizen_id || ' ' || value || ' ' || proof || ' ' || proof_source || ' ' || verified_at || ' ' || removed_at FROM identities ORDER BY id",
		"SELECT 'c ' || id || ' ' || citizen_id || ' ' || person FROM cases ORDER BY id",
		"SELECT 'm ' || id || ' ' || citizen_id FROM messages ORDER BY id",
		"SELECT 'p ' || a_id || ' ' || b_id || ' ' || state || ' ' || reasons || ' ' || score FROM proposals ORDER BY a_id, b_id",
		"SELECT 'w ' || citizen_id || ' ' || word FROM citizen_words ORDER BY citizen_id, word",
	} {
		var rows []string
		if err := e.db.Read.NewRaw(q).Scan(e.t.Context(), &rows); err != nil {
			e.t.Fatal(err)
		}
		out = append(out, rows...)
	}
	return out
}

func TestRootsOf(t *testing.T) {
	tests := []struct {
		name  string
		rows  []int64
		edges []edge
		want  map[int64]int64
	}{
		{"alone", []int64{1, 2}, nil, map[int64]int64{1: 1, 2: 2}},
		{"kept stays in front", []int64{1, 2}, []edge{{2, 1}}, map[int64]int64{1: 2, 2: 2}},
		{"a chain by persons", []int64{1, 2, 3}, []edge{{1, 2}, {3, 1}}, map[int64]int64{1: 3, 2: 3, 3: 3}},
		{"a chain by rows", []int64{1, 2, 3}, []edge{{1, 2}, {2, 3}}, map[int64]int64{1: 1, 2: 1, 3: 1}},
		{"the first undone", []int64{1, 2, 3}, []edge{{2, 3}}, map[int64]int64{1: 1, 2: 2, 3: 2}},
		{"order decides", []int64{1, 2, 3}, []edge{{2, 3}, {1, 2}}, map[int64]int64{1: 1, 2: 1, 3: 1}},
	}
	for _, tt := range tests {
		if diff := cmp.Diff(tt.want, rootsOf(tt.rows, tt.edges)); diff != "" {
			t.Errorf("%s: %s", tt.name, diff)
		}
	}
}

func TestMergeShowsOnePerson(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		a := e.citizen("Lucia Ferrante", "email:lucia@posta.example")
		b := e.citizen("L. Ferrante", "phone:333 1234567")
		ca, cb := e.case_(a, e.urp, "mail", "buca"), e.case_(b, e.urp, "phone", "lampione")
		e.manual.Advance(1)
		m := e.merge(a, b)
		for _, id := range []int64{a.ID, b.ID} { // any row leads to the person
			p := e.person(e.giulia, id)
			if p.ID != a.ID || p.Name != "Lucia Ferrante" || len(p.Rows) != 2 || len(p.Identities) != 2 || len(p.Open) != 2 {
				t.Errorf("person: id %d name %q rows %d identities %d cases %d", p.ID, p.Name, len(p.Rows), len(p.Identities), len(p.Open))
			}
			if len(p.Merges) != 1 || p.Merges[0].ID != m.ID || p.Merges[0].ByName != "Giulia Moretti" || p.Merges[0].GoneName != "L. Ferrante" {
				t.Errorf("merges: %+v", p.Merges)
			}
			for _, c := range p.Open {
				if c.Person != "Lucia Ferrante" {
					t.Errorf("case %d of %d or %d is shown under %q", c.ID, ca.ID, cb.ID, c.Person)
				}
			}
		}
		for _, z := range []*Citizen{a, b} {
			if n := count(e.kinds(z.ID), "citizen.merged"); n != 1 {
				t.Errorf("%d events on row %d", n, z.ID)
			}
		}
	})
}

// Scenario 10 of inbox.md section 8.
func TestMergeUndoneRestoresTheFormerState(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		a := e.citizen("Lucia Ferrante", "email:lucia@posta.example", "phone:333 1234567")
		b := e.citizen("L. Ferrante", "phone:333 1234567", "email:l.ferrante@lavoro.example")
		e.case_(a, e.urp, "mail", "buca")
		e.case_(b, e.trib, "mail", "tassa rifiuti")
		before := e.snapshot()
		m := e.merge(b, a)
		if slices.Equal(before, e.snapshot()) {
			t.Fatal("the merge changed nothing")
		}
		e.undo(m)
		if diff := cmp.Diff(before, e.snapshot()); diff != "" {
			t.Error("after undo:", diff)
		}

		m = e.merge(b, a)
		ca, cb := e.case_(a, e.urp, "mail", "ancora la buca"), e.case_(b, e.trib, "mail", "sollecito") // write to both identities
		if _, err := e.AddIdentity(t.Context(), e.giulia, a.ID, NewIdentity{Kind: "cf", Value: "RSSMRA85T10A562S"}); err != nil {
			t.Fatal(err)
		}
		e.undo(m)
		pa, pb := e.person(e.giulia, a.ID), e.person(e.elena, b.ID)
		if pa.ID != a.ID || pb.ID != b.ID || len(pa.Identities) != 3 || len(pb.Identities) != 2 {
			t.Errorf("identities after undo: %d and %d", len(pa.Identities), len(pb.Identities))
		}
		if pa.Open[0].ID != ca.ID || pa.Open[0].Person != "Lucia Ferrante" || pb.Open[0].ID != cb.ID || pb.Open[0].Person != "L. Ferrante" {
			t.Error("later cases did not stay with the row they came to")
		}
		if err := e.UndoMerge(t.Context(), e.giulia, m.ID); !errors.Is(err, ErrChanged) {
			t.Error("undone twice:", err)
		}
		if err := e.UndoMerge(t.Context(), e.giulia, 99); !errors.Is(err, ErrNotFound) {
			t.Error("unknown merge:", err)
		}
	})
}

// A wrong merge taken back must not take with it the right one that came later.
func TestMergeUndoKeepsWhatWasComparedLater(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		a, b, c := e.citizen("Anna"), e.citizen("Bruno"), e.citizen("Bruno B.")
		wrong := e.merge(a, b)
		right := e.merge(b, c) // the rows that were compared, though a is in front by now
		if p := e.person(e.giulia, c.ID); p.ID != a.ID || len(p.Rows) != 3 {
			t.Fatalf("three rows are not one person: %+v", p)
		}
		e.undo(wrong)
		if p := e.person(e.giulia, a.ID); len(p.Rows) != 1 {
			t.Error("Anna is still somebody else too")
		}
		if p := e.person(e.giulia, c.ID); p.ID != b.ID || len(p.Rows) != 2 {
			t.Error("Bruno lost his second file")
		}
		e.undo(right)
		if p := e.person(e.giulia, c.ID); p.ID != c.ID {
			t.Error("still merged")
		}
	})
}

func TestMergeRefusals(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		a, b, c := e.citizen("Anna"), e.citizen("Bruno"), e.citizen("Carla")
		try := func(kept, gone int64, reason string) error {
			_, err := e.Merge(t.Context(), e.giulia, kept, gone, reason)
			return err
		}
		if err := try(a.ID, b.ID, "  "); code(err) != "reason:missing" {
			t.Error("no reason:", err)
		}
		if err := try(a.ID, a.ID, "x"); code(err) != "person:same" {
			t.Error("itself:", err)
		}
		if err := try(a.ID, 4711, "x"); !errors.Is(err, ErrNotFound) {
			t.Error("unknown:", err)
		}
		if _, err := e.Merge(t.Context(), Viewer{OperatorID: 5, Admin: true}, a.ID, b.ID, "x"); !errors.Is(err, ErrNotFound) {
			t.Error("no office:", err)
		}
		e.merge(a, b)
		if err := try(b.ID, a.ID, "x"); code(err) != "person:same" {
			t.Error("already one:", err)
		}
		if err := e.NotSame(t.Context(), e.giulia, b.ID, c.ID); err != nil {
			t.Fatal(err)
		}
		if err := try(a.ID, c.ID, "x"); code(err) != "person:not_same" {
			t.Error("said of another row of the person:", err)
		}
		if err := e.WithdrawNotSame(t.Context(), e.giulia, a.ID, c.ID); err != nil {
			t.Fatal(err)
		}
		if err := try(a.ID, c.ID, "x"); err != nil {
			t.Error("after it was withdrawn:", err)
		}
	})
}

func TestMergeMakesOldEditsFail(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		a, b := e.citizen("Anna"), e.citizen("Bruno")
		m := e.merge(a, b)
		name := "Anna B."
		if err := e.UpdateCitizen(t.Context(), e.giulia, a.ID, CitizenEdit{Version: 1, Name: &name}); !errors.Is(err, ErrChanged) {
			t.Error("an edit of the person before the merge:", err)
		}
		if err := e.UpdateCitizen(t.Context(), e.giulia, b.ID, CitizenEdit{Version: e.person(e.giulia, b.ID).Version, Name: &name}); err != nil {
			t.Error(err)
		}
		e.undo(m)
		if p := e.person(e.giulia, b.ID); p.Name != "Bruno" {
			t.Errorf("the edit of the person in front went to the other row: %q", p.Name)
		}
	})
}

// Two clerks who merge at once must not make a circle, nor lose a merge.
func TestMergesAtOnce(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		const n = 6
		var zs []*Citizen
		for range n {
			zs = append(zs, e.citizen("Anna"))
		}
		var wg sync.WaitGroup
		var made atomic.Int64
		for i := range n { // a ring: all but one can succeed
			wg.Go(func() {
				_, err := e.Merge(t.Context(), e.giulia, zs[i].ID, zs[(i+1)%n].ID, "insieme")
				switch {
				case err == nil:
					made.Add(1)
				case code(err) != "person:same":
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if made.Load() != n-1 {
			t.Errorf("%d merges of %d rows, want %d", made.Load(), n, n-1)
		}
		p := e.person(e.giulia, zs[0].ID)
		if len(p.Rows) != n || len(p.Merges) != n-1 {
			t.Errorf("%d rows and %d merges", len(p.Rows), len(p.Merges))
		}
		for _, m := range p.Merges {
			wg.Go(func() {
				if err := e.UndoMerge(t.Context(), e.giulia, m.ID); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		for _, z := range zs {
			if p := e.person(e.giulia, z.ID); p.ID != z.ID || len(p.Rows) != 1 {
				t.Errorf("row %d is still of person %d", z.ID, p.ID)
			}
		}
	})
}
