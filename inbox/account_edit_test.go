package inbox

import (
	"bytes"
	"encoding/json"
	"errors"
	"maps"
	"strings"
	"testing"
	"time"

	"filodiretto/channels"
	"filodiretto/internal/secret"
)

var theAdmin = Viewer{OperatorID: 1, Name: "Admin", Admin: true}

func aBox(t *testing.T) *secret.Box {
	t.Helper()
	box, err := secret.NewBox([]byte("0123456789abcdef0123456789abcdef"))
	if err != nil {
		t.Fatal(err)
	}
	return box
}

func TestAccountIsSavedWithItsSecretsSealed(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		ctx, box := t.Context(), aBox(t)
		a, err := e.SaveAccount(ctx, theAdmin, box, AccountEdit{
			Kind: "mail", Name: " Posta URP è qui ", OfficeID: e.urp,
			Settings: map[string]string{"imap_host": "imap.example"}, Secrets: map[string]string{"imap_password": "segretissima", "smtp_password": "altra"},
		})
		if err != nil {
			t.Fatal(err)
		}
		if a.Key != "mail-posta-urp-e-qui" || a.Name != "Posta URP è qui" || a.Origin != "page" || !a.Enabled || a.Secrets != nil {
			t.Errorf("made %+v", a)
		}
		var sealed []byte
		if err := e.db.Read.NewRaw("SELECT secrets FROM accounts WHERE id = ?", a.ID).Scan(ctx, &sealed); err != nil {
			t.Fatal(err)
		}
		if len(sealed) == 0 || bytes.Contains(sealed, []byte("segretissima")) {
			t.Error("the password stands in the table as it is")
		}
		// a new name and one new secret: the other one stays
		e.exec(t, "UPDATE accounts SET error_class = 'auth_broken', error_at = 1, paused_until = 5 WHERE id = ?", a.ID)
		a, err = e.SaveAccount(ctx, theAdmin, box, AccountEdit{
			ID: a.ID, Name: "Posta", OfficeID: e.trib,
			Settings: map[string]string{"imap_host": "altro.example"}, Secrets: map[string]string{"imap_password": "nuova"},
		})
		if err != nil {
			t.Fatal(err)
		}
		if a.Key != "mail-posta-urp-e-qui" || a.OfficeID != e.trib || a.ErrorClass != "" || a.PausedUntil != 0 {
			t.Errorf("changed %+v", a)
		}
		got, err := e.AccountSecrets(ctx, theAdmin, box, a.ID)
		if want := map[string]string{"imap_password": "nuova", "smtp_password": "altra"}; err != nil || !maps.Equal(got, want) {
			t.Errorf("secrets %v %v", got, err)
		}
		var set map[string]string
		if err := json.Unmarshal([]byte(a.Settings), &set); err != nil || set["imap_host"] != "altro.example" || len(set) != 1 {
			t.Errorf("settings %q", a.Settings)
		}
		var data []string
		if err := e.db.Read.NewRaw("SELECT data FROM events WHERE kind IN ('account.created','account.changed') ORDER BY id").Scan(ctx, &data); err != nil {
			t.Fatal(err)
		}
		if len(data) != 2 || strings.Contains(strings.Join(data, ""), "nuova") {
			t.Errorf("events %v", data)
		}
		b, err := e.SaveAccount(ctx, theAdmin, box, AccountEdit{Kind: "mail", Name: "Posta URP è qui", OfficeID: e.urp})
		if err != nil || b.Key != "mail-posta-urp-e-qui-2" {
			t.Errorf("the second of a name: %+v %v", b, err)
		}
	})
}

func TestAccountIsRefusedByField(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		ctx, box := t.Context(), aBox(t)
		for name, tt := range map[string]struct {
			edit        AccountEdit
			field, code string
		}{
			"no name":         {AccountEdit{Kind: "mail", Name: "  ", OfficeID: e.urp}, "name", "required"},
			"no office":       {AccountEdit{Kind: "mail", Name: "Posta"}, "office", "unknown"},
			"of the file":     {AccountEdit{ID: e.mail.ID, Name: "Posta", OfficeID: e.urp}, "origin", "file"},
			"an office there": {AccountEdit{Kind: "mail", Name: "Posta", OfficeID: 7}, "office", "unknown"},
		} {
			_, err := e.SaveAccount(ctx, theAdmin, box, tt.edit)
			var bad *InvalidError
			if !errors.As(err, &bad) || bad.Field != tt.field || bad.Code != tt.code {
				t.Errorf("%s: %v", name, err)
			}
		}
		if _, err := e.SaveAccount(ctx, theAdmin, box, AccountEdit{ID: 7, Name: "Posta", OfficeID: e.urp}); !errors.Is(err, ErrNotFound) {
			t.Errorf("unknown: %v", err)
		}
		for _, v := range []Viewer{e.giulia, {}} {
			if _, err := e.SaveAccount(ctx, v, box, AccountEdit{Kind: "mail", Name: "Posta", OfficeID: e.urp}); !errors.Is(err, ErrForbidden) {
				t.Errorf("save by %q: %v", v.Name, err)
			}
			if err := e.PauseAccount(ctx, v, e.mail.ID); !errors.Is(err, ErrForbidden) {
				t.Errorf("pause by %q: %v", v.Name, err)
			}
			if err := e.ResumeAccount(ctx, v, e.mail.ID); !errors.Is(err, ErrForbidden) {
				t.Errorf("resume by %q: %v", v.Name, err)
			}
			if _, err := e.AccountSecrets(ctx, v, box, e.mail.ID); !errors.Is(err, ErrForbidden) {
				t.Errorf("secrets for %q: %v", v.Name, err)
			}
		}
	})
}

func TestAccountWithAnotherMasterKeyIsNotOverwritten(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		ctx := t.Context()
		a, err := e.SaveAccount(ctx, theAdmin, aBox(t), AccountEdit{Kind: "mail", Name: "Posta", OfficeID: e.urp, Secrets: map[string]string{"imap_password": "x"}})
		if err != nil {
			t.Fatal(err)
		}
		other, err := secret.NewBox([]byte("another-key-another-key-another-"))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := e.SaveAccount(ctx, theAdmin, other, AccountEdit{ID: a.ID, Name: "Nome nuovo", OfficeID: e.urp}); err == nil {
			t.Error("the secrets that could not be opened were thrown away")
		}
		if got, err := e.Account(ctx, a.ID); err != nil || got.Name != "Posta" {
			t.Errorf("%+v %v", got, err)
		}
	})
}

func TestAccountPausesAndGoesOn(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		ctx := t.Context()
		if err := e.PauseAccount(ctx, theAdmin, e.mail.ID); err != nil {
			t.Fatal(err)
		}
		a := e.account(t, e.mail.ID)
		if a.StoppedAt != e.manual.Now() {
			t.Errorf("paused: %+v", a)
		}
		since := a.StoppedAt
		e.manual.Advance(time.Minute)
		if err := e.PauseAccount(ctx, theAdmin, e.mail.ID); err != nil {
			t.Fatal(err)
		}
		if a = e.account(t, e.mail.ID); a.StoppedAt != since {
			t.Errorf("a second pause changed since when: %v", a.StoppedAt)
		}
		e.exec(t, "UPDATE accounts SET paused_until = 5 WHERE id = ?", e.mail.ID)
		if err := e.ResumeAccount(ctx, theAdmin, e.mail.ID); err != nil {
			t.Fatal(err)
		}
		if a = e.account(t, e.mail.ID); a.StoppedAt != 0 || a.PausedUntil != 0 {
			t.Errorf("resumed: %+v", a)
		}
		if n := e.number("SELECT count(*) FROM events WHERE kind IN ('account.paused','account.resumed')"); n != 2 {
			t.Errorf("%d events, want 2", n)
		}
	})
}

func TestAccountsWorkAndWarnings(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		ctx := t.Context()
		work, err := e.AccountsWork(ctx, 0)
		if err != nil || len(work) != 0 {
			t.Fatalf("nothing waits: %v %v", work, err)
		}
		since := e.manual.Now()
		e.arriveOnly(t, e.mail, "one")
		e.manual.Advance(time.Minute)
		e.arriveOnly(t, e.mail, "two")
		work, err = e.AccountsWork(ctx, 0)
		if w := work[e.mail.ID]; err != nil || w.Pending != 2 || w.Oldest != since {
			t.Errorf("waiting: %+v %v", work, err)
		}
		for _, text := range []string{"the first", "the second"} {
			if err := e.Warn(ctx, e.mail.ID, "second_poller", text); err != nil {
				t.Fatal(err)
			}
		}
		list, err := e.AccountWarnings(ctx, since)
		if err != nil || len(list) != 1 || list[0].Text != "the second" || list[0].AccountID != e.mail.ID {
			t.Errorf("warnings %+v %v", list, err)
		}
	})
}

// arriveOnly accepts a raw item and leaves it unread.
func (e *env) arriveOnly(t *testing.T, a Account, key string) {
	t.Helper()
	err := e.Accept(t.Context(), a.ID, channels.Batch{Stream: "INBOX", Items: []channels.Raw{{DedupKey: key, ContentType: "message/rfc822", Body: []byte("x"), Size: 1, ReceivedAt: e.clock.Now()}}})
	if err != nil {
		t.Fatal(err)
	}
}

func TestFreeKeyFitsAndIsNobodys(t *testing.T) {
	for _, tt := range []struct {
		kind, name string
		taken      []string
		want       string
	}{
		{"mail", "Posta URP", nil, "mail-posta-urp"},
		{"mail", "Posta URP", []string{"mail-posta-urp", "mail-posta-urp-2"}, "mail-posta-urp-3"},
		{"telegram", "北京", nil, "telegram"},
		{"mail", "un nome molto molto lungo che non finisce mai", nil, "mail-un-nome-molto-molto-lun"},
	} {
		if got := freeKey(tt.kind, tt.name, tt.taken); got != tt.want {
			t.Errorf("freeKey(%q, %q) = %q, want %q", tt.kind, tt.name, got, tt.want)
		}
	}
}
