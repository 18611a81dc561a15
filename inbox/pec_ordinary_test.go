package inbox

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"filodiretto/channels"
	"filodiretto/channels/pec"
	"filodiretto/channels/pec/standin"
	"filodiretto/internal/db"
)

const urpBox = "urp@comune.pontelieto.example"

// ordinaryBox is the URP's ordinary mailbox as the program opens it, in a town whose
// Protocollo has a certified one.
func ordinaryBox(t *testing.T, e *env) *certifiedOffice {
	t.Helper()
	o := newCertifiedOffice(t, e)
	path := filepath.Join(t.TempDir(), "authorities.pem")
	if err := os.WriteFile(path, o.authority, 0o600); err != nil {
		t.Fatal(err)
	}
	ch, err := pec.Mail.Open(channels.Account{ID: e.mail.ID, Key: "mail", Kind: "mail", Settings: map[string]string{
		"address": urpBox, "imap_host": "127.0.0.1", "imap_port": "1", "imap_security": "plain-local", "imap_user": "u", "imap_password": "p",
		"smtp_host": "127.0.0.1", "smtp_port": "1", "smtp_security": "plain-local", "folders": "INBOX",
		"authorities_file": path, "auth_servers": "mx.comune.pontelieto.example",
	}}, channels.Deps{Log: e.log, Clock: e.clock})
	if err != nil {
		t.Fatal(err)
	}
	e.chans.put(e.mail, ch)
	return o
}

// toOrdinary is what a provider delivers to the ordinary mailbox.
func (o *certifiedOffice) toOrdinary(p *standin.Provider, from, name, id string, more ...string) string {
	o.t.Helper()
	raw, err := p.Envelope(from, urpBox, letterOf(name+" <"+from+">", urpBox, id, "Accesso agli atti", more...), o.manual.Now())
	if err != nil {
		o.t.Fatal(err)
	}
	return string(raw)
}

// Two citizens write through one provider to an ordinary mailbox: they are two
// persons, and nobody is the provider.
func TestCertifiedMailInAnOrdinaryMailbox(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		o := ordinaryBox(t, e)
		first := o.toOrdinary(o.provider, annaPEC, "Anna Verdi", "a1@pec.example")
		e.arrive(e.mail, first, o.toOrdinary(o.provider, "luca.neri@pec.example", "Luca Neri", "l1@pec.example"))
		anna, luca := o.message("m.sender LIKE '%"+annaPEC+"%'"), o.message("m.sender LIKE '%luca.neri@pec.example%'")
		if anna.CitizenID == luca.CitizenID || anna.IdentityID == luca.IdentityID || anna.CaseID == luca.CaseID {
			t.Fatal("two citizens share a file")
		}
		if n := e.number("SELECT count(*) FROM identities WHERE value LIKE 'posta-certificata@%'"); n != 0 {
			t.Fatal("the provider is a person")
		}
		id := e.identity(anna.IdentityID)
		if id.Kind != "pec" || id.Value != annaPEC || id.Proof != Confirmed {
			t.Errorf("%+v", id)
		}
		cert := anna.CertifiedBy()
		if anna.Channel != "pec" || anna.AccountID != e.mail.ID || !cert.Proven() || anna.Subject != "Accesso agli atti" || anna.Text != "Chiedo copia del permesso.\n" || !hasNote(anna, pec.NoteOrdinaryMailbox) {
			t.Errorf("%+v", anna)
		}
		if c, err := e.CaseByID(t.Context(), e.giulia, anna.CaseID); err != nil || c.Channel != "pec" || c.AccountID != e.mail.ID || c.Person != "Anna Verdi" {
			t.Errorf("%+v %v", c, err)
		}
		x, err := e.Evidence(t.Context(), e.giulia, anna.ID)
		if err != nil || len(x.Files) != 4 || x.Files[1].What != "envelope" || x.Files[2].What != "authorities" {
			t.Fatalf("%+v %v", x, err)
		}
		r, err := x.Files[1].Open()
		if err != nil {
			t.Fatal(err)
		}
		if b, err := io.ReadAll(r); err != nil || string(b) != first {
			t.Error("the envelope is not what came", err)
		}
		// The same envelope in the certified mailbox is a copy and no second letter.
		before := e.number("SELECT count(*) FROM messages")
		e.arrive(o.acc, first)
		if n := e.number("SELECT count(*) FROM messages"); n != before {
			t.Error("one letter stands there twice")
		}
	})
}

// What no provider's signature proves waits for a person and is nobody's; receipts
// are data.
func TestUnprovenCertifiedMailInAnOrdinaryMailbox(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		o := ordinaryBox(t, e)
		anomaly, err := o.provider.Anomaly("luca@mail.example", urpBox, letterOf("Luca Neri <luca@mail.example>", urpBox, "b1@mail.example", "Domanda"), e.manual.Now())
		if err != nil {
			t.Fatal(err)
		}
		posts, err := o.provider.Submit(annaPEC, annaPEC, []string{pecBox}, letterOf(annaPEC, pecBox, "c1@pec.example", "Prova"), e.manual.Now())
		if err != nil {
			t.Fatal(err)
		}
		receipt := ""
		for _, p := range posts {
			if p.Box == annaPEC {
				receipt = string(p.Raw)
			}
		}
		stripped := strings.ReplaceAll(o.toOrdinary(o.provider, annaPEC, "Anna Verdi", "a2@pec.example"), "X-Trasporto: posta-certificata\r\n", "")
		broken := strings.ReplaceAll(o.toOrdinary(o.provider, annaPEC, "Anna Verdi", "a3@pec.example"), "Chiedo copia", "Chiedo conto")
		bare := letter("Per conto di: x@pec.example <posta-certificata@gestore.example>", "d1@gestore.example", "ACCETTAZIONE: Prova", "Ricevuta", "X-Ricevuta: accettazione")
		for _, tt := range []struct{ name, raw, reason string }{
			{"signed by somebody else", o.toOrdinary(o.liar, annaPEC, "Anna Verdi", "a1@pec.example"), "pec_not_proven"},
			{"changed on its way", broken, "pec_not_proven"},
			{"an anomaly", string(anomaly), "pec_not_proven"},
			{"its headers taken away", stripped, "pec_not_proven"},
			{"a receipt that nobody signed", bare, "pec_not_proven"},
			{"a receipt of another mailbox", receipt, ""},
		} {
			before := e.number("SELECT count(*) FROM quarantine WHERE reason = ?", "pec_not_proven")
			e.arrive(e.mail, tt.raw)
			if n := e.number("SELECT count(*) FROM quarantine WHERE reason = ?", "pec_not_proven") - before; (n == 1) != (tt.reason != "") {
				t.Errorf("%s: %d wait", tt.name, n)
			}
			if n := e.number("SELECT count(*) FROM messages"); n != 0 {
				t.Fatalf("%s: it became a message", tt.name)
			}
		}
		if n := e.number("SELECT count(*) FROM citizens"); n != 0 {
			t.Errorf("%d persons", n)
		}
		if r := o.receipts(); len(r) != 1 || !r[0].Proven || r[0].MessageID != 0 {
			t.Errorf("%+v", r)
		}
		var held []Quarantined
		if err := e.db.Read.NewSelect().Model(&held).Scan(t.Context()); err != nil {
			t.Fatal(err)
		}
		for _, q := range held {
			if _, err := e.Release(t.Context(), e.giulia, q.ID, 0, ""); err != nil {
				t.Errorf("%s: %v", q.Subject, err)
			}
		}
		if n := e.number("SELECT count(*) FROM identities WHERE value LIKE 'posta-certificata@%'"); n != 0 {
			t.Error("let in, the provider is a person")
		}
		if n := e.number("SELECT count(*) FROM identities WHERE proof > 0"); n != 0 {
			t.Error("what proves nothing proved somebody")
		}
		if n := e.number("SELECT count(*) FROM identities WHERE kind = ?", Nobody); n == 0 {
			t.Error("what names nobody is somebody's")
		}
		for _, of := range []string{"messages WHERE sender", "citizens WHERE name", "cases WHERE person"} {
			if n := e.number("SELECT count(*) FROM " + of + " LIKE '%raw-%'"); n != 0 {
				t.Errorf("a number of ours is told as a sender: %s", of)
			}
		}
	})
}

// An answer goes to the certified address from a certified mailbox, or by choice from
// the ordinary one it came to; a refusal of ordinary mail does not make it a dead one.
func TestAnswersToCertifiedMailInAnOrdinaryMailbox(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		o := ordinaryBox(t, e)
		e.arrive(e.mail, o.toOrdinary(o.provider, annaPEC, "Anna Verdi", "a1@pec.example", "Reply-To: posta-certificata@gestore.example"))
		m := o.message("m.channel = 'pec'")
		opts, err := e.Options(t.Context(), e.giulia, m.CaseID)
		if err != nil || len(opts.List) != 2 || opts.Default != 0 {
			t.Fatalf("%+v %v", opts, err)
		}
		for i, acc := range []int64{o.acc.ID, e.mail.ID} {
			if x := opts.List[i]; x.Account.ID != acc || x.Identity.Value != annaPEC || x.Barred != "" {
				t.Errorf("%d: %+v", i, x)
			}
		}
		r := e.mustReply(ReplyCommand{CaseID: m.CaseID, SeenInID: m.ID, AccountID: e.mail.ID, To: []Recipient{{IdentityID: m.IdentityID}}, Text: "Ecco.", Undo: AtOnce})
		d := r.Deliveries[0]
		if d.Kind != "email" || d.Address != annaPEC || d.IdentityID != m.IdentityID || r.Message.Channel != "mail" {
			t.Errorf("%+v", d)
		}
		err = e.db.Tx(t.Context(), func(ctx context.Context, tx *db.Tx) error { return e.markBad(ctx, tx, d, "bad", "report:5.1.1", 0) })
		if id := e.identity(m.IdentityID); err != nil || id.Status != "active" {
			t.Errorf("%+v %v", id, err)
		}
		_, err = e.Reply(t.Context(), e.giulia, ReplyCommand{CaseID: m.CaseID, SeenInID: m.ID, AccountID: e.mail.ID, To: []Recipient{{Address: "posta-certificata@gestore.example", Confirmed: true}}, Text: "Ecco.", Undo: AtOnce})
		if inv, ok := err.(*InvalidError); !ok || inv.Code != "bad_address" {
			t.Errorf("the provider's robot is written to: %v", err)
		}
	})
}

// Who writes by certified and by ordinary mail from one address may be one person,
// which a person decides; whoever forges the address asks nothing.
func TestOneAddressByTwoWaysIsProposed(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		o := ordinaryBox(t, e)
		e.arrive(e.mail, letter("Anna Verdi <"+annaPEC+">", "m1@pec.example", "Domanda", "Buongiorno"))
		o.comes(o.liar, "a0@pec.example")
		if n := e.number("SELECT count(*) FROM proposals"); n != 0 {
			t.Fatal("a forged letter asks about a person")
		}
		e.arrive(e.mail, o.toOrdinary(o.provider, "luca.neri@pec.example", "Luca Neri", "l1@pec.example"),
			letter("Luca Neri <luca.neri@pec.example>", "m2@pec.example", "Altra domanda", "Buongiorno"))
		if n := e.number("SELECT count(*) FROM proposals WHERE reasons = 'email name' AND state = 'open'"); n != 1 {
			t.Error("certified first, then ordinary:", n)
		}
		e.arrive(e.mail, letter("Ada <ada@pec.example>", "m3@pec.example", "Domanda", "Buongiorno"))
		e.arrive(e.mail, o.toOrdinary(o.provider, "ada@pec.example", "Ada", "a9@pec.example"))
		if n := e.number("SELECT count(*) FROM proposals WHERE state = 'open'"); n != 2 {
			t.Error("ordinary first, then certified:", n)
		}
		if n := e.number("SELECT count(*) FROM identities WHERE value = 'ada@pec.example'"); n != 2 {
			t.Error("the two ways to write to her are one", n)
		}
	})
}
