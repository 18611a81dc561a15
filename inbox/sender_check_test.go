package inbox

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"filodiretto/channels"
)

// dnsMail is the real parser of mail with a check of senders that a test decides.
type dnsMail struct {
	channels.Channel
	found channels.SenderCheck
	err   error
	asked []string // the senders asked about
	bytes int
}

func (d *dnsMail) CheckSender(_ context.Context, item io.Reader, from string) (channels.SenderCheck, error) {
	b, err := io.ReadAll(item)
	d.asked, d.bytes = append(d.asked, from), len(b)
	if err != nil {
		return channels.SenderCheck{}, err
	}
	return d.found, d.err
}

// checkedMail gives the env's account such a check.
func checkedMail(e *env) *dnsMail {
	ourMail(e)
	ch, _, _ := e.chans.Channel(e.mail.ID)
	d := &dnsMail{Channel: ch}
	e.chans.put(e.mail, d)
	return d
}

const dkimField = "DKIM-Signature: v=1; a=rsa-sha256; d=posta.example; s=s1; h=from; bh=x; b=y"

// checkOf is what is kept of the newest case's first message.
func (e *env) checkOf() *SenderCheck {
	e.t.Helper()
	cs := e.allCases()
	cv, err := e.ViewCase(e.t.Context(), e.giulia, cs[len(cs)-1].ID)
	if err != nil {
		e.t.Fatal(err)
	}
	for _, x := range cv.Entries {
		if x.Message != nil {
			return cv.Checks[x.Message.RawID]
		}
	}
	return nil
}

// Rule 51: a signed mail is filed at once and checked afterwards; what was found is
// kept beside the bytes, and asked for once.
func TestRule51NoMessageWaitsForTheDNS(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		d := checkedMail(e)
		raw := letter("Anna <anna@posta.example>", "k1@posta.example", "Orari", "Quali orari?", dkimField)
		e.arrive(e.mail, raw, letter("Ugo <ugo@posta.example>", "k2@posta.example", "Altro", "Niente firma."))
		if len(e.allCases()) != 2 || len(d.asked) != 0 {
			t.Fatal("cases before any check:", len(e.allCases()), d.asked)
		}
		if n := e.number("SELECT count(*) FROM sender_checks"); n != 1 {
			t.Fatal("only what is signed has a row:", n)
		}
		d.found = channels.SenderCheck{Outcome: channels.CheckPass, Domain: "posta.example", Aligned: true, Signatures: []channels.DomainSignature{{Domain: "posta.example", Outcome: channels.CheckPass, Aligned: true}}}
		for range 2 {
			if err := e.CheckSenders(t.Context(), e.mail.ID); err != nil {
				t.Fatal(err)
			}
		}
		if len(d.asked) != 1 || d.asked[0] != "anna@posta.example" || d.bytes != len(raw) {
			t.Error("asked about", d.asked, d.bytes)
		}
		cv, err := e.ViewCase(t.Context(), e.giulia, e.allCases()[0].ID)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range cv.Checks {
			if c.Outcome != "pass" || !c.Aligned || c.CheckedAt != e.clock.Now() || len(c.Details()) != 1 {
				t.Errorf("kept: %+v", c)
			}
		}
		if len(cv.Checks) != 1 {
			t.Error("checks on the page:", len(cv.Checks))
		}
	})
}

// Rule 51: a DNS that is away is asked again, with growing waits, and not for ever;
// a channel that fails stops nothing.
func TestRule51ACheckIsTriedAgain(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		d := checkedMail(e)
		d.found = channels.SenderCheck{Outcome: channels.CheckTemporary}
		e.arrive(e.mail, letter("Anna <anna@posta.example>, Ugo <ugo@posta.example>", "k3@posta.example", "Orari", "Quali orari?", dkimField))
		for i := range len(checkAgain) + 1 {
			if c := e.checkOf(); c == nil || c.Outcome != "" || c.NextAt == 0 {
				t.Fatalf("after %d tries: %+v", i, c)
			}
			if i == 2 {
				d.err = errors.New("odd")
			}
			if err := e.CheckSenders(t.Context(), e.mail.ID); err != nil {
				t.Fatal(err)
			}
			if len(d.asked) != i+1 || d.asked[i] != "" {
				t.Fatalf("tries: %q, want %d, with no sender where there are several", d.asked, i+1)
			}
			e.manual.Advance(5 * time.Hour)
		}
		if c := e.checkOf(); c.Outcome != "temporary" || c.NextAt != 0 {
			t.Errorf("given up: %+v", c)
		}
	})
}

// What comes from an archive is not checked: its keys are gone.
func TestArchivesAreNotChecked(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		checkedMail(e)
		err := e.Accept(t.Context(), e.mail.ID, channels.Batch{Stream: "INBOX", Items: []channels.Raw{{
			DedupKey: "a1", ContentType: "message/rfc822", Body: []byte(letter("Ufficio Tributi <x@posta.example>", "k4@posta.example", "Vecchia", "Testo.", dkimField)), ReceivedAt: e.clock.Now(), Archive: true,
		}}})
		if err != nil {
			t.Fatal(err)
		}
		e.ingest(e.mail)
		if n := e.number("SELECT count(*) FROM sender_checks") + e.number("SELECT count(*) FROM lookalikes"); n != 0 || len(e.allCases()) != 1 {
			t.Error("rows:", n)
		}
	})
}

func TestVerdictsAreReadFromNotes(t *testing.T) {
	m := &Message{Notes: "dkim:pass/posta.example spf:fail text_cut dmarc:none/posta.example dkim:fail"}
	var got []string
	for _, v := range m.Verdicts() {
		got = append(got, v.Method+" "+v.Result+" "+v.Domain)
	}
	if want := "dmarc none posta.example,spf fail ,dkim pass posta.example,dkim fail "; strings.Join(got, ",") != want {
		t.Errorf("%q", got)
	}
}
