package likeness

import "testing"

func TestPlain(t *testing.T) {
	for in, want := range map[string]string{
		"Lucia Ferrante":             "lucia ferrante",
		"Luсіа Fеrrаntе":             "lucia ferrante", // Cyrillic
		"Ｕｆｆｉｃｉｏ tributi":            "ufficio tributi",
		"Cittа\u0300 di Pon\u200bte": "citta di ponte",
		"Δήμος":                      "δnμoς",
		"":                           "",
	} {
		if got := Plain(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func TestDisguised(t *testing.T) {
	for in, want := range map[string]bool{
		"Lucia Ferrante": false, "Luсia Ferrante": true, "Ольга Петрова": false, "Ольга Petrova": true, "José Muñoz": false, "": false,
	} {
		if got := Disguised(in); got != want {
			t.Errorf("%q: %v", in, got)
		}
	}
}

func TestDomain(t *testing.T) {
	const own = "comune.pontelieto.it"
	for in, want := range map[string]bool{
		"comune.pontelieto.it":           false,
		"posta.comune.pontelieto.it":     false,
		"biblioteca.pontelieto.it":       false, // the same holder
		"comune-pontelieto.it":           true,
		"comunepontelieto.it":            true,
		"comune.pontelieto.eu":           true,
		"comune-pontelieto.com":          true,
		"comune.pontelieto.it.avvisi.eu": true,
		"cornune-pontelieto.it":          true, // rn for m
		"comune-ponteliet0.it":           true,
		"comune-ponteleto.it":            true, // a letter left out
		"comune-pontleieto.it":           true, // two in the wrong order
		"соmunе-pontelieto.it":           true, // Cyrillic
		"xn--mun-pontelieto-2vl6j1b.it":  true,
		"comune.ponteliete.it":           false, // another town: the form is reserved
		"comune.mantova.it":              false,
		"pontelieto-calcio.it":           false,
		"gmail.com":                      false,
		"posta.example":                  false,
		"":                               false,
	} {
		if got := Domain(in, own); got != want {
			t.Errorf("%s: %v", in, got)
		}
	}
}

func TestSameHolder(t *testing.T) {
	for _, tt := range []struct {
		a, b string
		want bool
	}{
		{"posta.example", "posta.example", true},
		{"mail.comune.mantova.it", "comune.mantova.it", true},
		{"evil.it", "comune.mantova.it", false},
		{"a.co.uk", "b.co.uk", false},
		{"città.it", "xn--citt-3na.it", true},
		{"", "", false},
	} {
		if got := SameHolder(tt.a, tt.b); got != tt.want {
			t.Errorf("%s and %s: %v", tt.a, tt.b, got)
		}
	}
}

func TestPublicBodyAndShared(t *testing.T) {
	for d, want := range map[string][2]bool{
		"comune.mantova.it": {true, false}, "interno.gov.it": {true, false}, "istruzione.it": {true, false},
		"gmail.com": {false, true}, "pec.libero.it": {false, true}, "comune-mantova.it": {false, false},
	} {
		if got := [2]bool{PublicBody(d), Shared(d)}; got != want {
			t.Errorf("%s: %v", d, got)
		}
	}
}
