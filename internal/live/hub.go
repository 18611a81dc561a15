// Package live tells open pages what has just changed. Nothing in it is the
// truth: an event says which row to read again, and whoever may have missed
// one is told to read everything again.
package live

import "sync"

// TopicResync is the topic of the event that means: something was missed, read
// all of it again. It passes every filter.
const TopicResync = "resync"

// TopicPresence is the topic of changes in who looks at a case (see Presence).
const TopicPresence = "presence"

// buffer is how many events a subscriber may lag behind before it is told to
// resync instead.
const buffer = 64

// Event says that a row changed. It goes out after the commit that changed it,
// and holds ids, never contents or addresses.
type Event struct {
	Topic   string            `json:"topic"` // "case", "account", "quarantine", ...
	ID      int64             `json:"id,omitempty"`
	Version int64             `json:"version,omitempty"` // of the row, so that an old event is told from a new one
	Office  int64             `json:"office,omitempty"`  // whose row it is, for filters
	Kind    string            `json:"kind,omitempty"`    // what happened: "message_received", "assigned"
	Data    map[string]string `json:"data,omitempty"`    // a few small facts; shared between subscribers, so never changed
}

// Hub hands events to the subscribers of this process and, where a bridge is
// attached, to those of other machines. The zero Hub is ready to use.
type Hub struct {
	mu      sync.RWMutex
	subs    map[*subscriber]struct{}
	forward func(Event) // to other machines; must not block
	closed  bool
}

type subscriber struct {
	mu     sync.Mutex // held while sending
	events chan Event
	wanted func(Event) bool
	closed bool
}

// Publish hands e to everybody whose filter wants it. It never blocks.
func (h *Hub) Publish(e Event) {
	h.deliver(e)
	h.mu.RLock()
	forward := h.forward
	h.mu.RUnlock()
	if forward != nil {
		forward(e)
	}
}

// Subscribe gives the events that wanted says yes to; nil wants all. wanted is
// called by the publishers and must be quick. The channel is closed by cancel
// or when the hub is closed. Who subscribes reads the rows after subscribing,
// not before, so that no change falls between the two.
func (h *Hub) Subscribe(wanted func(Event) bool) (events <-chan Event, cancel func()) {
	s := &subscriber{events: make(chan Event, buffer), wanted: wanted}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		close(s.events)
		return s.events, func() {}
	}
	if h.subs == nil {
		h.subs = map[*subscriber]struct{}{}
	}
	h.subs[s] = struct{}{}
	return s.events, func() {
		h.mu.Lock()
		delete(h.subs, s)
		h.mu.Unlock()
		s.close()
	}
}

// Resync tells all subscribers of this process to read everything again.
func (h *Hub) Resync() { h.deliver(Event{Topic: TopicResync}) }

// Subscribers is how many pages listen now, for the metrics.
func (h *Hub) Subscribers() int {
	h.mu.RLock()
	defer h.mu.RUnlock()
	return len(h.subs)
}

// Close ends all subscriptions, so that long requests end at shutdown.
func (h *Hub) Close() {
	h.mu.Lock()
	subs := h.subs
	h.subs, h.closed = nil, true
	h.mu.Unlock()
	for s := range subs {
		s.close()
	}
}

// deliver hands e to the subscribers of this process only.
func (h *Hub) deliver(e Event) {
	h.mu.RLock()
	defer h.mu.RUnlock()
	for s := range h.subs {
		if e.Topic == TopicResync || s.wanted == nil || s.wanted(e) {
			s.send(e)
		}
	}
}

// send puts e into the buffer. When that is full, one resync takes the place
// of all that was in it.
func (s *subscriber) send(e Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return
	}
	select {
	case s.events <- e:
		return
	default:
	}
	for emptied := false; !emptied; {
		select {
		case <-s.events:
		default:
			emptied = true
		}
	}
	s.events <- Event{Topic: TopicResync} // there is room: only send fills the buffer
}

func (s *subscriber) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.closed {
		s.closed = true
		close(s.events)
	}
}
