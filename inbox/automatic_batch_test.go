package inbox

import (
	"fmt"
	"testing"
)

// Receipts of a batch are queued together; the budgets must still count each of
// them, and what is over is shown as suppressed (mail rule 57).
func TestRule57ReceiptsOfOneBatchCountAgainstTheBudget(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		realMail(e)
		e.route.decide = func(Facts) Decision { return Decision{Receipt: true} }
		var letters []string
		for i := range e.set.AutoPerHour + 2 {
			letters = append(letters, letter("Ada <ada@posta.example>", fmt.Sprintf("a%d@posta.example", i), fmt.Sprintf("Buca %d", i), fmt.Sprintf("C'è la buca numero %d.", i)))
		}
		letters = append(letters, letter("Bruno <bruno@posta.example>", "b1@posta.example", "Lampione", "Il lampione è spento."))
		e.arrive(e.mail, letters...)
		queued := e.number("SELECT count(*) FROM deliveries WHERE state = 'queued'")
		over := e.number("SELECT count(*) FROM deliveries WHERE state = 'suppressed' AND code = 'budget_hour'")
		if queued != e.set.AutoPerHour+1 || over != 2 {
			t.Errorf("%d receipts queued and %d suppressed; want %d and 2", queued, over, e.set.AutoPerHour+1)
		}
		if n := e.number("SELECT count(DISTINCT case_id) FROM deliveries"); n != len(letters) {
			t.Error("each case has its own receipt:", n)
		}
		e.arrive(e.mail, letter("Bruno <bruno@posta.example>", "b2@posta.example", "Altro", "Un'altra cosa."))
		if n := e.number("SELECT count(*) FROM auto_sends"); n != e.set.AutoPerHour+2 {
			t.Error("the next batch sees what this one spent:", n)
		}
	})
}

// One mailbox has a bound of its own, below its share of what all may send.
func TestRule57OneAccountHasItsOwnBound(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		realMail(e)
		e.set.AutoAccount = 2
		e.route.decide = func(Facts) Decision { return Decision{Receipt: true} }
		for i := range 4 {
			e.arrive(e.mail, letter(fmt.Sprintf("P%d <p%d@posta.example>", i, i), fmt.Sprintf("a%d@posta.example", i), "Buca", fmt.Sprintf("C'è la buca numero %d.", i)))
		}
		if n := e.number("SELECT count(*) FROM deliveries WHERE state = 'suppressed' AND code = 'budget_account'"); n != 2 {
			t.Errorf("%d receipts over the bound of the mailbox, want 2", n)
		}
	})
}
