package safehtml

import (
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/net/html"
)

// FuzzSafeHTML: whatever goes in, what comes out parses to allowed elements
// with allowed attributes and nothing that loads or runs.
func FuzzSafeHTML(f *testing.F) {
	for _, a := range attacks {
		f.Add(a)
	}
	f.Add(`<table><tr><td style="color:red">x</td></tr></table><a href="https://x.it">y</a><img src="cid:z">`)
	f.Fuzz(func(t *testing.T, doc string) { checkSafe(t, doc) })
}

var safeStyle = regexp.MustCompile(`^[A-Za-z0-9#%.,'() +!:;-]*$`)

func checkSafe(t *testing.T, doc string) {
	t.Helper()
	res, err := Clean(ctx, doc, Options{OwnHosts: []string{"own.example"}})
	if err != nil {
		t.Fatal(err)
	}
	if !utf8.ValidString(res.HTML) || !utf8.ValidString(res.Text) || strings.ContainsRune(res.HTML+res.Text, 0) {
		t.Fatalf("%q: not clean", doc)
	}
	tree, err := html.Parse(strings.NewReader("<!DOCTYPE html><body>" + res.HTML))
	if err != nil {
		t.Fatal(err)
	}
	for n := range tree.Descendants() {
		if n.Type == html.CommentNode {
			t.Errorf("%q: comment in %q", doc, res.HTML)
		}
		if n.Type == html.ElementNode {
			checkElement(t, doc, n)
		}
	}
	if again, _ := Clean(ctx, res.HTML, Options{}); !strings.Contains(res.HTML, "<img") && len(again.Text) < len(strings.TrimSpace(res.Text))/4 {
		t.Errorf("%q: text goes missing: %q then %q", doc, res.Text, again.Text)
	}
	Show(res.HTML, func(string) (string, bool) { return "/x", true }, true)
}

func checkElement(t *testing.T, doc string, n *html.Node) {
	t.Helper()
	switch n.Data {
	case "html", "head", "body", "tbody":
	default:
		if !allowed[n.DataAtom] {
			t.Errorf("%q: element %s", doc, n.Data)
		}
	}
	for _, a := range n.Attr {
		v := strings.ToLower(a.Val)
		switch {
		case a.Key == "href":
			if n.Data != "a" || !hasPrefix(v, "http://", "https://", "mailto:", "tel:") {
				t.Errorf("%q: href %q", doc, a.Val)
			}
		case a.Key == "data-src":
			if n.Data != "img" || !hasPrefix(v, "http://", "https://") {
				t.Errorf("%q: data-src %q", doc, a.Val)
			}
		case a.Key == "data-cid", a.Key == "rel", a.Key == "target":
		case a.Key == "style":
			if !safeStyle.MatchString(a.Val) || strings.Contains(v, "url(") || strings.Contains(v, "expression") {
				t.Errorf("%q: style %q", doc, a.Val)
			}
		default:
			if simple[a.Key] == nil || !simple[a.Key].MatchString(a.Val) {
				t.Errorf("%q: attribute %s=%q", doc, a.Key, a.Val)
			}
		}
	}
}

func hasPrefix(s string, of ...string) bool {
	for _, p := range of {
		if strings.HasPrefix(s, p) {
			return true
		}
	}
	return false
}

// FuzzSplitQuote: nothing of a text is lost or moved.
func FuzzSplitQuote(f *testing.F) {
	f.Add("Ciao\nIl 02/03/2026 09:00, URP ha scritto:\n> uno\nsì\n> due\n")
	f.Add("a\n________________________\nDa: x\nInviato: y\nA: z\n")
	f.Add(">\n\r\n -----Original Message-----")
	f.Fuzz(func(t *testing.T, text string) {
		fresh, quoted := SplitQuote(text)
		if fresh+quoted != text || strings.TrimSpace(fresh) == "" && quoted != "" {
			t.Errorf("%q and %q", fresh, quoted)
		}
	})
}
