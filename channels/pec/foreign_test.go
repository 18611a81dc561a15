package pec

import (
	"bytes"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"filodiretto/channels"
	"filodiretto/channels/pec/standin"
	"filodiretto/internal/cms"
)

// foreign is a letter of the provider under a signature that openssl makes.
func (w *world) foreign(t *testing.T, l standin.Letter, args ...string) []byte {
	t.Helper()
	l.Unsigned = true
	raw := w.write(t, l)
	at := bytes.Index(raw, []byte("Content-Type: multipart/mixed"))
	head, body := raw[:at], raw[at:]
	dir := t.TempDir()
	file := func(name string, b []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	key, err := x509.MarshalPKCS8PrivateKey(w.provider.Signer.Key)
	if err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(dir, "out")
	cmd := exec.Command("openssl", append([]string{
		"cms", "-sign", "-binary", "-outform", "DER", "-out", out, "-in", file("in", body),
		"-signer", file("cert", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: w.provider.Signer.Certificate.Raw})),
		"-inkey", file("key", pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key})),
	}, args...)...)
	if msg, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("openssl: %s", msg)
	}
	der, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	b.Write(head)
	b.WriteString("Content-Type: multipart/signed; protocol=\"application/pkcs7-signature\"; micalg=sha1; boundary=\"out\"\r\n\r\n--out\r\n")
	b.Write(body)
	b.WriteString("\r\n--out\r\nContent-Type: application/pkcs7-signature; name=smime.p7s\r\nContent-Transfer-Encoding: base64\r\n\r\n")
	text := base64.StdEncoding.EncodeToString(der)
	for len(text) > 64 {
		b.WriteString(text[:64] + "\r\n")
		text = text[64:]
	}
	b.WriteString(text + "\r\n--out--\r\n")
	return b.Bytes()
}

// What another program signs is read: SHA-1 of before 2026, open lengths of after
// (PEC reference section 8.2), saved with plain line ends or not.
func TestSignaturesOfOpenSSL(t *testing.T) {
	w := newWorld(t)
	for _, tt := range []struct {
		name, digest string
		args         []string
	}{
		{"SHA-256", "SHA-256", []string{"-md", "sha256"}},
		{"SHA-1", "SHA-1", []string{"-md", "sha1"}},
		{"SHA-512", "SHA-512", []string{"-md", "sha512"}},
		{"open lengths", "SHA-256", []string{"-md", "sha256", "-stream"}},
		{"named by its key", "SHA-256", []string{"-md", "sha256", "-keyid"}},
	} {
		raw := w.foreign(t, receiptOf(KindDelivered), tt.args...)
		for name, b := range map[string][]byte{"as it came": raw, "plain line ends": bytes.ReplaceAll(raw, []byte("\r\n"), []byte("\n"))} {
			items, err := Parse(channels.Raw{Body: b}, own, w.trust)
			if err != nil {
				t.Fatal(err)
			}
			s := items[0].Certified.Signature
			if s.Outcome != cms.Valid || s.Digest != tt.digest {
				t.Errorf("%s, %s: %s %s, digest %s", tt.name, name, s.Outcome, s.Reason, s.Digest)
			}
		}
		if tt.name == "open lengths" && !bytes.Contains(raw, []byte("MIAG")) {
			t.Error("the lengths are not open")
		}
	}
}

// One changed character of the data makes them no proof, wherever it is.
func TestChangedDataProveNothing(t *testing.T) {
	w := newWorld(t)
	raw := w.write(t, receiptOf(KindDelivered))
	i := bytes.Index(raw, []byte(`name="daticert.xml"`))
	start := i + bytes.Index(raw[i:], []byte("\r\n\r\n")) + 4
	end := start + bytes.Index(raw[start:], []byte("\r\n--"))
	data, err := base64.StdEncoding.DecodeString(strings.ReplaceAll(string(raw[start:end]), "\r\n", ""))
	if err != nil {
		t.Fatal(err)
	}
	other := bytes.Replace(data, []byte("<consegna>"+anna), []byte("<consegna>"+luca), 1)
	if bytes.Equal(data, other) {
		t.Fatal("nothing was changed")
	}
	forged := bytes.Join([][]byte{raw[:start], []byte(base64.StdEncoding.EncodeToString(other)), raw[end:]}, nil)
	item := w.parse(t, forged)
	if s := item.Certified.Signature; s.Outcome != cms.Invalid || s.Reason != "digest_mismatch" {
		t.Errorf("%s %s", s.Outcome, s.Reason)
	}
	for _, r := range item.Reports {
		if r.Confident {
			t.Errorf("a forged report is certain: %+v", r)
		}
	}
}
