package web

import (
	"net/http"
	"strings"
	"testing"
)

// TestTheWholeStory: a mail comes in, is read, answered, taken back, answered
// again, and closed, with forms alone.
func TestTheWholeStory(t *testing.T) {
	eachSite(t, func(t *testing.T, e *siteTown) {
		e.letter(e.mail, "Lucia Ferrante <lucia@posta.example>", "Ponteggio in via Roma", "Buongiorno, serve un permesso per il ponteggio?")
		ref := e.ref(e.people["giulia"])
		b := e.as("giulia")
		b.get("/cases").want(http.StatusOK, "Lucia Ferrante", "Ponteggio in via Roma", ref)
		p := b.get("/cases?view=office&case="+ref).want(http.StatusOK, "serve un permesso", `id="composer"`, "lucia@posta.example")
		channel, last := p.field("channel"), p.field("seen")

		b.post("/cases/"+ref+"/presence", "doing", "looking").want(http.StatusNoContent)
		if e.theCase(ref).Unread {
			t.Error("who looks at a case has read it")
		}
		b.send("/cases/"+ref+"/draft", "compose", "reply", "channel", channel, "text", "Sì, serve un permesso. Il modulo si trova sul sito del Comune, nella pagina delle occupazioni di suolo.", "seen", last, "base", "").
			want(http.StatusOK, "Bozza salvata", "Leggibilit")
		base := b.get("/cases?case="+ref).want(http.StatusOK, "Il modulo si trova sul sito").field("base")

		b.send("/cases/"+ref+"/files", "compose", "reply", "@file", "modulo.txt:ecco il modulo").want(http.StatusOK, "modulo.txt")
		a := b.send("/cases/"+ref+"/reply", "compose", "reply", "channel", channel, "text", "Sì, serve.", "seen", last, "base", base).want(http.StatusOK, "/undo", "Annulla")
		undo := strings.Split(strings.Split(a.Body, `data-undo="`)[1], `"`)[0]
		if got := e.sent(e.mail); len(got) != 0 {
			t.Fatal("an answer left before its seconds of undo were over")
		}
		base = b.send(undo+"/undo", "compose", "reply").want(http.StatusOK, "Sì, serve.", "modulo.txt").without(`class="undo"`).field("base")
		b.send("/cases/"+ref+"/reply", "compose", "reply", "channel", channel, "text", "Sì, serve il permesso.", "seen", last, "base", base).want(http.StatusOK, "/undo")
		e.manual.Advance(11e9)
		got := e.sent(e.mail)
		if len(got) != 1 || !strings.Contains(got[0].Text, "Sì, serve il permesso.") || len(got[0].Files) != 1 {
			t.Fatalf("sent: %+v", got)
		}
		b.get("/cases?case="+ref).want(http.StatusOK, "Sì, serve il permesso.", "modulo.txt").without(`class="undo"`)
		b.post("/cases/"+ref+"/close", "outcome", "answered", "note", "fatto", "seen", formatID(e.theCase(ref).LastMessageID)).to("/cases?case=")
		b.get("/cases?case="+ref).want(http.StatusOK, "chiusa", "/reopen", "fatto")
		b.get("/cases?case=" + ref).without(`id="flash"><div`)
	})
}
