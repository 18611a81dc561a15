package web

import (
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"filodiretto/inbox"
	"filodiretto/internal/clock"
	"filodiretto/queue"
	"filodiretto/reports"
	"filodiretto/web/page"
)

// openDataRoutes are the figures that everybody may have (queue reference 5 point 12):
// how the queues of a site stand now, in the form of the open-data model QueueMonitor,
// and how they stood, as CSV. They know no person, no precedence and no operator.
func (s *Server) openDataRoutes() {
	s.mux.HandleFunc("GET /p/open/queue/{file}", s.openQueue)
	s.mux.HandleFunc("GET /p/open/history/{file}", s.openHistory)
}

// queueMonitor is an entity of smart-data-models/dataModel.QueueManagement as key
// values.
type queueMonitor struct {
	ID               string `json:"id"`
	Type             string `json:"type"`
	DateObserved     string `json:"dateObserved"`
	OfficeName       string `json:"officeName"`
	ServiceName      string `json:"serviceName"`
	ServiceStatus    string `json:"serviceStatus"`
	LastTicketIssued string `json:"lastTicketIssued"`
	TicketServed     string `json:"ticketServed"`
	TicketsToServe   int    `json:"ticketsToServe"`
	LinePriority     string `json:"linePriority"`
	CountersOpen     int    `json:"countersOpen"`
}

// monitorOf is a line as the model names it. linePriority says only whether there are
// appointments, whose hour counts: who has precedence is not public.
func monitorOf(h *queue.House, l reports.Line, at clock.Instant) queueMonitor {
	m := queueMonitor{
		ID: "urn:ngsi-ld:QueueMonitor:" + h.Site.Key + ":" + l.Key, Type: "QueueMonitor", DateObserved: at.Time().UTC().Format(time.RFC3339),
		OfficeName: h.Site.Name, ServiceName: l.Name.In("it"), ServiceStatus: "closed", LastTicketIssued: l.Issued, TicketServed: l.Served,
		TicketsToServe: l.ToServe, LinePriority: "normal", CountersOpen: l.Counters,
	}
	if l.Open {
		m.ServiceStatus = "open"
	}
	if l.Booked {
		m.LinePriority = "appointment"
	}
	return m
}

// openQueue answers GET /p/open/queue/{site}.json.
func (s *Server) openQueue(w http.ResponseWriter, r *http.Request) {
	key, ok := strings.CutSuffix(r.PathValue("file"), ".json")
	if !ok {
		s.fail(w, r, inbox.ErrNotFound)
		return
	}
	h, lines, at, err := s.Reports.Monitor(r.Context(), key)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	out := make([]queueMonitor, len(lines))
	for i, l := range lines {
		out[i] = monitorOf(h, l, at)
	}
	w.Header().Set("Content-Type", "application/json")
	open(w)
	_ = json.NewEncoder(w).Encode(out)
}

// open lets pages of others read the answer, and everybody keep it for some seconds.
func open(w http.ResponseWriter) {
	w.Header().Set("Access-Control-Allow-Origin", "*")
	w.Header().Set("Cache-Control", "public, max-age=15")
}

// openHistory answers GET /p/open/history/{site}.csv: visits and waits by day,
// half-hour and service, up to yesterday. Small numbers are put together.
func (s *Server) openHistory(w http.ResponseWriter, r *http.Request) {
	key, ok := strings.CutSuffix(r.PathValue("file"), ".csv")
	h, err := s.Queue.SiteByKey(r.Context(), key)
	if !ok || err != nil {
		s.fail(w, r, inbox.ErrNotFound)
		return
	}
	today := s.Reports.Today()
	from, to := today.Add(-28), today.Add(-1)
	if d, err := queue.ParseDay(r.URL.Query().Get("from")); err == nil {
		from = d
	}
	if d, err := queue.ParseDay(r.URL.Query().Get("to")); err == nil {
		to = min(d, to)
	}
	from = max(from, to.Add(-398))
	lines, err := s.Reports.History(r.Context(), h.Site.ID, min(from, to), to)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	b := &reportBook{s: s, a: &figuresAsked{services: map[int64]*queue.Service{}, lang: "it"}, say: s.render.Say(page.Italian)}
	sheet := &reports.Sheet{Columns: b.columns("day", reports.Text, "hour", reports.Text, "service", reports.Text, "visits", reports.Count, "median", reports.Minutes, "p80", reports.Minutes)}
	for _, l := range lines {
		name := b.text("open_few")
		if sv := h.Service(l.Service); sv != nil {
			name = sv.Names.In("it")
		}
		sheet.Rows = append(sheet.Rows, []any{string(l.Day), clockOf(l.Band) + "-" + clockOf(l.Band+1), name, l.Visits, l.Median, l.P80})
	}
	open(w)
	sendSheet(w, "code-"+h.Site.Key, "csv", sheet.CSV())
}
