package inbox

import (
	"context"
	"fmt"
	"strings"

	"github.com/uptrace/bun"

	"filodiretto/internal/db"
	"filodiretto/internal/textfold"
)

// NoteCommand is an internal note. It never leaves the house: it has no
// deliveries, and no channel is ever given one.
type NoteCommand struct {
	CaseID         int64
	Text           string
	Mentions       []int64 // operators who are told, beside those named with @login in the text
	Files          []FileRef
	IdempotencyKey string
}

// NoteDone is what became of a NoteCommand.
type NoteDone struct {
	Message   *Message
	Mentioned []int64 // operators who are told
	// Blind are mentioned operators who may not see the case: they are not
	// told, and the author should know.
	Blind    []int64
	Repeated bool
}

func (c NoteCommand) hash() string {
	c.IdempotencyKey = ""
	return commandHash(c)
}

// Note adds an internal note to a case. Everybody who sees the case may.
func (in *Inbox) Note(ctx context.Context, v Viewer, cmd NoteCommand) (*NoteDone, error) {
	if v.OperatorID == 0 {
		return nil, ErrForbidden
	}
	text, err := cleanText(cmd.Text)
	switch {
	case err != nil:
		return nil, err
	case strings.TrimSpace(text) == "" && len(cmd.Files) == 0:
		return nil, &InvalidError{"text", "empty"}
	case len(cmd.Files) > mostFiles:
		return nil, &InvalidError{"files", "too_many"}
	}
	cmd.Text = text
	files, err := in.prepareFiles(ctx, cmd.Files)
	if err != nil {
		return nil, err
	}
	index := textfold.Words(text + fileNames(files))
	var out *NoteDone
	err = in.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		var err error
		out, err = in.note(ctx, tx, v, cmd, files, index)
		return err
	})
	return out, err
}

func (in *Inbox) note(ctx context.Context, tx *db.Tx, v Viewer, cmd NoteCommand, files []preparedFile, index []string) (*NoteDone, error) {
	c, err := lockCase(ctx, tx, v, cmd.CaseID)
	if err != nil {
		return nil, err
	}
	key, first, err := in.repeated(ctx, tx, v, "note", cmd.IdempotencyKey, cmd.hash())
	if err != nil {
		return nil, err
	}
	if first > 0 {
		out := &NoteDone{Message: new(Message), Repeated: true}
		return out, notFound(tx.NewSelect().Model(out.Message).Where("m.id = ?", first).Scan(ctx))
	}
	m := &Message{
		ID: db.NewID(in.clock), CaseID: c.ID, CitizenID: c.CitizenID, OperatorID: v.OperatorID, Channel: "note", Direction: Note,
		Origin: FromOperator, Kind: "message", Sender: v.Name, Text: cmd.Text, BodyHash: cmd.hash(), Version: 1, Parts: len(files), At: tx.Now, SentAt: tx.Now,
	}
	if err := in.insertMessage(ctx, tx, m, files, index); err != nil {
		return nil, err
	}
	if key != "" {
		if err := insertAll(ctx, tx, []*messageKey{{Key: key, MessageID: m.ID}}); err != nil {
			return nil, err
		}
	}
	out := &NoteDone{Message: m}
	if out.Mentioned, out.Blind, err = mentions(ctx, tx, c, v, cmd); err != nil {
		return nil, err
	}
	events := []Event{NewEvent(tx, in.clock, "note.added", map[string]any{"files": len(files)})}
	for _, id := range out.Mentioned {
		events = append(events, NewEvent(tx, in.clock, "note.mention", map[string]any{"operator": id}))
	}
	for i := range events {
		events[i].MessageID = m.ID
	}
	if err := deleteDraft(ctx, tx, c.ID, v.OperatorID, NoteDraft); err != nil {
		return nil, err
	}
	return out, in.saveCase(ctx, tx, v, c, events)
}

// logins finds "@login" in a text.
func logins(text string) []string {
	var out []string
	for _, w := range strings.Fields(text) {
		w = strings.TrimLeft(w, `("'[`)
		name, ok := strings.CutPrefix(w, "@")
		if !ok {
			continue
		}
		if name = strings.ToLower(strings.TrimRight(name, `.,;:!?)"']`)); name != "" && len(out) < mostRecipients {
			out = append(out, name)
		}
	}
	return out
}

// mentions resolves who is mentioned, and who of them may see the case by the
// rule of Viewer.
func mentions(ctx context.Context, tx *db.Tx, c *Case, v Viewer, cmd NoteCommand) (told, blind []int64, err error) {
	names := logins(cmd.Text)
	if len(names) == 0 && len(cmd.Mentions) == 0 {
		return nil, nil, nil
	}
	var rows []struct {
		ID   int64
		Sees bool
	}
	err = tx.NewRaw(`SELECT o.id, (EXISTS (SELECT 1 FROM operator_roles AS r WHERE r.operator_id = o.id AND
			(r.office_id = ? OR r.office_id IN (SELECT office_id FROM case_offices WHERE case_id = ?)))
		OR (EXISTS (SELECT 1 FROM operator_roles AS r LEFT JOIN offices AS f ON f.id = r.office_id WHERE r.operator_id = o.id AND (f.level = 'front' OR r.role = 'reception'))
			AND NOT EXISTS (SELECT 1 FROM offices AS f WHERE f.id = ? AND f.reserved))) AS sees
		FROM operators AS o WHERE o.disabled_at = 0 AND (o.id IN (?) OR LOWER(o.login) IN (?)) ORDER BY o.id`,
		c.OfficeID, c.ID, c.OfficeID, bun.List(append([]int64{0}, cmd.Mentions...)), bun.List(append([]string{""}, names...))).Scan(ctx, &rows)
	if err != nil {
		return nil, nil, fmt.Errorf("who is mentioned: %w", err)
	}
	for _, r := range rows {
		switch {
		case r.ID == v.OperatorID:
		case r.Sees:
			told = append(told, r.ID)
		default:
			blind = append(blind, r.ID)
		}
	}
	return told, blind, nil
}
