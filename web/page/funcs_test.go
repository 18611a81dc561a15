package page

import (
	"html/template"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func TestInitials(t *testing.T) {
	for name, want := range map[string]string{
		"Lucia Ferrante": "LF", "Geom. Andrea Salvi": "GS", "lucia": "L", "@lucia_f": "L", "t.ricci@posta.example": "T",
		"": "?", "…": "?", "Ángel de la Fuente": "ÁF", "D’Amico Rosa": "DR", "3M Italia": "3I", "Anna-Maria": "AM",
	} {
		if got := initials(name); got != want {
			t.Errorf("%q: got %q, want %q", name, got, want)
		}
	}
}

func TestCountStopsAtNinetyNine(t *testing.T) {
	for n, want := range map[int]string{0: "0", 99: "99", 100: "99+", 100000: "99+"} {
		if got := count(n); got != want {
			t.Errorf("%d: got %q", n, got)
		}
	}
}

func TestRefKeepsOnlyNumbersRaw(t *testing.T) {
	for in, want := range map[string]template.URL{"2026/000123": "2026/000123", `"><script>`: "%22%3E%3Cscript%3E", "javascript:x": "javascript%3Ax", "": ""} {
		if got := ref(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

func TestSoftBreaksAndEscapes(t *testing.T) {
	for in, want := range map[string]template.HTML{"a.b@c.it": "a.<wbr>b@<wbr>c.<wbr>it", "<b>.": "&lt;b&gt;.<wbr>", "via Po 3": "via Po 3"} {
		if got := soft(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

func TestHealthLevel(t *testing.T) {
	for _, tt := range []struct {
		h    Health
		want Level
	}{
		{Health{Total: 4, Up: 4}, LevelOK}, {Health{Total: 4, Up: 3, Paused: 1}, LevelSoon}, {Health{Total: 4, Up: 2, Paused: 1}, LevelLate}, {Health{}, LevelOK},
	} {
		if got := tt.h.Level(); got != tt.want {
			t.Errorf("%+v: got %q, want %q", tt.h, got, tt.want)
		}
	}
}

func TestMeter(t *testing.T) {
	for _, tt := range []struct {
		index       int
		class, word string
		width       int
	}{
		{100, "ok", "primary", 96},
		{80, "ok", "primary", 76},
		{79, "ok", "middle", 75},
		{60, "ok", "middle", 57},
		{59, "wait", "high", 56},
		{40, "wait", "high", 38},
		{39, "bad", "hard", 37},
		{-5, "bad", "hard", 0},
		{140, "ok", "primary", 96},
	} {
		m := Meter{tt.index}
		if m.Class() != tt.class || m.Word() != tt.word || m.Width() != tt.width {
			t.Errorf("%d: got %s %s %d", tt.index, m.Class(), m.Word(), m.Width())
		}
	}
}

func TestDeliveryMarks(t *testing.T) {
	for _, tt := range []struct {
		d           Delivery
		class, icon string
	}{
		{Delivery{State: DeliveryRead}, "ok", "check"},
		{Delivery{State: DeliveryFailed}, "bad", "error"},
		{Delivery{State: DeliveryUnknown}, "wait", "warning-circle"},
		{Delivery{State: DeliveryQueued}, "", "clock"},
		{Delivery{State: DeliveryQueued, Delayed: true}, "wait", "warning-circle"},
		{Delivery{State: DeliveryCancelled}, "", "ban"},
	} {
		if tt.d.Class() != tt.class || tt.d.Icon() != tt.icon {
			t.Errorf("%+v: got %q %q", tt.d, tt.d.Class(), tt.d.Icon())
		}
	}
}

func TestComparisonCounts(t *testing.T) {
	c := Comparison{Clues: []Clue{{Result: ClueEqual}, {Result: ClueClose}, {Result: ClueOther}, {Result: ClueContrary}, {Result: ClueUnknown}}}
	if c.Agree() != 2 || c.Against() != 1 {
		t.Errorf("got %d and %d", c.Agree(), c.Against())
	}
}

func TestFoldEscapesAndRefusesUnknownTexts(t *testing.T) {
	c := &catalogue{plain: map[Lang]map[string]string{Italian: {"a.b": `<"&`}}}
	got, err := fold(`<p title="{{T "a.b"}}">{{icon "mail" "ico-l"}}</p>`, "/s.svg", Italian, c)
	want := `<p title="&lt;&#34;&amp;"><svg class="ico ico-l" aria-hidden="true"><use href="/s.svg#it-mail"></use></svg></p>`
	if err != nil || got != want {
		t.Errorf("got %q, %v", got, err)
	}
	if got, err := fold("<ul>\n\t<li>a b</li>  \n</ul>\n", "", Italian, c); err != nil || got != "<ul><li>a b</li></ul>" {
		t.Errorf("got %q, %v", got, err)
	}
	if _, err := fold(`{{T "a.c"}}`, "", Italian, c); err == nil {
		t.Error("an unknown text gave no error")
	}
}

var iconUse = regexp.MustCompile(`icon "([a-z-]+)"`)

// TestSignsAreInTheSprite keeps web/assets/icons.txt equal to what is used.
func TestSignsAreInTheSprite(t *testing.T) {
	b, err := os.ReadFile("../assets/icons.txt")
	if err != nil {
		t.Fatal(err)
	}
	var have []string
	for _, l := range strings.Split(string(b), "\n") {
		if l != "" && !strings.HasPrefix(l, "#") {
			have = append(have, l)
		}
	}
	pages, _ := source(t)
	use := map[string]bool{}
	for _, m := range iconUse.FindAllStringSubmatch(pages, -1) {
		use[m[1]] = true
	}
	for _, c := range append(AllChannels, "other") {
		if c.Icon() != "" {
			use[c.Icon()] = true
		}
	}
	for _, i := range []string{"error", "clock", "warning-circle", "check", "ban"} { // from badge and Delivery.Icon
		use[i] = true
	}
	for i := range use {
		if !slices.Contains(have, i) {
			t.Errorf("%s is used and not in web/assets/icons.txt", i)
		}
	}
	for _, i := range have {
		if !use[i] {
			t.Errorf("%s is in web/assets/icons.txt and nowhere used", i)
		}
	}
	if !slices.IsSorted(have) {
		t.Error("web/assets/icons.txt is not sorted")
	}
}
