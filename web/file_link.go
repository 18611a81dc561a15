package web

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"filodiretto/inbox"
	"filodiretto/internal/clock"
	"filodiretto/internal/secret"
	"filodiretto/web/page"
)

// fileLinks makes and reads the addresses of files (mail rule 47). An address holds
// for one session, one address and at most two hours; nobody can guess another one.
// It grants nothing by itself: who may open the file is asked each time, as of then.
type fileLinks struct {
	key    []byte
	origin string // "https://file.comune.example", empty for the pages' own
	host   string // of origin
}

// What an address is made of, before base64: the session's name in the table, the
// end of its time in hours, and a code over both and the path.
const (
	linkSession = sha256.Size
	linkCode    = 18
	linkSize    = linkSession + 4 + linkCode
)

func newFileLinks(box *secret.Box, origin string) fileLinks {
	l := fileLinks{key: box.Key("file addresses"), origin: strings.TrimRight(origin, "/")}
	if u, err := url.Parse(l.origin); err == nil {
		l.host = u.Host
	}
	return l
}

// make gives an address of path for a session. It is the same for an hour, so that a
// page that is drawn again does not load its pictures again.
func (l fileLinks) make(session, path string, now clock.Instant) string {
	name, err := hex.DecodeString(session)
	if err != nil || len(name) != linkSession {
		return path // nobody is logged in: it will be refused
	}
	b := binary.BigEndian.AppendUint32(name, uint32(now.Time().Unix()/3600)+2)
	b = append(b, l.code(b, path)...)
	return l.origin + path + "?t=" + base64.RawURLEncoding.EncodeToString(b)
}

var errLink = errors.New("the address of the file does not hold, or no more")

// open gives the session that an address was made for.
func (l fileLinks) open(r *http.Request, now clock.Instant) (session string, err error) {
	b, err := base64.RawURLEncoding.DecodeString(r.URL.Query().Get("t"))
	if err != nil || len(b) != linkSize {
		return "", errLink
	}
	head := b[:linkSession+4]
	if !hmac.Equal(b[linkSession+4:], l.code(head, r.URL.EscapedPath())) || now.Time().Unix()/3600 >= int64(binary.BigEndian.Uint32(head[linkSession:])) {
		return "", errLink
	}
	return hex.EncodeToString(head[:linkSession]), nil
}

func (l fileLinks) code(head []byte, path string) []byte {
	m := hmac.New(sha256.New, l.key)
	m.Write(head)
	m.Write([]byte(path))
	return m.Sum(nil)[:linkCode]
}

// apart reports whether a request came to the host that serves files alone.
func (l fileLinks) apart(r *http.Request) bool {
	return l.host != "" && strings.EqualFold(r.Host, l.host)
}

// onlyFiles answers nothing but files on the host that is for them.
func (s *Server) onlyFiles(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if s.links.apart(r) && !strings.HasPrefix(r.URL.Path, "/files/") && !strings.HasPrefix(r.URL.Path, "/pictures/") {
			http.NotFound(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// filed wraps a handler of files. An address that holds no more leads whoever is
// logged in, and may see the file, to one that does.
func (s *Server) filed(h staffHandler) http.HandlerFunc {
	here := s.staff(func(w http.ResponseWriter, r *http.Request, c *caller) error {
		session, err := s.links.open(r, s.clock.Now())
		if err == nil && session == c.session && s.links.host == "" {
			return h(w, r, c)
		}
		if _, _, err := s.Inbox.FilePart(r.Context(), c.Viewer, pathID(r, "id")); err != nil {
			return err
		}
		http.Redirect(w, r, s.links.make(c.session, r.URL.EscapedPath(), s.clock.Now()), http.StatusSeeOther)
		return nil
	})
	return func(w http.ResponseWriter, r *http.Request) {
		if !s.links.apart(r) {
			here(w, r)
			return
		}
		session, err := s.links.open(r, s.clock.Now())
		if err == nil {
			var c *caller
			if c, err = s.callerOf(r.Context(), session); err == nil {
				if err := h(w, r, c); err != nil {
					s.failFile(w, r, err)
				}
				return
			}
		}
		http.Redirect(w, r, s.Config.Municipality.PublicURL+r.URL.EscapedPath(), http.StatusSeeOther)
	}
}

// callerOf is whose session that is, where no cookie comes along.
func (s *Server) callerOf(ctx context.Context, session string) (*caller, error) {
	id, err := store{s.DB}.operator(ctx, session)
	if err != nil {
		return nil, err
	}
	dir, err := s.Router.Directory(ctx)
	if err != nil {
		return nil, err
	}
	v, ok := dir.Viewer(id)
	if !ok {
		return nil, errLogin
	}
	lang := page.Lang(dir.Operator(id).Lang)
	return &caller{Viewer: v, op: dir.Operator(id), dir: dir, lang: lang, say: s.render.Say(lang), session: session}, nil
}

// failFile answers an error on the host of files, which has no pages.
func (s *Server) failFile(w http.ResponseWriter, r *http.Request, err error) {
	st := s.logged(r, err)
	var held *inbox.HeldError
	if errors.As(err, &held) {
		st = http.StatusLocked
	}
	http.Error(w, http.StatusText(st), st)
}
