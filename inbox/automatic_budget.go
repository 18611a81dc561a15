package inbox

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"filodiretto/internal/clock"
	"filodiretto/internal/db"
)

// autoSend is one automatic message that was queued, for the budgets.
type autoSend struct {
	bun.BaseModel `bun:"table:auto_sends,alias:au"`

	ID        int64 `bun:",pk"`
	Address   string
	AccountID int64
	CaseID    int64
	At        clock.Instant
}

// budget is what was spent already of what mail rule 57 allows: to an address
// in an hour and a day, on a case in a day, in an hour from one account and
// from all together. One account may use half of the last at most, so that a
// storm in one mailbox does not silence the others.
type budget struct {
	set      Settings
	hour     map[string]int // by address
	day      map[string]int
	cases    map[int64]int
	accounts map[int64]int
	all      int
}

// budgetKey is an address as auto_sends has it.
func budgetKey(id *Identity) string { return id.Kind + ":" + id.Scope + ":" + id.Value }

// loadBudget counts what was sent to the addresses and on the cases of a batch.
// Two processes that count at the same moment may together exceed a budget by
// the size of a batch; the next one sees all.
func loadBudget(ctx context.Context, tx *db.Tx, set Settings, list []automatic) (*budget, error) {
	b := &budget{set: set, hour: map[string]int{}, day: map[string]int{}, cases: map[int64]int{}, accounts: map[int64]int{}}
	hour, day := tx.Now.Add(-time.Hour), tx.Now.Add(-24*time.Hour)
	var keys []string
	var cases []int64
	for i := range list {
		keys = append(keys, budgetKey(&list[i].To))
		if list[i].Case != nil {
			cases = append(cases, list[i].Case.ID)
		}
	}
	var byAddress []struct {
		Address string
		Day     int
		Hour    int
	}
	err := tx.NewRaw("SELECT address, COUNT(*) AS day, SUM(CASE WHEN at > ? THEN 1 ELSE 0 END) AS hour FROM auto_sends WHERE address IN (?) AND at > ? GROUP BY address",
		hour, bun.List(keys), day).Scan(ctx, &byAddress)
	if err != nil {
		return nil, err
	}
	for _, r := range byAddress {
		b.day[r.Address], b.hour[r.Address] = r.Day, r.Hour
	}
	type counted struct {
		ID int64
		N  int
	}
	var rows []counted
	if len(cases) > 0 {
		err := tx.NewRaw("SELECT case_id AS id, COUNT(*) AS n FROM auto_sends WHERE case_id IN (?) AND case_id > 0 AND at > ? GROUP BY case_id", bun.List(cases), day).Scan(ctx, &rows)
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			b.cases[r.ID] = r.N
		}
	}
	rows = nil
	if err := tx.NewRaw("SELECT account_id AS id, COUNT(*) AS n FROM auto_sends WHERE at > ? GROUP BY account_id", hour).Scan(ctx, &rows); err != nil {
		return nil, err
	}
	for _, r := range rows {
		b.accounts[r.ID] = r.N
		b.all += r.N
	}
	return b, nil
}

// over tells which budget has no room for the message, "" when all have. What
// somebody asks a bot for is no loop, so it has the room of a day in an hour.
func (b *budget) over(a *automatic, account int64) string {
	key := budgetKey(&a.To)
	hour, day := b.set.AutoPerHour, b.set.AutoPerDay
	if a.dialogue() {
		hour, day = b.set.AutoPerDay, 5*b.set.AutoPerDay
	}
	switch {
	case b.hour[key] >= hour:
		return "hour"
	case b.day[key] >= day:
		return "day"
	case a.Case != nil && b.cases[a.Case.ID] >= b.set.AutoPerCase:
		return "case"
	case b.accounts[account] >= min(b.set.AutoAccount, (b.set.AutoGlobal+1)/2):
		return "account"
	case b.all >= b.set.AutoGlobal:
		return "all"
	}
	return ""
}

func (b *budget) spend(a *automatic, account int64) {
	key := budgetKey(&a.To)
	b.hour[key]++
	b.day[key]++
	b.accounts[account]++
	b.all++
	if a.Case != nil {
		b.cases[a.Case.ID]++
	}
}
