package web

import (
	"net/http"
	"strings"
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
		mute := []string{"compose", "reply", "channel", p.field("channel"), "seen", p.field("seen"), "text", "Non dico da dove vengo."}
		for _, path := range []string{"/draft", "/reply", "/take"} { // a form that does not say what it knows, knows nothing
			b.send(base+path, mute...).want(http.StatusConflict, "Seconda finestra.").without("/undo")
		}
	})
}

// TestDraftOfOneWindow: the saves of one window are no conflict with each other,
// and the latest counts whichever comes first: what a page sends when it is left
// overtakes the save that is on its way.
func TestDraftOfOneWindow(t *testing.T) {
	eachSite(t, func(t *testing.T, e *siteTown) {
		e.letter(e.mail, "Lucia Ferrante <lucia@posta.example>", "Ponteggio", "Buongiorno")
		ref := e.ref(e.people["giulia"])
		base := "/cases/" + ref
		b := e.as("giulia")
		p := b.get("/cases?case=" + ref)
		save := func(pen, step, text, from string) *seen {
			return b.send(base+"/draft", "compose", "reply", "channel", p.field("channel"), "seen", p.field("seen"), "text", text, "base", from, "pen", pen, "step", step)
		}
		kept := func(text string) {
			t.Helper()
			b.get("/cases?case="+ref).want(http.StatusOK, ">"+text+"</textarea>")
		}
		save("a", "1", "Buon", "").want(http.StatusOK)
		save("a", "2", "Buongiorno", "").want(http.StatusOK) // the answer to the first was not awaited
		save("a", "4", "Buongiorno Lucia", "").want(http.StatusOK)
		save("a", "3", "Buongiorno L", "").want(http.StatusOK)
		kept("Buongiorno Lucia")
		save("a", "5", "", "").want(http.StatusOK)
		save("a", "4", "Buongiorno Lucia", "").want(http.StatusOK)
		kept("")
		other := save("b", "1", "Salve", "").want(http.StatusOK).field("base")
		save("a", "6", "Buonasera", "").want(http.StatusConflict, "Salve") // there is another window after all
		save("c", "1", "Salve a lei", other).want(http.StatusOK)
		save("b", "2", "Salve!", other).want(http.StatusConflict, "Salve a lei")
		kept("Salve a lei")
		long := strings.Repeat("x", 41)
		save(long, "1", "Uno", "").want(http.StatusConflict)
	})
}
