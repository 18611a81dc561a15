package testserver

import (
	"bytes"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	_ "github.com/jackc/pgx/v5/stdlib"
)

func TestMissingProgramNamesItsPackage(t *testing.T) {
	_, err := findProgram("no-such-server", "no-such-package", "/nowhere/*/bin/no-such-server")
	var missing *MissingError
	if !errors.As(err, &missing) || !strings.Contains(err.Error(), "apt-get install no-such-package") {
		t.Fatalf("got %v", err)
	}
}

func TestHighestVersionIsTaken(t *testing.T) {
	dir := t.TempDir()
	for _, v := range []string{"9", "15", "13"} {
		bin := filepath.Join(dir, v, "bin")
		if err := os.MkdirAll(bin, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(bin, "postgres"), nil, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	got, err := findProgram("postgres", "postgresql", dir+"/*/bin/postgres")
	if err != nil || !strings.Contains(got, "/15/") {
		t.Fatalf("got %q, %v", got, err)
	}
}

func open(t *testing.T, dsn string) *sql.DB {
	t.Helper()
	db, err := sql.Open("pgx", dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

func TestPostgresGivesEmptyDatabases(t *testing.T) {
	for range 2 {
		db := open(t, Postgres(t))
		if _, err := db.Exec("CREATE TABLE once (n int)"); err != nil {
			t.Fatal(err)
		}
		var lower string
		if err := db.QueryRow("SELECT lower('PERCHÉ')").Scan(&lower); err != nil || lower != "perché" {
			t.Fatalf("lower is %q, %v", lower, err)
		}
	}
}

func TestPostgresFromCopiesTheTemplate(t *testing.T) {
	built := 0
	for range 3 {
		dsn := PostgresFrom(t, "one table", func(dsn string) error {
			built++
			db, err := sql.Open("pgx", dsn)
			if err != nil {
				return err
			}
			defer db.Close()
			_, err = db.Exec("CREATE TABLE made (n int); INSERT INTO made VALUES (7)")
			return err
		})
		var n int
		if err := open(t, dsn).QueryRow("SELECT n FROM made").Scan(&n); err != nil || n != 7 {
			t.Fatalf("got %d, %v", n, err)
		}
	}
	if built != 1 {
		t.Fatalf("the template was built %d times", built)
	}
}

func TestPostgresKeepsItsFolder(t *testing.T) {
	dir, err := os.MkdirTemp("", "fd-kept-")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	pg, err := StartPostgres(dir, PostgresOptions{Durable: true})
	if err != nil {
		t.Fatal(err)
	}
	dsn, err := pg.Create(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	var fsync string
	if err := open(t, dsn).QueryRow("SHOW fsync").Scan(&fsync); err != nil || fsync != "on" {
		t.Fatalf("fsync is %q, %v", fsync, err)
	}
	pg.Stop()
	again, err := StartPostgres(dir, PostgresOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer again.Stop()
	if err := open(t, again.DSN("fd1")).Ping(); err != nil {
		t.Fatal(err)
	}
}

func TestPostgresNamesAFolderItCannotReach(t *testing.T) {
	if !isRoot() {
		t.Log("only root starts servers as somebody else; nothing to see here")
		return
	}
	closed := t.TempDir() // its parent is root's alone
	if _, err := StartPostgres(closed, PostgresOptions{}); err == nil || !strings.Contains(err.Error(), "cannot enter") {
		t.Fatalf("got %v", err)
	}
}

func TestRedisForgetsWhenHalted(t *testing.T) {
	r := Redis(t)
	say := func(command, want string) {
		t.Helper()
		conn, err := net.Dial("tcp", r.Addr())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		fmt.Fprintf(conn, "%s\r\n", command)
		got := make([]byte, len(want))
		if _, err := conn.Read(got); err != nil || string(got) != want {
			t.Fatalf("%s: %q, %v", command, got, err)
		}
	}
	say("SET k v", "+OK")
	say("GET k", "$1\r\nv")
	r.Halt()
	if err := r.Start(); err != nil {
		t.Fatal(err)
	}
	say("GET k", "$-1")
}

const urp = "urp@pontelieto.example"

func mailbox(t *testing.T) *DovecotServer {
	t.Helper()
	d := Dovecot(t)
	if err := d.Account(urp, "pass:word"); err != nil {
		t.Fatal(err)
	}
	return d
}

func message(n int) []byte {
	return fmt.Appendf(nil, "From: a@example.org\r\nSubject: %d\r\nMessage-ID: <%d@example.org>\r\n\r\nCiao\r\n", n, n)
}

func TestDovecotDeliversInOrder(t *testing.T) {
	d := mailbox(t)
	var all [][]byte
	for i := range 300 {
		all = append(all, message(i))
	}
	if err := d.Deliver(urp, "INBOX", all...); err != nil {
		t.Fatal(err)
	}
	got, err := d.Fetch(urp, "INBOX")
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != len(all) {
		t.Fatalf("%d of %d messages", len(got), len(all))
	}
	for i := range all {
		if !bytes.Equal(all[i], got[i]) {
			t.Fatalf("message %d is %q", i, got[i])
		}
	}
}

func TestDovecotRefusesAWrongPassword(t *testing.T) {
	d := mailbox(t)
	if err := d.with(urp, func(ci) error { return nil }); err != nil {
		t.Fatal(err)
	}
	d.accounts[urp] = "wrong"
	if _, err := d.Dial(urp); err == nil {
		t.Fatal("a wrong password was taken")
	}
}

func TestDovecotFolders(t *testing.T) {
	d := mailbox(t)
	const folder = "Uffici/Già visti"
	if err := d.CreateFolder(urp, folder); err != nil {
		t.Fatal(err)
	}
	if err := d.Deliver(urp, folder, message(1), message(2)); err != nil {
		t.Fatal(err)
	}
	// Dovecot numbers delivered files when somebody looks at the folder.
	if count, _, _, err := d.Messages(urp, folder); err != nil || count != 2 {
		t.Fatalf("%d messages, %v", count, err)
	}
	uid, err := d.Append(urp, folder, message(3), time.Time{}, imap.FlagDraft)
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Expunge(urp, folder, uid-1); err != nil {
		t.Fatal(err)
	}
	count, next, before, err := d.Messages(urp, folder)
	if err != nil || count != 2 || next != uid+1 {
		t.Fatalf("%d messages, next %d, %v", count, next, err)
	}
	if err := d.Renumber(urp, folder); err != nil {
		t.Fatal(err)
	}
	count, next, after, err := d.Messages(urp, folder)
	if err != nil || count != 2 || next != 3 || after == before {
		t.Fatalf("after renumbering: %d messages, next %d, validity %d was %d, %v", count, next, after, before, err)
	}
	if err := d.RenameFolder(urp, folder, "Altro"); err != nil {
		t.Fatal(err)
	}
	if err := d.DeleteFolder(urp, "Altro"); err != nil {
		t.Fatal(err)
	}
}

func TestDovecotComesBack(t *testing.T) {
	d := mailbox(t)
	if err := d.Deliver(urp, "INBOX", message(1)); err != nil {
		t.Fatal(err)
	}
	addr := d.Addr()
	c, err := d.Dial(urp)
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Kick(urp); err != nil {
		t.Fatal(err)
	}
	<-c.Closed()
	d.Halt()
	if err := d.Start(); err != nil {
		t.Fatal(err)
	}
	if count, _, _, err := d.Messages(urp, "INBOX"); err != nil || count != 1 || d.Addr() != addr {
		t.Fatalf("%d messages at %s, was %s, %v", count, d.Addr(), addr, err)
	}
}

// TestServersDieWithUs kills a process that holds servers, and looks for what
// it leaves behind.
func TestServersDieWithUs(t *testing.T) {
	if os.Getenv("TESTSERVER_CHILD") != "" {
		d, err := StartDovecot("", DovecotOptions{})
		if err != nil {
			t.Fatal(err)
		}
		pg, err := StartPostgres("", PostgresOptions{})
		if err != nil {
			t.Fatal(err)
		}
		fmt.Printf("dirs %s %s %s %s.\n", d.dir, d.run, pg.dir, pg.socket)
		select {}
	}
	cmd := exec.Command(os.Args[0], "-test.run=^TestServersDieWithUs$")
	cmd.Env = append(os.Environ(), "TESTSERVER_CHILD=1")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var dirs [4]string
	if _, err := fmt.Fscanf(out, "dirs %s %s %s %s", &dirs[0], &dirs[1], &dirs[2], &dirs[3]); err != nil {
		t.Fatal(err)
	}
	dirs[3] = strings.TrimSuffix(dirs[3], ".")
	if err := cmd.Process.Signal(syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	limit := time.After(20 * time.Second)
	for _, dir := range dirs {
		for {
			if _, err := os.Stat(dir); errors.Is(err, os.ErrNotExist) {
				break
			}
			select {
			case <-limit:
				t.Fatalf("%s is still there", dir)
			case <-time.After(20 * time.Millisecond):
			}
		}
	}
}
