package testserver

import (
	"context"
	"errors"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// sharedPostgres is the one server of a test process. Nobody stops it: its
// guard does when the process ends.
var sharedPostgres = sync.OnceValues(func() (*PG, error) { return StartPostgres("", PostgresOptions{}) })

// Postgres gives the address of a fresh, empty database on a private
// PostgreSQL 15. The server is shared by the whole test process; the database
// belongs to the test and goes with it.
func Postgres(t testing.TB) (dsn string) {
	t.Helper()
	return createFor(t, postgresFor(t), "")
}

// templates holds the databases that PostgresFrom built, by key.
var templates struct {
	sync.Mutex
	made map[string]string
}

// PostgresFrom gives a copy of a database that build filled once in this test
// process: with the tables of all migrations, for instance. Each key is built
// once.
func PostgresFrom(t testing.TB, key string, build func(dsn string) error) (dsn string) {
	t.Helper()
	pg := postgresFor(t)
	templates.Lock()
	defer templates.Unlock()
	name := templates.made[key]
	if name == "" {
		made, err := pg.Create(t.Context(), "")
		if err != nil {
			t.Fatal(err)
		}
		if err := build(made); err != nil {
			t.Fatalf("build the template %q: %v", key, err)
		}
		cfg, err := pgx.ParseConfig(made)
		if err != nil {
			t.Fatal(err)
		}
		name = cfg.Database
		if templates.made == nil {
			templates.made = map[string]string{}
		}
		templates.made[key] = name
	}
	return createFor(t, pg, name)
}

func postgresFor(t testing.TB) *PG {
	t.Helper()
	pg, err := sharedPostgres()
	if err != nil {
		t.Fatal(err)
	}
	return pg
}

func createFor(t testing.TB, pg *PG, template string) string {
	t.Helper()
	dsn, err := pg.Create(t.Context(), template)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := pg.Drop(ctx, dsn); err != nil {
			t.Error(err)
		}
	})
	return dsn
}

// Redis gives a private redis-server that ends with the test.
func Redis(t testing.TB) *RedisServer {
	t.Helper()
	r, err := StartRedis("")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.Stop)
	return r
}

// Clamd gives a private malware scanner that ends with the test.
func Clamd(t testing.TB) *ClamdServer {
	t.Helper()
	c, err := StartClamd()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Stop)
	return c
}

// Dovecot gives a private IMAP server that ends with the test.
func Dovecot(t testing.TB) *DovecotServer {
	t.Helper()
	d, err := StartDovecot("", DovecotOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Stop)
	return d
}

// SMTPSink gives an SMTP server that records what it takes and ends with the
// test. It offers no TLS and asks for no login; StartSMTPSink can do both.
func SMTPSink(t testing.TB) *Sink {
	t.Helper()
	s, err := StartSMTPSink(SinkOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Stop)
	return s
}

// Postfix gives a private Postfix that ends with the test. Its master switches to the
// mail system's own users, and refuses to start where it cannot: neither a setting nor
// a user namespace of one user changes that. Without root the test is skipped and says
// so, and tools/test names it at its end; where CI is set it fails, since nobody reads
// what was skipped there.
func Postfix(t testing.TB, opts PostfixOptions) *PostfixServer {
	t.Helper()
	p, err := StartPostfix(opts)
	if errors.Is(err, ErrNeedsRoot) && os.Getenv("CI") == "" {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Log(p.Log())
		}
		p.Stop()
	})
	return p
}
