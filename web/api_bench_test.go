package web

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	"filodiretto/inbox"
	"filodiretto/internal/clock"
	"filodiretto/internal/db"
	"filodiretto/internal/db/dbtest"
)

const manyCases = 100_000

// BenchmarkAPIList is GET /cases over 100,000 cases in four offices: each view,
// from its beginning and from deep within, by one client and by 16.
func BenchmarkAPIList(b *testing.B) {
	for _, x := range []struct{ name, url string }{{"sqlite", dbtest.SQLite(b)}, {"postgres", dbtest.Postgres(b)}} {
		e := openAPITown(b, x.url, clock.System{}, 1_000_000)
		e.manyCases()
		for _, view := range inbox.Views {
			b.Run(x.name+"/"+string(view), func(b *testing.B) { e.list(b, 1, "/cases?view="+string(view)) })
		}
		b.Run(x.name+"/office16", func(b *testing.B) { e.list(b, 16, "/cases?view=office") })
		b.Run(x.name+"/deep", func(b *testing.B) {
			b.StopTimer()
			next := ""
			for range 500 {
				next = e.call("giulia", "GET", "/cases?view=all&limit=25&cursor="+next, nil).want(http.StatusOK).str("next")
			}
			b.StartTimer()
			e.list(b, 1, "/cases?view=all&cursor="+next)
		})
		b.Run(x.name+"/case", func(b *testing.B) {
			r := e.call("giulia", "GET", "/cases?view=office&limit=1", nil).want(http.StatusOK)
			e.list(b, 1, "/cases/"+r.str("items", 0, "ref"))
		})
	}
}

// BenchmarkAPIReply is POST .../messages by 8 clients, each on cases of its own,
// with an idempotency key: accepted and durable, not yet sent.
func BenchmarkAPIReply(b *testing.B) {
	for _, x := range []struct{ name, url string }{{"sqlite", dbtest.SQLite(b)}, {"postgres", dbtest.Postgres(b)}} {
		e := openAPITown(b, x.url, clock.System{}, 1_000_000)
		const clients = 8
		paths, bodies := make([]string, clients), make([]map[string]any, clients)
		for i := range clients {
			e.letter(e.mail, fmt.Sprintf("Persona %d <p%d@posta.example>", i, i), "Una domanda", "Quando siete aperti?")
			paths[i], _ = e.firstCase("giulia")
			bodies[i] = e.answer("giulia", paths[i], "Siamo aperti dalle nove alle dodici, e il giovedì anche dalle quindici alle diciassette.")
			delete(bodies[i], "seen_id")
		}
		for _, keyed := range []bool{false, true} {
			b.Run(fmt.Sprintf("%s/keyed=%t", x.name, keyed), func(b *testing.B) {
				var wg sync.WaitGroup
				for n := range clients {
					body := jsonBytesOf(bodies[n])
					wg.Go(func() {
						for i := n; i < b.N; i += clients {
							r := httptest.NewRequestWithContext(b.Context(), http.MethodPost, apiPrefix+paths[n]+"/messages", bytes.NewReader(body))
							r.Header.Set("Authorization", "Bearer "+e.tokens["giulia"])
							r.Header.Set("Content-Type", "application/json")
							if keyed {
								r.Header.Set("Idempotency-Key", fmt.Sprint(b.N, "-", i))
							}
							w := httptest.NewRecorder()
							e.site.ServeHTTP(w, r)
							if w.Code != http.StatusCreated {
								b.Error(w.Code, w.Body)
							}
						}
					})
				}
				wg.Wait()
				b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "msg/s")
			})
		}
	}
}

func (e *apiTown) list(b *testing.B, clients int, path string) {
	took := make([]time.Duration, b.N)
	var wg sync.WaitGroup
	for n := range clients {
		wg.Go(func() {
			for i := n; i < b.N; i += clients {
				r := httptest.NewRequestWithContext(b.Context(), http.MethodGet, apiPrefix+path, nil)
				r.Header.Set("Authorization", "Bearer "+e.tokens["giulia"])
				w := httptest.NewRecorder()
				start := time.Now()
				e.site.ServeHTTP(w, r)
				took[i] = time.Since(start)
				if w.Code != http.StatusOK {
					b.Error(w.Code, w.Body)
				}
			}
		})
	}
	wg.Wait()
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)*95/100].Microseconds())/1000, "p95-ms")
}

// manyCases fills the table as a few years of a town would.
func (e *apiTown) manyCases() {
	e.t.Helper()
	now := e.db.Clock.Now()
	offices := []int64{e.offices["urp"], e.offices["tributi"], e.offices["anagrafe"], e.offices["sociale"]}
	statuses := []inbox.Status{inbox.Open, inbox.Closed, inbox.Closed, inbox.Waiting, inbox.Closed, inbox.Snoozed}
	for from := 0; from < manyCases; from += 500 {
		err := e.db.Tx(e.t.Context(), func(ctx context.Context, tx *db.Tx) error {
			z := &inbox.Citizen{ID: db.NewID(e.db.Clock), Name: fmt.Sprint("Persona ", from), Version: 1, CreatedAt: now}
			z.RootID = z.ID
			if _, err := tx.NewInsert().Model(z).Exec(ctx); err != nil {
				return err
			}
			cases := make([]inbox.Case, 500)
			for i := range cases {
				n := from + i
				at := now.Add(-time.Duration(manyCases-n) * 10 * time.Minute)
				c := inbox.Case{
					ID: db.NewID(e.db.Clock), Year: 2026, Number: int64(n + 1), Secret: "ABCDEFGHJK", CitizenID: z.ID, Person: z.Name, OfficeID: offices[n%len(offices)],
					Kind: inbox.CaseKinds[n%len(inbox.CaseKinds)], Status: statuses[n%len(statuses)], Subject: "Richiesta di informazioni sul certificato di residenza",
					Snippet: "Buongiorno, vorrei sapere quando sarà pronto il certificato che ho chiesto la settimana scorsa.", Channel: "mail", AccountID: e.mail.ID,
					LastAt: at, LastInAt: at, CreatedAt: at, Version: 1, Unread: n%3 == 0, Failed: n%97 == 0, DueAt: at.Add(30 * 24 * time.Hour),
				}
				if n%5 == 0 && offices[n%len(offices)] == e.offices["urp"] {
					c.AssigneeID = e.people["giulia"].OperatorID
				}
				if c.Status == inbox.Snoozed {
					c.SnoozedUntil = now.Add(time.Duration(n) * time.Minute)
				}
				cases[i] = c
			}
			_, err := tx.NewInsert().Model(&cases).Exec(ctx)
			return err
		})
		if err != nil {
			e.t.Fatal(err)
		}
	}
	if e.db.Postgres {
		if _, err := e.db.Write.ExecContext(e.t.Context(), "ANALYZE"); err != nil {
			e.t.Fatal(err)
		}
	}
}
