package pec

import (
	"bytes"
	"slices"
	"testing"

	"filodiretto/channels"
	"filodiretto/channels/pec/standin"
	"filodiretto/internal/cms"
)

// relabelled is a message whose outer headers say something else than what the
// provider signed: from changes nothing in the signed part.
func relabelled(t *testing.T, raw []byte, old, other string) []byte {
	t.Helper()
	at := bytes.Index(raw, []byte("Content-Type: multipart/signed"))
	head := bytes.Replace(raw[:at], []byte(old), []byte(other), 1)
	if bytes.Equal(head, raw[:at]) {
		t.Fatalf("no %q in %q", old, raw[:at])
	}
	return append(head, raw[at:]...)
}

// A provider signs ordinary mail too, as an anomaly, for whoever writes to a certified
// mailbox: under other headers that signature must prove nothing.
func TestAnAnomalyUnderOtherHeadersProvesNothing(t *testing.T) {
	w := newWorld(t)
	raw, err := w.provider.Anomaly(luca, box, written("Sindaco <"+anna+">", "ciao", "testo"), now)
	if err != nil {
		t.Fatal(err)
	}
	item := w.parse(t, relabelled(t, raw, "X-Trasporto: errore", "X-Trasporto: posta-certificata"))
	if s := item.Certified.Signature; s.Outcome != cms.Valid || item.Certified.Proven() || !slices.Contains(item.Notes, "pec_uncovered") {
		t.Errorf("an envelope: %s, proven %v, notes %v", s.Outcome, item.Certified.Proven(), item.Notes)
	}
	item = w.parse(t, relabelled(t, raw, "X-Trasporto: errore", "X-Ricevuta: avvenuta-consegna\r\nX-Riferimento-Message-ID: <"+ourID+">"))
	if item.Kind != channels.Report || item.Certified.Proven() || item.Certified.Original != "" || len(item.Reports) != 1 || item.Reports[0].Confident || item.Reports[0].MessageID != "" {
		t.Errorf("a receipt: %+v, %+v", item.Reports, item.Certified)
	}
}

// What one receipt says under its signature is not made another by its headers.
func TestAReceiptUnderAnotherWordWaitsForAPerson(t *testing.T) {
	w := newWorld(t)
	item := w.parse(t, relabelled(t, w.write(t, receiptOf(KindUndelivered)), "X-Ricevuta: errore-consegna", "X-Ricevuta: avvenuta-consegna"))
	if item.Quarantine != quarantineMismatch || item.Certified.Proven() {
		t.Errorf("quarantine %q, proven %v", item.Quarantine, item.Certified.Proven())
	}
	for _, r := range item.Reports {
		if r.Confident {
			t.Errorf("%+v", r)
		}
	}
}

// Ids that only headers have are kept as what they are: a word of nobody.
func TestOnlySignedIDsAreTaken(t *testing.T) {
	w := newWorld(t)
	l := receiptOf(KindDelivered)
	l.Original = ""
	raw := w.write(t, l)
	at := bytes.Index(raw, []byte("X-Ricevuta:"))
	raw = slices.Concat(raw[:at], []byte("X-Riferimento-Message-ID: <"+ourID+">\r\n"), raw[at:])
	item := w.parse(t, raw)
	if c := item.Certified; !c.Proven() || c.Original != "" || c.OriginalClaimed != ourID || c.ID == "" {
		t.Errorf("%+v", c)
	}
	if item.Quarantine != "" || len(item.Reports) != 1 || item.Reports[0].MessageID != "" {
		t.Errorf("quarantine %q, %+v", item.Quarantine, item.Reports)
	}
	l = standin.Letter{Transport: KindEnvelope, Data: KindEnvelope, From: anna, Inner: []byte("Message-ID: <inside@g.example>\r\n\r\nciao"), To: []standin.Recipient{{Address: box}}}
	if item = w.parse(t, w.write(t, l)); item.Certified.ID != "inside@g.example" {
		t.Errorf("the id inside is signed, that outside is not: %q", item.Certified.ID)
	}
	l.Inner = []byte("Subject: x\r\n\r\nciao")
	if item = w.parse(t, w.write(t, l)); item.Certified.ID != "" {
		t.Errorf("an id out of the headers: %q", item.Certified.ID)
	}
}
