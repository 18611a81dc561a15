package router

import (
	"testing"
	"time"

	"filodiretto/inbox"
)

func TestHandOverFrontBackFront(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		ctx := t.Context()
		c := e.visit("k", "Rimborso TARI")
		giulia, elena := e.people["giulia"], e.people["elena"]
		if _, err := e.inbox.CaseByID(ctx, elena, c.ID); err != inbox.ErrNotFound {
			t.Fatal("before it is offered the back office sees nothing:", err)
		}
		_, err := e.desk.HandOver(ctx, giulia, c.ID, c.Version, e.office["tributi"], "  ")
		wantCode(t, err, "reason", "required")
		c, err = e.desk.HandOver(ctx, giulia, c.ID, c.Version, e.office["tributi"], "Serve il calcolo.")
		if err != nil || c.OfficeID != e.office["urp"] {
			t.Fatal("offered, it stays where it is:", err)
		}
		_, err = e.desk.HandOver(ctx, giulia, c.ID, 0, e.office["sociale"], "Ancora.")
		wantCode(t, err, "office", "pending")
		if _, err := e.desk.Answer(ctx, giulia, c.ID, true, ""); err != inbox.ErrForbidden {
			t.Error("only the office that was asked answers:", err)
		}
		p, err := e.desk.Pending(ctx, elena)
		if err != nil || len(p) != 1 || p[0].Reason != "Serve il calcolo." {
			t.Fatal(p, err)
		}
		_, err = e.desk.Answer(ctx, elena, c.ID, false, "")
		wantCode(t, err, "reason", "required")
		if c, err = e.desk.Answer(ctx, elena, c.ID, false, "Non è nostra."); err != nil || c.OfficeID != e.office["urp"] {
			t.Fatal("refused, it stays:", err)
		}
		if _, err := e.desk.HandOver(ctx, giulia, c.ID, 0, e.office["tributi"], "Lo è: art. 12."); err != nil {
			t.Fatal(err)
		}
		if c, err = e.desk.Answer(ctx, elena, c.ID, true, ""); err != nil || c.OfficeID != e.office["tributi"] || c.AssigneeID != 0 {
			t.Fatal("accepted, it is theirs:", err)
		}
		if _, err := e.inbox.CaseByID(ctx, giulia, c.ID); err != nil {
			t.Error("who gave it goes on seeing it:", err)
		}
		if _, err := e.inbox.SetKind(ctx, giulia, c.ID, 0, inbox.Complaint); err != inbox.ErrForbidden {
			t.Error("but decides nothing more:", err)
		}
		if _, err := e.desk.HandOver(ctx, elena, c.ID, 0, e.office["urp"], "Calcolato: 34,50 euro."); err != nil {
			t.Fatal(err)
		}
		if c, err = e.desk.Answer(ctx, giulia, c.ID, true, ""); err != nil || c.OfficeID != e.office["urp"] {
			t.Fatal("and back to the front:", err)
		}
		all, err := e.desk.OfCase(ctx, c)
		if err != nil || len(all) != 3 {
			t.Error(len(all), err)
		}
	})
}

func TestWithdrawAHandOver(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		ctx := t.Context()
		c := e.visit("k", "Rimborso")
		if _, err := e.desk.Withdraw(ctx, e.people["giulia"], c.ID); err != inbox.ErrNotFound {
			t.Error("nothing to withdraw:", err)
		}
		if _, err := e.desk.HandOver(ctx, e.people["giulia"], c.ID, 0, e.office["tributi"], "x"); err != nil {
			t.Fatal(err)
		}
		if _, err := e.desk.Withdraw(ctx, e.people["elena"], c.ID); err != inbox.ErrForbidden {
			t.Error(err)
		}
		if _, err := e.desk.Withdraw(ctx, e.people["giulia"], c.ID); err != nil {
			t.Error(err)
		}
		if _, err := e.desk.Answer(ctx, e.people["elena"], c.ID, true, ""); err != inbox.ErrNotFound {
			t.Error("what was withdrawn cannot be accepted:", err)
		}
	})
}

func TestACaseThatNobodyTakesIsRaisedOnce(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		ctx := t.Context()
		c := e.visit("k", "Dimenticata")
		taken := e.visit("k2", "Presa")
		if _, err := e.inbox.Assign(ctx, e.people["giulia"], taken.ID, 0, e.people["giulia"].OperatorID); err != nil {
			t.Fatal(err)
		}
		raise := func() int {
			n, err := e.desk.RaiseNobodys(ctx)
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
		e.manual.Advance(23 * time.Hour)
		if n := raise(); n != 0 {
			t.Error("too early:", n)
		}
		e.manual.Advance(2 * time.Hour)
		if n := raise(); n != 1 {
			t.Error("raised:", n)
		}
		if n := raise(); n != 0 {
			t.Error("raised twice:", n)
		}
		got, err := e.inbox.CaseByID(ctx, e.people["giulia"], c.ID)
		if err != nil || got.Priority != 1 || got.RaisedAt.IsZero() {
			t.Errorf("%+v %v", got, err)
		}
	})
}
