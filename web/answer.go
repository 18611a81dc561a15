package web

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"filodiretto/inbox"
	"filodiretto/internal/db"
	"filodiretto/internal/logging"
	"filodiretto/internal/secret"
	"filodiretto/web/page"
)

func (s *Server) toLogin(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("HX-Request") == "true" || r.Method != http.MethodGet || r.URL.Path == livePath {
		s.fault(w, r, http.StatusUnauthorized, "")
		return
	}
	http.Redirect(w, r, "/login?next="+secretlessPath(r), http.StatusSeeOther)
}

func secretlessPath(r *http.Request) string {
	return strings.NewReplacer("%", "%25", "&", "%26", "?", "%3F", "#", "%23", "+", "%2B", "=", "%3D").Replace(r.URL.RequestURI())
}

// show renders a view. The page is whole in memory before the first byte goes.
func (s *Server) show(w http.ResponseWriter, r *http.Request, status int, l page.Lang, v page.View) {
	whole := &wholePage{to: w, status: status}
	if err := s.render.Render(whole, l, v); err != nil && !whole.begun {
		s.Log.ErrorContext(r.Context(), "a page could not be drawn", "error", err)
		http.Error(w, "The page could not be drawn. Tell the administrator: "+logging.RequestID(r.Context()), http.StatusInternalServerError)
	}
}

// wholePage is the answer to a request for a page, which is written at once.
type wholePage struct {
	to     http.ResponseWriter
	status int
	begun  bool
}

// Write sends the page with its length. What fails here, somebody has closed.
func (p *wholePage) Write(b []byte) (int, error) {
	h := p.to.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Length", strconv.Itoa(len(b)))
	p.begun = true
	p.to.WriteHeader(p.status)
	return p.to.Write(b)
}

// lang is the language of the operator, else the one chosen on a page without a
// log-in, else that of the browser, else the municipality's.
func (s *Server) lang(r *http.Request) page.Lang {
	if id := s.sessionOperator(r); id != 0 {
		if dir, err := s.Router.Directory(r.Context()); err == nil {
			if op := dir.Operator(id); op != nil {
				return page.Lang(op.Lang)
			}
		}
	}
	if l, ok := chosenLang(r); ok {
		return l
	}
	for _, part := range strings.Split(r.Header.Get("Accept-Language"), ",") {
		tag, _, _ := strings.Cut(strings.TrimSpace(part), ";")
		base, _, _ := strings.Cut(tag, "-")
		if l := page.Lang(strings.ToLower(base)); slices.Contains(page.AllLangs, l) {
			return l
		}
	}
	return page.Lang(s.Config.Municipality.Language)
}

const langCookie = "lang"

// chosenLang is the language of ?lang=, or the one chosen so before.
func chosenLang(r *http.Request) (page.Lang, bool) {
	l := page.Lang(r.URL.Query().Get("lang"))
	if k, err := r.Cookie(langCookie); err == nil && !slices.Contains(page.AllLangs, l) {
		l = page.Lang(k.Value)
	}
	return l, slices.Contains(page.AllLangs, l)
}

// keepLang remembers a language that was chosen with ?lang= in this browser.
func (s *Server) keepLang(w http.ResponseWriter, r *http.Request) {
	if l, ok := chosenLang(r); ok && r.URL.Query().Has("lang") {
		http.SetCookie(w, &http.Cookie{
			Name: langCookie, Value: string(l), Path: "/", MaxAge: 365 * 24 * 3600, HttpOnly: true,
			Secure: !s.Config.Server.InsecureCookies, SameSite: http.SameSiteLaxMode,
		})
	}
}

func (s *Server) sessionOperator(r *http.Request) (id int64) {
	defer func() { _ = recover() }() // a request that has no session, such as a fault before it was read
	return s.sessions.GetInt64(r.Context(), operatorKey)
}

// status is the HTTP status of a failure of the house.
func status(err error) int {
	var tooLarge *http.MaxBytesError
	var bad *badRequest
	var held *inbox.HeldError
	switch {
	case errors.As(err, &held):
		return http.StatusLocked
	case errors.As(err, &bad):
		return http.StatusBadRequest
	case errors.Is(err, inbox.ErrNotFound):
		return http.StatusNotFound
	case errors.Is(err, inbox.ErrForbidden):
		return http.StatusForbidden
	case errors.Is(err, inbox.ErrChanged):
		return http.StatusConflict
	case errors.Is(err, inbox.ErrInvalid):
		return http.StatusUnprocessableEntity
	case errors.As(err, &tooLarge):
		return http.StatusRequestEntityTooLarge
	case errors.Is(err, context.Canceled):
		return 499 // the browser went away
	case db.IsDown(err):
		return http.StatusServiceUnavailable
	}
	return http.StatusInternalServerError
}

// fail answers an error: a fault page, or a problem document for the API.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, err error) {
	st := s.logged(r, err)
	if strings.HasPrefix(r.URL.Path, "/api/") {
		s.problem(w, r, st, err)
		return
	}
	s.fault(w, r, st, "")
}

// logged is the status of an error, which is logged when it is ours.
func (s *Server) logged(r *http.Request, err error) int {
	st := status(err)
	if st >= 500 {
		s.Log.ErrorContext(r.Context(), "a request failed", "route", r.Pattern, "error", db.SafeError(err))
	}
	return st
}

// fault shows a page that says what went wrong and what to do; key names a text
// of its own, or is empty for that of the status.
func (s *Server) fault(w http.ResponseWriter, r *http.Request, st int, key string) {
	if strings.HasPrefix(r.URL.Path, "/api/") {
		s.problem(w, r, st, nil)
		return
	}
	f := page.Fault{Status: st, Key: key, Request: logging.RequestID(r.Context()), Bare: true, Public: strings.HasPrefix(r.URL.Path, "/p/")}
	if f.Public {
		f.Bare, f.Site = false, s.site(r)
	}
	s.show(w, r, st, s.lang(r), f)
}

// Problem is an RFC 9457 problem document.
type Problem struct {
	Type    string `json:"type"`
	Title   string `json:"title"`
	Status  int    `json:"status"`
	Detail  string `json:"detail,omitempty"`
	Code    string `json:"code,omitempty"`  // stable, for programs
	Field   string `json:"field,omitempty"` // which member of the request is wrong
	Remedy  string `json:"remedy"`          // what to do
	Request string `json:"request,omitempty"`
}

// problem writes a problem document that says what to do, and nothing of how
// the program works inside.
func (s *Server) problem(w http.ResponseWriter, r *http.Request, st int, err error) {
	p := Problem{Type: "about:blank", Title: http.StatusText(st), Status: st, Remedy: remedy(st), Request: logging.RequestID(r.Context())}
	var invalid *inbox.InvalidError
	if errors.As(err, &invalid) {
		p.Field, p.Code = invalid.Field, invalid.Code
		p.Detail = "The member " + invalid.Field + " is not acceptable: " + invalid.Code + "."
	}
	var said *sayError
	if errors.As(err, &said) {
		p.Code, p.Detail, p.Remedy = said.code, said.detail, said.remedy
	}
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(st)
	_ = json.NewEncoder(w).Encode(p)
}

// sayError is a failure with words for who called the API.
type sayError struct{ code, detail, remedy string }

func (e *sayError) Error() string { return e.code }

func (e *sayError) Is(target error) bool { return target == inbox.ErrInvalid }

func remedy(st int) string {
	switch st {
	case http.StatusBadRequest:
		return "Send the request as /api/v1/openapi.json describes it."
	case http.StatusUnauthorized:
		return "Send a token that is valid in the Authorization header: Bearer TOKEN. Tokens are made under Administration, API tokens."
	case http.StatusForbidden:
		return "Ask the administrator for the role or the token scope that this needs."
	case http.StatusNotFound:
		return "Check the number; what you may not see is answered like what does not exist."
	case http.StatusConflict:
		return "Read the resource again and decide with its newer state."
	case http.StatusRequestEntityTooLarge:
		return "Send less in one request; the limit is server.max_upload_mb."
	case http.StatusUnprocessableEntity:
		return "Correct the member that is named and send the request again."
	case http.StatusTooManyRequests:
		return "Wait as long as Retry-After says."
	case http.StatusServiceUnavailable:
		return "Try again in a minute; nothing was changed."
	case http.StatusMethodNotAllowed:
		return "Use one of the methods in the Allow header."
	}
	return "Try again; if it stays, tell the administrator the request id."
}

func hashKey(k string) string { return secret.HashToken(k) }
