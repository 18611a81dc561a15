package inbox

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"filodiretto/internal/textfold"
)

// CitizenHit is a person found by SearchCitizens.
type CitizenHit struct {
	PersonSummary      // with all identities in use
	Exact         bool // a whole word fits, not only its beginning
}

const (
	mostTerms = 6
	mostHits  = 50
	// wordEnd is greater than any character that continues a word.
	wordEnd = "\U0010FFFF"
)

// SearchCitizens finds persons by the beginnings of words of their names, by
// mail address, telephone, codice fiscale and Telegram handle. Every word of
// query must fit, on whichever row of the person. Whole words come first. limit
// is at most 50. What the viewer may see in the files found is told by Person.
func (in *Inbox) SearchCitizens(ctx context.Context, v Viewer, query string, limit int) ([]CitizenHit, error) {
	terms := searchTerms(query)
	if !v.mayOpenFiles() || len(terms) == 0 {
		return nil, nil
	}
	if limit <= 0 || limit > mostHits {
		limit = mostHits
	}
	found, err := in.findWords(ctx, terms, limit)
	if err != nil || len(found) == 0 {
		return nil, err
	}
	hits := make([]CitizenHit, 0, limit)
	var roots []int64
	at := map[int64]int{}
	for _, f := range found {
		if _, seen := at[f.RootID]; !seen && len(hits) < limit {
			at[f.RootID] = len(hits)
			roots = append(roots, f.RootID)
			hits = append(hits, CitizenHit{Exact: f.Word == terms[0]})
		}
	}
	_, people, err := loadSummaries(ctx, in.db.Read, roots)
	if err != nil {
		return nil, fmt.Errorf("search citizens: %w", err)
	}
	ids, err := identitiesOf(ctx, in.db.Read, roots)
	if err != nil {
		return nil, fmt.Errorf("search citizens: %w", err)
	}
	for i, root := range roots {
		hits[i].PersonSummary = people[root]
		hits[i].Identities = ids[root]
	}
	slices.SortStableFunc(hits, func(a, b CitizenHit) int {
		if a.Exact != b.Exact {
			if a.Exact {
				return -1
			}
			return 1
		}
		return cmp.Compare(textfold.Fold(a.Name), textfold.Fold(b.Name))
	})
	return hits, nil
}

type wordHit struct {
	Word   string
	RootID int64
}

// findWords walks the index along the first term, which is the longest, and
// keeps whom the other terms fit too. It stops when it has enough, so that a
// single letter costs no more than a name.
func (in *Inbox) findWords(ctx context.Context, terms []string, limit int) ([]wordHit, error) {
	q := withWords("w.word, z.root_id", terms)
	// A person can be met several times: by name, by address, on several rows.
	q.sql += fmt.Sprintf(" ORDER BY w.word, w.citizen_id LIMIT %d", 4*limit)
	var rows []wordHit
	if err := in.db.Read.NewRaw(q.sql, q.args...).Scan(ctx, &rows); err != nil {
		return nil, fmt.Errorf("search citizens: %w", err)
	}
	return rows, nil
}

// withWords asks for columns of the persons (z, by word w) whom all terms fit.
func withWords(columns string, terms []string) condition {
	var q strings.Builder
	// CROSS JOIN fixes the order in which SQLite goes through the tables.
	fmt.Fprintf(&q, `SELECT %s FROM citizen_words AS w CROSS JOIN citizens AS z
		WHERE z.id = w.citizen_id AND w.word >= ? AND w.word < ?`, columns)
	args := []any{terms[0], terms[0] + wordEnd}
	for i, t := range terms[1:] {
		fmt.Fprintf(&q, ` AND EXISTS (SELECT 1 FROM citizens AS z%[1]d CROSS JOIN citizen_words AS w%[1]d
			WHERE z%[1]d.root_id = z.root_id AND w%[1]d.citizen_id = z%[1]d.id AND w%[1]d.word >= ? AND w%[1]d.word < ?)`, i)
		args = append(args, t, t+wordEnd)
	}
	return condition{q.String(), args}
}

// searchTerms cuts a query into what the index holds, the longest first.
func searchTerms(query string) []string {
	query = clean(query)
	if d := phoneDigits(query); d != "" {
		return []string{d}
	}
	var terms []string
	for word := range strings.FieldsSeq(strings.ToLower(query)) {
		switch {
		case strings.HasPrefix(word, "@"):
			terms = append(terms, strings.TrimLeft(word, "@"))
		case strings.Contains(word, "@"):
			terms = append(terms, strings.Trim(word, "<>,;\"'"))
		default:
			terms = append(terms, strings.Fields(textfold.Fold(word))...)
		}
	}
	terms = slices.DeleteFunc(terms, func(t string) bool { return t == "" || len(t) > longestWhole })
	slices.SortStableFunc(terms, func(a, b string) int { return len(b) - len(a) })
	terms = slices.Compact(terms)
	return terms[:min(len(terms), mostTerms)]
}

// phoneDigits gives the digits of a query that is a telephone number or the
// beginning of one, and "" otherwise.
func phoneDigits(query string) string {
	const fewest = 4
	var b strings.Builder
	for _, r := range query {
		switch {
		case r >= '0' && r <= '9':
			b.WriteRune(r)
		case !unicode.IsSpace(r) && !strings.ContainsRune("+-./()", r):
			return ""
		}
	}
	d := b.String()
	if len(d) < fewest {
		return ""
	}
	return strings.TrimPrefix(d, "00")
}
