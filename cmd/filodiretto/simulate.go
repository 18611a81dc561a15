package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"filodiretto/inbox"
	"filodiretto/queue"
	"filodiretto/queue/order"
	"filodiretto/queue/simulate"
	"filodiretto/reports"
)

type simulateCommand struct {
	configured
	Site    string            `required:"" help:"Key of the site whose days are played again, as in 'municipio'."`
	Day     []string          `help:"A day to play, as in 2026-11-18. May be said again for more days."`
	Typical string            `help:"Without --day: play the newest days of one weekday, monday, tuesday, ... or any." default:"any" enum:"any,monday,tuesday,wednesday,thursday,friday,saturday,sunday"`
	Days    int               `help:"How many typical days." default:"6"`
	Rule    string            `help:"Who is called: affine, first_come, longest_wait, appointments_first, strict. Without it the site's own rule."`
	Weight  map[string]string `help:"What waiting is worth to a class: head start in minutes and slope, as in appointment=25,2; protected=absolute calls them before all. Classes that are not named keep the site's." mapsep:"none"`
	Counter map[string]string `help:"Hours of a counter by its key instead of those in which it was open, as in '4=10:30-12:00'; '4=-' shuts it." mapsep:"none"`
	More    map[string]string `help:"One counter more that does what another does, as in '3=10:30-12:00'." mapsep:"none"`
	JSON    bool              `name:"json" help:"Write the result as JSON, durations in microseconds."`
}

// Help is shown by `filodiretto simulate --help`.
func (simulateCommand) Help() string {
	return `Plays days of a site again under other rules or with other counters, and says what
would have become of the people. Nothing is changed: only events are read. The same
people come at the same minutes with the same needs, so that two plays differ by
nothing but what you ask for. "Today" is played too, so that both columns are plays;
the true waits of those days stand above them.

Examples:

  filodiretto simulate --site municipio
      how the last days went, played under the site's own rule

  filodiretto simulate --site municipio --typical monday --more '3=10:30-12:00'
      one counter more that does what counter 3 does

  filodiretto simulate --site municipio --weight appointment=10,1 --weight protected=absolute
      appointments are worth less, precedence by law is absolute

  filodiretto simulate --site municipio --day 2026-11-18 --counter '4=-' --json`
}

// Run plays the days.
func (c *simulateCommand) Run(ctx context.Context, s *shell) error {
	cfg, err := c.load(s)
	if err != nil {
		return err
	}
	d, err := openDatabase(ctx, cfg)
	if err != nil {
		return err
	}
	defer d.Close()
	q, r := openReports(d, cfg)
	h, err := q.SiteByKey(ctx, c.Site)
	if errors.Is(err, inbox.ErrNotFound) {
		return fmt.Errorf("there is no site with the key %q", c.Site)
	}
	if err != nil {
		return err
	}
	change, err := c.change(h)
	if err != nil {
		return err
	}
	days, err := c.days(ctx, r, h.Site.ID)
	if err != nil {
		return err
	}
	p, err := r.Days(ctx, h.Site.ID, days)
	if err != nil {
		return err
	}
	if len(p.Days) == 0 {
		return errors.New("nobody came on these days: name others with --day; the page Reports shows which days have figures")
	}
	was, would := p.WhatIf(change)
	if c.JSON {
		return c.writeJSON(s.out, p, was, would)
	}
	return c.write(s.out, p, was, would)
}

// days are those that were named, or typical ones.
func (c *simulateCommand) days(ctx context.Context, r *reports.Reports, site int64) ([]queue.Day, error) {
	var out []queue.Day
	for _, t := range c.Day {
		d, err := queue.ParseDay(t)
		if err != nil {
			return nil, fmt.Errorf("--day %s: write days like 2026-11-18", t)
		}
		out = append(out, d)
	}
	if len(out) > 0 {
		return out, nil
	}
	weekday := 0
	for i, name := range []string{"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"} {
		if name == c.Typical {
			weekday = i + 1
		}
	}
	if _, err := r.Update(ctx); err != nil { // whoever never ran the server has the days all the same
		return nil, err
	}
	return r.Typical(ctx, site, r.Today(), weekday, min(max(c.Days, 1), 20))
}

// change reads the flags.
func (c *simulateCommand) change(h *queue.House) (reports.Change, error) {
	policy := h.Policy
	policy.Weights = map[order.Class]order.Weight{}
	for k, w := range h.Policy.Weights {
		policy.Weights[k] = w
	}
	if c.Rule != "" {
		policy.Rule = order.Rule(c.Rule)
	}
	for key, text := range c.Weight {
		w, known := policy.Weights[order.Class(key)]
		if !known {
			return reports.Change{}, fmt.Errorf("--weight %s: the site has no such class", key)
		}
		head, slope, both := strings.Cut(text, ",")
		var err error
		switch {
		case text == "absolute":
			w.Absolute = true
		case both:
			w.Absolute = false
			if w.Head, err = strconv.ParseFloat(head, 64); err == nil {
				w.Slope, err = strconv.ParseFloat(slope, 64)
			}
		default:
			err = errors.New("no comma")
		}
		if err != nil {
			return reports.Change{}, fmt.Errorf("--weight %s=%s: write the head start and the slope, as in %s=25,2", key, text, key)
		}
		policy.Weights[order.Class(key)] = w
	}
	if err := policy.Validate(); err != nil {
		return reports.Change{}, err
	}
	out := reports.Change{Policy: &policy, Hours: map[int64][]queue.Range{}}
	for key, text := range c.Counter {
		id, hours, err := counterHours(h, key, text)
		if err != nil {
			return out, fmt.Errorf("--counter %w", err)
		}
		out.Hours[id] = hours
	}
	for _, key := range slices.Sorted(maps.Keys(c.More)) {
		id, hours, err := counterHours(h, key, c.More[key])
		if err != nil {
			return out, fmt.Errorf("--more %w", err)
		}
		out.More = append(out.More, reports.MoreCounter{Like: id, Hours: hours})
	}
	return out, nil
}

func counterHours(h *queue.House, key, text string) (int64, []queue.Range, error) {
	for _, c := range h.Counters {
		if c.Key == key {
			hours, err := reports.ParseHours(text)
			if err != nil {
				return 0, nil, fmt.Errorf("%s=%s: write hours like 08:30-13:00, 14:00-17:00", key, text)
			}
			return c.ID, hours, nil
		}
	}
	return 0, nil, fmt.Errorf("%s: the site has no such counter", key)
}

func (c *simulateCommand) writeJSON(out io.Writer, p *reports.Played, was, would reports.Result) error {
	e := json.NewEncoder(out)
	e.SetIndent("", "  ")
	return e.Encode(map[string]any{"site": c.Site, "days": p.Names, "real_p50_s": p.Real.Quantile(.5), "real_p80_s": p.Real.Quantile(.8), "today": was, "then": would})
}

// write says the result as a table, minutes.
func (c *simulateCommand) write(out io.Writer, p *reports.Played, was, would reports.Result) error {
	fmt.Fprintf(out, "%d days from %s to %s. True waits: median %s, P80 %s minutes.\n\n", len(p.Days), p.Names[len(p.Names)-1], p.Names[0],
		tenths(float64(p.Real.Quantile(.5))/60), tenths(float64(p.Real.Quantile(.8))/60))
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "\tcalled\tmedian\tthen\tP80\tthen\tP90\tthen\tlost\tthen\t")
	line := func(name string, a, z simulate.Waits) {
		m := func(x time.Duration) string { return tenths(x.Minutes()) }
		fmt.Fprintf(w, "%s\t%d\t%s\t%s\t%s\t%s\t%s\t%s\t%d\t%d\t\n", name, a.Called, m(a.P50), m(z.P50), m(a.P80), m(z.P80), m(a.P90), m(z.P90), a.Lost, z.Lost)
	}
	line("everybody", was.All, would.All)
	for _, k := range p.House.Classes {
		if a := was.Classes[k.Key]; a.Called > 0 {
			line(string(k.Key), a, would.Classes[k.Key])
		}
	}
	for _, sv := range p.House.Services {
		if a := was.Services[sv.ID]; a.Called > 0 {
			line(sv.Key, a, would.Services[sv.ID])
		}
	}
	return w.Flush()
}

func tenths(x float64) string { return strconv.FormatFloat(x, 'f', 1, 64) }
