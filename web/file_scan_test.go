package web

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"testing"

	"filodiretto/inbox"
	"filodiretto/internal/clamd"
)

// byContent is a scanner that judges by a word in the file.
type byContent struct{}

func (byContent) Scan(_ context.Context, f io.Reader) (clamd.Verdict, error) {
	b, err := io.ReadAll(f)
	switch {
	case err != nil:
		return clamd.Verdict{}, err
	case bytes.Contains(b, []byte("BAD")):
		return clamd.Verdict{State: clamd.Infected, Word: "Prova.Malware"}, nil
	case bytes.Contains(b, []byte("LOCKED")):
		return clamd.Verdict{State: clamd.Unscannable, Word: "encrypted"}, nil
	}
	return clamd.Verdict{State: clamd.Clean}, nil
}

// scanned makes the site anew, with a scanner.
func (e *siteTown) scanned(policy inbox.ScanPolicy) {
	e.t.Helper()
	e.has.Scanner, e.has.Settings.ScanPolicy = byContent{}, policy
	e.inbox = inbox.New(e.has)
	e.deps.Inbox = e.inbox
	site, err := New(e.deps)
	if err != nil {
		e.t.Fatal(err)
	}
	e.site = site
	e.serve()
}

// suspicious is a letter with a clean file, malware and a file that nobody can look
// into.
func (e *siteTown) suspicious() (message string, parts map[string]*inbox.Part) {
	e.t.Helper()
	body := "--b\r\n\r\nIn allegato.\r\n"
	for _, f := range [][2]string{{"pulito.txt", "niente di male"}, {"virus.txt", "BAD"}, {"chiuso.txt", "LOCKED"}} {
		body += "--b\r\nContent-Type: application/octet-stream; name=" + f[0] + "\r\nContent-Disposition: attachment; filename=" + f[0] + "\r\n\r\n" + f[1] + "\r\n"
	}
	e.letter(e.mail, "Lucia <lucia@posta.example>", "Allegati", body+"--b--", "Content-Type: multipart/mixed; boundary=b")
	k := e.theCase(e.ref(e.people["giulia"]))
	_, rows, err := e.inbox.MessageWithParts(e.t.Context(), e.people["giulia"], k.LastInID)
	if err != nil || len(rows) != 3 {
		e.t.Fatal(err, len(rows))
	}
	parts = map[string]*inbox.Part{}
	for _, p := range rows {
		parts[p.Name] = p
	}
	return formatID(k.LastInID), parts
}

// verdicts is what the API says of the files of a message, by name.
func (e *siteTown) verdicts(message string) map[string]string {
	e.t.Helper()
	out := map[string]string{}
	for _, p := range e.call("giulia", "GET", "/messages/"+message, nil).JSON.(map[string]any)["parts"].([]any) {
		row := p.(map[string]any)
		word, _ := row["scan_word"].(string)
		out[row["name"].(string)] = row["scan"].(string) + " " + word
	}
	return out
}

// Rule 48: pages and programs are told what the scan said, and refused what it holds
// back.
func TestRule48HeldFilesAreRefused(t *testing.T) {
	eachSite(t, func(t *testing.T, e *siteTown) {
		e.suspicious() // before anybody scanned
		if got := e.verdicts(formatID(e.theCase(e.ref(e.people["giulia"])).LastInID)); got["virus.txt"] != "none " {
			t.Errorf("without a scanner: %v", got)
		}
		e.scanned(inbox.ScanStrict)
		e.manual.Advance(1e9)
		message, parts := e.suspicious()
		b := e.as("giulia")
		refused := func(name, code, words string) {
			t.Helper()
			p := parts[name]
			link := b.get(filePath(p.ID, p.Name)).want(http.StatusSeeOther).Header.Get("Location")
			b.get(link).want(http.StatusLocked, words)
			a := e.call("giulia", "GET", "/files/"+formatID(p.ID), nil)
			if a.Status != http.StatusLocked || a.str("code") != "file_"+code || (a.Header.Get("Retry-After") != "") != (code == "pending") {
				t.Errorf("%s: %d %s, asked again after %q", name, a.Status, a.Bytes, a.Header.Get("Retry-After"))
			}
		}
		if got := e.verdicts(message); got["pulito.txt"] == "clean " || got["virus.txt"] == "infected Prova.Malware" {
			t.Errorf("nobody looked yet: %v", got)
		}
		for name := range parts {
			refused(name, "pending", "Il file è in controllo")
		}
		if err := e.inbox.ScanFiles(t.Context()); err != nil {
			t.Fatal(err)
		}
		got := e.verdicts(message)
		for name, want := range map[string]string{"pulito.txt": "clean ", "virus.txt": "infected Prova.Malware", "chiuso.txt": "unscannable encrypted"} {
			if got[name] != want {
				t.Errorf("%s: %q", name, got[name])
			}
		}
		refused("virus.txt", "infected", "Questo file contiene un virus")
		refused("chiuso.txt", "unscannable", "non si può controllare")
		b.get("/messages/"+message+"/raw").want(http.StatusLocked, "Questo file contiene un virus")
		if a := e.call("giulia", "GET", "/messages/"+message+"/raw", nil); a.Status != http.StatusLocked || a.str("code") != "file_infected" {
			t.Errorf("the message's bytes: %d %s", a.Status, a.Bytes)
		}
		clean := parts["pulito.txt"]
		b.get(b.get(filePath(clean.ID, clean.Name)).Header.Get("Location")).want(http.StatusOK, "niente di male")
		if a := e.call("giulia", "GET", "/files/"+formatID(clean.ID), nil); a.Status != http.StatusOK || string(a.Bytes) != "niente di male" {
			t.Errorf("the clean file: %d %s", a.Status, a.Bytes)
		}
		b.get("/cases?case="+e.ref(e.people["giulia"])).want(http.StatusOK, "senza virus", "virus: non si può aprire", "non controllabile")
	})
}
