package pec

import (
	"bytes"
	"context"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"filodiretto/channels"
	"filodiretto/channels/channeltest"
	"filodiretto/channels/mail"
	"filodiretto/internal/testserver"
)

const urp = "urp@comune.valdisotto.example"

func (w *world) parseOrdinary(t *testing.T, raw []byte) channels.Item {
	t.Helper()
	items, err := ParseOrdinary(channels.Raw{Body: raw, Size: int64(len(raw)), ReceivedAt: now},
		mail.OwnAddresses{Address: urp, Servers: []string{"mx.comune.valdisotto.example"}}, w.trust)
	if err != nil || len(items) != 1 {
		t.Fatalf("%d items, error %v", len(items), err)
	}
	return items[0]
}

// An ordinary mailbox opens certified mail as a certified one does, and lets it count
// only under a signature that holds.
func TestParseOrdinary(t *testing.T) {
	w := newWorld(t)
	whole, err := w.provider.Envelope(anna, urp, written("Anna Verdi <"+anna+">", "Richiesta", "Testo\r\n",
		"Authentication-Results: mx.comune.valdisotto.example; dmarc=pass header.from=pec.example", "DKIM-Signature: v=1; a=rsa-sha256; d=pec.example", "X-Spam-Flag: YES"), now)
	if err != nil {
		t.Fatal(err)
	}
	anomaly, err := w.provider.Anomaly(luca, urp, written("Luca Neri <"+luca+">", "Domanda", "Testo\r\n"), now)
	if err != nil {
		t.Fatal(err)
	}
	receipt := w.write(t, receiptOf(KindAccepted))
	word := func(s string) []byte {
		return bytes.Replace(whole, []byte("X-Trasporto: posta-certificata"), []byte("X-Trasporto: "+s), 1)
	}
	for _, tt := range []struct {
		name       string
		raw        []byte
		kind       channels.ItemKind
		from       channels.Address
		quarantine string
	}{
		{"certified", whole, channels.Message, channels.Address{Kind: "pec", Value: anna, Display: "Anna Verdi"}, ""},
		{"with other line ends", bytes.ReplaceAll(whole, []byte("\r\n"), []byte("\n")), channels.Message, channels.Address{Kind: "pec", Value: anna, Display: "Anna Verdi"}, ""},
		{"in capitals", word("POSTA-CERTIFICATA "), channels.Message, channels.Address{Kind: "pec", Value: anna, Display: "Anna Verdi"}, ""},
		{"changed", bytes.Replace(whole, []byte("Testo"), []byte("Tasto"), 1), channels.Message, channels.Address{Kind: "pec", Value: anna, Display: "Anna Verdi"}, quarantineNotProven},
		{"an anomaly", anomaly, channels.Message, channels.Address{Kind: "email", Value: luca, Display: "Luca Neri"}, quarantineNotProven},
		{"a receipt", receipt, channels.Report, channels.Address{Kind: "email", Value: "posta-certificata@gestore.example"}, ""},
		{"a receipt of a provider whom nobody knows", newWorld(t).write(t, receiptOf(KindAccepted)), channels.Report, channels.Address{Kind: "email", Value: "posta-certificata@gestore.example"}, quarantineNotProven},
	} {
		it := w.parseOrdinary(t, tt.raw)
		if it.Kind != tt.kind || it.From != tt.from || it.Quarantine != tt.quarantine {
			t.Errorf("%s: %s from %+v, waits for %q", tt.name, it.Kind, it.From, it.Quarantine)
		}
		if !slices.Contains(it.Notes, NoteOrdinaryMailbox) {
			t.Errorf("%s: nothing says where it came to: %v", tt.name, it.Notes)
		}
		if i := slices.IndexFunc(it.Notes, func(n string) bool {
			return strings.HasPrefix(n, "dmarc") || n == "dkim_signature" || n == "spam_flag"
		}); i >= 0 {
			t.Errorf("%s: its sender's own words count: %s", tt.name, it.Notes[i])
		}
	}
	if it := w.parseOrdinary(t, word("pigeon")); it.Certified != nil || it.From.Kind != "email" {
		t.Errorf("a word that no provider uses: %+v", it)
	}
	if it := w.parseOrdinary(t, written("Luca Neri <"+luca+">", "Domanda", "Testo\r\n\r\nX-Trasporto: posta-certificata\r\n")); it.Certified != nil || it.Quarantine != "" || it.From.Value != luca {
		t.Errorf("a word in the text: %+v", it)
	}
	_, err = ParseOrdinary(channels.Raw{Body: whole, Cuts: []channels.Cut{{Mark: "x"}}}, mail.OwnAddresses{Address: urp}, w.trust)
	if err != channels.ErrCuts {
		t.Errorf("what is signed is read in part: %v", err)
	}
}

// The name beside another address than the certified one is somebody else's.
func TestTheNameOfAnotherSenderIsNotShown(t *testing.T) {
	w := newWorld(t)
	raw, err := w.provider.Envelope(anna, box, written("Banca Finta <finto@pec.banca.example>", "Avviso", "Testo\r\n"), now)
	if err != nil {
		t.Fatal(err)
	}
	it := w.parse(t, raw)
	if it.From != (channels.Address{Kind: "pec", Value: anna}) || !slices.Contains(it.Notes, "pec_sender_differs") {
		t.Errorf("%+v %v", it.From, it.Notes)
	}
}

// The driver of ordinary mailboxes reads over IMAP like any other, and what it took in
// is opened; each way of reading is one that it knows.
func TestAnOrdinaryMailboxOpensWhatItReads(t *testing.T) {
	w := newWorld(t)
	d := testserver.Dovecot(t)
	if err := d.Account(urp, "segreta"); err != nil {
		t.Fatal(err)
	}
	envelope, err := w.provider.Envelope(anna, urp, written("Anna Verdi <"+anna+">", "Richiesta", "Testo\r\n"), now)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.Append(urp, "INBOX", envelope, now.Time()); err != nil {
		t.Fatal(err)
	}
	authorities := filepath.Join(t.TempDir(), "authorities.pem")
	if err := os.WriteFile(authorities, w.authority.PEM(), 0o600); err != nil {
		t.Fatal(err)
	}
	host, port, err := net.SplitHostPort(d.Addr())
	if err != nil {
		t.Fatal(err)
	}
	opened := func(reading string) channels.Channel {
		t.Helper()
		ch, err := Mail.Open(channels.Account{ID: 1, Key: "urp", Kind: "mail", Settings: map[string]string{
			"address": urp, "reading": reading, reading + "_host": host, reading + "_port": port, reading + "_security": "plain-local", reading + "_password": "segreta",
			"smtp_host": host, "smtp_security": "plain-local", "authorities_file": authorities,
		}}, channels.Deps{})
		if err != nil {
			t.Fatal(err)
		}
		return ch
	}
	in := channeltest.NewIntake()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	ended := make(chan error, 1)
	ch := opened("imap")
	go func() { ended <- ch.(channels.Receiver).Receive(ctx, in) }()
	got, err := in.AwaitItems(ctx, 1)
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	<-ended
	raw := channels.Raw{Body: in.Body(got[0]), Size: int64(len(envelope)), ReceivedAt: now}
	for _, ch := range []channels.Channel{ch, opened("pop3"), opened("handed")} {
		items, err := ch.Parse(raw)
		if err != nil || len(items) != 1 || items[0].From.Value != anna || !items[0].Certified.Proven() || ch.ParserVersion() != ParserVersion {
			t.Errorf("%T: %+v %v", ch, items, err)
		}
	}
}
