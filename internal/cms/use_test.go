package cms

import (
	"crypto/x509"
	"encoding/pem"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"filodiretto/internal/clock"
)

// foreignCertificate has openssl make a key and its certificate, with extensions as
// its configuration writes them.
func foreignCertificate(t *testing.T, by identity, extensions string) identity {
	t.Helper()
	dir := t.TempDir()
	x := identity{certPEM: filepath.Join(dir, "c.pem"), keyPEM: filepath.Join(dir, "k.pem")}
	ext, request := filepath.Join(dir, "ext"), filepath.Join(dir, "r.pem")
	must(os.WriteFile(ext, []byte("subjectAltName=email:anna@posta.example\n"+extensions), 0o600))
	ran(t, append(slices.Clone(newKey), "-new", "-keyout", x.keyPEM, "-subj", "/CN=Verdi Anna", "-out", request)...)
	ran(t, "x509", "-req", "-in", request, "-CA", by.certPEM, "-CAkey", by.keyPEM, "-set_serial", "77", "-extfile", ext, "-days", "700", "-out", x.certPEM)
	x.cert = readCertificate(t, x.certPEM)
	return x
}

var newKey = []string{"req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"}

func foreignAuthority(t *testing.T) identity {
	t.Helper()
	dir := t.TempDir()
	x := identity{certPEM: filepath.Join(dir, "c.pem"), keyPEM: filepath.Join(dir, "k.pem")}
	ran(t, append(slices.Clone(newKey), "-x509", "-keyout", x.keyPEM, "-subj", "/CN=Root", "-days", "3650", "-out", x.certPEM)...)
	return x
}

func ran(t *testing.T, args ...string) {
	t.Helper()
	if msg, err := exec.Command("openssl", args...).CombinedOutput(); err != nil {
		t.Fatalf("openssl %v: %v\n%s", args, err, msg)
	}
}

func readCertificate(t *testing.T, path string) *x509.Certificate {
	t.Helper()
	b, err := os.ReadFile(path)
	must(err)
	block, _ := pem.Decode(b)
	c, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// A certificate that is not for signing proves nothing, whoever gave it.
func TestCertificateMustBeForSigning(t *testing.T) {
	const sign = "keyUsage=critical,digitalSignature\n"
	root := foreignAuthority(t)
	content := []byte("Il sottoscritto chiede copia dell'atto.\r\n")
	for _, tt := range []struct {
		name, extensions string
		document, mail   bool
	}{
		{"nothing said", "", true, true},
		{"digitalSignature", sign, true, true},
		{"a qualified signature: nonRepudiation alone", "keyUsage=critical,nonRepudiation\n", true, true},
		{"mail", sign + "extendedKeyUsage=emailProtection\n", true, true},
		{"mail and log-in", sign + "extendedKeyUsage=clientAuth,emailProtection\n", true, true},
		{"any use", sign + "extendedKeyUsage=anyExtendedKeyUsage\n", true, true},
		{"documents", "keyUsage=critical,nonRepudiation\nextendedKeyUsage=1.3.6.1.5.5.7.3.36\n", true, false},
		{"documents, as Microsoft has it", sign + "extendedKeyUsage=1.3.6.1.4.1.311.10.3.12,clientAuth\n", true, false},
		{"an identity card, for logging in", sign + "extendedKeyUsage=clientAuth\n", true, false},
		{"a use that nobody knows", sign + "extendedKeyUsage=1.2.3.4.5\n", true, false},
		{"a TLS server", "keyUsage=critical,digitalSignature,keyEncipherment\nextendedKeyUsage=serverAuth\n", false, false},
		{"a TLS server that calls others", sign + "extendedKeyUsage=serverAuth,clientAuth\n", false, false},
		{"a program", sign + "extendedKeyUsage=codeSigning\n", false, false},
		{"a clock", "keyUsage=critical,nonRepudiation\nextendedKeyUsage=critical,timeStamping\n", false, false},
		{"encryption", "keyUsage=critical,keyEncipherment\nextendedKeyUsage=emailProtection\n", false, false},
		{"agreement on keys", "keyUsage=keyAgreement\n", false, false},
		{"an authority", "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,digitalSignature,keyCertSign\n", false, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			x := foreignCertificate(t, root, tt.extensions)
			s, err := Parse(openssl(t, content, "-sign", "-nodetach", "-cades", "-signer", x.certPEM, "-inkey", x.keyPEM))
			if err != nil {
				t.Fatal(err)
			}
			r := all(t, s.Verify(nil, trustIn(t, root), clock.At(x.cert.NotBefore)), 1)[0]
			if said(t, r) != tt.document {
				t.Errorf("a document: %s %s", r.Outcome, r.Reason)
			}
			if r.For(Mail); said(t, r) != tt.mail {
				t.Errorf("a mail: %s %s", r.Outcome, r.Reason)
			}
			// of an authority that nobody knows there is nothing to accuse
			if r = all(t, s.Verify(nil, trustIn(t, foreignAuthority(t)), clock.At(x.cert.NotBefore)), 1)[0]; r.Outcome != Unknown || r.Reason != "untrusted" {
				t.Errorf("without its authority: %s %s", r.Outcome, r.Reason)
			}
		})
	}
}

// said is whether a signature is valid; one that is not must tell why.
func said(t *testing.T, r Signature) bool {
	t.Helper()
	if r.Outcome == Valid || r.Outcome == Invalid && r.Reason == "wrong_use" {
		return r.Outcome == Valid
	}
	t.Fatalf("neither valid nor of a wrong use: %s %s", r.Outcome, r.Reason)
	return false
}

// An authority in between that is for servers alone vouches for no signer.
func TestAuthorityInBetweenMustBeForSigning(t *testing.T) {
	root := foreignAuthority(t)
	content := []byte("x")
	for extensions, want := range map[string]bool{
		"": true, "extendedKeyUsage=emailProtection,clientAuth\n": true, "extendedKeyUsage=serverAuth\n": false,
	} {
		between := foreignCertificate(t, root, "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign\n"+extensions)
		x := foreignCertificate(t, between, "keyUsage=critical,digitalSignature\nextendedKeyUsage=emailProtection\n")
		s, err := Parse(openssl(t, content, "-sign", "-nodetach", "-certfile", between.certPEM, "-signer", x.certPEM, "-inkey", x.keyPEM))
		if err != nil {
			t.Fatal(err)
		}
		r := all(t, s.Verify(nil, trustIn(t, root), clock.At(x.cert.NotBefore)), 1)[0]
		if r.For(Mail); said(t, r) != want {
			t.Errorf("%q: %s %s", extensions, r.Outcome, r.Reason)
		}
	}
}
