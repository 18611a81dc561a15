// Package assets holds what browsers load besides pages: styles, modules,
// signs and fonts, all inside the binary. Addresses carry a hash over the whole
// tree, so that a file may be kept for a year and relative addresses inside
// styles and modules (url(), import) need no rewriting.
package assets

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"net/http"
	"path"
	"strconv"
	"strings"
	"sync"
)

//go:embed css img js all:vendor
var tree embed.FS

// Prefix is the path below which Handler answers.
const Prefix = "/assets/"

// types are the media types by extension; nothing else is served.
var types = map[string]string{
	".css":   "text/css; charset=utf-8",
	".js":    "text/javascript; charset=utf-8",
	".svg":   "image/svg+xml",
	".woff2": "font/woff2",
	".png":   "image/png",
	".txt":   "text/plain; charset=utf-8",
}

// file is one asset. It is read from the binary each time, where it takes no
// memory, since browsers ask once a year; its compressed form is made at the
// first request and kept.
type file struct {
	body func() []byte
	kind string
	gz   func() []byte // nil where compressing does not pay
}

// set is all assets and their common version.
type set struct {
	version string
	files   map[string]*file
}

var load = sync.OnceValue(func() *set { return read(tree) })

// read takes every file with a known type out of a tree.
func read(fsys fs.FS) *set {
	s := &set{files: map[string]*file{}}
	sum := sha256.New()
	_ = fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		kind := types[path.Ext(name)]
		if kind == "" {
			return nil
		}
		b, err := fs.ReadFile(fsys, name)
		if err != nil {
			return err
		}
		sum.Write([]byte(name))
		sum.Write(b)
		f := &file{kind: kind, body: func() []byte { b, _ := fs.ReadFile(fsys, name); return b }} // it was read above
		if path.Ext(name) != ".woff2" && path.Ext(name) != ".png" {
			f.gz = sync.OnceValue(func() []byte { return squeeze(f.body()) })
		}
		s.files[name] = f
		return nil
	})
	s.version = hex.EncodeToString(sum.Sum(nil))[:12]
	return s
}

// squeeze compresses as far as gzip goes; nil when that is no gain.
func squeeze(b []byte) []byte {
	var out bytes.Buffer
	z, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err != nil {
		return nil
	}
	if _, err := z.Write(b); err != nil {
		return nil
	}
	if err := z.Close(); err != nil || out.Len() >= len(b) {
		return nil
	}
	return out.Bytes()
}

// URL is the address of an asset ("css/staff.css"), which changes whenever any
// asset changes.
func URL(name string) string { return Prefix + load().version + "/" + name }

// Version is the hash over all assets, at most 12 characters.
func Version() string { return load().version }

// Has reports whether the asset is in the binary. Those below vendor are
// missing from a build that was made before "npm run assets".
func Has(name string) bool { return load().files[name] != nil }

// Handler serves GET and HEAD below Prefix.
func Handler() http.Handler { return load() }

// ServeHTTP answers /assets/<version>/<name>. An older version gets today's
// file without being kept, so that a page opened before an update goes on.
func (s *set) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
		return
	}
	version, name, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, Prefix), "/")
	f := s.files[name]
	h := w.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	if f == nil {
		http.NotFound(w, r)
		return
	}
	etag := `"` + s.version + `"`
	h.Set("Etag", etag)
	h.Set("Content-Type", f.kind)
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	if version == s.version {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	} else {
		h.Set("Cache-Control", "no-cache")
	}
	if f.gz != nil {
		h.Set("Vary", "Accept-Encoding")
	}
	if r.Header.Get("If-None-Match") == etag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	var body []byte
	if f.gz != nil && acceptsGzip(r) {
		body = f.gz()
	}
	if body != nil {
		h.Set("Content-Encoding", "gzip")
	} else {
		body = f.body()
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	if r.Method == http.MethodHead {
		return
	}
	_, _ = w.Write(body) // the client went away: nothing to do
}

// acceptsGzip reads Accept-Encoding; "gzip;q=0" refuses.
func acceptsGzip(r *http.Request) bool {
	for _, part := range strings.Split(r.Header.Get("Accept-Encoding"), ",") {
		name, q, _ := strings.Cut(strings.TrimSpace(part), ";")
		if name != "gzip" && name != "*" {
			continue
		}
		q = strings.TrimSpace(q)
		return q != "q=0" && q != "q=0.0" && q != "q=0.00" && q != "q=0.000"
	}
	return false
}
