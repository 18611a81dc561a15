package inbox

import (
	"context"
	"errors"
	"testing"
	"time"

	"filodiretto/channels"
	"filodiretto/internal/db"
)

// shows is what lists and answers take from a case.
func (e *env) shows(id int64) string {
	c := e.theCase(id)
	return c.Snippet + " | " + c.ThreadKey + " | " + c.LastAt.Time().Format("15:04")
}

// A case that is taken out again takes its last words along, also from the case
// into which the one that it stood in was put in turn.
func TestUnmergeGivesEachCaseItsOwnLastMessage(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		realMail(e)
		letterAt := func(id, subject, text string) *Case {
			e.manual.Advance(10 * time.Minute)
			return e.opened("Ada <ada@posta.example>", id, subject, text)
		}
		a := letterAt("a1@posta.example", "Buca", "la prima")
		b := letterAt("a2@posta.example", "Nido", "la seconda")
		c := letterAt("a3@posta.example", "Tassa", "la terza")
		before := map[int64]string{}
		in := map[int64]int64{}
		for _, x := range []*Case{a, b, c} {
			before[x.ID], in[x.ID] = e.shows(x.ID), e.theCase(x.ID).LastInID
		}
		e.mergeCase(c, b)
		e.mergeCase(b, a)
		for _, x := range []*Case{a, b} {
			if got := e.shows(x.ID); got != before[c.ID] {
				t.Errorf("merged, %s shows %q, want the newest %q", x.Ref(), got, before[c.ID])
			}
		}
		seen := e.theCase(a.ID).Version
		if _, err := e.UnmergeCase(t.Context(), e.giulia, c.ID); err != nil {
			t.Fatal(err)
		}
		for x, want := range map[*Case]string{a: before[b.ID], b: before[b.ID], c: before[c.ID]} {
			if got := e.shows(x.ID); got != want {
				t.Errorf("after the first unmerge %s shows %q, want %q", x.Ref(), got, want)
			}
		}
		if e.theCase(a.ID).Version == seen {
			t.Error("the outer case changed and kept its version")
		}
		if _, err := e.UnmergeCase(t.Context(), e.giulia, b.ID); err != nil {
			t.Fatal(err)
		}
		for _, x := range []*Case{a, b, c} {
			if got := e.shows(x.ID); got != before[x.ID] || e.theCase(x.ID).LastInID != in[x.ID] {
				t.Errorf("after both %s shows %q, want %q", x.Ref(), got, before[x.ID])
			}
		}
		if _, err := e.UnmergeCase(t.Context(), e.giulia, b.ID); code(err) != "case:not_merged" {
			t.Error("unmerged twice:", err)
		}
	})
}

// What was not delivered is told, and taken back, on the case that people see,
// however often the case of the answer was put into another.
func TestFailuresFollowAChainOfMerges(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		s := e.sender(e.mail)
		s.refuse(channels.Errorf(channels.RecipientGone, "5.1.1", "no such user"))
		k := e.writes(e.mail, "ada@posta.example", "buca")
		answer := e.mustReply(k.reply("Arriviamo."))
		others := []*Case{{}, {}}
		e.tx(func(ctx context.Context, tx *db.Tx) error {
			for i := range others {
				c := *k.c
				c.ID, c.Number, c.LastAt = db.NewID(e.clock), k.c.Number+int64(i)+1, tx.Now
				if _, err := tx.NewInsert().Model(&c).Exec(ctx); err != nil {
					return err
				}
				others[i] = &c
			}
			return nil
		})
		middle, top := others[0], others[1]
		e.mergeCase(k.c, middle)
		e.mergeCase(middle, top)
		e.deliver(e.mail)
		if !e.theCase(top.ID).Failed || e.theCase(middle.ID).Failed || e.theCase(k.c.ID).Failed {
			t.Fatal("the failure is not told on the outer case alone")
		}
		id := answer.Deliveries[0].ID
		if err := e.DeliveryOfCase(t.Context(), e.giulia, top.ID, id); err != nil {
			t.Fatal("the answer is not known as one of the outer case:", err)
		}
		if err := e.RetryDelivery(t.Context(), e.giulia, id); err != nil {
			t.Fatal(err)
		}
		if e.theCase(top.ID).Failed {
			t.Error("sent again, and the outer case still says that it did not arrive")
		}
		e.deliver(e.mail)
		if !e.theCase(top.ID).Failed {
			t.Fatal("it failed again")
		}
		if _, err := e.UnmergeCase(t.Context(), e.giulia, middle.ID); err != nil {
			t.Fatal(err)
		}
		if e.theCase(top.ID).Failed || !e.theCase(middle.ID).Failed {
			t.Error("the failure stayed with the case that it is not of")
		}
		if _, err := e.DealWithFailure(t.Context(), e.giulia, middle.ID); err != nil {
			t.Fatal(err)
		}
		if _, err := e.UnmergeCase(t.Context(), e.giulia, k.c.ID); err != nil || e.theCase(k.c.ID).Failed {
			t.Error("what somebody dealt with is told again:", err)
		}
		if _, err := e.DealWithFailure(t.Context(), e.giulia, middle.ID); !errors.Is(err, ErrChanged) {
			t.Error("nothing to deal with:", err)
		}
	})
}
