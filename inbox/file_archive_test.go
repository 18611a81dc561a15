package inbox

import (
	"slices"
	"testing"
	"time"

	"filodiretto/channels"
	"filodiretto/channels/mail"
)

// archived takes in old mails, each as many days old as it says.
func (e *env) archived(t *testing.T, letters map[int]string) {
	t.Helper()
	days := make([]int, 0, len(letters))
	for d := range letters {
		days = append(days, d)
	}
	slices.Sort(days)
	slices.Reverse(days)
	for _, d := range days {
		err := e.Accept(t.Context(), e.mail.ID, channels.Batch{Stream: "INBOX", Items: []channels.Raw{{
			DedupKey: letters[d], ContentType: mail.TypeMessage, Body: []byte(letters[d]), ReceivedAt: e.manual.Now().Add(-time.Duration(d) * 24 * time.Hour), Archive: true,
		}}})
		must(t, err)
		e.ingest(e.mail)
	}
}

// TestRule08AnArchiveDoesNothing: its cases are closed under the date of their mails,
// have no term and answer nobody, also where its mails answer each other.
func TestRule08AnArchiveDoesNothing(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		ourMail(e)
		e.route.decide = func(Facts) Decision { return Decision{Receipt: true, DueAt: e.manual.Now()} }
		const ada = "Ada <ada@posta.example>"
		e.archived(t, map[int]string{
			400: letter(ada, "v1@posta.example", "Vecchia buca", "La prima."),
			340: letter(ada, "v2@posta.example", "Re: Vecchia buca", "Un anno fa.", "In-Reply-To: <v1@posta.example>"),
			20:  letter(ada, "a1@posta.example", "Buca", "C'è una buca."),
			9:   letter(ada, "a2@posta.example", "Re: Buca", "C'è ancora.", "In-Reply-To: <a1@posta.example>"),
		})
		byTitle := map[string]*Case{}
		for _, c := range e.allCases() {
			byTitle[c.Subject] = c
			if c.Status != Closed || c.Outcome != "archive" || c.Unread || c.DueAt != 0 {
				t.Errorf("%s: %s %q, unread %v, due %v", c.Subject, c.Status, c.Outcome, c.Unread, c.DueAt)
			}
		}
		c := byTitle["Buca"]
		if n := len(e.allCases()); c == nil || n != 3 {
			t.Fatalf("%d cases; what answers after two months is another matter, then as now", n)
		}
		if want := e.manual.Now().Add(-9 * 24 * time.Hour); c.LastAt != want || c.ClosedAt != want || e.number("SELECT count(*) FROM messages WHERE case_id = ?", c.ID) != 2 {
			t.Errorf("last at %v, closed at %v", c.LastAt.Time(), c.ClosedAt.Time())
		}
		if n := e.number("SELECT count(*) FROM deliveries") + e.number("SELECT count(*) FROM events WHERE kind IN ('case.reopened', 'automatic.withheld')"); n != 0 {
			t.Error("answers, or cases opened again:", n)
		}
		e.arrive(e.mail, letter(ada, "n1@posta.example", "Re: Municipio", "Quando aprite?", "In-Reply-To: <n0@posta.example>"))
		live := e.lastIn(t)
		if _, err := e.Close(t.Context(), e.giulia, live.CaseID, 0, 0, "done"); err != nil {
			t.Fatal(err)
		}
		e.archived(t, map[int]string{3: letter(ada, "n0@posta.example", "Municipio", "Ieri era chiuso.")})
		if c := e.theCase(live.CaseID); c.Status != Closed || c.LastInID != live.ID || e.number("SELECT count(*) FROM messages WHERE direction = 'in' AND case_id = ?", c.ID) != 2 {
			t.Errorf("the archive changed a live case: %+v", c)
		}
		// who writes again today goes on with what the archive holds
		e.arrive(e.mail, letter(ada, "a3@posta.example", "Re: Buca", "Si allarga.", "In-Reply-To: <a2@posta.example>"))
		if c := e.theCase(c.ID); c.Status != Open || !c.Unread {
			t.Errorf("a live answer: %+v", c)
		}
	})
}
