package inbox

import (
	"context"
	"strings"

	"github.com/uptrace/bun"

	"filodiretto/internal/db"
	"filodiretto/internal/person"
	"filodiretto/internal/textfold"
)

// citizenWord is one word by which a citizen row is found.
type citizenWord struct {
	bun.BaseModel `bun:"table:citizen_words,alias:w"`

	Word      string `bun:",pk"`
	CitizenID int64  `bun:",pk"`
}

// Limits on what one row can put into the index; names are foreign text.
const (
	mostWords    = 24
	longestWord  = 64
	longestWhole = 254 // a mail address
)

// wordList gathers the words of rows, each word once for a row.
type wordList struct {
	seen map[citizenWord]bool
	out  []*citizenWord
	n    map[int64]int // words of each row
}

func (l *wordList) add(citizen int64, word string, longest int) {
	w := citizenWord{Word: word, CitizenID: citizen}
	if word == "" || len(word) > longest || l.n[citizen] >= mostWords || l.seen[w] {
		return
	}
	l.seen[w] = true
	l.n[citizen]++
	l.out = append(l.out, &w)
}

func (l *wordList) text(citizen int64, s string) {
	for w := range strings.FieldsSeq(textfold.Fold(s)) {
		l.add(citizen, w, longestWord)
	}
	for _, w := range person.NameKeys(s) { // "De Luca" is also found as "deluca"
		l.add(citizen, w, longestWord)
	}
}

// identity adds by what an identity is looked for. Street addresses are not
// searched: half a town lives in via Roma.
func (l *wordList) identity(id *Identity) {
	c := id.CitizenID
	switch id.Kind {
	case "email", "pec":
		local, _, _ := strings.Cut(id.Value, "@")
		l.add(c, strings.ToLower(id.Value), longestWhole)
		l.text(c, local)
		l.text(c, id.Display)
	case "telegram":
		handle := strings.TrimPrefix(id.Handle, "@")
		l.add(c, strings.ToLower(handle), longestWhole)
		l.add(c, id.Value, longestWord)
		l.text(c, handle)
		l.text(c, id.Display)
	case "phone":
		digits := strings.TrimPrefix(id.Value, "+")
		l.add(c, digits, longestWord)
		if national, found := strings.CutPrefix(digits, "39"); found {
			l.add(c, national, longestWord)
		}
	case "cf":
		l.add(c, strings.ToLower(id.Value), longestWord)
	}
}

// indexCitizens makes new rows and identities findable by SearchCitizens.
// Whoever inserts citizens or identities calls it in the same transaction, once
// for a batch: it costs one statement for a hundred words.
func indexCitizens(ctx context.Context, tx *db.Tx, citizens []*Citizen, ids []*Identity) error {
	l := &wordList{seen: map[citizenWord]bool{}, n: map[int64]int{}}
	for _, z := range citizens {
		l.text(z.ID, z.Name)
	}
	for _, id := range ids {
		l.identity(id)
	}
	return insertNew(ctx, tx, l.out)
}

// reindexCitizen writes the words of one row anew, after something was taken away.
func reindexCitizen(ctx context.Context, tx *db.Tx, id int64) error {
	if _, err := tx.NewRaw("DELETE FROM citizen_words WHERE citizen_id = ?", id).Exec(ctx); err != nil {
		return err
	}
	z := new(Citizen)
	if err := tx.NewSelect().Model(z).Where("z.id = ?", id).Scan(ctx); err != nil {
		return err
	}
	rows, err := findIdentities(ctx, tx, []int64{id})
	if err != nil {
		return err
	}
	ids := make([]*Identity, len(rows))
	for i := range rows {
		ids[i] = &rows[i]
	}
	return indexCitizens(ctx, tx, []*Citizen{z}, ids)
}
