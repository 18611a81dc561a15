package blob

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// Look tells why the store at an address could not be used, nil if it could. Unlike Open
// it makes nothing and clears nothing away.
func Look(ctx context.Context, address string) error {
	root, is := strings.CutPrefix(address, "dir:")
	if !is {
		s, err := Open(address)
		if err != nil {
			return err
		}
		return s.Check(ctx)
	}
	for _, folder := range []string{root, filepath.Join(root, "tmp")} {
		at, err := os.Stat(folder)
		switch {
		case errors.Is(err, fs.ErrNotExist) && folder != root:
			continue // Open makes it
		case err != nil:
			return wrap("look", err)
		case !at.IsDir():
			return wrap("look", &fs.PathError{Op: "open", Path: folder, Err: unix.ENOTDIR})
		}
		if err := unix.Access(folder, unix.R_OK|unix.W_OK|unix.X_OK); err != nil {
			return wrap("look", &fs.PathError{Op: "write in", Path: folder, Err: err})
		}
	}
	return nil
}
