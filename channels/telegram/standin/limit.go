package standin

import (
	"math"
	"time"

	"golang.org/x/time/rate"
)

// Limits are the budgets of messages (channels 1.7). A zero number means
// Telegram's; Off means none at all.
type Limits struct {
	Off            bool
	ChatPerSecond  float64 // 1
	ChatBurst      int     // 5
	GroupPerMinute int     // 20
	TotalPerSecond int     // 30
}

type limiters struct {
	set   Limits
	total *rate.Limiter
	chats map[int64][]*rate.Limiter
}

func newLimiters(l Limits) limiters {
	if l.ChatPerSecond == 0 {
		l.ChatPerSecond = 1
	}
	if l.ChatBurst == 0 {
		l.ChatBurst = 5
	}
	if l.GroupPerMinute == 0 {
		l.GroupPerMinute = 20
	}
	if l.TotalPerSecond == 0 {
		l.TotalPerSecond = 30
	}
	return limiters{
		set:   l,
		total: rate.NewLimiter(rate.Limit(l.TotalPerSecond), l.TotalPerSecond),
		chats: map[int64][]*rate.Limiter{},
	}
}

// spend takes n messages to a chat out of the budgets, or tells how long to wait.
func (s *Server) spend(chatID int64, n int) *refusal {
	l := &s.limits
	if l.set.Off {
		return nil
	}
	if l.chats[chatID] == nil {
		of := []*rate.Limiter{rate.NewLimiter(rate.Limit(l.set.ChatPerSecond), l.set.ChatBurst)}
		if chatID < 0 {
			of = append(of, rate.NewLimiter(rate.Every(time.Minute/time.Duration(l.set.GroupPerMinute)), l.set.GroupPerMinute))
		}
		l.chats[chatID] = of
	}
	t := s.opt.Clock.Now().Time()
	var longest time.Duration
	var taken []*rate.Reservation
	for _, one := range append([]*rate.Limiter{l.total}, l.chats[chatID]...) {
		// An album larger than the burst still counts as one full burst.
		r := one.ReserveN(t, min(n, one.Burst()))
		taken = append(taken, r)
		longest = max(longest, r.DelayFrom(t))
	}
	if longest == 0 {
		return nil
	}
	for _, r := range taken {
		r.CancelAt(t)
	}
	return tooMany(int(math.Ceil(longest.Seconds())))
}
