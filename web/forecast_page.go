package web

import (
	"fmt"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"filodiretto/queue"
	"filodiretto/queue/estimate"
	"filodiretto/queue/order"
	"filodiretto/web/page"
)

// estimateSpans are over how many days the page of estimates sums up.
var estimateSpans = []int{7, 28, 84}

// estimates shows heads and administrators how well the promised waits of a site were
// kept (queue reference 5, point 4).
func (s *Server) estimates(w http.ResponseWriter, r *http.Request, c *caller) error {
	h, err := s.Queue.House(r.Context(), pathID(r, "site"))
	if err != nil {
		return err
	}
	days, _ := strconv.Atoi(r.URL.Query().Get("days"))
	if !slices.Contains(estimateSpans, days) {
		days = estimateSpans[1]
	}
	today := h.Today(s.clock.Now())
	k, err := s.Queue.Kept(r.Context(), c.Viewer, h.Site.ID, today.Add(1-days), today)
	if err != nil {
		return err
	}
	out := page.Estimates{Site: h.Site.ID, Name: h.Site.Name}
	if out.Shell, err = s.shell(r, c, page.SectionQueue); err != nil {
		return err
	}
	say := s.render.Say(c.lang)
	out.Text = say.Text("estimates.span", "n", days)
	for _, n := range estimateSpans {
		out.Spans = append(out.Spans, page.ReportSpan{Name: say.Text("estimates.span", "n", n), URL: fmt.Sprintf("/queue/%d/estimates?days=%d", h.Site.ID, n), Here: n == days})
	}
	fillEstimates(&out, say, c.lang, h, k)
	s.show(w, r, http.StatusOK, c.lang, out)
	return nil
}

func fillEstimates(out *page.Estimates, say page.Say, lang page.Lang, h *queue.House, k *queue.Kept) {
	share := "–"
	if n := k.Share(); n > 0 {
		share = strconv.Itoa(n) + " %"
	}
	for _, x := range []struct{ key, value string }{
		{"kept", share},
		{"made", strconv.Itoa(k.Made)},
		{"left", strconv.Itoa(k.Left)},
		{"learnt", strconv.Itoa(k.Waits)},
	} {
		out.Cards = append(out.Cards, page.ReportCard{Name: say.Text("estimates." + x.key), Value: x.value, Note: say.Text("estimates." + x.key + "_note")})
	}
	switch {
	case k.Waits < estimate.Enough:
		out.Few = say.Text("estimates.few_waits", "n", k.Waits)
	case k.Called == 0:
		out.Few = say.Text("estimates.few")
	}
	if k.Called == 0 {
		return
	}
	for _, p := range []struct {
		key  string
		rows []estimate.Calibration
		name func(band string) string
	}{
		{"by_hour", k.ByHour, func(b string) string { return say.Text("estimates.hour", "hour", b) }},
		{"by_wait", k.ByWait, func(b string) string { return say.Text("estimates.wait", "band", b) }},
		{"by_class", k.ByClass, func(b string) string { return precedenceName(h, order.Class(b), lang) }},
		{"by_day", k.ByDay, func(b string) string { return say.Date(queue.Day(b).At(12*60, h.Calendar.Zone)) }},
	} {
		out.Parts = append(out.Parts, calibrationPart(say, lang, p.key, p.rows, p.name))
	}
}

// precedenceName is a class of precedence in words; the staff alone read it.
func precedenceName(h *queue.House, key order.Class, lang page.Lang) string {
	if c := h.ClassOf(key); c != nil {
		return c.Names.In(string(lang))
	}
	return string(key)
}

// calibrationPart is a chart of how promises were kept, with its table.
func calibrationPart(say page.Say, lang page.Lang, key string, rows []estimate.Calibration, name func(string) string) page.ReportPart {
	out := page.ReportPart{
		Key: "e-" + key, Title: say.Text("estimates." + key), Lead: say.Text("estimates.measure"), How: say.Text("estimates.how"), Wide: true,
	}
	table := page.ReportTable{Name: out.Title, Hidden: true}
	for i, id := range []string{"band", "n", "share", "bias", "error", "width"} {
		table.Head = append(table.Head, page.ReportCell{Text: say.Text("estimates." + id), Num: i > 0})
	}
	var bars []page.Bar
	for _, c := range rows {
		kept, label := 100*c.Kept, name(c.Band)
		share := fmt.Sprintf("%.0f %%", kept)
		num := func(format string, v float64) page.ReportCell {
			text := strings.Replace(fmt.Sprintf(format, math.Round(v*10)/10+0), "-", "−", 1)
			if lang == page.Italian {
				text = strings.Replace(text, ".", ",", 1)
			}
			return page.ReportCell{Text: text, Num: true}
		}
		table.Rows = append(table.Rows, []page.ReportCell{
			{Text: label},
			{Text: strconv.Itoa(c.N), Num: true},
			{Text: share, Num: true, Bad: c.Kept < .8 && c.N >= 10},
			num("%+.1f", c.Bias), num("%.1f", c.Error), num("%.1f", c.Width),
		})
		bars = append(bars, page.Bar{Name: label, Value: kept, Tip: label + ": " + share, Mark: c.Kept < .8})
	}
	out.Chart, out.Tables = page.BarChart("c-"+key, out.Title, say.Text("estimates.desc"), bars), []page.ReportTable{table}
	return out
}
