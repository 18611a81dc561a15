package backup

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"

	_ "modernc.org/sqlite" // registers the driver "sqlite"

	"filodiretto/internal/db"
)

const sqliteName = "database/filodiretto.db"

// dumpSQLite writes the whole database file as of one instant.
func dumpSQLite(ctx context.Context, d *db.DB, m *Manifest, w *writer) (named []string, err error) {
	dir, err := os.MkdirTemp(filepath.Dir(w.path), ".filodiretto-backup-*")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "copy.db")
	if _, err := d.Write.ExecContext(ctx, "VACUUM INTO ?", path); err != nil {
		return nil, err
	}
	if m.Tables, named, err = lookInto(ctx, path); err != nil {
		return nil, err
	}
	e, err := w.addFile(sqliteName, path)
	m.Contents = append(m.Contents, e)
	return named, err
}

// lookInto counts the rows of a database file and asks which files it names.
func lookInto(ctx context.Context, path string) (rows map[string]int64, named []string, err error) {
	c, err := sql.Open("sqlite", "file:"+(&url.URL{Path: path}).EscapedPath()+"?mode=ro")
	if err != nil {
		return nil, nil, err
	}
	defer c.Close()
	tables, err := texts(ctx, c, "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND sql NOT LIKE 'CREATE VIRTUAL%' ORDER BY name")
	if err != nil {
		return nil, nil, err
	}
	rows = map[string]int64{}
	for _, t := range tables {
		var n int64
		if err := c.QueryRowContext(ctx, `SELECT count(*) FROM "`+t+`"`).Scan(&n); err != nil {
			return nil, nil, err
		}
		rows[t] = n
	}
	named, err = texts(ctx, c, namedBlobs)
	return rows, named, err
}

func texts(ctx context.Context, c *sql.DB, query string) ([]string, error) {
	rows, err := c.QueryContext(ctx, query)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, rows.Err()
}

// restoreSQLite puts the file in its place once it is whole and sound.
func restoreSQLite(ctx context.Context, c *Copy, path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		return err
	}
	part := path + ".restore"
	defer os.Remove(part)
	if err := c.extract(sqliteName, part); err != nil {
		return err
	}
	rows, _, err := lookInto(ctx, part)
	if err != nil {
		return err
	}
	if err := sameRows(c.Tables, rows); err != nil {
		return err
	}
	if err := sound(ctx, part); err != nil {
		return err
	}
	if err := os.Rename(part, path); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(path))
}

// sound asks SQLite whether the file is.
func sound(ctx context.Context, path string) error {
	c, err := sql.Open("sqlite", "file:"+(&url.URL{Path: path}).EscapedPath()+"?mode=ro")
	if err != nil {
		return err
	}
	defer c.Close()
	said, err := texts(ctx, c, "PRAGMA integrity_check")
	if err != nil {
		return err
	}
	if len(said) != 1 || said[0] != "ok" {
		return errors.New("the database in the backup is not sound")
	}
	return nil
}

// extract writes a file of the copy to a new place, on disk when it returns.
func (c *Copy) extract(name, path string) error {
	r, err := c.reader.open(name)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	defer r.Close()
	f, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, r)
	return errors.Join(err, f.Sync(), f.Close())
}

// emptySQLite tells whether nothing is where the database would go.
func emptySQLite(path string) error {
	for _, p := range []string{path, path + "-wal"} {
		if _, err := os.Lstat(p); err == nil {
			return fmt.Errorf("%s is there already: a restore never overwrites: move it away, or name another file under [database]", p)
		} else if !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}
