package standin

import (
	"context"
	"maps"
	"slices"
	"strings"
)

// Call is one call of the Bot API, as it came.
type Call struct {
	N      int               `json:"n"` // from 1
	Method string            `json:"method"`
	Params map[string]string `json:"params"`
	Files  []string          `json:"files,omitempty"` // names of the uploads
}

// callsKept bounds the memory of a long demo.
const callsKept = 5000

// record notes a call. Polls that are repeated would fill the list: they are
// noted too, since the list is bounded.
func (s *Server) record(name string, p *params) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := Call{N: s.dropped + len(s.calls) + 1, Method: name}
	if p != nil {
		c.Params = maps.Clone(p.values)
		for _, f := range p.files {
			c.Files = append(c.Files, f.name)
		}
		slices.Sort(c.Files)
	}
	s.calls = append(s.calls, c)
	if over := len(s.calls) - callsKept; over > 0 {
		s.calls = slices.Delete(s.calls, 0, over)
		s.dropped += over
	}
	s.signal()
}

// Calls are the calls of a method so far (all methods when it is empty), in
// order. The oldest of more than 5000 are forgotten.
func (s *Server) Calls(method string) []Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.callsOf(method)
}

func (s *Server) callsOf(method string) []Call {
	var out []Call
	for _, c := range s.calls {
		if method == "" || strings.EqualFold(c.Method, method) {
			out = append(out, c)
		}
	}
	return out
}

// AwaitCalls blocks until a method was called n times in all, and gives the calls.
func (s *Server) AwaitCalls(ctx context.Context, method string, n int) ([]Call, error) {
	var out []Call
	err := s.await(ctx, "calls of "+method, func() bool {
		out = s.callsOf(method)
		return len(out) >= n
	})
	return out, err
}

// AwaitAnswered blocks until the bot ended the spinner of a press.
func (s *Server) AwaitAnswered(ctx context.Context, pressID string) error {
	return s.await(ctx, "the answer to a press", func() bool { return s.presses[pressID].answered })
}

// AwaitConfirmed blocks until the bot has confirmed all updates.
func (s *Server) AwaitConfirmed(ctx context.Context) error {
	return s.await(ctx, "confirmation of all updates", func() bool { return len(s.queue.events) == 0 })
}

// AwaitPolling blocks until a poll is held open.
func (s *Server) AwaitPolling(ctx context.Context) error {
	return s.await(ctx, "a poll", func() bool { return s.poll.waiting != nil })
}

// AwaitWebhook blocks until the webhook has the address; empty means none.
func (s *Server) AwaitWebhook(ctx context.Context, address string) error {
	return s.await(ctx, "the webhook", func() bool { return s.hook.url == address })
}
