package telegram

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"filodiretto/channels"
	"filodiretto/channels/telegram/standin"
)

// handleOf makes a person send the file and gives the handle that Parse finds.
func handleOf(t *testing.T, b *bench, f standin.File) string {
	t.Helper()
	c := b.open(t)
	var handle string
	told := b.SendFile(ada, f, "")
	var updates []rawUpdate
	if err := c.api.ask(guard(t), "getUpdates", map[string]int64{"offset": told.UpdateID}, &updates); err != nil || len(updates) != 1 {
		t.Fatalf("%d updates, %v", len(updates), err)
	}
	items, err := c.Parse(channels.Raw{Body: updates[0]})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range items[0].Parts {
		handle = p.Remote
	}
	return handle
}

type rawUpdate []byte

func (r *rawUpdate) UnmarshalJSON(b []byte) error { *r = bytes.Clone(b); return nil }

func TestFetch(t *testing.T) {
	b := newBench(t, standin.Limits{Off: true})
	body := bytes.Repeat([]byte("contenuto "), 1000)
	handle := handleOf(t, b, standin.File{Name: "domanda.pdf", Type: "application/pdf", Body: body})
	var got bytes.Buffer
	if err := b.open(t).Fetch(guard(t), handle, &got); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got.Bytes(), body) {
		t.Errorf("%d bytes, want %d", got.Len(), len(body))
	}
}

func TestFetchFailures(t *testing.T) {
	b := newBench(t, standin.Limits{Off: true})
	body := bytes.Repeat([]byte("x"), 3<<20)
	good := handleOf(t, b, standin.File{Name: "a.bin", Body: body})
	large := handleOf(t, b, standin.File{Name: "film.mp4", Size: 21 << 20})
	unsaid := remote{ID: mustRemote(t, large).ID}.String() // the message did not say its size
	for name, c := range map[string]struct {
		handle string
		fault  *standin.Fault
		max    string
		want   channels.Class
		code   string
	}{
		"not a handle":         {"boh", nil, "", channels.ContentRejected, ""},
		"unknown id":           {remote{ID: "XX"}.String(), nil, "", channels.ContentRejected, "400"},
		"too large as said":    {large, nil, "", channels.ContentRejected, CodeTooLarge},
		"too large at getFile": {unsaid, nil, "", channels.ContentRejected, CodeTooLarge},
		"too large for us":     {remote{ID: mustRemote(t, good).ID}.String(), nil, "2", channels.ContentRejected, CodeTooLarge},
		"cut":                  {good, &standin.Fault{Method: "/file", Kind: standin.Drop}, "", channels.RetryBackoff, ""},
		"404":                  {good, &standin.Fault{Method: "/file", Kind: standin.Page, Status: 404}, "", channels.RetryBackoff, "404"},
		"429":                  {good, &standin.Fault{Method: "/file", Status: 429, RetryAfter: 3}, "", channels.RetryAfter, "429"},
		"401":                  {good, &standin.Fault{Method: "/file", Status: 401}, "", channels.AuthBroken, "401"},
		"no connection":        {good, &standin.Fault{Method: "getFile", Kind: standin.Close}, "", channels.RetryBackoff, ""},
	} {
		t.Run(name, func(t *testing.T) {
			b.ClearFaults()
			if c.fault != nil {
				b.Fail(*c.fault)
			}
			b.set["max_file_mb"] = c.max
			var sink bytes.Buffer
			err := b.open(t).Fetch(guard(t), c.handle, &sink)
			e := channels.AsError(err)
			if e == nil || e.Class != c.want || (c.code != "" && e.Code != c.code) {
				t.Errorf("error %v, want %q %q", err, c.want, c.code)
			}
			if strings.Contains(fmt.Sprint(err), b.Token()) {
				t.Error("the token is in the error")
			}
		})
	}
}

func mustRemote(t *testing.T, handle string) remote {
	t.Helper()
	r, err := readRemote(handle)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestFetchLinkExpires(t *testing.T) {
	b := newBench(t, standin.Limits{Off: true})
	handle := handleOf(t, b, standin.File{Name: "a.txt", Body: []byte("ciao")})
	c := b.open(t)
	path, _, err := c.filePath(guard(t), mustRemote(t, handle).ID)
	if err != nil {
		t.Fatal(err)
	}
	b.at.Advance(2 * time.Hour)
	if _, err := c.api.download(guard(t), path, &bytes.Buffer{}, 100); channels.AsError(err).Code != "404" {
		t.Errorf("an old link: %v", err)
	}
	if err := c.Fetch(guard(t), handle, &bytes.Buffer{}); err != nil {
		t.Errorf("Fetch asks for a new one: %v", err)
	}
}

// TestFetchStaysOnItsServer: whatever path the server names, the request goes
// to the configured server's file endpoint.
func TestFetchStaysOnItsServer(t *testing.T) {
	for path, want := range map[string]string{
		"documents/file 1.pdf": "/file/botTOKEN/documents/file%201.pdf",
		"a/../../b":            "",
		"/var/lib/x":           "",
		"//other.example/x":    "",
		"":                     "",
		"a?b#c":                "/file/botTOKEN/a%3Fb%23c",
	} {
		var asked string
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if strings.HasSuffix(r.URL.Path, "/getFile") {
				fmt.Fprintf(w, `{"ok":true,"result":{"file_path":%q}}`, path)
				return
			}
			asked = r.URL.EscapedPath()
		}))
		c := openAt(t, srv.URL, nil)
		err := c.Fetch(guard(t), remote{ID: "x"}.String(), &bytes.Buffer{})
		srv.Close()
		if want == "" {
			if err == nil || asked != "" {
				t.Errorf("%q: asked %q, %v", path, asked, err)
			}
			continue
		}
		if want = strings.Replace(want, "TOKEN", standin.DefaultToken, 1); asked != want || err != nil {
			t.Errorf("%q: asked %q, want %q, %v", path, asked, want, err)
		}
	}
}

type failingWriter struct{}

var errDisk = errors.New("disk full")

func (failingWriter) Write([]byte) (int, error) { return 0, errDisk }

func TestFetchWriterFails(t *testing.T) {
	b := newBench(t, standin.Limits{Off: true})
	handle := handleOf(t, b, standin.File{Name: "a.txt", Body: []byte("ciao")})
	if err := b.open(t).Fetch(guard(t), handle, failingWriter{}); !errors.Is(err, errDisk) {
		t.Errorf("got %v", err)
	}
}

// TestFetchLimitIsExact: a server that does not say how long the file is.
func TestFetchLimitIsExact(t *testing.T) {
	for size, tooLarge := range map[int]bool{1 << 20: false, 1<<20 + 1: true} {
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if strings.HasSuffix(r.URL.Path, "/getFile") {
				_, _ = w.Write([]byte(`{"ok":true,"result":{"file_path":"documents/a"}}`))
				return
			}
			_, _ = w.Write(make([]byte, size/2))
			w.(http.Flusher).Flush() // no Content-Length from here on
			_, _ = w.Write(make([]byte, size-size/2))
		}))
		c := openAt(t, srv.URL, nil)
		c.set.maxFile = 1 << 20
		err := c.Fetch(guard(t), remote{ID: "x"}.String(), &bytes.Buffer{})
		srv.Close()
		if (err != nil) != tooLarge || tooLarge && channels.AsError(err).Code != CodeTooLarge {
			t.Errorf("%d bytes: %v", size, err)
		}
	}
}
