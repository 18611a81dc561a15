package inbox

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"filodiretto/internal/db"
)

func TestSearchTerms(t *testing.T) {
	tests := []struct {
		query string
		want  []string
	}{
		{"", nil},
		{" \u202e\x00 ", nil},
		{"Rossi  MARIO", []string{"rossi", "mario"}},
		{"Niccolò D'Angelo", []string{"niccolo", "angelo", "d"}},
		{"rossi rossi", []string{"rossi"}},
		{"+39 333 123-45.67", []string{"393331234567"}},
		{"0039 333 1234567", []string{"393331234567"}},
		{"0575/35 55", []string{"05753555"}},
		{"123", []string{"123"}},
		{"@Lucia_F", []string{"lucia_f"}},
		{"<Lucia@Posta.Example>,", []string{"lucia@posta.example"}},
		{"RSSMRA85T10A562S", []string{"rssmra85t10a562s"}},
		{"a b c d e f g h", []string{"a", "b", "c", "d", "e", "f"}},
		{strings.Repeat("x", 300), nil},
	}
	for _, tt := range tests {
		if got := searchTerms(tt.query); !slices.Equal(got, tt.want) {
			t.Errorf("searchTerms(%q) = %q, want %q", tt.query, got, tt.want)
		}
	}
}

func FuzzSearchTerms(f *testing.F) {
	for _, s := range []string{"Rossi", "@lucia", "+39 333", "a@b", "%_'\";--", "\xff\xfe", "日本 太郎"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, term := range searchTerms(s) {
			if term == "" || strings.ContainsAny(term, " \x00") || len(term) > longestWhole {
				t.Errorf("searchTerms(%q) gives %q", s, term)
			}
		}
	})
}

func TestSearchCitizens(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		e.citizen("Niccolò De Luca", "email:n.deluca@posta.example", "phone:0575 355512", "cf:RSSMRA85T10A562S", "address:Via Roma 3")
		e.citizen("Lucia Ferrante", "phone:333 1234567")
		e.citizen("Luciano Ferri")
		e.chat("Lucia F.", "555000111")
		tests := []struct {
			query string
			want  []string
		}{
			{"niccolo", []string{"Niccolò De Luca"}},
			{"NICC", []string{"Niccolò De Luca"}},
			{"luca de", []string{"Niccolò De Luca"}},
			{"deluca", []string{"Niccolò De Luca"}},
			{"lucia", []string{"Lucia F.", "Lucia Ferrante", "Luciano Ferri"}}, // whole words first
			{"lucia ferr", []string{"Lucia Ferrante", "Luciano Ferri"}},
			{"ferr luc", []string{"Lucia Ferrante", "Luciano Ferri"}},
			{"lucia deluca", nil},
			{"n.deluca@posta.example", []string{"Niccolò De Luca"}},
			{"n.deluca@", []string{"Niccolò De Luca"}},
			{"+39 333 12", []string{"Lucia Ferrante"}},
			{"333 1234567", []string{"Lucia Ferrante"}},
			{"0575 355512", []string{"Niccolò De Luca"}},
			{"rssmra85t10a562s", []string{"Niccolò De Luca"}},
			{"@555000111_f", []string{"Lucia F."}},
			{"555000111", []string{"Lucia F."}},
			{"roma", nil}, // half the town lives there
			{"%", nil},
			{"' OR 1=1 --", nil},
		}
		for _, tt := range tests {
			hits, err := e.SearchCitizens(t.Context(), e.giulia, tt.query, 10)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, h := range hits {
				got = append(got, h.Name)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("%q: %s", tt.query, diff)
			}
		}
	})
}

func TestSearchFindsThePersonOverItsRows(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		a, b := e.citizen("Lucia Ferrante"), e.citizen("Lucy", "phone:333 1234567")
		m := e.merge(a, b)
		hits, err := e.SearchCitizens(t.Context(), e.elena, "ferrante lucy", 10)
		if err != nil || len(hits) != 1 || hits[0].ID != a.ID || hits[0].Name != "Lucia Ferrante" || len(hits[0].Identities) != 1 {
			t.Fatalf("%+v, %v", hits, err)
		}
		e.undo(m)
		if hits, _ := e.SearchCitizens(t.Context(), e.elena, "ferrante lucy", 10); len(hits) != 0 {
			t.Errorf("after undo: %+v", hits)
		}
		name := "Maria Bianchi"
		if err := e.UpdateCitizen(t.Context(), e.giulia, b.ID, CitizenEdit{Version: e.person(e.giulia, b.ID).Version, Name: &name}); err != nil {
			t.Fatal(err)
		}
		if hits, _ := e.SearchCitizens(t.Context(), e.elena, "lucy", 10); len(hits) != 0 {
			t.Error("found by the old name")
		}
		if hits, _ := e.SearchCitizens(t.Context(), e.elena, "bianchi 333", 10); len(hits) != 1 {
			t.Error("not found by the new name and the telephone")
		}
	})
}

// TestSearchIsFastInATown searches among 20,000 citizens, with words that fit
// one, many and nobody.
func TestSearchIsFastInATown(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		first := strings.Fields("Anna Bruno Carla Dario Elena Fabio Gina Ivo Lucia Mario Nora Oscar Paola Rita Sara Tino Ugo Vera Zeno Marta")
		last := strings.Fields("Rossi Bianchi Ferrari Russo Conti Marini Greco Bruno Gallo Costa Mancini Rizzo Moretti Lombardi Barbieri Fontana Santoro Mariani Rinaldi Caruso")
		e.tx(func(ctx context.Context, tx *db.Tx) error {
			var zs []*Citizen
			var ids []*Identity
			for i := range 20_000 {
				z := &Citizen{ID: db.NewID(e.clock), Name: fmt.Sprintf("%s %s", first[i%20], last[i/20%20]), NameSource: "mail", Version: 1, CreatedAt: tx.Now}
				z.RootID = z.ID
				zs = append(zs, z)
				ids = append(ids, &Identity{ID: db.NewID(e.clock), CitizenID: z.ID, Kind: "email", Value: fmt.Sprintf("c%d@posta.example", i), Status: "active", FirstSeen: tx.Now, LastSeen: tx.Now})
			}
			for _, err := range []error{insertAll(ctx, tx, zs), insertAll(ctx, tx, ids), indexCitizens(ctx, tx, zs, ids)} {
				if err != nil {
					return err
				}
			}
			if tx.Postgres { // as autovacuum would before long
				_, err := tx.ExecContext(ctx, "ANALYZE citizen_words; ANALYZE citizens; ANALYZE identities")
				return err
			}
			return nil
		})
		for _, q := range []string{"rossi", "mario rossi", "mar", "m", "rossi zz", "ma ma", "c19999@posta.example", "zzz"} {
			best := time.Hour
			for range 5 {
				best = min(best, timed(func() {
					if _, err := e.SearchCitizens(t.Context(), e.giulia, q, 20); err != nil {
						t.Fatal(err)
					}
				}))
			}
			t.Logf("%-22q %v", q, best)
			if best > slow*40*time.Millisecond {
				t.Errorf("%q takes %v", q, best)
			}
		}
	})
}
