package inbox

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"filodiretto/internal/db"
)

// receiptsOf reads the receipts of messages, in the order in which the provider
// wrote them, each with the leaving that it is about.
func (in *Inbox) receiptsOf(ctx context.Context, messages []int64) (map[int64][]*CertifiedReceipt, error) {
	if len(messages) == 0 {
		return nil, nil
	}
	var rows []*CertifiedReceipt
	of, args := db.In(messages)
	err := in.db.Ask(ctx, "SELECT rc.* FROM receipts AS rc WHERE rc.message_id IN ("+of+") ORDER BY rc.legal_at, rc.id", args, &rows)
	out := map[int64][]*CertifiedReceipt{}
	for _, r := range rows {
		out[r.MessageID] = append(out[r.MessageID], r)
	}
	for _, list := range out {
		in.tellSendings(list)
	}
	return out, err
}

// ReceiptsOf reads the receipts of those of the messages that went out as certified
// mail, by message. Whoever asks has read the messages with the viewer's rights.
func (in *Inbox) ReceiptsOf(ctx context.Context, messages ...*Message) (map[int64][]*CertifiedReceipt, error) {
	var ids []int64
	for _, m := range messages {
		if m.Direction == Out && m.Channel == "pec" {
			ids = append(ids, m.ID)
		}
	}
	out, err := in.receiptsOf(ctx, ids)
	if err != nil {
		return nil, fmt.Errorf("receipts of messages: %w", err)
	}
	return out, nil
}

// MessageReceipts are the receipts of a message that the viewer may see, in the
// order in which the provider wrote them.
func (in *Inbox) MessageReceipts(ctx context.Context, v Viewer, messageID int64) ([]*CertifiedReceipt, error) {
	m, err := in.Message(ctx, v, messageID)
	if err != nil {
		return nil, err
	}
	all, err := in.receiptsOf(ctx, []int64{m.ID})
	if err != nil {
		return nil, fmt.Errorf("receipts of a message: %w", err)
	}
	return all[m.ID], nil
}

// UnmatchedReceipts are the newest receipts of an account about letters that
// were not sent from here: from the provider's webmail, or by another program
// (mail rule 85). Who does not work where the account does, as an administrator
// may, learns neither subject nor recipient.
func (in *Inbox) UnmatchedReceipts(ctx context.Context, v Viewer, a Account, limit int) ([]*CertifiedReceipt, error) {
	var rows []*CertifiedReceipt
	err := in.db.Read.NewSelect().Model(&rows).Where("rc.account_id = ? AND rc.message_id = 0", a.ID).
		OrderExpr("rc.id DESC").Limit(int64(max(1, min(limit, 200)))).Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("receipts that fit nothing: %w", err)
	}
	if !v.readsReceipts(a.OfficeID) {
		for _, r := range rows {
			r.Subject, r.Recipient, r.Certified = "", "", ""
		}
	}
	return rows, nil
}

// readsReceipts reports whether the viewer may read what came to an office's
// mailbox and stands on no case.
func (v Viewer) readsReceipts(office int64) bool { return v.System || v.Member(office) }

// Receipt is one receipt byte for byte as it came: of a message that the viewer
// may see or, where it fits none, to a mailbox of theirs. ErrNotFound otherwise.
func (in *Inbox) Receipt(ctx context.Context, v Viewer, id int64) (*CertifiedReceipt, []byte, error) {
	r := new(CertifiedReceipt)
	if err := in.db.Read.NewSelect().Model(r).Where("rc.id = ?", id).Scan(ctx); err != nil {
		return nil, nil, notFound(err)
	}
	if r.MessageID > 0 {
		if _, err := in.Message(ctx, v, r.MessageID); err != nil {
			return nil, nil, err
		}
	} else if err := in.mayReadReceipts(ctx, v, r.AccountID); err != nil {
		return nil, nil, err
	}
	body, err := in.rawOf(ctx, in.db.Read, r.RawID)
	return r, body, err
}

func (in *Inbox) mayReadReceipts(ctx context.Context, v Viewer, account int64) error {
	a, err := in.Account(ctx, account)
	if err != nil {
		return err
	}
	if !v.readsReceipts(a.OfficeID) {
		return ErrNotFound
	}
	return nil
}

// rawOf is a raw item byte for byte.
func (in *Inbox) rawOf(ctx context.Context, idb bun.IDB, id int64) ([]byte, error) {
	r := new(Raw)
	if err := idb.NewSelect().Model(r).Where("r.id = ?", id).Scan(ctx); err != nil {
		return nil, notFound(err)
	}
	return in.rawBody(ctx, r)
}
