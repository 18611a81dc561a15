package inbox

import "testing"

// meanwhile does something, once, after a batch that opens a case has read what is there
// and before it writes; on SQLite, which has one writer, after it has written.
func (e *env) meanwhile(do func()) (done chan struct{}) {
	done = make(chan struct{})
	begun := false
	e.route.decide = func(Facts) Decision {
		if !begun {
			begun = true
			go func() {
				defer close(done)
				do()
			}()
			if e.db.Postgres {
				<-done
			}
		}
		return Decision{}
	}
	return done
}

// A case that somebody closes while an automatic answer is filed on it stays closed, and
// each change of it has a version of its own.
func TestFilingKeepsWhatChangedMeanwhile(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		realMail(e)
		e.arrive(e.mail, letter("Ada <ada@posta.example>", "a1@posta.example", "Buca", "In via Roma."))
		c := e.allCases()[0]
		var closed *Case
		var err error
		done := e.meanwhile(func() { closed, err = e.Close(t.Context(), e.giulia, c.ID, 0, 0, "solved") })
		e.arrive(e.mail, letter("Ada <ada@posta.example>", "a2@posta.example", "Assente", "Torno lunedì.", "References: <a1@posta.example>", "Auto-Submitted: auto-replied"),
			letter("Bea <bea@posta.example>", "b1@posta.example", "Orari", "Quando siete aperti?"))
		<-done
		must(t, err)
		got, err := e.CaseByID(t.Context(), e.giulia, c.ID)
		must(t, err)
		if got.Status != Closed || got.Outcome != "solved" {
			t.Errorf("the case is %s, %q", got.Status, got.Outcome)
		}
		if e.db.Postgres && got.Version != closed.Version+1 {
			t.Errorf("version %d after %d", got.Version, closed.Version)
		}
		if n := e.number("SELECT count(*) FROM messages WHERE case_id = ?", c.ID); n != 2 {
			t.Error(n, "messages on the case")
		}
	})
}

// Merged meanwhile: what comes goes where the case went.
func TestFilingFollowsAMergeThatCameMeanwhile(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		realMail(e)
		e.arrive(e.mail, letter("Ada <ada@posta.example>", "a1@posta.example", "Buca", "In via Roma."))
		from := e.allCases()[0]
		e.arrive(e.mail, letter("Ada <ada@posta.example>", "a2@posta.example", "Lampione", "In via Po."))
		var err error
		into := from
		for _, c := range e.allCases() {
			if c.ID != from.ID {
				into = c
			}
		}
		done := e.meanwhile(func() { _, err = e.MergeCase(t.Context(), e.giulia, from.ID, into.ID) })
		e.arrive(e.mail, letter("Ada <ada@posta.example>", "a3@posta.example", "Re: Buca", "Ancora.", "References: <a1@posta.example>"),
			letter("Bea <bea@posta.example>", "b1@posta.example", "Orari", "Quando siete aperti?"))
		<-done
		must(t, err)
		got, err := e.CaseByID(t.Context(), e.giulia, from.ID)
		must(t, err)
		if got.Status != Closed || got.MergedInto != into.ID {
			t.Errorf("the merged case is %s", got.Status)
		}
	})
}

// A remark that somebody finds to be fine while another mail of that sender is filed
// marks no case any more.
func TestFilingKeepsAJudgementThatCameMeanwhile(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		ourMail(e)
		e.arrive(e.mail, letter("Ufficio Tributi <tributi@posta.example>", "d1@posta.example", "Uno", "Buongiorno."))
		first, _, _ := e.remarks()
		e.arrive(e.mail, letter("Ufficio Tributi <tributi@posta.example>", "d2@posta.example", "Due", "Buongiorno."))
		second, _, l := e.remarks()
		if first.ID == second.ID || !first.Suspect {
			t.Fatal(first, second)
		}
		var err error
		done := e.meanwhile(func() { _, err = e.JudgeLookalike(t.Context(), e.giulia, second.ID, l.ID, true) })
		e.arrive(e.mail, letter("Ufficio Tributi <tributi@posta.example>", "d3@posta.example", "Re: Uno", "Ancora.", "References: <d1@posta.example>"),
			letter("Bea <bea@posta.example>", "b1@posta.example", "Orari", "Quando siete aperti?"))
		<-done
		must(t, err)
		got, err := e.CaseByID(t.Context(), e.giulia, first.ID)
		must(t, err)
		if n := e.number("SELECT count(*) FROM messages WHERE case_id = ?", first.ID); n != 2 || got.Suspect {
			t.Errorf("%d messages, suspect %v", n, got.Suspect)
		}
	})
}
