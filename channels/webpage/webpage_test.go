package webpage

import (
	"bytes"
	"errors"
	"io"
	"mime/multipart"
	"net/textproto"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"filodiretto/channels"
	"filodiretto/channels/channeltest"
	"filodiretto/internal/clock"
)

// written is a form as a browser sends it: pairs of a field and its value, where
// "@field" is a file "name:contents".
func written(t testing.TB, pairs ...string) (contentType string, body []byte) {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	if err := w.SetBoundary("----WebKitFormBoundary7MA4YWxkTrZu0gW"); err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(pairs); i += 2 {
		h := textproto.MIMEHeader{}
		value := pairs[i+1]
		if field, ok := strings.CutPrefix(pairs[i], "@"); ok {
			name, contents, _ := strings.Cut(value, ":")
			value = contents
			h.Set("Content-Disposition", `form-data; name="`+field+`"; filename="`+name+`"`)
			h.Set("Content-Type", "application/octet-stream")
		} else {
			h.Set("Content-Disposition", `form-data; name="`+pairs[i]+`"`)
		}
		p, err := w.CreatePart(h)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.WriteString(p, value)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return w.FormDataContentType(), b.Bytes()
}

func raw(t testing.TB, pairs ...string) channels.Raw {
	kind, body := written(t, pairs...)
	return channels.Raw{
		DedupKey: "abc", ContentType: kind, Body: body, Size: int64(len(body)), ReceivedAt: clock.At(time.Date(2026, 11, 17, 10, 0, 0, 0, time.UTC)),
		Meta: map[string]string{MetaCase: "41", MetaCitizen: "7", MetaLang: "en"},
	}
}

func channelFor(t testing.TB) channels.Channel {
	t.Helper()
	ch, err := Driver.Open(channels.Account{}, channels.Deps{})
	if err != nil {
		t.Fatal(err)
	}
	return ch
}

func TestParse(t *testing.T) {
	r := raw(t, "number", "2026/000123", "key", "k1", "text", "  Ecco la\r\nplanimetria \u202eoiro\x00.  ",
		"@file", "planimetria.pdf:%PDF-1.4 x", "@file", "PLANIMETRIA.pdf:%PDF-1.4 y", "@file", ":", "@file", `foto\..\buca<1>.jpg:`+"\xff\xd8\xff\xe0JFIF")
	items, err := channelFor(t).Parse(r)
	if err != nil {
		t.Fatal(err)
	}
	want := []channels.Item{{
		Kind: channels.Message, ExternalID: "abc", From: channels.Address{Kind: "page", Value: "41"}, SentAt: r.ReceivedAt, ReceivedAt: r.ReceivedAt,
		Text: "Ecco la\nplanimetria oiro.", Lang: "en", Notes: []string{"proof_secret"},
		Parts: []channels.Part{
			{Kind: channels.File, Name: "planimetria.pdf", Claimed: "application/octet-stream", Detected: "application/pdf", Body: []byte("%PDF-1.4 x"), Size: 10},
			{Kind: channels.File, Name: "PLANIMETRIA (2).pdf", Claimed: "application/octet-stream", Detected: "application/pdf", Body: []byte("%PDF-1.4 y"), Size: 10},
			{Kind: channels.File, Name: "buca_1_.jpg", Claimed: "application/octet-stream", Detected: "image/jpeg", Body: []byte("\xff\xd8\xff\xe0JFIF"), Size: 8},
		},
	}}
	if diff := cmp.Diff(want, items); diff != "" {
		t.Error(diff)
	}
}

func TestParseRefuses(t *testing.T) {
	for what, r := range map[string]channels.Raw{
		"nothing said":     raw(t, "key", "k1", "text", " \r\n "),
		"no form":          {ContentType: "text/plain", Body: []byte("ciao")},
		"no boundary":      {ContentType: "multipart/form-data", Body: []byte("ciao")},
		"no type":          {Body: []byte("ciao")},
		"too many parts":   raw(t, strings.Split(strings.Repeat("text|x|", mostParts+1), "|")[:2*mostParts+2]...),
		"a part cut short": {ContentType: "multipart/form-data; boundary=x", Body: []byte("--x\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\nciao")},
	} {
		if items, err := channelFor(t).Parse(r); err == nil {
			t.Errorf("%s: %+v", what, items)
		}
	}
}

// Of a form that was too large, what was typed is given back.
func TestCutForm(t *testing.T) {
	kind, body := written(t, "key", "k1", "text", "le mie parole", "@file", "video.mp4:"+strings.Repeat("x", 5000))
	f, err := ReadForm(kind, body[:1500])
	if !errors.Is(err, io.ErrUnexpectedEOF) || f == nil || f.Text != "le mie parole" || f.Key != "k1" || len(f.Files) != 0 {
		t.Errorf("%+v %v", f, err)
	}
}

func TestID(t *testing.T) {
	form := func(pairs ...string) *Form {
		kind, body := written(t, pairs...)
		f, err := ReadForm(kind, body)
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	first := form("key", "k", "text", "ab", "@file", "a.txt:x").ID("1")
	if first != form("key", "k", "text", "ab", "@file", "a.txt:x").ID("1") {
		t.Error("the same form twice")
	}
	for what, f := range map[string]string{
		"another case": form("key", "k", "text", "ab", "@file", "a.txt:x").ID("2"), "another form": form("key", "k2", "text", "ab", "@file", "a.txt:x").ID("1"),
		"changed words": form("key", "k", "text", "ac", "@file", "a.txt:x").ID("1"), "another file": form("key", "k", "text", "ab", "@file", "a.txt:y").ID("1"),
		"words moved": form("key", "ka", "text", "b", "@file", "a.txt:x").ID("1"), "another name": form("key", "k", "text", "ab", "@file", "b.txt:x").ID("1"),
	} {
		if f == first {
			t.Errorf("%s has the same name", what)
		}
	}
}

func TestConformance(t *testing.T) {
	channeltest.CheckParser(t, channelFor(t), []channels.Raw{
		raw(t, "key", "k1", "text", "ciao"),
		raw(t, "key", "k1", "text", "ecco", "@file", "a.pdf:%PDF", "@file", "../../etc/passwd:x"),
	})
}

func FuzzParse(f *testing.F) {
	kind, body := written(f, "key", "k1", "text", "ciao", "@file", "a.pdf:%PDF")
	f.Add(kind, body)
	f.Add("multipart/form-data; boundary=x", []byte("--x\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\nciao\r\n--x--"))
	f.Add("multipart/form-data; boundary=x", []byte("--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"\u202e\x00.exe\"\r\nContent-Type: a/b; c\r\n\r\nMZ\r\n--x--"))
	ch := channelFor(f)
	f.Fuzz(func(t *testing.T, kind string, body []byte) {
		channeltest.CheckParse(t, ch, channels.Raw{DedupKey: "k", ContentType: kind, Body: body, Meta: map[string]string{MetaCase: "1"}})
	})
}
