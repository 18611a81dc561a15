package live

import (
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// patienceOfTests is how long a test waits for an event that must come.
const patienceOfTests = 20 * time.Second

// next waits for the next event.
func next(t *testing.T, events <-chan Event) Event {
	t.Helper()
	select {
	case e, ok := <-events:
		if !ok {
			t.Fatal("the subscription ended")
		}
		return e
	case <-time.After(patienceOfTests):
		t.Fatal("no event came")
	}
	return Event{}
}

// until passes over events to one of a topic and id, and gives what it passed.
func until(t *testing.T, events <-chan Event, topic string, id int64) (passed []Event) {
	t.Helper()
	for {
		e := next(t, events)
		if e.Topic == topic && e.ID == id {
			return passed
		}
		passed = append(passed, e)
	}
}

func ids(events []Event) (list []int64) {
	for _, e := range events {
		list = append(list, e.ID)
	}
	return list
}

func TestHubFilters(t *testing.T) {
	var h Hub
	all, cancelAll := h.Subscribe(nil)
	some, cancelSome := h.Subscribe(func(e Event) bool { return e.Office == 2 })
	for id, office := range []int64{1, 2, 3, 2} {
		h.Publish(Event{Topic: "case", ID: int64(id), Office: office})
	}
	h.Resync()
	if got := ids(until(t, all, TopicResync, 0)); !slices.Equal(got, []int64{0, 1, 2, 3}) {
		t.Errorf("no filter gives %v", got)
	}
	if got := ids(until(t, some, TopicResync, 0)); !slices.Equal(got, []int64{1, 3}) {
		t.Errorf("the filter gives %v", got)
	}
	cancelAll()
	cancelAll()
	if _, open := <-all; open || h.Subscribers() != 1 {
		t.Errorf("cancel did not end the subscription")
	}
	cancelSome()
	h.Publish(Event{Topic: "case"}) // to nobody
}

func TestSlowSubscriberGetsOneResync(t *testing.T) {
	var h Hub
	slow, cancel := h.Subscribe(nil)
	defer cancel()
	quick, cancelQuick := h.Subscribe(nil)
	defer cancelQuick()
	for id := range int64(buffer + 1) {
		h.Publish(Event{Topic: "case", ID: id + 1}) // never blocks
		if e := next(t, quick); e.ID != id+1 {
			t.Fatalf("the quick one got %+v", e)
		}
	}
	h.Publish(Event{Topic: "case", ID: 1000})
	if passed := until(t, slow, "case", 1000); len(passed) != 1 || passed[0].Topic != TopicResync {
		t.Errorf("the slow one got %+v before the newest", passed)
	}
	if n := len(slow); n != 0 {
		t.Errorf("%d events too many", n)
	}
}

func TestHubClose(t *testing.T) {
	var h Hub
	events, cancel := h.Subscribe(nil)
	h.Close()
	h.Close()
	cancel()
	h.Publish(Event{Topic: "case"})
	if _, open := <-events; open {
		t.Error("a subscription outlives the hub")
	}
	late, cancelLate := h.Subscribe(nil)
	defer cancelLate()
	if _, open := <-late; open {
		t.Error("one can subscribe to a closed hub")
	}
}

// TestHubUnderLoad publishes, subscribes, cancels and closes at once, for the
// race detector, and checks that nothing hangs.
func TestHubUnderLoad(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var h Hub
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				for id := range int64(1000) {
					h.Publish(Event{Topic: "case", ID: id})
				}
			})
			wg.Go(func() {
				for range 50 {
					events, cancel := h.Subscribe(func(e Event) bool { return e.ID%2 == 0 })
					h.Publish(Event{Topic: "case", ID: 2})
					<-events
					cancel()
				}
			})
		}
		wg.Wait()
		h.Close()
		if h.Subscribers() != 0 {
			t.Error("somebody is still subscribed")
		}
	})
}

func BenchmarkPublish(b *testing.B) {
	var h Hub
	for range 100 {
		_, cancel := h.Subscribe(func(e Event) bool { return e.Office == 1 })
		defer cancel()
	}
	for b.Loop() {
		h.Publish(Event{Topic: "case", ID: 1, Office: 2})
	}
}
