package live

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"

	"filodiretto/internal/clock"
)

// Doing is what somebody does with a case.
type Doing string

// What one can do with a case. Gone is said by a page that closes.
const (
	Looking Doing = "looking"
	Writing Doing = "writing"
	Gone    Doing = "gone"
)

// How long a sign of life holds. Who wrote counts as looking after WritingFor.
const (
	LookingFor = 30 * time.Second
	WritingFor = 10 * time.Second
)

// A page waits this long for Redis, and after a failure Redis is left alone for
// a while.
const (
	patience = 300 * time.Millisecond
	respite  = 5 * time.Second
)

// Present is somebody who has a case open.
type Present struct {
	Operator int64
	Name     string
	Doing    Doing
	Until    clock.Instant // when this ends unless there is another sign
}

// Presence knows who looks at which case and who writes an answer, so that two
// do not answer at once. It is a courtesy: nothing depends on it.
type Presence struct {
	clock  clock.Clock
	hub    *Hub
	client redis.UniversalClient // nil: this process only
	prefix string
	away   atomic.Int64 // the instant until which Redis is not asked, after a failure

	mu    sync.Mutex
	cases map[int64]map[int64]sign // case, operator
	swept clock.Instant
}

// sign is the last sign of life of one operator on one case.
type sign struct {
	Name string        `json:"name"`
	Does Doing         `json:"does"`
	At   clock.Instant `json:"at"`
}

// NewPresence keeps presence in memory and, with a client, shares it with the
// other machines. While Redis is away, each machine knows its own people.
// Changes are published on the hub under TopicPresence, with the case's id.
func NewPresence(clk clock.Clock, hub *Hub, client redis.UniversalClient, prefix string) *Presence {
	return &Presence{clock: clk, hub: hub, client: client, prefix: prefix + "presence:", cases: map[int64]map[int64]sign{}}
}

// Touch is a sign of life; pages send one every few seconds. Gone forgets the
// operator at once. Only a change is published.
func (p *Presence) Touch(ctx context.Context, caseID, operatorID int64, name string, doing Doing) {
	s := sign{Name: name, Does: doing, At: p.clock.Now()}
	before := p.note(caseID, operatorID, s)
	if shared, ok := p.share(ctx, caseID, operatorID, s); ok {
		before = newest(before, shared)
	}
	if now, was := s.does(s.At), before.does(s.At); now != was {
		p.hub.Publish(Event{
			Topic: TopicPresence, ID: caseID, Kind: string(now),
			Data: map[string]string{"operator": strconv.FormatInt(operatorID, 10)},
		})
	}
}

// List tells who is present at each of the cases, by name. Cases with nobody
// are not in it.
func (p *Presence) List(ctx context.Context, caseIDs []int64) map[int64][]Present {
	all := p.shared(ctx, caseIDs)
	now := p.clock.Now()
	p.mu.Lock()
	for _, id := range caseIDs {
		for operator, s := range p.cases[id] {
			if all[id] == nil {
				all[id] = map[int64]sign{}
			}
			all[id][operator] = newest(s, all[id][operator])
		}
	}
	p.mu.Unlock()
	list := map[int64][]Present{}
	for id, signs := range all {
		for operator, s := range signs {
			if does := s.does(now); does != Gone {
				list[id] = append(list[id], Present{operator, s.Name, does, s.until(now)})
			}
		}
		slices.SortFunc(list[id], func(a, b Present) int {
			return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Operator, b.Operator))
		})
	}
	return list
}

// note keeps a sign in memory and gives the one before it.
func (p *Presence) note(caseID, operatorID int64, s sign) sign {
	p.mu.Lock()
	defer p.mu.Unlock()
	before := p.cases[caseID][operatorID]
	if p.cases[caseID] == nil {
		p.cases[caseID] = map[int64]sign{}
	}
	p.cases[caseID][operatorID] = s
	if s.At.Sub(p.swept) > LookingFor {
		p.sweep(s.At)
	}
	return before
}

// sweep forgets who has not been seen for long. p.mu is held.
func (p *Presence) sweep(now clock.Instant) {
	p.swept = now
	for id, signs := range p.cases {
		for operator, s := range signs {
			if s.does(now) == Gone {
				delete(signs, operator)
			}
		}
		if len(signs) == 0 {
			delete(p.cases, id)
		}
	}
}

// share writes a sign to Redis and gives the one that was there before.
func (p *Presence) share(ctx context.Context, caseID, operatorID int64, s sign) (before sign, ok bool) {
	if !p.hasRedis() {
		return sign{}, false
	}
	text, err := json.Marshal(s)
	if err != nil {
		return sign{}, false
	}
	key, field := p.key(caseID), strconv.FormatInt(operatorID, 10)
	pipe := p.client.TxPipeline()
	old := pipe.HGet(ctx, key, field)
	pipe.HSet(ctx, key, field, text)
	pipe.PExpire(ctx, key, 2*LookingFor) // Redis only tidies up: the clock of the reader decides
	if !p.exec(ctx, pipe) {
		return sign{}, false
	}
	return readSign(old.Val()), true
}

// shared reads what the other machines wrote about the cases.
func (p *Presence) shared(ctx context.Context, caseIDs []int64) map[int64]map[int64]sign {
	all := map[int64]map[int64]sign{}
	if len(caseIDs) == 0 || !p.hasRedis() {
		return all
	}
	pipe := p.client.Pipeline()
	answers := make([]*redis.MapStringStringCmd, len(caseIDs))
	for i, id := range caseIDs {
		answers[i] = pipe.HGetAll(ctx, p.key(id))
	}
	if !p.exec(ctx, pipe) {
		return all
	}
	for i, answer := range answers {
		signs := map[int64]sign{}
		for field, text := range answer.Val() {
			if operator, err := strconv.ParseInt(field, 10, 64); err == nil {
				signs[operator] = readSign(text)
			}
		}
		all[caseIDs[i]] = signs
	}
	return all
}

// hasRedis reports whether Redis is to be asked now.
func (p *Presence) hasRedis() bool {
	return p.client != nil && int64(p.clock.Now()) >= p.away.Load()
}

// exec runs the commands, or notes that Redis is away; the bridge logs that.
func (p *Presence) exec(ctx context.Context, pipe redis.Pipeliner) bool {
	// A page that was closed meanwhile says nothing about Redis.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	_, err := pipe.Exec(ctx)
	if err != nil && !errors.Is(err, redis.Nil) { // Nil: a field that was not there
		p.away.Store(int64(p.clock.Now().Add(respite)))
		return false
	}
	return true
}

func (p *Presence) key(caseID int64) string { return p.prefix + strconv.FormatInt(caseID, 10) }

// readSign reads what share wrote; anything else is a sign of nobody.
func readSign(text string) sign {
	var s sign
	if json.Unmarshal([]byte(text), &s) != nil {
		return sign{}
	}
	return s
}

// newest is the later of two signs; a page that came after wins.
func newest(a, b sign) sign {
	if b.At > a.At {
		return b
	}
	return a
}

// does is what the sign says at an instant.
func (s sign) does(now clock.Instant) Doing {
	switch age := now.Sub(s.At); {
	case s.At.IsZero() || s.Does == Gone || age >= LookingFor:
		return Gone
	case s.Does == Writing && age < WritingFor:
		return Writing
	}
	return Looking
}

func (s sign) until(now clock.Instant) clock.Instant {
	if s.does(now) == Writing {
		return s.At.Add(WritingFor)
	}
	return s.At.Add(LookingFor)
}
