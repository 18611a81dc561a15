package register

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"filodiretto/inbox"
)

// TestTheEntryHoldsAll: number, date, sender, recipients, subject, the hash of the
// message byte for byte and of each file, office and class (DPR 445/2000 art. 53).
func TestTheEntryHoldsAll(t *testing.T) {
	eachDB(t, ownSettings(), func(t *testing.T, e *env) {
		m := e.letter("Richiesta di copia", "Segnatura.xml", `<Segnatura><Intestazione><Identificatore><CodiceAmministrazione>m_x</CodiceAmministrazione><NumeroRegistrazione>0000042</NumeroRegistrazione><DataRegistrazione>2026-11-16</DataRegistrazione></Identificatore></Intestazione></Segnatura>`, "pianta.pdf", "testo")
		_, parts, err := e.inbox.MessageWithParts(t.Context(), e.giulia, m.ID)
		must(t, err)
		rec, err := e.Segnatura(t.Context(), e.giulia, parts)
		if err != nil || rec == nil || rec.Number != "0000042" || rec.Administration != "m_x" {
			t.Fatalf("%+v %v", rec, err)
		}
		x, err := e.Enter(t.Context(), e.giulia, Command{MessageID: m.ID, Version: 1, Class: "6.3", OfficeID: e.offices["edilizia"], Origin: OriginFrom(rec)})
		must(t, err)
		raw, _, err := e.inbox.RawMessage(t.Context(), e.giulia, m.ID)
		must(t, err)
		v, err := e.View(t.Context(), e.giulia, x.ID)
		must(t, err)
		sum := func(b []byte) string { h := sha256.Sum256(b); return hex.EncodeToString(h[:]) }
		if len(v.Documents) != 3 || v.Documents[0].What != Received || v.Documents[0].SHA256 != sum(raw) || v.Documents[2].SHA256 != sum([]byte("testo")) || v.Documents[2].Name != "pianta.pdf" {
			t.Fatalf("%+v", v.Documents)
		}
		if got := e.packed(m, v.Documents[0].Name); v.Documents[0].Name != "busta.eml" || got != v.Documents[0].SHA256 {
			t.Fatalf("one name has one hash: %q is %q in the package and %q here", v.Documents[0].Name, got, v.Documents[0].SHA256)
		}
		l := v.Line
		if l.Ref() != "0000001/2026" || l.Day != "2026-11-17" || !strings.Contains(l.Sender, annaPEC) || !strings.Contains(l.Recipients, box) || l.Subject != "Richiesta di copia" ||
			l.Office != "Edilizia privata" || l.Class != "VI.3" || l.ClassName != "Edilizia privata" || l.OriginOf().Number != "0000042" || l.Area != "AB12CD3" || l.Administration != "c_x000" || l.Operator != "Giulia Moretti" {
			t.Fatalf("%+v", l)
		}
		if !v.MayAssign || v.MayAnnul || v.MayCorrect {
			t.Fatalf("%+v", v)
		}
		out := e.answer(m, true)
		y := e.mustEnter(out)
		w, err := e.View(t.Context(), e.sara, y.ID)
		must(t, err)
		var sent string
		must(t, e.db.Read.NewRaw("SELECT sha256 FROM sent_mails").Scan(t.Context(), &sent))
		if w.Line.Direction != inbox.Out || w.Documents[0].What != Sent || w.Documents[0].SHA256 != sent || !w.MayAnnul {
			t.Fatalf("%+v", w.Documents[0])
		}
		e.sound()
	})
}

// packed is the hash of a file of a message's evidence package; "" for none of that name.
func (e *env) packed(m *inbox.Message, name string) string {
	e.t.Helper()
	pack, err := e.inbox.Evidence(e.t.Context(), e.giulia, m.ID)
	must(e.t, err)
	for _, f := range pack.Files {
		if f.Name != name {
			continue
		}
		r, err := f.Open()
		must(e.t, err)
		b, err := io.ReadAll(r)
		must(e.t, err)
		h := sha256.Sum256(b)
		return hex.EncodeToString(h[:])
	}
	return ""
}

// TestWhatIsRefused says which field is wrong, and gives no number.
func TestWhatIsRefused(t *testing.T) {
	eachDB(t, ownSettings(), func(t *testing.T, e *env) {
		m := e.letter("Richiesta")
		for _, x := range []struct {
			cmd         Command
			field, code string
		}{
			{Command{Class: ""}, "class", "unknown"},
			{Command{Class: "VI"}, "class", "unknown"}, // a title that has classes
			{Command{Class: "VI.3", OfficeID: 7}, "office", "unknown"},
			{Command{Class: "VI.3", Subject: strings.Repeat("a", 1001)}, "subject", "too_long"},
		} {
			x.cmd.MessageID, x.cmd.Version = m.ID, 1
			_, err := e.Enter(t.Context(), e.giulia, x.cmd)
			wantCode(t, err, x.field, x.code)
		}
		if _, err := e.Enter(t.Context(), inbox.Viewer{}, Command{MessageID: m.ID}); !errors.Is(err, inbox.ErrForbidden) {
			t.Fatal(err)
		}
		if _, err := e.enter(e.elena, m); !errors.Is(err, inbox.ErrNotFound) {
			t.Fatal(err)
		}
		note, err := e.inbox.Note(t.Context(), e.giulia, inbox.NoteCommand{CaseID: m.CaseID, Text: "nota"})
		must(t, err)
		_, err = e.Enter(t.Context(), e.giulia, Command{MessageID: note.Message.ID, Class: "VI.3"})
		wantCode(t, err, "message", "no_document")
		if x := e.mustEnter(m); x.Number != 1 {
			t.Fatal(x.Number)
		}
		_, err = e.enter(e.giulia, m)
		wantCode(t, err, "message", "registered")
	})
}

// TestAnnulment: a head takes an entry out of force with a reason and an act; it stays
// legible, and its message is due again and gets another number.
func TestAnnulment(t *testing.T) {
	eachDB(t, ownSettings(), func(t *testing.T, e *env) {
		m := e.letter("Richiesta")
		x := e.mustEnter(m)
		_, err := e.Annul(t.Context(), e.sara, x.ID, "", "Determina 1")
		wantCode(t, err, "reason", "required")
		_, err = e.Annul(t.Context(), e.sara, x.ID, "Doppione", " ")
		wantCode(t, err, "act", "required")
		if _, err = e.Annul(t.Context(), e.giulia, x.ID, "Doppione", "Determina 1"); !errors.Is(err, inbox.ErrForbidden) {
			t.Fatal(err)
		}
		if _, err = e.Annul(t.Context(), e.elena, x.ID, "Doppione", "Determina 1"); !errors.Is(err, inbox.ErrNotFound) {
			t.Fatal(err)
		}
		_, err = e.Annul(t.Context(), e.sara, x.ID, "Doppione", "Determina 1")
		must(t, err)
		_, err = e.Annul(t.Context(), e.sara, x.ID, "Doppione", "Determina 1")
		wantCode(t, err, "entry", "annulled")
		_, err = e.Assign(t.Context(), e.sara, x.ID, e.assignmentOf(x), e.offices["edilizia"], "VI.1")
		wantCode(t, err, "entry", "annulled")
		v, err := e.View(t.Context(), e.giulia, x.ID)
		if err != nil || v.Annulment == nil || v.Annulment.Reason != "Doppione" || v.Line.Subject != "Richiesta" || !v.Line.Annulled || v.MayAssign || len(v.Documents) == 0 {
			t.Fatalf("%+v %v", v, err)
		}
		if s := e.standing(m); s.State != Due || s.Entry == nil || !s.Annulled {
			t.Fatalf("%+v", s)
		}
		if y := e.mustEnter(m); y.Number != 2 {
			t.Fatal(y.Number)
		}
		e.sound()
	})
}

// TestAssign: office and class change, every earlier value is kept, and whoever saw an
// older one must look again.
func TestAssign(t *testing.T) {
	eachDB(t, ownSettings(), func(t *testing.T, e *env) {
		x := e.mustEnter(e.letter("Richiesta"))
		seen := e.assignmentOf(x)
		e.manual.Advance(time.Hour)
		a, err := e.Assign(t.Context(), e.giulia, x.ID, seen, e.offices["edilizia"], "VI.1")
		must(t, err)
		if _, err = e.Assign(t.Context(), e.giulia, x.ID, seen, e.offices["edilizia"], "VI.2"); !errors.Is(err, inbox.ErrChanged) {
			t.Fatal(err)
		}
		same, err := e.Assign(t.Context(), e.giulia, x.ID, a.ID, e.offices["edilizia"], "VI.1")
		if err != nil || same.ID != a.ID {
			t.Fatal("nothing changes, and nothing is written", err)
		}
		v, err := e.View(t.Context(), e.giulia, x.ID)
		if err != nil || len(v.Assignments) != 2 || v.Assignments[0].Class != "VI.1" || v.Assignments[1].Class != "VI.3" || v.Line.OfficeID != e.offices["edilizia"] {
			t.Fatalf("%+v %v", v, err)
		}
		e.sound()
	})
}

// TestExternalNumber: typed in many ways, doubted when another message has it,
// corrected with the history kept.
func TestExternalNumber(t *testing.T) {
	eachDB(t, externalSettings(), func(t *testing.T, e *env) {
		m, other := e.letter("Richiesta"), e.letter("Altra")
		put := func(m *inbox.Message, typed Typed, sure bool) (*Entry, error) {
			return e.Enter(t.Context(), e.giulia, Command{MessageID: m.ID, Version: e.standing(m).Version, Class: "VI.3", Typed: typed, Sure: sure})
		}
		for _, x := range []struct {
			typed       Typed
			field, code string
		}{
			{Typed{}, "number", "bad_form"},
			{Typed{Number: "0000"}, "number", "bad_form"},
			{Typed{Number: "<b>"}, "number", "bad_form"},
			{Typed{Number: "1", Date: "ieri"}, "date", "bad_form"},
			{Typed{Number: "1", Date: "2026-11-18"}, "date", "future"},
			{Typed{Number: "1/2025"}, "date", "required"},
			{Typed{Number: "1/2025", Date: "2026-01-01"}, "date", "other_year"},
			{Typed{Number: "1", Code: "a b"}, "code", "bad_form"},
			{Typed{Number: "1", Area: "a/b"}, "area", "bad_form"},
		} {
			_, err := put(m, x.typed, false)
			wantCode(t, err, x.field, x.code)
		}
		x, err := put(m, Typed{Number: "prot. n. 0001234/2026"}, false)
		if err != nil || x.Ref() != "0001234/2026" || x.Source != Theirs || x.Number != 1234 || x.Day != "2026-11-17" || x.Code != "PG" {
			t.Fatalf("%+v %v", x, err)
		}
		_, err = put(other, Typed{Number: "2026/1234"}, false)
		wantCode(t, err, "number", WarnTaken)
		y, err := put(other, Typed{Number: "0001234"}, true)
		must(t, err)
		z, err := e.Correct(t.Context(), e.giulia, y.ID, Command{Class: "VI.3", Typed: Typed{Number: "12/A-B", Date: "2026-11-16"}})
		if err == nil {
			t.Fatalf("a slash parts number and year: %+v", z)
		}
		z, err = e.Correct(t.Context(), e.giulia, y.ID, Command{Class: "VI.3", Typed: Typed{Number: "0001235", Date: "2026-11-16", Code: "RP"}})
		if err != nil || z.ReplacesID != y.ID || z.Day != "2026-11-16" || z.Code != "RP" {
			t.Fatalf("%+v %v", z, err)
		}
		_, err = e.Correct(t.Context(), e.giulia, y.ID, Command{Class: "VI.3", Typed: Typed{Number: "9"}})
		wantCode(t, err, "entry", "corrected")
		v, err := e.View(t.Context(), e.giulia, z.ID)
		if err != nil || len(v.Earlier) != 1 || v.Earlier[0].ID != y.ID || !v.MayCorrect {
			t.Fatalf("%+v %v", v, err)
		}
		v, err = e.View(t.Context(), e.giulia, y.ID)
		if err != nil || v.Later == nil || v.Later.ID != z.ID || v.MayCorrect {
			t.Fatalf("%+v %v", v, err)
		}
		if s := e.standing(other); s.EntryID != z.ID {
			t.Fatalf("%+v", s)
		}
		if n, err := e.CloseDays(t.Context()); err != nil || n != 0 {
			t.Fatal("another program's register is not ours to close", n, err)
		}
		e.sound()
	})
}

// TestOff: nothing is said of the register, and nothing is written.
func TestOff(t *testing.T) {
	set := ownSettings()
	set.Mode = Off
	eachDB(t, set, func(t *testing.T, e *env) {
		m := e.letter("Richiesta")
		if n := e.number("SELECT count(*) FROM register_states"); n != 0 {
			t.Fatal(n)
		}
		if _, err := e.enter(e.giulia, m); !errors.Is(err, inbox.ErrNotFound) {
			t.Fatal(err)
		}
		if _, _, err := e.List(t.Context(), e.giulia, Filter{}); !errors.Is(err, inbox.ErrNotFound) {
			t.Fatal(err)
		}
	})
}
