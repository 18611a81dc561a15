package standin

import (
	"encoding/json"
	"fmt"
	"slices"
)

// How long the platform keeps updates (channels 1.2).
const (
	keepMessage = 24 * 60 * 60 // seconds after the message or the edit
	keepPress   = 150          // seconds after the press
	keepNumbers = 7 * 24 * 60 * 60
)

// event is one update in the queue.
type event struct {
	id      int64
	body    []byte
	expires int64 // Unix seconds
	lane    string
	busy    bool // a webhook delivery is under way
}

// queue holds the updates that nobody confirmed. Numbers grow by one; next is
// the number of the next update.
type queue struct {
	next    int64
	events  []event
	last    int64 // when the last update came, Unix seconds
	allowed []string
	set     bool // allowed was set; else all but the default exclusions
	past    []event
}

// excluded are the kinds that come only when they are named.
var excluded = []string{"chat_member", "message_reaction", "message_reaction_count"}

func (q *queue) wants(kind string) bool {
	if !q.set || len(q.allowed) == 0 {
		return !slices.Contains(excluded, kind)
	}
	return slices.Contains(q.allowed, kind)
}

// expire forgets what is too old. It is gone for ever.
func (q *queue) expire(now int64) {
	q.events = slices.DeleteFunc(q.events, func(e event) bool { return e.expires <= now && !e.busy })
}

// head is the number of the oldest update, or of the next when there is none.
func (q *queue) head() int64 {
	if len(q.events) > 0 {
		return q.events[0].id
	}
	return q.next
}

// get confirms and reads as getUpdates does (channels 1.2): an offset within
// the queue forgets what is before it, a negative one all but the last, and one
// that cannot be resolved changes nothing and reads from the head.
func (q *queue) get(offset int64, limit int, now int64) []event {
	q.expire(now)
	switch {
	case offset < 0:
		if keep := int(min(-offset, int64(len(q.events)))); keep < len(q.events) {
			q.forget(len(q.events) - keep)
		}
	case offset > q.head() && offset <= q.next:
		n, _ := slices.BinarySearchFunc(q.events, offset, func(e event, id int64) int { return int(e.id - id) })
		q.forget(n)
	}
	return slices.Clone(q.events[:min(limit, len(q.events))])
}

// pastKept is how many confirmed updates can be delivered again.
const pastKept = 1000

func (q *queue) forget(n int) {
	q.past = append(q.past, q.events[:n]...)
	if over := len(q.past) - pastKept; over > 0 {
		q.past = slices.Delete(q.past, 0, over)
	}
	q.events = slices.Delete(q.events, 0, n)
}

// push makes an update of a kind and gives its number, or 0 when nobody asked
// for that kind. The caller holds mu.
func (s *Server) push(kind string, content any, lane string, expires int64) int64 {
	q := &s.queue
	now := s.now()
	if !q.wants(kind) {
		return 0
	}
	q.expire(now)
	if q.last != 0 && now-q.last >= keepNumbers && len(q.events) == 0 {
		// After a week of silence the numbers begin anew at random.
		q.next = 1 + s.random.Int64N(1<<30)
	}
	q.last = now
	id := q.next
	q.next++
	inner, err := json.Marshal(content)
	if err != nil {
		panic("standin: an update that is no JSON") // our own objects always are
	}
	body := fmt.Appendf(nil, `{"update_id":%d,%q:%s}`, id, kind, inner)
	q.events = append(q.events, event{id: id, body: body, expires: expires, lane: lane})
	s.signal()
	return id
}

// Redeliver puts the last n confirmed updates back before the others, with
// their numbers and bytes, as when a confirmation got lost.
func (s *Server) Redeliver(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	q := &s.queue
	n = min(n, len(q.past))
	again := slices.Clone(q.past[len(q.past)-n:])
	for i := range again {
		again[i].expires = max(again[i].expires, s.now()+keepPress)
		again[i].busy = false
	}
	q.past = q.past[:len(q.past)-n]
	q.events = append(again, q.events...)
	s.signal()
}

// Overtake makes the newest queued update change places with the one before
// it, as a press of a button may overtake a message (channels 1.3). The
// numbers stay in order.
func (s *Server) Overtake() {
	s.mu.Lock()
	defer s.mu.Unlock()
	e := s.queue.events
	if len(e) < 2 {
		return
	}
	a, b := &e[len(e)-2], &e[len(e)-1]
	a.body, b.body = renumber(b.body, a.id), renumber(a.body, b.id)
	a.expires, b.expires = b.expires, a.expires
	a.lane, b.lane = b.lane, a.lane
}

// renumber gives an update another number.
func renumber(body []byte, id int64) []byte {
	var u map[string]json.RawMessage
	if json.Unmarshal(body, &u) != nil {
		return body
	}
	u["update_id"], _ = json.Marshal(id)
	b, err := json.Marshal(u)
	if err != nil {
		return body
	}
	return b
}

// Pending is how many updates wait to be confirmed.
func (s *Server) Pending() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.queue.expire(s.now())
	return len(s.queue.events)
}
