// Package standin imitates Telegram's Bot API server for one bot, so that
// tests and the demo have people to talk to without the platform. It rejects
// what the real one rejects, with the same code and words
// (reference/channels.md 1.2 to 1.7, cited as "channels 1.x"). README.md in
// this folder lists what it does not imitate.
//
// The platform's side is the http.Handler of API. The people's side is the
// methods of Server (Say, Press, Block, ...) and, on another listener, the
// handler of Control.
package standin

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"filodiretto/internal/clock"
)

// DefaultToken is the bot's token when Options names none.
const DefaultToken = "123456789:STANDIN-token-of-no-real-bot-000000"

// Options set a Server up. The zero value is a bot named "comune_bot" on the
// machine's clock with Telegram's own limits.
type Options struct {
	Token    string
	Username string // of the bot, ending in "bot"
	Name     string // of the bot
	Clock    clock.Clock
	Limits   Limits
	// FirstUpdateID is the number of the first update; 0 means 700001.
	FirstUpdateID int64
	// FirstMessageID is the number of the first message; 0 means 1. A stand-in
	// that goes on where another one ended begins above that one's numbers.
	FirstMessageID int64
	// Wait waits between tries of a webhook; nil waits in real time.
	Wait func(context.Context, time.Duration) error
	// WebhookClient delivers to webhooks; nil means http.DefaultClient.
	WebhookClient *http.Client
	// AnyWebhookPort allows ports that Telegram does not, for tests.
	AnyWebhookPort bool
}

// Server is one bot's world: its people, chats, messages and updates.
type Server struct {
	opt   Options
	botID int64
	ctx   context.Context // ends with Close
	end   context.CancelFunc
	tasks sync.WaitGroup

	mu        sync.Mutex
	changed   chan struct{} // closed and replaced at every change
	random    *rand.Rand
	queue     queue
	poll      pollState
	hook      webhook
	people    map[int64]*person
	chats     map[int64]*chat
	lastID    int64 // of messages, all chats together
	lastGroup int64
	lastSent  int
	messages  map[messageKey]*stored
	presses   map[string]press
	lastPress int64
	files     fileStore
	limits    limiters
	faults    []*Fault
	calls     []Call
	dropped   int                        // calls that were forgotten at the front
	commands  map[string]json.RawMessage // by language, "" for all others
	servers   []*http.Server
}

// messageKey names a message: numbers count within a chat.
type messageKey struct{ chat, message int64 }

// New makes a server. Close ends it.
func New(opt Options) *Server {
	if opt.Token == "" {
		opt.Token = DefaultToken
	}
	if opt.Username == "" {
		opt.Username = "comune_bot"
	}
	if opt.Name == "" {
		opt.Name = "Comune"
	}
	if opt.Clock == nil {
		opt.Clock = clock.System{}
	}
	if opt.FirstUpdateID == 0 {
		opt.FirstUpdateID = 700001
	}
	if opt.Wait == nil {
		opt.Wait = wait
	}
	if opt.WebhookClient == nil {
		opt.WebhookClient = http.DefaultClient
	}
	id, _, _ := strings.Cut(opt.Token, ":")
	s := &Server{
		opt:       opt,
		changed:   make(chan struct{}),
		random:    rand.New(rand.NewPCG(1, 2)), // the same at every run
		people:    map[int64]*person{},
		chats:     map[int64]*chat{},
		commands:  map[string]json.RawMessage{},
		messages:  map[messageKey]*stored{},
		presses:   map[string]press{},
		lastGroup: 4000,
		limits:    newLimiters(opt.Limits),
	}
	s.botID, _ = strconv.ParseInt(id, 10, 64)
	s.ctx, s.end = context.WithCancel(context.Background())
	s.queue.next = opt.FirstUpdateID
	s.lastID = max(0, opt.FirstMessageID-1)
	s.files.init()
	return s
}

// Token is the bot's token.
func (s *Server) Token() string { return s.opt.Token }

// Start serves the Bot API on addr, such as "127.0.0.1:0", and gives its URL.
func (s *Server) Start(addr string) (string, error) { return s.serve(addr, s.API()) }

// StartControl serves the control plane on an address of its own, and gives its URL.
func (s *Server) StartControl(addr string) (string, error) { return s.serve(addr, s.Control()) }

func (s *Server) serve(addr string, h http.Handler) (string, error) {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return "", fmt.Errorf("standin: %w", err)
	}
	srv := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second}
	s.mu.Lock()
	s.servers = append(s.servers, srv)
	s.mu.Unlock()
	s.tasks.Go(func() {
		if err := srv.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			s.end()
		}
	})
	return "http://" + l.Addr().String(), nil
}

// Close ends all requests, deliveries and listeners.
func (s *Server) Close() {
	s.end()
	s.mu.Lock()
	servers := s.servers
	s.servers = nil
	s.mu.Unlock()
	for _, srv := range servers {
		srv.Close()
	}
	s.tasks.Wait()
}

// signal wakes everyone who waits for a change. The caller holds mu.
func (s *Server) signal() {
	close(s.changed)
	s.changed = make(chan struct{})
}

// await blocks until done, which runs under mu, says so.
func (s *Server) await(ctx context.Context, what string, done func() bool) error {
	for {
		s.mu.Lock()
		ok, changed := done(), s.changed
		s.mu.Unlock()
		if ok {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return fmt.Errorf("standin: waiting for %s: %w", what, ctx.Err())
		case <-s.ctx.Done():
			return fmt.Errorf("standin: waiting for %s: %w", what, net.ErrClosed)
		}
	}
}

// now is the clock's time, in the platform's whole seconds.
func (s *Server) now() int64 { return int64(s.opt.Clock.Now()) / 1_000_000 }

func wait(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
