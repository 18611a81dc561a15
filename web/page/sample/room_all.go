package sample

import (
	"maps"
	"strconv"

	"filodiretto/web/page"
)

// Room is every page of the room and of the wait by name. phrases are the texts for
// its scripts, which a Renderer has.
func Room(phrases func(prefixes ...string) map[page.Lang]map[string]page.Phrase) map[string]page.View {
	kiosk := phrases("kiosk.", "room.")
	shut := KioskState()
	shut.Open, shut.Opens = false, page.Millis(At(18, 8, 15))
	display := phrases("display.", "room.")
	none, one, many := DisplayState(), DisplayState(), DisplayState()
	none.Calls, none.Announce, none.Next, none.Waits, none.Notices, none.Waiting = nil, nil, nil, nil, nil, 0
	one.Calls, one.Announce, one.Next = one.Calls[:1], one.Announce[4:], one.Next[:1]
	for i := range 500 { // queue 3, row 13
		many.Calls = append(many.Calls, call(int64(500-i), "B"+strconv.Itoa(500-i), "Sportello "+strconv.Itoa(i%14+1), 5))
		many.Next = append(many.Next, "C"+strconv.Itoa(i+1))
		many.Waits = append(many.Waits, many.Waits[i%3])
	}
	many.Waiting = 500
	all := map[string]page.View{
		"display": Display(DisplayState(), display), "display-none": Display(none, display), "display-one": Display(one, display),
		"display-many": Display(many, display),
		"kiosk":        Kiosk(KioskState(), kiosk),
		"kiosk-shut":   Kiosk(shut, kiosk),
	}
	maps.Copy(all, Tickets())
	maps.Copy(all, Votes())
	maps.Copy(all, Bookings())
	return all
}
