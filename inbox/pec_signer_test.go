package inbox

import (
	"testing"

	"filodiretto/internal/cms"
)

func TestWhoSigned(t *testing.T) {
	for _, tt := range []struct {
		sender, signer string
		addresses      []string
		want           SignerIs
	}{
		{"Anna Verdi <anna@pec.example>", "Anna Verdi", []string{"anna@pec.example"}, SignerIsSender},
		{"anna@pec.example", "VERDI ANNA", []string{"altra@x.example", "ANNA@pec.example"}, SignerIsSender},
		{"Anna Verdi <anna@pec.example>", "Anna Verdi", []string{"anna@studio.example"}, SignerOtherAddress},
		{"Anna Verdi <anna@pec.example>", "Furbo", []string{"furbo@pec.example"}, SignerOtherAddress},
		{"Anna Verdi <anna@pec.example>", "VERDI ANNA", nil, SignerIsSender},
		{"Anna Verdi <anna@pec.example>", "ROSSI MARIO", nil, SignerOtherName},
		{"anna@pec.example", "ROSSI MARIO", nil, SignerUnclear},
		{"Anna Verdi <annav>", "ROSSI MARIO", nil, SignerOtherName},
		{"Anna Verdi", "ROSSI MARIO", []string{"rossi@x.example"}, SignerOtherName},
		{"", "ROSSI MARIO", nil, SignerUnclear},
		{"Anna Verdi <anna@pec.example>", "", nil, SignerUnclear},
	} {
		if got := WhoSigned(tt.sender, cms.Signature{Signer: tt.signer, Addresses: tt.addresses}); got != tt.want {
			t.Errorf("%s signed by %s %v: %q, want %q", tt.sender, tt.signer, tt.addresses, got, tt.want)
		}
	}
}
