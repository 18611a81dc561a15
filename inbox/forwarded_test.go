package inbox

import (
	"errors"
	"strings"
	"testing"

	"filodiretto/channels"
	"filodiretto/channels/mail"
)

// ourMail is realMail with the account's settings in its row, by which the house
// knows its own addresses, and a mail server whose results are believed.
func ourMail(e *env) {
	e.t.Helper()
	set := map[string]string{
		"address": "urp@comune.pontelieto.example", "imap_host": "127.0.0.1", "imap_port": "1", "imap_security": "plain-local", "imap_user": "u", "imap_password": "p",
		"smtp_host": "127.0.0.1", "smtp_port": "1", "smtp_security": "plain-local", "folders": "INBOX", "auth_servers": "mx.comune.pontelieto.example",
	}
	ch, err := mail.Driver.Open(channels.Account{ID: e.mail.ID, Key: "mail", Kind: "mail", Settings: set}, channels.Deps{Log: e.log, Clock: e.clock})
	if err != nil {
		e.t.Fatal(err)
	}
	e.mail.Settings = `{"address":"urp@comune.pontelieto.example"}`
	if _, err := e.db.Write.NewRaw("UPDATE accounts SET settings = ? WHERE id = ?", e.mail.Settings, e.mail.ID).Exec(e.t.Context()); err != nil {
		e.t.Fatal(err)
	}
	e.chans.put(e.mail, ch)
}

const passedOn = "Ci pensate voi?\r\n\r\n________________________________\r\nDa: Anna Verdi <anna@posta.example>\r\nInviato: lunedì 16 novembre 2026 08:40\r\nA: Marco Tonelli\r\nOggetto: Buca in via Verdi\r\n\r\nC'è una buca."

// offerOf is the case and the offer of the only forwarded mail.
func (e *env) offerOf() (*CaseView, *Forward) {
	e.t.Helper()
	cs := e.allCases()
	cv, err := e.ViewCase(e.t.Context(), e.giulia, cs[len(cs)-1].ID)
	if err != nil {
		e.t.Fatal(err)
	}
	for _, fw := range cv.Forwards {
		return cv, fw
	}
	return cv, nil
}

// Rule 81: who forwards a citizen's mail is offered, and not taken, for the way
// back; after one click answers go to the citizen, and the click can be undone.
func TestRule81AForwardedMailOffersItsWriter(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		ourMail(e)
		e.arrive(e.mail, letter("Marco Tonelli <marco.tonelli@comune.pontelieto.example>", "f1@comune.pontelieto.example", "I: Buca in via Verdi", passedOn))
		cv, fw := e.offerOf()
		if fw == nil || fw.Address != "anna@posta.example" || fw.Name != "Anna Verdi" || fw.State != "open" || fw.Found != "quoted" {
			t.Fatalf("offer: %+v", fw)
		}
		colleague := cv.Case.CitizenID
		if cv.Case.Person != "Marco Tonelli" || e.number("SELECT count(*) FROM identities WHERE value = 'anna@posta.example'") != 0 {
			t.Error("something was done before a person said so")
		}
		if _, err := e.TakeForwarded(t.Context(), e.elena, cv.Case.ID, fw.MessageID); !errors.Is(err, ErrNotFound) {
			t.Error("another office decided:", err)
		}
		c, err := e.TakeForwarded(t.Context(), e.giulia, cv.Case.ID, fw.MessageID)
		if err != nil || c.Person != "Anna Verdi" || c.CitizenID == colleague {
			t.Fatalf("taken: %+v, %v", c, err)
		}
		if _, err := e.TakeForwarded(t.Context(), e.giulia, cv.Case.ID, fw.MessageID); !errors.Is(err, ErrChanged) {
			t.Error("taken twice:", err)
		}
		o, err := e.Options(t.Context(), e.giulia, c.ID)
		if err != nil || o.Default != 0 || o.List[0].Identity.Value != "anna@posta.example" {
			t.Fatalf("answers go to %+v, %v", o, err)
		}
		if len(o.List) != 2 || o.List[1].Identity.Value != "marco.tonelli@comune.pontelieto.example" {
			t.Error("the colleague can be answered too:", o.List)
		}
		if c, err = e.UndoForwarded(t.Context(), e.giulia, c.ID, fw.MessageID); err != nil || c.CitizenID != colleague || c.Person != "Marco Tonelli" {
			t.Fatalf("undone: %+v, %v", c, err)
		}
		if c, err = e.TakeForwarded(t.Context(), e.giulia, c.ID, fw.MessageID); err != nil {
			t.Fatal("taken again:", err)
		}
		if n := e.number("SELECT count(*) FROM citizens WHERE name = 'Anna Verdi'"); n != 1 {
			t.Error("files of the citizen:", n)
		}
		o, err = e.Options(t.Context(), e.giulia, c.ID)
		if err != nil {
			t.Fatal(err)
		}
		e.chans.put(e.mail, &fakeSender{})
		_, err = e.Reply(t.Context(), e.giulia, ReplyCommand{
			CaseID: c.ID, SeenInID: o.SeenInID, SeenID: o.SeenID, AccountID: e.mail.ID, Text: "Veniamo domani.", Subject: o.Subject,
			To: []Recipient{{IdentityID: o.List[0].Identity.ID}},
		})
		if err != nil {
			t.Fatal("an answer to the writer whom a person took asks nothing more:", err)
		}
		if _, err := e.UndoForwarded(t.Context(), e.giulia, c.ID, fw.MessageID); !errors.Is(err, ErrChanged) {
			t.Error("undone after an answer went out:", err)
		}
		ourMail(e)
		e.arrive(e.mail, letter("Anna Verdi <anna@posta.example>", "a2@posta.example", "R: "+o.Subject+" ["+o.Token+"]", "Grazie!"))
		if got := e.allCases(); len(got) != 1 || got[0].LastInID == fw.MessageID {
			t.Errorf("the citizen's answer is not on the case: %d cases, last in %d of %d", len(got), got[0].LastInID, fw.MessageID)
		}
	})
}

// Rule 81: what is no forwarding by one of us offers nothing.
func TestRule81OnlyColleaguesAreAsked(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		ourMail(e)
		const ours = "Marco Tonelli <marco.tonelli@comune.pontelieto.example>"
		for i, raw := range []string{
			letter("Ugo <ugo@posta.example>", "x1@posta.example", "I: Buca", passedOn), // a citizen passes on a citizen's mail
			letter(ours, "x2@posta.example", "R: Buca", passedOn),                      // an answer
			letter(ours, "x3@posta.example", "I: Buca", strings.ReplaceAll(passedOn, "anna@posta.example", "sara@comune.pontelieto.example")),
			letter(ours, "x4@posta.example", "I: Buca", passedOn, "Auto-Submitted: auto-generated"),
		} {
			e.arrive(e.mail, raw)
			if n := e.number("SELECT count(*) FROM forwards"); n != 0 {
				t.Fatalf("letter %d made an offer", i+1)
			}
		}
		twice := strings.Replace(passedOn, "Ci pensate", "Da: Sara <sara@comune.pontelieto.example>\r\nInviato: oggi\r\nA: Marco\r\nOggetto: I: Buca\r\n\r\nCi pensate", 1)
		e.arrive(e.mail, letter(ours, "x5@posta.example", "I: I: Buca", twice))
		_, fw := e.offerOf()
		if fw == nil || fw.Address != "anna@posta.example" {
			t.Fatalf("from hand to hand: %+v", fw)
		}
		if _, err := e.KeepForwarded(t.Context(), e.giulia, fw.CaseID, fw.MessageID); err != nil {
			t.Fatal(err)
		}
		if _, err := e.TakeForwarded(t.Context(), e.giulia, fw.CaseID, fw.MessageID); !errors.Is(err, ErrChanged) {
			t.Error("taken after it was refused:", err)
		}
	})
}
