package inbox

import (
	"errors"
	"testing"
)

func TestReadingAgainIsForTheOfficeOfTheCase(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		realMail(e)
		ctx := t.Context()
		c := e.opened("Ada <ada@posta.example>", "a1@posta.example", "Tassa", "Quanto devo?")
		e.exec(t, "UPDATE cases SET office_id = ? WHERE id = ?", e.trib, c.ID)
		e.exec(t, "UPDATE messages SET text = 'letto male' WHERE id = ?", c.LastInID)
		if _, err := e.ReadMessageAgain(ctx, e.giulia, c.LastInID); !errors.Is(err, ErrForbidden) {
			t.Error("the front desk reads what is another office's, and no more:", err)
		}
		if _, err := e.ReadMessageAgain(ctx, Viewer{OperatorID: 9, Offices: []int64{e.urp}}, c.LastInID); !errors.Is(err, ErrNotFound) {
			t.Error("by who does not see it:", err)
		}
		if n := e.number("SELECT count(*) FROM messages WHERE text = 'letto male' AND version = 1"); n != 1 {
			t.Error("the refused reading changed the message")
		}
		for _, want := range []bool{true, false} { // the second time there is nothing to change
			if changed, err := e.ReadMessageAgain(ctx, e.elena, c.LastInID); err != nil || changed != want {
				t.Errorf("by its office: %v %v, want %v", changed, err, want)
			}
		}
	})
}
