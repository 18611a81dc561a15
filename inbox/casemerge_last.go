package inbox

import (
	"context"
	"fmt"

	"filodiretto/channels/webpage"
	"filodiretto/internal/db"
)

// lastOf reads from the messages of a case, and of those put into it, what
// lists show of the newest and where the citizen is answered.
func lastOf(ctx context.Context, tx *db.Tx, c *Case) error {
	if err := lastMessage(ctx, tx, c); err != nil {
		return err
	}
	if err := lastIn(ctx, tx, c); err != nil {
		return fmt.Errorf("find the citizen's last message: %w", err)
	}
	return nil
}

func lastIn(ctx context.Context, tx *db.Tx, c *Case) error {
	newest := func(more string) (*Message, error) {
		m := new(Message)
		err := tx.NewSelect().Model(m).Column("id", "at", "account_id", "thread_key").
			Where("m.case_id IN "+family+" AND m.direction = 'in' AND m.auto = '' AND m.erased_at = 0 "+more, c.ID).
			OrderExpr("m.at DESC, m.id DESC").Limit(1).Scan(ctx)
		return m, notFound(err)
	}
	m, err := newest("")
	if err == ErrNotFound {
		return nil // as in a case that staff opened
	} else if err != nil {
		return err
	}
	c.LastInID, c.LastInAt = m.ID, m.At
	if m, err = newest("AND m.channel <> '" + webpage.Kind + "'"); err == ErrNotFound {
		return nil
	} else if err != nil {
		return err
	}
	c.AccountID, c.ThreadKey = m.AccountID, m.ThreadKey
	return nil
}

// registerKin reads from the cases that are in a case which of their rules wants
// registered what is answered there.
func registerKin(ctx context.Context, tx *db.Tx, c *Case) error {
	err := tx.NewRaw("SELECT COALESCE(MAX(CASE WHEN register_rule > 0 THEN register_rule ELSE register_kin END), 0) FROM cases WHERE merged_into = ?", c.ID).Scan(ctx, &c.RegisterKin)
	if err != nil {
		return fmt.Errorf("look for the rules of cases that are in one: %w", err)
	}
	return nil
}

// ownMarks sets the marks "not delivered" and "late" from the deliveries.
func ownMarks(ctx context.Context, tx *db.Tx, c *Case) error {
	failed, err := openFailures(ctx, tx, c.ID)
	if err != nil {
		return err
	}
	late, err := lateAnswers(ctx, tx, c.ID)
	c.Failed, c.Delayed = failed > 0, late > 0
	return err
}
