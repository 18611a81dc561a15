package counter

import (
	"bytes"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"filodiretto/channels"
	"filodiretto/internal/clock"
)

func TestNoteThereAndBack(t *testing.T) {
	n := Note{
		Key: "k1", At: clock.At(time.Date(2026, 11, 17, 10, 12, 0, 0, time.UTC)), Operator: 7, Person: "Lucia Ferrante",
		Subject: "Ponteggio\n in via Garibaldi", Text: "Manca la planimetria.",
	}
	raw, err := n.Raw()
	if err != nil {
		t.Fatal(err)
	}
	ch, err := Driver.Open(channels.Account{}, channels.Deps{})
	if err != nil {
		t.Fatal(err)
	}
	items, err := ch.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	want := []channels.Item{{
		Kind: channels.Message, ExternalID: "k1", From: channels.Address{Kind: "visitor", Value: "k1", Display: "Lucia Ferrante"},
		SentAt: n.At, ReceivedAt: n.At, Subject: "Ponteggio in via Garibaldi", Text: "Manca la planimetria.",
	}}
	if d := cmp.Diff(want, items); d != "" {
		t.Error(d)
	}
	if raw.DedupKey != "k1" || !bytes.Contains(raw.Body, []byte("planimetria")) {
		t.Error("the raw item must be the note itself", raw)
	}
}

func TestNoteWithoutKeyIsRefused(t *testing.T) {
	if _, err := (Note{Text: "x"}).Raw(); err == nil {
		t.Error("a note without a key could be filed twice")
	}
	ch, _ := PhoneDriver.Open(channels.Account{}, channels.Deps{})
	for _, body := range []string{"", "{}", "[]", "null", "{\"key\":"} {
		if _, err := ch.Parse(channels.Raw{Body: []byte(body)}); err == nil {
			t.Errorf("%q was taken for a note", body)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(`{"key":"k","at":"2026-11-17T10:12:00.000000Z","text":"ciao","subject":"a"}`))
	ch, err := Driver.Open(channels.Account{}, channels.Deps{})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		items, err := ch.Parse(channels.Raw{Body: b})
		if (err == nil) != (len(items) == 1) {
			t.Error("either an error or one item", err, len(items))
		}
	})
}
