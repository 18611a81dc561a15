package web

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/uptrace/bun"

	"filodiretto/inbox"
	"filodiretto/internal/db/dbtest"
)

// questions gathers what is asked of the database: what bun writes by its hook,
// the rest from Ask.
type questions struct {
	mu  sync.Mutex
	all []string
}

func (q *questions) BeforeQuery(ctx context.Context, _ *bun.QueryEvent) context.Context { return ctx }

func (q *questions) AfterQuery(_ context.Context, e *bun.QueryEvent) { q.note(e.Query) }

func (q *questions) note(text string) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.all = append(q.all, text)
}

func (q *questions) take() []string {
	q.mu.Lock()
	defer q.mu.Unlock()
	all := q.all
	q.all = nil
	return all
}

// watch has all questions noted from now on.
func (e *siteTown) watch() *questions {
	q := &questions{}
	e.db.Read, e.db.Write = e.db.Read.WithQueryHook(q), e.db.Write.WithQueryHook(q)
	e.db.WatchAsk(q.note)
	return q
}

// TestPagesPutFewQuestions: each question is a journey to the database. The page
// of a case once put 31, and read the case itself five times. What is counted
// does not depend on how much a case holds.
func TestPagesPutFewQuestions(t *testing.T) {
	eachSite(t, func(t *testing.T, e *siteTown) {
		q := e.watch()
		ref := e.longStory()
		b := e.as("giulia")
		work := []string{"HX-Request", "true", "HX-Target", "work"}
		page := "/cases?view=office&case=" + ref
		for _, p := range []struct {
			what, path string
			headers    []string
			most       int
		}{
			{"the list", "/cases?view=office", nil, 6},
			{"a row", "/cases/row?view=office&number=" + ref, work[:2], 2},
			{"the counts", "/cases/counts?view=office", work[:2], 4},
			{"a case for the first time: with the event, in one commit", page, work, 17},
			{"a case again", page, work, 14},
			{"the whole page", page, nil, 19},
			{"what changed of an open case", "/cases/" + ref + "/live", work[:2], 7},
			{"the form alone", "/cases/" + ref + "/composer", work[:2], 11},
		} {
			if p.what == "the list" { // who logs in, and the directory, are read once
				b.get(p.path)
			}
			q.take()
			b.get(p.path, p.headers...).want(http.StatusOK)
			if all := q.take(); len(all) > p.most {
				t.Errorf("%s puts %d questions, at most %d are meant:\n%s", p.what, len(all), p.most, strings.Join(all, "\n"))
			}
		}
	})
}

// TestACaseIsReadOnceForItsPage: with the rights of who asks, and passed on.
func TestACaseIsReadOnceForItsPage(t *testing.T) {
	e := newSite(t, dbtest.SQLite(t))
	q := e.watch()
	ref := e.longStory()
	b := e.as("giulia")
	b.get("/cases?view=office&case=" + ref)
	q.take()
	b.get("/cases?view=office&case=" + ref).want(http.StatusOK)
	n := 0
	for _, text := range q.take() {
		if strings.Contains(text, "c.year = ?") {
			n++
		}
	}
	if n != 1 {
		t.Error("the case was read", n, "times")
	}
}

// longStory is a case with mails, a file, answers, a note and events.
func (e *siteTown) longStory() (ref string) {
	e.t.Helper()
	e.letter(e.mail, "Lucia Ferrante <lucia@posta.example>", "Ponteggio in via Roma", "Serve un permesso? Tel 347 555 0142.")
	giulia := e.people["giulia"]
	ref = e.ref(giulia)
	for _, text := range []string{"Sì, serve.", "Il modulo è sul sito."} {
		c := e.theCase(ref)
		o, err := e.inbox.Options(e.t.Context(), giulia, c.ID)
		if err != nil {
			e.t.Fatal(err)
		}
		_, err = e.inbox.Reply(e.t.Context(), giulia, inbox.ReplyCommand{
			CaseID: c.ID, SeenInID: c.LastInID, AccountID: o.List[0].Account.ID, To: []inbox.Recipient{{IdentityID: o.List[0].Identity.ID}}, Text: text,
		})
		if err != nil {
			e.t.Fatal(err)
		}
	}
	if _, err := e.inbox.Note(e.t.Context(), giulia, inbox.NoteCommand{CaseID: e.theCase(ref).ID, Text: "Sentito il cantiere."}); err != nil {
		e.t.Fatal(err)
	}
	return ref
}
