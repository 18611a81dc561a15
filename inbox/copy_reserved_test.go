package inbox

import (
	"context"
	"testing"
	"time"

	"filodiretto/internal/db"
)

// TestRule27ACaseThatBecomesReservedIsSharedNoMore: who sees a case because its mail came
// to them too is not told what a reserved office does with it; who had a hand in it keeps
// what they had.
func TestRule27ACaseThatBecomesReservedIsSharedNoMore(t *testing.T) {
	for _, hand := range []bool{false, true} {
		eachDB(t, func(t *testing.T, e *env) {
			realMail(e)
			social := e.office("sociali", true)
			trib := e.mailbox(e.trib, "tributi", "tributi@comune.pontelieto.example")
			e.arrive(e.mail, toAll(0))
			id := e.allCases()[0].ID
			if hand {
				e.exec(t, "INSERT INTO case_offices (case_id, office_id, since_at) VALUES (?, ?, ?)", id, e.trib, e.manual.Now())
			}
			e.manual.Advance(time.Minute)
			e.arrive(trib, toAll(1))
			e.seen(e.elena, id)
			give := func(office int64) {
				t.Helper()
				_, err := e.Change(t.Context(), Viewer{System: true}, id, 0, func(_ context.Context, _ *db.Tx, c *Case) ([]Event, error) {
					c.OfficeID = office
					return nil, nil
				})
				must(t, err)
			}
			other := e.office("altri", false)
			give(other.Offices[0])
			if _, err := e.CaseByID(t.Context(), e.elena, id); err != nil {
				t.Error("an office that is not reserved shares it as before:", err)
			}
			give(social.Offices[0])
			if _, err := e.CaseByID(t.Context(), e.elena, id); (err == nil) != hand {
				t.Errorf("had a hand in it %v: %v", hand, err)
			}
			if n := len(e.inView(e.elena, ViewCopied)); !hand && n != 0 {
				t.Error("it stands among what came to them too:", n)
			}
			e.seen(social, id)
			e.arrive(trib, toAll(2))
			if _, err := e.CaseByID(t.Context(), e.elena, id); (err == nil) != hand {
				t.Errorf("had a hand in it %v, after the mail came once more: %v", hand, err)
			}
		})
	}
}
