package web

import (
	"context"
	"testing"

	"filodiretto/inbox"
	"filodiretto/internal/db"
	"filodiretto/internal/secret"
	"filodiretto/queue"
)

// townVisits lets a visit go on as a case, as the program does.
type townVisits struct{ e *apiTown }

func (x townVisits) OpenCase(ctx context.Context, v inbox.Viewer, w queue.OfficeWork) (int64, error) {
	k, err := x.e.inbox.RecordVisit(ctx, v, inbox.Visit{
		AccountID: x.e.counter.ID, Key: w.Key, CitizenID: w.CitizenID, Subject: w.Subject, Text: w.Text, OfficeID: w.OfficeID, CaseID: w.CaseID,
	})
	if err != nil {
		return 0, err
	}
	return k.ID, nil
}

// townNews tells nobody.
type townNews struct{}

func (townNews) Tell(context.Context, *db.Tx, []queue.News) error { return nil }

// townHall is a site that is always open: two services, two counters of the URP,
// one of a specialist.
type townHall struct {
	site                  int64
	services              map[string]int64
	first, second, taxman int64 // counters
}

func (e *apiTown) hall() *townHall {
	e.t.Helper()
	ctx, all := e.t.Context(), inbox.Viewer{System: true}
	h := &townHall{services: map[string]int64{}}
	site, err := e.queue.SaveSite(ctx, all, queue.SiteEdit{Key: "municipio", Name: "Municipio"})
	must(e.t, err)
	h.site = site.ID
	week := map[int]queue.Ranges{}
	for day := 1; day <= 7; day++ {
		week[day] = queue.Ranges{{From: 0, To: 24 * 60}}
	}
	_, err = e.queue.SaveHours(ctx, all, h.site, 0, week)
	must(e.t, err)
	group, err := e.queue.SaveGroup(ctx, all, queue.Group{SiteID: h.site, Key: "tutto", Names: queue.Names{"it": "Tutto"}, Series: "A"})
	must(e.t, err)
	for key, office := range map[string]string{"certificati": "urp", "tari": "tributi"} {
		h.services[key], err = e.queue.SaveService(ctx, all, queue.Service{
			SiteID: h.site, GroupID: group, Key: key, Names: queue.Names{"it": key}, OfficeID: e.offices[office], Minutes: 8, Kiosk: true, Remote: true,
		})
		must(e.t, err)
	}
	counter := func(key, office, kind string, does ...string) int64 {
		c := queue.CounterEdit{Counter: queue.Counter{SiteID: h.site, Key: key, Name: "Sportello " + key, Kind: kind, OfficeID: e.offices[office]}}
		for _, s := range does {
			c.Skills = append(c.Skills, queue.Skill{ServiceID: h.services[s]})
		}
		id, err := e.queue.SaveCounter(ctx, all, c)
		must(e.t, err)
		return id
	}
	h.first, h.second, h.taxman = counter("1", "urp", "desk", "certificati", "tari"), counter("2", "urp", "desk", "certificati"), counter("9", "tributi", "specialist", "tari")
	return h
}

// ticket gives a number for a service.
func (e *apiTown) ticket(h *townHall, service string, citizen int64) *queue.Issued {
	e.t.Helper()
	out, err := e.queue.IssueTicket(e.t.Context(), inbox.Viewer{System: true}, queue.NewTicket{SiteID: h.site, ServiceID: h.services[service], CitizenID: citizen, Key: secret.Token(8)})
	must(e.t, err)
	return out
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// count is the answer to a question about the database.
func (e *apiTown) count(query string, args ...any) int {
	e.t.Helper()
	var n int
	must(e.t, e.db.Read.NewRaw(query, args...).Scan(e.t.Context(), &n))
	return n
}
