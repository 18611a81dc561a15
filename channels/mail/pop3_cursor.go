package mail

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"filodiretto/internal/clock"
)

// popStream is the stream of a mailbox that is read over POP3.
const popStream = "POP3"

// popCursor says what of a mailbox is left out. What was taken in is told by the
// originals themselves, so that nothing here grows with the mail: the list is made
// once, and gets shorter as messages leave the server.
type popCursor struct {
	Box           string        `json:"box"`                      // as in cursor
	NotBefore     clock.Instant `json:"not_before,omitempty"`     // older ones are left out (rule 7)
	ArchiveBefore clock.Instant `json:"archive_before,omitempty"` // older ones enter as archive (rule 8)
	// Skipped are the messages that were there at the first look and are not wanted.
	Skipped []popMark `json:"skipped,omitempty"`
}

// popMark stands for a message of the server in little memory.
type popMark [8]byte

// MarshalText writes a mark in hex.
func (k popMark) MarshalText() ([]byte, error) { return []byte(hex.EncodeToString(k[:])), nil }

// UnmarshalText reads it.
func (k *popMark) UnmarshalText(b []byte) error {
	if len(b) != hex.EncodedLen(len(k)) {
		return fmt.Errorf("a mark of %d letters", len(b))
	}
	_, err := hex.Decode(k[:], b)
	return err
}

// popEntry is a line of the server's list.
type popEntry struct {
	number int // in this session only
	uid    string
	size   int64
}

// unnamed begins what stands for the id of a message without a usable one; no id
// has a space.
const unnamed = " "

func (e popEntry) nameless() bool { return strings.HasPrefix(e.uid, unnamed) }

// popPrefix begins the keys of a mailbox.
func popPrefix(box string) string { return "pop3/" + box + "/" }

// key is the message's dedup key. A server may give a unique id again when its
// message is gone (RFC 1939 section 7); with the size beside it, the new one is not
// taken for the old.
func (e popEntry) key(box string) string {
	return popPrefix(box) + e.uid + "/" + strconv.FormatInt(e.size, 10)
}

func (e popEntry) mark(box string) (k popMark) {
	sum := sha256.Sum256([]byte(e.key(box)))
	copy(k[:], sum[:])
	return k
}

func (c popCursor) encode() []byte {
	b, err := json.Marshal(c)
	if err != nil {
		panic(fmt.Sprintf("encode a mail cursor: %v", err)) // marks and dates always encode
	}
	return b
}

// firstPop is where a mailbox begins that was never read.
func firstPop(start startPoint, box string, now clock.Instant) popCursor {
	c := firstCursor(start, 0, 1, now)
	return popCursor{Box: box, NotBefore: c.NotBefore, ArchiveBefore: c.ArchiveBefore}
}
