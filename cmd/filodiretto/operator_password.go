package main

import (
	"context"

	"filodiretto/inbox"
)

type operatorPasswordCommand struct {
	configured
	passwordInput
	Login string `required:"" help:"Whose password it is."`
}

// Help is shown by `filodiretto operator password --help`.
func (operatorPasswordCommand) Help() string {
	return `Sets a new password, for somebody who forgot theirs when no administrator can be reached on the pages. Whoever is logged in by that name is logged out.

Examples:
  filodiretto operator password --login anna
  pass show urp/anna | filodiretto operator password --login anna --password-file -`
}

// Run sets the password.
func (c *operatorPasswordCommand) Run(ctx context.Context, s *shell) error {
	cfg, err := c.load(s)
	if err != nil {
		return err
	}
	r, d, err := c.people(ctx, s)
	if err != nil {
		return err
	}
	defer d.Close()
	o, err := operatorOf(ctx, r, c.Login)
	if err != nil {
		return err
	}
	hash, err := c.hash(ctx, s, o.Name, o.Login, cfg.Municipality.Name)
	if err != nil {
		return err
	}
	if err := r.SetPassword(ctx, inbox.Viewer{System: true}, o.ID, hash); err != nil {
		return err
	}
	s.say("%s has a new password, and must log in again.", o.Name)
	return nil
}
