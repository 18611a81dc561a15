package inbox

import (
	"context"
	"encoding/json"
	"fmt"

	"filodiretto/internal/clock"
	"filodiretto/internal/db"
	"filodiretto/internal/live"
)

// Accounts are all accounts, by name, without their secrets and without how they fare
// (AccountsFaring).
func (in *Inbox) Accounts(ctx context.Context) ([]Account, error) {
	return in.accounts(ctx, "", "")
}

// Account reads one account, without its secrets and without how it fares
// (AccountFaring). ErrNotFound says that there is none.
func (in *Inbox) Account(ctx context.Context, id int64) (*Account, error) {
	return oneAccount(in.accounts(ctx, "", "WHERE a.id = ?", id))
}

// AccountsFaring are the same accounts with what waits at them, what does not leave and
// what is not accepted. It asks the deliveries, so only who tells it asks for it. How
// they fare is no secret of any office: who waits for an answer may know that a mailbox
// is down.
func (in *Inbox) AccountsFaring(ctx context.Context) ([]Account, error) {
	return in.accounts(ctx, faring, "", in.clock.Now().Add(-alarmRest))
}

// AccountFaring is the same for one account. ErrNotFound says that there is none.
func (in *Inbox) AccountFaring(ctx context.Context, id int64) (*Account, error) {
	return oneAccount(in.accounts(ctx, faring, "WHERE a.id = ?", in.clock.Now().Add(-alarmRest), id))
}

// faring are the columns of how an account (a) fares; the argument is that of
// refusedSince.
const faring = `,
	COALESCE((SELECT r.accepted_at FROM raws AS r WHERE r.account_id = a.id AND r.state = 'pending' ORDER BY r.id LIMIT 1), 0) AS waits_from,
	COALESCE((` + refusedSince + `), 0) AS refused_from, COALESCE((` + stuckSince + `), 0) AS stuck_from,
	(SELECT count(DISTINCT d.message_id)` + unaccepted + `) AS unaccepted, COALESCE((SELECT min(d.begun_at)` + unaccepted + `), 0) AS unaccepted_from`

// accounts are those for which a condition holds, with more columns, by name.
func (in *Inbox) accounts(ctx context.Context, more, where string, args ...any) ([]Account, error) {
	var out []Account
	if err := in.db.Ask(ctx, "SELECT "+db.Columns[Account](in.db, "a", "secrets")+more+" FROM accounts AS a "+where+" ORDER BY a.name, a.id", args, &out); err != nil {
		return nil, fmt.Errorf("read the accounts: %w", err)
	}
	return out, nil
}

func oneAccount(list []Account, err error) (*Account, error) {
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, ErrNotFound
	}
	return &list[0], nil
}

// AccountWork is what waits at an account, in figures.
type AccountWork struct {
	Pending  int           // raw items not read yet
	Oldest   clock.Instant // since when the oldest of them waits
	Outgoing int           // deliveries that wait
	Failed   int           // deliveries that failed since an instant
}

// AccountsWork tells by account what waits, and what failed since an instant.
func (in *Inbox) AccountsWork(ctx context.Context, since clock.Instant) (map[int64]AccountWork, error) {
	var rows []struct {
		AccountID int64
		What      string
		N         int
		Oldest    clock.Instant
	}
	err := in.db.Read.NewRaw(`SELECT account_id, 'pending' AS what, count(*) AS n, min(accepted_at) AS oldest FROM raws WHERE state = 'pending' GROUP BY account_id
		UNION ALL SELECT account_id, 'outgoing', count(*), 0 FROM deliveries WHERE state = 'queued' GROUP BY account_id
		UNION ALL SELECT d.account_id, 'failed', count(DISTINCT d.id), 0 FROM delivery_events AS de JOIN deliveries AS d ON d.id = de.delivery_id
			WHERE de.id >= ? AND de.state IN ('failed','blocked','expired') GROUP BY d.account_id`, db.FirstID(since)).Scan(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("what waits at the accounts: %w", err)
	}
	out := map[int64]AccountWork{}
	for _, r := range rows {
		w := out[r.AccountID]
		switch r.What {
		case "pending":
			w.Pending, w.Oldest = r.N, r.Oldest
		case "outgoing":
			w.Outgoing = r.N
		default:
			w.Failed = r.N
		}
		out[r.AccountID] = w
	}
	return out, nil
}

// AccountWarning is something odd that did not stop an account.
type AccountWarning struct {
	AccountID int64
	Code      string
	Text      string
	At        clock.Instant
}

// AccountWarnings are the newest warnings since an instant, newest first, one of
// each code and account.
func (in *Inbox) AccountWarnings(ctx context.Context, since clock.Instant) ([]AccountWarning, error) {
	var rows []struct {
		Kind string
		At   clock.Instant
		Data string
	}
	err := in.db.Read.NewRaw("SELECT kind, at, data FROM events WHERE kind IN ('account.warning','account.trouble') AND id >= ? AND at >= ? ORDER BY id DESC LIMIT 200", db.FirstID(since), since).Scan(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("warnings of the accounts: %w", err)
	}
	var out []AccountWarning
	type seen struct {
		id   int64
		code string
	}
	told := map[seen]bool{}
	for _, r := range rows {
		if r.Kind != "account.warning" {
			continue
		}
		var d struct {
			Account    int64
			Code, Text string
		}
		if json.Unmarshal([]byte(r.Data), &d) != nil || told[seen{d.Account, d.Code}] {
			continue
		}
		told[seen{d.Account, d.Code}] = true
		out = append(out, AccountWarning{AccountID: d.Account, Code: d.Code, Text: d.Text, At: r.At})
	}
	return out, nil
}

// publishAccount tells open pages that an account changed its state.
func (in *Inbox) publishAccount(id int64) {
	in.hub.Publish(live.Event{Topic: "account", ID: id, Kind: "changed"})
}
