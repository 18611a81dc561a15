package app

import (
	"context"
	"sync"

	"filodiretto/channels"
	"filodiretto/inbox"
)

// pumps are the pumps of this process, one for each open account that it works.
type pumps struct {
	find  func(account int64) (channels.Channel, inbox.Account, bool)
	start func(inbox.Account, channels.Channel) *pump

	mu      sync.Mutex
	by      map[int64]*pump
	turns   map[int64]*sync.Mutex // one change of an account at a time
	closed  bool
	renewed sync.WaitGroup
}

func newPumps(find func(int64) (channels.Channel, inbox.Account, bool), start func(inbox.Account, channels.Channel) *pump) *pumps {
	return &pumps{find: find, start: start, by: map[int64]*pump{}, turns: map[int64]*sync.Mutex{}}
}

// of is the pump of an account; nil when this process does not work it.
func (s *pumps) of(account int64) *pump {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.by[account]
}

// renew gives accounts the pump that fits how they are open now: a new one where
// the account changed, none where it was closed. What the old pump is sending is
// let finish first, which may take a while, so nobody waits for it here: done is
// called for each account when it is over, unless nil.
func (s *pumps) renew(done func(account int64), accounts ...int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return
	}
	for _, id := range accounts {
		turn := s.turns[id]
		if turn == nil {
			turn = &sync.Mutex{}
			s.turns[id] = turn
		}
		s.renewed.Go(func() {
			turn.Lock()
			defer turn.Unlock()
			s.replace(id)
			if done != nil {
				done(id)
			}
		})
	}
}

// replace stops the pump of an account and starts the one that it should have.
// Between the two, work for the account goes through the jobs.
func (s *pumps) replace(id int64) {
	s.mu.Lock()
	old := s.by[id]
	delete(s.by, id)
	s.mu.Unlock()
	if old != nil {
		old.stop()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if ch, acc, ok := s.find(id); ok && !s.closed {
		s.by[id] = s.start(acc, ch)
	}
}

// ready waits until what was renewed so far is done.
func (s *pumps) ready() { s.renewed.Wait() }

// stop stops all pumps, for good.
func (s *pumps) stop() {
	s.mu.Lock()
	s.closed = true
	by := s.by
	s.by = map[int64]*pump{}
	s.mu.Unlock()
	var group sync.WaitGroup
	for _, p := range by {
		group.Go(p.stop)
	}
	group.Wait()
	s.renewed.Wait()
}

// startPump begins to work an account.
func (a *App) startPump(acc inbox.Account, ch channels.Channel) *pump {
	p := newPump(a.Inbox, acc, ch, a.leases, a.DB.Clock, a.log)
	p.greet = a.showMenu
	if _, chats := ch.(channels.Editor); chats {
		p.talk = a.talk
	}
	p.stale = a.look
	p.start(a.running)
	return p
}

// look makes this process look whether the accounts have changed.
func (a *App) look() {
	select {
	case a.looks <- struct{}{}:
	default: // it is about to
	}
}

// isCurrent reports whether an account is still as this pump was started for.
func (p *pump) isCurrent(ctx context.Context) (bool, error) {
	versions, err := p.in.AccountVersions(ctx)
	return err == nil && versions[p.acc.ID] == p.acc.Version, err
}
