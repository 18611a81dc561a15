package inbox

import (
	"strings"
	"testing"

	"filodiretto/internal/db/dbtest"
)

// Rule 81: who forwards a citizen's certified mail is offered its writer, and not the
// provider that relayed it: as a certified address, to which answers go by PEC.
func TestRule81AForwardedCertifiedMailOffersItsWriter(t *testing.T) {
	const colleague, relay = "Marco Tonelli <marco.tonelli@comune.pontelieto.example>", "posta-certificata@gestore.example"
	quoted := func(from string) string {
		return strings.NewReplacer("Anna Verdi <anna@posta.example>", from, "Buca in via Verdi", "POSTA CERTIFICATA: Accesso agli atti").Replace(passedOn)
	}
	for _, x := range []struct{ name, body, found, who string }{
		{"Outlook", quoted("Per conto di: " + annaPEC + " <" + relay + ">"), "quoted", ""},
		{"Outlook, older", quoted("Per conto di: " + annaPEC + " [mailto:" + relay + "]"), "quoted", ""},
		{"bold", quoted("*Per conto di: " + annaPEC + "* <" + relay + ">"), "quoted", ""},
		{"Gmail", "---------- Forwarded message ---------\r\n" + quoted("\"Per conto di: "+annaPEC+"\" <"+relay+">"), "quoted", ""},
		{"attached", "", "attached", "Anna Verdi"},
	} {
		t.Run(x.name, func(t *testing.T) {
			eachDB(t, func(t *testing.T, e *env) {
				o := ordinaryBox(t, e)
				e.exec(t, "UPDATE accounts SET settings = ? WHERE id = ?", `{"address":"`+urpBox+`"}`, e.mail.ID)
				raw := letter(colleague, "f1@comune.pontelieto.example", "I: POSTA CERTIFICATA: Accesso agli atti", x.body)
				if x.found == "attached" {
					raw = strings.Replace(letter(colleague, "f1@comune.pontelieto.example", "I: POSTA CERTIFICATA: Accesso agli atti",
						"--b\r\nContent-Type: text/plain\r\n\r\nCi pensate voi?\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n"+o.toOrdinary(o.provider, annaPEC, "Anna Verdi", "a1@pec.example")+"\r\n--b--\r\n"),
						"text/plain; charset=utf-8", "multipart/mixed; boundary=b", 1)
				}
				e.arrive(e.mail, raw)
				cv, fw := e.offerOf()
				if fw == nil || fw.Address != annaPEC || fw.Kind != "pec" || fw.Name != x.who || fw.Found != x.found || fw.Subject != "Accesso agli atti" {
					t.Fatalf("offer: %+v", fw)
				}
				if cv.Case.Subject != "Accesso agli atti" {
					t.Errorf("the case is about %q", cv.Case.Subject)
				}
				c, err := e.TakeForwarded(t.Context(), e.giulia, cv.Case.ID, fw.MessageID)
				if err != nil || c.Person == "Marco Tonelli" {
					t.Fatalf("taken: %+v, %v", c, err)
				}
				if n := e.number("SELECT count(*) FROM identities WHERE value = ? AND kind <> 'pec'", annaPEC); n != 0 {
					t.Error("a certified address became an ordinary one")
				}
				op, err := e.Options(t.Context(), e.giulia, c.ID)
				if err != nil || op.Default != 0 || op.List[0].Identity.Value != annaPEC || op.List[0].Account.ID != o.acc.ID {
					t.Fatalf("answers go to %+v, %v", op, err)
				}
			})
		})
	}
}

// Whose certified address is known is named, by a forwarding too that says no name.
func TestRule81AKnownWriterIsNamed(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		o := ordinaryBox(t, e)
		e.exec(t, "UPDATE accounts SET settings = ? WHERE id = ?", `{"address":"`+urpBox+`"}`, e.mail.ID)
		e.arrive(e.mail, o.toOrdinary(o.provider, annaPEC, "Anna Verdi", "a1@pec.example"))
		e.arrive(e.mail, letter("Marco <marco.tonelli@comune.pontelieto.example>", "f1@comune.pontelieto.example", "I: POSTA CERTIFICATA: Accesso agli atti",
			strings.Replace(passedOn, "Anna Verdi <anna@posta.example>", "Per conto di: "+annaPEC+" <posta-certificata@gestore.example>", 1)))
		_, fw := e.offerOf()
		if fw == nil || fw.Address != annaPEC || fw.Name != "" || fw.Known != "Anna Verdi" {
			t.Errorf("%+v", fw)
		}
	})
}

// A provider of which nobody says for whom it wrote is nobody, and is not offered.
func TestRule81TheProviderIsNotOffered(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		ourMail(e)
		e.arrive(e.mail, letter("Marco <marco.tonelli@comune.pontelieto.example>", "f1@comune.pontelieto.example", "I: Avviso",
			strings.Replace(passedOn, "Anna Verdi <anna@posta.example>", "Posta certificata <posta-certificata@gestore.example>", 1)))
		if _, fw := e.offerOf(); fw != nil {
			t.Errorf("%+v", fw)
		}
	})
}

// Who writes the words of a provider into a name is no provider: the address beside them
// says who wrote, in a quoted header and in an attached mail.
func TestRule81WordsInANameAreNotAProvider(t *testing.T) {
	for _, from := range []string{
		`"Per conto di: sindaco@pec.comune.example posta-certificata@gestore.example" <truffa@evil.example>`,
		`"Per conto di: sindaco@pec.comune.example <posta-certificata@gestore.example>" <truffa@evil.example>`,
		`"Per conto di: sindaco@pec.comune.example" <truffa@evil.example> (posta-certificata@gestore.example)`,
		`"Per conto di: sindaco@pec.comune.example" <finta-posta-certificata@evil.example>`,
		`=?utf-8?q?Per_conto_di=3A_sindaco=40pec=2Ecomune=2Eexample_=3Cposta-certificata=40gestore=2Eexample=3E?= <truffa@evil.example>`,
	} {
		for _, attached := range []bool{false, true} {
			e := newEnv(t, dbtest.SQLite(t))
			ourMail(e)
			raw := letter("Marco <marco.tonelli@comune.pontelieto.example>", "f1@comune.pontelieto.example", "I: Avviso", strings.Replace(passedOn, "Anna Verdi <anna@posta.example>", from, 1))
			if attached {
				raw = strings.Replace(letter("Marco <marco.tonelli@comune.pontelieto.example>", "f1@comune.pontelieto.example", "I: Avviso",
					"--b\r\nContent-Type: text/plain\r\n\r\nVedi.\r\n--b\r\nContent-Type: message/rfc822\r\n\r\nFrom: "+from+"\r\nSubject: Avviso\r\nMessage-ID: <x@evil.example>\r\n\r\nPagate.\r\n--b--\r\n"),
					"text/plain; charset=utf-8", "multipart/mixed; boundary=b", 1)
			}
			e.arrive(e.mail, raw)
			if _, fw := e.offerOf(); fw != nil && (fw.Kind == "pec" || strings.Contains(fw.Address, "sindaco")) {
				t.Errorf("%s (attached: %v) is %s %s", from, attached, fw.Kind, fw.Address)
			}
		}
	}
}
