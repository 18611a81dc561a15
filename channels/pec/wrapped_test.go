package pec

import (
	"bytes"
	"slices"
	"testing"

	"filodiretto/channels"
)

// relist is what a mailing list makes of a message: a layer around it, a line at
// its end, a word before its subject.
func relist(raw []byte) []byte {
	at := bytes.Index(raw, []byte("Content-Type: multipart/signed"))
	head := bytes.Replace(raw[:at], []byte("Subject: "), []byte("Subject: [lista] "), 1)
	var b bytes.Buffer
	b.Write(head)
	b.WriteString("Content-Type: multipart/mixed; boundary=\"lista\"\r\n\r\n--lista\r\n")
	b.Write(raw[at:])
	b.WriteString("\r\n--lista\r\nContent-Type: text/plain\r\n\r\n____\r\nLista degli uffici\r\n--lista--\r\n")
	return b.Bytes()
}

// What went through a mailing list is certified mail only if the signature inside
// holds; else nobody vouches for a sender, least of all Reply-To (mail rule 52, PEC
// reference section 3 and pitfall 13).
func TestCertifiedMailThroughAList(t *testing.T) {
	w := newWorld(t)
	envelope, err := w.provider.Envelope(anna, box, written("Anna <"+anna+">", "x", "ciao"), now)
	if err != nil {
		t.Fatal(err)
	}
	item := w.parse(t, relist(envelope))
	if item.From.Kind != "pec" || item.From.Value != anna || !item.Certified.Proven() || item.Text != "ciao\n" || !slices.Contains(item.Notes, "pec_rewrapped") {
		t.Errorf("%+v, certified %+v", item, item.Certified)
	}
	changed := bytes.Replace(relist(envelope), []byte("ciao"), []byte("cibo"), 1)
	item = w.parse(t, changed)
	if item.Kind != channels.Message || item.Certified != nil || item.From != (channels.Address{}) || item.Quarantine != quarantineNotProven || !slices.Contains(item.Notes, "pec:not_proven") || !slices.Contains(item.Notes, NoteClaimed+anna) {
		t.Errorf("%+v, certified %+v", item, item.Certified)
	}
	receipt := w.write(t, receiptOf(KindDelivered))
	if item = w.parse(t, relist(receipt)); item.Kind != channels.Report || len(item.Reports) != 1 || !item.Reports[0].Confident {
		t.Errorf("receipt: %+v", item)
	}
	if item = w.parse(t, relist(bytes.Replace(receipt, []byte("name=\"daticert.xml\""), []byte("name=\"daticert.XML\""), 1))); item.Kind == channels.Report {
		t.Errorf("a changed receipt through a list: %+v", item)
	}
}

// An answer of a machine inside a certified mail is one (PEC reference section 7.8).
func TestRule89AutomaticAnswerInside(t *testing.T) {
	w := newWorld(t)
	for _, tt := range []struct {
		header string
		auto   channels.Auto
	}{
		{"Auto-Submitted: auto-replied", channels.Vacation},
		{"Auto-Submitted: auto-generated", channels.AutoReply},
		{"X-Other: no", channels.NotAuto},
	} {
		raw, err := w.provider.Envelope(anna, box, written(anna, "Fuori ufficio", "Torno lunedì", tt.header), now)
		if err != nil {
			t.Fatal(err)
		}
		if item := w.parse(t, raw); (item.Auto == channels.NotAuto) != (tt.auto == channels.NotAuto) {
			t.Errorf("%s: %q", tt.header, item.Auto)
		}
	}
	if item := w.parse(t, w.write(t, receiptOf(KindAccepted))); item.Auto == channels.NotAuto {
		t.Error("a receipt is no person's")
	}
}

// Names of files are read as they are wrongly written: RFC 2047 words where none
// may be, raw bytes (PEC reference section 3).
func TestFileNamesInside(t *testing.T) {
	w := newWorld(t)
	inner := []byte("From: " + anna + "\r\nTo: " + box + "\r\nSubject: x\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=i\r\n\r\n" +
		"--i\r\nContent-Type: text/plain; charset=windows-1252\r\nContent-Transfer-Encoding: 8bit\r\n\r\nCitt\xe0\r\n" +
		"--i\r\nContent-Type: text/xml; name=\"=?utf-8?Q?Segnatura.xml?=\"\r\nContent-Disposition: attachment; filename=\"=?utf-8?Q?Segnatura.xml?=\"\r\n\r\n<x/>\r\n" +
		"--i\r\nContent-Type: application/pdf; name=\"../../Citt\xe0.pdf\"\r\nContent-Disposition: attachment; filename=\"../../Citt\xe0.pdf\"\r\n\r\n%PDF-1.4\r\n--i--\r\n")
	raw, err := w.provider.Envelope(anna, box, inner, now)
	if err != nil {
		t.Fatal(err)
	}
	item := w.parse(t, raw)
	var names []string
	for _, p := range item.Parts {
		names = append(names, p.Name)
	}
	if !slices.Equal(names, []string{"Segnatura.xml", "Città.pdf"}) || item.Text != "Città\n" || !item.Certified.Proven() {
		t.Errorf("names %q, text %q", names, item.Text)
	}
}

// The time in the signature and the certified one are of the same moment.
func TestSigningTimeIsHeldAgainstTheData(t *testing.T) {
	w := newWorld(t)
	raw, err := w.provider.Envelope(anna, box, written(anna, "x", "ciao"), now)
	if err != nil {
		t.Fatal(err)
	}
	if item := w.parse(t, raw); slices.Contains(item.Notes, "pec_signing_time_differs") {
		t.Error(item.Notes)
	}
	l := receiptOf(KindDelivered)
	if item := w.parse(t, w.foreign(t, l)); !item.Certified.Proven() || !slices.Contains(item.Notes, "pec_signing_time_differs") {
		t.Errorf("openssl signs today, the data are of %s: %v", now.Time(), item.Notes)
	}
}

// Where the data are damaged or missing, headers say of which kind it is and no more;
// nothing is lost.
func TestDamagedData(t *testing.T) {
	w := newWorld(t)
	for _, tt := range []struct {
		name   string
		change func([]byte) []byte
		note   string
	}{
		{"missing", func(b []byte) []byte { return bytes.Replace(b, []byte("daticert.xml"), []byte("altro.xml"), -1) }, "daticert_missing"},
		{"no XML", func(b []byte) []byte {
			i := bytes.Index(b, []byte("daticert.xml\"\r\n\r\n")) + len("daticert.xml\"\r\n\r\n")
			end := i + bytes.Index(b[i:], []byte("\r\n--"))
			return slices.Concat(b[:i], []byte("bmllbnRl"), b[end:]) // "niente"
		}, "daticert_unreadable"},
	} {
		raw := tt.change(w.write(t, receiptOf(KindAccepted)))
		item := w.parse(t, raw)
		if item.Kind != channels.Report || item.Certified.Kind != KindAccepted || item.Certified.Original != "" || item.Certified.OriginalClaimed != ourID || item.Certified.Proven() || !slices.Contains(item.Notes, tt.note) {
			t.Errorf("%s: %+v, %+v", tt.name, item, item.Certified)
		}
		for _, r := range item.Reports {
			if r.Confident {
				t.Errorf("%s: certain", tt.name)
			}
		}
	}
}
