package queue

import (
	"testing"
	"time"
)

// bcgov/sbc-qsystem #310 and #318 (queue 3, row 26): a flag marked short services,
// and a counter for them left everybody else to wait for ever. Here a counter prefers
// services by minutes: short ones come first there, and who waits longer than the
// handicap is called all the same.
func TestIssue310QuickCounterPrefersAndDoesNotStarve(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		c := *e.house.Counter(e.c1)
		must(e.SaveCounter(t.Context(), e.admin, CounterEdit{Counter: c, Skills: []Skill{{ServiceID: e.cards}, {ServiceID: e.registry, HandicapMin: 20}}}))(t)
		long := e.take(e.registry)
		e.after(time.Minute)
		e.take(e.cards)
		e.sit(e.anna, e.c1)
		quick := e.serve(e.anna, e.c1)
		if quick.Step.ServiceID != e.cards {
			t.Fatal("the quick counter took a long service first")
		}
		e.after(25 * time.Minute)
		e.take(e.cards)
		e.finish(e.anna, quick.Step.ID)
		if d := e.call(e.anna, e.c1); d.Step.ID != long.Step.ID {
			t.Error("whoever came for a long service starves at the quick counter")
		}
	})
}
