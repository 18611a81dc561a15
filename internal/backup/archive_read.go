package backup

import (
	"archive/tar"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
)

// reader gives the files of a copy by name, in any order.
type reader struct {
	dir   string
	file  *os.File // of a .tar
	parts map[string]span
}

type span struct{ at, size int64 }

func openReader(path string) (*reader, error) {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("there is no backup at %s: give the folder or .tar file that `filodiretto backup` wrote", path)
	}
	if err != nil {
		return nil, fmt.Errorf("read the backup: %w", err)
	}
	r := &reader{dir: path, parts: map[string]span{}}
	if info.IsDir() {
		err = r.listFolder()
	} else {
		err = r.listTar()
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("read the backup: %w", err), r.close())
	}
	return r, nil
}

func (r *reader) listFolder() error {
	return filepath.WalkDir(r.dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		name, err := filepath.Rel(r.dir, path)
		if err != nil {
			return err
		}
		r.parts[filepath.ToSlash(name)] = span{}
		return nil
	})
}

func (r *reader) listTar() (err error) {
	if r.file, err = os.Open(r.dir); err != nil {
		return err
	}
	t := tar.NewReader(r.file)
	for {
		h, err := t.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("%w (%w)", ErrManifest, err)
		}
		at, err := r.file.Seek(0, io.SeekCurrent)
		if err != nil {
			return err
		}
		r.parts[h.Name] = span{at, h.Size}
	}
}

// names are all files of the copy.
func (r *reader) names() []string { return slices.Sorted(maps.Keys(r.parts)) }

// open gives the bytes of one file.
func (r *reader) open(name string) (io.ReadCloser, error) {
	s, ok := r.parts[name]
	if !ok {
		return nil, fs.ErrNotExist
	}
	if r.file == nil {
		return os.Open(filepath.Join(r.dir, filepath.FromSlash(name)))
	}
	return io.NopCloser(io.NewSectionReader(r.file, s.at, s.size)), nil
}

func (r *reader) close() error {
	if r.file == nil {
		return nil
	}
	return r.file.Close()
}
