package inbox

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"filodiretto/internal/clock"
	"filodiretto/internal/db"
)

func TestConsentApply(t *testing.T) {
	const long = clock.Instant(1)
	tests := []struct {
		name     string
		status   string
		optedOut clock.Instant
		do       ConsentAction
		how      string
		want     string
		wantOut  bool
	}{
		{"stop", "active", 0, OptOut, "stop", "opted_out", true},
		{"stop again", "opted_out", long, OptOut, "stop", "opted_out", true},
		{"start", "opted_out", long, OptIn, "start", "active", false},
		{"start after a block", "blocked", 0, OptIn, "start", "active", false},
		{"an operator cannot unblock", "blocked", long, OptIn, "operator", "blocked", false},
		{"block", "active", 0, Block, "blocked", "blocked", false},
		{"block after stop", "opted_out", long, Block, "blocked", "blocked", true},
		{"unblock", "blocked", 0, Unblock, "unblocked", "active", false},
		{"unblock keeps the stop", "blocked", long, Unblock, "unblocked", "opted_out", true},
		{"unblock of what is not blocked", "gone", 0, Unblock, "unblocked", "gone", false},
		{"stop of a bad address", "bad", 0, OptOut, "stop", "bad", true},
		{"withdraw", "active", 0, Withdraw, "operator", "withdrawn", false},
		{"in again", "withdrawn", 0, OptIn, "operator", "active", false},
	}
	for _, tt := range tests {
		id := &Identity{Status: tt.status, OptedOutAt: tt.optedOut}
		if err := (Consent{Action: tt.do, How: tt.how, At: 5}).apply(id); err != nil {
			t.Fatal(err)
		}
		if id.Status != tt.want || id.OptedOutAt.IsZero() == tt.wantOut {
			t.Errorf("%s: %s, opted out %v", tt.name, id.Status, id.OptedOutAt)
		}
	}
	if err := (Consent{Action: "perhaps"}).apply(&Identity{}); !errors.Is(err, ErrInvalid) {
		t.Error("unknown action:", err)
	}
}

func TestBarred(t *testing.T) {
	const now = clock.Instant(100)
	tests := []struct {
		id             Identity
		answer, notice string
	}{
		{Identity{Status: "active"}, "", ""},
		{Identity{Status: "opted_out"}, "", "opted_out"},
		{Identity{Status: "active", OptedOutAt: 5}, "", "opted_out"},
		{Identity{Status: "blocked"}, "blocked", "blocked"},
		{Identity{Status: "gone"}, "gone", "gone"},
		{Identity{Status: "withdrawn"}, "withdrawn", "withdrawn"},
		{Identity{Status: "bad"}, "bad", "bad"},
		{Identity{Status: "bad", StatusUntil: now + 1}, "bad", "bad"},
		{Identity{Status: "bad", StatusUntil: now}, "", ""},
		{Identity{Status: "bad", StatusUntil: now, OptedOutAt: 5}, "", "opted_out"},
		{Identity{Status: "active", RemovedAt: 5}, "removed", "removed"},
		{Identity{Status: "active", Kind: "email", Value: "posta-certificata@gestore.example"}, "relay", "relay"},
		{Identity{Status: "active", Kind: "pec", Value: "posta-certificata@gestore.example"}, "relay", "relay"},
	}
	for _, tt := range tests {
		if a, n := tt.id.Barred(false, now), tt.id.Barred(true, now); a != tt.answer || n != tt.notice {
			t.Errorf("%+v: %q and %q, want %q and %q", tt.id, a, n, tt.answer, tt.notice)
		}
	}
}

func TestConsentFromTheChannel(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		z := e.citizen("Lucia", "phone:333 1234567")
		id := &e.person(e.giulia, z.ID).Identities[0].Identity
		m := &Message{ID: 7, CaseID: 0, Channel: "telegram", RawID: 9, At: e.manual.Now().Add(-time.Hour)}
		say := func(optIn bool, how string) {
			t.Helper()
			e.tx(func(ctx context.Context, tx *db.Tx) error { return e.setConsent(ctx, tx, id, optIn, how, m) })
		}
		say(true, "start") // nothing to change
		say(false, "stop")
		say(false, "stop")
		if id.Status != "opted_out" {
			t.Error("the row in hand is not changed:", id.Status)
		}
		p := e.person(e.giulia, z.ID).Identities[0]
		if p.Barred != "" || p.NoNotices != "opted_out" || p.OptedOutAt != m.At {
			t.Errorf("%+v", p)
		}
		say(false, "blocked")
		if p := e.person(e.giulia, z.ID).Identities[0]; p.Barred != "blocked" {
			t.Errorf("%+v", p)
		}
		say(true, "unblocked")
		say(true, "start")
		kinds := e.kinds(z.ID)
		if count(kinds, "consent.out") != 2 || count(kinds, "consent.in") != 2 {
			t.Errorf("one event for each change: %q", kinds)
		}
		var ev Event
		if err := e.db.Read.NewSelect().Model(&ev).Where("e.kind = 'consent.out'").OrderExpr("e.id").Limit(1).Scan(t.Context()); err != nil {
			t.Fatal(err)
		}
		if ev.Actor != "citizen" || ev.MessageID != 7 || !strings.Contains(ev.Data, `"how":"stop"`) || !strings.Contains(ev.Data, `"raw":9`) {
			t.Errorf("evidence: %+v", ev)
		}
	})
}

func TestConsentToldToAnOperator(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		office, _ := e.reserved()
		z := e.citizen("Lucia", "phone:333 1234567")
		hidden := e.case_(z, office, "mail", "x")
		id := e.person(e.giulia, z.ID).Identities[0].ID
		set := func(id int64, c Consent) error { return e.SetConsent(t.Context(), e.giulia, id, c) }
		if err := set(id, Consent{Action: Withdraw, CaseID: hidden.ID}); !errors.Is(err, ErrNotFound) {
			t.Error("evidence on a case out of sight:", err)
		}
		if err := set(4711, Consent{Action: Withdraw}); !errors.Is(err, ErrNotFound) {
			t.Error("unknown identity:", err)
		}
		if err := set(id, Consent{Action: "x"}); !errors.Is(err, ErrInvalid) {
			t.Error("unknown action:", err)
		}
		if err := set(id, Consent{Action: Withdraw}); err != nil {
			t.Fatal(err)
		}
		if p := e.person(e.giulia, z.ID).Identities[0]; p.Barred != "withdrawn" {
			t.Errorf("%+v", p)
		}
	})
}
