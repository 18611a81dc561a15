package pec

import (
	"bytes"
	"context"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"filodiretto/channels"
	"filodiretto/internal/testserver"
)

func account(change ...string) channels.Account {
	s := map[string]string{
		"address": box, "imap_host": "127.0.0.1", "imap_security": "plain-local", "imap_password": "segreta",
		"smtp_host": "127.0.0.1", "smtp_security": "plain-local",
	}
	for i := 0; i < len(change); i += 2 {
		s[change[i]] = change[i+1]
	}
	return channels.Account{ID: 1, Key: "protocollo", Kind: "pec", Name: "Protocollo", Settings: s}
}

func TestSettings(t *testing.T) {
	bad := filepath.Join(t.TempDir(), "x.pem")
	if err := os.WriteFile(bad, []byte("nothing"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ name, value, want string }{
		{"receipt", "lunga", "receipt"},
		{"max_mb", "0", "max_mb"},
		{"max_mb", "x", "max_mb"},
		{"authority_keys", "abc", "authority_keys"},
		{"authorities_file", bad, "authorities_file"},
		{"address", "x", "address"},
	} {
		if _, err := open(account(tt.name, tt.value), channels.Deps{}); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s = %s: %v", tt.name, tt.value, err)
		}
	}
	if _, err := open(account(), channels.Deps{}); err != nil {
		t.Error(err)
	}
	names := map[string]bool{}
	for _, f := range Driver.Fields {
		names[f.Name] = true
	}
	if names["plus_addressing"] || !names["aliases"] || !names["receipt"] || len(names) != len(fromMail)+6 {
		t.Errorf("fields %v", names)
	}
}

// Rule 72: from, envelope and headers are the mailbox and the one recipient;
// no blind copies, no marks of robots, the kind of receipt that was chosen.
func TestRule72WhatIsSent(t *testing.T) {
	s, err := testserver.StartSMTPSink(testserver.SinkOptions{User: box, Password: "segreta"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Stop)
	host, port, err := net.SplitHostPort(s.Addr())
	if err != nil {
		t.Fatal(err)
	}
	ch, err := open(account("smtp_host", host, "smtp_port", port, "receipt", "breve", "max_mb", "1"), channels.Deps{})
	if err != nil {
		t.Fatal(err)
	}
	out := &channels.Outgoing{
		ExternalID: ourID, To: channels.Address{Kind: "pec", Value: anna}, Subject: "Riscontro", Text: "Buongiorno\n", Automatic: true, ReplyToken: "abc",
		ToAll: []channels.Address{{Value: anna}, {Value: luca}}, CcAll: []channels.Address{{Value: "x@y.example"}},
	}
	if _, err := ch.(channels.Sender).Send(context.Background(), out); err != nil {
		t.Fatal(err)
	}
	got := s.Messages()[0]
	head, _, _ := bytes.Cut(got.Data, []byte("\r\n\r\n"))
	h := string(head)
	if got.From != box || got.To != anna {
		t.Errorf("envelope from %s to %s", got.From, got.To)
	}
	if !strings.Contains(h, "<"+box+">") || !strings.Contains(h, "To: <"+anna+">") && !strings.Contains(h, "To: "+anna) || !strings.Contains(h, "X-TipoRicevuta: breve") || !strings.Contains(h, "Message-ID: <"+ourID+">") {
		t.Errorf("header:\n%s", h)
	}
	for _, bad := range []string{luca, "x@y.example", "Auto-Submitted", "Precedence", "Reply-To", "Bcc"} {
		if strings.Contains(h, bad) {
			t.Errorf("header has %s:\n%s", bad, h)
		}
	}
	out.Text = strings.Repeat("molto testo ", 100_000)
	if _, err := ch.(channels.Sender).Send(context.Background(), out); channels.AsError(err).Class != channels.ContentRejected {
		t.Errorf("too large: %v", err)
	}
	if n := s.Count(); n != 1 {
		t.Errorf("%d messages reached the provider", n)
	}
}

// What may be attached fits into the provider's limit once it is encoded.
func TestFilesThatFit(t *testing.T) {
	ch, err := open(account("max_mb", "30"), channels.Deps{})
	if err != nil {
		t.Fatal(err)
	}
	most := ch.(channels.Sized).MostFiles()
	if encoded := most/57*78 + 100_000; encoded > 30<<20 || most < 18<<20 {
		t.Errorf("%d bytes become %d", most, encoded)
	}
}
