package textfold

import (
	"strings"
	"testing"
)

func TestGulpease(t *testing.T) {
	tests := []struct {
		name, in     string
		index, words int
	}{
		{"nothing", "", 0, 0},
		{"no words", "... !? \n - ", 0, 0},
		// 3 words, 13 letters, 1 sentence: 89 + (300 - 130)/3 = 145.7 -> 100
		{"short", "Il gatto dorme.", 100, 3},
		// 10 words, 50 letters, 1 sentence: 89 + (300-500)/10 = 69
		{"ten of five letters", strings.Repeat("gatto ", 9) + "gatto.", 69, 10},
		{"without the point", strings.Repeat("gatto ", 10), 69, 10},
		// 20 words, 100 letters, 2 sentences: 89 + (600-1000)/20 = 69
		{"two sentences", strings.Repeat("gatto ", 9) + "gatto. " + strings.Repeat("gatto ", 9) + "gatto!", 69, 20},
		{"blank line parts", strings.Repeat("gatto ", 10) + "\n\n" + strings.Repeat("gatto ", 10), 69, 20},
		{"a plain line break does not", strings.Repeat("gatto ", 10) + "\n" + strings.Repeat("gatto ", 10), 54, 20},
		{"list items part", "- " + strings.Repeat("gatto ", 10) + "\n- " + strings.Repeat("gatto ", 10), 69, 20},
		{"numbered items part", "1. " + strings.Repeat("gatto ", 10) + "\n2) " + strings.Repeat("gatto ", 10), 69, 20},
		{"acronym", "gatto S.V. gattoo gattoo gatto gatto gatto gattoo gatto gatto.", 69, 10},
		// 10 words, 10*5 letters; the point of "art." and of a figure does not end a sentence
		{"abbreviation", "gatto art. 50000 gatto gatto gatto gatto gatto gatto gatto.", 71, 10},
		{"figure", "gatto 1.250,50 gatto gatto gatto gatto gatto gatto gatto gatto.", 68, 10},
		{"apostrophe parts words", "l'acqua", 100, 2},
		{"links are no prose", strings.Repeat("gatto ", 9) + "gatto https://www.comune.pontelieto.example/pratiche/2026-000123?chiave=abc.", 69, 10},
		{"quoted end", `«` + strings.Repeat("gatto ", 9) + `gatto.» ` + strings.Repeat("gatto ", 10), 69, 20},
		{"long words floor", strings.Repeat("precipitevolissimevolmente ", 20), 0, 20},
		{"huge", strings.Repeat("a", 1<<20), 0, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if i, w := Gulpease(tt.in); i != tt.index || w != tt.words {
				t.Errorf("Gulpease = %d, %d words; want %d, %d", i, w, tt.index, tt.words)
			}
		})
	}
}

// The index must tell the language of offices from that of people.
func TestGulpeaseTellsOfficeFromPlain(t *testing.T) {
	office := `Si comunica alla S.V. che, ai sensi e per gli effetti dell'art. 7 della legge 7 agosto 1990, n. 241, il
procedimento amministrativo concernente l'istanza pervenuta in data odierna risulta avviato e che la conclusione del
medesimo interverrà subordinatamente all'acquisizione della documentazione integrativa precedentemente richiesta.`
	plain := `Abbiamo ricevuto la tua richiesta. Ti rispondiamo entro 30 giorni. Se ci serve un altro documento, te lo
chiediamo.`
	o, _ := Gulpease(office)
	p, _ := Gulpease(plain)
	if o >= 45 || p <= 65 {
		t.Errorf("office %d, plain %d", o, p)
	}
	if LevelOf(o) != VeryHard && LevelOf(o) != Hard || LevelOf(p) != Easy && LevelOf(p) != VeryEasy {
		t.Errorf("levels %s, %s", LevelOf(o).Key, LevelOf(p).Key)
	}
}

func TestLevelOf(t *testing.T) {
	for index, want := range map[int]Level{0: VeryHard, 39: VeryHard, 40: Hard, 59: Hard, 60: Easy, 79: Easy, 80: VeryEasy, 100: VeryEasy} {
		if got := LevelOf(index); got != want {
			t.Errorf("LevelOf(%d) = %s, want %s", index, got.Key, want.Key)
		}
	}
	for _, l := range []Level{VeryEasy, Easy, Hard, VeryHard} {
		if l.Key == "" || l.It == "" || l.En == "" {
			t.Errorf("level %+v has no words", l)
		}
	}
}

func FuzzGulpease(f *testing.F) {
	for _, s := range []string{"", "Il gatto. dorme", "1. a\n- b", "art. 5", "\xff.\xff", "… ?!", "https://x a@b"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		i, w := Gulpease(s)
		if i < 0 || i > 100 || w < 0 || w > len(s) || w == 0 && i != 0 {
			t.Errorf("Gulpease(%q) = %d, %d", s, i, w)
		}
	})
}
