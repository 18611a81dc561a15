package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"filodiretto/inbox"
	"filodiretto/internal/clock"
	"filodiretto/queue"
	"filodiretto/reports"
	"filodiretto/router"
	"filodiretto/web/page"
)

func (s *Server) reportRoutes() {
	s.mux.HandleFunc("GET /reports", s.reporting(s.reportPage))
	s.mux.HandleFunc("GET /reports/advice", s.reporting(s.reportAdvice))
	s.mux.HandleFunc("GET /reports/whatif", s.reporting(s.reportWhatIf))
	s.mux.HandleFunc("GET /reports/export/{file}", s.reporting(s.reportExport))
	s.mux.HandleFunc("GET /reports/votes/{file}", s.reporting(s.reportVotes))
	s.openDataRoutes()
}

// reporting lets in those who see the figures: heads, administrators and who
// communicates for the municipality. There is no person in the figures.
func (s *Server) reporting(h staffHandler) http.HandlerFunc {
	return s.staff(func(w http.ResponseWriter, r *http.Request, c *caller) error {
		if !c.mayReport() {
			return inbox.ErrNotFound
		}
		return h(w, r, c)
	})
}

func (c *caller) mayReport() bool {
	return c.Admin || slices.ContainsFunc(c.dir.RolesOf(c.OperatorID), func(m router.Membership) bool {
		return m.Role == router.Head || m.Role == router.Communication
	})
}

// figuresAsked is what figures are asked for, with the names of what they are about.
type figuresAsked struct {
	reports.Filter
	houses   []*queue.House
	services map[int64]*queue.Service
	today    queue.Day
	lang     string
}

// mostSpan is how many days a page shows.
const mostSpan = 740

// usualSpan is how many days are shown when nobody says.
const usualSpan = 28

func (s *Server) reportAsked(r *http.Request, lang page.Lang) (*figuresAsked, error) {
	sites, err := s.Queue.Sites(r.Context())
	if err != nil {
		return nil, err
	}
	a := &figuresAsked{services: map[int64]*queue.Service{}, today: s.Reports.Today(), lang: string(lang)}
	for _, site := range sites {
		h, err := s.Queue.House(r.Context(), site.ID)
		if err != nil {
			return nil, err
		}
		a.houses = append(a.houses, h)
		for _, sv := range h.Services {
			a.services[sv.ID] = sv
		}
	}
	q := r.URL.Query()
	if h := a.house(parseID(q.Get("site"))); h != nil {
		a.Site = h.Site.ID
	}
	if sv := a.services[parseID(q.Get("service"))]; sv != nil && (a.Site == 0 || sv.SiteID == a.Site) {
		a.Service = sv.ID
	}
	to, err := queue.ParseDay(q.Get("to"))
	if err != nil || to > a.today {
		to = a.today
	}
	from, err := queue.ParseDay(q.Get("from"))
	if err != nil {
		from = to.Add(1 - usualSpan)
	}
	if from > to {
		from, to = to, from
	}
	a.From, a.To = max(from, to.Add(1-mostSpan)), to
	return a, nil
}

func (a *figuresAsked) house(id int64) *queue.House {
	i := slices.IndexFunc(a.houses, func(h *queue.House) bool { return h.Site.ID == id })
	if i < 0 {
		return nil
	}
	return a.houses[i]
}

func (a *figuresAsked) service(id int64) string {
	if sv := a.services[id]; sv != nil {
		return sv.Names.In(a.lang)
	}
	return formatID(id)
}

func (a *figuresAsked) site(id int64) string {
	if h := a.house(id); h != nil {
		return h.Site.Name
	}
	return formatID(id)
}

// query is the question as an address; more are members and values in turn.
func (a *figuresAsked) query(more ...string) string {
	q := url.Values{"from": {string(a.From)}, "to": {string(a.To)}}
	if a.Site != 0 {
		q.Set("site", formatID(a.Site))
	}
	if a.Service != 0 {
		q.Set("service", formatID(a.Service))
	}
	for i := 0; i+1 < len(more); i += 2 {
		q.Set(more[i], more[i+1])
	}
	return q.Encode()
}

// noon is an instant of a day, for its name.
func (s *Server) noon(d queue.Day) clock.Instant { return d.At(12*60, s.zone) }

// reportPage answers GET /reports.
func (s *Server) reportPage(w http.ResponseWriter, r *http.Request, c *caller) error {
	a, err := s.reportAsked(r, c.lang)
	if err != nil {
		return err
	}
	f, err := s.Reports.Load(r.Context(), a.Filter)
	if err != nil {
		return err
	}
	before, err := s.Reports.Load(r.Context(), a.Before())
	if err != nil {
		return err
	}
	b := &reportBook{s: s, a: a, f: f, before: before, say: s.render.Say(c.lang)}
	if err := b.countVotes(r.Context(), c.Viewer); err != nil {
		return err
	}
	v := page.Reports{Filter: b.filter(), Parts: b.parts(), Cards: b.cards(), Book: "/reports/export/all.xlsx?" + a.query()}
	if v.Shell, err = s.shell(r, c, page.SectionReports); err != nil {
		return err
	}
	switch {
	case !f.Updated:
		v.Empty = "never"
	case f.Steps == 0:
		v.Empty = "span"
	}
	if v.Empty != "" {
		v.Cards, v.Parts, v.Book = nil, nil, ""
	}
	if at, err := s.Reports.UpdatedAt(r.Context()); err != nil {
		return err
	} else if at != 0 {
		v.Until = b.say.Text("report.until", "when", b.say.Moment(at))
	}
	s.show(w, r, http.StatusOK, c.lang, v)
	return nil
}

// filter is the form and the spans that are one click away.
func (b *reportBook) filter() page.ReportFilter {
	a := b.a
	out := page.ReportFilter{
		Action: "/reports", From: string(a.From), To: string(a.To), Most: string(a.today),
		Text:  b.say.Text("report.span", "from", b.say.Date(b.s.noon(a.From)), "to", b.say.Date(b.s.noon(a.To))),
		Sites: []page.Choice{{Label: b.say.Text("report.all_sites")}}, Services: []page.Choice{{Label: b.say.Text("report.all_services")}},
	}
	for _, h := range a.houses {
		out.Sites = append(out.Sites, page.Choice{Value: formatID(h.Site.ID), Label: h.Site.Name, Chosen: h.Site.ID == a.Site})
		if a.Site != 0 && a.Site != h.Site.ID {
			continue
		}
		for _, sv := range h.Services {
			if sv.EndedAt == 0 || sv.ID == a.Service {
				out.Services = append(out.Services, page.Choice{Value: formatID(sv.ID), Label: sv.Names.In(a.lang), Chosen: sv.ID == a.Service})
			}
		}
	}
	for _, x := range []struct {
		key  string
		days int
	}{{"week", 7}, {"month", usualSpan}, {"quarter", 91}, {"year", 365}} {
		from := a.today.Add(1 - x.days)
		out.Spans = append(out.Spans, page.ReportSpan{
			Name: b.say.Text("report.span_" + x.key), URL: "/reports?" + a.query("from", string(from), "to", string(a.today)), Here: a.From == from && a.To == a.today,
		})
	}
	return out
}

// reportExport answers GET /reports/export/{file}: a table as CSV or XLSX, or all of
// them in one workbook.
func (s *Server) reportExport(w http.ResponseWriter, r *http.Request, c *caller) error {
	a, err := s.reportAsked(r, c.lang)
	if err != nil {
		return err
	}
	f, err := s.Reports.Load(r.Context(), a.Filter)
	if err != nil {
		return err
	}
	b := &reportBook{s: s, a: a, f: f, before: f, say: s.render.Say(c.lang)}
	if err := b.countVotes(r.Context(), c.Viewer); err != nil {
		return err
	}
	key, kind, _ := strings.Cut(r.PathValue("file"), ".")
	sheets := b.sheets()
	if key != "all" {
		sheets = slices.DeleteFunc(sheets, func(x *reports.Sheet) bool { return x.Key != key })
	}
	if len(sheets) == 0 || key == "all" && kind != "xlsx" {
		return inbox.ErrNotFound
	}
	name := "filo-diretto-" + key + "-" + string(a.From) + "-" + string(a.To)
	switch kind {
	case "csv":
		sendSheet(w, name, kind, sheets[0].CSV())
		return nil
	case "xlsx":
		file, err := reports.XLSX(sheets...)
		if err != nil {
			return err
		}
		sendSheet(w, name, kind, file)
		return nil
	}
	return inbox.ErrNotFound
}

var sheetTypes = map[string]string{"csv": "text/csv; charset=utf-8", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}

func sendSheet(w http.ResponseWriter, name, kind string, b []byte) {
	w.Header().Set("Content-Type", sheetTypes[kind])
	w.Header().Set("Content-Disposition", `attachment; filename="`+name+"."+kind+`"`)
	_, _ = w.Write(b)
}

// reportVotes answers GET /reports/votes/{month}.csv or .xlsx: the votes of a month as
// bodies told them to the ministry (italian-pa section 8).
func (s *Server) reportVotes(w http.ResponseWriter, r *http.Request, c *caller) error {
	month, kind, _ := strings.Cut(r.PathValue("file"), ".")
	if sheetTypes[kind] == "" {
		return inbox.ErrNotFound
	}
	if _, err := time.Parse("2006-01", month); err != nil {
		return inbox.ErrNotFound
	}
	a, err := s.reportAsked(r, c.lang)
	if err != nil {
		return err
	}
	name := func(key string) string {
		for _, sv := range a.services {
			if sv.Key == key {
				return sv.Names.In(a.lang)
			}
		}
		return key
	}
	m, err := s.Votes.Month(r.Context(), c.Viewer, s.Config.Municipality.Name, month, name)
	if err != nil {
		return err
	}
	file := m.CSV(a.lang)
	if kind == "xlsx" {
		if file, err = m.XLSX(a.lang); err != nil {
			return err
		}
	}
	sendSheet(w, "mettiamoci-la-faccia-"+month, kind, file)
	return nil
}
