package web

import (
	"fmt"
	"html/template"
	"strings"

	"filodiretto/queue"
	"filodiretto/reports"
	"filodiretto/web/page"
)

// cards are the figures at the top, held against as many days before.
func (b *reportBook) cards() []page.ReportCard {
	f, was := b.f, b.before
	card := func(key, value, note string) page.ReportCard {
		return page.ReportCard{Name: b.text("card_" + key), Value: value, Note: note}
	}
	note := ""
	if was.Visits > 0 {
		change := 100 * (float64(f.Visits)/float64(was.Visits) - 1)
		note = b.number(change, 1) + "%"
		if change > 0 {
			note = "+" + note
		}
	}
	out := []page.ReportCard{
		card("visits", b.number(float64(f.Visits), 0), note),
		card("median", b.unit(f.Wait.Quantile(.5)), b.against(f.Wait.Quantile(.5), was.Wait.Quantile(.5))),
		card("p80", b.unit(f.Wait.Quantile(.8)), b.against(f.Wait.Quantile(.8), was.Wait.Quantile(.8))),
	}
	if f.Steps > 0 {
		lost := f.Outcomes[reports.NoShow] + f.Outcomes[reports.Left] + f.Outcomes[reports.Expired]
		out = append(out, card("lost", b.share(float64(lost)/float64(f.Steps)), b.text("card_lost_note", "n", b.number(float64(lost), 0))))
	}
	if t := b.votes[queue.VotesByService]; t != nil && t.Total != nil && t.Share(t.Total, t.Total.Green) >= 0 {
		out = append(out, card("green", b.share(t.Share(t.Total, t.Total.Green)), b.text("card_green_note", "n", b.number(float64(t.Total.Votes()), 0))))
	}
	return out
}

func (b *reportBook) unit(seconds int) string {
	if seconds < 0 {
		return "–"
	}
	return b.minutes(seconds) + " " + b.text("min")
}

// against says how much more or less a wait is than it was.
func (b *reportBook) against(now, was int) string {
	switch d := (now - was + 30) / 60; {
	case now < 0 || was < 0:
		return ""
	case d > 0:
		return b.text("more", "n", d)
	case (was-now+30)/60 > 0:
		return b.text("less", "n", (was-now+30)/60)
	}
	return b.text("same")
}

// parts are the figures of the page, in their order.
func (b *reportBook) parts() []page.ReportPart {
	part := func(key string, chart template.HTML, tables ...*reports.Sheet) page.ReportPart {
		p := page.ReportPart{Key: key, Title: b.text("part_" + key), Lead: b.text("lead_" + key), How: b.text("how_" + key), Chart: chart}
		for _, t := range tables {
			p.Tables = append(p.Tables, b.table(t))
		}
		return p
	}
	heat := part("hours", "")
	heat.Heat = b.heat()
	days := part("days", b.dayChart())
	days.Side = page.SideWide
	for _, t := range []*reports.Sheet{b.weeks(), b.days(), b.sites()} {
		days.Folded = append(days.Folded, b.table(t))
	}
	waits := part("waits", b.waitChart(), b.waits())
	counters := part("counters", b.needChart())
	counters.Folded = []page.ReportTable{b.table(b.counters())}
	work := part("work", "", b.work())
	ends := part("outcomes", "", b.outcomes())
	ends.Lead = b.booked()
	waits.Side = page.SideRight
	out := []page.ReportPart{days, heat, counters, work, ends, waits}
	if house := b.one(); house != nil {
		advice := part("advice", "")
		advice.Load = "/reports/advice?" + b.a.query("site", formatID(house.Site.ID))
		advice.Side = page.SideRight
		out = append(out, advice)
	}
	return append(out, b.satisfaction(part))
}

// one is the site that is shown, or the only one.
func (b *reportBook) one() *queue.House {
	if b.a.Site == 0 && len(b.a.houses) == 1 {
		return b.a.houses[0]
	}
	return b.a.house(b.a.Site)
}

// booked says how appointments and others waited, and how long offices took.
func (b *reportBook) booked() string {
	f := b.f
	if f.Booked == 0 {
		return ""
	}
	return b.text("lead_booked", "n", b.number(float64(f.Booked), 0), "slot", b.unit(f.Slot.Quantile(.5)), "walkin", b.unit(f.WalkIn.Quantile(.5)))
}

// heat are mean visits by weekday and hour, over the days on which somebody came.
func (b *reportBook) heat() *page.ReportHeat {
	first, last := 24, 0
	for band := range reports.Bands {
		if b.f.Hours[band].Visits > 0 {
			first, last = min(first, band/2), max(last, band/2)
		}
	}
	out := &page.ReportHeat{Table: b.table(b.hours())}
	mean := func(d, h int) float64 {
		return float64(b.f.Week[d][2*h]+b.f.Week[d][2*h+1]) / float64(max(1, b.f.Weekdays[d]))
	}
	most := 0.0
	for d := 1; d <= 7; d++ {
		for h := first; h <= last; h++ {
			most = max(most, mean(d, h))
		}
	}
	for h := first; h <= last; h++ {
		out.Hours = append(out.Hours, fmt.Sprintf("%d-%d", h, h+1))
	}
	for d := 1; d <= 7; d++ {
		if b.f.Weekdays[d] == 0 {
			continue
		}
		row := page.ReportHeatRow{Day: b.say.Text(fmt.Sprintf("report.day_%d", d))}
		total := 0.0
		for h := first; h <= last; h++ {
			x := mean(d, h)
			total += x
			cell := page.ReportHeatCell{}
			if x > 0 {
				cell.Step, cell.Text, cell.Peak = 1+min(5, int(6*x/most*.999)), b.number(x, 0), x == most
				if x < .95 {
					cell.Text = b.number(x, 1)
				}
			}
			row.Cells = append(row.Cells, cell)
		}
		row.Total = b.number(total, 0)
		out.Rows = append(out.Rows, row)
	}
	return out
}

// mostBars is how many days a chart shows one by one; above it, weeks.
const mostBars = 100

func (b *reportBook) dayChart() template.HTML {
	var bars []page.Bar
	if b.a.Days() > mostBars {
		for _, w := range b.f.Weeks() {
			name := b.say.Date(b.s.noon(w.Monday))
			bars = append(bars, page.Bar{Name: shortDate(name), Value: float64(w.Visits), Tip: b.text("tip_week", "day", name, "n", w.Visits)})
		}
	} else {
		for i := range b.f.ByDay {
			d := &b.f.ByDay[i]
			name := b.say.Date(b.s.noon(d.Day))
			bars = append(bars, page.Bar{Name: shortDate(name), Value: float64(d.Visits), Tip: b.text("tip_day", "weekday", b.weekday(d.Day.Weekday()), "day", name, "n", d.Visits)})
		}
	}
	most := 0
	for i := range bars {
		if bars[i].Value > bars[most].Value {
			most = i
		}
	}
	desc := ""
	if len(bars) > 0 {
		bars[most].Mark = true
		desc = b.text("desc_days", "tip", bars[most].Tip)
	}
	return page.BarChart("cd", b.text("part_days"), desc, bars)
}

// shortDate is a date without its year.
func shortDate(date string) string {
	if i := strings.LastIndexByte(date, ' '); i > 0 {
		return date[:i]
	}
	return date
}

func (b *reportBook) waitChart() template.HTML {
	var rows []page.RangeRow
	worst := ""
	for _, x := range b.f.Services {
		if x.Wait.N() == 0 {
			continue
		}
		r := page.RangeRow{Name: b.service(x), P50: float64(x.Wait.Quantile(.5)) / 60, P80: float64(x.Wait.Quantile(.8)) / 60, P95: float64(x.Wait.Quantile(.95)) / 60}
		r.Tip = b.text("tip_wait", "name", r.Name, "median", b.minutes(x.Wait.Quantile(.5)), "most", b.minutes(x.Wait.Quantile(.8)), "rare", b.minutes(x.Wait.Quantile(.95)))
		if rows = append(rows, r); worst == "" {
			worst = r.Tip
		}
	}
	return page.RangeChart("cw", b.text("part_waits"), worst, [3]string{b.text("key_median"), b.text("key_p80"), b.text("key_p95")}, rows)
}

func (b *reportBook) needChart() template.HTML {
	var bars []page.NeedBar
	var short []string
	for _, n := range b.f.Needs() {
		band := clockOf(n.Band) + "-" + clockOf(n.Band+1)
		bars = append(bars, page.NeedBar{
			Name: clockOf(n.Band), Open: n.Open, Need: n.Need, Tip: b.text("tip_need", "band", band, "open", b.number(n.Open, 1), "need", b.number(n.Need, 1)),
		})
		if n.Short() {
			short = append(short, band)
		}
	}
	desc := b.text("desc_need_none")
	if len(short) > 0 {
		desc = b.text("desc_need", "bands", join(short))
	}
	return page.NeedChart("cn", b.text("part_counters"), desc, [2]string{b.text("key_open"), b.text("key_need")}, bars)
}

func join(words []string) string {
	out := ""
	for i, w := range words {
		if i > 0 {
			out += ", "
		}
		out += w
	}
	return out
}

// satisfaction are the votes of the months in which the span lies.
func (b *reportBook) satisfaction(part func(string, template.HTML, ...*reports.Sheet) page.ReportPart) page.ReportPart {
	p := part("votes", "")
	p.Side = page.SideRight
	t := b.votes[queue.VotesByMonth]
	p.Faces = &page.ReportFaces{}
	for m := string(b.a.From[:7]); m <= string(b.a.To[:7]) && len(p.Faces.Months) < 24; m = nextMonth(m) {
		p.Faces.Months = append(p.Faces.Months, page.ReportMonth{Name: m, CSV: "/reports/votes/" + m + ".csv", XLSX: "/reports/votes/" + m + ".xlsx"})
	}
	if t.Total == nil {
		p.None, p.Lead = b.text("votes_too_few", "n", t.Least), ""
		return p
	}
	p.Lead = b.text("lead_votes", "n", b.number(float64(t.Total.Votes()), 0), "from", t.From, "to", t.To)
	votes := float64(t.Total.Votes())
	var faces []page.FaceShare
	for _, x := range []struct {
		class string
		n     int
	}{{"ok", t.Total.Green}, {"mid", t.Total.Yellow}, {"bad", t.Total.Red}} {
		faces = append(faces, page.FaceShare{
			Class: x.class, Share: b.share(t.Share(t.Total, x.n)), Count: b.text("face_"+x.class, "n", b.number(float64(x.n), 0)), Part: float64(x.n) / votes,
		})
	}
	p.Faces.Chart = page.FaceChart("cf", b.text("part_votes"), faces[0].Count+", "+faces[1].Count+", "+faces[2].Count, faces)
	for i, by := range votesBy {
		if len(b.votes[by].Rows) == 0 {
			continue
		}
		table := b.table(b.faces(by))
		if i == 0 {
			p.Tables = append(p.Tables, table)
		} else {
			p.Folded = append(p.Folded, table)
		}
	}
	return p
}

// nextMonth is the month after "2026-11".
func nextMonth(m string) string {
	d, err := queue.ParseDay(m + "-28")
	if err != nil {
		return "9999-12"
	}
	return string(d.Add(4)[:7])
}
