package channeltest

import (
	"context"
	"errors"
	"io"
	"reflect"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"filodiretto/channels"
)

// Sender is one channel opened on one platform of its own, for RunSender.
type Sender struct {
	Channel channels.Sender
	// Message makes a good message, another one at each call, for a recipient
	// who takes it.
	Message func() *channels.Outgoing
	// Taken is how many messages the platform has taken since the beginning.
	Taken func() int
	// Failures are the ways in which this platform can refuse.
	Failures []Failure
	// Stall makes the platform take requests and never answer. What it gives
	// blocks until the platform holds one.
	Stall func() (held func(context.Context) error)
	// Files says that messages may have files.
	Files bool
	// Secrets are texts that may be in no error: passwords, tokens, the
	// recipient's address, the message's text.
	Secrets []string
}

// Failure is one way in which a platform refuses a message.
type Failure struct {
	Name    string
	Arrange func()                            // makes the next Send fail so
	Message func() *channels.Outgoing         // nil means Sender.Message
	Want    channels.Class                    // what the error must say
	Taken   int                               // messages taken all the same: 1 when only the answer is lost
	Check   func(*testing.T, *channels.Error) // more about the error; may be nil
}

// Prompt is how soon a call must return after its context has ended.
const Prompt = 5 * time.Second

// RunSender is the suite of every sender. open is called for each test.
func RunSender(t *testing.T, open func(*testing.T) *Sender) {
	t.Run("sends", func(t *testing.T) { testSends(t, open(t)) })
	t.Run("sends at once", func(t *testing.T) { testConcurrency(t, open(t)) })
	t.Run("closes files", func(t *testing.T) { testFiles(t, open(t)) })
	t.Run("ended before", func(t *testing.T) { testEndedBefore(t, open(t)) })
	t.Run("ended during", func(t *testing.T) { testEndedDuring(t, open(t)) })
	for i, f := range open(t).Failures {
		t.Run("failure/"+f.Name, func(t *testing.T) {
			s := open(t)
			testFailure(t, s, s.Failures[i])
		})
	}
}

func testSends(t *testing.T, s *Sender) {
	m := s.Message()
	before := *m
	r, err := s.Channel.Send(guard(t), m)
	if err != nil {
		t.Fatalf("a good message failed: %v", err)
	}
	if n := s.Taken(); n != 1 {
		t.Errorf("the platform took %d messages, want 1", n)
	}
	if len(r.ExternalIDs) == 0 && m.ExternalID == "" {
		t.Error("neither the receipt nor the message has an id by which a report could name it")
	}
	before.Files, m.Files = nil, nil // their functions cannot be compared
	if !reflect.DeepEqual(before, *m) {
		t.Error("Send changed the message, which other tries and recipients share")
	}
}

func testConcurrency(t *testing.T, s *Sender) {
	n := 1
	if c, ok := s.Channel.(channels.Concurrent); ok {
		n = c.Concurrency()
	}
	ctx := guard(t)
	var all sync.WaitGroup
	for range n {
		m := s.Message()
		all.Go(func() {
			if _, err := s.Channel.Send(ctx, m); err != nil {
				t.Errorf("one of %d sends at once failed: %v", n, err)
			}
		})
	}
	all.Wait()
	if got := s.Taken(); got != n {
		t.Errorf("the platform took %d messages, want %d", got, n)
	}
}

func testFiles(t *testing.T, s *Sender) {
	if !s.Files {
		t.Log("this channel sends no files")
		return
	}
	var opened, closed atomic.Int32
	m := s.Message()
	body := []byte("%PDF-1.4 prova di allegato")
	m.Files = []channels.OutgoingFile{{
		Name: "ricevuta n. 12.pdf", Type: "application/pdf", Size: int64(len(body)),
		Open: func() (io.ReadCloser, error) {
			opened.Add(1)
			return &counted{body: slices.Clone(body), closed: &closed}, nil
		},
	}}
	if _, err := s.Channel.Send(guard(t), m); err != nil {
		t.Fatalf("a message with a file failed: %v", err)
	}
	if opened.Load() == 0 || opened.Load() != closed.Load() {
		t.Errorf("files opened %d times and closed %d times", opened.Load(), closed.Load())
	}
}

// counted is a file that knows when it was closed.
type counted struct {
	body   []byte
	closed *atomic.Int32
	once   sync.Once
}

func (c *counted) Read(p []byte) (int, error) {
	if len(c.body) == 0 {
		return 0, io.EOF
	}
	n := copy(p, c.body)
	c.body = c.body[n:]
	return n, nil
}

func (c *counted) Close() error {
	c.once.Do(func() { c.closed.Add(1) })
	return nil
}

func testEndedBefore(t *testing.T, s *Sender) {
	ctx, cancel := context.WithCancel(guard(t))
	cancel()
	_, err := s.Channel.Send(ctx, s.Message())
	checkError(t, err, s.Secrets)
	if e := channels.AsError(err); e != nil && e.Class != channels.RetryBackoff {
		t.Errorf("class %q, want %q: nothing was sent", e.Class, channels.RetryBackoff)
	}
	if n := s.Taken(); n != 0 {
		t.Errorf("the platform took %d messages of a call that had ended before", n)
	}
}

func testEndedDuring(t *testing.T, s *Sender) {
	held := s.Stall()
	ctx, cancel := context.WithCancel(guard(t))
	done := make(chan error, 1)
	go func() {
		_, err := s.Channel.Send(ctx, s.Message())
		done <- err
	}()
	defer cancel()
	await(t, held(guard(t)))
	cancel()
	select {
	case err := <-done:
		checkError(t, err, s.Secrets)
		switch e := channels.AsError(err); {
		case e == nil:
		case e.Class != channels.RetryBackoff && e.Class != channels.UnknownOutcome:
			t.Errorf("class %q of a call that was ended", e.Class)
		}
	case <-time.After(Prompt):
		t.Fatal("Send did not return after its context had ended")
	}
}

func testFailure(t *testing.T, s *Sender, f Failure) {
	if f.Arrange != nil {
		f.Arrange()
	}
	message := s.Message
	if f.Message != nil {
		message = f.Message
	}
	_, err := s.Channel.Send(guard(t), message())
	checkError(t, err, s.Secrets)
	var e *channels.Error
	if !errors.As(err, &e) {
		return
	}
	if e.Class != f.Want {
		t.Errorf("class %q, want %q: %v", e.Class, f.Want, err)
	}
	if (e.Class == channels.RetryAfter) != (e.After > 0) {
		t.Errorf("class %q with a wait of %v", e.Class, e.After)
	}
	if e.Text == "" {
		t.Error("the error has no words for people")
	}
	if n := s.Taken(); n != f.Taken {
		t.Errorf("the platform took %d messages, want %d", n, f.Taken)
	}
	if f.Check != nil {
		f.Check(t, e)
	}
}
