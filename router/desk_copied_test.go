package router

import (
	"testing"
	"time"

	"filodiretto/inbox"
)

// An office that a case is offered to has a hand in it for good, whether its mail had
// come to it too before or not: also once the case is a reserved office's (mail rule 27).
func TestWhoWasOfferedACaseKeepsTheSightOfIt(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		giulia, elena := e.people["giulia"], e.people["elena"]
		for _, offered := range []bool{false, true} {
			c := e.visit("k"+map[bool]string{true: "1"}[offered], "Contributo")
			at := e.db.Clock.Now()
			if _, err := e.db.Write.NewRaw("INSERT INTO case_offices (case_id, office_id, since_at, copied_at, owner_id) VALUES (?, ?, ?, ?, ?)", c.ID, e.office["tributi"], at, at, c.OfficeID).Exec(t.Context()); err != nil {
				t.Fatal(err)
			}
			e.manual.Advance(time.Minute)
			if offered {
				_, err := e.desk.HandOver(t.Context(), giulia, c.ID, 0, e.office["tributi"], "È vostra?")
				if err == nil {
					_, err = e.desk.Answer(t.Context(), elena, c.ID, false, "No.")
				}
				if err != nil {
					t.Fatal(err)
				}
			}
			if _, err := e.desk.HandOver(t.Context(), giulia, c.ID, 0, e.office["sociale"], "Serve il servizio sociale."); err != nil {
				t.Fatal(err)
			}
			if _, err := e.desk.Answer(t.Context(), inbox.Viewer{System: true, Offices: []int64{e.office["sociale"]}}, c.ID, true, ""); err != nil {
				t.Fatal(err)
			}
			if _, err := e.inbox.CaseByID(t.Context(), elena, c.ID); (err == nil) != offered {
				t.Errorf("offered %v: %v", offered, err)
			}
			if _, err := e.inbox.CaseByID(t.Context(), giulia, c.ID); err != nil {
				t.Error("who gave it goes on seeing it:", err)
			}
		}
	})
}
