package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// noneYet reports that what a scheme's address names on this machine's disk is not there:
// to open it would make it, and a check makes nothing.
func noneYet(address, scheme string) bool {
	path, here := strings.CutPrefix(address, scheme)
	if !here || path == "" {
		return false
	}
	_, err := os.Stat(path)
	return errors.Is(err, fs.ErrNotExist)
}

// mayMake looks whether the first start can make it: the folder that it goes into is there
// and may be written. A folder that is missing as well is a mistyped name, or a disk that
// is not mounted: on it a town would begin anew, without anything that it had.
func mayMake(address, scheme string) error {
	path, err := filepath.Abs(strings.TrimPrefix(address, scheme))
	if err != nil {
		return err
	}
	folder := filepath.Dir(path)
	switch at, err := os.Stat(folder); {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("the folder %s is not there either: correct the name, mount the disk, or make the folder", folder)
	case err != nil:
		return fmt.Errorf("the folder %s cannot be looked at: %w", folder, err)
	case !at.IsDir():
		return fmt.Errorf("%s is no folder: correct the name", folder)
	}
	if err := unix.Access(folder, unix.W_OK|unix.X_OK); err != nil {
		return fmt.Errorf("nothing can be made in the folder %s: let the user who runs this write there", folder)
	}
	return nil
}
