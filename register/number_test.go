package register

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"filodiretto/inbox"
	"filodiretto/internal/clock"
	"filodiretto/internal/db"
)

// TestNumbersHaveNoGaps: 32 operators register at once, some of them the same
// message and some wrongly. Every number exists once, and none is missing.
func TestNumbersHaveNoGaps(t *testing.T) {
	const writers, each = 32, 5
	eachDB(t, ownSettings(), func(t *testing.T, e *env) {
		var messages []*inbox.Message
		for i := range writers * each {
			messages = append(messages, e.letter(fmt.Sprintf("Richiesta %d", i)))
		}
		var mu sync.Mutex
		var got []int64
		refused := 0
		together(writers, func(w int) {
			for i := range each {
				m := messages[w*each+i]
				for try := range 2 { // the second is one too many
					class := "VI.3"
					if (w+i)%4 == 0 && try == 0 {
						class = "XCIX.1" // refused after the number was taken
					}
					x, err := e.Enter(t.Context(), e.giulia, Command{MessageID: m.ID, Version: 1, Class: class})
					mu.Lock()
					if err == nil {
						got = append(got, x.Number)
					} else {
						refused++
					}
					mu.Unlock()
				}
			}
		})
		if len(got) != writers*each || refused != writers*each {
			t.Fatal(len(got), "given,", refused, "refused")
		}
		slices.Sort(got)
		for i, n := range got {
			if n != int64(i+1) {
				t.Fatalf("number %d stands at place %d", n, i+1)
			}
		}
		e.sound()
		var rows []*Entry
		must(t, e.db.Read.NewSelect().Model(&rows).OrderExpr("re.number").Scan(t.Context()))
		for i, x := range rows {
			if x.Shown != fmt.Sprintf("%07d", i+1) || i > 0 && (x.At < rows[i-1].At || x.Seq <= rows[i-1].Seq) {
				t.Fatalf("%+v", x)
			}
		}
	})
}

// TestTheYearChangesAtMidnightInRome: numbers begin again when the clock on the wall
// does, not in UTC; over the changes of the clocks days stay days.
func TestTheYearChangesAtMidnightInRome(t *testing.T) {
	eachDB(t, ownSettings(), func(t *testing.T, e *env) {
		for i, x := range []struct {
			at   time.Time
			want string
			day  string
		}{
			{time.Date(2026, 12, 31, 22, 59, 59, 999_000_000, time.UTC), "0000001/2026", "2026-12-31"},
			{time.Date(2026, 12, 31, 23, 0, 0, 0, time.UTC), "0000001/2027", "2027-01-01"},
			{time.Date(2026, 12, 31, 23, 30, 0, 0, time.UTC), "0000002/2027", "2027-01-01"},
			{time.Date(2027, 3, 27, 22, 59, 0, 0, time.UTC), "0000003/2027", "2027-03-27"}, // before the clocks go forward
			{time.Date(2027, 3, 28, 21, 59, 0, 0, time.UTC), "0000004/2027", "2027-03-28"}, // after: midnight is an hour earlier
			{time.Date(2027, 3, 28, 22, 1, 0, 0, time.UTC), "0000005/2027", "2027-03-29"},
			{time.Date(2027, 10, 30, 22, 30, 0, 0, time.UTC), "0000006/2027", "2027-10-31"}, // 00:30 of the day of 25 hours
			{time.Date(2027, 10, 31, 22, 30, 0, 0, time.UTC), "0000007/2027", "2027-10-31"}, // 23:30 of it
			{time.Date(2027, 12, 31, 23, 0, 0, 0, time.UTC), "0000001/2028", "2028-01-01"},
		} {
			m := e.letter(fmt.Sprint("Lettera ", i))
			e.manual.Advance(clock.At(x.at).Sub(e.manual.Now()))
			if got := e.mustEnter(m); got.Ref() != x.want || string(got.Day) != x.day {
				t.Fatalf("%s: %s of %s, want %s of %s", x.at, got.Ref(), got.Day, x.want, x.day)
			}
		}
		e.sound()
	})
}

// TestAClockThatGoesBack: within minutes, as between two machines, lines keep their
// order; beyond that nothing is registered.
func TestAClockThatGoesBack(t *testing.T) {
	eachDB(t, ownSettings(), func(t *testing.T, e *env) {
		a, b := e.letter("a"), e.letter("b")
		first := e.mustEnter(a)
		e.manual.Advance(-2 * time.Minute)
		second := e.mustEnter(b)
		if second.At != first.At || second.Number != 2 {
			t.Fatalf("%+v", second)
		}
		c := e.letter("c")
		e.manual.Advance(-10 * time.Minute)
		_, err := e.enter(e.giulia, c)
		wantCode(t, err, "clock", "behind")
		e.sound()
	})
}

// TestNothingIsChanged: the database refuses to change or take out any line, and a
// line changed behind its back shows.
func TestNothingIsChanged(t *testing.T) {
	eachDB(t, ownSettings(), func(t *testing.T, e *env) {
		m := e.letter("Richiesta", "pianta.pdf", "xx")
		x := e.mustEnter(m)
		_, err := e.Assign(t.Context(), e.giulia, x.ID, e.assignmentOf(x), e.offices["edilizia"], "VI.1")
		must(t, err)
		_, err = e.Annul(t.Context(), e.sara, x.ID, "Doppione", "Determina 12/2026")
		must(t, err)
		e.manual.Advance(24 * time.Hour)
		if n, err := e.CloseDays(t.Context()); err != nil || n != 1 {
			t.Fatal(n, err)
		}
		for _, q := range []string{
			"UPDATE register_entries SET subject = 'altro'", "DELETE FROM register_entries",
			"UPDATE register_documents SET sha256 = ''", "DELETE FROM register_documents",
			"UPDATE register_assignments SET class = 'I.1'", "DELETE FROM register_assignments",
			"UPDATE register_annulments SET reason = ''", "DELETE FROM register_annulments",
			"UPDATE register_days SET sha256 = ''", "DELETE FROM register_days",
		} {
			if _, err := e.db.Write.NewRaw(q).Exec(t.Context()); err == nil || !strings.Contains(err.Error(), "never changed") {
				t.Errorf("%s: %v", q, err)
			}
		}
		if e.db.Postgres {
			if _, err := e.db.Write.NewRaw("TRUNCATE register_entries").Exec(t.Context()); err == nil {
				t.Error("emptied")
			}
		}
		e.sound()
		e.behindItsBack("UPDATE register_documents SET size = size + 1 WHERE ord = 1")
		c, err := e.Check(t.Context())
		if err != nil || c.Fault == nil || c.Fault.What != "hash" || c.Fault.Seq != x.Seq {
			t.Fatalf("%+v %v", c.Fault, err)
		}
	})
}

// TestAnEndTakenAwayShows: a book whose end is gone, or was put before its last lines.
func TestAnEndTakenAwayShows(t *testing.T) {
	before := func(table string) string {
		return "(SELECT hash FROM " + table + " WHERE seq = register_heads.seq - 1)"
	}
	for _, q := range []string{
		"DELETE FROM register_heads",
		"UPDATE register_heads SET seq = seq - 1, hash = COALESCE(" + before("register_entries") + ", " + before("register_assignments") + ")",
	} {
		eachDB(t, ownSettings(), func(t *testing.T, e *env) {
			for _, s := range []string{"a", "b", "c"} {
				e.mustEnter(e.letter(s))
			}
			e.sound()
			_, err := e.db.Write.NewRaw(q).Exec(t.Context())
			must(t, err)
			c, err := e.Check(t.Context())
			if err != nil || c.Fault == nil || c.Fault.What != "end" {
				t.Errorf("%s: %+v %v", q, c.Fault, err)
			}
		})
	}
}

// TestALineTakenOutShows: in the middle, and at the end.
func TestALineTakenOutShows(t *testing.T) {
	for name, x := range map[string]struct{ which, want string }{"middle": {"2", "missing"}, "end": {"3", "missing"}} {
		t.Run(name, func(t *testing.T) {
			eachDB(t, ownSettings(), func(t *testing.T, e *env) {
				for _, s := range []string{"a", "b", "c"} {
					e.mustEnter(e.letter(s))
				}
				e.sound()
				e.behindItsBack("DELETE FROM register_entries WHERE number = " + x.which)
				c, err := e.Check(t.Context())
				if err != nil || c.Fault == nil || c.Fault.What != x.want {
					t.Fatalf("%+v %v", c.Fault, err)
				}
			})
		})
	}
}

// behindItsBack does what the triggers forbid, as somebody with the keys of the
// database could.
func (e *env) behindItsBack(q string) {
	e.t.Helper()
	tables := []string{"register_entries", "register_documents"}
	if e.db.Postgres {
		for _, name := range tables {
			_, err := e.db.Write.NewRaw("ALTER TABLE " + name + " DISABLE TRIGGER ALL").Exec(e.t.Context())
			must(e.t, err)
		}
	} else {
		for _, name := range tables {
			for _, end := range []string{"_unchanged", "_kept"} {
				_, err := e.db.Write.NewRaw("DROP TRIGGER " + name + end).Exec(e.t.Context())
				must(e.t, err)
			}
		}
	}
	_, err := e.db.Write.NewRaw(q).Exec(e.t.Context())
	must(e.t, err)
}

func (e *env) assignmentOf(x *Entry) int64 {
	e.t.Helper()
	a, err := db.AskOne[Assignment](e.t.Context(), e.db, "SELECT ra.* FROM register_assignments AS ra WHERE ra.entry_id = ? ORDER BY ra.seq DESC LIMIT 1", []any{x.ID})
	must(e.t, err)
	return a.ID
}
