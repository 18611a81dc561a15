package web

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"filodiretto/inbox"
	"filodiretto/internal/db"
	"filodiretto/internal/db/dbtest"
)

// The size of the town that the issue asks for.
const (
	benchCases    = 100_000
	benchMessages = 5 // of each case
	benchCitizens = 20_000
)

// BenchmarkPages measures the pages of a full house on both databases. The p95
// of each is reported beside the mean:
//
//	go test ./web -run - -bench Pages -benchtime 500x
func BenchmarkPages(b *testing.B) {
	b.Run("sqlite", func(b *testing.B) { benchPages(b, dbtest.SQLite(b)) })
	b.Run("postgres", func(b *testing.B) { benchPages(b, dbtest.Postgres(b)) })
}

func benchPages(b *testing.B, url string) {
	e := newSite(b, url)
	began := time.Now()
	long := e.fill(b)
	b.Logf("%d cases, %d messages in %s", benchCases, benchCases*benchMessages, time.Since(began).Round(time.Second))
	cookie := e.cookie("giulia")
	for _, v := range []string{"mine", "unassigned", "office", "soon", "overdue", "complaints", "waiting", "snoozed", "failed", "closed"} {
		b.Run("list_"+v, func(b *testing.B) { e.measure(b, cookie, 1, "/cases?view="+v) })
	}
	b.Run("list16", func(b *testing.B) { e.measure(b, cookie, 16, "/cases?view=office") })
	b.Run("list_deep", func(b *testing.B) { e.measure(b, cookie, 1, "/cases?view=office&before="+e.deep(b, 500)) })
	b.Run("rows", func(b *testing.B) { e.measure(b, cookie, 1, "/cases/rows?view=office") })
	b.Run("row", func(b *testing.B) { e.measure(b, cookie, 1, "/cases/row?view=office&number="+long) })
	b.Run("counts", func(b *testing.B) { e.measure(b, cookie, 1, "/cases/counts?view=office") })
	b.Run("case", func(b *testing.B) { e.measure(b, cookie, 1, "/cases?view=office&case="+long, "HX-Target", "work") })
	b.Run("case_whole", func(b *testing.B) { e.measure(b, cookie, 1, "/cases?view=office&case="+long) })
	b.Run("case_live", func(b *testing.B) { e.measure(b, cookie, 1, "/cases/"+long+"/live") })
	b.Run("people", func(b *testing.B) { e.measure(b, cookie, 1, "/people") })
	b.Run("person", func(b *testing.B) { e.measure(b, cookie, 1, "/people/"+formatID(e.theCase(long).CitizenID)) })
}

// measure asks for a page b.N times from some clients at once and reports the
// 95th percentile in milliseconds.
func (e *siteTown) measure(b *testing.B, cookie *http.Cookie, clients int, path string, headers ...string) {
	b.Helper()
	ask := func() time.Duration {
		r := httptest.NewRequestWithContext(b.Context(), "GET", path, nil)
		r.AddCookie(cookie)
		for i := 0; i < len(headers); i += 2 {
			r.Header.Set(headers[i], headers[i+1])
		}
		w := httptest.NewRecorder()
		at := time.Now()
		e.site.ServeHTTP(w, r)
		took := time.Since(at)
		if w.Code != http.StatusOK {
			b.Errorf("%s: %d %.300s", path, w.Code, w.Body)
		}
		return took
	}
	ask()
	took := make([]time.Duration, b.N)
	b.ResetTimer()
	var wg sync.WaitGroup
	for c := range clients {
		wg.Go(func() {
			for i := c; i < b.N; i += clients {
				took[i] = ask()
			}
		})
	}
	wg.Wait()
	b.StopTimer()
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)*95/100])/1e6, "p95_ms")
	b.ReportMetric(float64(took[len(took)/2])/1e6, "p50_ms")
}

// cookie logs somebody in and gives the cookie of the session.
func (e *siteTown) cookie(who string) *http.Cookie {
	a := e.stranger().post("/login", "user", who, "password", testPassword)
	c, err := http.ParseSetCookie(a.Header.Get("Set-Cookie"))
	if err != nil {
		e.t.Fatal(err)
	}
	return c
}

// deep is the cursor of the n-th page of the office's list.
func (e *siteTown) deep(b *testing.B, n int) string {
	b.Helper()
	cursor := ""
	for range n * rowsPerPage / 200 {
		p, err := e.inbox.List(b.Context(), e.people["giulia"], inbox.ViewOffice, cursor, 200)
		if err != nil || p.Next == "" {
			b.Fatalf("the list is too short: %v", err)
		}
		cursor = p.Next
	}
	return cursor
}

// fill makes the rows of a house that has worked for some years, and gives the
// number of a case with twenty messages.
func (e *siteTown) fill(b *testing.B) (long string) {
	b.Helper()
	ctx, now := b.Context(), e.manual.Now()
	insert := func(rows any) {
		if _, err := e.db.Write.NewInsert().Model(rows).Exec(ctx); err != nil {
			b.Fatal(err)
		}
	}
	offices := []int64{e.offices["urp"], e.offices["urp"], e.offices["tributi"], e.offices["anagrafe"], e.offices["sociale"]}
	words := strings.Fields("buongiorno vorrei sapere a che punto è la mia domanda per il ponteggio in via Garibaldi perché il termine scade presto e non ho ancora ricevuto una risposta dagli uffici grazie")
	text := strings.Join(words, " ")
	citizens := make([]inbox.Citizen, 0, 500)
	identities := make([]inbox.Identity, 0, 1000)
	var owner []int64
	for i := range benchCitizens {
		z := inbox.Citizen{ID: db.NewID(e.manual), Name: fmt.Sprintf("Persona %d Cognome%d", i, i%977), NameSource: "mail", Version: 1, CreatedAt: now}
		z.RootID = z.ID
		owner = append(owner, z.ID)
		mail := fmt.Sprintf("persona%d@posta.example", i)
		citizens = append(citizens, z)
		identities = append(identities, inbox.Identity{ID: db.NewID(e.manual), CitizenID: z.ID, Kind: "email", Value: mail, Display: z.Name, Source: "mail", Status: "active", FirstSeen: now, LastSeen: now},
			inbox.Identity{ID: db.NewID(e.manual), CitizenID: z.ID, Kind: "phone", Value: fmt.Sprintf("+39347%07d", i), MatchKey: fmt.Sprintf("+39347%07d", i), Source: "operator", Status: "active", FirstSeen: now, LastSeen: now})
		if len(citizens) == 500 || i == benchCitizens-1 {
			insert(&citizens)
			insert(&identities)
			citizens, identities = citizens[:0], identities[:0]
		}
	}
	tx, err := e.db.Write.BeginTx(ctx, nil)
	if err != nil {
		b.Fatal(err)
	}
	var cases []inbox.Case
	var messages []inbox.Message
	flush := func() {
		for _, rows := range []any{&cases, &messages} {
			if _, err := tx.NewInsert().Model(rows).Exec(ctx); err != nil {
				b.Fatal(err)
			}
		}
		cases, messages = cases[:0], messages[:0]
	}
	statuses := []inbox.Status{inbox.Open, inbox.Open, inbox.Closed, inbox.Waiting, inbox.Closed, inbox.Open, inbox.Snoozed, inbox.Closed, inbox.Open, inbox.Closed}
	for i := range benchCases {
		at := now.Add(-time.Duration(benchCases-i) * 3 * time.Minute)
		k := inbox.Case{
			ID: db.NewID(e.manual), Year: 2026, Number: int64(i + 1), Secret: "X", CitizenID: owner[i%benchCitizens], Person: fmt.Sprintf("Persona %d Cognome%d", i%benchCitizens, i%977), OfficeID: offices[i%len(offices)],
			Kind: inbox.CaseKinds[i%len(inbox.CaseKinds)], Status: statuses[(i/5)%len(statuses)], Subject: strings.Join(words[i%10:i%10+6], " "), Channel: "mail", AccountID: e.mail.ID, Snippet: text[:120],
			LastAt: at, LastInAt: at, Unread: i%3 == 0, Failed: i%997 == 0, Version: 1, CreatedAt: at,
		}
		if i%4 == 1 {
			k.AssigneeID = e.people["giulia"].OperatorID
		}
		if i%6 == 0 {
			k.DueAt = now.Add(time.Duration(i%400-200) * time.Hour)
		}
		if k.Status == inbox.Snoozed {
			k.SnoozedUntil = now.Add(time.Duration(i%100+1) * time.Hour)
		}
		if k.Status == inbox.Closed {
			k.ClosedAt = at
		}
		n := benchMessages
		if i == benchCases-5 {
			n, long, k.Status, k.OfficeID = 20, k.Ref(), inbox.Open, e.offices["urp"]
		}
		for j := range n {
			m := inbox.Message{
				ID: db.NewID(e.manual), CaseID: k.ID, CitizenID: k.CitizenID, AccountID: e.mail.ID, Channel: "mail", Direction: inbox.In, Origin: inbox.FromCitizen, Kind: "message",
				Sender: k.Person + " <persona@posta.example>", Subject: k.Subject, Text: strings.Repeat(text+"\n", 1+(i+j)%4), Version: 1, At: at.Add(time.Duration(j) * time.Minute), SentAt: at,
			}
			if j%2 == 1 {
				m.Direction, m.Origin, m.OperatorID = inbox.Out, inbox.FromOperator, e.people["giulia"].OperatorID
			} else {
				k.LastInID = m.ID
			}
			k.LastMessageID = m.ID
			messages = append(messages, m)
		}
		cases = append(cases, k)
		if len(cases) == 200 {
			flush()
		}
	}
	if len(cases) > 0 {
		flush()
	}
	if err := tx.Commit(); err != nil {
		b.Fatal(err)
	}
	_, _ = e.db.Write.NewRaw("ANALYZE").Exec(ctx)
	return long
}
