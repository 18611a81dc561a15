package page

import (
	"io/fs"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func mustCatalogue(t testing.TB) *catalogue {
	t.Helper()
	c, err := loadCatalogue()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

var placeholder = regexp.MustCompile(`\{\{\.([a-z]+)\}\}`)

func placeholders(s string) []string {
	var out []string
	for _, m := range placeholder.FindAllStringSubmatch(s, -1) {
		out = append(out, m[1])
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func TestCataloguesSayTheSameThings(t *testing.T) {
	c := mustCatalogue(t)
	for id, it := range c.known[Italian] {
		en := c.known[English][id]
		if en == nil {
			t.Errorf("%s: not in English", id)
			continue
		}
		if (it.One == "") != (en.One == "") {
			t.Errorf("%s: plural in one language only", id)
		}
		for _, pair := range [][2]string{{it.Other, en.Other}, {it.One, en.One}} {
			if a, b := placeholders(pair[0]), placeholders(pair[1]); !slices.Equal(a, b) {
				t.Errorf("%s: placeholders %v in Italian, %v in English", id, a, b)
			}
		}
		for _, s := range []string{it.Other, en.Other} {
			if s == "" || s != strings.TrimSpace(s) {
				t.Errorf("%s: empty, or space at an end: %q", id, s)
			}
		}
	}
	for id := range c.known[English] {
		if c.known[Italian][id] == nil {
			t.Errorf("%s: not in Italian", id)
		}
	}
}

// source is all templates and all of this package's Go, as written.
func source(t *testing.T) (pages, code string) {
	t.Helper()
	var p, g strings.Builder
	err := fs.WalkDir(os.DirFS("."), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		var to *strings.Builder
		switch {
		case strings.HasSuffix(name, ".html") && strings.HasPrefix(name, "html/"):
			to = &p
		case strings.HasSuffix(name, ".go") && !strings.Contains(name, "/") && !strings.HasSuffix(name, "_test.go"):
			to = &g
		default:
			return nil
		}
		b, err := os.ReadFile(name)
		to.Write(b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return p.String(), g.String()
}

var (
	fixedID  = regexp.MustCompile(`\b(?:T|must) ?\(?"([a-z0-9_.]+)"`)
	prefixID = regexp.MustCompile(`(?:print|either) "([a-z0-9_.]+[._])"`)
)

// families are the texts whose last part comes from a view, with every last
// part that this package names. Other parts may exist in the catalogue for
// codes of other packages.
func families() map[string][]string {
	f := map[string][]string{
		"event.": nil, "flash.": nil, "fault.": nil, "failure.": nil, "warn.": nil, "barred.": nil, "source.": nil,
		"clue.": nil, "query.": nil, "read_warning.": nil, "read_warning_do.": nil, "field_name.": nil, "suggestion.why_": nil, "identity_status.": nil, "langname.": nil,
		"channel_error.": nil, "channel_code.": nil, "channel_remedy.": nil, "channel_warning.": nil, "file.problem_": nil, "file.scan_": {"pending", "clean", "infected", "unscannable"}, "file.unscannable_": nil, "public.phase_next_": nil,
		"login.fault_": {"wrong", "slow", "disabled", "ended"}, "public.fault_": {"wrong", "slow", "ended"},
		"fault_page.title_": {"400", "401", "403", "404", "405", "409", "413", "422", "429", "500", "503", "file_pending", "file_infected", "file_unscannable"},
		"inbox.order_":      {string(OrderRecent), string(OrderDue), string(OrderFit)},
		"outcome.":          CloseOutcomes,
		"quarantine.did_":   {"released", "attached", "rejected", "parsed", "rescued"},
		"meter.":            {"primary", "middle", "high", "hard"},
		"channel_state.":    {"up", "starting", "slow", "down", "broken", "mute", "paused", "stopped"},
		"status.":           {"open", "waiting", "snoozed", "closed", "merged"},
		"public.status_":    {"received", "open", "waiting", "snoozed", "closed", "merged"},
		"public.phase_":     {"received", "charge", "waiting", "answered", "closed"},
		"clue_result.":      {"equal", "close", "other", "contrary", "unknown"},
		"composer.tab_":     {"reply", "note"}, "composer.label_": {"reply", "note"}, "composer.text_": {"reply", "note"}, "composer.hint_": {"reply", "note"},
		"inbox.group_": {"todo", "kind"}, "lang.": {"it", "en"},
		"receipt_kind.": nil, "signature_reason.": nil,
		"signature.": {"valid", "invalid", "unknown"}, "signature.none_": {"valid", "invalid", "unknown"},
		"rule_field.": nil, "rule_op.": nil, "rule_say.": nil, "rule_hint.": nil, "rule_do.": nil, "rule_done.": nil, "rule_priority.": nil,
		"audit_kind.": nil, "audit_family.": nil, "token_scope.": nil, "token_scope_why.": nil, "ready_var.": nil, "said.": nil,
		"alike.": {"domain", "municipality", "office", "operator", "citizen", "address", "forged", "seal"}, "alike.why_": {"domain", "municipality", "office", "operator", "citizen", "address", "forged", "seal"},
		"sender.": {"confirmed", "via", "changed", "doubted", "unlikely", "unclear", "waiting", "silent"}, "sender.why_": {"confirmed", "via", "changed", "doubted", "unlikely", "unclear", "waiting", "silent"},
		"finding.result_": nil, "finding_reason.": nil, "held.reason_": nil, "held_limit.": HeldLimits, "storm.reject_": nil, "storm.channel": nil,
		"reconcile.phase_": {"listing", "comparing", "fetching"}, "reconcile.fault_": {"paused", "not_comparable"},
		"reconcile.none_": {string(NoneHanded), string(NoneTelegram), string(NoneHere), string(NoneOther)},
		"register.what_":  {"received", "sent", "composed", "attachment"}, "register.why_": nil, "erase.reason_": {"asked", "mistaken", "not_needed", "unlawful"}, "erase.refused_": {"in_register", "being_sent", "in_quarantine"},
		"help.group_": nil, "key_help.": nil, "help.q_": nil, "help.a_": nil,
	}
	f["fault_page.text_"] = f["fault_page.title_"]
	maps.Copy(f, roomFamilies())
	for _, how := range []string{"title_", "who_", "form_", "text_", "save_"} {
		f["reception."+how] = []string{string(HowVisit), string(HowPhone)}
	}
	for _, v := range AllViews {
		f["view."] = append(f["view."], string(v.ID))
		f["inbox.empty_"] = append(f["inbox.empty_"], string(v.ID))
	}
	add(f, "kind.", AllKinds)
	add(f, "role.", AllRoles)
	add(f, "role_why.", AllRoles)
	add(f, "proof.", AllProofs)
	add(f, "identity.", append(slices.Clone(AllIdentityKinds), IdentityTelegram))
	add(f, "history.", AllHistoryFilters)
	add(f, "why.", AllQuarantineWhys)
	add(f, "why_text.", AllQuarantineWhys)
	add(f, "held_kind.", HeldKinds)
	add(f, "held_kind_text.", HeldKinds)
	add(f, "channel.name_", AllChannels)
	add(f, "delivery.", AllDeliveryStates)
	add(f, "admin.", AllAdminTabs)
	add(f, "rail.", []Section{SectionInbox, SectionReception, SectionQueue, SectionCounter, SectionAgenda, SectionPeople, SectionQuarantine, SectionRegister, SectionChannels, SectionReports, SectionAdmin, SectionHelp})
	f["pause."] = []string{"", "break", "back_office", "meeting", "fault"}
	f["step."] = []string{"booked", "waiting", "called", "serving", "held", "transferred", "done", "no_show", "left", "cancelled", "expired"}
	f["why_called."] = []string{"only", "tier", "let_pass", "wait", "class", "skill", "tie", "chosen", "other"}
	f["flash.room_"] = nil // by the code of the refusal
	f["agenda.state_"] = []string{"held", "booked", "arrived", "done", "no_show", "cancelled", "expired"}
	f["agenda.none_"] = []string{"shut", "holiday", "hours", "over"}
	f["agenda.why_"] = []string{"shut", "no_slot", "capacity", "agenda_ended", "service_ended"}
	f["queue.notice_"], f["queue.notice_done_"], f["queue.refused_"] = []string{"help", "refused"}, []string{"help", "refused"}, []string{"number_taken", "day_ended", "other"}
	f["text.topic_"] = []string{"case", "contact", "ticket", "appointment"}
	f["agenda.next_"] = []string{"tell", "call", "wait"}
	parts := []string{"hours", "days", "groups", "services", "errands", "classes", "counters", "agendas", "devices"}
	f["queue_part."], f["queue_part_why."], f["queue_part_none."] = parts, parts, parts
	f["queue_form."] = []string{"site", "settings", "hours", "day", "group", "service", "errand", "class", "counter", "device", "agenda", "shut", "give_up"}
	f["queue_end."] = []string{"day", "service", "errand", "counter", "device", "agenda"}
	f["queue_end_why."] = f["queue_end."]
	f["queue_button."] = []string{"see", "shut", "give_up", "preview"}
	f["queue_published."] = []string{"holiday", "shut", "no_hours", "too_far"}
	f["queue_device_open."] = []string{"kiosk", "display", "tablet"}
	f["queue_column."] = []string{"from", "to", "open", "break", "does", "handicap", "notice_title", "notice_text"}
	f["estimates."] = nil                                                // the same
	f["report."], f["report.empty_"] = nil, []string{"never", "span"}    // by the figures that the handlers name
	f["queue_field."], f["queue_help."], f["queue_say."] = nil, nil, nil // by the fields and facts that the handlers name
	for _, g := range keyGroups {
		f["help.group_"] = append(f["help.group_"], g.Name)
		for _, k := range g.Keys {
			f["key_help."] = append(f["key_help."], k.Name)
		}
	}
	for i := range 12 {
		f["time."] = append(f["time."], "mon_"+itoa(i+1), "month_"+itoa(i+1))
	}
	for i := range 7 {
		f["time."] = append(f["time."], "weekday_"+itoa(i))
	}
	return f
}

func add[S ~string](f map[string][]string, prefix string, xs []S) {
	for _, x := range xs {
		f[prefix] = append(f[prefix], string(x))
	}
}

func itoa(i int) string { return string(rune('0' + i/10))[boolInt(i < 10):] + string(rune('0'+i%10)) }

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

func TestEveryTextThatIsUsedExists(t *testing.T) {
	c := mustCatalogue(t)
	pages, code := source(t)
	for _, m := range fixedID.FindAllStringSubmatch(pages+code, -1) {
		if id := m[1]; !strings.HasSuffix(id, "_") && !c.has(Italian, id) {
			t.Errorf("%s is used and not in the catalogue", id)
		}
	}
	known := families()
	for _, m := range prefixID.FindAllStringSubmatch(pages, -1) {
		if _, ok := known[m[1]]; !ok && m[1] != "clue.same_" && m[1] != "set." {
			t.Errorf("the family %s is used and not known to this test", m[1])
		}
	}
	for prefix, lasts := range known {
		for _, last := range lasts {
			if !c.has(Italian, prefix+last) {
				t.Errorf("%s%s is not in the catalogue", prefix, last)
			}
		}
	}
}

func TestNoTextIsLeftOver(t *testing.T) {
	c := mustCatalogue(t)
	pages, code := source(t)
	used := map[string]bool{}
	for _, m := range fixedID.FindAllStringSubmatch(pages+code, -1) {
		used[m[1]] = true
	}
	known := families()
	scripts := saidByScripts(t)
	for id := range c.known[Italian] {
		if scripts(id) {
			continue
		}
		if used[id] || inFamily(known, id) || strings.HasPrefix(id, "clue.same_") {
			continue
		}
		t.Errorf("%s is in the catalogue and nowhere used", id)
	}
}

func inFamily(known map[string][]string, id string) bool {
	for prefix, lasts := range known {
		if last, ok := strings.CutPrefix(id, prefix); ok && (lasts == nil || slices.Contains(lasts, last)) {
			return true
		}
	}
	return false
}

var (
	actions   = regexp.MustCompile(`(?s)\{\{.*?\}\}`)
	untold    = regexp.MustCompile(`(?s)<(kbd|noscript)[^>]*>.*?</(?:kbd|noscript)>`)
	toldAttrs = regexp.MustCompile(`\b(?:aria-label|title|alt|placeholder)="([^"]*)"`)
	tags      = regexp.MustCompile(`(?s)<[^>]*>`)
	letters   = regexp.MustCompile(`\p{L}{2,}`)
	entities  = regexp.MustCompile(`&[a-z]+;`)
)

func TestTemplatesHoldNoWordsOfTheirOwn(t *testing.T) {
	names, err := fs.Glob(files, "html/*.html")
	if err != nil || len(names) == 0 {
		t.Fatal("no templates", err)
	}
	for _, name := range names {
		b, err := fs.ReadFile(files, name)
		if err != nil {
			t.Fatal(err)
		}
		s := untold.ReplaceAllString(actions.ReplaceAllString(string(b), ""), "")
		for _, m := range toldAttrs.FindAllStringSubmatch(s, -1) {
			if letters.MatchString(m[1]) {
				t.Errorf("%s: words in an attribute: %q", name, m[0])
			}
		}
		s = entities.ReplaceAllString(tags.ReplaceAllString(s, " "), " ")
		s = strings.ReplaceAll(s, "Filo Diretto", "") // the name of the house
		for _, w := range letters.FindAllString(s, -1) {
			t.Errorf("%s: the word %q stands in the template", name, w)
		}
	}
}

func TestLooseTextNeverShowsAnEmptyPlaceholder(t *testing.T) {
	c := mustCatalogue(t)
	got, err := c.loose(Italian, "event.case.handed_over", map[string]any{"from": "URP"})
	if err != nil || got != "Passata da URP a –" {
		t.Errorf("got %q, %v", got, err)
	}
	if _, err := c.text(Italian, "no.such", nil); err == nil {
		t.Error("an unknown text gave no error")
	}
}

func TestPluralsFollowTheNumber(t *testing.T) {
	c := mustCatalogue(t)
	for _, tt := range []struct {
		lang Lang
		n    int
		want string
	}{
		{Italian, 1, "Mostra 1 nuovo arrivo"},
		{Italian, 2, "Mostra 2 nuovi arrivi"},
		{Italian, 0, "Mostra 0 nuovi arrivi"},
		{English, 1, "Show 1 new arrival"},
		{English, 5, "Show 5 new arrivals"},
	} {
		got, err := c.text(tt.lang, "inbox.arrivals", map[string]any{"n": tt.n})
		if err != nil || got != tt.want {
			t.Errorf("%s %d: got %q, %v; want %q", tt.lang, tt.n, got, err, tt.want)
		}
	}
}
