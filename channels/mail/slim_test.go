package mail

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"io"
	"reflect"
	"strings"
	"testing"

	"filodiretto/channels"
)

// shelf keeps files by their hash, as the store does.
type shelf map[string][]byte

func (k shelf) keep(r io.Reader) (string, int64, error) {
	b, err := io.ReadAll(r)
	if err != nil {
		return "", 0, err
	}
	sum := sha256.Sum256(b)
	name := hex.EncodeToString(sum[:])
	k[name] = b
	return name, int64(len(b)), nil
}

// slimmed reads a mail as a stream, cutting out what has 200 bytes in base64.
func slimmed(t testing.TB, body []byte) (raw channels.Raw, files shelf, ok bool) {
	t.Helper()
	files = shelf{}
	sum := sha256.Sum256(body)
	whole := channels.Raw{Blob: hex.EncodeToString(sum[:]), Size: int64(len(body)), ReceivedAt: testReceived}
	raw, ok, err := slim(whole, bytes.NewReader(body), files.keep, 200)
	if err != nil {
		t.Fatal(err)
	}
	return raw, files, ok
}

// parseSlim gives the item of a slim mail, with the files put back.
func parseSlim(t testing.TB, raw channels.Raw, files shelf) (channels.Item, error) {
	t.Helper()
	items, err := Parse(raw, testOwn)
	if err != nil {
		return channels.Item{}, err
	}
	for i := range items[0].Parts {
		if p := &items[0].Parts[i]; p.Blob != "" {
			p.Body, p.Blob = files[p.Blob], ""
		}
	}
	return items[0], nil
}

// file64 is a made-up file in base64, with the first bytes of its kind.
func file64(head string, size int, end string) string {
	b := append([]byte(head), bytes.Repeat([]byte("0123456789abcdef"), size/16)...)
	text := base64.StdEncoding.EncodeToString(b)
	var out strings.Builder
	for len(text) > 76 {
		out.WriteString(text[:76] + end)
		text = text[76:]
	}
	return out.String() + text + end
}

const slimHeader = "From: Anna <anna@posta.example>\r\nTo: urp@comune.example\r\nDate: Mon, 16 Nov 2026 10:00:00 +0100\r\nSubject: Progetto\r\nMIME-Version: 1.0\r\n"

func slimPart(kind, more, body string) string {
	return "--b\r\nContent-Type: " + kind + "\r\nContent-Transfer-Encoding: base64\r\n" + more + "\r\n" + body
}

// A large mail that is read as a stream is the same as one that is read whole.
func TestRule11SlimMailsReadAlike(t *testing.T) {
	pdf := file64("%PDF-1.7\n", 3000, "\r\n")
	mixed := "Content-Type: multipart/mixed; boundary=b\r\n\r\n"
	text := "--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nIn allegato il progetto.\r\n-- \r\nAnna\r\n"
	for name, tt := range map[string]struct {
		body string
		cuts int
	}{
		"a file":             {slimHeader + "Message-ID: <1@posta.example>\r\n" + mixed + text + slimPart("application/pdf; name=\"progetto è.pdf\"", "Content-Disposition: attachment\r\n", pdf) + "--b--\r\n", 1},
		"no id":              {slimHeader + mixed + text + slimPart("application/pdf", "", pdf) + "--b--\r\n", 1},
		"three, one small":   {slimHeader + mixed + text + slimPart("application/pdf", "", pdf) + slimPart("image/png", "Content-ID: <x@y>\r\n", file64("\x89PNG\r\n\x1a\n", 100, "\r\n")) + slimPart("image/jpeg", "", file64("\xff\xd8\xff", 5000, "\r\n")) + "--b--\r\n", 2},
		"bare LF":            {strings.ReplaceAll(slimHeader+mixed+text+slimPart("application/pdf", "", pdf)+"--b--\r\n", "\r\n", "\n"), 1},
		"no end":             {slimHeader + mixed + text + slimPart("application/pdf", "", pdf), 1},
		"empty lines inside": {slimHeader + mixed + text + slimPart("application/pdf", "", strings.Replace(pdf, "\r\n", "\r\n\r\n", 3)) + "\r\n\r\n--b--\r\n\r\n \t\r\n", 1},
		"a file alone":       {slimHeader + "Content-Type: application/pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n" + pdf, 1},
		"in an alternative": {slimHeader + "Content-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\nContent-Type: multipart/related; boundary=b\r\n\r\n--b\r\nContent-Type: text/html\r\n\r\n<p>Vedi <img src=\"cid:x@y\"></p>\r\n" +
			slimPart("image/png", "Content-ID: <x@y>\r\n", file64("\x89PNG\r\n\x1a\n", 4000, "\r\n")) + "--b--\r\n--a\r\nContent-Type: application/zip\r\nContent-Transfer-Encoding: BASE64\r\n\r\n" + file64("PK\x03\x04", 900, "\r\n") + "--a--\r\n", 2},
	} {
		t.Run(name, func(t *testing.T) {
			body := []byte(tt.body)
			raw, files, ok := slimmed(t, body)
			if !ok || len(raw.Cuts) != tt.cuts || len(raw.Body) > len(body)-1000 {
				t.Fatalf("ok %v, %d cuts, %d bytes left of %d", ok, len(raw.Cuts), len(raw.Body), len(body))
			}
			got, err := parseSlim(t, raw, files)
			if err != nil {
				t.Fatal(err)
			}
			want := parseOne(t, channels.Raw{Body: body, Size: int64(len(body)), ReceivedAt: testReceived}, testOwn)
			if !reflect.DeepEqual(got, want) {
				t.Errorf("slim %+v\nwhole %+v", got, want)
			}
		})
	}
}

// What the parser must see as it is stays whole, and so does what is not sure.
func TestRule11WhatStaysWhole(t *testing.T) {
	pdf := file64("%PDF-1.7\n", 3000, "\r\n")
	mixed := slimHeader + "Content-Type: multipart/mixed; boundary=b\r\n\r\n"
	for name, body := range map[string]string{
		"nothing large":        mixed + "--b\r\n\r\nciao\r\n--b--\r\n",
		"a signed mail":        slimHeader + "Content-Type: multipart/signed; boundary=b\r\n\r\n" + slimPart("application/pdf", "", pdf) + "--b--\r\n",
		"a mail inside":        mixed + "--b\r\nContent-Type: message/rfc822\r\n\r\n" + slimHeader + "Content-Type: application/pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n" + pdf + "--b--\r\n",
		"a signed file":        mixed + slimPart("application/pkcs7-mime; name=a.p7m", "", pdf) + "--b--\r\n",
		"a signed file's name": mixed + slimPart("application/octet-stream; name=a.pdf.P7M", "", pdf) + "--b--\r\n",
		"winmail.dat":          mixed + slimPart("application/octet-stream", "Content-Disposition: attachment; filename=winmail.dat\r\n", pdf) + "--b--\r\n",
		"broken base64":        mixed + slimPart("application/pdf", "", pdf+"non è base64\r\n") + "--b--\r\n",
		"more after the end":   mixed + slimPart("application/pdf", "", pdf+"QQ==\r\nQUJD\r\n"+pdf) + "--b--\r\n",
		"one endless line":     mixed + slimPart("application/pdf", "", strings.ReplaceAll(pdf, "\r\n", "")) + "\r\n--b--\r\n",
		"not declared":         mixed + "--b\r\nContent-Type: application/pdf\r\n\r\n" + pdf + "--b--\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			if raw, _, ok := slimmed(t, []byte(body)); ok || len(raw.Cuts) > 0 || raw.Body != nil {
				t.Errorf("ok %v, %d cuts", ok, len(raw.Cuts))
			}
		})
	}
}

// What only looks like a part, within a text, is found out by the parser.
func TestRule11CutsThatDoNotFit(t *testing.T) {
	body := slimHeader + "Content-Type: text/plain\r\n\r\nciao\r\n" + slimPart("application/pdf", "", file64("%PDF-1.7\n", 3000, "\r\n")) + "--b--\r\n"
	raw, files, ok := slimmed(t, []byte(body))
	if !ok || len(raw.Cuts) != 1 {
		t.Fatalf("ok %v, %d cuts", ok, len(raw.Cuts))
	}
	if _, err := parseSlim(t, raw, files); !errors.Is(err, channels.ErrCuts) {
		t.Errorf("%v", err)
	}
	raw.Cuts[0].Mark = "cut" + strings.Repeat("0", 64)
	if _, err := parseSlim(t, raw, files); !errors.Is(err, channels.ErrCuts) {
		t.Errorf("another mark: %v", err)
	}
}

func TestRule11FailureWhileReading(t *testing.T) {
	gone := errors.New("the disk is gone")
	body := slimHeader + "Content-Type: application/pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n" + file64("%PDF", 3000, "\r\n")
	for name, r := range map[string]io.Reader{
		"in the header": io.MultiReader(strings.NewReader(body[:50]), brokenReader{gone}),
		"in the file":   io.MultiReader(strings.NewReader(body[:2000]), brokenReader{gone}),
	} {
		if _, ok, err := slim(channels.Raw{Blob: "x"}, r, shelf{}.keep, 200); ok || !errors.Is(err, gone) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, ok, err := slim(channels.Raw{Blob: "x"}, strings.NewReader(body), func(io.Reader) (string, int64, error) { return "", 0, gone }, 200); ok || !errors.Is(err, gone) {
		t.Errorf("the store: %v", err)
	}
}

type brokenReader struct{ err error }

func (b brokenReader) Read([]byte) (int, error) { return 0, b.err }

// FuzzSlim: whatever a mail is, it is slimmed to the same item, or stays whole.
func FuzzSlim(f *testing.F) {
	pdf := file64("%PDF-1.7\n", 300, "\r\n")
	f.Add([]byte(slimHeader + "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nciao\r\n" + slimPart("application/pdf", "", pdf) + "--b--\r\n"))
	f.Add([]byte(slimHeader + "Content-Type: application/pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n" + pdf))
	f.Add([]byte("\n\nFrom x\nContent-Type: image/png\nContent-Transfer-Encoding: base64\n\n" + pdf))
	f.Fuzz(func(t *testing.T, body []byte) {
		raw, files, ok := slimmed(t, body)
		if !ok {
			return
		}
		got, err := parseSlim(t, raw, files)
		if errors.Is(err, channels.ErrCuts) {
			return
		}
		want := parseOne(t, channels.Raw{Body: body, Size: int64(len(body)), ReceivedAt: testReceived}, testOwn)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%v\nslim %+v\nwhole %+v", err, got, want)
		}
	})
}
