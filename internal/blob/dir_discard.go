package blob

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"filodiretto/internal/clock"
)

// discardedFolder holds what was discarded, by its name alone.
const discardedFolder = "discarded"

func (d *Dir) discarded(sum string) string { return filepath.Join(d.root, discardedFolder, sum) }

// Discard moves the file aside. Its time is set before, so that after a crash it
// is a young blob and not an old discarded one.
func (d *Dir) Discard(_ context.Context, sum string) error {
	if err := checkName(sum); err != nil {
		return wrap("discard", err)
	}
	if err := os.MkdirAll(filepath.Join(d.root, discardedFolder), 0o700); err != nil {
		return wrap("discard", err)
	}
	_, err := d.move(d.path(sum), d.discarded(sum))
	return wrap("discard", err)
}

// Restore moves the file back.
func (d *Dir) Restore(_ context.Context, sum string) error {
	if err := checkName(sum); err != nil {
		return wrap("restore", err)
	}
	_, err := d.bringBack(sum)
	return wrap("restore", err)
}

// Purge removes the discarded file.
func (d *Dir) Purge(_ context.Context, sum string) error {
	if err := checkName(sum); err != nil {
		return wrap("purge", err)
	}
	err := os.Remove(d.discarded(sum))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return wrap("purge", err)
	}
	return wrap("purge", syncFolder(filepath.Join(d.root, discardedFolder)))
}

// WalkDiscarded goes through the discarded files. Where none ever was, there is
// no folder.
func (d *Dir) WalkDiscarded(ctx context.Context, f func(Info) error) error {
	root := filepath.Join(d.root, discardedFolder)
	if _, err := os.Stat(root); errors.Is(err, fs.ErrNotExist) {
		return wrap("walk", ctx.Err())
	}
	return wrap("walk", d.walk(ctx, root, d.discarded, f))
}

func (d *Dir) bringBack(sum string) (bool, error) {
	if _, err := os.Stat(d.discarded(sum)); errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err := d.makeFolder(filepath.Dir(d.path(sum))); err != nil {
		return false, err
	}
	return d.move(d.discarded(sum), d.path(sum))
}

// move gives a file another place, makes it young, and makes both last. moved is
// false when it is not there (any more).
func (d *Dir) move(from, to string) (moved bool, err error) {
	now := clock.System{}.Now().Time()
	if err := os.Chtimes(from, now, now); errors.Is(err, fs.ErrNotExist) {
		return false, nil
	} else if err != nil {
		return false, err
	}
	if err := os.Rename(from, to); errors.Is(err, fs.ErrNotExist) {
		return false, nil
	} else if err != nil {
		return false, err
	}
	return true, errors.Join(syncFolder(filepath.Dir(to)), syncFolder(filepath.Dir(from)))
}
