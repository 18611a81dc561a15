package demo

import (
	"bytes"
	"log/slog"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"filodiretto/channels"
	"filodiretto/channels/mail"
	"filodiretto/channels/pec"
	"filodiretto/internal/clock"
	"filodiretto/internal/cms"
)

// While the demo lives people write by certified mail, and some answer what they
// are answered, citing the envelope that they got.
func TestCertifiedMailGoesOn(t *testing.T) {
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
	authorities := filepath.Join(t.TempDir(), "autorita.pem")
	if p.certified, err = newCertifiedPost(authorities); err != nil {
		t.Fatal(err)
	}
	if err := p.start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.stop)
	trust, err := cms.NewTrust()
	if err == nil {
		err = trust.AddFile(authorities)
	}
	if err != nil {
		t.Fatal(err)
	}
	life := &certifiedLife{office: p, rng: rand.New(rand.NewPCG(1, 2)), speed: 1, run: 1}
	p.certified.setAnswers(life.answer)
	came := func(after time.Duration) (out []channels.Item) {
		t.Helper()
		now.Advance(after)
		if err := life.turn(); err != nil {
			t.Fatal(err)
		}
		for _, m := range world.posts {
			items, err := pec.Parse(channels.Raw{Body: m.Data, ReceivedAt: m.At}, mail.OwnAddresses{Address: pecBox}, trust)
			if err != nil || !items[0].Certified.Proven() {
				t.Fatalf("%v %+v", err, items)
			}
			out = append(out, items[0])
		}
		world.posts = nil
		return out
	}
	seen := map[string]bool{}
	for range len(pecLetters) {
		got := came(8 * time.Minute)
		if len(got) != 1 || got[0].Kind != channels.Message || seen[got[0].ExternalID] {
			t.Fatalf("%+v", got)
		}
		seen[got[0].ExternalID] = true
	}
	life.next = now.Now().Add(24 * time.Hour) // nothing of their own any more
	answered := 0
	for i := range 20 {
		to := pecLetters[0].from
		letter := bytes.ReplaceAll(certifiedText(pecStory{from: pecBox, subject: "Risposta"}, "fd."+strconv.Itoa(i)+"@comune.example", now.Now(), ""), []byte("To: "+pecBox), []byte("To: "+to))
		if err := p.certified.submit(pecBox, to, letter, now.Now()); err != nil {
			t.Fatal(err)
		}
		var kinds []string
		var envelope string
		for _, x := range came(2 * time.Minute) {
			kinds = append(kinds, x.Certified.Kind)
			switch x.Certified.Kind {
			case pec.KindAccepted:
				envelope = x.Certified.ID
			case pec.KindEnvelope:
				answered++
				if !slices.Contains(x.References, envelope) || x.From.Value != to || !strings.HasPrefix(x.Subject, "R: Risposta") {
					t.Errorf("an answer cites %v, the envelope was %s; %s", x.References, envelope, x.Subject)
				}
			}
		}
		if kinds[0] != pec.KindAccepted || !slices.Contains(kinds, pec.KindDelivered) {
			t.Fatal(kinds)
		}
	}
	if answered < 3 || answered > 17 {
		t.Errorf("%d of 20 answered", answered)
	}
}

// The life ends when it is told to, and leaves nothing behind.
func TestCertifiedLifeEnds(t *testing.T) {
	files, err := openMailFiles(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	p, err := newPostOffice(clock.System{}, &townsfolk{got: map[string][][]byte{}}, files, "segreta", []string{pecBox})
	if err != nil {
		t.Fatal(err)
	}
	if p.certified, err = newCertifiedPost(filepath.Join(t.TempDir(), "autorita.pem")); err != nil {
		t.Fatal(err)
	}
	stop := startCertifiedLife(p, slog.New(slog.DiscardHandler), 1, 1)
	if err := stop(); err != nil {
		t.Fatal(err)
	}
}
