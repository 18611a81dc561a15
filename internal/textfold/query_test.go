package textfold

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

var today = Day{2026, 11, 21}

var testOptions = Options{Today: today, Choices: map[Op][]Choice{
	OpKind: {{"complaint", []string{"reclamo"}, []string{"complaint"}}, {"request", []string{"richiesta"}, []string{"request"}}},
	OpStatus: {
		{"open", []string{"aperta", "aperte"}, []string{"open"}},
		{"waiting", []string{"in attesa", "attesa", "in attesa del cittadino"}, []string{"waiting"}},
		{"closed", []string{"chiusa"}, []string{"closed"}},
	},
	OpChannel: {
		{"mail", []string{"posta", "e-mail", "email", "mail"}, []string{"mail"}},
		{"telegram", []string{"telegram"}, nil},
		{"pec", []string{"pec"}, nil},
	},
	OpOffice: {
		{"tributi", []string{"Ufficio Tributi", "tributi"}, nil},
		{"lavori", []string{"Lavori pubblici"}, nil},
		{"polizia", []string{"Polizia locale"}, nil},
	},
	OpAssigned: {{"7", []string{"Giulia Bassi", "giulia"}, nil}, {"8", []string{"Giulio Neri"}, nil}},
}}

// describe writes a query on one line, for tables and golden files.
func describe(q Query) string {
	var out []string
	add := func(sign string, words []string) {
		for _, w := range words {
			out = append(out, sign+w)
		}
	}
	phrases := func(sign string, ps []Phrase) {
		for _, p := range ps {
			out = append(out, fmt.Sprintf("%s%q%v", sign, p.Text, p.Words))
		}
	}
	filters := func(sign string, fs []Filter) {
		for _, f := range fs {
			v := f.Value
			if f.Op == OpDue && v == "" {
				v = fmt.Sprintf("[%s,%s)", dayOrNone(f.Day), dayOrNone(f.End))
			} else if !f.Day.IsZero() {
				v = f.Day.String()
			}
			if f.Not {
				sign += "-"
			}
			out = append(out, fmt.Sprintf("%s%s=%s", sign, f.Op, v))
			sign = strings.TrimSuffix(sign, "-")
		}
	}
	add("", q.Words)
	add("-", q.NotWords)
	phrases("", q.Phrases)
	phrases("-", q.NotPhrases)
	filters("@", q.Filters)
	filters("?", q.Hints)
	return strings.Join(out, " ")
}

func dayOrNone(d Day) string {
	if d.IsZero() {
		return ""
	}
	return d.String()
}

func codes(problems []Problem) string {
	var out []string
	for _, p := range problems {
		out = append(out, string(p.Code))
	}
	return strings.Join(out, " ")
}

func TestParse(t *testing.T) {
	tests := []struct{ in, want, problems string }{
		{"", "", ""},
		{"   ", "", ""},
		{"pagamento TARI", "pag tar", ""},
		{"tari Tari pagamenti", "tar pag", ""},
		{`"carta d'identità" scaduta`, `scad "carta d identita"[cart ident]`, ""},
		{"«carta elettronica» “via Roma”", `"carta elettronica"[cart elettron] "via roma"[via rom]`, ""},
		{"tari -mensa", "tar -mens", ""},
		{`tari -"scuola media"`, `tar -"scuola media"[scuol med]`, ""},
		{"-e-mail.it", `-"e mail it"[mail it]`, ""},
		{"e-mail", "mail", ""},
		{"- tari --x", "tar", ""},
		{"10:30 x", "10 30", ""},
		{"from:lucia", "@from=lucia", ""},
		{`from:"Lucia Ferrante" -from:lucia@example.it`, "@from=Lucia Ferrante @-from=lucia@example.it", ""},
		{"da: Lucia tari", "tar @from=Lucia", ""},
		{"DA:Lucia Ufficio:Tributi canale:telegram", "@from=Lucia @office=tributi @channel=telegram", ""},
		{"channel:mail channel:pec channel:mail", "@channel=mail @channel=pec", ""},
		{"canale:e-mail canale:POSTA", "@channel=mail", ""},
		{"canale:piccione", "", "bad_value"},
		{"a:urp@comune.example A: Lucia b:x", "@to=urp@comune.example @to=Lucia", ""},
		{"ufficio:lavori pubblici buca", "buc @office=lavori", ""},
		{"ufficio:trib tari", "tar @office=tributi", ""},
		{"ufficio:tributti", "", "bad_value"},
		{"assegnato:me assigned:nobody", "@assigned=me @assigned=none", ""},
		{"assegnato:giul -assegnata:Giulia", "@assigned=7 @assigned=8 @-assigned=7", ""},
		{"incaricato:non assegnato", "@assigned=none", ""},
		{"procedimento:occupazione-suolo", "@procedure=occupazione-suolo", ""},
		{`stato:"in attesa"`, "@status=waiting", ""},
		{"stato:in attesa", "@status=waiting", ""},
		{"stato: in attesa del cittadino tari", "tar @status=waiting", ""},
		{"stato:attesa -stato:chiusa −stato:aperta", "@status=waiting @-status=closed @-status=open", ""},
		{"stato:in ritardo", "ritard", "bad_value"},
		{"vicino – via", "vicin via", ""},
		{"–via", "-via", ""},
		{"tipo:Reclamo stato:aperta", "@kind=complaint @status=open", ""},
		{"tipo:boh tari", "tar", "bad_value"},
		{"numero:2026/123 number:0042 pratica:#7", "@number=2026/000123 @number=42 @number=7", ""},
		{"caso:boh", "boh", "bad_number"},
		{"pratica: passaporto", "passaport", "bad_number"},
		{"cf:\"rss mra 85t10 a562s\"", "@cf=RSSMRA85T10A562S", ""},
		{"has:attachment ha:allegati con:allegato", "@has=attachment", ""},
		{"has:pioggia", "", "bad_value"},
		{"before:2026-11-01 dopo:01/10/2026", "@before=2026-11-01 @after=2026-10-01", ""},
		{"prima:oggi after:ieri", "@before=2026-11-21 @after=2026-11-20", ""},
		{"dopo:3.2.26 prima:3/2", "@after=2026-02-03 @before=2026-02-03", ""},
		{"after:2025 before:2026-03 dopo:4/2026", "@after=2025-01-01 @before=2026-03-01 @after=2026-04-01", ""},
		{"before:31/02/2026 tari", "tar", "bad_date"},
		{"after:presto", "", "bad_date"},
		{"due:today scade:scaduti due:week due:2026-12-24", "@due=today @due=overdue @due=week @due=[2026-12-24,2026-12-25)", ""},
		{"scadenza:<12/12/2026 scade:<=12/12/2026 due:>2026-12-12 due:>=2026-12-12", "@due=[,2026-12-12) @due=[,2026-12-13) @due=[2026-12-13,) @due=[2026-12-12,)", ""},
		{"scadenza: < 12/12 entro:domani entro:12/2026", "@due=[,2026-12-12) @due=tomorrow @due=[,2027-01-01)", ""},
		{"scadenza:12/2026 due:2027 due:=31/12/2026", "@due=[2026-12-01,2027-01-01) @due=[2027-01-01,2028-01-01) @due=[2026-12-31,2027-01-01)", ""},
		{"scade:questa settimana -scadenza:nessuna due:≥oggi", "@due=week @-due=none @due=[2026-11-21,)", ""},
		{"scade:boh", "", "bad_due"},
		{"scade:<", "", "bad_due"},
		{"status:", "", "missing_value"},
		{"status: from:lucia", "@from=lucia", "missing_value"},
		{"form:lucia", "form luc", "unknown_operator"},
		{"https://example.it/x mailto:a@b.it", "https exampl it mailt", ""},
		{"Oggetto: TARI", "oggett tar", ""},
		{`"carta d'identità`, `"carta d identita"[cart ident]`, "open_quote"},
		{`tari "`, "tar", "open_quote"},
		{"il della", "", "only_common_words"},
		{"il tari", "tar", ""},
		{"2026/123 RSSMRA85T10A562S", "2026 123 rssmra85t10a562s ?number=2026/000123 ?cf=RSSMRA85T10A562S", ""},
		{"😀 !!", "", ""},
		{strings.Repeat("tari1 ", 100), "tari1", "too_long"},
		{strings.Repeat("à", 4000), strings.Repeat("a", 64), "too_long"},
	}
	for _, tt := range tests {
		q, problems := Parse(tt.in, testOptions)
		if got := describe(q); got != tt.want {
			t.Errorf("Parse(%.60q) = %s\n want %s", tt.in, got, tt.want)
		}
		if got := codes(problems); got != tt.problems {
			t.Errorf("Parse(%.60q) problems %q, want %q", tt.in, got, tt.problems)
		}
	}
}

func TestParseWithoutToday(t *testing.T) {
	_, problems := Parse("after:oggi before:3/2 dopo:2026-01-01", Options{})
	if got := codes(problems); got != "bad_date bad_date" {
		t.Errorf("problems %q", got)
	}
}

func TestDay(t *testing.T) {
	d := Day{2026, 12, 31}
	if got := d.Add(1); got != (Day{2027, 1, 1}) {
		t.Errorf("Add = %v", got)
	}
	if got := d.String(); got != "2026-12-31" {
		t.Errorf("String = %q", got)
	}
	for _, s := range []string{"", "0000", "2026-13-01", "1-2-3-4", "+202", "-1", "12345", "32/1/2026", "1/1/1", "29/2/2026"} {
		if d, _, ok := readDays(s, today); ok {
			t.Errorf("readDays(%q) = %v", s, d)
		}
	}
}

func TestNearest(t *testing.T) {
	for in, want := range map[string]string{
		"canal": "canale", "stauts": "status", "assegnto": "assegnato", "form": "from", "offic": "office", "uficio": "ufficio", "chanel": "channel", "stao": "stato",
		"numro": "numero", "xyz": "", "oggetto": "", "cg": "", "befor": "before",
	} {
		if got := nearestOperator(in); got != want {
			t.Errorf("nearestOperator(%q) = %q, want %q", in, got, want)
		}
	}
}

// Every kind of problem speaks both languages; the golden file shows how.
func TestProblemTexts(t *testing.T) {
	inputs := []string{
		"form:lucia", "oggettone:x", "status:", "before:presto", "scade:boh", "tipo:boh", "has:pioggia", "canale:telegrm", "stato:atesa", "scadenza:setimana", "pratica:boh",
		`"carta`, "della", strings.Repeat("tari ", 50), "prima: ", "ufficio:",
	}
	var b strings.Builder
	seen := map[Code]bool{}
	for _, in := range inputs {
		_, problems := Parse(in, testOptions)
		if len(problems) == 0 {
			t.Errorf("no problem in %q", in)
		}
		for _, p := range problems {
			seen[p.Code] = true
			fmt.Fprintf(&b, "%.20q\n  it: %s\n  en: %s\n", in, p.Text("it"), p.Text("en"))
		}
	}
	for _, c := range []Code{UnknownOperator, MissingValue, BadDate, BadDue, BadNumber, BadValue, OpenQuote, OnlyCommon, TooLong} {
		if !seen[c] {
			t.Errorf("%s is not shown", c)
		}
	}
	golden(t, "problems.txt", b.String())
}

// golden compares with a file in testdata; UPDATE_GOLDEN=1 writes it.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
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

// Free words find the same index words that the message has.
func TestQueryMeetsIndex(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`[a-zA-ZàèéìòùÀ ]{0,60}`).Draw(t, "text")
		q, problems := Parse(text, Options{})
		if codes(problems) != "" && codes(problems) != "only_common_words" {
			t.Fatalf("%q: %s", text, codes(problems))
		}
		index := Words(text)
		if len(strings.Fields(text)) <= maxTerms && !slices.Equal(q.Words, index) {
			t.Fatalf("%q: query %q, index %q", text, q.Words, index)
		}
	})
}

// same counts the problems that are like p.
func same(problems []Problem, p Problem) int {
	n := 0
	for _, x := range problems {
		if x.Code == p.Code && x.Token == p.Token && x.Value == p.Value {
			n++
		}
	}
	return n
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{
		"", `from:"a b" -x "y`, "da: : :", "::", "-:x", `-"`, "due:", "before:1/1/1", "«»", "\xff:\xff", "has:\"", "a:b:c",
		"canale:telegrm x", "stato:in attesa", "-stao:aperta", "scade:< 1/1", "a:", "a:b c:d", "\u2212stato:atesa", `uficio:"lavori pubblici"`,
		"2026/1", "cf:", "-from:x", strings.Repeat("a:", 100),
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		q, problems := Parse(s, testOptions)
		for _, p := range problems {
			if p.Text("it") == "" || p.Text("en") == string(p.Code) {
				t.Errorf("problem %+v has no words", p)
			}
		}
		for _, w := range slices.Concat(q.Words, q.NotWords) {
			if w == "" || strings.ContainsAny(w, " \"'") {
				t.Errorf("bad word %q", w)
			}
		}
		for _, p := range slices.Concat(q.Phrases, q.NotPhrases) {
			if p.Text == "" || len(p.Words) == 0 {
				t.Errorf("empty phrase %+v", p)
			}
		}
		for _, x := range q.Filters {
			if x.Value == "" && x.Day.IsZero() && x.End.IsZero() {
				t.Errorf("filter without value %+v", x)
			}
		}
		for _, p := range problems {
			if p.Fixed == "" {
				continue
			}
			if _, again := Parse(p.Fixed, testOptions); same(again, p) >= same(problems, p) {
				t.Errorf("%q is mended to %q, which is no better: %v", s, p.Fixed, again)
			}
		}
	})
}
