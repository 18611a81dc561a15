package inbox

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"filodiretto/channels"
	"filodiretto/templates"
)

func TestLinkHint(t *testing.T) {
	mail := func(v string, p Proof) Identity {
		return Identity{Kind: "email", Value: v, Proof: p, Source: "mail", Status: "active"}
	}
	phone := func(v string, p Proof, source string) Identity {
		return Identity{Kind: "phone", Value: v, Proof: p, Source: source, Status: "active"}
	}
	cf := Identity{Kind: "cf", Value: "FRRLCU80A41F205X", Proof: Certain, Source: "counter", Status: "active"}
	street := Identity{Kind: "address", Value: "via Roma 1", Source: "counter", Status: "active"}
	gone := mail("old@posta.example", Certain)
	gone.Status = "gone"
	for _, tt := range []struct {
		what, name, lang, want string
		ids                    []Identity
	}{
		{"a mail address", "Lucia Ferrante", "it", "l•••@p•••.example", []Identity{mail("lucia@posta.example", Declared)}},
		{"the best proven", "Lucia Ferrante", "it", "••• 67", []Identity{mail("lucia@posta.example", Declared), phone("+393331234567", Confirmed, "counter")}},
		{"mail before telephone", "Lucia Ferrante", "it", "l•••@p•••.example", []Identity{phone("+393331234567", Declared, "counter"), mail("lucia@posta.example", Declared)}},
		{"a number from a text may be another's", "Lucia Ferrante", "it", "L. F.", []Identity{phone("+393331234567", Declared, "message_text")}},
		{"neither code nor street", "Lucia Ferrante", "it", "L. F.", []Identity{cf, street, gone}},
		{"short parts are hidden whole", "x", "it", "•••@•••.it", []Identity{mail("ab@xyz.it", Declared)}},
		{"a domain of several parts", "x", "it", "a•••@d•••.it", []Identity{mail("anna.rossi@dip.comune.it", Declared)}},
		{"an address for a name", "lucia@posta.example", "it", "la tua scheda", nil},
		{"no name", "", "en-GB", "your file", nil},
	} {
		if got := hintOf(tt.name, tt.ids, tt.lang); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.what, got, tt.want)
		}
	}
}

// Whatever the address, at most three of its letters are shown before the last
// part of its domain, and something always is.
func TestMaskedEmailHides(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		local := rapid.StringMatching(`[a-z0-9._àè]{1,30}`).Draw(t, "local")
		domain := rapid.StringMatching(`([a-z0-9-]{1,20}\.){1,3}[a-z]{2,8}`).Draw(t, "domain")
		got := maskedEmail(local + "@" + domain)
		shown := strings.ReplaceAll(strings.ReplaceAll(got, mask, ""), "@", "")
		tld := domain[strings.LastIndexByte(domain, '.'):]
		if rest := strings.TrimSuffix(shown, tld); len([]rune(rest)) > 2 || !strings.HasSuffix(got, tld) {
			t.Fatalf("%s shows %q", local+"@"+domain, got)
		}
	})
}

// The answer in the chat names what it was linked to, and nothing that tells a
// stranger who that is.
func TestTheLinkIsConfirmedWithAHint(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		s := e.sender(e.tg)
		z := e.citizen("Lucia Ferrante", "email:lucia@posta.example", "phone:333 1234567")
		c := e.case_(z, e.urp, "mail", "buca in via Roma")
		e.set.PrivacyLink = "https://www.comune.pontelieto.example/privacy"
		word := e.link(z)
		k := e.writes(e.tg, "555", "ciao")
		start := func(text, payload string) {
			t.Helper()
			it := channels.Item{
				Kind: channels.Command, Command: "start", Payload: payload, ExternalID: "555:" + text, ThreadKey: "555", Text: "/start " + payload, Lang: "it",
				From: channels.Address{Kind: "telegram", Value: "555", Display: "Lucia"}, SentAt: e.manual.Now(), ReceivedAt: e.manual.Now(),
			}
			raw := &Raw{ID: int64(len(text)), AccountID: e.tg.ID, DedupKey: text, Stream: "updates", ContentType: "application/json", Meta: "{}", SHA256: text, ReceivedAt: e.manual.Now(), State: "pending"}
			if _, err := e.db.Write.NewInsert().Model(raw).Exec(t.Context()); err != nil {
				t.Fatal(err)
			}
			if err := e.Inbox.file(t.Context(), e.tg, []*reading{{raw: raw, items: []channels.Item{it}, facts: []itemFacts{{}}}}); err != nil {
				t.Fatal(err)
			}
			e.deliver(e.tg)
		}
		start("a", word)
		start("bb", word)
		got := s.arrived()
		if len(got) != 2 {
			t.Fatalf("%d answers", len(got))
		}
		text := got[0].Text
		if !strings.Contains(text, "l•••@p•••.example") || !strings.Contains(text, e.set.PrivacyLink) {
			t.Errorf("the answer: %s", text)
		}
		for _, leak := range []string{"Ferrante", "lucia@", "posta", "333", "via Roma", c.Ref(), "Buca"} {
			if strings.Contains(text, leak) {
				t.Errorf("the answer says %q:\n%s", leak, text)
			}
		}
		if n := e.number("SELECT count(*) FROM messages WHERE notes LIKE ?", "%event:"+templates.LinkExpired+"%"); n != 1 || strings.Contains(got[1].Text, "•••") {
			t.Errorf("a used word is told as such, and nothing more: %q", got[1].Text)
		}
		if p := e.person(e.giulia, k.id.CitizenID); p.ID != z.ID || p.Link == nil || p.Link.UsedAt == 0 {
			t.Errorf("not linked: %+v", p)
		}
	})
}
