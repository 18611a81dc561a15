package backup

import (
	"archive/tar"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// writer writes a copy under a name of its own, which becomes the real one when
// all is on disk.
type writer struct {
	path, part string
	file       *os.File    // of a .tar
	tar        *tar.Writer // nil for a folder
	done       bool
}

// isTar tells by the name which of the two forms a copy has.
func isTar(path string) bool { return strings.HasSuffix(strings.ToLower(path), ".tar") }

func create(path string) (*writer, error) {
	if _, err := os.Lstat(path); err == nil {
		return nil, fmt.Errorf("%s is there already: name a new folder or .tar file", path)
	} else if !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("write the backup: %w", err)
	}
	w := &writer{path: path, part: path + ".part"}
	if err := os.RemoveAll(w.part); err != nil { // of an attempt that was killed
		return nil, fmt.Errorf("write the backup: %w", err)
	}
	var err error
	if isTar(path) {
		if err = os.MkdirAll(filepath.Dir(path), 0o750); err == nil {
			w.file, err = os.OpenFile(w.part, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
		}
		if err == nil {
			w.tar = tar.NewWriter(w.file)
		}
	} else {
		err = os.MkdirAll(w.part, 0o700)
	}
	if err != nil {
		return nil, fmt.Errorf("write the backup: %w", err)
	}
	return w, nil
}

// add writes one file of the copy. In a .tar the length stands before the
// bytes, so they are written beside it first.
func (w *writer) add(name string, write func(io.Writer) error) (Entry, error) {
	path := filepath.Join(w.part, filepath.FromSlash(name))
	if w.tar != nil {
		path = w.part + ".one"
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return Entry{}, err
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_RDWR, 0o600)
	if err != nil {
		return Entry{}, err
	}
	defer f.Close()
	c := &counting{w: f, h: sha256.New()}
	if err := write(c); err != nil {
		return Entry{}, errors.Join(err, os.Remove(path))
	}
	e := Entry{Name: name, Size: c.n, SHA256: hex.EncodeToString(c.h.Sum(nil))}
	if w.tar == nil {
		return e, f.Sync()
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return Entry{}, err
	}
	if err := w.tar.WriteHeader(&tar.Header{Name: name, Mode: 0o600, Size: c.n, Format: tar.FormatPAX}); err != nil {
		return Entry{}, err
	}
	if _, err := io.Copy(w.tar, f); err != nil {
		return Entry{}, err
	}
	return e, os.Remove(path)
}

// addFile takes a file that is there already, and removes it.
func (w *writer) addFile(name, path string) (Entry, error) {
	e, err := w.add(name, func(out io.Writer) error {
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		defer f.Close()
		_, err = io.Copy(out, f)
		return err
	})
	return e, errors.Join(err, os.Remove(path))
}

// finish writes the manifest and gives the copy its name.
func (w *writer) finish(m *Manifest) error {
	text, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return fmt.Errorf("write the backup: %w", err)
	}
	_, err = w.add("manifest.json", func(out io.Writer) error { _, err := out.Write(text); return err })
	if err == nil && w.tar != nil {
		err = errors.Join(w.tar.Close(), w.file.Sync(), w.file.Close())
	}
	if err == nil {
		err = os.Rename(w.part, w.path)
	}
	if err == nil {
		err = syncFolder(filepath.Dir(w.path))
	}
	if err != nil {
		return fmt.Errorf("write the backup: %w", err)
	}
	w.done = true
	return nil
}

// discard removes what is not finished.
func (w *writer) discard() {
	if w.done {
		return
	}
	if w.file != nil {
		_ = w.file.Close() // it is removed in a moment
	}
	_ = os.RemoveAll(w.part)
	_ = os.Remove(w.part + ".one")
}

// counting passes bytes on, counts them and adds them to a sum.
type counting struct {
	w io.Writer
	h hash.Hash
	n int64
}

func (c *counting) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.n += int64(n)
	_, _ = c.h.Write(p[:n]) // a hash takes everything
	return n, err
}

// syncFolder makes the names in a folder last through a power cut.
func syncFolder(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
