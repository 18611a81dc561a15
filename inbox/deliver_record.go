package inbox

import (
	"context"
	"fmt"
	"strings"

	"github.com/uptrace/bun"

	"filodiretto/channels"
	"filodiretto/internal/clock"
	"filodiretto/internal/db"
	"filodiretto/internal/live"
)

// deliveryChange is what an outcome writes into its delivery.
type deliveryChange struct {
	bun.BaseModel `bun:"table:deliveries,alias:_data"`

	DeliveryID  int64
	State       State
	NextAt      clock.Instant
	BegunAt     clock.Instant
	Attempts    int
	Class       string
	Code        string
	Text        string
	ProviderIDs string `bun:"provider_ids"`
}

// record writes outcomes and all that follows from them, within a transaction.
// Only what is still the holder's is changed: a lease that ran out was taken
// over by others. One exception is a delivery that was declared Unknown in the
// meantime; now it is known what became of it.
func (in *Inbox) record(ctx context.Context, tx *db.Tx, accountID int64, holder string, list []outcome) error {
	if len(list) == 0 {
		return nil
	}
	doubted, err := in.doubted(ctx, tx, list)
	if err != nil {
		return fmt.Errorf("record: %w", err)
	}
	mine, err := in.changeDeliveries(ctx, tx, holder, list)
	if err != nil {
		return fmt.Errorf("record: %w", err)
	}
	var rows []*DeliveryEvent
	var events []Event
	for i := range list {
		o := &list[i]
		switch {
		case !mine[o.job.d.ID] && !o.untried:
			in.log.Warn("an outcome came after its lease was taken over", "delivery", o.job.d.ID, "state", o.state)
			rows = append(rows, in.deliveryEvent(tx, o, "late"))
		case !mine[o.job.d.ID] || o.untried:
		default:
			rows = append(rows, in.deliveryEvent(tx, o, o.source))
			if e, ok := in.progress(tx, o); ok {
				events = append(events, e)
			}
		}
	}
	if err := insertAll(ctx, tx, rows); err != nil {
		return fmt.Errorf("record: %w", err)
	}
	if err := insertAll(ctx, tx, events); err != nil {
		return fmt.Errorf("record: %w", err)
	}
	for i := range list {
		if o := &list[i]; mine[o.job.d.ID] && !o.untried {
			if err := in.consequences(ctx, tx, o, doubted[o.job.d.ID]); err != nil {
				return fmt.Errorf("record: %w", err)
			}
		}
	}
	in.tellDeliveries(tx, list)
	return in.recordAccount(ctx, tx, accountID, list)
}

// doubted finds those that were declared Unknown while their channel was still
// at it, which happens to a process that stood still for longer than a lease.
func (in *Inbox) doubted(ctx context.Context, tx *db.Tx, list []outcome) (map[int64]bool, error) {
	ids := make([]int64, len(list))
	for i := range list {
		ids[i] = list[i].job.d.ID
	}
	var out []int64
	err := tx.NewRaw("SELECT id FROM deliveries WHERE id IN (?) AND state = 'unknown'", bun.List(ids)).Scan(ctx, &out)
	return set(out), err
}

// changeDeliveries writes all outcomes with one statement and returns whose
// delivery was still the holder's.
func (in *Inbox) changeDeliveries(ctx context.Context, tx *db.Tx, holder string, list []outcome) (map[int64]bool, error) {
	rows := make([]deliveryChange, len(list))
	for i := range list {
		o := &list[i]
		rows[i] = deliveryChange{
			DeliveryID: o.job.d.ID, State: o.state, NextAt: o.nextAt, Attempts: o.job.d.Attempts, Class: string(o.class), Code: o.code, Text: o.text,
			ProviderIDs: strings.Join(o.ids, " "),
		}
		if o.state != Queued {
			rows[i].NextAt, rows[i].BegunAt = o.job.d.NextAt, tx.Now
		}
		if o.untried {
			if o.job.d.BegunAt > 0 {
				rows[i].Attempts-- // it was counted and then not made
			}
			rows[i].Class, rows[i].Code, rows[i].Text = o.job.d.Class, o.job.d.Code, o.job.d.Text
		}
	}
	var mine []int64
	err := tx.NewUpdate().With("_data", tx.NewValues(&rows)).Model((*Delivery)(nil)).TableExpr("_data").
		Set("state = _data.state, next_at = _data.next_at, begun_at = _data.begun_at, attempts = _data.attempts, class = _data.class, code = _data.code, text = _data.text").
		Set("provider_ids = _data.provider_ids, lease_until = 0, updated_at = ?", tx.Now).
		Set("holder = CASE WHEN _data.state = 'unknown' THEN d.holder ELSE '' END").
		Where("d.id = _data.delivery_id AND d.holder = ? AND d.state IN ('sending', 'unknown')", holder).
		Returning("id").Scan(ctx, &mine)
	return set(mine), err
}

func (in *Inbox) deliveryEvent(tx *db.Tx, o *outcome, source string) *DeliveryEvent {
	text := o.text
	if len(o.notes) > 0 {
		text = strings.TrimSpace(text + " [" + strings.Join(o.notes, " ") + "]")
	}
	return &DeliveryEvent{
		ID: db.NewID(in.clock), DeliveryID: o.job.d.ID, At: tx.Now, State: o.state, Source: source,
		Class: string(o.class), Code: o.code, Text: text,
	}
}

// progress is the event of an outcome that ends a delivery well, or quietly.
// Failures have their own, with what they do to the case.
func (in *Inbox) progress(tx *db.Tx, o *outcome) (Event, bool) {
	if o.state.rank() == 0 && o.state != Cancelled && o.state != Suppressed {
		return Event{}, false
	}
	e := NewEvent(tx, in.clock, "delivery."+string(o.state), map[string]any{"delivery": o.job.d.ID, "code": o.code})
	e.place(o.job)
	return e, true
}

func (e *Event) place(j *job) {
	e.MessageID, e.CaseID = j.d.MessageID, j.d.CaseID
	if j.m != nil {
		e.CitizenID = j.m.CitizenID
	}
	if j.c != nil {
		e.OfficeID = j.c.OfficeID
	}
}

// consequences are what an outcome does beyond its own row.
func (in *Inbox) consequences(ctx context.Context, tx *db.Tx, o *outcome, doubted bool) error {
	d := o.job.d
	if len(o.ids) > 0 && !isAddress(d.Kind) {
		_, err := tx.NewRaw("UPDATE messages SET external_id = ? WHERE id = ? AND external_id = ''", o.ids[0], d.MessageID).Exec(ctx)
		if err != nil {
			return err
		}
	}
	if o.movedTo != "" {
		if err := moveThread(ctx, tx, d, o.movedTo); err != nil {
			return err
		}
	}
	if o.holdOthers && o.state == Queued {
		_, err := tx.NewRaw(`UPDATE deliveries SET next_at = ? WHERE account_id = ? AND state = 'queued' AND next_at < ? AND kind = ? AND scope = ? AND address = ?`,
			o.nextAt, d.AccountID, o.nextAt, d.Kind, d.Scope, d.Address).Exec(ctx)
		if err != nil {
			return err
		}
	}
	if o.identity != "" && d.IdentityID > 0 {
		if err := in.markIdentity(ctx, tx, d, o); err != nil {
			return err
		}
	}
	switch {
	case o.state.lost() || o.state == Unknown:
		return in.tellFailure(ctx, tx, failure{delivery: d, state: o.state, class: o.class, code: o.code})
	case d.WarnedAt > 0 && o.state != Queued, doubted:
		return in.refreshFlags(ctx, tx, d.CaseID)
	}
	return nil
}

// moveThread follows a chat that the platform gave a new name.
func moveThread(ctx context.Context, tx *db.Tx, d *Delivery, to string) error {
	if _, err := tx.NewRaw("UPDATE messages SET thread_key = ? WHERE id = ?", to, d.MessageID).Exec(ctx); err != nil {
		return err
	}
	_, err := tx.NewRaw("UPDATE cases SET thread_key = ? WHERE id = ? AND account_id = ?", to, d.CaseID, d.AccountID).Exec(ctx)
	return err
}

// recordAccount notes what the outcomes say about the whole account.
func (in *Inbox) recordAccount(ctx context.Context, tx *db.Tx, accountID int64, list []outcome) error {
	var pause clock.Instant
	var alarm *outcome
	sent := false
	for i := range list {
		o := &list[i]
		sent = sent || o.state.rank() > 0
		pause = max(pause, o.pauseUntil)
		if o.alarm {
			alarm = o
		}
	}
	if sent {
		if _, err := tx.NewRaw("UPDATE accounts SET last_sent_at = ? WHERE id = ?", tx.Now, accountID).Exec(ctx); err != nil {
			return err
		}
	}
	if pause > 0 {
		if _, err := tx.NewRaw("UPDATE accounts SET paused_until = ? WHERE id = ? AND paused_until < ?", pause, accountID, pause).Exec(ctx); err != nil {
			return err
		}
	}
	if alarm != nil {
		return in.accountAlarm(ctx, tx, accountID, alarm.class, alarm.code, alarm.text)
	}
	return nil
}

// accountAlarm shows the administrator what is wrong with an account. The event
// is appended once for each cause.
func (in *Inbox) accountAlarm(ctx context.Context, tx *db.Tx, accountID int64, class channels.Class, code, text string) error {
	a := new(Account)
	if err := tx.NewSelect().Model(a).Where("a.id = ?", accountID).Scan(ctx); err != nil {
		return notFound(err)
	}
	if code != "" {
		text = code + ": " + text
	}
	_, err := tx.NewRaw("UPDATE accounts SET error_class = ?, error_text = ?, error_at = CASE WHEN error_at = 0 THEN ? ELSE error_at END WHERE id = ?",
		string(class), text, tx.Now, accountID).Exec(ctx)
	if err != nil || a.ErrorClass == string(class) {
		return err
	}
	e := NewEvent(tx, in.clock, "account.trouble", map[string]any{"account": a.Key, "class": class, "code": code})
	e.OfficeID = a.OfficeID
	return AppendEvents(ctx, tx, e)
}

// tellDeliveries lets open pages show the new ticks once all is committed.
func (in *Inbox) tellDeliveries(tx *db.Tx, list []outcome) {
	seen := map[int64]bool{}
	for i := range list {
		j := list[i].job
		if j.c == nil || seen[j.c.ID] || list[i].untried {
			continue
		}
		seen[j.c.ID] = true
		in.tellCase(tx, j.c.ID, j.c.OfficeID, "delivery")
	}
}

// tellCase tells open pages that something of a case changed.
func (in *Inbox) tellCase(tx *db.Tx, id, office int64, kind string) {
	tx.After(func() { in.hub.Publish(live.Event{Topic: "case", ID: id, Office: office, Kind: kind}) })
}
