package bench

import (
	"bytes"
	"context"
	"fmt"
	"net/url"
)

// caseViews measures cases of twenty messages with the panel of their person: the
// piece that is fetched when a row is chosen and the API, and, as a figure of its
// own, the whole page, which holds the list and the views too. Each request opens
// another case, so that each also writes down who read it.
func caseViews(ctx context.Context, s *session) ([]Figure, error) {
	site, err := s.site(ctx)
	if err != nil {
		return nil, err
	}
	refs, err := longCases(ctx, site)
	if err != nil {
		return nil, err
	}
	defer s.profile("case")()
	part := len(refs) / 3
	one, page := newWorst(), newWorst()
	for i, m := range []struct {
		w    *worst
		name string
		ask  func(string) request
	}{{one, "chosen", site.caseChosen}, {one, "api", site.caseAPI}, {page, "page", site.casePage}} {
		var asked []request
		for _, ref := range refs[i*part : (i+1)*part] {
			asked = append(asked, m.ask(ref))
		}
		if err := m.w.add(ctx, m.name, len(asked), 1, asked...); err != nil {
			return nil, err
		}
	}
	one.more["cases"] = len(refs)
	return []Figure{one.figure("case_p95_ms"), page.figure("case_page_p95_ms")}, nil
}

// longCases are the numbers of the cases with twenty messages.
func longCases(ctx context.Context, x *site) (refs []string, err error) {
	var rows []struct {
		Year   int
		Number int64
	}
	err = x.app.DB.Read.NewRaw(`SELECT c.year, c.number FROM cases AS c JOIN (SELECT case_id FROM messages WHERE case_id IS NOT NULL AND origin <> 'automation'
		GROUP BY case_id HAVING count(*) = 20) AS l ON l.case_id = c.id ORDER BY c.id`).Scan(ctx, &rows)
	for _, r := range rows {
		refs = append(refs, fmt.Sprintf("%d/%06d", r.Year, r.Number))
	}
	if err == nil && len(refs) < 3 {
		err = fmt.Errorf("there are %d cases of twenty messages", len(refs))
	}
	return refs, err
}

func (x *site) casePage(ref string) request {
	path := "/cases?" + url.Values{"view": {"office"}, "case": {ref}}.Encode()
	return func(ctx context.Context) error {
		body, err := x.browser.page(ctx, path)
		return hasTwenty(path, body, err)
	}
}

// caseChosen is what the page's script asks for when a row is chosen.
func (x *site) caseChosen(ref string) request {
	path := "/cases?" + url.Values{"view": {"office"}, "case": {ref}}.Encode()
	return func(ctx context.Context) error {
		body, err := x.browser.piece(ctx, path, "work")
		return hasTwenty(path, body, err)
	}
}

func hasTwenty(path string, body []byte, err error) error {
	if err != nil {
		return err
	}
	if n := bytes.Count(body, []byte(`id="e-`)); n < 20 {
		return fmt.Errorf("%s shows %d messages of 20", path, n)
	}
	return nil
}

func (x *site) caseAPI(ref string) request {
	return func(ctx context.Context) error { return x.api.Get(ctx, "/cases/"+ref, nil) }
}
