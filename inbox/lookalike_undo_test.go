package inbox

import (
	"errors"
	"testing"
	"time"
)

// Rule 51: a sender who was found to be false leaves a sign on the case, which no robot
// answers; a slip is taken back whole, the hold with it.
func TestRule51AJudgementIsTakenBack(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		ourMail(e)
		e.arrive(e.mail, letter("Ufficio Tributi <truffa@posta.example>", "d1@posta.example", "Uno", "Pagate qui."))
		c, _, l := e.remarks()
		if _, err := e.UndoJudgement(t.Context(), e.giulia, c.ID, l.ID); !errors.Is(err, ErrChanged) {
			t.Error("nothing was said:", err)
		}
		c, err := e.JudgeLookalike(t.Context(), e.giulia, c.ID, l.ID, false)
		if err != nil || c.Suspect || !c.CalledFalse || !e.theCase(c.ID).CalledFalse {
			t.Fatal(c, err)
		}
		z := &Identity{Kind: "email", Value: "truffa@posta.example", Proof: Declared}
		if why := (&automatics{in: e.Inbox, tx: nil}).withheld(&automatic{Case: c, To: *z}); why != "suspect" {
			t.Error("a robot would write to them:", why)
		}
		if _, err := e.UndoJudgement(t.Context(), e.elena, c.ID, l.ID); !errors.Is(err, ErrNotFound) {
			t.Error("another office:", err)
		}
		e.manual.Advance(time.Minute)
		c, err = e.UndoJudgement(t.Context(), e.giulia, c.ID, l.ID)
		if err != nil || !c.Suspect || c.CalledFalse || e.theCase(c.ID).CalledFalse {
			t.Fatal(c, err)
		}
		if held, err := e.HeldSenders(t.Context(), e.giulia); err != nil || len(held) != 0 {
			t.Error("still held:", held, err)
		}
		if c, err = e.JudgeLookalike(t.Context(), e.giulia, c.ID, l.ID, true); err != nil || c.Suspect || c.CalledFalse {
			t.Error("decided anew:", c, err)
		}
	})
}

// Who was held before stays so when a judgement that would have held them is taken back.
func TestRule22AFormerHoldOutlivesTheJudgement(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		ourMail(e)
		e.arrive(e.mail, letter("Ufficio Tributi <truffa@posta.example>", "d1@posta.example", "Uno", "Pagate qui."))
		c, _, l := e.remarks()
		must(t, e.HoldSender(t.Context(), e.giulia, "email", "truffa@posta.example", c.OfficeID, "Insiste"))
		e.manual.Advance(time.Minute)
		if _, err := e.JudgeLookalike(t.Context(), e.giulia, c.ID, l.ID, false); err != nil {
			t.Fatal(err)
		}
		if _, err := e.UndoJudgement(t.Context(), e.giulia, c.ID, l.ID); err != nil {
			t.Fatal(err)
		}
		if held, err := e.HeldSenders(t.Context(), e.giulia); err != nil || len(held) != 1 {
			t.Error("not held any more:", held, err)
		}
	})
}
