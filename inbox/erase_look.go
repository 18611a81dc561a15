package inbox

import (
	"context"
	"fmt"
	"slices"

	"github.com/uptrace/bun"
)

// Erasing is what Erase would do to a message, for who is about to.
type Erasing struct {
	Message   *Message
	Case      *Case   // on whose page it stands
	Refused   string  // why it may not be erased, as the code of InvalidError; "" when it may
	Files     int     // of today and of former versions
	Versions  int     // what it said before
	Originals int     // as they came, all copies and receipts together
	Offices   []int64 // others whose mailboxes it came to
	Automatic int     // automatic answers to it
}

// LookErase tells what Erase would do. ErrNotFound and ErrForbidden as there.
func (in *Inbox) LookErase(ctx context.Context, v Viewer, messageID int64) (*Erasing, error) {
	root, err := shownOn(ctx, in.db.Read, messageID)
	if err != nil {
		return nil, err
	}
	c, err := findCase(ctx, in.db, v, root)
	if err != nil {
		return nil, err
	}
	if err := mayErase(ctx, in.db.Read, v, c); err != nil {
		return nil, err
	}
	x, err := in.lookErasing(ctx, in.db.Read, messageID)
	if err != nil {
		return nil, err
	}
	out := &Erasing{Message: x.m, Case: c, Refused: x.refused, Files: x.files, Originals: len(x.raws), Automatic: len(x.ids) - 1}
	err = in.db.Read.NewRaw("SELECT count(*) FROM message_versions WHERE message_id = ?", messageID).Scan(ctx, &out.Versions)
	if err == nil {
		var rows []struct {
			OfficeID int64
			Blind    bool
		}
		err = in.db.Read.NewRaw("SELECT DISTINCT office_id, blind FROM copies WHERE message_id = ? AND office_id <> ? ORDER BY office_id, blind", messageID, c.OfficeID).Scan(ctx, &rows)
		for _, r := range rows {
			if (!r.Blind || v.Member(r.OfficeID)) && !slices.Contains(out.Offices, r.OfficeID) {
				out.Offices = append(out.Offices, r.OfficeID)
			}
		}
	}
	if err != nil {
		return nil, fmt.Errorf("look at what is to be erased: %w", err)
	}
	return out, nil
}

// mayErase is for the heads of the case's office.
func mayErase(ctx context.Context, q bun.IDB, v Viewer, c *Case) error {
	n, err := q.NewSelect().Table("operator_roles").Where("operator_id = ? AND operator_id > 0 AND office_id = ? AND role = 'head'", v.OperatorID, c.OfficeID).Count(ctx)
	if err != nil {
		return fmt.Errorf("read the roles: %w", err)
	}
	if n == 0 {
		return ErrForbidden
	}
	return nil
}

// shownOn is the case on whose page a message stands: its own, or the one that this was
// put into. ErrNotFound for what is on no case.
func shownOn(ctx context.Context, q bun.IDB, messageID int64) (root int64, err error) {
	err = q.NewRaw(`WITH RECURSIVE up(id, into_id) AS (SELECT c.id, c.merged_into FROM messages AS m JOIN cases AS c ON c.id = m.case_id WHERE m.id = ?
		UNION SELECT c.id, c.merged_into FROM up JOIN cases AS c ON c.id = up.into_id WHERE up.into_id > 0)
		SELECT id FROM up WHERE into_id = 0`, messageID).Scan(ctx, &root)
	return root, notFound(err)
}

// erasing is a message with all that goes with it.
type erasing struct {
	in      *Inbox
	m       *Message
	ids     []int64 // the message, and the automatic answers to it
	raws    []int64 // originals that no other message has
	files   int
	refused string
}

// lookErasing gathers what belongs to a message.
func (in *Inbox) lookErasing(ctx context.Context, q bun.IDB, id int64) (*erasing, error) {
	x := &erasing{in: in, m: new(Message), ids: []int64{id}}
	if err := q.NewSelect().Model(x.m).Where("m.id = ?", id).Scan(ctx); err != nil {
		return nil, notFound(err)
	}
	var more []int64
	err := q.NewRaw("SELECT id FROM messages WHERE case_id = ? AND answers_id = ? AND origin = 'automation' AND direction = 'out' AND erased_at = 0 ORDER BY id", x.m.CaseID, id).Scan(ctx, &more)
	if err != nil {
		return nil, fmt.Errorf("automatic answers to a message: %w", err)
	}
	x.ids = append(x.ids, more...)
	if x.raws, err = originals(ctx, q, x.ids); err != nil {
		return nil, err
	}
	if err := q.NewRaw("SELECT count(*) FROM parts WHERE message_id IN (?) AND size > 0", bun.List(x.ids)).Scan(ctx, &x.files); err != nil {
		return nil, fmt.Errorf("files of a message: %w", err)
	}
	return x, x.mayGo(ctx, q)
}

// originals are the raw items of messages and of what came back of them, and the others
// of the same account with the same bytes (mail rule 2). One that holds another message
// too stays until that one goes.
func originals(ctx context.Context, q bun.IDB, messages []int64) (raws []int64, err error) {
	of := bun.List(messages)
	err = q.NewRaw(`WITH mine(id) AS (SELECT raw_id FROM messages WHERE id IN (?) UNION SELECT raw_id FROM copies WHERE message_id IN (?)
			UNION SELECT raw_id FROM message_versions WHERE message_id IN (?) UNION SELECT raw_id FROM receipts WHERE message_id IN (?) AND message_id > 0
			UNION SELECT de.raw_id FROM delivery_events AS de JOIN deliveries AS d ON d.id = de.delivery_id WHERE d.message_id IN (?))
		SELECT same.id FROM mine JOIN raws AS r ON r.id = mine.id JOIN raws AS same ON same.account_id = r.account_id AND same.sha256 = r.sha256
		WHERE mine.id > 0 AND NOT EXISTS (SELECT 1 FROM copies AS cp JOIN messages AS m ON m.id = cp.message_id WHERE cp.raw_id = same.id AND m.erased_at = 0 AND m.id NOT IN (?))
		GROUP BY same.id ORDER BY same.id`, of, of, of, of, of, of).Scan(ctx, &raws)
	if err != nil {
		return nil, fmt.Errorf("originals of a message: %w", err)
	}
	return raws, nil
}

// mayGo finds what stands against it.
func (x *erasing) mayGo(ctx context.Context, q bun.IDB) error {
	if x.m.ErasedAt > 0 {
		return nil
	}
	kept, err := x.in.registrar.Keeps(ctx, q, x.m.ID)
	if err != nil {
		return err
	}
	sending, err := q.NewSelect().Table("deliveries").Where("message_id IN (?) AND state IN ('queued','sending')", bun.List(x.ids)).Count(ctx)
	if err != nil {
		return fmt.Errorf("deliveries of a message: %w", err)
	}
	waiting := int64(0)
	if len(x.raws) > 0 {
		waiting, err = q.NewSelect().Table("quarantine").Where("raw_id IN (?) AND state = 'waiting'", bun.List(x.raws)).Count(ctx)
		if err != nil {
			return fmt.Errorf("what waits of a message: %w", err)
		}
	}
	switch {
	case kept:
		x.refused = "in_register"
	case sending > 0:
		x.refused = "being_sent"
	case waiting > 0:
		x.refused = "in_quarantine"
	}
	return nil
}
