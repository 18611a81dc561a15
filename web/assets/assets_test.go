package assets

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"
)

var small = fstest.MapFS{
	"css/a.css":        {Data: []byte(strings.Repeat("a{color:red}", 200))},
	"js/tiny.js":       {Data: []byte("1")},
	"vendor/f.woff2":   {Data: bytes.Repeat([]byte{0}, 500)},
	"vendor/.keep":     {},
	"vendor/notes.md":  {Data: []byte("not served")},
	"vendor/a.svg":     {Data: []byte("<svg/>")},
	"vendor/fonts/OFL": {Data: []byte("no extension")},
}

func get(h http.Handler, method, url string, header ...string) *http.Response {
	r := httptest.NewRequest(method, url, nil)
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result()
}

func TestServe(t *testing.T) {
	s := read(small)
	now := Prefix + s.version
	for _, tt := range []struct {
		name, method, url, accept string
		status                    int
		kind, cache, coding       string
	}{
		{"a style is kept for a year", "GET", now + "/css/a.css", "gzip", 200, "text/css; charset=utf-8", "public, max-age=31536000, immutable", "gzip"},
		{"plain for who wants it plain", "GET", now + "/css/a.css", "", 200, "text/css; charset=utf-8", "public, max-age=31536000, immutable", ""},
		{"gzip refused by q=0", "GET", now + "/css/a.css", "br, gzip;q=0", 200, "text/css; charset=utf-8", "public, max-age=31536000, immutable", ""},
		{"gzip with a weight", "GET", now + "/css/a.css", "br;q=1, gzip;q=0.8", 200, "text/css; charset=utf-8", "public, max-age=31536000, immutable", "gzip"},
		{"too small to gain", "GET", now + "/js/tiny.js", "gzip", 200, "text/javascript; charset=utf-8", "public, max-age=31536000, immutable", ""},
		{"fonts are packed already", "GET", now + "/vendor/f.woff2", "gzip", 200, "font/woff2", "public, max-age=31536000, immutable", ""},
		{"an old page goes on, uncached", "GET", Prefix + "0123456789ab/css/a.css", "", 200, "text/css; charset=utf-8", "no-cache", ""},
		{"head", "HEAD", now + "/css/a.css", "", 200, "text/css; charset=utf-8", "public, max-age=31536000, immutable", ""},
		{"unknown type", "GET", now + "/vendor/notes.md", "", 404, "", "", ""},
		{"hidden file", "GET", now + "/vendor/.keep", "", 404, "", "", ""},
		{"way out of the tree", "GET", now + "/../assets.go", "", 404, "", "", ""},
		{"no version", "GET", Prefix + "css", "", 404, "", "", ""},
		{"writing", "POST", now + "/css/a.css", "", 405, "", "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := get(s, tt.method, tt.url, "Accept-Encoding", tt.accept)
			if r.StatusCode != tt.status {
				t.Fatalf("status %d, want %d", r.StatusCode, tt.status)
			}
			if tt.status != 200 {
				return
			}
			for name, want := range map[string]string{
				"Content-Type": tt.kind, "Cache-Control": tt.cache, "Content-Encoding": tt.coding, "X-Content-Type-Options": "nosniff",
			} {
				if got := r.Header.Get(name); got != want {
					t.Errorf("%s: %q, want %q", name, got, want)
				}
			}
			body, err := io.ReadAll(r.Body)
			if err != nil {
				t.Fatal(err)
			}
			if tt.method == http.MethodHead {
				if len(body) != 0 {
					t.Error("HEAD had a body")
				}
				return
			}
			if tt.coding == "gzip" {
				z, err := gzip.NewReader(bytes.NewReader(body))
				if err != nil {
					t.Fatal(err)
				}
				if body, err = io.ReadAll(z); err != nil {
					t.Fatal(err)
				}
			}
			_, name, _ := strings.Cut(strings.TrimPrefix(tt.url, Prefix), "/")
			if !bytes.Equal(body, small[name].Data) {
				t.Error("another body")
			}
		})
	}
}

func TestNotModified(t *testing.T) {
	s := read(small)
	url := Prefix + s.version + "/css/a.css"
	tag := get(s, "GET", url).Header.Get("Etag")
	if r := get(s, "GET", url, "If-None-Match", tag); r.StatusCode != http.StatusNotModified {
		t.Errorf("status %d", r.StatusCode)
	}
}

func TestVersionFollowsContent(t *testing.T) {
	other := fstest.MapFS{}
	for name, f := range small {
		other[name] = f
	}
	other["js/tiny.js"] = &fstest.MapFile{Data: []byte("2")}
	if read(small).version == read(other).version {
		t.Error("a change left the version as it was")
	}
	if a, b := read(small), read(small); a.version != b.version {
		t.Error("two versions of the same tree")
	}
}

func TestURL(t *testing.T) {
	want := regexp.MustCompile(`^/assets/[0-9a-f]{12}/css/staff\.css$`)
	if got := URL("css/staff.css"); !want.MatchString(got) {
		t.Errorf("got %q", got)
	}
	if r := get(Handler(), "GET", URL("css/staff.css")); r.StatusCode != 200 {
		t.Errorf("status %d", r.StatusCode)
	}
}

var (
	cssURL = regexp.MustCompile(`url\(["']?([^"')]+)`)
	jsFrom = regexp.MustCompile(`from "(\./[a-z]+\.js)"`)
)

// TestAddressesInside follows every address in our styles and modules, and, in
// a complete build, in those of others.
func TestAddressesInside(t *testing.T) {
	for name, f := range load().files {
		var found [][]string
		switch path.Ext(name) {
		case ".css":
			found = cssURL.FindAllStringSubmatch(string(f.body()), -1)
		case ".js":
			if strings.HasPrefix(name, "js/") {
				found = jsFrom.FindAllStringSubmatch(string(f.body()), -1)
			}
		}
		for _, m := range found {
			target := path.Join(path.Dir(name), m[1])
			if strings.HasPrefix(m[1], "data:") || strings.Contains(m[1], "//") {
				t.Errorf("%s: %q would be refused by the content security policy", name, m[1])
			} else if !Has(target) && !strings.HasPrefix(target, "vendor/") {
				t.Errorf("%s: %s is not there", name, target)
			} else if !Has(target) && Has("vendor/bootstrap-italia.css") {
				t.Errorf("%s: %s was not copied", name, target)
			}
		}
	}
}

// TestModulesNameWhatTheyUse keeps browsers from failing at an import.
func TestModulesNameWhatTheyUse(t *testing.T) {
	names, err := os.ReadDir("js")
	if err != nil {
		t.Fatal(err)
	}
	exports := map[string]string{}
	for _, n := range names {
		b, err := os.ReadFile("js/" + n.Name())
		if err != nil {
			t.Fatal(err)
		}
		exports["./"+n.Name()] = string(b)
	}
	braces := regexp.MustCompile(`import \{ ([^}]+) \} from "(\./[a-z]+\.js)"`)
	for name, src := range exports {
		for _, m := range braces.FindAllStringSubmatch(src, -1) {
			for _, id := range strings.Split(m[1], ", ") {
				if ok, _ := regexp.MatchString(`export (async )?(function|const|let) `+id+`\b`, exports[m[2]]); !ok {
					t.Errorf("%s: %s does not export %s", name, m[2], id)
				}
				if strings.Count(src, id) < 2 {
					t.Errorf("%s: %s is imported and not used", name, id)
				}
			}
		}
	}
}
