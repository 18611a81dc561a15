package web

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"filodiretto/inbox"
	"filodiretto/web/page"
)

const flashKey = "flash"

// flash leaves a sentence for the next page that this person sees.
func (s *Server) flash(r *http.Request, level page.Level, key string, pairs ...any) {
	s.putFlash(r, page.Flash{Level: level, Key: key, Args: pairArgs(pairs)})
}

// flashUndo is flash with a way back.
func (s *Server) flashUndo(r *http.Request, undo, key string, pairs ...any) {
	s.putFlash(r, page.Flash{Level: page.LevelOK, Key: key, Args: pairArgs(pairs), UndoURL: undo})
}

func (s *Server) putFlash(r *http.Request, f page.Flash) {
	if b, err := json.Marshal(f); err == nil {
		s.sessions.Put(r.Context(), flashKey, b)
	}
}

func (s *Server) takeFlash(r *http.Request) *page.Flash {
	b := s.sessions.GetBytes(r.Context(), flashKey)
	if b == nil {
		return nil
	}
	s.sessions.Remove(r.Context(), flashKey)
	f := new(page.Flash)
	if json.Unmarshal(b, f) != nil {
		return nil
	}
	for k, v := range f.Args { // a count came back as a float, and chooses between singular and plural
		if n, ok := v.(float64); ok {
			f.Args[k] = int(n)
		}
	}
	return f
}

func pairArgs(pairs []any) map[string]any {
	if len(pairs) == 0 {
		return nil
	}
	m := make(map[string]any, len(pairs)/2)
	for i := 0; i+1 < len(pairs); i += 2 {
		if k, ok := pairs[i].(string); ok {
			m[k] = pairs[i+1]
		}
	}
	return m
}

// done ends an action: with its sentence when it went well, with the reason in
// words when it was refused, and back on the page. What cannot be seen, and what
// broke, is an error for the fault page.
func (s *Server) done(w http.ResponseWriter, r *http.Request, c *caller, to string, err error, key string, pairs ...any) error {
	switch {
	case err == nil:
		if key != "" {
			s.flash(r, page.LevelOK, key, pairs...)
		}
	case s.refused(r, c, err):
	default:
		return err
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

// refused leaves the reason of a refusal for the next page. It reports whether
// err was one that words help with.
func (s *Server) refused(r *http.Request, c *caller, err error) bool {
	var invalid *inbox.InvalidError
	switch {
	case errors.As(err, &invalid):
		s.flash(r, page.LevelLate, refusal(c.say, invalid.Field, invalid.Code))
	case errors.Is(err, inbox.ErrChanged):
		s.flash(r, page.LevelLate, "changed")
	default:
		return false
	}
	return true
}

// refusal is the key of the sentence that says why something was not done.
func refusal(say page.Say, field, code string) string {
	for _, key := range []string{"no_" + field + "_" + code, "no_" + code} {
		if say.Known("flash." + key) {
			return key
		}
	}
	return "no_other"
}

// backURL is the page from which a form came, or another one of ours.
func backURL(r *http.Request, other string) string {
	for _, h := range []string{"HX-Current-URL", "Referer"} {
		u, err := url.Parse(r.Header.Get(h))
		if err != nil || u.Host != r.Host || !strings.HasPrefix(u.Path, "/") || strings.HasPrefix(u.Path, "//") {
			continue
		}
		return (&url.URL{Path: u.Path, RawQuery: u.RawQuery}).String()
	}
	return other
}

// backView is the view in which a form's page showed its list.
func backView(r *http.Request) page.ViewID {
	u, err := url.Parse(backURL(r, "/cases"))
	if err != nil || u.Path != "/cases" {
		return ""
	}
	return page.ViewID(u.Query().Get("view"))
}
