package inbox

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"filodiretto/channels"
	"filodiretto/channels/mail"
	"filodiretto/internal/blob"
	"filodiretto/internal/db"
)

// The words that must be nowhere afterwards: of the contents, of the file's name, and of
// what is in the file.
const (
	markText = "zirlanterbo"
	markName = "quobastrile"
	markFile = "velmicurzo"
)

// marked is a letter all of which is marked, with a file too large for its row.
func marked(from, id string, more ...string) string {
	file := append([]byte("%PDF-1.7\n"+markFile+"\n"), bytes.Repeat([]byte(markFile+" 0123456789\n"), 9000)...)
	return parcelOf(from, id, "Oggetto "+markText, "Il mio segreto è "+markText+".", markName+".pdf", file, more...)
}

func parcelOf(from, id, subject, text, name string, file []byte, more ...string) string {
	h := append([]string{
		"From: " + from, "To: urp@comune.pontelieto.example", "Message-ID: <" + id + ">", "Subject: " + subject,
		"Date: Tue, 17 Nov 2026 10:00:00 +0000", "MIME-Version: 1.0", "Content-Type: multipart/mixed; boundary=b",
	}, more...)
	code := base64.StdEncoding.EncodeToString(file)
	var b strings.Builder
	b.WriteString(strings.Join(h, "\r\n") + "\r\n\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n" + text + "\r\n--b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p>" + text + "</p>\r\n" +
		"--b\r\nContent-Type: application/pdf; name=" + name + "\r\nContent-Disposition: attachment; filename=" + name + "\r\nContent-Transfer-Encoding: base64\r\n\r\n")
	for len(code) > 76 {
		b.WriteString(code[:76] + "\r\n")
		code = code[76:]
	}
	b.WriteString(code + "\r\n--b--\r\n")
	return b.String()
}

// erasure is an inbox whose files a test can look at, and of whose front office Giulia is
// the head.
type erasure struct {
	*env
	store string
}

func newErasure(t *testing.T, e *env) *erasure {
	t.Helper()
	x := &erasure{env: e, store: t.TempDir()}
	d, err := blob.OpenDir(x.store)
	must(t, err)
	e.blobs = d
	e.exec(t, "INSERT INTO operator_roles (operator_id, office_id, role) VALUES (?, ?, 'head')", e.giulia.OperatorID, e.urp)
	return x
}

// finished lets the hour go by that a file stays aside.
func (x *erasure) finished() {
	x.t.Helper()
	x.manual.Advance(erasedFor + time.Minute)
	if _, err := x.FinishErasing(x.t.Context()); err != nil {
		x.t.Fatal(err)
	}
	if n := x.number("SELECT count(*) FROM erasing"); n != 0 {
		x.t.Errorf("%d things are left to be erased", n)
	}
}

// found tells every table and file in which one of the marks stands, as it is, in any
// case, or as base64 at each of the three places where it may begin.
func (x *erasure) found() (where []string) {
	x.t.Helper()
	var forms [][]byte
	for _, m := range []string{markText, markName, markFile} {
		forms = append(forms, []byte(m))
		for pad := range 3 {
			code := base64.RawStdEncoding.EncodeToString([]byte(strings.Repeat("-", pad) + m))
			forms = append(forms, []byte(strings.ToLower(code[(pad*8+5)/6:len(code)-2])))
		}
	}
	has := func(b []byte) bool {
		b = bytes.ToLower(b)
		for _, f := range forms {
			if bytes.Contains(b, f) || bytes.Contains(bytes.ReplaceAll(b, []byte("\r\n"), nil), f) {
				return true
			}
		}
		return false
	}
	for _, table := range x.tables() {
		rows, err := x.db.Read.QueryContext(x.t.Context(), "SELECT * FROM "+table)
		if err != nil {
			x.t.Fatalf("%s: %v", table, err)
		}
		names, err := rows.Columns()
		must(x.t, err)
		for rows.Next() {
			cells, to := make([]any, len(names)), make([]any, len(names))
			for i := range cells {
				to[i] = &cells[i]
			}
			must(x.t, rows.Scan(to...))
			for i, c := range cells {
				b, ok := c.([]byte)
				if !ok {
					b = fmt.Append(nil, c)
				}
				if has(b) {
					where = append(where, table+"."+names[i])
				}
			}
		}
		must(x.t, rows.Err())
		must(x.t, rows.Close())
	}
	err := filepath.WalkDir(x.store, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		if has(b) {
			where = append(where, path[len(x.store):])
		}
		return err
	})
	must(x.t, err)
	return where
}

// tables are all tables of the database, with those in which SQLite keeps its index.
func (x *erasure) tables() (out []string) {
	x.t.Helper()
	q := "SELECT name FROM sqlite_master WHERE type = 'table' AND name <> 'search'"
	if x.db.Postgres {
		q = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'"
	}
	must(x.t, x.db.Read.NewRaw(q).Scan(x.t.Context(), &out))
	if len(out) < 60 {
		x.t.Fatalf("%d tables: the test looks at too little", len(out))
	}
	return out
}

// Rule 81b: of what was erased no word, no name and no byte is anywhere, in all tables and
// files, and nothing brings it back: no new number, other mailbox, edit, archive or reading.
func TestRule81bNothingIsLeftAndNothingComesBack(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		realMail(e)
		x := newErasure(t, e)
		e.pictures = &painter{}
		e.route.decide = func(Facts) Decision { return Decision{Receipt: true} }
		other := x.mailbox("mail2")
		l := marked("Ada <ada@posta.example>", "a1@posta.example")
		e.arrive(e.mail, l)
		e.arrive(other, "Received: by mx2\r\n"+l)
		c := e.allCases()[0]
		m := e.lastIn(t)
		e.exec(t, "UPDATE deliveries SET state = 'sent' WHERE case_id = ?", c.ID)
		_, err := e.SaveDraft(t.Context(), e.giulia, Draft{CaseID: c.ID, Kind: ReplyDraft, Body: "Gentile Ada", Choice: DraftChoice{Subject: "Re: " + m.Subject}})
		must(t, err)
		e.exec(t, "INSERT INTO idempotency_keys (operator_id, key, request_hash, status, body, created_at) VALUES (1, 'k', 'h', 200, ?, 0)", []byte(fmt.Sprintf(`{"status":200,"body":{"id":"%d","text":"%s"}}`, m.ID, markText)))
		e.exec(t, "INSERT INTO message_versions (message_id, version, subject, text, html, raw_id, at) VALUES (?, 1, ?, ?, '', 0, 0)", m.ID, markText, markText)
		if len(x.found()) < 8 {
			t.Fatalf("the mark stands in %v only: the test looks at too little", x.found())
		}
		look, err := e.LookErase(t.Context(), e.giulia, m.ID)
		if err != nil || look.Refused != "" || look.Files != 1 || look.Originals != 2 || look.Versions != 1 || len(look.Offices) != 0 {
			t.Fatalf("%+v: %v", look, err)
		}
		must(t, e.Erase(t.Context(), e.giulia, m.ID, EraseAsked, "Richiesta  del 3 novembre"))
		x.finished()
		if w := x.found(); len(w) != 0 {
			t.Fatalf("it is still in %v", w)
		}
		m, err = e.Message(t.Context(), e.giulia, m.ID)
		if err != nil || !m.Erased() || m.Sender == "" || m.ExternalID == "" || m.Text != "" || m.Channel != "mail" {
			t.Errorf("%+v: %v", m, err)
		}
		if n := e.number(`SELECT count(*) FROM events WHERE kind = 'message.erased' AND message_id = ? AND operator_id = ? AND data LIKE '%"asked"%' AND data LIKE '%Richiesta del 3 novembre%'`, m.ID, e.giulia.OperatorID); n != 1 {
			t.Errorf("%d events", n)
		}
		if n := e.number("SELECT count(*) FROM parts WHERE message_id = ? AND name = '' AND size > 0", m.ID); n == 0 {
			t.Error("the files left no shell")
		}
		if _, _, err := e.RawMessage(t.Context(), e.giulia, m.ID); !errors.Is(err, ErrNotFound) {
			t.Errorf("the original: %v", err)
		}
		must(t, e.Erase(t.Context(), e.giulia, m.ID, EraseAsked, "ancora")) // changes nothing
		if n := e.number("SELECT count(*) FROM events WHERE kind = 'message.erased'"); n != 1 {
			t.Errorf("%d events after a second time", n)
		}

		messages := e.number("SELECT count(*) FROM messages")
		third := x.mailbox("mail3")
		e.arrive(e.mail, l) // numbered anew: the same bytes under another key
		e.arrive(third, "Received: by mx3\r\n"+l)
		must(t, e.Accept(t.Context(), e.mail.ID, channels.Batch{Stream: "archive", Items: []channels.Raw{{DedupKey: "archive/1", ContentType: mail.TypeMessage, Body: []byte("Received: by archive\r\n" + l), Archive: true}}}))
		e.ingest(e.mail)
		e.exec(t, "UPDATE raws SET parser = 1 WHERE parser > 0")
		e.readOlderAgain(e.number("SELECT count(*) FROM raws WHERE state = 'filed' AND parser = 1"))
		if changed, err := e.ReadMessageAgain(t.Context(), e.giulia, m.ID); err == nil || changed {
			t.Error("an erased message was read again")
		}
		x.finished()
		if w := x.found(); len(w) != 0 {
			t.Errorf("it came back to %v", w)
		}
		if n := e.number("SELECT count(*) FROM messages"); n != messages {
			t.Errorf("%d messages, and %d before it came again", n, messages)
		}
		if n := e.number("SELECT count(*) FROM quarantine"); n != 0 {
			t.Errorf("%d wait for a person", n)
		}
	})
}

// mailbox is one of the other office, with the same parser.
func (x *erasure) mailbox(key string) Account {
	acc := Account{ID: db.NewID(x.clock), Key: key, Kind: "mail", Name: key, OfficeID: x.trib, Origin: "file", Settings: "{}", Enabled: true}
	_, err := x.db.Write.NewInsert().Model(&acc).Exec(x.t.Context())
	must(x.t, err)
	ch, _, _ := x.chans.Channel(x.mail.ID)
	x.chans.put(acc, ch)
	return acc
}

// A file that another message has too stays, wherever it is kept.
func TestRule81bASharedFileStays(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		realMail(e)
		x := newErasure(t, e)
		file := append([]byte("%PDF-1.7\n"), bytes.Repeat([]byte("modulo 0123456789\n"), 9000)...)
		e.arrive(e.mail, parcelOf("Ada <ada@posta.example>", "a1@posta.example", "Primo", "Uno.", "modulo.pdf", file))
		first := e.lastIn(t)
		e.arrive(e.mail, parcelOf("Bruno <bruno@posta.example>", "b1@posta.example", "Secondo", "Due.", "modulo.pdf", file))
		second := e.lastIn(t)
		must(t, e.Erase(t.Context(), e.giulia, first.ID, EraseMistaken, "non era per noi"))
		x.finished()
		_, parts, err := e.MessageWithParts(t.Context(), e.giulia, second.ID)
		must(t, err)
		opened := 0
		for _, p := range parts {
			_, f, err := e.OpenPart(t.Context(), e.giulia, p.ID)
			must(t, err)
			f.Close()
			opened++
		}
		if opened == 0 {
			t.Error("the other message has no files")
		}
		if _, _, err := e.RawMessage(t.Context(), e.giulia, second.ID); err != nil {
			t.Error(err)
		}
	})
}

// Who heads the office that has the case may, and nobody else.
func TestEraseIsForHeads(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		k := e.writes(e.mail, "lucia@posta.example", "C'è una buca")
		luca := Viewer{OperatorID: 77, Offices: []int64{e.urp}, FrontDesk: true}
		e.exec(t, "INSERT INTO operator_roles (operator_id, office_id, role) VALUES (?, ?, 'head')", e.elena.OperatorID, e.trib)
		for name, tt := range map[string]struct {
			v    Viewer
			want error
		}{
			"not a head": {e.giulia, ErrForbidden}, "front desk": {luca, ErrForbidden}, "another office's head": {e.elena, ErrNotFound},
			"an administrator": {Viewer{OperatorID: 9, Admin: true}, ErrNotFound}, "nobody": {Viewer{}, ErrNotFound}, "a job": {Viewer{System: true}, ErrForbidden},
		} {
			if err := e.Erase(t.Context(), tt.v, k.m.ID, EraseAsked, "x"); !errors.Is(err, tt.want) {
				t.Errorf("%s: %v", name, err)
			}
			if _, err := e.LookErase(t.Context(), tt.v, k.m.ID); !errors.Is(err, tt.want) {
				t.Errorf("%s looks: %v", name, err)
			}
		}
		x := newErasure(t, e)
		for code, do := range map[string]func() error{
			"not valid: reason: unknown": func() error { return x.Erase(t.Context(), e.giulia, k.m.ID, "because", "x") },
			"not valid: words: required": func() error { return x.Erase(t.Context(), e.giulia, k.m.ID, EraseNoUse, " ") },
			"not valid: words: too_long": func() error { return x.Erase(t.Context(), e.giulia, k.m.ID, EraseNoUse, strings.Repeat("è", 301)) },
			ErrNotFound.Error():          func() error { return x.Erase(t.Context(), e.giulia, 12345, EraseNoUse, "x") },
		} {
			if err := do(); err == nil || err.Error() != code {
				t.Errorf("%v, want %s", err, code)
			}
		}
		if m, err := e.Message(t.Context(), e.giulia, k.m.ID); err != nil || m.Text == "" {
			t.Errorf("%+v: %v", m, err)
		}
	})
}

// keeper is a register that has one message.
type keeper struct {
	noRegistrar
	id int64
}

func (k keeper) Keeps(_ context.Context, _ bun.IDB, id int64) (bool, error) { return id == k.id, nil }

// What is in the register, on its way, or before a person stays.
func TestEraseIsRefused(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		newErasure(t, e)
		e.sender(e.mail)
		k := e.writes(e.mail, "lucia@example.org", "C'è una buca")
		refused := func(id int64, code string) {
			t.Helper()
			if err := e.Erase(t.Context(), e.giulia, id, EraseUnlawful, "x"); fmt.Sprint(err) != (&InvalidError{"message", code}).Error() {
				t.Errorf("%v, want %s", err, code)
			}
			if look, err := e.LookErase(t.Context(), e.giulia, id); err != nil || look.Refused != code {
				t.Errorf("%+v: %v", look, err)
			}
		}
		e.registrar = keeper{id: k.m.ID}
		refused(k.m.ID, "in_register")
		e.registrar = noRegistrar{}
		r := e.mustReply(k.reply("Lo ripariamo " + markText))
		refused(r.Message.ID, "being_sent")
		e.exec(t, "UPDATE deliveries SET state = 'sending' WHERE message_id = ?", r.Message.ID)
		refused(r.Message.ID, "being_sent")
		e.exec(t, "UPDATE deliveries SET state = 'delivered', text = ? WHERE message_id = ?", markText, r.Message.ID)
		must(t, e.Erase(t.Context(), e.giulia, r.Message.ID, EraseUnlawful, "x"))
		if n := e.number("SELECT count(*) FROM deliveries WHERE message_id = ? AND state = 'delivered' AND address <> '' AND text = ''", r.Message.ID); n != 1 {
			t.Error("the proof of sending is not what it was")
		}
		must(t, e.Accept(t.Context(), e.mail.ID, channels.Batch{Stream: "INBOX", Items: []channels.Raw{{DedupKey: "q", ContentType: mail.TypeMessage, Body: []byte("x")}}}))
		e.exec(t, "UPDATE messages SET raw_id = (SELECT min(id) FROM raws) WHERE id = ?", k.m.ID)
		e.exec(t, "INSERT INTO quarantine (id, raw_id, account_id, office_id, reason, at) SELECT 1, min(id), ?, ?, 'auto', 0 FROM raws", e.mail.ID, e.urp)
		refused(k.m.ID, "in_quarantine")
		note, err := e.Note(t.Context(), e.giulia, NoteCommand{CaseID: k.c.ID, Text: "Nota " + markText})
		must(t, err)
		must(t, e.Erase(t.Context(), e.giulia, note.Message.ID, EraseNoUse, "x"))
		if m, err := e.Message(t.Context(), e.giulia, note.Message.ID); err != nil || m.Text != "" || m.OperatorID != e.giulia.OperatorID {
			t.Errorf("%+v: %v", m, err)
		}
	})
}
