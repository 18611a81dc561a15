package web

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"filodiretto/channels"
	"filodiretto/channels/mail"
)

// The page says that an ordinary mail and a certified one have the same words, and
// which counts, and that a certified mail was meant for another mailbox.
func TestTheSameWordsByOrdinaryAndCertifiedMail(t *testing.T) {
	eachSite(t, func(t *testing.T, site *siteTown) {
		e := newCertifiedTown(t, site)
		acc := e.houseMail()
		letter := func(box, to, id string) []byte {
			raw, err := e.provider.Envelope(annaPEC, box, certifiedLetter("Anna Verdi <"+annaPEC+">", to, id, "Richiesta di copia"), e.manual.Now())
			if err != nil {
				t.Fatal(err)
			}
			return raw
		}
		envelope := string(letter(testPEC, testPEC, "a1@pec.example"))
		inside := envelope[strings.Index(envelope, "Content-Type: message/rfc822"):]
		inside = inside[strings.Index(inside, "\r\n\r\n")+4:]
		inside = inside[:strings.Index(inside, "\r\n--")]
		e.arrive(acc, channels.Raw{ContentType: mail.TypeMessage, Body: []byte(inside)})
		e.comes([]byte(envelope), nil)
		path, _ := e.firstCase("giulia")
		b := e.as("giulia")
		b.get("/cases?case="+strings.TrimPrefix(path, "/cases/")).want(http.StatusOK, "fa fede la PEC", "fa fede questa", "Mittente certificato "+annaPEC)

		e.comes(letter("ditta@pec.example", "ditta@pec.example", "a2@pec.example"), nil)
		b.get("/cases?case=2026/000002").want(http.StatusOK, "È indirizzata a un’altra casella").without("fa fede")
	})
}

// A failure that nobody proved is told as doubt, without a server's answer.
func TestADoubtfulFailureIsToldAsDoubt(t *testing.T) {
	eachSite(t, func(t *testing.T, e *siteTown) {
		e.letter(e.mail, "Lucia Ferrante <lucia@posta.example>", "Ponteggio", "Buongiorno")
		path, _ := e.firstCase("giulia")
		e.call("giulia", "POST", path+"/messages", e.answer("giulia", path, "Eccomi.")).want(http.StatusCreated)
		e.manual.Advance(time.Minute)
		e.sent(e.mail)
		if _, err := e.db.Write.NewRaw("UPDATE deliveries SET state = 'unknown', class = ?, code = '5.1.1', text = 'no such user'", string(channels.Unconfirmed)).Exec(t.Context()); err != nil {
			t.Fatal(err)
		}
		e.as("giulia").get("/cases?case="+strings.TrimPrefix(path, "/cases/")).want(http.StatusOK, "forse non ha ricevuto il messaggio", "Chiedi conferma", "/arrived").without("5.1.1", "no such user", "nessuno ha confermato")
	})
}
