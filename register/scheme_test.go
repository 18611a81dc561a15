package register

import (
	"strings"
	"testing"
)

func TestNationalScheme(t *testing.T) {
	s := NationalScheme()
	on := s.On("2026-11-17")
	counts := map[string]int{}
	for _, c := range on {
		title, _, _ := strings.Cut(c.Code, ".")
		counts[title]++
	}
	// The national model of 2005 (Italian reference 1.3).
	for title, n := range map[string]int{"I": 17, "II": 22, "III": 15, "IV": 14, "V": 3, "VI": 10, "VII": 15, "VIII": 7, "IX": 4, "X": 5, "XI": 4, "XII": 5, "XIII": 4, "XIV": 1} {
		if counts[title] != n {
			t.Errorf("title %s has %d classes, want %d", title, counts[title], n)
		}
	}
	for code, want := range map[string]string{"I.8": "Informazioni e relazioni con il pubblico", "1.8": "Informazioni e relazioni con il pubblico", "xiv": "Oggetti diversi", "VI": "", "VI.99": "", "": ""} {
		c, ok := s.Find(code, "2026-11-17")
		if ok != (want != "") || c.Name != want {
			t.Errorf("%q: %+v %v", code, c, ok)
		}
	}
	if on[0].Group != "I Amministrazione generale" {
		t.Error(on[0].Group)
	}
}

func TestOwnScheme(t *testing.T) {
	s, err := ReadScheme(strings.NewReader("\ufeffcodice;descrizione;valido_dal;valido_al\n1;Affari generali\n1.1;\"Atti; delibere\";2026-01-01;\n1.2;Vecchia;;2025-12-31\n"))
	if err != nil {
		t.Fatal(err)
	}
	if on := s.On("2026-06-01"); len(on) != 1 || on[0].Code != "1.1" || on[0].Name != "Atti; delibere" || on[0].Group != "1 Affari generali" {
		t.Fatalf("%+v", on)
	}
	if _, ok := s.Find("1.2", "2025-06-01"); !ok {
		t.Error("it was valid then")
	}
	for _, bad := range []string{"", "solo un codice", "1;a;domani", "codice;descrizione"} {
		if _, err := ReadScheme(strings.NewReader(bad)); err == nil {
			t.Errorf("%q is no classification", bad)
		}
	}
	if _, err := OpenScheme("testdata/none.csv"); err == nil {
		t.Error("no such file")
	}
}
