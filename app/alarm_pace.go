package app

import (
	"errors"
	"time"

	"filodiretto/internal/clock"
)

// alarmAtMost is how long nobody is tried again at the most, when nobody can be told.
const alarmAtMost = time.Hour

// errNotYet says that nobody was tried, since nobody could be told a while ago.
var errNotYet = errors.New("nobody could be told what is wrong: it is tried again later")

// alarmPace says when people are told again what is wrong after nobody could be: after
// one minute, two, four, and then every hour, since an address that is refused for good
// is refused at every try. The state of the channels is on their page meanwhile.
type alarmPace struct {
	wait time.Duration
	next clock.Instant
}

// try does it when it is time: errNotYet before, and what do says.
func (p *alarmPace) try(now clock.Instant, do func() error) error {
	if now < p.next {
		return errNotYet
	}
	err := do()
	if err == nil {
		*p = alarmPace{}
		return nil
	}
	p.wait = min(max(2*p.wait, alarmEvery), alarmAtMost)
	p.next = now.Add(p.wait)
	return err
}
