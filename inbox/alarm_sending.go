package inbox

// Since when nothing leaves from an account is told by the deliveries' own events: an
// error that the account shows is taken away by the next good look at its letter box,
// which says nothing of sending. Whatever left meanwhile ends both: then one recipient's
// server is meant, or one message, and that is told on its case (mail rules 60 and 66).

// refusedSince finds what our own server answered, not what reports say. A refusal is
// of today's business: what nobody tried for hours may be mended. The classes are those
// of the index delivery_events_refused. It is a part of the question for accounts (a);
// its argument is the instant after which refusals count.
const refusedSince = `SELECT min(de.at) FROM delivery_events AS de JOIN deliveries AS d ON d.id = de.delivery_id
	WHERE de.class IN ('auth_broken','policy_blocked') AND de.at >= ? AND de.source = 'answer' AND d.account_id = a.id AND de.at > a.last_sent_at`

// stuckSince finds the first try that came to nothing of what still waits, since
// something left, or since a person had it sent anew: the last turn of a delivery that
// is no answer. No code is a server that was not reached or that we do not trust; 421
// and 4.3 one that says it is out of order. Other answers may be about the recipient.
// The last turn is sought once for a delivery, and the tries from there; the plus keeps
// SQLite from seeking them from what left last, and the last turn anew for each of them.
const stuckSince = `SELECT min(w.since) FROM (SELECT (SELECT min(try.at) FROM delivery_events AS try
		WHERE try.delivery_id = d.id AND try.at > COALESCE((SELECT max(turn.at) FROM delivery_events AS turn WHERE turn.delivery_id = d.id AND turn.source <> 'answer'), 0)
		AND +try.at > a.last_sent_at AND try.source = 'answer' AND try.class = 'retry_backoff'
		AND (try.code = '' OR try.code LIKE '421%' OR try.code LIKE '4__ 4.3.%')) AS since
	FROM deliveries AS d WHERE d.account_id = a.id AND d.state = 'queued' AND d.attempts > 0) AS w`
