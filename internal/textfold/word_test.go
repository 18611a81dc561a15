package textfold

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestWords(t *testing.T) {
	tests := []struct {
		in   string
		want string
	}{
		{"", ""},
		{"il la di che", ""},
		{"Vorrei pagare la TARI. Il pagamento della tari?", "vorre pag tar"},
		{"città CITTA citta'", "citt"},
		{"dell'acqua d'Angelo", "acqua angel"},
		{"pratica 2026/000123, scala B interno 3", "pratic 2026 000123 scal intern 3"},
		{"RSSMRA85T10A562S rssmra85t10a562s", "rssmra85t10a562s"},
		{"lucia.ferrante@example.it", "luc ferrant exampl it"},
		{"日本", "日 本"},
		{strings.Repeat("a", 200), strings.Repeat("a", 64)},
	}
	for _, tt := range tests {
		if got := strings.Join(Words(tt.in), " "); got != tt.want {
			t.Errorf("Words(%q) = %q, want %q", tt.in, got, tt.want)
		}
	}
}

// What a person searches must be found in what another person wrote.
func TestFormsMeet(t *testing.T) {
	groups := [][]string{
		{"residenza", "residenze", "Residenza"},
		{"pagamento", "pagamenti"},
		{"città", "citta", "citta'"},
		{"carta", "carte"},
		{"buca", "buche"},
		{"luogo", "luoghi"},
		{"parco", "parchi"},
		{"segnalazione", "segnalazioni"},
		{"rifiuto", "rifiuti"},
		{"iscrizione", "iscrizioni", "iscrizióne"},
		{"scaduto", "scaduta", "scaduti"},
		{"perché", "perche"},
		{"attività", "attivita"},
	}
	for _, g := range groups {
		for _, w := range g[1:] {
			if a, b := Words(g[0]), Words(w); !slices.Equal(a, b) {
				t.Errorf("%q has stem %q, %q has %q", g[0], a, w, b)
			}
		}
	}
}

func TestStem(t *testing.T) {
	in := []string{"pagamenti", "abc1ti", "residenze"}
	if got := Stem(in, "it"); !slices.Equal(got, []string{"pag", "abc1ti", "resident"}) {
		t.Errorf("Stem it = %q", got)
	}
	if got := Stem(in, "en"); !slices.Equal(got, in) {
		t.Errorf("Stem en = %q", got)
	}
	if in[0] != "pagamenti" {
		t.Error("Stem changed its argument")
	}
}

func TestIndex(t *testing.T) {
	if got := Index("Carta d'identità", "la carta è scaduta"); got != "cart ident scad" {
		t.Errorf("Index = %q", got)
	}
}

// The cache may forget, it must never change an answer, and it must not grow.
func TestStemCacheIsBoundedAndTrue(t *testing.T) {
	var c stemCache
	words := make([]string, 3*cacheShards*cacheGeneration)
	for i := range words {
		words[i] = letters(i) + "menti"
	}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for _, w := range words {
				if got := c.stem([]byte(w)); got != stemItalian(w) {
					t.Errorf("stem(%q) = %q", w, got)
					return
				}
			}
		})
	}
	wg.Wait()
	for i := range c {
		if y, o := len(c[i].young), len(c[i].old); y > cacheGeneration || o > cacheGeneration {
			t.Errorf("shard %d holds %d and %d words", i, y, o)
		}
	}
	if got := c.stem([]byte("della")); got != "" {
		t.Errorf("stop word has stem %q", got)
	}
}

// letters writes n with letters only.
func letters(n int) string {
	s := "x"
	for ; n > 0; n /= 20 {
		s += string("bcdfghilmnopqrstuvza"[n%20])
	}
	return s
}

func checkWords(t interface{ Fatalf(string, ...any) }, s string) {
	seen := map[string]bool{}
	for _, w := range Words(s) {
		switch {
		case w == "" || single(w):
			t.Fatalf("Words(%q) gives %q", s, w)
		case seen[w]:
			t.Fatalf("Words(%q) gives %q twice", s, w)
		case len(w) > maxWord || !utf8.ValidString(w):
			t.Fatalf("Words(%q) gives a bad word %q", s, w)
		case strings.ContainsAny(w, " \n\x00'\""):
			t.Fatalf("Words(%q) gives %q", s, w)
		}
		seen[w] = true
	}
}

func TestWordsProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.String().Draw(t, "s")
		checkWords(t, s)
		// A text has the words of its parts.
		o := rapid.String().Draw(t, "other")
		whole := Words(s + "\n" + o)
		for _, w := range append(Words(s), Words(o)...) {
			if !slices.Contains(whole, w) {
				t.Fatalf("%q is missing in %q", w, whole)
			}
		}
	})
}

func FuzzWords(f *testing.F) {
	for _, s := range []string{"", "Città d'arte", "日本 語", "\xff", strings.Repeat("à", 70), "qu'est-ce", "aiuola", "ﷺ"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) { checkWords(t, s) })
}

// mailText is about 1,500 characters as a citizen writes them.
var mailText = func() string {
	s := `Buongiorno, mi chiamo Lucia Ferrante e abito in via Garibaldi 14, interno 3. Vi scrivo perché la settimana
scorsa ho ricevuto l'avviso di pagamento della TARI per l'anno 2026, ma l'importo mi sembra più alto di quello dell'anno
passato. Ho controllato la superficie dell'abitazione e credo che ci sia un errore: risultano 120 metri quadri, mentre la
planimetria catastale dice 98. Inoltre mia figlia si è trasferita a Bologna per l'università e non abita più con noi dal
primo settembre. Potete dirmi quali documenti devo portare allo sportello per chiedere la correzione? Preferirei fissare un
appuntamento di pomeriggio, perché la mattina lavoro. In alternativa posso inviare tutto per posta elettronica, compresa la
copia della carta d'identità. Vi segnalo anche che davanti al numero civico 16 c'è una grossa buca nel marciapiede, molto
pericolosa per gli anziani e per i bambini che vanno a scuola. Due giorni fa una signora è caduta. Il lampione all'angolo con
piazza della Libertà è spento da quasi un mese, e la sera non si vede niente. Ho già telefonato due volte ma nessuno mi ha
saputo dire a quale ufficio devo rivolgermi. Resto in attesa di una vostra cortese risposta e vi ringrazio per il lavoro che
fate ogni giorno. Cordiali saluti, Lucia Ferrante, telefono 333 1234567.
`
	for utf8.RuneCountInString(s) < 1500 {
		s += "Aggiungo infine che la ricevuta del versamento precedente è allegata a questo messaggio. "
	}
	return s
}()

func BenchmarkWords(b *testing.B) {
	b.ReportAllocs()
	b.SetBytes(int64(len(mailText)))
	for b.Loop() {
		Words(mailText)
	}
}

// BenchmarkWordsCold has a tenth of its words new each time, as no mail has.
func BenchmarkWordsCold(b *testing.B) {
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		i++
		var s strings.Builder
		for j := range 25 {
			fmt.Fprintf(&s, "%szione ", letters(i*31+j))
		}
		Words(mailText + s.String())
	}
}

func BenchmarkStemItalian(b *testing.B) {
	for b.Loop() {
		stemItalian("precipitevolissimevolmente")
	}
}
