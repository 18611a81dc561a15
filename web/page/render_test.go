package page_test

import (
	"bytes"
	"io"
	"strings"
	"testing"

	"filodiretto/internal/clock"
	"filodiretto/web/page"
	"filodiretto/web/page/sample"
)

// renderer is made as the server makes it, with the sample's clock.
func renderer(t testing.TB) *page.Renderer {
	t.Helper()
	r, err := page.New(page.Options{Clock: clock.NewManual(sample.Now.Time()), Zone: sample.Zone, Municipality: "Pontelieto"})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func render(t testing.TB, r *page.Renderer, l page.Lang, v page.View) string {
	t.Helper()
	var b bytes.Buffer
	if err := r.Render(&b, l, v); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func views() map[string]page.View {
	all := sample.All()
	for name, v := range sample.Fragments() {
		all["fragment-"+name] = v
	}
	return all
}

func TestEveryViewRendersInEveryLanguage(t *testing.T) {
	r := renderer(t)
	for name, v := range views() {
		for _, l := range page.AllLangs {
			t.Run(name+"/"+string(l), func(t *testing.T) {
				got := render(t, r, l, v)
				for _, bad := range []string{"<no value>", "ZgotmplZ", "%!", "<nil>", " style=", " onclick=", "javascript:"} {
					if strings.Contains(got, bad) {
						t.Errorf("%q in the page, near %q", bad, around(got, bad))
					}
				}
			})
		}
	}
}

// What stands before a middle dot is parted from it by a blank, and what the program
// wrote by itself is folded, so that the citizen's words stay in sight.
func TestBlanksBeforeDotsAndFoldedConfirmations(t *testing.T) {
	r := renderer(t)
	dots, folded := 0, 0
	for name, v := range views() {
		got := render(t, r, page.Italian, v)
		if strings.Contains(got, `</span><span class="why">·`) {
			t.Errorf("%s: no blank before a dot", name)
		}
		dots += strings.Count(got, ` <span class="why">·`)
		for _, x := range strings.Split(got, "msg-out msg-auto")[1:] {
			x, _, _ = strings.Cut(x, "</article>")
			if folded++; strings.Contains(x, `class="plain"`) && strings.Index(x, `<details class="fold">`) > strings.Index(x, `class="plain"`) || !strings.Contains(x, "<details") {
				t.Errorf("%s: the text of a confirmation is not folded", name)
			}
		}
	}
	if dots == 0 || folded == 0 {
		t.Errorf("the samples have %d dots and %d confirmations", dots, folded)
	}
}

func around(s, part string) string {
	i := strings.Index(s, part)
	return s[max(0, i-120):min(len(s), i+60)]
}

func BenchmarkInbox(b *testing.B) { bench(b, sample.Inbox()) }

// BenchmarkRows is the list alone, with as many rows as a page has.
func BenchmarkRows(b *testing.B) {
	l := sample.Rows()
	for len(l.Rows) < 50 {
		l.Rows = append(l.Rows, l.Rows...)
	}
	l.Rows = l.Rows[:50]
	bench(b, l)
}

func bench(b *testing.B, v page.View) {
	r := renderer(b)
	b.ReportAllocs()
	for b.Loop() {
		if err := r.Render(io.Discard, page.Italian, v); err != nil {
			b.Fatal(err)
		}
	}
}
