package web

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"filodiretto/channels"
	"filodiretto/channels/mail"
	"filodiretto/channels/pec"
	"filodiretto/channels/pec/standin"
	"filodiretto/inbox"
	"filodiretto/internal/db/dbtest"
)

const (
	testPEC = "protocollo@pec.pontelieto.example"
	annaPEC = "anna.verdi@pec.example"
)

// certifiedTown is a town with a certified mailbox and its provider.
type certifiedTown struct {
	*siteTown
	pec      inbox.Account
	provider *standin.Provider

	authorities string // the file of those that vouch for it
	authority   *standin.Authority
}

func newCertifiedTown(t *testing.T, e *siteTown) *certifiedTown {
	t.Helper()
	now := e.manual.Now()
	a, err := standin.NewAuthority(now)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := a.Certify("GESTORE DI PROVA S.p.A.", "gestore.example", now.Time().AddDate(-1, 0, 0), now.Time().AddDate(1, 0, 0))
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "pec.pem")
	if err := os.WriteFile(file, a.PEM(), 0o600); err != nil {
		t.Fatal(err)
	}
	acc := e.account("pec", "pec", "urp", pec.Driver, map[string]string{
		"address": testPEC, "imap_host": "127.0.0.1", "imap_port": "1", "imap_security": "plain-local", "imap_user": "u", "imap_password": "p",
		"smtp_host": "127.0.0.1", "smtp_port": "1", "smtp_security": "plain-local", "folders": "INBOX", "authorities_file": file,
	})
	return &certifiedTown{e, acc, &standin.Provider{Name: "GESTORE DI PROVA S.p.A.", Domain: "gestore.example", Signer: signer}, file, a}
}

func (e *certifiedTown) comes(raw []byte, err error) {
	e.t.Helper()
	if err != nil {
		e.t.Fatal(err)
	}
	e.arrive(e.pec, channels.Raw{ContentType: mail.TypeMessage, Body: raw})
}

func certifiedLetter(from, to, id, subject string) []byte {
	return []byte("From: " + from + "\r\nTo: " + to + "\r\nMessage-ID: <" + id + ">\r\nSubject: " + subject +
		"\r\nDate: Tue, 17 Nov 2026 10:00:00 +0000\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nChiedo copia del permesso.\r\n")
}

// The case page tells who vouches for a certified mail, what each receipt says,
// and gives the package that proves it.
func TestCertifiedMailOnTheCasePage(t *testing.T) {
	eachSite(t, func(t *testing.T, site *siteTown) {
		e := newCertifiedTown(t, site)
		e.comes(e.provider.Envelope(annaPEC, testPEC, certifiedLetter("Anna Verdi <"+annaPEC+">", testPEC, "a1@pec.example", "Richiesta di copia"), e.manual.Now()))
		b := e.as("giulia")
		b.get("/cases?view=pec").want(http.StatusOK, "Richiesta di copia")
		path, _ := e.firstCase("giulia")
		ref := strings.TrimPrefix(path, "/cases/")
		b.get("/cases?view=pec&case="+ref).want(http.StatusOK, "Mittente certificato "+annaPEC, "Firma valida di GESTORE DI PROVA S.p.A.", "Pacchetto di prova", "certificato valido fino al")
		e.comes(e.provider.Anomaly("luca@mail.example", testPEC, certifiedLetter("Luca <luca@mail.example>", testPEC, "b1@mail.example", "Domanda"), e.manual.Now()))
		b.get("/cases?case=2026/000002").want(http.StatusOK, "Posta ordinaria, non certificata").without("Mittente certificato")

		e.call("giulia", "POST", path+"/messages", e.answer("giulia", path, "Ecco la copia.")).want(http.StatusCreated)
		e.manual.Advance(time.Minute)
		out := e.sent(e.pec)
		if len(out) != 1 || out[0].To.Kind != "pec" || out[0].To.Value != annaPEC {
			t.Fatalf("%+v", out)
		}
		left := certifiedLetter(testPEC, annaPEC, out[0].ExternalID, out[0].Subject)
		if err := out[0].Keep(t.Context(), bytes.NewReader(left)); err != nil {
			t.Fatal(err)
		}
		posts, err := e.provider.Submit(testPEC, testPEC, []string{annaPEC}, left, e.manual.Now())
		if err != nil {
			t.Fatal(err)
		}
		e.manual.Advance(25 * time.Minute)
		if n, err := e.inbox.SweepReceipts(t.Context()); err != nil || n != 1 {
			t.Fatal(n, err)
		}
		b.get("/cases?case="+ref).want(http.StatusOK, "Nessuna accettazione da oltre 20 minuti per la PEC a").without("stesso testo", "Il server ha risposto")
		for _, p := range posts {
			if p.Box == testPEC {
				e.comes(p.Raw, nil)
			}
		}
		page := b.get("/cases?case="+ref).want(http.StatusOK, "accettata dal gestore", "consegnata in casella", "2 ricevute", "Avvenuta consegna").without("Nessuna accettazione")
		links := strings.Split(page.Body, `href="/receipts/`)
		if len(links) != 3 {
			t.Fatal(len(links))
		}
		first := "/receipts/" + links[1][:strings.IndexByte(links[1], '"')]
		if got := b.get(first).want(http.StatusOK); got.Body != string(posts[0].Raw) {
			t.Fatal("a receipt is not byte for byte")
		}
		i := strings.LastIndex(page.Body, "/evidence\"")
		url := page.Body[strings.LastIndex(page.Body[:i], "/messages/") : i+len("/evidence")]
		e.checkPackage(b.get(url).want(http.StatusOK), map[string]string{
			"inviato-01.eml": string(left), "ricevute/01-accettazione.eml": string(posts[0].Raw), "ricevute/02-avvenuta-consegna.eml": string(posts[1].Raw),
		})
		for _, path := range []string{first, url} {
			e.as("paolo").get(path).want(http.StatusNotFound)
		}
	})
}

// checkPackage looks whether an archive holds the files byte for byte, and their sums.
func (e *certifiedTown) checkPackage(got *seen, want map[string]string) {
	e.t.Helper()
	z, err := zip.NewReader(strings.NewReader(got.Body), int64(len(got.Body)))
	if err != nil {
		e.t.Fatal(err)
	}
	files := map[string]string{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			e.t.Fatal(err)
		}
		b, err := io.ReadAll(r)
		if err != nil {
			e.t.Fatal(err)
		}
		files[f.Name] = string(b)
	}
	if len(files) != len(want)+4 || files["autorita/01.pem"] != files["autorita.pem"] || !strings.HasPrefix(files["autorita.pem"], "-----BEGIN CERTIFICATE-----") {
		e.t.Fatal(len(files), "files")
	}
	for name, body := range want {
		sum := sha256.Sum256([]byte(body))
		line := hex.EncodeToString(sum[:]) + "  " + name + "\n"
		if files[name] != body || !strings.Contains(files["SHA256SUMS"], line) || !strings.Contains(files["index.html"], hex.EncodeToString(sum[:])) {
			e.t.Errorf("%s is not in the package as it was", name)
		}
	}
	e.checkSums(files)
	for _, words := range []string{"Destinatario " + annaPEC, "consegnata in casella", "Firma valida di GESTORE DI PROVA"} {
		if !strings.Contains(files["index.html"], words) {
			e.t.Errorf("the page does not say %q", words)
		}
	}
}

// checkSums lets sha256sum check an unpacked archive, and finds in the sums every
// file but that of the sums.
func (e *certifiedTown) checkSums(files map[string]string) {
	e.t.Helper()
	dir := e.t.TempDir()
	for name, body := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			e.t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(body), 0o600); err != nil {
			e.t.Fatal(err)
		}
		if name != "SHA256SUMS" && !strings.Contains(files["SHA256SUMS"], "  "+name+"\n") {
			e.t.Errorf("SHA256SUMS does not name %s", name)
		}
	}
	cmd := exec.CommandContext(e.t.Context(), "sha256sum", "--check", "--strict", "SHA256SUMS")
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if n := strings.Count(string(out), ": OK\n"); err != nil || n != len(files)-1 {
		e.t.Errorf("sha256sum of %d files: %v\n%s", len(files), err, out)
	}
}

// Receipts of letters sent from elsewhere stand on the channel's page.
func TestLooseReceiptsStandOnTheChannelsPage(t *testing.T) {
	e := newCertifiedTown(t, newSite(t, dbtest.SQLite(t)))
	posts, err := e.provider.Submit(testPEC, testPEC, []string{annaPEC}, certifiedLetter(testPEC, annaPEC, "webmail-1@x.example", "Avviso dalla webmail"), e.manual.Now())
	if err != nil {
		t.Fatal(err)
	}
	e.comes(posts[0].Raw, nil)
	e.as("admin").get("/channels").want(http.StatusOK, "Ricevute di invii fatti altrove (1)", "Accettazione").without("Avviso dalla webmail")
	e.as("sara").get("/channels").want(http.StatusOK, "Avviso dalla webmail")
}
