package web

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/pem"
	"fmt"
	"html"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"filodiretto/channels/pec/standin"
	"filodiretto/internal/db"
	"filodiretto/internal/db/dbtest"
)

// printOf is a command that shows a certificate's fingerprint, what it must show, and
// what the certificate is.
var printOf = regexp.MustCompile(`(?s)<li>([^<]+)<br><code>(openssl x509 [^<]+)</code>: <code>([0-9A-F:]{95})</code>`)

var commandOf = regexp.MustCompile(`<pre><code>([^<]+)</code></pre>`)

// unpacked puts the package of a message into a folder, and gives the readable page.
func (e *certifiedTown) unpacked(dir, message string) (index string) {
	e.t.Helper()
	raw := e.call("giulia", "GET", "/messages/"+message+"/evidence", nil).want(http.StatusOK).Bytes
	z, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		e.t.Fatal(err)
	}
	for _, f := range z.File {
		to := filepath.Join(dir, filepath.FromSlash(f.Name))
		if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
			e.t.Fatal(err)
		}
		if err := os.WriteFile(to, []byte(e.unzipped(f)), 0o600); err != nil {
			e.t.Fatal(err)
		}
	}
	b, err := os.ReadFile(filepath.Join(dir, "index.html"))
	if err != nil {
		e.t.Fatal(err)
	}
	return html.UnescapeString(string(b))
}

// Whoever gets a package verifies its signatures with openssl alone, by the commands that
// stand in it and the certificates that are in it; years later too. Where a certificate
// was not kept the page says which, and promises nothing.
func TestAPackageIsVerifiedWithoutThisProgram(t *testing.T) {
	eachSite(t, func(t *testing.T, site *siteTown) {
		e := newCertifiedTown(t, site)
		e.comes(e.provider.Envelope(annaPEC, testPEC, certifiedLetter("Anna Verdi <"+annaPEC+">", testPEC, "a1@pec.example", "Richiesta di copia"), e.manual.Now()))
		path, _ := e.firstCase("giulia")
		e.call("giulia", "POST", path+"/messages", e.answer("giulia", path, "Ecco la copia.")).want(http.StatusCreated)
		e.manual.Advance(time.Minute)
		sent := e.sent(e.pec)
		left := certifiedLetter("Protocollo <"+testPEC+">", annaPEC, sent[0].ExternalID, sent[0].Subject)
		if err := sent[0].Keep(t.Context(), bytes.NewReader(left)); err != nil {
			t.Fatal(err)
		}
		e.provider.Fate = func(string) standin.Fate { return standin.Fate{} }
		posts, err := e.provider.Submit(testPEC, testPEC, []string{annaPEC}, left, e.manual.Now())
		for _, p := range posts {
			if p.Box == testPEC {
				e.comes(p.Raw, err)
			}
		}
		t.Cleanup(db.RewindIDs)
		e.manual.Advance(10 * 365 * 24 * time.Hour)
		list := e.call("giulia", "GET", path+"/messages", nil).want(http.StatusOK)
		for i, want := range []struct {
			direction string
			signed    int
		}{{"out", 2}, {"in", 1}} {
			if got := list.str("items", i, "direction"); got != want.direction {
				t.Fatal(got)
			}
			dir := t.TempDir()
			index := e.unpacked(dir, list.str("items", i, "id"))
			commands := commandOf.FindAllStringSubmatch(index, -1)
			if len(commands) != want.signed || !strings.Contains(index, "Autorità di prova PEC, radice, valido dal ") {
				t.Fatalf("%d commands:\n%s", len(commands), index)
			}
			for _, c := range append(commands, []string{"", "sha256sum -c SHA256SUMS"}, []string{"", "openssl x509 -in autorita/01.pem -noout -fingerprint -sha256"}) {
				run := exec.Command("sh", "-c", c[1])
				run.Dir = dir
				if out, err := run.CombinedOutput(); err != nil {
					t.Errorf("%s: %v: %s", c[1], err, out)
				}
			}
			envelope := filepath.Join(dir, "busta.eml")
			if b, err := os.ReadFile(envelope); err == nil { // the command finds what was changed
				if err := os.WriteFile(envelope, bytes.ReplaceAll(b, []byte("copia"), []byte("scopa")), 0o600); err != nil {
					t.Fatal(err)
				}
				run := exec.Command("sh", "-c", commands[0][1])
				run.Dir = dir
				if out, err := run.CombinedOutput(); err == nil {
					t.Errorf("a changed envelope: %s", out)
				}
			}
		}
		for _, x := range []struct{ good, bad string }{
			{`"outcome":"valid"`, `"outcome":"invalid","reason":"revoked"`},
			{`"signature":{`, `"uncovered":true,"signature":{`},
		} {
			swap := func(from, to string) {
				if _, err := e.db.Write.NewRaw("UPDATE messages SET certified = replace(certified, ?, ?) WHERE direction = 'in'", from, to).Exec(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			swap(x.good, x.bad)
			index := e.unpacked(t.TempDir(), list.str("items", 1, "id"))
			if !strings.Contains(index, "NON provato") || commandOf.MatchString(index) || strings.Contains(index, "Chi garantisce") {
				t.Errorf("%s: a command by which openssl finds it good:\n%s", x.bad, index)
			}
			swap(x.bad, x.good)
		}
		if _, err := e.db.Write.NewRaw("DELETE FROM authorities").Exec(t.Context()); err != nil {
			t.Fatal(err)
		}
		dir := t.TempDir()
		if index := e.unpacked(dir, list.str("items", 1, "id")); len(commandOf.FindAllString(index, -1)) > 0 || !strings.Contains(index, "il cui certificato non è stato conservato") {
			t.Error(index)
		}
		if _, err := os.Stat(filepath.Join(dir, "autorita.pem")); err == nil {
			t.Error("a file of no certificates")
		}
	})
}

// Every certificate of the bundle is believed by openssl: each has a file of its own,
// whose fingerprint is compared with what is published, and the page says which is a root.
func TestEachAuthorityOfAPackageHasItsFingerprint(t *testing.T) {
	e := newCertifiedTown(t, newSite(t, dbtest.SQLite(t)))
	now := e.manual.Now()
	below, err := e.authority.Below("Autorità intermedia")
	if err != nil {
		t.Fatal(err)
	}
	if e.provider.Signer, err = below.Certify("GESTORE DI PROVA S.p.A.", "gestore.example", now.Time().AddDate(-1, 0, 0), now.Time().AddDate(1, 0, 0)); err != nil {
		t.Fatal(err)
	}
	e.comes(e.provider.Envelope(annaPEC, testPEC, certifiedLetter("Anna Verdi <"+annaPEC+">", testPEC, "a1@pec.example", "Richiesta di copia"), now))
	path, _ := e.firstCase("giulia")
	list := e.call("giulia", "GET", path+"/messages", nil).want(http.StatusOK)
	dir := t.TempDir()
	index := e.unpacked(dir, list.str("items", 0, "id"))
	found := printOf.FindAllStringSubmatch(index, -1)
	if len(found) != 2 || !strings.HasPrefix(found[0][1], "Autorità di prova PEC, radice, valido dal ") || !strings.HasPrefix(found[1][1], "Autorità intermedia, intermedia garantita da Autorità di prova PEC, valido dal ") {
		t.Fatalf("%q\n%s", found, index)
	}
	var all string
	for i, x := range found {
		run := exec.Command("sh", "-c", x[2])
		run.Dir = dir
		if out, err := run.CombinedOutput(); err != nil || !strings.HasSuffix(strings.TrimSpace(string(out)), "="+x[3]) {
			t.Errorf("%s: %v: %s, and not %s", x[2], err, out, x[3])
		}
		b, err := os.ReadFile(filepath.Join(dir, "autorita", fmt.Sprintf("%02d.pem", i+1)))
		if err != nil {
			t.Fatal(err)
		}
		all += string(b)
	}
	if b, err := os.ReadFile(filepath.Join(dir, "autorita.pem")); err != nil || string(b) != all {
		t.Error("the bundle holds others than have a file", err)
	}
	for _, c := range append(commandOf.FindAllStringSubmatch(index, -1), []string{"", "sha256sum -c SHA256SUMS"}) {
		run := exec.Command("sh", "-c", c[1])
		run.Dir = dir
		if out, err := run.CombinedOutput(); err != nil {
			t.Errorf("%s: %v: %s", c[1], err, out)
		}
	}

	// Who vouches for the intermediate one is shown by openssl, years later too, and a
	// false one of the same name is found.
	vouched := regexp.MustCompile(`<code>(openssl verify [^<]+)</code>`).FindAllStringSubmatch(index, -1)
	if len(vouched) != 1 || !strings.HasSuffix(vouched[0][1], " autorita/02.pem") {
		t.Fatal(vouched, index)
	}
	verify := func() (string, error) {
		run := exec.Command("sh", "-c", vouched[0][1])
		run.Dir = dir
		out, err := run.CombinedOutput()
		return string(out), err
	}
	if out, err := verify(); err != nil || out != "autorita/02.pem: OK\n" {
		t.Errorf("%s: %v: %s", vouched[0][1], err, out)
	}
	stranger, err := standin.NewAuthority(now)
	if err != nil {
		t.Fatal(err)
	}
	forged, err := stranger.Below("Autorità intermedia")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "autorita", "02.pem"), forged.PEM(), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := verify(); err == nil {
		t.Error("a false one is good:", out)
	}
}

// An authority that is trusted by its key may come with a certificate that is newer than
// the signature: openssl is told not to look at times, and the page says why.
func TestARenewedAuthorityIsVerified(t *testing.T) {
	e := newCertifiedTown(t, newSite(t, dbtest.SQLite(t)))
	now := e.manual.Now()
	e.comes(e.provider.Envelope(annaPEC, testPEC, certifiedLetter("Anna Verdi <"+annaPEC+">", testPEC, "a1@pec.example", "Richiesta di copia"), now))
	path, _ := e.firstCase("giulia")
	message := e.call("giulia", "GET", path+"/messages", nil).want(http.StatusOK).str("items", 0, "id")
	block, _ := pem.Decode(e.authority.PEM())
	old := fmt.Sprintf("%x", sha256.Sum256(block.Bytes))
	renewed, err := e.authority.Renewed(now.Time().Add(time.Hour), now.Time().AddDate(20, 0, 0))
	if err != nil {
		t.Fatal(err)
	}
	name := fmt.Sprintf("%x", sha256.Sum256(renewed))
	if _, err := e.db.Write.NewRaw("UPDATE authorities SET der = ?, fingerprint = ?", renewed, name).Exec(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := e.db.Write.NewRaw("UPDATE messages SET certified = replace(certified, ?, ?)", old, name).Exec(t.Context()); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	index := e.unpacked(dir, message)
	commands := commandOf.FindAllStringSubmatch(index, -1)
	if len(commands) != 1 || !strings.Contains(commands[0][1], "-no_check_time") || !strings.Contains(index, "non copre quel momento") {
		t.Fatal(index)
	}
	run := exec.Command("sh", "-c", commands[0][1])
	run.Dir = dir
	if out, err := run.CombinedOutput(); err != nil {
		t.Errorf("%s: %v: %s", commands[0][1], err, out)
	}
}
