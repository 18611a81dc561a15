package web

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"filodiretto/templates"
)

func TestNoticeRoundTrip(t *testing.T) {
	eachSite(t, func(t *testing.T, e *siteTown) {
		b := e.as("sara")
		b.get("/admin/texts").want(http.StatusOK, "Conferma automatica", "Saluto a chi apre la chat", `href="/admin/texts/receipt/all/it"`, `href="/admin/texts/receipt/pec/en"`).without("vostro")
		p := b.get("/admin/texts/receipt/all/it").want(http.StatusOK, "{case_number}", "del programma", "Il numero della pratica", "2026/000123", "E-mail", "Telegram", "SMS", "parti")
		if p.field("seen") != "0" {
			t.Errorf("seen %q", p.field("seen"))
		}
		b.post("/admin/texts/receipt/all/it", "seen", "0", "subject", "Ricevuto: {case_number}", "body", "Grazie.\r\nÈ la pratica {case_number}.").to("/admin/texts")
		b.get("/admin/texts").want(http.StatusOK, "Salvato.", "vostro", "Sara Bruni")
		p = b.get("/admin/texts/receipt/all/it").want(http.StatusOK, "È la pratica {case_number}.", "È la pratica 2026/000123.", "Ricevuto: 2026/000123", "Il testo del programma", "Butta il nostro testo")
		x, err := e.texts().Render(templates.Receipt, templates.Telegram, "it", map[string]string{"case_number": "1"})
		if err != nil || x.Plain != "Grazie.\nÈ la pratica 1." {
			t.Errorf("what goes out now: %q %v", x.Plain, err)
		}
		// a text that was changed meanwhile
		b.post("/admin/texts/receipt/all/it", "seen", "0", "body", "Altro").want(http.StatusUnprocessableEntity, "Nel frattempo è cambiato qualcosa", "Altro")
		b.post("/admin/texts/receipt/all/it", "seen", p.field("seen"), "body", "Altro {case_number}").to("/admin/texts")
		b.post("/admin/texts/receipt/all/it/restore").to("/admin/texts")
		b.get("/admin/texts").want(http.StatusOK, "Ora vale il testo del programma.").without("vostro")
		b.post("/admin/texts/receipt/all/it/restore").want(http.StatusNotFound)

		// one for a single channel, which begins with the text that is used now
		b.get("/admin/texts/receipt/sms/it").want(http.StatusOK, "SMS").without(`id="f-subject"`, "Butta")
		b.post("/admin/texts/receipt/pec/en", "seen", "0", "body", "Case {case_number}.").to("/admin/texts")
		b.get("/admin/texts/receipt/pec/en").want(http.StatusOK, "Case {case_number}.", "Vale quello per tutti i canali")
		for _, path := range []string{"/admin/texts/nothing/all/it", "/admin/texts/receipt/pigeon/it", "/admin/texts/receipt/all/xx"} {
			b.get(path).want(http.StatusNotFound)
			b.post(path, "body", "x").want(http.StatusNotFound)
			b.post(path + "/restore").want(http.StatusNotFound)
		}
	})
}

func TestNoticeFaultsStandAtTheirLine(t *testing.T) {
	eachSite(t, func(t *testing.T, e *siteTown) {
		b := e.as("sara")
		for _, tt := range []struct{ field, subject, body, word string }{
			{"body", "", "Ciao\nNumero {case_numer}", "riga 2: «{case_numer}» non è una variabile di questo testo. Forse volevi scrivere «{case_number}»."},
			{"body", "", "Una { sola", "riga 1: Questa graffa aperta non si chiude"},
			{"body", "", " \r\n ", "Il testo è vuoto."},
			{"subject", "{boh}", "Ciao", "«{boh}» non è una variabile"},
			{"subject", strings.Repeat("a", 201), "Ciao", "È troppo lungo."},
			{"body", "", strings.Repeat("a", 20_001), "È troppo lungo."},
		} {
			b.post("/admin/texts/receipt/all/it", "seen", "0", "subject", tt.subject, "body", tt.body).want(http.StatusUnprocessableEntity, tt.word, `href="#f-`+tt.field+`"`, `id="e-`+tt.field+`"`)
		}
		b.post("/me", "lang", "en", "back", "/cases").to("/cases")
		b.post("/admin/texts/receipt/all/it", "seen", "0", "body", "a\nb\n}").want(http.StatusUnprocessableEntity, "line 3: This closing brace has no opening one.")
		b.post("/admin/texts/reply_subject/all/it", "seen", "0", "subject", "").want(http.StatusUnprocessableEntity, "The text is empty.")
		b.post("/admin/texts/reply_subject/all/it", "seen", "0", "subject", "{case_subject} [{case_token}]").to("/admin/texts")
	})
}

func TestPreviewOnEachChannel(t *testing.T) {
	eachSite(t, func(t *testing.T, e *siteTown) {
		b := e.as("sara")
		long := "Buongiorno, abbiamo ricevuto il Suo messaggio. La pratica {case_number} è seguita dall'ufficio {office}. " + strings.Repeat("Ancora una frase piuttosto lunga per riempire. ", 3)
		p := b.send("/admin/texts/preview", "event", "receipt", "channel", "all", "lang", "it", "subject", "Pratica {case_number}", "body", long)
		p.want(http.StatusOK, `id="preview"`, "Pratica 2026/000123", "Ufficio relazioni con il pubblico", "E-mail", "Telegram", "SMS", "2 parti", "Leggibilità").without("<html", "{case_number}")
		b.send("/admin/texts/preview", "event", "receipt", "channel", "sms", "lang", "it", "body", "Grazie 😀").want(http.StatusOK, "con caratteri speciali", "1 parte").without("Telegram")
		b.send("/admin/texts/preview", "event", "receipt", "channel", "sms", "lang", "it", "body", "È l’ufficio").want(http.StatusOK, "senza segni speciali")
		b.send("/admin/texts/preview", "event", "receipt", "channel", "all", "lang", "it", "body", "a\n{boh}").want(http.StatusOK, "riga 2: «{boh}»").without("SMS")
		b.send("/admin/texts/preview", "event", "receipt", "channel", "all", "lang", "it", "body", "<script>alert(1)</script> {case_subject}").want(http.StatusOK, "&lt;script&gt;").without("<script>alert")
		b.send("/admin/texts/preview", "event", "nothing", "channel", "all", "lang", "it", "body", "x").want(http.StatusNotFound)
		b.post("/admin/texts/preview", "event", "receipt", "channel", "all", "lang", "it", "seen", "0", "subject", "S", "body", "Senza script {case_number}").want(http.StatusOK, "<html", "Senza script 2026/000123", "Senza script {case_number}")
		// ready texts
		b.send("/admin/texts/preview", "body", "Gentile {nome}, la pratica {numero} è di {ufficio}.", "office", formatID(e.offices["tributi"]), "lang", "it").
			want(http.StatusOK, "Gentile Lucia Ferrante, la pratica 2026/000123 è di Ufficio tributi.")
		b.send("/admin/texts/preview", "body", "").want(http.StatusOK, "Scrivi il testo")
		b.post("/admin/texts/preview", "name", "Orari", "short", "orari", "body", "Dalle 9 alle 13").want(http.StatusOK, "<html", `value="Orari"`, "Dalle 9 alle 13")
	})
}

func TestReadyTextRoundTrip(t *testing.T) {
	eachSite(t, func(t *testing.T, e *siteTown) {
		urp, trib := formatID(e.offices["urp"]), formatID(e.offices["tributi"])
		b := e.as("sara")
		b.get("/admin/texts/ready/new").want(http.StatusOK, "URP", "{numero}", "Il numero della pratica").without("Ufficio tributi", "Elimina")
		b.post("/admin/texts/ready", "name", "Orari", "short", "/Orari-URP", "office", urp, "lang", "it", "body", "Siamo aperti\r\ndalle 9.").to("/admin/texts")
		b.get("/admin/texts").want(http.StatusOK, "Orari", "/orari-urp", "Sara Bruni")
		list, err := e.router.ReadyTexts(t.Context(), e.people["sara"])
		if err != nil || len(list) != 1 || list[0].Body != "Siamo aperti\ndalle 9." {
			t.Fatalf("%+v %v", list, err)
		}
		path := fmt.Sprintf("/admin/texts/ready/%d", list[0].ID)
		p := b.get(path).want(http.StatusOK, `value="orari-urp"`, "Siamo aperti\ndalle 9.", `value="`+urp+`" selected`, "Elimina")
		form := func(seen, body string) []string {
			return []string{"seen", seen, "name", "Orari", "short", "orari", "office", "0", "lang", "it", "body", body}
		}
		b.post(path, form(p.field("seen"), "Nuovi orari.")...).to("/admin/texts")
		again := b.post(path, form(p.field("seen"), "Terzi orari.")...).want(http.StatusUnprocessableEntity, "Nel frattempo è cambiato qualcosa", "Terzi orari.")
		b.post(path, form(again.field("seen"), "Terzi orari.")...).to("/admin/texts")

		for _, tt := range []struct {
			field, word string
			form        []string
		}{
			{"name", "Questo campo è necessario.", []string{"name", "", "short", "x", "lang", "it", "body", "x"}},
			{"short", "Solo lettere minuscole", []string{"name", "X", "short", "due parole", "lang", "it", "body", "x"}},
			{"short", "C’è già un modello", []string{"name", "X", "short", "orari", "lang", "it", "body", "x"}},
			{"office", "Quest’ufficio non c’è più.", []string{"name", "X", "short", "x", "office", trib, "lang", "it", "body", "x"}},
			{"lang", "Questo valore non è valido.", []string{"name", "X", "short", "x", "lang", "xx", "body", "x"}},
			{"body", "Questo campo è necessario.", []string{"name", "X", "short", "x", "lang", "it", "body", " "}},
		} {
			b.post("/admin/texts/ready", tt.form...).want(http.StatusUnprocessableEntity, tt.word, `href="#f-`+tt.field+`"`, `id="e-`+tt.field+`"`)
		}
		b.post(path + "/delete").to("/admin/texts")
		b.post(path + "/delete").want(http.StatusNotFound)
		b.get(path).want(http.StatusNotFound)
	})
}

func TestBrokenOwnTextIsShown(t *testing.T) {
	eachSite(t, func(t *testing.T, e *siteTown) {
		if _, err := e.db.Write.NewRaw("INSERT INTO texts (event, channel, lang, subject, body, updated_at) VALUES ('start', '', 'it', '', 'Ciao {vecchia}', 1)").Exec(t.Context()); err != nil {
			t.Fatal(err)
		}
		b := e.as("sara")
		b.get("/admin/texts").want(http.StatusOK, "da correggere: vale quello del programma")
		b.get("/admin/texts/start/all/it").want(http.StatusOK, "riga 1: «{vecchia}»")
	})
}

// texts are the texts as they are used now.
func (e *siteTown) texts() *templates.Set {
	e.t.Helper()
	list, err := e.router.OwnTexts(e.t.Context(), e.people["sara"])
	if err != nil {
		e.t.Fatal(err)
	}
	var own []templates.Text
	for i := range list {
		own = append(own, list[i].Text())
	}
	return templates.NewSet(own)
}
