// Package backup copies a whole installation, database and files together, and
// puts it back. The copy is of one instant, is checked to the last byte before
// it is used, and never overwrites anything.
//
// A copy is a folder, or a .tar file with the same in it: manifest.json, the
// database as its own system writes it (database/), and the files by their
// SHA-256 (files/). The manifest is written last: without it a copy is not one.
// The master key is not in it, on purpose.
package backup

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"filodiretto/internal/blob"
	"filodiretto/internal/clock"
	"filodiretto/internal/db"
	"filodiretto/internal/secret"
)

// formatVersion grows whenever older programs could not read the copy.
const formatVersion = 1

// keyPlace is where the probe of the master key belongs (secret.Place).
const keyPlace = "backup/0/probe"

// Manifest says what a copy holds.
type Manifest struct {
	Format   int                 `json:"format"`
	Made     clock.Instant       `json:"made"`
	Program  string              `json:"program"`  // version of the program that made it
	Database string              `json:"database"` // "sqlite" or "postgres"
	Schema   int64               `json:"schema"`   // version of the tables
	Tables   map[string]int64    `json:"tables"`   // rows of each
	Columns  map[string][]string `json:"columns,omitempty"`
	Contents []Entry             `json:"contents"` // every file of the copy but the manifest
	Blobs    int                 `json:"blobs"`
	// KeyProbe opens under the master key that the installation had.
	KeyProbe []byte `json:"key_probe"`
}

// Entry is one file of a copy.
type Entry struct {
	Name   string `json:"name"`
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
}

// Rows is the number of rows of all tables.
func (m *Manifest) Rows() int64 {
	var n int64
	for _, rows := range m.Tables {
		n += rows
	}
	return n
}

// Bytes is the size of everything in the copy.
func (m *Manifest) Bytes() int64 {
	var n int64
	for _, e := range m.Contents {
		n += e.Size
	}
	return n
}

// Source is what is copied.
type Source struct {
	DB      *db.DB
	Blobs   blob.Store
	Box     *secret.Box
	Program string
}

// Make writes a copy to path, which must not exist. It may run while the
// installation serves: what is written meanwhile is not in the copy.
func Make(ctx context.Context, s Source, path string) (*Manifest, error) {
	w, err := create(path)
	if err != nil {
		return nil, err
	}
	defer w.discard() // does nothing once it is finished
	m := &Manifest{Format: formatVersion, Made: s.DB.Clock.Now(), Program: s.Program, Database: "sqlite", Columns: map[string][]string{}}
	if m.Schema, _, err = s.DB.Current(ctx); err != nil {
		return nil, err
	}
	m.KeyProbe = s.Box.Seal([]byte("filodiretto"), keyPlace)
	dump := dumpSQLite
	if s.DB.Postgres {
		m.Database, dump = "postgres", dumpPostgres
	}
	named, err := dump(ctx, s.DB, m, w)
	if err != nil {
		return nil, fmt.Errorf("copy the database: %w", err)
	}
	if err := copyBlobs(ctx, s.Blobs, m, w, named); err != nil {
		return nil, fmt.Errorf("copy the files: %w", err)
	}
	return m, w.finish(m)
}

// copyBlobs copies the whole store, and looks whether what rows name is there.
// What was discarded is not copied, unless a row names it after all.
func copyBlobs(ctx context.Context, store blob.Store, m *Manifest, w *writer, named []string) error {
	isNamed := map[string]bool{}
	for _, sum := range named {
		isNamed[sum] = true
	}
	var sums []string
	err := store.Walk(ctx, func(i blob.Info) error { sums = append(sums, i.Sum); return nil })
	if err != nil {
		return err
	}
	sums = append(sums, named...)
	slices.Sort(sums)
	for _, sum := range slices.Compact(sums) {
		e, err := w.add(blobName(sum), func(out io.Writer) error {
			r, err := store.Open(ctx, sum)
			if err != nil {
				return err
			}
			defer r.Close()
			_, err = io.Copy(out, r) // tells of damage at the end (blob.ErrCorrupt)
			return err
		})
		switch {
		case errors.Is(err, blob.ErrNotFound) && isNamed[sum]:
			return fmt.Errorf("the database names a file that the store does not have (%s): find out where it went before relying on any backup", sum)
		case errors.Is(err, blob.ErrNotFound): // cleared since the walk
			continue
		case err != nil:
			return fmt.Errorf("%s: %w", sum, err)
		}
		m.Contents = append(m.Contents, e)
		m.Blobs++
	}
	return nil
}

func blobName(sum string) string { return "files/" + sum[:2] + "/" + sum }

// namedBlobs asks a database which files its rows name.
const namedBlobs = `SELECT blob FROM raws WHERE blob <> '' UNION SELECT sha256 FROM parts WHERE data IS NULL AND state = 'stored' AND sha256 <> ''`

// ErrManifest means that something is not a copy, or not a whole one.
var ErrManifest = errors.New("not a complete backup: it has no readable manifest.json")

// Open reads the manifest of a copy and checks every byte against it.
func Open(ctx context.Context, path string) (*Copy, error) {
	r, err := openReader(path)
	if err != nil {
		return nil, err
	}
	c := &Copy{reader: r}
	if err := c.check(ctx); err != nil {
		return nil, errors.Join(err, r.close())
	}
	return c, nil
}

// Copy is a checked copy, ready to be restored.
type Copy struct {
	Manifest
	reader *reader
}

// Close lets go of the files.
func (c *Copy) Close() error { return c.reader.close() }

// OpensKey reports whether a master key is the one of the copied installation.
func (c *Copy) OpensKey(b *secret.Box) bool {
	_, err := b.Open(c.KeyProbe, keyPlace)
	return err == nil
}

func (c *Copy) check(ctx context.Context) error {
	r, err := c.reader.open("manifest.json")
	if err != nil {
		return ErrManifest
	}
	err = json.NewDecoder(r).Decode(&c.Manifest)
	r.Close()
	switch {
	case err != nil:
		return ErrManifest
	case c.Format != formatVersion:
		return fmt.Errorf("the backup has format %d and this program reads %d: use the program that made it (%s)", c.Format, formatVersion, c.Program)
	}
	listed := map[string]bool{"manifest.json": true}
	for _, e := range c.Contents {
		listed[e.Name] = true
		if err := c.checkEntry(ctx, e); err != nil {
			return fmt.Errorf("the backup is damaged: %s: %w", e.Name, err)
		}
	}
	for _, name := range c.reader.names() {
		if !listed[name] {
			return fmt.Errorf("the backup holds a file that its manifest does not name: %s: use an untouched copy", name)
		}
	}
	return nil
}

func (c *Copy) checkEntry(ctx context.Context, e Entry) error {
	r, err := c.reader.open(e.Name)
	if err != nil {
		return errors.New("it is missing")
	}
	defer r.Close()
	h := sha256.New()
	n, err := io.Copy(h, r)
	switch {
	case err != nil:
		return err
	case ctx.Err() != nil:
		return ctx.Err()
	case n != e.Size || hex.EncodeToString(h.Sum(nil)) != e.SHA256:
		return errors.New("its bytes are not those that were written")
	}
	return nil
}
