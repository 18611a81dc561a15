package inbox

import (
	"fmt"
	"testing"
)

// Rule 51: a known person's name under a new address is a calm remark, and only
// where it says something: two people may have one name.
func TestRule51AKnownPersonsName(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		ourMail(e)
		e.arrive(e.mail, letter("Lucia Ferrante <lucia@posta.example>", "n1@posta.example", "Ponteggio", "Chiedo un permesso."))
		lucia := e.allCases()[0]
		e.arrive(e.mail, letter("Lucia Ferrante <lucia@altra.example>", "n2@altra.example", "Altro", "Testo."))
		if _, got, _ := e.remarks(); len(got) != 0 {
			t.Error("a name that anybody can have given:", got)
		}
		e.prove("lucia@posta.example")
		e.arrive(e.mail, letter("Ferrante Lucia <lf@terza.example>", "n3@terza.example", "Terzo", "Testo."))
		if c, got, _ := e.remarks(); len(got) != 1 || got[0] != "citizen:Lucia Ferrante:false" || c.Suspect {
			t.Error("a remark and no warning:", got, c.Suspect)
		}
		e.arrive(e.mail, letter("Lucia Ferrante <lf@terza.example>", "n4@terza.example", "Quarto", "Ancora io."))
		if _, got, _ := e.remarks(); len(got) != 0 {
			t.Error("it is said once, at the first message:", got)
		}
		e.arrive(e.mail, letter("Luсia Ferrante <lf@quinta.example>", "n5@quinta.example", "Quinto", "Testo.")) // a Cyrillic letter
		if c, got, _ := e.remarks(); len(got) != 1 || got[0] != "citizen:Lucia Ferrante:true" || !c.Suspect {
			t.Error("a disguised name is a warning:", got)
		}
		e.arrive(e.mail, letter("Lucia Ferrante <lf@sesta.example>", "n6@sesta.example", "Re: Ponteggio", "Cambiate l'indirizzo.", "In-Reply-To: <n1@posta.example>"))
		c, got, l := e.remarks()
		if c.ID == lucia.ID || len(got) != 1 || got[0] != "citizen:Lucia Ferrante:true" {
			t.Error("who answers in her case under her name:", got)
		}
		// once both are said to be one person, nothing is left to say
		if _, err := e.Merge(t.Context(), e.giulia, lucia.CitizenID, c.CitizenID, "la stessa"); err != nil {
			t.Fatal(err)
		}
		if _, got, _ = e.remarks(); len(got) != 0 {
			t.Error("she is herself:", got, l)
		}
	})
}

// A name that two known persons have says nothing of either, but where one of them is
// known better.
func TestRule51TwoOfOneNameAreNoRemark(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		ourMail(e)
		e.arrive(e.mail, letter("Mario Rossi <mario@posta.example>", "m1@posta.example", "Uno", "Testo."), letter("Mario Rossi <rossi@altra.example>", "m2@posta.example", "Due", "Testo."))
		e.prove("mario@posta.example")
		e.prove("rossi@altra.example")
		e.arrive(e.mail, letter("Mario Rossi <mr@terza.example>", "m3@posta.example", "Tre", "Testo."))
		if _, got, _ := e.remarks(); len(got) != 0 {
			t.Error(got)
		}
		e.arrive(e.mail, letter("Mаrio Rossi <mr@quarta.example>", "m4@posta.example", "Quattro", "Testo.")) // a Cyrillic letter
		if _, got, _ := e.remarks(); len(got) != 1 || got[0] != "citizen:Mario Rossi:true" {
			t.Error("a disguised name is a warning, whose ever it is:", got)
		}
		e.exec(t, "UPDATE identities SET proof = 0 WHERE value = 'rossi@altra.example'")
		e.arrive(e.mail, letter("Mario Rossi <mr@quinta.example>", "m5@posta.example", "Cinque", "Testo."))
		if _, got, l := e.remarks(); len(got) != 1 || got[0] != "citizen:Mario Rossi:false" || l.AboutID != e.ownerOf("mario@posta.example") {
			t.Error("one of them is proven:", got)
		}
	})
}

// ownerOf is the person of a mail address.
func (e *env) ownerOf(address string) int64 {
	return int64(e.number("SELECT citizen_id FROM identities WHERE value = ?", address))
}

// Rule 51: a person need not be proven by their address to be known: a document that
// was seen is enough, and so is that an operator has answered them.
func TestRule51WhoIsKnown(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		ourMail(e)
		e.arrive(e.mail, letter("Ivan Amato <ivan@posta.example>", "k1@posta.example", "Tassa", "Quanto devo?"))
		e.arrive(e.mail, letter("Ivan Amato <ivan@altra.example>", "k2@posta.example", "Uno", "Testo."))
		if _, got, _ := e.remarks(); len(got) != 0 {
			t.Error("an automatic receipt makes nobody known:", got)
		}
		e.exec(t, "UPDATE citizens SET name = 'Altro', name_key = 'altro' WHERE id = ?", e.ownerOf("ivan@altra.example"))
		c := e.allCases()[0]
		e.mustReply(ReplyCommand{CaseID: c.ID, SeenInID: c.LastInID, AccountID: e.mail.ID, To: []Recipient{{IdentityID: int64(e.number("SELECT identity_id FROM messages WHERE id = ?", c.LastInID))}}, Text: "Cento euro.", Undo: AtOnce})
		e.arrive(e.mail, letter("Ivan Amato <ivan77@gmail.com>", "k3@gmail.com", "Due", "Testo."))
		if c, got, _ := e.remarks(); len(got) != 1 || got[0] != "citizen:Ivan Amato:false" || c.Suspect {
			t.Error("an operator answered him:", got)
		}
		e.arrive(e.mail, letter("Sara Conti <sara@posta.example>", "k4@posta.example", "Tre", "Testo."))
		_, err := e.AddIdentity(t.Context(), e.giulia, e.ownerOf("sara@posta.example"), NewIdentity{Kind: "cf", Value: "CNTSRA80A41E897M", OverrideReason: "come scritto"})
		if err != nil {
			t.Fatal(err)
		}
		e.exec(t, "UPDATE identities SET proof = 1, kind = 'telegram' WHERE kind = 'cf'")
		e.arrive(e.mail, letter("Sara Conti <sara@terza.example>", "k6@posta.example", "Sei", "Testo."))
		if _, got, _ := e.remarks(); len(got) != 0 {
			t.Error("a chat account bears the name that its holder chose:", got)
		}
		e.exec(t, "UPDATE identities SET proof = 2, kind = 'cf' WHERE kind = 'telegram'")
		e.arrive(e.mail, letter("Sara Conti <conti@altra.example>", "k5@posta.example", "Quattro", "Testo."))
		if _, got, _ := e.remarks(); len(got) != 1 || got[0] != "citizen:Sara Conti:false" {
			t.Error("a document of hers was seen:", got)
		}
	})
}

// Rule 51: who answers in a case under the name of who wrote there, from an address that
// is not theirs, is a warning: however little is known of them, by whatever way the
// answer names the case, and at a later letter too.
func TestRule51WhoAnswersInAnothersName(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		ourMail(e)
		e.arrive(e.mail, letter("Marco Villa <villa@posta.example>", "v1@posta.example", "Rimborso", "Aspetto il rimborso."))
		villa := e.allCases()[0]
		token := "Re: Rimborso [" + e.sign.SubjectToken(villa.Year, villa.Number) + "]"
		e.arrive(e.mail, letter("Marco Villa <ladro@gmail.com>", "v2@gmail.com", "Domanda", "Che orari avete?"))
		if _, got, _ := e.remarks(); len(got) != 0 {
			t.Error("they may be two people:", got)
		}
		for i, tt := range []struct{ from, subject, header, want string }{
			{"Marco Villa <ladro@gmail.com>", token, "X-Nothing: 1", "citizen:Marco Villa:true"},
			{"Villa Marco <nuovo@gmail.com>", token, "X-Nothing: 1", "citizen:Marco Villa:true"},
			{"Mаrco Villa <altro@gmail.com>", "Re: Rimborso", "In-Reply-To: <v1@posta.example>", "citizen:Marco Villa:true"}, // a Cyrillic letter
			{"Piera Villa <piera@gmail.com>", token, "X-Nothing: 1", ""},
			{"Marco Villa <villa@posta.example>", token, "X-Nothing: 1", ""},
		} {
			e.arrive(e.mail, letter(tt.from, fmt.Sprintf("w%d@gmail.com", i), tt.subject, "Nuovo IBAN.", tt.header))
			c, got, _ := e.remarks()
			if want := tt.want; (want == "") != (len(got) == 0) || want != "" && (len(got) != 1 || got[0] != want || !c.Suspect) {
				t.Errorf("%s: %v, want %q", tt.from, got, want)
			}
		}
		if n := len(e.allCases()); n != 6 {
			t.Error("cases:", n)
		}
	})
}
