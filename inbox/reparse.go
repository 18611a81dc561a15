package inbox

import (
	"context"
	"fmt"

	"filodiretto/channels"
	"filodiretto/internal/db"
)

// ReadMessageAgain parses the raw bytes of a filed message with the parser of
// today (mail rule 20). When it reads differently, what was shown before becomes
// a version and the files are replaced. It reports whether anything changed.
func (in *Inbox) ReadMessageAgain(ctx context.Context, v Viewer, messageID int64) (bool, error) {
	m, err := in.Message(ctx, v, messageID)
	if err != nil {
		return false, err
	}
	if err := in.mayReadAgain(ctx, v, m); err != nil {
		return false, err
	}
	if m.Direction != In || m.RawID == 0 || !m.ErasedAt.IsZero() {
		return false, &InvalidError{"message", "not_received"}
	}
	raw := new(Raw)
	if err := in.db.Read.NewSelect().Model(raw).Where("r.id = ?", m.RawID).Scan(ctx); err != nil {
		return false, notFound(err)
	}
	ch, _, ok := in.channels.Channel(raw.AccountID)
	if !ok {
		return false, &InvalidError{"account", "closed"}
	}
	rd, err := in.read(ctx, ch, raw)
	if err != nil {
		return false, err
	}
	i := itemOf(rd, m)
	if i < 0 {
		return false, &InvalidError{"message", "unreadable"}
	}
	it := &rd.items[i]
	if it.Subject == m.Subject && it.Text == m.Text && it.HTML == m.HTML && len(it.Parts) == m.Parts && m.Certified == stored(it.Certified, it.Certified != nil) {
		return false, nil
	}
	err = in.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error { return in.replaceReading(ctx, tx, v, m, rd, i) })
	return err == nil, err
}

// mayReadAgain asks the right to work on the message's case: to read it again
// changes what its office sees. What stands on no case is the system's alone.
func (in *Inbox) mayReadAgain(ctx context.Context, v Viewer, m *Message) error {
	if v.System {
		return nil
	}
	if m.CaseID == 0 {
		return ErrForbidden
	}
	c, err := findCase(ctx, in.db, v, m.CaseID)
	if err != nil {
		return err
	}
	return mayWork(v, c)
}

func itemOf(rd *reading, m *Message) int {
	for i := range rd.items {
		if rd.items[i].ExternalID == m.ExternalID || rd.items[i].EditOf == m.ExternalID {
			return i
		}
	}
	if len(rd.items) == 1 && rd.items[0].Kind == channels.Message {
		return 0
	}
	return -1
}

func (in *Inbox) replaceReading(ctx context.Context, tx *db.Tx, v Viewer, m *Message, rd *reading, i int) error {
	it := &rd.items[i]
	old := &MessageVersion{MessageID: m.ID, Version: m.Version, Subject: m.Subject, Text: m.Text, HTML: m.HTML, RawID: m.RawID, At: tx.Now}
	if _, err := tx.NewInsert().Model(old).Exec(ctx); err != nil {
		return fmt.Errorf("keep the former reading: %w", err)
	}
	if _, err := tx.NewDelete().Model((*Part)(nil)).Where("message_id = ?", m.ID).Exec(ctx); err != nil {
		return err
	}
	f := &filing{in: in, tx: tx}
	f.addParts(m, it, rd.facts[i].files)
	if err := insertAll(ctx, tx, f.parts); err != nil {
		return err
	}
	if err := in.askScans(ctx, tx, f.parts); err != nil {
		return err
	}
	seen := m.Version
	m.Version++
	m.Subject, m.Text, m.HTML, m.Notes = it.Subject, it.Text, it.HTML, joinNotes(it)
	m.Certified, m.Signatures = stored(it.Certified, it.Certified != nil), stored(it.Signatures, len(it.Signatures) > 0)
	res, err := tx.NewUpdate().Model(m).Column("subject", "text", "html", "notes", "parts", "certified", "signatures", "version").WherePK().Where("version = ?", seen).Exec(ctx)
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return ErrChanged
	}
	if err := indexWords(ctx, tx, []searchRow{{m.ID, rd.facts[i].words}}); err != nil {
		return err
	}
	e := v.event(NewEvent(tx, in.clock, "message.read_again", map[string]any{"parser": rd.parser, "version": m.Version}))
	e.CaseID, e.CitizenID, e.MessageID = m.CaseID, m.CitizenID, m.ID
	return AppendEvents(ctx, tx, e)
}
