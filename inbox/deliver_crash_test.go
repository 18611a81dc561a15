package inbox

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"filodiretto/channels"
	"filodiretto/internal/db"
)

// world is what citizens see: how often each delivery arrived, whoever sent it.
type world struct {
	mu      sync.Mutex
	arrived map[int64]int
}

func (w *world) arrive(id int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.arrived[id]++
}

// life is one process: its own connection to the database and its own channel.
// It is killed at its nth call of the channel, before or after the message left.
type life struct {
	in     *Inbox
	db     *db.DB
	w      *world
	width  int
	killAt int
	after  bool // killed once the message has arrived
	does   func(call int) (arrived bool, err error)

	mu    sync.Mutex
	calls int
	dead  bool
}

func (l *life) Parse(channels.Raw) ([]channels.Item, error) { return nil, nil }
func (l *life) ParserVersion() int                          { return 1 }
func (l *life) Concurrency() int                            { return l.width }

func (l *life) Send(_ context.Context, o *channels.Outgoing) (channels.Receipt, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.dead { // a dead process sends nothing; whatever it says is heard by nobody
		return channels.Receipt{}, nil
	}
	l.calls++
	if l.calls == l.killAt {
		l.dead = true
		l.db.Close()
		if l.after {
			l.w.arrive(o.DeliveryID)
		}
		return channels.Receipt{}, nil
	}
	arrived, err := l.does(l.calls)
	if arrived {
		l.w.arrive(o.DeliveryID)
	}
	return channels.Receipt{}, err
}

// newLife begins a process on the environment's database.
func (e *env) newLife(t *rapid.T, w *world) *life {
	d, err := db.Open(context.Background(), e.url, e.manual, db.Options{ReadConnections: 2})
	if err != nil {
		t.Fatal(err)
	}
	l := &life{db: d, w: w, width: rapid.IntRange(1, 4).Draw(t, "width"), killAt: rapid.IntRange(0, 12).Draw(t, "kill at"), after: rapid.Bool().Draw(t, "after")}
	fates := rapid.SliceOfN(rapid.SampledFrom([]string{"ok", "ok", "ok", "ok", "later", "lost", "lost and arrived", "limit"}), 20, 20).Draw(t, "fates")
	l.does = func(call int) (bool, error) {
		switch fates[call%len(fates)] {
		case "later":
			return false, &channels.Error{Class: channels.RetryBackoff}
		case "limit":
			return false, &channels.Error{Class: channels.RetryAfter, Scope: channels.ScopeAccount, After: time.Second}
		case "lost":
			return false, &channels.Error{Class: channels.UnknownOutcome}
		case "lost and arrived":
			return true, &channels.Error{Class: channels.UnknownOutcome}
		}
		return true, nil
	}
	chans := &fakeChannels{by: map[int64]fakeAccount{}}
	chans.put(e.mail, l)
	l.in = New(Deps{
		DB: d, Blobs: e.blobs, Hub: e.hub, Log: e.log, Settings: e.set, SignKey: []byte("0123456789abcdef0123456789abcdef"),
		Channels: chans, Router: e.route, Texts: e.texts, Wake: noWake{},
	})
	return l
}

// live is the whole life of a process: it takes back what a dead one left, then
// delivers what falls due within a few hours, or dies.
func (l *life) live(t *rapid.T, e *env) {
	ctx := context.Background()
	defer l.db.Close()
	for range 40 {
		if _, err := l.in.RecoverLeases(ctx); err != nil && !l.dead {
			t.Fatal("recover:", err)
		}
		more, next, err := l.in.DeliverDue(ctx, e.mail.ID)
		if l.dead {
			return
		}
		if err != nil {
			t.Fatal("deliver:", err)
		}
		if !more && next == 0 {
			return
		}
		if next > e.manual.Now() {
			e.manual.Advance(next.Sub(e.manual.Now()))
		}
	}
}

// Processes die at any point of sending, one after the other. In the end each
// answer has arrived or is shown as unknown, none arrived twice, and no more
// are unknown than calls were in flight.
func TestKilledWhileSending(t *testing.T) {
	eachDB(t, func(tt *testing.T, e *env) {
		e.sender(e.mail)
		round := 0
		rapid.Check(tt, func(t *rapid.T) {
			round++
			e.exec(tt, "DELETE FROM delivery_events")
			e.exec(tt, "DELETE FROM deliveries")
			e.exec(tt, "UPDATE accounts SET paused_until = 0")
			w := &world{arrived: map[int64]int{}}
			var ids []int64
			for i := range rapid.IntRange(1, 10).Draw(t, "answers") {
				r := e.mustReply(e.writes(e.mail, fmt.Sprintf("c%d.%d@example.org", round, i), "una").reply("x"))
				ids = append(ids, r.Deliveries[0].ID)
			}
			doubt := 0
			for range rapid.IntRange(0, 4).Draw(t, "lives") {
				l := e.newLife(t, w)
				l.live(t, e)
				if l.dead {
					doubt += l.width
				}
				e.manual.Advance(leaseFor + time.Second)
			}
			last := e.newLife(t, w)
			last.killAt, last.does = 0, func(int) (bool, error) { return true, nil }
			last.live(t, e)
			if n := e.checkWorld(t, w, ids); n > doubt {
				t.Fatalf("%d are in doubt, with %d calls in flight when processes died", n, doubt)
			}
			e.resendAll(t, w, ids)
		})
	})
}

// resendAll lets a person decide: what is unknown is sent again, and then
// everything has arrived.
func (e *env) resendAll(t *rapid.T, w *world, ids []int64) {
	for _, id := range ids {
		if e.delivery(id).State == Unknown {
			if err := e.ResendUnknown(context.Background(), e.giulia, id); err != nil {
				t.Fatal(err)
			}
		}
	}
	l := e.newLife(t, w)
	l.killAt, l.does = 0, func(int) (bool, error) { return true, nil }
	l.live(t, e)
	for _, id := range ids {
		d := e.delivery(id)
		if d.State != Accepted || w.arrived[id] == 0 || w.arrived[id] > 2 || e.theCase(d.CaseID).Failed {
			t.Fatalf("delivery %d is %s and arrived %d times", id, d.State, w.arrived[id])
		}
	}
}

// checkWorld compares what is stored with what citizens see. It returns how
// many are in doubt because a process died.
func (e *env) checkWorld(t *rapid.T, w *world, ids []int64) int {
	ctx := context.Background()
	interrupted := 0
	for _, id := range ids {
		d := new(Delivery)
		if err := e.db.Read.NewSelect().Model(d).Where("d.id = ?", id).Scan(ctx); err != nil {
			t.Fatal(err)
		}
		switch n := w.arrived[id]; {
		case n > 1:
			t.Fatalf("delivery %d arrived %d times", id, n)
		case d.State == Accepted && n != 1, d.State == Unknown && n > 1, d.State != Accepted && d.State != Unknown:
			t.Fatalf("delivery %d is %s and arrived %d times", id, d.State, n)
		}
		if d.Code == "interrupted" {
			interrupted++
		}
		var last State
		if err := e.db.Read.NewRaw("SELECT state FROM delivery_events WHERE delivery_id = ? ORDER BY id DESC LIMIT 1", id).Scan(ctx, &last); err != nil || last != d.State {
			t.Fatal("the history ends with the state", last, d.State, err)
		}
		if c := e.theCase(d.CaseID); c.Failed != (d.State == Unknown) {
			t.Fatal("people see what is in doubt, and nothing else", c.Failed, d.State)
		}
	}
	return interrupted
}

// A process that stood still for longer than its lease finds, when it goes on,
// that others took over. What it had begun is settled by the answer it gets
// after all; what it had only claimed was sent by others, and not by it.
func TestProcessThatStoodStill(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		begun, goOn := make(chan struct{}), make(chan struct{})
		s := e.sender(e.mail)
		s.answer = func(*channels.Outgoing, int) (bool, channels.Receipt, error) {
			begun <- struct{}{}
			<-goOn
			return true, channels.Receipt{}, nil
		}
		var ks []contact
		var rs []*Reply
		for i := range 3 {
			k := e.writes(e.mail, fmt.Sprintf("c%d@example.org", i), "una")
			ks, rs = append(ks, k), append(rs, e.mustReply(k.reply("x")))
		}
		done := make(chan error)
		go func() {
			_, _, err := e.DeliverDue(t.Context(), e.mail.ID)
			done <- err
		}()
		<-begun
		e.manual.Advance(leaseFor + time.Second)
		got, err := e.RecoverLeases(t.Context())
		if err != nil || got.Unknown != 1 || got.Requeued < 1 {
			t.Fatal(got, err)
		}
		if !e.theCase(ks[0].c.ID).Failed {
			t.Fatal("people see the doubt")
		}
		other := e.sender(e.mail)
		e.deliver(e.mail)
		if len(other.arrived()) != 2 {
			t.Fatal("others send what was only claimed", len(other.arrived()))
		}
		close(goOn)
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		if len(s.arrived()) != 1 {
			t.Fatal("and nobody sends it twice", len(s.arrived()))
		}
		for i, r := range rs {
			if d := e.delivery(r.Deliveries[0].ID); d.State != Accepted || e.theCase(ks[i].c.ID).Failed {
				t.Fatal(i, d.State)
			}
		}
		if got := e.states(rs[0].Deliveries[0].ID); len(got) != 2 || got[0] != Unknown || got[1] != Accepted {
			t.Fatal(got)
		}
	})
}

// A stop waits for the call in flight, gives back what was only begun or
// claimed, and leaves nothing in doubt.
func TestStopLeavesNothingInDoubt(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		begun, goOn := make(chan struct{}), make(chan struct{})
		s := e.sender(e.mail)
		s.answer = func(*channels.Outgoing, int) (bool, channels.Receipt, error) {
			begun <- struct{}{}
			<-goOn
			return true, channels.Receipt{}, nil
		}
		for i := range 5 {
			e.mustReply(e.writes(e.mail, fmt.Sprintf("c%d@example.org", i), "una").reply("x"))
		}
		ctx, stop := context.WithCancel(t.Context())
		g := newEngine(e.Inbox, e.mail, s)
		g.sendTime, g.commitTime = time.Microsecond, time.Hour // so fast that many are begun at once
		done := make(chan error)
		go func() { done <- g.run(ctx) }()
		<-begun
		stop()
		close(goOn)
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		var states []struct {
			State State
			Tries int
			N     int
		}
		err := e.db.Read.NewRaw("SELECT state, SUM(attempts) AS tries, COUNT(*) AS n FROM deliveries WHERE begun_at = 0 OR state <> 'queued' GROUP BY state ORDER BY state").Scan(t.Context(), &states)
		if err != nil {
			t.Fatal(err)
		}
		if len(states) != 2 || states[0].State != Accepted || states[0].N != 1 || states[0].Tries != 1 || states[1].State != Queued || states[1].N != 4 || states[1].Tries != 0 {
			t.Fatal(states)
		}
	})
}

func TestRecoverAtStart(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		e.sender(e.mail)
		a, b := e.mustReply(e.writes(e.mail, "a@example.org", "una").reply("x")), e.mustReply(e.writes(e.mail, "b@example.org", "una").reply("x"))
		until := e.manual.Now().Add(leaseFor)
		e.exec(t, "UPDATE deliveries SET state = 'sending', holder = 'dead', lease_until = ? WHERE id = ?", until, a.Deliveries[0].ID)
		e.exec(t, "UPDATE deliveries SET state = 'sending', holder = 'dead', lease_until = ?, begun_at = 1 WHERE id = ?", until, b.Deliveries[0].ID)
		if got, err := e.RecoverLeases(t.Context()); err != nil || got != (Recovered{}) {
			t.Fatal("a running lease is left alone", got, err)
		}
		got, err := e.RecoverAtStart(t.Context())
		want := Recovered{1, 1}
		if e.db.Postgres {
			want = Recovered{} // others may live
		}
		if err != nil || got != want {
			t.Fatal(got, err)
		}
	})
}
