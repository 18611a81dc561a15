package web

import (
	_ "embed"
	"html/template"
	"slices"
	"strings"
	"time"

	"filodiretto/inbox"
	"filodiretto/internal/clock"
	"filodiretto/web/page"
)

//go:embed evidence.html
var evidenceHTML string

var evidenceTemplate = template.Must(template.New("evidence").Parse(evidenceHTML))

// evidencePage is the readable page of a package. It is in Italian: it goes to
// courts and other offices.
type evidencePage struct {
	Title, Made, Case, Subject, From, To string

	Facts       []evidenceFact
	Files       []evidenceRow
	Authorities []evidenceRow // who vouches for the signatures: What, At and Sum
	Commands    []string      // by which each signature is verified
	Renewed     bool          // some authority's certificate does not cover the moment of a signature
}

// evidenceTitles say what the package of a message that came is about, by how far it is
// certified mail.
var evidenceTitles = map[inbox.Certification]string{
	inbox.CertifiedProven:      "Posta certificata ricevuta",
	inbox.CertifiedUnproven:    "Messaggio arrivato come posta certificata, con la firma di un gestore che qui non è conosciuto",
	inbox.CertifiedBroken:      "Messaggio arrivato come posta certificata, NON provato",
	inbox.NotCertifiedEnvelope: "Messaggio arrivato nella casella di posta certificata, NON certificato",
	inbox.NotCertifiedBare:     "Messaggio arrivato nella casella di posta certificata, NON certificato",
}

// evidenceTitle says what a package is about. A message that left is certified mail for
// those recipients for whom the provider accepted it.
func evidenceTitle(x *inbox.Evidence) string {
	if x.Message.Direction != inbox.Out {
		return evidenceTitles[x.Message.Certification()]
	}
	var accepted, refused int
	for _, d := range x.Deliveries {
		way := inbox.CertifiedWay(d, x.Receipts)
		is := func(keys ...string) bool {
			return slices.ContainsFunc(way, func(s inbox.Step) bool { return slices.Contains(keys, s.Key) })
		}
		switch {
		case is(inbox.StepAccepted, inbox.StepArrived):
			accepted++
		case is(inbox.StepRefused):
			refused++
		}
	}
	switch all := len(x.Deliveries); {
	case all > 0 && accepted == all:
		return "Posta certificata inviata"
	case accepted > 0:
		return "Posta certificata inviata, NON accettata dal gestore per tutti i destinatari"
	case all > 0 && refused == all:
		return "Messaggio per posta certificata, NON accettato dal gestore"
	}
	return "Messaggio per posta certificata, senza accettazione del gestore"
}

type evidenceFact struct{ Name, Value string }

type evidenceRow struct {
	Name, What, At, Sum string
	Verify              string // of an authority: the command that shows who vouches for it
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
		switch {
		case c.Anomaly:
			fact("Certificazione", say.Text("pec.anomaly"))
		case c.Proven():
			fact("Mittente certificato", c.Sender)
			fact("Ora del gestore", s.localTime(c.At))
			fact("Gestore", c.Provider)
		default:
			fact("Attenzione", unprovenWords(say, c))
			fact("Mittente dichiarato, non provato", c.Sender)
			fact("Ora dichiarata, non provata", s.localTime(c.At))
			fact("Gestore dichiarato, non provato", c.Provider)
		}
		if !c.Bare {
			fact("Firma del gestore", signatureWords(say, c.Signature))
		}
	}
	for _, d := range x.Deliveries {
		fact("Destinatario "+d.Address, s.deliveryWords(say, x, d))
	}
}

// unprovenWords warn of what comes as certified and proves nothing; "" where it is only
// unknown whose signature it is.
func unprovenWords(say page.Say, c *page.Certified) string {
	switch {
	case c.Signature.Outcome == "invalid":
		return say.Text("pec.invalid")
	case c.Uncovered:
		return say.Text("read_warning.pec_uncovered")
	case c.Broken:
		return say.Text("pec.unsigned")
	}
	return ""
}

// deliveryWords are the steps of a recipient as the case page tells them, each with its time
// and the file that proves it; the ordinary state where the provider was given nothing.
func (s *Server) deliveryWords(say page.Say, x *inbox.Evidence, d *inbox.Delivery) string {
	var out []string
	for _, step := range inbox.CertifiedWay(d, x.Receipts) {
		line := s.stepWords(say, step.Key)
		if step.At > 0 {
			line += " " + s.localTime(step.At)
		}
		if file := x.FileOf(step.Proof); file != "" {
			line += " (" + file + ")"
		}
		out = append(out, line)
	}
	if len(out) == 0 {
		return say.Text("delivery." + string(d.State))
	}
	return strings.Join(out, "; ")
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

// fileWords say what a file of a package is.
func (s *Server) fileWords(x *inbox.Evidence, f *inbox.EvidenceFile) string {
	switch c := certified(x.Message); {
	case f.What == "authorities":
		return "I certificati delle autorità con cui le firme sono state verificate all’arrivo"
	case f.What == "authority":
		return "Il certificato di una di queste autorità, per vederne l’impronta"
	case f.What == "sent":
		return "Il messaggio come è stato dato al gestore"
	case f.What == "message" && f.Name == "messaggio.eml":
		return "Il messaggio, come sta nella busta (postacert.eml)"
	case f.What == "message":
		return "Il messaggio che sta dentro, non provato da nessuno"
	case c == nil:
		return ""
	case c.Bare:
		return "Il messaggio com’è arrivato, senza busta né firma del gestore"
	case c.Anomaly:
		return "La busta di anomalia com’è arrivata: il gestore non certifica il messaggio che contiene"
	case c.Signature.Outcome == "invalid":
		return "La busta com’è arrivata: la firma che porta non vale"
	case c.Broken:
		return "La busta com’è arrivata, senza una firma del gestore che la copra"
	}
	return "La busta del gestore, con la sua firma, com’è arrivata"
}

func (s *Server) evidenceLine(x *inbox.Evidence, f *inbox.EvidenceFile, sum string, size int64) evidenceRow {
	row := evidenceRow{Name: f.Name, What: s.fileWords(x, f), At: s.localTime(f.At), Sum: sum, Size: size}
	if f.Delivery != nil {
		row.What += " per " + f.Delivery.Address
	}
	if r := f.Receipt; r != nil {
		row.What = s.receiptWords(x, r)
	}
	return row
}

// receiptWords say what a receipt is, of whom and of which mail, why, and whether it is
// proven.
func (s *Server) receiptWords(x *inbox.Evidence, r *inbox.CertifiedReceipt) string {
	say := s.render.Say(page.Italian)
	words := "Ricevuta: " + say.Either("receipt_kind.", receiptKind(r), r.Kind)
	if r.Recipient != "" {
		words += " (" + r.Recipient + ")"
	}
	switch about := x.About(r); {
	case len(about) > 0:
		words += ", riguarda " + strings.Join(about, " o ")
	case r.DeliveryID == 0:
		words += ", di un indirizzo che non è tra i destinatari"
	}
	c := r.CertifiedBy()
	if c == nil {
		return words
	}
	if c.Detail != "" {
		words += ". Il gestore dice: «" + c.Detail + "»"
	}
	words += ". " + signatureWords(say, signature(c.Signature))
	if !r.Proven {
		words += "; " + say.Text("receipt.not_proven")
	}
	return words
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
