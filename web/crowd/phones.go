package crowd

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

// Phones are many telephones that follow their numbers, for measurements: each is
// one socket and one goroutine that reads. Make them with Dial.
type Phones struct {
	conns []net.Conn
	group sync.WaitGroup

	mu     sync.Mutex
	heard  map[int]time.Time // by telephone, when the event that is waited for came
	want   string
	wanted chan struct{}
}

// Dial opens a stream for each path at base ("http://127.0.0.1:8080") and returns
// once every one of them was answered. ctx bounds the opening.
func Dial(ctx context.Context, base string, paths []string) (*Phones, error) {
	u, err := url.Parse(base)
	if err != nil {
		return nil, fmt.Errorf("phones: %w", err)
	}
	p := &Phones{conns: make([]net.Conn, len(paths)), heard: map[int]time.Time{}}
	readers := make([]*bufio.Reader, len(paths))
	errs := make([]error, len(paths))
	at := make(chan int)
	var group sync.WaitGroup
	for range 64 {
		group.Go(func() {
			for i := range at {
				p.conns[i], readers[i], errs[i] = open(ctx, u.Host, paths[i])
			}
		})
	}
	for i := range paths {
		at <- i
	}
	close(at)
	group.Wait()
	if err := errors.Join(errs...); err != nil {
		p.Close()
		return nil, fmt.Errorf("phones: %w", err)
	}
	for i, r := range readers {
		p.group.Go(func() { p.listen(i, r) })
	}
	return p, nil
}

// open asks for one stream and reads the head of the answer.
func open(ctx context.Context, host, path string) (net.Conn, *bufio.Reader, error) {
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", host)
	if err != nil {
		return nil, nil, err
	}
	if end, ok := ctx.Deadline(); ok {
		_ = conn.SetDeadline(end)
	}
	if _, err := fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: %s\r\nAccept: text/event-stream\r\n\r\n", path, host); err != nil {
		return conn, nil, err
	}
	r := bufio.NewReaderSize(conn, 512)
	answer, err := http.ReadResponse(r, nil)
	if err != nil {
		return conn, nil, err
	}
	if answer.StatusCode != http.StatusOK {
		return conn, nil, fmt.Errorf("status %d", answer.StatusCode)
	}
	return conn, r, conn.SetDeadline(time.Time{})
}

// listen reads lines until the stream ends.
func (p *Phones) listen(i int, r *bufio.Reader) {
	for {
		line, err := r.ReadSlice('\n')
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			return
		}
		p.mu.Lock()
		if p.want != "" && strings.Contains(string(line), p.want) {
			if _, before := p.heard[i]; !before {
				p.heard[i] = time.Now()
				if len(p.heard) == len(p.conns) {
					close(p.wanted)
				}
			}
		}
		p.mu.Unlock()
	}
}

// Reach does something and waits until every telephone was told of it: until a line
// with the words came. It gives how long each took from the moment before do.
// io.ErrUnexpectedEOF when ctx ends first, with those that were reached.
func (p *Phones) Reach(ctx context.Context, words string, do func() error) ([]time.Duration, error) {
	done := make(chan struct{})
	p.mu.Lock()
	p.want, p.wanted, p.heard = words, done, map[int]time.Time{}
	p.mu.Unlock()
	from := time.Now()
	if err := do(); err != nil {
		return nil, err
	}
	var err error
	select {
	case <-done:
	case <-ctx.Done():
		err = io.ErrUnexpectedEOF
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	out := make([]time.Duration, 0, len(p.heard))
	for _, at := range p.heard {
		out = append(out, at.Sub(from))
	}
	p.want = ""
	return out, err
}

// Close hangs up.
func (p *Phones) Close() {
	for _, c := range p.conns {
		if c != nil {
			_ = c.Close()
		}
	}
	p.group.Wait()
}
