package web

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"time"

	"filodiretto/channels/webpage"
	"filodiretto/inbox"
	"filodiretto/web/page"
)

// How forms with files of citizens are taken in: whole on the disk first, so that
// a slow line holds no memory, then a few at a time in memory.
const (
	uploadsAtOnce = 4
	uploadWithin  = 5 * time.Minute
)

// replyPath takes more than the limit and throws it away: a browser whose upload
// is cut off shows its own error instead of our form with what was typed.
const replyPath = "/p/case/reply"

// publicReply takes what a citizen wrote on the page of a case. Nothing that was
// typed is lost: what is refused, or comes after the page was open for too long,
// comes back in the form.
func (s *Server) publicReply(w http.ResponseWriter, r *http.Request) {
	s.publicHeaders(w)
	spool, err := s.spool(w, r)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	defer spool.Close()
	select {
	case s.uploads <- struct{}{}:
		defer func() { <-s.uploads }()
	case <-r.Context().Done():
		return
	}
	body, err := io.ReadAll(spool)
	if err != nil {
		s.fail(w, r, fmt.Errorf("read a form again: %w", err))
		return
	}
	kind := r.Header.Get("Content-Type")
	typed := &webpage.Form{}
	if f, _ := webpage.ReadForm(kind, body); f != nil {
		typed = f
	}
	o, ok := s.readOpened(r)
	if !ok || !sameRef(typed.Number, o.Ref) { // another case was opened in another tab, or none is
		s.show(w, r, http.StatusUnprocessableEntity, s.publicLang(r), page.PublicEntry{Site: s.publicCaseSite(r), Number: typed.Number, Fault: "ended", Text: typed.Text})
		return
	}
	err = s.Inbox.ReplyOnPage(r.Context(), inbox.PageReply{Ref: o.Ref, Secret: o.Secret, ContentType: kind, Body: body, Lang: string(s.publicLang(r))})
	var invalid *inbox.InvalidError
	switch {
	case err == nil:
		http.Redirect(w, r, "/p/case?sent=1#sent", http.StatusSeeOther)
	case errors.As(err, &invalid):
		fault, status := pageFault(invalid)
		s.showOpened(w, r, o, status, func(p *page.PublicCase) { p.Text, p.Fault = typed.Text, fault })
	case errors.Is(err, inbox.ErrSecret):
		s.show(w, r, http.StatusNotFound, s.publicLang(r), page.PublicEntry{Site: s.publicCaseSite(r), Number: typed.Number, Fault: "wrong", Text: typed.Text})
	default:
		s.fail(w, r, err)
	}
}

// spool keeps the body of a request on the disk, up to the limit of an upload.
// The file has no name any more and goes when it is closed.
func (s *Server) spool(w http.ResponseWriter, r *http.Request) (*os.File, error) {
	err := http.NewResponseController(w).SetReadDeadline(time.Now().Add(uploadWithin))
	if err != nil && !errors.Is(err, http.ErrNotSupported) {
		return nil, fmt.Errorf("take a form in: %w", err)
	}
	f, err := os.CreateTemp("", "filodiretto-form-")
	if err != nil {
		return nil, fmt.Errorf("take a form in: %w", err)
	}
	_ = os.Remove(f.Name()) // the open file stays until it is closed
	_, err = io.Copy(f, io.LimitReader(r.Body, s.mostUpload()))
	if err == nil {
		_, err = io.Copy(io.Discard, r.Body)
	}
	var tooLarge *http.MaxBytesError
	if err != nil && !errors.As(err, &tooLarge) {
		f.Close()
		return nil, &badRequest{err}
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		f.Close()
		return nil, fmt.Errorf("take a form in: %w", err)
	}
	return f, nil
}

// publicCaseSite is the frame of a page that answers a form of the case's page.
func (s *Server) publicCaseSite(r *http.Request) page.Site {
	site := s.site(r)
	site.Path = "/p/case"
	return site
}

// pageFault says in the citizen's words what is to be put right.
func pageFault(e *inbox.InvalidError) (*page.FieldFault, int) {
	f := &page.FieldFault{Field: "text", Key: "page_" + e.Code}
	status := http.StatusUnprocessableEntity
	switch e.Field + ":" + e.Code {
	case "text:required":
		f.Key = "empty"
	case "file:too_large":
		f.Field, status = "file", http.StatusRequestEntityTooLarge
	case "file:too_many":
		f.Field = "file"
	case "case:too_often":
		status = http.StatusTooManyRequests
	}
	return f, status
}

// publicFile answers a file that the municipality sent on the case that is open
// in this browser, always as a download.
func (s *Server) publicFile(w http.ResponseWriter, r *http.Request) {
	s.publicHeaders(w)
	o, ok := s.readOpened(r)
	if !ok {
		http.Redirect(w, r, "/p/case", http.StatusSeeOther)
		return
	}
	p, f, err := s.Inbox.PublicFile(r.Context(), o.Ref, o.Secret, pathID(r, "id"))
	if err != nil {
		s.fail(w, r, err)
		return
	}
	defer f.Close()
	if err := serveFile(w, p, f); err != nil {
		s.fail(w, r, err)
	}
}
