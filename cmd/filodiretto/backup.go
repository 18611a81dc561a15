package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"filodiretto/app"
	"filodiretto/internal/backup"
	"filodiretto/internal/blob"
	"filodiretto/internal/clock"
	"filodiretto/internal/config"
)

type backupCommand struct {
	configured
	Path string `arg:"" type:"path" help:"Where to write: a new folder, or a file that ends in .tar."`
}

// Help is shown by `filodiretto backup --help`.
func (backupCommand) Help() string {
	return `Runs while the program serves. The copy holds every row and every file as of one instant, with a manifest of their checksums; what is written meanwhile is in the next copy. The master key is not in it: keep filodiretto.key, or master_key, somewhere else.

Examples:
  filodiretto backup /backup/filodiretto-$(date +%F).tar
  filodiretto backup /mnt/nas/filodiretto-$(date +%F)`
}

// Run makes the copy.
func (c *backupCommand) Run(ctx context.Context, s *shell) error {
	cfg, err := c.load(s)
	if err != nil {
		return err
	}
	d, err := openDatabase(ctx, cfg)
	if err != nil {
		return err
	}
	defer d.Close()
	store, err := blob.Open(cfg.Files.URL.Reveal())
	if err != nil {
		return err
	}
	box, err := app.MasterKey(cfg.Security)
	if err != nil {
		return err
	}
	m, err := backup.Make(ctx, backup.Source{DB: d, Blobs: store, Box: box, Program: version()}, c.Path)
	if err != nil {
		return err
	}
	s.say("%s: %d rows of %d tables, %d files, %d kB in all", c.Path, m.Rows(), len(m.Tables), m.Blobs, m.Bytes()>>10)
	s.say("Keep the master key apart from it: without the key, the passwords of accounts made on the pages cannot be read.")
	return nil
}

type restoreCommand struct {
	configured
	Path       string `arg:"" type:"path" help:"The folder or .tar file that backup wrote."`
	CheckOnly  bool   `help:"Only check the backup to its last byte."`
	AnotherKey bool   `help:"Restore although the master key is not the one of the backup."`
}

// Help is shown by `filodiretto restore --help`.
func (restoreCommand) Help() string {
	return `The database and the file store that the configuration names must be empty: nothing is ever overwritten. Every byte is checked before anything is written, and every table after it.

Examples:
  filodiretto restore /backup/filodiretto-2026-11-22.tar
  filodiretto restore --check-only /backup/filodiretto-2026-11-22.tar
  filodiretto restore --config /tmp/trial.toml /backup/filodiretto-2026-11-22.tar`
}

// Run checks, then restores.
func (c *restoreCommand) Run(ctx context.Context, s *shell) error {
	cfg, err := c.load(s)
	if err != nil {
		return err
	}
	b, err := backup.Open(ctx, c.Path)
	if err != nil {
		return err
	}
	defer b.Close()
	s.say("the backup is whole: made %s by program %s, %d rows of %d tables, %d files", b.Made.Time().Format("2006-01-02 15:04:05 UTC"), b.Program, b.Rows(), len(b.Tables), b.Blobs)
	if c.CheckOnly {
		return nil
	}
	if err := c.checkKey(b, cfg.Security); err != nil {
		return err
	}
	store, err := blob.Open(cfg.Files.URL.Reveal())
	if err != nil {
		return err
	}
	if err := backup.Restore(ctx, b, backup.Target{DatabaseURL: cfg.Database.URL.Reveal(), Blobs: store, Clock: clock.System{}}); err != nil {
		return err
	}
	s.say("restored and compared: every row and every file is there")
	return nil
}

// checkKey refuses a master key that is not the copied installation's, before
// one is made where there is none.
func (c *restoreCommand) checkKey(b *backup.Copy, sec config.Security) error {
	const remedy = "put the installation's filodiretto.key there, or set security.master_key; with --another-key the rest is restored all the same, and the accounts made on the pages need their passwords again"
	if sec.MasterKey.IsZero() {
		if _, err := os.Stat(sec.KeyFile); errors.Is(err, fs.ErrNotExist) && !c.AnotherKey {
			return fmt.Errorf("there is no master key at %s: %s", sec.KeyFile, remedy)
		}
	}
	box, err := app.MasterKey(sec)
	if err != nil {
		return err
	}
	if !b.OpensKey(box) && !c.AnotherKey {
		return errors.New("the master key is not the one of the backup: " + remedy)
	}
	return nil
}
