package inbox

import (
	"errors"
	"testing"

	"filodiretto/internal/db"
)

func TestUndoingAMergeTakesTheCasesApart(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		ctx := t.Context()
		a, b := e.citizen("Anna Prova"), e.citizen("Bruno Prova")
		m := e.merge(a, b)
		ca, cb := e.case_(a, e.urp, "mail", "buca"), e.case_(b, e.urp, "mail", "lampione")
		own := e.case_(b, e.urp, "mail", "ancora il lampione")
		far := e.case_(b, e.trib, "mail", "tassa") // not seen by who undoes
		for _, x := range []struct {
			v       Viewer
			c, into int64
		}{{e.giulia, own.ID, cb.ID}, {e.giulia, cb.ID, ca.ID}, {Viewer{System: true}, far.ID, ca.ID}} {
			if _, err := e.MergeCase(ctx, x.v, x.c, x.into); err != nil {
				t.Fatal(err)
			}
		}
		e.undo(m)
		for _, id := range []int64{cb.ID, far.ID} {
			c := e.theCase(id)
			if c.MergedInto != 0 || c.Status != Open || c.Outcome != "" || !c.ClosedAt.IsZero() {
				t.Errorf("a stranger's case is still in: %+v", c)
			}
			if n := count(e.happened(id), "case.unmerged"); n != 1 {
				t.Errorf("%d events that tell of it: %v", n, e.happened(id))
			}
		}
		if c := e.theCase(own.ID); c.MergedInto != cb.ID || c.Status != Closed {
			t.Errorf("two cases of one person came apart: %+v", c)
		}
	})
}

// suggest makes an open suggestion and returns its id.
func (e *env) suggest(c, other *Case) int64 {
	e.t.Helper()
	id := db.NewID(e.clock)
	if _, err := e.db.Write.NewRaw("INSERT INTO suggestions (id, case_id, other_id, reason, state, at) VALUES (?, ?, ?, 'chat', 'open', 1)", id, c.ID, other.ID).Exec(e.t.Context()); err != nil {
		e.t.Fatal(err)
	}
	return id
}

func TestASuggestionIsDecidedWholeOrNotAtAll(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		ctx := t.Context()
		a, b := e.citizen("Anna Prova"), e.citizen("Bruno Prova")
		ca, old, cb := e.case_(a, e.urp, "mail", "buca"), e.case_(a, e.urp, "mail", "buca di ieri"), e.case_(b, e.urp, "mail", "x")
		wrong, right := e.suggest(ca, cb), e.suggest(ca, old)
		if _, err := e.DecideSuggestion(ctx, e.giulia, wrong, true); code(err) != "into:other_person" {
			t.Error("another person's case:", err)
		}
		if n := e.number("SELECT count(*) FROM suggestions WHERE state = 'open'"); n != 2 {
			t.Error("a failed merge decided:", n)
		}
		// The decision cannot be written: nothing of the merge may stay.
		e.refuseWrites()
		if _, err := e.DecideSuggestion(ctx, e.giulia, right, true); err == nil {
			t.Error("the decision was not written, and nobody was told")
		}
		if c := e.theCase(ca.ID); c.MergedInto != 0 {
			t.Error("the case was merged without the decision")
		}
		e.allowWrites()
		c, err := e.DecideSuggestion(ctx, e.giulia, right, true)
		if err != nil || c.ID != old.ID || e.theCase(ca.ID).MergedInto != old.ID {
			t.Errorf("accepted: %+v %v", c, err)
		}
		if n := count(e.happened(ca.ID), "suggestion.accepted"); n != 1 {
			t.Error("events:", e.happened(ca.ID))
		}
		if _, err := e.DecideSuggestion(ctx, e.giulia, right, false); !errors.Is(err, ErrNotFound) {
			t.Error("decided twice:", err)
		}
		if _, err := e.DecideSuggestion(ctx, e.elena, wrong, false); !errors.Is(err, ErrNotFound) {
			t.Error("by who does not see it:", err)
		}
		if c, err := e.DecideSuggestion(ctx, e.giulia, wrong, false); err != nil || c.ID != ca.ID {
			t.Error("refused:", err)
		}
	})
}

// refuseWrites makes the database refuse to decide suggestions.
func (e *env) refuseWrites() {
	e.t.Helper()
	for _, q := range map[bool][]string{
		false: {`CREATE TRIGGER no_decision BEFORE UPDATE ON suggestions BEGIN SELECT RAISE(ABORT, 'no'); END`},
		true: {
			`CREATE FUNCTION no_decision() RETURNS trigger AS $$ BEGIN RAISE EXCEPTION 'no'; END $$ LANGUAGE plpgsql`,
			`CREATE TRIGGER no_decision BEFORE UPDATE ON suggestions FOR EACH ROW EXECUTE FUNCTION no_decision()`,
		},
	}[e.db.Postgres] {
		if _, err := e.db.Write.DB.Exec(q); err != nil {
			e.t.Fatal(err)
		}
	}
}

func (e *env) allowWrites() {
	e.t.Helper()
	q := "DROP TRIGGER no_decision"
	if e.db.Postgres {
		q += " ON suggestions"
	}
	if _, err := e.db.Write.DB.Exec(q); err != nil {
		e.t.Fatal(err)
	}
}
