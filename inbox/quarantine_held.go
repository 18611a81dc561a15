package inbox

import (
	"context"
	"fmt"
	"slices"

	"github.com/uptrace/bun"

	"filodiretto/channels"
	"filodiretto/internal/clock"
	"filodiretto/internal/db"
)

// HeldSender is somebody whose mail an office wants to see before it becomes a
// case (mail rule 22). Nothing of theirs is refused: an office must hear everybody.
type HeldSender struct {
	bun.BaseModel `bun:"table:held_senders,alias:hs"`

	ID         int64 `bun:",pk"`
	Kind       string
	Value      string
	OfficeID   int64
	Reason     string
	ByOperator int64
	At         clock.Instant
	EndedAt    clock.Instant
	EndedBy    int64
}

// loadHeld finds which senders of the batch are held at this account's office.
func (f *filing) loadHeld(ctx context.Context) error {
	f.held = map[addressKey]bool{}
	if f.acc.Kind != "mail" && f.acc.Kind != "pec" {
		return nil
	}
	var from []string
	f.eachItem(func(_ *reading, it *channels.Item) {
		if it.From.Value != "" {
			from = append(from, it.From.Value)
		}
	})
	if len(from) == 0 {
		return nil
	}
	var found []channels.Address
	err := f.tx.NewRaw("SELECT kind, value FROM held_senders WHERE kind IN ('email','pec') AND office_id = ? AND ended_at = 0 AND value IN (?)", f.acc.OfficeID, bun.List(from)).Scan(ctx, &found)
	if err != nil {
		return fmt.Errorf("held senders: %w", err)
	}
	for _, a := range found {
		f.held[addressKey{a.Kind, "", a.Value}] = true
	}
	return nil
}

// distrust tells why a mail should wait for a person though it can be read: it
// claims to come from us and our own mail server does not confirm it, a colleague
// holds its sender, or that server takes it for spam, as its mark says or the folder
// in which it lay. Empty means that nothing
// speaks against it (mail rule 22).
func (f *filing) distrust(r *reading, it *channels.Item) string {
	if r.force || r.raw.Archive || it.Kind == channels.Report {
		return ""
	}
	switch {
	case f.acc.Kind == "mail" && f.house.ours(it.From.Value) && unconfirmed(it):
		return "spoof_suspected"
	case f.held[addressKey{it.From.Kind, "", it.From.Value}]:
		return "blocked_sender"
	case f.acc.Kind == "mail" && f.rescued[r.raw.ID] == 0 && (slices.Contains(it.Notes, "spam_flag") || slices.Contains(it.Notes, "from_junk")):
		return spamSuspected
	}
	return ""
}

// unconfirmed reports whether our own mail server looked at a mail and confirms by
// nothing that it is from the domain in its From: DMARC, a signature of the domain,
// or the right of the server that sent it to use that domain. That another domain
// passes says nothing of ours, and what cannot be read is no confirmation. Where the
// server found nothing at all, nothing is said; nor where it had no answer, or only
// nothing to look at: without a signature comes mail from the own network, but not what
// it had from outside. Of what stands below a further machine the same is a finding; but
// what would confirm neither does so there, since a stranger may have written it, nor
// speaks against the mail: a stranger would have done better to write nothing.
func unconfirmed(it *channels.Item) bool {
	outside := slices.Contains(it.Notes, "from_outside")
	finding := func(method, result string) bool {
		return result != "temperror" && (outside || method != "dkim" || result != "none")
	}
	found, vouched := slices.Contains(it.Notes, "auth_unreadable"), false
	for _, method := range []string{"dmarc", "spf", "dkim"} {
		for _, v := range verdicts(it.Notes, method) {
			found = found || finding(method, v.Result)
			vouched = vouched || v.Result == "pass" && (v.Domain != "" || method == "dmarc") && aligned(v, it.From.Value, true)
		}
		for _, v := range verdicts(it.Notes, "auth_below:"+method) {
			found = found || finding(method, v.Result) && (v.Result != "pass" || !aligned(v, it.From.Value, true))
		}
	}
	return found && (!vouched || untrusted(it))
}

// HoldSender lets an office see the mails of an address before they become cases.
// Who may see the office's quarantine may; else ErrForbidden. ErrChanged when it is
// held already; *InvalidError on "reason" or "address".
func (in *Inbox) HoldSender(ctx context.Context, v Viewer, kind, value string, officeID int64, reason string) error {
	return in.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if !v.System && !v.Member(officeID) {
			n := 0
			if v.FrontDesk {
				if err := tx.NewRaw("SELECT count(*) FROM offices WHERE id = ? AND NOT reserved AND level = 'front'", officeID).Scan(ctx, &n); err != nil {
					return fmt.Errorf("hold a sender: %w", err)
				}
			}
			if n == 0 {
				return ErrForbidden
			}
		}
		return in.holdSender(ctx, tx, v, HeldSender{Kind: kind, Value: value, OfficeID: officeID, Reason: reason})
	})
}

func (in *Inbox) holdSender(ctx context.Context, tx *db.Tx, v Viewer, h HeldSender) error {
	if h.Reason = cut(clean(h.Reason), mostReason); h.Reason == "" {
		return &InvalidError{"reason", "required"}
	}
	if h.Value == "" || !isAddress(h.Kind) {
		return &InvalidError{"address", "bad_form"}
	}
	h.ID, h.ByOperator, h.At = db.NewID(in.clock), v.OperatorID, tx.Now
	res, err := tx.NewInsert().Model(&h).On("CONFLICT (kind, value, office_id) WHERE ended_at = 0 DO NOTHING").Exec(ctx)
	if err != nil {
		return fmt.Errorf("hold a sender: %w", err)
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return ErrChanged
	}
	e := v.event(NewEvent(tx, in.clock, "sender.held", map[string]any{"held": h.ID}))
	e.OfficeID = h.OfficeID
	return AppendEvents(ctx, tx, e)
}

// holdIdentity holds the address of an identity, whether it was held or not.
func (in *Inbox) holdIdentity(ctx context.Context, tx *db.Tx, v Viewer, identityID, officeID int64) error {
	id, err := findIdentity(ctx, tx, identityID)
	if err != nil {
		return err
	}
	err = in.holdSender(ctx, tx, v, HeldSender{Kind: id.Kind, Value: id.Value, OfficeID: officeID, Reason: "lookalike"})
	if err == ErrChanged {
		return nil
	}
	return err
}

// HeldSenders are those of the viewer's offices, the newest first.
func (in *Inbox) HeldSenders(ctx context.Context, v Viewer) ([]HeldSender, error) {
	var rows []HeldSender
	where, args := heldOf(v)
	err := in.db.Read.NewSelect().Model(&rows).Where("hs.ended_at = 0").Where(where, args...).OrderExpr("hs.id DESC").Limit(500).Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("held senders: %w", err)
	}
	return rows, nil
}

// heldOf is the condition (alias hs) of the held senders that the viewer may see:
// as with the quarantine itself.
func heldOf(v Viewer) (string, []any) {
	if v.System {
		return "1 = 1", nil
	}
	where, args := "1 = 0", []any(nil)
	if len(v.Offices) > 0 {
		where, args = db.In(v.Offices)
		where = "hs.office_id IN (" + where + ")"
	}
	if v.FrontDesk {
		where += " OR hs.office_id IN (SELECT id FROM offices WHERE NOT reserved AND level = 'front')"
	}
	return "(" + where + ")", args
}

// FreeSender lets the mails of a held sender become cases again, and tells who it was.
func (in *Inbox) FreeSender(ctx context.Context, v Viewer, id int64) (*HeldSender, error) {
	h := new(HeldSender)
	err := in.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		where, args := heldOf(v)
		if err := tx.NewSelect().Model(h).Where("hs.id = ? AND hs.ended_at = 0", id).Where(where, args...).Scan(ctx); err != nil {
			return notFound(err)
		}
		return in.endHold(ctx, tx, v, h)
	})
	return h, err
}

func (in *Inbox) endHold(ctx context.Context, tx *db.Tx, v Viewer, h *HeldSender) error {
	h.EndedAt, h.EndedBy = tx.Now, v.OperatorID
	if _, err := tx.NewUpdate().Model(h).Column("ended_at", "ended_by").WherePK().Exec(ctx); err != nil {
		return fmt.Errorf("free a sender: %w", err)
	}
	e := v.event(NewEvent(tx, in.clock, "sender.freed", map[string]any{"held": h.ID}))
	e.OfficeID = h.OfficeID
	return AppendEvents(ctx, tx, e)
}

// PingPong is how much of one sender is taken for a storm (mail rule 58).
func (in *Inbox) PingPong() Budget { return in.set.PingPong }
