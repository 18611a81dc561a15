package register

import (
	"context"
	"errors"
	"fmt"

	"filodiretto/channels/mail/segnatura"
	"filodiretto/inbox"
)

// Draft is a registration as it is proposed to an operator.
type Draft struct {
	Sender, Recipients, Subject string
	OfficeID                    int64
	Class                       string // of the last entry of the same case; may be empty
	Origin                      Origin
	Segnatura                   *segnatura.Record // nil for none
	Documents                   []*Document       // what will be registered; a composed text has no hash yet
}

// Draft proposes how a message, which the viewer was given with its case and parts,
// would be registered.
func (r *Register) Draft(ctx context.Context, v inbox.Viewer, m *inbox.Message, c *inbox.Case, parts []*inbox.Part) (*Draft, error) {
	d := &Draft{Sender: line(senderOf(m)), Recipients: line(m.Recipients), Subject: line(subjectOf(m, c)), OfficeID: c.OfficeID}
	if m.Direction == inbox.In {
		var err error
		if d.Segnatura, err = r.Segnatura(ctx, v, parts); err != nil {
			return nil, err
		}
		d.Origin = OriginFrom(d.Segnatura)
	}
	var class []string
	err := r.db.Ask(ctx, `SELECT ra.class FROM register_assignments AS ra JOIN register_entries AS re ON re.id = ra.entry_id WHERE re.case_id = ? ORDER BY ra.at DESC, ra.seq DESC LIMIT 1`, []any{c.ID}, &class)
	if err != nil {
		return nil, fmt.Errorf("propose an entry: %w", err)
	}
	if len(class) > 0 {
		d.Class = class[0]
	}
	d.Documents, err = gather(ctx, r.db.Read, m, &Document{What: Composed, Name: "messaggio.txt", Type: "text/plain", OfID: m.ID})
	if inv := (*inbox.InvalidError)(nil); errors.As(err, &inv) {
		return d, nil // not yet: the command itself will say why
	}
	return d, err
}
