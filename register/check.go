package register

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/uptrace/bun"

	"filodiretto/internal/blob"
	"filodiretto/queue"
)

// Fault is the first place in a book that does not hold.
type Fault struct {
	Book string
	Seq  int64
	What string // "hash", "missing", "number", "end", in a word
}

// Checked is what Check looked at.
type Checked struct {
	Lines, Entries int
	Fault          *Fault // nil when all holds
}

// checkStep is how many lines of each kind are read at once.
const checkStep = 2000

// checkLine is one line of any kind, ready to be computed again.
type checkLine struct {
	seq            int64
	previous, hash string
	what           string
	facts          []any
	entry          *Entry
}

// Check computes all books again from their rows: every hash, that no line and no
// number is missing, and that the ends are where they were left. A line that was
// changed, added or taken out by somebody with the keys of the database shows.
// All is read as it stood at one moment: what is entered meanwhile is no fault.
func (r *Register) Check(ctx context.Context) (*Checked, error) {
	out := &Checked{}
	err := r.db.Snapshot(ctx, func(ctx context.Context, tx bun.IDB) error { return out.check(ctx, tx) })
	if err != nil {
		return nil, fmt.Errorf("check the register: %w", err)
	}
	return out, nil
}

func (out *Checked) check(ctx context.Context, tx bun.IDB) error {
	var heads []*head
	if err := tx.NewSelect().Model(&heads).OrderExpr("rh.book").Scan(ctx); err != nil {
		return err
	}
	ends, err := findEnds(ctx, tx)
	if err != nil {
		return err
	}
	for _, h := range heads {
		if err := out.checkBook(ctx, tx, h); err != nil || out.Fault != nil {
			return err
		}
		if ends[h.Book] > h.Seq {
			out.Fault = &Fault{h.Book, h.Seq + 1, "end"}
			return nil
		}
		delete(ends, h.Book)
	}
	for book := range ends { // its end was taken away
		out.Fault = &Fault{book, 1, "end"}
	}
	return nil
}

// findEnds finds the last line of each book that has any, whatever its end says.
func findEnds(ctx context.Context, tx bun.IDB) (map[string]int64, error) {
	var rows []struct {
		Book string
		Seq  int64
	}
	err := tx.NewRaw(`SELECT book, max(seq) AS seq FROM (SELECT book, max(seq) AS seq FROM register_entries GROUP BY book
		UNION ALL SELECT book, max(seq) AS seq FROM register_assignments GROUP BY book
		UNION ALL SELECT book, max(seq) AS seq FROM register_annulments GROUP BY book) AS lines GROUP BY book`).Scan(ctx, &rows)
	if err != nil {
		return nil, err
	}
	out := map[string]int64{}
	for _, row := range rows {
		out[row.Book] = row.Seq
	}
	return out, nil
}

func (out *Checked) checkBook(ctx context.Context, tx bun.IDB, h *head) error {
	previous, year, last := "", 0, int64(0)
	seq := int64(0)
	fault := func(what string) { out.Fault = &Fault{h.Book, seq, what} }
	for seq < h.Seq {
		lines, err := findLines(ctx, tx, h.Book, seq, min(seq+checkStep, h.Seq))
		if err != nil {
			return err
		}
		for _, l := range lines {
			if seq++; l.seq != seq {
				fault("missing")
				return nil
			}
			if l.previous != previous || hashLine(l.previous, l.what, l.seq, l.facts) != l.hash {
				fault("hash")
				return nil
			}
			previous = l.hash
			out.Lines++
			if e := l.entry; e != nil {
				out.Entries++
				if e.Source == Own && (e.Year == year && e.Number != last+1 || e.Year != year && e.Number != 1 || e.Year < year) {
					fault("number")
					return nil
				}
				if e.Source == Own {
					year, last = e.Year, e.Number
				}
			}
		}
		if len(lines) == 0 || len(lines) < checkStep && seq < h.Seq {
			seq++
			fault("missing")
			return nil
		}
	}
	if h.Hash != previous {
		fault("end")
	}
	return nil
}

// findLines reads the lines of a book after one seq and up to another.
func findLines(ctx context.Context, tx bun.IDB, book string, after, to int64) ([]checkLine, error) {
	var entries []*Entry
	var assignments []*Assignment
	var annulments []*Annulment
	for _, x := range []struct {
		alias string
		to    any
	}{{"re", &entries}, {"ra", &assignments}, {"rx", &annulments}} {
		err := tx.NewSelect().Model(x.to).Where(x.alias+".book = ? AND "+x.alias+".seq > ? AND "+x.alias+".seq <= ?", book, after, to).Scan(ctx)
		if err != nil {
			return nil, err
		}
	}
	ids := []int64{0}
	for _, e := range entries {
		ids = append(ids, e.ID)
	}
	var docs []*Document
	if err := tx.NewSelect().Model(&docs).Where("rd.entry_id IN (?)", bun.List(ids)).OrderExpr("rd.entry_id, rd.ord").Scan(ctx); err != nil {
		return nil, err
	}
	of := map[int64][]*Document{}
	for _, d := range docs {
		of[d.EntryID] = append(of[d.EntryID], d)
	}
	var out []checkLine
	for _, e := range entries {
		out = append(out, checkLine{e.Seq, e.Previous, e.Hash, "entry", e.facts(of[e.ID]), e})
	}
	for _, a := range assignments {
		out = append(out, checkLine{a.Seq, a.Previous, a.Hash, "assignment", a.facts(), nil})
	}
	for _, x := range annulments {
		out = append(out, checkLine{x.Seq, x.Previous, x.Hash, "annulment", x.facts(), nil})
	}
	slices.SortFunc(out, func(a, b checkLine) int { return cmp.Compare(a.seq, b.seq) })
	return out, nil
}

// CheckDays looks that every daily file is there, byte for byte, and holds the hash of
// the one before. It returns how many there are and the days that do not hold.
func (r *Register) CheckDays(ctx context.Context) (int, []queue.Day, error) {
	var days []*Daily
	if err := r.db.Read.NewSelect().Model(&days).OrderExpr("rdy.book, rdy.day").Scan(ctx); err != nil {
		return 0, nil, fmt.Errorf("check the daily registers: %w", err)
	}
	var broken []queue.Day
	for i, d := range days {
		follows := i == 0 || days[i-1].Book != d.Book || d.Previous == days[i-1].SHA256 && d.Day == days[i-1].Day.Add(1)
		if whole, err := r.whole(ctx, d); err != nil {
			return len(days), broken, err
		} else if !whole || !follows {
			broken = append(broken, d.Day)
		}
	}
	return len(days), broken, nil
}

// whole reports whether the file of a day has the bytes that its hash promises.
func (r *Register) whole(ctx context.Context, d *Daily) (bool, error) {
	f, err := r.blobs.Open(ctx, d.SHA256)
	if errors.Is(err, blob.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("check a daily register: %w", err)
	}
	defer f.Close()
	_, err = io.Copy(io.Discard, f) // the store tells bytes that do not fit the name
	if errors.Is(err, blob.ErrCorrupt) {
		return false, nil
	}
	return err == nil, err
}
