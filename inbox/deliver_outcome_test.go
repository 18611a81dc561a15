package inbox

import (
	"errors"
	"testing"
	"time"

	"filodiretto/channels"
	"filodiretto/internal/clock"
)

const noon = clock.Instant(1_800_000_000_000_000)

func testJob(kind string, attempts int) *job {
	return &job{d: &Delivery{ID: 0, Kind: kind, Attempts: attempts, ExpiresAt: noon.Add(4 * 24 * time.Hour)}, m: &Message{}}
}

func TestJudge(t *testing.T) {
	fail := func(c channels.Class) *channels.Error { return &channels.Error{Class: c, Code: "x", Text: "why"} }
	limit := fail(channels.RetryAfter)
	limit.After = 20 * time.Second
	whole := fail(channels.RetryAfter)
	whole.After, whole.Scope = time.Minute, channels.ScopeAccount
	moved := fail(channels.ContentRejected)
	moved.MovedTo = "-100200"
	for _, c := range []struct {
		name  string
		kind  string
		tries int
		r     channels.Receipt
		err   error
		want  outcome
	}{
		{"accepted", "email", 1, channels.Receipt{Code: "250"}, nil, outcome{state: Accepted}},
		{"delivered", "telegram", 1, channels.Receipt{Delivered: true}, nil, outcome{state: Delivered}},
		{"wait for one", "telegram", 1, channels.Receipt{}, limit, outcome{state: Queued, nextAt: noon.Add(20 * time.Second), holdOthers: true}},
		{"wait for all", "telegram", 1, channels.Receipt{}, whole, outcome{state: Queued, nextAt: noon.Add(time.Minute), pauseUntil: noon.Add(time.Minute)}},
		{"mail later", "email", 1, channels.Receipt{}, fail(channels.RetryBackoff), outcome{state: Queued, nextAt: noon.Add(time.Minute)}},
		{"mail later again", "email", 2, channels.Receipt{}, fail(channels.RetryBackoff), outcome{state: Queued, nextAt: noon.Add(5 * time.Minute)}},
		{"chat later", "telegram", 3, channels.Receipt{}, fail(channels.RetryBackoff), outcome{state: Queued, nextAt: noon.Add(4 * time.Second), holdOthers: true}},
		{"an error of nobody's", "email", 1, channels.Receipt{}, errors.New("boom"), outcome{state: Queued, nextAt: noon.Add(time.Minute)}},
		{"blocked", "telegram", 1, channels.Receipt{}, fail(channels.RecipientBlocked), outcome{state: Blocked, identity: "blocked"}},
		{"no such mailbox", "email", 1, channels.Receipt{}, fail(channels.RecipientGone), outcome{state: Failed, identity: "bad"}},
		{"no such user", "telegram", 1, channels.Receipt{}, fail(channels.RecipientGone), outcome{state: Failed, identity: "gone"}},
		{"too late to answer", "telegram", 1, channels.Receipt{}, fail(channels.WindowClosed), outcome{state: Failed}},
		{"not like this", "email", 1, channels.Receipt{}, fail(channels.ContentRejected), outcome{state: Failed}},
		{"policy", "email", 1, channels.Receipt{}, fail(channels.PolicyBlocked), outcome{state: Failed, alarm: true}},
		{"login", "email", 1, channels.Receipt{}, fail(channels.AuthBroken), outcome{state: Queued, nextAt: noon, pauseUntil: noon.Add(authPause), alarm: true}},
		{"login again", "email", 2, channels.Receipt{}, fail(channels.AuthBroken), outcome{state: Queued, nextAt: noon, pauseUntil: noon.Add(2 * authPause), alarm: true}},
		{"login for long", "pec", 70, channels.Receipt{}, fail(channels.AuthBroken), outcome{state: Queued, nextAt: noon, pauseUntil: noon.Add(mostAuthPause), alarm: true}},
		{"no answer", "email", 1, channels.Receipt{}, fail(channels.UnknownOutcome), outcome{state: Unknown}},
		{"the chat moved", "telegram", 1, channels.Receipt{}, moved, outcome{state: Queued, nextAt: noon, movedTo: "-100200"}},
		{"the chat moves for ever", "telegram", 4, channels.Receipt{}, moved, outcome{state: Failed}},
	} {
		t.Run(c.name, func(t *testing.T) {
			j := testJob(c.kind, c.tries)
			o := judge(j, c.r, c.err, noon)
			if o.state != c.want.state || o.nextAt != c.want.nextAt || o.holdOthers != c.want.holdOthers || o.pauseUntil != c.want.pauseUntil ||
				o.identity != c.want.identity || o.alarm != c.want.alarm || o.movedTo != c.want.movedTo {
				t.Fatalf("got %+v", o)
			}
			if c.err != nil && o.class == "" {
				t.Fatal("a failure has a class")
			}
		})
	}
}

func TestJudgeEndsWhatIsTooOld(t *testing.T) {
	later := &channels.Error{Class: channels.RetryBackoff}
	j := testJob("email", 30)
	j.d.ExpiresAt = noon.Add(time.Minute)
	if o := judge(j, channels.Receipt{}, later, noon); o.state != Queued || o.nextAt != j.d.ExpiresAt {
		t.Fatal("a wait is no longer than what is left", o)
	}
	j.d.ExpiresAt = noon
	if o := judge(j, channels.Receipt{}, later, noon); o.state != Expired {
		t.Fatal(o)
	}
}

func TestBackoff(t *testing.T) {
	for n, want := range map[int]time.Duration{0: time.Minute, 1: time.Minute, 4: 30 * time.Minute, 7: 4 * time.Hour, 50: 4 * time.Hour} {
		if got := backoff(true, n, 0); got != want {
			t.Error("mail", n, got)
		}
	}
	for n, want := range map[int]time.Duration{1: time.Second, 2: 2 * time.Second, 10: 512 * time.Second, 11: 15 * time.Minute, 70: 15 * time.Minute} {
		if got := backoff(false, n, 0); got != want {
			t.Error("chat", n, got)
		}
	}
	for id := range int64(300) {
		if d := backoff(true, 1, id); d < time.Minute || d > 66*time.Second {
			t.Fatal("the spread is a tenth", d)
		}
	}
}

func TestLookAt(t *testing.T) {
	receipt := &Message{Origin: FromAutomation, Notes: "event:receipt"}
	asked := &Message{Origin: FromAutomation, Notes: "event:privacy dialogue"}
	answer := &Message{Origin: FromOperator}
	for _, c := range []struct {
		name   string
		m      *Message
		id     *Identity
		erased bool
		late   bool
		want   State
	}{
		{"fine", answer, &Identity{Status: "active"}, false, false, ""},
		{"an address of nobody", answer, nil, false, false, ""},
		{"erased", answer, &Identity{Status: "active"}, true, false, Cancelled},
		{"too old", answer, &Identity{Status: "active"}, false, true, Expired},
		{"blocked", answer, &Identity{Status: "blocked"}, false, false, Blocked},
		{"withdrawn", answer, &Identity{Status: "withdrawn"}, false, false, Failed},
		{"removed from the file", answer, &Identity{Status: "active", RemovedAt: noon}, false, false, Failed},
		{"bad", answer, &Identity{Status: "bad", StatusUntil: noon.Add(time.Hour)}, false, false, Failed},
		{"bad no more", answer, &Identity{Status: "bad", StatusUntil: noon}, false, false, ""},
		{"opted out, an answer", answer, &Identity{Status: "opted_out", OptedOutAt: noon}, false, false, ""},
		{"opted out, a receipt", receipt, &Identity{Status: "opted_out", OptedOutAt: noon}, false, false, Suppressed},
		{"opted out, asked for", asked, &Identity{Status: "opted_out", OptedOutAt: noon}, false, false, ""},
	} {
		j := testJob("email", 0)
		j.m = c.m
		if c.late {
			j.d.ExpiresAt = noon
		}
		if o := lookAt(j, c.id, c.erased, noon); o.state != c.want {
			t.Errorf("%s: %q", c.name, o.state)
		}
	}
}
