package inbox

import (
	"testing"

	"filodiretto/channels"
	"filodiretto/channels/counter"
	"filodiretto/internal/db"
)

// TestTheTelephoneProvesNobody: what is told on the telephone says so, and no
// document was seen there, whatever the form says.
func TestTheTelephoneProvesNobody(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		realCounter(e)
		phone := Account{ID: db.NewID(e.clock), Key: "phone", Kind: "phone", Name: "phone", OfficeID: e.urp, Origin: "file", Settings: "{}", Enabled: true, CreatedAt: e.clock.Now()}
		if _, err := e.db.Write.NewInsert().Model(&phone).Exec(t.Context()); err != nil {
			t.Fatal(err)
		}
		ch, err := counter.PhoneDriver.Open(channels.Account{}, channels.Deps{})
		if err != nil {
			t.Fatal(err)
		}
		e.chans.put(phone, ch)
		for _, tt := range []struct {
			account Account
			source  string
			proof   Proof
		}{{phone, "phone", Declared}, {e.counter, "counter", Certain}} {
			c, err := e.RecordVisit(t.Context(), e.giulia, Visit{AccountID: tt.account.ID, Key: "k", Person: "Mario Rossi", CF: "RSSMRA85T10A562S", DocumentSeen: true, Text: "Chiede la residenza."})
			if err != nil {
				t.Fatal(err)
			}
			var got Identity
			if err := e.db.Read.NewSelect().Model(&got).Where("i.citizen_id = ? AND i.kind = 'cf'", c.CitizenID).Scan(t.Context()); err != nil {
				t.Fatal(err)
			}
			if got.Source != tt.source || got.Proof != tt.proof {
				t.Errorf("%s: source %q, proof %v", tt.account.Kind, got.Source, got.Proof)
			}
			var name string
			if err := e.db.Read.NewRaw("SELECT name_source FROM citizens WHERE id = ?", c.CitizenID).Scan(t.Context(), &name); err != nil {
				t.Fatal(err)
			}
			if (name == "document") != (tt.proof == Certain) {
				t.Errorf("%s: the name comes from %q", tt.account.Kind, name)
			}
		}
	})
}
