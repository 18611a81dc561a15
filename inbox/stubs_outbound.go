package inbox

// The author of reply*.go, deliver*.go and automatic*.go removes this file when
// the real functions are there.

import (
	"context"

	"filodiretto/channels"
	"filodiretto/internal/db"
)

// automatic asks for an automatic message. Case is nil in a bot's own dialogue.
type automatic struct {
	Event  string
	Case   *Case
	To     Identity
	Answer *Message
	Vars   map[string]string
}

func (in *Inbox) sendAutomatic(ctx context.Context, tx *db.Tx, a automatic) error { return nil }
func (in *Inbox) applyReports(ctx context.Context, tx *db.Tx, raw *Raw, reports []channels.DeliveryReport) ([]channels.DeliveryReport, error) {
	return reports, nil
}
