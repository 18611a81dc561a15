package inbox

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"testing"
	"time"

	"filodiretto/channels"
	"filodiretto/channels/mail"
)

// TestRule19WhatIsKeptBeforeAnybodyReads: bytes, their hash, where they lay and when they
// came are committed with the cursor, or none of them is; nothing has been read by then.
func TestRule19WhatIsKeptBeforeAnybodyReads(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		body := letter("Ada <ada@posta.example>", "a1@posta.example", "Buca", "C'è una buca.")
		b := channels.Batch{Stream: "INBOX", Cursor: []byte("7/9"), Items: []channels.Raw{{
			DedupKey: "INBOX/7/9", ContentType: mail.TypeMessage, Body: []byte(body), ReceivedAt: e.manual.Now().Add(-time.Hour),
			Meta: map[string]string{mail.MetaFolder: "INBOX", mail.MetaUID: "9", mail.MetaFlags: `\Flagged`},
		}}}
		e.exec(t, "ALTER TABLE cursors RENAME TO cursors_away")
		if err := e.Accept(t.Context(), e.mail.ID, b); err == nil {
			t.Fatal("a cursor that cannot be stored")
		}
		if n := e.number("SELECT count(*) FROM raws"); n != 0 {
			t.Error("without its cursor it is not kept either:", n)
		}
		e.exec(t, "ALTER TABLE cursors_away RENAME TO cursors")
		must(t, e.Accept(t.Context(), e.mail.ID, b))
		var r Raw
		must(t, e.db.Read.NewSelect().Model(&r).Scan(t.Context()))
		sum := sha256.Sum256([]byte(body))
		if string(r.Body) != body || r.SHA256 != hex.EncodeToString(sum[:]) || r.Size != int64(len(body)) || r.AccountID != e.mail.ID || r.Stream != "INBOX" || r.State != "pending" ||
			r.ReceivedAt != b.Items[0].ReceivedAt || r.AcceptedAt != e.manual.Now() {
			t.Errorf("%+v", r)
		}
		var meta map[string]string
		must(t, json.Unmarshal([]byte(r.Meta), &meta))
		for k, want := range b.Items[0].Meta {
			if meta[k] != want {
				t.Errorf("%s: %q, want %q", k, meta[k], want)
			}
		}
		if c, err := e.Cursor(t.Context(), e.mail.ID, "INBOX"); err != nil || string(c) != "7/9" {
			t.Errorf("cursor %q: %v", c, err)
		}
		if n := e.number("SELECT count(*) FROM messages") + e.number("SELECT count(*) FROM message_keys"); n != 0 {
			t.Error("it was read:", n)
		}
	})
}
