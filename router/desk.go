package router

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"filodiretto/inbox"
	"filodiretto/internal/clock"
	"filodiretto/internal/db"
)

// Desk moves cases between offices and looks after those that nobody takes.
type Desk struct {
	router     *Router
	inbox      *inbox.Inbox
	raiseAfter time.Duration
}

// NewDesk makes the service. raiseAfterHours is how long a case may be nobody's
// before the heads of its office are told.
func NewDesk(r *Router, in *inbox.Inbox, raiseAfterHours int) *Desk {
	return &Desk{router: r, inbox: in, raiseAfter: time.Duration(raiseAfterHours) * time.Hour}
}

// Handover is a case offered by one office to another, which accepts it or
// refuses it with a reason. Until then it stays where it is.
type Handover struct {
	bun.BaseModel `bun:"table:handovers,alias:h"`

	ID         int64 `bun:",pk"`
	CaseID     int64
	FromOffice int64
	ToOffice   int64
	Reason     string
	ByOperator int64
	At         clock.Instant
	State      string // "pending", "accepted", "refused", "withdrawn"
	DecidedBy  int64
	DecidedAt  clock.Instant
	Decision   string
}

// HandOver offers a case to another office. The reason is what the colleagues
// there read first, so it must be given.
func (d *Desk) HandOver(ctx context.Context, v inbox.Viewer, caseID, version, toOffice int64, reason string) (*inbox.Case, error) {
	reason = strings.TrimSpace(reason)
	if reason == "" {
		return nil, &inbox.InvalidError{Field: "reason", Code: "required"}
	}
	dir, err := d.router.Directory(ctx)
	if err != nil {
		return nil, err
	}
	if dir.Office(toOffice) == nil {
		return nil, &inbox.InvalidError{Field: "office", Code: "unknown"}
	}
	c, err := d.inbox.Change(ctx, v, caseID, version, func(ctx context.Context, tx *db.Tx, c *inbox.Case) ([]inbox.Event, error) {
		if !v.Member(c.OfficeID) && !v.System {
			return nil, inbox.ErrForbidden
		}
		if c.OfficeID == toOffice {
			return nil, &inbox.InvalidError{Field: "office", Code: "same"}
		}
		h := &Handover{ID: db.NewID(d.router.clock), CaseID: c.ID, FromOffice: c.OfficeID, ToOffice: toOffice, Reason: reason, ByOperator: v.OperatorID, At: tx.Now, State: "pending"}
		if _, err := tx.NewInsert().Model(h).Exec(ctx); err != nil {
			return nil, err
		}
		// the office asked may read the case to decide about it
		if err := involve(ctx, tx, c.ID, toOffice); err != nil {
			return nil, err
		}
		return []inbox.Event{inbox.NewEvent(tx, d.router.clock, "handover.offered", map[string]any{"handover": h.ID, "from": h.FromOffice, "to": toOffice, "reason": reason})}, nil
	})
	if db.IsUnique(err) {
		return nil, &inbox.InvalidError{Field: "office", Code: "pending"}
	}
	return c, err
}

// Answer accepts what was offered to an office of the viewer, or refuses it with
// a reason. Accepted, the case is that office's and nobody's in it; the office
// that gave it goes on seeing it.
func (d *Desk) Answer(ctx context.Context, v inbox.Viewer, caseID int64, accept bool, reason string) (*inbox.Case, error) {
	reason = strings.TrimSpace(reason)
	if !accept && reason == "" {
		return nil, &inbox.InvalidError{Field: "reason", Code: "required"}
	}
	return d.inbox.Change(ctx, v, caseID, 0, func(ctx context.Context, tx *db.Tx, c *inbox.Case) ([]inbox.Event, error) {
		h, err := pendingOf(ctx, tx, c.ID)
		if err != nil {
			return nil, err
		}
		if !v.Member(h.ToOffice) && !v.System {
			return nil, inbox.ErrForbidden
		}
		state := "refused"
		if accept {
			state = "accepted"
			if err := involve(ctx, tx, c.ID, c.OfficeID); err != nil {
				return nil, err
			}
			c.OfficeID, c.AssigneeID, c.RaisedAt, c.Unread = h.ToOffice, 0, 0, true
			if c.Status == inbox.Snoozed {
				c.Status, c.SnoozedUntil = inbox.Open, 0
			}
		}
		if err := d.settle(ctx, tx, v, h, state, reason); err != nil {
			return nil, err
		}
		return []inbox.Event{inbox.NewEvent(tx, d.router.clock, "handover."+state, map[string]any{"handover": h.ID, "from": h.FromOffice, "to": h.ToOffice, "reason": reason})}, nil
	})
}

// Withdraw takes an offer back before it was answered.
func (d *Desk) Withdraw(ctx context.Context, v inbox.Viewer, caseID int64) (*inbox.Case, error) {
	return d.inbox.Change(ctx, v, caseID, 0, func(ctx context.Context, tx *db.Tx, c *inbox.Case) ([]inbox.Event, error) {
		h, err := pendingOf(ctx, tx, c.ID)
		if err != nil {
			return nil, err
		}
		if !v.Member(h.FromOffice) && !v.System {
			return nil, inbox.ErrForbidden
		}
		if err := d.settle(ctx, tx, v, h, "withdrawn", ""); err != nil {
			return nil, err
		}
		return []inbox.Event{inbox.NewEvent(tx, d.router.clock, "handover.withdrawn", map[string]any{"handover": h.ID})}, nil
	})
}

func (d *Desk) settle(ctx context.Context, tx *db.Tx, v inbox.Viewer, h *Handover, state, decision string) error {
	return changed(tx.NewRaw("UPDATE handovers SET state = ?, decided_by = ?, decided_at = ?, decision = ? WHERE id = ? AND state = 'pending'",
		state, v.OperatorID, tx.Now, decision, h.ID).Exec(ctx))
}

func pendingOf(ctx context.Context, tx *db.Tx, caseID int64) (*Handover, error) {
	h := new(Handover)
	if err := tx.NewSelect().Model(h).Where("h.case_id = ? AND h.state = 'pending'", caseID).Scan(ctx); err != nil {
		return nil, noRow(err)
	}
	return h, nil
}

// involve lets an office see a case for good. One that saw it because the mail came to
// it too has a hand in it from now on.
func involve(ctx context.Context, tx *db.Tx, caseID, office int64) error {
	_, err := tx.NewRaw(`INSERT INTO case_offices (case_id, office_id, since_at) VALUES (?, ?, ?)
		ON CONFLICT (case_id, office_id) DO UPDATE SET since_at = excluded.since_at WHERE case_offices.since_at = case_offices.copied_at`, caseID, office, tx.Now).Exec(ctx)
	if err != nil {
		return fmt.Errorf("let an office see the case: %w", err)
	}
	return nil
}

// Pending are the offers that wait for the viewer's offices, oldest first.
func (d *Desk) Pending(ctx context.Context, v inbox.Viewer) ([]*Handover, error) {
	if len(v.Offices) == 0 {
		return nil, nil
	}
	var out []*Handover
	err := d.router.db.Read.NewSelect().Model(&out).Where("h.state = 'pending' AND h.to_office IN (?)", bun.List(v.Offices)).OrderExpr("h.at").Limit(200).Scan(ctx)
	return out, err
}

// OfCase are all hand-overs of a case that the inbox gave to whoever asks, which
// it does only for those who may see it.
func (d *Desk) OfCase(ctx context.Context, c *inbox.Case) ([]*Handover, error) {
	var out []*Handover
	err := d.router.db.Ask(ctx, "SELECT h.* FROM handovers AS h WHERE h.case_id = ? ORDER BY h.at", []any{c.ID}, &out)
	if err != nil {
		return nil, fmt.Errorf("read the hand-overs: %w", err)
	}
	return out, nil
}

// RaiseNobodys marks the open cases that nobody took for too long, once each,
// and returns how many: priority goes up and the heads of the office are named
// in the event.
func (d *Desk) RaiseNobodys(ctx context.Context) (int, error) {
	dir, err := d.router.Directory(ctx)
	if err != nil {
		return 0, err
	}
	var ids []int64
	err = d.router.db.Read.NewRaw("SELECT id FROM cases WHERE assignee_id = 0 AND raised_at = 0 AND status = 'open' AND created_at < ? ORDER BY created_at LIMIT 500",
		d.router.clock.Now().Add(-d.raiseAfter)).Scan(ctx, &ids)
	if err != nil {
		return 0, fmt.Errorf("look for nobody's cases: %w", err)
	}
	n := 0
	for _, id := range ids {
		_, err := d.inbox.Change(ctx, inbox.Viewer{System: true}, id, 0, func(_ context.Context, tx *db.Tx, c *inbox.Case) ([]inbox.Event, error) {
			if c.AssigneeID != 0 || !c.RaisedAt.IsZero() || c.Status != inbox.Open {
				return nil, nil
			}
			n++
			c.RaisedAt, c.Priority, c.Unread = tx.Now, max(c.Priority, 1), true
			return []inbox.Event{inbox.NewEvent(tx, d.router.clock, "case.raised", map[string]any{"heads": dir.Heads(c.OfficeID), "hours": int(d.raiseAfter.Hours())})}, nil
		})
		if err != nil {
			return n, err
		}
	}
	return n, nil
}
