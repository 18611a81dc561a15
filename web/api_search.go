package web

import (
	"fmt"
	"slices"
	"strings"

	"filodiretto/internal/textfold"
	"filodiretto/web/openapi"
)

type apiFound struct {
	Cases    []apiHit          `json:"cases"`
	People   []apiPersonBrief  `json:"people"`
	Partial  bool              `json:"partial"`
	Next     string            `json:"next"`
	Problems []apiQueryProblem `json:"problems"`
}

type apiHit struct {
	Case      apiCase `json:"case"`
	MessageID apiID   `json:"message_id"`
	Excerpt   string  `json:"excerpt"`
}

type apiQueryProblem struct {
	Code    textfold.Code `json:"code"`
	Word    string        `json:"word"`
	Detail  string        `json:"detail"`
	Suggest string        `json:"suggest"`
	Fixed   string        `json:"fixed"`
	Allowed []string      `json:"allowed"`
}

var foundSchema = openapi.Named("Found", "What a search found.", openapi.Object(
	openapi.Req("cases", openapi.List(openapi.Object(
		openapi.Req("case", caseSchema, ""),
		openapi.Req("message_id", idOrNull, "Where the words are."),
		openapi.Req("excerpt", openapi.Text(0), "The words around."))), "The best first."),
	openapi.Req("people", openapi.List(personBriefSchema), ""),
	openapi.Req("partial", openapi.Bool(), "Older ones were not ranked with these."),
	openapi.Req("next", openapi.Text(0), "Cursor of what follows; empty at the end."),
	openapi.Req("problems", openapi.List(openapi.Object(
		openapi.Req("code", openapi.Text(0), ""),
		openapi.Req("word", openapi.Text(0), ""),
		openapi.Req("detail", openapi.Text(0), ""),
		openapi.Req("suggest", openapi.Text(0), "What was probably meant, or empty."),
		openapi.Req("fixed", openapi.Text(0), "The whole search with that in its place, or empty."),
		openapi.Req("allowed", openapi.List(openapi.Text(0)), "Values that the operator takes."))), "What in the query could not be followed.")))

// searchDoc tells the operators of the search box to those who write programs.
func searchDoc() string {
	var b strings.Builder
	b.WriteString("Words are found in all their forms, \"in quotes\" as written; -word leaves out the cases that hold it. Several of one operator mean any of them, a minus before one means not. Operators, also by their Italian names:")
	for i, o := range textfold.Operators {
		if i > 0 {
			b.WriteString(";")
		}
		fmt.Fprintf(&b, " %s: %s (%s)", strings.Join(slices.Compact(slices.Concat(o.En.Names, o.It.Names)), ":, "), o.En.Meaning, strings.Join(o.En.Examples, ", "))
	}
	return b.String() + "."
}

func (a *api) searchOps() []apiOp {
	return []apiOp{
		op(openapi.Operation{
			Method: "GET", Path: "/search", ID: "search", Tag: "search", Scope: "read", Summary: "Cases by words and operators, and people",
			Doc: searchDoc(),
			Params: []openapi.Param{
				{Name: "q", In: "query", Schema: openapi.Text(500), Doc: "As in the search box of the pages."},
				{Name: "cursor", In: "query", Schema: openapi.Text(200), Doc: "next of the page before, of the same q. People are on the first page."},
				{Name: "limit", In: "query", Schema: openapi.Between(1, 100), Doc: "How many cases at most; a page may hold fewer and not be the last."},
			},
			Out: foundSchema,
		}, apiRead(a.find)),
	}
}

func (a *api) find(q *apiCall) (*apiFound, error) {
	out := &apiFound{Cases: []apiHit{}, People: []apiPersonBrief{}, Problems: []apiQueryProblem{}}
	typed := strings.TrimSpace(q.query("q"))
	if typed == "" {
		return out, nil
	}
	query, problems := textfold.Parse(typed, a.searchOptions(&caller{Viewer: q.Viewer, dir: q.dir}))
	for _, p := range problems {
		out.Problems = append(out.Problems, apiQueryProblem{p.Code, p.Token, p.Text("en"), p.Suggest, p.Fixed, orEmpty(p.Allowed("en"))})
	}
	found, err := a.Inbox.SearchFrom(q.ctx, q.Viewer, query, q.query("cursor"), q.limit(50))
	if err != nil {
		return nil, err
	}
	out.Partial, out.Next = found.Partial, found.Next
	if q.query("cursor") != "" {
		query.Hints = nil
	}
	seen := map[int64]bool{}
	for _, h := range query.Hints { // a number that was typed is the case meant
		if h.Op != textfold.OpNumber {
			continue
		}
		if c, err := a.Inbox.CaseByRef(q.ctx, q.Viewer, h.Value); err == nil && !seen[c.ID] {
			seen[c.ID] = true
			out.Cases = append(out.Cases, apiHit{Case: q.viewCase(c)})
		}
	}
	for _, h := range found.Hits {
		if !seen[h.Case.ID] {
			out.Cases = append(out.Cases, apiHit{q.viewCase(h.Case), apiID(h.MessageID), h.Excerpt})
		}
	}
	if people := peopleQuery(query, typed); people != "" && q.query("cursor") == "" {
		out.People, err = a.peopleFound(q, people, 10)
	}
	return out, err
}
