package inbox

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"filodiretto/internal/clock"
	"filodiretto/internal/db"
)

// overBudget is the reason of what came faster than people write (mail rule 58).
const overBudget = "over_budget"

// Storm is one sender who writes faster than people do, with what waits of theirs:
// one alarm for one cause, with a count (mail rules 58 and 90).
type Storm struct {
	AccountID int64
	OfficeID  int64
	Sender    string // as shown in the newest of its messages
	Address   string
	Count     int
	Since     clock.Instant // when the first was held
	Last      clock.Instant
}

// stormRows are more than one storm fills between two looks.
const stormRows = 20_000

// Storms are the senders whose mails wait because there were too many, those with
// the most first.
func (in *Inbox) Storms(ctx context.Context, v Viewer) ([]Storm, error) {
	var rows []struct {
		AccountID, OfficeID int64
		Sender              string
		N                   int
		Since, Last         clock.Instant
	}
	q := in.db.Read.NewSelect().TableExpr("quarantine AS q").ColumnExpr("q.account_id, q.office_id, q.sender, count(*) AS n, min(q.at) AS since, max(q.at) AS last").
		Where("q.state = 'waiting' AND q.reason = ?", overBudget).GroupExpr("q.account_id, q.office_id, q.sender").Limit(stormRows)
	if err := visibleQuarantine(q, v).Scan(ctx, &rows); err != nil {
		return nil, fmt.Errorf("storms: %w", err)
	}
	var out []Storm
	for _, r := range rows {
		a := addressShown(r.Sender)
		i := slices.IndexFunc(out, func(s Storm) bool { return s.AccountID == r.AccountID && s.Address == a })
		if i < 0 {
			out = append(out, Storm{AccountID: r.AccountID, OfficeID: r.OfficeID, Sender: r.Sender, Address: a, Since: r.Since})
			i = len(out) - 1
		}
		s := &out[i]
		s.Count += r.N
		s.Since = min(s.Since, r.Since)
		if r.Last > s.Last {
			s.Last, s.Sender = r.Last, r.Sender
		}
	}
	slices.SortStableFunc(out, func(a, b Storm) int { return b.Count - a.Count })
	return out, nil
}

// addressShown is the address in what shownAddress writes.
func addressShown(s string) string {
	if i := strings.LastIndexByte(s, '<'); i >= 0 {
		return strings.TrimSuffix(s[i+1:], ">")
	}
	return s
}

// RejectStorm keeps out all that waits of one sender because there was too much of
// it, with a reason, and reports how many that were, and one of them, by which
// WaitAgain brings all back. Their bytes stay until retention ends. *InvalidError on
// "reason".
func (in *Inbox) RejectStorm(ctx context.Context, v Viewer, accountID int64, address, reason string) (n int, one int64, err error) {
	if reason = cut(clean(reason), mostReason); reason == "" {
		return 0, 0, &InvalidError{"reason", "required"}
	}
	err = in.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		n = 0
		var rows []*Quarantined
		q := tx.NewSelect().Model(&rows).Column("id", "raw_id", "office_id", "sender").
			Where("q.state = 'waiting' AND q.reason = ? AND q.account_id = ?", overBudget, accountID).OrderExpr("q.id").Limit(stormRows)
		if err := visibleQuarantine(q, v).Scan(ctx); err != nil {
			return fmt.Errorf("reject a storm: %w", err)
		}
		rows = slices.DeleteFunc(rows, func(q *Quarantined) bool { return addressShown(q.Sender) != address })
		err := eachPart(rows, func(ids, raws []int64) error {
			_, err := tx.NewRaw("UPDATE quarantine SET state = 'rejected', decided_by = ?, decided_at = ?, note = ? WHERE id IN (?) AND state = 'waiting'", v.OperatorID, tx.Now, reason, bun.List(ids)).Exec(ctx)
			if err == nil {
				_, err = tx.NewRaw("UPDATE raws SET state = 'rejected' WHERE id IN (?) AND state = 'quarantined'", bun.List(raws)).Exec(ctx)
			}
			return err
		})
		if err != nil {
			return fmt.Errorf("reject a storm: %w", err)
		}
		if n = len(rows); n == 0 {
			return ErrChanged
		}
		one = rows[0].ID
		e := v.event(NewEvent(tx, in.clock, "quarantine.rejected", map[string]any{"reason": overBudget, "count": n, "account": accountID}))
		e.OfficeID = rows[0].OfficeID
		return AppendEvents(ctx, tx, e)
	})
	return n, one, err
}

// eachPart goes through many items by parts, with their ids and those of their originals.
func eachPart(rows []*Quarantined, do func(ids, raws []int64) error) error {
	for part := range slices.Chunk(rows, 500) {
		var ids, raws []int64
		for _, q := range part {
			ids, raws = append(ids, q.ID), append(raws, q.RawID)
		}
		if err := do(ids, raws); err != nil {
			return err
		}
	}
	return nil
}
