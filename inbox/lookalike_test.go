package inbox

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"filodiretto/channels"
)

// remarks are the lookalikes of the newest case, as "kind:likes:alarm".
func (e *env) remarks() (c *Case, out []string, first Lookalike) {
	e.t.Helper()
	cs := e.allCases()
	c = cs[len(cs)-1]
	cv, err := e.ViewCase(e.t.Context(), Viewer{System: true}, c.ID)
	if err != nil {
		e.t.Fatal(err)
	}
	for _, list := range cv.Lookalikes {
		for i, l := range list {
			if len(out) == 0 && i == 0 {
				first = l
			}
			out = append(out, fmt.Sprintf("%s:%s:%v", l.Kind, l.Likes, l.Alarm))
		}
	}
	return c, out, first
}

// Rule 51: who poses as the municipality, an office or a colleague is remarked;
// citizens, other public bodies and common words are not.
func TestRule51ANameOfTheHouseFromOutside(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		ourMail(e)
		for i, tt := range []struct{ from, want string }{
			{"Lucia Ferrante <lucia@posta.example>", ""},
			{"Ufficio Tributi <avvisi@posta.example>", "office:Ufficio tributi:true"},
			{"Ufficiо Тributi <avvisi2@posta.example>", "office:Ufficio tributi:true"}, // Cyrillic letters
			{"Tributi - Comune di Pontelieto <avvisi3@posta.example>", "office:Ufficio tributi:true"},
			{"URP <info@posta.example>", "office:URP:true"},
			{"Tributi <x@posta.example>", ""}, // one common word
			{"Ufficio Tributi <tributi@comune.mantova.it>", ""},
			{"URP Comune di Mantova <urp@posta.example>", ""},
			{"Comune di Pontelieto <avvisi4@posta.example>", "municipality:Comune di Pontelieto:true"},
			{"Elena Costa <elena@posta.example>", "operator:Elena Costa:true"},
			{"Costa Elena <elena2@posta.example>", "operator:Elena Costa:true"},
			{"Ufficio Tributi <tributi@comune.pontelieto.example>", ""}, // ours
			// a name that is one of our own addresses
			{`"tributi@comune.pontelieto.example" <x1@posta.example>`, "address:tributi@comune.pontelieto.example:true"},
			{`"urp@comune.pontelieto.example via Portale" <x2@gmail.com>`, "address:urp@comune.pontelieto.example:true"},
			{`"lucia@posta.example" <x3@posta.example>`, ""}, // somebody else's: told on the card
			// as a quick eye reads it
			{"Sportello Tributi Pontelieto <x4@posta.example>", "office:Ufficio tributi:true"},
			{"Sportello Tributi <x5@posta.example>", "office:Ufficio tributi:true"},
			{"Assistenza clienti tributi Pontelieto <x6@posta.example>", "office:Ufficio tributi:true"},
			{"Comune di Ponteliet0 <x7@gmail.com>", "municipality:Comune di Pontelieto:true"},
			{"Cornune di Pontelieto <x8@gmail.com>", "municipality:Comune di Pontelieto:true"},
			{"Cоmune di Роntеliеtо <x9@gmail.com>", "municipality:Comune di Pontelieto:true"}, // Cyrillic letters
			{"Segreteria Pontelieto <x10@gmail.com>", "municipality:Comune di Pontelieto:true"},
			{"E1ena Costa <x11@gmail.com>", "operator:Elena Costa:true"},
			{"Uffici0 Tr1buti <x12@gmail.com>", "office:Ufficio tributi:true"},
			{"Protocollo <x13@gmail.com>", "office:Protocollo:true"},
			{"Ufficio Protocollo <protocollo@comune.viadana.mn.it>", ""},
			{"Ufficio Tributi <tributi@comune.viadana.mn.it>", ""},
			{"Ufficio Tributi <tributi@comune.servizi-online.it>", "office:Ufficio tributi:true"}, // no town of that name
			{"Comune di Viadana <urp@comune.viadana.mn.it>", ""},
			{"Protocollo INPS <protocollo@inps.it>", ""},
			{"Pro Loco Pontelieto <x14@gmail.com>", ""},
			{"Pontelieto Calcio <x15@gmail.com>", ""},
			{"Info Pontelieto <x16@gmail.com>", ""},
			{"Segreteria Studio Rossi <x17@gmail.com>", ""},
			{"Assistenza clienti <x18@gmail.com>", ""},
			{"Avvisi <avvisi@comune-pontelieto.example>", "domain:comune.pontelieto.example:true"},
			{"Avvisi <avvisi@cornune-pontelieto.eu>", "domain:comune.pontelieto.example:true"},
		} {
			e.arrive(e.mail, letter(tt.from, fmt.Sprintf("l%d@posta.example", i), fmt.Sprintf("Oggetto %d", i), "Testo"))
			c, got, _ := e.remarks()
			if want := tt.want; (want == "") != (len(got) == 0) || want != "" && (len(got) != 1 || got[0] != want) {
				t.Errorf("%s: %v, want %q", tt.from, got, want)
			}
			if c.Suspect != (tt.want != "") {
				t.Errorf("%s: suspect %v", tt.from, c.Suspect)
			}
		}
	})
}

// prove says that a person answers at an address.
func (e *env) prove(address string) {
	e.t.Helper()
	if _, err := e.db.Write.NewRaw("UPDATE identities SET proof = 1 WHERE value = ?", address).Exec(e.t.Context()); err != nil {
		e.t.Fatal(err)
	}
}

// Rule 51: what a person decided of an address counts for its next messages; a
// false one waits in quarantine from then on (rule 22).
func TestRule51ARemarkIsDecidedOnce(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		ourMail(e)
		e.arrive(e.mail, letter("Elena Costa <elena@posta.example>", "d1@posta.example", "Uno", "Dalla mia posta di casa."))
		c, _, l := e.remarks()
		if _, err := e.JudgeLookalike(t.Context(), e.elena, c.ID, l.ID, true); !errors.Is(err, ErrNotFound) {
			t.Error("another office decided:", err)
		}
		c, err := e.JudgeLookalike(t.Context(), e.giulia, c.ID, l.ID, true)
		if err != nil || c.Suspect {
			t.Fatal("looked at:", c, err)
		}
		if _, err := e.JudgeLookalike(t.Context(), e.giulia, c.ID, l.ID, false); !errors.Is(err, ErrChanged) {
			t.Error("decided twice:", err)
		}
		e.arrive(e.mail, letter("Elena Costa <elena@posta.example>", "d2@posta.example", "Due", "Ancora io."))
		if c, got, _ := e.remarks(); len(got) != 0 || c.Suspect {
			t.Error("remarked again:", got)
		}
		e.arrive(e.mail, letter("Ufficio Tributi <truffa@posta.example>", "d3@posta.example", "Tre", "Pagate qui."))
		c, _, l = e.remarks()
		if c, err = e.JudgeLookalike(t.Context(), e.giulia, c.ID, l.ID, false); err != nil || c.Suspect {
			t.Fatal(c, err)
		}
		e.arrive(e.mail, letter("Ufficio Tributi <truffa@posta.example>", "d4@posta.example", "Quattro", "Pagate!"))
		if n := e.number("SELECT count(*) FROM quarantine WHERE reason = 'blocked_sender'"); n != 1 {
			t.Error("the next one is held:", n)
		}
		held, err := e.HeldSenders(t.Context(), e.giulia)
		if err != nil || len(held) != 1 || held[0].Value != "truffa@posta.example" {
			t.Fatal(held, err)
		}
		if _, err := e.FreeSender(t.Context(), e.elena, held[0].ID); !errors.Is(err, ErrNotFound) {
			t.Error("another office freed it:", err)
		}
		if _, err := e.FreeSender(t.Context(), e.giulia, held[0].ID); err != nil {
			t.Fatal(err)
		}
		e.arrive(e.mail, letter("Ufficio Tributi <truffa@posta.example>", "d5@posta.example", "Cinque", "Scusate."))
		if n := e.number("SELECT count(*) FROM quarantine WHERE reason = 'blocked_sender'"); n != 1 {
			t.Error("held though freed:", n)
		}
	})
}

// Rule 22: mail under our own name that our mail server does not confirm waits for
// a person, also where it would else be taken for a colleague's; so does spam.
func TestRule22SpoofAndSpamWaitForAPerson(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		ourMail(e)
		results := func(s string) string {
			return "Authentication-Results: mx.comune.pontelieto.example; " + s
		}
		const colleague, mailbox = "Elena Costa <elena.costa@comune.pontelieto.example>", "URP <urp@comune.pontelieto.example>"
		for i, tt := range []struct{ from, header, want string }{
			{colleague, results("spf=fail smtp.mailfrom=x.example; dmarc=fail header.from=comune.pontelieto.example"), "spoof_suspected"},
			{colleague, results("spf=softfail smtp.mailfrom=comune.pontelieto.example"), "spoof_suspected"},
			{colleague, results("spf=fail smtp.mailfrom=list.example; dkim=pass header.d=comune.pontelieto.example"), ""},
			{colleague, results("spf=pass smtp.mailfrom=comune.pontelieto.example; dmarc=pass header.from=comune.pontelieto.example"), ""},
			{colleague, results("spf=fail smtp.mailfrom=a.example; dmarc=none header.from=comune.pontelieto.example"), "spoof_suspected"},
			{colleague, "Authentication-Results: mx.altro.example; dmarc=fail header.from=comune.pontelieto.example", ""}, // not our server's word
			// whatever somebody else's domain may, says nothing of ours
			{colleague, results("spf=pass smtp.mailfrom=evil.example"), "spoof_suspected"},
			{colleague, results("spf=pass smtp.mailfrom=evil.example; dkim=pass header.d=evil.example; dmarc=none header.from=comune.pontelieto.example"), "spoof_suspected"},
			{colleague, results("dmarc=pass header.from=evil.example"), "spoof_suspected"},
			{colleague, results("dmarc=permerror header.from=comune.pontelieto.example"), "spoof_suspected"},
			{colleague, results(`spf=pass smtp.mailfrom="x; dmarc=pass header.from=comune.pontelieto.example"@evil.example; dmarc=fail header.from=comune.pontelieto.example`), "spoof_suspected"},
			{colleague, results(`spf=pass smtp.mailfrom="("@evil.example; dmarc=fail header.from=comune.pontelieto.example`), "spoof_suspected"},
			{colleague, results(`dmarc=pass header.from=comune.pontelieto.example; spf=pass smtp.helo="x`), "spoof_suspected"}, // unreadable
			{colleague, results("dkim=none") + "\r\n" + results("dmarc=fail header.from=comune.pontelieto.example"), "spoof_suspected"},
			{colleague, results("dmarc=pass header.from=comune.pontelieto.example") + "\r\n" + results("dmarc=fail header.from=comune.pontelieto.example"), "spoof_suspected"},
			{"<elena.costa@comune.pontelieto.example> <x@evil.example>", results("dmarc=pass header.from=evil.example"), "spoof_suspected"},
			{colleague, results("spf=pass smtp.mailfrom=elena.costa@comune.pontelieto.example"), ""},
			{colleague, results("spf=fail smtp.mailfrom=a.example; dkim=pass header.d=posta.comune.pontelieto.example; dmarc=temperror"), ""},
			{mailbox, results("dmarc=fail header.from=comune.pontelieto.example"), "spoof_suspected"},
			{"Anna <anna@posta.example>", results("dmarc=fail header.from=posta.example"), ""}, // shown, not held
			{"Anna <anna@posta.example>", "X-Spam-Flag: YES", "spam_suspected"},
		} {
			before := e.number("SELECT count(*) FROM quarantine")
			e.arrive(e.mail, letter(tt.from, fmt.Sprintf("s%d@posta.example", i), fmt.Sprintf("Oggetto %d", i), "Testo", tt.header))
			if n := e.number("SELECT count(*) FROM quarantine") - before; (n == 1) != (tt.want != "") {
				t.Errorf("%d: %d items held, want %q", i, n, tt.want)
			}
			if tt.want != "" && e.number("SELECT count(*) FROM quarantine WHERE reason = ? AND id = (SELECT max(id) FROM quarantine)", tt.want) != 1 {
				t.Errorf("%d: held for another reason than %s", i, tt.want)
			}
		}
		list, err := e.QuarantineList(t.Context(), e.giulia, 0, 10)
		if err != nil || len(list) == 0 {
			t.Fatal(err)
		}
		if c, err := e.Release(t.Context(), e.giulia, list[0].ID, 0, ""); err != nil || c.ID == 0 {
			t.Error("released:", err)
		}
	})
}

// Rule 22: a sender is held with a reason, once for an office.
func TestRule22HoldingASenderHasAReason(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		hold := func(v Viewer, reason string) error {
			return e.HoldSender(t.Context(), v, "email", "max@posta.example", e.urp, reason)
		}
		if err := hold(e.giulia, " "); !errors.Is(err, ErrInvalid) {
			t.Error("without a reason:", err)
		}
		if err := hold(e.elena, "no"); !errors.Is(err, ErrForbidden) {
			t.Error("by another office:", err)
		}
		if err := hold(e.giulia, "Pubblicità"); err != nil {
			t.Error(err)
		}
		if err := hold(e.giulia, "Pubblicità"); !errors.Is(err, ErrChanged) {
			t.Error("twice:", err)
		}
		if n := e.number("SELECT count(*) FROM events WHERE kind = 'sender.held'"); n != 1 {
			t.Error("events:", n)
		}
	})
}

// Rule 76: what our own mail server does not take for its sender's joins no case of
// that person, whatever it names, and stands out until somebody has looked; what is
// decided of it says nothing of the address, which is that person's.
func TestRule76AForgedSenderJoinsNothing(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		ourMail(e)
		e.arrive(e.mail, letter("Lucia Ferrante <lucia@posta.example>", "p1@posta.example", "Ponteggio", "Chiedo un permesso."))
		lucia := e.allCases()[0]
		results := func(s string) string { return "Authentication-Results: mx.comune.pontelieto.example; " + s }
		token := "Re: Ponteggio [" + e.sign.SubjectToken(lucia.Year, lucia.Number) + "]"
		for i, tt := range []struct {
			from, subject, header, reference string
			joins                            bool
		}{
			{"Lucia <lucia@posta.example>", token, results("dmarc=fail header.from=posta.example"), "", false},
			{"Lucia <lucia@posta.example>", "Re: Ponteggio", results("spf=fail smtp.mailfrom=evil.example; dmarc=fail header.from=posta.example"), "In-Reply-To: <p1@posta.example>", false},
			{"Lucia <lucia@posta.example>", token, results("spf=fail smtp.mailfrom=posta.example"), "", false},
			{"<lucia@posta.example> <eva@evil.example>", token, results("dmarc=pass header.from=evil.example"), "", false},
			{"Lucia <lucia@posta.example>", token, results("dmarc=pass header.from=evil.example"), "", false},
			{"Lucia <lucia@posta.example>", token, results("spf=fail smtp.mailfrom=lista.example; dkim=pass header.d=posta.example"), "", true},
			{"Lucia <lucia@posta.example>", token, results("dmarc=pass header.from=posta.example"), "", true},
			{"Lucia <lucia@posta.example>", token, "X-Nothing: 1", "", true},
		} {
			before := len(e.allCases())
			headers := []string{tt.header}
			if tt.reference != "" {
				headers = append(headers, tt.reference)
			}
			e.arrive(e.mail, letter(tt.from, fmt.Sprintf("f%d@posta.example", i), tt.subject, "Cambio IBAN, il mio telefono è 333 1234567.", headers...))
			if got := len(e.allCases()) == before; got != tt.joins {
				t.Errorf("%d: joins %v", i, got)
			}
			if tt.joins {
				continue
			}
			c, got, l := e.remarks()
			if !c.Suspect || len(got) != 1 || got[0] != "forged:posta.example:true" || e.theCase(lucia.ID).Suspect {
				t.Errorf("%d: %v, suspect %v", i, got, c.Suspect)
			}
			if n := e.number("SELECT count(*) FROM suggestions WHERE case_id = ? AND other_id = ?", c.ID, lucia.ID); n != 1 {
				t.Errorf("%d: %d suggestions", i, n)
			}
			if c, err := e.JudgeLookalike(t.Context(), e.giulia, c.ID, l.ID, i%2 == 0); err != nil || c.Suspect {
				t.Errorf("%d: decided: %v %v", i, c, err)
			}
		}
		if n := e.number("SELECT count(*) FROM held_senders"); n != 0 {
			t.Error("her address is held for what others wrote under it")
		}
		if n := e.number("SELECT count(*) FROM events WHERE kind = 'message.received'"); n != 9 {
			t.Error("messages:", n)
		}
	})
}

func TestStanding(t *testing.T) {
	for _, tt := range []struct {
		notes string
		want  Standing
	}{
		{"", StandsUnchecked},
		{"dmarc:pass/posta.example", StandsConfirmed},
		{"dmarc:pass", StandsConfirmed},
		{"dmarc:pass name_is_another_address", StandsUnclear},
		{"dmarc:pass/posta.example name_is_another_address", StandsConfirmed},
		{"dmarc:pass/?", StandsUnclear},
		{"dmarc:pass/evil.example", StandsUnclear},
		{"dmarc:pass several_from", StandsUnclear},
		{"several_from", StandsUnchecked},
		{"dmarc:pass/posta.example twice:from", StandsUnclear},
		{"dmarc:pass/posta.example twice:subject", StandsUnchecked},
		{"dmarc:pass/posta.example dmarc:fail/posta.example", StandsDoubted},
		{"dmarc:fail/evil.example", StandsDoubted},
		{"dkim:pass/mail.posta.example", StandsConfirmed},
		{"dkim:pass", StandsUnchecked},
		{"dkim:pass/lista.example spf:pass/posta.example", StandsUnchecked},
		{"spf:fail/posta.example", StandsDoubted},
		{"spf:fail/lista.example", StandsUnchecked},
		{"spf:softfail/posta.example", StandsUnlikely},
		{"spf:softfail/posta.example dmarc:none/posta.example dkim:none", StandsUnlikely},
		{"spf:softfail/posta.example dmarc:temperror/posta.example", StandsUnchecked},
		{"spf:softfail/posta.example dkim:pass/posta.example", StandsConfirmed},
		{"spf:softfail/lista.example", StandsUnchecked},
		{"spf:fail/posta.example dkim:pass/posta.example", StandsConfirmed},
		{"spf:fail/posta.example dmarc:none/posta.example", StandsDoubted},
		{"spf:fail/posta.example dmarc:temperror/posta.example", StandsUnchecked},
		{"spf:pass/posta.example auth_unreadable", StandsUnclear},
	} {
		m := &Message{Sender: "Lucia <lucia@posta.example>", Notes: tt.notes}
		if got := m.Standing(); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.notes, got, tt.want)
		}
	}
}

// Rule 22: what our server says of a colleague's mail. No signature to look at, or no
// answer of the DNS, is no finding; all else that confirms nothing is.
func TestRule22WhatConfirmsAColleague(t *testing.T) {
	for notes, held := range map[string]bool{
		"":                                       false,
		"dkim:none":                              false,
		"dmarc:temperror spf:temperror":          false,
		"dkim:none spf:none":                     true,
		"spf:neutral":                            true,
		"dkim:none spf:pass/evil.example":        true,
		"dmarc:none dmarc:fail/ours.example":     true,
		"dkim:none spf:pass/ours.example":        false,
		"dmarc:pass/ours.example":                false,
		"dmarc:pass/evil.example":                true,
		"auth_unreadable":                        true,
		"from_outside":                           false,
		"from_outside dkim:none":                 true,
		"from_outside dkim:none dmarc:temperror": true,
		"from_outside dmarc:temperror":           false,
		"from_outside dkim:pass/ours.example":    false,
		// where others can write too, nothing confirms
		"auth_below:dmarc:pass/ours.example":                                 false,
		"auth_below:dkim:none auth_below:spf:temperror":                      false,
		"from_outside auth_below:dkim:none":                                  true,
		"auth_below:spf:pass/evil.example":                                   true,
		"auth_below:spf:softfail/ours.example":                               true,
		"auth_below:dmarc:pass/ours.example auth_below:dmarc:none":           true,
		"spf:pass/evil.example auth_below:dmarc:pass/ours.example":           true,
		"dkim:pass/ours.example auth_below:spf:pass/evil.example":            false,
		"auth_below:dmarc:pass/ours.example auth_below:spf:pass/esp.example": true,
	} {
		it := &channels.Item{Notes: strings.Fields(notes), From: channels.Address{Kind: "email", Value: "giulia@ours.example"}}
		if unconfirmed(it) != held {
			t.Errorf("%q: held %v", notes, !held)
		}
	}
}
