package backup

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"filodiretto/internal/blob"
	"filodiretto/internal/clock"
	"filodiretto/internal/db"
)

// Target is where a copy goes: the database and the store of the configuration,
// both empty.
type Target struct {
	DatabaseURL string
	Blobs       blob.Store
	Clock       clock.Clock
}

// Restore puts a checked copy into an empty target. The files go first: should
// it fail half-way, the database is still empty and the restore can be done
// again after the files are removed. Nothing is ever overwritten.
func Restore(ctx context.Context, c *Copy, t Target) error {
	path, isSQLite := strings.CutPrefix(t.DatabaseURL, "sqlite:")
	kind := map[bool]string{true: "sqlite", false: "postgres"}[isSQLite]
	if kind != c.Database {
		return fmt.Errorf("the backup is of %s and the configuration names %s: set database.url to a %s database", c.Database, kind, c.Database)
	}
	if err := emptyStore(ctx, t.Blobs); err != nil {
		return err
	}
	if isSQLite {
		if err := emptySQLite(path); err != nil {
			return err
		}
		if err := c.restoreBlobs(ctx, t.Blobs); err != nil {
			return fmt.Errorf("restore the files: %w", err)
		}
		if err := restoreSQLite(ctx, c, path); err != nil {
			return fmt.Errorf("restore the database: %w", err)
		}
		return nil
	}
	d, err := db.Open(ctx, t.DatabaseURL, t.Clock, db.Options{})
	if err != nil {
		return err
	}
	defer d.Close()
	if err := emptyPostgres(ctx, d); err != nil {
		return err
	}
	if err := c.restoreBlobs(ctx, t.Blobs); err != nil {
		return fmt.Errorf("restore the files: %w", err)
	}
	if err := restorePostgres(ctx, c, d); err != nil {
		return fmt.Errorf("restore the database: %w", err)
	}
	return nil
}

var errFull = errors.New("the file store is not empty: a restore never overwrites: name an empty folder or bucket under [files]")

func emptyStore(ctx context.Context, s blob.Store) error {
	return s.Walk(ctx, func(blob.Info) error { return errFull })
}

// restoreBlobs stores every file; the store names it by its bytes, so that one
// which was altered would get another name.
func (c *Copy) restoreBlobs(ctx context.Context, s blob.Store) error {
	for _, e := range c.Contents {
		if !strings.HasPrefix(e.Name, "files/") {
			continue
		}
		sum, err := c.putBlob(ctx, s, e)
		if err != nil {
			return fmt.Errorf("%s: %w", e.Name, err)
		}
		if blobName(sum) != e.Name {
			return fmt.Errorf("%s: its bytes are not those that its name promises", e.Name)
		}
	}
	return nil
}

func (c *Copy) putBlob(ctx context.Context, s blob.Store, e Entry) (string, error) {
	r, err := c.reader.open(e.Name)
	if err != nil {
		return "", err
	}
	defer r.Close()
	sum, _, err := s.Put(ctx, io.Reader(r))
	return sum, err
}

// sameRows compares the rows of all tables with those of the manifest.
func sameRows(want, have map[string]int64) error {
	for _, t := range slices.Sorted(maps.Keys(want)) {
		if have[t] != want[t] {
			return fmt.Errorf("table %s has %d rows and the manifest says %d", t, have[t], want[t])
		}
	}
	if len(have) != len(want) {
		return fmt.Errorf("it has %d tables and the manifest says %d", len(have), len(want))
	}
	return nil
}
