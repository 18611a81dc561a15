package web

import (
	"cmp"
	"errors"
	"net/http"
	"strings"

	"filodiretto/inbox"
	"filodiretto/internal/secret"
	"filodiretto/router"
	"filodiretto/web/page"
)

// caller is the operator who asks, with the offices and people as they are now.
type caller struct {
	inbox.Viewer
	op   *router.Operator
	dir  *router.Directory
	lang page.Lang
	say  page.Say
	// session is the name of the session in the table, for addresses of files.
	session string

	waits *inbox.Tally // nil until it was counted for this answer
}

// staffHandler answers somebody who is logged in. What it returns is shown as a
// fault page, or is told at the top of the page that the form came from.
type staffHandler func(w http.ResponseWriter, r *http.Request, c *caller) error

// staff wraps a handler that only people who are logged in may call.
func (s *Server) staff(h staffHandler) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		c, err := s.caller(r)
		switch {
		case errors.Is(err, errLogin):
			s.toLogin(w, r)
			return
		case err != nil:
			s.fail(w, r, err)
			return
		}
		if err := readForm(r); err != nil {
			s.fail(w, r, err)
			return
		}
		if r.MultipartForm != nil {
			defer r.MultipartForm.RemoveAll()
		}
		if !c.asked(r) {
			s.toLogin(w, r)
			return
		}
		if err := h(w, r, c); err != nil {
			s.failStaff(w, r, c, err)
		}
	}
}

// operatorHeader says on a request whose page asks, and on the answer to /shell/health
// who is logged in. A form or a beacon, which have no headers, says it in the field "me".
const operatorHeader = "X-Operator"

// asked says whether the page that asks is the operator's own. A page that stays open
// when its session ends is not that of whoever logs in next in the same browser: what
// was written in it is never kept, or sent, in their name.
func (c *caller) asked(r *http.Request) bool {
	of := cmp.Or(r.Header.Get(operatorHeader), r.PostForm.Get("me"))
	return of == "" || of == formatID(c.op.ID)
}

// admin wraps a handler for administrators.
func (s *Server) admin(h staffHandler) http.HandlerFunc {
	return s.staff(func(w http.ResponseWriter, r *http.Request, c *caller) error {
		if !c.Admin {
			return inbox.ErrForbidden
		}
		return h(w, r, c)
	})
}

var errLogin = errors.New("not logged in")

func (s *Server) caller(r *http.Request) (*caller, error) {
	id := s.sessions.GetInt64(r.Context(), operatorKey)
	if id == 0 {
		return nil, errLogin
	}
	dir, err := s.Router.Directory(r.Context())
	if err != nil {
		return nil, err
	}
	v, ok := dir.Viewer(id)
	if !ok { // disabled since
		_ = s.sessions.Destroy(r.Context())
		return nil, errLogin
	}
	op := dir.Operator(id)
	return &caller{Viewer: v, op: op, dir: dir, lang: page.Lang(op.Lang), say: s.render.Say(page.Lang(op.Lang)), session: secret.HashToken(s.sessions.Token(r.Context()))}, nil
}

// formMemory is how much of a form with files is held in memory; the rest goes
// to temporary files, which end with the request.
const formMemory = 256 << 10

// readForm reads the body of a form once, so that a body that is too large or
// broken is told as such and not as fields that are missing.
func readForm(r *http.Request) error {
	if r.Method != http.MethodPost {
		return r.ParseForm()
	}
	err := r.ParseMultipartForm(formMemory)
	if errors.Is(err, http.ErrNotMultipart) {
		err = r.ParseForm()
	}
	var tooLarge *http.MaxBytesError
	if err != nil && !errors.As(err, &tooLarge) {
		return &badRequest{err}
	}
	return err
}

// badRequest is a request that cannot be read at all.
type badRequest struct{ err error }

func (e *badRequest) Error() string { return "the request cannot be read" }

func (e *badRequest) Unwrap() error { return e.err }

// failStaff answers an error on a staff page. A fragment that is to be put into
// an open page gets the error alone; a page gets rail and bar around it.
func (s *Server) failStaff(w http.ResponseWriter, r *http.Request, c *caller, err error) {
	st := s.logged(r, err)
	if r.Header.Get("HX-Request") == "true" && r.Header.Get("HX-Boosted") != "true" {
		s.fault(w, r, st, "")
		return
	}
	sh, serr := s.shell(r, c, "")
	if serr != nil || st >= 500 {
		s.fault(w, r, st, "")
		return
	}
	sh.Title = c.say.Text("fault_page.title")
	s.show(w, r, st, c.lang, page.Fault{Shell: sh, Status: st, Request: requestID(r)})
}

func (c *caller) office(id int64) string {
	if o := c.dir.Office(id); o != nil {
		return o.Name
	}
	return ""
}

func (c *caller) operator(id int64) string {
	if o := c.dir.Operator(id); o != nil {
		return o.Name
	}
	return ""
}

// mayWork reports whether the caller's office decides about the case. The front
// desk reads the cases of others and leaves notes on them.
func (c *caller) mayWork(k *inbox.Case) bool { return c.Member(k.OfficeID) }

// town is the municipality's name as the pages' texts want it: without "Comune di".
func town(name string) string {
	if rest, ok := strings.CutPrefix(name, "Comune di "); ok {
		return rest
	}
	return name
}
