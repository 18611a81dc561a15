package inbox

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"

	"filodiretto/channels/pec/standin"
	"filodiretto/internal/db/dbtest"
)

// letterBytes is a mail as a channel composes it.
type letterBytes []byte

func (l letterBytes) WriteTo(w io.Writer) (int64, error) {
	n, err := w.Write(l)
	return int64(n), err
}

func (o *certifiedOffice) evidence(m *Message) map[string]string {
	o.t.Helper()
	x, err := o.Evidence(o.t.Context(), o.giulia, m.ID)
	if err != nil {
		o.t.Fatal(err)
	}
	out := map[string]string{}
	for _, f := range x.Files {
		r, err := f.Open()
		if err != nil {
			o.t.Fatal(f.Name, err)
		}
		b, err := io.ReadAll(r)
		if err != nil {
			o.t.Fatal(f.Name, err)
		}
		r.Close()
		out[f.Name] = string(b)
	}
	return out
}

// What came and what left is in the package byte for byte, and who took it is noted.
func TestEvidenceIsByteForByte(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		o := newCertifiedOffice(t, e)
		letter := letterOf("Anna Verdi <"+annaPEC+">", pecBox, "a1@pec.example", "Richiesta")
		raw, err := o.provider.Envelope(annaPEC, pecBox, letter, e.manual.Now())
		if err != nil {
			t.Fatal(err)
		}
		e.arrive(o.acc, string(raw))
		c := e.allCases()[0]
		got := o.evidence(o.message("m.id = ?", c.LastInID))
		if len(got) != 4 || got["autorita.pem"] != string(o.authority) || got["autorita/01.pem"] != string(o.authority) || got["busta.eml"] != string(raw) || !strings.HasSuffix(got["messaggio.eml"], "Chiedo copia del permesso.\r\n") || !strings.Contains(string(raw), got["messaggio.eml"]) {
			t.Fatal(got)
		}
		r, posts := o.answered(standin.Fate{})
		keep := o.box.arrived()[0].Keep
		small, large := letterBytes("From: x\r\n\r\nuno\r\n"), letterBytes(strings.Repeat("grande\r\n", inRow))
		for _, l := range []letterBytes{small, small, large} { // a try that is repeated, and one with other bytes
			if err := keep(t.Context(), l); err != nil {
				t.Fatal(err)
			}
		}
		e.arrive(o.acc, string(posts[0].Raw), string(posts[1].Raw))
		got = o.evidence(r.Message)
		if len(got) != 6 || got["autorita.pem"] != string(o.authority) || got["ricevute/01-accettazione.eml"] != string(posts[0].Raw) || got["ricevute/02-avvenuta-consegna.eml"] != string(posts[1].Raw) {
			t.Fatal(len(got))
		}
		kept := []string{got["inviato-01.eml"], got["inviato-02.eml"]}
		if kept[0] != string(small) {
			kept[0], kept[1] = kept[1], kept[0] // of the same instant
		}
		if kept[0] != string(small) || kept[1] != string(large) {
			t.Fatal("what left is kept")
		}
		if n := e.number("SELECT count(*) FROM events WHERE kind = 'evidence.taken' AND operator_id = ? AND case_id = ?", e.giulia.OperatorID, c.ID); n != 2 {
			t.Fatal("the taking is noted", n)
		}
		if _, err := e.Evidence(t.Context(), e.elena, r.Message.ID); !errors.Is(err, ErrNotFound) {
			t.Fatal("rights as for the case", err)
		}
		k := e.writes(e.mail, "lucia@example.org", "una")
		_, err = e.Evidence(t.Context(), e.giulia, k.m.ID)
		wantCode(t, err, "message", "not_certified")
	})
}

// A mail that cannot be kept does not leave.
func TestWhatCannotBeKeptIsAnError(t *testing.T) {
	e := newEnv(t, dbtest.SQLite(t))
	broken := errors.New("disk")
	err := e.keepSent(1)(t.Context(), writerTo(func(w io.Writer) error {
		if _, err := w.Write(bytes.Repeat([]byte("x"), 10)); err != nil {
			return err
		}
		return broken
	}))
	if !errors.Is(err, broken) {
		t.Fatal(err)
	}
}

type writerTo func(io.Writer) error

func (f writerTo) WriteTo(w io.Writer) (int64, error) { return 0, f(w) }
