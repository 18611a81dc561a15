package inbox

import (
	"strings"
	"testing"
	"time"

	"filodiretto/internal/textfold"
)

// opened files a letter and gives its case.
func (e *env) opened(from, id, subject, text string) *Case {
	e.t.Helper()
	e.arrive(e.mail, letter(from, id, subject, text))
	cs := e.allCases()
	return cs[len(cs)-1]
}

func TestCommandsOnACase(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		realMail(e)
		ctx := t.Context()
		c := e.opened("Ada <ada@posta.example>", "a1@posta.example", "Buca", "C'è una buca.")
		for name, do := range map[string]func(Viewer) error{
			"assign":   func(v Viewer) error { _, err := e.Assign(ctx, v, c.ID, 0, e.giulia.OperatorID); return err },
			"kind":     func(v Viewer) error { _, err := e.SetKind(ctx, v, c.ID, 0, Report); return err },
			"priority": func(v Viewer) error { _, err := e.SetPriority(ctx, v, c.ID, 0, 2); return err },
			"due":      func(v Viewer) error { _, err := e.SetDue(ctx, v, c.ID, 0, e.manual.Now().Add(time.Hour)); return err },
			"status":   func(v Viewer) error { _, err := e.SetStatus(ctx, v, c.ID, 0, Waiting); return err },
			"snooze":   func(v Viewer) error { _, err := e.Snooze(ctx, v, c.ID, 0, e.manual.Now().Add(time.Hour)); return err },
		} {
			if err := do(e.elena); err != ErrNotFound {
				t.Errorf("%s by another office: %v", name, err)
			}
			if err := do(e.giulia); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		got, err := e.CaseByRef(ctx, e.giulia, "2026/1")
		if err != nil || got.AssigneeID != e.giulia.OperatorID || got.Kind != Report || got.Priority != 2 || got.Version != c.Version+6 {
			t.Errorf("%+v %v", got, err)
		}
		if _, err := e.SetKind(ctx, e.giulia, c.ID, c.Version, Thanks); err != ErrChanged {
			t.Error("an old version was accepted:", err)
		}
		if _, err := e.Assign(ctx, e.giulia, c.ID, 0, e.elena.OperatorID); err == nil {
			t.Error("given to somebody of another office")
		}
		if n := e.number("SELECT count(*) FROM events WHERE case_id = ? AND operator_id = ?", c.ID, e.giulia.OperatorID); n != 6 {
			t.Error("each command leaves an event:", n)
		}
	})
}

func TestSnoozedCasesWake(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		realMail(e)
		ctx := t.Context()
		c := e.opened("Ada <ada@posta.example>", "a1@posta.example", "Buca", "x")
		if _, err := e.Snooze(ctx, e.giulia, c.ID, 0, e.manual.Now()); err == nil {
			t.Error("snoozed into the past")
		}
		if _, err := e.Snooze(ctx, e.giulia, c.ID, 0, e.manual.Now().Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
		if n, err := e.WakeSnoozed(ctx); n != 0 || err != nil {
			t.Error("woke too early", n, err)
		}
		e.manual.Advance(2 * time.Hour)
		if n, err := e.WakeSnoozed(ctx); n != 1 || err != nil {
			t.Error(n, err)
		}
		if c := e.allCases()[0]; c.Status != Open || !c.Unread {
			t.Errorf("%+v", c)
		}
	})
}

func TestCloseIsNotDoneOverANewerMessage(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		realMail(e)
		c := e.opened("Ada <ada@posta.example>", "a1@posta.example", "Buca", "x")
		e.arrive(e.mail, letter("Ada <ada@posta.example>", "a2@posta.example", "Re: Buca", "Aspettate!", "In-Reply-To: <a1@posta.example>"))
		if _, err := e.Close(t.Context(), e.giulia, c.ID, 0, c.LastInID, "done"); err != ErrChanged {
			t.Error("closed over a message that nobody saw:", err)
		}
	})
}

func TestCasesAreMergedAndTakenApart(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		realMail(e)
		ctx := t.Context()
		a := e.opened("Ada <ada@posta.example>", "a1@posta.example", "Buca", "la prima")
		b := e.opened("Ada <ada@posta.example>", "a2@posta.example", "La buca di ieri", "la seconda")
		eva := e.opened("Eva <eva@posta.example>", "e1@posta.example", "Nido", "altra persona")
		if _, err := e.MergeCase(ctx, e.giulia, eva.ID, a.ID); err == nil {
			t.Error("another person's case was put into Ada's")
		}
		if _, err := e.MergeCase(ctx, e.giulia, b.ID, a.ID); err != nil {
			t.Fatal(err)
		}
		cv, err := e.ViewCase(ctx, e.giulia, a.ID)
		if err != nil {
			t.Fatal(err)
		}
		texts := ""
		for _, x := range cv.Entries {
			if x.Message != nil {
				texts += x.Message.Text
			}
		}
		if !strings.Contains(texts, "la prima") || !strings.Contains(texts, "la seconda") {
			t.Error("both are on one timeline:", texts)
		}
		// a later answer to the merged one goes to the parent (rule 78)
		e.arrive(e.mail, letter("Ada <ada@posta.example>", "a3@posta.example", "Re: La buca di ieri", "la terza", "In-Reply-To: <a2@posta.example>"))
		if n := e.number("SELECT count(*) FROM messages WHERE case_id = ?", a.ID); n != 2 {
			t.Error("messages of the parent:", n)
		}
		if _, err := e.UnmergeCase(ctx, e.giulia, b.ID); err != nil {
			t.Fatal(err)
		}
		if got, err := e.CaseByID(ctx, e.giulia, b.ID); err != nil || got.Status != Open || got.MergedInto != 0 {
			t.Errorf("%+v %v", got, err)
		}
	})
}

func TestSearchFindsWordsFormsAndFilters(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		realMail(e)
		ctx := t.Context()
		a := e.opened("Ada Rossi <ada@posta.example>", "a1@posta.example", "Buche in via Po", "Ci sono tre buche profonde davanti al civico dodici.")
		e.opened("Eva Neri <eva@posta.example>", "e1@posta.example", "Nido", "Quando apre la graduatoria? Davanti alla scuola c'era una buca.")
		if _, err := e.SetKind(ctx, e.giulia, a.ID, 0, Report); err != nil {
			t.Fatal(err)
		}
		for query, want := range map[string]int{
			"buca": 2, "buche profonde": 1, "BUCHE -nido": 1, "lampione": 0, `"tre buche"`: 1, `"buche tre"`: 0,
			"kind:report": 1, "buca kind:report": 1, "from:rossi": 1, "buca from:neri": 1, "number:1": 1, "has:attachment": 0, "after:2026-11-17": 2, "before:2026-11-17": 0,
		} {
			q, problems := textfold.Parse(query, textfold.Options{Today: textfold.DayOf(e.manual.Now().Time())})
			if len(problems) > 0 {
				t.Errorf("%s: %v", query, problems)
			}
			f, err := e.Search(ctx, e.giulia, q, 10)
			if err != nil || len(f.Hits) != want {
				t.Errorf("%s: %d hits, want %d (%v)", query, len(f.Hits), want, err)
			}
			other, err := e.Search(ctx, e.elena, q, 10)
			if err != nil || len(other.Hits) != 0 {
				t.Errorf("%s: another office found %d (%v)", query, len(other.Hits), err)
			}
		}
		e.arrive(e.mail, letter("Ada Rossi <ada@posta.example>", "a2@posta.example", "Re: Buche in via Po", "Le buche sono ancora tre.", "In-Reply-To: <a1@posta.example>"))
		for query, want := range map[string]string{`"tre buche"`: "Ci sono tre buche", `"ancora tre"`: "ancora tre", `"via Po" -"ancora tre"`: "Ci sono tre buche"} {
			q, _ := textfold.Parse(query, textfold.Options{})
			f, err := e.Search(ctx, e.giulia, q, 10)
			if err != nil || len(f.Hits) != 1 || !strings.Contains(f.Hits[0].Excerpt, want) {
				t.Errorf("%s may stand in any message of a case: %+v %v", query, f.Hits, err)
			}
		}
		q, _ := textfold.Parse("buca", textfold.Options{})
		f, err := e.Search(ctx, e.giulia, q, 10)
		if err != nil || f.Hits[0].Case.ID != a.ID || !strings.Contains(f.Hits[0].Excerpt, "buche") {
			t.Errorf("a word in the subject ranks first: %+v %v", f.Hits, err)
		}
	})
}

func TestSealsShowTampering(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		realMail(e)
		ctx := t.Context()
		e.opened("Ada <ada@posta.example>", "a1@posta.example", "Buca", "x")
		if n, err := e.Seal(ctx); n != 0 || err != nil {
			t.Error("events that are too young were sealed", n, err)
		}
		e.manual.Advance(10 * time.Minute)
		n, err := e.Seal(ctx)
		if n == 0 || err != nil {
			t.Fatal(n, err)
		}
		if bad, err := e.CheckSeals(ctx); bad != nil || err != nil {
			t.Fatal(bad, err)
		}
		e.opened("Eva <eva@posta.example>", "e1@posta.example", "Nido", "x")
		e.manual.Advance(10 * time.Minute)
		if _, err := e.Seal(ctx); err != nil {
			t.Fatal(err)
		}
		for _, tamper := range []string{
			"UPDATE events SET operator_id = 7 WHERE id = (SELECT max(id) FROM events)",
			"DELETE FROM events WHERE id = (SELECT min(id) FROM events)",
		} {
			if _, err := e.db.Write.Exec(tamper); err != nil {
				t.Fatal(err)
			}
			if bad, err := e.CheckSeals(ctx); bad == nil || err != nil {
				t.Error("tampering does not show:", tamper, err)
			}
		}
	})
}

func TestAVisitIsRecordedOnce(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		ctx := t.Context()
		realCounter(e)
		w := Visit{AccountID: e.counter.ID, Key: "k1", Person: "Lucia Ferrante", CF: "RSSMRA85T10A562S", Phone: "347 555 0142", DocumentSeen: true, Subject: "Residenza", Text: "Chiede la residenza."}
		a, err := e.RecordVisit(ctx, e.giulia, w)
		if err != nil {
			t.Fatal(err)
		}
		b, err := e.RecordVisit(ctx, e.giulia, w)
		if err != nil || a.ID != b.ID || e.number("SELECT count(*) FROM messages") != 1 || e.number("SELECT count(*) FROM citizens") != 1 {
			t.Error("a double click is one visit", err)
		}
		if n := e.number("SELECT count(*) FROM identities WHERE kind = 'cf' AND proof = ?", Certain); n != 1 {
			t.Error("a document that was seen makes the codice fiscale certain", n)
		}
		w.Key, w.CF = "k2", "RSSMRA85T10A562Z"
		if _, err := e.RecordVisit(ctx, e.giulia, w); err == nil {
			t.Error("a wrong check letter passed without a word")
		}
		w.CFReason = "così nel tesserino"
		if _, err := e.RecordVisit(ctx, e.giulia, w); err != nil {
			t.Error("and with a reason it is kept:", err)
		}
		if n := e.number("SELECT count(*) FROM proposals WHERE state = 'open'"); n != 1 {
			t.Error("the same telephone proposes a link:", n)
		}
		w = Visit{AccountID: e.counter.ID, Key: "k3", Text: "Chiede un modulo.", Closed: true, Outcome: "given"}
		c, err := e.RecordVisit(ctx, e.giulia, w)
		if err != nil || c.Status != Closed || c.Person != "Senza nome" {
			t.Errorf("somebody without a name, dealt with on the spot: %+v %v", c, err)
		}
		if _, err := e.RecordVisit(ctx, e.elena, Visit{AccountID: e.counter.ID, Key: "k4", Text: "x"}); err != ErrForbidden {
			t.Error("who is not at the desk records no visit:", err)
		}
	})
}

func TestThePublicPageNeedsTheSecret(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		realMail(e)
		ctx := t.Context()
		c := e.opened("Ada <ada@posta.example>", "a1@posta.example", "Buca", "C'è una buca.")
		if _, err := e.StatusPage(ctx, c.Ref(), "SBAGLIATA1"); err != ErrNotFound {
			t.Error(err)
		}
		if _, err := e.StatusPage(ctx, "2026/999999", ""); err != ErrNotFound {
			t.Error("no case, no secret:", err)
		}
		p, err := e.StatusPage(ctx, " "+c.Ref()+" ", strings.ToLower(c.Secret[:5])+" "+c.Secret[5:])
		if err != nil || len(p.Messages) != 1 || !p.Messages[0].FromCitizen {
			t.Errorf("%+v %v", p, err)
		}
	})
}
