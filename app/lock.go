package app

import (
	"fmt"
	"os"
	"syscall"
)

// lockFile makes sure that one process at a time works on an SQLite database.
// The lock goes with the process, however it ends.
func lockFile(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock the database: %w", err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		f.Close()
		return nil, fmt.Errorf("another filodiretto works on this database (%s is locked): stop it first; several processes need PostgreSQL", path)
	}
	return f, nil
}
