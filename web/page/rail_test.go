package page_test

import (
	"strings"
	"testing"

	"filodiretto/web/page"
)

// TestRailOnAPhone: the bar of a phone holds six entries; with more, five and a menu in
// which all the others stand, so that nothing is reached only by scrolling sideways.
func TestRailOnAPhone(t *testing.T) {
	for name, c := range map[string]struct {
		may             page.May
		entries, onMenu int
	}{
		"nothing but mail":    {page.May{Inbox: true}, 2, 0},
		"as many as fit":      {page.May{Inbox: true, Queue: true, People: true}, 6, 0},
		"one more":            {page.May{Inbox: true, Reception: true, Queue: true, People: true}, 7, 2},
		"everything there is": {page.May{Inbox: true, Reception: true, Queue: true, People: true, Quarantine: true, Register: true, Channels: true, Reports: true, Admin: true}, 12, 7},
	} {
		s := page.Shell{May: c.may}
		all, more := s.Rail(), s.RailMore()
		if len(all) != c.entries || len(more) != c.onMenu {
			t.Errorf("%s: %d entries and %d in the menu, want %d and %d", name, len(all), len(more), c.entries, c.onMenu)
		}
		bar := 0
		for _, e := range all {
			if !e.Later {
				bar++
			}
		}
		if len(more) > 0 {
			bar++ // the menu itself
		}
		if bar > 6 || bar+len(more) < len(all) {
			t.Errorf("%s: %d on the bar, %d in the menu, of %d", name, bar, len(more), len(all))
		}
		if last := all[len(all)-1]; last.Section != page.SectionHelp {
			t.Errorf("%s: the last is %s", name, last.Section)
		}
	}
}

// TestRailMenu: the menu needs no script, and every entry that a phone's bar leaves out
// stands in it, and only those.
func TestRailMenu(t *testing.T) {
	r := renderer(t)
	seen := 0
	for name, v := range views() {
		got := render(t, r, page.Italian, v)
		rail, menu, ok := strings.Cut(got, `<details class="menu rail-more`)
		if !ok {
			continue
		}
		seen++
		menu, _, _ = strings.Cut(menu, "</details>")
		if !strings.Contains(menu, "<span>Altro</span></summary>") {
			t.Errorf("%s: the menu has no name", name)
		}
		_, rail, _ = strings.Cut(rail, `<nav class="rail"`)
		for _, item := range strings.Split(rail, "<li ")[1:] {
			_, rest, _ := strings.Cut(item, `<a href="`)
			href, _, _ := strings.Cut(rest, `"`)
			if href == "" {
				continue // the menu itself
			}
			class, _, _ := strings.Cut(item, ">")
			later, inMenu := strings.Contains(class, "hide-phone"), strings.Contains(menu, `href="`+href+`"`)
			if later != inMenu {
				t.Errorf("%s: %s is left out of the bar: %v, and stands in the menu: %v", name, href, later, inMenu)
			}
		}
	}
	if seen == 0 {
		t.Error("no sample has a menu on its rail")
	}
}
