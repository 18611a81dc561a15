package page

import "testing"

// TestRowDoesNotSayTheSameTwice: a chat's title is its first words.
func TestRowDoesNotSayTheSameTwice(t *testing.T) {
	for _, c := range []struct {
		row  Row
		want string
	}{
		{Row{Subject: "Ok grazie", Last: "Ok grazie"}, ""},
		{Row{Subject: "Biglietto C017, preso verso le 11.", Last: "Biglietto C017, preso verso le 11"}, ""},
		{Row{Subject: "Buca in via Roma", Last: "Buca in via Roma davanti al 12, è profonda"}, "Buca in via Roma davanti al 12, è profonda"},
		{Row{Subject: "Ok grazie", Last: "Ok grazie", LastOut: true}, "Ok grazie"},
		{Row{Last: "Buongiorno"}, "Buongiorno"},
	} {
		if got := c.row.Preview(); got != c.want {
			t.Errorf("%+v: %q", c.row, got)
		}
	}
}
