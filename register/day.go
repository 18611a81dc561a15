package register

import (
	"bytes"
	"context"
	"fmt"
	"io"

	"github.com/uptrace/bun"

	"filodiretto/inbox"
	"filodiretto/internal/clock"
	"filodiretto/internal/db"
	"filodiretto/queue"
)

// Daily is the register of one day as it was closed: a file in the blob store, named
// by its hash, which holds the hash of the file of the day before. It goes to
// preservation by the next working day (Italian reference 1.1).
type Daily struct {
	bun.BaseModel `bun:"table:register_days,alias:rdy"`

	Book        string    `bun:",pk"`
	Day         queue.Day `bun:",pk"`
	Entries     int
	Annulments  int
	FirstNumber string // "" on a day without entries
	LastNumber  string
	Size        int64
	SHA256      string `bun:"sha256"`
	Previous    string
	MadeAt      clock.Instant
}

// Name is the name of the file: "registro-PG-2026-11-21.csv".
func (d *Daily) Name() string { return "registro-" + d.Book + "-" + string(d.Day) + ".csv" }

// mostDays is how many days one round of the chore closes, so that a program that
// was switched off for a year does not hold everything else up.
const mostDays = 400

// CloseDays closes every day that is over and is not closed yet, from the first entry
// on, days without entries included: so a missing file shows. It is a chore; done
// again, or by two processes at once, it makes the same files. It returns how many
// days it closed. Only the program's own register has daily ones.
func (r *Register) CloseDays(ctx context.Context) (int, error) {
	if r.set.Mode != Builtin {
		return 0, nil
	}
	book := r.book.name()
	from, previous, err := r.nextDay(ctx, book)
	if err != nil || from == "" {
		return 0, err
	}
	today := queue.DayOf(r.clock.Now(), r.set.Zone)
	n := 0
	for day := from; day < today && n < mostDays; day = day.Add(1) {
		d, err := r.closeDay(ctx, book, day, previous)
		if err != nil {
			return n, err
		}
		previous = d.SHA256
		n++
	}
	if n > 0 {
		r.log.InfoContext(ctx, "daily registers closed", "days", n, "from", from)
	}
	return n, nil
}

// nextDay is the first day that is not closed, with the hash of the file of the day
// before; empty when there is nothing in the book.
func (r *Register) nextDay(ctx context.Context, book string) (day queue.Day, previous string, err error) {
	var last []*Daily
	err = r.db.Ask(ctx, "SELECT rdy.* FROM register_days AS rdy WHERE rdy.book = ? ORDER BY rdy.day DESC LIMIT 1", []any{book}, &last)
	if err != nil {
		return "", "", fmt.Errorf("close days of the register: %w", err)
	}
	if len(last) > 0 {
		return last[0].Day.Add(1), last[0].SHA256, nil
	}
	var first string
	if err := r.db.Ask(ctx, "SELECT COALESCE(MIN(day), '') FROM register_entries WHERE book = ?", []any{book}, &first); err != nil {
		return "", "", fmt.Errorf("close days of the register: %w", err)
	}
	return queue.Day(first), "", nil
}

// closeDay makes the file of a day. First it moves the end of the book past midnight,
// under its lock: whoever waits for the lock with a line of that day gets a later
// instant, so that what is read then is all that there will ever be.
func (r *Register) closeDay(ctx context.Context, book string, day queue.Day, previous string) (*Daily, error) {
	err := r.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		h, err := lockHead(ctx, tx, book)
		if err != nil {
			return err
		}
		h.At = max(h.At, day.End(r.set.Zone))
		return h.save(ctx, tx)
	})
	if err != nil {
		return nil, err
	}
	s, err := r.loadDay(ctx, book, day)
	if err != nil {
		return nil, err
	}
	s.previous = previous
	d := s.daily()
	file := s.csv(nil)
	if d.SHA256, d.Size, err = r.blobs.Put(ctx, bytes.NewReader(file)); err != nil {
		return nil, fmt.Errorf("keep a daily register: %w", err)
	}
	err = r.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		d.MadeAt = tx.Now
		if _, err := tx.NewInsert().Model(d).On("CONFLICT (book, day) DO NOTHING").Exec(ctx); err != nil {
			return fmt.Errorf("keep a daily register: %w", err)
		}
		return tx.NewSelect().Model(d).WherePK().Scan(ctx) // another process may have been quicker
	})
	return d, err
}

// Dailies are the daily registers, newest first, before a day ("" for the newest).
func (r *Register) Dailies(ctx context.Context, v inbox.Viewer, before queue.Day, limit int) ([]*Daily, error) {
	if err := r.needReader(v); err != nil {
		return nil, err
	}
	if before == "" {
		before = "9999"
	}
	var days []*Daily
	err := r.db.Ask(ctx, fmt.Sprintf("SELECT rdy.* FROM register_days AS rdy WHERE rdy.book = ? AND rdy.day < ? ORDER BY rdy.day DESC LIMIT %d", max(1, min(limit, mostListed))),
		[]any{r.book.name(), string(before)}, &days)
	if err != nil {
		return nil, fmt.Errorf("daily registers: %w", err)
	}
	return days, nil
}

// OpenDaily opens the file of a day. Where it tells of cases that the viewer may not
// see, a copy without their contents is given instead, and veiled is set: its hash is
// another one. ErrNotFound for a day that was not closed.
func (r *Register) OpenDaily(ctx context.Context, v inbox.Viewer, day queue.Day) (d *Daily, f io.ReadCloser, veiled bool, err error) {
	if err := r.needReader(v); err != nil {
		return nil, nil, false, err
	}
	d, err = db.AskOne[Daily](ctx, r.db, "SELECT rdy.* FROM register_days AS rdy WHERE rdy.book = ? AND rdy.day = ?", []any{r.book.name(), string(day)})
	if err != nil {
		return nil, nil, false, missing(err)
	}
	s, err := r.loadDay(ctx, d.Book, day)
	if err != nil {
		return nil, nil, false, err
	}
	hidden, err := r.hidden(ctx, v, s)
	if err != nil {
		return nil, nil, false, err
	}
	if len(hidden) > 0 {
		s.previous = d.Previous
		return d, io.NopCloser(bytes.NewReader(s.csv(hidden))), true, nil
	}
	file, err := r.blobs.Open(ctx, d.SHA256)
	if err != nil {
		return nil, nil, false, fmt.Errorf("open a daily register: %w", err)
	}
	return d, file, false, nil
}
