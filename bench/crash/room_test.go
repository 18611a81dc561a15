package crash

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"testing"
	"time"

	"filodiretto/app"
	"filodiretto/bench/rig"
	"filodiretto/inbox"
	"filodiretto/internal/clock"
	"filodiretto/internal/db"
	"filodiretto/queue"
)

// roomKills is how often the program dies in the test of a room.
const roomKills = 12

// TestTheRoomSurvivesKills kills the released program between and during the verbs of
// a counter (issue: "kill the process between any two verbs: the room is as it was").
// After each death the room is as it was before the verb or as it is after it; the
// verb, sent again under its key, is done once.
func TestTheRoomSurvivesKills(t *testing.T) {
	program, err := rig.Build(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for _, kind := range rig.Kinds {
		t.Run(string(kind), func(t *testing.T) {
			k := newKilledRoom(t, program, kind)
			for range roomKills {
				k.life()
			}
			k.count()
		})
	}
}

// killedRoom is a room with one counter, and what was asked of it.
type killedRoom struct {
	t       *testing.T
	rig     *rig.Rig
	db      *db.DB
	program string
	token   string
	chance  *rand.Rand

	site, service, counter int64
	process                *rig.Process
	keys                   int
	taken, called, midway  int
	pending                *roomVerb // sent, and nobody knows whether it was done
}

// roomVerb is one request under one key.
type roomVerb struct {
	path, key string
	body      map[string]any
	count     *int // of what it makes
}

func newKilledRoom(t *testing.T, program string, kind rig.Kind) *killedRoom {
	t.Helper()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	ctx := t.Context()
	r, err := rig.New(kind)
	must(err)
	t.Cleanup(func() { must(r.Close()) })
	k := &killedRoom{t: t, rig: r, program: program, chance: rand.New(rand.NewPCG(7, 1))}
	k.token, err = prepare(ctx, r, rig.Setup{}, slog.New(slog.DiscardHandler))
	must(err)
	cfg, err := r.Config(rig.Setup{})
	must(err)
	a, err := app.New(ctx, cfg, slog.New(slog.DiscardHandler))
	must(err)
	v, err := rig.Viewer(ctx, a.Router, rig.Everywhere)
	must(err)
	all := inbox.Viewer{System: true}
	site, err := a.Queue.SaveSite(ctx, all, queue.SiteEdit{Key: "sala", Name: "Sala"})
	must(err)
	k.site = site.ID
	week := map[int]queue.Ranges{}
	for day := 1; day <= 7; day++ {
		week[day] = queue.Ranges{{From: 0, To: 24 * 60}}
	}
	_, err = a.Queue.SaveHours(ctx, all, k.site, 0, week)
	must(err)
	group, err := a.Queue.SaveGroup(ctx, all, queue.Group{SiteID: k.site, Key: "tutto", Names: queue.Names{"it": "Tutto"}, Series: "A"})
	must(err)
	k.service, err = a.Queue.SaveService(ctx, all, queue.Service{SiteID: k.site, GroupID: group, Key: "tutto", Names: queue.Names{"it": "Tutto"}, OfficeID: v.Offices[0], Minutes: 5, Kiosk: true})
	must(err)
	k.counter, err = a.Queue.SaveCounter(ctx, all, queue.CounterEdit{
		Counter: queue.Counter{SiteID: k.site, Key: "1", Name: "Sportello 1", Kind: "desk", OfficeID: v.Offices[0]}, Skills: []queue.Skill{{ServiceID: k.service}},
	})
	must(err)
	_, err = a.Queue.Open(ctx, v, k.counter, 0)
	must(err)
	must(a.Stop())
	k.db, err = db.Open(ctx, r.Database.URL, clock.System{}, db.Options{})
	must(err)
	t.Cleanup(func() { k.db.Close() })
	return k
}

// life starts the program, sends again what it did not live to answer, goes on for
// a few verbs, and kills it: every second time in the middle of one.
func (k *killedRoom) life() {
	k.t.Helper()
	before := k.picture()
	k.start()
	if k.pending != nil {
		k.insist(k.pending)
		k.pending = nil
	} else if now := k.picture(); now != before {
		k.t.Fatalf("the room changed by itself:\n%s\n%s", before, now)
	}
	for range 2 + k.chance.IntN(4) {
		k.insist(k.next())
	}
	was, verb := k.picture(), k.next()
	if k.chance.IntN(2) == 0 {
		k.process.Kill()
		<-k.process.Ended()
		if now := k.picture(); now != was {
			k.t.Errorf("killed between two verbs:\n%s\n%s", was, now)
		}
		return
	}
	k.midway++
	k.pending = verb
	done := make(chan error, 1)
	go func() { done <- k.send(verb) }()
	timer := time.NewTimer(time.Duration(k.chance.Int64N(int64(12 * time.Millisecond))))
	defer timer.Stop()
	select { // the moment is chance; that it is in the middle is likely
	case <-timer.C:
	case err := <-done:
		done <- err
	}
	k.process.Kill()
	<-k.process.Ended()
	<-done
}

func (k *killedRoom) start() {
	k.t.Helper()
	p, err := k.rig.Start(k.program, rig.Setup{})
	if err == nil {
		err = p.AwaitReady(k.t.Context())
	}
	if err != nil {
		k.t.Fatal(err)
	}
	k.process = p
}

// next is a verb that the room allows now.
func (k *killedRoom) next() *roomVerb {
	k.t.Helper()
	k.keys++
	v := &roomVerb{key: fmt.Sprintf("room-%d", k.keys), body: map[string]any{}}
	var at []struct {
		ID    int64
		State string
	}
	k.ask(&at, "SELECT id, state FROM steps WHERE counter_id = ? AND state IN ('called','serving')", k.counter)
	var waiting []int64
	k.ask(&waiting, "SELECT id FROM steps WHERE state = 'waiting' AND not_before <= ?", clock.System{}.Now())
	step := func(verb string) {
		v.path = fmt.Sprintf("/steps/%d/%s", at[0].ID, verb)
	}
	switch {
	case len(at) == 0 && len(waiting) == 0 || k.chance.IntN(3) == 0:
		v.path, v.count = fmt.Sprintf("/sites/%d/tickets", k.site), &k.taken
		v.body = map[string]any{"service": fmt.Sprint(k.service), "key": v.key}
	case len(at) == 0:
		v.path, v.body, v.count = fmt.Sprintf("/counters/%d/call-next", k.counter), nil, &k.called
	case at[0].State == "called":
		verb := []string{"recall", "start", "no-show", "put-back"}[k.chance.IntN(4)]
		if step(verb); verb == "recall" {
			v.count = &k.called
		}
	default:
		step([]string{"finish", "put-back"}[k.chance.IntN(2)])
	}
	return v
}

func (k *killedRoom) send(v *roomVerb) error {
	a := &rig.API{Base: "http://" + k.process.Addr, Token: k.token, HTTP: &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}}
	key := v.key
	if _, own := v.body["key"]; own {
		key = ""
	}
	var body any
	if v.body != nil {
		body = v.body
	}
	return a.Post(context.WithoutCancel(k.t.Context()), v.path, key, body, nil)
}

// insist sends a verb to its end.
func (k *killedRoom) insist(v *roomVerb) {
	k.t.Helper()
	if err := k.send(v); err != nil {
		if refused, ok := errors.AsType[*rig.StatusError](err); ok && v.count == &k.called && refused.Status == http.StatusUnprocessableEntity {
			k.t.Logf("refused: %v", err) // nobody may be called: put back a moment ago
			return
		}
		k.t.Fatalf("%s: %v", v.path, err)
	}
	if v.count != nil {
		*v.count++
	}
}

func (k *killedRoom) ask(to any, query string, args ...any) {
	k.t.Helper()
	if err := k.db.Read.NewRaw(query, args...).Scan(k.t.Context(), to); err != nil {
		k.t.Fatal(err)
	}
}

// picture is all that a room is, as text.
func (k *killedRoom) picture() string {
	k.t.Helper()
	var steps []struct {
		ID, Version, CounterID, Calls int64
		State                         string
	}
	k.ask(&steps, "SELECT id, version, counter_id, calls, state FROM steps ORDER BY id")
	var segments []struct {
		StepID, FromAt, ToAt int64
		Kind                 string
	}
	k.ask(&segments, "SELECT step_id, from_at, to_at, kind FROM segments ORDER BY step_id, from_at, id")
	var sittings []struct{ CounterID, OperatorID, ToAt int64 }
	k.ask(&sittings, "SELECT counter_id, operator_id, to_at FROM sittings ORDER BY id")
	return fmt.Sprintf("%+v\n%+v\n%+v", steps, segments, sittings)
}

// count holds what is stored against what was asked: nothing twice, nothing lost.
func (k *killedRoom) count() {
	k.t.Helper()
	if k.start(); k.pending != nil {
		k.insist(k.pending)
	}
	if err := k.process.Stop(); err != nil {
		k.t.Error(err)
	}
	var tickets, calls, numbers, open, odd []int
	k.ask(&tickets, "SELECT count(*) FROM tickets")
	k.ask(&numbers, "SELECT count(DISTINCT number) FROM tickets")
	k.ask(&calls, "SELECT count(*) FROM calls")
	k.ask(&open, "SELECT count(*) FROM segments WHERE to_at = 0")
	k.ask(&odd, "SELECT count(*) FROM steps WHERE state IN ('waiting','called','serving','held')")
	if tickets[0] != k.taken || numbers[0] != k.taken || calls[0] != k.called || open[0] != odd[0] {
		k.t.Errorf("%d tickets with %d numbers of %d that were taken; %d calls of %d; %d open phases of %d people", tickets[0], numbers[0], k.taken, calls[0], k.called, open[0], odd[0])
	}
	if k.taken < 5 || k.called < 5 || k.midway == 0 {
		k.t.Errorf("%d taken, %d called, %d killed midway: too little to mean anything", k.taken, k.called, k.midway)
	}
	k.t.Logf("%d numbers, %d calls, %d of %d kills in the middle of a verb", k.taken, k.called, k.midway, roomKills)
}
