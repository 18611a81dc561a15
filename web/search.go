package web

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"filodiretto/inbox"
	"filodiretto/internal/textfold"
	"filodiretto/web/page"
)

// What a page of results holds.
const (
	searchCases   = 50
	searchPeople  = 5
	paletteCases  = 6
	palettePeople = 4
)

// search answers what was looked for: cases and people, as a page, or as lines
// for the palette.
func (s *Server) search(w http.ResponseWriter, r *http.Request, c *caller) error {
	if !c.worksWithCitizens() {
		return inbox.ErrForbidden
	}
	query := strings.TrimSpace(r.URL.Query().Get("q"))
	q, problems := textfold.Parse(query, s.searchOptions(c))
	if r.URL.Query().Has("palette") {
		return s.palette(w, r, c, query, q, problems)
	}
	out := page.Search{Query: query, Examples: query == "", Faults: queryFaults(c, problems), Operators: s.searchOperators(c)}
	out.Save = query != "" && len(problems) == 0
	if query != "" {
		if err := s.searched(r, c, q, &out); err != nil {
			return err
		}
	}
	var err error
	if out.Shell, err = s.shell(r, c, ""); err != nil {
		return err
	}
	out.Shell.Query, out.Shell.Title = query, c.say.Text("search.title")
	s.show(w, r, http.StatusOK, c.lang, out)
	return nil
}

// searched fills in a page of results. Persons, and a case whose number was typed,
// stand on the first.
func (s *Server) searched(r *http.Request, c *caller, q textfold.Query, out *page.Search) error {
	after := r.URL.Query().Get("after")
	found, err := s.Inbox.SearchFrom(r.Context(), c.Viewer, q, after, searchCases)
	if err != nil {
		return err
	}
	out.Later, out.After = after != "", found.Next
	if out.Later {
		q.Hints = nil
	}
	out.Cases = s.hits(r, c, q, found.Hits)
	if !out.Later {
		out.People, err = s.findPeople(r, c, peopleQuery(q, out.Query), searchPeople)
	}
	return err
}

// queryFaults say in the caller's language what was not followed.
func queryFaults(c *caller, problems []textfold.Problem) []page.QueryFault {
	var out []page.QueryFault
	for _, p := range problems {
		out = append(out, page.QueryFault{Text: p.Text(string(c.lang)), Fixed: p.Fixed})
	}
	return out
}

// searchOperators teach the operators in the caller's language, with the values
// that they take here. People are too many to be listed.
func (s *Server) searchOperators(c *caller) []page.SearchOperator {
	choices, lang := s.searchOptions(c).Choices, string(c.lang)
	delete(choices, textfold.OpAssigned)
	out := make([]page.SearchOperator, len(textfold.Operators))
	for i, o := range textfold.Operators {
		t := o.In(lang)
		out[i] = page.SearchOperator{Names: t.Names, Meaning: t.Meaning, Examples: t.Examples, Values: textfold.Spelled(slices.Concat(o.Choices, choices[o.Op]), lang)}
	}
	return out
}

// hits makes results of cases that were found; a case whose number was typed
// comes first.
func (s *Server) hits(r *http.Request, c *caller, q textfold.Query, list []inbox.CaseHit) []page.Hit {
	var cases []*inbox.Case
	var excerpts []string
	for _, h := range q.Hints {
		if k, err := s.Inbox.CaseByRef(r.Context(), c.Viewer, h.Value); h.Op == textfold.OpNumber && err == nil {
			cases, excerpts = append(cases, k), append(excerpts, "")
		}
	}
	for _, h := range list {
		if len(cases) > 0 && cases[0].ID == h.Case.ID {
			continue
		}
		cases, excerpts = append(cases, h.Case), append(excerpts, h.Excerpt)
	}
	rows := s.fillRows(r, c, "", cases)
	out := make([]page.Hit, len(rows))
	for i := range rows {
		out[i] = page.Hit{Row: rows[i], Parts: marked(excerpts[i], q.Words)}
	}
	return out
}

// marked parts an excerpt into pieces, of which those are marked whose stem was
// looked for.
func marked(text string, stems []string) []page.HitPart {
	var out []page.HitPart
	add := func(s string, mark bool) {
		switch n := len(out); {
		case s == "":
		case n > 0 && out[n-1].Marked == mark:
			out[n-1].Text += s
		default:
			out = append(out, page.HitPart{Text: s, Marked: mark})
		}
	}
	want := map[string]bool{}
	for _, s := range stems {
		want[s] = true
	}
	for text != "" {
		i := strings.IndexByte(text, ' ')
		word, rest := text, ""
		if i >= 0 {
			word, rest = text[:i], text[i:]
			if n := len(rest) - len(strings.TrimLeft(rest, " ")); n > 0 {
				rest, text = rest[:n], rest[n:]
			}
		} else {
			text = ""
		}
		hit := false
		for _, s := range textfold.Words(word) {
			hit = hit || want[s]
		}
		add(word, hit)
		add(rest, false)
	}
	return out
}

// peopleQuery is by which words of a search persons are looked for.
func peopleQuery(q textfold.Query, typed string) string {
	for _, f := range q.Filters {
		if f.Op == textfold.OpFrom || f.Op == textfold.OpCF {
			return f.Value
		}
	}
	if len(q.Filters) > 0 {
		return ""
	}
	return typed
}

// palette answers the lines under the palette's field.
func (s *Server) palette(w http.ResponseWriter, r *http.Request, c *caller, query string, q textfold.Query, problems []textfold.Problem) error {
	out := page.Palette{Query: query, At: s.clock.Now(), Faults: queryFaults(c, problems)}
	if query != "" {
		found, err := s.Inbox.Search(r.Context(), c.Viewer, q, paletteCases)
		if err != nil {
			return err
		}
		for _, h := range s.hits(r, c, q, found.Hits) {
			out.Cases = append(out.Cases, page.CaseLine{Number: h.Row.Number, Subject: h.Row.Subject, Kind: h.Row.Kind, Status: h.Row.Status, Due: h.Row.Due, Office: h.Row.Office, At: h.Row.At})
		}
		if out.People, err = s.findPeople(r, c, peopleQuery(q, query), palettePeople); err != nil {
			return err
		}
	}
	s.show(w, r, http.StatusOK, c.lang, out)
	return nil
}

// searchOptions are the values that operators of the search take here, as people
// write them in both languages.
func (s *Server) searchOptions(c *caller) textfold.Options {
	choices := inbox.SearchChoices()
	for _, o := range c.dir.Offices {
		choices[textfold.OpOffice] = append(choices[textfold.OpOffice], textfold.Choice{Value: o.Key, It: []string{o.Name, o.Key}})
	}
	for _, p := range c.dir.Operators {
		choices[textfold.OpAssigned] = append(choices[textfold.OpAssigned], textfold.Choice{Value: strconv.FormatInt(p.ID, 10), It: []string{p.Name, p.Login}})
	}
	return textfold.Options{Today: textfold.DayOf(s.clock.Now().Time().In(s.zone)), Choices: choices}
}
