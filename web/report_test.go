package web

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"filodiretto/inbox"
	"filodiretto/internal/db"
	"filodiretto/queue"
)

// someVisits has three people come, of whom one is served.
func (e *siteTown) someVisits(h *townHall) {
	e.t.Helper()
	ctx, all := e.t.Context(), inbox.Viewer{System: true}
	// tests before this one may have given numbers of later days, and figures are read
	// by them
	if ahead := db.MadeAt(db.NewID(e.manual)).Sub(e.manual.Now()); ahead > 0 {
		e.manual.Advance(ahead)
	}
	giulia := e.people["giulia"]
	for range 3 {
		e.ticket(h, "certificati", 0)
	}
	_, err := e.queue.Open(ctx, giulia, h.first, 0)
	must(e.t, err)
	called, err := e.queue.CallNext(ctx, giulia, queue.At{CounterID: h.first, Key: "c"})
	must(e.t, err)
	act := queue.Act{StepID: called.Step.ID}
	_, err = e.queue.Start(ctx, all, act)
	must(e.t, err)
	_, err = e.queue.Finish(ctx, all, queue.Finish{Act: act})
	must(e.t, err)
	_, err = e.deps.Reports.Update(ctx)
	must(e.t, err)
}

func TestReports(t *testing.T) {
	eachSite(t, func(t *testing.T, e *siteTown) {
		admin := e.as("sara")
		admin.get("/reports").want(http.StatusOK, "Non c’è ancora niente da contare")
		admin.get("/reports/whatif").want(http.StatusOK, "Non ci sono ancora giorni")
		h := e.hall()
		e.someVisits(h)
		admin = e.as("sara") // those visits may have been days later
		page := admin.get("/reports").want(http.StatusOK, "Attesa per servizio", "certificati", "Come si calcola", "/reports/export/services.csv?", "Ci sono meno di 5 voti")
		for _, bad := range []string{"style=", "<script>", "onclick"} {
			if strings.Contains(page.Body, bad) {
				t.Errorf("the page has %s", bad)
			}
		}
		admin.get("/reports/advice").want(http.StatusOK, "Servono alcuni giorni di lavoro")
		admin.get("/reports?from=2020-01-01&to=2020-02-01").want(http.StatusOK, "In questi giorni non è venuto nessuno")
		admin.get("/reports?from=x&to=2099-01-01&site=7&service=zz").want(http.StatusOK, "Visite")

		csv := admin.get("/reports/export/outcomes.csv").want(http.StatusOK)
		if csv.Body != "\ufeffEsito;Quanti;Quota\r\nServito;1;33,3\r\nAncora in sala;2;66,7\r\n" || !strings.Contains(csv.Header.Get("Content-Disposition"), ".csv") {
			t.Errorf("the export is %q", csv.Body)
		}
		if x := admin.get("/reports/export/all.xlsx").want(http.StatusOK); !strings.HasPrefix(x.Body, "PK") {
			t.Error("the workbook is none")
		}
		admin.get("/reports/export/all.csv").want(http.StatusNotFound)
		admin.get("/reports/export/persons.csv").want(http.StatusNotFound)
		admin.get("/reports/votes/2026-11.csv").want(http.StatusOK, "Giudizi positivi")
		admin.get("/reports/votes/x.csv").want(http.StatusNotFound)

		giulia := e.as("giulia")
		for _, path := range []string{"/reports", "/reports/advice", "/reports/whatif", "/reports/export/days.csv", "/reports/votes/2026-11.csv"} {
			giulia.get(path).want(http.StatusNotFound)
		}
		if strings.Contains(giulia.get("/cases").Body, `href="/reports"`) {
			t.Error("somebody is led to a page that they may not see")
		}
	})
}

// The open data tell how the queues stand, and nothing of persons or precedence.
func TestOpenData(t *testing.T) {
	eachSite(t, func(t *testing.T, e *siteTown) {
		e.someVisits(e.hall())
		a := e.stranger().get("/p/open/queue/municipio.json").want(http.StatusOK)
		var lines []queueMonitor
		must(t, json.Unmarshal([]byte(a.Body), &lines))
		found := false
		for _, l := range lines {
			if l.ServiceName != "certificati" {
				continue
			}
			found = true
			if l.OfficeName != "Municipio" || l.ServiceStatus != "open" || l.TicketsToServe != 2 || l.LastTicketIssued != "A3" || l.TicketServed != "A1" || l.LinePriority != "normal" {
				t.Errorf("certificati: %+v", l)
			}
		}
		if !found || len(lines) != 2 {
			t.Errorf("lines %+v", lines)
		}
		if a.Header.Get("Access-Control-Allow-Origin") != "*" {
			t.Error("pages of others may not read it")
		}
		csv := e.stranger().get("/p/open/history/municipio.csv").want(http.StatusOK)
		if csv.Body != "\ufeffGiorno;Fascia;Servizio;Visite;Mediana (min);P80 (min)\r\n" {
			t.Errorf("the history tells of today: %q", csv.Body)
		}
		e.stranger().get("/p/open/queue/nowhere.json").want(http.StatusNotFound)
		e.stranger().get("/p/open/history/nowhere.csv").want(http.StatusNotFound)
		e.stranger().get("/reports").want(http.StatusSeeOther)
	})
}
