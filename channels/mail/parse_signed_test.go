package mail

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"filodiretto/channels"
	"filodiretto/internal/cms"
)

// signatory is somebody with a certificate of a made authority, in files for
// openssl.
type signatory struct {
	dir, cert, key, root string
	own                  OwnAddresses
}

func newSignatory(t *testing.T, uses ...x509.ExtKeyUsage) *signatory {
	t.Helper()
	s := &signatory{dir: t.TempDir()}
	s.cert, s.key, s.root = filepath.Join(s.dir, "c.pem"), filepath.Join(s.dir, "k.pem"), filepath.Join(s.dir, "r.pem")
	rootKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	fatal(t, err)
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	fatal(t, err)
	from, to := testReceived.Time().AddDate(-1, 0, 0), testReceived.Time().AddDate(1, 0, 0)
	root := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "CA di prova"}, NotBefore: from, NotAfter: to, IsCA: true, BasicConstraintsValid: true}
	leaf := &x509.Certificate{SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "VERDI ANNA", SerialNumber: "TINIT-VRDNNA80A41H501X"}, NotBefore: from, NotAfter: to, EmailAddresses: []string{"anna@posta.example"}, ExtKeyUsage: uses}
	rootDER, err := x509.CreateCertificate(rand.Reader, root, root, rootKey.Public(), rootKey)
	fatal(t, err)
	der, err := x509.CreateCertificate(rand.Reader, leaf, root, key.Public(), rootKey)
	fatal(t, err)
	private, err := x509.MarshalPKCS8PrivateKey(key)
	fatal(t, err)
	for path, block := range map[string]*pem.Block{s.cert: {Type: "CERTIFICATE", Bytes: der}, s.key: {Type: "PRIVATE KEY", Bytes: private}, s.root: {Type: "CERTIFICATE", Bytes: rootDER}} {
		fatal(t, os.WriteFile(path, pem.EncodeToMemory(block), 0o600))
	}
	trust, err := cms.NewTrust()
	fatal(t, err)
	fatal(t, trust.AddFile(s.root))
	s.own = testOwn
	s.own.Trust = trust
	return s
}

func fatal(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// sign runs openssl over content.
func (s *signatory) sign(t *testing.T, content []byte, args ...string) []byte {
	t.Helper()
	in, out := filepath.Join(s.dir, "in"), filepath.Join(s.dir, "out")
	fatal(t, os.WriteFile(in, content, 0o600))
	args = append([]string{"cms", "-sign", "-in", in, "-out", out, "-signer", s.cert, "-inkey", s.key}, args...)
	if msg, err := exec.Command("openssl", args...).CombinedOutput(); err != nil {
		t.Fatalf("openssl: %s", msg)
	}
	b, err := os.ReadFile(out)
	fatal(t, err)
	return b
}

func (s *signatory) parse(t *testing.T, raw []byte) channels.Item {
	t.Helper()
	return parseOne(t, channels.Raw{Body: raw, Size: int64(len(raw)), ReceivedAt: testReceived}, s.own)
}

// enclosed is a message with files of raw bytes.
func enclosed(files map[string][]byte) []byte {
	var b bytes.Buffer
	b.WriteString(trapHead + "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\n\nIn allegato.\n")
	for _, name := range slices.Sorted(func(yield func(string) bool) {
		for n := range files {
			if !yield(n) {
				return
			}
		}
	}) {
		b.WriteString("--b\nContent-Type: application/octet-stream; name=\"" + name + "\"\nContent-Transfer-Encoding: base64\nContent-Disposition: attachment\n\n" +
			base64.StdEncoding.EncodeToString(files[name]) + "\n")
	}
	b.WriteString("--b--\n")
	return b.Bytes()
}

// Rule 35: a signed message is opened, and the signature told.
func TestRule35SignedMessage(t *testing.T) {
	s := newSignatory(t)
	inner := []byte("Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\nChiedo l'accesso agli atti perché sì.\r\n")
	for name, args := range map[string][]string{"clear": {"-md", "sha256"}, "opaque": {"-nodetach"}, "opaque, in pieces": {"-nodetach", "-stream"}} {
		t.Run(name, func(t *testing.T) {
			raw := append([]byte(strings.ReplaceAll(trapHead, "\n", "\r\n")), s.sign(t, inner, append([]string{"-outform", "SMIME", "-binary"}, args...)...)...)
			it := s.parse(t, raw)
			if it.Text != "Chiedo l'accesso agli atti perché sì.\n" || it.Quarantine != "" {
				t.Errorf("text %q, quarantine %q, notes %v", it.Text, it.Quarantine, it.Notes)
			}
			if len(it.Signatures) != 1 || it.Signatures[0].Outcome != cms.Valid || it.Signatures[0].TaxCode != "VRDNNA80A41H501X" {
				t.Fatalf("signatures %+v", it.Signatures)
			}
			if len(it.Parts) != 1 {
				t.Errorf("parts %v", it.Parts)
			}
			if name != "clear" {
				return
			}
			it = s.parse(t, bytes.Replace(raw, []byte("accesso"), []byte("eccesso"), 1))
			if len(it.Signatures) != 1 || it.Signatures[0].Outcome != cms.Invalid {
				t.Errorf("changed: %+v", it.Signatures)
			}
		})
	}
}

// Rule 35: a signed file is offered with its content, however often and in
// whatever wrapping it was signed.
func TestRule35SignedFile(t *testing.T) {
	s := newSignatory(t)
	pdf := []byte("%PDF-1.4\n%prova\n")
	der := s.sign(t, pdf, "-binary", "-nodetach", "-outform", "DER", "-cades")
	twice := s.sign(t, der, "-binary", "-nodetach", "-outform", "DER", "-cades")
	for _, tt := range []struct {
		name  string
		files map[string][]byte
		parts []string
		valid []string
	}{
		{"DER", map[string][]byte{"atto.pdf.p7m": der}, []string{"atto.pdf.p7m", "atto.pdf"}, []string{"atto.pdf.p7m"}},
		{"base64 in base64", map[string][]byte{"atto.pdf.P7M": []byte(base64.StdEncoding.EncodeToString(der))}, []string{"atto.pdf.P7M", "atto.pdf"}, []string{"atto.pdf.P7M"}},
		{"PEM", map[string][]byte{"atto.pdf.p7m": s.sign(t, pdf, "-binary", "-nodetach", "-outform", "PEM")}, []string{"atto.pdf.p7m", "atto.pdf"}, []string{"atto.pdf.p7m"}},
		{"signed twice", map[string][]byte{"atto.pdf.p7m.p7m": twice}, []string{"atto.pdf.p7m.p7m", "atto.pdf.p7m", "atto.pdf"}, []string{"atto.pdf.p7m.p7m", "atto.pdf.p7m"}},
		{"signature beside", map[string][]byte{"atto.pdf": pdf, "atto.pdf.p7s": s.sign(t, pdf, "-binary", "-outform", "DER")}, []string{"atto.pdf", "atto.pdf.p7s"}, []string{"atto.pdf"}},
		{"no signature at all", map[string][]byte{"atto.pdf.p7m": []byte("ciao a tutti")}, []string{"atto.pdf.p7m"}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			it := s.parse(t, enclosed(tt.files))
			var names, valid []string
			for _, p := range it.Parts {
				names = append(names, p.Name)
				if len(p.Signatures) == 1 && p.Signatures[0].Outcome == cms.Valid && p.Signatures[0].Signer == "VERDI ANNA" {
					valid = append(valid, p.Name)
				}
				if p.Name == "atto.pdf" && !bytes.Equal(p.Body, pdf) {
					t.Errorf("content %q", p.Body)
				}
			}
			if !slices.Equal(names, tt.parts) || !slices.Equal(valid, tt.valid) {
				t.Errorf("parts %v valid %v, want %v %v; notes %v", names, valid, tt.parts, tt.valid, it.Notes)
			}
			if len(it.Parts) > 1 && tt.name != "signature beside" && it.Parts[1].Inside != it.Parts[0].Name {
				t.Errorf("%s is said to be inside %q", it.Parts[1].Name, it.Parts[1].Inside)
			}
		})
	}
}

// Rule 35: a certificate speaks for what it was made for. One for logging in signs
// documents and no mail, a server's neither.
func TestRule35CertificateForAnotherUse(t *testing.T) {
	inner := []byte("Content-Type: text/plain\r\n\r\nChiedo l'accesso agli atti.\r\n")
	for _, tt := range []struct {
		name           string
		uses           []x509.ExtKeyUsage
		document, mail cms.Outcome
	}{
		{"mail", []x509.ExtKeyUsage{x509.ExtKeyUsageEmailProtection}, cms.Valid, cms.Valid},
		{"log-in", []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}, cms.Valid, cms.Invalid},
		{"server", []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}, cms.Invalid, cms.Invalid},
	} {
		s := newSignatory(t, tt.uses...)
		file := s.sign(t, []byte("%PDF-1.4\n"), "-binary", "-nodetach", "-outform", "DER", "-cades")
		got := s.parse(t, enclosed(map[string][]byte{"atto.pdf.p7m": file})).Parts[0].Signatures
		if len(got) != 1 || got[0].Outcome != tt.document || tt.document == cms.Invalid && got[0].Reason != "wrong_use" {
			t.Errorf("%s: a document: %+v", tt.name, got)
		}
		for _, args := range [][]string{{"-md", "sha256"}, {"-nodetach"}} {
			raw := append([]byte(strings.ReplaceAll(trapHead, "\n", "\r\n")), s.sign(t, inner, append([]string{"-outform", "SMIME", "-binary"}, args...)...)...)
			it := s.parse(t, raw)
			got := it.Signatures
			for _, part := range it.Parts {
				got = append(got, part.Signatures...)
			}
			if len(got) == 2 && got[0].Outcome == got[1].Outcome && got[0].Reason == got[1].Reason {
				got = got[:1] // the wrapper says the same
			}
			if len(got) != 1 || got[0].Outcome != tt.mail || tt.mail == cms.Invalid && got[0].Reason != "wrong_use" {
				t.Errorf("%s: a mail %v: %+v", tt.name, args, got)
			}
		}
	}
}

// Rule 35: what is encrypted is kept and said to be so.
func TestRule35Encrypted(t *testing.T) {
	s := newSignatory(t)
	in, out := filepath.Join(s.dir, "e"), filepath.Join(s.dir, "eo")
	fatal(t, os.WriteFile(in, []byte("segreto"), 0o600))
	if msg, err := exec.Command("openssl", "cms", "-encrypt", "-in", in, "-out", out, "-outform", "SMIME", s.cert).CombinedOutput(); err != nil {
		t.Fatalf("openssl: %s", msg)
	}
	b, err := os.ReadFile(out)
	fatal(t, err)
	it := s.parse(t, append([]byte(trapHead), b...))
	if !slices.Contains(it.Notes, "encrypted") || len(it.Parts) != 1 || it.Parts[0].Name != "smime.p7m" {
		t.Errorf("notes %v, parts %v", it.Notes, it.Parts)
	}
}

// Rule 34: files and text come out of a winmail.dat, also of a signed one.
func TestRule34WinmailDat(t *testing.T) {
	s := newSignatory(t)
	b, err := os.ReadFile("tnef/testdata/letter.dat")
	fatal(t, err)
	raw := strings.Replace(string(enclosed(map[string][]byte{"winmail.dat": b})), "In allegato.\n", "", 1)
	it := s.parse(t, []byte(raw))
	var names []string
	for _, p := range it.Parts {
		names = append(names, p.Name+"<"+p.Inside)
	}
	want := []string{"winmail.dat<", "richiesta d'accesso.pdf<winmail.dat", "Dentro.txt<winmail.dat"}
	if !slices.Equal(names, want) || !strings.Contains(it.HTML, "Città") || it.Text == "" || !slices.Contains(it.Notes, "tnef") {
		t.Errorf("parts %q, HTML %q, text %q, notes %v", names, it.HTML, it.Text, it.Notes)
	}
}

// Rule 36: a visiting card is readable.
func TestRule36Card(t *testing.T) {
	s := newSignatory(t)
	for name, c := range map[string]string{
		"4.0": "BEGIN:VCARD\r\nVERSION:4.0\r\nFN:Anna Verdi\r\nitem1.TEL;TYPE=cell:tel:+39 333 1234567\r\nEMAIL:anna@posta.example\r\nADR:;;Via Roma 1;Pontelieto;;00100;IT\r\nEND:VCARD\r\n",
		"2.1": "BEGIN:VCARD\r\nVERSION:2.1\r\nN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:Verdi;Anna\r\nFN;ENCODING=QUOTED-PRINTABLE:Anna=20Verdi\r\nTEL;CELL:+39 333 1234567\r\nEMAIL:anna@posta.example\r\nADR:;;Via Roma 1;Pontelieto\r\nEND:VCARD\r\n",
	} {
		it := s.parse(t, enclosed(map[string][]byte{"anna.vcf": []byte(c)}))
		got := it.Parts[0].Preview
		for _, want := range []string{"Anna Verdi", "+39 333 1234567", "anna@posta.example", "Via Roma 1, Pontelieto"} {
			if !strings.Contains(got, want) {
				t.Errorf("%s: %q lacks %s", name, got, want)
			}
		}
	}
}
