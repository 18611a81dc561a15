package web

import (
	"encoding/base64"
	"fmt"
	"html"
	"log/slog"
	"maps"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"filodiretto/channels"
	"filodiretto/channels/mail"
	"filodiretto/channels/pec/standin"
	"filodiretto/inbox"
	"filodiretto/internal/cms"
)

// houseMail is a mailbox of the URP whose addresses the house knows as its own, and
// whose mail server's results are believed.
func (e *siteTown) houseMail() inbox.Account {
	e.t.Helper()
	set := maps.Clone(mailSettings)
	set["auth_servers"] = "mx.comune.pontelieto.example"
	acc := e.account(fmt.Sprintf("mail-house-%d", e.db.Clock.Now()), "mail", "urp", mail.Driver, set)
	if _, err := e.db.Write.NewRaw(`UPDATE accounts SET settings = '{"address":"urp@comune.pontelieto.example"}' WHERE id = ?`, acc.ID).Exec(e.t.Context()); err != nil {
		e.t.Fatal(err)
	}
	return acc
}

var trustLink = regexp.MustCompile(`action="(/cases/[^"]+/(?:lookalikes|forwarded)/\d+)"`)

// Rule 51: who poses as an office stands in a banner, and the list has a sign, until
// a person has looked; a false one is held and can be freed.
func TestRule51TheBannerOfALookalike(t *testing.T) {
	eachSite(t, func(t *testing.T, e *siteTown) {
		acc := e.houseMail()
		e.letter(acc, "Ufficio Tributi <avvisi@posta.example>", "Rimborso", "Mandate l'IBAN.")
		ref := e.ref(e.people["giulia"])
		b := e.as("giulia")
		b.get("/cases?view=office").want(http.StatusOK, "Mittente dubbio")
		p := b.get("/cases?case="+ref).want(http.StatusOK, "usa il nome di un nostro ufficio", "avvisi@posta.example", "Ho verificato", "Stai per rispondere a avvisi@posta.example")
		link := trustLink.FindStringSubmatch(p.Body)[1]
		b.post(link, "answer", "false").to("/cases?case=")
		b.get("/cases?case="+ref).want(http.StatusOK, "Segnalato come falso da Giulia Moretti", "Mittente segnalato come falso", "è un mittente falso: non rispondere", ">Falso<", `action="`+link+`/undo"`).without("Ho verificato", "Stai per rispondere")
		b.get("/cases?view=office").want(http.StatusOK, ">Falso<").without("Mittente dubbio")
		b.post(link + "/undo").to("/cases?case=")
		b.get("/cases?case="+ref).want(http.StatusOK, "Annullato", "Giudizio sul mittente ritirato", "Ho verificato", "Mittente dubbio").without(">Falso<")
		b.post(link + "/undo").to("/cases?case=")
		b.get("/cases?case="+ref).want(http.StatusOK, "Nel frattempo è cambiato")
		b.post(link, "answer", "false").to("/cases?case=")
		b.post(link, "answer", "fine").to("/cases?case=")
		b.get("/cases?case="+ref).want(http.StatusOK, "Nel frattempo è cambiato")
		e.letter(acc, "Ufficio Tributi <avvisi@posta.example>", "Ancora", "Subito!")
		q := b.get("/quarantine").want(http.StatusOK, "Mittente trattenuto", "Mittenti trattenuti", "avvisi@posta.", "segnalato come falso")
		free := regexp.MustCompile(`/quarantine/senders/\d+/free`).FindString(q.Body)
		b.post(free).to("/quarantine")
		b.get("/quarantine").want(http.StatusOK, "I prossimi messaggi di avvisi@posta.example").without("Mittenti trattenuti")
	})
}

// Rule 51: what is known of a sender, in words and with what it is made of.
func TestRule51WhatIsKnownOfASender(t *testing.T) {
	eachSite(t, func(t *testing.T, e *siteTown) {
		acc := e.houseMail()
		b := e.as("giulia")
		results := func(s string) string { return "Authentication-Results: mx.comune.pontelieto.example; " + s }
		const signed = "DKIM-Signature: v=1; d=posta.example"
		for _, tt := range []struct {
			header, check string // check is the outcome, the domain and whether it is the sender's
			want          []string
		}{
			{"X-Nothing: 1", "", nil},
			{results("spf=pass smtp.mailfrom=posta.example; dmarc=pass header.from=posta.example"), "", []string{"Viene davvero da posta.example", "secondo il nostro server di posta"}},
			{results("dmarc=fail header.from=posta.example"), "", []string{"posta.example non lo conferma", "non viene da posta.example"}},
			{results("dkim=pass header.d=mail.posta.example"), "", []string{"Viene davvero da posta.example"}},
			// only what is about the domain in From speaks for it
			{results("dmarc=pass header.from=evil.example"), "", []string{"Mittente non verificabile", "il server ne ha guardato un altro"}},
			{results("spf=fail smtp.mailfrom=evil.example"), "", nil},
			{results("spf=softfail smtp.mailfrom=posta.example"), "", []string{"Probabilmente non viene da posta.example", "succede anche con gli inoltri"}},
			{results("spf=softfail smtp.mailfrom=posta.example; dkim=pass header.d=lista.example"), "", []string{"Spedito tramite lista.example"}},
			{results("spf=softfail smtp.mailfrom=posta.example; dkim=pass header.d=posta.example"), "", []string{"Viene davvero da posta.example"}},
			{results(`spf=pass smtp.helo="x`), "", []string{"Mittente non verificabile"}},
			{results("dkim=pass header.d=lista.example"), "", []string{"Spedito tramite lista.example"}},
			{signed, "", []string{"Firma del dominio in verifica"}},
			{signed, "'pass', 'posta.example', TRUE", []string{"Viene davvero da posta.example", "verificata qui"}},
			{signed, "'pass', 'lista.example', FALSE", []string{"Spedito tramite lista.example"}},
			{signed, "'fail', 'posta.example', TRUE", []string{"Cambiato dopo la firma di posta.example", "il testo è cambiato dopo la firma"}},
			{signed, "'temporary', '', FALSE", []string{"Firma del dominio non verificabile"}},
			{signed, "'none', '', FALSE", nil},
		} {
			e.letter(acc, "Anna <anna@posta.example>", "Orari", "Quali orari?", tt.header)
			ref := e.ref(e.people["giulia"])
			if tt.check != "" {
				set := strings.SplitN(tt.check, ", ", 3)
				_, err := e.db.Write.NewRaw("UPDATE sender_checks SET outcome = " + set[0] + ", domain = " + set[1] + ", aligned = " + set[2] + `, next_at = 0, checked_at = 1,
					signatures = '[{"domain":"posta.example","outcome":"fail","reason":"body_changed"}]' WHERE outcome = ''`).Exec(t.Context())
				if err != nil {
					t.Fatal(err)
				}
			}
			p := b.get("/cases?case="+ref).want(http.StatusOK, tt.want...)
			if tt.want == nil {
				p.without(`class="fold sender"`)
			}
			if _, err := e.db.Write.NewRaw("DELETE FROM sender_checks").Exec(t.Context()); err != nil {
				t.Fatal(err)
			}
			e.manual.Advance(1e9)
		}
	})
}

// Rule 51: several senders, however they are written, and a mail whose fields stand
// twice are never "really from" anybody.
func TestRule51NobodyVouchesForOneOfSeveralSenders(t *testing.T) {
	eachSite(t, func(t *testing.T, e *siteTown) {
		acc := e.houseMail()
		b := e.as("giulia")
		const results = "Authentication-Results: mx.comune.pontelieto.example; dkim=pass header.d=posta.example; dmarc=pass"
		for _, from := range []string{"<anna@posta.example> <eva@evil.example>", "Anna <anna@posta.example>, Eva <eva@evil.example>", "Anna <anna@posta.example>\r\nFrom: Eva <eva@evil.example>"} {
			for _, about := range []string{"", " header.from=evil.example", " header.from=posta.example"} {
				e.letter(acc, from, "Orari", "Quali orari?", results+about)
				p := b.get("/cases?case="+e.ref(e.people["giulia"])).want(http.StatusOK, "Mittente non verificabile", "più mittenti", "eva@evil.example")
				p.without("Viene davvero da")
				e.manual.Advance(1e9)
			}
		}
		e.letter(acc, "Anna <anna@posta.example>", "Cambio IBAN", "Testo", "Subject: Orari", results+" header.from=posta.example")
		b.get("/cases?case="+e.ref(e.people["giulia"])).want(http.StatusOK, "campi doppi").without("Viene davvero da")
		e.letter(acc, "Anna <anna@posta.example>", "Orari", "Testo", results+" header.from=posta.example")
		b.get("/cases?case="+e.ref(e.people["giulia"])).want(http.StatusOK, "Viene davvero da posta.example").without("campi doppi", "più mittenti")
	})
}

// Rule 51: a name that is an address is told as a claim; the true address stands on
// the card, in the list, beside the answer and in the words of a delivery.
func TestRule51ANameThatIsAnAddressIsNoAddress(t *testing.T) {
	eachSite(t, func(t *testing.T, e *siteTown) {
		acc := e.houseMail()
		b := e.as("giulia")
		e.letter(acc, `"lucia@posta.example" <eva@evil.example>`, "Orari", "Quali orari?")
		ref := e.ref(e.people["giulia"])
		const claim = "si presenta come lucia@posta.example, ma il messaggio viene da eva@evil.example"
		b.get("/cases?view=office").want(http.StatusOK, "eva@evil.").without("lucia@posta.")
		p := b.get("/cases?case="+ref).want(http.StatusOK, claim, "<b>eva@evil.example</b>")
		if n := strings.Count(p.Body, "lucia@"); n != 1 {
			t.Errorf("the claim stands %d times on the page, once is as a claim", n)
		}
		e.sink(acc).fail = channels.Errorf(channels.RecipientGone, "550 5.1.1", "no such user")
		b.send("/cases/"+ref+"/reply", "compose", "reply", "channel", p.field("channel"), "seen", p.field("seen"), "text", "Dalle 9 alle 12.").want(http.StatusOK)
		e.manual.Advance(11e9)
		e.sent(acc)
		p = b.get("/cases?case="+ref).want(http.StatusOK, "eva@evil.example non si raggiunge")
		if n := strings.Count(p.Body, "lucia@"); n != 1 {
			t.Errorf("after an answer the claim stands %d times", n)
		}
		e.letter(acc, `"urp@comune.pontelieto.example" <eva@evil.example>`, "Pagate", "Subito.")
		b.get("/cases?case="+e.ref(e.people["giulia"])).want(http.StatusOK, "si presenta con un nostro indirizzo, «urp@comune.pontelieto.example»", "Scrive da eva@evil.example").without("Chi scrive si presenta")
		e.letter(acc, "Lucia Ferrante <lucia@posta.example>", "Altro", "Testo")
		b.get("/cases?case="+e.ref(e.people["giulia"])).want(http.StatusOK, "<b>Lucia Ferrante</b>", `<span class="addr">lucia@<wbr>posta.<wbr>example</span>`)
	})
}

// Rule 52: who asks for the answer elsewhere is answered where they wrote from; the
// other address is told, and is written to only on purpose, with a confirmation.
func TestRule52TheAddressForAnswersIsToldAndUsedOnPurpose(t *testing.T) {
	eachSite(t, func(t *testing.T, e *siteTown) {
		acc := e.houseMail()
		b := e.as("giulia")
		e.letter(acc, "Lucia Ferrante <lucia@posta.example>", "Orari", "Quali orari?", "Reply-To: studio@altra.example")
		ref := e.ref(e.people["giulia"])
		p := b.get("/cases?case="+ref).want(http.StatusOK, "vorrebbe la risposta a studio@altra.example. Da qui si risponde a lucia@posta.example", "Aggiungi in copia")
		if got := p.field("cc"); got != "" {
			t.Error("written to without being asked:", got)
		}
		link := html.UnescapeString(regexp.MustCompile(`href="(/cases\?[^"]*cc=[^"]*)"`).FindStringSubmatch(p.Body)[1])
		p = b.get(link).want(http.StatusOK)
		if got := p.field("cc"); got != "studio@altra.example" {
			t.Error("the link puts into copy:", got)
		}
		if got := b.get(strings.Replace(link, "studio%40altra", "eva%40evil", 1)).field("cc"); got != "" {
			t.Error("a link from outside wrote into the form:", got)
		}
		b.send("/cases/"+ref+"/reply", "compose", "reply", "channel", p.field("channel"), "seen", p.field("seen"), "cc", "studio@altra.example", "text", "Dalle 9.").want(http.StatusUnprocessableEntity, "sure_to")
		b.send("/cases/"+ref+"/reply", "compose", "reply", "channel", p.field("channel"), "seen", p.field("seen"), "cc", "studio@altra.example", "sure_to", "studio@altra.example", "text", "Dalle 9.").want(http.StatusOK)
		e.manual.Advance(11e9)
		if got := e.sent(acc); len(got) != 2 || got[0].To.Value != "lucia@posta.example" || got[1].To.Value != "studio@altra.example" {
			t.Errorf("sent: %+v", got)
		}
	})
}

// Rule 81: the offer on the page, taken with one click and undone with another.
func TestRule81TheOfferOfAForwardedMail(t *testing.T) {
	eachSite(t, func(t *testing.T, e *siteTown) {
		acc := e.houseMail()
		e.letter(acc, "Marco Tonelli <marco@comune.pontelieto.example>", "I: Buca", "Per voi\r\n\r\nDa: Anna Verdi <anna@posta.example>\r\nInviato: ieri\r\nA: Marco\r\nOggetto: Buca\r\n\r\nC'è una buca.")
		ref := e.ref(e.people["giulia"])
		b := e.as("giulia")
		p := b.get("/cases?case="+ref).want(http.StatusOK, "Marco Tonelli ha inoltrato un messaggio di Anna Verdi", "La pratica è di Anna Verdi")
		link := trustLink.FindStringSubmatch(p.Body)[1]
		b.post(link, "answer", "yes").to("/cases?case=")
		p = b.get("/cases?case="+ref).want(http.StatusOK, "ora è di Anna Verdi", link+"/undo", "anna@posta.example", "La persona della pratica è cambiata").without("ha inoltrato un messaggio")
		if got := e.theCase(ref).Person; got != "Anna Verdi" {
			t.Error(got)
		}
		b.send("/cases/"+ref+"/reply", "compose", "reply", "channel", p.field("channel"), "seen", p.field("seen"), "text", "Veniamo domani.").want(http.StatusOK, "/undo")
		e.manual.Advance(11e9)
		if got := e.sent(acc); len(got) != 1 || got[0].To.Value != "anna@posta.example" {
			t.Fatalf("the answer goes to the citizen: %+v", got)
		}
		b.post(link + "/undo").to("/cases?case=")
		b.get("/cases?case="+ref).want(http.StatusOK, "Nel frattempo è cambiato")

		e.letter(acc, "Marco Tonelli <marco@comune.pontelieto.example>", "I: Siepe", "Da: Ugo Neri <ugo@posta.example>\r\nInviato: ieri\r\nA: Marco\r\nOggetto: Siepe\r\n\r\nLa siepe.")
		ref = e.ref(e.people["giulia"])
		link = trustLink.FindStringSubmatch(b.get("/cases?case=" + ref).Body)[1]
		b.post(link, "answer", "yes").to("/cases?case=")
		b.post(link + "/undo").to("/cases?case=")
		b.get("/cases?case="+ref).want(http.StatusOK, "La pratica è di Ugo Neri")
		b.post(link, "answer", "no").to("/cases?case=")
		b.get("/cases?case="+ref).want(http.StatusOK, "resta com’è").without("La pratica è di Ugo Neri")

		// Nobody named the writer, whose address is known.
		e.letter(acc, "Marco Tonelli <marco@comune.pontelieto.example>", "I: Ancora la buca", "Da: anna@posta.example\r\nInviato: ieri\r\nA: Marco\r\nOggetto: Ancora la buca\r\n\r\nC'è sempre.")
		b.get("/cases?case="+e.ref(e.people["giulia"])).want(http.StatusOK, "ha inoltrato un messaggio di Anna Verdi", "La pratica è di Anna Verdi", "anna@<wbr>posta.<wbr>example")
	})
}

// Rule 63: under an answer that did not arrive stands another way of the same
// citizen, one click from a composed answer with the same text.
func TestRule63AnotherWayWithTheSameText(t *testing.T) {
	eachSite(t, func(t *testing.T, e *siteTown) {
		e.letter(e.mail, "Lucia Ferrante <lucia@posta.example>", "Ponteggio", "Buongiorno")
		ref := e.ref(e.people["giulia"])
		b := e.as("giulia")
		k := e.theCase(ref)
		if _, err := e.inbox.AddIdentity(t.Context(), e.people["giulia"], k.CitizenID, inbox.NewIdentity{Kind: "email", Value: "lucia@casa.example"}); err != nil {
			t.Fatal(err)
		}
		e.sink(e.mail).fail = channels.Errorf(channels.RecipientGone, "550 5.1.1", "no such user")
		p := b.get("/cases?case=" + ref)
		b.send("/cases/"+ref+"/reply", "compose", "reply", "channel", p.field("channel"), "seen", p.field("seen"), "text", "Serve la planimetria in scala 1:100.").want(http.StatusOK, "/undo")
		e.manual.Advance(11e9)
		e.sent(e.mail)
		p = b.get("/cases?case="+ref).want(http.StatusOK, "non si raggiunge più lì", "Rispondi con E-mail (lucia@casa.example), stesso testo")
		way := regexp.MustCompile(`href="(/cases\?case=[^"]+again=\d+)"`).FindStringSubmatch(p.Body)[1]
		p = b.get(strings.ReplaceAll(way, "&amp;", "&")).want(http.StatusOK, "Serve la planimetria in scala 1:100.</textarea>", "lucia@casa.example")
		e.sink(e.mail).fail = nil
		b.send("/cases/"+ref+"/reply", "compose", "reply", "channel", p.field("channel"), "seen", p.field("seen"), "text", "Serve la planimetria in scala 1:100.", "sure_to", "lucia@casa.example")
		e.manual.Advance(11e9)
		if got := e.sent(e.mail); len(got) != 1 || got[0].To.Value != "lucia@casa.example" {
			t.Fatalf("sent %+v", got)
		}
	})
}

// Rules 58 and 90: a storm is one alarm with a count, on the quarantine and on the
// channel's card.
func TestRule58TheAlarmOfAStorm(t *testing.T) {
	eachSite(t, func(t *testing.T, e *siteTown) {
		most := e.inbox.PingPong().Count
		for range most + 4 {
			e.letter(e.mail, "Robot <robot@posta.example>", "Numero", "ciao")
		}
		b := e.as("giulia")
		b.get("/quarantine").want(http.StatusOK, "4 messaggi trattenuti da Robot", "Rifiuta tutti", "più di 30 messaggi in 10 minuti").without("t-held")
		b.get("/quarantine?why=over_budget").want(http.StatusOK, "t-held", "Rifiuta tutti")
		e.as("admin").get("/channels").want(http.StatusOK, "4 messaggi trattenuti: troppi in poco tempo").without("robot@posta.example")
		b.post("/quarantine/storm", "account", formatID(e.mail.ID), "address", "robot@posta.example", "reason", "Prova").to("/quarantine")
		b.get("/quarantine").want(http.StatusOK, "4 messaggi rifiutati", "Nessun messaggio trattenuto").without("Rifiuta tutti")
	})
}

// Mail rule 35: who signed a file of an ordinary mail, whether it holds, and whether
// the authority is trusted, for the moment at which it came.
func TestRule35ASignedFileOfOrdinaryMail(t *testing.T) {
	eachSite(t, func(t *testing.T, e *siteTown) {
		a, err := standin.NewAuthority(e.manual.Now())
		if err != nil {
			t.Fatal(err)
		}
		trust, err := a.Trust()
		if err != nil {
			t.Fatal(err)
		}
		s, err := a.Certify("Paola Rinaldi", "firma.example", e.manual.Now().Time().AddDate(-1, 0, 0), e.manual.Now().Time().AddDate(1, 0, 0))
		if err != nil {
			t.Fatal(err)
		}
		der, err := s.Sign([]byte("la domanda"), false, e.manual.Now())
		if err != nil {
			t.Fatal(err)
		}
		b := e.as("giulia")
		for _, tt := range []struct {
			trust *cms.Trust
			want  []string
		}{
			{trust, []string{"Firma valida di Paola Rinaldi", "verificata al 17"}},
			{nil, []string{"Firma di Paola Rinaldi, non verificabile", "non è tra quelle note"}},
		} {
			acc := e.houseMail()
			ch, err := mail.Driver.Open(channels.Account{ID: acc.ID, Key: acc.Key, Kind: "mail", Settings: mailSettings}, channels.Deps{Log: slog.New(slog.DiscardHandler), Clock: e.db.Clock, Trust: tt.trust})
			if err != nil {
				t.Fatal(err)
			}
			e.chans.by[acc.ID] = apiOpened{&apiSink{Parser: ch}, acc}
			e.letter(acc, "Paola <paola@posta.example>", "Domanda", "--b\r\nContent-Type: text/plain\r\n\r\nFirmata.\r\n--b\r\nContent-Type: application/pkcs7-mime; name=domanda.txt.p7m\r\nContent-Disposition: attachment; filename=domanda.txt.p7m\r\nContent-Transfer-Encoding: base64\r\n\r\n"+
				base64.StdEncoding.EncodeToString(der)+"\r\n--b--", "Content-Type: multipart/mixed; boundary=b")
			ref := e.ref(e.people["giulia"])
			seen := b.get("/cases?case="+ref).want(http.StatusOK, append(tt.want, "contenuto di domanda.txt.p7m")...)
			_, parts, err := e.inbox.MessageWithParts(t.Context(), e.people["giulia"], e.theCase(ref).LastInID)
			if err != nil || len(parts) != 2 {
				t.Fatal(err, len(parts))
			}
			for i, want := range []string{string(der), "la domanda"} { // as it came, and what is inside
				link := regexp.MustCompile(regexp.QuoteMeta(filePath(parts[i].ID, parts[i].Name)) + `\?[^"]+`).FindString(seen.Body)
				if a := b.get(html.UnescapeString(link)).want(http.StatusOK); a.Body != want {
					t.Errorf("%s opens as %.40q", parts[i].Name, a.Body)
				}
			}
			e.manual.Advance(1e9)
		}
	})
}
