package inbox

import (
	"context"
	"fmt"

	"filodiretto/internal/db"
)

// unaccepted are the certified mails of an account (a) whose acceptance is missing for
// too long and with which nobody has dealt: what people wrote, as in the view of failed
// deliveries. One mail to several is one. The words are those of the index
// deliveries_unaccepted (mail rules 86 and 90).
const unaccepted = ` FROM deliveries AS d JOIN messages AS m ON m.id = d.message_id WHERE d.account_id = a.id AND d.alarm = 'no_acceptance' AND d.dealt_at = 0
	AND d.state IN ('accepted','sent','unknown') AND m.origin = 'operator'`

// acceptsNone reports whether missing acceptances are a cause of the account: there are
// several, or no certified mail that was written since was accepted. One among others is
// that mail's own, and is told on its case.
func (in *Inbox) acceptsNone(ctx context.Context, a *Account) (bool, error) {
	if a.Unaccepted != 1 {
		return a.Unaccepted > 1, nil
	}
	n := 0
	err := in.db.Read.NewRaw("SELECT count(*) FROM (SELECT 1 FROM deliveries WHERE id >= ? AND account_id = ? AND kind = 'pec' AND legal_sent_at > 0 AND begun_at > ? LIMIT 1) AS accepted",
		db.FirstID(a.UnacceptedFrom), a.ID, a.UnacceptedFrom).Scan(ctx, &n)
	if err != nil {
		return false, fmt.Errorf("look whether certified mails are accepted: %w", err)
	}
	return n == 0, nil
}
