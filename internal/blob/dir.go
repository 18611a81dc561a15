package blob

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"syscall"

	"filodiretto/internal/clock"
)

// Dir is a store in a folder: aa/bb/aabb..., tmp/ for what is being written, and
// discarded/. Only the owner may read it.
type Dir struct {
	root string
	// durable holds the folders known to be on disk together with their names
	// in the folders above, so that each is synced once.
	durable sync.Map
}

// OpenDir makes the folder when missing and removes what processes that died
// left half written in tmp/. What a living process is writing is left alone.
func OpenDir(root string) (*Dir, error) {
	if root == "" {
		return nil, errors.New("file store: no folder given")
	}
	root, err := filepath.Abs(root)
	if err != nil {
		return nil, wrap("open", err)
	}
	d := &Dir{root: root}
	_, err = os.Stat(root)
	isNew := errors.Is(err, fs.ErrNotExist)
	if err := os.MkdirAll(filepath.Join(root, "tmp"), 0o700); err != nil {
		return nil, wrap("open", err)
	}
	if isNew {
		if err := errors.Join(syncFolder(root), syncFolder(filepath.Dir(root))); err != nil {
			return nil, wrap("open", err)
		}
	}
	if err := d.clean(); err != nil {
		return nil, wrap("clean", err)
	}
	return d, nil
}

// Put writes to tmp/, syncs, renames, and syncs the folder.
func (d *Dir) Put(ctx context.Context, r io.Reader) (string, int64, error) {
	f, err := d.temporary()
	if err != nil {
		return "", 0, wrap("put", err)
	}
	defer os.Remove(f.Name()) // does nothing after the rename
	defer f.Close()
	h := sha256.New()
	size, err := io.Copy(io.MultiWriter(f, h), contextReader{ctx, r})
	if err != nil {
		return "", 0, wrap("put", err)
	}
	if err := f.Sync(); err != nil {
		return "", 0, wrap("put", err)
	}
	sum := hex.EncodeToString(h.Sum(nil))
	path := d.path(sum)
	if err := d.makeFolder(filepath.Dir(path)); err != nil {
		return "", 0, wrap("put", err)
	}
	// Over a blob that is already there: the bytes are the same, or better
	// ones if that file was damaged; readers keep the file they opened.
	if err := os.Rename(f.Name(), path); err != nil {
		return "", 0, wrap("put", err)
	}
	if err := syncFolder(filepath.Dir(path)); err != nil {
		return "", 0, wrap("put", err)
	}
	return sum, size, nil
}

// Open gives the file's bytes.
func (d *Dir) Open(_ context.Context, sum string) (io.ReadSeekCloser, error) {
	if err := checkName(sum); err != nil {
		return nil, wrap("open", err)
	}
	f, err := os.Open(d.path(sum))
	for range 10 { // others may bring it back, or discard it, in between
		if !errors.Is(err, fs.ErrNotExist) {
			break
		}
		if _, err := d.bringBack(sum); err != nil {
			return nil, wrap("open", err)
		}
		f, err = os.Open(d.path(sum))
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil, wrap("open", ErrNotFound)
	}
	if err != nil {
		return nil, wrap("open", err)
	}
	return verify(f, sum), nil
}

// Has reports whether the file is there.
func (d *Dir) Has(_ context.Context, sum string) (bool, error) {
	if err := checkName(sum); err != nil {
		return false, wrap("has", err)
	}
	for _, path := range []string{d.path(sum), d.discarded(sum), d.path(sum)} { // again: it may have come back
		_, err := os.Stat(path)
		if err == nil {
			return true, nil
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return false, wrap("has", err)
		}
	}
	return false, nil
}

// Walk goes through the files by name. What is not a blob is passed over.
func (d *Dir) Walk(ctx context.Context, f func(Info) error) error {
	return wrap("walk", d.walk(ctx, d.root, d.path, f))
}

// walk goes through a folder, and gives the files that stand where at wants them.
func (d *Dir) walk(ctx context.Context, root string, at func(sum string) string, f func(Info) error) error {
	return filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) && path != root {
			return nil // deleted meanwhile
		}
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if path != root && (path == filepath.Join(d.root, "tmp") || path == filepath.Join(d.root, discardedFolder)) {
				return fs.SkipDir
			}
			return nil
		}
		sum := entry.Name()
		if checkName(sum) != nil || at(sum) != path {
			return nil
		}
		info, err := entry.Info()
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil {
			return err
		}
		return f(Info{Sum: sum, Size: info.Size(), Modified: clock.At(info.ModTime())})
	})
}

// Check writes and removes a file.
func (d *Dir) Check(context.Context) error {
	f, err := d.temporary()
	if err != nil {
		return wrap("check", err)
	}
	defer f.Close()
	return wrap("check", os.Remove(f.Name()))
}

func (d *Dir) path(sum string) string { return filepath.Join(d.root, sum[:2], sum[2:4], sum) }

// temporary makes a file in tmp/ and locks it, as a sign that its writer lives.
func (d *Dir) temporary() (*os.File, error) {
	for {
		f, err := os.CreateTemp(filepath.Join(d.root, "tmp"), "put-*") // mode 0600
		if err != nil {
			return nil, err
		}
		if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX); err != nil {
			return nil, errors.Join(err, f.Close(), os.Remove(f.Name()))
		}
		if _, err := os.Lstat(f.Name()); err == nil {
			return f, nil
		}
		// Another process cleaned up between the making and the lock.
		if err := f.Close(); err != nil {
			return nil, err
		}
	}
}

// clean removes the files in tmp/ that no living process has locked.
func (d *Dir) clean() error {
	paths, err := filepath.Glob(filepath.Join(d.root, "tmp", "put-*"))
	if err != nil {
		return err
	}
	for _, path := range paths {
		if err := removeIfDead(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

func removeIfDead(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return nil
	}
	if err != nil {
		return err
	}
	return os.Remove(path)
}

// makeFolder makes aa/bb and syncs the folders above, even when another
// process made it a moment ago and has not come to that yet.
func (d *Dir) makeFolder(folder string) error {
	if _, known := d.durable.Load(folder); known {
		return nil
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	for _, above := range []string{filepath.Dir(folder), d.root} {
		if err := syncFolder(above); err != nil {
			return err
		}
	}
	d.durable.Store(folder, true)
	return nil
}

// syncFolder makes the names in a folder last through a power cut.
func syncFolder(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
