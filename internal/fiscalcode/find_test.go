package fiscalcode

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestFind(t *testing.T) {
	tests := []struct {
		name, in string
		want     []string
	}{
		{"alone", "RSSMRA85T10A562S", []string{"RSSMRA85T10A562S"}},
		{"in a sentence", "Il mio codice fiscale è rssmra85t10a562s, grazie.", []string{"RSSMRA85T10A562S"}},
		{"in groups", "CF: RSS MRA 85T10 A562S", []string{"RSSMRA85T10A562S"}},
		{"other groups", "RSSMRA 85T10 A562 S", []string{"RSSMRA85T10A562S"}},
		{"omocodia", "cf=RSSMRA85T10A5SNT;", []string{"RSSMRA85T10A5SNT"}},
		{"wrong check is a candidate", "SPNDNL80R13C555X", []string{"SPNDNL80R13C555X"}},
		{
			"two, one twice", "RSSMRA85T10A562S e LVLDAA85T50G702B (RSSMRA85T10A562S)",
			[]string{"RSSMRA85T10A562S", "LVLDAA85T50G702B"},
		},
		{"after an apostrophe", "dell'RSSMRA85T10A562S", []string{"RSSMRA85T10A562S"}},
		{"in a longer word", "XRSSMRA85T10A562S RSSMRA85T10A562S1", nil},
		{"glued to an accented letter", "èRSSMRA85T10A562S RSSMRA85T10A562Sà", nil},
		{"an IBAN", "IT60X0542811101000000123456", nil},
		{"VAT number", "P.IVA 00743110157", []string{"00743110157"}},
		{"eleven digits that do not check", "12345678901", nil},
		{"zeros", "00000000000", nil},
		{"landline of eleven digits", "tel. 00743110157, fax: 12345678903", nil},
		{"international", "+12345678903 + 12345678903", nil},
		{"part of a longer number", "123456789031", nil},
		{"cut at the end", "RSSMRA85T10A562", nil},
		{"cut in a group", "RSS MRA ", nil},
		{"two blanks", "RSS  MRA85T10A562S", nil},
		{"nothing", "", nil},
		{"invalid UTF-8 around", "\xff\xfeRSSMRA85T10A562S\xff", []string{"RSSMRA85T10A562S"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := Find(tt.in); !slices.Equal(got, tt.want) {
				t.Errorf("Find(%q) = %q, want %q", tt.in, got, tt.want)
			}
		})
	}
}

// Any code between any words is found, however it is written.
func TestFindFindsAny(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		code := anyPerson(t)
		written := code
		if rapid.Bool().Draw(t, "groups") {
			written = code[:3] + " " + code[3:6] + " " + code[6:11] + " " + code[11:]
		}
		if rapid.Bool().Draw(t, "lower") {
			written = strings.ToLower(written)
		}
		before := rapid.SampledFrom([]string{"", "cf ", "Gentile ufficio,\n", "(", "è: "}).Draw(t, "before")
		after := rapid.SampledFrom([]string{"", " saluti", ")", ".", "\n"}).Draw(t, "after")
		if got := Find(before + written + after); !slices.Contains(got, code) {
			t.Fatalf("Find(%q) = %q, want %q in it", before+written+after, got, code)
		}
	})
}

func FuzzFind(f *testing.F) {
	for _, s := range []string{
		"", "RSSMRA85T10A562S", "RSS MRA 85T10 A562S", "tel 00743110157", "P.IVA 00743110157",
		"\xffRSSMRA85T10A562S", "ß RSSMRA85T10A562Sè", strings.Repeat("RSS MRA ", 50),
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, code := range Find(text) {
			v := Check(code)
			if v.Status == BadForm || v.Status == Refused {
				t.Errorf("found %q, which is %s", code, v.Status)
			}
			if v.Kind == Numeric && v.Status != Valid {
				t.Errorf("found %q, which does not check", code)
			}
			if Normalise(code) != code {
				t.Errorf("found %q, not normalised", code)
			}
		}
	})
}

func BenchmarkFind(b *testing.B) {
	text := strings.Repeat("Buongiorno, vorrei sapere a che punto è la mia pratica. ", 27) + "RSSMRA85T10A562S"
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		if len(Find(text)) != 1 {
			b.Fatal("not found")
		}
	}
}
