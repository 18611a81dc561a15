package web

import (
	"net/http"
	"regexp"
	"slices"
	"strings"

	"filodiretto/inbox"
	"filodiretto/internal/textfold"
	"filodiretto/router"
	"filodiretto/web/page"
)

// mostPicks is how many ready texts the picker shows.
const mostPicks = 12

// picker answers the ready texts that fit what was typed after "/", with what is
// known of the case already filled in.
func (s *Server) picker(w http.ResponseWriter, r *http.Request, c *caller) error {
	q := r.URL.Query()
	k, err := s.Inbox.CaseByRef(r.Context(), c.Viewer, q.Get("case"))
	if err != nil {
		return err
	}
	all, err := s.Router.ReadyTexts(r.Context(), c.Viewer)
	if err != nil {
		return err
	}
	list := fitting(all, q.Get("q"))
	out := page.Picker{Query: q.Get("q")}
	known := s.knownOf(c, k)
	for _, t := range list {
		text := fillReady(t.Body, known)
		first, _, _ := strings.Cut(text, "\n")
		out.Items = append(out.Items, page.PickerItem{ID: t.ID, Short: t.Short, Office: c.office(t.OfficeID), First: shorten(first, 90), Text: text})
	}
	s.show(w, r, http.StatusOK, c.lang, out)
	return nil
}

// fitting are the texts that a query fits, the best first: by the beginning of
// the short name, by a part of it or of the name, by the text.
func fitting(all []router.ReadyText, query string) []router.ReadyText {
	q := textfold.Fold(query)
	rank := func(t router.ReadyText) int {
		switch {
		case strings.HasPrefix(textfold.Fold(t.Short), q):
			return 0
		case strings.Contains(textfold.Fold(t.Short+" "+t.Name), q):
			return 1
		case strings.Contains(textfold.Fold(t.Body), q):
			return 2
		}
		return 3
	}
	out := slices.DeleteFunc(slices.Clone(all), func(t router.ReadyText) bool { return rank(t) == 3 })
	slices.SortStableFunc(out, func(a, b router.ReadyText) int { return rank(a) - rank(b) })
	return out[:min(len(out), mostPicks)]
}

// knownOf are the values that ready texts may ask for, under the names that
// authors use in either language.
func (s *Server) knownOf(c *caller, k *inbox.Case) map[string]string {
	known := map[string]string{
		"numero": k.Ref(), "case_number": k.Ref(), "oggetto": k.Subject, "case_subject": k.Subject,
		"ufficio": c.office(k.OfficeID), "office": c.office(k.OfficeID), "operatore": c.Name, "operator": c.Name,
		"comune": s.Config.Municipality.Name, "municipality": s.Config.Municipality.Name,
	}
	if !strings.Contains(k.Person, "@") { // an address is no name to greet with
		known["nome"], known["name"] = k.Person, k.Person
	}
	return known
}

var inBraces = regexp.MustCompile(`\{[a-z_]{1,30}\}`)

// fillReady puts in what is known; the rest stays in braces for the writer. A
// value is never read again.
func fillReady(body string, known map[string]string) string {
	return inBraces.ReplaceAllStringFunc(body, func(m string) string {
		if v := known[m[1:len(m)-1]]; v != "" {
			return v
		}
		return m
	})
}

func shorten(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n]) + "…"
	}
	return s
}
