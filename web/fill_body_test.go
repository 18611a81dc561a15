package web

import (
	"reflect"
	"strings"
	"testing"

	"filodiretto/channels"
	"filodiretto/inbox"
	"filodiretto/web/page"
)

// TestPlacesAndCardsAreNoFiles: nothing offers to download what has no bytes.
func TestPlacesAndCardsAreNoFiles(t *testing.T) {
	place := file(&inbox.Part{Kind: string(channels.Location), Lat: 45.0172830246931, Lon: 10.4645457916409, State: "none"})
	if place.Place == nil || place.URL != "" || place.Place.String() != "45.01728, 10.46455" ||
		!strings.HasSuffix(place.Place.Map(), "?mlat=45.01728&mlon=10.46455#map=18/45.01728/10.46455") {
		t.Errorf("a place is %+v", place)
	}
	card := file(&inbox.Part{Kind: string(channels.Contact), Name: "Lucia Ferrante", Preview: "Lucia Ferrante, +39 347 555 0142", State: "none"})
	if !card.Contact || card.URL != "" || card.Name != "Lucia Ferrante" || card.Preview == "" {
		t.Errorf("a card is %+v", card)
	}
	pdf := file(&inbox.Part{ID: 17, Kind: string(channels.File), Name: "modulo.pdf", State: "stored", Problem: "late"})
	if want := (page.File{Name: "modulo.pdf", URL: "/files/17/modulo.pdf"}); !reflect.DeepEqual(pdf, want) {
		t.Errorf("a file is %+v", pdf)
	}
}
