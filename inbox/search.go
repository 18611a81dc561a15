package inbox

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"

	"github.com/uptrace/bun"

	"filodiretto/internal/textfold"
)

// CaseHit is a case found, with the words around what was looked for.
type CaseHit struct {
	Case      *Case
	MessageID int64
	Excerpt   string
	score     float64
	messages  []int64 // all that were found in the case, newest first
}

// Found is the answer to a search.
type Found struct {
	Hits    []CaseHit
	Partial bool   // there is more, which was not ranked with these
	Next    string // cursor of what follows; empty when this is all
}

// expression is the words of a search as the database's index is asked for them.
func (in *Inbox) expression(q textfold.Query) string {
	words, not := slices.Clone(q.Words), q.NotWords
	for _, p := range q.Phrases {
		words = append(words, p.Words...)
	}
	var b strings.Builder
	sep, and, neg := `"`, " AND ", " NOT "
	if in.db.Postgres {
		sep, and, neg = "'", " & ", " & !"
	}
	quote := func(w string) string { return sep + strings.ReplaceAll(w, sep, sep+sep) + sep }
	for i, w := range words {
		if i > 0 {
			b.WriteString(and)
		}
		b.WriteString(quote(w))
	}
	for _, w := range not {
		b.WriteString(neg + quote(w))
	}
	return b.String()
}

// candidates are the newest messages whose index column holds all the words, from
// before a message on.
func (in *Inbox) candidates(q textfold.Query, before int64) *bun.SelectQuery {
	sel, id, match := in.db.Read.NewSelect().TableExpr("search"), "rowid", "search MATCH ?"
	if in.db.Postgres {
		id, match = "message_id", "words @@ ?::tsquery"
	}
	if before > 0 {
		sel = sel.Where(id+" < ?", before)
	}
	return sel.ColumnExpr(id+" AS id").Where(match, in.expression(q)).OrderExpr(id + " DESC").Limit(searchCandidates)
}

// rank reads the cases, adds what their subjects say, and orders them, the best
// first.
func (in *Inbox) rank(ctx context.Context, q textfold.Query, byCase map[int64]*CaseHit) ([]CaseHit, error) {
	if len(byCase) == 0 {
		return nil, nil
	}
	var cases []*Case
	if err := in.db.Read.NewSelect().Model(&cases).Where("c.id IN (?)", bun.List(slices.Collect(maps.Keys(byCase)))).Scan(ctx); err != nil {
		return nil, fmt.Errorf("search: %w", err)
	}
	hits := make([]CaseHit, 0, len(cases))
	for _, c := range cases {
		h := byCase[c.ID]
		h.Case = c
		inSubject := textfold.Words(c.Subject + " " + c.Person)
		for _, w := range q.Words {
			if slices.Contains(inSubject, w) {
				h.score += 4
			}
		}
		hits = append(hits, *h)
	}
	slices.SortFunc(hits, func(a, b CaseHit) int {
		return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(b.Case.LastAt, a.Case.LastAt), cmp.Compare(b.Case.ID, a.Case.ID))
	})
	return hits, nil
}

func asksPhrases(q textfold.Query) bool { return len(q.Phrases)+len(q.NotPhrases) > 0 }

// excerpts reads the texts of the best hits, drops those without the exact
// phrases, and cuts out the words around the first that was looked for. A phrase
// may stand in any message of a case that has its words, not only the newest.
func (in *Inbox) excerpts(ctx context.Context, q textfold.Query, hits []CaseHit) ([]CaseHit, error) {
	if len(hits) == 0 {
		return nil, nil
	}
	var ids []int64
	for i := range hits {
		if h := &hits[i]; !asksPhrases(q) {
			h.messages = []int64{h.MessageID}
		}
		ids = append(ids, hits[i].messages...)
	}
	var rows []struct {
		ID            int64
		Subject, Text string
	}
	if err := in.db.Read.NewSelect().Table("messages").Column("id", "subject").ColumnExpr("substr(text, 1, 20000) AS text").Where("id IN (?)", bun.List(ids)).Scan(ctx, &rows); err != nil {
		return nil, fmt.Errorf("search: %w", err)
	}
	text := map[int64]string{}
	for _, r := range rows {
		text[r.ID] = r.Subject + "\n" + r.Text
	}
	out := hits[:0]
	for _, h := range hits {
		i := slices.IndexFunc(h.messages, func(id int64) bool { return holdsPhrases(text[id], q) })
		if i < 0 {
			continue
		}
		h.MessageID = h.messages[i]
		h.Excerpt = excerpt(text[h.MessageID], q.Words)
		out = append(out, h)
	}
	return out, nil
}

func holdsPhrases(text string, q textfold.Query) bool {
	if !asksPhrases(q) {
		return true
	}
	folded := " " + strings.Join(strings.Fields(textfold.Fold(text)), " ") + " "
	for _, p := range q.Phrases {
		if !strings.Contains(folded, " "+p.Text+" ") {
			return false
		}
	}
	for _, p := range q.NotPhrases {
		if strings.Contains(folded, " "+p.Text+" ") {
			return false
		}
	}
	return true
}

// excerpt is about 160 characters around the first word with one of the stems.
func excerpt(text string, stems []string) string {
	const before, most = 50, 160
	at := 0
	for start, word := range wordsOf(text) {
		if s := textfold.Words(word); len(s) > 0 && slices.Contains(stems, s[0]) {
			at = start
			break
		}
	}
	from := max(0, at-before)
	for from > 0 && text[from-1] != ' ' && text[from-1] != '\n' {
		from--
	}
	s := snippet(text[from:])
	if from > 0 {
		s = "…" + s
	}
	if r := []rune(s); len(r) > most {
		s = string(r[:most]) + "…"
	}
	return s
}

// wordsOf walks over the words of the first part of a text with their offsets.
func wordsOf(text string) func(yield func(int, string) bool) {
	return func(yield func(int, string) bool) {
		start := -1
		n := 0
		for i, r := range text {
			if unicode.IsLetter(r) || unicode.IsDigit(r) {
				if start < 0 {
					start = i
				}
				continue
			}
			if start >= 0 {
				if n++; !yield(start, text[start:i]) || n > 600 {
					return
				}
				start = -1
			}
		}
		if start >= 0 {
			yield(start, text[start:])
		}
	}
}
