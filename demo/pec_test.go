package demo

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"filodiretto/channels"
	"filodiretto/channels/pec"
	"filodiretto/internal/clock"
)

// What the town sends by certified mail through the real channel is answered
// with receipts that prove themselves, each when its time has come.
func TestTheCertifiedMailboxGetsItsReceipts(t *testing.T) {
	files, err := openMailFiles(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	now := clock.NewManual(time.Now())
	world := &townsfolk{got: map[string][][]byte{}}
	p, err := newPostOffice(now, world, files, "segreta", []string{pecBox})
	if err != nil {
		t.Fatal(err)
	}
	if p.certified, err = newCertifiedPost(filepath.Join(t.TempDir(), "autorita.pem")); err != nil {
		t.Fatal(err)
	}
	if err := p.start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.stop)
	imapHost, imapPort, _ := strings.Cut(p.imapAddr, ":")
	smtpHost, smtpPort, _ := strings.Cut(p.smtpAddr, ":")
	ch, err := pec.Driver.Open(channels.Account{ID: 1, Key: "pec", Settings: map[string]string{
		"address": pecBox, "imap_host": imapHost, "imap_port": imapPort, "imap_security": "plain-local", "imap_password": p.password,
		"smtp_host": smtpHost, "smtp_port": smtpPort, "smtp_security": "plain-local", "authorities_file": p.certified.authority,
	}}, channels.Deps{Clock: now})
	if err != nil {
		t.Fatal(err)
	}
	for i, to := range []string{"anna.verdi@pec.cittadini.example", pecGone, pecSlow, "luca@posta.example"} {
		_, err := ch.(channels.Sender).Send(t.Context(), &channels.Outgoing{
			ExternalID: "fd." + string(rune('a'+i)) + "@comune.pontelieto.example", To: channels.Address{Kind: "pec", Value: to}, Subject: "Prova", Text: "Buongiorno",
		})
		if err != nil {
			t.Fatal(to, err)
		}
	}
	kinds := func() []string {
		t.Helper()
		if err := p.deliverReceipts(); err != nil {
			t.Fatal(err)
		}
		var out []string
		for _, m := range world.posts {
			items, err := ch.Parse(channels.Raw{Body: m.Data, Size: int64(len(m.Data)), ReceivedAt: m.At})
			if err != nil || len(items) != 1 || !items[0].Certified.Proven() {
				t.Fatalf("%v %+v", err, items)
			}
			out = append(out, items[0].Certified.Kind)
		}
		world.posts = nil
		return out
	}
	for _, x := range []struct {
		after time.Duration
		want  []string
	}{
		{0, []string{"accettazione", "accettazione", "accettazione", "accettazione"}},
		{5 * time.Second, []string{"avvenuta-consegna", "errore-consegna"}},
		{12 * time.Hour, []string{"preavviso-errore-consegna"}},
		{12 * time.Hour, []string{"preavviso-errore-consegna"}},
		{time.Hour, nil},
	} {
		now.Advance(x.after)
		if got := kinds(); !slices.Equal(got, x.want) {
			t.Fatalf("after %s: %v, want %v", x.after, got, x.want)
		}
	}
}
