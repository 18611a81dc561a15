package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"

	"filodiretto/app"
	"filodiretto/inbox"
	"filodiretto/internal/blob"
	"filodiretto/internal/config"
	"filodiretto/internal/db"
	"filodiretto/internal/live"
	"filodiretto/queue"
	"filodiretto/register"
)

type registerCommands struct {
	Export registerExport `cmd:"" help:"Write the daily register of one day."`
	Check  registerCheck  `cmd:"" help:"Compute the register again: hashes, numbers, daily files."`
}

type registerExport struct {
	configured
	Day string `required:"" help:"The day, as in 2026-11-21. It must be over."`
	Out string `short:"o" type:"path" placeholder:"FILE" help:"Where to write it. Without it, to the standard output."`
}

// Help is shown by `filodiretto register export --help`.
func (registerExport) Help() string {
	return `The program closes each day of its own protocol register by itself, some minutes after midnight, and keeps one CSV file for it, which holds the hash of the file of the day before. This writes the file of a day, whole, for preservation; reserved cases are in it. Its SHA-256 is told on stderr.

Example:
  filodiretto register export --day 2026-11-21 --out registro-2026-11-21.csv`
}

// Run writes the file.
func (c *registerExport) Run(ctx context.Context, s *shell) error {
	day, err := queue.ParseDay(c.Day)
	if err != nil {
		return wrongUse("write the day like 2026-11-21")
	}
	return withRegister(ctx, c.configured, s, func(r *register.Register) error {
		if r.Mode() != register.Builtin {
			return errors.New(`only the program's own register has daily files: see mode under [register]`)
		}
		if _, err := r.CloseDays(ctx); err != nil {
			return err
		}
		d, f, _, err := r.OpenDaily(ctx, inbox.Viewer{System: true}, day)
		if errors.Is(err, inbox.ErrNotFound) {
			return fmt.Errorf("there is no daily register of %s: the day is not over, or lies before the first entry", day)
		}
		if err != nil {
			return err
		}
		defer f.Close()
		s.hint("%s  %s", d.SHA256, d.Name())
		return writeTo(c.Out, s.out, f)
	})
}

// writeTo copies into a new file, or to the output when no file is named.
func writeTo(path string, out io.Writer, f io.Reader) (err error) {
	if path == "" {
		_, err = io.Copy(out, f)
		return err
	}
	w, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(w, f)
	return errors.Join(err, w.Close())
}

type registerCheck struct{ configured }

// Help is shown by `filodiretto register check --help`.
func (registerCheck) Help() string {
	return `Computes every hash of the protocol register again from the rows of the database, and looks that no line and no number is missing and that every daily file is there with the bytes of its hash. Ends with 1 when something does not hold. Nothing is changed.

Example:
  filodiretto register check`
}

// Run checks.
func (c *registerCheck) Run(ctx context.Context, s *shell) error {
	return withRegister(ctx, c.configured, s, func(r *register.Register) error {
		x, err := r.Check(ctx)
		if err != nil {
			return err
		}
		bad := 0
		if x.Fault != nil {
			bad++
			s.say("WRONG  register %s: line %d: %s: the rows are not those that were written: compare with a backup and with the daily files", x.Fault.Book, x.Fault.Seq, faultWords[x.Fault.What])
		} else {
			s.say("ok     register  %d entries, %d lines", x.Entries, x.Lines)
		}
		days, broken, err := r.CheckDays(ctx)
		if err != nil {
			return err
		}
		for _, d := range broken {
			bad++
			s.say("WRONG  daily register of %s: its file is missing or not the one of its hash: bring it back from a backup", d)
		}
		if len(broken) == 0 {
			s.say("ok     daily registers  %d files", days)
		}
		if bad > 0 {
			return &foundError{bad}
		}
		return nil
	})
}

var faultWords = map[string]string{"hash": "its hash does not hold", "missing": "it is missing", "number": "its number does not follow", "end": "lines after it are missing"}

// withRegister opens the register of a configuration, which may be open in a serving
// process at the same time.
func withRegister(ctx context.Context, c configured, s *shell, f func(*register.Register) error) error {
	cfg, err := c.load(s)
	if err != nil {
		return err
	}
	d, err := openDatabase(ctx, cfg)
	if err != nil {
		return err
	}
	defer d.Close()
	r, err := openRegister(cfg, d)
	if err != nil {
		return err
	}
	return f(r)
}

func openRegister(cfg *config.Config, d *db.DB) (*register.Register, error) {
	store, err := blob.Open(cfg.Files.URL.Reveal())
	if err != nil {
		return nil, err
	}
	return app.NewRegister(cfg, d, store, nil, &live.Hub{}, slog.New(slog.DiscardHandler))
}
