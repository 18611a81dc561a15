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
// something left, or since a person had it sent anew. No code is a server that was not
// reached or that we do not trust; 421 and 4.3 one that says it is out of order. Other
// answers may be about the recipient.
const stuckSince = `SELECT min(de.at) FROM deliveries AS d JOIN delivery_events AS de ON de.delivery_id = d.id
	WHERE d.account_id = a.id AND d.state = 'queued' AND d.attempts > 0 AND de.source = 'answer' AND de.class = 'retry_backoff' AND de.at > a.last_sent_at
	AND (de.code = '' OR de.code LIKE '421%' OR de.code LIKE '4__ 4.3.%')
	AND NOT EXISTS (SELECT 1 FROM delivery_events AS o WHERE o.delivery_id = d.id AND o.source <> 'answer' AND o.at >= de.at)`
