package inbox

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"filodiretto/internal/clock"
	"filodiretto/internal/db"
)

// auditBook puts events of three days into the register: those of one day have
// the instants 09:00, 09:01, ... and ids that fit them.
type auditBook struct {
	e *env
	n int64
}

func (b *auditBook) add(day int, ev Event) Event {
	b.e.t.Helper()
	b.n++
	ev.At = clock.At(time.Date(2026, 10, day, 9, int(b.n), 0, 0, time.UTC))
	ev.ID, ev.Data, ev.Actor = db.FirstID(ev.At)+b.n, orEmpty(ev.Data), "operator"
	err := b.e.db.Tx(b.e.t.Context(), func(ctx context.Context, tx *db.Tx) error { return AppendEvents(ctx, tx, ev) })
	if err != nil {
		b.e.t.Fatal(err)
	}
	return ev
}

func orEmpty(s string) string {
	if s == "" {
		return "{}"
	}
	return s
}

func auditDay(day int) clock.Instant {
	return clock.At(time.Date(2026, 10, day, 0, 0, 0, 0, time.UTC))
}

func (e *env) audit(t *testing.T, v Viewer, f AuditFilter) *AuditPage {
	t.Helper()
	if f.Limit == 0 {
		f.Limit = 100
	}
	p, err := e.Audit(t.Context(), v, f)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func auditKinds(p *AuditPage) (out []string) {
	for i := range p.Events {
		out = append(out, p.Events[i].Kind)
	}
	return out
}

func TestAuditFiltersAndPages(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		admin := Viewer{OperatorID: 1, Admin: true}
		b := &auditBook{e: e}
		b.add(1, Event{Kind: "rule.created", OperatorID: 1})
		b.add(2, Event{Kind: "rule.deleted", OperatorID: 2})
		b.add(2, Event{Kind: "ruler.odd", OperatorID: 1})
		b.add(3, Event{Kind: "account.changed", OperatorID: 1, OfficeID: e.urp})
		for _, tt := range []struct {
			name string
			f    AuditFilter
			want []string
		}{
			{"all", AuditFilter{}, []string{"account.changed", "ruler.odd", "rule.deleted", "rule.created"}},
			{"one kind", AuditFilter{Kind: "rule.deleted"}, []string{"rule.deleted"}},
			{"a family", AuditFilter{Kind: "rule."}, []string{"rule.deleted", "rule.created"}},
			{"a family is no pattern", AuditFilter{Kind: "rul_."}, nil},
			{"an operator", AuditFilter{OperatorID: 1}, []string{"account.changed", "ruler.odd", "rule.created"}},
			{"from a day", AuditFilter{From: auditDay(2)}, []string{"account.changed", "ruler.odd", "rule.deleted"}},
			{"to a day", AuditFilter{To: auditDay(3)}, []string{"ruler.odd", "rule.deleted", "rule.created"}},
			{"one day", AuditFilter{From: auditDay(2), To: auditDay(3)}, []string{"ruler.odd", "rule.deleted"}},
		} {
			if got := auditKinds(e.audit(t, admin, tt.f)); !slices.Equal(got, tt.want) {
				t.Errorf("%s: got %v, want %v", tt.name, got, tt.want)
			}
		}
		var all []string
		f := AuditFilter{Limit: 1}
		for {
			p := e.audit(t, admin, f)
			all = append(all, auditKinds(p)...)
			if f.Before = p.Next; p.Next == 0 {
				break
			}
		}
		if want := []string{"account.changed", "ruler.odd", "rule.deleted", "rule.created"}; !slices.Equal(all, want) {
			t.Errorf("by pages of one: %v", all)
		}
	})
}

func TestAuditOfACaseAndAPerson(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		admin := Viewer{OperatorID: 1, Admin: true}
		realMail(e)
		k := e.opened("Ada Neri <ada@posta.example>", "a1@posta.example", "Buca", "C'è una buca.")
		z, err := e.CreateCitizen(t.Context(), e.giulia, NewCitizen{Name: "Altra Persona"})
		if err != nil {
			t.Fatal(err)
		}
		b := &auditBook{e: e}
		b.add(4, Event{Kind: "citizen.read", OperatorID: 1, CitizenID: k.CitizenID})
		b.add(4, Event{Kind: "case.merged_into", CaseID: k.ID, CitizenID: k.CitizenID, Data: fmt.Sprintf(`{"into":%d}`, k.ID)})

		p := e.audit(t, admin, AuditFilter{CaseRef: k.Ref()})
		if len(p.Events) < 2 {
			t.Fatalf("events of the case: %v", auditKinds(p))
		}
		for _, ev := range p.Events {
			if ev.Ref != k.Ref() || ev.Person == "" {
				t.Errorf("event %+v", ev)
			}
		}
		if p.Refs[k.ID] != k.Ref() {
			t.Errorf("numbers: %v", p.Refs)
		}
		kinds := auditKinds(e.audit(t, admin, AuditFilter{CitizenID: k.CitizenID}))
		if !slices.Contains(kinds, "citizen.read") || !slices.Contains(kinds, "case.opened") {
			t.Errorf("events of the person: %v", kinds)
		}
		if kinds := auditKinds(e.audit(t, admin, AuditFilter{CitizenID: z.ID})); slices.Contains(kinds, "case.opened") {
			t.Errorf("events of another person: %v", kinds)
		}
		for _, ref := range []string{"2026/009999", "abc"} {
			_, err := e.Audit(t.Context(), admin, AuditFilter{CaseRef: ref})
			var bad *InvalidError
			if !errors.As(err, &bad) || bad.Field != "number" {
				t.Errorf("%s: %v", ref, err)
			}
		}
	})
}

func TestAuditIsForAdministratorsAndHeads(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		b := &auditBook{e: e}
		b.add(5, Event{Kind: "case.closed", OfficeID: e.trib, OperatorID: e.elena.OperatorID})
		b.add(5, Event{Kind: "case.opened", OfficeID: e.urp, OperatorID: e.giulia.OperatorID})
		b.add(5, Event{Kind: "operator.login", OperatorID: e.elena.OperatorID})
		b.add(5, Event{Kind: "citizen.read", OperatorID: e.giulia.OperatorID})
		for _, v := range []Viewer{e.elena, e.giulia, {}} {
			if _, err := e.Audit(t.Context(), v, AuditFilter{}); !errors.Is(err, ErrForbidden) {
				t.Errorf("%s: %v", v.Name, err)
			}
		}
		e.exec(t, "UPDATE operator_roles SET role = 'head' WHERE operator_id = ?", e.elena.OperatorID)
		got := auditKinds(e.audit(t, e.elena, AuditFilter{}))
		if want := []string{"operator.login", "case.closed"}; !slices.Equal(got, want) {
			t.Errorf("the head sees %v, want %v", got, want)
		}
	})
}

func TestAuditTellsUpToWhenItIsSealed(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		admin := Viewer{OperatorID: 1, Admin: true}
		b := &auditBook{e: e}
		ev := b.add(6, Event{Kind: "case.closed"})
		if p := e.audit(t, admin, AuditFilter{}); p.Sealed != 0 {
			t.Errorf("sealed before: %v", p.Sealed)
		}
		if _, err := e.Seal(t.Context()); err != nil {
			t.Fatal(err)
		}
		if p := e.audit(t, admin, AuditFilter{}); p.Sealed != ev.At {
			t.Errorf("sealed until %v, want %v", p.Sealed, ev.At)
		}
	})
}

func TestOfficesLoad(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		realMail(e)
		k := e.opened("Ada Neri <ada@posta.example>", "a1@posta.example", "Buca", "C'è una buca.")
		if _, err := e.OfficesLoad(t.Context(), e.giulia); !errors.Is(err, ErrForbidden) {
			t.Errorf("an operator: %v", err)
		}
		admin := Viewer{OperatorID: 1, Admin: true}
		load, err := e.OfficesLoad(t.Context(), admin)
		if err != nil || load[e.urp] != (OfficeLoad{Open: 1, Nobody: 1}) {
			t.Errorf("%v %v", load, err)
		}
		if _, err := e.Assign(t.Context(), e.giulia, k.ID, 0, e.giulia.OperatorID); err != nil {
			t.Fatal(err)
		}
		if load, err = e.OfficesLoad(t.Context(), admin); err != nil || load[e.urp] != (OfficeLoad{Open: 1}) || load[e.trib] != (OfficeLoad{}) {
			t.Errorf("%v %v", load, err)
		}
	})
}
