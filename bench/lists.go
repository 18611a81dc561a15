package bench

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/url"
)

// views are those of the left pane, as the pages and as the API call them.
var views = []struct{ page, api string }{
	{"mine", "mine"},
	{"unassigned", "unassigned"},
	{"office", "office"},
	{"soon", "due"},
	{"overdue", "overdue"},
	{"complaints", "complaints"},
	{"waiting", "waiting"},
	{"snoozed", "snoozed"},
	{"failed", "failed"},
	{"closed", "closed"},
}

// deepPage is the page that list_deep asks for.
const deepPage = 500

// perPage is how many cases a page of the list holds.
const perPage = 25

// lists measures the staff's list of a town of 100,000 cases for somebody who
// belongs to all its eight offices: the whole page and the API's answer, each
// view, one client and sixteen, the first page and the five hundredth. The
// figure is the 95th percentile of the slowest view.
func lists(ctx context.Context, s *session) ([]Figure, error) {
	site, err := s.site(ctx)
	if err != nil {
		return nil, err
	}
	defer s.profile("lists")()
	one, err := s.listFirst(ctx, site, "list_p95_ms", 1)
	if err != nil {
		return nil, err
	}
	many, err := s.listFirst(ctx, site, "list16_p95_ms", 16)
	if err != nil {
		return []Figure{one}, err
	}
	deep, err := s.listDeep(ctx, site)
	return []Figure{one, many, deep}, err
}

func (s *session) listFirst(ctx context.Context, site *site, name string, clients int) (Figure, error) {
	w := newWorst()
	n := s.size(max(200, 40*clients), 10)
	for _, v := range views {
		if err := w.add(ctx, "page "+v.page, n, clients, site.listPage(v.page, "")); err != nil {
			return Figure{}, err
		}
		if err := w.add(ctx, "api "+v.api, n, clients, site.listAPI(v.api, "")); err != nil {
			return Figure{}, err
		}
	}
	return w.figure(name), nil
}

// listDeep goes to the five hundredth page as people would, page by page, and
// measures that one.
func (s *session) listDeep(ctx context.Context, site *site) (Figure, error) {
	w := newWorst()
	skip := s.size((deepPage-1)*perPage, 4*perPage)
	for _, v := range views {
		cursor, ok, err := site.cursorAfter(ctx, v.api, skip)
		if err != nil {
			return Figure{}, err
		}
		if !ok {
			continue // the view is shorter than that
		}
		if err := w.add(ctx, "page "+v.page, s.size(200, 10), 1, site.listPage(v.page, cursor)); err != nil {
			return Figure{}, err
		}
		if err := w.add(ctx, "api "+v.api, s.size(200, 10), 1, site.listAPI(v.api, cursor)); err != nil {
			return Figure{}, err
		}
	}
	if w.n == 0 {
		return Figure{}, errors.New("no view has so many pages")
	}
	return w.figure("list_deep_p95_ms"), nil
}

// listPage asks for the whole page of a view, with the panes around the list.
func (x *site) listPage(view, before string) request {
	q := url.Values{"view": {view}}
	if before != "" {
		q.Set("before", before)
	}
	path := "/cases?" + q.Encode()
	return func(ctx context.Context) error {
		body, err := x.browser.page(ctx, path)
		if err == nil && !bytes.Contains(body, []byte("</html>")) {
			err = fmt.Errorf("%s is not whole", path)
		}
		return err
	}
}

func (x *site) listAPI(view, cursor string) request {
	return func(ctx context.Context) error {
		_, _, err := x.api.Cases(ctx, view, cursor, perPage)
		return err
	}
}

// cursorAfter walks over so many cases of a view; ok is false when it has fewer.
func (x *site) cursorAfter(ctx context.Context, view string, skip int) (cursor string, ok bool, err error) {
	for left := skip; left > 0; {
		list, next, err := x.api.Cases(ctx, view, cursor, min(left, 200))
		if err != nil || next == "" {
			return "", false, err
		}
		left -= len(list)
		cursor = next
	}
	return cursor, true, nil
}
