package likeness

import (
	"strings"
	"testing"
)

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
		"cornune.pontelieto.it":          true,  // of the same holder, and a trick all the same
		"comune-.pontelieto.it":          true,
		"comuni.pontelieto.it":           false,
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
		"comune.ponteliete.it":           true, // the form is free, and no town has the name
		"comune.ponteliet0.it":           true,
		"comune.ponteiieto.it":           true,
		"comune.pontelieto.mn.it":        true, // of which only one is ours
		"comune.p0ntelieto.mn.it":        true,
		"comune.pontevico.bs.it":         false,
		"comune.pontelongo.pd.it":        false,
		"comune.reggio-emilia.it":        false,
		"comune.re.it":                   false,
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

// Towns have names a letter apart, and two have one name in two provinces.
func TestDomainOfAnotherTown(t *testing.T) {
	for _, tt := range []struct {
		domain, own string
		want        bool
	}{
		{"comune.samone.to.it", "comune.samone.tn.it", false},
		{"comune.samone.it", "comune.samone.tn.it", true},
		{"comune.casalino.no.it", "comune.casalini.no.it", false},
		{"comune.casalino.it", "comune.casalina.it", false},
		{"comune.casa1ino.no.it", "comune.casalino.no.it", true},
		{"comune.viadana.mn.it", "comune.viadana.mn.it", false},
		{"comune.servizi-online.it", "comune.viadana.mn.it", false},
	} {
		if got := Domain(tt.domain, tt.own); got != tt.want {
			t.Errorf("%s for %s: %v", tt.domain, tt.own, got)
		}
	}
}

func TestAddressesInNames(t *testing.T) {
	for in, want := range map[string]int{
		"Lucia Ferrante": 0, "tributi@comune.it": 1, "urp@comune.it via Portale": 1, "«urp@comune.it»": 1, "Mario (mario@x.it)": 1,
		"urp＠comune.it": 1, "Bar @ Centro": 0, "@pontelieto_bot": 0, "a@b.it, c@d.it": 2, "Ufficio@Comune": 0, "": 0,
	} {
		if got := Addresses(in); len(got) != want || (Name(in) == "") != (want > 0 || in == "") {
			t.Errorf("%q: %q", in, got)
		}
	}
}

func TestReadings(t *testing.T) {
	for in, want := range map[string]string{
		"Comune di Ponteliet0": "comune di ponteliet0|comune di pontelieto", "E1ena Costa": "e1ena costa|elena costa|eiena costa",
		"Elena Costa": "elena costa", "Sezione 3": "sezione 3", "2026": "2026", "Via Roma, 12": "via roma, 12", "": "",
	} {
		if got := strings.Join(Readings(in), "|"); got != want {
			t.Errorf("%s: %s", in, got)
		}
	}
	if got := Closer("cornune di pontelieto"); got != "comune di pontelieto" {
		t.Error(got)
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
		"comune.servizi-online.it": {false, false}, "comune.viadana.mn.it": {true, false}, "comune.san-giorgio-bigarello.mn.it": {true, false},
		"comune.castel-goffredo.mn.it": {true, false}, "comune.castelgoffredo.it": {true, false},
		"comune.castel.goffredo.it": {false, false}, "comune.castel.goffredo.mn.it": {false, false}, "comune.goffredo.it": {false, false},
		"comune.ponteliet0.it": {false, false}, "provincia.mantova.it": {true, false}, "regione.lombardia.it": {true, false}, "protocollo.inps.it": {true, false},
	} {
		if got := [2]bool{PublicBody(d), Shared(d)}; got != want {
			t.Errorf("%s: %v", d, got)
		}
	}
}
