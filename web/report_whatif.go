package web

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"filodiretto/queue"
	"filodiretto/queue/order"
	"filodiretto/queue/simulate"
	"filodiretto/reports"
	"filodiretto/web/page"
)

// whatIf is another way of running a site's days, as a page asks for it.
type whatIf struct {
	b      *reportBook
	h      *queue.House
	q      url.Values
	days   string // "0" to "7" are weekdays, 0 is any
	policy order.Policy
	change reports.Change
	faults []page.FieldFault
}

// typicalDays is how many days are played again.
const typicalDays = 6

// reportWhatIf answers GET /reports/whatif: a form, and what would have become of the
// people of the site's own days. Nothing is changed by it.
func (s *Server) reportWhatIf(w http.ResponseWriter, r *http.Request, c *caller) error {
	a, err := s.reportAsked(r, c.lang)
	if err != nil {
		return err
	}
	x := &whatIf{b: &reportBook{s: s, a: a, say: s.render.Say(c.lang)}, q: r.URL.Query()}
	v := page.ReportWhatIf{Action: "/reports/whatif"}
	if v.Shell, err = s.shell(r, c, page.SectionReports); err != nil {
		return err
	}
	if len(a.houses) == 0 {
		v.None = x.b.text("whatif_none")
		s.show(w, r, http.StatusOK, c.lang, v)
		return nil
	}
	if x.h = x.b.one(); x.h == nil {
		x.h = a.houses[0]
	}
	weekday, _ := strconv.Atoi(x.q.Get("days"))
	if weekday < 0 || weekday > 7 {
		weekday = 0
	}
	x.days = strconv.Itoa(weekday)
	days, err := s.Reports.Typical(r.Context(), x.h.Site.ID, a.today, weekday, typicalDays)
	if err != nil {
		return err
	}
	p, err := s.Reports.Days(r.Context(), x.h.Site.ID, days)
	if err != nil {
		return err
	}
	x.read()
	x.form(&v, p)
	switch {
	case len(p.Days) == 0 && weekday == 0:
		v.None = x.b.text("whatif_none")
	case x.q.Get("play") != "" && len(x.faults) == 0 && len(p.Days) > 0:
		x.play(&v, p)
	}
	v.Faults = x.faults
	status := http.StatusOK
	if len(x.faults) > 0 {
		status = http.StatusUnprocessableEntity
	}
	s.show(w, r, status, c.lang, v)
	return nil
}

func (x *whatIf) fault(field, text string) {
	x.faults = append(x.faults, page.FieldFault{Field: field, Text: text})
}

// read takes rule, weights and hours from the address; what is not said is the site's.
func (x *whatIf) read() {
	x.policy = x.h.Policy
	x.policy.Weights = map[order.Class]order.Weight{}
	if rule := order.Rule(x.q.Get("rule")); slices.Contains(order.Rules, rule) {
		x.policy.Rule = rule
	}
	sent := x.q.Get("play") != ""
	for class, weight := range x.h.Policy.Weights {
		key := string(class)
		for name, to := range map[string]*float64{"a_" + key: &weight.Head, "b_" + key: &weight.Slope} {
			if t := x.q.Get(name); t != "" {
				n, err := strconv.ParseFloat(strings.Replace(t, ",", ".", 1), 64)
				if err != nil || n < 0 || n > 10_000 {
					x.fault(name, x.b.text("whatif_weight_fault"))
					continue
				}
				*to = n
			}
		}
		if sent {
			weight.Absolute = x.q.Get("abs_"+key) != ""
		}
		x.policy.Weights[class] = weight
	}
	if err := x.policy.Validate(); err != nil && len(x.faults) == 0 {
		x.fault("b_walkin", x.b.text("whatif_weight_fault"))
	}
	x.change = reports.Change{Policy: &x.policy, Hours: map[int64][]queue.Range{}}
	for _, c := range x.h.Counters {
		t := strings.TrimSpace(x.q.Get("c_" + formatID(c.ID)))
		if t == "" {
			continue
		}
		hours, err := reports.ParseHours(t)
		if err != nil {
			x.fault("c_"+formatID(c.ID), c.Name+": "+x.b.text("whatif_fault"))
			continue
		}
		x.change.Hours[c.ID] = hours
	}
}

// form shows what was asked for.
func (x *whatIf) form(v *page.ReportWhatIf, p *reports.Played) {
	b := x.b
	for _, h := range b.a.houses {
		v.Sites = append(v.Sites, page.Choice{Value: formatID(h.Site.ID), Label: h.Site.Name, Chosen: h == x.h})
	}
	v.Days = []page.Choice{{Value: "0", Label: b.text("whatif_last", "n", typicalDays), Chosen: x.days == "0"}}
	for d := 1; d <= 7; d++ {
		if len(x.h.Calendar.Week[d]) > 0 {
			v.Days = append(v.Days, page.Choice{Value: strconv.Itoa(d), Label: b.text("whatif_only", "n", typicalDays, "day", b.weekday(d)), Chosen: x.days == strconv.Itoa(d)})
		}
	}
	for _, rule := range order.Rules {
		v.Rules = append(v.Rules, page.Choice{Value: string(rule), Label: b.say.Either("report.rule_", string(rule), string(rule)), Chosen: rule == x.policy.Rule})
	}
	for _, c := range x.h.Classes {
		weight := x.policy.Weights[c.Key]
		v.Classes = append(v.Classes, page.ReportClass{
			Key: string(c.Key), Name: c.Names.In(b.a.lang), Head: b.plain(weight.Head), Slope: b.plain(weight.Slope), Absolute: weight.Absolute,
		})
	}
	for _, c := range x.h.Counters {
		if c.EndedAt != 0 {
			continue
		}
		field := "c_" + formatID(c.ID)
		line := page.ReportCounter{ID: c.ID, Name: c.Name, Was: b.text("whatif_was_shut"), Hours: x.q.Get(field)}
		if open := p.OpenOn(c.ID); len(open) > 0 {
			line.Was = b.text("whatif_was", "hours", reports.FormatHours(open))
		}
		line.Was = b.does(x.h, c.ID) + ", " + line.Was
		line.Fault = slices.ContainsFunc(x.faults, func(f page.FieldFault) bool { return f.Field == field })
		v.Counters = append(v.Counters, line)
	}
}

// plain is a number as a field takes it.
func (b *reportBook) plain(n float64) string {
	t := strconv.FormatFloat(n, 'f', -1, 64)
	if b.a.lang == "en" {
		return t
	}
	return strings.Replace(t, ".", ",", 1)
}

// play plays the days as they were and as they would be.
func (x *whatIf) play(v *page.ReportWhatIf, p *reports.Played) {
	b := x.b
	was, would := p.WhatIf(x.change)
	oldest, newest := p.Names[len(p.Names)-1], p.Names[0]
	v.Lead = b.text("whatif_played", "n", len(p.Days), "from", b.say.Date(b.s.noon(oldest)), "to", b.say.Date(b.s.noon(newest)),
		"real", b.unit(p.Real.Quantile(.5)), "played", b.unit(int(was.All.P50.Seconds())))
	s := &reports.Sheet{Name: b.text("whatif_result"), Columns: b.columns("who", reports.Text, "called", reports.Count, "median_now", reports.Minutes, "median_then", reports.Minutes,
		"p80_now", reports.Minutes, "p80_then", reports.Minutes, "hour_now", reports.Share, "hour_then", reports.Share)}
	line := func(name string, a, z simulate.Waits, say bool) {
		s.Rows = append(s.Rows, []any{name, a.Called, int(a.P50.Seconds()), int(z.P50.Seconds()), int(a.P80.Seconds()), int(z.P80.Seconds()), a.Over60, z.Over60})
		if say && a.Called > 0 {
			id, before, after := "whatif_better", b.said(a.P80), b.said(z.P80)
			if before == after {
				id = "whatif_same"
			}
			v.Says = append(v.Says, b.text(id, "who", name, "before", before, "after", after))
		}
	}
	line(b.text("whatif_everybody"), was.All, would.All, true)
	for _, c := range x.h.Classes {
		if w := was.Classes[c.Key]; w.Called > 0 {
			line(c.Names.In(b.a.lang), w, would.Classes[c.Key], true)
		}
	}
	for _, sv := range x.h.Services {
		if w := was.Services[sv.ID]; w.Called > 0 {
			line(sv.Names.In(b.a.lang), w, would.Services[sv.ID], false)
		}
	}
	if was.All.Lost != would.All.Lost {
		v.Says = append(v.Says, b.text("whatif_lost", "before", was.All.Lost, "after", would.All.Lost))
	}
	t := b.table(s)
	t.CSV, t.XLSX = "", ""
	v.Table, v.Command = &t, x.command(p)
}

// command is the same question for the command line.
func (x *whatIf) command(p *reports.Played) string {
	out := "filodiretto simulate --site " + x.h.Site.Key
	if x.days != "0" {
		out += " --typical " + []string{"", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"}[x.days[0]-'0']
	}
	if x.policy.Rule != x.h.Policy.Rule {
		out += " --rule " + string(x.policy.Rule)
	}
	for _, c := range x.h.Classes {
		if w := x.policy.Weights[c.Key]; w != x.h.Policy.Weights[c.Key] {
			weight := fmt.Sprintf("%g,%g", w.Head, w.Slope)
			if w.Absolute {
				weight = "absolute"
			}
			out += " --weight " + string(c.Key) + "=" + weight
		}
	}
	for _, c := range x.h.Counters {
		if hours, ok := x.change.Hours[c.ID]; ok {
			out += " --counter '" + c.Key + "=" + reports.FormatHours(hours) + "'"
		}
	}
	return out
}
