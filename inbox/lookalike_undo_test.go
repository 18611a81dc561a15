package inbox

import (
	"errors"
	"testing"
	"time"

	"filodiretto/internal/live"
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

// Who has another case of the sender open sees at once what was judged.
func TestRule51AJudgementTellsTheOtherCases(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		ourMail(e)
		e.arrive(e.mail, letter("Ufficio Tributi <truffa@posta.example>", "d1@posta.example", "Uno", "Pagate qui."))
		other, _, _ := e.remarks()
		e.arrive(e.mail, letter("Ufficio Tributi <truffa@posta.example>", "d2@posta.example", "Due", "Pagate qui."))
		c, _, l := e.remarks()
		told := func(do func() (*Case, error)) map[int64]int64 {
			t.Helper()
			events, stop := e.hub.Subscribe(func(x live.Event) bool { return x.Topic == "case" })
			defer stop()
			if _, err := do(); err != nil {
				t.Fatal(err)
			}
			out := map[int64]int64{}
			for {
				select {
				case x := <-events:
					out[x.ID] = x.Version
				default:
					return out
				}
			}
		}
		for _, do := range []func() (*Case, error){
			func() (*Case, error) { return e.JudgeLookalike(t.Context(), e.giulia, c.ID, l.ID, true) },
			func() (*Case, error) { return e.UndoJudgement(t.Context(), e.giulia, c.ID, l.ID) },
		} {
			got := told(do)
			var version int64
			must(t, e.db.Read.NewRaw("SELECT version FROM cases WHERE id = ?", other.ID).Scan(t.Context(), &version))
			if len(got) != 2 || got[c.ID] == 0 || got[other.ID] != version {
				t.Errorf("told of %v, not of %d in version %d", got, other.ID, version)
			}
		}
	})
}

// A judgement that concerns one message writes no other case of that sender: two people
// who judge at once do not wait for each other.
func TestRule51AJudgementWritesNoOtherCase(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		ourMail(e)
		ask := func(q string, args ...any) (out string) {
			t.Helper()
			must(t, e.db.Read.NewRaw(q, args...).Scan(t.Context(), &out))
			return out
		}
		do := func(q string) {
			t.Helper()
			_, err := e.db.Write.NewRaw(q).Exec(t.Context())
			must(t, err)
		}
		e.arrive(e.mail, letter("Ufficio Tributi <truffa@posta.example>", "d1@posta.example", "Uno", "Pagate qui."))
		other, _, _ := e.remarks()
		e.arrive(e.mail, letter("Ufficio Tributi <truffa@posta.example>", "d2@posta.example", "Due", "Pagate qui."))
		c, _, l := e.remarks()
		if c.ID == other.ID || !c.Suspect || !other.Suspect {
			t.Fatal(c, other)
		}
		do("UPDATE lookalikes SET kind = 'forged', about_id = message_id")
		written := func() string { return ask("SELECT xmin || '/' || ctid FROM cases WHERE id = ?", other.ID) }
		if !e.db.Postgres {
			do("CREATE TABLE seen_writes (id INTEGER)")
			do("CREATE TRIGGER see_writes AFTER UPDATE ON cases BEGIN INSERT INTO seen_writes VALUES (new.id); END")
			written = func() string { return ask("SELECT CAST(count(*) AS TEXT) FROM seen_writes WHERE id = ?", other.ID) }
		}
		before := written()
		for _, fine := range []bool{true, false} {
			got, err := e.JudgeLookalike(t.Context(), e.giulia, c.ID, l.ID, fine)
			if err != nil || got.Suspect || got.CalledFalse == fine {
				t.Fatal(got, err)
			}
			if got, err = e.UndoJudgement(t.Context(), e.giulia, c.ID, l.ID); err != nil || !got.Suspect {
				t.Fatal(got, err)
			}
		}
		if after := written(); after != before {
			t.Errorf("the other case was written: %s, then %s", before, after)
		}
	})
}
