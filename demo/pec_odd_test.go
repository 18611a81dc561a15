package demo

import (
	"bytes"
	"path/filepath"
	"testing"
	"time"

	"filodiretto/channels"
	"filodiretto/channels/mail"
	"filodiretto/channels/pec"
	"filodiretto/channels/pec/standin"
	"filodiretto/internal/clock"
	"filodiretto/internal/cms"
)

// Nobody vouches for who wrote what a list passed on, nor where the provider does not
// say; and the message inside an envelope is the one that comes as ordinary mail.
func TestOddCertifiedMailIsRead(t *testing.T) {
	authorities := filepath.Join(t.TempDir(), "autorita.pem")
	p, err := newCertifiedPost(authorities)
	if err != nil {
		t.Fatal(err)
	}
	trust, err := cms.NewTrust()
	if err == nil {
		err = trust.AddFile(authorities)
	}
	if err != nil {
		t.Fatal(err)
	}
	now := clock.At(time.Now())
	read := func(raw []byte) channels.Item {
		t.Helper()
		items, err := pec.Parse(channels.Raw{Body: raw, Size: int64(len(raw)), ReceivedAt: now}, mail.OwnAddresses{Address: pecBox}, trust)
		if err != nil || len(items) != 1 {
			t.Fatal(items, err)
		}
		return items[0]
	}
	x := pecStory{name: "Consorzio", from: "consorzio@pec.riolieto.example", subject: "Convocazione", text: "Venerdì nella sede di via Mulino."}
	envelope, err := p.provider.Envelope(x.from, pecBox, certifiedText(x, "a1@posta.example", now, ""), now)
	if err != nil {
		t.Fatal(err)
	}
	whole := read(envelope)
	if whole.Quarantine != "" || whole.From.Value != x.from {
		t.Fatalf("%q %+v", whole.Quarantine, whole.From)
	}
	if it := read(standin.ThroughList(envelope, "nella sede", "nella sala")); it.Quarantine != "pec_not_proven" || it.From.Value != "" {
		t.Errorf("through a list: %q, %+v", it.Quarantine, it.From)
	}
	nobody, err := p.unsaid(1, now)
	if err != nil {
		t.Fatal(err)
	}
	if it := read(nobody); it.Quarantine != "pec_no_sender" || it.From.Value != "" {
		t.Errorf("of nobody: %q, %+v", it.Quarantine, it.From)
	}
	raw, err := p.toOrdinary(now)
	if err != nil {
		t.Fatal(err)
	}
	aldo, err := pec.ParseOrdinary(channels.Raw{Body: raw, Size: int64(len(raw)), ReceivedAt: now}, mail.OwnAddresses{Address: urpBox}, trust)
	if err != nil || aldo[0].Quarantine != "" || aldo[0].From.Kind != "pec" || aldo[0].From.Display != "Geom. Aldo Ferri" || aldo[0].OnlyCopied {
		t.Errorf("in an ordinary mailbox: %+v %v", aldo, err)
	}
	plain, err := inside(envelope)
	if err != nil {
		t.Fatal(err)
	}
	items, err := mail.Parse(channels.Raw{Body: plain, Size: int64(len(plain)), ReceivedAt: now}, mail.OwnAddresses{Address: urpBox})
	if err != nil || items[0].ExternalID != whole.ExternalID || items[0].BodyHash != whole.BodyHash || items[0].From.Value != x.from {
		t.Errorf("the ordinary one is another: %+v", items)
	}
	if _, err := inside(bytes.Replace(envelope, []byte("message/rfc822"), []byte("text/plain"), 1)); err == nil {
		t.Error("no message inside, and no error")
	}
}
