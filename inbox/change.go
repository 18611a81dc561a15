package inbox

import (
	"context"
	"slices"

	"filodiretto/internal/clock"
	"filodiretto/internal/db"
	"filodiretto/internal/live"
)

// Change is the frame of every command on one case: it reads the case as it is
// now, lets f change it, writes it with a new version, appends the events and
// tells the pages. Packages above use it for hand-over and terms.
//
// version, when not 0, is the one that the caller saw; a newer one is
// ErrChanged. f returns the kinds of what happened.
func (in *Inbox) Change(ctx context.Context, v Viewer, caseID, version int64, f func(ctx context.Context, tx *db.Tx, c *Case) ([]Event, error)) (*Case, error) {
	return in.changeAfter(ctx, v, caseID, version, func(context.Context, *db.Tx) error { return nil }, f)
}

// changeAfter is Change for what changes further cases too: first locks them all, in order
// of their ids as filing does, or two would wait for each other.
func (in *Inbox) changeAfter(ctx context.Context, v Viewer, caseID, version int64, first func(context.Context, *db.Tx) error, f func(ctx context.Context, tx *db.Tx, c *Case) ([]Event, error)) (*Case, error) {
	var out *Case
	err := in.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := first(ctx, tx); err != nil {
			return err
		}
		c, err := lockCase(ctx, tx, v, caseID)
		if err != nil {
			return err
		}
		if version != 0 && c.Version != version {
			return ErrChanged
		}
		was := c.OfficeID
		events, err := f(ctx, tx, c)
		if err != nil {
			return err
		}
		if c.OfficeID != was {
			if err := unshare(ctx, tx, c); err != nil {
				return err
			}
			if err := in.giveKin(ctx, tx, c, events); err != nil {
				return err
			}
		}
		out = c
		return in.saveCase(ctx, tx, v, c, events)
	})
	return out, err
}

// saveCase writes a changed case, its events, and publishes after the commit.
func (in *Inbox) saveCase(ctx context.Context, tx *db.Tx, v Viewer, c *Case, events []Event) error {
	_, err := tx.Send(ctx, in.caseStatements(tx, v, c, events))
	return err
}

// caseStatements are those of saveCase, for who has more to send with them.
func (in *Inbox) caseStatements(tx *db.Tx, v Viewer, c *Case, events []Event) []string {
	c.Version++
	out := []string{tx.NewUpdate().Model(c).ExcludeColumn("id", "year", "number", "secret", "created_at").WherePK().String()}
	for i := range events {
		events[i] = v.event(events[i])
		events[i].CaseID, events[i].CitizenID, events[i].OfficeID = c.ID, c.CitizenID, c.OfficeID
	}
	in.publishCase(tx, c, "changed")
	out = append(out, inserts(tx, events)...)
	return append(out, in.classified(tx, c.ID, events)...)
}

func (in *Inbox) publishCase(tx *db.Tx, c *Case, kind string) {
	e := live.Event{Topic: "case", ID: c.ID, Version: c.Version, Office: c.OfficeID, Kind: kind}
	tx.After(func() { in.hub.Publish(e) })
}

// lockCase reads a case for changing. On PostgreSQL the row is locked; on
// SQLite the transaction is alone anyway.
func lockCase(ctx context.Context, tx *db.Tx, v Viewer, id int64) (*Case, error) {
	where, args := visible(v, "c")
	if tx.Postgres {
		where += " FOR UPDATE OF c"
	}
	c, err := db.AskOne[Case](ctx, tx, "SELECT c.* FROM cases AS c WHERE c.id = ? AND "+where, append([]any{id}, args...))
	return c, notFound(err)
}

// mayWork reports whether the viewer may decide on a case: only its own office may.
func mayWork(v Viewer, c *Case) error {
	if v.System || v.Member(c.OfficeID) {
		return nil
	}
	return ErrForbidden
}

func (in *Inbox) work(ctx context.Context, v Viewer, caseID, version int64, f func(tx *db.Tx, c *Case) ([]Event, error)) (*Case, error) {
	return in.Change(ctx, v, caseID, version, func(_ context.Context, tx *db.Tx, c *Case) ([]Event, error) {
		if err := mayWork(v, c); err != nil {
			return nil, err
		}
		return f(tx, c)
	})
}

// Assign gives a case to an operator of its office, or to nobody (0).
func (in *Inbox) Assign(ctx context.Context, v Viewer, caseID, version, operatorID int64) (*Case, error) {
	return in.Change(ctx, v, caseID, version, func(ctx context.Context, tx *db.Tx, c *Case) ([]Event, error) {
		if err := mayWork(v, c); err != nil {
			return nil, err
		}
		if operatorID != 0 {
			n, err := tx.NewSelect().Table("operator_roles").Join("JOIN operators AS o ON o.id = operator_id AND o.disabled_at = 0").
				Where("operator_id = ? AND office_id = ?", operatorID, c.OfficeID).Count(ctx)
			if err != nil {
				return nil, err
			}
			if n == 0 {
				return nil, &InvalidError{"assignee", "not_in_office"}
			}
		}
		from := c.AssigneeID
		c.AssigneeID = operatorID
		return []Event{NewEvent(tx, in.clock, "case.assigned", map[string]any{"from": from, "to": operatorID})}, nil
	})
}

// SetKind classifies a case.
func (in *Inbox) SetKind(ctx context.Context, v Viewer, caseID, version int64, k CaseKind) (*Case, error) {
	if !slices.Contains(CaseKinds, k) {
		return nil, &InvalidError{"kind", "unknown"}
	}
	return in.work(ctx, v, caseID, version, func(tx *db.Tx, c *Case) ([]Event, error) {
		from := c.Kind
		c.Kind = k
		return []Event{NewEvent(tx, in.clock, "case.kind", map[string]any{"from": from, "to": k})}, nil
	})
}

// SetPriority sets 0 (normal), 1 (high) or 2 (urgent).
func (in *Inbox) SetPriority(ctx context.Context, v Viewer, caseID, version int64, p int) (*Case, error) {
	if p < 0 || p > 2 {
		return nil, &InvalidError{"priority", "unknown"}
	}
	return in.work(ctx, v, caseID, version, func(tx *db.Tx, c *Case) ([]Event, error) {
		from := c.Priority
		c.Priority = p
		return []Event{NewEvent(tx, in.clock, "case.priority", map[string]any{"from": from, "to": p})}, nil
	})
}

// SetDue sets by when an answer is owed; 0 takes the term away.
func (in *Inbox) SetDue(ctx context.Context, v Viewer, caseID, version int64, due clock.Instant) (*Case, error) {
	return in.work(ctx, v, caseID, version, func(tx *db.Tx, c *Case) ([]Event, error) {
		from := c.DueAt
		c.DueAt = due
		return []Event{NewEvent(tx, in.clock, "case.due", map[string]any{"from": from, "to": due})}, nil
	})
}

// Snooze puts a case aside until an instant in the future. A new message of the
// citizen brings it back at once.
func (in *Inbox) Snooze(ctx context.Context, v Viewer, caseID, version int64, until clock.Instant) (*Case, error) {
	return in.work(ctx, v, caseID, version, func(tx *db.Tx, c *Case) ([]Event, error) {
		if until <= tx.Now {
			return nil, &InvalidError{"until", "past"}
		}
		if c.Status == Closed {
			return nil, &InvalidError{"status", "closed"}
		}
		c.Status, c.SnoozedUntil = Snoozed, until
		return []Event{NewEvent(tx, in.clock, "case.snoozed", map[string]any{"until": until})}, nil
	})
}

// SetStatus makes a case open, or waiting for the citizen.
func (in *Inbox) SetStatus(ctx context.Context, v Viewer, caseID, version int64, s Status) (*Case, error) {
	if s != Open && s != Waiting {
		return nil, &InvalidError{"status", "unknown"}
	}
	return in.work(ctx, v, caseID, version, func(tx *db.Tx, c *Case) ([]Event, error) {
		kind := "case.status"
		if c.Status == Closed {
			kind = "case.reopened"
		}
		from := c.Status
		c.Status, c.SnoozedUntil, c.ClosedAt, c.Outcome = s, 0, 0, ""
		return []Event{NewEvent(tx, in.clock, kind, map[string]any{"from": from, "to": s})}, nil
	})
}

// Close ends a case. seenInID is the newest message of the citizen that the
// operator saw: when a newer one is there, nothing is closed over it.
func (in *Inbox) Close(ctx context.Context, v Viewer, caseID, version, seenInID int64, outcome string) (*Case, error) {
	return in.work(ctx, v, caseID, version, func(tx *db.Tx, c *Case) ([]Event, error) {
		if seenInID != 0 && c.LastInID != seenInID {
			return nil, ErrChanged
		}
		if c.Status == Closed {
			return nil, &InvalidError{"status", "closed"}
		}
		c.Status, c.ClosedAt, c.SnoozedUntil, c.Outcome, c.Unread = Closed, tx.Now, 0, outcome, false
		return []Event{NewEvent(tx, in.clock, "case.closed", map[string]any{"outcome": outcome})}, nil
	})
}

// MarkRead takes the unread mark away for the office. It is no change of the
// case: its version stays.
func (in *Inbox) MarkRead(ctx context.Context, v Viewer, c *Case) error {
	if !c.Unread || !v.Member(c.OfficeID) {
		return nil
	}
	return in.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.NewRaw("UPDATE cases SET unread = FALSE WHERE id = ? AND last_in_id = ?", c.ID, c.LastInID).Exec(ctx)
		in.publishCase(tx, c, "read")
		return err
	})
}

// WakeSnoozed brings back the cases whose time has come and returns how many.
func (in *Inbox) WakeSnoozed(ctx context.Context) (int, error) {
	var ids []int64
	err := in.db.Read.NewRaw("SELECT id FROM cases WHERE status = 'snoozed' AND snoozed_until <= ? ORDER BY snoozed_until LIMIT 500", in.clock.Now()).Scan(ctx, &ids)
	if err != nil {
		return 0, err
	}
	for _, id := range ids {
		_, err := in.Change(ctx, Viewer{System: true}, id, 0, func(_ context.Context, tx *db.Tx, c *Case) ([]Event, error) {
			if c.Status != Snoozed || c.SnoozedUntil > tx.Now {
				return nil, nil
			}
			c.Status, c.SnoozedUntil, c.Unread = Open, 0, true
			return []Event{NewEvent(tx, in.clock, "case.woke", nil)}, nil
		})
		if err != nil {
			return 0, err
		}
	}
	return len(ids), nil
}
