package inbox

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"filodiretto/channels"
)

// pacedSender is a fakeSender with limits.
type pacedSender struct {
	*fakeSender
	pace channels.Pace
}

func (s *pacedSender) Pace() channels.Pace { return s.pace }

// answers puts an answer to each address into the queue.
func (e *env) answers(addresses ...string) {
	e.t.Helper()
	for i, a := range addresses {
		c := e.opened(fmt.Sprintf("P <%s>", a), fmt.Sprintf("%d-%s", i, a), "Domanda", "x")
		e.mustReply(ReplyCommand{CaseID: c.ID, SeenInID: c.LastInID, AccountID: e.mail.ID, To: []Recipient{{IdentityID: e.identityOf(c)}}, Text: "Risposta.", Undo: AtOnce})
	}
}

func (s *fakeSender) perDomain() map[string]int {
	out := map[string]int{}
	for _, o := range s.arrived() {
		_, domain, _ := strings.Cut(o.To.Value, "@")
		out[domain]++
	}
	return out
}

// TestAnAccountKeepsItsLimit (mail rule 69): so many in any minute, the rest when
// there is room again, all of them in the end.
func TestAnAccountKeepsItsLimit(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		realMail(e)
		var to []string
		for i := range 8 {
			to = append(to, fmt.Sprintf("p%d@posta%d.example", i, i))
		}
		e.answers(to...)
		s := &pacedSender{&fakeSender{tried: map[int64]int{}}, channels.Pace{Account: 3}}
		e.chans.put(e.mail, s)
		for minute, want := range []int{3, 6, 8} {
			next := e.deliver(e.mail)
			if got := len(s.arrived()); got != want {
				t.Fatalf("minute %d: %d have left, want %d", minute, got, want)
			}
			if want == len(to) {
				break
			}
			if wait := next.Sub(e.manual.Now()); wait <= 59*time.Second || wait > time.Minute {
				t.Errorf("minute %d: the next is tried in %v", minute, wait)
			}
			e.manual.Advance(59 * time.Second)
			e.deliver(e.mail)
			if got := len(s.arrived()); got != want {
				t.Errorf("minute %d: %d have left before the minute was over", minute, got)
			}
			e.manual.Advance(time.Second)
		}
		if n := e.number("SELECT count(*) FROM deliveries WHERE attempts <> 1 OR state <> 'accepted'"); n != 0 {
			t.Errorf("waiting for room counted as a try for %d", n)
		}
	})
}

// TestADomainIsNotFlooded: what goes to one provider waits, and holds nothing
// else up.
func TestADomainIsNotFlooded(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		realMail(e)
		var to []string
		for i := range 5 {
			to = append(to, fmt.Sprintf("p%d@Grande.example", i))
		}
		e.answers(append(to, "a@piccola.example", "b@minima.example")...)
		s := &pacedSender{&fakeSender{tried: map[int64]int{}}, channels.Pace{Domain: 2}}
		e.chans.put(e.mail, s)
		for minute, want := range []int{2, 4, 5} {
			e.deliver(e.mail)
			got := s.perDomain()
			if got["grande.example"] != want || got["piccola.example"] != 1 || got["minima.example"] != 1 {
				t.Fatalf("minute %d: %v", minute, got)
			}
			e.manual.Advance(time.Minute)
		}
	})
}

// TestProcessesKeepOneLimitTogether: two that send at once send no more than one.
func TestProcessesKeepOneLimitTogether(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		realMail(e)
		var to []string
		for i := range 20 {
			to = append(to, fmt.Sprintf("p%d@posta.example", i))
		}
		e.answers(to...)
		s := &pacedSender{&fakeSender{tried: map[int64]int{}}, channels.Pace{Account: 7}}
		e.chans.put(e.mail, s)
		for want := 7; want < len(to); want += 7 {
			var both sync.WaitGroup
			for range 2 {
				both.Go(func() {
					for more := true; more; {
						var err error
						if more, _, err = e.DeliverDue(t.Context(), e.mail.ID); err != nil {
							t.Error(err)
							return
						}
					}
				})
			}
			both.Wait()
			if got := len(s.arrived()); got != want {
				t.Errorf("%d have left, want %d", got, want)
			}
			e.manual.Advance(time.Minute)
		}
		e.deliver(e.mail)
		if got := len(s.arrived()); got != len(to) {
			t.Errorf("%d of %d have left in the end", got, len(to))
		}
	})
}
