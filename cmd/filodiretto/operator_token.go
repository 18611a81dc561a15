package main

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"time"

	"filodiretto/inbox"
	"filodiretto/internal/clock"
	"filodiretto/internal/db"
	"filodiretto/router"
)

type operatorTokenCommand struct {
	configured
	Login string   `required:"" help:"The operator as whom the program will act."`
	Name  string   `required:"" help:"What the token is for, as the list of tokens shows it."`
	Scope []string `short:"s" default:"read" placeholder:"SCOPE" help:"What it may do: intake (hand mail over, and nothing else), read, write (which reads too) or admin (which does all)."`
	Days  int      `default:"365" help:"After how many days it ends; 0 for never."`
}

// Help is shown by `filodiretto operator token --help`.
func (operatorTokenCommand) Help() string {
	return `Makes a token for the REST API and prints it, alone, on standard output. It is shown this once: only its hash is kept. A token never gives more than its operator may do, and is revoked on the pages or by disabling the operator.

Examples:
  filodiretto operator token --login anna --name "Portale del Comune"
  filodiretto operator token --login protocollo --name "Protocollo" --scope write --days 90 > /run/secrets/filodiretto-token`
}

// Run makes the token.
func (c *operatorTokenCommand) Run(ctx context.Context, s *shell) error {
	scopes, err := c.scopes()
	if err != nil {
		return err
	}
	r, d, err := c.people(ctx, s)
	if err != nil {
		return err
	}
	defer d.Close()
	v, o, err := c.viewer(ctx, r)
	if err != nil {
		return err
	}
	var ends clock.Instant
	if c.Days > 0 {
		ends = d.Clock.Now().Add(time.Duration(c.Days) * 24 * time.Hour)
	}
	word, _, err := r.CreateToken(ctx, v, c.Name, scopes, ends)
	if invalid := (*inbox.InvalidError)(nil); errors.As(err, &invalid) {
		if invalid.Code == "not_yours" {
			return wrongUse("%s is no administrator, so the token cannot have the scopes admin and intake: use --scope write", o.Login)
		}
		return wrongUse("--%s is not right (%s): a name has at most 200 letters", invalid.Field, invalid.Code)
	}
	if err != nil {
		return err
	}
	s.say("%s", word)
	s.hint("This is the token of %s (%s). Keep it now: it cannot be shown again.", o.Name, strings.Join(c.Scope, ", "))
	return nil
}

func (c *operatorTokenCommand) scopes() ([]router.Scope, error) {
	if c.Days < 0 {
		return nil, wrongUse("--days %d: write a number from 0 up; 0 is for ever", c.Days)
	}
	out := make([]router.Scope, len(c.Scope))
	for i, text := range c.Scope {
		if out[i] = router.Scope(text); !slices.Contains(router.Scopes, out[i]) {
			return nil, wrongUse("--scope %s: there is no such scope: use one of %s", text, names(router.Scopes, func(x router.Scope) string { return string(x) }))
		}
	}
	return out, nil
}

// viewer is the operator of the login, as they may work.
func (c *operatorTokenCommand) viewer(ctx context.Context, r *router.Router) (inbox.Viewer, *router.Operator, error) {
	o, err := operatorOf(ctx, r, c.Login)
	if err != nil {
		return inbox.Viewer{}, nil, err
	}
	dir, err := r.Directory(ctx)
	if err != nil {
		return inbox.Viewer{}, nil, err
	}
	v, ok := dir.Viewer(o.ID)
	if !ok {
		return inbox.Viewer{}, nil, wrongUse("%s may not work at present: give them a role on the pages", c.Login)
	}
	return v, o, nil
}

// people opens the database of the configuration and who works in it.
func (c configured) people(ctx context.Context, s *shell) (*router.Router, *db.DB, error) {
	cfg, err := c.load(s)
	if err != nil {
		return nil, nil, err
	}
	d, err := openDatabase(ctx, cfg)
	if err != nil {
		return nil, nil, err
	}
	return router.New(d, slog.New(slog.DiscardHandler), cfg.Municipality.Location), d, nil
}

// operatorOf finds who may log in by a name.
func operatorOf(ctx context.Context, r *router.Router, login string) (*router.Operator, error) {
	o, err := r.OperatorByLogin(ctx, login)
	if errors.Is(err, inbox.ErrNotFound) {
		return nil, wrongUse("nobody logs in as %q: make the login with `filodiretto operator add`, or look whether it is disabled", login)
	}
	return o, err
}
