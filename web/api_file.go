package web

import (
	"io"
	"net/http"
)

// apiFile is an answer that is bytes and no JSON.
type apiFile struct {
	Name string
	Type string // of what our own bytes say; empty is application/octet-stream
	Size int64  // -1 when it is not known
	Body io.ReadCloser
}

// write sends the bytes as a download, whatever they look like.
func (f *apiFile) write(w http.ResponseWriter, _ *http.Request) {
	defer f.Body.Close()
	attachment(w, f.Name)
	if f.Type != "" {
		w.Header().Set("Content-Type", f.Type)
	}
	if f.Size >= 0 {
		w.Header().Set("Content-Length", formatID(f.Size))
	}
	_, _ = io.Copy(w, f.Body) // the program went away, or the store broke: the length tells
}
