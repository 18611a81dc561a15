package live

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"

	"filodiretto/internal/secret"
)

// The limits of the bridge.
const (
	outbox      = 1024             // events waiting to leave before the others are told to resync instead
	maxMessage  = 16 << 10         // bytes; a larger event is a mistake and becomes a resync
	pulse       = 10 * time.Second // between two looks whether Redis is there and the same
	silence     = 3                // pulses without an answer after which the connection is dead
	firstPause  = 100 * time.Millisecond
	longestWait = 5 * time.Second
)

// silent keeps the client library from writing its own lines to stderr, past
// the guard of our logger: the bridge tells what is to be told.
type silent struct{}

func (silent) Printf(context.Context, string, ...any) {}

var hush = sync.OnceFunc(func() { redis.SetLogger(silent{}) })

// Dial makes a client for the address of the configuration. It does not reach
// the network, and its errors do not hold the password.
func Dial(address string) (*redis.Client, error) {
	hush()
	opts, err := redis.ParseURL(address)
	if err != nil {
		return nil, errors.New(`redis: the address does not read: write "redis://:password@host:6379/0"`)
	}
	opts.DisableIdentity = true // no CLIENT SETINFO, which older servers refuse
	opts.MaintNotificationsConfig = &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
	// What Redis holds is never worth a long wait of a page.
	opts.DialTimeout, opts.ReadTimeout, opts.WriteTimeout = 2*time.Second, time.Second, time.Second
	opts.MaxRetries, opts.DialerRetries = 1, 1
	opts.ContextTimeoutEnabled = true
	return redis.NewClient(opts), nil
}

// Redis carries the events of a hub to the hubs of other machines and back. It
// holds nothing that could be lost: after every cut both sides resync.
type Redis struct {
	hub     *Hub
	client  redis.UniversalClient
	channel string // of pub/sub
	mark    string // key whose value changes when Redis was emptied
	node    string // this process, so that its own messages are told apart
	log     *slog.Logger
	pulse   time.Duration
	out     chan Event
	owes    atomic.Bool // an event did not leave: the others must resync
	up      atomic.Bool
}

// envelope is a message on the wire.
type envelope struct {
	Node  string `json:"node"`
	Event Event  `json:"event"`
}

// NewRedis attaches a bridge to the hub. It works while Run runs; until then
// and during cuts, events reach this process only.
func NewRedis(hub *Hub, client redis.UniversalClient, prefix string, log *slog.Logger) *Redis {
	r := &Redis{
		hub: hub, client: client, log: log,
		channel: prefix + "live", mark: prefix + "mark", node: secret.Token(9),
		pulse: pulse, out: make(chan Event, outbox),
	}
	hub.mu.Lock()
	hub.forward = r.enqueue
	hub.mu.Unlock()
	return r
}

// Up reports whether the bridge is connected, for the health page.
func (r *Redis) Up() bool { return r.up.Load() }

// Run carries events until ctx ends, connecting again after every cut. It
// returns ctx's error.
func (r *Redis) Run(ctx context.Context) error {
	var sender sync.WaitGroup
	sender.Go(func() { r.send(ctx) })
	defer sender.Wait()
	pause := firstPause
	for {
		connected, err := r.session(ctx)
		r.up.Store(false)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if connected {
			pause = firstPause
			r.log.Warn("redis connection lost: pages see changes of other machines again when it is back", "err", err)
		} else if pause == firstPause {
			r.log.Warn("redis is not reached: pages do not see changes of other machines", "err", err)
		}
		if !wait(ctx, pause) {
			return ctx.Err()
		}
		pause = min(2*pause, longestWait)
	}
}

// session subscribes and takes messages in until the connection fails.
func (r *Redis) session(ctx context.Context) (connected bool, err error) {
	sub := r.client.Subscribe(ctx, r.channel)
	defer sub.Close()
	if _, err := sub.ReceiveTimeout(ctx, longestWait); err != nil {
		return false, fmt.Errorf("subscribe: %w", err)
	}
	mark, err := r.readMark(ctx)
	if err != nil {
		return false, err
	}
	r.up.Store(true)
	r.hub.Resync() // whatever was said before now was missed
	r.log.Info("redis connected")
	watching, stop := context.WithCancelCause(ctx)
	var watcher sync.WaitGroup
	watcher.Go(func() { stop(r.watch(watching, sub, mark)) })
	defer watcher.Wait()
	defer stop(nil)
	// A read does not end with its context, only with its connection.
	defer context.AfterFunc(watching, func() { _ = sub.Close() })()
	for {
		message, err := sub.ReceiveTimeout(ctx, silence*r.pulse)
		if watching.Err() != nil {
			return true, context.Cause(watching)
		}
		if err != nil {
			return true, fmt.Errorf("receive: %w", err)
		}
		r.take(message)
	}
}

// watch asks at every pulse for a sign of life, and whether Redis still is the
// one that we knew. It returns when ctx ends or Redis cannot be asked.
func (r *Redis) watch(ctx context.Context, sub *redis.PubSub, mark string) error {
	for wait(ctx, r.pulse) {
		if err := sub.Ping(ctx); err != nil {
			return fmt.Errorf("ping: %w", err)
		}
		now, err := r.readMark(ctx)
		if err != nil {
			return err
		}
		if now != mark {
			mark = now
			r.log.Warn("redis was emptied: pages read everything again")
			r.hub.Resync()
		}
	}
	return ctx.Err()
}

// take hands a message of another machine to the local subscribers.
func (r *Redis) take(message any) {
	m, ok := message.(*redis.Message)
	if !ok {
		return // a pong, or the answer to our subscription
	}
	var e envelope
	if err := json.Unmarshal([]byte(m.Payload), &e); err != nil || e.Event.Topic == "" {
		r.log.Warn("redis message is not one of ours: ignored", "bytes", len(m.Payload))
		return
	}
	if e.Node != r.node {
		r.hub.deliver(e.Event)
	}
}

// readMark gives the value of the mark, setting it when it is not there.
func (r *Redis) readMark(ctx context.Context) (string, error) {
	pipe := r.client.TxPipeline()
	pipe.SetNX(ctx, r.mark, secret.Token(9), 0)
	got := pipe.Get(ctx, r.mark)
	if _, err := pipe.Exec(ctx); err != nil {
		return "", fmt.Errorf("read mark: %w", err)
	}
	return got.Val(), nil
}

// enqueue takes an event for the other machines, or remembers that they must
// resync when too many wait.
func (r *Redis) enqueue(e Event) {
	select {
	case r.out <- e:
	default:
		r.owes.Store(true)
	}
}

// send publishes what waits. After a failure the others are owed a resync,
// which is sent as soon as that works.
func (r *Redis) send(ctx context.Context) {
	pause := firstPause
	for {
		if r.owes.Load() {
			if err := r.publish(ctx, Event{Topic: TopicResync}); err != nil {
				if !wait(ctx, pause) {
					return
				}
				pause = min(2*pause, longestWait)
				continue
			}
			r.owes.Store(false)
			pause = firstPause
		}
		select {
		case <-ctx.Done():
			r.flush(ctx)
			return
		case e := <-r.out:
			if err := r.publish(ctx, e); err != nil {
				r.owes.Store(true)
			}
		}
	}
}

// flush sends what still waits at shutdown, until the first failure.
func (r *Redis) flush(ctx context.Context) {
	for {
		select {
		case e := <-r.out:
			if err := r.publish(ctx, e); err != nil {
				return
			}
		default:
			return
		}
	}
}

func (r *Redis) publish(ctx context.Context, e Event) error {
	text, err := json.Marshal(envelope{r.node, e})
	if err != nil {
		return fmt.Errorf("encode event: %w", err)
	}
	if len(text) > maxMessage {
		return errors.New("event is too large")
	}
	// Half-way through when ctx ends, it is let finish: nobody would know else.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	return r.client.Publish(ctx, r.channel, text).Err()
}

// wait lets d pass, or says that ctx ended.
func wait(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
