package inbox

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"filodiretto/channels"
	"filodiretto/internal/clock"
)

// SameIDNote is in Message.Notes when a mail of another text was here before with its
// Message-ID (mail rule 26): sent once more with changes, rewritten by a list, or made
// to look like another. Both are kept; the later one tells it.
const SameIDNote = "same_message_id"

// SameID is a mail that came before another one, under the same Message-ID and with
// another text.
type SameID struct {
	MessageID int64
	CaseID    int64
	Year      int
	Number    int64
	Subject   string // of the mail
	At        clock.Instant

	BodyHash string
}

// Ref is the number of its case.
func (s SameID) Ref() string { return CaseRef(s.Year, s.Number) }

// loadSameID finds the Message-IDs of the batch under which mails of another text came
// before. Each id is looked for until one is found: a scanner may give all its mails
// the same.
func (f *filing) loadSameID(ctx context.Context) error {
	f.bodies = map[string]string{}
	if !isMail(f.acc.Kind) {
		return nil
	}
	var rows []any
	f.eachItem(func(_ *reading, it *channels.Item) {
		if it.Kind == channels.Message && it.ExternalID != "" {
			rows = append(rows, it.ExternalID, it.BodyHash)
		}
	})
	for part := range slices.Chunk(rows, 2*mostInserted) {
		var found []string
		err := f.tx.NewRaw("WITH came(id, hash) AS (VALUES "+strings.Repeat(", (?, ?)", len(part)/2)[len(", "):]+`)
			SELECT came.id FROM came WHERE EXISTS (SELECT 1 FROM messages AS m WHERE m.external_id = came.id AND m.external_id <> '' AND m.direction = 'in' AND m.body_hash <> came.hash)`,
			part...).Scan(ctx, &found)
		if err != nil {
			return fmt.Errorf("mails of the same id: %w", err)
		}
		for _, id := range found {
			f.bodies[id] = several
		}
	}
	return nil
}

// several stands in filing.bodies for an id under which there is more than one text, or
// one that differs from that of the batch.
const several = "*"

// flagSameID notes on a message that is filed now that another text has its id.
func (f *filing) flagSameID(it *channels.Item, m *Message) {
	if !isMail(f.acc.Kind) || it.Kind != channels.Message || it.ExternalID == "" {
		return
	}
	switch was, seen := f.bodies[it.ExternalID]; {
	case !seen:
		f.bodies[it.ExternalID] = it.BodyHash
	case was != it.BodyHash:
		m.Notes = strings.TrimLeft(m.Notes+" "+SameIDNote, " ")
		f.bodies[it.ExternalID] = several
	}
}

// sameIDs tells of messages with SameIDNote which mail came before under their id. Only
// what the viewer may see is told: the note alone would tell of a case that is not to be
// seen, so that it is shown with SameID or not at all.
func (in *Inbox) sameIDs(ctx context.Context, v Viewer, messages []*Message) error {
	const most = 50 // of a scanner that gives all its mails the same id
	found := map[string][]SameID{}
	for _, m := range messages {
		if !hasNote(m, SameIDNote) {
			continue
		}
		list, asked := found[m.ExternalID]
		if !asked {
			may, offices := visible(v, "c")
			args := append([]any{m.ExternalID}, offices...)
			err := in.db.Ask(ctx, fmt.Sprintf(`SELECT m.id AS message_id, c.id AS case_id, c.year, c.number, m.subject, m.at, m.body_hash
				FROM messages AS m JOIN cases AS c ON c.id = m.case_id
				WHERE m.external_id = ? AND m.external_id <> '' AND m.direction = 'in' AND %s ORDER BY m.id LIMIT %d`, may, most), args, &list)
			if err != nil {
				return fmt.Errorf("mails of the same id: %w", err)
			}
			found[m.ExternalID] = list
		}
		for _, s := range list {
			if s.MessageID < m.ID && s.BodyHash != m.BodyHash {
				m.SameID = &s
				break
			}
		}
	}
	return nil
}

// beside fills what is told of messages beside what they say: by which further
// mailboxes they came, and which other mail has their id.
func (in *Inbox) beside(ctx context.Context, v Viewer, messages []*Message) error {
	if err := in.arrivals(ctx, v, messages); err != nil {
		return err
	}
	return in.sameIDs(ctx, v, messages)
}
