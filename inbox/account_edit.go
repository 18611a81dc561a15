package inbox

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"strings"
	"unicode"

	"filodiretto/internal/db"
	"filodiretto/internal/secret"
	"filodiretto/internal/textfold"
)

// AccountEdit makes an account (ID 0) or changes one that was made on the pages.
// The settings were checked by the channel's driver.
type AccountEdit struct {
	ID       int64
	Kind     string // of a new one
	Name     string
	OfficeID int64
	Settings map[string]string // all that are no secrets
	Secrets  map[string]string // those that are to be set; the others stay
}

// SaveAccount stores an account with its secrets sealed. Only an administrator
// may, and what stands in the configuration file is changed there. Errors:
// ErrForbidden, InvalidError on "name", "office" or "origin".
func (in *Inbox) SaveAccount(ctx context.Context, v Viewer, box *secret.Box, e AccountEdit) (*Account, error) {
	if !v.Admin && !v.System {
		return nil, ErrForbidden
	}
	if e.Name = cut(clean(e.Name), mostName); e.Name == "" {
		return nil, &InvalidError{"name", "required"}
	}
	settings, err := json.Marshal(e.Settings)
	if err != nil {
		return nil, fmt.Errorf("save an account: %w", err)
	}
	var out *Account
	err = in.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if n, err := tx.NewSelect().Table("offices").Where("id = ?", e.OfficeID).Count(ctx); err != nil || n == 0 {
			return orInvalid(err, "office", "unknown")
		}
		a, err := accountForEdit(ctx, tx, e)
		if err != nil {
			return err
		}
		secrets, err := openSecrets(box, a)
		if err != nil {
			return err
		}
		maps.Copy(secrets, e.Secrets)
		plain, err := json.Marshal(secrets)
		if err != nil {
			return fmt.Errorf("save an account: %w", err)
		}
		kind := "account.changed"
		if a.ID == 0 {
			kind, a.ID, a.CreatedAt = "account.created", db.NewID(in.clock), tx.Now
		}
		a.Name, a.OfficeID, a.Settings = e.Name, e.OfficeID, string(settings)
		a.Secrets = box.Seal(plain, secret.Place("accounts", a.ID, "secrets"))
		a.ErrorClass, a.ErrorText, a.ErrorAt, a.PausedUntil = "", "", 0, 0
		a.Version++
		if kind == "account.created" {
			_, err = tx.NewInsert().Model(a).Exec(ctx)
		} else {
			_, err = tx.NewUpdate().Model(a).Column("name", "office_id", "settings", "secrets", "version", "error_class", "error_text", "error_at", "paused_until").WherePK().Exec(ctx)
		}
		if err != nil {
			return fmt.Errorf("save an account: %w", err)
		}
		out = a
		return in.accountEvent(ctx, tx, v, kind, a)
	})
	if err != nil {
		return nil, err
	}
	out.Secrets = nil
	return out, nil
}

func orInvalid(err error, field, code string) error {
	if err != nil {
		return err
	}
	return &InvalidError{field, code}
}

// accountForEdit reads the account to be changed, or begins a new one with a key
// of its own.
func accountForEdit(ctx context.Context, tx *db.Tx, e AccountEdit) (*Account, error) {
	a := new(Account)
	if e.ID != 0 {
		if err := tx.NewSelect().Model(a).Where("a.id = ?", e.ID).Scan(ctx); err != nil {
			return nil, notFound(err)
		}
		if a.Origin != "page" {
			return nil, &InvalidError{"origin", "file"}
		}
		return a, nil
	}
	var keys []string
	if err := tx.NewSelect().Table("accounts").Column("key").Scan(ctx, &keys); err != nil {
		return nil, fmt.Errorf("save an account: %w", err)
	}
	*a = Account{Key: freeKey(e.Kind, e.Name, keys), Kind: e.Kind, Origin: "page", Enabled: true}
	return a, nil
}

// freeKey makes a key that no account has: "mail-posta-urp".
func freeKey(kind, name string, taken []string) string {
	slug := strings.FieldsFunc(textfold.Fold(name), func(r rune) bool { return r > unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	key := cut(strings.Join(append([]string{kind}, slug...), "-"), 28)
	free := key
	for n := 2; contains(taken, free); n++ {
		free = fmt.Sprintf("%s-%d", key, n)
	}
	return free
}

func contains(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}

// openSecrets reads the secrets that an account has.
func openSecrets(box *secret.Box, a *Account) (map[string]string, error) {
	out := map[string]string{}
	if len(a.Secrets) == 0 {
		return out, nil
	}
	plain, err := box.Open(a.Secrets, secret.Place("accounts", a.ID, "secrets"))
	if err != nil {
		return nil, fmt.Errorf("open the secrets of account %d: %w", a.ID, err)
	}
	if err := json.Unmarshal(plain, &out); err != nil {
		return nil, fmt.Errorf("read the secrets of account %d", a.ID)
	}
	return out, nil
}

// AccountSecrets gives the secrets of an account made on the pages in clear, to
// try settings before they are stored. Only an administrator may.
func (in *Inbox) AccountSecrets(ctx context.Context, v Viewer, box *secret.Box, id int64) (map[string]string, error) {
	if !v.Admin && !v.System {
		return nil, ErrForbidden
	}
	a := new(Account)
	if err := in.db.Read.NewSelect().Model(a).Where("a.id = ?", id).Scan(ctx); err != nil {
		return nil, notFound(err)
	}
	return openSecrets(box, a)
}

// PauseAccount stops an account until a person lets it go on; ResumeAccount does
// that. Nothing is lost: citizens' messages wait at the platform, ours in the
// queue. Only an administrator may.
func (in *Inbox) PauseAccount(ctx context.Context, v Viewer, id int64) error {
	return in.stopAccount(ctx, v, id, "account.paused", func(a *Account, tx *db.Tx) {
		if a.StoppedAt == 0 {
			a.StoppedAt = tx.Now
		}
	})
}

// ResumeAccount lets a paused account go on, and one that was stopped for
// trouble try again at once.
func (in *Inbox) ResumeAccount(ctx context.Context, v Viewer, id int64) error {
	return in.stopAccount(ctx, v, id, "account.resumed", func(a *Account, _ *db.Tx) { a.StoppedAt, a.PausedUntil = 0, 0 })
}

func (in *Inbox) stopAccount(ctx context.Context, v Viewer, id int64, kind string, f func(*Account, *db.Tx)) error {
	if !v.Admin && !v.System {
		return ErrForbidden
	}
	return in.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		a := new(Account)
		if err := tx.NewSelect().Model(a).Where("a.id = ?", id).Scan(ctx); err != nil {
			return notFound(err)
		}
		before := *a
		if f(a, tx); a.StoppedAt == before.StoppedAt && a.PausedUntil == before.PausedUntil {
			return nil // a second click
		}
		a.Version++
		if _, err := tx.NewUpdate().Model(a).Column("stopped_at", "paused_until", "version").WherePK().Exec(ctx); err != nil {
			return fmt.Errorf("%s: %w", kind, err)
		}
		return in.accountEvent(ctx, tx, v, kind, a)
	})
}

func (in *Inbox) accountEvent(ctx context.Context, tx *db.Tx, v Viewer, kind string, a *Account) error {
	e := v.event(NewEvent(tx, in.clock, kind, map[string]any{"account": a.Key, "kind": a.Kind, "office": a.OfficeID}))
	e.OfficeID = a.OfficeID
	tx.After(func() { in.publishAccount(a.ID) })
	return AppendEvents(ctx, tx, e)
}
