package inbox

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/uptrace/bun"

	"filodiretto/internal/db"
	"filodiretto/internal/person"
)

// asked gives what is asked about a person: "name reasons score".
func (e *env) asked(id int64) []string {
	e.t.Helper()
	var out []string
	for _, p := range e.person(e.giulia, id).Proposals {
		out = append(out, fmt.Sprintf("%s: %s %d", p.Other.Name, strings.Join(p.Reasons, " "), p.Score))
	}
	return out
}

func TestProposals(t *testing.T) {
	type who struct {
		name string
		ids  []string
	}
	tests := []struct {
		name string
		a, b who
		want []string // asked about a
	}{
		{"same codice fiscale", who{"Lucia Ferrante", []string{"cf:RSSMRA85T10A562S"}}, who{"Ferrante Lucia", []string{"cf: rssmra85t10a562s "}}, []string{"Ferrante Lucia: cf name 100"}},
		{"codice fiscale outweighs the name", who{"Lucia Ferrante", []string{"cf:RSSMRA85T10A562S"}}, who{"Mario Rossi", []string{"cf:RSSMRA85T10A562S"}}, []string{"Mario Rossi: cf 45"}},
		{"same phone, written otherwise", who{"Lucia Ferrante", []string{"phone:333 1234567"}}, who{"L. Ferrante", []string{"phone:+39 333-1234567"}}, []string{"L. Ferrante: phone name 65"}},
		{"a couple", who{"Lucia Ferrante", []string{"phone:0575 355512", "address:Via Garibaldi 14"}}, who{"Mario Rossi", []string{"phone:0575/355512", "address:v. Garibaldi, 14"}}, []string{"Mario Rossi: phone address 35"}},
		{"address and name", who{"Lucia Ferrante", []string{"address:Via Giuseppe Garibaldi 14"}}, who{"Lucia Ferrante", []string{"address:v. G. Garibaldi, 14"}}, []string{"Lucia Ferrante: address name 45"}},
		{"another flat", who{"Lucia Ferrante", []string{"address:Via Garibaldi 14 int. 2"}}, who{"Lucia Ferrante", []string{"address:Via Garibaldi 14 int. 3"}}, nil},
		{"a name alone", who{"Lucia Ferrante", []string{"email:lucia@posta.example"}}, who{"Lucia Ferrante", []string{"email:lucia@lavoro.example"}}, nil},
		{"nothing in common", who{"Lucia Ferrante", []string{"phone:333 1234567"}}, who{"Lucia Ferrante", []string{"phone:333 1234568"}}, nil},
	}
	eachDB(t, func(t *testing.T, e *env) {
		for _, tt := range tests {
			a, b := e.citizen(tt.a.name, tt.a.ids...), e.citizen(tt.b.name, tt.b.ids...)
			if got := e.asked(a.ID); !slices.Equal(got, tt.want) {
				t.Errorf("%s: asked %q, want %q", tt.name, got, tt.want)
			}
			if len(e.asked(b.ID)) != len(tt.want) {
				t.Errorf("%s: only one of the two is asked", tt.name)
			}
			if n := count(e.kinds(a.ID), "proposal.made"); n != len(tt.want) {
				t.Errorf("%s: %d events", tt.name, n)
			}
			e.tx(func(ctx context.Context, tx *db.Tx) error { // the next case starts from nothing
				_, err := tx.NewRaw("UPDATE identities SET removed_at = 1").Exec(ctx)
				return err
			})
		}
	})
}

func TestProposalTable(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		a := e.citizen("Lucia Ferrante", "phone:333 1234567", "email:lucia@posta.example", "address:Via Garibaldi 14")
		e.citizen("L. Ferrante", "phone:333 1234567", "email:l@lavoro.example", "address:Via Garibaldi 14 int. 3")
		p := e.person(e.giulia, a.ID).Proposals[0]
		want := []Compared{
			{"name", person.Compatible, []string{"Lucia Ferrante"}, []string{"L. Ferrante"}},
			{"cf", person.Unknown, nil, nil},
			{"phone", person.Same, []string{"+39 333 123 4567"}, []string{"+39 333 123 4567"}},
			{"email", person.Different, []string{"lucia@posta.example"}, []string{"l@lavoro.example"}},
			{"pec", person.Unknown, nil, nil},
			{"address", person.Compatible, []string{"Via Garibaldi 14"}, []string{"Via Garibaldi 14 int. 3"}},
		}
		if diff := cmp.Diff(want, p.Table); diff != "" {
			t.Error(diff)
		}
		if p.Weak {
			t.Error("a telephone, an address and a name are no weak reason")
		}
	})
}

// A block of flats, a tax adviser's telephone: many share them.
func TestProposalsOfWhatManyShare(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		names := []string{"Anna Bianchi", "Bruno Conti", "Carla Dini", "Dario Esposito", "Elena Fabbri"}
		for _, n := range names {
			e.citizen(n, "address:Piazza Roma 1")
		}
		if got := e.asked(e.citizen("Fabio Greco", "address:Piazza Roma 1").ID); got != nil {
			t.Errorf("with six persons an address alone asks %q", got)
		}
		if got := e.asked(e.citizen("A. Bianchi", "address:P.zza Roma 1").ID); !slices.Equal(got, []string{"Anna Bianchi: address name 45"}) {
			t.Errorf("the name should still count: %q", got)
		}
	})
}

func TestProposalIsWeakWithAnAddressAlone(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		a := e.citizen("Anna Bianchi", "address:Piazza Roma 1")
		e.citizen("Mario Rossi", "address:Piazza Roma 1")
		if p := e.person(e.giulia, a.ID).Proposals; len(p) != 1 || !p[0].Weak || p[0].Score != 5 {
			t.Errorf("%+v", p)
		}
	})
}

func TestProposalAccepted(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		a := e.citizen("Lucia", "phone:333 1234567")
		b := e.citizen("Lucia Ferrante", "phone:333 1234567")
		name := "Lucia Ferrante"
		if err := e.UpdateCitizen(t.Context(), e.giulia, b.ID, CitizenEdit{Version: 1, Name: &name, NameSource: "document"}); err != nil {
			t.Fatal(err)
		}
		before := e.snapshot()
		id := e.person(e.giulia, a.ID).Proposals[0].ID
		m, err := e.AcceptProposal(t.Context(), e.giulia, id)
		if err != nil {
			t.Fatal(err)
		}
		p := e.person(e.giulia, a.ID)
		if p.ID != b.ID || p.Name != "Lucia Ferrante" || len(p.Proposals) != 0 {
			t.Errorf("the name from the document should be in front: %+v", p)
		}
		if _, err := e.AcceptProposal(t.Context(), e.giulia, id); !errors.Is(err, ErrChanged) {
			t.Error("accepted twice:", err)
		}
		if err := e.RefuseProposal(t.Context(), e.giulia, id); !errors.Is(err, ErrChanged) {
			t.Error("refused after it was accepted:", err)
		}
		if _, err := e.AcceptProposal(t.Context(), e.giulia, 4711); !errors.Is(err, ErrNotFound) {
			t.Error("unknown:", err)
		}
		e.undo(m)
		if diff := cmp.Diff(before, e.snapshot()); diff != "" {
			t.Error("after undo the question should be open again:", diff)
		}
	})
}

func TestProposalRefusedForGood(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		a, b := e.citizen("Anna Bianchi", "phone:333 1234567"), e.citizen("Anna Bianchi", "phone:333 1234567")
		if err := e.RefuseProposal(t.Context(), e.giulia, e.person(e.giulia, a.ID).Proposals[0].ID); err != nil {
			t.Fatal(err)
		}
		add := func(z *Citizen, kind, value string) {
			t.Helper()
			if _, err := e.AddIdentity(t.Context(), e.giulia, z.ID, NewIdentity{Kind: kind, Value: value}); err != nil {
				t.Fatal(err)
			}
		}
		never := func(when string) {
			t.Helper()
			if got := append(e.asked(a.ID), e.asked(b.ID)...); got != nil {
				t.Errorf("%s: asked again: %q", when, got)
			}
		}
		never("at once")
		add(a, "address", "Via Roma 3")
		add(b, "address", "Via Roma 3")
		never("with a new reason")
		c := e.citizen("Anna B.")
		e.merge(c, a) // now a is of another person
		add(c, "cf", "RSSMRA85T10A562S")
		add(b, "cf", "RSSMRA85T10A562S")
		never("after a merge")
		if p := e.person(e.giulia, c.ID); len(p.Apart) != 1 || p.Apart[0].OtherID != b.ID || p.Apart[0].Name != "Anna Bianchi" {
			t.Errorf("the page should show the mark: %+v", p.Apart)
		}
		if err := e.WithdrawNotSame(t.Context(), e.giulia, c.ID, b.ID); err != nil {
			t.Fatal(err)
		}
		if got := e.asked(b.ID); len(got) != 1 || !strings.Contains(got[0], "cf phone address name") {
			t.Errorf("withdrawn, the question with all its reasons: %q", got)
		}
		if err := e.WithdrawNotSame(t.Context(), e.giulia, c.ID, b.ID); !errors.Is(err, ErrNotFound) {
			t.Error("nothing left to withdraw:", err)
		}
		if err := e.NotSame(t.Context(), e.giulia, a.ID, c.ID); code(err) != "person:merged" {
			t.Error("of one person:", err)
		}
	})
}

func TestProposalGoesWithItsReason(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		a := e.citizen("Anna Bianchi", "phone:333 1234567", "address:Via Roma 3")
		b := e.citizen("Anna Bianchi", "phone:333 1234567", "address:Via Roma 3")
		remove := func(kind string) {
			t.Helper()
			for _, id := range e.person(e.giulia, b.ID).Identities {
				if id.Kind == kind {
					if err := e.RemoveIdentity(t.Context(), e.giulia, id.ID, "errore di battitura"); err != nil {
						t.Fatal(err)
					}
				}
			}
		}
		remove("phone")
		if got := e.asked(a.ID); !slices.Equal(got, []string{"Anna Bianchi: address name 45"}) {
			t.Errorf("without the telephone: %q", got)
		}
		remove("address")
		if got := e.asked(a.ID); got != nil {
			t.Errorf("without any reason: %q", got)
		}
	})
}

// queryCount counts statements.
type queryCount struct{ n int }

func (c *queryCount) BeforeQuery(ctx context.Context, _ *bun.QueryEvent) context.Context { return ctx }

func (c *queryCount) AfterQuery(_ context.Context, q *bun.QueryEvent) {
	if op := q.Operation(); op != "BEGIN" && op != "COMMIT" {
		c.n++
	}
}

// A batch of the ingest must not pay for each message.
func TestProposalsOfABatchCostAHandfulOfQueries(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		for i := range 20 {
			e.citizen("Anna Bianchi", fmt.Sprintf("phone:333 12345%02d", i))
		}
		c := &queryCount{}
		e.db.Write = e.db.Write.WithQueryHook(c)
		run := func(make func(i int, z *Citizen, now int64) Identity) int {
			t.Helper()
			e.tx(func(ctx context.Context, tx *db.Tx) error {
				var zs []*Citizen
				var ids []*Identity
				var list []Identity
				for i := range 200 {
					z := &Citizen{ID: db.NewID(e.clock), Name: "A. Bianchi", NameSource: "mail", Version: 1, CreatedAt: tx.Now}
					z.RootID = z.ID
					id := make(i, z, int64(tx.Now))
					id.ID, id.CitizenID, id.Status, id.FirstSeen, id.LastSeen = db.NewID(e.clock), z.ID, "active", tx.Now, tx.Now
					zs, ids, list = append(zs, z), append(ids, &id), append(list, id)
				}
				if err := insertAll(ctx, tx, zs); err != nil {
					return err
				}
				if err := insertAll(ctx, tx, ids); err != nil {
					return err
				}
				c.n = 0
				return e.proposeFor(ctx, tx, list)
			})
			return c.n
		}
		if n := run(func(i int, z *Citizen, _ int64) Identity {
			return Identity{Kind: "email", Value: fmt.Sprintf("a%d@posta.example", z.ID)}
		}); n != 0 {
			t.Errorf("mail addresses alone cost %d queries", n)
		}
		if n := run(func(i int, _ *Citizen, _ int64) Identity {
			p := fmt.Sprintf("+39347%07d", i)
			return Identity{Kind: "phone", Value: p, MatchKey: p}
		}); n > 2 {
			t.Errorf("200 telephones that nobody else has cost %d queries", n)
		}
		if n := run(func(i int, _ *Citizen, _ int64) Identity {
			p := fmt.Sprintf("+3933312345%02d", i%100)
			return Identity{Kind: "phone", Value: p, MatchKey: p}
		}); n > 20 {
			t.Errorf("200 telephones, each shared, cost %d queries", n)
		}
	})
}
