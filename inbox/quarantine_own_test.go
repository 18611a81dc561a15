package inbox

import (
	"strings"
	"testing"
)

// held is the one item that waits.
func (e *env) held(t *testing.T) *Quarantined {
	t.Helper()
	list, err := e.QuarantineList(t.Context(), e.giulia, 0, 10)
	if err != nil || len(list) != 1 {
		t.Fatal(len(list), err)
	}
	return list[0]
}

func (e *env) lastIn(t *testing.T) *Message {
	t.Helper()
	m := new(Message)
	must(t, e.db.Read.NewSelect().Model(m).Where("m.direction = 'in'").OrderExpr("m.id DESC").Limit(1).Scan(t.Context()))
	return m
}

const (
	siteForm = "URP <urp@comune.pontelieto.example>"
	ownTrue  = "Authentication-Results: mx.comune.pontelieto.example; dmarc=pass header.from=comune.pontelieto.example"
	ownFalse = "Authentication-Results: mx.comune.pontelieto.example; dmarc=fail header.from=comune.pontelieto.example"
)

// What the form of the town's site sends bears our own address, and the citizen's as the
// one for answers. It waits, and a person lets it in as the citizen's: on a case of its
// own, or on one that exists.
func TestLetInAMailOfOurOwnForACitizen(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		ourMail(e)
		e.route.decide = func(Facts) Decision { return Decision{Receipt: true} }
		e.arrive(e.mail, letter("Ada <ada@posta.example>", "a1@posta.example", "Buca", "C'è una buca."))
		ada := e.allCases()[0]
		receipts := e.number("SELECT count(*) FROM deliveries")
		for _, attach := range []int64{0, ada.ID} {
			id := map[int64]string{0: "f1@comune.example", ada.ID: "f2@comune.example"}[attach]
			e.arrive(e.mail, letter(siteForm, id, "Modulo dal sito", "Perde acqua. 333 1234567", "Reply-To: protocollo@comune.pontelieto.example, Lucia <lucia@posta.example>", "Auto-Submitted: auto-generated"))
			q := e.held(t)
			view, err := e.Quarantine(t.Context(), e.giulia, q.ID)
			if err != nil || q.Reason != "own_address" || !view.LetIn.Own || view.LetIn.For.Value != "lucia@posta.example" || view.LetIn.Ours {
				t.Fatalf("%+v, %v", view, err)
			}
			c, err := e.Release(t.Context(), e.giulia, q.ID, attach, "")
			if err != nil || attach > 0 && c.ID != ada.ID || attach == 0 && c.ID == ada.ID {
				t.Fatal(c, err)
			}
			m := e.lastIn(t)
			if m.CaseID != c.ID || m.Direction != In || m.Sender != "Lucia <lucia@posta.example>" || e.identity(m.IdentityID).Value != "lucia@posta.example" || m.Auto != "" {
				t.Errorf("%+v", m)
			}
		}
		if n := e.number("SELECT count(*) FROM identities WHERE kind = 'phone'"); n != 0 {
			t.Error("what an unproven sender wrote became knowledge of a person")
		}
		if n := e.number("SELECT count(*) FROM deliveries") - receipts; n != 1 {
			t.Error(n, "receipts for a case that was opened and one that was joined")
		}
	})
}

// The sender whom our own form names is only said: whatever case the mail names, it is
// proposed to a person and joins none.
func TestAMailOfOurOwnJoinsNothingByItself(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		ourMail(e)
		e.arrive(e.mail, letter("Ada <ada@posta.example>", "a1@posta.example", "Buca", "C'è una buca."))
		ada := e.allCases()[0]
		e.arrive(e.mail, letter(siteForm, "f1@comune.example", "Modulo ["+e.sign.SubjectToken(ada.Year, ada.Number)+"]", "Chiudete pure.", "Reply-To: ada@posta.example"))
		if n := e.number("SELECT count(*) FROM messages"); n != 1 {
			t.Fatal("words for a form stand on the case as ours")
		}
		c, err := e.Release(t.Context(), e.giulia, e.held(t).ID, 0, "")
		if err != nil || c.ID == ada.ID {
			t.Fatal(c, err)
		}
		if n := e.number("SELECT count(*) FROM suggestions WHERE case_id = ? AND other_id = ?", c.ID, ada.ID); n != 1 {
			t.Error("nobody is asked whether they belong together")
		}
	})
}

// What our own people wrote and what answers no case is theirs on the case that a person
// chooses; let in without a case it is of somebody unknown, and never of ourselves.
func TestLetInAMailOfOurOwnPeople(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		ourMail(e)
		e.arrive(e.mail, letter("Ada <ada@posta.example>", "a1@posta.example", "Buca", "C'è una buca."))
		ada := e.allCases()[0]
		e.arrive(e.mail, letter(siteForm, "o1@comune.example", "La buca", "Passiamo domani.", "Reply-To: urp@comune.pontelieto.example"))
		q := e.held(t)
		if view, err := e.Quarantine(t.Context(), e.giulia, q.ID); err != nil || !view.LetIn.Own || !view.LetIn.Ours || view.LetIn.For.Value != "" {
			t.Fatalf("%+v, %v", view, err)
		}
		if c, err := e.Release(t.Context(), e.giulia, q.ID, ada.ID, ""); err != nil || c.ID != ada.ID {
			t.Fatal(c, err)
		}
		if n := e.number("SELECT count(*) FROM messages WHERE case_id = ? AND direction = 'out' AND origin = ?", ada.ID, FromExternal); n != 1 {
			t.Error("it is not on the case as ours")
		}
		for id, how := range map[string]string{"o2": ownTrue, "o3": ownFalse} {
			e.arrive(e.mail, how+"\r\n"+letter(siteForm, id+"@comune.example", "Prova", "Una prova."))
			q := e.held(t)
			attach := int64(0)
			if q.Reason == "spoof_suspected" {
				attach = ada.ID
			}
			if _, err := e.Release(t.Context(), e.giulia, q.ID, attach, ""); err != nil {
				t.Fatal(err)
			}
			m := e.lastIn(t)
			if id := e.identity(m.IdentityID); m.Direction != In || id.Kind != "unknown" || strings.Contains(m.Sender+e.theCase(m.CaseID).Person, "urp@") {
				t.Errorf("%s: %+v of %+v", how, m, id)
			}
		}
	})
}

// A mail that our own server does not take for ours, attached to the case whose thread
// it answers: as of somebody unknown, beside what that case awaits, and in no true
// one's place.
func TestADoubtedMailOfOurOwnIsAttached(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		ourMail(e)
		e.arrive(e.mail, letter("Ada <ada@posta.example>", "a1@posta.example", "Re: Buca", "C'è una buca.", "References: <x0@posta.example>"))
		ada := e.allCases()[0]
		own := letter(siteForm, "o1@comune.example", "Re: Buca", "Passiamo domani.", "References: <x0@posta.example> <a1@posta.example>")
		e.arrive(e.mail, ownFalse+"\r\n"+own)
		if c, err := e.Release(t.Context(), e.giulia, e.held(t).ID, ada.ID, ""); err != nil || c.ID != ada.ID {
			t.Fatal(c, err)
		}
		if m := e.lastIn(t); e.identity(m.IdentityID).Kind != "unknown" || m.CaseID != ada.ID {
			t.Errorf("%+v", m)
		}
		e.arrive(e.mail, ownTrue+"\r\n"+own)
		if n := e.number("SELECT count(*) FROM messages WHERE case_id = ? AND direction = 'out' AND origin = ?", ada.ID, FromExternal); n != 1 {
			t.Error("the true one counts as a copy of the doubted one")
		}
	})
}
