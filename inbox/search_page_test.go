package inbox

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"filodiretto/internal/db"
	"filodiretto/internal/textfold"
)

// wordy makes cases with many messages, written in no order, of which every one
// holds a common word and some a phrase. It gives which case holds what.
func (e *env) wordy(cases, messages int) (common, phrase, filtered map[int64]bool) {
	e.t.Helper()
	dice := rand.New(rand.NewPCG(3, 5))
	z := e.citizen("Anna Prova")
	common, phrase, filtered = map[int64]bool{}, map[int64]bool{}, map[int64]bool{}
	var cs []*Case
	for range cases {
		cs = append(cs, e.case_(z, e.urp, "mail", "x"))
	}
	office, _ := e.reserved()
	hidden := e.case_(z, office, "mail", "di un altro ufficio")
	e.tx(func(ctx context.Context, tx *db.Tx) error {
		var ms []*Message
		var words []searchRow
		for i := range messages {
			c := cs[int(float64(cases)*dice.Float64()*dice.Float64())] // some have most of them
			text := "la buca di sempre"
			if i%40 == 0 {
				text = "proprio la grande buca"
			} else if i%41 == 0 {
				text = "la buca è grande"
			}
			if i%50 == 0 {
				c = hidden
			} else {
				common[c.ID] = true
				if i%40 == 0 {
					phrase[c.ID] = true
				}
			}
			m := &Message{
				ID: db.NewID(e.clock), CaseID: c.ID, CitizenID: z.ID, AccountID: e.mail.ID, Channel: "mail", Direction: In, Origin: FromCitizen,
				Kind: "message", Text: text, Version: 1, At: tx.Now.Add(time.Duration(i) * time.Second),
			}
			ms, words = append(ms, m), append(words, searchRow{m.ID, textfold.Words(text)})
		}
		if err := insertAll(ctx, tx, ms); err != nil {
			return err
		}
		return indexWords(ctx, tx, words)
	})
	for i, c := range cs {
		if i%17 == 0 && common[c.ID] {
			filtered[c.ID] = true
			e.exec(e.t.(*testing.T), "UPDATE cases SET kind = 'complaint' WHERE id = ?", c.ID)
		}
	}
	return common, phrase, filtered
}

// Whatever the size of a page, each case that fits is found once, and no other,
// also when the words are so common that no single look finds all of them.
func TestSearchIsPaged(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		common, phrase, filtered := e.wordy(150, 2600)
		choices := SearchChoices()
		for _, tt := range []struct {
			query string
			want  map[int64]bool
		}{
			{"buca", common}, {`"grande buca"`, phrase}, {"buca tipo:reclamo", filtered}, {"tipo:reclamo", filtered}, {"nessuna", nil},
		} {
			q, problems := textfold.Parse(tt.query, textfold.Options{Choices: choices})
			if len(problems) > 0 {
				t.Fatal(tt.query, problems)
			}
			for _, limit := range []int{7, 50} {
				seen, cursor, pages := map[int64]bool{}, "", 0
				for {
					f, err := e.SearchFrom(t.Context(), e.giulia, q, cursor, limit)
					if err != nil {
						t.Fatal(tt.query, err)
					}
					if len(f.Hits) > limit || len(f.Hits) == 0 && f.Next != "" && pages == 0 && len(tt.want) > 0 {
						t.Errorf("%s: a page of %d, next %q", tt.query, len(f.Hits), f.Next)
					}
					for _, h := range f.Hits {
						if seen[h.Case.ID] {
							t.Errorf("%s, %d at once: case %d is found twice", tt.query, limit, h.Case.ID)
						}
						if !tt.want[h.Case.ID] {
							t.Errorf("%s: case %d does not fit", tt.query, h.Case.ID)
						}
						seen[h.Case.ID] = true
					}
					if cursor = f.Next; cursor == "" {
						break
					}
					if pages++; pages > 400 {
						t.Fatal(tt.query, "does not end")
					}
					if pages == 1 { // what arrives meanwhile moves nothing
						e.case_(e.citizen("Altri"), e.urp, "mail", "altro")
					}
				}
				if len(seen) != len(tt.want) {
					t.Errorf("%s, %d at once: %d cases of %d were found, on %d pages", tt.query, limit, len(seen), len(tt.want), pages+1)
				}
			}
		}
	})
}

func TestSearchCursor(t *testing.T) {
	for _, c := range []searchCursor{{true, 5, 6, 50}, {false, 1, 2, 0}} {
		if got, ok := readSearchCursor(c.String()); !ok || got != c {
			t.Errorf("%+v became %+v", c, got)
		}
	}
	eachDB(t, func(t *testing.T, e *env) {
		words, _ := textfold.Parse("buca", textfold.Options{})
		for _, odd := range []string{"x", "d.1.2", searchCursor{words: true}.String(), searchCursor{true, 1, 2, -1}.String(), searchCursor{false, 1, 2, 0}.String(), fmt.Sprint(1)} {
			if _, err := e.SearchFrom(t.Context(), e.giulia, words, odd, 10); code(err) != "cursor:unreadable" {
				t.Errorf("%q: %v", odd, err)
			}
		}
	})
}

func FuzzSearchCursor(f *testing.F) {
	f.Add(searchCursor{true, 5, 6, 50}.String())
	f.Add("")
	f.Add("dy4xLjIuMw")
	f.Fuzz(func(t *testing.T, text string) {
		c, ok := readSearchCursor(text)
		if !ok || text == "" {
			return
		}
		if again, ok := readSearchCursor(c.String()); !ok || again != c {
			t.Errorf("%q: %+v became %+v", text, c, again)
		}
	})
}
