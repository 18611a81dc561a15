package web

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"filodiretto/queue"
	"filodiretto/queue/order"
	"filodiretto/web/page"
)

// queueSites is the list of the sites.
func (s *Server) queueSites(w http.ResponseWriter, r *http.Request, c *caller) error {
	sites, err := s.Queue.Sites(r.Context())
	if err != nil {
		return err
	}
	var out page.QueueSites
	for _, x := range sites {
		h, err := s.Queue.House(r.Context(), x.ID)
		if err != nil {
			return err
		}
		line := page.QueueSiteLine{ID: x.ID, Name: x.Name, Address: x.Address, Rule: c.say.Text("queue_say.rule_" + string(h.Set.Rule))}
		for _, v := range h.Services {
			if v.EndedAt == 0 {
				line.Services++
			}
		}
		for _, k := range h.Counters {
			if k.EndedAt == 0 {
				line.Counters++
			}
		}
		out.Sites = append(out.Sites, line)
	}
	if out.Shell, err = s.adminShell(r, c, page.AdminQueue); err != nil {
		return err
	}
	s.show(w, r, http.StatusOK, c.lang, out)
	return nil
}

// queueSite is the set-up of one site.
func (s *Server) queueSite(w http.ResponseWriter, r *http.Request, c *caller, h *queue.House) error {
	out := page.QueueSite{ID: h.Site.ID, Name: h.Site.Name, Address: h.Site.Address}
	out.Facts = []string{
		c.say.Text("queue_say.rule_" + string(h.Set.Rule)), c.say.Text("queue_say.window", "early", h.Set.EarlyMin, "late", h.Set.LateMin),
		c.say.Text("queue_say.end", "end", h.Set.EndMin),
	}
	calendar, err := s.calendarParts(r, c, h)
	if err != nil {
		return err
	}
	devices, err := s.devicePart(r, c, h)
	if err != nil {
		return err
	}
	agendas, err := s.agendaPart(r, c, h)
	if err != nil {
		return err
	}
	out.Parts = append(calendar, groupPart(c, h), servicePart(c, h), errandPart(c, h), classPart(c, h), counterPart(c, h), agendas, devices)
	if out.Shell, err = s.adminShell(r, c, page.AdminQueue); err != nil {
		return err
	}
	s.show(w, r, http.StatusOK, c.lang, out)
	return nil
}

// settingsFields are the fields of a site. The key of one that is there stays.
func settingsFields(c *caller, e queue.SiteEdit, set queue.SiteSettings) []page.QueueField {
	rules := page.QueueField{Name: "rule", Kind: page.FieldSelect}
	for _, x := range order.Rules {
		rules.Choices = append(rules.Choices, page.Choice{Value: string(x), Label: c.say.Text("queue_say.rule_" + string(x)), Chosen: x == set.Rule})
	}
	tell := page.QueueField{Name: "tell_ahead", Kind: page.FieldSelect}
	for n := -1; n <= max(10, set.TellAhead); n++ {
		label := strconv.Itoa(n)
		if n == -1 {
			label = c.say.Text("queue_say.never")
		}
		if n != 0 { // 0 is "as usual" in a site's settings
			tell.Choices = append(tell.Choices, page.Choice{Value: strconv.Itoa(n), Label: label, Chosen: n == set.TellAhead})
		}
	}
	langs := page.QueueField{Name: "langs", Kind: page.FieldChecks}
	for _, l := range siteLangs(set) {
		langs.Choices = append(langs.Choices, page.Choice{Value: l, Label: c.say.Either("langname.", l, l), Chosen: slices.Contains(set.Langs, l)})
	}
	out := []page.QueueField{
		{Name: "name", Kind: page.FieldText, Value: e.Name},
		{Name: "key", Kind: page.FieldText, Value: e.Key, ReadOnly: e.ID != 0, Optional: e.ID == 0},
		{Name: "address", Kind: page.FieldText, Value: e.Address, Optional: true},
		rules,
	}
	for _, x := range settingNumbers(&set) {
		out = append(out, page.QueueField{Name: x.name, Kind: page.FieldNumber, Value: strconv.Itoa(max(0, *x.to))})
	}
	return append(out, tell, page.QueueField{Name: "patron", Kind: page.FieldText, Value: dayMonth(set.Patron), Optional: true}, langs)
}

// siteLangs are the languages that a site may have: its own first, in their order.
func siteLangs(set queue.SiteSettings) []string {
	out := slices.Clone(set.Langs)
	for _, l := range page.RoomLangs {
		if !slices.Contains(out, string(l)) {
			out = append(out, string(l))
		}
	}
	return out
}

// settingNumber is a figure of the settings. One whose zero means the default may
// not be zero in the form.
type settingNumber struct {
	name        string
	to          *int
	least, most int
}

func settingNumbers(s *queue.SiteSettings) []settingNumber {
	const day = 24 * 60
	return []settingNumber{
		{"early_min", &s.EarlyMin, 1, day},
		{"late_min", &s.LateMin, 1, day},
		{"put_back_min", &s.PutBack, 1, day},
		{"void_min", &s.VoidMin, 1, day},
		{"stuck_min", &s.StuckMin, 1, day},
		{"max_calls", &s.MaxCalls, 1, 100},
		{"last_min", &s.LastMin, 0, day},
		{"end_min", &s.EndMin, 1, day},
		{"most_waiting", &s.MostWait, 0, day},
		{"most_pass", &s.MostPass, 1, 100},
		{"code_min", &s.CodeMin, 1, day},
		{"announced", &s.Announced, 1, 50},
		{"keep_days", &s.KeepDays, 1, 24 * 60},
		{"warn_below", &s.WarnBelow, 0, 100},
		{"stop_below", &s.StopBelow, 0, 100},
	}
}

// dayMonth turns "10-04" into "04/10", and monthDay back.
func dayMonth(s string) string {
	month, day, ok := strings.Cut(s, "-")
	if !ok {
		return s
	}
	return day + "/" + month
}

func monthDay(s string) string {
	day, month, ok := strings.Cut(s, "/")
	if !ok {
		return s
	}
	pad := func(x string) string { return strings.Repeat("0", max(0, 2-len(x))) + x }
	return pad(month) + "-" + pad(day)
}

// readSettings takes what was typed into a site.
func readSettings(in *queueInput, e *queue.SiteEdit) {
	if in.r.Method != http.MethodPost {
		return
	}
	e.Version, e.Name, e.Address = seenVersion(in.r), in.text("name"), in.text("address")
	set := &e.Settings
	for _, x := range settingNumbers(set) {
		*x.to = in.whole(x.name, x.least, x.most)
	}
	for _, never := range []*int{&set.WarnBelow, &set.StopBelow} {
		if *never == 0 { // which in the settings is "as usual"
			*never = -1
		}
	}
	set.Rule, set.Patron = order.Rule(in.text("rule")), monthDay(in.text("patron"))
	set.TellAhead = in.whole("tell_ahead", -1, 100)
	set.Langs = nil
	for _, l := range in.r.PostForm["langs"] {
		if slices.Contains(page.RoomLangs, page.Lang(l)) {
			set.Langs = append(set.Langs, l)
		}
	}
	if len(set.Langs) == 0 {
		in.fault("langs", "queue_langs_required")
	}
}

// makeSite opens a site; its key is made from the name when none was typed.
func (s *Server) makeSite(w http.ResponseWriter, r *http.Request, c *caller) error {
	e := queue.SiteEdit{Settings: queue.DefaultSettings()}
	f := page.QueueForm{Part: "site", Back: "/admin/queue", Action: "/admin/queue", Fields: settingsFields(c, e, e.Settings)}
	in := &queueInput{r: r}
	readSettings(in, &e)
	e.Key = cmp.Or(in.text("key"), officeKey(e.Name))
	if e.Name == "" {
		in.missing("name")
	}
	return s.queueForm(w, r, c, f, in, func() error {
		_, err := s.Queue.SaveSite(r.Context(), c.Viewer, e)
		return err
	})
}

// siteSettings changes a site. Its key stays: the addresses of devices hold it.
func (s *Server) siteSettings(w http.ResponseWriter, r *http.Request, c *caller, h *queue.House) error {
	e := queue.SiteEdit{ID: h.Site.ID, Version: h.Site.Version, Key: h.Site.Key, Name: h.Site.Name, Address: h.Site.Address, Settings: h.Set}
	f := s.siteForm(h, "settings", siteURL(h.Site.ID)+"/settings", settingsFields(c, e, h.Set)...)
	f.Version = h.Site.Version
	in := &queueInput{r: r}
	readSettings(in, &e)
	return s.queueForm(w, r, c, f, in, func() error {
		_, err := s.Queue.SaveSite(r.Context(), c.Viewer, e)
		return err
	})
}
