package inbox

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/uptrace/bun"

	"filodiretto/internal/textfold"
)

// How far a search looks: the newest candidates of the words are ranked. With
// more than that, older cases are found by adding a word or a filter, and the
// page says so.
const (
	searchCandidates = 800
	searchRanked     = 300
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
	Partial bool // only the newest candidates were looked at
}

// Search finds cases that the viewer may see, the best first: words in the
// subject count most, then how often, then how new.
func (in *Inbox) Search(ctx context.Context, v Viewer, q textfold.Query, limit int) (Found, error) {
	limit = max(1, min(limit, 100))
	if len(q.Words) == 0 && len(q.Phrases) == 0 {
		return in.searchCases(ctx, v, q, limit)
	}
	type hit struct{ ID, CaseID int64 }
	var hits []hit
	sel := in.db.Read.NewSelect().TableExpr("(?) AS s", in.candidates(q)).
		Join("JOIN messages AS m ON m.id = s.id").Join("JOIN cases AS c ON c.id = m.case_id").
		ColumnExpr("m.id, m.case_id").OrderExpr("m.id DESC").Limit(searchRanked)
	sel, err := in.filter(ctx, v, visibleCases(sel, v), q)
	if err != nil {
		return Found{}, err
	}
	if err := sel.Scan(ctx, &hits); err != nil {
		return Found{}, fmt.Errorf("search: %w", err)
	}
	byCase := map[int64]*CaseHit{}
	var order []int64
	for i, h := range hits {
		if h.CaseID == 0 {
			continue
		}
		ch := byCase[h.CaseID]
		if ch == nil {
			ch = &CaseHit{MessageID: h.ID, score: 3 * (1 - float64(i)/searchRanked)}
			byCase[h.CaseID] = ch
			order = append(order, h.CaseID)
		} else if ch.score < 10 {
			ch.score += 0.5
		}
		ch.messages = append(ch.messages, h.ID)
	}
	out := Found{Partial: len(hits) == searchRanked}
	if len(order) == 0 {
		return out, nil
	}
	out.Hits, err = in.rank(ctx, q, byCase, order, limit)
	return out, err
}

// candidates are the newest messages whose index column holds all the words.
func (in *Inbox) candidates(q textfold.Query) *bun.SelectQuery {
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
	if in.db.Postgres {
		return in.db.Read.NewSelect().TableExpr("search").ColumnExpr("message_id AS id").
			Where("words @@ ?::tsquery", b.String()).OrderExpr("message_id DESC").Limit(searchCandidates)
	}
	return in.db.Read.NewSelect().TableExpr("search").ColumnExpr("rowid AS id").
		Where("search MATCH ?", b.String()).OrderExpr("rowid DESC").Limit(searchCandidates)
}

// rank reads the cases, adds what their subjects say, and keeps the best.
func (in *Inbox) rank(ctx context.Context, q textfold.Query, byCase map[int64]*CaseHit, order []int64, limit int) ([]CaseHit, error) {
	var cases []*Case
	if err := in.db.Read.NewSelect().Model(&cases).Where("c.id IN (?)", bun.List(order)).Scan(ctx); err != nil {
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
	if !asksPhrases(q) && len(hits) > limit {
		hits = hits[:limit]
	}
	return in.excerpts(ctx, q, hits, limit)
}

func asksPhrases(q textfold.Query) bool { return len(q.Phrases)+len(q.NotPhrases) > 0 }

// excerpts reads the texts of the best hits, drops those without the exact
// phrases, and cuts out the words around the first that was looked for. A phrase
// may stand in any message of a case that has its words, not only the newest.
func (in *Inbox) excerpts(ctx context.Context, q textfold.Query, hits []CaseHit, limit int) ([]CaseHit, error) {
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
		if out = append(out, h); len(out) == limit {
			break
		}
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
