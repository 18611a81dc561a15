package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/uptrace/bun"

	"filodiretto/channels"
	"filodiretto/inbox"
	"filodiretto/internal/clock"
	"filodiretto/internal/config"
	"filodiretto/internal/db"
	"filodiretto/internal/secret"
)

// Accounts are the opened channels of all accounts. Those of the configuration
// file are written into the table at start and shown there read-only; those
// made on the pages are read from it, with their secrets opened.
type Accounts struct {
	db   *db.DB
	box  *secret.Box
	log  *slog.Logger
	deps channels.Deps
	file map[string]config.Channel

	mu     sync.RWMutex
	open   map[int64]opened
	broken map[int64]int64 // the version in which an account could not be opened
}

type opened struct {
	row inbox.Account
	ch  channels.Channel
}

// NewAccounts makes the registry; Load fills it.
func NewAccounts(d *db.DB, box *secret.Box, log *slog.Logger, file []config.Channel, ownHosts []string) *Accounts {
	a := &Accounts{db: d, box: box, log: log, deps: channels.Deps{Log: log, Clock: d.Clock, OwnHosts: ownHosts}, file: map[string]config.Channel{}, open: map[int64]opened{}, broken: map[int64]int64{}}
	for _, c := range file {
		a.file[c.ID] = c
	}
	return a
}

// Channel finds the opened channel of an account.
func (a *Accounts) Channel(id int64) (channels.Channel, inbox.Account, bool) {
	a.mu.RLock()
	defer a.mu.RUnlock()
	o, ok := a.open[id]
	return o.ch, o.row, ok
}

// Open returns the accounts that are open, by key.
func (a *Accounts) Open() []inbox.Account {
	a.mu.RLock()
	defer a.mu.RUnlock()
	var out []inbox.Account
	for _, o := range a.open {
		out = append(out, o.row)
	}
	slices.SortFunc(out, func(x, y inbox.Account) int { return strings.Compare(x.Key, y.Key) })
	return out
}

// Sync writes the accounts of the configuration file into the table. An office
// that the file names and that is not there yet is made, so that a first start
// needs no page.
func (a *Accounts) Sync(ctx context.Context) error {
	return a.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		for _, key := range slices.Sorted(maps.Keys(a.file)) {
			if err := a.syncOne(ctx, tx, a.file[key]); err != nil {
				return fmt.Errorf("channel %s: %w", key, err)
			}
		}
		return a.forgetOld(ctx, tx)
	})
}

// forgetOld switches off the accounts that have left the file. Their messages
// stay, and so does the row.
func (a *Accounts) forgetOld(ctx context.Context, tx *db.Tx) error {
	q := tx.NewUpdate().Table("accounts").Set("enabled = ?, version = version + 1", false).Where("origin = 'file' AND enabled")
	if len(a.file) > 0 {
		q = q.Where("key NOT IN (?)", bun.List(slices.Collect(maps.Keys(a.file))))
	}
	_, err := q.Exec(ctx)
	return err
}

func (a *Accounts) syncOne(ctx context.Context, tx *db.Tx, c config.Channel) error {
	office, err := officeByKey(ctx, tx, a.db.Clock, c.Office)
	if err != nil {
		return err
	}
	settings, err := json.Marshal(c.Settings)
	if err != nil {
		return err
	}
	// The version grows only with a change, so that other processes are left alone.
	_, err = tx.NewRaw(`INSERT INTO accounts (id, key, kind, name, office_id, origin, settings, enabled, created_at) VALUES (?, ?, ?, ?, ?, 'file', ?, ?, ?)
		ON CONFLICT (key) DO UPDATE SET kind = excluded.kind, name = excluded.name, office_id = excluded.office_id, origin = 'file', settings = excluded.settings, enabled = excluded.enabled, version = accounts.version + 1
		WHERE accounts.kind <> excluded.kind OR accounts.name <> excluded.name OR accounts.office_id <> excluded.office_id OR accounts.origin <> 'file'
			OR accounts.settings <> excluded.settings OR accounts.enabled <> excluded.enabled`,
		db.NewID(a.db.Clock), c.ID, c.Kind, c.Name, office, string(settings), c.Enabled, tx.Now).Exec(ctx)
	return err
}

func officeByKey(ctx context.Context, tx *db.Tx, c clock.Clock, key string) (int64, error) {
	if key == "" {
		key = "urp"
	}
	var id int64
	err := tx.NewRaw(`INSERT INTO offices (id, key, name, level, created_at) VALUES (?, ?, ?, 'front', ?)
		ON CONFLICT (key) DO UPDATE SET key = excluded.key RETURNING id`, db.NewID(c), key, officeName(key), tx.Now).Scan(ctx, &id)
	return id, err
}

func officeName(key string) string {
	if key == "urp" {
		return "URP"
	}
	return key
}

// Load opens every enabled account. One that cannot be opened is told in its
// row and in the log, and does not stop the others.
func (a *Accounts) Load(ctx context.Context) error {
	a.Forgive()
	_, err := a.Refresh(ctx)
	return err
}

// Forgive makes the next Refresh try again what could not be opened.
func (a *Accounts) Forgive() {
	a.mu.Lock()
	clear(a.broken)
	a.mu.Unlock()
}

// Refresh opens the accounts that are new or changed since they were opened, and
// closes those that are off, paused or gone. It gives the ids of both. What
// could not be opened is an error once, and left alone until it is changed.
func (a *Accounts) Refresh(ctx context.Context) (changed []int64, err error) {
	versions, err := inbox.AccountVersions(ctx, a.db)
	if err != nil {
		return nil, err
	}
	var fresh []int64
	a.mu.Lock()
	for id, v := range versions {
		if o, ok := a.open[id]; (!ok || o.row.Version != v) && a.broken[id] != v {
			fresh = append(fresh, id)
		}
	}
	for id := range a.open {
		if _, ok := versions[id]; !ok {
			delete(a.open, id)
			changed = append(changed, id)
		}
	}
	a.mu.Unlock()
	if len(fresh) == 0 {
		return changed, nil
	}
	var rows []inbox.Account
	if err := a.db.Read.NewSelect().Model(&rows).Where("a.id IN (?)", bun.List(fresh)).Scan(ctx); err != nil {
		return changed, fmt.Errorf("read the accounts: %w", err)
	}
	var errs []error
	for _, row := range rows {
		ch, err := a.openOne(row)
		a.mu.Lock()
		if err != nil {
			a.broken[row.ID] = row.Version
			delete(a.open, row.ID)
		} else {
			a.open[row.ID] = opened{row, ch}
		}
		a.mu.Unlock()
		if err != nil {
			a.log.Error("an account cannot be opened", "account", row.Key, "error", err)
			errs = append(errs, fmt.Errorf("%s: %w", row.Key, err))
		}
		changed = append(changed, row.ID)
	}
	return changed, errors.Join(errs...)
}

func (a *Accounts) openOne(row inbox.Account) (channels.Channel, error) {
	d, ok := driver(row.Kind)
	if !ok {
		return nil, fmt.Errorf("no channel of kind %q in this program", row.Kind)
	}
	acc, err := a.Resolve(row)
	if err != nil {
		return nil, err
	}
	deps := a.deps
	deps.Log = a.log.With("account", row.Key)
	return d.Open(acc, deps)
}

// Resolve gives an account its settings and its secrets in clear.
func (a *Accounts) Resolve(row inbox.Account) (channels.Account, error) {
	if row.Origin == "file" {
		c, ok := a.file[row.Key]
		if !ok {
			return channels.Account{}, errors.New("it is no longer in the configuration file")
		}
		return c.Account(row.ID), nil
	}
	acc := channels.Account{ID: row.ID, Key: row.Key, Kind: row.Kind, Name: row.Name, Settings: map[string]string{}}
	if err := json.Unmarshal([]byte(row.Settings), &acc.Settings); err != nil {
		return acc, fmt.Errorf("its settings cannot be read: %w", err)
	}
	if len(row.Secrets) == 0 {
		return acc, nil
	}
	plain, err := a.box.Open(row.Secrets, secret.Place("accounts", row.ID, "secrets"))
	if err != nil {
		return acc, errors.New("its secrets cannot be opened with this master key")
	}
	var secrets map[string]string
	if err := json.Unmarshal(plain, &secrets); err != nil {
		return acc, errors.New("its secrets cannot be read")
	}
	maps.Copy(acc.Settings, secrets)
	return acc, nil
}
