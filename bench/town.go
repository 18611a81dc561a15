package bench

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"filodiretto/app"
	"filodiretto/bench/rig"
	"filodiretto/bench/seed"
	"filodiretto/internal/clock"
	"filodiretto/internal/db"
	"filodiretto/internal/testserver"
)

// town starts a rig around the large made-up town. Several measurements of a run
// share one town; what they change in it (sessions, who read what) is little.
func (s *session) town(ctx context.Context) (*rig.Rig, error) {
	size := seed.Full
	if s.quick {
		size = seed.Quick
	}
	dir, err := s.towns.folder(ctx, s.kind, size)
	if err != nil {
		return nil, err
	}
	r, err := rig.On(func(string) (rig.Database, error) { return s.towns.open(ctx, s, dir, size) })
	if err != nil {
		return nil, err
	}
	s.onClose(r.Close)
	return r, nil
}

// towns keeps the made-up towns of a run, or of several in the folder that
// FILODIRETTO_BENCH_DIR names.
type towns struct {
	dir  string // of all towns
	temp bool
	pg   map[string]*testserver.PG
}

func newTowns() (*towns, error) {
	t := &towns{dir: os.Getenv("FILODIRETTO_BENCH_DIR"), pg: map[string]*testserver.PG{}}
	if t.dir != "" {
		return t, nil
	}
	var err error
	if t.dir, err = os.MkdirTemp("", "fd-town-"); err != nil {
		return nil, fmt.Errorf("make a folder for the town: %w", err)
	}
	t.temp = true
	return t, os.Chmod(t.dir, 0o755) // PostgreSQL runs as another user
}

func (t *towns) close() error {
	for _, pg := range t.pg {
		pg.Stop()
	}
	if t.temp {
		return os.RemoveAll(t.dir)
	}
	return nil
}

// folder is where a town of this size lives, named after the tables too, so that
// a town with other tables is never taken for it.
func (t *towns) folder(ctx context.Context, kind rig.Kind, size seed.Size) (string, error) {
	tables, err := tablesHash(ctx)
	if err != nil {
		return "", err
	}
	dir := filepath.Join(t.dir, fmt.Sprintf("%s-%s-%s", kind, size, tables))
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", fmt.Errorf("make a folder for the town: %w", err)
	}
	return dir, nil
}

// tablesHash tells one schema from another.
func tablesHash(ctx context.Context) (string, error) {
	dir, err := os.MkdirTemp("", "fd-tables-")
	if err != nil {
		return "", fmt.Errorf("look at the tables: %w", err)
	}
	defer os.RemoveAll(dir)
	d, err := db.Open(ctx, "sqlite:"+filepath.Join(dir, "t.db"), clock.System{}, db.Options{})
	if err != nil {
		return "", err
	}
	defer d.Close()
	if err := d.Migrate(ctx); err != nil {
		return "", err
	}
	var sql []string
	if err := d.Read.NewRaw("SELECT COALESCE(sql, '') FROM sqlite_master ORDER BY name").Scan(ctx, &sql); err != nil {
		return "", fmt.Errorf("look at the tables: %w", err)
	}
	sum := sha256.Sum256([]byte(strings.Join(sql, "\n")))
	return hex.EncodeToString(sum[:6]), nil
}

// open gives the database of a town, which is filled the first time.
func (t *towns) open(ctx context.Context, s *session, dir string, size seed.Size) (rig.Database, error) {
	url, err := t.url(ctx, s.kind, dir)
	if err != nil {
		return rig.Database{}, err
	}
	out := rig.Database{Kind: s.kind, URL: url, Close: func() error { return nil }}
	ready := filepath.Join(dir, "ready")
	if _, err := os.Stat(ready); err == nil {
		return out, nil
	} else if !errors.Is(err, os.ErrNotExist) {
		return out, fmt.Errorf("look for the town: %w", err)
	}
	s.log.Warn("a town is made, which takes minutes", "database", s.kind, "size", size)
	from := now()
	if err := t.clear(ctx, s.kind, dir, url); err != nil {
		return out, err
	}
	if err := seed.Fill(ctx, url, dir, size, s.log); err != nil {
		return out, err
	}
	s.log.Warn("the town is made", "took", now().Sub(from).Round(time.Second))
	return out, os.WriteFile(ready, nil, 0o644)
}

// townDatabase is the name of the database in a town's PostgreSQL.
const townDatabase = "fd1"

func (t *towns) url(ctx context.Context, kind rig.Kind, dir string) (string, error) {
	if kind == rig.SQLite {
		return "sqlite:" + filepath.Join(dir, "filodiretto.db"), nil
	}
	if t.pg[dir] == nil {
		pg, err := testserver.StartPostgres(dir, testserver.PostgresOptions{Durable: true})
		if err != nil {
			return "", fmt.Errorf("start the town's PostgreSQL: %w", err)
		}
		t.pg[dir] = pg
		if _, err := pg.Create(ctx, ""); err != nil && !strings.Contains(err.Error(), "already exists") {
			return "", err
		}
	}
	return t.pg[dir].DSN(townDatabase), nil
}

// clear takes away a town that was left half made.
func (t *towns) clear(ctx context.Context, kind rig.Kind, dir, url string) error {
	if kind == rig.SQLite {
		for _, end := range []string{"", "-wal", "-shm"} {
			if err := os.Remove(strings.TrimPrefix(url, "sqlite:") + end); err != nil && !errors.Is(err, os.ErrNotExist) {
				return fmt.Errorf("take a half made town away: %w", err)
			}
		}
		return nil
	}
	d, err := db.Open(ctx, url, clock.System{}, db.Options{})
	if err != nil {
		return err
	}
	defer d.Close()
	for _, q := range []string{"DROP SCHEMA public CASCADE", "CREATE SCHEMA public"} {
		if _, err := d.Write.ExecContext(ctx, q); err != nil {
			return fmt.Errorf("take a half made town away: %w", err)
		}
	}
	return nil
}

// site is the running program on the large town, with somebody logged in who
// belongs to every office, and a program with a token of theirs.
type site struct {
	app     *app.App
	browser *browser
	api     *rig.API
}

func (s *session) site(ctx context.Context) (*site, error) {
	r, err := s.town(ctx)
	if err != nil {
		return nil, err
	}
	return s.siteOn(ctx, r)
}

// siteOn starts the program on a rig whose staff is there already.
func (s *session) siteOn(ctx context.Context, r *rig.Rig) (*site, error) {
	cfg, err := r.Config(rig.Setup{})
	if err != nil {
		return nil, err
	}
	a, err := app.New(ctx, cfg, s.log)
	if err != nil {
		return nil, fmt.Errorf("make the program: %w", err)
	}
	s.onClose(a.Stop)
	if err := a.Start(ctx); err != nil {
		return nil, err
	}
	api, err := s.api(ctx, a)
	if err != nil {
		return nil, err
	}
	b, err := logIn(ctx, "http://"+a.Addr(), rig.Everywhere, rig.Password)
	if err != nil {
		return nil, err
	}
	if !s.quick {
		err = settled(ctx)
	}
	return &site{a, b, api}, err
}
