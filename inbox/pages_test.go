package inbox

import (
	"encoding/json"
	"errors"
	"slices"
	"testing"
	"time"

	"filodiretto/internal/db"
	"filodiretto/internal/secret"
)

// someCases makes cases of every status, office and assignee.
func someCases(e *env) []*Case {
	e.t.Helper()
	now := e.manual.Now()
	z := &Citizen{ID: db.NewID(e.clock), Name: "Lucia", Version: 1, CreatedAt: now}
	z.RootID = z.ID
	if _, err := e.db.Write.NewInsert().Model(z).Exec(e.t.Context()); err != nil {
		e.t.Fatal(err)
	}
	closed := int64(0)
	if err := e.db.Write.NewRaw("INSERT INTO offices (id, key, name, level, reserved, created_at) VALUES (?, 'sociale', 'Sociale', 'back', TRUE, 1) RETURNING id", db.NewID(e.clock)).Scan(e.t.Context(), &closed); err != nil {
		e.t.Fatal(err)
	}
	var out []*Case
	for i := range 60 {
		k := &Case{
			ID: db.NewID(e.clock), Year: 2026, Number: int64(i + 1), CitizenID: z.ID, Person: "Lucia", OfficeID: []int64{e.urp, e.trib, closed}[i%3], Kind: CaseKinds[i%7],
			Status: []Status{Open, Waiting, Snoozed, Closed}[i/3%4], Subject: "x", Channel: "mail", AccountID: e.mail.ID, LastAt: now.Add(-time.Duration(i) * time.Minute), Failed: i%8 == 0, Version: 1, CreatedAt: now,
		}
		if i%5 == 0 {
			k.AssigneeID = e.giulia.OperatorID
		}
		if i%4 == 0 {
			k.DueAt = now.Add(time.Duration(i-20) * 5 * time.Hour)
		}
		if k.Status == Snoozed {
			k.SnoozedUntil = now.Add(time.Hour)
		}
		if _, err := e.db.Write.NewInsert().Model(k).Exec(e.t.Context()); err != nil {
			e.t.Fatal(err)
		}
		if i%9 == 2 { // taxes had a hand in some cases of social services
			if _, err := e.db.Write.NewRaw("INSERT INTO case_offices (case_id, office_id, since_at) VALUES (?, ?, 1)", k.ID, e.trib).Exec(e.t.Context()); err != nil {
				e.t.Fatal(err)
			}
		}
		out = append(out, k)
	}
	return out
}

// TestInViewSaysWhatListShows: an open page asks for one row, and that row must
// be there just when the list shows it.
func TestInViewSaysWhatListShows(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		cases := someCases(e)
		for _, v := range []Viewer{e.giulia, e.elena} {
			for _, vw := range Views {
				if vw == ViewAll {
					continue // asks for the offices that are open
				}
				p, err := e.List(t.Context(), v, vw, "", 200)
				if err != nil {
					t.Fatal(err)
				}
				for _, k := range cases {
					if _, err := e.CaseByID(t.Context(), v, k.ID); err == ErrNotFound {
						continue // the page never asks
					}
					listed := slices.ContainsFunc(p.Cases, func(c *Case) bool { return c.ID == k.ID })
					if got := vw.InView(v, k, e.manual.Now()); got != listed {
						t.Errorf("%s for %s: case %d is listed %v and in view %v", vw, v.Name, k.Number, listed, got)
					}
				}
			}
		}
	})
}

// TestSeesIsTheRuleOfTheDatabase: who is told that a case changed is who may
// read it, whatever way each is found out.
func TestSeesIsTheRuleOfTheDatabase(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		cases := someCases(e)
		ids := []int64{404}
		for _, k := range cases {
			ids = append(ids, k.ID)
		}
		list, err := e.Audiences(t.Context(), ids)
		if err != nil || len(list) != len(cases) {
			t.Fatalf("%d audiences: %v", len(list), err)
		}
		for _, v := range []Viewer{e.giulia, e.elena, {OperatorID: 1, Admin: true}, {System: true}, {}} {
			for i := range list {
				_, err := e.CaseByID(t.Context(), v, list[i].ID)
				if err != nil && !errors.Is(err, ErrNotFound) {
					t.Fatal(err)
				}
				if got := v.Sees(&list[i]); got != (err == nil) {
					t.Errorf("%+v: told %v, may read %v (%+v)", v, got, err == nil, list[i])
				}
			}
		}
	})
}

func TestAccountsOnThePages(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		ctx, admin := t.Context(), Viewer{OperatorID: 7, Admin: true}
		box, err := secret.NewBox(make([]byte, secret.KeySize))
		if err != nil {
			t.Fatal(err)
		}
		edit := AccountEdit{Kind: "telegram", Name: "Bot dell’URP", OfficeID: e.urp, Settings: map[string]string{"api_url": "x"}, Secrets: map[string]string{"token": "segreto"}}
		if _, err := e.SaveAccount(ctx, e.giulia, box, edit); !errors.Is(err, ErrForbidden) {
			t.Errorf("who is no administrator: %v", err)
		}
		a, err := e.SaveAccount(ctx, admin, box, edit)
		if err != nil {
			t.Fatal(err)
		}
		b, err := e.SaveAccount(ctx, admin, box, edit)
		if err != nil || a.Key != "telegram-bot-dell-urp" || b.Key != "telegram-bot-dell-urp-2" || a.Secrets != nil {
			t.Fatalf("keys: %+v %+v %v", a, b, err)
		}
		var row Account
		if err := e.db.Read.NewSelect().Model(&row).Where("a.id = ?", a.ID).Scan(ctx); err != nil {
			t.Fatal(err)
		}
		if len(row.Secrets) == 0 || slices.Contains([]string{row.Settings, string(row.Secrets)}, "segreto") {
			t.Errorf("the secret is not sealed: %+v", row)
		}
		if _, err := box.Open(row.Secrets, secret.Place("accounts", b.ID, "secrets")); err == nil {
			t.Error("one account's secrets open in another's place")
		}
		edit.ID, edit.Name, edit.Secrets = a.ID, "Altro nome", map[string]string{}
		if _, err := e.SaveAccount(ctx, admin, box, edit); err != nil {
			t.Fatal(err)
		}
		if s, err := e.AccountSecrets(ctx, admin, box, a.ID); err != nil || s["token"] != "segreto" {
			t.Errorf("a secret that was not typed again is kept: %v %v", s, err)
		}
		if _, err := e.AccountSecrets(ctx, e.giulia, box, a.ID); !errors.Is(err, ErrForbidden) {
			t.Errorf("secrets: %v", err)
		}
		edit.ID = e.mail.ID
		if _, err := e.SaveAccount(ctx, admin, box, edit); code(err) != "origin:file" {
			t.Errorf("what stands in the file: %v", err)
		}
		for field, bad := range map[string]AccountEdit{"name:required": {Kind: "telegram", OfficeID: e.urp}, "office:unknown": {Kind: "telegram", Name: "x", OfficeID: 404}} {
			if _, err := e.SaveAccount(ctx, admin, box, bad); code(err) != field {
				t.Errorf("%s: %v", field, err)
			}
		}
		if err := e.PauseAccount(ctx, e.giulia, a.ID); !errors.Is(err, ErrForbidden) {
			t.Errorf("pause: %v", err)
		}
		if err := e.PauseAccount(ctx, admin, a.ID); err != nil {
			t.Fatal(err)
		}
		if got, err := e.Account(ctx, a.ID); err != nil || got.StoppedAt != e.manual.Now() || got.Name != "Altro nome" {
			t.Errorf("paused: %+v %v", got, err)
		}
		if err := e.ResumeAccount(ctx, admin, a.ID); err != nil {
			t.Fatal(err)
		}
		if err := e.ResumeAccount(ctx, admin, 404); !errors.Is(err, ErrNotFound) {
			t.Errorf("resume nothing: %v", err)
		}
	})
}

func TestAccountHealth(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		ctx, now := t.Context(), e.manual.Now()
		for i, state := range []string{"pending", "pending", "filed"} {
			r := Raw{ID: db.NewID(e.clock), AccountID: e.mail.ID, DedupKey: state + string(rune('a'+i)), ContentType: "x", Meta: "{}", Size: 1, SHA256: "x", State: state, AcceptedAt: now.Add(time.Duration(i) * time.Second)}
			if _, err := e.db.Write.NewInsert().Model(&r).Exec(ctx); err != nil {
				t.Fatal(err)
			}
		}
		work, err := e.AccountsWork(ctx, now.Add(-time.Hour))
		if err != nil || work[e.mail.ID] != (AccountWork{Pending: 2, Oldest: now}) {
			t.Errorf("%+v %v", work, err)
		}
		for _, code := range []string{"clock", "clock", "second_poller"} {
			e.manual.Advance(time.Second)
			if err := e.Warn(ctx, e.tg.ID, code, "testo "+code); err != nil {
				t.Fatal(err)
			}
		}
		got, err := e.AccountWarnings(ctx, now)
		if err != nil || len(got) != 2 || got[0].Code != "second_poller" || got[1].AccountID != e.tg.ID {
			b, _ := json.Marshal(got)
			t.Errorf("%s %v", b, err)
		}
		if old, err := e.AccountWarnings(ctx, e.manual.Now().Add(time.Hour)); err != nil || len(old) != 0 {
			t.Errorf("warnings of the future: %v %v", old, err)
		}
	})
}

// TestPeopleFactsKeepReservedMatters: a list of persons tells nothing of a matter
// that who looks may not see.
func TestPeopleFactsKeepReservedMatters(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		k := someCases(e)[0]
		all, err := e.PeopleFacts(t.Context(), Viewer{System: true}, []int64{k.CitizenID})
		if err != nil {
			t.Fatal(err)
		}
		front, err := e.PeopleFacts(t.Context(), e.giulia, []int64{k.CitizenID})
		if err != nil {
			t.Fatal(err)
		}
		if all[k.CitizenID].Open != 45 || front[k.CitizenID].Open != 30 || front[k.CitizenID].Due == 0 || front[k.CitizenID].Last == 0 {
			t.Errorf("all %+v, front desk %+v", all, front)
		}
	})
}
