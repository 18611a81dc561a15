package web

import (
	"errors"
	"math"
	"net/http"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"filodiretto/inbox"
	"filodiretto/internal/clock"
	"filodiretto/router"
)

// authenticate finds who acts, by token alone: a cookie opens no API, so that no
// foreign page can use it.
func (a *api) authenticate(q *apiCall) error {
	word, ok := bearer(q.r.Header.Get("Authorization"))
	if !ok {
		return &apiError{status: http.StatusUnauthorized, code: "no_token", detail: "There is no token in the Authorization header."}
	}
	v, t, err := a.Router.ViewerByToken(q.ctx, word)
	if errors.Is(err, inbox.ErrNotFound) {
		return &apiError{status: http.StatusUnauthorized, code: "bad_token", detail: "The token is unknown, revoked, or over."}
	}
	if err != nil {
		return err
	}
	if wait := a.rates.take(v.OperatorID); wait > 0 {
		return &apiError{
			status: http.StatusTooManyRequests, code: "too_many_requests", detail: "This operator's programs send more requests than are allowed in a second.",
			remedy: "Wait as long as Retry-After says, or let the administrator raise server.api_per_second.", retryAfter: wait,
		}
	}
	if !t.May(router.Scope(q.op.Scope)) {
		return &apiError{
			status: http.StatusForbidden, code: "scope_missing", detail: "The token lacks the scope " + q.op.Scope + ".",
			remedy: "Make a token with the scope " + q.op.Scope + " under Administration, API tokens.",
		}
	}
	q.Viewer, q.token = v, t
	q.dir, err = a.Router.Directory(q.ctx)
	return err
}

func bearer(header string) (word string, ok bool) {
	scheme, word, _ := strings.Cut(strings.TrimSpace(header), " ")
	word = strings.TrimSpace(word)
	return word, strings.EqualFold(scheme, "Bearer") && word != ""
}

// rates bounds how many requests an operator's programs may make: one that goes
// round in circles must not slow the pages of its colleagues.
type rates struct {
	clock clock.Clock
	most  rate.Limit

	mu sync.Mutex
	by map[int64]*rate.Limiter // by operator
}

func newRates(c clock.Clock, perSecond int) *rates {
	return &rates{clock: c, most: rate.Limit(perSecond), by: map[int64]*rate.Limiter{}}
}

// take counts a request and gives how long to wait; 0 lets it through.
func (rs *rates) take(operator int64) time.Duration {
	now := rs.clock.Now().Time()
	rs.mu.Lock()
	defer rs.mu.Unlock()
	l := rs.by[operator]
	if l == nil {
		l = rate.NewLimiter(rs.most, int(math.Ceil(float64(rs.most)))*2)
		rs.by[operator] = l
	}
	res := l.ReserveN(now, 1)
	wait := res.DelayFrom(now)
	if wait > 0 {
		res.CancelAt(now)
	}
	return wait
}
