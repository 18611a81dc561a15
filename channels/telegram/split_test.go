package telegram

import (
	"strings"
	"testing"
	"unicode/utf16"

	"pgregory.net/rapid"
)

func TestSplitText(t *testing.T) {
	word := strings.Repeat("parola ", 20) // 140 units
	for name, c := range map[string]struct {
		text  string
		limit int
		want  []string
	}{
		"short":         {"ciao", 10, []string{"ciao"}},
		"exact":         {"0123456789", 10, []string{"0123456789"}},
		"paragraph":     {"uno due\n\ntre quattro", 12, []string{"uno due\n\n", "tre quattro"}},
		"line":          {"uno due\ntre quattro", 12, []string{"uno due\n", "tre quattro"}},
		"word":          {"uno due tre quattro", 12, []string{"uno due tre ", "quattro"}},
		"no place":      {"0123456789abc", 10, []string{"0123456789", "abc"}},
		"place at once": {"a\n\n" + strings.Repeat("x", 20), 16, []string{"a\n\nxxxxxxxxxxxxx", "xxxxxxx"}},
		"pair":          {"012345678😀x", 10, []string{"012345678", "😀x"}},
		"accent":        {"012345678e\u0300x", 10, []string{"012345678", "e\u0300x"}},
		"family":        {"01234👨‍👩‍👧x", 10, []string{"01234", "👨‍👩‍👧x"}},
		"only spaces":   {"   \n  ", 3, nil},
		"spaces at cut": {word + "\n\n\n\n" + word, 142, []string{word + "\n\n", word}},
	} {
		var got []string
		for _, p := range splitAtoms(readPlain(c.text), c.limit) {
			got = append(got, p.plain)
		}
		if strings.Join(got, "|") != strings.Join(c.want, "|") {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}

// TestSplitLosesNothing: whatever the text, all of it but white space at the
// cuts arrives, in order, within the limit.
func TestSplitLosesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringOf(rapid.RuneFrom([]rune("ab \n\tè😀\u0300\u200D🇮🇹👍🏽<&>"))).Draw(t, "text")
		limit := rapid.IntRange(4, 30).Draw(t, "limit")
		var all strings.Builder
		for _, p := range splitAtoms(readPlain(text), limit) {
			if n := len(utf16.Encode([]rune(p.plain))); n > limit {
				t.Fatalf("a piece of %d units, limit %d", n, limit)
			}
			if strings.TrimSpace(p.plain) == "" {
				t.Fatal("an empty piece")
			}
			all.WriteString(p.plain)
		}
		bare := func(s string) string { return strings.Join(strings.Fields(s), "") }
		if bare(all.String()) != bare(text) {
			t.Fatalf("from %q came %q", text, all.String())
		}
	})
}

func TestSplitMarkup(t *testing.T) {
	for name, c := range map[string]struct {
		markup string
		limit  int
		want   []string
	}{
		"outside the tag": {"uno <b>due tre</b> quattro", 12, []string{"uno <b>due tre</b> ", "quattro"}},
		"before the tag":  {"uno due <b>tre quattro</b>", 14, []string{"uno due ", "<b>tre quattro</b>"}},
		"tag too long":    {"<b>uno due tre quattro</b>", 12, []string{"<b>uno due tre </b>", "<b>quattro</b>"}},
		"nested":          {"<b>uno <i>due tre</i> quattro</b>", 8, []string{"<b>uno <i>due </i></b>", "<b><i>tre</i> </b>", "<b>quattro</b>"}},
		"link":            {`<a href="https://example.org/?a=1&amp;b=2">vai al sito</a> ora`, 11, []string{`<a href="https://example.org/?a=1&amp;b=2">vai al sito</a>`, "ora"}},
		"references":      {"&lt;a&gt; &amp; b", 5, []string{"&lt;a&gt; &amp;", "b"}},
	} {
		atoms, err := readMarkup(c.markup)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		var got []string
		for _, p := range splitAtoms(atoms, c.limit) {
			got = append(got, p.markup)
			if _, err := readMarkup(p.markup); err != nil {
				t.Errorf("%s: the piece %q is not whole in itself", name, p.markup)
			}
		}
		if strings.Join(got, "|") != strings.Join(c.want, "|") {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}

func TestReadMarkupRefuses(t *testing.T) {
	for _, s := range []string{"<b>", "</b>", "<b><i></b></i>", "<div>x</div>", "a < b", "<b", "<a href=\"x>y</a>"} {
		if _, err := readMarkup(s); err == nil {
			t.Errorf("%q was taken", s)
		}
	}
}

func TestReadMarkupPlain(t *testing.T) {
	atoms, err := readMarkup(`<b>5 &gt; 3</b> &amp; &nbsp; &#233;&#x1F600; &; <a href="https://e.org/>x">qui</a>`)
	if err != nil {
		t.Fatal(err)
	}
	p, _ := assemble(atoms, nil)
	if want := "5 > 3 & &nbsp; é😀 &; qui"; p.plain != want {
		t.Errorf("plain %q, want %q", p.plain, want)
	}
}

// FuzzSplitMarkup: what can be read is split into pieces that can be read.
func FuzzSplitMarkup(f *testing.F) {
	f.Add("<b>uno <i>due</i></b> tre &amp; 😀", 6)
	f.Add(`<a href="https://example.org">vai</a><pre><code class="x">y</code></pre>`, 4)
	f.Fuzz(func(t *testing.T, markup string, limit int) {
		limit = 4 + (limit&0xff+0xff)&0xff
		atoms, err := readMarkup(markup)
		if err != nil {
			return
		}
		for _, p := range splitAtoms(atoms, limit) {
			again, err := readMarkup(p.markup)
			if err != nil {
				t.Fatalf("piece %q of %q cannot be read", p.markup, markup)
			}
			if q, _ := assemble(again, nil); q.plain != p.plain || units(p.plain) > limit {
				t.Fatalf("piece %q shows %q, said %q, limit %d", p.markup, q.plain, p.plain, limit)
			}
		}
	})
}
