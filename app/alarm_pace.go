package app

import (
	"errors"
	"time"

	"filodiretto/inbox"
	"filodiretto/internal/clock"
)

// alarmAtMost is how long nobody is tried again at the most, when nobody can be told.
const alarmAtMost = time.Hour

// errNotYet says that nobody was tried, since nobody could be told a while ago.
var errNotYet = errors.New("nobody could be told what is wrong: it is tried again later")

// alarmPace says when people are told again what is wrong after nobody could be: after
// one minute, two, four, and then every hour, since an address that is refused for good
// is refused at every try. A cause that is new is told at once, and begins anew. The state
// of the channels is on their page meanwhile.
type alarmPace struct {
	wait   time.Duration
	next   clock.Instant
	failed map[alarmKey]bool // the causes that the last try told nobody
}

// alarmKey is a cause of an account.
type alarmKey struct {
	account int64
	cause   string
}

// try does it when it is time for these causes: errNotYet before, and what do says.
func (p *alarmPace) try(now clock.Instant, causes []inbox.Alarm, do func() error) error {
	keys, news := map[alarmKey]bool{}, false
	for _, c := range causes {
		k := alarmKey{c.AccountID, c.Cause}
		keys[k], news = true, news || !p.failed[k]
	}
	if now < p.next && !news {
		return errNotYet
	}
	err := do()
	if err == nil {
		*p = alarmPace{}
		return nil
	}
	if news {
		p.wait = 0
	}
	p.failed = keys
	p.wait = min(max(2*p.wait, alarmEvery), alarmAtMost)
	p.next = now.Add(p.wait)
	return err
}
