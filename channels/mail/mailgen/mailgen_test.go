package mailgen

import (
	"bytes"
	"crypto/sha256"
	"image/jpeg"
	"io"
	"mime"
	"mime/multipart"
	"net/mail"
	"strings"
	"testing"
	"time"
)

func TestSameSeedSameMails(t *testing.T) {
	a, b, c := New(7), New(7), New(8)
	different := false
	for range 200 {
		x, mx := a.Next()
		y, my := b.Next()
		z, _ := c.Next()
		if !bytes.Equal(x, y) || mx.MessageID != my.MessageID {
			t.Fatal("the same seed gave another mail")
		}
		different = different || !bytes.Equal(x, z)
	}
	if !different {
		t.Fatal("another seed gave the same mails")
	}
}

func TestTenThousandDistinct(t *testing.T) {
	g := New(1)
	start := time.Now()
	ids, bodies := map[string]bool{}, map[[32]byte]bool{}
	replies, html, files, size := 0, 0, 0, 0
	for range 10_000 {
		raw, m := g.Next()
		if ids[m.MessageID] {
			t.Fatalf("twice the Message-ID %s", m.MessageID)
		}
		ids[m.MessageID] = true
		bodies[sha256.Sum256(raw)] = true
		size += len(raw)
		if m.InReplyTo != "" {
			replies++
			if !ids[m.InReplyTo] {
				t.Fatal("answers a mail that was never written")
			}
		}
		if m.HTML {
			html++
		}
		if len(m.Attachments) > 0 {
			files++
		}
	}
	took := time.Since(start)
	t.Logf("10,000 mails of %d bytes on average in %v", size/10_000, took)
	if took > 10*time.Second { // aim: under 2 s; a loaded machine is given more
		t.Errorf("took %v", took)
	}
	if len(bodies) != 10_000 {
		t.Errorf("%d different mails of 10,000", len(bodies))
	}
	if replies < 2500 || replies > 3500 || html < 4500 || files < 2000 {
		t.Errorf("mixture: %d replies, %d HTML, %d with files", replies, html, files)
	}
}

func TestReadableByTheStandardLibrary(t *testing.T) {
	g := New(3)
	for _, charset := range []string{"", "iso-8859-1", "iso-8859-15", "windows-1252", "us-ascii"} {
		for _, base64 := range []bool{false, true} {
			raw, m := g.Message(Options{
				HTML: true, PDF: 1, JPEG: 1, Charset: charset, Base64: base64,
				InReplyTo: "a@b", References: []string{"z@y"}, Cc: []Person{{"", "c@d.example"}},
			})
			msg, err := mail.ReadMessage(bytes.NewReader(raw))
			if err != nil {
				t.Fatal(err)
			}
			if got := msg.Header.Get("References"); strings.Join(strings.Fields(got), "") != "<z@y><a@b>" {
				t.Errorf("References %q", got)
			}
			from, err := msg.Header.AddressList("From")
			if err != nil || from[0].Address != m.From.Address {
				t.Fatalf("From: %v %v", from, err)
			}
			_, params, err := mime.ParseMediaType(msg.Header.Get("Content-Type"))
			if err != nil {
				t.Fatal(err)
			}
			names := attachmentNames(t, multipart.NewReader(msg.Body, params["boundary"]))
			if strings.Join(names, "|") != strings.Join(m.Attachments, "|") {
				t.Errorf("attachments %q, want %q", names, m.Attachments)
			}
		}
	}
}

func attachmentNames(t *testing.T, r *multipart.Reader) (names []string) {
	t.Helper()
	for {
		p, err := r.NextPart()
		if err == io.EOF {
			return names
		}
		if err != nil {
			t.Fatal(err)
		}
		if n := p.FileName(); n != "" {
			names = append(names, n)
		}
	}
}

func TestPhotosAreDistinctPictures(t *testing.T) {
	g := New(5)
	a, b := g.photo(0), g.photo(1)
	if bytes.Equal(a, b) {
		t.Error("two photographs are the same")
	}
	for _, p := range [][]byte{a, b} {
		if _, err := jpeg.Decode(bytes.NewReader(p)); err != nil {
			t.Error(err)
		}
	}
}

func TestOwnOptionsAreKept(t *testing.T) {
	when := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	raw, m := New(9).Message(Options{
		From: Person{"Anna Però", "anna@posta.example"}, To: []Person{{"", "urp+k7@comune.example"}},
		Subject: "Ecco", Text: "Solo questo.\n", Quoted: "prima\nseconda\n", Date: when, Headers: []string{"X-Prova: sì"},
	})
	for _, want := range []string{
		"anna@posta.example", "urp+k7@comune.example", "Subject: Ecco", "Solo questo.",
		"> prima\r\n> seconda", "02 Jan 2026 03:04:05 +0000", "X-Prova: sì", "Message-ID: <" + m.MessageID + ">",
	} {
		if !bytes.Contains(raw, []byte(want)) {
			t.Errorf("no %q in\n%s", want, raw)
		}
	}
}
