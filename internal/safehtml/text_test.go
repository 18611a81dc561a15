package safehtml

import (
	"strings"
	"testing"
)

func TestText(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"words", "<b>a</b> b\n  c&nbsp;d", "a b c d"},
		{"paragraphs", "<p>a</p><p>b</p>", "a\n\nb"},
		{"Outlook", `<p class="MsoNormal">a</p><p class="MsoNormal">b</p><p class=MsoNormal><o:p>&nbsp;</o:p></p><p class=MsoNormal>c</p>`, "a\nb\n\nc"},
		{"divs", "<div>a</div><div>b</div>c", "a\nb\nc"},
		{"breaks", "a<br>b<br><br>c<br><br><br>d", "a\nb\n\nc\n\nd"},
		{"list", "<ul><li>a</li><li>b</li></ul>", "- a\n- b"},
		{"table", "<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a b\nc"},
		{"quotation", "a<blockquote>b<br>c</blockquote>d", "a\n\n> b\n> c\n\nd"},
		{"quotation in quotation", "<blockquote>a<blockquote>b</blockquote></blockquote>", "> a\n\n> > b"},
		{"pre", "<pre>a\n  b</pre>c", "a\n  b\nc"},
		{"link", `<a href="https://x.it/a">qui</a>`, "qui <https://x.it/a>"},
		{"link that shows its address", `<a href="https://x.it/">x.it</a>`, "x.it"},
		{"mail link", `<a href="mailto:a@b.it">a@b.it</a>`, "a@b.it"},
		{"image", `a<img alt="foto" src="cid:x">b`, "a [foto] b"},
		{"rule", "a<hr>b", "a\n---\nb"},
		{"script and style", "<style>x</style><script>y</script>a", "a"},
		{"entities", "&lt;b&gt; &amp; &#8364;", "<b> & €"},
		{"escaped twice", "&amp;lt;", "&lt;"},
		{"headings", "<h1>a</h1>b", "a\n\nb"},
		{"controls", "a\x00b\x1bc", "abc"},
		{"nothing", "<p></p>", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := Text(ctx, tt.in); got != strings.TrimRight(tt.want, "\n")+end(tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func end(s string) string {
	if s == "" {
		return ""
	}
	return "\n"
}

func TestSplitQuote(t *testing.T) {
	tests := []struct{ name, fresh, quoted string }{
		{"no quotation", "Ciao\nAnna\n", ""},
		{"marks at the end", "Grazie.\n\n", "> uno\n> due\n"},
		{"marks and blank lines", "Grazie.\n", "> uno\n\n> due\n\n"},
		{"Italian attribution", "Grazie.\n\n", "Il giorno lun 2 mar 2026 alle ore 09:00 URP <urp@x.it> ha scritto:\n> uno\n"},
		{"Italian, short", "Grazie.\n\n", "Il 02/03/2026 09:00, URP ha scritto:\n> uno\n"},
		{"Italian, without marks", "Grazie.\n\n", "Il 02/03/2026 09:00, URP ha scritto:\nuno\ndue\n"},
		{"over two lines", "Grazie.\n\n", "Il giorno lun 2 mar 2026 alle ore 09:00 URP Comune di Pontelieto\n<urp@x.it> ha scritto:\n> uno\n"},
		{"English", "Thanks\n\n", "On Mon, Mar 2, 2026 at 9:00 AM URP <urp@x.it> wrote:\n> uno\n"},
		{"Outlook", "Grazie.\n\n", "Da: URP <urp@x.it>\nInviato: lunedì 2 marzo 2026 09:00\nA: Anna\nOggetto: Buche\n\nuno\n"},
		{"Outlook in bold", "Grazie.\n\n", "*Da:* URP\n*Inviato:* lunedì\n*A:* Anna\n*Oggetto:* Buche\n\nuno\n"},
		{"Outlook with a rule", "Grazie.\n", "________________________________\nDa: URP\nInviato: lunedì\nA: Anna\n\nuno\n"},
		{"original message", "Grazie.\n", "-----Messaggio originale-----\nDa: URP\n\nuno\n"},
		{"forwarded", "Per conoscenza.\n", "---------- Forwarded message ---------\nFrom: x\n\nuno\n"},
		{"answer below is fresh", "> uno\n\nGrazie.\n", ""},
		{"answers between are fresh", "> uno\nsì\n> due\nno\n", ""},
		{"answers between, under a line that names the writer", "Ciao\nIl 02/03/2026 09:00, URP ha scritto:\n> uno\nsì\n", "> due\n"},
		{"answers between, a rest below", "> uno\nsì\n", "> due\n"},
		{"only a quotation", "Il 02/03/2026 09:00, URP ha scritto:\n> uno\n", ""},
		{"another sentence", "Il vicino mi ha scritto:\nnon posso\n", ""},
		{"a sentence that looks like it", "Il vicino mi ha scritto:\n", ""},
		{"a rule of the writer", "Uno\n____________________\nDue\n", ""},
		{"From in the text", "Da: casa mia\nvengo a piedi\n", ""},
		{"empty", "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			fresh, quoted := SplitQuote(tt.fresh + tt.quoted)
			if fresh != tt.fresh || quoted != tt.quoted {
				t.Errorf("fresh %q, quoted %q", fresh, quoted)
			}
		})
	}
}

func TestSplitQuoteIsLinear(t *testing.T) {
	for _, s := range []string{"> ", "Il giorno 1 ha scritto", "Da: x\n", "Il 1\n", "----\n", "_____________________\n", "\n", "On : wrote:\n"} {
		text := strings.Repeat(s, 1<<18/len(s))
		fresh, quoted := SplitQuote(text)
		if fresh+quoted != text {
			t.Errorf("%q: something is missing", s)
		}
	}
}
