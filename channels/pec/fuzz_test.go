package pec

import (
	"testing"

	"filodiretto/channels"
	"filodiretto/channels/pec/standin"
)

// FuzzParse reads any bytes as certified mail: one item comes of it, and
// nothing that was changed is ever proven.
func FuzzParse(f *testing.F) {
	w := newWorld(f)
	envelope, err := w.provider.Envelope(anna, box, written(anna, "x", "ciao"), now)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(envelope)
	f.Add(w.write(f, receiptOf(KindDelivered)))
	f.Add(w.write(f, standin.Letter{Transport: KindAnomaly, From: luca, Inner: written(luca, "x", "y")}))
	f.Add([]byte("X-Trasporto: posta-certificata\r\n\r\n"))
	nobody := newWorld(f).trust
	f.Fuzz(func(t *testing.T, b []byte) {
		items, err := Parse(channels.Raw{Body: b, ReceivedAt: now}, own, nobody)
		if err != nil || len(items) != 1 {
			t.Fatalf("%d items, %v", len(items), err)
		}
		if items[0].Certified.Proven() {
			t.Error("proven by an authority that signed nothing")
		}
		plain, err := ParseOrdinary(channels.Raw{Body: b, ReceivedAt: now}, own, nobody)
		if err != nil || len(plain) != 1 {
			t.Fatalf("in an ordinary mailbox %d items, %v", len(plain), err)
		}
		if it := plain[0]; it.Certified != nil && it.Quarantine == "" {
			t.Error("what nobody proves does not wait")
		}
	})
}
