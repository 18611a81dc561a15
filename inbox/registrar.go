package inbox

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"filodiretto/internal/db"
)

// Registrar says which messages must be entered in the protocol register. It is
// asked in the transaction that writes messages, and its statements are sent after
// those that write them.
type Registrar interface {
	// Written is asked about messages that come or go. on is the case of all of
	// them, where the caller has it as the transaction leaves it; else nil.
	Written(tx *db.Tx, messages []*Message, on *Case) []string
	// ReadAgain is asked about a message that came and of which something else is known
	// now than was known then.
	ReadAgain(tx *db.Tx, was, now *Message) []string
	// Classified is asked after the kind or the office of a case changed.
	Classified(tx *db.Tx, caseID int64) []string
	// Keeps reports whether a message is, or must be, in the register, so that nobody may
	// erase it.
	Keeps(ctx context.Context, q bun.IDB, messageID int64) (bool, error)
}

// noRegistrar is there where nobody keeps a register.
type noRegistrar struct{}

func (noRegistrar) Written(*db.Tx, []*Message, *Case) []string    { return nil }
func (noRegistrar) ReadAgain(*db.Tx, *Message, *Message) []string { return nil }
func (noRegistrar) Classified(*db.Tx, int64) []string             { return nil }

func (noRegistrar) Keeps(context.Context, bun.IDB, int64) (bool, error) { return false, nil }

// register tells the registrar of messages that were filed.
func (f *filing) register(ctx context.Context) error {
	if _, err := f.tx.Send(ctx, f.in.registrar.Written(f.tx, f.messages, nil)); err != nil {
		return fmt.Errorf("what must be registered: %w", err)
	}
	return nil
}

// classified are the registrar's statements where events tell that the kind or the
// office of a case changed.
func (in *Inbox) classified(tx *db.Tx, caseID int64, events []Event) []string {
	for _, e := range events {
		if e.Kind == "case.kind" || e.Kind == "case.office" || e.Kind == "handover.accepted" {
			return in.registrar.Classified(tx, caseID)
		}
	}
	return nil
}
