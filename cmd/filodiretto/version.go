package main

import (
	"runtime/debug"

	"filodiretto/app"
	"filodiretto/internal/config"
)

type versionCommand struct{}

// Run prints the version.
func (versionCommand) Run(s *shell) error {
	s.say("filodiretto %s", version())
	return nil
}

// version is the program's, as the build knows it.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	v := info.Main.Version
	for _, set := range info.Settings {
		if set.Key == "vcs.revision" && (v == "" || v == "(devel)") && len(set.Value) >= 12 {
			v = set.Value[:12]
		}
	}
	if v == "" {
		v = "(devel)"
	}
	return v
}

type configCommands struct {
	Example exampleCommand `cmd:"" help:"Print a configuration with every key, its meaning and its default."`
	Show    showCommand    `cmd:"" help:"Print the configuration in use, and where each value came from. Secrets are masked."`
}

type exampleCommand struct {
	Language string `enum:"it,en" default:"it" help:"Language of the comments: it or en."`
}

// Run prints the example.
func (c *exampleCommand) Run(s *shell) error {
	return config.WriteExampleIn(s.out, app.Drivers(), c.Language)
}

type showCommand struct{ configured }

// Run prints what is in use.
func (c *showCommand) Run(s *shell) error {
	cfg, err := c.load(s)
	if err != nil {
		return err
	}
	for _, v := range cfg.Redacted() {
		s.say("%s = %s  (%s)", v.Key, v.Value, v.Origin)
	}
	return nil
}
