package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"filodiretto/app"
	"filodiretto/channels"
	"filodiretto/channels/mail"
	"filodiretto/inbox"
	"filodiretto/internal/blob"
	"filodiretto/internal/clock"
	"filodiretto/internal/config"
	"filodiretto/internal/db"
	"filodiretto/internal/live"
	"filodiretto/internal/secret"
)

type checkCommand struct {
	configured
	Timeout time.Duration `default:"30s" help:"How long one account may take to answer."`
	Account []string      `placeholder:"ID" help:"Look at these accounts only; repeat it for more."`
}

// Help is shown by `filodiretto check --help`.
func (checkCommand) Help() string {
	return `Prints a line for each thing that it tried: ok, or what is wrong and what to do. Nothing is sent, received or changed; it may run while the program serves.

Examples:
  filodiretto check
  filodiretto check --account urp-mail --timeout 10s`
}

// finding is the outcome of one trial. What is odd but works has a warning.
type finding struct {
	name, kind string
	err        error
	warning    string
	note       string
}

// Run tries everything.
func (c *checkCommand) Run(ctx context.Context, s *shell) error {
	cfg, err := c.load(s)
	if err != nil {
		return err
	}
	found := []finding{c.configuration(cfg)}
	if len(c.Account) == 0 {
		found = append(found, c.stores(ctx, cfg)...)
		found = append(found, malware(ctx, cfg.Malware.Clamd, clock.System{}.Now(), c.Timeout)...)
		found = append(found, voice(ctx, cfg.Voice), pictures())
	}
	accounts, err := c.accounts(ctx, cfg)
	if err != nil {
		return err
	}
	found = append(found, accounts...)
	bad := 0
	for _, f := range found {
		bad += s.tell(f)
	}
	if bad > 0 {
		s.say("%d of %d are not well", bad, len(found))
		return &foundError{bad}
	}
	return nil
}

func configName(cfg *config.Config) string {
	if cfg.Path == "" {
		return "from the environment"
	}
	return cfg.Path
}

// tell prints one outcome and counts it if it is bad. A second line of one
// outcome does not look like a second outcome.
func (s *shell) tell(f finding) int {
	what := f.name
	if f.kind != "" {
		what += " (" + f.kind + ")"
	}
	switch {
	case f.err != nil:
		s.say("WRONG  %s: %s", what, strings.ReplaceAll(remedied(f.err), "\n", "\n       and: "))
		if f.warning != "" { // it may be why
			s.say("       and: %s", f.warning)
		}
		return 1
	case f.warning != "":
		s.say("WARN   %s: %s", what, strings.ReplaceAll(f.warning, "\n", "\n       and: "))
	case f.note != "":
		s.say("ok     %s  %s", what, f.note)
	default:
		s.say("ok     %s", what)
	}
	return 0
}

// remedied is what a failure means and what to do. Channels say both in their
// text; what is added is for the classes whose remedy is always the same.
func remedied(err error) string {
	if many, ok := err.(interface{ Unwrap() []error }); ok {
		var lines []string
		for _, one := range many.Unwrap() {
			lines = append(lines, remedied(one))
		}
		return strings.Join(lines, "\n")
	}
	var e *channels.Error
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return "it did not answer in time: look at the host and port, the firewall, and whether the server is up"
	case !errors.As(err, &e):
		return db.SafeError(err)
	case e.Text == "":
		return e.Error()
	case e.Class == channels.RetryBackoff && !strings.Contains(e.Text, ": check"):
		return e.Text + ": look whether the server is up and its address right"
	}
	return e.Text
}

// stores tries the database, the files, Redis and the master key.
func (c *checkCommand) stores(ctx context.Context, cfg *config.Config) []finding {
	ctx, stop := context.WithTimeout(ctx, c.Timeout)
	defer stop()
	kind, _, _ := strings.Cut(cfg.Database.URL.Reveal(), ":")
	out := []finding{{name: "database", kind: kind}}
	if noneYet(cfg.Database.URL.Reveal(), "sqlite:") {
		out[0].note, out[0].err = "there is none yet: it is made at the first start", mayMake(cfg.Database.URL.Reveal(), "sqlite:")
	} else if sealed, err := c.database(ctx, cfg); errors.Is(err, errEmpty) {
		out[0].note = "is empty: its tables are made at the first start"
	} else if err != nil {
		out[0].err = err
	} else {
		out = append(out, sealed)
	}
	kind, _, _ = strings.Cut(cfg.Files.URL.Reveal(), ":")
	if noneYet(cfg.Files.URL.Reveal(), "dir:") {
		out = append(out, finding{name: "files", kind: kind, note: "there is no folder yet: it is made at the first start", err: mayMake(cfg.Files.URL.Reveal(), "dir:")})
	} else {
		out = append(out, finding{name: "files", kind: kind, err: blob.Look(ctx, cfg.Files.URL.Reveal())})
	}
	if !cfg.Redis.URL.IsZero() {
		client, err := live.Dial(cfg.Redis.URL.Reveal())
		if err == nil {
			err = client.Ping(ctx).Err()
			client.Close()
		}
		if err != nil {
			err = fmt.Errorf("the Redis server does not answer: look at redis.url; pages of this machine still work, others hear nothing: %w", err)
		}
		out = append(out, finding{name: "redis", err: err})
	}
	return append(out, masterKey(cfg.Security))
}

// database looks at the tables, and at the seals of the events in them.
func (c *checkCommand) database(ctx context.Context, cfg *config.Config) (sealed finding, err error) {
	err = db.Look(ctx, cfg.Database.URL.Reveal(), clock.System{}, func(d *db.DB) error {
		if err := fits(ctx, d); err != nil {
			return err
		}
		sealed = seals(ctx, d)
		return nil
	})
	return sealed, err
}

// accounts tries all accounts at once: those of the file, and those made on the
// pages where the database can be read.
func (c *checkCommand) accounts(ctx context.Context, cfg *config.Config) ([]finding, error) {
	list, fromPages := fileAccounts(cfg), []channels.Account{}
	var unread error
	_ = db.Look(ctx, cfg.Database.URL.Reveal(), clock.System{}, func(d *db.DB) error {
		if fits(ctx, d) == nil { // else there are none, or it is a finding of its own
			fromPages, unread = pageAccounts(ctx, d, cfg)
		}
		return nil
	})
	if unread != nil {
		return nil, unread
	}
	list = append(list, fromPages...)
	if len(c.Account) > 0 {
		for _, id := range c.Account {
			if !slices.ContainsFunc(list, func(a channels.Account) bool { return a.Key == id }) {
				return nil, wrongUse("there is no account %q: use one of %s", id, names(list, func(a channels.Account) string { return a.Key }))
			}
		}
		list = slices.DeleteFunc(list, func(a channels.Account) bool { return !slices.Contains(c.Account, a.Key) })
	}
	out := make([]finding, len(list))
	var all sync.WaitGroup
	for i, a := range list {
		all.Go(func() { out[i] = c.try(ctx, a) })
	}
	all.Wait()
	return out, nil
}

func fileAccounts(cfg *config.Config) []channels.Account {
	var out []channels.Account
	for _, c := range cfg.Channels {
		if c.Enabled {
			out = append(out, c.Account(0))
		}
	}
	return out
}

// pageAccounts are those that were made on the pages, with their secrets opened.
func pageAccounts(ctx context.Context, d *db.DB, cfg *config.Config) ([]channels.Account, error) {
	var rows []inbox.Account
	if err := d.Read.NewSelect().Model(&rows).Where("a.enabled AND a.origin = 'page'").OrderExpr("a.key").Scan(ctx); err != nil {
		return nil, fmt.Errorf("read the accounts: %w", err)
	}
	if len(rows) == 0 || keyMissing(cfg.Security) {
		return nil, nil // a missing key is told as a finding of its own
	}
	box, err := app.MasterKey(cfg.Security)
	if err != nil {
		return nil, nil // so is one that cannot be used
	}
	var out []channels.Account
	for _, row := range rows {
		a := channels.Account{ID: row.ID, Key: row.Key, Kind: row.Kind, Name: row.Name, Settings: map[string]string{}}
		if err := json.Unmarshal([]byte(row.Settings), &a.Settings); err != nil {
			return nil, fmt.Errorf("account %s: its settings cannot be read: %w", row.Key, err)
		}
		if plain, err := box.Open(row.Secrets, secret.Place("accounts", row.ID, "secrets")); err == nil {
			_ = json.Unmarshal(plain, &a.Settings) // what is missing is told when it is opened
		}
		out = append(out, a)
	}
	return out, nil
}

// try opens one account and probes it.
func (c *checkCommand) try(ctx context.Context, a channels.Account) finding {
	f := finding{name: a.Key, kind: a.Kind}
	if day, near := mail.PasswordEnds(a.Settings, clock.System{}.Now()); near {
		f.warning = "the password ends, or has ended, on " + day.Time().Format(time.DateOnly) + ": make a new one at the provider, write it here, and the new day in password_until"
	}
	ctx, stop := context.WithTimeout(ctx, c.Timeout)
	defer stop()
	ch, err := openChannel(a)
	if err != nil {
		f.err = err
		return f
	}
	p, ok := ch.(channels.Prober)
	if !ok {
		f.note = "needs no connection"
		return f
	}
	if f.err = p.Probe(ctx); f.err != nil && ctx.Err() != nil {
		f.err = ctx.Err()
	}
	return f
}

// openChannel opens an account without reaching the network.
func openChannel(a channels.Account) (channels.Channel, error) {
	for _, d := range app.Drivers() {
		if d.Kind == a.Kind {
			return d.Open(a, channels.Deps{Log: slog.New(slog.DiscardHandler), Clock: clock.System{}})
		}
	}
	return nil, fmt.Errorf("this program has no channel of kind %q: take the account away, or install the newer program", a.Kind)
}
