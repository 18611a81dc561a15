package standin

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// webhook is the other way to get updates (channels 1.3).
type webhook struct {
	url      string
	secret   string
	most     int
	setAt    int64
	lastErr  string
	errAt    int64
	goneFrom int64 // since when it answers 410
	stop     context.CancelFunc
}

const (
	longestRetryAfter = 3600 * time.Second
	goneLimit         = 23 * 60 * 60 // seconds
)

func (s *Server) setWebhook(_ *http.Request, p *params) (any, *refusal) {
	address := p.text("url")
	if address == "" {
		return s.deleteWebhook(nil, p)
	}
	if no := s.checkWebhook(address, p.text("secret_token")); no != nil {
		return nil, no
	}
	most := int(p.number("max_connections"))
	if most < 1 || most > 100 {
		most = 40
	}
	var allowed []string
	if !p.decode("allowed_updates", &allowed) {
		return nil, bad("can't parse allowed updates list")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	if s.hook.setAt != 0 && now-s.hook.setAt < 1 {
		return nil, tooMany(1)
	}
	if s.hook.stop != nil {
		s.hook.stop()
	}
	s.endPoll(conflict("terminated by setWebhook request"))
	if p.yes("drop_pending_updates") {
		s.queue.events = nil
	}
	if p.text("allowed_updates") != "" {
		s.queue.allowed, s.queue.set = allowed, true
	}
	for i := range s.queue.events {
		s.queue.events[i].busy = false
	}
	ctx, stop := context.WithCancel(s.ctx)
	s.hook = webhook{url: address, secret: p.text("secret_token"), most: most, setAt: now, stop: stop}
	hook := s.hook
	s.tasks.Go(func() { s.dispatch(ctx, hook) })
	return described{true, "Webhook was set"}, nil
}

func (s *Server) checkWebhook(address, secret string) *refusal {
	u, err := url.Parse(address)
	if err != nil || u.Hostname() == "" {
		return bad("bad webhook: invalid URL specified")
	}
	if u.Scheme != "https" {
		return bad("bad webhook: An HTTPS URL must be provided for webhook")
	}
	if port := u.Port(); port != "" && !s.opt.AnyWebhookPort && !slices.Contains([]string{"80", "88", "443", "8443"}, port) {
		return bad("bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443")
	}
	if len(secret) > 256 {
		return bad("secret token is too long")
	}
	for _, r := range secret {
		if !strings.ContainsRune("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-", r) {
			return bad("secret token contains unallowed characters")
		}
	}
	return nil
}

func (s *Server) deleteWebhook(_ *http.Request, p *params) (any, *refusal) {
	s.mu.Lock()
	defer s.mu.Unlock()
	was := s.hook.url != ""
	s.removeWebhook()
	if p.yes("drop_pending_updates") {
		s.queue.events = nil
	}
	s.signal()
	if !was {
		return described{true, "Webhook is already deleted"}, nil
	}
	return described{true, "Webhook was deleted"}, nil
}

// removeWebhook ends the deliveries. The caller holds mu.
func (s *Server) removeWebhook() {
	if s.hook.stop != nil {
		s.hook.stop()
	}
	s.hook = webhook{}
	for i := range s.queue.events {
		s.queue.events[i].busy = false
	}
}

func (s *Server) getWebhookInfo(*http.Request, *params) (any, *refusal) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.queue.expire(s.now())
	o := object{
		"url": s.hook.url, "has_custom_certificate": false,
		"pending_update_count": len(s.queue.events),
	}
	if s.hook.url != "" {
		o["max_connections"] = s.hook.most
	}
	if s.hook.lastErr != "" {
		o["last_error_date"], o["last_error_message"] = s.hook.errAt, s.hook.lastErr
	}
	if s.queue.set && len(s.queue.allowed) > 0 {
		o["allowed_updates"] = s.queue.allowed
	}
	return o, nil
}

// dispatch delivers the queue until ctx ends: one update at a time for each
// lane, at most hook.most at once.
func (s *Server) dispatch(ctx context.Context, hook webhook) {
	room := make(chan struct{}, hook.most)
	for ctx.Err() == nil {
		s.mu.Lock()
		s.queue.expire(s.now())
		changed := s.changed
		next := s.claim()
		s.mu.Unlock()
		for _, e := range next {
			select {
			case room <- struct{}{}:
			case <-ctx.Done():
				return
			}
			s.tasks.Go(func() {
				defer func() { <-room }()
				s.deliver(ctx, hook, e)
			})
		}
		select {
		case <-changed:
		case <-ctx.Done():
		}
	}
}

// claim marks the first update of every lane that has none under way.
func (s *Server) claim() []event {
	busy := map[string]bool{}
	for _, e := range s.queue.events {
		busy[e.lane] = busy[e.lane] || e.busy
	}
	var out []event
	for i := range s.queue.events {
		e := &s.queue.events[i]
		if !busy[e.lane] {
			busy[e.lane], e.busy = true, true
			out = append(out, *e)
		}
	}
	return out
}

// deliver tries one update until it is taken, expires or the webhook ends. The
// first retry comes without delay, then the delay doubles from a second to a
// cap between one and two minutes; the receiver's Retry-After is obeyed.
func (s *Server) deliver(ctx context.Context, hook webhook, e event) {
	delay := time.Duration(0)
	for try := 0; ctx.Err() == nil; try++ {
		after, err := s.post(ctx, hook, e.body)
		s.mu.Lock()
		if ctx.Err() != nil {
			s.mu.Unlock()
			return
		}
		if err == nil || e.expires <= s.now() {
			s.confirm(e.id)
			s.mu.Unlock()
			return
		}
		s.hook.lastErr, s.hook.errAt = err.Error(), s.now()
		if s.gone(err) {
			s.removeWebhook()
		}
		if try > 0 {
			delay = min(max(2*delay, time.Second), time.Duration(60+s.random.IntN(61))*time.Second)
		}
		s.signal()
		s.mu.Unlock()
		if after > 0 {
			delay = min(after, longestRetryAfter)
		}
		if delay > 0 && s.opt.Wait(ctx, delay) != nil {
			return
		}
	}
}

// confirm forgets one update wherever it is in the queue.
func (s *Server) confirm(id int64) {
	q := &s.queue
	q.events = slices.DeleteFunc(q.events, func(e event) bool {
		if e.id == id {
			q.past = append(q.past, e)
		}
		return e.id == id
	})
	s.hook.goneFrom = 0
	s.signal()
}

// wrongResponse is what getWebhookInfo tells of a refused delivery.
type wrongResponse struct {
	status int
	text   string
}

func (w wrongResponse) Error() string { return "Wrong response from the webhook: " + w.text }

// gone counts how long the receiver has answered 410 Gone without a break.
func (s *Server) gone(err error) bool {
	var w wrongResponse
	if !errors.As(err, &w) || w.status != http.StatusGone {
		s.hook.goneFrom = 0
		return false
	}
	if s.hook.goneFrom == 0 {
		s.hook.goneFrom = s.now()
	}
	return s.now()-s.hook.goneFrom >= goneLimit
}

// post makes one delivery and gives the receiver's Retry-After when it failed.
func (s *Server) post(ctx context.Context, hook webhook, body []byte) (time.Duration, error) {
	ctx, cancel := context.WithTimeout(ctx, 60*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, hook.url, bytes.NewReader(body))
	if err != nil {
		return 0, fmt.Errorf("webhook: %w", err)
	}
	req.Header.Set("Content-Type", "application/json")
	if hook.secret != "" {
		req.Header.Set("X-Telegram-Bot-Api-Secret-Token", hook.secret)
	}
	resp, err := s.opt.WebhookClient.Do(req)
	if err != nil {
		return 0, fmt.Errorf("webhook: %w", err)
	}
	defer resp.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, 1<<20))
	if resp.StatusCode >= 200 && resp.StatusCode < 300 {
		return 0, nil
	}
	n, _ := strconv.Atoi(resp.Header.Get("Retry-After"))
	return time.Duration(n) * time.Second, wrongResponse{resp.StatusCode, resp.Status}
}
