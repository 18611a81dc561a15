package page

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/BurntSushi/toml"
)

// roomTexts are the texts of the room in a language, with their forms.
func roomTexts(t *testing.T, l Lang) map[string]any {
	t.Helper()
	b, err := os.ReadFile("lang/room." + string(l) + ".toml")
	if err != nil {
		t.Fatal(err)
	}
	var out map[string]any
	if err := toml.Unmarshal(b, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

func TestTheRoomSpeaksFourLanguages(t *testing.T) {
	c := mustCatalogue(t)
	it := roomTexts(t, Italian)
	for _, l := range RoomLangs {
		other := roomTexts(t, l)
		for id := range it {
			if _, ok := other[id]; !ok {
				t.Errorf("%s: not in %s", id, l)
				continue
			}
			a, b := c.known[Italian][id], c.known[l][id]
			if (a.One == "") != (b.One == "") {
				t.Errorf("%s: plural in %s or in Italian only", id, l)
			}
			for _, pair := range [][2]string{{a.Other, b.Other}, {a.One, b.One}} {
				if x, y := placeholders(pair[0]), placeholders(pair[1]); !slices.Equal(x, y) {
					t.Errorf("%s: placeholders %v in Italian, %v in %s", id, x, y, l)
				}
			}
			if l != Italian && id != "room.own_name" && a.Other == b.Other && len(a.Other) > 14 && !strings.HasPrefix(a.Other, "{{") {
				t.Errorf("%s: not translated in %s: %q", id, l, a.Other)
			}
		}
		for id := range other {
			// German and French have the days and months here, which the others have for the whole site
			if _, ok := it[id]; !ok && (l == Italian || l == English || !strings.HasPrefix(id, "time.")) {
				t.Errorf("%s: in %s only", id, l)
			}
		}
	}
}

func TestGermanAndFrenchKnowTheCalendar(t *testing.T) {
	c := mustCatalogue(t)
	for _, l := range []Lang{German, French} {
		for id := range c.known[Italian] {
			if strings.HasPrefix(id, "time.") && !strings.HasPrefix(id, "time.since") && !c.has(l, id) {
				t.Errorf("%s: not in %s", id, l)
			}
		}
	}
}

// roomFamilies are the texts of the room and of booking whose last part comes from
// a view.
func roomFamilies() map[string][]string {
	f := map[string][]string{
		"ticket.fault_": nil, "kiosk.paper_": {"taken"}, "ticket.why_": nil, "book.fault_": nil,
		"ticket.did_":  {"pass", "late", "here", "back", "new"},
		"ticket.lang_": {"it", "en", "de", "fr"},
		"ticket.next_": {"serving", "held", "elsewhere", "done", "missed", "left", "over"},
		"vote.title_":  {"over", "wait"}, "vote.text_": {"over", "wait"}, "vote.reason_": VoteReasons,
		"book.did_":   {"booked", "changed", "sooner", "taken"},
		"book.title_": {"confirm", "cancel", "cancelled", "offer", "refused", "leave", "left", "over", "confirmed", "join", "joined"},
		"book.label_": {"person", "email", "phone", "procedure"}, "book.hint_": {"person", "email", "phone"},
	}
	f["book.text_"] = f["book.title_"]
	add(f, "ticket.phase_", AllTicketPhases)
	return f
}

// roomID is a text that a script of the room says; one that ends in "_" is the
// beginning of several.
var roomID = regexp.MustCompile(`"((?:kiosk|room|display|ticket|vote|book)\.[a-z0-9_]+)"`)

// saidByScripts reports whether the scripts of the room use a text.
func saidByScripts(t *testing.T) func(id string) bool {
	t.Helper()
	names, err := filepath.Glob("../assets/js/*.js")
	if err != nil || len(names) == 0 {
		t.Fatal("no scripts", err)
	}
	var whole, prefixes []string
	for _, name := range names {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range roomID.FindAllStringSubmatch(string(b), -1) {
			if strings.HasSuffix(m[1], "_") {
				prefixes = append(prefixes, m[1])
			} else {
				whole = append(whole, m[1])
			}
		}
	}
	return func(id string) bool {
		return slices.Contains(whole, id) || slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(id, p) })
	}
}

func TestEveryTextThatTheScriptsSayExists(t *testing.T) {
	c := mustCatalogue(t)
	names, err := filepath.Glob("../assets/js/*.js")
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, name := range names {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range roomID.FindAllStringSubmatch(string(b), -1) {
			found++
			if !strings.HasSuffix(m[1], "_") && !c.has(Italian, m[1]) {
				t.Errorf("%s says %s, which is not in the catalogue", filepath.Base(name), m[1])
			}
		}
	}
	if found < 50 {
		t.Errorf("only %d texts found in the scripts", found)
	}
}
