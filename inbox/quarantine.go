package inbox

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/uptrace/bun"

	"filodiretto/channels"
	"filodiretto/internal/db"
)

// quarantineOf is the condition (alias q) of the items that the viewer may see:
// items are seen by the offices of their account; the front desk
// sees those of every front office.
func quarantineOf(v Viewer) (where string, args []any) {
	if v.System {
		return "1 = 1", nil
	}
	where = "1 = 0"
	if len(v.Offices) > 0 {
		where, args = db.In(v.Offices)
		where = "q.office_id IN (" + where + ")"
	}
	if v.FrontDesk {
		where += " OR q.office_id IN (SELECT id FROM offices WHERE NOT reserved AND level = 'front')"
	}
	return "(" + where + ")", args
}

// visibleQuarantine narrows a query over items (alias q) to what the viewer may see. What
// was let in is a message, and is seen by whom its case is seen: of one that came to a
// reserved office's case, or went there since, the item would tell what the case does not.
// What was rescued became a message by another original of the same bytes.
func visibleQuarantine(q *bun.SelectQuery, v Viewer) *bun.SelectQuery {
	where, args := quarantineOf(v)
	if v.System {
		return q.Where(where, args...)
	}
	may, offices := visible(v, "c")
	filed := "JOIN messages AS m ON m.id = cp.message_id JOIN cases AS c ON c.id = m.case_id"
	return q.Where(where, args...).
		Where(`(q.state IN ('waiting', 'rejected') OR NOT EXISTS (SELECT 1 FROM copies AS cp `+filed+` WHERE cp.raw_id = q.raw_id AND NOT (`+may+`)))`, offices...).
		Where(`(q.note <> '`+RescuedNote+`' OR NOT EXISTS (SELECT 1 FROM raws AS r JOIN raws AS o ON o.account_id = r.account_id AND o.sha256 = r.sha256
			JOIN copies AS cp ON cp.raw_id = o.id `+filed+` WHERE r.id = q.raw_id AND NOT (`+may+`)))`, offices...)
}

// QuarantineList are the waiting items, oldest first, from after the given id.
func (in *Inbox) QuarantineList(ctx context.Context, v Viewer, after int64, limit int) ([]*Quarantined, error) {
	var rows []*Quarantined
	q := in.db.Read.NewSelect().Model(&rows).Where("q.state = 'waiting' AND q.id > ?", after).OrderExpr("q.id").Limit(int64(max(1, min(limit, 200))))
	err := visibleQuarantine(q, v).Scan(ctx)
	return rows, err
}

// QuarantineView is an item with what could be read of it.
type QuarantineView struct {
	Quarantined
	Item  channels.Item // as the parser reads it today; zero when it cannot
	Size  int64
	LetIn LetIn
	// MayHold is whether its sender can be held with its rejection: not where the mail may
	// be forged, since the address is then somebody else's.
	MayHold bool
	// Together is how many were rejected by the act by which this was, with it; 0 for it alone.
	Together int
	Case     *Case // of what it became; nil where there is none, or none that the viewer may see
}

// Quarantine reads one item; the raw bytes are parsed again for it.
func (in *Inbox) Quarantine(ctx context.Context, v Viewer, id int64) (*QuarantineView, error) {
	q, raw, rd, err := in.openQuarantine(ctx, v, id)
	if err != nil {
		return nil, err
	}
	out := &QuarantineView{Quarantined: *q, Size: raw.Size}
	if rd != nil && q.Item < len(rd.items) {
		out.Item = rd.items[q.Item]
		out.MayHold = q.holdable(&out.Item).Value != ""
	}
	if out.Item.Kind == channels.Own {
		h, err := in.readHouse(ctx, in.db.Read)
		if err != nil {
			return nil, err
		}
		out.LetIn = h.letIn(&out.Item)
	}
	if out.Together, err = in.rejectedTogether(ctx, v, q); err != nil {
		return nil, err
	}
	if q.MessageID != 0 {
		m := new(Message)
		err := in.db.Read.NewSelect().Model(m).Column("id", "case_id").Where("m.id = ?", q.MessageID).Scan(ctx)
		if err == nil {
			out.Case, err = findCase(ctx, in.db, v, m.CaseID)
		}
		if err = notFound(err); err != nil && !errors.Is(err, ErrNotFound) {
			return nil, err
		}
	}
	return out, in.noteRead(ctx, v, "quarantine.read", 0, -q.ID, q.OfficeID)
}

func (in *Inbox) openQuarantine(ctx context.Context, v Viewer, id int64) (*Quarantined, *Raw, *reading, error) {
	q := new(Quarantined)
	if err := visibleQuarantine(in.db.Read.NewSelect().Model(q).Where("q.id = ?", id), v).Scan(ctx); err != nil {
		return nil, nil, nil, notFound(err)
	}
	raw := new(Raw)
	if err := in.db.Read.NewSelect().Model(raw).Where("r.id = ?", q.RawID).Scan(ctx); err != nil {
		return nil, nil, nil, notFound(err)
	}
	ch, _, ok := in.channels.Channel(q.AccountID)
	if !ok {
		return q, raw, nil, nil
	}
	rd, err := in.read(ctx, ch, raw)
	if errors.Is(err, ErrNotFound) { // it was erased
		return q, raw, nil, nil
	}
	return q, raw, rd, err
}

// Release files a quarantined item as if nothing had spoken against it; with
// attachTo it goes to that case. It returns the message's case; nil when it came to
// one that the viewer may not see, such as that of a reserved office.
func (in *Inbox) Release(ctx context.Context, v Viewer, id, attachTo int64, note string) (*Case, error) {
	q, _, rd, err := in.openQuarantine(ctx, v, id)
	if err != nil {
		return nil, err
	}
	if rd == nil || rd.fail != "" || q.Item >= len(rd.items) {
		return nil, &InvalidError{"quarantine", "unreadable"}
	}
	_, acc, ok := in.channels.Channel(q.AccountID)
	if !ok {
		return nil, &InvalidError{"account", "closed"}
	}
	if attachTo != 0 {
		c, err := findCase(ctx, in.db, v, attachTo)
		if err != nil {
			return nil, err
		}
		if err := mayWork(v, c); err != nil {
			return nil, err
		}
	}
	for _, it := range q.alone(rd) {
		it.Quarantine = ""
		if it == &rd.items[q.Item] && (it.Kind == channels.Report || it.Kind == channels.Ignorable) {
			it.Kind = channels.Message
		}
		if it.From.Value == "" {
			it.From = unknownSender(q.RawID, it.From.Display)
		}
	}
	rd.force, rd.by = true, v
	state := "released"
	if attachTo != 0 {
		rd.attach, state = attachTo, "attached"
	}
	var out *Case
	err = in.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := in.decideQuarantine(ctx, tx, v, q, state, note); err != nil {
			return err
		}
		if err := in.fileTx(ctx, tx, acc, []*reading{rd}); err != nil {
			return err
		}
		m, err := q.letIn(ctx, tx)
		if err != nil {
			return err
		}
		out, err = findCase(ctx, tx, v, m.CaseID)
		if errors.Is(err, ErrNotFound) {
			out, err = nil, nil
		}
		return err
	})
	return out, err
}

// Reject keeps an item out, with a reason; its bytes stay until retention ends.
func (in *Inbox) Reject(ctx context.Context, v Viewer, id int64, reason string) error {
	q := new(Quarantined)
	if err := visibleQuarantine(in.db.Read.NewSelect().Model(q).Where("q.id = ?", id), v).Scan(ctx); err != nil {
		return notFound(err)
	}
	return in.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error { return in.reject(ctx, tx, v, q, reason) })
}

func (in *Inbox) reject(ctx context.Context, tx *db.Tx, v Viewer, q *Quarantined, reason string) error {
	if reason = cut(clean(reason), mostReason); reason == "" {
		return &InvalidError{"reason", "required"}
	}
	if err := in.decideQuarantine(ctx, tx, v, q, "rejected", reason); err != nil {
		return err
	}
	if _, err := tx.NewRaw("UPDATE raws SET state = 'rejected' WHERE id = ? AND state = 'quarantined'", q.RawID).Exec(ctx); err != nil {
		return fmt.Errorf("reject an item: %w", err)
	}
	return nil
}

// ReadAgain tries a quarantined raw item with the parser of today; when nothing
// speaks against it any more it is filed as if it came now: a receipt or a report as
// such, and a sender whose mail waits for a person waits again, with that reason. It
// reports whether it was filed.
func (in *Inbox) ReadAgain(ctx context.Context, v Viewer, id int64) (bool, error) {
	q, _, rd, err := in.openQuarantine(ctx, v, id)
	if err != nil {
		return false, err
	}
	if rd == nil || rd.fail != "" || q.Item >= len(rd.items) {
		return false, nil
	}
	if q.Reason != "unparseable" && q.Reason != "not_filed" && q.Reason != "too_large" && q.Reason != "over_limit" && q.Reason != "no_sender" {
		return false, nil // what a person should decide is not decided by reading again
	}
	_, acc, ok := in.channels.Channel(q.AccountID)
	if !ok {
		return false, &InvalidError{"account", "closed"}
	}
	if !slices.ContainsFunc(q.alone(rd), func(it *channels.Item) bool { return it.Quarantine == "" }) {
		return false, nil
	}
	rd.again, rd.by = true, v
	held := 0
	err = in.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := in.decideQuarantine(ctx, tx, v, q, "released", "read_again"); err != nil {
			return err
		}
		if err := in.fileTx(ctx, tx, acc, []*reading{rd}); err != nil {
			return err
		}
		if err := tx.NewRaw("SELECT count(*) FROM quarantine WHERE raw_id = ? AND item = ? AND state = 'waiting'", q.RawID, q.Item).Scan(ctx, &held); err != nil || held > 0 {
			return err
		}
		if _, err := q.letIn(ctx, tx); err != nil && !errors.Is(err, ErrNotFound) { // a receipt becomes no message
			return err
		}
		return nil
	})
	return err == nil && held == 0, err
}

// alone leaves of a reading the item that waited, and gives it: what became of the
// others was decided when they came. An original that could not be read or filed
// waits as a whole, so that all its items count.
func (q *Quarantined) alone(rd *reading) (items []*channels.Item) {
	whole := q.Reason == "unparseable" || q.Reason == "not_filed"
	for i := range rd.items {
		it := &rd.items[i]
		if i == q.Item || whole {
			items = append(items, it)
		} else {
			it.Kind, it.Quarantine = channels.Ignorable, ""
		}
	}
	return items
}

// unknownSender stands for whoever wrote an original that names nobody.
func unknownSender(rawID int64, display string) channels.Address {
	return channels.Address{Kind: Nobody, Value: fmt.Sprintf("raw-%d", rawID), Display: display}
}

func (in *Inbox) decideQuarantine(ctx context.Context, tx *db.Tx, v Viewer, q *Quarantined, state, note string) error {
	res, err := tx.NewRaw("UPDATE quarantine SET state = ?, decided_by = ?, decided_at = ?, note = ? WHERE id = ? AND state = 'waiting'",
		state, v.OperatorID, tx.Now, note, q.ID).Exec(ctx)
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return ErrChanged
	}
	e := v.event(NewEvent(tx, in.clock, "quarantine."+state, map[string]any{"quarantine": q.ID, "raw": q.RawID, "reason": q.Reason}))
	e.OfficeID = q.OfficeID
	return AppendEvents(ctx, tx, e)
}
