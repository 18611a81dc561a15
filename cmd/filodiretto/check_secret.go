package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"strings"

	"filodiretto/app"
	"filodiretto/inbox"
	"filodiretto/internal/config"
	"filodiretto/internal/db"
)

// configuration was read already; what is left to tell is who else can read the
// secrets in it.
func (c *checkCommand) configuration(cfg *config.Config) finding {
	f := finding{name: "configuration", note: configName(cfg)}
	var open []string
	for _, path := range cfg.SecretFiles {
		info, err := os.Stat(path)
		if err == nil && info.Mode().Perm()&0o004 != 0 {
			open = append(open, fmt.Sprintf("%s holds secrets and may be read by everybody on this machine (mode %04o): run `chmod o= %s`, and change what somebody may have seen", path, info.Mode().Perm(), path))
		}
	}
	f.warning = strings.Join(open, "\n")
	return f
}

// keyMissing reports whether the master key is to be made at the first start.
func keyMissing(s config.Security) bool {
	if !s.MasterKey.IsZero() {
		return false
	}
	_, err := os.Stat(s.KeyFile)
	return errors.Is(err, fs.ErrNotExist)
}

// masterKey tries the key without making one: a check changes nothing. A key
// file that others may read is refused by the program itself.
func masterKey(s config.Security) finding {
	f := finding{name: "master key"}
	if keyMissing(s) {
		f.note = "is made at the first start, in " + s.KeyFile
		return f
	}
	_, f.err = app.MasterKey(s)
	return f
}

// seals computes the seals of the events again, so that tampering shows.
func seals(ctx context.Context, d *db.DB) finding {
	f := finding{name: "events"}
	broken, err := inbox.New(inbox.Deps{DB: d, Log: slog.New(slog.DiscardHandler)}).CheckSeals(ctx)
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		f.warning = "their seals could not all be looked at in time: run `filodiretto check --timeout 10m`"
	case err != nil:
		f.err = fmt.Errorf("read the seals of the events: %w", err)
	case broken != nil:
		f.err = fmt.Errorf("the seal %d over the events up to %d does not hold: somebody changed or deleted events in the database; compare it with a backup", broken.ID, broken.LastEvent)
	default:
		f.note = "their seals hold"
	}
	return f
}
