package demo

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"filodiretto/inbox"
	"filodiretto/internal/clock"
	"filodiretto/internal/db"
)

// start begins a demo on free ports and ends it with the test.
func start(t *testing.T, o Options) *Demo {
	t.Helper()
	o.Listen, o.CitizensListen, o.Log = "127.0.0.1:0", "127.0.0.1:0", t.Output()
	d, err := Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Stop(); err != nil {
			t.Error(err)
		}
	})
	return d
}

// patient ends what would hang.
func patient(t *testing.T) context.Context {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), 3*time.Minute)
	t.Cleanup(stop)
	return ctx
}

// processorTime is what this process has used.
func processorTime(t *testing.T) time.Duration {
	t.Helper()
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		t.Fatal(err)
	}
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}

// post fills a form of the citizens' side in.
func (d *Demo) post(t *testing.T, path string, form url.Values) *http.Response {
	t.Helper()
	c := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	r, err := c.PostForm(d.CitizensURL()+path, form)
	if err != nil {
		t.Fatal(err)
	}
	r.Body.Close()
	return r
}

func (d *Demo) number(t *testing.T, query string, args ...any) int {
	t.Helper()
	return numberIn(t, d.app.DB, query, args...)
}

func numberIn(t *testing.T, in *db.DB, query string, args ...any) int {
	t.Helper()
	var n int
	if err := in.Read.NewRaw(query, args...).Scan(t.Context(), &n); err != nil {
		t.Fatal(query, err)
	}
	return n
}

// TestTown tells the history once and then plays in the town: one start serves
// all parts, which build on each other.
func TestTown(t *testing.T) {
	before := goleak.IgnoreCurrent()
	dir := filepath.Join(t.TempDir(), "demo")
	began, spent := clock.System{}.Now(), processorTime(t)
	d := start(t, Options{Dir: dir, Speed: 30})
	spent = processorTime(t) - spent
	t.Logf("open after %v and %v of processor time", (clock.System{}).Now().Sub(began), spent)
	if spent > 40*time.Second { // about 10 s; a shared machine may take longer for it
		t.Errorf("opening the doors took %v of processor time", spent)
	}
	t.Run("history", func(t *testing.T) { testHistory(t, d.app.DB, clock.System{}.Now()) })
	t.Run("life", d.testLife)
	t.Run("Lucia", d.testLucia)
	t.Run("people are left alone", d.testLeftAlone)
	t.Run("second start", func(t *testing.T) {
		if _, err := Start(t.Context(), Options{Dir: dir}); err == nil || !strings.Contains(err.Error(), "another demo") {
			t.Error("a second demo took the same folder:", err)
		}
	})
	if err := d.Stop(); err != nil {
		t.Fatal(err)
	}
	t.Run("going on", func(t *testing.T) { testGoingOn(t, dir) })
	http.DefaultTransport.(*http.Transport).CloseIdleConnections()
	http.DefaultClient.CloseIdleConnections()
	// the session manager starts a sweep of its default store, which nothing uses
	goleak.VerifyNone(t, before, goleak.IgnoreAnyFunction("github.com/alexedwards/scs/v2/memstore.(*MemStore).startCleanup"))
}

// testHistory looks whether the six months up to an instant hold what a town hall
// sees.
func testHistory(t *testing.T, in *db.DB, until clock.Instant) {
	t.Helper()
	now := int64(until)
	day := int64(24 * time.Hour / time.Microsecond)
	for query, least := range map[string]int{
		"SELECT count(*) FROM cases":                                                                        550,
		"SELECT count(*) FROM cases WHERE channel = 'telegram'":                                             80,
		"SELECT count(DISTINCT office_id) FROM cases":                                                       9,
		"SELECT count(DISTINCT kind) FROM cases":                                                            7,
		"SELECT count(*) FROM cases WHERE status = 'closed'":                                                450,
		"SELECT count(*) FROM cases WHERE status = 'open'":                                                  20,
		"SELECT count(*) FROM cases WHERE status = 'snoozed'":                                               1,
		"SELECT count(*) FROM cases WHERE status = 'waiting'":                                               3,
		fmt.Sprintf("SELECT count(*) FROM cases WHERE status = 'open' AND due_at > 0 AND due_at < %d", now): 1,
		"SELECT count(*) FROM cases WHERE failed":                                                           1,
		"SELECT count(*) FROM merges WHERE undone_at > 0":                                                   1,
		"SELECT count(*) FROM messages WHERE channel = 'counter'":                                           50,
		"SELECT count(*) FROM messages WHERE channel = 'phone'":                                             30,
		"SELECT count(*) FROM messages WHERE direction = 'note'":                                            80,
		"SELECT count(*) FROM messages WHERE direction = 'out' AND origin = 'operator'":                     350,
		"SELECT count(*) FROM messages WHERE version > 1":                                                   2,
		"SELECT count(*) FROM (SELECT 1 FROM messages WHERE group_key <> '' GROUP BY group_key)":            2,
		"SELECT count(*) FROM parts WHERE detected = 'image/jpeg'":                                          30,
		"SELECT count(*) FROM parts WHERE detected = 'image/heic'":                                          1,
		"SELECT count(*) FROM parts WHERE detected = 'application/pdf'":                                     15,
		"SELECT count(*) FROM deliveries WHERE state IN ('failed', 'expired')":                              3,
		"SELECT count(*) FROM handovers WHERE state = 'accepted'":                                           8,
		"SELECT count(*) FROM quarantine WHERE state = 'waiting'":                                           2,
		"SELECT count(*) FROM quarantine WHERE state = 'rejected'":                                          4,
		"SELECT count(*) FROM deliveries WHERE alarm = 'no_acceptance' AND kind = 'pec'":                    1,
		"SELECT count(*) FROM deliveries WHERE state = 'failed' AND kind = 'pec'":                           2,
		"SELECT count(*) FROM lookalikes WHERE alarm":                                                       1, "SELECT count(*) FROM forwards WHERE state = 'open'": 1, "SELECT count(*) FROM sender_checks": 2,
		"SELECT count(*) FROM quarantine WHERE reason = 'spoof_suspected'":                  1,
		"SELECT count(*) FROM quarantine WHERE reason = 'over_budget'":                      5,
		"SELECT count(*) FROM quarantine WHERE reason = 'pec_not_proven'":                   1,
		"SELECT count(*) FROM quarantine WHERE reason = 'pec_no_sender'":                    1,
		"SELECT count(*) FROM deliveries WHERE state = 'unknown' AND class = 'unconfirmed'": 1,
		`SELECT count(*) FROM messages AS a JOIN messages AS b ON b.external_id = a.external_id AND b.body_hash = a.body_hash AND b.case_id = a.case_id
			WHERE a.certified = '' AND b.certified <> '' AND a.external_id <> ''`: 1,
		"SELECT count(*) FROM held_senders WHERE ended_at = 0":                       1,
		"SELECT count(*) FROM register_annulments":                                   1,
		"SELECT count(*) FROM parts WHERE signatures LIKE '%\"valid\"%'":             2,
		"SELECT count(*) FROM merges WHERE undone_at = 0":                            10,
		"SELECT count(*) FROM identities WHERE proof = 2":                            10,
		fmt.Sprintf("SELECT count(*) FROM cases WHERE created_at < %d", now-150*day): 60,
		fmt.Sprintf("SELECT count(*) FROM cases WHERE created_at > %d", now-7*day):   12,
	} {
		if n := numberIn(t, in, query); n < least {
			t.Errorf("%s: %d, want at least %d", query, n, least)
		}
	}
	for query, most := range map[string]int{
		fmt.Sprintf("SELECT count(*) FROM raws WHERE state = 'pending' AND id < %d", db.FirstID(until.Add(-10*time.Second))): 0, // what comes this moment is being filed
		"SELECT count(*) FROM lookalikes":                    30,
		"SELECT count(*) FROM parts WHERE state = 'pending'": 0,
		fmt.Sprintf("SELECT count(*) FROM deliveries WHERE state = 'unknown' AND class <> 'unconfirmed' OR state = 'sending' AND lease_until < %d", now):                   0, // who comes by appointment is being written to
		"SELECT count(*) FROM quarantine WHERE reason NOT IN ('auto', 'no_sender', 'spoof_suspected', 'over_budget', 'blocked_sender', 'pec_not_proven', 'pec_no_sender')": 0,
		fmt.Sprintf("SELECT count(*) FROM events WHERE at > %d", now+day):                                                                                                  0,
		fmt.Sprintf("SELECT count(*) FROM cases WHERE status = 'open' AND last_at < %d", now-60*day):                                                                       3,
		"SELECT count(*) FROM proposals AS p JOIN citizens AS a ON a.id = p.a_id JOIN citizens AS b ON b.id = p.b_id WHERE p.state = 'open' AND a.root_id <> b.root_id":    60,
	} {
		if n := numberIn(t, in, query); n > most {
			t.Errorf("%s: %d, want at most %d", query, n, most)
		}
	}
}

// testLife waits until people whom nobody told to have written and been told
// that it arrived.
func (d *Demo) testLife(t *testing.T) {
	opened := clock.System{}.Now()
	err := d.world.diary.await(patient(t), func(of map[string][]page) bool {
		wrote, got := map[string]bool{}, 0
		for _, pages := range of {
			for _, p := range pages {
				if p.At < opened {
					continue
				}
				if p.Mine {
					wrote[p.Channel] = true
				} else {
					got++
				}
			}
		}
		return wrote["mail"] && wrote["telegram"] && got >= 3
	})
	if err != nil {
		t.Error("nobody writes:", err)
	}
}

// testLucia is the main story: she writes by mail and on Telegram and comes to
// the counter; it is proposed that she is one person; she is answered in both.
func (d *Demo) testLucia(t *testing.T) {
	ctx := patient(t)
	ready := (&citizensSide{w: d.world}).view(d.world.folk.key("lucia.ferrante")) // what the page proposes to write
	if r := d.post(t, "/di/lucia.ferrante/mail", url.Values{"to": {urpBox}, "subject": {ready.Subject}, "text": {ready.Letter}}); r.StatusCode != http.StatusSeeOther {
		t.Fatal("the mail was answered with", r.Status)
	}
	if r := d.post(t, "/di/lucia.ferrante/chat", url.Values{"text": {ready.Chat}, "photo": {"1"}}); r.StatusCode != http.StatusSeeOther {
		t.Fatal("the chat was answered with", r.Status)
	}
	err := d.world.diary.await(ctx, func(of map[string][]page) bool {
		for _, p := range of["lucia.ferrante"] {
			if p.Automatic && strings.Contains(p.Subject, "PL-") {
				return true
			}
		}
		return false
	})
	if err != nil {
		t.Fatal("Lucia gets no receipt:", err)
	}
	w := d.world
	if _, err := w.in.RecordVisit(ctx, w.staff["nadia"], inbox.Visit{
		AccountID: w.account(counterDesk), Key: "lucia", Person: "Lucia Ferrante", Phone: "347 555 0142",
		Subject: "Sala civica", Text: "È venuta allo sportello.",
	}); err != nil {
		t.Fatal(err)
	}
	chat := d.caseOf(ctx, t, "telegram")
	if n := d.number(t, `SELECT count(*) FROM proposals AS p JOIN citizens AS a ON a.id = p.a_id JOIN citizens AS b ON b.id = p.b_id
		WHERE p.state = 'open' AND a.name LIKE 'Lucia%' AND b.name LIKE 'Lucia%'`); n < 2 {
		t.Errorf("%d proposals for three contacts", n)
	}
	for channel, id := range map[string]int64{"mail": d.caseOf(ctx, t, "mail"), "telegram": chat} {
		o, err := w.in.Options(ctx, inbox.Viewer{System: true}, id)
		if err != nil || o.Default < 0 {
			t.Fatal(channel, o, err)
		}
		opt := o.List[o.Default]
		v := w.staff["giulia"] // as the recipe says
		if _, err := w.in.Reply(ctx, v, inbox.ReplyCommand{
			CaseID: id, SeenInID: o.SeenInID, AccountID: opt.Account.ID, Subject: o.Subject,
			To: []inbox.Recipient{{IdentityID: opt.Identity.ID}}, Text: "È libera da domani, via " + channel, Undo: inbox.AtOnce,
		}); err != nil {
			t.Fatal(channel, err)
		}
		err = w.diary.await(ctx, func(of map[string][]page) bool {
			for _, p := range of["lucia.ferrante"] {
				if !p.Mine && p.Channel == channel && strings.Contains(p.Text, "domani, via "+channel) {
					return true
				}
			}
			return false
		})
		if err != nil {
			t.Errorf("the answer by %s does not arrive: %v", channel, err)
		}
	}
}

// caseOf waits for Lucia's case on a channel.
func (d *Demo) caseOf(ctx context.Context, t *testing.T, channel string) int64 {
	t.Helper()
	var id int64
	for _, p := range d.world.diary.messages("lucia.ferrante") {
		if !p.Mine || p.Channel != channel {
			continue
		}
		for id == 0 && ctx.Err() == nil {
			found, err := d.world.caseOfMessage(ctx, p.ID)
			if err != nil {
				t.Fatal(err)
			}
			id = found
		}
	}
	if id == 0 {
		t.Fatal("Lucia's message is on no case:", channel)
	}
	return id
}

// testLeftAlone takes a robot's part: it must fall silent.
func (d *Demo) testLeftAlone(t *testing.T) {
	var c *citizen
	for _, p := range d.world.folk.all() {
		if !p.Guest && len(p.Mail) > 0 && p.Telegram.ID != 0 && p.Fate == "" {
			c = p
			break
		}
	}
	if !d.world.left(c) {
		t.Fatal(c.Key, "is played already")
	}
	d.post(t, "/di/"+c.Key+"/chat", url.Values{"text": {"Adesso parlo io"}})
	if d.world.left(c) {
		t.Error("the robot goes on speaking for", c.Key)
	}
}

// testGoingOn starts the town again where it ended.
func testGoingOn(t *testing.T, dir string) {
	d := start(t, Options{Dir: dir, Keep: true, Speed: -1})
	cases, raws := d.number(t, "SELECT count(*) FROM cases"), d.number(t, "SELECT count(*) FROM raws")
	if cases < 550 {
		t.Errorf("the town has forgotten: %d cases", cases)
	}
	if len(d.world.diary.messages("lucia.ferrante")) < 4 {
		t.Error("Lucia has lost her messages")
	}
	ctx := patient(t)
	d.post(t, "/di/lucia.ferrante/chat", url.Values{"text": {"Dopo il riavvio"}})
	d.post(t, "/di/lucia.ferrante/mail", url.Values{"to": {tributiBox}, "subject": {"Dopo il riavvio"}, "text": {"Una domanda sulla TARI"}})
	for _, channel := range []string{"telegram", "mail"} {
		var last page
		for _, p := range d.world.diary.messages("lucia.ferrante") {
			if p.Mine && p.Channel == channel {
				last = p
			}
		}
		for id := int64(0); id == 0; {
			if ctx.Err() != nil {
				t.Fatalf("what is written by %s after the second start does not arrive", channel)
			}
			var err error
			if id, err = d.world.caseOfMessage(ctx, last.ID); err != nil {
				t.Fatal(err)
			}
		}
	}
	if now := d.number(t, "SELECT count(*) FROM raws"); now != raws+2 {
		t.Errorf("%d originals, were %d: the mailboxes were taken in again", now, raws)
	}
}

func TestFolderOfSomebodyElse(t *testing.T) {
	dir := t.TempDir()
	keep := filepath.Join(dir, "tesi.txt")
	if err := os.WriteFile(keep, []byte("importante"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Start(t.Context(), Options{Dir: dir}); err == nil || !strings.Contains(err.Error(), "--dir") {
		t.Error("got", err)
	}
	if _, err := os.Stat(keep); err != nil {
		t.Error("somebody's file is gone:", err)
	}
}

func TestStopWhileTelling(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	dir := filepath.Join(t.TempDir(), "demo")
	_, err := Start(ctx, Options{Dir: dir, Listen: "127.0.0.1:0", CitizensListen: "127.0.0.1:0", Progress: func(day, _ int) {
		if day >= 2 {
			stop()
		}
	}})
	if err == nil {
		t.Fatal("a cancelled start succeeded")
	}
	if _, err := os.Stat(filepath.Join(dir, readyFile)); err == nil {
		t.Error("half a history is taken for a whole one")
	}
}
