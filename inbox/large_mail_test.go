package inbox

import (
	"bytes"
	"context"
	"encoding/base64"
	"io"
	"strings"
	"testing"

	"filodiretto/channels"
	"filodiretto/channels/mail"
)

// handing hands mail over to an account, as the LMTP and HTTP intakes do.
type handing struct {
	in *Inbox
	id int64
}

func (h handing) Take(ctx context.Context, via string, it channels.Raw) error {
	_, err := h.in.Take(ctx, h.id, via, it)
	return err
}

func (h handing) Store(ctx context.Context, r io.Reader) (string, int64, error) {
	return h.in.Store(ctx, r)
}

// heavy is a letter with a file of n bytes.
func heavy(id string, n int) string {
	var b bytes.Buffer
	b.WriteString("From: Ada <ada@posta.example>\r\nTo: urp@comune.pontelieto.example\r\nMessage-ID: <" + id + ">\r\nSubject: Planimetrie\r\n" +
		"Date: Tue, 17 Nov 2026 10:00:00 +0000\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n" +
		"--b\r\nContent-Type: text/plain\r\n\r\nLe piante della casa.\r\n" +
		"--b\r\nContent-Type: application/pdf; name=piante.pdf\r\nContent-Disposition: attachment; filename=piante.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n")
	code := base64.StdEncoding.EncodeToString(append([]byte("%PDF-1.7\n"), bytes.Repeat([]byte("pianta 0123456789\n"), n/18)...))
	for len(code) > 76 {
		b.WriteString(code[:76] + "\r\n")
		code = code[76:]
	}
	b.WriteString(code + "\r\n--b--\r\n")
	return b.String()
}

// Rules 11 and 81c: a large mail is a case with its file, by whatever way the mailbox
// gets its mail; max_message_mb says how large, not the memory that reading takes.
func TestRule11LargeMailIsReadByEveryWay(t *testing.T) {
	raw := heavy("grande@posta.example", 33<<20)
	eachDB(t, func(t *testing.T, e *env) {
		for _, reading := range []string{"imap", "pop3", "handed"} {
			ch, err := mail.Driver.Open(channels.Account{ID: e.mail.ID, Key: "mail", Kind: "mail", Settings: map[string]string{
				"address": "urp@comune.pontelieto.example", "reading": reading, "imap_host": "127.0.0.1", "imap_port": "1", "imap_security": "plain-local", "imap_user": "u", "imap_password": "p",
				"pop3_host": "127.0.0.1", "pop3_port": "1", "pop3_security": "plain-local", "pop3_user": "u", "pop3_password": "p",
				"smtp_host": "127.0.0.1", "smtp_port": "1", "smtp_security": "plain-local", "folders": "INBOX",
			}}, channels.Deps{Log: e.log, Clock: e.clock})
			if err != nil {
				t.Fatal(err)
			}
			e.chans.put(e.mail, ch)
			id := "grande@posta.example"
			text := strings.ReplaceAll(raw, id, reading+"@posta.example")
			if err := mail.TakeOver(t.Context(), handing{e.Inbox, e.mail.ID}, mail.Handover{Via: "lmtp", From: "ada@posta.example", At: e.clock.Now(), Max: 100 << 20}, strings.NewReader(text)); err != nil {
				t.Fatal(err)
			}
			e.ingest(e.mail)
			var files []int64
			if err := e.db.Read.NewRaw("SELECT p.size FROM parts AS p JOIN messages AS m ON m.id = p.message_id WHERE m.external_id LIKE ? AND p.name = 'piante.pdf' AND p.state = 'stored'", "%"+reading+"@posta.example%").Scan(t.Context(), &files); err != nil {
				t.Fatal(err)
			}
			if len(files) != 1 || files[0] < 33<<20-100 {
				t.Errorf("%s: files of %v bytes; %d wait in quarantine", reading, files, e.number("SELECT count(*) FROM quarantine"))
			}
		}
	})
}
