package web

import (
	"strings"
	"testing"

	"filodiretto/inbox"
	"filodiretto/queue"
)

// Who takes a number with the telephone sees the services under the names of their
// groups, as at the kiosk; where there is one group its name says nothing.
func TestServicesToTakeStandUnderTheirGroups(t *testing.T) {
	eachSite(t, func(t *testing.T, e *siteTown) {
		h := e.hall()
		all := inbox.Viewer{System: true}
		b := e.stranger()
		b.get("/p/take/municipio").want(200, "certificati").without("Tutto")
		var groups []int64
		for i, name := range []string{"Scuola", "Vuoto"} {
			id, err := e.queue.SaveGroup(t.Context(), all, queue.Group{SiteID: h.site, Key: strings.ToLower(name), Names: queue.Names{"it": name}, Series: string(rune('B' + i)), Ord: i + 1})
			must(t, err)
			groups = append(groups, id)
		}
		_, err := e.queue.SaveService(t.Context(), all, queue.Service{SiteID: h.site, GroupID: groups[0], Key: "mensa", Names: queue.Names{"it": "mensa"}, OfficeID: e.offices["urp"], Minutes: 8, Remote: true})
		must(t, err)
		body := b.get("/p/take/municipio").want(200, "<legend>Tutto</legend>").without("Vuoto").Body
		order := []string{"<legend>Tutto</legend>", "certificati", "<legend>Scuola</legend>", "mensa"}
		at := 0
		for _, words := range order {
			i := strings.Index(body[at:], words)
			if i < 0 {
				t.Fatalf("%q is not after what stands before it", words)
			}
			at += i
		}
	})
}
