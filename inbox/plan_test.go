package inbox

import (
	"context"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/uptrace/bun"

	"filodiretto/channels"
	"filodiretto/internal/db"
	"filodiretto/internal/db/dbtest"
	"filodiretto/internal/textfold"
)

// watched gathers the questions that are put to the database, with how many
// arguments those have that were made ready.
type watched struct {
	mu  sync.Mutex
	sql map[string]int
}

func (w *watched) asked(query string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.sql[query] = strings.Count(query, "?")
}

func (w *watched) BeforeQuery(ctx context.Context, _ *bun.QueryEvent) context.Context { return ctx }

func (w *watched) AfterQuery(_ context.Context, e *bun.QueryEvent) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if verb, _, _ := strings.Cut(e.Query, " "); verb == "SELECT" || verb == "UPDATE" || verb == "DELETE" {
		w.sql[e.Query] = 0
	}
}

// readsAll finds the tables that grow with the years and that a plan of SQLite's
// reads from end to end, by themselves or by an index that holds every row. The
// partial indexes of what waits are small.
var readsAll = regexp.MustCompile(`^SCAN (messages|m|cases|c|deliveries|d|raws|r|events|e|identities|i|citizens|z|parts|p|copies|cp|case_offices|co|message_keys|mk)\b($| USING (COVERING )?INDEX (sqlite_autoindex|raws_sha|messages|cases_citizen|deliveries_(case|address)|events|identities_citizen|citizens|parts_message|copies))|^SEARCH (raws|r) USING INDEX sqlite_autoindex_raws_1 \(account_id=\?\)$`)

// TestNothingReadsAWholeTable asks SQLite how it would answer every question of
// a day's work. A town's tables grow for years, and a question that reads one of
// them from end to end is fast on a developer's machine and slow in the town.
func TestNothingReadsAWholeTable(t *testing.T) {
	e := newEnv(t, dbtest.SQLite(t))
	realMail(e)
	realCounter(e)
	w := &watched{sql: map[string]int{}}
	e.db.Read, e.db.Write = e.db.Read.WithQueryHook(w), e.db.Write.WithQueryHook(w)
	e.db.WatchAsk(w.asked)
	e.aDay()
	for q, n := range w.sql {
		for _, step := range e.plan(q, n) {
			if readsAll.MatchString(step) {
				t.Errorf("%s\n  %s", step, q)
			}
		}
	}
	if len(w.sql) < 60 {
		t.Error("the day was too short to mean much:", len(w.sql), "questions")
	}
}

func (e *env) plan(q string, args int) (steps []string) {
	e.t.Helper()
	rows, err := e.db.Read.DB.QueryContext(e.t.Context(), "EXPLAIN QUERY PLAN "+q, make([]any, args)...)
	if err != nil {
		e.t.Fatalf("%v\n%s", err, q)
	}
	defer rows.Close()
	for rows.Next() {
		var id, parent, unused int
		var step string
		if err := rows.Scan(&id, &parent, &unused, &step); err != nil {
			e.t.Fatal(err)
		}
		steps = append(steps, step)
	}
	if err := rows.Err(); err != nil {
		e.t.Fatal(err)
	}
	return steps
}

// aDay does what a day brings: mails and their answers, a visit, every view,
// searches, replies with what becomes of them, and the chores.
func (e *env) aDay() {
	t, ctx := e.t, e.t.Context()
	e.route.decide = func(Facts) Decision { return Decision{Receipt: true} }
	e.arrive(e.mail,
		letter("Ada <ada@posta.example>", "a1@posta.example", "Buca in via Roma", "C'è una buca. Tel 347 555 0142."),
		letter("Ada <ada@posta.example>", "a2@posta.example", "Re: Buca in via Roma", "Ancora aperta.", "In-Reply-To: <a1@posta.example>"),
		letter("Bruno <bruno@posta.example>", "b1@posta.example", "Lampione", "Spento. Tel 347 555 0142."))
	_, err := e.RecordVisit(ctx, e.giulia, Visit{AccountID: e.counter.ID, Key: "k1", Person: "Carla Neri", Phone: "347 555 0142", Subject: "Residenza", Text: "Chiede."})
	must(t, err)
	c, err := e.CaseByRef(ctx, e.giulia, "2026/000001")
	must(t, err)
	for _, vw := range Views {
		_, err := e.List(ctx, e.giulia, vw, encodeCursor(c.LastAt, c.ID), 25)
		must(t, err)
	}
	_, err = e.Counts(ctx, e.giulia)
	must(t, err)
	_, err = e.Tally(ctx, e.giulia)
	must(t, err)
	_, err = e.CasePage(ctx, e.giulia, c.Ref())
	must(t, err)
	_, err = e.ViewCase(ctx, e.giulia, c.ID)
	must(t, err)
	_, err = e.Compose(ctx, e.giulia, c.ID)
	must(t, err)
	_, err = e.Person(ctx, e.giulia, c.CitizenID)
	must(t, err)
	_, _, err = e.PersonStory(ctx, e.giulia, c.CitizenID, StoryFilter{}, "")
	must(t, err)
	for _, text := range []string{"buca", `"via roma" from:ada`, "buca has:attachment", "kind:complaint", "channel:mail status:open"} {
		q, _ := textfold.Parse(text, textfold.Options{})
		_, err = e.Search(ctx, e.giulia, q, 20)
		must(t, err)
	}
	_, err = e.SearchCitizens(ctx, e.giulia, "ada", 10)
	must(t, err)
	e.answersOfADay(c)
	e.choresOfADay()
}

func (e *env) answersOfADay(c *Case) {
	t, ctx := e.t, e.t.Context()
	s := e.sender(e.mail)
	_, err := e.Options(ctx, e.giulia, c.ID)
	must(t, err)
	to := []Recipient{{Address: "ada@posta.example", Confirmed: true}, {Address: "altro@posta.example", Confirmed: true}}
	r := e.mustReply(ReplyCommand{CaseID: c.ID, SeenInID: c.LastInID, AccountID: e.mail.ID, To: to[:1], Cc: to[1:], Text: "Passiamo domani.", Undo: AtOnce, IdempotencyKey: "k"})
	s.refuse(&channels.Error{Class: channels.RecipientGone, Code: "5.1.1"})
	e.deliver(e.mail)
	_, err = e.DealWithFailure(ctx, e.giulia, c.ID)
	must(t, err)
	e.tx(func(ctx context.Context, tx *db.Tx) error {
		_, err := e.applyReports(ctx, tx, &Raw{}, mailSystem, []channels.DeliveryReport{{MessageID: r.Message.ExternalID, Recipient: "ada@posta.example", State: "delivered"}})
		return err
	})
	_, err = e.Note(ctx, e.giulia, NoteCommand{CaseID: c.ID, Text: "Sentito il cantiere."})
	must(t, err)
}

func (e *env) choresOfADay() {
	t, ctx := e.t, e.t.Context()
	_, _, err := e.SweepLate(ctx)
	must(t, err)
	_, err = e.RecoverAtStart(ctx)
	must(t, err)
	_, err = e.RecoverLeases(ctx)
	must(t, err)
	_, err = e.WakeSnoozed(ctx)
	must(t, err)
	e.sweepAlarms()
	_, err = e.Seal(ctx)
	must(t, err)
	_, err = e.QuarantineList(ctx, e.giulia, 0, 25)
	must(t, err)
	_, err = e.Tally(ctx, e.giulia)
	must(t, err)
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// TestEachViewHasItsIndex: the list and the number of each view walk the index
// that was made for it, in its order, on a database that has no statistics, as
// SQLite's have none here. Another index would do, and read the whole office.
func TestEachViewHasItsIndex(t *testing.T) {
	e := newEnv(t, dbtest.SQLite(t))
	own := map[View]string{
		ViewMine: "cases_mine", ViewUnassigned: "cases_unassigned", ViewOffice: "cases_office", ViewDueSoon: "cases_due", ViewOverdue: "cases_due",
		ViewCopied: "cases_copied",
		ViewPEC:    "cases_pec", ViewComplaints: "cases_kind", ViewWaiting: "cases_waiting", ViewSnoozed: "cases_snoozed", ViewFailed: "cases_failed",
		ViewAll: "cases_office", ViewClosed: "cases_closed",
	}
	plan := func(do func() error) string {
		t.Helper()
		w := &watched{sql: map[string]int{}}
		e.db.WatchAsk(w.asked)
		must(t, do())
		if len(w.sql) != 1 {
			t.Fatal(len(w.sql), "questions")
		}
		var steps []string
		for q, n := range w.sql {
			steps = e.plan(q, n)
		}
		return strings.Join(steps, "\n") + "\n"
	}
	walks := func(plan, index string) int {
		return len(regexp.MustCompile("USING (COVERING )?INDEX "+index+` \(`).FindAllString(plan, -1))
	}
	for _, vw := range Views {
		p := plan(func() error { _, err := e.List(t.Context(), e.giulia, vw, "", 25); return err })
		if walks(p, own[vw]) == 0 || walks(p, `cases_\w+`) != walks(p, own[vw]) {
			t.Errorf("the list of %q does not walk %s:\n%s", vw, own[vw], p)
		}
	}
	many := Viewer{OperatorID: e.giulia.OperatorID, Offices: []int64{1, 2, 3, 4, 5, 6, 7, 8}, FrontDesk: true}
	p := plan(func() error { _, err := e.Counts(t.Context(), many); return err })
	if strings.Contains(p, "TEMP B-TREE") {
		t.Errorf("the numbers are sorted for:\n%s", p)
	}
	for vw, index := range own {
		if vw != ViewAll && vw != ViewClosed && walks(p, index) == 0 {
			t.Errorf("the number of %q does not walk %s:\n%s", vw, index, p)
		}
	}
}
