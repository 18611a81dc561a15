package register

import (
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"io"
	"strings"
	"testing"
	"time"

	"filodiretto/inbox"
	"filodiretto/queue"
)

// TestDailyRegister: one file for each day from the first entry on, which hold each
// other by their hashes; made again, or by many at once, they are the same.
func TestDailyRegister(t *testing.T) {
	eachDB(t, ownSettings(), func(t *testing.T, e *env) {
		if n, err := e.CloseDays(t.Context()); err != nil || n != 0 {
			t.Fatal("nothing to close", n, err)
		}
		a := e.mustEnter(e.letter("=Richiesta; \"una\"", "pianta.pdf", "x"))
		e.mustEnter(e.letter("Altra"))
		if n, err := e.CloseDays(t.Context()); err != nil || n != 0 {
			t.Fatal("the day is not over", n, err)
		}
		e.manual.Advance(3 * 24 * time.Hour)
		_, err := e.Annul(t.Context(), e.sara, a.ID, "Doppione", "Determina 7/2026")
		must(t, err)
		_, err = e.Assign(t.Context(), e.giulia, a.ID+1, 0, 0, "")
		if err == nil {
			t.Fatal("there is no such entry")
		}
		together(6, func(int) {
			if _, err := e.CloseDays(t.Context()); err != nil {
				t.Error(err)
			}
		})
		if n, err := e.CloseDays(t.Context()); err != nil || n != 0 {
			t.Fatal("they are closed", n, err)
		}
		e.manual.Advance(24 * time.Hour)
		if n, err := e.CloseDays(t.Context()); err != nil || n != 1 {
			t.Fatal(n, err)
		}
		days, err := e.Dailies(t.Context(), e.giulia, "", 10)
		if err != nil || len(days) != 4 || days[3].Day != "2026-11-17" || days[3].Entries != 2 || days[3].LastNumber != "0000002" || days[2].Entries != 0 || days[0].Annulments != 1 {
			t.Fatalf("%+v %v", days, err)
		}
		for i, d := range days {
			if i+1 < len(days) && d.Previous != days[i+1].SHA256 {
				t.Fatalf("%s does not hold the day before", d.Day)
			}
			_, f, veiled, err := e.OpenDaily(t.Context(), e.giulia, d.Day)
			must(t, err)
			b, err := io.ReadAll(f)
			must(t, err)
			must(t, f.Close())
			if sum := sha256.Sum256(b); hex.EncodeToString(sum[:]) != d.SHA256 || veiled || int64(len(b)) != d.Size {
				t.Fatal(d.Day, veiled)
			}
		}
		if n, broken, err := e.CheckDays(t.Context()); err != nil || n != 4 || len(broken) != 0 {
			t.Fatal(n, broken, err)
		}
		must(t, e.store.Discard(t.Context(), days[1].SHA256))
		must(t, e.store.Purge(t.Context(), days[1].SHA256))
		if n, broken, err := e.CheckDays(t.Context()); err != nil || n != 4 || len(broken) != 1 || broken[0] != "2026-11-19" {
			t.Fatal(n, broken, err)
		}
		rows := e.rows(e.giulia, "2026-11-17")
		if len(rows) != 4 || rows[1][0] != "registrazione" || rows[1][3] != "0000001" || rows[1][9] != `'=Richiesta; "una"` || rows[1][15] != "VI.3" || len(rows[1][17]) != 64 || rows[3][0] != "chiusura" {
			t.Fatalf("%q", rows)
		}
		rows = e.rows(e.giulia, "2026-11-20")
		if len(rows) != 3 || rows[1][0] != "annullamento" || rows[1][3] != "0000001" || rows[1][19] != "Determina 7/2026" {
			t.Fatalf("%q", rows)
		}
		e.sound()
	})
}

func (e *env) rows(v inbox.Viewer, day string) [][]string {
	e.t.Helper()
	_, f, _, err := e.OpenDaily(e.t.Context(), v, queue.Day(day))
	must(e.t, err)
	defer f.Close()
	b, err := io.ReadAll(f)
	must(e.t, err)
	in := csv.NewReader(bytes.NewReader(b))
	in.Comma = ';'
	rows, err := in.ReadAll()
	must(e.t, err)
	return rows
}

// TestALineNeverFallsIntoAClosedDay: whoever registers while a day is being closed,
// on a machine whose clock is behind, gets a place in the next one.
func TestALineNeverFallsIntoAClosedDay(t *testing.T) {
	eachDB(t, ownSettings(), func(t *testing.T, e *env) {
		e.mustEnter(e.letter("prima"))
		late := e.letter("dopo")
		e.manual.Advance(13*time.Hour + 30*time.Second) // half a minute after midnight in Rome
		if n, err := e.CloseDays(t.Context()); err != nil || n != 1 {
			t.Fatal(n, err)
		}
		e.manual.Advance(-time.Minute) // the other machine's clock
		x := e.mustEnter(late)
		if x.Day != "2026-11-18" || x.Number != 2 {
			t.Fatalf("%+v", x)
		}
		e.sound()
	})
}

// TestReservedCasesAreVeiled: who may not see a case sees its number, day and
// direction, in the list, in the entry and in the daily file, and finds it by nothing
// else.
func TestReservedCasesAreVeiled(t *testing.T) {
	eachDB(t, ownSettings(), func(t *testing.T, e *env) {
		open, secret := e.letter("Permesso"), e.letter("Sussidio di Anna")
		_, err := e.db.Write.NewRaw("UPDATE cases SET office_id = ? WHERE id = ?", e.offices["sociale"], secret.CaseID).Exec(t.Context())
		must(t, err)
		e.mustEnter(open)
		x, err := e.enter(e.rita, secret)
		must(t, err)
		lines, next, err := e.List(t.Context(), e.giulia, Filter{Limit: 10})
		if err != nil || next != "" || len(lines) != 2 || !lines[0].Veiled || lines[0].Number != 2 || lines[1].Veiled || lines[1].CaseRef == "" {
			t.Fatalf("%+v %v", lines, err)
		}
		if l := lines[0]; l.Subject+l.Sender+l.Recipients+l.Office+l.Class+l.Operator+l.CaseRef+l.Folded != "" || l.MessageID+l.CaseID+l.OfficeID != 0 {
			t.Fatalf("%+v", l)
		}
		for _, f := range []Filter{{Query: "sussidio"}, {OfficeID: e.offices["sociale"]}, {Query: "verdi", Class: "VI.3"}} {
			lines, _, err := e.List(t.Context(), e.giulia, f)
			for _, l := range lines {
				if l.Veiled || err != nil {
					t.Fatalf("%+v finds %+v %v", f, l, err)
				}
			}
		}
		if lines, _, err = e.List(t.Context(), e.rita, Filter{Query: "SUSSIDIO anna", Limit: 10}); err != nil || len(lines) != 1 || lines[0].Subject == "" {
			t.Fatal(lines, err)
		}
		for q, want := range map[string]int{"2": 1, "prot. 0000002/2026": 1, "2/2025": 0, "7": 0} {
			if lines, _, err = e.List(t.Context(), e.giulia, Filter{Query: q, Limit: 10}); err != nil || len(lines) != want {
				t.Fatal(q, lines, err)
			}
		}
		v, err := e.View(t.Context(), e.giulia, x.ID)
		if err != nil || !v.Line.Veiled || v.Documents != nil || v.MayAnnul || v.Assignments != nil {
			t.Fatalf("%+v %v", v, err)
		}
		e.manual.Advance(24 * time.Hour)
		_, err = e.CloseDays(t.Context())
		must(t, err)
		_, f, veiled, err := e.OpenDaily(t.Context(), e.giulia, "2026-11-17")
		must(t, err)
		b, err := io.ReadAll(f)
		must(t, err)
		if !veiled || strings.Contains(string(b), "Sussidio") || !strings.Contains(string(b), "Permesso") || !strings.Contains(string(b), omitted) {
			t.Fatalf("%v %s", veiled, b)
		}
		_, f, veiled, err = e.OpenDaily(t.Context(), inbox.Viewer{System: true}, "2026-11-17")
		must(t, err)
		if b, err = io.ReadAll(f); err != nil || veiled || !strings.Contains(string(b), "Sussidio") {
			t.Fatalf("%v %s", veiled, b)
		}
	})
}

// TestPagesOfTheList leave nothing out and show nothing twice.
func TestPagesOfTheList(t *testing.T) {
	eachDB(t, ownSettings(), func(t *testing.T, e *env) {
		for range 7 {
			e.mustEnter(e.letter("Richiesta"))
		}
		var got []int64
		for cursor := ""; ; {
			lines, next, err := e.List(t.Context(), e.giulia, Filter{Limit: 3, Cursor: cursor})
			must(t, err)
			for _, l := range lines {
				got = append(got, l.Number)
			}
			if cursor = next; cursor == "" {
				break
			}
		}
		if len(got) != 7 || got[0] != 7 || got[6] != 1 {
			t.Fatal(got)
		}
		_, _, err := e.List(t.Context(), e.giulia, Filter{Cursor: "zz"})
		wantCode(t, err, "cursor", "unreadable")
	})
}
