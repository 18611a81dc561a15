package queue

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"filodiretto/internal/clock"
	"filodiretto/queue/estimate"
	"filodiretto/queue/order"
)

// lived has so many people of the registry served at counter 1, one each five minutes
// from now, and learnt from.
func (e *env) lived(waits int) {
	e.t.Helper()
	for range waits {
		e.take(e.registry)
		e.after(2 * time.Minute)
		d := e.serve(e.anna, e.c1)
		e.after(3 * time.Minute)
		e.finish(e.anna, d.Step.ID)
	}
	e.learn()
}

// learn lets what was done become certain, and learns from it.
func (e *env) learn() {
	e.t.Helper()
	e.after(settled + time.Second)
	if err := e.Learn(e.t.Context()); err != nil {
		e.t.Fatal(err)
	}
}

func (e *env) forecast() *Forecast {
	e.t.Helper()
	return must(e.Forecast(e.t.Context(), e.site))(e.t)
}

func (e *env) expect(i *Issued) Expectation {
	e.t.Helper()
	return must(e.Expect(e.t.Context(), i.Ticket.ID))(e.t)
}

// state is the estimator as it is stored.
func (e *env) state() string {
	e.t.Helper()
	s := must(e.stored(e.t.Context(), e.site))(e.t)
	if s == nil {
		e.t.Fatal("nothing was learnt")
	}
	return string(s.State)
}

// With 29 waits only the place is shown, with the thirtieth a range (queue reference
// 4.4, point 6).
func TestThirtyWaitsMakeARange(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		e.sit(e.anna, e.c1)
		e.lived(estimate.Enough - 1)
		first := e.take(e.registry)
		mine := e.take(e.registry)
		if x := e.expect(mine); x.Known || x.Ahead != 1 || x.Today != TodayUnknown || e.forecast().Enough {
			t.Errorf("after 29 waits: %+v", x)
		}
		if n := e.number64("SELECT count(*) FROM promises"); n != 0 {
			t.Errorf("%d promises without a range", n)
		}
		d := e.serve(e.anna, e.c1)
		if d.Ticket.ID != first.Ticket.ID {
			t.Fatal("another was called")
		}
		e.learn()
		x := e.expect(mine)
		if !x.Known || x.Range.High < 1 || x.Range.High > 30 || x.Today != TodayYes || x.Served < .9 {
			t.Errorf("after 30 waits: %+v", x)
		}
		if n := e.number64("SELECT count(*) FROM promises WHERE step_id = ? AND first", mine.Step.ID); n != 1 {
			t.Errorf("%d promises", n)
		}
	})
}

// Nobody waits, nobody sits at a counter, the site has shut: a forecast claims
// nothing that it does not know.
func TestForecastOfAnEmptyRoom(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		e.sit(e.anna, e.c1)
		e.lived(estimate.Enough)
		x := e.forecast().Service(e.registry, order.WalkIn)
		if !x.Known || x.Ahead != 0 || x.Range.Low != 0 || x.Today != TodayYes {
			t.Errorf("an empty room: %+v", x)
		}
		if x := e.forecast().Service(e.taxes, order.WalkIn); x.Known || x.Today != TodayUnknown {
			t.Errorf("no counter does it: %+v", x)
		}
		if err := e.Leave(t.Context(), e.anna, e.c1, false); err != nil {
			t.Fatal(err)
		}
		i := e.take(e.registry)
		if x := e.expect(i); x.Known || x.Today != TodayUnknown {
			t.Errorf("no counter is open: %+v", x)
		}
		if _, err := e.Expect(t.Context(), i.Ticket.ID+1); err != ErrNotFound {
			t.Errorf("of nobody: %v", err)
		}
	})
}

// Shortly before closing those who come are warned, and then get no number.
func TestServedToday(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		e.sit(e.anna, e.c1)
		e.lived(estimate.Enough) // until half past eleven
		e.clockTo(15, 0)
		var first *Issued
		for range 12 {
			i := e.take(e.registry)
			if first == nil {
				first = i
			}
		}
		if x := e.forecast().Service(e.registry, order.WalkIn); x.Today != TodayYes {
			t.Errorf("at three, with twelve before: %+v", x)
		}
		seen := map[Today]bool{}
		last := 1.0
		for minute := range 60 {
			e.clockTo(15+(minute*3)/60, minute*3%60)
			x := e.forecast().Service(e.registry, order.WalkIn)
			if x.Served > last+.1 {
				t.Errorf("%d minutes past three the chance rises from %v to %v", minute*3, last, x.Served)
			}
			last = x.Served
			seen[x.Today] = true
		}
		if !seen[TodayYes] || !seen[TodayPerhaps] || !seen[TodayNo] || len(seen) != 3 {
			t.Errorf("said %v", seen)
		}
		if x := e.expect(first); x.Served < .5 {
			t.Errorf("the first in line: %+v", x)
		}
	})
}

// A phone's promise never rises without saying so, and each is kept with what became
// of it.
func TestPromisesAreKeptTo(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		ctx := t.Context()
		e.sit(e.anna, e.c1)
		e.sit(e.bruno, e.c2)
		e.lived(estimate.Enough)
		var all []*Issued
		for range 8 {
			all = append(all, e.take(e.registry))
		}
		mine := all[7]
		must(e.Follow(ctx, Owner{Secret: mine.Secret}))(t)
		before := e.expect(mine)
		if err := e.Leave(ctx, e.bruno, e.c2, false); err != nil {
			t.Fatal(err)
		}
		after := e.expect(mine)
		if after.Move != estimate.Later || after.Was != before.Until() || after.Range.High <= before.Range.High {
			t.Errorf("a counter has shut: %+v, before %+v", after, before)
		}
		e.after(time.Minute)
		if again := e.expect(mine); again.Move != estimate.Later || again.Was != after.Was || again.Range.High > after.Range.High {
			t.Errorf("a minute later: %+v", again)
		}
		e.after(tellMove)
		must(e.GiveUp(ctx, Owner{Secret: all[0].Secret}, ""))(t)
		d := e.serve(e.anna, e.c1)
		e.after(3 * time.Minute)
		e.finish(e.anna, d.Step.ID)
		e.learn()
		type row struct {
			StepID  int64
			Outcome string
			Waited  float64
			Move    string
		}
		var rows []row
		if err := e.db.Read.NewRaw("SELECT step_id, outcome, waited_s AS waited, move FROM promises ORDER BY id").Scan(ctx, &rows); err != nil {
			t.Fatal(err)
		}
		got := map[int64][]row{}
		for _, r := range rows {
			got[r.StepID] = append(got[r.StepID], r)
		}
		if r := got[all[0].Step.ID]; len(r) != 1 || r[0].Outcome != PromiseLeft || r[0].Waited != -1 {
			t.Errorf("who gave up: %+v", r)
		}
		if r := got[d.Step.ID]; len(r) != 1 || r[0].Outcome != PromiseCalled || r[0].Waited != (11*time.Minute).Seconds() {
			t.Errorf("who was called: %+v", r)
		}
		if r := got[mine.Step.ID]; len(r) < 2 || r[0].Outcome != "" || r[1].Move != string(estimate.Later) {
			t.Errorf("who waits: %+v", r)
		}
	})
}

// What is learnt from the room's events is what the simulator told an estimator that
// stood beside.
func TestEventsTeachWhatHappened(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		p, _ := pastOf(e, DayOf(e.clock.Now(), rome), 7)
		e.clockTo(21, 0)
		must(e.PutPast(t.Context(), p))(t)
		e.learn()
		beside := must(estimate.New(e.house.estimates()))(t)
		for _, x := range p.Events {
			beside.Observe(x)
		}
		own := must(estimate.Load([]byte(e.state())))(t)
		if own.Waits() != beside.Waits() || own.Waits() < estimate.Enough {
			t.Fatalf("%d waits learnt, %d in the play", own.Waits(), beside.Waits())
		}
		at := clock.Instant(0)
		for _, x := range p.Events {
			at = max(at, x.At)
		}
		s := estimate.Snapshot{At: at.Add(12 * time.Hour), Policy: e.house.Policy}
		c := estimate.Counter{Counter: e.house.Order(e.c1), Open: []estimate.Span{{From: s.At, To: s.At.Add(8 * time.Hour)}}}
		s.Counters = append(s.Counters, c)
		for i := range 10 {
			s.Waiting = append(s.Waiting, order.Waiting{ID: int64(i + 1), Service: []int64{e.registry, e.cards}[i%2], Class: order.WalkIn, Arrived: s.At})
		}
		a, b := own.Estimate(s).Waiting, beside.Estimate(s).Waiting
		for i := range a {
			if d := (a[i].Expected - b[i].Expected).Abs(); d > a[i].Expected/20+time.Second {
				t.Errorf("place %d: %v by what the events taught, %v by the play", i+1, a[i].Expected, b[i].Expected)
			}
		}
	})
}

// town puts in some days of a made-up office, and learns after each in lessons; then
// promises are made as in life, so that there are outcomes to learn from.
func (e *env) town(days int) {
	e.t.Helper()
	for d := 0; d < days; {
		day := DayOf(e.clock.Now(), rome)
		if len(e.house.Calendar.Ranges(day)) > 0 {
			p, _ := pastOf(e, day, uint64(d)+1)
			e.clockTo(21, 0)
			must(e.PutPast(e.t.Context(), p))(e.t)
			d++
		}
		e.after(time.Duration(day.Add(1).At(8*60, rome).Sub(e.clock.Now())))
		e.learn()
	}
}

// Killed at any moment, started twice, or made again: what was learnt is the same.
func TestLearningIsTheSameHoweverItWentOn(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		ctx := t.Context()
		e.town(2)
		e.sit(e.anna, e.c1)
		e.sit(e.bruno, e.c2)
		for i := range 30 { // a morning with promises, a put-back, an undo, a transfer
			e.take(e.registry)
			e.forecast()
			e.after(2 * time.Minute)
			d := e.call(e.anna, e.c1)
			switch i % 5 {
			case 0:
				must(e.Undo(ctx, e.anna, d.VerbID, e.key()))(t)
			case 1:
				must(e.PutBack(ctx, e.anna, e.act(d), 3*time.Minute))(t)
			case 2:
				must(e.Transfer(ctx, e.anna, Transfer{Act: e.act(d), ServiceID: e.cards}))(t)
			default:
				must(e.Start(ctx, e.anna, e.act(d)))(t)
				e.after(4 * time.Minute)
				e.finish(e.anna, d.Step.ID)
			}
			if i%3 == 0 {
				e.learn()
			}
			if i == 13 { // the process that learns dies just before it writes, another goes on
				p, l := e.lesson(ctx, t)
				if err := p.teach(ctx, e.Queue, l); err != nil {
					t.Fatal(err)
				}
				other := e.open(e.dsn, e.manual)
				if err := other.Learn(ctx); err != nil {
					t.Fatal(err)
				}
				if err := e.store(ctx, p); p.changed && err != errLearnt {
					t.Errorf("the dead one wrote as well: %v", err)
				}
			}
		}
		e.learn()
		lived := e.state()
		own := must(estimate.Load([]byte(lived)))(t)
		if own.Learnt() < 10 {
			t.Errorf("learnt from %d promises", own.Learnt())
		}
		outcomes := e.number64("SELECT count(*) FROM promises WHERE outcome <> ''")
		if err := e.Rebuild(ctx, e.site); err != nil {
			t.Fatal(err)
		}
		if e.state() != lived {
			t.Error("made again it is another")
		}
		if n := e.number64("SELECT count(*) FROM promises WHERE outcome <> ''"); n != outcomes {
			t.Errorf("%d outcomes, before %d", n, outcomes)
		}
		e.exec("DELETE FROM estimators")
		if err := e.Learn(ctx); err != nil {
			t.Fatal(err)
		}
		if e.state() != lived {
			t.Error("learnt at once it is another than in life")
		}
	})
}

// lesson is what would be learnt next.
func (e *env) lesson(ctx context.Context, t *testing.T) (*pupil, *lessonOf) {
	t.Helper()
	h := must(e.House(ctx, e.site))(t)
	p := must(e.pupil(h, must(e.stored(ctx, e.site))(t)))(t)
	return p, must(e.readLesson(ctx, e.site, p.upto, 1<<62, e.clock.Now().Add(-settled)))(t)
}

// The estimator and what it is asked hold nothing of a person, an operator or the
// future.
func TestOnlyWhatAnOfficeKnows(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		e.sit(e.anna, e.c1)
		e.lived(3)
		who := e.citizen("Rosa Neri")
		e.remote(e.registry, who)
		h := must(e.House(t.Context(), e.site))(t)
		p := must(e.lookAt(t.Context(), h))(t)
		s, asks := p.snapshot()
		b := must(json.Marshal(struct {
			S estimate.Snapshot
			A []estimate.Ask
		}{s, asks}))(t)
		for what, id := range map[string]int64{"the operator": e.anna.OperatorID, "the citizen": who} {
			for in, text := range map[string]string{"the snapshot": string(b), "the state": e.state()} {
				if strings.Contains(text, idText(id)) {
					t.Errorf("%s is in %s", what, in)
				}
			}
		}
		for _, c := range s.Counters {
			if len(c.Open) == 0 || c.Open[0].From != p.now {
				t.Errorf("a counter at which somebody sits: %+v", c.Open)
			}
		}
		if len(s.Counters) != 1 || len(s.Waiting) != 0 {
			t.Errorf("%d counters, %d waiting: only those who are here count", len(s.Counters), len(s.Waiting))
		}
	})
}
