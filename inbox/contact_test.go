package inbox

import (
	"strings"
	"testing"

	"filodiretto/templates"
)

// What citizens are told of telephone and privacy comes from the configuration,
// and what is not configured is not spoken of.
func TestTextsKnowTelephoneAndPrivacy(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		s := e.sender(e.mail)
		e.set.Phone, e.set.OfficePhones, e.set.DPOContact = "0371 555 100", map[string]string{"tributi": "0371 555 120"}, "dpo@comune.example"
		k := e.writes(e.mail, "lucia@example.org", "una")
		e.automatic(k.receipt())
		e.exec(t, "UPDATE cases SET office_id = ? WHERE id = ?", e.trib, k.c.ID)
		k.c.OfficeID = e.trib
		other := k
		other.c = e.theCase(k.c.ID)
		e.automatic(other.receipt())
		e.deliver(e.mail)
		for i, want := range []string{"Telefono: 0371 555 100", "Telefono: 0371 555 120"} {
			if text := s.arrived()[i].Text; !strings.Contains(text, want) || !strings.Contains(text, "https://filo.pontelieto.example/p/privacy") {
				t.Errorf("want %q and the privacy page in\n%s", want, text)
			}
		}
		e.exec(t, "UPDATE cases SET office_id = ? WHERE id = ?", e.urp, k.c.ID)
		e.mustReply(k.reply("Arriviamo."))
		e.deliver(e.mail)
		if text := s.arrived()[2].Text; !strings.Contains(text, "Telefono: 0371 555 100") {
			t.Errorf("closing lines without the telephone\n%s", text)
		}
	})
}

func TestPrivacyLink(t *testing.T) {
	for _, tt := range []struct{ public, link, want string }{
		{"https://filo.example", "", "https://filo.example/p/privacy"},
		{"https://filo.example", "https://www.example/privacy", "https://www.example/privacy"},
		{"", "", ""},
	} {
		if got := (Settings{PublicURL: tt.public, PrivacyLink: tt.link}).privacyLink(); got != tt.want {
			t.Errorf("%+v: %q", tt, got)
		}
	}
}

// The bot's notice goes out whatever is configured, and never with a dead link.
func TestPrivacyNoticeWithoutConfiguration(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		s := e.sender(e.tg)
		k := e.writes(e.tg, "501", "una")
		ask := *k.m
		ask.Kind = "command"
		notice := automatic{Event: templates.Privacy, To: *k.id, Answer: &ask}
		e.automatic(notice)
		e.deliver(e.tg)
		e.set.PublicURL = ""
		e.automatic(notice)
		e.deliver(e.tg)
		texts := s.arrived()
		if len(texts) != 2 {
			t.Fatalf("%d notices", len(texts))
		}
		if !strings.Contains(texts[0].Text, "/p/privacy") || strings.Contains(texts[0].Text, "Responsabile") {
			t.Errorf("without a DPO: %s", texts[0].Text)
		}
		if strings.Contains(texts[1].Text, "/p/privacy") || strings.Contains(texts[1].Text, "completo è qui") {
			t.Errorf("without a public address: %s", texts[1].Text)
		}
	})
}

// The name that a platform gives an account is kept, and told when it changes.
func TestIntroduce(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		events, stop := e.hub.Subscribe(nil)
		defer stop()
		for _, name := range []string{"pontelieto_bot", "pontelieto_bot", "urp_pontelieto_bot"} {
			if err := e.Introduce(t.Context(), e.tg.ID, name); err != nil {
				t.Fatal(err)
			}
			if a, err := e.Account(t.Context(), e.tg.ID); err != nil || a.Handle != name {
				t.Errorf("%+v %v", a, err)
			}
		}
		for range 2 {
			if ev := <-events; ev.Topic != "account" || ev.ID != e.tg.ID {
				t.Errorf("%+v", ev)
			}
		}
		select {
		case ev := <-events:
			t.Errorf("told though nothing changed: %+v", ev)
		default:
		}
	})
}
