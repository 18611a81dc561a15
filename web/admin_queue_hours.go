package web

import (
	"cmp"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"filodiretto/inbox"
	"filodiretto/queue"
	"filodiretto/web/page"
)

// fewestRanges is how many intervals a day has room for in a form.
const fewestRanges = 2

func wall(minute int) string { return fmt.Sprintf("%02d:%02d", minute/60%24, minute%60) }

// minuteOf reads "08:30". As the end of an interval 00:00 is midnight.
func minuteOf(s string, end bool) (int, bool) {
	hour, minute, ok := strings.Cut(s, ":")
	a, errA := strconv.Atoi(hour)
	b, errB := strconv.Atoi(minute)
	if !ok || errA != nil || errB != nil || a < 0 || a > 24 || b < 0 || b > 59 || len(minute) != 2 {
		return 0, false
	}
	if n := a*60 + b; n > 0 || !end {
		return n, n <= 24*60
	}
	return 24 * 60, true
}

// rangeWords is "08:30–12:30, 14:30–17:00"; the end of the day is 24:00.
func rangeWords(rs queue.Ranges, join string) string {
	var out []string
	for _, x := range rs {
		end := wall(x.To)
		if x.To == 24*60 {
			end = "24:00"
		}
		out = append(out, wall(x.From)+join+end)
	}
	return strings.Join(out, ", ")
}

// readRanges reads what rangeWords wrote, with a hyphen or a dash.
func readRanges(s string) (queue.Ranges, bool) {
	var out queue.Ranges
	for part := range strings.SplitSeq(s, ",") {
		if strings.TrimSpace(part) == "" {
			continue
		}
		from, to, ok := strings.Cut(strings.ReplaceAll(part, "–", "-"), "-")
		a, okA := minuteOf(strings.TrimSpace(from), false)
		b, okB := minuteOf(strings.TrimSpace(to), true)
		if !ok || !okA || !okB {
			return nil, false
		}
		out = append(out, queue.Range{From: a, To: b})
	}
	return out, true
}

func rangeName(side string, day, i int) string { return fmt.Sprintf("%s_%d_%d", side, day, i) }

// rangeCells are the inputs of a day's intervals.
func rangeCells(day, n int, rs queue.Ranges) []page.QueueField {
	var out []page.QueueField
	for i := range n {
		from, to := "", ""
		if i < len(rs) {
			from, to = wall(rs[i].From), wall(rs[i].To)
		}
		out = append(
			out, page.QueueField{Name: rangeName("from", day, i), Kind: page.FieldTime, Value: from},
			page.QueueField{Name: rangeName("to", day, i), Kind: page.FieldTime, Value: to},
		)
	}
	return out
}

func rangeColumns(n int) []string {
	var out []string
	for range n {
		out = append(out, "from", "to")
	}
	return out
}

// readCells reads the intervals of a day; empty ones are none.
func (in *queueInput) readCells(day, n int) queue.Ranges {
	var out queue.Ranges
	for i := range n {
		from, to := in.text(rangeName("from", day, i)), in.text(rangeName("to", day, i))
		if from == "" && to == "" {
			continue
		}
		a, okA := minuteOf(from, false)
		b, okB := minuteOf(to, true)
		if !okA || !okB {
			in.fault("hours", "queue_time")
		}
		out = append(out, queue.Range{From: a, To: b})
	}
	return out
}

func weekday(say page.Say, day int) string { return say.Text("time.weekday_" + strconv.Itoa(day%7)) }

// siteHours is the form for the hours of the week.
func (s *Server) siteHours(w http.ResponseWriter, r *http.Request, c *caller, h *queue.House) error {
	n := fewestRanges
	for _, rs := range h.Calendar.Week {
		n = max(n, len(rs))
	}
	grid := page.QueueField{Name: "hours", Kind: page.FieldGrid, Columns: rangeColumns(n)}
	for day := 1; day <= 7; day++ {
		grid.Rows = append(grid.Rows, page.QueueFieldRow{Label: weekday(c.say, day), Cells: rangeCells(day, n, h.Calendar.Week[day])})
	}
	f := s.siteForm(h, "hours", siteURL(h.Site.ID)+"/hours", grid)
	f.Version = h.Site.Version
	in := &queueInput{r: r}
	week := map[int]queue.Ranges{}
	for day := 1; day <= 7 && r.Method == http.MethodPost; day++ {
		if rs := in.readCells(day, n); len(rs) > 0 {
			week[day] = rs
		}
	}
	return s.calendarForm(w, r, c, f, in, func() ([]queue.Conflict, error) {
		return s.Queue.SaveHours(r.Context(), c.Viewer, h.Site.ID, seenVersion(r), week)
	})
}

func seenVersion(r *http.Request) int64 { return parseID(r.PostFormValue("version")) }

// siteDay is the form for a day unlike the others.
func (s *Server) siteDay(w http.ResponseWriter, r *http.Request, c *caller, h *queue.House) error {
	f := s.siteForm(
		h, "day", siteURL(h.Site.ID)+"/days/new", page.QueueField{Name: "day", Kind: page.FieldDate},
		page.QueueField{Name: "reason", Kind: page.FieldText, Optional: true},
		page.QueueField{
			Name: "hours", Text: "day_hours", Kind: page.FieldGrid, Columns: rangeColumns(fewestRanges),
			Rows: []page.QueueFieldRow{{Label: c.say.Text("queue_say.this_day"), Cells: rangeCells(0, fewestRanges, nil)}},
		},
	)
	f.Version = h.Site.Version
	in := &queueInput{r: r}
	d := queue.SpecialDay{Day: queue.Day(in.text("day")), Intervals: in.readCells(0, fewestRanges), Reason: in.text("reason")}
	return s.calendarForm(w, r, c, f, in, func() ([]queue.Conflict, error) {
		return s.Queue.SaveDay(r.Context(), c.Viewer, h.Site.ID, seenVersion(r), d)
	})
}

// calendarForm is queueForm for the hours: it tells of appointments that are left
// outside of them.
func (s *Server) calendarForm(w http.ResponseWriter, r *http.Request, c *caller, f page.QueueForm, in *queueInput, save func() ([]queue.Conflict, error)) error {
	var beneath []queue.Conflict
	return s.queueFormTold(w, r, c, f, in, func() (err error) {
		beneath, err = save()
		return err
	}, func() {
		if len(beneath) > 0 {
			s.flash(r, page.LevelSoon, "queue_beneath", "n", len(beneath))
		}
	})
}

func (s *Server) dropDay(w http.ResponseWriter, r *http.Request, c *caller, h *queue.House) error {
	day, err := queue.ParseDay(r.PathValue("day"))
	if err != nil {
		return inbox.ErrNotFound
	}
	beneath, err := s.Queue.DropDay(r.Context(), c.Viewer, h.Site.ID, 0, day)
	if err == nil && len(beneath) > 0 {
		s.flash(r, page.LevelSoon, "queue_beneath", "n", len(beneath))
		http.Redirect(w, r, siteURL(h.Site.ID), http.StatusSeeOther)
		return nil
	}
	return s.done(w, r, c, siteURL(h.Site.ID), err, "saved")
}

// calendarParts are the hours of the week, and the days to come that differ.
func (s *Server) calendarParts(r *http.Request, c *caller, h *queue.House) ([]page.QueuePart, error) {
	base := siteURL(h.Site.ID)
	hours := page.QueuePart{Name: "hours", Edit: base + "/hours"}
	shut := c.say.Text("queue_say.shut")
	for day := 1; day <= 7; day++ {
		hours.Rows = append(hours.Rows, page.QueueRow{Title: weekday(c.say, day), Facts: cmp.Or(rangeWords(h.Calendar.Week[day], "–"), shut)})
	}
	list, err := s.Queue.SpecialDays(r.Context(), h.Site.ID, h.Today(s.clock.Now()))
	days := page.QueuePart{Name: "days", New: base + "/days/new"}
	for _, d := range list {
		facts := cmp.Or(rangeWords(d.Intervals, "–"), shut)
		if d.Reason != "" {
			facts += " · " + d.Reason
		}
		days.Rows = append(days.Rows, page.QueueRow{
			Title: weekday(c.say, d.Day.Weekday()) + " " + c.say.Date(d.Day.At(12*60, h.Calendar.Zone)), Facts: facts,
			End: base + "/days/" + string(d.Day) + "/drop", How: "day",
		})
	}
	return []page.QueuePart{hours, days}, err
}
