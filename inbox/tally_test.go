package inbox

import (
	"context"
	"testing"

	"filodiretto/internal/db"
)

func TestTally(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		z := e.citizen("Anna Prova")
		make := func(office, assignee int64, status Status, unread bool) *Case {
			t.Helper()
			c := e.case_(z, office, "mail", "x")
			e.exec(t, "UPDATE cases SET assignee_id = ?, status = ?, unread = ? WHERE id = ?", assignee, status, unread, c.ID)
			return c
		}
		want := func(what string, v Viewer, want Tally) {
			t.Helper()
			if got, err := e.Tally(t.Context(), v); err != nil || got != want {
				t.Errorf("%s: %+v %v, want %+v", what, got, err, want)
			}
		}
		want("nothing", e.giulia, Tally{})
		make(e.urp, 0, Open, true)
		make(e.urp, e.giulia.OperatorID, Waiting, true)
		make(e.trib, e.giulia.OperatorID, Open, true) // taken over from the front desk
		make(e.trib, 0, Open, true)
		for _, st := range []Status{Closed, Snoozed} {
			make(e.urp, e.giulia.OperatorID, st, true)
		}
		read := make(e.urp, 0, Open, true)
		make(e.urp, 0, Open, false)
		want("front office", e.giulia, Tally{Mine: 2, Office: 3, Unread: 4})
		want("back office", e.elena, Tally{Office: 2, Unread: 2})
		want("nobody", Viewer{OperatorID: 7}, Tally{})
		gone := e.giulia
		gone.Offices, gone.FrontDesk = []int64{e.urp}, false // no right any more to what is assigned elsewhere
		want("who left the other office", gone, Tally{Mine: 1, Office: 3, Unread: 3})
		if err := e.MarkRead(t.Context(), e.giulia, e.theCase(read.ID)); err != nil {
			t.Fatal(err)
		}
		want("one was read", e.giulia, Tally{Mine: 2, Office: 2, Unread: 3})
		realMail(e)
		e.arrive(e.mail, "\x00 no mail")
		want("something is held", e.giulia, Tally{Mine: 2, Office: 2, Unread: 3, Quarantined: 1})
		want("by another office", e.elena, Tally{Office: 2, Unread: 2})
		if _, err := e.db.Write.NewRaw("DELETE FROM quarantine").Exec(t.Context()); err != nil {
			t.Fatal(err)
		}

		e.tx(func(ctx context.Context, tx *db.Tx) error {
			for range CountCap + 20 {
				id := db.NewID(e.clock)
				c := &Case{ID: id, Year: 2026, Number: id, Secret: "S", CitizenID: z.ID, Person: z.Name, OfficeID: e.urp, Kind: Request, Status: Open, Subject: "x", Channel: "mail", AccountID: e.mail.ID, Unread: true, LastAt: tx.Now, Version: 1, CreatedAt: tx.Now}
				if _, err := tx.NewInsert().Model(c).Exec(ctx); err != nil {
					return err
				}
			}
			return nil
		})
		want("more than is counted", e.giulia, Tally{Mine: 2, Office: CountCap + 1, Unread: CountCap + 1})
	})
}
