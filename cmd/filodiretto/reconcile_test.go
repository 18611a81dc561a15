package main

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"filodiretto/internal/clock"
	"filodiretto/internal/db"
	"filodiretto/internal/testserver"
)

// TestReconcileProvesThatNothingIsLost runs the program against a real mailbox,
// and then takes an original away behind its back.
func TestReconcileProvesThatNothingIsLost(t *testing.T) {
	const address = "riscontro@comune.example"
	d := testserver.Dovecot(t)
	if err := d.Account(address, "segreta-di-prova"); err != nil {
		t.Fatal(err)
	}
	sink := testserver.SMTPSink(t)
	for i := range 3 {
		if err := d.Deliver(address, "INBOX", fmt.Appendf(nil, "From: Anna <anna%d@posta.example>\r\nTo: %s\r\nSubject: Prova %d\r\nMessage-ID: <%d@posta.example>\r\n\r\nBuongiorno.\r\n", i, address, i, i)); err != nil {
			t.Fatal(err)
		}
	}
	dir := t.TempDir()
	conf := filepath.Join(dir, "filodiretto.toml")
	text := "[municipality]\nname = \"Comune di Prova\"\n[server]\nlisten = \"127.0.0.1:0\"\n[[channel]]\nid = \"urp\"\nkind = \"mail\"\naddress = \"" + address + "\"\n" +
		"imap_password = \"segreta-di-prova\"\nimap_security = \"plain-local\"\nsmtp_security = \"plain-local\"\n"
	for name, addr := range map[string]string{"imap": d.Addr(), "smtp": sink.Addr()} {
		host, port, err := net.SplitHostPort(addr)
		if err != nil {
			t.Fatal(err)
		}
		text += fmt.Sprintf("%s_host = %q\n%s_port = %s\n", name, host, name, port)
	}
	if err := os.WriteFile(conf, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	serveUntil(t, conf, "SELECT count(*) FROM raws WHERE state = 'filed'", 3)

	code, out := command(t, "reconcile", "--config", conf)
	if code != exitOK || !strings.Contains(out, "ok     urp INBOX: 3 messages are at the provider and here; 0 waiting") {
		t.Errorf("code %d: %s", code, out)
	}
	if code, out := command(t, "check", "--config", conf); code != exitOK {
		t.Errorf("check: code %d: %s", code, out)
	}
	x := openFile(t, conf)
	if _, err := x.Write.Exec("UPDATE raws SET dedup_key = 'lost' WHERE dedup_key LIKE 'INBOX/%/2'"); err != nil {
		t.Fatal(err)
	}
	code, out = command(t, "reconcile", "--config", conf)
	if code != exitFailed || !strings.Contains(out, "MISSING  urp INBOX: message 2") || !strings.Contains(out, "1 of 3 messages") {
		t.Errorf("a lost message is not found: code %d: %s", code, out)
	}
}

func command(t *testing.T, args ...string) (code int, out string) {
	t.Helper()
	var b bytes.Buffer
	code = run(t.Context(), &shell{args: args, out: &b, err: &b, in: strings.NewReader("")})
	return code, b.String()
}

func openFile(t *testing.T, conf string) *db.DB {
	t.Helper()
	d, err := db.Open(t.Context(), "sqlite:"+filepath.Join(filepath.Dir(conf), "filodiretto.db"), clock.System{}, db.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	return d
}

// serveUntil serves until a query over the database gives a number.
func serveUntil(t *testing.T, conf, query string, want int) {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), 3*time.Minute)
	defer stop()
	if code, out := command(t, "migrate", "--config", conf); code != exitOK {
		t.Fatal(out)
	}
	d := openFile(t, conf)
	done := make(chan int, 1)
	var log bytes.Buffer
	go func() {
		done <- run(ctx, &shell{args: []string{"serve", "--config", conf}, out: &log, err: &log, in: strings.NewReader("")})
	}()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for n := -1; n != want; {
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatalf("%s gives %d, never %d", query, n, want)
		}
		if err := d.Read.NewRaw(query).Scan(ctx, &n); err != nil {
			t.Fatal(err)
		}
	}
	stop()
	if code := <-done; code != exitOK {
		t.Fatalf("serve ended with %d: %s", code, log.String())
	}
}
