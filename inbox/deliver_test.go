package inbox

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"filodiretto/channels"
)

// what a test expects of one refused answer.
type refusal struct {
	name     string
	err      *channels.Error
	state    State
	failed   bool
	status   Status // of the case, which was closed before
	identity string
	events   []string // after message.sent
}

func TestRefusals(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		for i, c := range []refusal{
			{"no such mailbox", &channels.Error{Class: channels.RecipientGone, Code: "550 5.1.1"}, Failed, true, Open, "bad", []string{"identity.bad", "delivery.failed", "case.reopened"}},
			{"not wanted", &channels.Error{Class: channels.RecipientBlocked, Code: "403"}, Blocked, true, Open, "blocked", []string{"consent.out", "delivery.failed", "case.reopened"}},
			{"too long", &channels.Error{Class: channels.ContentRejected, Code: "552"}, Failed, true, Open, "active", []string{"delivery.failed", "case.reopened"}},
			{"policy", &channels.Error{Class: channels.PolicyBlocked, Code: "550 5.7.1"}, Failed, true, Open, "active", []string{"delivery.failed", "case.reopened"}},
			{"no answer", &channels.Error{Class: channels.UnknownOutcome, Code: "timeout"}, Unknown, true, Closed, "active", []string{"delivery.unknown"}},
			{"later", &channels.Error{Class: channels.RetryBackoff, Code: "451"}, Queued, false, Closed, "active", nil},
		} {
			s := e.sender(e.mail)
			s.refuse(c.err)
			k := e.writes(e.mail, string(rune('a'+i))+"@example.org", "una")
			r := e.mustReply(k.reply("Risposta"))
			if _, err := e.Close(t.Context(), e.giulia, k.c.ID, 0, 0, "answered"); err != nil {
				t.Fatal(err)
			}
			e.deliver(e.mail)
			d, cs := e.delivery(r.Deliveries[0].ID), e.theCase(k.c.ID)
			if d.State != c.state || d.Class != string(c.err.Class) || d.Code != c.err.Code || d.Attempts != 1 {
				t.Fatalf("%s: %+v", c.name, d)
			}
			if cs.Failed != c.failed || cs.Status != c.status || e.identity(k.id.ID).Status != c.identity {
				t.Fatalf("%s: failed %v, %s, identity %s", c.name, cs.Failed, cs.Status, e.identity(k.id.ID).Status)
			}
			got := e.happened(k.c.ID)
			if i := slices.Index(got, "case.closed"); !slices.Equal(got[i+1:], c.events) {
				t.Fatal(c.name, got)
			}
			if n := s.tried[d.ID]; n != 1 {
				t.Fatal(c.name, "tries", n)
			}
			if c.failed {
				e.dealt(t, k)
			}
		}
		a := e.account(t, e.mail.ID)
		if a.ErrorClass != string(channels.PolicyBlocked) || a.PausedUntil != 0 {
			t.Fatalf("the administrator is told of the policy: %+v", a)
		}
	})
}

// dealt checks that a person can take the mark away, once.
func (e *env) dealt(t *testing.T, k contact) {
	t.Helper()
	if c, err := e.DealWithFailure(t.Context(), e.giulia, k.c.ID); err != nil || c.Failed {
		t.Fatal(c, err)
	}
	if _, err := e.DealWithFailure(t.Context(), e.giulia, k.c.ID); !errors.Is(err, ErrChanged) {
		t.Fatal(err)
	}
}

func (e *env) account(t *testing.T, id int64) *Account {
	t.Helper()
	a := new(Account)
	if err := e.db.Read.NewSelect().Model(a).Where("a.id = ?", id).Scan(t.Context()); err != nil {
		t.Fatal(err)
	}
	return a
}

func TestMailIsTriedUntilItExpires(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		s := e.sender(e.mail)
		s.refuse(&channels.Error{Class: channels.RetryBackoff, Code: "451 4.7.1"})
		k := e.writes(e.mail, "lucia@example.org", "una")
		r := e.mustReply(k.reply("Risposta"))
		var waits []time.Duration
		for range 60 {
			next := e.deliver(e.mail)
			if next == 0 {
				break
			}
			waits = append(waits, next.Sub(e.manual.Now()).Round(time.Minute/2).Truncate(time.Minute))
			e.manual.Advance(next.Sub(e.manual.Now()))
		}
		d := e.delivery(r.Deliveries[0].ID)
		if d.State != Expired || d.Attempts < 20 || d.Attempts > 45 {
			t.Fatalf("%s after %d tries", d.State, d.Attempts)
		}
		if len(waits) < 4 || waits[0] != time.Minute || waits[1] != 5*time.Minute || waits[3] < 30*time.Minute {
			t.Fatal(waits)
		}
		if age := e.manual.Now().Sub(d.CreatedAt); age != e.set.MailMaxAge {
			t.Fatal("it ends when it is due to", age)
		}
		if c := e.theCase(k.c.ID); !c.Failed {
			t.Fatal("the author is told")
		}
		if got := s.arrived(); len(got) != 0 {
			t.Fatal(got)
		}
	})
}

func TestRateLimitOfTheAccount(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		s := e.sender(e.tg)
		s.refuse(&channels.Error{Class: channels.RetryAfter, Scope: channels.ScopeAccount, After: 30 * time.Second, Code: "429"})
		var rs []*Reply
		for _, u := range []string{"1", "2", "3", "4"} {
			rs = append(rs, e.mustReply(e.writes(e.tg, u, "una").reply("Ciao")))
		}
		next := e.deliver(e.tg)
		if len(s.tried) != 1 {
			t.Fatal("after the first refusal nobody else is tried", s.tried)
		}
		if wait := next.Sub(e.manual.Now()); wait < 30*time.Second || wait > 33*time.Second {
			t.Fatal(wait)
		}
		if n := e.deliver(e.tg); n != next || len(s.tried) != 1 {
			t.Fatal("a paused account waits", n, s.tried)
		}
		s.accept()
		e.manual.Advance(next.Sub(e.manual.Now()))
		e.deliver(e.tg)
		if len(s.arrived()) != 4 {
			t.Fatal(len(s.arrived()))
		}
		for _, r := range rs[1:] {
			if d := e.delivery(r.Deliveries[0].ID); d.Attempts != 1 {
				t.Fatal("being given back is no try", d.Attempts)
			}
		}
	})
}

func TestRateLimitOfOneChatKeepsOrder(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		s := e.sender(e.tg)
		s.width = 4
		k, other := e.writes(e.tg, "1", "una"), e.writes(e.tg, "2", "una")
		s.answer = func(o *channels.Outgoing, try int) (bool, channels.Receipt, error) {
			if o.To.Value == "1" && try == 1 && o.Text[0] == 'a' {
				return false, channels.Receipt{}, &channels.Error{Class: channels.RetryAfter, After: 5 * time.Second}
			}
			return true, channels.Receipt{Delivered: true}, nil
		}
		for _, text := range strings.Split("abcdefghijklmno", "") { // more than are claimed at once
			e.mustReply(k.reply(text))
		}
		e.mustReply(other.reply("x"))
		next := e.deliver(e.tg)
		e.mustReply(k.reply("p")) // while the first waits
		if again := e.deliver(e.tg); again != next {
			t.Fatal(again, next)
		}
		if got := s.arrived(); len(got) != 1 || got[0].To.Value != "2" {
			t.Fatal("the others of the chat wait with the first", len(got))
		}
		e.manual.Advance(next.Sub(e.manual.Now()))
		e.deliver(e.tg)
		var order string
		for _, o := range s.arrived()[1:] {
			order += o.Text[:1]
		}
		if order != "abcdefghijklmnop" {
			t.Fatal(order)
		}
	})
}

func TestBrokenLoginPausesTheAccount(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		s := e.sender(e.mail)
		s.refuse(&channels.Error{Class: channels.AuthBroken, Code: "535", Text: "login refused"})
		r := e.mustReply(e.writes(e.mail, "a@example.org", "una").reply("x"))
		e.mustReply(e.writes(e.mail, "b@example.org", "una").reply("x"))
		next := e.deliver(e.mail)
		a := e.account(t, e.mail.ID)
		if a.ErrorClass != "auth_broken" || a.PausedUntil != e.manual.Now().Add(authPause) || next != a.PausedUntil || len(s.tried) != 1 {
			t.Fatalf("%+v next %v tried %v", a, next, s.tried)
		}
		if d := e.delivery(r.Deliveries[0].ID); d.State != Queued {
			t.Fatal("no message is lost meanwhile", d.State)
		}
		s.accept()
		e.manual.Advance(authPause)
		e.deliver(e.mail)
		if len(s.arrived()) != 2 {
			t.Fatal(len(s.arrived()))
		}
	})
}

func TestAccountOff(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		s := e.sender(e.mail)
		r := e.mustReply(e.writes(e.mail, "a@example.org", "una").reply("x"))
		e.exec(t, "UPDATE accounts SET stopped_at = 1 WHERE id = ?", e.mail.ID)
		if next := e.deliver(e.mail); next != 0 || len(s.tried) != 0 {
			t.Fatal("a person keeps it paused", next, s.tried)
		}
		e.exec(t, "UPDATE accounts SET stopped_at = 0, enabled = FALSE WHERE id = ?", e.mail.ID)
		if next := e.deliver(e.mail); next != 0 || len(s.tried) != 0 {
			t.Fatal(next, s.tried)
		}
		if d := e.delivery(r.Deliveries[0].ID); d.State != Queued || d.Holder != "" {
			t.Fatalf("%+v", d)
		}
		if _, err := e.Reply(t.Context(), e.giulia, e.writes(e.mail, "b@example.org", "una").reply("x")); err == nil {
			t.Fatal("nothing is queued on an account that is off")
		}
	})
}

func (e *env) exec(t *testing.T, q string, args ...any) {
	t.Helper()
	if _, err := e.db.Write.NewRaw(q, args...).Exec(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// What changed since an answer was queued counts: the address was taken off the
// person's file, and the answer must not go to a stranger.
func TestLastLookBeforeSending(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		s := e.sender(e.mail)
		k := e.writes(e.mail, "a@example.org", "una")
		r := e.mustReply(k.reply("x"))
		e.exec(t, "UPDATE identities SET removed_at = ? WHERE id = ?", e.manual.Now(), k.id.ID)
		e.deliver(e.mail)
		d := e.delivery(r.Deliveries[0].ID)
		if d.State != Failed || d.Code != "removed" || len(s.tried) != 0 || !e.theCase(k.c.ID).Failed {
			t.Fatalf("%+v %v", d, s.tried)
		}
	})
}

func TestLateAnswerWarnsOnce(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		s := e.sender(e.mail)
		s.refuse(&channels.Error{Class: channels.RetryBackoff})
		k := e.writes(e.mail, "a@example.org", "una")
		e.mustReply(k.reply("x"))
		e.deliver(e.mail)
		for _, want := range []int{0, 1, 0} {
			warned, expired, err := e.SweepLate(t.Context())
			if err != nil || warned != want || expired != 0 {
				t.Fatal(warned, expired, err)
			}
			e.manual.Advance(30 * time.Minute)
		}
		if !e.theCase(k.c.ID).Delayed {
			t.Fatal("the case shows it")
		}
		s.accept()
		e.deliver(e.mail)
		if e.theCase(k.c.ID).Delayed {
			t.Fatal("and no more once it left")
		}
		if got := e.happened(k.c.ID); !slices.Equal(got, []string{"message.sent", "case.assigned", "delivery.delayed", "delivery.accepted"}) {
			t.Fatal(got)
		}
	})
}

func TestWhatIsTooOldEndsOnAnAccountThatIsOff(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		e.sender(e.mail)
		k := e.writes(e.mail, "a@example.org", "una")
		r := e.mustReply(k.reply("x"))
		e.exec(t, "UPDATE accounts SET enabled = FALSE WHERE id = ?", e.mail.ID)
		e.manual.Advance(e.set.MailMaxAge)
		if _, expired, err := e.SweepLate(t.Context()); err != nil || expired != 1 {
			t.Fatal(expired, err)
		}
		if d := e.delivery(r.Deliveries[0].ID); d.State != Expired || !e.theCase(k.c.ID).Failed {
			t.Fatal(d.State)
		}
	})
}

func TestUnknownIsSettledByAPerson(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		s := e.sender(e.mail)
		lost := &channels.Error{Class: channels.UnknownOutcome}
		s.refuse(lost)
		a, b := e.writes(e.mail, "a@example.org", "una"), e.writes(e.mail, "b@example.org", "una")
		ra, rb := e.mustReply(a.reply("x")), e.mustReply(b.reply("x"))
		e.deliver(e.mail)
		e.manual.Advance(24 * time.Hour)
		e.deliver(e.mail)
		if s.tried[ra.Deliveries[0].ID] != 1 {
			t.Fatal("never repeated by itself", s.tried)
		}
		s.accept()
		if err := e.ResendUnknown(t.Context(), e.elena, ra.Deliveries[0].ID); !errors.Is(err, ErrNotFound) {
			t.Fatal(err)
		}
		if err := e.ResendUnknown(t.Context(), e.giulia, ra.Deliveries[0].ID); err != nil {
			t.Fatal(err)
		}
		if err := e.MarkArrived(t.Context(), e.giulia, rb.Deliveries[0].ID); err != nil {
			t.Fatal(err)
		}
		if err := e.MarkArrived(t.Context(), e.giulia, rb.Deliveries[0].ID); !errors.Is(err, ErrChanged) {
			t.Fatal(err)
		}
		e.deliver(e.mail)
		if d := e.delivery(ra.Deliveries[0].ID); d.State != Accepted || s.tried[d.ID] != 2 {
			t.Fatal(d.State, s.tried)
		}
		if d := e.delivery(rb.Deliveries[0].ID); d.State != Delivered || s.tried[d.ID] != 1 {
			t.Fatal(d.State, s.tried)
		}
		if e.theCase(a.c.ID).Failed || e.theCase(b.c.ID).Failed {
			t.Fatal("nothing is left to be dealt with")
		}
		if got := s.arrived(); got[0].ExternalID != ra.Message.ExternalID {
			t.Fatal("the same Message-ID on each try")
		}
	})
}

func TestSeveralRecipients(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		s := e.sender(e.mail)
		s.answer = func(o *channels.Outgoing, _ int) (bool, channels.Receipt, error) {
			if o.To.Value == "geometra@studio.example" {
				return false, channels.Receipt{}, &channels.Error{Class: channels.RecipientGone, Code: "550 5.1.1"}
			}
			return true, channels.Receipt{}, nil
		}
		k := e.writes(e.mail, "lucia@example.org", "una")
		cmd := k.reply("x")
		cmd.Cc = []Recipient{{Address: "Geometra@studio.example", Display: "Geom. Neri", Confirmed: true}}
		r := e.mustReply(cmd)
		e.deliver(e.mail)
		got := s.arrived()
		if len(got) != 1 || len(got[0].ToAll) != 1 || len(got[0].CcAll) != 1 || got[0].CcAll[0].Display != "Geom. Neri" {
			t.Fatalf("%+v", got)
		}
		if a, b := e.delivery(r.Deliveries[0].ID), e.delivery(r.Deliveries[1].ID); a.State != Accepted || b.State != Failed {
			t.Fatal(a.State, b.State)
		}
		if !e.theCase(k.c.ID).Failed {
			t.Fatal("one of them did not get it")
		}
	})
}

func TestPanickingChannel(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		s := e.sender(e.mail)
		s.answer = func(*channels.Outgoing, int) (bool, channels.Receipt, error) { panic("nil map") }
		r := e.mustReply(e.writes(e.mail, "a@example.org", "una").reply("x"))
		e.deliver(e.mail)
		if d := e.delivery(r.Deliveries[0].ID); d.State != Unknown || d.Code != "panic" {
			t.Fatalf("%+v", d)
		}
	})
}

func TestDeliverDueOfNoSender(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		if _, _, err := e.DeliverDue(t.Context(), 12345); err == nil {
			t.Fatal("an unknown account is an error")
		}
		if _, _, err := e.DeliverDue(t.Context(), e.counter.ID); err == nil {
			t.Fatal("a counter cannot send")
		}
	})
}

// TestRetryOfABadAddress: whoever lets an answer be tried again knows better
// than the server that refused the address; it leaves, and is not stopped here.
func TestRetryOfABadAddress(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		s := e.sender(e.mail)
		s.refuse(&channels.Error{Class: channels.RecipientGone, Code: "550 5.1.1"})
		k := e.writes(e.mail, "rosa@example.org", "una")
		id := e.mustReply(k.reply("Risposta")).Deliveries[0].ID
		e.deliver(e.mail)
		if i := e.identity(k.id.ID); i.Status != "bad" {
			t.Fatal(i.Status)
		}
		s.accept()
		if err := e.RetryDelivery(t.Context(), e.giulia, id); err != nil {
			t.Fatal(err)
		}
		e.deliver(e.mail)
		if d, i := e.delivery(id), e.identity(k.id.ID); d.State != Accepted || i.Status != "active" || s.tried[id] != 2 {
			t.Errorf("%s, identity %s, %d tries", d.State, i.Status, s.tried[id])
		}
		if err := e.RetryDelivery(t.Context(), e.giulia, id); !errors.Is(err, ErrChanged) {
			t.Error("what arrived is tried again:", err)
		}
	})
}
