package register

import (
	"context"
	"fmt"
	"testing"

	"github.com/uptrace/bun"
)

// TestCheckWhilePeopleRegister: whatever is entered between two questions of a check,
// nothing looks broken.
func TestCheckWhilePeopleRegister(t *testing.T) {
	eachDB(t, ownSettings(), func(t *testing.T, e *env) {
		e.mustEnter(e.letter("Prima"))
		between := &enterBetween{}
		for i := range 12 {
			m := e.letter(fmt.Sprintf("Richiesta %d", i))
			between.next = append(between.next, func() { e.mustEnter(m) })
		}
		plain := e.db.Read
		e.db.Read = plain.WithQueryHook(between)
		for len(between.next) > 0 {
			left := len(between.next)
			c, err := e.Check(t.Context())
			if err != nil || c.Fault != nil || c.Entries != 13-left {
				t.Fatalf("%d left: %+v %+v %v", left, c, c.Fault, err)
			}
			if len(between.next) == left {
				t.Fatal("nothing was entered meanwhile")
			}
		}
		e.db.Read = plain
		e.sound()
	})
}

// enterBetween enters something after each question that reads.
type enterBetween struct {
	next []func()
	busy bool
}

func (b *enterBetween) BeforeQuery(ctx context.Context, _ *bun.QueryEvent) context.Context {
	return ctx
}

func (b *enterBetween) AfterQuery(_ context.Context, q *bun.QueryEvent) {
	if b.busy || len(b.next) == 0 || q.Operation() != "SELECT" {
		return
	}
	b.busy = true
	b.next[0]()
	b.next, b.busy = b.next[1:], false
}
