package backup_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"filodiretto/app"
	"filodiretto/channels"
	"filodiretto/inbox"
	"filodiretto/internal/backup"
	"filodiretto/internal/blob"
	"filodiretto/internal/clock"
	"filodiretto/internal/config"
	"filodiretto/internal/db"
	"filodiretto/internal/secret"
	"filodiretto/internal/testserver"
)

// house is an installation in a folder of its own.
type house struct {
	dir string
	cfg *config.Config
	db  *db.DB
	off *app.Offline
}

// key is the master key of all houses of the test.
const key = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="

// open opens the house at a database; its tables must be there unless migrate.
func open(t *testing.T, dir, url string, migrate bool) *house {
	t.Helper()
	text := fmt.Sprintf("[municipality]\nname = \"Comune di Pontelieto\"\n[database]\nurl = %q\n[files]\nurl = \"dir:%s\"\n[security]\nmaster_key = %q\n"+
		"[[channel]]\nid = \"urp\"\nkind = \"mail\"\noffice = \"urp\"\naddress = \"urp@comune.example\"\nimap_host = \"localhost\"\nimap_password = \"x\"\nsmtp_host = \"localhost\"\n"+
		"[[channel]]\nid = \"desk\"\nkind = \"counter\"\noffice = \"urp\"\n", url, filepath.Join(dir, "files"), key)
	path := filepath.Join(t.TempDir(), "filodiretto.toml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	cfg, err := config.Load(path, nil, app.Drivers())
	if err != nil {
		t.Fatal(err)
	}
	d, err := db.Open(t.Context(), url, clock.System{}, db.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	if migrate {
		if err := d.Migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	off, err := app.NewOffline(t.Context(), d, cfg, slog.New(slog.DiscardHandler), nil)
	if err != nil {
		t.Fatal(err)
	}
	return &house{dir, cfg, d, off}
}

func (h *house) source(t *testing.T) backup.Source {
	t.Helper()
	box, err := app.MasterKey(h.cfg.Security)
	if err != nil {
		t.Fatal(err)
	}
	return backup.Source{DB: h.db, Blobs: h.off.Blobs, Box: box, Program: "test"}
}

func (h *house) account(t *testing.T, key string) int64 {
	t.Helper()
	for _, a := range h.off.Accounts.Open() {
		if a.Key == key {
			return a.ID
		}
	}
	t.Fatal("no account", key)
	return 0
}

// live puts a visit and a mail with a large file into the house, and gives the
// mail as it came.
func (h *house) live(t *testing.T) []byte {
	t.Helper()
	ctx := t.Context()
	if _, err := h.off.Inbox.RecordVisit(ctx, inbox.Viewer{System: true}, inbox.Visit{
		AccountID: h.account(t, "desk"), Key: "v1", Person: "Lucia Ferrante", Phone: "347 555 0142", Text: "Chiede del ponteggio, «però» in fretta 🙂", Subject: "Ponteggio",
	}); err != nil {
		t.Fatal(err)
	}
	file := make([]byte, 300<<10)
	_, _ = rand.Read(file)
	raw := "From: Lucia <lucia@posta.example>\r\nTo: urp@comune.example\r\nSubject: Planimetria\r\nMessage-ID: <p1@posta.example>\r\nMIME-Version: 1.0\r\n" +
		"Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nEcco la planimetria.\r\n--x\r\n" +
		"Content-Type: application/pdf\r\nContent-Disposition: attachment; filename=\"planimetria.pdf\"\r\nContent-Transfer-Encoding: base64\r\n\r\n" +
		base64.StdEncoding.EncodeToString(file) + "\r\n--x--\r\n"
	acc := h.account(t, "urp")
	err := h.off.Inbox.Accept(ctx, acc, channels.Batch{Stream: "INBOX", Cursor: []byte{0, 1, 255}, Items: []channels.Raw{{
		DedupKey: "INBOX/1/1", ContentType: "message/rfc822", Body: []byte(raw), Size: int64(len(raw)), Meta: map[string]string{"folder": "INBOX"},
	}}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.off.Inbox.Ingest(ctx, acc); err != nil {
		t.Fatal(err)
	}
	return []byte(raw)
}

// everything is all rows of all tables, each table's rows in one order.
func everything(t *testing.T, d *db.DB) map[string][]string {
	t.Helper()
	list := "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND sql NOT LIKE 'CREATE VIRTUAL%'"
	if d.Postgres {
		list = "SELECT relname::text FROM pg_class WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace"
	}
	out := map[string][]string{}
	for _, table := range column(t, d, list) {
		rows, err := d.Read.Query(`SELECT * FROM "` + table + `"`)
		if err != nil {
			t.Fatal(err)
		}
		cols, err := rows.Columns()
		if err != nil {
			t.Fatal(err)
		}
		all := []string{}
		for rows.Next() {
			values, at := make([]any, len(cols)), make([]any, len(cols))
			for i := range values {
				at[i] = &values[i]
			}
			if err := rows.Scan(at...); err != nil {
				t.Fatal(err)
			}
			all = append(all, fmt.Sprintf("%#v", values))
		}
		rows.Close()
		slices.Sort(all)
		out[table] = all
	}
	return out
}

func column(t *testing.T, d *db.DB, query string) []string {
	t.Helper()
	var out []string
	if err := d.Read.NewRaw(query).Scan(t.Context(), &out); err != nil {
		t.Fatal(err)
	}
	return out
}

func sums(t *testing.T, s blob.Store) []string {
	t.Helper()
	var out []string
	if err := s.Walk(t.Context(), func(i blob.Info) error { out = append(out, fmt.Sprint(i.Sum, " ", i.Size)); return nil }); err != nil {
		t.Fatal(err)
	}
	slices.Sort(out)
	return out
}

func restore(ctx context.Context, t *testing.T, path, url, files string) error {
	t.Helper()
	c, err := backup.Open(ctx, path)
	if err != nil {
		return err
	}
	defer c.Close()
	store, err := blob.Open("dir:" + files)
	if err != nil {
		t.Fatal(err)
	}
	return backup.Restore(ctx, c, backup.Target{DatabaseURL: url, Blobs: store, Clock: clock.System{}})
}

// TestRestoredIsEqual proves for both databases and both forms that what comes
// back is what was there: every row, every file, and messages that open.
func TestRestoredIsEqual(t *testing.T) {
	urls := map[string]func(*testing.T) string{
		"sqlite":   func(t *testing.T) string { return "sqlite:" + filepath.Join(t.TempDir(), "a.db") },
		"postgres": func(t *testing.T) string { return testserver.Postgres(t) },
	}
	for name, url := range urls {
		for _, form := range []string{"copy", "copy.tar"} {
			t.Run(name+"/"+form, func(t *testing.T) {
				from := open(t, t.TempDir(), url(t), true)
				mail := from.live(t)
				path := filepath.Join(t.TempDir(), form)
				m, err := backup.Make(t.Context(), from.source(t), path)
				if err != nil {
					t.Fatal(err)
				}
				if m.Blobs < 2 || m.Tables["messages"] != 2 || m.Rows() < 20 || m.Bytes() < 600<<10 {
					t.Errorf("the manifest tells of %d blobs, %d messages, %d rows, %d bytes", m.Blobs, m.Tables["messages"], m.Rows(), m.Bytes())
				}
				dir, target := t.TempDir(), url(t)
				if err := restore(t.Context(), t, path, target, filepath.Join(dir, "files")); err != nil {
					t.Fatal(err)
				}
				before := everything(t, from.db)
				bare, err := db.Open(t.Context(), target, clock.System{}, db.Options{})
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() { bare.Close() })
				after := everything(t, bare)
				for _, table := range slices.Sorted(maps.Keys(before)) {
					if !slices.Equal(before[table], after[table]) {
						t.Errorf("table %s: %d rows before, %d after, not the same", table, len(before[table]), len(after[table]))
					}
				}
				if len(before) != len(after) || len(before) < 30 {
					t.Errorf("%d tables before, %d after", len(before), len(after))
				}
				to := open(t, dir, target, false)
				if a, b := sums(t, from.off.Blobs), sums(t, to.off.Blobs); !slices.Equal(a, b) || len(a) == 0 {
					t.Errorf("files before %v, after %v", a, b)
				}
				to.opensMail(t, mail)
				to.goesOn(t)
			})
		}
	}
}

// opensMail opens the message in the restored house, with its file.
func (h *house) opensMail(t *testing.T, mail []byte) {
	t.Helper()
	var id, part int64
	err := h.db.Read.NewRaw("SELECT m.id, p.id FROM messages AS m JOIN parts AS p ON p.message_id = m.id WHERE m.external_id = 'p1@posta.example'").Scan(t.Context(), &id, &part)
	if err != nil {
		t.Fatal(err)
	}
	v := inbox.Viewer{System: true}
	raw, kind, err := h.off.Inbox.RawMessage(t.Context(), v, id)
	if err != nil || !bytes.Equal(raw, mail) || kind != "message/rfc822" {
		t.Errorf("the original is %d bytes of %s (%v), was %d", len(raw), kind, err, len(mail))
	}
	p, _, err := h.off.Inbox.FilePart(t.Context(), v, part)
	if err != nil || p.Name != "planimetria.pdf" || p.Size != 300<<10 {
		t.Fatalf("part %+v: %v", p, err)
	}
	f, err := h.off.Blobs.Open(t.Context(), p.SHA256)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if n, err := io.Copy(io.Discard, f); err != nil || n != 300<<10 {
		t.Errorf("%d bytes of the file: %v", n, err)
	}
}

// goesOn works in the restored house: its counters are where they were.
func (h *house) goesOn(t *testing.T) {
	t.Helper()
	c, err := h.off.Inbox.RecordVisit(t.Context(), inbox.Viewer{System: true}, inbox.Visit{
		AccountID: h.account(t, "desk"), Key: "v2", Person: "Marco Galli", Text: "Chiede gli orari", Subject: "Orari",
	})
	if err != nil || c.Number != 3 {
		t.Errorf("the next case is %+v: %v", c, err)
	}
}

func TestCopyWhileWriting(t *testing.T) {
	h := open(t, t.TempDir(), "sqlite:"+filepath.Join(t.TempDir(), "a.db"), true)
	h.live(t)
	ctx, stop := context.WithCancel(t.Context())
	written := make(chan int)
	go func() {
		n := 0
		for ; ctx.Err() == nil; n++ {
			if _, err := h.off.Inbox.RecordVisit(ctx, inbox.Viewer{System: true}, inbox.Visit{
				AccountID: h.account(t, "desk"), Key: fmt.Sprint("w", n), Person: "Anna", Text: "x", Subject: "y",
			}); err != nil && ctx.Err() == nil {
				t.Error(err)
			}
		}
		written <- n
	}()
	path := filepath.Join(t.TempDir(), "copy")
	_, err := backup.Make(t.Context(), h.source(t), path)
	stop()
	if n := <-written; err != nil || n == 0 {
		t.Fatal(err, n)
	}
	target := "sqlite:" + filepath.Join(t.TempDir(), "b.db")
	if err := restore(t.Context(), t, path, target, t.TempDir()); err != nil {
		t.Error(err)
	}
}

// TestRefusals alters a good copy in one way each.
func TestRefusals(t *testing.T) {
	from := open(t, t.TempDir(), "sqlite:"+filepath.Join(t.TempDir(), "a.db"), true)
	from.live(t)
	flip := func(t *testing.T, path string, at int64) {
		t.Helper()
		f, err := os.OpenFile(path, os.O_RDWR, 0)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		var b [1]byte
		if _, err := f.ReadAt(b[:], at); err != nil {
			t.Fatal(err)
		}
		b[0] ^= 1
		if _, err := f.WriteAt(b[:], at); err != nil {
			t.Fatal(err)
		}
	}
	oneBlob := func(t *testing.T, path string) string {
		t.Helper()
		all, err := filepath.Glob(filepath.Join(path, "files", "*", "*"))
		if err != nil || len(all) == 0 {
			t.Fatal(err, all)
		}
		return all[0]
	}
	for name, c := range map[string]struct {
		change func(t *testing.T, path string)
		target string // url, or empty for a fresh one
		says   string
	}{
		"nothing there":    {func(t *testing.T, path string) { os.RemoveAll(path) }, "", "there is no backup"},
		"no manifest":      {func(t *testing.T, path string) { os.Remove(filepath.Join(path, "manifest.json")) }, "", "not a complete backup"},
		"database altered": {func(t *testing.T, path string) { flip(t, filepath.Join(path, "database/filodiretto.db"), 5000) }, "", "damaged"},
		"file altered":     {func(t *testing.T, path string) { flip(t, oneBlob(t, path), 100) }, "", "damaged"},
		"file gone":        {func(t *testing.T, path string) { os.Remove(oneBlob(t, path)) }, "", "missing"},
		"file added":       {func(t *testing.T, path string) { os.WriteFile(filepath.Join(path, "x"), nil, 0o600) }, "", "does not name"},
		"another database": {func(*testing.T, string) {}, "postgres://u@localhost:1/x", "is of sqlite"},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "copy")
			if _, err := backup.Make(t.Context(), from.source(t), path); err != nil {
				t.Fatal(err)
			}
			c.change(t, path)
			target := c.target
			if target == "" {
				target = "sqlite:" + filepath.Join(t.TempDir(), "b.db")
			}
			err := restore(t.Context(), t, path, target, filepath.Join(t.TempDir(), "files"))
			if err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("got %v, want something with %q", err, c.says)
			}
			if p, ok := strings.CutPrefix(target, "sqlite:"); ok {
				if _, err := os.Stat(p); err == nil {
					t.Error("a database was written all the same")
				}
			}
		})
	}
}

func TestNothingIsOverwritten(t *testing.T) {
	from := open(t, t.TempDir(), "sqlite:"+filepath.Join(t.TempDir(), "a.db"), true)
	from.live(t)
	path := filepath.Join(t.TempDir(), "copy.tar")
	if _, err := backup.Make(t.Context(), from.source(t), path); err != nil {
		t.Fatal(err)
	}
	if _, err := backup.Make(t.Context(), from.source(t), path); err == nil || !strings.Contains(err.Error(), "there already") {
		t.Error("an older backup was overwritten:", err)
	}
	used := open(t, t.TempDir(), "sqlite:"+filepath.Join(t.TempDir(), "b.db"), true)
	if err := restore(t.Context(), t, path, used.cfg.Database.URL.Reveal(), t.TempDir()); err == nil || !strings.Contains(err.Error(), "never overwrites") {
		t.Error("a database was overwritten:", err)
	}
	if err := restore(t.Context(), t, path, "sqlite:"+filepath.Join(t.TempDir(), "c.db"), filepath.Join(from.dir, "files")); err == nil || !strings.Contains(err.Error(), "not empty") {
		t.Error("a store with files was taken:", err)
	}
	pg := open(t, t.TempDir(), testserver.Postgres(t), true)
	copied := filepath.Join(t.TempDir(), "pg")
	if _, err := backup.Make(t.Context(), pg.source(t), copied); err != nil {
		t.Fatal(err)
	}
	if err := restore(t.Context(), t, copied, pg.cfg.Database.URL.Reveal(), filepath.Join(t.TempDir(), "files")); err == nil || !strings.Contains(err.Error(), "tables already") {
		t.Error("a database with tables was taken:", err)
	}
}

func TestLostFileIsToldAtOnce(t *testing.T) {
	h := open(t, t.TempDir(), "sqlite:"+filepath.Join(t.TempDir(), "a.db"), true)
	h.live(t)
	name, _, _ := strings.Cut(sums(t, h.off.Blobs)[0], " ")
	if err := errors.Join(h.off.Blobs.Discard(t.Context(), name), h.off.Blobs.Purge(t.Context(), name)); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "copy")
	if _, err := backup.Make(t.Context(), h.source(t), path); err == nil || !strings.Contains(err.Error(), name) {
		t.Error("a backup without a file that rows name was made:", err)
	}
	if _, err := os.Stat(path); err == nil {
		t.Error("half a backup stands under its final name")
	}
	if left, err := filepath.Glob(path + "*"); err != nil || len(left) != 0 {
		t.Error("left behind:", left, err)
	}
}

func TestKeyIsRecognised(t *testing.T) {
	h := open(t, t.TempDir(), "sqlite:"+filepath.Join(t.TempDir(), "a.db"), true)
	path := filepath.Join(t.TempDir(), "copy")
	if _, err := backup.Make(t.Context(), h.source(t), path); err != nil {
		t.Fatal(err)
	}
	c, err := backup.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	other, err := secret.NewBox(bytes.Repeat([]byte{7}, 32))
	if err != nil {
		t.Fatal(err)
	}
	if !c.OpensKey(h.source(t).Box) || c.OpensKey(other) {
		t.Error("the right key must be recognised, and no other")
	}
	if age := (clock.System{}).Now().Sub(c.Made); age < 0 || age > time.Minute {
		t.Error("made", c.Made.Time())
	}
}
