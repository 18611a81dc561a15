package web

import (
	"net/http"
	"testing"
)

// TestDraftOfTwoWindows: the text of one window is not written over by another
// that has not seen it; both are shown, and a person chooses.
func TestDraftOfTwoWindows(t *testing.T) {
	eachSite(t, func(t *testing.T, e *siteTown) {
		e.letter(e.mail, "Lucia Ferrante <lucia@posta.example>", "Ponteggio", "Buongiorno")
		ref := e.ref(e.people["giulia"])
		base := "/cases/" + ref
		b := e.as("giulia")
		p := b.get("/cases?case=" + ref)
		form := func(text, from string) []string {
			return []string{"compose", "reply", "channel", p.field("channel"), "seen", p.field("seen"), "text", text, "base", from}
		}
		one := b.send(base+"/draft", form("Prima finestra.", "")...).want(http.StatusOK).field("base")
		b.send(base+"/draft", form("Prima finestra, ancora.", one)...).want(http.StatusOK)
		two := b.send(base+"/draft", form("Seconda finestra.", "")...).want(http.StatusConflict, "cambiata in un’altra finestra", "Prima finestra, ancora.")
		if two.field("base") != "" {
			t.Error("a text that was refused counts as known")
		}
		b.send(base+"/reply", form("Seconda finestra.", "")...).want(http.StatusConflict, "Seconda finestra.", "Prima finestra, ancora.").without("/undo")
		b.send(base+"/draft/mine", append(form("Seconda finestra.", ""), "their", one)...).want(http.StatusConflict, "Prima finestra, ancora.") // it changed again
		b.send(base+"/draft/theirs", form("Seconda finestra.", "")...).want(http.StatusOK, "Prima finestra, ancora.").without("Seconda finestra.")
		b.send(base+"/draft/mine", append(form("Seconda finestra.", ""), "their", two.field("their"))...).want(http.StatusOK, "Seconda finestra.").without("Prima finestra")
		b.send(base+"/draft", form("Seconda finestra.", "")...).want(http.StatusOK) // the same text is no conflict
	})
}
