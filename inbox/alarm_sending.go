package inbox

import (
	"context"
	"fmt"

	"filodiretto/internal/clock"
	"filodiretto/internal/db"
)

// sendingFails tells by account since when the server for sending refuses us, and since
// when it cannot be reached. It asks the deliveries' own events: an error that the
// account shows is taken away by the next good look at its letter box, which says
// nothing of sending. Whatever left meanwhile ends both: then one recipient's server is
// meant, or one message, and that is told on its case (mail rules 60 and 66).
func (in *Inbox) sendingFails(ctx context.Context, now clock.Instant) (refused, stuck map[int64]clock.Instant, err error) {
	if refused, err = in.firstOf(ctx, refusedSince, db.FirstID(now.Add(-alarmRest)), now.Add(-alarmRest)); err != nil {
		return nil, nil, fmt.Errorf("which accounts may not send: %w", err)
	}
	if stuck, err = in.firstOf(ctx, stuckSince); err != nil {
		return nil, nil, fmt.Errorf("which accounts cannot send: %w", err)
	}
	return refused, stuck, nil
}

// refusedSince finds what our own server answered, not what reports say. A refusal is
// of today's business: what nobody tried for hours may be mended.
const refusedSince = `SELECT d.account_id, min(de.at) AS since FROM delivery_events AS de
	JOIN deliveries AS d ON d.id = de.delivery_id JOIN accounts AS a ON a.id = d.account_id
	WHERE de.id >= ? AND de.at >= ? AND de.source = 'answer' AND de.class IN ('auth_broken','policy_blocked') AND de.at > a.last_sent_at
	GROUP BY d.account_id`

// stuckSince finds the first try that came to nothing of what still waits, since
// something left, or since a person had it sent anew. No code is a server that was not
// reached or that we do not trust; 421 and 4.3 one that says it is out of order. Other
// answers may be about the recipient.
const stuckSince = `SELECT d.account_id, min(de.at) AS since FROM deliveries AS d
	JOIN accounts AS a ON a.id = d.account_id JOIN delivery_events AS de ON de.delivery_id = d.id
	WHERE d.state = 'queued' AND d.attempts > 0 AND de.source = 'answer' AND de.class = 'retry_backoff' AND de.at > a.last_sent_at
	AND (de.code = '' OR de.code LIKE '421%' OR de.code LIKE '4__ 4.3.%')
	AND NOT EXISTS (SELECT 1 FROM delivery_events AS o WHERE o.delivery_id = d.id AND o.source <> 'answer' AND o.at >= de.at)
	GROUP BY d.account_id`

func (in *Inbox) firstOf(ctx context.Context, query string, args ...any) (map[int64]clock.Instant, error) {
	var rows []struct {
		AccountID int64
		Since     clock.Instant
	}
	if err := in.db.Read.NewRaw(query, args...).Scan(ctx, &rows); err != nil {
		return nil, err
	}
	out := map[int64]clock.Instant{}
	for _, r := range rows {
		out[r.AccountID] = r.Since
	}
	return out, nil
}
