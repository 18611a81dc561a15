package pec

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"filodiretto/channels"
	"filodiretto/channels/mail"
	"filodiretto/channels/pec/standin"
	"filodiretto/internal/clock"
	"filodiretto/internal/cms"
)

const (
	box   = "protocollo@pec.comune.valdisotto.example"
	anna  = "anna.verdi@pec.example"
	luca  = "luca.neri@mail.example"
	ourID = "hub.01j9zx3q7k.v1@comune.valdisotto.example"
)

var (
	now = clock.At(time.Date(2026, 11, 20, 8, 31, 5, 0, time.UTC))
	own = mail.OwnAddresses{Address: box}
)

// world is an authority, a provider that it vouches for, and who trusts it.
type world struct {
	authority *standin.Authority
	provider  *standin.Provider
	trust     *cms.Trust
}

func newWorld(t testing.TB) *world {
	t.Helper()
	a, err := standin.NewAuthority(now)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := a.Certify("GESTORE DI PROVA S.p.A.", "gestore.example", now.Time().AddDate(-1, 0, 0), now.Time().AddDate(1, 0, 0))
	if err != nil {
		t.Fatal(err)
	}
	trust, err := a.Trust()
	if err != nil {
		t.Fatal(err)
	}
	zone, err := time.LoadLocation("Europe/Rome")
	if err != nil {
		t.Fatal(err)
	}
	return &world{a, &standin.Provider{Name: "GESTORE DI PROVA S.p.A.", Domain: "gestore.example", Signer: signer, Zone: zone}, trust}
}

func (w *world) parse(t testing.TB, raw []byte) channels.Item {
	t.Helper()
	items, err := Parse(channels.Raw{Body: raw, Size: int64(len(raw)), ReceivedAt: now}, own, w.trust)
	if err != nil || len(items) != 1 {
		t.Fatalf("%d items, error %v", len(items), err)
	}
	return items[0]
}

func (w *world) write(t testing.TB, l standin.Letter) []byte {
	t.Helper()
	if l.At == 0 {
		l.At = now
	}
	if l.MessageID == "" {
		l.MessageID = "letter-1@gestore.example"
	}
	raw, err := w.provider.Write(l)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func written(from, subject, body string, headers ...string) []byte {
	h := "From: " + from + "\r\nTo: " + box + "\r\nSubject: " + subject + "\r\nDate: Fri, 20 Nov 2026 09:30:00 +0100\r\n" +
		"Message-ID: <original-1@pec.example>\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=windows-1252\r\nContent-Transfer-Encoding: 8bit\r\n"
	for _, x := range headers {
		h += x + "\r\n"
	}
	return []byte(h + "\r\n" + body)
}

// receiptOf is a receipt about a message of ours.
func receiptOf(word string) standin.Letter {
	return standin.Letter{
		Receipt: word, Data: word, ID: "tpec77.1@gestore.example", Original: ourID, From: box, About: anna, Addressee: box,
		To: []standin.Recipient{{Address: anna}, {Address: luca, External: true}}, Subject: "Prot. 0001234/2026", Kind: "completa", InnerLast: true,
	}
}

// Rules 82 and 83: the citizen's message inside is the message.
func TestRule83EnvelopeShowsTheMessageInside(t *testing.T) {
	w := newWorld(t)
	raw, err := w.provider.Envelope(anna, box, written("Anna Verdi <"+anna+">", "Richiesta di copia", "Citt\xe0 di Valdisotto\r\n"), now)
	if err != nil {
		t.Fatal(err)
	}
	item := w.parse(t, raw)
	if item.Kind != channels.Message || item.Subject != "Richiesta di copia" || item.Text != "Città di Valdisotto\n" || len(item.Parts) != 0 {
		t.Errorf("the message: %+v", item)
	}
	if item.From != (channels.Address{Kind: "pec", Value: anna, Display: "Anna Verdi"}) {
		t.Errorf("from %+v", item.From)
	}
	c := item.Certified
	if !c.Proven() || c.Kind != KindEnvelope || c.Sender != anna || c.At != now || c.Original != "original-1@pec.example" || c.Provider != "GESTORE DI PROVA S.p.A." {
		t.Errorf("certified %+v", c)
	}
	if item.ExternalID != c.ID || c.ID == "" {
		t.Errorf("id %q, of the envelope %q", item.ExternalID, c.ID)
	}
	if c.Receipt != "completa" || len(c.Recipients) != 1 || c.Recipients[0].Address != box {
		t.Errorf("receipt %q recipients %v", c.Receipt, c.Recipients)
	}
}

// Rule 84: a receipt names our message, and each recipient has a state of its own.
func TestRule84Receipts(t *testing.T) {
	w := newWorld(t)
	type want struct {
		to, state, code string
		final, external bool
	}
	for _, tt := range []struct {
		name   string
		letter func(*standin.Letter)
		word   string
		want   []want
	}{
		{"accepted", nil, KindAccepted, []want{{anna, "relayed", "", false, false}, {luca, "relayed", "", false, true}}},
		{"refused", func(l *standin.Letter) { l.Error, l.Detail = "altro", "5.6.0 - G - mittente" }, KindRefused, []want{{anna, "failed", "5.6.0", true, false}, {luca, "failed", "5.6.0", true, true}}},
		{"refused for a virus", func(l *standin.Letter) { l.Error, l.Virus = "virus", true }, KindRefused, []want{{anna, "failed", "5.7.0", true, false}, {luca, "failed", "5.7.0", true, true}}},
		{"delivered", nil, KindDelivered, []want{{anna, "delivered", "", false, false}}},
		{"no such mailbox", func(l *standin.Letter) { l.Error = "no-dest" }, KindUndelivered, []want{{anna, "failed", "5.1.1", true, false}}},
		{"no such mailbox, as Aruba says it", func(l *standin.Letter) { l.Error, l.Detail = "altro", "5.1.1 - ARUBA - indirizzo non valido" }, KindUndelivered, []want{{anna, "failed", "5.1.1", true, false}}},
		{"no such domain", func(l *standin.Letter) { l.Error = "no-dominio" }, KindUndelivered, []want{{anna, "failed", "5.1.2", true, false}}},
		{"virus", func(l *standin.Letter) { l.Error, l.Virus = "virus", true }, KindUndelivered, []want{{anna, "failed", "5.7.0", true, false}}},
		{"after 12 hours", func(l *standin.Letter) { l.Error, l.Detail = "altro", "4.4.1 - G - dodici ore" }, KindLate, []want{{anna, "delayed", "4.4.1", false, false}}},
		{"after 12 hours, no code", func(l *standin.Letter) { l.Error = "altro" }, KindLate, []want{{anna, "delayed", "", false, false}}},
		{"after 24 hours", func(l *standin.Letter) {
			l.Error, l.Detail = "altro", "5.4.1 - G - il messaggio non e' stato consegnato nelle prime ventiquattro ore dal suo invio"
		}, KindLate, []want{{anna, "failed", "5.4.1", true, false}}},
		{"between providers", nil, KindTaken, nil},
		{"virus found, between providers", func(l *standin.Letter) { l.Error = "virus" }, KindVirus, nil},
		{"a word nobody knows", nil, "mancata-consegna", nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			l := receiptOf(tt.word)
			if tt.letter != nil {
				tt.letter(&l)
			}
			item := w.parse(t, w.write(t, l))
			if item.Kind != channels.Report || item.Quarantine != "" || !item.Certified.Proven() || item.Certified.Kind != tt.word {
				t.Fatalf("item %+v, certified %+v", item, item.Certified)
			}
			var got []want
			for _, r := range item.Reports {
				if r.MessageID != ourID || !r.Confident || r.At != now {
					t.Errorf("report %+v", r)
				}
				got = append(got, want{r.Recipient, r.State, r.Code, r.Permanent, r.External})
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("reports %+v, want %+v", got, tt.want)
			}
		})
	}
}

// Rule 82: two headers decide, exactly, and nothing else does.
func TestRule82Classification(t *testing.T) {
	w := newWorld(t)
	for _, tt := range []struct {
		name string
		raw  []byte
		kind channels.ItemKind
		word string
	}{
		{"only the subject", written("x <"+luca+">", "ACCETTAZIONE: domanda", "ciao"), channels.Message, ""},
		{"case and folding", bytes.Replace(w.write(t, receiptOf(KindAccepted)), []byte("X-Ricevuta: accettazione"), []byte("x-RICEVUTA:\r\n\tAccettazione "), 1), channels.Report, KindAccepted},
		{"not accepted is not accepted", w.write(t, receiptOf(KindRefused)), channels.Report, KindRefused},
		{"an envelope that answers", bytes.Replace(w.write(t, standin.Letter{
			Transport: KindEnvelope, Data: KindEnvelope, From: anna, ID: "e1@g.example", Inner: written(anna, "Re: x", "ciao"), To: []standin.Recipient{{Address: box}},
		}), []byte("X-Trasporto"), []byte("X-Riferimento-Message-ID: <"+ourID+">\r\nX-Trasporto"), 1), channels.Message, KindEnvelope},
		{"both headers", bytes.Replace(w.write(t, standin.Letter{
			Transport: KindEnvelope, Data: KindEnvelope, From: anna, ID: "e1@g.example", Inner: written(anna, "x", "ciao"),
		}), []byte("X-Trasporto"), []byte("X-Ricevuta: avvenuta-consegna\r\nX-Trasporto"), 1), channels.Message, KindEnvelope},
	} {
		item := w.parse(t, tt.raw)
		word := ""
		if item.Certified != nil {
			word = item.Certified.Kind
		}
		if item.Kind != tt.kind || word != tt.word {
			t.Errorf("%s: %s %q", tt.name, item.Kind, word)
		}
	}
}

// Rule 87: ordinary mail in the box is shown as such, and a bounce in it is one.
func TestRule87Anomaly(t *testing.T) {
	w := newWorld(t)
	raw, err := w.provider.Anomaly(luca, box, written("Luca <"+luca+">", "ciao", "testo"), now)
	if err != nil {
		t.Fatal(err)
	}
	item := w.parse(t, raw)
	if item.From.Kind != "email" || item.From.Value != luca || item.Text != "testo\n" || item.Certified.Kind != KindAnomaly || !slices.Contains(item.Notes, "pec:anomaly") {
		t.Errorf("item %+v, certified %+v", item, item.Certified)
	}
	bounce := []byte("From: MAILER-DAEMON@mx.example\r\nTo: " + box + "\r\nSubject: Undelivered\r\nMIME-Version: 1.0\r\n" +
		"Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nno\r\n" +
		"--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\nFinal-Recipient: rfc822; " + luca + "\r\nAction: failed\r\nStatus: 5.1.1\r\n" +
		"--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: <" + ourID + ">\r\n\r\n--b--\r\n")
	if raw, err = w.provider.Anomaly("", box, bounce, now); err != nil {
		t.Fatal(err)
	}
	item = w.parse(t, raw)
	if item.Kind != channels.Report || len(item.Reports) != 1 || item.Reports[0].Recipient != luca || item.Reports[0].MessageID != ourID {
		t.Errorf("bounce %+v", item)
	}
}

// What is odd is told, and nothing is lost for it.
func TestOddEnvelopes(t *testing.T) {
	w := newWorld(t)
	inner := written("Anna <"+anna+">", "x", "ciao")
	base := standin.Letter{Transport: KindEnvelope, Data: KindEnvelope, From: anna, ID: "e1@g.example", Inner: inner, To: []standin.Recipient{{Address: box}}, ReplyTo: anna, Prefix: "POSTA CERTIFICATA: "}
	for _, tt := range []struct {
		name       string
		change     func(*standin.Letter)
		after      func([]byte) []byte
		from       string
		quarantine string
		note       string
		outcome    cms.Outcome
		reason     string
	}{
		{"as it should be", nil, nil, anna, "", "", cms.Valid, ""},
		{"data first", func(l *standin.Letter) { l.InnerLast = true }, nil, anna, "", "", cms.Valid, ""},
		{"lines of a saved file", func(l *standin.Letter) { l.LineEnds = "\n" }, nil, anna, "", "", cms.Valid, ""},
		{"no data", func(l *standin.Letter) { l.Data = "" }, nil, anna, "", "daticert_missing", cms.Valid, ""},
		{"no data, no sender inside", func(l *standin.Letter) { l.Data = ""; l.Inner = []byte("Subject: x\r\n\r\nciao") }, nil, "", quarantineNoSender, NoteClaimed + anna, cms.Valid, ""},
		{"data for another kind", func(l *standin.Letter) { l.Data = KindAccepted }, nil, anna, quarantineMismatch, "", cms.Valid, ""},
		{"another sender inside", func(l *standin.Letter) { l.Inner = written("Sindaco <sindaco@comune.example>", "x", "ciao") }, nil, anna, "", "pec_sender_differs", cms.Valid, ""},
		{"nothing inside", func(l *standin.Letter) { l.Inner = nil }, nil, anna, quarantineDamaged, "", cms.Valid, ""},
		{"not signed", func(l *standin.Letter) { l.Unsigned = true }, func(b []byte) []byte { return b }, anna, "", "", cms.Unknown, "not_signed"},
		{"one letter changed", nil, func(b []byte) []byte { return bytes.Replace(b, []byte("ciao"), []byte("cibo"), 1) }, anna, "", "pec_signature_invalid", cms.Invalid, "digest_mismatch"},
		{"signature of nothing", nil, func(b []byte) []byte {
			i := bytes.LastIndex(b, []byte("smime.p7s\"\r\n\r\n"))
			return append(append(bytes.Clone(b[:i+13]), "AAAA\r\n"...), b[len(b)-40:]...)
		}, anna, "", "", cms.Unknown, "unreadable"},
		{"another provider's name on it", nil, func(b []byte) []byte {
			return bytes.Replace(b, []byte("<posta-certificata@gestore.example>\r\nReply"), []byte("<posta-certificata@altro.example>\r\nReply"), 1)
		}, anna, "", "pec_signature_invalid", cms.Invalid, "wrong_address"},
		{"no final boundary", nil, func(b []byte) []byte { return bytes.TrimSuffix(b, []byte("--\r\n")) }, anna, "", "", cms.Valid, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			l := base
			if tt.change != nil {
				tt.change(&l)
			}
			raw := w.write(t, l)
			if tt.after != nil {
				raw = tt.after(raw)
			}
			item := w.parse(t, raw)
			if item.From.Value != tt.from || item.Quarantine != tt.quarantine {
				t.Errorf("from %q, quarantine %q", item.From.Value, item.Quarantine)
			}
			if s := item.Certified.Signature; s.Outcome != tt.outcome || s.Reason != tt.reason {
				t.Errorf("signature %s %s", s.Outcome, s.Reason)
			}
			if tt.note != "" && !slices.Contains(item.Notes, tt.note) {
				t.Errorf("notes %v, want %s", item.Notes, tt.note)
			}
			if proven := tt.outcome == cms.Valid && l.Data == KindEnvelope; item.Certified.Proven() != proven {
				t.Errorf("proven %v, should be %v", !proven, proven)
			}
		})
	}
}

// A certified mail that was forwarded carries a second daticert.xml: only the
// outermost counts.
func TestForwardedCertifiedMail(t *testing.T) {
	w := newWorld(t)
	first, err := w.provider.Envelope(luca, anna, written(luca, "dentro", "testo interno"), now)
	if err != nil {
		t.Fatal(err)
	}
	inner := []byte("From: " + anna + "\r\nSubject: I: dentro\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=f\r\n\r\n" +
		"--f\r\nContent-Type: text/plain\r\n\r\nguardate qui\r\n--f\r\nContent-Type: message/rfc822\r\n\r\n" + string(first) +
		"\r\n--f\r\nContent-Type: application/xml; name=daticert.xml\r\n\r\n<postacert tipo=\"accettazione\"/>\r\n--f--\r\n")
	raw, err := w.provider.Envelope(anna, box, inner, now)
	if err != nil {
		t.Fatal(err)
	}
	item := w.parse(t, raw)
	if item.From.Value != anna || item.Certified.Sender != anna || item.Text != "guardate qui\n" || len(item.Parts) != 2 || !item.Certified.Proven() {
		t.Errorf("item %+v\ncertified %+v", item, item.Certified)
	}
	if item.Parts[0].Kind != channels.Nested || !strings.Contains(item.Parts[0].Preview, "testo interno") {
		t.Errorf("part %+v", item.Parts[0])
	}
}

// The signature is checked for the time of receipt; old mail stays proven.
func TestSignerExpiredSince(t *testing.T) {
	w := newWorld(t)
	old := now.Time().AddDate(-1, -6, 0)
	signer, err := w.authority.Certify("VECCHIO", "vecchio.example", old.AddDate(0, -6, 0), old.AddDate(0, 1, 0))
	if err != nil {
		t.Fatal(err)
	}
	p := &standin.Provider{Name: "VECCHIO", Domain: "vecchio.example", Signer: signer}
	raw, err := p.Envelope(anna, box, written(anna, "x", "ciao"), clock.At(old))
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name     string
		received clock.Instant
		archive  bool
		outcome  cms.Outcome
	}{
		{"received then", clock.At(old.Add(time.Minute)), false, cms.Valid},
		{"from an archive", now, true, cms.Valid},
		{"written long ago, received now", now, false, cms.Invalid},
	} {
		items, err := Parse(channels.Raw{Body: raw, ReceivedAt: tt.received, Archive: tt.archive}, own, w.trust)
		if err != nil {
			t.Fatal(err)
		}
		if s := items[0].Certified.Signature; s.Outcome != tt.outcome {
			t.Errorf("%s: %s %s", tt.name, s.Outcome, s.Reason)
		}
	}
}

// What is not wrapped, or not whole, is mail; the provider is nobody's identity.
func TestNotWhole(t *testing.T) {
	w := newWorld(t)
	raw, err := w.provider.Envelope(anna, box, written(anna, "x", "ciao"), now)
	if err != nil {
		t.Fatal(err)
	}
	head, _, _ := bytes.Cut(raw, []byte("\r\n\r\n"))
	items, err := Parse(channels.Raw{Body: head, ReceivedAt: now, Meta: map[string]string{mail.MetaProblem: mail.ProblemTooLarge}}, own, w.trust)
	if err != nil {
		t.Fatal(err)
	}
	if items[0].Quarantine != "too_large" || items[0].From != (channels.Address{}) || items[0].Certified != nil || !slices.Contains(items[0].Notes, NoteClaimed+anna) {
		t.Errorf("%+v", items[0])
	}
	beginning := channels.Raw{Body: raw[:len(raw)/2], Size: 70 << 20, Blob: "all of it", ReceivedAt: now} // too large to be read whole
	for name, parse := range map[string]func() ([]channels.Item, error){
		"certified": func() ([]channels.Item, error) { return Parse(beginning, own, w.trust) },
		"ordinary":  func() ([]channels.Item, error) { return ParseOrdinary(beginning, own, w.trust) },
	} {
		if items, err = parse(); err != nil || items[0].Quarantine != "too_large" || items[0].From != (channels.Address{}) || items[0].Certified != nil {
			t.Errorf("%s mailbox: %+v, %v", name, items, err)
		}
	}
	if items, err = Parse(channels.Raw{Body: []byte("\x00\x01"), ReceivedAt: now}, own, w.trust); err != nil || items[0].Quarantine != "unparseable" {
		t.Errorf("%+v, %v", items, err)
	}
}

// The stand-in's signatures hold for a foreign program too.
func TestStandInBeforeOpenSSL(t *testing.T) {
	w := newWorld(t)
	raw, err := w.provider.Envelope(anna, box, written(anna, "x", "ciao"), now)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	in, ca := filepath.Join(dir, "in.eml"), filepath.Join(dir, "ca.pem")
	if err := os.WriteFile(in, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(ca, w.authority.PEM(), 0o600); err != nil {
		t.Fatal(err)
	}
	msg, err := exec.Command("openssl", "cms", "-verify", "-in", in, "-CAfile", ca, "-attime", "1795163465", "-out", filepath.Join(dir, "out")).CombinedOutput()
	if err != nil {
		t.Errorf("openssl: %s", msg)
	}
}
