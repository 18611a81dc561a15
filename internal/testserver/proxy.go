package testserver

import (
	"context"
	"fmt"
	"io"
	"net"
	"sync"
)

// Proxy stands between a client and a server and imitates a bad network: it
// can break all connections, or let them go silent without closing them.
type Proxy struct {
	target   string
	listener net.Listener
	workers  sync.WaitGroup

	mu     sync.Mutex
	pairs  map[net.Conn]net.Conn // client side to server side
	frozen chan struct{}         // not nil while silent; closed by Thaw
	opened int
	closed bool
	idle   chan struct{} // closed when no connection is left; nil when none is open
}

// StartProxy listens on a free port of 127.0.0.1 and passes on to target.
func StartProxy(target string) (*Proxy, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("start a proxy: %w", err)
	}
	p := &Proxy{target: target, listener: l, pairs: map[net.Conn]net.Conn{}}
	p.workers.Add(1)
	go p.accept()
	return p, nil
}

// Addr is host:port for the client.
func (p *Proxy) Addr() string { return p.listener.Addr().String() }

// Opened is the number of connections that were made so far.
func (p *Proxy) Opened() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.opened
}

// AwaitIdle waits until no connection is open.
func (p *Proxy) AwaitIdle(ctx context.Context) error {
	p.mu.Lock()
	idle := p.idle
	p.mu.Unlock()
	if idle == nil {
		return nil
	}
	select {
	case <-idle:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("connections through the proxy are still open: %w", ctx.Err())
	}
}

// Break closes every connection at once; new ones work.
func (p *Proxy) Break() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for client, server := range p.pairs {
		_ = client.Close()
		_ = server.Close()
	}
}

// Freeze holds back every byte, in both directions and on new connections
// too, until Thaw.
func (p *Proxy) Freeze() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.frozen == nil {
		p.frozen = make(chan struct{})
	}
}

// Thaw lets the bytes flow again.
func (p *Proxy) Thaw() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.frozen != nil {
		close(p.frozen)
		p.frozen = nil
	}
}

// Stop closes everything.
func (p *Proxy) Stop() {
	_ = p.listener.Close()
	p.mu.Lock()
	p.closed = true
	p.mu.Unlock()
	p.Thaw()
	p.Break()
	p.workers.Wait()
}

func (p *Proxy) accept() {
	defer p.workers.Done()
	for {
		client, err := p.listener.Accept()
		if err != nil {
			return // Stop closed the listener
		}
		server, err := net.Dial("tcp", p.target)
		if err != nil {
			_ = client.Close()
			continue
		}
		if !p.keep(client, server) {
			return
		}
		go p.pass(client, server, client)
		go p.pass(server, client, client)
	}
}

// keep notes the pair and announces its two workers, unless the proxy stopped
// meanwhile.
func (p *Proxy) keep(client, server net.Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		_ = client.Close()
		_ = server.Close()
		return false
	}
	p.opened++
	if len(p.pairs) == 0 {
		p.idle = make(chan struct{})
	}
	p.pairs[client] = server
	p.workers.Add(2)
	return true
}

func (p *Proxy) pass(dst io.WriteCloser, src net.Conn, client net.Conn) {
	defer p.workers.Done()
	defer func() {
		_ = dst.Close()
		p.mu.Lock()
		if delete(p.pairs, client); len(p.pairs) == 0 && p.idle != nil {
			close(p.idle)
			p.idle = nil
		}
		p.mu.Unlock()
	}()
	buf := make([]byte, 64<<10)
	for {
		n, err := src.Read(buf)
		p.mu.Lock()
		frozen := p.frozen
		p.mu.Unlock()
		if frozen != nil {
			<-frozen
		}
		if n > 0 {
			if _, err := dst.Write(buf[:n]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}
