package page_test

import (
	"strings"
	"testing"

	"filodiretto/web/page"
	"filodiretto/web/page/sample"
)

func TestEveryRoomPageRendersInEveryLanguage(t *testing.T) {
	r := renderer(t)
	for name, v := range sample.Room(r.Phrases) {
		for _, l := range page.RoomLangs {
			got := render(t, r, l, v)
			for _, bad := range []string{"<no value>", "ZgotmplZ", "%!", "<nil>", " style=", " onclick=", "javascript:"} {
				if strings.Contains(got, bad) {
					t.Errorf("%s in %s: %q in the page, near %q", name, l, bad, around(got, bad))
				}
			}
		}
	}
}

// A class of precedence is never shown to the room (queue 4.5): neither the display
// nor the number has a place for it.
func TestPrecedenceIsNotShown(t *testing.T) {
	r := renderer(t)
	for name, v := range sample.Room(r.Phrases) {
		if !strings.HasPrefix(name, "display") && !strings.HasPrefix(name, "ticket") {
			continue
		}
		got := strings.ToLower(render(t, r, page.Italian, v))
		for _, word := range []string{"precedenza", "protected", "priorit", "disabil"} {
			if strings.Contains(got, word) {
				t.Errorf("%s shows %q: %q", name, word, around(got, word))
			}
		}
	}
}

func TestPlaceOf(t *testing.T) {
	for _, tt := range []struct {
		name string
		want page.Place
	}{
		{"Sportello 4", page.Place{Word: "Sportello", Mark: "4"}},
		{"Sportello  12 ", page.Place{Word: "Sportello", Mark: "12"}},
		{"Ufficio tributi 3B", page.Place{Word: "Ufficio tributi", Mark: "3B"}},
		{"Accoglienza", page.Place{Mark: "Accoglienza"}},
		{"Sala consiliare", page.Place{Mark: "Sala consiliare"}},
		{"7", page.Place{Mark: "7"}},
		{"", page.Place{}},
	} {
		if got := page.PlaceOf(tt.name); got != tt.want {
			t.Errorf("PlaceOf(%q) = %+v, want %+v", tt.name, got, tt.want)
		}
	}
}

func TestSpaced(t *testing.T) {
	for label, want := range map[string]string{"A131": "A\u00a0131", "AK3": "AK\u00a03", "7": "7", "": "", "A": "A", "B66x": "B\u00a066x"} {
		if got := page.Spaced(label); got != want {
			t.Errorf("Spaced(%q) = %q, want %q", label, got, want)
		}
	}
}

func TestPhrasesHaveBothFormsAndBraces(t *testing.T) {
	r := renderer(t)
	for lang, want := range map[page.Lang]page.Phrase{
		page.Italian: {One: "{n} persona", Other: "{n} persone"}, page.German: {One: "{n} Person", Other: "{n} Personen"},
	} {
		got := r.Phrases("kiosk.people")[lang]["kiosk.people"]
		if got != want {
			t.Errorf("%s: %+v, want %+v", lang, got, want)
		}
	}
	if n := len(r.Phrases("room.")[page.French]); n < 4 {
		t.Errorf("only %d phrases", n)
	}
}

// What an office or a citizen writes stays text, also inside the data of scripts.
func TestWhatTheRoomIsToldStaysText(t *testing.T) {
	r := renderer(t)
	state := sample.DisplayState()
	state.Title = poison
	state.Notices = []page.DisplayNotice{{Title: poison, Text: "</script><script>alert(1)</script>"}}
	state.Calls[0].Place = page.PlaceOf(poison)
	kiosk := sample.KioskState()
	kiosk.Site, kiosk.Groups[0].Names = poison, page.Names{"it": poison}
	ticket := sample.Ticket()
	ticket.Service, ticket.Needs = poison, []string{poison}
	booking := sample.BookAppointment()
	booking.Person, booking.Place = poison, poison
	for name, v := range map[string]page.View{
		"display": sample.Display(state, nil), "kiosk": sample.Kiosk(kiosk, nil), "ticket": ticket, "booking": booking,
	} {
		got := render(t, r, page.Italian, v)
		if m := script.FindString(got); m != "" {
			t.Errorf("%s: %q came through, near %q", name, m, around(got, m))
		}
		if !strings.Contains(got, "alert(1)") && !strings.Contains(got, `alert(1)`) {
			t.Errorf("%s shows none of its texts", name)
		}
	}
}
