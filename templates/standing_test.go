package templates

import (
	"strings"
	"testing"
)

// A heading is where a person wrote its mark, alone on a line; a value that
// begins with one is data, and no other text has headings.
func TestHeadings(t *testing.T) {
	values := map[string]string{"controller": "# Comune <b>", "retention": "# dieci\n# anni"}
	r, err := Render(Text{Event: PrivacyPage, Lang: "it", Plain: "# Chi & perché\nprima {{x}}\n\n# {controller}\n\n{controller}\n{retention}\n#senza\n\n# Vuoto: {dpo_contact}"}, values, Page)
	if err != nil {
		t.Fatal(err)
	}
	want := `<h2>Chi &amp; perché</h2>
<p>prima {x}</p>
<h2># Comune &lt;b&gt;</h2>
<p># Comune &lt;b&gt;<br>
# dieci<br>
# anni<br>
#senza</p>
`
	if r.Body != want || strings.HasPrefix(r.Plain, "#") || r.HTML != "" {
		t.Errorf("got\n%s\nwant\n%s\nplain %q", r.Body, want, r.Plain)
	}
	other, err := Render(Text{Event: OptedOut, Lang: "it", Plain: "# Va bene"}, nil, Mail)
	if err != nil || !strings.Contains(other.Body, "<p># Va bene</p>") || other.Plain != "# Va bene" {
		t.Errorf("a notice has a heading: %q %v", other.Body, err)
	}
}

// The notice must stand with nothing configured but the controller, and never
// with an empty promise or a link to nowhere.
func TestPrivacyPageWithoutValues(t *testing.T) {
	for _, lang := range []string{"it", "en"} {
		s := NewSet(nil)
		r, err := s.Render(PrivacyPage, Page, lang, map[string]string{"municipality": "Comune di X", "controller": "Comune di X"})
		if err != nil {
			t.Fatal(err)
		}
		if n := strings.Count(r.Body, "<a "); n != 1 {
			t.Errorf("%s: %d links, want the authority's alone\n%s", lang, n, r.Body)
		}
		if strings.Contains(r.Body, ": </") || strings.Contains(r.Body, "</h2>\n<h2>") || strings.Contains(r.Body, "<ul>\n</ul>") {
			t.Errorf("%s: a gap\n%s", lang, r.Body)
		}
		short, err := s.Render(Privacy, Telegram, lang, map[string]string{"municipality": "Comune di X"})
		if err != nil || strings.Contains(short.Plain, "http") || strings.Contains(short.Plain, ": \n") {
			t.Errorf("%s: %q %v", lang, short.Plain, err)
		}
	}
}
