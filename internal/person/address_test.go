package person

import (
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestAddress(t *testing.T) {
	tests := []struct{ raw, want string }{
		{"via Garibaldi 14", "via garibaldi 14"},
		{"v. Garibaldi 14 int. 3", "via garibaldi 14 interno 3"},
		{"V.Garibaldi,14 int.3", "via garibaldi 14 interno 3"},
		{"Via G. Garibaldi n. 14/A", "via g garibaldi 14/a"},
		{"via Garibaldi n°14 A", "via garibaldi 14/a"},
		{"via Garibaldi 14a, 54321 Pontelieto (PL)", "via garibaldi 14/a, 54321 pontelieto (pl)"},
		{"Via Garibaldi 14 - 54321 PONTELIETO PL", "via garibaldi 14, 54321 pontelieto (pl)"},
		{"via Garibaldi 14 Pontelieto", "via garibaldi 14, pontelieto"},
		{"via Garibaldi 14 a Pontelieto", "via garibaldi 14, pontelieto"},
		{"via Garibaldi 14 A Pontelieto", "via garibaldi 14/a, pontelieto"},
		{"Pontelieto", "pontelieto"},
		{"via Garibaldi 14 bis, scala B, 2° piano, interno 3/A", "via garibaldi 14/bis scala b piano 2 interno 3/a"},
		{"via Garibaldi 14/3", "via garibaldi 14/3"},
		{"via Garibaldi 14 rosso", "via garibaldi 14/r"},
		{"via Garibaldi 014 palazzina C p. terra", "via garibaldi 14 edificio c piano terra"},
		{"p.zza della Libertà, 3", "piazza liberta 3"},
		{"P.ZZA LIBERTA' 3", "piazza liberta 3"},
		{"c.so XX Settembre 5", "corso 20 settembre 5"},
		{"corso 20 settembre n.5", "corso 20 settembre 5"},
		{"viale 1° Maggio 7", "viale 1 maggio 7"},
		{"V.le I Maggio, 7", "viale 1 maggio 7"},
		{"via V Maggio 7", "via 5 maggio 7"},
		{"via XXIV Maggio", "via 24 maggio"},
		{"via dell'Orto 2", "via orto 2"},
		{"via S. Maria 2", "via san maria 2"},
		{"via Sant'Anna 2", "via san anna 2"},
		{"via SS. Annunziata 2", "via santi annunziata 2"},
		{"via F.lli Cervi 9", "via fratelli cervi 9"},
		{"via P. Togliatti 9", "via p togliatti 9"},
		{"via della Torre 14", "via torre 14"},
		{"via della Scala 3", "via scala 3"},
		{"via Gen. Dalla Chiesa 1", "via chiesa 1"},
		{"S.S. 71 km 12+300", "strada statale 71 km 12300"},
		{"strada provinciale 12 n. 4", "strada provinciale 12 4"},
		{"Loc. Pian di Sopra s.n.c.", "localita pian sopra snc"},
		{"Fraz. San Rocco 12, 54321 Pontelieto", "frazione san rocco 12, 54321 pontelieto"},
		{"via Garibaldi 14, fraz. San Rocco, Pontelieto", "via garibaldi 14, pontelieto"},
		{"via Garibaldi 14, CAP 54321, Pontelieto, Italia", "via garibaldi 14, 54321 pontelieto"},
		{"via Garibaldi 14, 42121 Reggio nell'Emilia", "via garibaldi 14, 42121 reggio emilia"},
		{"c/o Rossi, via Garibaldi 14", "via garibaldi 14"},
		{"presso Rossi\nvia Garibaldi 14\n54321 Pontelieto", "via garibaldi 14, 54321 pontelieto"},
		{"abito in via Garibaldi 14", "via garibaldi 14"},
		{"via Garibaldi 54321 Pontelieto", "via garibaldi, 54321 pontelieto"},
		{"Garibaldi 14", "garibaldi 14"},
		{"via Garibaldi int. 3", "via garibaldi interno 3"},
		{"via", "via"},
		{"", ""},
		{"😀", ""},
	}
	for _, tt := range tests {
		got := Address(tt.raw).String()
		if got != tt.want {
			t.Errorf("Address(%q) = %q, want %q", tt.raw, got, tt.want)
		}
		if again := Address(got).String(); again != got {
			t.Errorf("Address(%q) = %q, again %q", tt.raw, got, again)
		}
	}
}

func TestAddressFields(t *testing.T) {
	want := Postal{
		Kind: "via", Street: "giuseppe garibaldi", Civic: "14", Suffix: "a", Building: "c", Stair: "b", Floor: "2",
		Unit: "3", CAP: "54321", Town: "pontelieto", Province: "pl",
	}
	got := Address("Via Giuseppe Garibaldi, 14/A - Pal. C sc. B piano 2 int. 3 - 54321 Pontelieto (PL)")
	if got != want {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	if got.IsZero() || !Address("").IsZero() {
		t.Error("IsZero")
	}
}

func TestAddressMatch(t *testing.T) {
	tests := []struct {
		a, b string
		want Match
	}{
		{"v. Garibaldi 14", "via Garibaldi, n. 14", Same},
		{"p.zza Libertà 3", "Piazza della Liberta' 3", Same},
		{"c.so XX Settembre 5", "corso 20 settembre 5", Same},
		{"via Garibaldi 14 int. 3", "via Garibaldi 14/int. 3", Same},
		{"via Garibaldi Giuseppe 14", "via Giuseppe Garibaldi 14", Same},
		{"v. Garibaldi 14 int. 3", "via Garibaldi 14", Compatible},
		{"via G. Garibaldi 14", "via Giuseppe Garibaldi 14", Compatible},
		{"via Garibaldi 14", "via Giuseppe Garibaldi 14", Compatible},
		{"via Garibaldi 14", "via Garibaldi 14/A", Compatible},
		{"via Garibaldi 14", "via Garibaldi 14, 54321 Pontelieto (PL)", Compatible},
		{"Garibaldi 14", "via Garibaldi 14", Compatible},
		{"via Garibaldi 14 piano 2", "via Garibaldi 14 secondo piano", Same},
		{"via Garibaldi 14 piano 2", "via Garibaldi 14 piano terra", Compatible},
		{"loc. Pian di Sopra snc", "località Pian di Sopra s.n.c., Pontelieto", Compatible},
		{"via Garibaldi 14 int. 3", "via Garibaldi 14 int. 4", Different},
		{"via Garibaldi 14/A", "via Garibaldi 14/B", Different},
		{"via Garibaldi 14", "via Garibaldi 15", Different},
		{"via Garibaldi 14", "piazza Garibaldi 14", Different},
		{"via Garibaldi 14", "via Mazzini 14", Different},
		{"via Anita Garibaldi 14", "via Giuseppe Garibaldi 14", Different},
		{"via Garibaldi 14, 54321 Pontelieto", "via Garibaldi 14, 52100 Arezzo", Different},
		{"via Garibaldi", "via Garibaldi 14", Unknown},
		{"Pontelieto", "Pontelieto", Unknown},
		{"casa mia", "via Garibaldi 14", Unknown},
		{"", "", Unknown},
	}
	for _, tt := range tests {
		for range 2 {
			if got := AddressMatch(tt.a, tt.b); got != tt.want {
				t.Errorf("AddressMatch(%q, %q) = %s, want %s\n %+v\n %+v", tt.a, tt.b, got, tt.want, Address(tt.a), Address(tt.b))
			}
			tt.a, tt.b = tt.b, tt.a
		}
	}
}

// The same address is the same, whichever of its usual spellings is used.
func TestAddressSpellings(t *testing.T) {
	pick := func(t *rapid.T, name string, s ...string) string { return rapid.SampledFrom(s).Draw(t, name) }
	write := func(t *rapid.T) string {
		s := pick(t, "kind", "via ", "v. ", "Via ", "v.", "VIA ") + pick(t, "street", "Garibaldi", "GARIBALDI") +
			pick(t, "sep", " ", ", ", ",") + pick(t, "mark", "", "n. ", "n°", "nr. ", "civico ") +
			pick(t, "number", "14/A", "14A", "14 A", "14-A", "014/a") + pick(t, "sep2", " ", ", ") +
			pick(t, "unit", "int. 3", "interno 3", "int.3", "INT 3", "int 03") + pick(t, "sep3", ", ", "\n", " - ") +
			pick(t, "town", "54321 Pontelieto (PL)", "54321 PONTELIETO PL", "CAP 54321 Pontelieto, PL")
		return s
	}
	rapid.Check(t, func(t *rapid.T) {
		a, b := write(t), write(t)
		if m := AddressMatch(a, b); m != Same {
			t.Fatalf("AddressMatch(%q, %q) = %s\n %+v\n %+v", a, b, m, Address(a), Address(b))
		}
	})
}

func FuzzAddress(f *testing.F) {
	for _, s := range [][2]string{
		{"v. Garibaldi 14 int. 3", "via Garibaldi 14"},
		{"c/o x", "c/"},
		{"//--..", "14/"},
		{"ss 71 km 12+300", "presso"},
		{"\xff 14", "n°"},
		{"loc.", "fraz a,b 3 piano piano"},
	} {
		f.Add(s[0], s[1])
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		if m, back := AddressMatch(a, b), AddressMatch(b, a); m != back {
			t.Errorf("AddressMatch(%q, %q) = %s, the other way %s", a, b, m, back)
		}
		p := Address(a)
		if m := p.Match(p); m != Same && m != Unknown {
			t.Errorf("Address(%q) = %+v does not match itself: %s", a, p, m)
		}
		if s := p.String(); !utf8.ValidString(s) || strings.ContainsAny(s, "\n\r") {
			t.Errorf("Address(%q) = %q", a, s)
		}
	})
}
