package bench

import (
	"bytes"
	"context"
	"fmt"
	"net/url"
)

// searched are what people look for: a word that stands in every third message,
// words together, a phrase, a word that is rare, a name, and each kind of
// operator, alone and with words.
var searched = []string{
	"richiesta", "richieste", "buca pericolosa", "squadra manutenzione domani", `"piazza della Libertà"`, "lampione -buca",
	"anatroccolo", "ferrari", "bollettino ufficio:tributi", "segnalazione stato:chiuso", "tipo:reclamo", "tipo:reclamo residenza",
	"da:rossi", "da:rossi bollettino", "certificato ha:allegato", "canale:mail stato:aperto", "scade:oggi", "dopo:1/10/2026 buca",
}

// searches measures the page of results and the API's answer for each of them.
func searches(ctx context.Context, s *session) ([]Figure, error) {
	site, err := s.site(ctx)
	if err != nil {
		return nil, err
	}
	defer s.profile("search")()
	w := newWorst()
	for _, q := range searched {
		if err := w.add(ctx, "page "+q, s.size(60, 5), 1, site.searchPage(q)); err != nil {
			return nil, err
		}
		if err := w.add(ctx, "api "+q, s.size(60, 5), 1, site.searchAPI(q)); err != nil {
			return nil, err
		}
	}
	return []Figure{w.figure("search_p95_ms")}, nil
}

func (x *site) searchPage(q string) request {
	path := "/search?" + url.Values{"q": {q}}.Encode()
	return func(ctx context.Context) error {
		body, err := x.browser.page(ctx, path)
		if err == nil && !bytes.Contains(body, []byte("</html>")) {
			err = fmt.Errorf("%s is not whole", path)
		}
		return err
	}
}

func (x *site) searchAPI(q string) request {
	path := "/search?" + url.Values{"q": {q}, "limit": {"50"}}.Encode()
	return func(ctx context.Context) error { return x.api.Get(ctx, path, nil) }
}
