package router

import (
	"testing"

	"github.com/uptrace/bun"
)

// TestCasesOfAnOfficeThatIsReservedLater: who saw a case only because its mail came to them
// too sees it no more; who had a hand in it does (mail rule 27).
func TestCasesOfAnOfficeThatIsReservedLater(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		c := e.visit("k1", "Tassa sui rifiuti")
		for office, since := range map[string]int64{"tributi": 5, "sociale": 4} {
			if _, err := e.db.Write.NewRaw("INSERT INTO case_offices (case_id, office_id, since_at, copied_at) VALUES (?, ?, ?, 5)", c.ID, e.office[office], since).Exec(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		urp := Office{ID: e.office["urp"], Key: "urp", Name: "URP", Level: "front"}
		e.reserve(urp, false, c.ID, []int64{e.office["tributi"], e.office["sociale"]})
		e.reserve(urp, true, c.ID, []int64{e.office["sociale"]})
	})
}

// reserve saves an office, and wants a case to be seen by these others.
func (e *env) reserve(o Office, reserved bool, caseID int64, want []int64) {
	e.t.Helper()
	o.Reserved = reserved
	if _, err := e.SaveOffice(e.t.Context(), e.admin, o); err != nil {
		e.t.Fatal(err)
	}
	n, err := e.db.Read.NewSelect().Table("case_offices").Where("case_id = ? AND office_id IN (?)", caseID, bun.List(want)).Count(e.t.Context())
	if err != nil || int(n) != len(want) {
		e.t.Errorf("reserved %v: %d of %d see it: %v", reserved, n, len(want), err)
	}
	all, err := e.db.Read.NewSelect().Table("case_offices").Where("case_id = ? AND office_id <> ?", caseID, o.ID).Count(e.t.Context())
	if err != nil || int(all) != len(want) {
		e.t.Errorf("reserved %v: %d see it, want %d: %v", reserved, all, len(want), err)
	}
}
