package standin

import (
	"encoding/json"
	"net/http"
	"time"

	"filodiretto/internal/clock"
)

// pollState is what getUpdates remembers between calls.
type pollState struct {
	waiting *waitingPoll
	offset  int64
	begun   clock.Instant
	any     bool
}

// waitingPoll is a poll that is held open. Only one is at a time.
type waitingPoll struct {
	ended chan struct{}
	why   *refusal
}

const (
	longestPoll   = 50
	mostUpdates   = 100
	sameShort     = 3 * time.Second        // within this a short poll at the same offset is made long
	sameTooSoon   = 500 * time.Millisecond // within this it gets one update
	conflictOther = "terminated by other getUpdates request; make sure that only one bot instance is running"
	conflictHook  = "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
)

func (s *Server) getUpdates(r *http.Request, p *params) (any, *refusal) {
	offset, limit, timeout := p.number("offset"), int(p.number("limit")), p.number("timeout")
	if limit < 1 || limit > mostUpdates {
		limit = mostUpdates
	}
	timeout = min(max(timeout, 0), longestPoll)
	var allowed []string
	if !p.decode("allowed_updates", &allowed) {
		return nil, bad("can't parse allowed updates list")
	}

	s.mu.Lock()
	if s.hook.url != "" {
		s.mu.Unlock()
		return nil, conflict(conflictHook)
	}
	s.endPoll(conflict(conflictOther))
	if p.text("allowed_updates") != "" {
		s.queue.allowed, s.queue.set = allowed, true
	}
	now := s.opt.Clock.Now()
	if s.poll.any && offset == s.poll.offset {
		since := now.Sub(s.poll.begun)
		if timeout < 3 && since < sameShort {
			timeout = 3
		}
		if since < sameTooSoon {
			limit = 1
		}
	}
	s.poll.any, s.poll.offset, s.poll.begun = true, offset, now
	me := &waitingPoll{ended: make(chan struct{})}
	s.poll.waiting = me
	s.signal()
	s.mu.Unlock()
	return s.waitForUpdates(r, me, offset, limit, time.Duration(timeout)*time.Second)
}

func (s *Server) waitForUpdates(r *http.Request, me *waitingPoll, offset int64, limit int, timeout time.Duration) (any, *refusal) {
	t := time.NewTimer(timeout)
	defer t.Stop()
	over := timeout == 0
	for {
		s.mu.Lock()
		if me.why != nil {
			s.mu.Unlock()
			return nil, me.why
		}
		before := len(s.queue.events)
		found := s.queue.get(offset, limit, s.now())
		if len(s.queue.events) != before {
			s.signal() // something was confirmed
		}
		offset = 0 // a poll confirms once, when it comes
		changed := s.changed
		if len(found) > 0 || over {
			s.poll.waiting = nil
			s.mu.Unlock()
			return bodies(found), nil
		}
		s.mu.Unlock()
		select {
		case <-changed:
		case <-me.ended:
		case <-t.C:
			over = true
		case <-r.Context().Done():
			over = true
		case <-s.ctx.Done():
			over = true
		}
	}
}

// endPoll ends the poll that is held open, with a reason. The caller holds mu.
func (s *Server) endPoll(why *refusal) {
	if w := s.poll.waiting; w != nil {
		w.why = why
		close(w.ended)
		s.poll.waiting = nil
	}
}

func bodies(events []event) []json.RawMessage {
	out := make([]json.RawMessage, len(events))
	for i, e := range events {
		out[i] = e.body
	}
	return out
}
