package inbox

import (
	"context"
	"encoding/base64"
	"fmt"

	"github.com/uptrace/bun"

	"filodiretto/internal/clock"
	"filodiretto/internal/textfold"
)

// How far a search looks at once: the newest candidates of the words make a
// window, within which cases are ranked. What is older comes in the next window,
// so that a common word costs no more than a rare one.
const (
	searchCandidates = 800
	searchRanked     = 300
	// searchWindows is how many windows one page looks through at most, as when
	// filters leave little over.
	searchWindows = 5
)

// Search is SearchFrom from the beginning.
func (in *Inbox) Search(ctx context.Context, v Viewer, q textfold.Query, limit int) (Found, error) {
	return in.SearchFrom(ctx, v, q, "", limit)
}

// SearchFrom finds cases that the viewer may see, the best first: words in the
// subject count most, then how often, then how new. Without words the newest
// come first. cursor is Next of the page before, or empty. Each case is found
// once. InvalidError on "cursor".
func (in *Inbox) SearchFrom(ctx context.Context, v Viewer, q textfold.Query, cursor string, limit int) (Found, error) {
	limit = max(1, min(limit, 100))
	from, ok := readSearchCursor(cursor)
	if words := len(q.Words)+len(q.Phrases) > 0; !ok || cursor != "" && words != from.words {
		return Found{}, &InvalidError{"cursor", "unreadable"}
	} else if !words {
		return in.searchCases(ctx, v, q, spot{clock.Instant(from.a), from.b}, limit)
	}
	var out Found
	for range searchWindows {
		w, err := in.window(ctx, v, q, from)
		if err != nil {
			return Found{}, err
		}
		if from.a == 0 {
			from.a, from.b = w.top, w.top+1
		}
		page, rest, err := in.pageOf(ctx, q, w.cases, from.c, limit-len(out.Hits))
		if err != nil {
			return Found{}, err
		}
		out.Hits, out.Partial, out.Next = append(out.Hits, page...), w.older > 0, ""
		switch {
		case rest > 0:
			from.c += len(page)
		case w.older > 0:
			from.b, from.c = w.older, 0
		default:
			return out, nil
		}
		out.Next = from.String()
		// The first page answers at once; later ones are filled up.
		if len(out.Hits) == limit || cursor == "" && len(out.Hits) > 0 {
			return out, nil
		}
	}
	return out, nil
}

// pageOf is a piece of the ranked cases, with their excerpts, and how many are
// left behind it.
func (in *Inbox) pageOf(ctx context.Context, q textfold.Query, cases []CaseHit, offset, limit int) (page []CaseHit, rest int, err error) {
	if !asksPhrases(q) { // only what is shown is read
		cases, rest = piece(cases, offset, limit)
		page, err = in.excerpts(ctx, q, cases)
		return page, rest, err
	}
	if page, err = in.excerpts(ctx, q, cases); err == nil {
		page, rest = piece(page, offset, limit)
	}
	return page, rest, err
}

func piece(hits []CaseHit, offset, limit int) (page []CaseHit, rest int) {
	hits = hits[min(offset, len(hits)):]
	n := min(limit, len(hits))
	return hits[:n], len(hits) - n
}

// window is the ranked cases of some hundred messages.
type window struct {
	cases []CaseHit
	top   int64 // the newest message looked at
	older int64 // before which message the next window begins; 0 when there is none
}

func (in *Inbox) window(ctx context.Context, v Viewer, q textfold.Query, from searchCursor) (*window, error) {
	var hits []struct{ ID, CaseID int64 }
	sel := in.db.Read.NewSelect().TableExpr("(?) AS s", in.candidates(q, from.b)).
		Join("JOIN messages AS m ON m.id = s.id").Join("JOIN cases AS c ON c.id = m.case_id").
		ColumnExpr("m.id, m.case_id").OrderExpr("m.id DESC").Limit(searchRanked)
	sel, err := in.filter(ctx, v, visibleCases(sel, v), q)
	if err != nil {
		return nil, err
	}
	if err := sel.Scan(ctx, &hits); err != nil {
		return nil, fmt.Errorf("search: %w", err)
	}
	w := &window{}
	byCase := map[int64]*CaseHit{}
	for i, h := range hits {
		w.top = max(w.top, h.ID)
		ch := byCase[h.CaseID]
		if ch == nil {
			ch = &CaseHit{MessageID: h.ID, score: 3 * (1 - float64(i)/searchRanked)}
			byCase[h.CaseID] = ch
		} else if ch.score < 10 {
			ch.score += 0.5
		}
		ch.messages = append(ch.messages, h.ID)
	}
	if len(hits) == searchRanked {
		w.older = hits[searchRanked-1].ID
	} else if err := in.olderThanCandidates(ctx, q, from.b, w); err != nil {
		return nil, err
	}
	if err := in.dropShown(ctx, q, from, byCase); err != nil {
		return nil, err
	}
	w.cases, err = in.rank(ctx, q, byCase)
	return w, err
}

// olderThanCandidates finds where the next window begins when rights and filters
// left fewer than a window of the candidates.
func (in *Inbox) olderThanCandidates(ctx context.Context, q textfold.Query, before int64, w *window) error {
	var n, first, last int64
	err := in.db.Read.NewSelect().TableExpr("(?) AS s", in.candidates(q, before)).
		ColumnExpr("count(*), COALESCE(min(s.id), 0), COALESCE(max(s.id), 0)").Scan(ctx, &n, &first, &last)
	if err != nil {
		return fmt.Errorf("search: how far: %w", err)
	}
	if w.top = max(w.top, last); n == searchCandidates {
		w.older = first
	}
	return nil
}

// dropShown takes away the cases that a newer window has shown: those of which a
// message between the search's beginning and this window fits as well.
func (in *Inbox) dropShown(ctx context.Context, q textfold.Query, from searchCursor, byCase map[int64]*CaseHit) error {
	if from.a == 0 || from.b > from.a || len(byCase) == 0 {
		return nil
	}
	ids := make([]int64, 0, len(byCase))
	for id := range byCase {
		ids = append(ids, id)
	}
	var rows []struct {
		CaseID        int64
		Subject, Text string
	}
	sel := in.db.Read.NewSelect().ColumnExpr("m.case_id").Where("m.case_id IN (?) AND m.id >= ? AND m.id <= ?", bun.List(ids), from.b, from.a)
	if in.db.Postgres {
		sel = sel.TableExpr("messages AS m").Join("JOIN search AS s ON s.message_id = m.id").Where("s.words @@ ?::tsquery", in.expression(q))
	} else { // CROSS JOIN: the messages of these cases are few, those with the words may be many
		sel = sel.TableExpr("messages AS m CROSS JOIN search").Where("search.rowid = m.id AND search MATCH ?", in.expression(q))
	}
	if asksPhrases(q) {
		sel = sel.ColumnExpr("m.subject, substr(m.text, 1, 20000) AS text")
	}
	if err := sel.Scan(ctx, &rows); err != nil {
		return fmt.Errorf("search: what was shown: %w", err)
	}
	for _, r := range rows {
		if !asksPhrases(q) || holdsPhrases(r.Subject+"\n"+r.Text, q) {
			delete(byCase, r.CaseID)
		}
	}
	return nil
}

// searchCursor says where a search goes on. With words: a is the newest message
// at the search's beginning, b before which message the window begins, c how many
// cases of it were shown. Without: a and b are last_at and id of the last case.
type searchCursor struct {
	words bool
	a, b  int64
	c     int
}

// String is the cursor as callers carry it.
func (s searchCursor) String() string {
	kind := 'c'
	if s.words {
		kind = 'w'
	}
	return base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, "%c.%d.%d.%d", kind, s.a, s.b, s.c))
}

// readSearchCursor reads a cursor; an empty one is the beginning of either kind.
func readSearchCursor(text string) (s searchCursor, ok bool) {
	if text == "" {
		return searchCursor{words: true}, true
	}
	b, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return s, false
	}
	var kind rune
	n, err := fmt.Sscanf(string(b), "%c.%d.%d.%d", &kind, &s.a, &s.b, &s.c)
	s.words = kind == 'w'
	return s, err == nil && n == 4 && (kind == 'w' || kind == 'c') && s.a > 0 && s.b > 0 && s.c >= 0
}
