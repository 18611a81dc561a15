package inbox

import (
	"strings"
	"testing"
)

// insideOf is the message inside a certified envelope, as its sender holds it.
func insideOf(t *testing.T, envelope string) string {
	t.Helper()
	i := strings.Index(envelope, "Content-Type: message/rfc822")
	if i < 0 {
		t.Fatal("no message inside")
	}
	i += strings.Index(envelope[i:], "\r\n\r\n") + 4
	return envelope[i : i+strings.Index(envelope[i:], "\r\n--")]
}

func (o *certifiedOffice) envelope(from, header, to, id string) string {
	o.t.Helper()
	raw, err := o.provider.Envelope(from, to, letterOf(header, to, id, "Istanza"), o.manual.Now())
	if err != nil {
		o.t.Fatal(err)
	}
	return string(raw)
}

// A certified mail and an ordinary one with its very words are two things, in
// whichever order they come: the certified one is always there as such, and where
// one office has both they are one matter.
func TestACertifiedMailIsNoCopyOfItsInside(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		o := newCertifiedOffice(t, e)
		realMail(e)
		const header = "Anna Verdi <" + annaPEC + ">"
		s := o.envelope(annaPEC, header, pecBox, "h1@pec.example")
		e.arrive(e.mail, insideOf(t, s))
		e.arrive(o.acc, s, s)
		e.arrive(e.mail, insideOf(t, s)+"\r\n") // once more, with other bytes
		all := e.everything()
		if len(all) != 2 || all[0].Channel != "mail" || all[1].Channel != "pec" || !all[1].CertifiedBy().Proven() || all[0].CaseID != all[1].CaseID {
			t.Fatalf("one matter, with the proof in it: %+v", all)
		}
		if id := e.identity(all[1].IdentityID); id.Kind != "pec" || id.Proof != Confirmed {
			t.Errorf("whom the provider vouches for: %+v", id)
		}
		if c := e.theCase(all[1].CaseID); c.AccountID != o.acc.ID || c.LastInID != all[1].ID {
			t.Errorf("the answer goes out as certified mail: %+v", c)
		}
		// The other order: the ordinary mail is a copy of the certified one.
		s = o.envelope(annaPEC, header, pecBox, "h2@pec.example")
		e.arrive(o.acc, s)
		e.arrive(e.mail, insideOf(t, s))
		if all = e.everything(); len(all) != 3 || all[2].Channel != "pec" {
			t.Fatalf("%+v", all)
		}
		if n := e.number("SELECT count(*) FROM copies WHERE message_id = ?", all[2].ID); n != 2 {
			t.Error("both originals are kept with it:", n)
		}
		// Both in one batch of one mailbox, and in another office's.
		s = o.envelope(annaPEC, header, pecBox, "h3@pec.example")
		e.arrive(o.acc, insideOf(t, s), s)
		if all = e.everything(); len(all) != 5 || !all[4].CertifiedBy().Proven() {
			t.Fatalf("%d messages", len(all))
		}
		e.exec(t, "UPDATE accounts SET office_id = ? WHERE id = ?", e.trib, o.acc.ID)
		o.acc.OfficeID = e.trib
		e.chans.put(o.acc, o.box)
		s = o.envelope(annaPEC, header, pecBox, "h4@pec.example")
		e.arrive(e.mail, insideOf(t, s))
		e.arrive(o.acc, s)
		if all = e.everything(); len(all) != 7 || all[5].CaseID == all[6].CaseID {
			t.Errorf("another office's mailbox gets a case of its own: %+v", all[5:])
		}
	})
}

// Nobody can have another's ordinary mail taken for a copy by certifying its words.
func TestAnothersWordsCertifiedSwallowNothing(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		o := newCertifiedOffice(t, e)
		realMail(e)
		s := o.envelope("mallory@pec.example", "Lucia <lucia@posta.example>", pecBox, "m1@posta.example")
		e.arrive(o.acc, s)
		e.arrive(e.mail, insideOf(t, s))
		all := e.everything()
		if len(all) != 2 || all[1].Channel != "mail" || e.identity(all[1].IdentityID).Value != "lucia@posta.example" || all[0].CaseID == all[1].CaseID {
			t.Fatalf("%+v", all)
		}
		// Nor does a certified one join the case of the mail whose words it took.
		s = o.envelope("mallory@pec.example", "Lucia <lucia@posta.example>", pecBox, "m2@posta.example")
		e.arrive(e.mail, insideOf(t, s))
		e.arrive(o.acc, s)
		if all = e.everything(); len(all) != 4 || all[2].CaseID == all[3].CaseID {
			t.Fatalf("%+v", all)
		}
	})
}

// The same envelope in two of our certified mailboxes is one message; what a former
// version took for a copy of an ordinary mail is filed when it is read again.
func TestOneEnvelopeIsOneMessage(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		o := newCertifiedOffice(t, e)
		s := o.envelope(annaPEC, "Anna Verdi <"+annaPEC+">", pecBox, "h1@pec.example")
		e.arrive(o.acc, s, "X-Box: other\r\n"+s)
		if all := e.everything(); len(all) != 1 || e.number("SELECT count(*) FROM copies") != 2 {
			t.Fatalf("%+v", all)
		}
		id := e.everything()[0].ID
		e.exec(t, "UPDATE messages SET certified = '', raw_id = 0 WHERE id = ?", id)
		e.exec(t, "DELETE FROM message_keys WHERE key LIKE 'cert:%'")
		e.exec(t, "UPDATE raws SET parser = 1")
		if n, err := e.ReadOlder(t.Context()); err != nil || n != 2 {
			t.Fatal(n, err)
		}
		e.ingest(o.acc)
		if all := e.everything(); len(all) != 2 || !all[1].CertifiedBy().Proven() {
			t.Fatalf("%+v", all)
		}
		for range 2 { // and once only, however often the version of the parser rises
			e.exec(t, "UPDATE raws SET parser = 1")
			if _, err := e.ReadOlder(t.Context()); err != nil {
				t.Fatal(err)
			}
			if n, err := e.Ingest(t.Context(), o.acc.ID); n != 0 || err != nil {
				t.Error(n, "originals were freed again:", err)
			}
		}
		if e.number("SELECT count(*) FROM quarantine") != 0 || len(e.everything()) != 2 {
			t.Error("what was filed waits, or was filed twice")
		}
	})
}

// A certified mail that a person let in, that a former version took for a copy and that
// is filed now is not held a second time, and stops nothing that came behind it.
func TestACertifiedMailThatWasLetInIsFiledAnew(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		o := newCertifiedOffice(t, e)
		e.exec(t, "INSERT INTO held_senders (id, kind, value, office_id, reason, by_operator, at) VALUES (1, 'pec', ?, ?, 'x', 1, 1)", annaPEC, e.urp)
		e.arrive(o.acc, o.envelope(annaPEC, "Anna Verdi <"+annaPEC+">", pecBox, "h1@pec.example"))
		q := e.held(t)
		if _, err := e.Release(t.Context(), e.giulia, q.ID, 0, ""); err != nil {
			t.Fatal(err)
		}
		e.exec(t, "UPDATE messages SET certified = '', raw_id = 0 WHERE id = ?", e.everything()[0].ID) // as a former version had it
		e.exec(t, "DELETE FROM message_keys WHERE key LIKE 'cert:%'")
		e.exec(t, "UPDATE raws SET parser = 1")
		if n, err := e.ReadOlder(t.Context()); n != 1 || err != nil {
			t.Fatal(n, err)
		}
		e.arrive(o.acc, o.envelope("ditta@pec.example", "Ditta <ditta@pec.example>", pecBox, "h2@pec.example"))
		all := e.everything()
		if len(all) != 3 || !all[1].CertifiedBy().Proven() || all[2].Sender != "Ditta <ditta@pec.example>" {
			t.Errorf("%d messages", len(all))
		}
		if n := e.number("SELECT count(*) FROM raws WHERE state <> 'filed'"); n != 0 {
			t.Error(n, "originals are not filed")
		}
	})
}

// Certified mail has no blind copies: what names other mailboxes was passed on. It is
// told, and no robot answers.
func TestACertifiedMailToAnotherMailbox(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		o := newCertifiedOffice(t, e)
		e.route.decide = func(Facts) Decision { return Decision{Receipt: true} }
		raw, err := o.provider.Envelope(annaPEC, "ditta@pec.example", letterOf("Anna Verdi <"+annaPEC+">", pecBox, "g1@pec.example", "Istanza"), e.manual.Now())
		if err != nil {
			t.Fatal(err)
		}
		e.arrive(o.acc, string(raw))
		m := e.everything()[0]
		if !hasNote(m, "pec_not_to_us") || e.number("SELECT count(*) FROM deliveries") != 0 {
			t.Errorf("notes %q", m.Notes)
		}
		if n := e.number("SELECT count(*) FROM events WHERE kind = 'automatic.withheld' AND data LIKE '%not_to_us%'"); n != 1 {
			t.Error(e.happened(m.CaseID))
		}
		e.arrive(o.acc, o.envelope(annaPEC, "Anna Verdi <"+annaPEC+">", pecBox, "g2@pec.example"))
		if hasNote(e.everything()[1], "pec_not_to_us") || e.number("SELECT count(*) FROM deliveries") == 0 {
			t.Errorf("notes %q", e.everything()[1].Notes)
		}
	})
}

// everything is all messages, the oldest first.
func (e *env) everything() (out []*Message) {
	e.t.Helper()
	if err := e.db.Read.NewSelect().Model(&out).OrderExpr("m.id").Scan(e.t.Context()); err != nil {
		e.t.Fatal(err)
	}
	return out
}
