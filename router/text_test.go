package router

import (
	"errors"
	"strings"
	"testing"
	"time"

	"filodiretto/inbox"
	"filodiretto/internal/clock"
	"filodiretto/templates"
)

func invalid(t *testing.T, err error, field, code string) {
	t.Helper()
	var e *inbox.InvalidError
	if !errors.As(err, &e) || e.Field != field || e.Code != code {
		t.Errorf("got %v, want %s: %s", err, field, code)
	}
}

func receipt(body string) templates.Text {
	return templates.Text{Event: templates.Receipt, Lang: "it", Subject: "Ricevuto {case_number}", Plain: body}
}

func TestOwnTextsAreSavedOverWhatWasSeenAndRestored(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		ctx, head := t.Context(), e.people["marco"]
		if err := e.SaveText(ctx, head, receipt("Abbiamo ricevuto: {case_number}.\r\nGrazie.  \r\n"), 0); err != nil {
			t.Fatal(err)
		}
		list, err := e.OwnTexts(ctx, head)
		if err != nil || len(list) != 1 {
			t.Fatalf("%v %v", list, err)
		}
		got := list[0]
		if got.Body != "Abbiamo ricevuto: {case_number}.\nGrazie." || got.UpdatedBy != head.OperatorID || got.UpdatedAt.IsZero() {
			t.Errorf("stored %+v", got)
		}
		if err := e.SaveText(ctx, head, receipt("Altro"), 0); !errors.Is(err, inbox.ErrChanged) {
			t.Errorf("over an unseen text: %v", err)
		}
		if err := e.SaveText(ctx, head, receipt("Altro"), got.UpdatedAt); err != nil {
			t.Fatal(err)
		}
		if err := e.SaveText(ctx, head, receipt("Terzo"), got.UpdatedAt); !errors.Is(err, inbox.ErrChanged) {
			t.Errorf("with what was seen before: %v", err)
		}
		if err := e.RestoreText(ctx, head, templates.Receipt, "", "it"); err != nil {
			t.Fatal(err)
		}
		if err := e.RestoreText(ctx, head, templates.Receipt, "", "it"); !errors.Is(err, inbox.ErrNotFound) {
			t.Errorf("restored twice: %v", err)
		}
		if list, err := e.OwnTexts(ctx, head); err != nil || len(list) != 0 {
			t.Errorf("%v %v", list, err)
		}
		if n := countEvents(t, e, "text."); n != 3 {
			t.Errorf("%d events, want 3", n)
		}
	})
}

func TestTextsAreRefusedWithTheirPlace(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		ctx, head := t.Context(), e.people["marco"]
		with := func(f func(*templates.Text)) templates.Text {
			x := receipt("Ciao")
			f(&x)
			return x
		}
		for _, tt := range []struct {
			field, code string
			text        templates.Text
		}{
			{"event", "unknown", with(func(x *templates.Text) { x.Event = "nothing" })},
			{"channel", "unknown", with(func(x *templates.Text) { x.Channel = "pigeon" })},
			{"lang", "unknown", with(func(x *templates.Text) { x.Lang = "xx" })},
			{"subject", "too_long", with(func(x *templates.Text) { x.Subject = strings.Repeat("à", 201) })},
			{"body", "too_long", with(func(x *templates.Text) { x.Plain = strings.Repeat("à", 20_001) })},
		} {
			invalid(t, e.SaveText(ctx, head, tt.text, 0), tt.field, tt.code)
		}
		err := e.SaveText(ctx, head, receipt("\nRiga due\nNumero {case_numer}"), 0)
		bad, ok := errors.AsType[*TextError](err)
		if !ok || !errors.Is(err, inbox.ErrInvalid) || len(bad.Mistakes) != 1 {
			t.Fatalf("got %v", err)
		}
		if m := bad.Mistakes[0]; m.Line != 3 || m.Suggest != "case_number" {
			t.Errorf("mistake %+v", m)
		}
		for _, who := range []inbox.Viewer{e.people["giulia"], {}} {
			if err := e.SaveText(ctx, who, receipt("Ciao"), 0); !errors.Is(err, inbox.ErrForbidden) {
				t.Errorf("%s: %v", who.Name, err)
			}
			if err := e.RestoreText(ctx, who, templates.Receipt, "", "it"); !errors.Is(err, inbox.ErrForbidden) {
				t.Errorf("%s: %v", who.Name, err)
			}
			if _, err := e.OwnTexts(ctx, who); !errors.Is(err, inbox.ErrForbidden) {
				t.Errorf("%s: %v", who.Name, err)
			}
		}
	})
}

func TestReadyTextsOfAnOffice(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		ctx, head, admin := t.Context(), e.people["marco"], e.admin
		general := ReadyText{Short: "/Orari", Name: "Orari", Lang: "it", Body: "Siamo aperti dalle 9.\r\n"}
		saved, err := e.SaveReadyText(ctx, head, general)
		if err != nil || saved.Short != "orari" || saved.Body != "Siamo aperti dalle 9." {
			t.Fatalf("%+v %v", saved, err)
		}
		_, err = e.SaveReadyText(ctx, head, general)
		invalid(t, err, "short", "taken")
		own, err := e.SaveReadyText(ctx, head, ReadyText{Short: "tari", Name: "TARI", OfficeID: e.office["tributi"], Lang: "it", Body: "La TARI si paga così."})
		if err != nil {
			t.Fatal(err)
		}
		other, err := e.SaveReadyText(ctx, admin, ReadyText{Short: "sociale", Name: "Bonus", OfficeID: e.office["sociale"], Lang: "it", Body: "Il bonus."})
		if err != nil {
			t.Fatal(err)
		}
		for who, want := range map[string]int{"marco": 2, "giulia": 1} {
			if list, err := e.ReadyTexts(ctx, e.people[who]); err != nil || len(list) != want {
				t.Errorf("%s sees %d, want %d (%v)", who, len(list), want, err)
			}
		}
		if list, err := e.ReadyTexts(ctx, admin); err != nil || len(list) != 3 {
			t.Errorf("%d %v", len(list), err)
		}
		old := *own
		own.Body = "Cambiato"
		if _, err := e.SaveReadyText(ctx, head, *own); err != nil {
			t.Fatal(err)
		}
		if _, err := e.SaveReadyText(ctx, head, old); !errors.Is(err, inbox.ErrChanged) {
			t.Errorf("over a newer one: %v", err)
		}
		if err := e.DeleteReadyText(ctx, head, other.ID); !errors.Is(err, inbox.ErrNotFound) {
			t.Errorf("another office's: %v", err)
		}
		if err := e.DeleteReadyText(ctx, head, own.ID); err != nil {
			t.Fatal(err)
		}
	})
}

func TestReadyTextsAreRefusedByField(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		ctx, head := t.Context(), e.people["marco"]
		for _, tt := range []struct {
			field, code string
			change      func(*ReadyText)
		}{
			{"name", "required", func(x *ReadyText) { x.Name = " " }},
			{"name", "too_long", func(x *ReadyText) { x.Name = strings.Repeat("x", 201) }},
			{"short", "bad_form", func(x *ReadyText) { x.Short = "due parole" }},
			{"office", "unknown", func(x *ReadyText) { x.OfficeID = 7 }},
			{"office", "unknown", func(x *ReadyText) { x.OfficeID = e.office["sociale"] }},
			{"lang", "unknown", func(x *ReadyText) { x.Lang = "" }},
			{"body", "required", func(x *ReadyText) { x.Body = "\r\n" }},
			{"body", "too_long", func(x *ReadyText) { x.Body = strings.Repeat("x", 20_001) }},
		} {
			x := ReadyText{Short: "a", Name: "A", Lang: "it", Body: "a"}
			tt.change(&x)
			_, err := e.SaveReadyText(ctx, head, x)
			invalid(t, err, tt.field, tt.code)
		}
		if _, err := e.SaveReadyText(ctx, e.people["elena"], ReadyText{Short: "a", Name: "A", Lang: "it", Body: "a"}); !errors.Is(err, inbox.ErrForbidden) {
			t.Errorf("back office: %v", err)
		}
	})
}

func TestRuleHitsAreCountedSinceAnInstant(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		ctx, head := t.Context(), e.people["marco"]
		rule, err := e.SaveRule(ctx, head, Rule{Name: "Tributi", Enabled: true, Definition: Definition{
			All: []Condition{{FieldWords, OpAny, "imu"}}, Actions: Actions{Office: "tributi"},
		}})
		if err != nil {
			t.Fatal(err)
		}
		e.visit("1", "Quanto pago di IMU?")
		e.visit("2", "Un'altra cosa")
		hits, err := e.RuleHits(ctx, head, e.clock.Now().Add(-time.Second))
		if err != nil || hits[rule.ID] != 1 {
			t.Errorf("%v %v", hits, err)
		}
		e.manual.Advance(time.Second)
		if hits, err := e.RuleHits(ctx, head, e.clock.Now()); err != nil || len(hits) != 0 {
			t.Errorf("later: %v %v", hits, err)
		}
		if _, err := e.RuleHits(ctx, e.people["giulia"], 0); !errors.Is(err, inbox.ErrForbidden) {
			t.Errorf("front office: %v", err)
		}
	})
}

// The check counted administrators only after the row was disabled already, so
// the last one could lock everybody out.
func TestTheLastAdministratorCannotBeDisabled(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		ctx, roles := t.Context(), []Membership{{Role: Administrator}}
		ada, err := e.SaveOperator(ctx, e.admin, Operator{Login: "ada", Name: "Ada", Password: "x"}, roles)
		if err != nil {
			t.Fatal(err)
		}
		off := *ada
		off.DisabledAt = clock.Instant(1)
		_, err = e.SaveOperator(ctx, e.admin, off, roles)
		invalid(t, err, "roles", "last_administrator")
		if _, err := e.SaveOperator(ctx, e.admin, Operator{Login: "bea", Name: "Bea", Password: "x"}, roles); err != nil {
			t.Fatal(err)
		}
		if _, err := e.SaveOperator(ctx, e.admin, off, roles); err != nil {
			t.Errorf("with another one: %v", err)
		}
	})
}

func countEvents(t *testing.T, e *env, prefix string) (n int) {
	t.Helper()
	if err := e.db.Read.NewRaw("SELECT count(*) FROM events WHERE kind LIKE ?", prefix+"%").Scan(t.Context(), &n); err != nil {
		t.Fatal(err)
	}
	return n
}
