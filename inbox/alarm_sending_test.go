package inbox

import (
	"testing"
	"time"

	"filodiretto/channels"
)

// leaves writes an answer to somebody, and leaves it to the fake server what becomes of it.
func (e *env) leaves(to string) {
	e.t.Helper()
	k := e.writes(e.mail, to, "una")
	e.mustReply(k.reply("Risposta"))
	e.deliver(e.mail)
}

// looks is a good look of the receiver, which says nothing of sending.
func (e *env) looks() {
	e.t.Helper()
	if err := e.Alive(e.t.Context(), e.mail.ID); err != nil {
		e.t.Fatal(err)
	}
}

// Rules 13 and 90: a mailbox that can be read and may not send is told, though the next
// good look comes before the sweep.
func TestRule13ARefusalToSendIsToldThoughReadingWorks(t *testing.T) {
	for _, x := range []struct {
		name  string
		class channels.Class
		code  string
	}{
		{"suspended", channels.PolicyBlocked, "554 5.7.1"},
		{"login", channels.AuthBroken, "535 5.7.8"},
	} {
		t.Run(x.name, func(t *testing.T) {
			eachDB(t, func(t *testing.T, e *env) {
				s := e.sender(e.mail)
				e.leaves("a@example.org")
				e.manual.Advance(time.Minute)
				s.refuse(&channels.Error{Class: x.class, Code: x.code})
				at := e.manual.Now()
				e.leaves("b@example.org")
				e.manual.Advance(time.Hour + time.Minute) // what a pause lasts at most
				e.looks()
				if a := e.account(t, e.mail.ID); a.ErrorClass != "" {
					t.Fatal("the look leaves", a.ErrorClass)
				}
				if got := e.sweepNews(); len(got) != 1 || got[0].Cause != AlarmRefused || got[0].BegunAt != at {
					t.Fatalf("%+v", got)
				}
				if got := e.sweepAlarms(); got != "" {
					t.Error("told twice:", got)
				}
			})
		})
	}
}

// Rule 90: one refusal among messages that leave is that message's own.
func TestRule90OneRefusalAmongOthersIsNone(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		s := e.sender(e.mail)
		s.refuse(&channels.Error{Class: channels.PolicyBlocked, Code: "550 5.7.1"})
		e.leaves("a@example.org")
		s.accept()
		e.manual.Advance(time.Second)
		e.leaves("b@example.org")
		for range 3 {
			if got := e.sweepAlarms(); got != "" {
				t.Error(got)
			}
			e.manual.Advance(time.Hour)
		}
	})
}

// Rules 66 and 90: answers that wait for an hour because the server for sending is away
// are a cause of their own; what waits for its recipient's server is none.
func TestRule66AServerForSendingThatIsAwayIsTold(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		s := e.sender(e.mail)
		s.refuse(&channels.Error{Class: channels.RetryBackoff, Code: "452 4.2.2"})
		e.leaves("piena@example.org")
		tick := func(want string, tries ...time.Duration) {
			t.Helper()
			for _, d := range tries {
				e.manual.Advance(d)
				e.looks()
				e.deliver(e.mail)
				if got := e.sweepAlarms(); got != want {
					t.Fatalf("%q, not %q", got, want)
				}
			}
		}
		tick("", 40*time.Minute, 40*time.Minute)
		s.refuse(&channels.Error{Class: channels.RetryBackoff, Text: "the mail server could not be reached"})
		at := e.manual.Now()
		e.leaves("a@example.org")
		tick("", 20*time.Minute, 39*time.Minute)
		e.manual.Advance(time.Minute)
		if got := e.sweepNews(); len(got) != 1 || got[0].Cause != AlarmSending || got[0].BegunAt != at {
			t.Fatalf("%+v", got)
		}
		tick("", time.Hour)
		s.accept()
		tick("", 4*time.Hour, alarmRest) // all has left
		if n := e.number("SELECT count(*) FROM deliveries WHERE state = 'queued'"); n != 0 {
			t.Fatal("still wait:", n)
		}
		s.refuse(&channels.Error{Class: channels.RetryBackoff, Code: "421 4.3.2"})
		e.leaves("b@example.org")
		tick("", 59*time.Minute)
		tick("mail sending", time.Minute)
	})
}
