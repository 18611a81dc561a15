package testserver

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

const (
	postgresPackage = "postgresql-15"
	postgresGlob    = "/usr/lib/postgresql/*/bin/"
	postgresUser    = "filodiretto"
)

// PostgresOptions says how a private PostgreSQL behaves.
type PostgresOptions struct {
	// Durable keeps fsync on, as production has it: the bench wants that,
	// tests do not.
	Durable bool
	// Settings are further server settings, such as shared_buffers.
	Settings map[string]string
}

// PG is a private PostgreSQL server. It listens on a Unix socket in its own
// folder only, so that two of them never meet.
type PG struct {
	dir, socket string
	temporary   bool
	opts        PostgresOptions
	proc        *process
	program     string
	who         account

	mu    sync.Mutex
	admin *pgx.Conn
	count int
}

// StartPostgres makes a cluster in dir (an empty dir means a temporary folder
// that Stop removes) and starts it. A dir that holds a cluster already is
// started again as it is.
func StartPostgres(dir string, opts PostgresOptions) (*PG, error) {
	server, err := findProgram("postgres", postgresPackage, postgresGlob+"postgres")
	if err != nil {
		return nil, err
	}
	who, err := serverAccount("postgres", "nobody")
	if err != nil {
		return nil, err
	}
	pg := &PG{opts: opts}
	if pg.temporary = dir == ""; pg.temporary && !opts.Durable {
		pg.dir, err = memoryDir("pg")
	} else {
		pg.dir, _, err = workDir(dir, "pg")
	}
	if err != nil {
		return nil, err
	}
	if err := who.reaches(pg.dir); err != nil {
		return nil, err
	}
	// The path of a Unix socket has at most 107 bytes, so the socket does not
	// live in a folder whose length we do not know.
	if pg.socket, _, err = workDir("", "pgs"); err != nil {
		return nil, err
	}
	if err := who.own(pg.dir, pg.socket); err != nil {
		return nil, err
	}
	if err := pg.initdb(filepath.Dir(server), who); err != nil {
		pg.clean()
		return nil, err
	}
	pg.program, pg.who = server, who
	if err := pg.Start(); err != nil {
		pg.clean()
		return nil, err
	}
	return pg, nil
}

// Start starts a halted server again, with the same databases at the same address.
func (pg *PG) Start() (err error) {
	remove := []string{pg.socket}
	if pg.temporary {
		remove = append(remove, pg.dir)
	}
	pg.proc, err = startProcess(spec{
		name: "postgres", path: pg.program, args: pg.args(), dir: pg.dir,
		as: pg.who.credential(), stop: syscall.SIGINT, remove: remove,
	})
	if err != nil {
		return err
	}
	if err := pg.proc.ready(pg.connect); err != nil {
		pg.Halt()
		return err
	}
	return nil
}

// Halt ends the server and every connection; Start brings it back.
func (pg *PG) Halt() {
	pg.mu.Lock()
	defer pg.mu.Unlock()
	if pg.admin != nil {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		_ = pg.admin.Close(ctx)
		cancel()
		pg.admin = nil
	}
	pg.proc.end()
}

func (pg *PG) data() string { return filepath.Join(pg.dir, "data") }

// initdb makes the cluster. C.UTF-8 orders by code point and still knows the
// case of accented letters.
func (pg *PG) initdb(bin string, who account) error {
	if _, err := os.Stat(filepath.Join(pg.data(), "PG_VERSION")); err == nil {
		return nil
	}
	cmd := exec.Command(filepath.Join(bin, "initdb"), "-D", pg.data(), "-U", postgresUser,
		"-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync", "--no-instructions")
	cmd.Dir = pg.dir
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: who.credential()}
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w: %s", err, out)
	}
	return nil
}

func (pg *PG) args() []string {
	settings := map[string]string{
		"listen_addresses":        "",
		"unix_socket_directories": pg.socket,
		"max_connections":         "200",
		"shared_buffers":          "128MB",
		"timezone":                "UTC",
		"log_timezone":            "UTC",
		"log_min_messages":        "warning",
	}
	if !pg.opts.Durable {
		settings["fsync"] = "off"
		settings["synchronous_commit"] = "off"
		settings["full_page_writes"] = "off"
		settings["max_wal_size"] = "128MB" // it may lie in memory
	}
	for k, v := range pg.opts.Settings {
		settings[k] = v
	}
	args := []string{"-D", pg.data()}
	for k, v := range settings {
		args = append(args, "-c", k+"="+v)
	}
	return args
}

func (pg *PG) connect() error {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	conn, err := pgx.Connect(ctx, pg.DSN("postgres"))
	if err != nil {
		return err
	}
	pg.admin = conn
	return nil
}

// DSN is the address of one database of this server, as a URL.
func (pg *PG) DSN(database string) string {
	q := url.Values{"host": {pg.socket}, "user": {postgresUser}, "sslmode": {"disable"}}
	u := url.URL{Scheme: "postgres", Path: "/" + database, RawQuery: q.Encode()}
	return u.Scheme + "://" + u.Path + "?" + u.RawQuery
}

// Create makes a fresh database as a copy of template ("" means an empty one)
// and returns its address. Nobody may be connected to the template.
func (pg *PG) Create(ctx context.Context, template string) (dsn string, err error) {
	pg.mu.Lock()
	defer pg.mu.Unlock()
	if template == "" {
		template = "template0"
	}
	pg.count++
	name := fmt.Sprintf("fd%d", pg.count)
	// copied as files: through the log, which nobody needs here, it takes twice as long
	_, err = pg.admin.Exec(ctx, "CREATE DATABASE "+name+" TEMPLATE "+pgx.Identifier{template}.Sanitize()+" STRATEGY FILE_COPY")
	if err != nil {
		return "", fmt.Errorf("create a database: %w", err)
	}
	return pg.DSN(name), nil
}

// Drop removes the database of an address that Create gave, whoever is still
// connected to it.
func (pg *PG) Drop(ctx context.Context, dsn string) error {
	cfg, err := pgx.ParseConfig(dsn)
	if err != nil {
		return fmt.Errorf("drop a database: %w", err)
	}
	pg.mu.Lock()
	defer pg.mu.Unlock()
	_, err = pg.admin.Exec(ctx, "DROP DATABASE IF EXISTS "+pgx.Identifier{cfg.Database}.Sanitize()+" WITH (FORCE)")
	if err != nil {
		return fmt.Errorf("drop a database: %w", err)
	}
	return nil
}

// Stop ends the server and removes its folder if it was temporary.
func (pg *PG) Stop() {
	pg.Halt()
	pg.clean()
}

func (pg *PG) clean() {
	_ = os.RemoveAll(pg.socket)
	if pg.temporary {
		_ = os.RemoveAll(pg.dir)
	}
}
