package mail

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/emersion/go-imap/v2"
)

// sentMost is how many copies may wait. Beyond that copies are left out and
// counted in the log: the message itself is in the database and with its
// recipient.
const sentMost = 500

// sentTries is how often one copy is tried.
const sentTries = 3

// sentCopies puts a copy of what was sent into a folder of the mailbox, beside
// the sending and never in its way (rule 71). A message for several recipients
// is copied once.
type sentCopies struct {
	m      *mailbox
	folder string // as the server calls it; only work reads and writes it

	mu      sync.Mutex
	waiting []*letter
	running bool
	known   map[string]bool // Message-IDs copied or waiting
	order   []string        // of known, oldest first
	left    int             // copies left out since the last log line
}

func newSentCopies(m *mailbox) *sentCopies {
	return &sentCopies{m: m, known: map[string]bool{}}
}

// add queues a copy. It never blocks and never fails.
func (s *sentCopies) add(l *letter) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.known[l.id] {
		return
	}
	if len(s.waiting) >= sentMost {
		s.left++
		return
	}
	s.remember(l.id)
	s.waiting = append(s.waiting, l)
	if !s.running {
		s.running = true
		go s.work()
	}
}

// remember notes an id; the oldest are forgotten, for the folder itself is
// searched too.
func (s *sentCopies) remember(id string) {
	s.known[id] = true
	s.order = append(s.order, id)
	if len(s.order) > 10*sentMost {
		delete(s.known, s.order[0])
		s.order = s.order[1:]
	}
}

// next takes the next copy, or ends the work when there is none.
func (s *sentCopies) next() *letter {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.left > 0 {
		s.m.log.Warn("copies to the sent folder left out: too many at once", "count", s.left)
		s.left = 0
	}
	if len(s.waiting) == 0 {
		s.running = false
		return nil
	}
	l := s.waiting[0]
	s.waiting = s.waiting[1:]
	return l
}

// work copies until nothing waits, over one connection.
func (s *sentCopies) work() {
	var c *conn
	defer func() {
		if c != nil {
			c.logout()
		}
	}()
	for l := s.next(); l != nil; l = s.next() {
		for try := 1; ; try++ {
			err := s.copyOver(&c, l)
			if err == nil {
				break
			}
			if c != nil {
				c.close()
				c = nil
			}
			if try == sentTries {
				s.m.log.Warn("copy to the sent folder failed", "message", l.id, "error", redacted(err))
				break
			}
			_ = pause(context.Background(), time.Duration(try)*s.m.limits.quick)
		}
	}
}

// copyOver appends one copy, connecting first where needed.
func (s *sentCopies) copyOver(c **conn, l *letter) error {
	if *c == nil {
		fresh, err := s.m.dialIMAP(context.Background())
		if err != nil {
			return err
		}
		*c = fresh
		if err := s.find(fresh); err != nil {
			return err
		}
		err = fresh.do(func() error {
			_, err := fresh.Select(s.folder, &imap.SelectOptions{ReadOnly: true}).Wait()
			return err
		})
		if err != nil {
			return fmt.Errorf("open the sent folder: %w", err)
		}
	}
	there, err := s.holds(*c, l.id)
	if err != nil || there {
		return err
	}
	return s.appendTo(*c, l)
}

// find learns what the server calls the folder. One that is not on its list is
// tried as it was written: lists may hide folders.
func (s *sentCopies) find(c *conn) error {
	if s.folder != "" {
		return nil
	}
	var list []*imap.ListData
	err := c.do(func() (err error) {
		list, err = c.List("", "*", nil).Collect()
		return err
	})
	if err != nil {
		return fmt.Errorf("list the folders: %w", err)
	}
	if s.folder = findSent(list, s.m.set.sentFolder); s.folder == "" {
		s.folder = s.m.set.sentFolder
	}
	return nil
}

// holds tells whether the folder has the message already: some providers file
// what they relay by themselves.
func (s *sentCopies) holds(c *conn, id string) (bool, error) {
	var found *imap.SearchData
	err := c.do(func() (err error) {
		found, err = c.UIDSearch(&imap.SearchCriteria{
			Since:  s.m.clock.Now().Time().Add(-48 * time.Hour),
			Header: []imap.SearchCriteriaHeaderField{{Key: "Message-ID", Value: "<" + id + ">"}},
		}, nil).Wait()
		return err
	})
	if err != nil {
		return false, fmt.Errorf("search the sent folder: %w", err)
	}
	return len(found.AllUIDs()) > 0, nil
}

func (s *sentCopies) appendTo(c *conn, l *letter) error {
	size, err := l.WriteTo(io.Discard) // IMAP wants the exact size before the first byte
	if err != nil {
		return err
	}
	err = c.do(func() error {
		cmd := c.Append(s.folder, size, &imap.AppendOptions{
			Flags: []imap.Flag{imap.FlagSeen}, Time: s.m.clock.Now().Time(),
		})
		if _, err := l.WriteTo(cmd); err != nil {
			return errors.Join(err, c.Client.Close())
		}
		if err := cmd.Close(); err != nil {
			return err
		}
		_, err := cmd.Wait()
		return err
	})
	if err != nil {
		return fmt.Errorf("append to the sent folder: %w", err)
	}
	return nil
}
