package mail

import (
	"context"
	"errors"
	"sync"
	"time"

	"filodiretto/channels"
)

// pool keeps the SMTP connections of an account: at most as many as the
// settings say, each used for one message after the other, closed when nobody
// needs them for a while.
type pool struct {
	m     *mailbox
	slots chan struct{} // one value for each message under way

	mu    sync.Mutex
	spare []*smtpConn // unused ones, the latest used last
}

func newPool(m *mailbox) *pool {
	return &pool{m: m, slots: make(chan struct{}, m.set.connections)}
}

// send delivers one letter. Its errors are *channels.Error.
func (p *pool) send(ctx context.Context, l *letter) (answer, error) {
	select {
	case p.slots <- struct{}{}:
		defer func() { <-p.slots }()
	case <-ctx.Done():
		return answer{}, &channels.Error{Class: channels.RetryBackoff, Text: "sending was called off", Err: ctx.Err()}
	}
	for {
		c, used, err := p.get(ctx)
		if err != nil {
			return answer{}, err
		}
		if err := c.carries(l); err != nil {
			p.put(c)
			return answer{}, err
		}
		ok, at, fit, err := c.transact(ctx, l, p.m.limits.dot)
		if fit {
			p.put(c)
		} else {
			c.close()
		}
		if err == nil {
			return ok, nil
		}
		// A server may close a connection that was unused for a while. Then
		// nothing of this message was taken, and a fresh one decides.
		if used && at <= stageMail && !fit && ctx.Err() == nil {
			continue
		}
		return answer{}, sendError(at, err)
	}
}

// sendError is the decision about a message that failed.
func sendError(at stage, err error) *channels.Error {
	var file *fileError
	switch {
	case errors.As(err, &file):
		return &channels.Error{Class: channels.RetryBackoff, Text: "a file of the message cannot be read now", Err: err}
	case at < stageDot && (errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)):
		return &channels.Error{Class: channels.RetryBackoff, Text: "sending was called off", Err: err}
	}
	return smtpError(at, err)
}

// carries tells whether the server can take the letter at all.
func (c *smtpConn) carries(l *letter) error {
	if l.utf8 && !c.utf8 {
		return errNoUTF8
	}
	if c.most > 0 && l.size() > c.most {
		return errOver
	}
	return nil
}

// get takes an unused connection, or makes one.
func (p *pool) get(ctx context.Context) (c *smtpConn, used bool, err error) {
	p.mu.Lock()
	for len(p.spare) > 0 {
		c := p.spare[len(p.spare)-1]
		p.spare = p.spare[:len(p.spare)-1]
		if c.spare.Stop() {
			p.mu.Unlock()
			return c, true, nil
		}
		// Its time ran out this very moment; its timer ends it.
	}
	p.mu.Unlock()
	c, err = p.m.dialSMTP(ctx)
	return c, false, err
}

// put keeps a connection for the next message.
func (p *pool) put(c *smtpConn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	c.spare = time.AfterFunc(p.m.limits.spare, func() {
		p.drop(c)
		c.quit()
	})
	p.spare = append(p.spare, c)
}

// drop takes a connection out of the unused ones.
func (p *pool) drop(c *smtpConn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i, s := range p.spare {
		if s == c {
			p.spare = append(p.spare[:i], p.spare[i+1:]...)
			return
		}
	}
}
