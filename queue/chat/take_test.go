package chat

import (
	"strings"
	"testing"
	"time"

	"filodiretto/channels"
	"filodiretto/internal/clock"
	"filodiretto/queue"
)

// TestTakes: what is for the bot, and what stays for people.
func TestTakes(t *testing.T) {
	for _, x := range []struct {
		kind channels.ItemKind
		text string
		asks string
		want bool
	}{
		{channels.Message, "/numero", "", true},
		{channels.Message, "/ticket@ComuneBot", "", true},
		{channels.Message, " Prendi un  numero! ", "", true},
		{channels.Message, "TAKE A NUMBER", "", true},
		{channels.Message, "/coda", "", true},
		{channels.Message, "/numeri", "", false},
		{channels.Message, "Ho preso un numero ma nessuno risponde", "", false},
		{channels.Message, "Vorrei prendere un numero per mia madre", "", false},
		{channels.Message, "4821", "", false},
		{channels.Message, "48 21", "code", true},
		{channels.Message, "il 4821", "code", false},
		{channels.Message, "347 555 0142", "code", false},
		{channels.Message, "buongiorno", "code", false},
		{channels.Button, "q1:n", "", true},
		{channels.Button, "q0:whatever", "", true},
		{channels.Button, "t:9f3:close", "", false},
	} {
		it := &channels.Item{Kind: x.kind, Text: x.text}
		if x.kind == channels.Button {
			it.Text, it.Payload = "", x.text
		}
		if got := Takes(it, x.asks); got != x.want {
			t.Errorf("%s %q while %q is asked: %v", x.kind, x.text, x.asks, got)
		}
	}
	if Takes(&channels.Item{Kind: channels.Message, Text: "/numero", Parts: []channels.Part{{}}}, "") {
		t.Error("a photograph is for people")
	}
}

func TestPressData(t *testing.T) {
	const large = 1<<62 - 1
	data := pressData(toTake, large, large, large)
	if len(data) > 64 {
		t.Error(len(data), "bytes")
	}
	p, ok := readPress(data)
	if !ok || p.verb != toTake || len(p.args) != 3 || p.args[2] != large || !p.acts() {
		t.Errorf("%+v %v", p, ok)
	}
	for _, bad := range []string{"", "q1", "q1:", "q2:n", "q1:t:1:2", "q1:t:1:2:3:4", "q1:p:-1:0", "q1:p:zzzzzzzzzzzzzzzzzzzz:1", "q1:z:1", "q1:p:1:" + strings.Repeat("0", 64)} {
		if p, ok := readPress(bad); ok {
			t.Errorf("%q is %+v", bad, p)
		}
	}
}

// TestWorth: what happened is told at once, a place only when it has moved.
func TestWorth(t *testing.T) {
	at := func(phase string, ahead int) sign { return sign{Phase: phase, Ahead: ahead} }
	known := func(ahead, low, high int) sign {
		return sign{Phase: phaseWaiting, Ahead: ahead, Known: true, Low: low, High: high}
	}
	for _, x := range []struct {
		name    string
		was, is sign
		since   time.Duration
		want    bool
	}{
		{"called", at(phaseWaiting, 0), at(phaseCalled, 0), 0, true},
		{"arrived", at(phaseAway, 3), at(phaseWaiting, 3), time.Second, true},
		{"near, at once", at(phaseWaiting, 3), at(phaseWaiting, 2), time.Second, false},
		{"near, later", at(phaseWaiting, 3), at(phaseWaiting, 2), placeEvery, true},
		{"far, one less", at(phaseWaiting, 20), at(phaseWaiting, 19), time.Hour, false},
		{"far, three less", at(phaseWaiting, 20), at(phaseWaiting, 17), placeEvery, true},
		{"nothing", at(phaseWaiting, 3), at(phaseWaiting, 3), time.Hour, false},
		{"nobody serves any more", at(phaseWaiting, 8), sign{Phase: phaseWaiting, Ahead: 8, Opens: unserved}, time.Second, true},
		{"somebody sat down", sign{Phase: phaseWaiting, Ahead: 8, Opens: 1_700_000_000_000_000}, at(phaseWaiting, 8), time.Second, true},
		{"range by two minutes", known(8, 10, 20), known(8, 10, 22), time.Hour, false},
		{"range by half", known(8, 10, 20), known(8, 10, 30), placeEvery, true},
		{"a range at last", at(phaseWaiting, 8), known(8, 10, 20), placeEvery, true},
	} {
		if got := worth(x.was, x.is, x.since); got != x.want {
			t.Errorf("%s: %v", x.name, got)
		}
		if back, ok := readSign(x.is.String()); !ok || back != x.is {
			t.Errorf("%s: %+v comes back as %+v", x.name, x.is, back)
		}
	}
	if _, ok := readSign("?"); ok {
		t.Error("a question is no sign")
	}
}

// TestNobodyServes: where no counter does the service, the card says so, and from when.
func TestNobodyServes(t *testing.T) {
	rome, err := time.LoadLocation("Europe/Rome")
	if err != nil {
		t.Fatal(err)
	}
	now := clock.At(time.Date(2026, 11, 23, 9, 0, 0, 0, rome))
	from := queue.Cover{From: clock.At(time.Date(2026, 11, 23, 15, 0, 0, 0, rome))}
	for _, x := range []struct {
		name, lang string
		x          expectation
		c          queue.Cover
		want       string
	}{
		{"nobody", "it", expectation{Ahead: 2}, queue.Cover{}, "Prima di te: 2 persone\nNessuno sportello è aperto per questo servizio: finché nessuno apre non sappiamo dirti quanto ci vuole."},
		{"from three", "it", expectation{}, from, "Prima di te: nessuno\nNessuno sportello è aperto per questo servizio: dovrebbe aprire alle 15:00."},
		{"from three, in English", "en", expectation{}, from, "Before you: nobody\nNo counter is open for this service: one should open at 15:00."},
		{"somebody", "it", expectation{Ahead: 2}, queue.Cover{Open: true}, "Prima di te: 2 persone"},
		{"a range that is known stands", "it", expectation{Known: true, Low: 10, High: 20}, queue.Cover{}, "Prima di te: nessuno\nAttesa prevista: fra 10 e 20 minuti"},
	} {
		w := newWriting()
		w.wait(phrasesOf(x.lang), covered(x.x, x.c), now, rome)
		if got := strings.TrimSpace(w.plain.String()); got != x.want {
			t.Errorf("%s: %q", x.name, got)
		}
	}
}

// TestPhrases: every text is there in both languages with the same values.
func TestPhrases(t *testing.T) {
	for key, both := range words {
		for i, text := range both {
			if strings.TrimSpace(text) == "" {
				t.Errorf("%s has no text in language %d", key, i)
			}
		}
		if a, b := braces(both[0]), braces(both[1]); a != b {
			t.Errorf("%s: %q and %q take other values", key, a, b)
		}
	}
	it, en := phrasesOf("it-IT"), phrasesOf("de")
	if it.ahead(1) != "Prima di te: 1 persona" || en.ahead(0) != "Before you: nobody" || it.between(10, 25) != "fra 10 e 25 minuti" || it.between(0, 5) != "entro 5 minuti" {
		t.Error(it.ahead(1), en.ahead(0), it.between(10, 25), it.between(0, 5))
	}
	if it.fault("never_heard_of") != it.text("fault_other") {
		t.Error("a refusal that is new has a sentence")
	}
	rome, err := time.LoadLocation("Europe/Rome")
	if err != nil {
		t.Fatal(err)
	}
	now := clock.At(time.Date(2026, 11, 23, 23, 30, 0, 0, rome))
	if got := it.when(clock.At(time.Date(2026, 11, 24, 8, 15, 0, 0, rome)), now, rome); got != "domani alle 08:15" {
		t.Error(got)
	}
}

func braces(s string) string {
	var out []string
	for _, part := range strings.Split(s, "{")[1:] {
		name, _, _ := strings.Cut(part, "}")
		if !strings.Contains(strings.Join(out, " "), name) {
			out = append(out, name)
		}
	}
	return strings.Join(out, " ")
}
