package person

import (
	"strings"
	"testing"
)

func TestPhone(t *testing.T) {
	tests := []struct {
		raw, region, want string // want "" is not ok
	}{
		{"333 1234567", "IT", "+393331234567"},
		{"0575 123456", "IT", "+390575123456"}, // the leading zero stays
		{"tel. 0575/123456", "IT", "+390575123456"},
		{"+39 0575 123456", "IT", "+390575123456"},
		{"+39 (0) 575 123456", "IT", "+390575123456"},
		{"(0575) 12.34.56", "IT", "+390575123456"},
		{"0039 333 1234567", "IT", "+393331234567"},
		{"39 333 1234567", "IT", "+393331234567"},
		{"333-1234567 (Lucia)", "IT", "+393331234567"},
		{"333–1234567", "IT", "+393331234567"},
		{"0575 123456 / 333 1234567", "IT", "+390575123456"},
		{"0575123456, 3331234567", "IT", "+390575123456"},
		{"12 oppure 333 1234567", "IT", "+393331234567"},
		{"chiamami al 3331234567 dopo le 10", "IT", "+393331234567"},
		{"0575 123456 int. 3", "IT", "+390575123456"},
		{"３３３ １２３４５６７", "IT", "+393331234567"}, // full-width digits
		{"800 123456", "IT", "+39800123456"},
		{"+44 20 7946 0958", "IT", "+442079460958"},
		{"020 7946 0958", "GB", "+442079460958"},
		{"+378 0549 882222", "IT", "+3780549882222"}, // San Marino

		{"", "IT", ""},
		{"112", "IT", ""},
		{"333 1234567890", "IT", ""},
		{"1-800-FLOWERS", "IT", ""}, // letters are not dialled
		{"RSSMRA85T10A562S", "IT", ""},
		{"Lucia Ferrante", "IT", ""},
		{"++++", "IT", ""},
		{"00743110157", "IT", ""}, // a VAT number
		{"333 1234567", "", ""},   // no region, no country code
		{"333 1234567" + strings.Repeat(" ", 500), "IT", ""},
	}
	for _, tt := range tests {
		got, ok := Phone(tt.raw, tt.region)
		if got != tt.want || ok != (tt.want != "") {
			t.Errorf("Phone(%.40q, %q) = %q, %v; want %q", tt.raw, tt.region, got, ok, tt.want)
		}
	}
}

func TestGroupPhone(t *testing.T) {
	for in, want := range map[string]string{
		"+393475551042": "+39 347 555 1042", "+390575123456": "+39 0575 123456", "+41446681800": "+41 44 668 18 00",
		"": "", "interno 12": "interno 12", "347 555": "347 555",
	} {
		if got := GroupPhone(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func FuzzPhone(f *testing.F) {
	for _, s := range []string{
		"", "333 1234567", "+39 0575 123456", "0575/123456/7", "tel:+39-333-1234567;ext=1", "+٣٩ ٣٣٣", "/////", "+",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		got, ok := Phone(raw, "IT")
		if !ok {
			if got != "" {
				t.Errorf("Phone(%q) = %q without ok", raw, got)
			}
			return
		}
		if got[0] != '+' || strings.Trim(got[1:], "0123456789") != "" || len(got) > 16 {
			t.Errorf("Phone(%q) = %q is not E.164", raw, got)
		}
		if again, ok := Phone(got, "DE"); !ok || again != got {
			t.Errorf("Phone(%q) = %q, read again %q", raw, got, again)
		}
	})
}
