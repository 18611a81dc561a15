package web

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"filodiretto/channels"
)

// Rules 13 and 66: a mailbox that can be read and from which nothing leaves is not well,
// on its card, in the sign of all channels and in the API, until something leaves.
func TestACardTellsThatNothingLeaves(t *testing.T) {
	for _, x := range []struct {
		name  string
		err   *channels.Error
		words []string
	}{
		{"refused", channels.Errorf(channels.AuthBroken, "535 5.7.8", "authentication failed"), []string{"Il server rifiuta gli invii", "Consegna fallita"}},
		{"away", channels.Errorf(channels.RetryBackoff, "", "the mail server could not be reached"), []string{"Il server per gli invii non lavora o non si raggiunge", "Si riprova da sé"}},
	} {
		t.Run(x.name, func(t *testing.T) {
			eachSite(t, func(t *testing.T, e *siteTown) {
				e.letter(e.mail, "Lucia Ferrante <lucia@posta.example>", "Ponteggio", "Buongiorno")
				ref := e.ref(e.people["giulia"])
				b := e.as("giulia")
				answer := func() {
					t.Helper()
					p := b.get("/cases?case=" + ref)
					b.send("/cases/"+ref+"/reply", "compose", "reply", "channel", p.field("channel"), "seen", p.field("seen"), "text", "Eccomi.").want(http.StatusOK, "/undo")
					e.manual.Advance(11e9)
					e.sent(e.mail)
				}
				looks := func() { // the next good look at the letter box, after the pause
					t.Helper()
					e.manual.Advance(time.Hour + time.Minute)
					for _, a := range []int64{e.mail.ID, e.trib.ID} {
						if err := e.inbox.Alive(t.Context(), a); err != nil {
							t.Fatal(err)
						}
					}
				}
				card := func() string {
					return strings.Split(strings.Split(b.get("/channels").want(http.StatusOK).Body, `aria-labelledby="t-channel-`+formatID(e.mail.ID))[1], "</section>")[0]
				}
				well := b.get("/shell/health").Body
				e.sink(e.mail).fail = x.err
				answer()
				looks()
				for _, w := range append(x.words, "Non spedisce", "oggi alle 10:00") {
					if got := card(); !strings.Contains(got, w) {
						t.Errorf("the card does not say %q: %s", w, got)
					}
				}
				if got := b.get("/shell/health").Body; got == well {
					t.Error("the sign of all channels says that all is well")
				}
				e.as("admin").send("/channels/"+formatID(e.mail.ID)+"/probe").want(http.StatusOK, "Non spedisce")
				e.sink(e.mail).fail = nil
				answer()
				looks()
				if got := card(); strings.Contains(got, "Non spedisce") || !strings.Contains(got, "Attivo") {
					t.Error("something left: ", got)
				}
			})
		})
	}
}
