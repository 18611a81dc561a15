package templates

import (
	"regexp"
	"strings"
	"testing"

	"filodiretto/internal/textfold"
)

func TestPick(t *testing.T) {
	own := []Text{
		{Event: OptedIn, Channel: Any, Lang: "it", Plain: "own any it"},
		{Event: OptedIn, Channel: SMS, Lang: "it", Plain: "own sms it"},
		{Event: OptedIn, Channel: Any, Lang: "de", Plain: "own any de"},
		{Event: OptedOut, Channel: Mail, Lang: "it", Plain: "own mail it"},
		{Event: Receipt, Channel: Any, Lang: "it", Plain: "{broken}"},
	}
	s := NewSet(own)
	tests := []struct {
		event, channel, lang string
		want                 string // the beginning of the plain text
	}{
		{OptedIn, SMS, "it", "own sms it"},
		{OptedIn, Mail, "it", "own any it"},
		{OptedIn, Telegram, "it", "own any it"}, // before the built-in one of the channel
		{OptedIn, Telegram, "en", "Good! From"}, // the language goes first
		{OptedIn, Telegram, "de", "own any de"},
		{OptedIn, Telegram, "de-AT", "own any de"},
		{OptedIn, Telegram, "de_AT", "own any de"},
		{OptedIn, Telegram, "DE", "own any de"},
		{OptedIn, SMS, "fr", "own sms it"},
		{OptedIn, "mastodon", "fr", "own any it"},
		{OptedIn, Mail, "", "own any it"},
		{OptedOut, Mail, "it", "own mail it"},
		{OptedOut, PEC, "it", "own mail it"},
		{OptedOut, Telegram, "it", "Va bene."},
		{OptedOut, Mail, "en-GB", "All right."},
		{Receipt, Mail, "it", "Buongiorno"}, // the broken one is left out
		{Receipt, SMS, "en", "{municipality}: message"},
	}
	for _, tt := range tests {
		got, ok := s.Pick(tt.event, tt.channel, tt.lang)
		if !ok || !strings.HasPrefix(got.Plain, tt.want) {
			t.Errorf("Pick(%s, %s, %s) = %q, %v; want %q", tt.event, tt.channel, tt.lang, got.Plain, ok, tt.want)
		}
	}
	if _, ok := s.Pick("nope", Mail, "it"); ok {
		t.Error("Pick of an unknown event")
	}
	if _, err := s.Render("nope", Mail, "it", nil); err == nil {
		t.Error("Render of an unknown event")
	}
	if p := s.Problems(); len(p) != 1 || p[0].Text.Event != Receipt || p[0].Err == nil {
		t.Errorf("problems %+v", p)
	}
	r, err := s.Render(OptedIn, Mail, "en", map[string]string{"municipality": "X&Y"})
	if err != nil || r.Lang != "en" || !strings.Contains(r.HTML, "X&amp;Y") {
		t.Errorf("%+v, %v", r, err)
	}
}

// Every event has a text for all channels in both languages, with a subject.
func TestBuiltinIsComplete(t *testing.T) {
	for _, e := range Events() {
		for _, lang := range []string{"it", "en"} {
			text, ok := builtin[key{e.Name, Any, lang}]
			if !ok {
				t.Errorf("no text of %s in %s", e.Name, lang)
			}
			if text.Subject == "" && e.Name != ReplyFooter {
				t.Errorf("no subject of %s in %s", e.Name, lang)
			}
			if e.Label(lang) == "" {
				t.Errorf("no label of %s in %s", e.Name, lang)
			}
			for _, v := range e.Vars {
				if v.It == "" || v.En == "" || v.Example(lang) == "" || !goodName(v.Name) {
					t.Errorf("%s: variable %+v is not described", e.Name, v)
				}
			}
		}
	}
	for k := range builtin {
		other := map[string]string{"it": "en", "en": "it"}[k.lang]
		if _, ok := builtin[key{k.event, k.channel, other}]; !ok {
			t.Errorf("%+v is not there in %s", k, other)
		}
	}
}

// formal finds the formal address of Italian, which plain public writing avoids.
var formal = regexp.MustCompile(`\b(Lei|Suo|Sua|Suoi|Sue|Vostr[aoei]|S\.V\.|Gentile|Egregi[oa]|Spett\w+)\b`)

// officialese is what no text of ours may say.
var officialese = []string{
	"ai sensi", "istanza", "medesim", "suddett", "predett", "in oggetto", "si comunica", "codest", "espletament",
	"provveder", "qualora", "nonché", "mediante", "pervenut", "è possibile",
}

// The texts must be plain: easy to read, short, with no formal address.
func TestBuiltinIsPlain(t *testing.T) {
	for _, text := range Builtin() {
		r, err := Preview(text, text.Channel)
		if err != nil {
			t.Fatal(err)
		}
		index, words := textfold.Gulpease(r.Plain)
		// The index is made for Italian; signatures of a few words say nothing.
		if text.Lang == "it" && words >= 12 && index <= 60 && !mustEvent(t, text).Partial {
			t.Errorf("%s %s: Gulpease %d", text.Event, text.Channel, index)
		}
		most := 120
		if mustEvent(t, text).Standing { // a page has headings to find one's way by
			most = 400
		}
		if words > most {
			t.Errorf("%s %s %s: %d words", text.Event, text.Channel, text.Lang, words)
		}
		if text.Lang != "it" {
			continue
		}
		if f := formal.FindString(text.Subject + "\n" + text.Plain); f != "" {
			t.Errorf("%s %s says %q", text.Event, text.Channel, f)
		}
		for _, o := range officialese {
			if strings.Contains(strings.ToLower(text.Plain), o) {
				t.Errorf("%s %s says %q", text.Event, text.Channel, o)
			}
		}
	}
}

func mustEvent(t *testing.T, text Text) Event {
	t.Helper()
	e, ok := Lookup(text.Event)
	if !ok {
		t.Fatal(text.Event)
	}
	return e
}

// An automatic answer goes to whoever the sender claims to be: what the
// sender wrote must not travel with it, or we would carry spam for others.
func TestAutomaticAnswersQuoteNothing(t *testing.T) {
	for _, text := range Builtin() {
		if text.Event != Receipt && text.Event != TooLarge {
			continue
		}
		if strings.Contains(text.Subject+text.Plain, "subject}") {
			t.Errorf("%s %s %s quotes the sender", text.Event, text.Channel, text.Lang)
		}
	}
}

// The texts for SMS cost one part, with a link two at most.
func TestBuiltinSMSIsShort(t *testing.T) {
	for _, text := range Builtin() {
		if text.Channel != SMS {
			continue
		}
		r, err := Preview(text, SMS)
		if err != nil {
			t.Fatal(err)
		}
		if r.SMS.Encoding != GSM7 || r.SMS.Parts > 2 {
			t.Errorf("%s %s: %+v", text.Event, text.Lang, r.SMS)
		}
	}
}
