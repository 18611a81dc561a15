package inbox

import (
	"fmt"
	"testing"
)

// Rule 51: that a sender looks like somebody else, or was found to be false, stands on the
// case that people see, also after the message's own case was put into it, however deep; and
// each case has its own marks again when it is taken out.
func TestRule51DoubtsFollowAMergedCase(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		ourMail(e)
		marks := func(cases ...*Case) (out string) {
			for _, c := range cases {
				now := e.theCase(c.ID)
				out += fmt.Sprintf("%v/%v ", now.Suspect, now.CalledFalse)
			}
			return out
		}
		want := func(what, want string, cases ...*Case) {
			t.Helper()
			if got := marks(cases...); got != want {
				t.Errorf("%s: suspect/false %swant %s", what, got, want)
			}
		}
		e.arrive(e.mail, letter("Ufficio Tributi <truffa@posta.example>", "d1@posta.example", "Uno", "Pagate qui."))
		doubted, _, l := e.remarks()
		clean := func(id, subject string) *Case {
			e.arrive(e.mail, letter("Ufficio Tributi <truffa@posta.example>", id, subject, "Buongiorno."))
			c, _, _ := e.remarks()
			_, err := e.db.Write.NewRaw("DELETE FROM lookalikes WHERE case_id = ?", c.ID).Exec(t.Context())
			must(t, err)
			_, err = e.db.Write.NewRaw("UPDATE cases SET suspect = ? WHERE id = ?", false, c.ID).Exec(t.Context())
			must(t, err)
			return c
		}
		middle, outer := clean("d2@posta.example", "Due"), clean("d3@posta.example", "Tre")
		want("before", "true/false false/false false/false ", doubted, middle, outer)

		e.mergeCase(doubted, middle)
		want("merged", "true/false ", middle)
		e.mergeCase(middle, outer)
		want("merged twice", "true/false ", outer)

		c, err := e.JudgeLookalike(t.Context(), e.giulia, outer.ID, l.ID, false)
		if err != nil || c.Suspect || !c.CalledFalse {
			t.Fatal(c, err)
		}
		want("judged on the outer case", "false/true false/true false/true ", doubted, middle, outer)
		if _, err := e.UndoJudgement(t.Context(), e.giulia, outer.ID, l.ID); err != nil {
			t.Fatal(err)
		}
		want("taken back", "true/false true/false true/false ", doubted, middle, outer)
		if _, err := e.JudgeLookalike(t.Context(), e.giulia, outer.ID, l.ID, false); err != nil {
			t.Fatal(err)
		}

		version := e.theCase(outer.ID).Version
		if _, err := e.UnmergeCase(t.Context(), e.giulia, doubted.ID); err != nil {
			t.Fatal(err)
		}
		want("the doubted one taken out", "false/true false/false false/false ", doubted, middle, outer)
		if e.theCase(outer.ID).Version == version {
			t.Error("the outer case changed and kept its version")
		}
	})
}
