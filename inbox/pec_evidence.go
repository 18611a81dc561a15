package inbox

import (
	"cmp"
	"context"
	"fmt"
	"io"
	netmail "net/mail"
	"strings"

	"filodiretto/channels/pec"
	"filodiretto/internal/clock"
	"filodiretto/internal/db"
)

// Evidence is all that proves a certified mail, received or sent.
type Evidence struct {
	Message    *Message
	Case       *Case
	Deliveries []*Delivery // of one that was sent
	Receipts   []*CertifiedReceipt
	Mailbox    string         // of one that was sent: the address it went out from
	Files      []EvidenceFile // in the order in which they are read
	// Authorities are those that vouched for its signatures when they were verified.
	Authorities []EvidenceAuthority
}

// FileOf is the name of a receipt's file within the package; "" for none.
func (x *Evidence) FileOf(r *CertifiedReceipt) string {
	for i := range x.Files {
		if f := &x.Files[i]; r != nil && f.Receipt != nil && f.Receipt.RawID == r.RawID {
			return f.Name
		}
	}
	return ""
}

// About are the names of the mails that a receipt may be about: those of its recipient
// that left under the id which it names. A try that was repeated left under the same.
func (x *Evidence) About(r *CertifiedReceipt) (names []string) {
	for i := range x.Files {
		if f := &x.Files[i]; f.What == "sent" && f.Delivery != nil && f.Delivery.ID == r.DeliveryID && (f.Sending == r.Sending || r.Sending == unknownSending) {
			names = append(names, f.Name)
		}
	}
	return names
}

// EvidenceFile is one file of the package, byte for byte as it came or left.
type EvidenceFile struct {
	Name string // within the package: "busta.eml", "ricevute/01-accettazione.eml"
	// What is "message" (the citizen's, out of its envelope), "envelope", "sent"
	// (as it was given to the provider), "receipt", "authorities" (their certificates)
	// or "authority" (one of them).
	What     string
	At       clock.Instant     // when it came, left, or was written by the provider
	Delivery *Delivery         // of what is sent or a receipt; nil where it fits none
	Receipt  *CertifiedReceipt // nil for all but receipts
	Sending  int               // of what is sent: which leaving of its delivery (Delivery.Sending)
	Open     func() (io.ReadCloser, error)
}

// Evidence gathers what proves a certified mail that the viewer may see, and
// notes that they took it. InvalidError on "message" for what is no certified
// mail; ErrNotFound when it was taken back.
func (in *Inbox) Evidence(ctx context.Context, v Viewer, messageID int64) (*Evidence, error) {
	m, err := in.Message(ctx, v, messageID)
	if err != nil {
		return nil, err
	}
	switch {
	case m.ErasedAt > 0 || m.CaseID == 0:
		return nil, ErrNotFound
	case m.Channel != "pec" || m.Direction == Note:
		return nil, &InvalidError{"message", "not_certified"}
	}
	x := &Evidence{Message: m}
	if x.Case, err = in.caseOf(ctx, v, m); err != nil {
		return nil, err
	}
	gather := in.sentEvidence
	if m.RawID > 0 {
		gather = in.receivedEvidence
	}
	if err := gather(ctx, x); err != nil {
		return nil, fmt.Errorf("evidence of a certified mail: %w", err)
	}
	if err := in.addAuthorities(ctx, x); err != nil {
		return nil, err
	}
	return x, in.noteEvidence(ctx, v, x)
}

// noteEvidence writes each taking of a package to the events.
func (in *Inbox) noteEvidence(ctx context.Context, v Viewer, x *Evidence) error {
	if v.System {
		return nil
	}
	return in.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		e := v.event(NewEvent(tx, in.clock, "evidence.taken", map[string]any{"files": len(x.Files)}))
		e.CaseID, e.CitizenID, e.MessageID, e.OfficeID = x.Case.ID, x.Message.CitizenID, x.Message.ID, x.Case.OfficeID
		return AppendEvents(ctx, tx, e)
	})
}

// receivedEvidence is the envelope and the message inside it.
func (in *Inbox) receivedEvidence(ctx context.Context, x *Evidence) error {
	raw := func() ([]byte, error) { return in.rawOf(ctx, in.db.Read, x.Message.RawID) }
	envelope, err := raw()
	if err != nil {
		return err
	}
	name := x.Message.EnvelopeName()
	if pec.Inside(envelope) != nil {
		inside := "messaggio.eml"
		if name == inside {
			inside = "contenuto.eml"
		}
		x.Files = append(x.Files, EvidenceFile{Name: inside, What: "message", At: x.Message.At, Open: opening(func() ([]byte, error) {
			b, err := raw()
			return pec.Inside(b), err
		})})
	}
	x.Files = append(x.Files, EvidenceFile{Name: name, What: "envelope", At: x.Message.At, Open: opening(raw)})
	return nil
}

// EnvelopeName is how the bytes of a mail as they came are named, in the evidence package
// and in the protocol register alike: a provider's envelope is another thing than the
// message inside it.
func (m *Message) EnvelopeName() string {
	if m.Direction == In && m.CertifiedBy() != nil {
		return "busta.eml"
	}
	return "messaggio.eml"
}

// sentEvidence is what left for each recipient, and the receipts about it.
func (in *Inbox) sentEvidence(ctx context.Context, x *Evidence) error {
	if err := in.db.Read.NewSelect().Model(&x.Deliveries).Where("d.message_id = ?", x.Message.ID).OrderExpr("d.id").Scan(ctx); err != nil {
		return err
	}
	of := map[int64]*Delivery{}
	var ids []int64
	for _, d := range x.Deliveries {
		of[d.ID] = d
		ids = append(ids, d.ID)
	}
	mails, err := in.sentMails(ctx, ids)
	if err != nil {
		return err
	}
	for i, s := range mails {
		open := func() (io.ReadCloser, error) { return in.openSent(ctx, s) }
		from, id, err := headOf(open)
		if err != nil {
			return err
		}
		_, sending := in.sign.ParseSubmission(id)
		x.Mailbox = cmp.Or(x.Mailbox, from)
		x.Files = append(x.Files, EvidenceFile{
			Name: fmt.Sprintf("inviato-%02d.eml", i+1), What: "sent", At: s.At, Delivery: of[s.DeliveryID], Sending: sending, Open: open,
		})
	}
	all, err := in.receiptsOf(ctx, []int64{x.Message.ID})
	if err != nil {
		return err
	}
	x.Receipts = all[x.Message.ID]
	seen := map[int64]bool{}
	for _, r := range x.Receipts {
		if seen[r.RawID] {
			continue // it speaks of several recipients
		}
		seen[r.RawID] = true
		x.Files = append(x.Files, EvidenceFile{
			Name: fmt.Sprintf("ricevute/%02d-%s.eml", len(seen), fileWord(r.Kind)), What: "receipt", At: r.LegalAt, Delivery: of[r.DeliveryID], Receipt: r,
			Open: opening(func() ([]byte, error) { return in.rawOf(ctx, in.db.Read, r.RawID) }),
		})
	}
	return nil
}

// headOf reads who a mail of ours says that it is from, and its id; empty where it does
// not say.
func headOf(open func() (io.ReadCloser, error)) (from, id string, err error) {
	r, err := open()
	if err != nil {
		return "", "", err
	}
	defer r.Close()
	m, err := netmail.ReadMessage(io.LimitReader(r, headMost))
	if err != nil {
		return "", "", nil // it is in the package as it is
	}
	if a, err := netmail.ParseAddress(m.Header.Get("From")); err == nil {
		from = a.Address
	}
	return from, strings.Trim(m.Header.Get("Message-Id"), "<> "), nil
}

// headMost is how much of a mail of ours is read for its header.
const headMost = 64 << 10

// openSent opens a mail of ours wherever it lives.
func (in *Inbox) openSent(ctx context.Context, s *SentMail) (io.ReadCloser, error) {
	if s.Data != nil {
		return io.NopCloser(strings.NewReader(string(s.Data))), nil
	}
	f, err := in.blobs.Open(ctx, s.SHA256)
	if err != nil {
		return nil, fmt.Errorf("open what was sent: %w", err)
	}
	return f, nil
}

func opening(read func() ([]byte, error)) func() (io.ReadCloser, error) {
	return func() (io.ReadCloser, error) {
		b, err := read()
		if err != nil {
			return nil, err
		}
		return io.NopCloser(strings.NewReader(string(b))), nil
	}
}

// fileWord is a provider's word as a part of a file name: what providers write
// is not ours, and must name no path.
func fileWord(s string) string {
	s = strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '-' {
			return r
		}
		return -1
	}, strings.ToLower(s))
	if s == "" {
		return "ricevuta"
	}
	return cut(s, 40)
}
