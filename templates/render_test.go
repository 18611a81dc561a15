package templates

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/net/html"
	"pgregory.net/rapid"
)

// Each built-in text with its example values, as every channel sends it.
func TestGolden(t *testing.T) {
	for _, text := range Builtin() {
		channels := []string{text.Channel}
		if text.Channel == Any {
			channels = []string{Mail, Telegram, SMS}
		}
		if mustEvent(t, text).SubjectOnly {
			channels = []string{Mail}
		}
		if mustEvent(t, text).Standing {
			channels = []string{Page}
		}
		var b strings.Builder
		for _, channel := range channels {
			r, err := Preview(text, channel)
			if err != nil {
				t.Errorf("%s %s: %v", text.Event, text.Lang, err)
				continue
			}
			checkSafe(t, r)
			fmt.Fprintf(&b, "== %s\n", channel)
			for _, part := range []struct{ name, text string }{
				{"Subject", r.Subject}, {"Plain", r.Plain}, {"HTML", r.HTML}, {"Body", map[bool]string{true: r.Body}[channel == Page]}, {"Markup", r.Markup},
			} {
				if part.text != "" {
					fmt.Fprintf(&b, "-- %s\n%s\n", part.name, strings.TrimRight(part.text, "\n"))
				}
			}
			if channel == SMS {
				fmt.Fprintf(&b, "-- SMS %s, %d units, %d parts\n", r.SMS.Encoding, r.SMS.Units, r.SMS.Parts)
			}
		}
		name := text.Event
		if text.Channel != Any {
			name += "." + text.Channel
		}
		golden(t, filepath.Join(text.Lang, name+".txt"), b.String())
	}
}

// golden compares with a file in testdata; UPDATE_GOLDEN=1 writes it.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", "golden", name)
	if os.Getenv("UPDATE_GOLDEN") != "" {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs, got:\n%s", name, got)
	}
}

// tags lists the elements and attributes of a page without its texts, and
// fails when the page is not well formed.
func tags(t interface {
	Helper()
	Fatalf(string, ...any)
}, page string,
) string {
	t.Helper()
	var out, open []string
	z := html.NewTokenizer(strings.NewReader(page))
	for {
		kind := z.Next()
		if kind == html.ErrorToken {
			if z.Err() != io.EOF {
				t.Fatalf("%v in %s", z.Err(), page)
			}
			if len(open) > 0 {
				t.Fatalf("%v is not closed in %s", open, page)
			}
			return strings.Join(out, " ")
		}
		token := z.Token()
		switch kind {
		case html.StartTagToken:
			var attrs []string
			for _, a := range token.Attr {
				attrs = append(attrs, a.Key)
			}
			out = append(out, token.Data+"["+strings.Join(attrs, ",")+"]")
			if token.Data != "br" && token.Data != "meta" {
				open = append(open, token.Data)
			}
		case html.EndTagToken:
			if len(open) == 0 || open[len(open)-1] != token.Data {
				t.Fatalf("stray </%s> in %s", token.Data, page)
			}
			open = open[:len(open)-1]
			out = append(out, "/"+token.Data)
		case html.CommentToken:
			t.Fatalf("comment in %s", page)
		}
	}
}

// checkSafe holds for everything that is rendered.
func checkSafe(t interface {
	Helper()
	Fatalf(string, ...any)
}, r Rendered,
) {
	t.Helper()
	if strings.ContainsAny(r.Subject, "\r\n\x00") {
		t.Fatalf("subject %q", r.Subject)
	}
	for _, page := range []string{r.Body, r.HTML} {
		for token := range strings.FieldsSeq(tags(t, page)) {
			switch token {
			case "p[]", "/p", "br[]", "ul[]", "/ul", "li[]", "/li", "a[href]", "/a",
				"html[lang]", "/html", "head[]", "/head", "meta[charset]", "meta[name,content]", "title[]", "/title",
				"body[style]", "/body":
			case "h2[]", "/h2": // of pages only
				if e, _ := Lookup(r.Event); !e.Standing {
					t.Fatalf("a heading in %s", page)
				}
			default:
				t.Fatalf("%s in %s", token, page)
			}
		}
	}
	if r.Markup != "" {
		if strings.ContainsAny(r.Markup, "<>") || html.UnescapeString(r.Markup) != r.Plain {
			t.Fatalf("markup %q of %q", r.Markup, r.Plain)
		}
	}
}

var full = map[string]string{
	"municipality": "Comune di Pontelieto", "office": "URP", "case_number": "2026/000123",
	"status_link": "https://example.it/p?k=1&x=2",
}

func with(values map[string]string, name, value string) map[string]string {
	m := map[string]string{}
	for k, v := range values {
		m[k] = v
	}
	m[name] = value
	return m
}

// What citizens write stays what it is (mail rule 73).
func TestValuesAreData(t *testing.T) {
	for _, hostile := range []string{
		"{case_number}", "{{case_number}}", "{{.Office}}", "#{ticket.number}", "%{x}", "%s %d", "${x}", "<%= x %>", "{", "}", "}}",
		"<b>x</b>", "<script>alert(1)</script>", "&lt;", `"><img src=x onerror=y>`, "</p></body>", "<!--", "]]>", "\\", "$1",
	} {
		for _, channel := range []string{Mail, Telegram, SMS, Page} {
			text := Text{Event: Receipt, Lang: "it", Subject: "Re: {case_subject}", Plain: "A {case_subject} B\n- {case_subject}"}
			r, err := Render(text, map[string]string{"case_subject": hostile}, channel)
			if err != nil {
				t.Fatal(err)
			}
			checkSafe(t, r)
			if want := "A " + hostile + " B\n- " + hostile; r.Plain != want {
				t.Errorf("%s: plain %q, want %q", channel, r.Plain, want)
			}
			if channel == Mail && r.Subject != "Re: "+hostile {
				t.Errorf("subject %q", r.Subject)
			}
		}
	}
}

func TestSubjectTakesNoHeader(t *testing.T) {
	text := Text{Event: Receipt, Subject: "Re: {case_subject}", Plain: "x"}
	r, err := Render(text, map[string]string{"case_subject": "a\r\nBcc: x@example.it\u2028b\x00\u202ec"}, Mail)
	if err != nil || r.Subject != "Re: a Bcc: x@example.it bc" {
		t.Errorf("%q, %v", r.Subject, err)
	}
}

func TestMissing(t *testing.T) {
	text := Text{Event: Receipt, Subject: "{office}", Plain: "{case_number} {status_link}\n{answer_by} {case_subject}"}
	_, err := Render(text, map[string]string{"case_number": " \t", "status_link": "https://a.example"}, Mail)
	var missing *MissingError
	if !errors.As(err, &missing) || strings.Join(missing.Names, " ") != "office case_number" {
		t.Errorf("%v", err)
	}
}

func TestLinkMustBeALink(t *testing.T) {
	text := Text{Event: Receipt, Plain: "{status_link}"}
	for _, bad := range []string{
		"javascript:alert(1)", "/p/x", "ftp://example.it", "https://", "https://a.example/ x", `https://a.example/"x`,
		"https://a.example/<b>", "http://user:secret@a.example", "mailto:a@b", "https://a.example/\x7f x",
	} {
		_, err := Render(text, map[string]string{"status_link": bad}, Mail)
		var link *LinkError
		if !errors.As(err, &link) || link.Name != "status_link" || strings.Contains(err.Error(), bad) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

func TestOptionalLinesGo(t *testing.T) {
	text := Text{Event: Receipt, Plain: "A\n\n{answer_by}\n\nB {case_subject}\n- {office}\n- {office_phone}\nC\n\n{answer_by}"}
	r, err := Render(text, full, Mail)
	if err != nil || r.Plain != "A\n\n- URP\nC" {
		t.Errorf("%q, %v", r.Plain, err)
	}
	r, err = Render(text, with(full, "answer_by", "domani"), Mail)
	if err != nil || r.Plain != "A\n\ndomani\n\n- URP\nC\n\ndomani" {
		t.Errorf("%q, %v", r.Plain, err)
	}
}

func TestLinks(t *testing.T) {
	tests := []struct{ plain, want string }{
		{"{status_link}", `<p><a href="https://example.it/p?k=1&amp;x=2">https://example.it/p?k=1&amp;x=2</a></p>`},
		{"({status_link}).", `<p>(<a href="https://example.it/p?k=1&amp;x=2">https://example.it/p?k=1&amp;x=2</a>).</p>`},
		{"vedi https://a.example/x. Poi", `<p>vedi <a href="https://a.example/x">https://a.example/x</a>. Poi</p>`},
		{"(http://a.example/x)", `<p>(<a href="http://a.example/x">http://a.example/x</a>)</p>`},
		{"https://a.example/p/{case_number}?o={office}.", `<p><a href="https://a.example/p/2026%2F000123?o=URP">https://a.example/p/2026%2F000123?o=URP</a>.</p>`},
		{"https://a.example/ {case_number}", `<p><a href="https://a.example/">https://a.example/</a> 2026/000123</p>`},
		{"https:// x", `<p>https:// x</p>`},
		{"https://.", `<p>https://.</p>`},
		{"{case_subject}", `<p>http://evil.example</p>`}, // a citizen's link is not ours to make clickable
		{"- a\n- {office}\n\nb\nc", "<ul>\n<li>a</li>\n<li>URP</li>\n</ul>\n<p>b<br>\nc</p>"},
		{"a\n- b", "<p>a<br>\n- b</p>"},
	}
	for _, tt := range tests {
		r, err := Render(Text{Event: Receipt, Lang: "it", Plain: tt.plain}, with(full, "case_subject", "http://evil.example"), Page)
		if err != nil || strings.TrimSpace(r.Body) != tt.want {
			t.Errorf("%q:\ngot  %s\nwant %s\n%v", tt.plain, r.Body, tt.want, err)
		}
	}
}

func TestBlockKeepsLines(t *testing.T) {
	text := Text{Event: CaseClosed, Lang: "it", Plain: "A\n{outcome}\nB"}
	r, err := Render(text, map[string]string{"outcome": "\r\nuno <b>\r\n\r\n\r\ndue\x07\rtre\n"}, Mail)
	if err != nil || r.Plain != "A\nuno <b>\n\ndue\ntre\nB" {
		t.Errorf("%q, %v", r.Plain, err)
	}
	if want := "<p>A<br>\nuno &lt;b&gt;<br>\n<br>\ndue<br>\ntre<br>\nB</p>\n"; r.Body != want {
		t.Errorf("%q", r.Body)
	}
}

// Whatever the values, the page keeps its elements and the text its lines.
func TestValuesNeverChangeStructure(t *testing.T) {
	plain := "A {case_number} https://a.example/{office}?x={case_number}\n\n- {office}\n- b {case_subject}\n\n{status_link}\n{municipality}{{x}}"
	text := Text{Event: Receipt, Lang: "it", Subject: "S {case_number} {office}", Plain: plain}
	reference, err := Render(text, with(full, "case_subject", "x"), Mail)
	if err != nil {
		t.Fatal(err)
	}
	nasty := rapid.StringOf(rapid.OneOf(
		rapid.SampledFrom([]rune("{}<>&\"'\\/%#$-=\r\n\t\u2028\u202e\u200b\x00 ;:@?[]()!`*_~|.")), rapid.Rune(),
	))
	rapid.Check(t, func(t *rapid.T) {
		values := map[string]string{"status_link": full["status_link"]}
		for _, name := range []string{"case_number", "office", "case_subject", "municipality"} {
			values[name] = "x" + nasty.Draw(t, name) + rapid.SampledFrom([]string{"x", "http://b.example", "{office}"}).Draw(t, "end")
		}
		for _, channel := range []string{Mail, Telegram, SMS, Page, "other"} {
			r, err := Render(text, values, channel)
			if err != nil {
				t.Fatal(err)
			}
			checkSafe(t, r)
			if strings.Count(r.Plain, "\n") != strings.Count(reference.Plain, "\n") {
				t.Fatalf("lines of %q", r.Plain)
			}
			if channel == Mail && tags(t, r.HTML) != tags(t, reference.HTML) {
				t.Fatalf("elements of %s", r.HTML)
			}
			if channel != Mail && channel != Page {
				continue
			}
			if !strings.Contains(html.UnescapeString(r.Body), cleanValue(Line, values["municipality"])) {
				t.Fatalf("%q is not in %s", values["municipality"], r.Body)
			}
		}
	})
}

func TestParagraphs(t *testing.T) {
	got := Paragraphs("Buongiorno,\n\nvedi https://a.example/{x}\n- no\n\n- uno\n- due <b>\n\n\n")
	want := "<p>Buongiorno,</p>\n<p>vedi https://a.example/{x}<br>\n- no</p>\n<ul>\n<li>uno</li>\n<li>due &lt;b&gt;</li>\n</ul>\n"
	if got != want {
		t.Errorf("got %s", got)
	}
	if Paragraphs("") != "" || Paragraphs("\n \n") != "" {
		t.Error("paragraphs of nothing")
	}
}

func FuzzParagraphs(f *testing.F) {
	for _, s := range []string{"", "a\n\nb", "- a\n- b", "https://x.example/(a)).", "http://[::1]:80/ https://\xff", "- ", "<&>"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		checkSafe(t, Rendered{Body: Paragraphs(s), HTML: Document("it", s, Paragraphs(s))})
	})
}

func BenchmarkRenderMail(b *testing.B) {
	s := NewSet(nil)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := s.Render(Receipt, Mail, "it", full); err != nil {
			b.Fatal(err)
		}
	}
}
