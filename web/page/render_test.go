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
