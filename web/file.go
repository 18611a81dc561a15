package web

import (
	"cmp"
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/gabriel-vasile/mimetype"

	"filodiretto/channels"
	"filodiretto/inbox"
	"filodiretto/internal/clamd"
	"filodiretto/web/page"
)

func (s *Server) fileRoutes() {
	s.mux.HandleFunc("GET /files/{id}/{name}", s.filed(s.fileDownload))
	s.mux.HandleFunc("GET /pictures/{id}", s.filed(s.filePicture))
	s.mux.HandleFunc("POST /files/{id}/scan", s.staff(s.scanFile))
}

// fileDownload answers an attachment. It is always a download; only pictures
// whose own bytes say so carry their type, so that the frame of the message that
// they belong to can show them.
func (s *Server) fileDownload(w http.ResponseWriter, r *http.Request, c *caller) error {
	p, f, err := s.Inbox.OpenPart(r.Context(), c.Viewer, pathID(r, "id"))
	if err != nil {
		return s.heldFile(w, r, err)
	}
	defer f.Close()
	s.fromApart(w, r)
	return serveFile(w, p, f)
}

// filePicture answers what a file shows, made anew by us (mail rules 36 and 49).
func (s *Server) filePicture(w http.ResponseWriter, r *http.Request, c *caller) error {
	x, f, err := s.Inbox.OpenPicture(r.Context(), c.Viewer, pathID(r, "id"))
	if err != nil {
		return s.heldFile(w, r, err)
	}
	defer f.Close()
	s.fromApart(w, r)
	attachment(w, "")
	h := w.Header()
	h.Set("Content-Type", x.Kind)
	h.Set("Content-Disposition", "inline")
	h.Set("Content-Length", formatID(x.Size))
	h.Set("Cache-Control", "private, max-age=3600") // the address is this session's alone
	_, _ = io.Copy(w, f)                            // the browser went away, or the store broke: the length tells
	return nil
}

// fromApart lets the pages show what comes from the host of files.
func (s *Server) fromApart(w http.ResponseWriter, r *http.Request) {
	if s.links.apart(r) {
		w.Header().Set("Cross-Origin-Resource-Policy", "cross-origin")
	}
}

// heldFile answers a file that the malware scan holds back.
func (s *Server) heldFile(w http.ResponseWriter, r *http.Request, err error) error {
	var held *inbox.HeldError
	if !errors.As(err, &held) || s.links.apart(r) {
		return err
	}
	s.fault(w, r, http.StatusLocked, "file_"+held.Code)
	return nil
}

// scanFile asks for a new verdict of the malware scan.
func (s *Server) scanFile(w http.ResponseWriter, r *http.Request, c *caller) error {
	err := s.Inbox.ScanAgain(r.Context(), c.Viewer, pathID(r, "id"))
	return s.done(w, r, c, backURL(r, "/cases"), err, "scan_asked")
}

// scanNote is how the malware scan fares, nil where nobody scans.
func (s *Server) scanNote(ctx context.Context) (*page.ScanNote, error) {
	f, err := s.Inbox.ScanFigures(ctx)
	if err != nil || !f.On {
		return nil, err
	}
	return &page.ScanNote{Pending: f.Pending, Oldest: f.Oldest, Late: f.Late(s.clock.Now()), Infected: f.Infected, Unscannable: f.Unscannable}, nil
}

// file is an attachment as pages show it: always a download from its own path.
func file(p *inbox.Part) page.File {
	x := page.File{Name: p.Name, Size: p.Size, Type: p.Detected, Problem: p.Problem, Preview: p.Preview, Inside: p.Inside}
	switch {
	case p.Kind == string(channels.Location):
		x.Place, x.Problem = &page.Spot{Lat: p.Lat, Lon: p.Lon}, ""
		return x
	case p.Kind == string(channels.Contact):
		x.Contact, x.Problem = true, ""
		return x
	case p.State == "pending":
		x.Problem = "fetching"
	case p.State == "failed" && x.Problem == "":
		x.Problem = "failed"
	}
	if p.State == "stored" {
		x.URL, x.Problem = filePath(p.ID, p.Name), ""
	}
	if misnamed(p.Claimed, p.Detected) {
		x.Claimed = p.Claimed
	}
	if x.Name == "" {
		x.Name = p.Kind
	}
	return x
}

// file is an attachment for whoever looks: its addresses hold for this session, and
// what the malware scan says of it stands beside it.
func (s *Server) file(c *caller, p *inbox.Part) page.File {
	x := file(p)
	if x.URL == "" {
		return x
	}
	if p.Scan != nil {
		x.Scan, x.ScanWord = string(p.Scan.State), p.Scan.Word
		if p.Scan.State == clamd.Infected || p.Scan.State == clamd.Unscannable {
			x.ScanURL = "/files/" + formatID(p.ID) + "/scan"
		}
	}
	if code := s.Inbox.Held(p); code != "" {
		x.URL, x.Scan = "", cmp.Or(x.Scan, code)
		if p.Scan == nil { // it came before anybody scanned: opening it asks
			x.URL, x.Scan = s.fileURL(c, p), ""
		}
		return x
	}
	x.URL = s.fileURL(c, p)
	if s.Inbox.Pictured(p) {
		x.PictureURL = s.links.make(c.session, "/pictures/"+formatID(p.ID), s.clock.Now())
	}
	return x
}

func filePath(id int64, name string) string {
	return "/files/" + formatID(id) + "/" + url.PathEscape(name)
}

// fileURL is where this session finds a file for now.
func (s *Server) fileURL(c *caller, p *inbox.Part) string {
	return s.links.make(c.session, filePath(p.ID, p.Name), s.clock.Now())
}

// misnamed reports whether a file is something else than its sender says (mail rule
// 37): neither the same nor a kind of it, as a .docx is a zip. What says nothing is
// no lie.
func misnamed(claimed, detected string) bool {
	const nothing = "application/octet-stream"
	if known := otherNames[claimed]; known != "" {
		claimed = known
	}
	if claimed == "" || detected == "" || claimed == nothing || detected == nothing ||
		strings.HasPrefix(claimed, "text/") && strings.HasPrefix(detected, "text/") || strings.HasPrefix(claimed, "message/") {
		return false
	}
	return !kindOf(claimed, detected) && !kindOf(detected, claimed)
}

// otherNames are those by which mailers call common kinds.
var otherNames = map[string]string{
	"image/jpg": "image/jpeg", "image/pjpeg": "image/jpeg", "image/x-png": "image/png", "application/x-pdf": "application/pdf", "application/x-zip-compressed": "application/zip",
	"application/pkcs7-mime": "application/pkcs7-signature", "application/x-pkcs7-mime": "application/pkcs7-signature", "application/x-pkcs7-signature": "application/pkcs7-signature", "application/vnd.ms-tnef": "application/ms-tnef",
}

// kindOf reports whether a is b or a kind of it.
func kindOf(a, b string) bool {
	for m := mimetype.Lookup(a); m != nil; m = m.Parent() {
		if m.String() != "application/octet-stream" && m.Is(b) {
			return true
		}
	}
	return false
}
