package inbox

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"filodiretto/channels"
)

// words is a report in plain words about an address, as a provider writes it, under
// an id of its own.
func (e *env) words(provider, to string) string {
	e.t.Helper()
	b, err := os.ReadFile(filepath.Join("..", "channels", "mail", "testdata", "61-"+provider+"-words.eml"))
	if err != nil {
		e.t.Fatal(err)
	}
	return strings.ReplaceAll(strings.Replace(string(b), "Message-ID: <g", "Message-ID: <"+provider+strings.ReplaceAll(to, "@", "."), 1), "mario@posta.example", to)
}

// Rules 59 and 61: a report in plain words that quotes no id of ours is tied by
// recipient and time. It is a doubt that the author is told, on the case, and
// nothing follows from it for the address; with a receipt of ours to the same
// address, it is the person's answer that it is about.
func TestRule61WordsWithoutOurIDAreADoubt(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		for _, provider := range []string{"aruba", "gmail", "libero"} {
			e.sender(e.mail)
			to := provider + "@example.org"
			k := e.writes(e.mail, to, "una")
			e.automatic(k.receipt())
			e.deliver(e.mail)
			former := e.sent(k)
			r := e.sent(k)
			receipt := e.number("SELECT d.id FROM deliveries AS d JOIN messages AS m ON m.id = d.message_id WHERE d.address = ? AND m.auto <> ''", to)
			realMail(e)
			e.arrive(e.mail, e.words(provider, to))
			d := e.delivery(r.Deliveries[0].ID)
			if d.State != Unknown || d.Class != string(channels.Unconfirmed) || !e.theCase(k.c.ID).Failed || e.identity(k.id.ID).Status != "active" {
				t.Errorf("%s: %s %s, case marked %v, address %s", provider, d.State, d.Class, e.theCase(k.c.ID).Failed, e.identity(k.id.ID).Status)
			}
			if a, b := e.delivery(int64(receipt)).State, e.delivery(former.Deliveries[0].ID).State; a != Accepted || b != Accepted {
				t.Errorf("%s: the receipt is %s, the former answer %s", provider, a, b)
			}
			if n := e.number("SELECT count(*) FROM quarantine"); n != 0 {
				t.Errorf("%s: %d wait in quarantine", provider, n)
			}
		}
	})
}

// What the words say of a message, rather than of an address, may be said of any of
// several: a person decides.
func TestRule61WordsThatMightBeAboutTwo(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		e.sender(e.mail)
		k := e.writes(e.mail, "lucia@example.org", "una")
		e.sent(k)
		e.sent(k)
		rep := channels.DeliveryReport{Recipient: "lucia@example.org", State: "failed", Permanent: true, Code: "5.7.1"}
		if left := e.reports(e.mail, rep); len(left) != 1 {
			t.Error("it was taken to be about one of them")
		}
		rep.Code = "5.1.1"
		if left := e.reports(e.mail, rep); len(left) != 0 {
			t.Error("what is wrong with the address is true of both")
		}
	})
}

// Where a later answer to the same address has arrived, or is known to have come back, the
// words may be about that one, and what they say of the address is not true of both: a
// person decides, and no doubt falls on an older answer. A later one that never left is
// told by its own server, and one that arrived before says nothing.
func TestRule61WordsAfterALaterAnswerThatIsSettled(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		for i, x := range []struct {
			name, later, code string
			left, older       bool
		}{
			{"the later one arrived", "delivered", "5.7.1", true, false},
			{"the later one was read", "read", "5.1.1", true, false},
			{"the later one came back", "failed", "5.1.1", true, false},
			{"the later one came back and leaves again", "queued", "5.2.2", true, false},
			{"the later one never left", "failed", "5.7.1", false, true},
		} {
			e.sender(e.mail)
			k := e.writes(e.mail, fmt.Sprintf("lucia%d@example.org", i), "una")
			older := e.sent(k).Deliveries[0].ID
			e.manual.Advance(time.Minute)
			later := e.sent(k).Deliveries[0].ID
			e.exec(t, "UPDATE deliveries SET state = ? WHERE id = ?", x.later, later)
			if !x.left {
				e.exec(t, "DELETE FROM delivery_events WHERE delivery_id = ? AND state = 'accepted'", later)
			}
			rep := channels.DeliveryReport{Recipient: k.id.Value, State: "failed", Permanent: true, Code: x.code}
			left := e.reports(e.mail, rep)
			if (len(left) == 0) != x.older || (e.delivery(older).State == Unknown) != x.older || e.delivery(later).State != State(x.later) {
				t.Errorf("%s: waits %v, the older one is %s, the later one %s", x.name, len(left) != 0, e.delivery(older).State, e.delivery(later).State)
			}
		}
		e.sender(e.mail)
		k := e.writes(e.mail, "bea@example.org", "una")
		older := e.sent(k).Deliveries[0].ID
		e.manual.Advance(time.Minute)
		later := e.sent(k).Deliveries[0].ID
		e.exec(t, "UPDATE deliveries SET state = 'delivered' WHERE id = ?", older)
		if left := e.reports(e.mail, channels.DeliveryReport{Recipient: k.id.Value, State: "failed", Permanent: true, Code: "5.7.1"}); len(left) != 0 || e.delivery(later).State != Unknown {
			t.Error("the one before it arrived:", len(left), e.delivery(later).State)
		}
	})
}
