package telegram

import (
	"sync"
	"time"

	"golang.org/x/time/rate"

	"filodiretto/channels"
	"filodiretto/internal/clock"
)

// What Telegram tolerates (channels 1.7): a message a second in one chat with
// short bursts, 20 a minute in one group. The bot's total is a setting.
const (
	chatBurst    = 5
	groupMinute  = 20
	longestPause = 3 * time.Second // a longer wait is the scheduler's, not Send's
	chatsKept    = 4096
)

// pacer keeps us below the platform's limits, so that 429 stays rare, and
// remembers those that it met all the same.
type pacer struct {
	mu     sync.Mutex
	total  *rate.Limiter
	chats  map[int64]*chatPace
	until  clock.Instant // the whole bot waits until here
	struck clock.Instant // until here the chat last struck by a 429 waits
	chat   int64         // that chat
}

type chatPace struct {
	second *rate.Limiter
	minute *rate.Limiter // groups only
	until  clock.Instant
	used   clock.Instant
}

func newPacer(perSecond int) *pacer {
	return &pacer{
		total: rate.NewLimiter(rate.Limit(perSecond), perSecond),
		chats: map[int64]*chatPace{},
	}
}

// reserve takes a place in the row for one message to the chat and says how
// long to wait for it. When the wait is long it takes none, and the error says
// when to come again.
func (p *pacer) reserve(now clock.Instant, chat int64) (time.Duration, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if left := p.until.Sub(now); left > 0 {
		return 0, wait(left, channels.ScopeAccount)
	}
	c := p.of(now, chat)
	if left := c.until.Sub(now); left > 0 {
		return 0, wait(left, channels.ScopeRecipient)
	}
	t := now.Time()
	taken := []*rate.Reservation{p.total.ReserveN(t, 1), c.second.ReserveN(t, 1)}
	if c.minute != nil {
		taken = append(taken, c.minute.ReserveN(t, 1))
	}
	var longest time.Duration
	scope := channels.ScopeAccount
	for i, r := range taken {
		if d := r.DelayFrom(t); d > longest {
			longest = d
			if i > 0 {
				scope = channels.ScopeRecipient
			}
		}
	}
	if longest > 0 {
		// Rounded up: the platform's own bucket must be full by then.
		longest = (longest + time.Millisecond).Truncate(time.Millisecond)
	}
	if longest <= longestPause {
		return longest, nil
	}
	for _, r := range taken {
		r.CancelAt(t)
	}
	return 0, wait(longest, scope)
}

// struckBy429 keeps a chat quiet for as long as the platform asks. When another
// chat is still waiting for the same reason it is the bot that is too fast, and
// everything waits (channels 1.7).
func (p *pacer) struckBy429(now clock.Instant, chat int64, after time.Duration) channels.Scope {
	p.mu.Lock()
	defer p.mu.Unlock()
	until := now.Add(after)
	c := p.of(now, chat)
	c.until = max(c.until, until)
	if p.struck.Sub(now) > 0 && p.chat != chat {
		p.until = max(p.until, until)
		return channels.ScopeAccount
	}
	p.struck, p.chat = until, chat
	return channels.ScopeRecipient
}

// of finds the pace of a chat. Chats that were quiet for two minutes have full
// buckets and need not be remembered.
func (p *pacer) of(now clock.Instant, chat int64) *chatPace {
	c := p.chats[chat]
	if c == nil {
		if len(p.chats) >= chatsKept {
			for id, old := range p.chats {
				if now.Sub(old.used) > 2*time.Minute && now.Sub(old.until) > 0 {
					delete(p.chats, id)
				}
			}
		}
		c = &chatPace{second: rate.NewLimiter(1, chatBurst)}
		if chat < 0 {
			c.minute = rate.NewLimiter(rate.Every(time.Minute/groupMinute), groupMinute)
		}
		p.chats[chat] = c
	}
	c.used = now
	return c
}

// wait is the error of a message that must come again later.
func wait(d time.Duration, s channels.Scope) error {
	return &channels.Error{Class: channels.RetryAfter, Scope: s, After: d, Code: "pace", Text: "the platform's limit of messages is reached"}
}
