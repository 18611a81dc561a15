package web

import (
	"context"
	"sync"
	"time"

	"filodiretto/inbox"
	"filodiretto/internal/db"
	"filodiretto/internal/live"
	"filodiretto/router"
)

// announcer takes what the hub tells, finds out once for all pages who may see
// it, and hands it to the pages that are open. However many events come at once,
// they make one question to the database.
type announcer struct {
	s *Server

	mu      sync.Mutex
	pending news
	pages   map[*openPage]struct{}
	closed  bool
}

// news is what changed since it was last told.
type news struct {
	cases  map[int64]bool // whether the figures of the views may have changed too
	counts bool
	health bool
}

func (n *news) empty() bool { return len(n.cases) == 0 && !n.counts && !n.health }

func newAnnouncer(s *Server) *announcer {
	return &announcer{s: s, pages: map[*openPage]struct{}{}}
}

// note gathers an event. It is called by the publisher and says yes to the first
// of a burst only, which wakes run; so no burst overflows the subscription.
func (a *announcer) note(e live.Event) bool {
	if e.Topic == router.TopicOperator {
		a.shownOut(e.ID)
		return false
	}
	if e.Topic == "account" {
		a.s.fare.changed()
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.pages) == 0 {
		return false
	}
	first := a.pending.empty()
	switch e.Topic {
	case "case", live.TopicPresence:
		if a.pending.cases == nil {
			a.pending.cases = map[int64]bool{}
		}
		a.pending.cases[e.ID] = a.pending.cases[e.ID] || e.Topic == "case"
	case "quarantine":
		a.pending.counts = true
	case "account":
		a.pending.health = true
	default:
		return false
	}
	return first
}

// shownOut ends the streams of an operator whose sessions ended, and lets this
// process read anew what they may do. A session that goes on comes back at once.
func (a *announcer) shownOut(operator int64) {
	a.s.Router.Forget()
	a.mu.Lock()
	defer a.mu.Unlock()
	for p := range a.pages {
		if p.of() == operator {
			p.end()
		}
	}
}

func (a *announcer) take() (news, []*openPage) {
	a.mu.Lock()
	defer a.mu.Unlock()
	n := a.pending
	a.pending = news{}
	pages := make([]*openPage, 0, len(a.pages))
	for p := range a.pages {
		pages = append(pages, p)
	}
	return n, pages
}

// run announces until the hub is closed, and then ends the pages' streams.
func (a *announcer) run(events <-chan live.Event) {
	for e := range events {
		n, pages := a.take()
		if e.Topic == live.TopicResync {
			for _, p := range pages {
				p.end() // the browser comes back and asks for all that it shows
			}
			continue
		}
		a.tell(n, pages)
	}
	a.mu.Lock()
	a.closed = true
	pages := a.pages
	a.pages = nil
	a.mu.Unlock()
	for p := range pages {
		p.end()
	}
}

// tellWithin is how long the question who sees what may take.
const tellWithin = 5 * time.Second

func (a *announcer) tell(n news, pages []*openPage) {
	ids := make([]int64, 0, len(n.cases))
	for id := range n.cases {
		ids = append(ids, id)
	}
	var seen []inbox.Audience
	if len(ids) > 0 {
		ctx, cancel := context.WithTimeout(context.Background(), tellWithin)
		defer cancel()
		var err error
		if seen, err = a.s.Inbox.Audiences(ctx, ids); err != nil {
			a.s.Log.Error("pages could not be told what changed and are asked to read again", "error", db.SafeError(err))
			for _, p := range pages {
				p.end()
			}
			return
		}
	}
	for _, p := range pages {
		p.tell(seen, n)
	}
}

// open adds a page; ok is false after the end.
func (a *announcer) open(p *openPage) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.closed {
		return false
	}
	a.pages[p] = struct{}{}
	return true
}

func (a *announcer) leave(p *openPage) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.pages, p)
}

// openPage is one stream to a browser, with what waits to be sent.
type openPage struct {
	ready chan struct{} // holds one token while something waits
	ended chan struct{}

	mu     sync.Mutex
	viewer inbox.Viewer
	refs   map[string]struct{}
	counts bool
	health bool
	over   bool
}

func newOpenPage(v inbox.Viewer) *openPage {
	return &openPage{ready: make(chan struct{}, 1), ended: make(chan struct{}), viewer: v, refs: map[string]struct{}{}}
}

// tell adds news that the viewer may know.
func (p *openPage) tell(seen []inbox.Audience, n news) {
	p.mu.Lock()
	for i := range seen {
		if p.viewer.Sees(&seen[i]) {
			p.refs[seen[i].Ref] = struct{}{}
			p.counts = p.counts || n.cases[seen[i].ID]
		}
	}
	p.counts = p.counts || n.counts
	p.health = p.health || n.health
	waits := len(p.refs) > 0 || p.counts || p.health
	p.mu.Unlock()
	if waits {
		select {
		case p.ready <- struct{}{}:
		default:
		}
	}
}

func (p *openPage) take() (refs []string, counts, health bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for ref := range p.refs {
		refs = append(refs, ref)
	}
	counts, health = p.counts, p.health
	clear(p.refs)
	p.counts, p.health = false, false
	return refs, counts, health
}

// sees replaces the rights of who looks, which may change while a page is open.
func (p *openPage) sees(v inbox.Viewer) {
	p.mu.Lock()
	p.viewer = v
	p.mu.Unlock()
}

// of is whose page it is.
func (p *openPage) of() int64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.viewer.OperatorID
}

func (p *openPage) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.over {
		p.over = true
		close(p.ended)
	}
}
