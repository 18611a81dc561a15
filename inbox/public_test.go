package inbox

import (
	"slices"
	"strings"
	"testing"
)

// publicTexts are what the citizen reads with the number and secret of a case.
func (e *env) publicTexts(c *Case) (ref string, texts []string) {
	e.t.Helper()
	p, err := e.StatusPage(e.t.Context(), c.Ref(), c.Secret)
	if err != nil {
		e.t.Fatal("status page:", err)
	}
	for _, m := range p.Messages {
		texts = append(texts, strings.TrimSpace(m.Text))
	}
	return p.Ref, texts
}

func (e *env) mergeCase(c, into *Case) {
	e.t.Helper()
	if _, err := e.MergeCase(e.t.Context(), e.giulia, c.ID, into.ID); err != nil {
		e.t.Fatal("merge cases:", err)
	}
}

func TestThePublicPageShowsAllThatWasPutTogether(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		realMail(e)
		a := e.opened("Ada <ada@posta.example>", "a1@posta.example", "Buca", "la prima")
		b := e.opened("Ada <ada@posta.example>", "a2@posta.example", "La buca di ieri", "la seconda")
		c := e.opened("Ada <ada@posta.example>", "a3@posta.example", "Ancora la buca", "la terza")
		e.mergeCase(c, b)
		e.mergeCase(b, a)
		for _, x := range []*Case{a, b, c} {
			ref, texts := e.publicTexts(x)
			if want := []string{"la prima", "la seconda", "la terza"}; ref != a.Ref() || !slices.Equal(texts, want) {
				t.Errorf("with the secret of %s: %s %q, want %s %q", x.Ref(), ref, texts, a.Ref(), want)
			}
		}
		cv, err := e.ViewCase(t.Context(), e.giulia, a.ID)
		if err != nil || len(cv.Merged) != 2 {
			t.Errorf("staff see both cases that went in: %d %v", len(cv.Merged), err)
		}
	})
}

func TestThePublicPageShowsNobodyElsesWords(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		realMail(e)
		a := e.opened("Ada <ada@posta.example>", "a1@posta.example", "Buca", "parole di Ada")
		b := e.opened("Eva <eva@posta.example>", "e1@posta.example", "Nido", "parole di Eva")
		m, err := e.Merge(t.Context(), e.giulia, a.CitizenID, b.CitizenID, "stessa persona")
		if err != nil {
			t.Fatal(err)
		}
		e.mergeCase(b, a)
		if _, texts := e.publicTexts(b); len(texts) != 2 {
			t.Fatalf("one person reads all of it: %q", texts)
		}
		e.undo(m)
		for c, want := range map[*Case]string{a: "parole di Ada", b: "parole di Eva"} {
			if ref, texts := e.publicTexts(c); ref != c.Ref() || !slices.Equal(texts, []string{want}) {
				t.Errorf("after the undo %s shows %s %q, want its own", c.Ref(), ref, texts)
			}
		}
	})
}
