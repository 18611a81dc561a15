package inbox

import (
	"context"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"filodiretto/channels"
	"filodiretto/internal/db"
)

// mailSystem is a mail system that brings a report.
var mailSystem = speaker{address: "mailer-daemon@mx.example.org", system: true}

// reports applies delivery reports as the ingest does, from a new raw item.
func (e *env) reports(acc Account, rs ...channels.DeliveryReport) []channels.DeliveryReport {
	e.t.Helper()
	return e.reportsOf(&Raw{ID: db.NewID(e.clock), AccountID: acc.ID, ReceivedAt: e.clock.Now()}, rs...)
}

func (e *env) reportsOf(raw *Raw, rs ...channels.DeliveryReport) []channels.DeliveryReport {
	e.t.Helper()
	var left []channels.DeliveryReport
	err := e.db.Tx(context.Background(), func(ctx context.Context, tx *db.Tx) error {
		var err error
		left, err = e.applyReports(ctx, tx, raw, mailSystem, rs)
		return err
	})
	if err != nil {
		e.t.Fatal(err)
	}
	return left
}

func bounce(r *Reply, code string) channels.DeliveryReport {
	return channels.DeliveryReport{MessageID: r.Message.ExternalID, Recipient: r.Deliveries[0].Address, State: "failed", Permanent: true, Code: code, Confident: true}
}

// sent is an answer that the first server took.
func (e *env) sent(k contact) *Reply {
	e.t.Helper()
	r := e.mustReply(k.reply("x"))
	e.deliver(e.mail)
	if s := e.delivery(r.Deliveries[0].ID).State; s != Accepted {
		e.t.Fatal(s)
	}
	return r
}

// DSN delayed, then failed, then delivered by an alternative: right states, one
// reopening (inbox.md section 8, test 7).
func TestDelayedFailedDelivered(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		e.sender(e.mail)
		k := e.writes(e.mail, "lucia@example.org", "una")
		r := e.sent(k)
		if _, err := e.Close(t.Context(), e.giulia, k.c.ID, 0, 0, "answered"); err != nil {
			t.Fatal(err)
		}
		id := r.Deliveries[0].ID
		late := channels.DeliveryReport{MessageID: r.Message.ExternalID, Recipient: "lucia@example.org", State: "delayed", Code: "4.4.1", Confident: true}
		for range 2 {
			e.reports(e.mail, late)
			e.manual.Advance(time.Hour)
		}
		if d, c := e.delivery(id), e.theCase(k.c.ID); d.State != Accepted || !d.Delayed || c.Status != Closed || c.Failed {
			t.Fatalf("late is not failed and opens nothing: %+v %+v", d, c)
		}
		for range 2 { // two servers tell the same
			e.reports(e.mail, bounce(r, "5.1.1"))
			e.manual.Advance(time.Hour)
		}
		i := e.identity(k.id.ID)
		if d, c := e.delivery(id), e.theCase(k.c.ID); d.State != Failed || d.Delayed || c.Status != Open || !c.Failed || !c.Unread {
			t.Fatalf("%+v %+v", d, c)
		}
		if i.Status != "bad" || i.StatusUntil <= e.manual.Now() || i.StatusText != "report:5.1.1" {
			t.Fatalf("the address is bad, with evidence and an end: %+v", i)
		}
		e.reports(e.mail, channels.DeliveryReport{MessageID: r.Message.ExternalID, Recipient: "lucia@example.org", State: "delivered", Code: "2.0.0", Confident: true})
		if d, c := e.delivery(id), e.theCase(k.c.ID); d.State != Delivered || c.Failed {
			t.Fatalf("%+v %+v", d, c)
		}
		want := []string{"message.sent", "case.assigned", "delivery.accepted", "case.closed", "delivery.delayed", "identity.bad", "delivery.failed", "case.reopened", "delivery.delivered"}
		if got := e.happened(k.c.ID); !slices.Equal(got, want) {
			t.Fatal(got)
		}
		if got := e.states(id); !slices.Equal(got, []State{Accepted, "delayed", "delayed", Failed, Failed, Delivered}) {
			t.Fatal("the history keeps all", got)
		}
	})
}

func TestReportMeaning(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		e.sender(e.mail)
		for i, c := range []struct {
			name     string
			change   func(*channels.DeliveryReport)
			state    State
			identity string
			failed   bool
		}{
			{"no such user", func(*channels.DeliveryReport) {}, Failed, "bad", true},
			{"mailbox full", func(r *channels.DeliveryReport) { r.Code = "5.2.2" }, Failed, "active", true},
			{"policy", func(r *channels.DeliveryReport) { r.Code = "5.7.1" }, Failed, "active", true},
			{"by its looks only", func(r *channels.DeliveryReport) { r.Confident = false }, Failed, "active", true},
			{"a failure for now", func(r *channels.DeliveryReport) { r.Permanent = false }, Queued, "active", false},
			{"a failure for now, by its looks", func(r *channels.DeliveryReport) { r.Permanent, r.Confident = false, false }, Accepted, "active", false},
			{"passed on", func(r *channels.DeliveryReport) { r.State = "relayed" }, Sent, "active", false},
			{"read", func(r *channels.DeliveryReport) { r.State = "read" }, Read, "active", false},
			{"a forwarding address names another", func(r *channels.DeliveryReport) { r.Recipient = "lucia@isp.example" }, Unknown, "active", true},
			{"no recipient named", func(r *channels.DeliveryReport) { r.Recipient = "" }, Failed, "bad", true},
			{"no Message-ID", func(r *channels.DeliveryReport) { r.MessageID = "" }, Unknown, "active", true},
		} {
			k := e.writes(e.mail, string(rune('a'+i))+"@example.org", "una")
			r := e.sent(k)
			rep := bounce(r, "5.1.1")
			c.change(&rep)
			if left := e.reports(e.mail, rep); len(left) != 0 {
				t.Fatal(c.name, left)
			}
			if d := e.delivery(r.Deliveries[0].ID); d.State != c.state || e.identity(k.id.ID).Status != c.identity || e.theCase(k.c.ID).Failed != c.failed {
				t.Fatal(c.name, d.State, e.identity(k.id.ID).Status, e.theCase(k.c.ID).Failed)
			}
		}
		if a := e.account(t, e.mail.ID); a.ErrorClass != "" {
			t.Fatal("one recipient's policy is no trouble of the mailbox:", a.ErrorClass)
		}
	})
}

func TestReportsOfNothingWeSent(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		e.sender(e.mail)
		k := e.writes(e.mail, "lucia@example.org", "una")
		a, b := e.sent(k), e.sent(k)
		two := k.reply("x")
		two.Cc = []Recipient{{Address: "vigile@comune.example"}}
		r := e.mustReply(two)
		e.deliver(e.mail)
		for name, rep := range map[string]channels.DeliveryReport{
			"another house's message":       {MessageID: "x@example.net", Recipient: "lucia@example.org", State: "failed", Permanent: true, Confident: true},
			"a forged signature":            {MessageID: "fd.1.aaaaaaaaaaaaaaaa@comune.pontelieto.example", Recipient: "lucia@example.org", State: "failed", Permanent: true, Confident: true},
			"two it could be":               {Recipient: "lucia@example.org", State: "failed", Permanent: true, Confident: true},
			"nobody":                        {State: "failed", Permanent: true, Confident: true},
			"neither of the two recipients": {MessageID: r.Message.ExternalID, Recipient: "altro@example.org", State: "failed", Permanent: true, Confident: true},
		} {
			if left := e.reports(e.mail, rep); len(left) != 1 {
				t.Error(name, "goes to quarantine")
			}
		}
		for _, r := range []*Reply{a, b, r} {
			if s := e.delivery(r.Deliveries[0].ID).State; s != Accepted {
				t.Fatal(s)
			}
		}
		rep := bounce(r, "5.1.1")
		rep.MessageID, rep.Recipient = "", "Vigile@COMUNE.example"
		if left := e.reports(e.tg, rep); len(left) != 1 {
			t.Fatal("another account's mail is not ours to know")
		}
		e.manual.Advance(reportWindow)
		if left := e.reports(e.mail, rep); len(left) != 1 {
			t.Fatal("too long ago")
		}
	})
}

// The same raw item is applied again after a better parse: nothing happens twice.
func TestReportTwice(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		e.sender(e.mail)
		k := e.writes(e.mail, "lucia@example.org", "una")
		r := e.sent(k)
		raw := &Raw{ID: db.NewID(e.clock), AccountID: e.mail.ID, ReceivedAt: e.clock.Now()}
		e.reportsOf(raw, bounce(r, "5.1.1"))
		e.dealt(t, k)
		e.reportsOf(raw, bounce(r, "5.1.1"))
		if c := e.theCase(k.c.ID); c.Failed {
			t.Fatal("what was dealt with stays so")
		}
		if got := e.states(r.Deliveries[0].ID); len(got) != 2 {
			t.Fatal(got)
		}
	})
}

// What the citizen decided about an address is not undone by a bounce.
func TestBounceOfAWithdrawnAddress(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		e.sender(e.mail)
		k := e.writes(e.mail, "lucia@example.org", "una")
		r := e.sent(k)
		e.exec(t, "UPDATE identities SET status = 'withdrawn' WHERE id = ?", k.id.ID)
		e.reports(e.mail, bounce(r, "5.1.1"))
		if i := e.identity(k.id.ID); i.Status != "withdrawn" || i.StatusUntil != 0 {
			t.Fatalf("%+v", i)
		}
	})
}

// A report may settle what is in doubt, also while the answer is on its way.
func TestReportSettlesDoubt(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		s := e.sender(e.mail)
		s.refuse(&channels.Error{Class: channels.UnknownOutcome})
		k := e.writes(e.mail, "lucia@example.org", "una")
		r := e.mustReply(k.reply("x"))
		e.deliver(e.mail)
		if !e.theCase(k.c.ID).Failed {
			t.Fatal("doubt is shown")
		}
		e.reports(e.mail, channels.DeliveryReport{MessageID: r.Message.ExternalID, State: "delivered", Confident: true})
		if d := e.delivery(r.Deliveries[0].ID); d.State != Delivered || e.theCase(k.c.ID).Failed {
			t.Fatal(d.State)
		}
	})
}

// Reports in any order, each any number of times, leave the best news or, when
// there was none, the failure; and the case's mark says the same.
func TestReportsInAnyOrder(t *testing.T) {
	eachDB(t, func(tt *testing.T, e *env) {
		e.sender(e.mail)
		k := e.writes(e.mail, "lucia@example.org", "una")
		rapid.Check(tt, func(t *rapid.T) {
			e.exec(tt, "UPDATE cases SET failed = FALSE WHERE id = ?", k.c.ID)
			e.exec(tt, "UPDATE deliveries SET dealt_at = 1 WHERE case_id = ?", k.c.ID)
			e.exec(tt, "UPDATE identities SET status = 'active' WHERE id = ?", k.id.ID)
			r := e.sent(k)
			best, failed := Accepted, false
			for _, s := range rapid.SliceOfN(rapid.SampledFrom([]string{"delayed", "failed", "relayed", "delivered", "read"}), 1, 6).Draw(t, "reports") {
				rep := bounce(r, "5.1.1")
				rep.State = s
				e.reports(e.mail, rep)
				n := reportState(rep)
				if n == Failed && best.rank() < Delivered.rank() {
					failed = true
				}
				if n.rank() > best.rank() && (!failed || n.rank() >= Delivered.rank()) {
					best, failed = n, false
				}
			}
			want := best
			if failed {
				want = Failed
			}
			if d := e.delivery(r.Deliveries[0].ID); d.State != want || e.theCase(k.c.ID).Failed != failed {
				t.Fatal("state", d.State, "want", want, "case failed", e.theCase(k.c.ID).Failed)
			}
		})
	})
}
