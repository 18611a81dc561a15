package web

import (
	"net/http"
	"slices"
	"strconv"
	"time"

	"filodiretto/inbox"
	"filodiretto/queue"
	"filodiretto/reports"
	"filodiretto/web/page"
)

// reportAdvice answers GET /reports/advice: what one counter more or fewer would do,
// as a fragment of the page, or as a page of its own for who has no scripts.
func (s *Server) reportAdvice(w http.ResponseWriter, r *http.Request, c *caller) error {
	a, err := s.reportAsked(r, c.lang)
	if err != nil {
		return err
	}
	b := &reportBook{s: s, a: a, say: s.render.Say(c.lang)}
	h := b.one()
	if h == nil {
		return inbox.ErrNotFound
	}
	weekday, _ := strconv.Atoi(r.URL.Query().Get("weekday"))
	if weekday < 1 || weekday > 7 {
		weekday = 0
	}
	advice, err := s.Reports.Advise(r.Context(), h.Site.ID, weekday)
	if err != nil {
		return err
	}
	v := page.ReportAdvice{}
	for d := 0; d <= 7; d++ {
		if d > 0 && len(h.Calendar.Week[d]) == 0 {
			continue
		}
		name := b.text("advice_any")
		if d > 0 {
			name = b.weekday(d)
		}
		v.Days = append(v.Days, page.ReportSpan{Name: name, URL: "/reports/advice?" + a.query("site", formatID(h.Site.ID), "weekday", strconv.Itoa(d)), Here: d == weekday})
	}
	b.advice(h, advice, &v)
	if r.Header.Get("HX-Request") == "true" {
		s.show(w, r, http.StatusOK, c.lang, v)
		return nil
	}
	p := page.Reports{Filter: b.filter(), Parts: []page.ReportPart{{
		Key: "advice", Title: b.text("part_advice"), Lead: b.text("lead_advice"), How: b.text("how_advice"), Advice: &v, Side: page.SideWide,
	}}}
	if p.Shell, err = s.shell(r, c, page.SectionReports); err != nil {
		return err
	}
	s.show(w, r, http.StatusOK, c.lang, p)
	return nil
}

// advice says what was tried in sentences and as a table.
func (b *reportBook) advice(h *queue.House, a *reports.Advice, v *page.ReportAdvice) {
	if len(a.Days) == 0 {
		v.None = b.text("advice_none")
		return
	}
	v.Lead = b.text("advice_lead", "n", len(a.Days), "from", b.say.Date(b.s.noon(a.Days[len(a.Days)-1])), "to", b.say.Date(b.s.noon(a.Days[0])))
	for i := range a.Best {
		v.Lines = append(v.Lines, page.ReportAdviceLine{Text: b.sentence(h, &a.Best[i]), More: a.Best[i].More})
	}
	if len(v.Lines) == 0 {
		v.Lines = []page.ReportAdviceLine{{Text: b.text("advice_fine"), More: true}}
	}
	v.Table = b.table(b.adviceSheet(h, a))
	v.Table.CSV, v.Table.XLSX = "", ""
}

func dayTime(d time.Duration) string { return clockOf(int(d / (30 * time.Minute))) }

// sentence is "a 4th counter 10:30-12:00 takes P80 from 48 to 27 minutes" (queue
// reference 5 point 10).
func (b *reportBook) sentence(h *queue.House, t *reports.Try) string {
	id := "advice_fewer"
	if t.More {
		id = "advice_more"
	}
	return b.text(id, "n", t.Open+1, "open", t.Open, "what", b.does(h, t.Like), "like", counterName(h, t.Like), "from", dayTime(t.From), "to", dayTime(t.To),
		"before", b.said(t.Before.P80), "after", b.said(t.After.P80))
}

func counterName(h *queue.House, id int64) string {
	if c := h.Counter(id); c != nil {
		return c.Name
	}
	return formatID(id)
}

// does names the groups of services that a counter does.
func (b *reportBook) does(h *queue.House, counter int64) string {
	var names []string
	for _, g := range h.Groups {
		if slices.ContainsFunc(h.Skills[counter], func(k queue.Skill) bool { sv := h.Service(k.ServiceID); return sv != nil && sv.GroupID == g.ID }) {
			names = append(names, g.Names.In(b.a.lang))
		}
	}
	return join(names)
}

func (b *reportBook) adviceSheet(h *queue.House, a *reports.Advice) *reports.Sheet {
	s := &reports.Sheet{Name: b.text("part_advice"), Columns: b.columns("hour", reports.Text, "more_like", reports.Text, "now", reports.Minutes, "then", reports.Minutes, "fewer_like", reports.Text, "now", reports.Minutes, "then", reports.Minutes)}
	for _, band := range a.Bands {
		if band.More == nil && band.Fewer == nil {
			continue
		}
		row := make([]any, 7)
		for i, t := range []*reports.Try{band.More, band.Fewer} {
			row[3*i+1], row[3*i+2], row[3*i+3] = "–", -1, -1
			if t == nil {
				continue
			}
			row[0] = dayTime(t.From) + "-" + dayTime(t.To)
			row[3*i+1], row[3*i+2], row[3*i+3] = counterName(h, t.Like), int(t.Before.P80.Seconds()), int(t.After.P80.Seconds())
		}
		s.Rows = append(s.Rows, row)
	}
	return s
}

// said are minutes within a sentence.
func (b *reportBook) said(d time.Duration) string {
	if d < 30*time.Second {
		return b.text("under")
	}
	return b.minutes(int(d.Seconds()))
}
