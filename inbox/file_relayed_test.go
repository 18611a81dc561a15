package inbox

import (
	"errors"
	"testing"
)

// A batch may be filed again, by the database's wish or message by message: what a
// provider of certified mail relays waits for the same reason the second time.
func TestRelayedWaitsForTheSameReasonWhenFiledAgain(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		realMail(e)
		tries := 0
		e.route.fail = func() error {
			if tries++; tries == 1 {
				return errors.New("the first try fails")
			}
			return nil
		}
		e.arrive(e.mail, letter("Per conto di: ada@pec.example <posta-certificata@pec.example>", "a1@pec.example", "POSTA CERTIFICATA: Aiuto", "Testo."),
			letter("Bea <bea@posta.example>", "b1@posta.example", "Orari", "Quando siete aperti?"))
		if q := e.held(t); q.Reason != "pec_not_proven" {
			t.Error(q.Reason)
		}
		if tries < 2 || len(e.allCases()) != 1 {
			t.Error(tries, "tries,", len(e.allCases()), "cases")
		}
	})
}
