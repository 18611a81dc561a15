package web

import (
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"unicode"

	"filodiretto/inbox"
	"filodiretto/internal/safehtml"
)

func (s *Server) messageRoutes() {
	s.mux.HandleFunc("GET /messages/{id}/html", s.staff(s.messageHTML))
	s.mux.HandleFunc("GET /messages/{id}/raw", s.staff(s.messageRaw))
	s.mux.HandleFunc("POST /messages/{id}/read-again", s.staff(s.readMessageAgain))
	s.mux.HandleFunc("GET /messages/{id}/erase", s.staff(s.eraseForm))
	s.mux.HandleFunc("POST /messages/{id}/erase", s.staff(s.erase))
	s.fileRoutes()
}

// framePolicy is the Content-Security-Policy of a frame with HTML from outside:
// nothing runs in it, nothing is loaded but our own pictures and, when asked,
// those from elsewhere (mail rule 45). allow-same-origin lets the page measure
// the frame; with no script it gives nothing else.
func framePolicy(remote bool, files string) string {
	img := strings.TrimRight("img-src 'self' data: "+files, " ")
	if remote {
		img += " https: http:"
	}
	return "default-src 'none'; style-src 'unsafe-inline'; " + img +
		"; form-action 'none'; base-uri 'none'; frame-ancestors 'self'; sandbox allow-same-origin allow-popups allow-popups-to-escape-sandbox"
}

// messageHTML answers the sanitised HTML of a message alone, for its frame.
func (s *Server) messageHTML(w http.ResponseWriter, r *http.Request, c *caller) error {
	m, parts, err := s.Inbox.MessageWithParts(r.Context(), c.Viewer, pathID(r, "id"))
	if err != nil {
		return err
	}
	if m.HTML == "" || m.ErasedAt > 0 {
		return inbox.ErrNotFound
	}
	remote := r.URL.Query().Get("images") == "1"
	doc := safehtml.Show(m.HTML, func(id string) (string, bool) {
		for _, p := range parts {
			if p.ContentID == id && p.State == "stored" {
				return s.fileURL(c, p), true
			}
		}
		return "", false
	}, remote)
	showFrame(w, doc, m.Lang, framePolicy(remote, s.links.origin))
	return nil
}

// frameStyle makes foreign HTML fit its place.
const frameStyle = "html{overflow-wrap:anywhere}body{margin:0;font:16px/1.5 \"Titillium Web\",system-ui,sans-serif;color:#17324d}img{max-width:100%;height:auto}table{max-width:100%}pre{white-space:pre-wrap}blockquote{margin:0 0 0 .5rem;padding-left:.75rem;border-left:3px solid #b1b1b3;color:#455b71}"

// showFrame writes a document for a frame that nothing can run in.
func showFrame(w http.ResponseWriter, doc, lang, policy string) {
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Frame-Options", "SAMEORIGIN")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	attr := ""
	if lang != "" && strings.IndexFunc(lang, func(r rune) bool {
		return r != '-' && !(r < unicode.MaxASCII && (unicode.IsLetter(r) || unicode.IsDigit(r)))
	}) < 0 {
		attr = ` lang="` + lang + `"`
	}
	_, _ = io.WriteString(w, "<!doctype html><html"+attr+"><head><meta charset=\"utf-8\"><meta name=\"referrer\" content=\"no-referrer\"><base target=\"_blank\"><title>.</title><style>"+frameStyle+"</style></head><body>")
	_, _ = io.WriteString(w, doc)
	_, _ = io.WriteString(w, "</body></html>")
}

// messageRaw answers a message byte for byte as it came.
func (s *Server) messageRaw(w http.ResponseWriter, r *http.Request, c *caller) error {
	id := pathID(r, "id")
	body, contentType, err := s.Inbox.RawMessage(r.Context(), c.Viewer, id)
	if err != nil {
		return s.heldFile(w, r, err)
	}
	serveRaw(w, body, "messaggio-"+formatID(id), contentType)
	return nil
}

func serveRaw(w http.ResponseWriter, body []byte, name, contentType string) {
	ext := ".bin"
	switch {
	case contentType == "message/rfc822":
		ext = ".eml"
	case strings.HasSuffix(contentType, "json"):
		ext = ".json"
	}
	attachment(w, name+ext)
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	_, _ = w.Write(body)
}

// readMessageAgain reads a message with the parser of today (mail rule 20).
func (s *Server) readMessageAgain(w http.ResponseWriter, r *http.Request, c *caller) error {
	changed, err := s.Inbox.ReadMessageAgain(r.Context(), c.Viewer, pathID(r, "id"))
	key := "parsed_same"
	if changed {
		key = "parsed"
	}
	return s.done(w, r, c, backURL(r, "/cases"), err, key)
}

// serveFile writes a file of a message as a download.
func serveFile(w http.ResponseWriter, p *inbox.Part, f io.Reader) error {
	head := make([]byte, 512)
	n, err := io.ReadFull(f, head)
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		return err
	}
	attachment(w, p.Name)
	if t := http.DetectContentType(head[:n]); safePictures[t] {
		w.Header().Set("Content-Type", t)
	}
	if p.Size > 0 {
		w.Header().Set("Content-Length", strconv.FormatInt(p.Size, 10))
	}
	if _, err := w.Write(head[:n]); err == nil {
		_, _ = io.Copy(w, f) // the browser went away, or the store broke: the length tells
	}
	return nil
}

// safePictures are the types that a browser draws and never runs.
var safePictures = map[string]bool{"image/png": true, "image/jpeg": true, "image/gif": true, "image/webp": true}

// attachment sets the headers of a download from outside: never opened as a
// page of ours, whatever its bytes look like.
func attachment(w http.ResponseWriter, name string) {
	h := w.Header()
	h.Set("Content-Type", "application/octet-stream")
	h.Set("Content-Disposition", disposition(name))
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	h.Set("Referrer-Policy", "no-referrer")
	if h.Get("Cross-Origin-Resource-Policy") == "" {
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
	}
}

// disposition names a download: in ASCII for old programs, and whole in the form
// of RFC 5987 for the others.
func disposition(name string) string {
	plain := strings.Map(func(r rune) rune {
		if r < 0x20 || r > 0x7e || r == '"' || r == '\\' || r == '%' {
			return '_'
		}
		return r
	}, name)
	if plain == "" {
		plain = "file"
	}
	if plain == name {
		return mime.FormatMediaType("attachment", map[string]string{"filename": name})
	}
	var b strings.Builder
	for i := range len(name) {
		ch := name[i]
		if ch < 0x80 && (unicode.IsLetter(rune(ch)) || unicode.IsDigit(rune(ch)) || strings.IndexByte("!#$&+-.^_`|~", ch) >= 0) {
			b.WriteByte(ch)
		} else {
			b.WriteString("%" + strings.ToUpper(strconv.FormatInt(int64(ch)|0x100, 16)[1:]))
		}
	}
	return `attachment; filename="` + plain + `"; filename*=UTF-8''` + b.String()
}
