package web

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"strings"

	"filodiretto/inbox"
	"filodiretto/internal/clock"
)

func (s *Server) evidenceRoutes() {
	s.mux.HandleFunc("GET /messages/{id}/evidence", s.staff(s.evidence))
	s.mux.HandleFunc("GET /receipts/{id}", s.staff(s.receiptRaw))
}

// receiptRaw answers a receipt byte for byte as it came.
func (s *Server) receiptRaw(w http.ResponseWriter, r *http.Request, c *caller) error {
	x, body, err := s.Inbox.Receipt(r.Context(), c.Viewer, pathID(r, "id"))
	if err != nil {
		return err
	}
	serveRaw(w, body, "ricevuta-"+formatID(x.ID), "message/rfc822")
	return nil
}

// evidence answers one archive with all that proves a certified mail: the
// message, its envelope or what left, every receipt, the SHA-256 of each, and a
// page that tells what they are. Files go out one after the other: no more than
// one is in memory.
func (s *Server) evidence(w http.ResponseWriter, r *http.Request, c *caller) error {
	x, err := s.Inbox.Evidence(r.Context(), c.Viewer, pathID(r, "id"))
	if err != nil {
		return err
	}
	attachment(w, evidenceName(x))
	z := zip.NewWriter(w)
	if err := s.writeEvidence(z, x); err != nil {
		// The headers are out: a broken archive, which no program opens, must tell.
		s.Log.ErrorContext(r.Context(), "an evidence package was cut short", "message", x.Message.ID, "error", err)
		panic(http.ErrAbortHandler)
	}
	return nil
}

func evidenceName(x *inbox.Evidence) string {
	return "prova-" + strings.ReplaceAll(x.Case.Ref(), "/", "-") + "-" + formatID(x.Message.ID) + ".zip"
}

func (s *Server) writeEvidence(z *zip.Writer, x *inbox.Evidence) error {
	view := evidencePage{Title: evidenceTitle(x), Made: s.localTime(s.clock.Now()), Case: x.Case.Ref(), Subject: x.Message.Subject, From: x.Message.Sender, To: x.Message.Recipients}
	if x.Mailbox != "" {
		view.From += " <" + x.Mailbox + ">"
	}
	view.certify(s, x)
	view.verifiable(s, x)
	var sums strings.Builder
	for i := range x.Files {
		f := &x.Files[i]
		sum, size, err := copyInto(z, f)
		if err != nil {
			return err
		}
		fmt.Fprintf(&sums, "%s  %s\n", sum, f.Name)
		view.Files = append(view.Files, s.evidenceLine(x, f, sum, size))
	}
	var index bytes.Buffer
	if err := evidenceTemplate.Execute(&index, view); err != nil {
		return err
	}
	sum := sha256.Sum256(index.Bytes())
	fmt.Fprintf(&sums, "%x  index.html\n", sum)
	for _, f := range []struct{ name, body string }{{"index.html", index.String()}, {"SHA256SUMS", sums.String()}} {
		out, err := create(z, f.name, s.clock.Now())
		if err != nil {
			return err
		}
		if _, err := io.WriteString(out, f.body); err != nil {
			return err
		}
	}
	return z.Close()
}

// copyInto puts a file into the archive, uncompressed, and tells its SHA-256.
func copyInto(z *zip.Writer, f *inbox.EvidenceFile) (sum string, size int64, err error) {
	in, err := f.Open()
	if err != nil {
		return "", 0, err
	}
	defer in.Close()
	out, err := create(z, f.Name, f.At)
	if err != nil {
		return "", 0, err
	}
	h := sha256.New()
	size, err = io.Copy(io.MultiWriter(out, h), in)
	return hex.EncodeToString(h.Sum(nil)), size, err
}

func create(z *zip.Writer, name string, at clock.Instant) (io.Writer, error) {
	return z.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Store, Modified: at.Time()})
}
