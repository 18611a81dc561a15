package sample

import "filodiretto/web/page"

// Room is every page of the room and of the wait by name. phrases are the texts for
// its scripts, which a Renderer has.
func Room(phrases func(prefixes ...string) map[page.Lang]map[string]page.Phrase) map[string]page.View {
	kiosk := phrases("kiosk.", "room.")
	shut := KioskState()
	shut.Open, shut.Opens = false, page.Millis(At(18, 8, 15))
	return map[string]page.View{
		"kiosk":      Kiosk(KioskState(), kiosk),
		"kiosk-shut": Kiosk(shut, kiosk),
	}
}
