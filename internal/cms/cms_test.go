package cms

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"filodiretto/internal/clock"
)

var (
	from = time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)
	to   = time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)
	then = clock.At(time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC))
)

// identity is a key with its certificate, in memory and in files for openssl.
type identity struct {
	cert    *x509.Certificate
	key     crypto.Signer
	certPEM string
	keyPEM  string
}

type people struct {
	root, rsa, ecdsa identity
	dir              string
}

var made = sync.OnceValue(func() *people {
	dir, err := os.MkdirTemp("", "cms")
	must(err)
	p := &people{dir: dir}
	rootKey, err := rsa.GenerateKey(rand.Reader, 2048)
	must(err)
	p.root = issue(dir, "root", rootKey, nil)
	k1, err := rsa.GenerateKey(rand.Reader, 2048)
	must(err)
	p.rsa = issue(dir, "rsa", k1, &p.root)
	k2, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(err)
	p.ecdsa = issue(dir, "ecdsa", k2, &p.root)
	return p
})

func TestMain(m *testing.M) {
	code := m.Run()
	_ = os.RemoveAll(made().dir)
	os.Exit(code)
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

func issue(dir, name string, key crypto.Signer, by *identity) identity {
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 100))
	must(err)
	t := &x509.Certificate{
		SerialNumber: serial, NotBefore: from, NotAfter: to, BasicConstraintsValid: true,
		Subject:  pkix.Name{CommonName: "Rossi Anna " + name, Organization: []string{"Gestore di prova"}, SerialNumber: "TINIT-RSSNNA80A41H501X"},
		KeyUsage: x509.KeyUsageDigitalSignature, SubjectKeyId: serial.Bytes(), EmailAddresses: []string{"Posta-Certificata@gestore.example"},
	}
	parent, signer := t, key
	if by == nil {
		t.IsCA, t.KeyUsage = true, x509.KeyUsageCertSign|x509.KeyUsageCRLSign
	} else {
		parent, signer = by.cert, by.key
	}
	der, err := x509.CreateCertificate(rand.Reader, t, parent, key.Public(), signer)
	must(err)
	cert, err := x509.ParseCertificate(der)
	must(err)
	private, err := x509.MarshalPKCS8PrivateKey(key)
	must(err)
	x := identity{cert: cert, key: key, certPEM: filepath.Join(dir, name+".pem"), keyPEM: filepath.Join(dir, name+".key")}
	must(os.WriteFile(x.certPEM, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600))
	must(os.WriteFile(x.keyPEM, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}), 0o600))
	return x
}

func trustIn(t *testing.T, x identity) *Trust {
	t.Helper()
	trust, err := NewTrust()
	if err == nil {
		err = trust.AddFile(x.certPEM)
	}
	if err != nil {
		t.Fatal(err)
	}
	return trust
}

// openssl signs with the foreign program.
func openssl(t *testing.T, content []byte, args ...string) []byte {
	t.Helper()
	in, out := filepath.Join(t.TempDir(), "in"), filepath.Join(t.TempDir(), "out")
	must(os.WriteFile(in, content, 0o600))
	cmd := exec.Command("openssl", append([]string{"cms", "-binary", "-in", in, "-out", out, "-outform", "DER"}, args...)...)
	if msg, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("openssl %v: %v\n%s", args, err, msg)
	}
	b, err := os.ReadFile(out)
	must(err)
	return b
}

// Every way of signing that openssl knows is read, and one changed byte shows.
func TestSignaturesOfAnotherProgram(t *testing.T) {
	p := made()
	content := bytes.Repeat([]byte("Il sottoscritto chiede copia dell'atto.\r\n"), 3000)
	rsaKey := []string{"-signer", p.rsa.certPEM, "-inkey", p.rsa.keyPEM}
	for _, tt := range []struct {
		name   string
		args   []string
		digest string
		n      int
	}{
		{"SHA-256", rsaKey, "SHA-256", 1},
		{"SHA-1, as providers until 2025", append([]string{"-md", "sha1"}, rsaKey...), "SHA-1", 1},
		{"SHA-512", append([]string{"-md", "sha512"}, rsaKey...), "SHA-512", 1},
		{"inside", append([]string{"-nodetach"}, rsaKey...), "SHA-256", 1},
		{"inside, open lengths in pieces", append([]string{"-nodetach", "-stream"}, rsaKey...), "SHA-256", 1},
		{"detached, open lengths", append([]string{"-stream"}, rsaKey...), "SHA-256", 1},
		{"by key id", append([]string{"-keyid"}, rsaKey...), "SHA-256", 1},
		{"without attributes", append([]string{"-noattr"}, rsaKey...), "SHA-256", 1},
		{"CAdES", append([]string{"-cades", "-nodetach"}, rsaKey...), "SHA-256", 1},
		{"PSS", append(rsaKey, "-keyopt", "rsa_padding_mode:pss"), "SHA-256", 1},
		{"PSS with SHA-512", append([]string{"-md", "sha512"}, append(rsaKey, "-keyopt", "rsa_padding_mode:pss")...), "SHA-512", 1},
		{"ECDSA", []string{"-signer", p.ecdsa.certPEM, "-inkey", p.ecdsa.keyPEM}, "SHA-256", 1},
		{"two signers", append([]string{"-nodetach", "-signer", p.ecdsa.certPEM, "-inkey", p.ecdsa.keyPEM}, rsaKey...), "SHA-256", 2},
	} {
		t.Run(tt.name, func(t *testing.T) {
			der := openssl(t, content, append([]string{"-sign"}, tt.args...)...)
			s, err := Parse(der)
			if err != nil {
				t.Fatal(err)
			}
			if s.Content != nil && !bytes.Equal(s.Content.Bytes(), content) {
				t.Fatal("the content inside differs")
			}
			for _, r := range all(t, s.Verify(Octets{content}, trustIn(t, p.root), then), tt.n) {
				if r.Outcome != Valid || r.Digest != tt.digest || !strings.HasPrefix(r.Signer, "Rossi Anna") || len(r.Chain) != 2 {
					t.Errorf("result %+v", r)
				}
				if r.TaxCode != "RSSNNA80A41H501X" || len(r.Addresses) != 1 || r.Addresses[0] != "posta-certificata@gestore.example" {
					t.Errorf("signer %+v", r)
				}
			}
			for _, r := range s.Verify(Octets{content}, trustIn(t, p.rsa), then) {
				if r.Outcome == Valid && r.Fingerprint != fingerprint(p.rsa.cert) {
					t.Errorf("trusted without its authority: %+v", r)
				}
			}
			changed := bytes.Replace(der, []byte("copia"), []byte("copie"), 1)
			body := bytes.Replace(content, []byte("copia"), []byte("copie"), 1)
			if s, err = Parse(changed); err != nil {
				t.Fatal(err)
			}
			for _, r := range s.Verify(Octets{body}, trustIn(t, p.root), then) {
				if r.Outcome != Invalid || r.Reason != "digest_mismatch" && r.Reason != "signature_mismatch" {
					t.Errorf("one letter was changed: %+v", r)
				}
			}
		})
	}
}

func all(t *testing.T, list []Signature, n int) []Signature {
	t.Helper()
	if len(list) != n {
		t.Fatalf("%d signers, want %d", len(list), n)
	}
	return list
}

// What Signer writes is taken by openssl, and by Verify.
func TestOwnSignaturesHoldElsewhere(t *testing.T) {
	p := made()
	content := []byte("Content-Type: text/plain\r\n\r\nciao\r\n")
	for _, tt := range []struct {
		name string
		by   Signer
	}{
		{"RSA", Signer{Certificate: p.rsa.cert, Key: p.rsa.key}},
		{"RSA, SHA-1", Signer{Certificate: p.rsa.cert, Key: p.rsa.key, Hash: crypto.SHA1}},
		{"ECDSA", Signer{Certificate: p.ecdsa.cert, Key: p.ecdsa.key, Others: []*x509.Certificate{p.root.cert}}},
	} {
		for _, detached := range []bool{true, false} {
			der, err := tt.by.Sign(content, detached, then)
			if err != nil {
				t.Fatal(err)
			}
			dir := t.TempDir()
			sig, body := filepath.Join(dir, "sig"), filepath.Join(dir, "body")
			must(os.WriteFile(sig, der, 0o600))
			must(os.WriteFile(body, content, 0o600))
			args := []string{"cms", "-verify", "-binary", "-inform", "DER", "-in", sig, "-CAfile", p.root.certPEM, "-purpose", "any", "-attime", "1772359200", "-out", filepath.Join(dir, "out")}
			if detached {
				args = append(args, "-content", body)
			}
			if msg, err := exec.Command("openssl", args...).CombinedOutput(); err != nil {
				t.Errorf("%s, detached %v: openssl refuses: %s", tt.name, detached, msg)
			}
			s, err := Parse(der)
			if err != nil {
				t.Fatal(err)
			}
			r := all(t, s.Verify(Octets{content}, trustIn(t, p.root), then), 1)[0]
			if r.Outcome != Valid || r.SignedAt != then {
				t.Errorf("%s, detached %v: %+v", tt.name, detached, r)
			}
		}
	}
}

// A certificate counts at the time of receipt, and a key is enough of an authority.
func TestTimeAndTrust(t *testing.T) {
	p := made()
	content := []byte("x")
	der, err := Signer{Certificate: p.rsa.cert, Key: p.rsa.key, Others: []*x509.Certificate{p.root.cert}}.Sign(content, true, then)
	must(err)
	s, err := Parse(der)
	must(err)
	sum := sha256.Sum256(p.root.cert.RawSubjectPublicKeyInfo)
	pinned, err := NewTrust(strings.ToUpper(hex.EncodeToString(sum[:])))
	must(err)
	none, err := NewTrust()
	must(err)
	for _, tt := range []struct {
		name    string
		trust   *Trust
		at      time.Time
		outcome Outcome
		reason  string
	}{
		{"in its time", trustIn(t, p.root), then.Time(), Valid, ""},
		{"after its time", trustIn(t, p.root), to.Add(time.Second), Invalid, "expired"},
		{"before its time", trustIn(t, p.root), from.Add(-time.Second), Invalid, "not_yet_valid"},
		{"by the authority's key", pinned, then.Time(), Valid, ""},
		{"nobody trusted", none, then.Time(), Unknown, "untrusted"},
		{"no trust at all", nil, then.Time(), Unknown, "untrusted"},
	} {
		r := all(t, s.Verify(Octets{content}, tt.trust, clock.At(tt.at)), 1)[0]
		if r.Outcome != tt.outcome || r.Reason != tt.reason {
			t.Errorf("%s: %s %s", tt.name, r.Outcome, r.Reason)
		}
	}
	if _, err := NewTrust("abc"); err == nil {
		t.Error("a key of three digits was taken")
	}
	if err := none.AddPEM([]byte("nothing")); err == nil {
		t.Error("a file without certificates was taken")
	}
}

func TestBare(t *testing.T) {
	p := made()
	der, err := Signer{Certificate: p.ecdsa.cert, Key: p.ecdsa.key}.Sign([]byte("x"), false, then)
	must(err)
	text := base64.StdEncoding.EncodeToString(der)
	for name, b := range map[string][]byte{
		"DER": der, "PEM": pem.EncodeToMemory(&pem.Block{Type: "PKCS7", Bytes: der}), "base64": []byte(text),
		"base64 in lines": []byte("\r\n" + text[:64] + "\r\n" + text[64:] + "\r\n"), "base64 without its end": []byte(strings.TrimRight(text, "=")),
	} {
		if got := Bare(b); !bytes.Equal(got, der) {
			t.Errorf("%s: %d bytes, want %d", name, len(got), len(der))
		}
	}
	for _, same := range []string{"", "hello", "Mio caro amico, ti scrivo"} {
		if got := Bare([]byte(same)); string(got) != same {
			t.Errorf("%q became %q", same, got)
		}
	}
}

// What is deep or long ends in an error, soon and without eating the stack.
func TestBadEncodings(t *testing.T) {
	deep := bytes.Repeat([]byte{0x30, 0x80}, 5_000_000)
	for name, b := range map[string][]byte{
		"nothing": nil, "one byte": {0x30}, "open lengths without end": deep, "length over the end": {0x30, 0x84, 0x7f, 0xff, 0xff, 0xff},
		"huge length": {0x30, 0x88, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, "open length of a plain one": {0x04, 0x80, 0, 0},
		"high tag": {0x3f, 0x81, 0x01, 0x00}, "not a sequence": {0x04, 0x01, 0x00}, "empty sequence": {0x30, 0x00},
	} {
		start := time.Now()
		if _, err := Parse(b); err == nil {
			t.Errorf("%s was read", name)
		}
		if d := time.Since(start); d > 2*time.Second {
			t.Errorf("%s took %v", name, d)
		}
	}
}
