package web

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"fmt"
	"html/template"
	"io"
	"net/http"
	"strings"
	"time"

	"filodiretto/inbox"
	"filodiretto/internal/clock"
	"filodiretto/web/page"
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
	view := evidencePage{Made: s.localTime(s.clock.Now()), Case: x.Case.Ref(), Subject: x.Message.Subject, From: x.Message.Sender, To: x.Message.Recipients, Received: x.Message.Direction == inbox.In}
	view.certify(s, x)
	var sums strings.Builder
	for i := range x.Files {
		f := &x.Files[i]
		sum, size, err := copyInto(z, f)
		if err != nil {
			return err
		}
		fmt.Fprintf(&sums, "%s  %s\n", sum, f.Name)
		view.Files = append(view.Files, s.evidenceLine(f, sum, size))
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

//go:embed evidence.html
var evidenceHTML string

var evidenceTemplate = template.Must(template.New("evidence").Parse(evidenceHTML))

// evidencePage is the readable page of a package. It is in Italian: it goes to
// courts and other offices.
type evidencePage struct {
	Made, Case, Subject, From, To string
	Received                      bool
	Facts                         []evidenceFact
	Files                         []evidenceRow
}

type evidenceFact struct{ Name, Value string }

type evidenceRow struct {
	Name, What, At, Sum string
	Size                int64
}

// certify tells what the provider states, and how far it may be believed.
func (p *evidencePage) certify(s *Server, x *inbox.Evidence) {
	say := s.render.Say(page.Italian)
	fact := func(name, value string) {
		if value != "" {
			p.Facts = append(p.Facts, evidenceFact{name, value})
		}
	}
	if c := certified(x.Message); c != nil {
		if c.Anomaly {
			fact("Certificazione", say.Text("pec.anomaly"))
		} else {
			name := "Mittente certificato"
			if !c.Proven() {
				name = "Mittente dichiarato, non provato"
			}
			fact(name, c.Sender)
			fact("Ora del gestore", s.localTime(c.At))
			fact("Gestore", c.Provider)
		}
		fact("Firma del gestore", signatureWords(say, c.Signature))
	}
	for _, d := range x.Deliveries {
		line := say.Text("delivery." + string(d.State))
		for _, t := range []struct {
			key string
			at  clock.Instant
		}{{"said.legal_sent", d.LegalSentAt}, {"said.legal_arrived", d.LegalArrivedAt}} {
			if t.at > 0 {
				line += "; " + say.Text(t.key, "when", s.localTime(t.at))
			}
		}
		if d.Outside {
			line += "; " + say.Text("said.legal_outside")
		}
		fact("Destinatario "+d.Address, line)
	}
}

func signatureWords(say page.Say, x page.Signature) string {
	words := say.Text("signature.none_" + x.Key())
	if x.Signer != "" {
		words = say.Text("signature."+x.Key(), "who", x.Signer)
	}
	if x.Reason != "" {
		words += ": " + say.Either("signature_reason.", x.Reason, x.Reason)
	}
	switch {
	case x.Outcome != "valid":
	case x.Checked:
		words += ", " + say.Text("signature.revocation_good")
	default: // told apart from "checked, and not revoked"
		words += ", " + say.Text("said.revocation_unknown")
	}
	return words
}

// evidenceWhat says what a file of a package is.
var evidenceWhat = map[string]string{
	"message": "Il messaggio, come il gestore lo ha messo nella busta (postacert.eml)", "envelope": "La busta del gestore, con la sua firma, com’è arrivata",
	"sent": "Il messaggio come è stato dato al gestore",
}

func (s *Server) evidenceLine(f *inbox.EvidenceFile, sum string, size int64) evidenceRow {
	row := evidenceRow{Name: f.Name, What: evidenceWhat[f.What], At: s.localTime(f.At), Sum: sum, Size: size}
	if f.Delivery != nil {
		row.What += " per " + f.Delivery.Address
	}
	if r := f.Receipt; r != nil {
		say := s.render.Say(page.Italian)
		row.What = "Ricevuta: " + say.Either("receipt_kind.", r.Kind, r.Kind)
		if r.Recipient != "" {
			row.What += " (" + r.Recipient + ")"
		}
		if c := r.CertifiedBy(); c != nil {
			row.What += ". " + signatureWords(say, signature(c.Signature))
		}
	}
	return row
}

// localTime is a moment on the municipality's clock, with its offset: a package
// is read far from here and years later.
func (s *Server) localTime(at clock.Instant) string {
	if at == 0 {
		return ""
	}
	return at.Time().In(s.zone).Format("02/01/2006 15:04:05 -0700") + zoneName(at.Time().In(s.zone))
}

func zoneName(t time.Time) string {
	name, _ := t.Zone()
	return " (" + name + ")"
}
