package queue

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

var updateGolden = flag.Bool("update", false, "write the golden files")

// TestTransitions compares every pair of state and verb with testdata/transitions,
// which a person has read.
func TestTransitions(t *testing.T) {
	var b strings.Builder
	for _, v := range Verbs {
		fmt.Fprintf(&b, "%-12s", v)
		for _, s := range States {
			to, ok := v.After(s)
			if !ok {
				to = "-"
			}
			fmt.Fprintf(&b, " %s>%s", s, to)
		}
		b.WriteByte('\n')
	}
	const file = "testdata/transitions"
	if *updateGolden {
		if err := os.WriteFile(file, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if b.String() != string(want) {
		t.Errorf("the table is not the one that was read:\n%s", b.String())
	}
}

// does does a verb of the staff, of the citizen or of time to a step.
func (e *env) does(verb Verb, i *Issued, s *Step) error {
	ctx, a := e.t.Context(), Act{StepID: s.ID, Key: e.key()}
	var err error
	switch verb {
	case CallNextVerb:
		_, err = e.CallNext(ctx, e.bruno, At{CounterID: e.c2, Key: a.Key})
	case CallVerb:
		_, err = e.Call(ctx, e.bruno, CallThis{Act: a, CounterID: e.c2, Reason: "test"})
	case RecallVerb:
		_, err = e.Recall(ctx, e.anna, a)
	case StartVerb:
		_, err = e.Start(ctx, e.anna, a)
	case NoShowVerb:
		_, err = e.NoShow(ctx, e.anna, a)
	case PutBackVerb:
		_, err = e.PutBack(ctx, e.anna, a, 0)
	case HoldVerb:
		_, err = e.Hold(ctx, e.anna, a, "form")
	case ResumeVerb:
		_, err = e.Resume(ctx, e.bruno, a, e.c2)
	case TransferVerb:
		_, err = e.Transfer(ctx, e.anna, Transfer{Act: a, ServiceID: e.taxes})
	case OfficeVerb:
		_, err = e.ToOffice(ctx, e.anna, ToOffice{Act: a, Subject: "Pratica", Text: "Da fare."})
	case AddVerb:
		_, err = e.AddService(ctx, e.anna, a, e.taxes)
	case FinishVerb:
		_, err = e.Finish(ctx, e.anna, Finish{Act: a})
	case ReturnVerb:
		_, err = e.Return(ctx, e.anna, a)
	case GiveUpVerb:
		_, err = e.StaffGiveUp(ctx, e.anna, a)
	case LetPassVerb:
		_, err = e.LetPass(ctx, Owner{Secret: i.Secret}, 1, a.Key)
	case LateVerb:
		_, err = e.Late(ctx, Owner{Secret: i.Secret}, 5*time.Minute, a.Key)
	case HereVerb:
		_, err = e.StaffHere(ctx, e.anna, a)
	default:
		panic(verb)
	}
	return err
}

// brings makes a ticket whose step is in a state, by the ways that lead there.
func (e *env) brings(state State) (*Issued, *Step) {
	e.t.Helper()
	ctx := e.t.Context()
	i := e.take(e.cards)
	step := i.Step.ID
	a := func() Act { return Act{StepID: step, Key: e.key()} }
	calls := []State{Called, Serving, Held, Transferred, Done, NoShow}
	if slices.Contains(calls, state) {
		must(e.CallNext(ctx, e.anna, At{CounterID: e.c1, Key: e.key()}))(e.t)
	}
	switch state {
	case Serving:
		must(e.Start(ctx, e.anna, a()))(e.t)
	case Held:
		must(e.Hold(ctx, e.anna, a(), "form"))(e.t)
	case Transferred:
		must(e.Transfer(ctx, e.anna, Transfer{Act: a(), ServiceID: e.registry}))(e.t)
	case Done:
		must(e.Start(ctx, e.anna, a()))(e.t)
		e.finish(e.anna, step)
	case NoShow:
		must(e.NoShow(ctx, e.anna, a()))(e.t)
	case Left:
		must(e.GiveUp(ctx, Owner{Secret: i.Secret}, e.key()))(e.t)
	case Booked:
		step = must(e.AddService(ctx, e.anna, a(), e.registry))(e.t).New.ID
	case Cancelled, Expired:
		e.exec("UPDATE steps SET state = ?, ended_at = ? WHERE id = ?", state, e.clock.Now(), step)
		e.exec("UPDATE segments SET to_at = ? WHERE step_id = ?", e.clock.Now(), step)
	}
	return i, e.stepNow(step)
}

// TestEveryVerbInEveryState does each verb of people to a step in each state, at
// free counters: it leads where the table says, with one event and one act, or it is
// refused and nothing at all is changed. Both belts of indexes hold all the while.
func TestEveryVerbInEveryState(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		e.files.give = e.openCase(e.citizen("Ada"), e.demo)
		e.sit(e.anna, e.c1)
		e.sit(e.bruno, e.c2)
		own := []Verb{AnswerVerb, VoidVerb, ExpireVerb, NextVerb} // of time and of other verbs, tested with those
		for _, state := range States {
			for _, verb := range Verbs {
				if slices.Contains(own, verb) {
					continue
				}
				i, s := e.brings(state)
				if s.State != state {
					t.Fatalf("wanted %s, got %s", state, s.State)
				}
				e.after(time.Minute)
				acts, events := e.number64("SELECT count(*) FROM step_verbs"), e.number64("SELECT count(*) FROM events")
				err := e.does(verb, i, s)
				is := e.stepNow(s.ID)
				to, ok := verb.After(state)
				switch {
				case ok && err != nil:
					t.Errorf("%s of %s: %v", verb, state, err)
				case ok && (is.State != to || is.Version != s.Version+1):
					t.Errorf("%s of %s: is %s, version %d", verb, state, is.State, is.Version)
				case ok && e.number64("SELECT count(*) FROM step_verbs") != acts+1:
					t.Errorf("%s of %s is not one act", verb, state)
				case !ok && err == nil && e.elsewhere(verb, state):
					// the citizen's word went to the step of the visit that goes on
				case !ok && err == nil:
					t.Errorf("%s of %s did something", verb, state)
				case !ok && (*is != *s || e.number64("SELECT count(*) FROM events") != events):
					t.Errorf("%s of %s was refused and changed something", verb, state)
				}
				e.empty()
			}
		}
	})
}

// elsewhere reports whether a citizen's verb reaches another step than the one in
// the state: who has a step booked or transferred has one that waits.
func (e *env) elsewhere(verb Verb, s State) bool {
	return (s == Booked || s == Transferred) && (verb == LetPassVerb || verb == LateVerb || verb == CallNextVerb)
}

// empty ends whatever goes on.
func (e *env) empty() {
	now := e.clock.Now()
	e.exec("UPDATE steps SET state = 'expired', ended_at = ?, version = version + 1 WHERE ended_at = 0", now)
	e.exec("UPDATE segments SET to_at = ? WHERE to_at = 0", now)
	e.exec("UPDATE tickets SET ended_at = ? WHERE ended_at = 0", now)
}

// openCase makes a case of a citizen at an office, and the account that it needs.
func (e *env) openCase(citizen, office int64) int64 {
	e.n++
	id := int64(9_000_000 + e.n)
	e.exec("INSERT INTO cases (id, year, number, secret, citizen_id, person, office_id, subject, channel, account_id, last_at, created_at) VALUES (?, 2026, ?, ?, ?, 'Ada', ?, 'x', 'counter', 1, 1, 1)",
		id, id, fmt.Sprint(id), citizen, office)
	return id
}
