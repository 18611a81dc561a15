package mail

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/emersion/go-imap/v2"

	"filodiretto/internal/clock"
)

// historyAge is how old a message must be at the first connection to count as
// archive: it then enters without receipts, notices and terms (rules 7 and 8).
const historyAge = 24 * time.Hour

// cursor is how far one folder was read (rule 1). It is stored in the same
// transaction as the messages it passes.
type cursor struct {
	UIDValidity uint32   `json:"uidvalidity"`
	LastUID     imap.UID `json:"last_uid"`

	// While a long backlog is read, messages from AheadFrom to AheadTo were taken
	// in already; 0 for no backlog.
	AheadFrom imap.UID `json:"ahead_from,omitempty"`
	AheadTo   imap.UID `json:"ahead_to,omitempty"`

	// Box tells mailboxes apart: two may have the same UIDVALIDITY, which is
	// often no more than the second in which a folder was made. Moves counts how
	// often the account was given another mailbox.
	Box   string `json:"box,omitempty"`
	Moves int    `json:"moves,omitempty"`

	// Messages below OldBelow were there when the folder was first seen, or
	// when it was renumbered. Only for those the two dates count: whatever
	// comes later is new, however old its date claims to be.
	OldBelow      imap.UID      `json:"old_below,omitempty"`
	NotBefore     clock.Instant `json:"not_before,omitempty"`     // older ones are left out
	ArchiveBefore clock.Instant `json:"archive_before,omitempty"` // older ones enter as archive

	// Later holds messages that the server did not give yet. They are tried
	// again, so that they do not stop the ones behind them (rule 23).
	Later []later `json:"later,omitempty"`
}

// later is one message still owed by the server.
type later struct {
	UID   imap.UID `json:"uid"`
	Tries int      `json:"tries"`
}

// firstCursor is where a folder begins that was never read (rule 7). next is
// the UID that the next new message will have.
func firstCursor(start startPoint, validity uint32, next imap.UID, now clock.Instant) cursor {
	c := cursor{UIDValidity: validity, OldBelow: next, ArchiveBefore: now.Add(-historyAge)}
	switch {
	case start.now:
		c.LastUID = next - 1
		// If the folder is renumbered one day, what was old must stay out; a
		// day of slack forgives a server whose clock is wrong.
		c.NotBefore = now.Add(-historyAge)
	case start.days > 0:
		c.NotBefore = now.Add(-time.Duration(start.days) * 24 * time.Hour)
	}
	return c
}

// renumbered begins again at the start of a new numbering (rule 2). Messages
// that are known by their bytes are recognised further up.
func (c cursor) renumbered(validity uint32, next imap.UID) cursor {
	return cursor{UIDValidity: validity, Box: c.Box, Moves: c.Moves, OldBelow: next, NotBefore: c.NotBefore, ArchiveBefore: c.ArchiveBefore}
}

// moved begins in another mailbox. It is read as one that was renumbered, since
// it may hold the same messages: after the move to another provider it does.
func (c cursor) moved(box string, validity uint32, next imap.UID) cursor {
	c = c.renumbered(validity, next)
	c.Box, c.Moves = box, c.Moves+1
	return c
}

// prefix begins the dedup keys of a folder's messages. The first mailbox's are
// plain.
func (c cursor) prefix(folder string) string {
	if c.Moves > 0 {
		folder = fmt.Sprintf("%s@%d", folder, c.Moves)
	}
	return fmt.Sprintf("%s/%d/", folder, c.UIDValidity)
}

// leavesOut tells whether a message is older than what the administrator
// wants.
func (c cursor) leavesOut(uid imap.UID, at clock.Instant) bool {
	return uid < c.OldBelow && c.NotBefore != 0 && at != 0 && at < c.NotBefore
}

// archives tells whether a message is history.
func (c cursor) archives(uid imap.UID, at clock.Instant) bool {
	return uid < c.OldBelow && at != 0 && at < c.ArchiveBefore
}

func (c cursor) encode() []byte {
	b, err := json.Marshal(c)
	if err != nil {
		panic(fmt.Sprintf("encode a mail cursor: %v", err)) // numbers and dates always encode
	}
	return b
}

func decodeCursor(b []byte) (cursor, error) {
	var c cursor
	if err := json.Unmarshal(b, &c); err != nil {
		return cursor{}, fmt.Errorf("decode a mail cursor: %w", err)
	}
	return c, nil
}
