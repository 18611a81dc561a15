package web

import (
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"filodiretto/channels"
	"filodiretto/channels/mail"
)

var heldLink = regexp.MustCompile(`href="(/quarantine/\d+)"`)

func TestQuarantinePages(t *testing.T) {
	eachSite(t, func(t *testing.T, e *siteTown) {
		spam := func(n string) {
			e.arrive(e.mail, channels.Raw{ContentType: mail.TypeMessage, Body: []byte("From: Tizio <tizio@posta.example>\r\nTo: <urp@comune.pontelieto.example>\r\nSubject: Vacanza " + n +
				"\r\nAuto-Submitted: auto-replied\r\nX-Spam-Flag: YES\r\nMessage-ID: <" + n + "@x.example>\r\nContent-Type: text/html\r\n\r\n<p>sono <b>via</b> <img src=\"https://spia.example/x.png\"></p><script>1</script>\r\n")})
			e.manual.Advance(1e9)
		}
		b := e.as("giulia")
		hold := func(n string) string {
			t.Helper()
			spam(n)
			l := b.get("/quarantine").want(http.StatusOK, "Vacanza "+n)
			return heldLink.FindStringSubmatch(l.Body)[1]
		}
		one := hold("uno")
		b.get(one).want(http.StatusOK, "Vacanza uno", "tizio@posta.example", "Auto-Submitted", "Rilascia", one+"/html").without("spia.example/x.png\"")
		b.get(one+"/html").want(http.StatusOK, "<b>via</b>").without("<script", ` src="https://spia`)
		if raw := b.get(one+"/raw").want(http.StatusOK, "<script>1"); raw.Header.Get("Content-Type") != "application/octet-stream" {
			t.Errorf("raw: %v", raw.Header)
		}
		b.post(one + "/parse").to(one)
		b.get(one).want(http.StatusOK, "aspetta ancora una persona")
		b.post(one+"/reject", "reason", "").to(one)
		b.get(one).want(http.StatusOK, "Scrivi il motivo")
		b.post(one+"/reject", "reason", "non serve").to("/quarantine")
		b.get(one).want(http.StatusOK, "Rifiutato da Giulia Moretti", "non serve").without("/release")
		b.get("/quarantine").without("Vacanza uno")
		b.get("/quarantine?decided=1").want(http.StatusOK, "Vacanza uno", "Rifiutato da Giulia Moretti", "non serve", one+"/wait")
		b.post(one+"/reject", "reason", "ancora").to(one)
		b.get(one).want(http.StatusOK, "Nel frattempo è cambiato", "Rimetti in quarantena")
		b.post(one + "/wait").to(one)
		b.get(one).want(http.StatusOK, "di nuovo in quarantena", "/release")
		b.post(one + "/wait").to("/quarantine")
		b.get("/quarantine").want(http.StatusOK, "Nel frattempo è cambiato", "Forse posta indesiderata")
		b.post(one+"/reject", "reason", "non serve").to("/quarantine")
		b.get("/quarantine").want(http.StatusOK, "Messaggio rifiutato", `action="`+one+`/wait"`)

		two := hold("due")
		a := b.post(two + "/release").to("/cases?case=")
		b.get(a.Header.Get("Location")).want(http.StatusOK, "Messaggio rilasciato", "Vacanza due")
		b.get("/quarantine?decided=1").want(http.StatusOK, "Vacanza due", "Rilasciato da Giulia Moretti").without(two + "/wait")
		b.get(two).want(http.StatusOK, "Rilasciato da Giulia Moretti", "/cases?case=20").without("Rimetti")

		three := hold("tre")
		e.letter(e.mail, "Lucia <lucia@posta.example>", "Ponteggio", "Buongiorno")
		ref := e.ref(e.people["giulia"])
		b.post(three+"/attach", "case", "2026/000999").want(http.StatusUnprocessableEntity, "non c’è, o non puoi vederla")
		b.post(three+"/attach", "case", ref).to("/cases?case=")
		b.get("/cases?case="+ref).want(http.StatusOK, "Vacanza tre", "unito alla pratica")
		b.get("/quarantine").want(http.StatusOK, "Nessun messaggio trattenuto")
	})
}

// A newsletter is no answer: automatic mail is told by its kind, and found by it.
func TestQuarantineTellsTheKindOfAutomaticMail(t *testing.T) {
	eachSite(t, func(t *testing.T, e *siteTown) {
		e.letter(e.mail, "Offerte <news@offerte.example>", "Toner", "Sconti.", "List-Id: <news.offerte.example>")
		e.letter(e.mail, "Tizio <tizio@posta.example>", "Assente", "Torno lunedì.", "X-Vacation: yes")
		b := e.as("giulia")
		l := b.get("/quarantine").want(http.StatusOK, "Toner", "Invio in massa o lista", "Risposta di assenza", "Messaggio automatico 2").without("Risposta automatica")
		b.get(heldLink.FindAllStringSubmatch(l.Body, -1)[1][1]).want(http.StatusOK, "È un invio a molti").without("Dettaglio tecnico")
		b.get("/quarantine?why=auto").want(http.StatusOK, "Invio in massa o lista 1", "Risposta di assenza 1")
		b.get("/quarantine?why=auto&kind=bulk").want(http.StatusOK, "Toner").without("Assente")
		if list := e.call("giulia", "GET", "/quarantine?reason=auto&detail=vacation", nil).want(http.StatusOK).at("items").([]any); len(list) != 1 || list[0].(map[string]any)["detail"] != "vacation" {
			t.Errorf("%+v", list)
		}
	})
}

// A storm is kept out with a reason that a person gives, and comes back as a whole.
func TestStormIsRejectedWithAReasonAndComesBack(t *testing.T) {
	eachSite(t, func(t *testing.T, e *siteTown) {
		for i := range 33 {
			e.letter(e.mail, "Idrometro <robot@posta.example>", "Livello "+strconv.Itoa(i), "2,10 m")
		}
		b := e.as("giulia")
		l := b.get("/quarantine").want(http.StatusOK, "messaggi trattenuti da Idrometro", "Rifiuta tutti i messaggi (3)…", `name="reason" required`)
		if strings.Count(l.Body, "/quarantine/storm") != 1 {
			t.Error("storms")
		}
		account := formatID(e.mail.ID)
		b.post("/quarantine/storm", "account", account, "address", "robot@posta.example", "reason", " ").to("/quarantine")
		b.get("/quarantine").want(http.StatusOK, "Scrivi il motivo", "messaggi trattenuti da Idrometro")
		b.post("/quarantine/storm", "account", account, "address", "robot@posta.example", "reason", "Prova del sensore").to("/quarantine")
		l = b.get("/quarantine").want(http.StatusOK, "3 messaggi rifiutati", "?together=1").without("messaggi trattenuti da Idrometro")
		back := regexp.MustCompile(`action="(/quarantine/\d+/wait\?together=1)"`).FindStringSubmatch(l.Body)
		b.get("/quarantine?decided=1").want(http.StatusOK, "Livello", "Prova del sensore")
		b.get(strings.TrimSuffix(back[1], "/wait?together=1")).want(http.StatusOK, "Rimetti tutti i messaggi rifiutati insieme (3)")
		b.post(back[1]).to("/quarantine")
		b.get("/quarantine").want(http.StatusOK, "3 messaggi sono di nuovo in quarantena", "messaggi trattenuti da Idrometro")
	})
}

// A mail of many parts is held for that, and not as too large.
func TestQuarantineNamesTheLimit(t *testing.T) {
	eachSite(t, func(t *testing.T, e *siteTown) {
		e.arrive(e.mail, channels.Raw{ContentType: mail.TypeMessage, Body: []byte("From: Tizio <tizio@posta.example>\r\nTo: <urp@comune.pontelieto.example>\r\nSubject: Seicento\r\n" +
			"Message-ID: <p@x.example>\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n" + strings.Repeat("--b\r\n\r\nCiao.\r\n", 600) + "--b--\r\n")})
		b := e.as("giulia")
		l := b.get("/quarantine").want(http.StatusOK, "Seicento", "Oltre i limiti").without("Troppo grande")
		b.get(heldLink.FindStringSubmatch(l.Body)[1]).want(http.StatusOK, "Oltre i limiti", "È diviso in troppe parti.").without("Troppo grande")
	})
}

// A mail that bears our own address says what it becomes: the citizen's whom it was
// written for, ours, or nobody's.
func TestQuarantineTellsWhatOurOwnBecomes(t *testing.T) {
	eachSite(t, func(t *testing.T, e *siteTown) {
		own := func(subject, more string) {
			e.arrive(e.mail, channels.Raw{ContentType: mail.TypeMessage, Body: []byte("From: URP <urp@comune.pontelieto.example>\r\nTo: <urp@comune.pontelieto.example>\r\nSubject: " + subject +
				"\r\nMessage-ID: <" + subject + "@comune.pontelieto.example>\r\n" + more + "\r\nPerde acqua.\r\n")})
			e.manual.Advance(1e9)
		}
		b := e.as("giulia")
		held := func(subject string) string {
			t.Helper()
			return heldLink.FindStringSubmatch(b.get("/quarantine").want(http.StatusOK, subject).Body)[1]
		}
		own("Modulo", "Reply-To: Lucia <lucia@posta.example>\r\n")
		one := held("Modulo")
		b.get(one).want(http.StatusOK, "Da un nostro indirizzo", "chiede che si risponda a lucia@posta.example", "Diventa una pratica di lucia@posta.example", "come parole di lucia@posta.example").
			without("come scritto da noi", "segue le regole", "uniscilo alla pratica")
		if x := e.call("giulia", "GET", one, nil).want(http.StatusOK); x.str("written_for") != "lucia@posta.example" || x.at("ours") != false {
			t.Errorf("%s", x.Bytes)
		}
		a := b.post(one + "/release").to("/cases?case=")
		b.get(a.Header.Get("Location")).want(http.StatusOK, "Perde acqua", "Arrivato da un nostro indirizzo").without("vuole la risposta a")
		own("Prova", "")
		two := held("Prova")
		b.get(two).want(http.StatusOK, "come scritto da noi", "senza un indirizzo a cui rispondere").without("chiede che si risponda")
		b.post(two+"/attach", "case", e.ref(e.people["giulia"])).to("/cases?case=")
	})
}

// A mail under our own domain that our mail server does not confirm says what that
// server found, and what it could not be believed.
func TestQuarantineTellsWhatTheServerFound(t *testing.T) {
	eachSite(t, func(t *testing.T, e *siteTown) {
		acc := e.houseMail()
		const results = "Authentication-Results: mx.comune.pontelieto.example; "
		e.arrive(acc, channels.Raw{ContentType: mail.TypeMessage, Body: []byte("Received: from mx.comune.pontelieto.example (mx [10.0.0.5]) by box.comune.pontelieto.example; x\r\n" +
			"Received: from out.invii.example ([203.0.113.5]) by mx.comune.pontelieto.example; x\r\n" + results + "spf=pass smtp.mailfrom=invii.example; dmarc=pass header.from=comune.pontelieto.example\r\n" +
			"From: Marco <marco@comune.pontelieto.example>\r\nTo: <urp@comune.pontelieto.example>\r\nSubject: Orari\r\nMessage-ID: <o@comune.pontelieto.example>\r\n\r\nCiao.\r\n")})
		b := e.as("giulia")
		l := b.get("/quarantine").want(http.StatusOK, "Orari", "Mittente sospetto")
		b.get(heldLink.FindStringSubmatch(l.Body)[1]).want(http.StatusOK, "ricevuto da un altro server", "sta scritto spf:pass/invii.example", "sta scritto dmarc:pass/comune.pontelieto.example", "a favore del mittente non vale")
	})
}

func TestMailHeaders(t *testing.T) {
	h := mailHeaders([]byte("\r\nFrom: =?utf-8?q?L=C3=B9cia?= <a@b.example>\r\nSubject: uno\r\n due\r\nX-Odd: a\x01b\u202ec\r\nno colon here\r\nTo: x\r\n\r\nbody: no\r\n"))
	want := [][2]string{{"From", "Lùcia <a@b.example>"}, {"Subject", "uno due"}, {"X-Odd", "abc"}}
	if len(h) != len(want) {
		t.Fatalf("%q", h)
	}
	for i, w := range want {
		if h[i].Name != w[0] || h[i].Value != w[1] {
			t.Errorf("%q, want %q", h[i], w)
		}
	}
}

// What "reject and hold" did is taken back as a whole; for a mail that our server takes
// for forged no hold is offered, and one that is asked for all the same changes nothing.
func TestQuarantineRejectAndHold(t *testing.T) {
	eachSite(t, func(t *testing.T, e *siteTown) {
		b := e.as("giulia")
		e.letter(e.mail, "Max <max@posta.example>", "Offerta", "Clicca.", "X-Spam-Flag: YES")
		one := heldLink.FindStringSubmatch(b.get("/quarantine").Body)[1]
		b.get(one).want(http.StatusOK, "Trattieni anche")
		b.post(one+"/reject", "reason", "Pubblicità", "hold", "1").to("/quarantine")
		b.get("/quarantine").want(http.StatusOK, "aspetteranno qui", "Mittenti trattenuti", "max@posta.example")
		b.post(one + "/wait").to(one)
		b.get(one).want(http.StatusOK, "di nuovo in quarantena, e il mittente non è più trattenuto")
		b.get("/quarantine").want(http.StatusOK).without("Mittenti trattenuti")
		b.post(one+"/reject", "reason", "Pubblicità").to("/quarantine")

		e.letter(e.mail, "Offerte <news@offerte.example>", "Toner", "Sconti.", "List-Id: <news.offerte.example>")
		two := heldLink.FindStringSubmatch(b.get("/quarantine").Body)[1]
		if _, err := e.db.Write.NewRaw("UPDATE quarantine SET reason = 'pec_not_proven' WHERE state = 'waiting'").Exec(t.Context()); err != nil {
			t.Fatal(err)
		}
		b.get(two).want(http.StatusOK).without("Trattieni anche")
		b.post(two+"/reject", "reason", "Falsa", "hold", "1").to(two)
		b.get(two).want(http.StatusOK, "nessuno può essere trattenuto", "/release")
		fail := e.call("giulia", "POST", two+"/reject", map[string]any{"reason": "Falsa", "hold": true}).want(http.StatusUnprocessableEntity)
		if s := string(fail.Bytes); !strings.Contains(s, "not_theirs") {
			t.Error(s)
		}
	})
}
