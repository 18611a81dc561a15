package inbox

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"filodiretto/channels"
	"filodiretto/channels/mail"
)

// platform is a mailbox that holds what a test says. It stands for both kinds of
// platform, numbered and named: the keys are opaque to the inbox.
type platform struct {
	channels.Parser
	held    []string
	refused []string // held and not given
	err     error
	renewed bool // numbered anew
}

const platformPrefix = "INBOX/7/"

func (p *platform) Held(_ context.Context, cursor func(string) ([]byte, error)) ([]channels.Held, error) {
	if p.err != nil {
		return nil, p.err
	}
	if _, err := cursor("INBOX"); err != nil {
		return nil, err
	}
	return []channels.Held{{Stream: "INBOX", Prefix: platformPrefix, Keys: slices.Clone(p.held), Waiting: 2, Renumbered: p.renewed}}, nil
}

func (p *platform) Describe(_ context.Context, _ string, _ []byte, keys []string) ([]channels.HeldItem, error) {
	var out []channels.HeldItem
	for _, k := range keys {
		if !strings.HasSuffix(k, "/vanished") {
			out = append(out, channels.HeldItem{Key: k, Subject: "Buca in via Roma", At: 5, Size: 10})
		}
	}
	return out, nil
}

func (p *platform) Refetch(ctx context.Context, in channels.Intake, stream string, keys []string, taken func(string)) error {
	for _, k := range keys {
		if slices.Contains(p.refused, k) {
			continue
		}
		if err := in.Accept(ctx, channels.Batch{Stream: stream, Items: []channels.Raw{{DedupKey: k, ContentType: "message/rfc822", Body: []byte(k)}}}); err != nil {
			return err
		}
		taken(k)
	}
	return nil
}

// taking is an intake of the mail account.
type taking struct {
	channels.Intake
	e *env
}

func (k taking) Cursor(ctx context.Context, s string) ([]byte, error) {
	return k.e.Cursor(ctx, k.e.mail.ID, s)
}

func (k taking) Accept(ctx context.Context, b channels.Batch) error {
	return k.e.Accept(ctx, k.e.mail.ID, b)
}

func (k taking) Store(ctx context.Context, r io.Reader) (string, int64, error) {
	return k.e.Store(ctx, r)
}

// compare has the mail account compared and gives the run.
func (e *env) compare(p *platform) ReconcileRun {
	e.t.Helper()
	e.chans.put(e.mail, p)
	run, err := e.AskReconcile(e.t.Context(), Viewer{OperatorID: 9, Admin: true}, e.mail.ID)
	if err != nil {
		e.t.Fatal(err)
	}
	if err := e.Reconcile(e.t.Context(), e.mail.ID, taking{e: e}); err != nil {
		e.t.Fatal(err)
	}
	list, err := e.ReconcileRuns(e.t.Context(), e.mail.ID, 10)
	if err != nil || len(list) == 0 || list[0].ID != run.ID || list[0].Open() {
		e.t.Fatalf("%+v: %v", list, err)
	}
	return list[0]
}

func (e *env) warned(code string) int {
	e.t.Helper()
	var n int
	if err := e.db.Read.NewRaw("SELECT count(*) FROM events WHERE kind = 'account.warning' AND data LIKE ?", "%"+code+"%").Scan(e.t.Context(), &n); err != nil {
		e.t.Fatal(err)
	}
	return n
}

// Each day, and when asked, what the platform holds is compared with the raw
// items. What is missing is taken in, told once for all, and no longer missing.
func TestRule15MissingIsFetchedAndTold(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		keys := func(names ...string) (out []string) {
			for _, n := range names {
				out = append(out, platformPrefix+n)
			}
			return out
		}
		if err := e.Accept(t.Context(), e.mail.ID, channels.Batch{Stream: "INBOX", Cursor: []byte("7"), Items: rawsOf(append(keys("1", "2", "gone"), "INBOX/6/1"))}); err != nil {
			t.Fatal(err)
		}
		r := e.compare(&platform{held: keys("1", "2")})
		if s := r.Streams[0]; r.State != "done" || s.Held != 2 || s.Here != 3 || s.Waiting != 2 || s.Gone != 1 || s.Older != 1 || s.Missing != 0 || r.Absent() != 0 {
			t.Errorf("all is here: %+v", r)
		}
		if n := e.warned("reconcile"); n != 0 {
			t.Errorf("%d alarms for nothing", n)
		}
		p := &platform{held: keys("1", "2", "3", "4", "5", "vanished"), refused: keys("5")}
		r = e.compare(p)
		if s := r.Streams[0]; s.Held != 5 || s.Missing != 3 || s.Fetched != 2 || s.Absent != 1 || r.Done != 2 || r.Todo != 3 {
			t.Errorf("three are missing: %+v", r)
		}
		if a, b := e.warned(WarnReconcileAbsent), e.warned(WarnReconcileFetched); a != 1 || b != 0 {
			t.Errorf("%d and %d alarms, want one for all", a, b)
		}
		items, err := e.ReconcileItems(t.Context(), r.ID, 10)
		if err != nil || len(items) != 3 || items[0].State != "absent" || items[0].Subject != "Buca in via Roma" || items[1].Subject != "" || items[1].State != "fetched" || items[0].Size != 10 {
			t.Errorf("%+v: %v", items, err)
		}
		p.refused = nil
		if last := e.compare(p); last.Absent() != 0 || last.Streams[0].Missing != 1 {
			t.Errorf("the last one came: %+v", last)
		}
		if n := e.warned(WarnReconcileFetched); n != 1 {
			t.Errorf("%d alarms that it came", n)
		}
		if items, err = e.ReconcileItems(t.Context(), r.ID, 10); err != nil || items[0].Subject != "" || items[0].State != "fetched" {
			t.Errorf("the subject of what is here was kept: %+v: %v", items, err)
		}
		if last, err := e.ReconcileLast(t.Context()); err != nil || last[e.mail.ID].Absent() != 0 || len(last) != 1 {
			t.Errorf("%+v: %v", last, err)
		}
	})
}

func rawsOf(keys []string) (out []channels.Raw) {
	for _, k := range keys {
		out = append(out, channels.Raw{DedupKey: k, ContentType: "message/rfc822", Body: []byte(k)})
	}
	return out
}

// What was erased leaves its raw item without contents, under its key: it is not
// missing and does not come back.
func TestRule81bErasedIsNotMissing(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		realMail(e)
		newErasure(t, e)
		key, body := platformPrefix+"1", letter("Ada <ada@posta.example>", "a1@posta.example", "Buca", "C'è una buca.")
		take := func() {
			t.Helper()
			must(t, e.Accept(t.Context(), e.mail.ID, channels.Batch{Stream: "INBOX", Items: []channels.Raw{{DedupKey: key, ContentType: mail.TypeMessage, Body: []byte(body)}}}))
			e.ingest(e.mail)
		}
		take()
		must(t, e.Erase(t.Context(), e.giulia, e.lastIn(t).ID, EraseAsked, "ha chiesto"))
		ch, _, _ := e.chans.Channel(e.mail.ID)
		if r := e.compare(&platform{Parser: ch, held: []string{key}}); r.Streams[0].Missing != 0 {
			t.Errorf("%+v", r)
		}
		take()
		if n := e.number("SELECT count(*) FROM raws WHERE dedup_key = ? AND body IS NULL AND state = 'filed'", key); n != 1 {
			t.Errorf("%d rows: it came back", n)
		}
		if n := e.number("SELECT count(*) FROM messages WHERE text <> ''"); n != 0 {
			t.Errorf("%d messages: it came back", n)
		}
	})
}

func TestRule15FailureIsTold(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		r := e.compare(&platform{err: channels.Errorf(channels.RetryBackoff, "", "the server is away")})
		if r.State != "failed" || r.ErrorClass != string(channels.RetryBackoff) || r.ErrorText != "the server is away" || r.EndedAt.IsZero() {
			t.Errorf("%+v", r)
		}
		if r := e.compare(&platform{renewed: true, held: []string{"x"}}); r.State != "done" || !r.Streams[0].Renumbered || r.Streams[0].Missing != 0 {
			t.Errorf("a new numbering: %+v", r)
		}
		gone := errors.New("the disk is gone")
		e.chans.put(e.mail, &platform{err: gone})
		if _, err := e.AskReconcile(t.Context(), Viewer{System: true}, e.mail.ID); err != nil {
			t.Fatal(err)
		}
		if err := e.Reconcile(t.Context(), e.mail.ID, taking{e: e}); !errors.Is(err, gone) {
			t.Errorf("%v", err)
		}
		// the process died on the way: the next one does it again
		if r := e.compare(&platform{}); r.State != "done" {
			t.Errorf("%+v", r)
		}
	})
}

func TestReconcileIsAskedByAdministrators(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		admin := Viewer{OperatorID: 9, Admin: true}
		for _, tt := range []struct {
			name    string
			v       Viewer
			account int64
			want    string
		}{
			{"an operator", e.giulia, e.mail.ID, ErrForbidden.Error()},
			{"no account", admin, 77, ErrNotFound.Error()},
			{"a channel that cannot tell", admin, e.tg.ID, (&InvalidError{"account", "not_comparable"}).Error()},
		} {
			if _, err := e.AskReconcile(t.Context(), tt.v, tt.account); err == nil || err.Error() != tt.want {
				t.Errorf("%s: %v, want %s", tt.name, err, tt.want)
			}
		}
		e.chans.put(e.mail, &platform{})
		a, err := e.AskReconcile(t.Context(), admin, e.mail.ID)
		if err != nil {
			t.Fatal(err)
		}
		if b, err := e.AskReconcile(t.Context(), admin, e.mail.ID); err != nil || b.ID != a.ID {
			t.Errorf("asked twice: %+v, %v", b, err)
		}
		e.exec(t, "UPDATE accounts SET stopped_at = 5 WHERE id = ?", e.mail.ID)
		if _, err := e.AskReconcile(t.Context(), admin, e.mail.ID); fmt.Sprint(err) != (&InvalidError{"account", "paused"}).Error() {
			t.Errorf("a paused one: %v", err)
		}
	})
}

// The chore asks once a day, an hour after a failure, and not for an account
// that has just been made.
func TestRule15EveryDay(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		p := &platform{}
		e.chans.put(e.mail, p)
		runs := func() int {
			t.Helper()
			if err := e.ReconcileDue(t.Context()); err != nil {
				t.Fatal(err)
			}
			if err := e.Reconcile(t.Context(), e.mail.ID, taking{e: e}); err != nil {
				t.Fatal(err)
			}
			list, err := e.ReconcileRuns(t.Context(), e.mail.ID, 100)
			if err != nil {
				t.Fatal(err)
			}
			return len(list)
		}
		for i, tt := range []struct {
			after time.Duration
			err   error
			want  int
		}{
			{time.Hour, nil, 0},
			{24 * time.Hour, nil, 1},
			{12 * time.Hour, nil, 1},
			{13 * time.Hour, channels.Errorf(channels.RetryBackoff, "", "away"), 2},
			{30 * time.Minute, nil, 2},
			{31 * time.Minute, nil, 3},
			{23 * time.Hour, nil, 3},
			{90 * 24 * time.Hour, nil, 1},
		} {
			e.manual.Advance(tt.after)
			p.err = tt.err
			if got := runs(); got != tt.want {
				t.Errorf("step %d: %d runs, want %d", i, got, tt.want)
			}
		}
	})
}
