package web

import (
	"fmt"
	"strings"
	"testing"

	"filodiretto/internal/speech"
	"filodiretto/queue"
	"filodiretto/web/page"
)

func TestIssue172TheRightCounterIsSpoken(t *testing.T) {
	// Queue reference 3, row 32: a wrong office was spoken. What is said is made of
	// the call itself: letters one by one, the number as a number, the counter's own
	// name, its word in the language that is spoken.
	s := &Server{}
	var err error
	s.render, err = page.New(page.Options{})
	must(t, err)
	for _, c := range []struct {
		label, place string
		lang         page.Lang
		want         string
	}{
		{"A128", "Sportello 11", page.Italian, "A, 128, Sportello 11."},
		{"A128", "Sportello 11", page.German, "A, 128, Schalter 11."},
		{"A128", "Sportello 11", page.French, "A, 128, Guichet 11."},
		{"AK3", "Ufficio Tributi", page.English, "A, K, 3, Ufficio Tributi."},
		{"B007", "Sala B", page.English, "B, 7, Sala B."},
	} {
		if got := s.callWords(&queue.Announced{Label: c.label, Place: c.place}, c.lang); got != c.want {
			t.Errorf("%s at %s in %s: %q", c.label, c.place, c.lang, got)
		}
	}
}

func TestDisplayAsksForTheVoice(t *testing.T) {
	eachSite(t, func(t *testing.T, e *siteTown) {
		h := e.hall()
		display := e.deviceAt(h, queue.DeviceEdit{Kind: "display"})
		e.ticket(h, "certificati", 0)
		v := e.openDesk(h)
		_, err := e.queue.CallNext(t.Context(), v, queue.At{CounterID: h.first, Key: "c1"})
		must(t, err)
		state := answer[page.DisplayState](display.get("/display/municipio/state").want(200))
		if len(state.Announce) != 1 {
			t.Fatalf("%+v", state.Announce)
		}
		path := fmt.Sprintf("/display/municipio/say/%d/", state.Announce[0].ID)
		display.get("/display/municipio").want(200, `"voice":true`)
		italian := display.get(path + "it").want(200)
		if kind := italian.Header.Get("Content-Type"); kind != "audio/wav" || !strings.HasPrefix(italian.Body, "RIFF") {
			t.Errorf("%s: %.10q", kind, italian.Body)
		}
		if display.get(path+"en").want(200).Body == italian.Body {
			t.Error("English and Italian sound alike")
		}
		display.get(path + "xx").want(404)
		display.get("/display/municipio/say/1/it").want(404)
		e.stranger().get(path + "it").want(404)

		e.deps.Config.Voice.Program = speech.Off
		e.site, err = New(e.deps)
		must(t, err)
		e.serve()
		display = e.deviceAt(h, queue.DeviceEdit{Kind: "display"})
		display.get("/display/municipio").want(200, `"voice":false`)
		display.get(path+"it").want(503, "no_voice")
	})
}
