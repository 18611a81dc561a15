package web

import (
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"filodiretto/inbox"
	"filodiretto/queue"
	"filodiretto/web/page"
)

// displaySays is a call said aloud in a language, as a sound file. What it says is
// put together here from the call: nobody makes this machine say other words. 404
// when the call is not one of the last, 503 when there is no voice.
func (s *Server) displaySays(w http.ResponseWriter, r *http.Request) {
	_, h, done := s.device(w, r, "display")
	if done {
		return
	}
	lang := page.Lang(r.PathValue("lang"))
	if !slices.Contains(langsOf(h), lang) {
		s.sayJSON(w, r, http.StatusNotFound, map[string]string{"code": "lang"})
		return
	}
	now, err := s.Queue.DisplayState(r.Context(), h.Site.ID, 0)
	if err != nil {
		s.refuseJSON(w, r, err)
		return
	}
	i := slices.IndexFunc(now.Announce, func(a queue.Announced) bool { return strconv.FormatInt(a.ID, 10) == r.PathValue("call") })
	if i < 0 {
		s.refuseJSON(w, r, inbox.ErrNotFound)
		return
	}
	sound, err := s.voice.Say(r.Context(), string(lang), s.callWords(&now.Announce[i], lang))
	if err != nil {
		if s.voice != nil && r.Context().Err() == nil {
			s.Log.WarnContext(r.Context(), "a call was not said", "error", err, "site", h.Site.ID, "lang", string(lang))
		}
		s.sayJSON(w, r, http.StatusServiceUnavailable, map[string]string{"code": "no_voice"})
		return
	}
	w.Header().Set("Content-Type", "audio/wav")
	w.Header().Set("Content-Length", strconv.Itoa(len(sound)))
	_, _ = w.Write(sound) // the display has gone on: nothing to do
}

// parted are the letters and the figures of a number.
var parted = regexp.MustCompile(`^(\pL*)0*(\d*)$`)

// callWords are the words of a call: "A, 128, Sportello 11." The letters are said
// one by one, the number as a number.
func (s *Server) callWords(c *queue.Announced, lang page.Lang) string {
	say, place := s.render.Say(lang), page.PlaceOf(c.Place)
	letters, number := c.Label, ""
	if m := parted.FindStringSubmatch(c.Label); m != nil {
		letters, number = strings.Join(strings.Split(m[1], ""), ", "), m[2]
	}
	if strings.EqualFold(place.Word, s.render.Say(page.Italian).Text("display.desk")) {
		place.Word = say.Text("display.desk")
	}
	return say.Text("display.said", "letters", letters, "number", number, "place", strings.TrimSpace(place.Word+" "+place.Mark))
}
