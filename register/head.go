package register

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"filodiretto/inbox"
	"filodiretto/internal/clock"
	"filodiretto/internal/db"
	"filodiretto/queue"
)

// head is the end of a book. Its row is locked by whoever writes a line, until the
// line is committed or not: so numbers have no gaps, and no line is older than the
// one before it.
type head struct {
	bun.BaseModel `bun:"table:register_heads,alias:rh"`

	Book string `bun:",pk"`
	Seq  int64
	Year int
	Last int64
	At   clock.Instant
	Hash string
}

// behind is how far a machine's clock may be behind the book's last line. Farther,
// and a number would bear a time that was not: then nothing is registered.
const behind = 5 * time.Minute

// lockHead locks the end of a book for the rest of the transaction and brings it to
// the present.
func lockHead(ctx context.Context, tx *db.Tx, book string) (*head, error) {
	h := new(head)
	err := tx.NewRaw(`INSERT INTO register_heads (book, seq, year, last, at, hash) VALUES (?, 0, 0, 0, 0, '')
		ON CONFLICT (book) DO UPDATE SET seq = register_heads.seq RETURNING *`, book).Scan(ctx, h)
	if err != nil {
		return nil, fmt.Errorf("lock the end of the register: %w", err)
	}
	if h.At > tx.Now.Add(behind) {
		return nil, &inbox.InvalidError{Field: "clock", Code: "behind"}
	}
	h.At = max(h.At, tx.Now)
	return h, nil
}

// next is the next number of the year to which the head's instant belongs, and the
// day of it.
func (h *head) next(zone *time.Location) (year int, number int64, day queue.Day) {
	t := h.At.Time().In(zone)
	if t.Year() != h.Year {
		h.Year, h.Last = t.Year(), 0
	}
	h.Last++
	return h.Year, h.Last, queue.DayOf(h.At, zone)
}

// chain is the place of one line in its book: its number among the lines of all
// kinds, and the hashes that bind it to those before.
type chain struct {
	seq            int64
	previous, hash string
}

// link puts a line at the end of the book. what says which kind it is, facts are all
// that must never change, in an order of their own.
func (h *head) link(what string, facts ...any) chain {
	h.Seq++
	c := chain{seq: h.Seq, previous: h.Hash}
	c.hash = hashLine(c.previous, what, c.seq, facts)
	h.Hash = c.hash
	return c
}

// hashLine is the SHA-256 over the hash before and the line as a JSON list, which
// leaves no doubt where one fact ends and the next begins.
func hashLine(previous, what string, seq int64, facts []any) string {
	b, err := json.Marshal(append([]any{previous, what, seq}, facts...))
	if err != nil {
		panic(fmt.Sprintf("register: a line that cannot be written: %v", err)) // texts and numbers only
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// save writes the new end of the book.
func (h *head) save(ctx context.Context, tx *db.Tx) error {
	if _, err := tx.NewUpdate().Model(h).WherePK().Exec(ctx); err != nil {
		return fmt.Errorf("write the end of the register: %w", err)
	}
	return nil
}

// facts of an entry are all of it but what follows from the rest.
func (e *Entry) facts(docs []*Document) []any {
	out := []any{
		e.ID, e.Source, e.Administration, e.Area, e.Code, e.Year, e.Number, e.Shown, e.Day, int64(e.At), e.Direction, e.MessageID, e.CaseID,
		e.Channel, e.Sender, e.Recipients, e.Subject, int64(e.DocumentAt), e.Origin, e.OperatorID, e.Operator, e.ReplacesID,
	}
	for _, d := range docs {
		out = append(out, []any{d.Ord, d.What, d.Name, d.Type, d.Size, d.SHA256, d.OfID})
	}
	return out
}

func (a *Assignment) facts() []any {
	return []any{a.ID, a.EntryID, a.OfficeID, a.Office, a.Class, a.ClassName, a.OperatorID, a.Operator, a.Day, int64(a.At)}
}

func (a *Annulment) facts() []any {
	return []any{a.EntryID, a.Reason, a.Act, a.OperatorID, a.Operator, a.Day, int64(a.At)}
}
