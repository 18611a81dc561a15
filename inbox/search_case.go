package inbox

import (
	"context"
	"fmt"
	"strings"

	"github.com/uptrace/bun"

	"filodiretto/internal/textfold"
)

// How far a search without words walks when it must look into the messages of
// every case for what they must not hold.
const (
	walkStep = 200
	walkMost = 10 * walkStep
)

// searchCases answers a search without words to be found: the newest cases that
// fit the filters. Of words that must not occur, no message of a case may hold
// one; where there are words to be found, only the message that holds them may
// not.
func (in *Inbox) searchCases(ctx context.Context, v Viewer, q textfold.Query, from spot, limit int) (Found, error) {
	if len(q.Filters) == 0 && !q.Excludes() {
		return Found{}, nil
	}
	step := limit + 1 // one more tells whether there is another page
	if q.Excludes() {
		step = walkStep
	}
	var out Found
	for walked := 0; walked < walkMost; walked += step {
		cases, err := in.casesBefore(ctx, v, q, from, step)
		if err != nil {
			return Found{}, err
		}
		holds, err := in.holding(ctx, q, cases)
		if err != nil {
			return Found{}, err
		}
		for _, c := range cases {
			if holds[c.ID] {
				continue
			}
			if len(out.Hits) == limit {
				last := out.Hits[limit-1].Case
				return out.before(spot{last.LastAt, last.ID}), nil
			}
			out.Hits = append(out.Hits, CaseHit{Case: c, MessageID: c.LastMessageID, Excerpt: c.Snippet})
		}
		if len(cases) < step {
			return out, nil
		}
		from = spot{cases[len(cases)-1].LastAt, cases[len(cases)-1].ID}
	}
	return out.before(from), nil
}

// before says that older cases follow from a spot on.
func (f Found) before(s spot) Found {
	f.Partial, f.Next = true, searchCursor{a: int64(s.at), b: s.id}.String()
	return f
}

// casesBefore are the newest cases that fit the filters, from where the walk is.
func (in *Inbox) casesBefore(ctx context.Context, v Viewer, q textfold.Query, from spot, step int) ([]*Case, error) {
	var cases []*Case
	sel, err := in.filter(ctx, v, visibleCases(in.db.Read.NewSelect().Model(&cases), v), q)
	if err != nil {
		return nil, err
	}
	if from.id != 0 {
		sel = sel.Where("(c.last_at, c.id) < (?, ?)", from.at, from.id)
	}
	if err := sel.OrderExpr("c.last_at DESC, c.id DESC").Limit(int64(step)).Scan(ctx); err != nil {
		return nil, fmt.Errorf("search: %w", err)
	}
	return cases, nil
}

// holding are the cases of which some message holds what the search excludes.
func (in *Inbox) holding(ctx context.Context, q textfold.Query, cases []*Case) (map[int64]bool, error) {
	if !q.Excludes() || len(cases) == 0 {
		return nil, nil
	}
	ids := make([]int64, len(cases))
	for i, c := range cases {
		ids[i] = c.ID
	}
	var any []string
	for _, w := range q.NotWords {
		any = append(any, in.allOf([]string{w}))
	}
	for _, p := range q.NotPhrases {
		any = append(any, in.allOf(p.Words))
	}
	var rows []struct {
		CaseID        int64
		Subject, Text string
	}
	sel := in.db.Read.NewSelect().ColumnExpr("m.case_id").Where("m.case_id IN (?)", bun.List(ids))
	if in.db.Postgres {
		sel = sel.TableExpr("messages AS m").Join("JOIN search AS s ON s.message_id = m.id").Where("s.words @@ ?::tsquery", strings.Join(any, " | "))
	} else { // CROSS JOIN: the messages of these cases are few, those with the words may be many
		sel = sel.TableExpr("messages AS m CROSS JOIN search").Where("search.rowid = m.id AND search MATCH ?", strings.Join(any, " OR "))
	}
	if len(q.NotPhrases) > 0 {
		sel = sel.ColumnExpr("m.subject, substr(m.text, 1, 20000) AS text")
	}
	if err := sel.Scan(ctx, &rows); err != nil {
		return nil, fmt.Errorf("search: what is excluded: %w", err)
	}
	out := map[int64]bool{}
	for _, r := range rows {
		out[r.CaseID] = out[r.CaseID] || len(q.NotPhrases) == 0 || excludes(q, r.Subject+"\n"+r.Text)
	}
	return out, nil
}

// allOf writes that all stems must occur, for the database's own index.
func (in *Inbox) allOf(stems []string) string {
	mark, and := `"`, " AND "
	if in.db.Postgres {
		mark, and = "'", " & "
	}
	quoted := make([]string, len(stems))
	for i, w := range stems {
		quoted[i] = mark + strings.ReplaceAll(w, mark, mark+mark) + mark
	}
	return "(" + strings.Join(quoted, and) + ")"
}

// excludes reports whether a text holds a word or phrase that the search must
// not find.
func excludes(q textfold.Query, text string) bool {
	for _, w := range textfold.Words(text) {
		for _, not := range q.NotWords {
			if w == not {
				return true
			}
		}
	}
	return !holdsPhrases(text, textfold.Query{NotPhrases: q.NotPhrases})
}
