package mail

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"filodiretto/channels"
)

// Rules 54 and 75: what the envelope says counts where the headers say nothing: the
// empty sender of a report, and the detail of the address that it went to.
func TestRule54Envelope(t *testing.T) {
	own := OwnAddresses{Address: "urp@comune.example", Aliases: []string{"anagrafe@comune.example"}}
	body := []byte("From: Mario <mario@posta.example>\r\nTo: elenco@posta.example\r\nSubject: Notizie\r\nMessage-ID: <n@posta.example>\r\n\r\nTesto.\r\n")
	for _, c := range []struct {
		name   string
		meta   map[string]string
		auto   bool
		tokens []string
	}{
		{"nothing known", nil, false, nil},
		{"a person", Handover{From: "mario@posta.example", To: []string{"urp@comune.example"}}.meta(), false, nil},
		{"nobody", Handover{To: []string{"urp@comune.example"}}.meta(), true, nil},
		{"a detail", Handover{From: "mario@posta.example", To: []string{"urp@comune.example", "Anagrafe+C.1a.AbC@comune.example"}}.meta(), false, []string{"C.1a.AbC"}},
		{"a detail of others", Handover{From: "m@posta.example", To: []string{"altri+c.1@comune.example"}}.meta(), false, nil},
	} {
		items, err := Parse(channels.Raw{ContentType: TypeMessage, Body: body, Size: int64(len(body)), Meta: c.meta}, own)
		if err != nil {
			t.Fatal(err)
		}
		if got := items[0].Auto != channels.NotAuto; got != c.auto || !slices.Equal(items[0].Tokens, c.tokens) {
			t.Errorf("%s: automatic %q, tokens %q", c.name, items[0].Auto, items[0].Tokens)
		}
	}
	// the envelope goes before a header that anybody may have written
	forged := append([]byte("Return-Path: <>\r\n"), body...)
	items, err := Parse(channels.Raw{ContentType: TypeMessage, Body: forged, Size: int64(len(forged)), Meta: Handover{From: "mario@posta.example"}.meta()}, own)
	if err != nil || items[0].Auto != channels.NotAuto {
		t.Errorf("%q, %v", items[0].Auto, err)
	}
}

// The same bytes are one original, and another one for each set of detail addresses.
func TestTakeOverAgain(t *testing.T) {
	key := func(to ...string) string {
		k := &keeps{}
		err := TakeOver(t.Context(), k, Handover{Via: "lmtp", From: "mario@posta.example", To: to, Max: 1000}, strings.NewReader("From: a@b.example\r\n\r\nciao\r\n"))
		if err != nil {
			t.Fatal(err)
		}
		return k.got.DedupKey
	}
	plain, detail := key("urp@comune.example"), key("urp+c.1.x@comune.example")
	if key() != plain || key("anagrafe@comune.example") != plain {
		t.Error("the same bytes are several originals")
	}
	if detail == plain || key("urp+c.2.y@comune.example") == detail || key("urp+c.1.x@comune.example", "urp@comune.example", "urp+c.1.x@comune.example") != detail {
		t.Error("a detail address is lost, or counts twice")
	}
}

// keeps is an intake that remembers what it took.
type keeps struct{ got channels.Raw }

func (k *keeps) Take(_ context.Context, _ string, it channels.Raw) error {
	k.got = it
	return nil
}

func (k *keeps) Store(context.Context, io.Reader) (string, int64, error) {
	return "", 0, errors.New("not large")
}

func TestBelongs(t *testing.T) {
	set := map[string]string{"address": "URP@comune.example", "aliases": "anagrafe@comune.example, tributi@pec.comune.example"}
	for address, want := range map[string][2]bool{
		"urp@comune.example": {true, true}, "urp+c.1.x@comune.example": {true, true},
		"anagrafe@comune.example": {true, false}, "anagrafe+x@comune.example": {true, false}, "tributi@pec.comune.example": {true, false},
		"urp@altrove.example": {}, "tributi@comune.example": {}, "nessuno": {}, "": {},
	} {
		ok, main := Belongs(set, address)
		if ok != want[0] || main != want[1] {
			t.Errorf("%q: %v %v", address, ok, main)
		}
	}
	if ok, _ := Belongs(map[string]string{}, "urp@comune.example"); ok {
		t.Error("an account without an address")
	}
}
