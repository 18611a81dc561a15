package inbox

import (
	"context"
	"testing"

	"filodiretto/internal/db"
	"filodiretto/internal/db/dbtest"
)

// doubtedTwice are two cases of a sender who looks like an office, the older first, and the
// remark on the younger.
func (e *env) doubtedTwice() (older, younger *Case, l Lookalike) {
	e.t.Helper()
	ourMail(e)
	e.arrive(e.mail, letter("Ufficio Tributi <tributi@posta.example>", "d1@posta.example", "Uno", "Buongiorno."))
	older, _, _ = e.remarks()
	e.arrive(e.mail, letter("Ufficio Tributi <tributi@posta.example>", "d2@posta.example", "Due", "Buongiorno."))
	younger, _, l = e.remarks()
	if older.ID >= younger.ID || !older.Suspect || !younger.Suspect {
		e.t.Fatal(older, younger)
	}
	return older, younger, l
}

// someWaits returns once a transaction of this database waits for another.
func (e *env) someWaits(ctx context.Context) {
	e.t.Helper()
	for waiting := 0; waiting == 0; {
		err := e.db.Read.NewRaw("SELECT count(*) FROM pg_locks AS l JOIN pg_stat_activity AS a ON a.pid = l.pid WHERE NOT l.granted AND a.datname = current_database()").Scan(ctx, &waiting)
		if err != nil {
			e.t.Fatal(err)
		}
	}
}

// Who judges a sender changes all cases of that sender and holds none of them while waiting
// for an older one: a batch of mail, which locks them in order of their ids, would wait for
// the younger.
func TestWhoJudgesASenderLocksCasesAsFilingDoes(t *testing.T) {
	for name, judge := range map[string]func(*env, *Case, Lookalike) error{
		"judged": func(e *env, c *Case, l Lookalike) error {
			_, err := e.JudgeLookalike(t.Context(), e.giulia, c.ID, l.ID, true)
			return err
		},
		"taken back": func(e *env, c *Case, l Lookalike) error {
			_, err := e.UndoJudgement(t.Context(), e.giulia, c.ID, l.ID)
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			e := newEnv(t, dbtest.Postgres(t))
			older, younger, l := e.doubtedTwice()
			if name == "taken back" {
				_, err := e.JudgeLookalike(t.Context(), e.giulia, younger.ID, l.ID, true)
				must(t, err)
			}
			done := make(chan error, 1)
			err := e.db.Tx(t.Context(), func(ctx context.Context, tx *db.Tx) error {
				if _, err := lockCase(ctx, tx, Viewer{System: true}, older.ID); err != nil {
					return err
				}
				go func() { done <- judge(e, younger, l) }()
				e.someWaits(ctx)
				_, err := tx.NewRaw("SELECT 1 FROM cases WHERE id = ? FOR NO KEY UPDATE NOWAIT", younger.ID).Exec(ctx)
				return err
			})
			if err != nil {
				t.Error("the younger case is held while somebody waits for the older:", err)
			}
			must(t, <-done)
		})
	}
}

// A warning that comes to a case while somebody judges its sender on another one stays.
func TestAWarningThatComesWhileItsSenderIsJudgedStays(t *testing.T) {
	e := newEnv(t, dbtest.Postgres(t))
	older, younger, l := e.doubtedTwice()
	done := make(chan error, 1)
	must(t, e.db.Tx(t.Context(), func(ctx context.Context, tx *db.Tx) error {
		if _, err := lockCase(ctx, tx, Viewer{System: true}, older.ID); err != nil {
			return err
		}
		go func() {
			_, err := e.JudgeLookalike(t.Context(), e.giulia, younger.ID, l.ID, true)
			done <- err
		}()
		e.someWaits(ctx)
		_, err := tx.NewRaw(`INSERT INTO lookalikes (id, message_id, case_id, identity_id, kind, about_id, likes, alarm, decision, at)
			SELECT id + 1, message_id, case_id, identity_id, 'domain', 0, 'x', TRUE, '', at FROM lookalikes WHERE case_id = ?`, older.ID).Exec(ctx)
		if err != nil {
			return err
		}
		_, err = tx.NewRaw("UPDATE cases SET suspect = TRUE, version = version + 1 WHERE id = ?", older.ID).Exec(ctx)
		return err
	}))
	must(t, <-done)
	if !e.theCase(older.ID).Suspect {
		t.Error("nobody looked at the warning, and the case does not show it")
	}
	if e.theCase(younger.ID).Suspect {
		t.Error("the judged case is still marked")
	}
}
