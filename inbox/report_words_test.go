package inbox

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

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
