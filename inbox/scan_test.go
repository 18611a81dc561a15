package inbox

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"filodiretto/channels"
	"filodiretto/internal/clamd"
	"filodiretto/internal/testserver"
)

// parcel is a letter with files.
func parcel(id string, files map[string][]byte) string {
	var b strings.Builder
	b.WriteString("From: lucia@example.org\r\nTo: urp@comune.pontelieto.example\r\nMessage-ID: <" + id + ">\r\nSubject: Con allegati\r\n" +
		"MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nIn allegato.\r\n")
	for _, name := range keys(files) {
		b.WriteString("--b\r\nContent-Type: application/octet-stream; name=" + name + "\r\nContent-Disposition: attachment; filename=" + name +
			"\r\nContent-Transfer-Encoding: base64\r\n\r\n" + base64.StdEncoding.EncodeToString(files[name]) + "\r\n")
	}
	return b.String() + "--b--\r\n"
}

// locked is a zip file whose content is said to be encrypted.
func locked(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, err := z.CreateHeader(&zip.FileHeader{Name: "busta.pdf"})
	if err == nil {
		_, err = w.Write([]byte("che cosa sia, non si sa"))
	}
	if err = errors.Join(err, z.Close()); err != nil {
		t.Fatal(err)
	}
	out := b.Bytes()
	out[bytes.LastIndex(out, []byte("PK\x01\x02"))+8] |= 1
	return out
}

// opens tells for each file of a case whether it can be opened: "ok" or why not.
func (e *env) opens() map[string]string {
	e.t.Helper()
	var parts []*Part
	if err := e.db.Read.NewSelect().Model(&parts).OrderExpr("p.ord").Scan(e.t.Context()); err != nil {
		e.t.Fatal(err)
	}
	out := map[string]string{}
	for _, p := range parts {
		_, f, err := e.OpenPart(e.t.Context(), e.giulia, p.ID)
		var held *HeldError
		switch {
		case err == nil:
			f.Close()
			out[p.Name] = "ok"
		case errors.As(err, &held):
			out[p.Name] = held.Code
		default:
			e.t.Fatal(err)
		}
	}
	return out
}

func (e *env) scans() {
	e.t.Helper()
	if err := e.ScanFiles(e.t.Context()); err != nil {
		e.t.Fatal(err)
	}
}

func same(a, b map[string]string) bool {
	for k, v := range a {
		if b[k] != v {
			return false
		}
	}
	return len(a) == len(b)
}

func (e *env) withClamd(address string) {
	e.t.Helper()
	c, err := clamd.New(address)
	if err != nil {
		e.t.Fatal(err)
	}
	e.scanner, e.set.ScanPolicy = c, ScanWait
}

// Rule 48, with the real daemon: nothing is opened before its verdict, malware never.
func TestRule48FilesWaitForTheirVerdict(t *testing.T) {
	daemon := testserver.Clamd(t)
	eachDB(t, func(t *testing.T, e *env) {
		realMail(e)
		e.withClamd(daemon.Address())
		e.arrive(e.mail, parcel("a@example.org", map[string][]byte{"a.pdf": []byte("%PDF-1.4 a"), "b.com": testserver.Eicar, "c.zip": locked(t)}))
		if got := e.opens(); !same(got, map[string]string{"a.pdf": "pending", "b.com": "pending", "c.zip": "pending"}) {
			t.Fatalf("before: %v", got)
		}
		e.scans()
		for policy, want := range map[ScanPolicy]map[string]string{
			ScanWait:   {"a.pdf": "ok", "b.com": "infected", "c.zip": "ok"},
			ScanMark:   {"a.pdf": "ok", "b.com": "infected", "c.zip": "ok"},
			ScanStrict: {"a.pdf": "ok", "b.com": "infected", "c.zip": "unscannable"},
		} {
			e.set.ScanPolicy = policy
			if got := e.opens(); !same(got, want) {
				t.Errorf("%s: %v", policy, got)
			}
		}
		c := e.allCases()[0]
		cv, err := e.ViewCaseByRef(t.Context(), e.giulia, c.Ref())
		if err != nil {
			t.Fatal(err)
		}
		words := map[string]string{}
		for _, x := range cv.Entries {
			for _, p := range x.Parts {
				words[p.Name] = string(p.Scan.State) + " " + p.Scan.Word
			}
		}
		if !same(words, map[string]string{"a.pdf": "clean ", "b.com": "infected Eicar-Test-Signature.UNOFFICIAL", "c.zip": "unscannable encrypted"}) {
			t.Errorf("on the page: %v", words)
		}
		if n := e.number("SELECT count(*) FROM events WHERE kind = 'file.infected' AND case_id = ?", c.ID); n != 1 {
			t.Errorf("%d events", n)
		}
		if f, err := e.ScanFigures(t.Context()); err != nil || !f.On || f.Pending != 0 || f.Infected != 1 || f.Unscannable != 1 {
			t.Errorf("figures %+v, %v", f, err)
		}
		var held *HeldError
		if _, _, err := e.RawMessage(t.Context(), e.giulia, c.LastInID); !errors.As(err, &held) || held.Code != "infected" {
			t.Errorf("the bytes of a message with malware: %v", err)
		}
	})
}

// Rule 48: while the daemon is down the files wait and that is told; the next try
// finds it again.
func TestRule48DaemonThatIsDown(t *testing.T) {
	daemon := testserver.Clamd(t)
	eachDB(t, func(t *testing.T, e *env) {
		realMail(e)
		e.withClamd(daemon.Address())
		daemon.Halt()
		e.arrive(e.mail, parcel("a@example.org", map[string][]byte{"a.pdf": []byte("%PDF-1.4 a")}))
		e.scans()
		e.manual.Advance(2 * time.Minute)
		e.scans()
		f, err := e.ScanFigures(t.Context())
		if err != nil || f.Pending != 1 || !f.Late(e.clock.Now()) {
			t.Errorf("figures %+v, %v", f, err)
		}
		if got := e.opens(); got["a.pdf"] != "pending" {
			t.Errorf("while it is down: %v", got)
		}
		if err := daemon.Start(); err != nil {
			t.Fatal(err)
		}
		e.scans()
		if got := e.opens(); got["a.pdf"] != "pending" {
			t.Errorf("before it is due: %v", got)
		}
		e.manual.Advance(scanLongest)
		e.scans()
		if got := e.opens(); got["a.pdf"] != "ok" {
			t.Errorf("after: %v", got)
		}
	})
}

// teller is a scanner that says what it is told to.
type teller struct {
	verdict clamd.Verdict
	err     error
	asked   int
}

func (s *teller) Scan(_ context.Context, f io.Reader) (clamd.Verdict, error) {
	s.asked++
	_, err := io.Copy(io.Discard, f)
	return s.verdict, errors.Join(s.err, err)
}

// Rule 48: the same bytes are scanned once; a person may ask again.
func TestRule48AskedOnceAndAgain(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		realMail(e)
		s := &teller{verdict: clamd.Verdict{State: clamd.Infected, Word: "Falso.Allarme"}}
		e.scanner, e.set.ScanPolicy = s, ScanWait
		large := bytes.Repeat([]byte("x"), 300_000)
		e.arrive(e.mail, parcel("a@example.org", map[string][]byte{"a.bin": large}), parcel("b@example.org", map[string][]byte{"b.bin": large}))
		e.scans()
		if s.asked != 1 {
			t.Errorf("asked %d times", s.asked)
		}
		var p Part
		if err := e.db.Read.NewSelect().Model(&p).OrderExpr("p.id").Limit(1).Scan(t.Context()); err != nil {
			t.Fatal(err)
		}
		s.verdict = clamd.Verdict{State: clamd.Clean}
		if err := e.ScanAgain(t.Context(), e.giulia, p.ID); err != nil {
			t.Fatal(err)
		}
		if got := e.opens(); !same(got, map[string]string{"a.bin": "pending", "b.bin": "pending"}) {
			t.Errorf("asked again: %v", got)
		}
		e.scans()
		if got := e.opens(); !same(got, map[string]string{"a.bin": "ok", "b.bin": "ok"}) || s.asked != 2 {
			t.Errorf("%v after %d questions", got, s.asked)
		}
		if err := e.ScanAgain(t.Context(), e.elena, p.ID); !errors.Is(err, ErrNotFound) {
			t.Errorf("who may not see the case asked: %v", err)
		}
	})
}

// Rule 48: what came before there was a scanner is scanned when somebody wants it.
func TestRule48OlderFilesAreScannedWhenWanted(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		realMail(e)
		e.arrive(e.mail, parcel("a@example.org", map[string][]byte{"a.pdf": []byte("%PDF-1.4 a")}))
		if got := e.opens(); got["a.pdf"] != "ok" {
			t.Fatalf("without a scanner: %v", got)
		}
		e.scanner, e.set.ScanPolicy = &teller{verdict: clamd.Verdict{State: clamd.Clean}}, ScanWait
		if got := e.opens(); got["a.pdf"] != "pending" {
			t.Errorf("asked for: %v", got)
		}
		e.scans()
		if got := e.opens(); got["a.pdf"] != "ok" {
			t.Errorf("scanned: %v", got)
		}
	})
}

// Rule 48: nobody sends malware on, and what waits for its verdict waits.
func TestRule48OutgoingFiles(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		realMail(e)
		s := &teller{verdict: clamd.Verdict{State: clamd.Infected, Word: "Prova"}}
		e.scanner, e.set.ScanPolicy = s, ScanWait
		ref, err := e.KeepFile(t.Context(), "a.pdf", strings.NewReader("%PDF-1.4 a"))
		if err != nil {
			t.Fatal(err)
		}
		part := &Part{SHA256: ref.SHA256, Size: ref.Size, State: "stored"}
		open := func() *channels.Error {
			f, err := e.outgoingFile(part).Open()
			if err == nil {
				f.Close()
			}
			return channels.AsError(err)
		}
		if x := open(); x == nil || x.Class != channels.RetryAfter {
			t.Errorf("before the verdict: %v", x)
		}
		e.scans()
		if x := open(); x == nil || x.Class != channels.ContentRejected || x.Code != "infected" {
			t.Errorf("infected: %v", x)
		}
		s.verdict = clamd.Verdict{State: clamd.Clean}
		e.exec(t, "UPDATE scans SET state = 'pending', next_at = 0")
		e.scans()
		if x := open(); x != nil {
			t.Errorf("clean: %v", x)
		}
	})
}

// Rule 48: an original that waits in quarantine holds its files too: it is scanned
// before it is opened byte for byte.
func TestRule48OriginalsInQuarantine(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		realMail(e)
		e.arrive(e.mail, letter("Ada <ada@posta.example>", "a1@posta.example", "Premio", "Apri!", "X-Spam-Flag: YES"))
		list, err := e.QuarantineList(t.Context(), e.giulia, 0, 10)
		if err != nil || len(list) != 1 {
			t.Fatal(len(list), err)
		}
		daemon := &teller{}
		e.scanner = daemon
		for _, x := range []struct {
			policy  ScanPolicy
			verdict clamd.State
			away    error
			want    string
		}{
			{ScanWait, clamd.Clean, nil, ""},
			{ScanWait, clamd.Infected, nil, "infected"},
			{ScanMark, clamd.Infected, nil, "infected"},
			{ScanWait, clamd.Unscannable, nil, ""},
			{ScanStrict, clamd.Unscannable, nil, "unscannable"},
			{ScanWait, "", errors.New("away"), "pending"},
			{ScanMark, "", errors.New("away"), ""},
		} {
			e.set.ScanPolicy, daemon.verdict, daemon.err = x.policy, clamd.Verdict{State: x.verdict}, x.away
			_, body, err := e.QuarantineRaw(t.Context(), e.giulia, list[0].ID)
			var held *HeldError
			switch {
			case x.want == "" && (err != nil || len(body) == 0):
				t.Errorf("%+v: %v", x, err)
			case x.want != "" && (!errors.As(err, &held) || held.Code != x.want || body != nil):
				t.Errorf("%+v: %v", x, err)
			}
		}
	})
}

// Rule 48: while a new verdict is awaited the former one holds, under every policy.
func TestRule48AskedAgainStaysHeld(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		realMail(e)
		daemon := &teller{verdict: clamd.Verdict{State: clamd.Infected, Word: "Eicar"}}
		e.scanner, e.set.ScanPolicy = daemon, ScanMark
		e.arrive(e.mail, parcel("a@example.org", map[string][]byte{"b.com": []byte("x")}))
		e.scans()
		daemon.err = errors.New("the daemon is away")
		var part int64
		must(t, e.db.Read.NewRaw("SELECT id FROM parts").Scan(t.Context(), &part))
		must(t, e.ScanAgain(t.Context(), e.giulia, part))
		e.scans()
		if got := e.opens(); got["b.com"] == "ok" {
			t.Errorf("malware is opened: %v", got)
		}
		daemon.err, daemon.verdict = nil, clamd.Verdict{State: clamd.Clean}
		e.manual.Advance(2 * time.Minute)
		e.scans()
		if got := e.opens(); got["b.com"] != "ok" {
			t.Errorf("after a better verdict: %v", got)
		}
	})
}
