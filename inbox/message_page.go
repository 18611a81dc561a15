package inbox

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"filodiretto/internal/clock"
)

// CaseMessages are messages of a case that the viewer may see, and of the cases
// that were put into it, newest first, with parts and deliveries. cursor is empty
// for the first page; next is empty after the last. InvalidError on "cursor".
func (in *Inbox) CaseMessages(ctx context.Context, v Viewer, c *Case, cursor string, limit int) (list []Entry, next string, err error) {
	limit = max(1, min(limit, timelineMax))
	if _, err := findCase(ctx, in.db, v, c.ID); err != nil {
		return nil, "", err
	}
	var messages []*Message
	q := in.db.Read.NewSelect().Model(&messages).Where("m.case_id IN "+family, c.ID).OrderExpr("m.at DESC, m.id DESC").Limit(int64(limit) + 1)
	if cursor != "" {
		at, id, ok := decodeCursor(cursor)
		if !ok {
			return nil, "", &InvalidError{"cursor", "unreadable"}
		}
		q = q.Where("(m.at, m.id) < (?, ?)", at, id)
	}
	if err := q.Scan(ctx); err != nil {
		return nil, "", fmt.Errorf("messages of a case: %w", err)
	}
	if len(messages) > limit {
		messages = messages[:limit]
		last := messages[limit-1]
		next = encodeCursor(last.At, last.ID)
	}
	if err := in.beside(ctx, v, messages); err != nil {
		return nil, "", err
	}
	if list, err = in.withParts(ctx, messages); err != nil {
		return nil, "", fmt.Errorf("messages of a case: %w", err)
	}
	return list, next, in.noteRead(ctx, v, "case.read", c.CitizenID, c.ID, c.OfficeID)
}

func (in *Inbox) withParts(ctx context.Context, messages []*Message) ([]Entry, error) {
	list := make([]Entry, len(messages))
	at := make(map[int64]*Entry, len(messages))
	var ids []int64
	for i, m := range messages {
		list[i] = Entry{Message: m, TakenBack: m.Notes == "taken_back" && m.ErasedAt > clock.Instant(0)}
		at[m.ID] = &list[i]
		ids = append(ids, m.ID)
	}
	if len(ids) == 0 {
		return list, nil
	}
	var parts []*Part
	if err := in.db.Read.NewSelect().Model(&parts).ExcludeColumn("data").Where("p.message_id IN (?) AND p.former = 0", bun.List(ids)).OrderExpr("p.message_id, p.ord").Scan(ctx); err != nil {
		return nil, err
	}
	for _, p := range parts {
		at[p.MessageID].Parts = append(at[p.MessageID].Parts, p)
	}
	var ds []*Delivery
	if err := in.db.Read.NewSelect().Model(&ds).Where("d.message_id IN (?)", bun.List(ids)).OrderExpr("d.id").Scan(ctx); err != nil {
		return nil, err
	}
	for _, d := range ds {
		at[d.MessageID].Deliveries = append(at[d.MessageID].Deliveries, d)
	}
	return list, nil
}

// MessageDeliveries are the ways of a message, which the viewer was given by
// Message, to its recipients.
func (in *Inbox) MessageDeliveries(ctx context.Context, v Viewer, m *Message) ([]*Delivery, error) {
	if m.Direction != Out {
		return nil, nil
	}
	if _, err := in.Message(ctx, v, m.ID); err != nil {
		return nil, err
	}
	var ds []*Delivery
	err := in.db.Read.NewSelect().Model(&ds).Where("d.message_id = ?", m.ID).OrderExpr("d.id").Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("deliveries of a message: %w", err)
	}
	return ds, nil
}

// DeliveryOf reports whether a delivery is of a case that the viewer may see, or
// of one that was put into it.
func (in *Inbox) DeliveryOf(ctx context.Context, v Viewer, c *Case, id int64) (bool, error) {
	if _, err := findCase(ctx, in.db, v, c.ID); err != nil {
		return false, err
	}
	n, err := in.db.Read.NewSelect().Table("deliveries").Where("id = ? AND case_id IN "+family, id, c.ID).Count(ctx)
	if err != nil {
		return false, fmt.Errorf("find a delivery: %w", err)
	}
	return n > 0, nil
}
