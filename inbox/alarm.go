package inbox

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"filodiretto/channels"
	"filodiretto/channels/mail"
	"filodiretto/internal/clock"
	"filodiretto/internal/db"
)

// Why whoever keeps the system running is told of an account outside of it (mail
// rules 13, 16 and 90).
const (
	AlarmRefused  = "refused"  // the login is refused, or the provider stopped us: a person must act
	AlarmDown     = "down"     // it has not worked for longer than a breakdown usually takes
	AlarmSending  = "sending"  // what is to leave does not: the server for sending has been away for as long
	AlarmWaiting  = "waiting"  // what came is not read
	AlarmAbsent   = "absent"   // the last comparison found messages that are not here
	AlarmReceipts = "receipts" // certified mails get no acceptance (Account.Unaccepted)
	AlarmPassword = "password" // the password is about to end, or has ended
)

const (
	alarmDownAfter = time.Hour
	alarmWaitAfter = 15 * time.Minute
	// alarmRest is for how long a cause must be over before it is told anew: what
	// comes and goes is one alarm.
	alarmRest = 6 * time.Hour
)

// Alarm is one cause of one account.
type Alarm struct {
	bun.BaseModel `bun:"table:alarms,alias:al"`

	AccountID int64  `bun:",pk"`
	Cause     string `bun:",pk"`
	BegunAt   clock.Instant
	ToldAt    clock.Instant // 0: not yet
	EndedAt   clock.Instant // 0: it lasts

	Account *Account `bun:"-"` // as it is now
}

// SweepAlarms looks what is wrong with the accounts and has it told: each cause once
// while it lasts. tell gets what is new, and an id for the message; when it fails it is
// asked again at the next sweep. It returns how many causes were told. Call it every
// minute, by one process.
func (in *Inbox) SweepAlarms(ctx context.Context, tell func(ctx context.Context, id string, news []Alarm) error) (int, error) {
	accounts, err := in.AccountsFaring(ctx)
	if err != nil {
		return 0, err
	}
	causes, err := in.alarmCauses(ctx, accounts)
	if err != nil {
		return 0, err
	}
	news, err := in.keepAlarms(ctx, causes)
	if err != nil || len(news) == 0 {
		return 0, err
	}
	if err := tell(ctx, in.sign.MessageID(db.NewID(in.clock)), news); err != nil {
		return 0, fmt.Errorf("tell what is wrong: %w", err)
	}
	return len(news), in.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		for _, a := range news {
			if _, err := tx.NewRaw("UPDATE alarms SET told_at = ? WHERE account_id = ? AND cause = ?", tx.Now, a.AccountID, a.Cause).Exec(ctx); err != nil {
				return err
			}
		}
		return nil
	})
}

// alarmKey is a cause of an account.
type alarmKey struct {
	account int64
	cause   string
}

// alarmCauses is what is wrong now with the accounts that should work.
func (in *Inbox) alarmCauses(ctx context.Context, accounts []Account) (map[alarmKey]Alarm, error) {
	now := in.clock.Now()
	compared, err := in.ReconcileLast(ctx)
	if err != nil {
		return nil, err
	}
	out := map[alarmKey]Alarm{}
	for i := range accounts {
		a := &accounts[i]
		if !a.Enabled || a.StoppedAt > 0 {
			continue
		}
		set := func(cause string, since clock.Instant) {
			out[alarmKey{a.ID, cause}] = Alarm{AccountID: a.ID, Cause: cause, BegunAt: cmp.Or(since, now), Account: a}
		}
		policy := a.ErrorClass == string(channels.PolicyBlocked)
		switch {
		case a.ErrorClass == string(channels.AuthBroken), policy && a.LastSentAt < a.ErrorAt:
			set(AlarmRefused, a.ErrorAt)
		case a.RefusedFrom > 0: // the next good look took the error away
			set(AlarmRefused, a.RefusedFrom)
		case a.ErrorClass != "" && !policy && now.Sub(a.ErrorAt) >= alarmDownAfter:
			set(AlarmDown, a.ErrorAt)
		}
		if a.StuckFrom > 0 && now.Sub(a.StuckFrom) >= alarmDownAfter {
			set(AlarmSending, a.StuckFrom)
		}
		if a.WaitsFrom > 0 && a.WaitsFrom < now.Add(-alarmWaitAfter) {
			set(AlarmWaiting, a.WaitsFrom)
		}
		if run, ran := compared[a.ID]; ran && run.Absent() > 0 {
			set(AlarmAbsent, run.EndedAt)
		}
		if none, err := in.acceptsNone(ctx, a); err != nil {
			return nil, err
		} else if none {
			set(AlarmReceipts, a.UnacceptedFrom)
		}
		if _, near := PasswordEnds(a, now); near {
			set(AlarmPassword, 0)
		}
	}
	return out, nil
}

// PasswordEnds is the day on which an account's password ends, as an administrator
// wrote it, and whether that is near or over.
func PasswordEnds(a *Account, now clock.Instant) (day clock.Instant, near bool) {
	var settings map[string]string
	if json.Unmarshal([]byte(cmp.Or(a.Settings, "{}")), &settings) != nil {
		return 0, false
	}
	return mail.PasswordEnds(settings, now)
}

// keepAlarms brings the table up to what is wrong now, and gives what is to be told.
func (in *Inbox) keepAlarms(ctx context.Context, causes map[alarmKey]Alarm) (news []Alarm, err error) {
	err = in.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		news = news[:0]
		left := maps.Clone(causes) // PostgreSQL may have this run again
		var kept []Alarm
		if err := tx.NewSelect().Model(&kept).Scan(ctx); err != nil {
			return err
		}
		for _, k := range kept {
			key := alarmKey{k.AccountID, k.Cause}
			current, lasts := left[key]
			delete(left, key)
			k.Account = current.Account
			if err := k.follow(ctx, tx, current, lasts); err != nil {
				return err
			}
			if lasts && k.ToldAt == 0 {
				news = append(news, k)
			}
		}
		for _, a := range left {
			if _, err := tx.NewInsert().Model(&a).Exec(ctx); err != nil {
				return err
			}
			news = append(news, a)
		}
		return nil
	})
	slices.SortFunc(news, func(a, b Alarm) int {
		return cmp.Or(cmp.Compare(a.Account.Name, b.Account.Name), cmp.Compare(a.AccountID, b.AccountID), cmp.Compare(a.Cause, b.Cause))
	})
	if err != nil {
		return nil, fmt.Errorf("keep what is wrong with the accounts: %w", err)
	}
	return news, nil
}

// follow writes what became of a cause that was known; current is how it is now, where
// it lasts.
func (a *Alarm) follow(ctx context.Context, tx *db.Tx, current Alarm, lasts bool) error {
	const of = " WHERE account_id = ? AND cause = ?"
	var q string
	var args []any
	switch {
	case lasts && a.EndedAt > 0 && tx.Now.Sub(a.EndedAt) >= alarmRest: // again, after a while
		a.BegunAt, a.ToldAt, a.EndedAt = current.BegunAt, 0, 0
		q, args = "UPDATE alarms SET begun_at = ?, told_at = 0, ended_at = 0"+of, []any{a.BegunAt}
	case lasts && a.EndedAt > 0:
		q = "UPDATE alarms SET ended_at = 0" + of
	case lasts, a.EndedAt > 0 && tx.Now.Sub(a.EndedAt) < alarmRest:
		return nil
	case a.ToldAt == 0, a.EndedAt > 0: // over before anybody was told, or long over
		q = "DELETE FROM alarms" + of
	default:
		q, args = "UPDATE alarms SET ended_at = ?"+of, []any{tx.Now}
	}
	_, err := tx.NewRaw(q, append(args, a.AccountID, a.Cause)...).Exec(ctx)
	return err
}
