package mail

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime"
	netmail "net/mail"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"filodiretto/channels"
	"filodiretto/channels/mail/rfc822"
	"filodiretto/internal/clock"
)

// fixedBox is an account whose clock stands still.
func fixedBox(t testing.TB, more ...string) *mailbox {
	t.Helper()
	m, err := newMailbox(channels.Account{Key: "urp", Settings: settingsFor(nowhere, nowhere, more...)},
		channels.Deps{Clock: clock.NewManual(time.Date(2026, 11, 22, 9, 30, 0, 0, time.UTC))})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// reply is an ordinary answer to a citizen.
func reply() *channels.Outgoing {
	return &channels.Outgoing{
		ExternalID: "fd.1.abc@comune.pontelieto.example",
		To:         channels.Address{Kind: "email", Value: "lucia@example.org", Display: "Lucia Ferri"},
		FromName:   "URP – Relazioni con il Pubblico",
		AnswerTo:   "q1@example.org", References: []string{"q0@example.org"},
		Subject: "Re: Buca in via Roma",
		Text:    "Gentile Lucia,\nla segnalazione è stata inoltrata all'ufficio Strade.\n\nCordiali saluti\n",
	}
}

func fileOf(name, kind, body string) channels.OutgoingFile {
	return channels.OutgoingFile{
		Name: name, Type: kind, Size: int64(len(body)),
		Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(body)), nil },
	}
}

// composed is the letter on the wire.
func composed(t testing.TB, m *mailbox, out *channels.Outgoing) []byte {
	t.Helper()
	l, err := m.compose(out)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	n, err := l.WriteTo(&b)
	if err != nil || n != int64(b.Len()) {
		t.Fatalf("wrote %d of %d bytes, %v", n, b.Len(), err)
	}
	return b.Bytes()
}

// TestComposeGolden compares each kind of message with testdata/compose.
// `go test -update` writes the answers, which a person then reads.
func TestComposeGolden(t *testing.T) {
	change := func(f func(*channels.Outgoing)) *channels.Outgoing {
		out := reply()
		f(out)
		return out
	}
	for name, out := range map[string]*channels.Outgoing{
		"reply": reply(),
		"ascii": change(func(o *channels.Outgoing) { o.Text, o.FromName = "All is well.\n", "Ufficio, Sezione \"A\"" }),
		"html":  change(func(o *channels.Outgoing) { o.HTML = "<p>La segnalazione è stata inoltrata.</p>" }),
		"files": change(func(o *channels.Outgoing) {
			o.HTML = "<p>In allegato.</p>"
			o.Files = []channels.OutgoingFile{
				fileOf("ricevuta.pdf", "application/pdf", strings.Repeat("%PDF-1.4 ", 20)),
				fileOf("../perché così «lungo».txt", "text/plain; charset=utf-8", "è"),
				fileOf("messaggio.eml", "message/rfc822", "Subject: x\r\n\r\ny"),
				fileOf("", "", ""),
			}
		}),
		"automatic": change(func(o *channels.Outgoing) {
			o.Automatic, o.AnswerTo, o.References = true, "", nil
			o.Subject = "Abbiamo ricevuto la tua richiesta"
		}),
		"several": change(func(o *channels.Outgoing) {
			o.ToAll = []channels.Address{{Value: "lucia@example.org", Display: "Lucia Ferri"}, {Value: "ente@città.example", Display: "Città"}}
			o.CcAll = []channels.Address{{Value: "anna@example.org"}, {Value: "not an address"}, {Value: "josé@example.org", Display: "José; \"Pepe\""}}
			o.ReplyToken = "c7-abc_D"
		}),
		"long": change(func(o *channels.Outgoing) {
			o.Subject = strings.Repeat("Richiesta di accesso agli atti ", 8) + "perché è così"
			o.Text = strings.Repeat("parola ", 60) + "\nFrom qui in poi\n.\n..\n"
			o.References = nil
			for i := range 40 {
				o.References = append(o.References, fmt.Sprintf("m%d@example.org", i))
			}
		}),
	} {
		t.Run(name, func(t *testing.T) {
			m := fixedBox(t, "plus_addressing", "true")
			got := composed(t, m, out)
			if again := composed(t, m, out); !bytes.Equal(got, again) {
				t.Error("a second try is another message")
			}
			compareGolden(t, filepath.Join("testdata", "compose", name+".eml"), got)
			checkLetter(t, got, out)
		})
	}
}

// checkLetter reads a letter with other people's reader and our own.
func checkLetter(t testing.TB, raw []byte, out *channels.Outgoing) {
	t.Helper()
	msg, err := netmail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		t.Fatalf("not a message: %v", err)
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(msg.Header.Get("Subject"))
	if want := strings.TrimSpace(oneLine(out.Subject)); err != nil || collapse(subject) != collapse(want) {
		t.Errorf("subject %q, want %q, %v", subject, want, err)
	}
	if got := msg.Header.Get("Message-ID"); got != "<"+out.ExternalID+">" {
		t.Errorf("Message-ID %q", got)
	}
	for i, line := range bytes.Split(raw, []byte("\r\n")) {
		if len(line) > 998 || bytes.ContainsAny(line, "\r\n") {
			t.Errorf("line %d has %d bytes or a bare line end", i, len(line))
		}
	}
	items, err := Parse(channels.Raw{Body: raw, Size: int64(len(raw)), ReceivedAt: 1}, OwnAddresses{})
	if err != nil || len(items) != 1 {
		t.Fatalf("our own reader: %d items, %v", len(items), err)
	}
	if got, want := collapse(items[0].Text), collapse(out.Text); !strings.Contains(got, want) {
		t.Errorf("text %q, want %q", got, want)
	}
	files := 0
	for _, p := range items[0].Parts {
		if p.Kind == channels.File || p.Kind == channels.Nested {
			files++
		}
	}
	if files != len(out.Files) {
		t.Errorf("%d files, want %d", files, len(out.Files))
	}
}

func collapse(s string) string { return strings.Join(strings.Fields(s), " ") }

func TestRule55AutomaticMailIsMarked(t *testing.T) {
	out := reply()
	plain := string(composed(t, fixedBox(t), out))
	if strings.Contains(plain, "Auto-Submitted") || strings.Contains(plain, "Precedence") {
		t.Error("a person's answer is marked as automatic")
	}
	if !strings.Contains(plain, "\r\nX-FiloDiretto-Loop: <"+out.ExternalID+">\r\n") {
		t.Error("no loop header")
	}
	out.Automatic = true
	auto := string(composed(t, fixedBox(t), out))
	for _, want := range []string{"Auto-Submitted: auto-replied", "X-Auto-Response-Suppress: All", "Precedence: auto_reply"} {
		if !strings.Contains(auto, "\r\n"+want+"\r\n") {
			t.Errorf("no %q", want)
		}
	}
}

func TestRule65MessageIDIsFixed(t *testing.T) {
	out := reply()
	for _, to := range []string{"lucia@example.org", "anna@example.org"} {
		out.To.Value = to
		if raw := composed(t, fixedBox(t), out); !bytes.Contains(raw, []byte("Message-ID: <"+out.ExternalID+">\r\n")) {
			t.Errorf("no such Message-ID for %s", to)
		}
	}
	for _, id := range []string{"", "a b@c", "a@b>\r\nX: y", "à@b", strings.Repeat("a", 901)} {
		out.ExternalID = id
		if _, err := fixedBox(t).compose(out); classOf(err) != channels.ContentRejected {
			t.Errorf("id %q: %v", id, err)
		}
	}
}

func TestRule72EnvelopeIsTheMailbox(t *testing.T) {
	l, err := fixedBox(t).compose(reply())
	if err != nil || l.from != boxAddress || l.to != "lucia@example.org" {
		t.Errorf("from %q to %q, %v", l.from, l.to, err)
	}
	msg, err := netmail.ReadMessage(bytes.NewReader(l.head))
	if err != nil {
		t.Fatal(err)
	}
	from, err := netmail.ParseAddress(msg.Header.Get("From"))
	if err != nil || from.Address != boxAddress || from.Name != "URP – Relazioni con il Pubblico" {
		t.Errorf("From %v, %v", from, err)
	}
}

func TestRule74PlainTextIsAlwaysThere(t *testing.T) {
	out := reply()
	out.HTML = "<p>Ciao</p>"
	items, err := Parse(channels.Raw{Body: composed(t, fixedBox(t), out), ReceivedAt: 1}, OwnAddresses{})
	if err != nil || !strings.Contains(items[0].Text, "Gentile Lucia") || !strings.Contains(items[0].HTML, "Ciao") {
		t.Errorf("%+v, %v", items, err)
	}
}

func TestPlusAddressOnlyWhereTheAccountHasThem(t *testing.T) {
	out := reply()
	out.ReplyToken = "tok-1"
	if raw := composed(t, fixedBox(t), out); bytes.Contains(raw, []byte("\r\nReply-To")) {
		t.Error("a Reply-To that the account cannot receive")
	}
	raw := composed(t, fixedBox(t, "plus_addressing", "true"), out)
	if !bytes.Contains(raw, []byte("urp+tok-1@comune.pontelieto.example")) {
		t.Error("no plus address")
	}
	out.ReplyToken = "x>\r\nBcc: all"
	if raw := composed(t, fixedBox(t, "plus_addressing", "true"), out); bytes.Contains(raw, []byte("\r\nReply-To")) {
		t.Error("a token that is none was used")
	}
}

func TestAddressesForTheEnvelope(t *testing.T) {
	for value, want := range map[string]string{
		"lucia@example.org": "lucia@example.org", "Lucia.F+x@Example.ORG": "Lucia.F+x@Example.ORG",
		"ufficio@città.example": "ufficio@xn--citt-3na.example", "josé@example.org": "josé@example.org",
		"": "", "lucia": "", "lucia@": "", "a b@example.org": "", "Lucia <lucia@example.org>": "",
		"lucia@example.org\r\nRCPT TO:<x@y>": "", `"a b"@example.org`: "", "a@[127.0.0.1]": "",
		"a@b>,<c@d": "", strings.Repeat("a", 65) + "@example.org": "",
	} {
		got, err := newRecipient(channels.Address{Value: value})
		if got.address != want || (err == nil) != (want != "") {
			t.Errorf("%q: %q, %v, want %q", value, got.address, err, want)
		}
	}
	out := reply()
	out.To.Value = "not an address"
	if _, err := fixedBox(t).compose(out); classOf(err) != channels.RecipientGone {
		t.Errorf("got %v", err)
	}
}

func TestUnreadableFileIsToldApart(t *testing.T) {
	out := reply()
	broken := errors.New("the disk is gone")
	for name, open := range map[string]func() (io.ReadCloser, error){
		"open": func() (io.ReadCloser, error) { return nil, broken },
		"read": func() (io.ReadCloser, error) {
			return io.NopCloser(io.MultiReader(strings.NewReader("x"), failing{broken})), nil
		},
	} {
		out.Files = []channels.OutgoingFile{{Name: "a.pdf", Type: "application/pdf", Size: 10, Open: open}}
		l, err := fixedBox(t).compose(out)
		if err != nil {
			t.Fatal(err)
		}
		var file *fileError
		if _, err := l.WriteTo(io.Discard); !errors.As(err, &file) || !errors.Is(err, broken) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

func failingOpen() (io.ReadCloser, error) { return io.NopCloser(failing{io.ErrUnexpectedEOF}), nil }

func TestSizeIsTrue(t *testing.T) {
	for _, n := range []int{0, 1, 56, 57, 58, 114, 5000} {
		out := reply()
		out.Files = []channels.OutgoingFile{fileOf("a.bin", "application/octet-stream", strings.Repeat("x", n))}
		l, err := fixedBox(t).compose(out)
		if err != nil {
			t.Fatal(err)
		}
		written, err := l.WriteTo(io.Discard)
		if err != nil || l.size() < written || l.size() > written+2 {
			t.Errorf("file of %d: size %d, written %d, %v", n, l.size(), written, err)
		}
	}
}

// FuzzCompose looks for texts that break out of their place: a header that
// nobody asked for, a line that is too long, a letter that cannot be read.
func FuzzCompose(f *testing.F) {
	f.Add("Re: Buca", "Ufficio", "testo", "<p>x</p>", "file.pdf", "application/pdf", "Lucia")
	f.Add("a\r\nBcc: all@example.org", "x\r\n\r\ny", "--fd-m\r\n.\r\n", "", "a\r\nb.pdf", "text/plain\r\nX: y", "\"\r\nX: y\"")
	f.Add("=?utf-8?q?x?=", "\x00", "\x80", "\u202e", "perché.txt", "message/rfc822", "à,;\\\"<>")
	f.Add(strings.Repeat("x", 2000), strings.Repeat("è", 500), strings.Repeat("From \n", 5), "", strings.Repeat("ù", 300), "a/b; c=d", "")
	m := fixedBox(f)
	known := map[string]bool{}
	for _, name := range []string{
		"Date", "From", "To", "Subject", "Message-Id", "In-Reply-To", "References", "Mime-Version",
		"Content-Type", "Content-Transfer-Encoding", "X-Filodiretto-Loop",
	} {
		known[name] = true
	}
	f.Fuzz(func(t *testing.T, subject, from, text, html, file, kind, display string) {
		out := reply()
		out.Subject, out.FromName, out.Text, out.HTML, out.To.Display = subject, from, text, html, display
		out.Files = []channels.OutgoingFile{fileOf(file, kind, "x")}
		raw := composed(t, m, out)
		msg, err := netmail.ReadMessage(bytes.NewReader(raw))
		if err != nil {
			t.Fatalf("not a message: %v", err)
		}
		for name, values := range msg.Header {
			if !known[name] || len(values) != 1 {
				t.Errorf("header %q: %q", name, values)
			}
		}
		for _, name := range []string{"From", "To"} {
			if list, err := msg.Header.AddressList(name); err != nil || len(list) != 1 {
				t.Errorf("%s: %v, %v", name, list, err)
			}
		}
		for _, line := range bytes.Split(raw, []byte("\r\n")) {
			if len(line) > 998 || bytes.ContainsAny(line, "\r\n\x00") {
				t.Errorf("bad line of %d bytes: %.60q", len(line), line)
			}
		}
		items, err := Parse(channels.Raw{Body: raw, ReceivedAt: 1}, OwnAddresses{})
		if err != nil || items[0].ExternalID != rfc822.NormalizeID(out.ExternalID) {
			t.Errorf("read back as %+v, %v", items, err)
		}
	})
}

func BenchmarkCompose(b *testing.B) {
	m := fixedBox(b)
	out := reply()
	out.HTML = "<p>" + strings.ReplaceAll(out.Text, "\n", "<br>") + "</p>"
	b.ReportAllocs()
	for b.Loop() {
		l, err := m.compose(out)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := l.WriteTo(io.Discard); err != nil {
			b.Fatal(err)
		}
	}
}
