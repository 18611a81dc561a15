package register

import (
	"bytes"
	"errors"
	"testing"

	"filodiretto/channels/pec/standin"
	"filodiretto/inbox"
	"filodiretto/internal/cms"
)

// TestWhatIsDue: certified mail is due in both directions in the transaction that
// writes it; ordinary mail is not; what is no certified mail in a certified mailbox is
// not either.
func TestWhatIsDue(t *testing.T) {
	eachDB(t, ownSettings(), func(t *testing.T, e *env) {
		m := e.letter("Richiesta di copia")
		if s := e.standing(m); s.State != Due || s.Reason != ByChannel || s.SinceBy != 0 {
			t.Fatalf("%+v", s)
		}
		out := e.answer(m, false)
		if s := e.standing(out); s.State != Due {
			t.Fatalf("%+v", s)
		}
		plain := e.arrives(e.mail, []byte("From: Luca Neri <luca@mail.example>\r\nTo: urp@pontelieto.example\r\nSubject: Orari\r\nMessage-ID: <p1@mail.example>\r\n\r\nQuando aprite?\r\n"))
		if s := e.standing(plain); s.State != NotNeeded || s.Version != 0 {
			t.Fatalf("%+v", s)
		}
		odd, err := e.provider.Anomaly("luca@mail.example", box, e.written("Ordinaria"), e.manual.Now())
		must(t, err)
		if s := e.standing(e.arrives(e.pec, odd)); s.State != NotNeeded {
			t.Fatalf("an anomaly is not certified: %+v", s)
		}
		list, next, err := e.DueList(t.Context(), e.giulia, 0, 10)
		n, err2 := e.DueCount(t.Context(), e.giulia)
		if err != nil || err2 != nil || len(list) != 2 || next != 0 || n != 2 || list[0].ID != m.ID || list[0].Ref() == "" {
			t.Fatal(list, next, n, err, err2)
		}
		list, next, err = e.DueList(t.Context(), e.giulia, 0, 1)
		if err != nil || len(list) != 1 || next != m.ID {
			t.Fatal(list, next, err)
		}
		if list, _, err = e.DueList(t.Context(), e.elena, 0, 10); err != nil || len(list) != 0 {
			t.Fatal("another office's", list, err)
		}
	})
}

// What only looks like certified mail is to be looked at, and is no duty by itself. One
// of an authority that is not known here is: the law does not ask for our list.
func TestBrokenSignatureIsNotDue(t *testing.T) {
	eachDB(t, ownSettings(), func(t *testing.T, e *env) {
		envelope := func(subject string, provider *standin.Provider) []byte {
			e.letters++
			raw, err := provider.Envelope(annaPEC, box, e.written(subject), e.manual.Now())
			must(t, err)
			return raw
		}
		changed := bytes.Replace(envelope("Cambiata", e.provider), []byte("Chiedo copia"), []byte("Chiedo altro"), 1)
		m := e.arrives(e.pec, changed)
		if c := m.CertifiedBy(); c == nil || c.Signature.Outcome != cms.Invalid {
			t.Fatalf("the signature holds: %+v", c)
		}
		if s := e.standing(m); s.State != NotNeeded || s.Version != 0 {
			t.Errorf("a broken signature is due: %+v", s)
		}
		if _, err := e.Decide(t.Context(), e.giulia, m.ID, Due, "", 0); err != nil { // somebody looked and wants it
			t.Fatal(err)
		}
		if x := e.mustEnter(m); x.Number == 0 {
			t.Errorf("%+v", x)
		}
		unsigned := bytes.Replace(envelope("Senza firma", e.provider), []byte("application/x-pkcs7-signature"), []byte("application/x-niente"), -1)
		m = e.arrives(e.pec, bytes.Replace(unsigned, []byte("smime.p7s"), []byte("smime.bin"), -1))
		if s := e.standing(m); s.State != NotNeeded {
			t.Errorf("what nobody signed is due: %+v, %+v", s, m.CertifiedBy())
		}
		other, err := standin.NewAuthority(e.manual.Now())
		must(t, err)
		signer, err := other.Certify("Gestore ignoto", "ignoto.example", e.manual.Now().Time().AddDate(-1, 0, 0), e.manual.Now().Time().AddDate(1, 0, 0))
		must(t, err)
		m = e.arrives(e.pec, envelope("Di un gestore ignoto", &standin.Provider{Name: "Gestore ignoto", Domain: "ignoto.example", Signer: signer}))
		if s := e.standing(m); s.State != Due || m.CertifiedBy().Signature.Outcome != cms.Unknown {
			t.Errorf("an unknown authority: %+v %+v", s, m.CertifiedBy().Signature)
		}
	})
}

// Certified mail whose signature a former parser found broken is due once it is found
// to hold. What was found to hold all the while is not asked again.
func TestFoundToHoldLaterIsDue(t *testing.T) {
	eachDB(t, ownSettings(), func(t *testing.T, e *env) {
		broken, sound := e.letter("Richiesta di copia"), e.letter("Un'altra")
		exec := func(q string, args ...any) {
			t.Helper()
			_, err := e.db.Write.NewRaw(q, args...).Exec(t.Context())
			must(t, err)
		}
		exec("DELETE FROM register_states")
		exec(`UPDATE messages SET certified = REPLACE(certified, '"outcome":"valid"', '"outcome":"invalid"') WHERE id = ?`, broken.ID)
		exec(`UPDATE messages SET notes = 'letto_male' WHERE id = ?`, sound.ID)
		exec("UPDATE raws SET parser = 1")
		if n, err := e.inbox.ReadOlder(t.Context()); n != 2 || err != nil {
			t.Fatal(n, err)
		}
		if s := e.standing(broken); s.State != Due || s.Reason != ByChannel {
			t.Errorf("%+v", s)
		}
		if s := e.standing(sound); s.State != NotNeeded {
			t.Errorf("it was decided as it was then: %+v", s)
		}
	})
}

// TestRulesOfKindAndOffice: a case that becomes of a kind makes its messages due.
func TestRulesOfKindAndOffice(t *testing.T) {
	set := ownSettings()
	set.Kinds, set.Offices = []string{"records_access"}, []string{"edilizia"}
	eachDB(t, set, func(t *testing.T, e *env) {
		plain := e.arrives(e.mail, []byte("From: Luca Neri <luca@mail.example>\r\nTo: urp@pontelieto.example\r\nSubject: Accesso\r\nMessage-ID: <p1@mail.example>\r\n\r\nVorrei gli atti.\r\n"))
		if s := e.standing(plain); s.State != NotNeeded {
			t.Fatalf("%+v", s)
		}
		_, err := e.inbox.SetKind(t.Context(), e.giulia, plain.CaseID, 0, inbox.RecordsAccess)
		must(t, err)
		if s := e.standing(plain); s.State != Due || s.Reason != ByKind {
			t.Fatalf("%+v", s)
		}
		out := e.answer(plain, true)
		if s := e.standing(out); s.State != Due || s.Reason != ByKind {
			t.Fatalf("%+v", s)
		}
		// What was composed here and of which no transmission is kept is kept as a text.
		x := e.mustEnter(out)
		v, err := e.View(t.Context(), e.giulia, x.ID)
		must(t, err)
		d, f, err := e.OpenDocument(t.Context(), e.giulia, x.ID, 0)
		must(t, err)
		f.Close()
		if v.Documents[0].What != Composed || d.Size == 0 || len(d.SHA256) != 64 || x.Direction != inbox.Out {
			t.Fatalf("%+v", v.Documents[0])
		}
	})
}

// TestRuleOfRouting: what the router's rules want registered is due, with what follows
// on the case, coming and going, and with what is answered where the case was put into
// another; what was said of a message before stands.
func TestRuleOfRouting(t *testing.T) {
	eachDB(t, ownSettings(), func(t *testing.T, e *env) {
		e.ruled["Reclamo"] = 77
		arrives := func(id, subject string) *inbox.Message {
			return e.arrives(e.mail, []byte("From: Luca Neri <luca@mail.example>\r\nTo: urp@pontelieto.example\r\nSubject: "+subject+"\r\nMessage-ID: <"+id+"@mail.example>\r\n\r\nBuongiorno.\r\n"))
		}
		want := func(m *inbox.Message, state State, reason string) {
			t.Helper()
			if s := e.standing(m); s.State != state || s.Reason != reason || s.SinceBy != 0 {
				t.Fatalf("%s: %+v", m.Subject, s)
			}
		}
		other := arrives("q1", "Orari")
		want(other, NotNeeded, "")
		m := arrives("q2", "Reclamo")
		want(m, Due, ByRule)
		want(e.answer(m, true), Due, ByRule)
		want(e.letter("Richiesta"), Due, ByChannel)

		_, err := e.inbox.MergeCase(t.Context(), e.giulia, m.CaseID, other.CaseID)
		must(t, err)
		want(other, NotNeeded, "") // it was there before, and nobody asked for it
		want(e.answer(other, true), Due, ByRule)
		third := arrives("q3", "Ancora orari")
		_, err = e.inbox.MergeCase(t.Context(), e.giulia, other.CaseID, third.CaseID)
		must(t, err)
		want(e.answer(third, true), Due, ByRule)
		_, err = e.inbox.UnmergeCase(t.Context(), e.giulia, m.CaseID)
		must(t, err)
		want(e.answer(third, true), NotNeeded, "")
		_, err = e.inbox.UnmergeCase(t.Context(), e.giulia, other.CaseID)
		must(t, err)
		want(e.answer(other, true), NotNeeded, "")

		if _, err = e.Decide(t.Context(), e.giulia, m.ID, NotNeeded, "Doppione", 1); err != nil {
			t.Fatal(err)
		}
		_, err = e.inbox.SetKind(t.Context(), e.giulia, m.CaseID, 0, inbox.RecordsAccess)
		if s := e.standing(m); err != nil || s.State != NotNeeded || s.Reason != "Doppione" {
			t.Fatalf("%+v %v", s, err)
		}
	})
}

// TestDecide: an operator may say that it is not needed, with a reason, and take it
// back; whoever saw an older standing must look again.
func TestDecide(t *testing.T) {
	eachDB(t, ownSettings(), func(t *testing.T, e *env) {
		m := e.letter("Pubblicità")
		_, err := e.Decide(t.Context(), e.giulia, m.ID, NotNeeded, " ", 1)
		wantCode(t, err, "reason", "required")
		_, err = e.Decide(t.Context(), e.giulia, m.ID, Registered, "x", 1)
		wantCode(t, err, "state", "unknown")
		if _, err = e.Decide(t.Context(), e.elena, m.ID, NotNeeded, "Pubblicità", 1); !errors.Is(err, inbox.ErrNotFound) {
			t.Fatal(err)
		}
		if _, err = e.Decide(t.Context(), e.giulia, m.ID, NotNeeded, "Pubblicità", 7); !errors.Is(err, inbox.ErrChanged) {
			t.Fatal(err)
		}
		s, err := e.Decide(t.Context(), e.giulia, m.ID, NotNeeded, "Pubblicità", 1)
		if err != nil || s.State != NotNeeded || s.Version != 2 || s.SinceBy != e.giulia.OperatorID {
			t.Fatalf("%+v %v", s, err)
		}
		if n, err := e.DueCount(t.Context(), e.giulia); err != nil || n != 0 {
			t.Fatal(n, err)
		}
		if s, err = e.Decide(t.Context(), e.sara, m.ID, Due, "", 2); err != nil || s.State != Due {
			t.Fatalf("%+v %v", s, err)
		}
		x := e.mustEnter(m)
		_, err = e.Decide(t.Context(), e.giulia, m.ID, NotNeeded, "Pubblicità", 4)
		wantCode(t, err, "message", "registered")
		if s := e.standing(m); s.State != Registered || s.Entry == nil || s.Entry.ID != x.ID || s.Annulled {
			t.Fatalf("%+v", s)
		}
		if n := e.number("SELECT count(*) FROM events WHERE kind LIKE 'register.%' AND message_id = ?", m.ID); n != 3 {
			t.Fatal("each step is in the memory of the house:", n)
		}
	})
}

// TestTwoDecideAtOnce: the first word on a message is one operator's.
func TestTwoDecideAtOnce(t *testing.T) {
	eachDB(t, ownSettings(), func(t *testing.T, e *env) {
		m := e.arrives(e.mail, []byte("From: Luca Neri <luca@mail.example>\r\nTo: urp@pontelieto.example\r\nSubject: Istanza\r\nMessage-ID: <p1@mail.example>\r\n\r\nChiedo.\r\n"))
		errs := make([]error, 8)
		together(len(errs), func(i int) { _, errs[i] = e.Decide(t.Context(), e.giulia, m.ID, Due, "", 0) })
		good := 0
		for _, err := range errs {
			if err == nil {
				good++
			} else if !errors.Is(err, inbox.ErrChanged) {
				t.Fatal(err)
			}
		}
		if good != 1 {
			t.Fatal(good)
		}
	})
}

// TestTakenBackIsNotDue: an answer that was taken back before it left is nobody's
// document.
func TestTakenBackIsNotDue(t *testing.T) {
	eachDB(t, ownSettings(), func(t *testing.T, e *env) {
		m := e.letter("Richiesta")
		r, err := e.inbox.Reply(t.Context(), e.giulia, inbox.ReplyCommand{
			CaseID: m.CaseID, SeenInID: m.ID, AccountID: m.AccountID, To: []inbox.Recipient{{IdentityID: m.IdentityID}}, Text: "Ecco.", Undo: 0,
		})
		must(t, err)
		_, err = e.enter(e.giulia, r.Message)
		wantCode(t, err, "message", "not_sent")
		_, err = e.inbox.UndoReply(t.Context(), e.giulia, r.Message.ID)
		must(t, err)
		list, _, err := e.DueList(t.Context(), e.giulia, 0, 10)
		if err != nil || len(list) != 1 || list[0].ID != m.ID {
			t.Fatal(list, err)
		}
		if _, err = e.enter(e.giulia, r.Message); !errors.Is(err, inbox.ErrNotFound) {
			t.Fatal(err)
		}
	})
}
