package main

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"

	"filodiretto/inbox"
	"filodiretto/router"
)

type operatorCommands struct {
	Add      operatorAddCommand      `cmd:"" help:"Make a login."`
	Password operatorPasswordCommand `cmd:"" help:"Set a new password for a login."`
	Token    operatorTokenCommand    `cmd:"" help:"Make a token for the REST API."`
}

type operatorAddCommand struct {
	configured
	passwordInput
	Name  string   `required:"" help:"Name and surname, as colleagues know them."`
	Login string   `required:"" help:"What they type to log in."`
	Role  []string `short:"r" placeholder:"OFFICE:ROLE" help:"What they do where, such as urp:front_office; repeat it for more. The role administrator stands alone."`
}

// Help is shown by `filodiretto operator add --help`.
func (operatorAddCommand) Help() string {
	return `Roles: front_office, back_office, reception, head, communication, each in an office; and administrator. The first operator of an installation becomes its administrator, who makes offices and people on the pages; an administrator as such reads no citizen's messages.

Examples:
  filodiretto operator add --name "Anna Bianchi" --login anna
  filodiretto operator add --name "Giulia Moretti" --login giulia --role urp:front_office --role urp:reception
  pass show urp/carlo | filodiretto operator add --name "Carlo Neri" --login carlo --role tributi:head --password-file -`
}

// Run makes the operator.
func (c *operatorAddCommand) Run(ctx context.Context, s *shell) error {
	cfg, err := c.load(s)
	if err != nil {
		return err
	}
	d, err := makeDatabase(ctx, cfg)
	if err != nil {
		return err
	}
	defer d.Close()
	r := router.New(d, slog.New(slog.DiscardHandler), cfg.Municipality.Location)
	dir, err := r.Directory(ctx)
	if err != nil {
		return err
	}
	first := !slices.ContainsFunc(dir.Operators, func(o router.Operator) bool { return o.DisabledAt.IsZero() })
	if slices.ContainsFunc(dir.Operators, func(o router.Operator) bool { return strings.EqualFold(o.Login, c.Login) }) {
		return wrongUse("the login %q is taken: choose another one", c.Login)
	}
	roles, err := c.roles(dir, first)
	if err != nil {
		return err
	}
	hash, err := c.hash(ctx, s, c.Name, c.Login, cfg.Municipality.Name)
	if err != nil {
		return err
	}
	o, err := r.SaveOperator(ctx, inbox.Viewer{System: true}, router.Operator{Login: c.Login, Name: c.Name, Password: hash, Lang: cfg.Municipality.Language}, roles)
	if invalid := (*inbox.InvalidError)(nil); errors.As(err, &invalid) {
		return wrongUse("--%s is not right (%s): a login is at least two lower-case letters, digits, dots or hyphens", invalid.Field, invalid.Code)
	}
	if err != nil {
		return err
	}
	s.say("%s can log in as %s at %s", o.Name, o.Login, cfg.Municipality.PublicURL)
	if first {
		s.say("As the first operator, %s is the administrator: offices and people are made under Amministrazione.", o.Name)
	}
	return nil
}

// roles reads what --role says; the first operator is always an administrator.
func (c *operatorAddCommand) roles(dir *router.Directory, first bool) ([]router.Membership, error) {
	var out []router.Membership
	for _, text := range c.Role {
		office, role, hasOffice := strings.Cut(text, ":")
		if !hasOffice {
			office, role = "", text
		}
		if !slices.Contains(router.Roles, router.Role(role)) {
			return nil, wrongUse("--role %s: there is no role %q: use one of %s", text, role, names(router.Roles, func(r router.Role) string { return string(r) }))
		}
		m := router.Membership{Role: router.Role(role)}
		switch o := dir.OfficeByKey(office); {
		case m.Role == router.Administrator && hasOffice:
			return nil, wrongUse("--role %s: an administrator is of the whole installation: write --role administrator", text)
		case m.Role == router.Administrator:
		case !hasOffice:
			return nil, wrongUse("--role %s: say in which office: --role OFFICE:%s", text, role)
		case o == nil && len(dir.Offices) == 0:
			return nil, wrongUse("--role %s: there are no offices yet: make an administrator first, who makes them on the pages, or start `filodiretto serve` once with channels that name an office", text)
		case o == nil:
			return nil, wrongUse("--role %s: there is no office %q: use one of %s", text, office, names(dir.Offices, func(o router.Office) string { return o.Key }))
		default:
			m.OfficeID = o.ID
		}
		if !slices.Contains(out, m) {
			out = append(out, m)
		}
	}
	isAdmin := slices.ContainsFunc(out, func(m router.Membership) bool { return m.Role == router.Administrator })
	if first && !isAdmin {
		out = append(out, router.Membership{Role: router.Administrator})
	}
	if len(out) == 0 {
		return nil, wrongUse("say what %s does: --role OFFICE:ROLE, for example --role urp:front_office", c.Name)
	}
	return out, nil
}

func names[T any](list []T, name func(T) string) string {
	out := make([]string, len(list))
	for i, x := range list {
		out[i] = name(x)
	}
	return strings.Join(out, ", ")
}
