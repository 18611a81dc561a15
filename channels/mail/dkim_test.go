package mail

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-msgauth/dkim"

	"filodiretto/channels"
	"filodiretto/internal/clock"
)

// signer signs mails for domains and is the DNS that knows their keys.
type signer struct {
	mu   sync.Mutex
	keys map[string]ed25519.PrivateKey
	txt  map[string][]string
	down bool
	asks int
}

func newSigner(t *testing.T, domains ...string) *signer {
	t.Helper()
	s := &signer{keys: map[string]ed25519.PrivateKey{}, txt: map[string][]string{}}
	for _, d := range domains {
		public, private, err := ed25519.GenerateKey(rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		s.keys[d] = private
		s.txt["s1._domainkey."+d] = []string{"v=DKIM1; k=ed25519; p=" + base64.StdEncoding.EncodeToString(public)}
	}
	return s
}

func (s *signer) lookup(_ context.Context, name string) ([]string, error) {
	s.mu.Lock() // two signatures of one mail are looked up at once
	s.asks++
	s.mu.Unlock()
	if s.down {
		return nil, &net.DNSError{Err: "no answer", Name: name, IsTemporary: true}
	}
	texts, ok := s.txt[strings.TrimSuffix(name, ".")]
	if !ok {
		return nil, &net.DNSError{Err: "no such host", Name: name, IsNotFound: true}
	}
	return texts, nil
}

func (s *signer) sign(t *testing.T, domain, mail string) string {
	t.Helper()
	var b bytes.Buffer
	err := dkim.Sign(&b, strings.NewReader(mail), &dkim.SignOptions{
		Domain: domain, Selector: "s1", Signer: s.keys[domain], HeaderKeys: []string{"From", "Subject", "To"},
		HeaderCanonicalization: dkim.CanonicalizationRelaxed, BodyCanonicalization: dkim.CanonicalizationRelaxed,
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func plainMail(from string) string {
	return fmt.Sprintf("From: Anna <%s>\r\nTo: urp@comune.pontelieto.example\r\nSubject: Orari\r\nMessage-ID: <1@a.example>\r\nDate: Mon, 16 Nov 2026 10:00:00 +0100\r\n\r\nBuongiorno, quali sono gli orari?\r\n", from)
}

// Rule 51: the signature of the sender's domain is checked over what came.
func TestRule51SignaturesOfDomains(t *testing.T) {
	dns := newSigner(t, "posta.example", "mailer.example", "mail.posta.example")
	own := plainMail("anna@posta.example")
	signed := dns.sign(t, "posta.example", own)
	for _, tt := range []struct {
		name, mail, from string
		outcome          channels.CheckOutcome
		domain           string
		aligned          bool
		reason           string
	}{
		{"holds", signed, "anna@posta.example", channels.CheckPass, "posta.example", true, ""},
		{"of a part of the domain", dns.sign(t, "mail.posta.example", own), "anna@posta.example", channels.CheckPass, "mail.posta.example", true, ""},
		{"of another domain", dns.sign(t, "mailer.example", own), "anna@posta.example", channels.CheckPass, "mailer.example", false, ""},
		{"several senders", signed, "", channels.CheckPass, "posta.example", false, ""},
		{"own and another", dns.sign(t, "mailer.example", signed), "anna@posta.example", channels.CheckPass, "posta.example", true, ""},
		{"text changed", strings.Replace(signed, "gli orari?", "i conti?", 1), "anna@posta.example", channels.CheckFail, "posta.example", true, "body_changed"},
		{"sender changed", strings.Replace(signed, "Anna <anna@", "Anna <capo@", 1), "capo@posta.example", channels.CheckFail, "posta.example", true, "header_changed"},
		{"a part signed", strings.Replace(signed, "v=1;", "v=1; l=3;", 1), "anna@posta.example", channels.CheckNone, "", false, "part_signed"},
		{"no signature", own, "anna@posta.example", channels.CheckNone, "", false, ""},
		{"no key", strings.Replace(signed, "s=s1", "s=s9", 1), "anna@posta.example", channels.CheckNone, "", false, "no_key"},
		{"nonsense", "DKIM-Signature: v=1; d=\r\n" + own, "anna@posta.example", channels.CheckNone, "", false, "malformed"},
		{"no mail", "x", "", channels.CheckNone, "", false, ""},
		{"a header without end", "From: a@b.example\r\nX: " + strings.Repeat("y\r\n ", mostHeader/4), "a@b.example", channels.CheckNone, "", false, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c, err := checkSender(t.Context(), strings.NewReader(tt.mail), tt.from, dns.lookup)
			if err != nil {
				t.Fatal(err)
			}
			if c.Outcome != tt.outcome || tt.outcome != channels.CheckNone && (c.Domain != tt.domain || c.Aligned != tt.aligned) {
				t.Errorf("got %+v", c)
			}
			if tt.reason != "" && (len(c.Signatures) == 0 || c.Signatures[0].Reason != tt.reason) {
				t.Errorf("reason: %+v", c.Signatures)
			}
		})
	}
}

// Rule 51: a field that was put on top of a signed mail is not what its domain
// signed, and it is the one that is shown.
func TestRule51ASecondFieldOnTopOfASignedMail(t *testing.T) {
	dns := newSigner(t, "posta.example")
	own := plainMail("anna@posta.example")
	signed := dns.sign(t, "posta.example", own)
	for _, tt := range []struct {
		name, mail string
		outcome    channels.CheckOutcome
	}{
		{"as signed", signed, channels.CheckPass},
		{"subject", "Subject: Cambio IBAN\r\n" + signed, channels.CheckNone},
		{"from", "From: Sindaco <sindaco@posta.example>\r\n" + signed, channels.CheckNone},
		{"date", "Date: Sun, 22 Nov 2026 10:00:00 +0100\r\n" + signed, channels.CheckNone},
		{"type", "Content-Type: text/html\r\nContent-Type: text/plain\r\n" + signed, channels.CheckNone},
		{"another subject beneath", strings.Replace(signed, "Message-ID:", "Subject: Altro\r\nMessage-ID:", 1), channels.CheckFail},
		{"a field that may stand twice", "X-Other: 1\r\nX-Other: 2\r\n" + signed, channels.CheckPass},
	} {
		c, err := checkSender(t.Context(), strings.NewReader(tt.mail), "anna@posta.example", dns.lookup)
		if err != nil || c.Outcome != tt.outcome || tt.outcome == channels.CheckNone && c.Signatures[0].Reason != "field_added" {
			t.Errorf("%s: %+v %v, want %s", tt.name, c, err, tt.outcome)
		}
	}
	// who names the field once more than it is there signs that no other comes
	var b bytes.Buffer
	err := dkim.Sign(&b, strings.NewReader("Subject: Due\r\n"+own), &dkim.SignOptions{
		Domain: "posta.example", Selector: "s1", Signer: dns.keys["posta.example"], HeaderKeys: []string{"From", "Subject", "Subject"},
	})
	if err != nil {
		t.Fatal(err)
	}
	if c, err := checkSender(t.Context(), strings.NewReader(b.String()), "anna@posta.example", dns.lookup); err != nil || c.Outcome != channels.CheckPass {
		t.Errorf("both are signed: %+v %v", c, err)
	}
}

// Rule 51: many signatures, and a DNS that is away.
func TestRule51ABoundedCheck(t *testing.T) {
	dns := newSigner(t, "posta.example")
	mail := plainMail("anna@posta.example")
	for range mostSignatures + 20 {
		mail = dns.sign(t, "posta.example", mail)
	}
	c, err := checkSender(t.Context(), strings.NewReader(mail), "anna@posta.example", dns.lookup)
	if err != nil || c.Outcome != channels.CheckPass || dns.asks > mostSignatures || len(c.Signatures) != mostSignatures+1 {
		t.Errorf("%+v after %d questions: %v", c, dns.asks, err)
	}
	dns.down = true
	c, err = checkSender(t.Context(), strings.NewReader(mail), "anna@posta.example", dns.lookup)
	if err != nil || c.Outcome != channels.CheckTemporary {
		t.Errorf("the DNS is away: %+v, %v", c, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err = checkSender(ctx, strings.NewReader(mail), "anna@posta.example", dns.lookup); !errors.Is(err, context.Canceled) {
		t.Errorf("stopped: %v", err)
	}
}

// Answers of the DNS are remembered for a while; that none came is not.
func TestKeysAreRemembered(t *testing.T) {
	dns, at := newSigner(t, "posta.example"), clock.NewManual(time.Date(2026, 11, 16, 9, 0, 0, 0, time.UTC))
	k := &keys{ask: dns.lookup, clock: at, known: map[string]domainKey{}}
	ask := func(name string, asks int, wantErr bool) {
		t.Helper()
		_, err := k.lookup(t.Context(), name)
		if (err != nil) != wantErr || dns.asks != asks {
			t.Errorf("%s: %v, asked %d times, want %d", name, err, dns.asks, asks)
		}
	}
	ask("s1._domainkey.posta.example", 1, false)
	ask("s1._domainkey.posta.example", 1, false)
	ask("s9._domainkey.posta.example", 2, true)
	ask("s9._domainkey.posta.example", 2, true)
	at.Advance(noKeyFor + time.Second)
	ask("s1._domainkey.posta.example", 2, false)
	ask("s9._domainkey.posta.example", 3, true)
	dns.down = true
	at.Advance(keyFor)
	ask("s1._domainkey.posta.example", 4, true)
	ask("s1._domainkey.posta.example", 5, true)
	for i := range mostKeys + 10 {
		k.known[fmt.Sprint(i)] = domainKey{}
	}
	dns.down = false
	ask("s1._domainkey.posta.example", 6, false)
	if len(k.known) > mostKeys {
		t.Errorf("%d names are remembered", len(k.known))
	}
}
