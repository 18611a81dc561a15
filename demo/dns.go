package demo

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"

	"golang.org/x/net/dns/dnsmessage"
)

// dkimSelector names the key of every domain of the demo.
const dkimSelector = "demo"

// names is the DNS of the demo: it knows the keys with which the providers of
// its citizens sign, and nothing else.
type names struct {
	conn net.PacketConn
	done sync.WaitGroup

	mu   sync.Mutex
	keys map[string]ed25519.PrivateKey // by domain
}

// openNames begins to answer on a free port of this machine.
func openNames() (*names, error) {
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("demo: the DNS: %w", err)
	}
	n := &names{conn: conn, keys: map[string]ed25519.PrivateKey{}}
	n.done.Go(n.serve)
	return n, nil
}

func (n *names) addr() string { return n.conn.LocalAddr().String() }

func (n *names) stop() error {
	err := n.conn.Close()
	n.done.Wait()
	return err
}

// key is that of a domain, made when it is first asked for.
func (n *names) key(domain string) (ed25519.PrivateKey, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if k, ok := n.keys[domain]; ok {
		return k, nil
	}
	_, k, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("demo: a key: %w", err)
	}
	n.keys[domain] = k
	return k, nil
}

func (n *names) serve() {
	buf := make([]byte, 1500)
	for {
		size, from, err := n.conn.ReadFrom(buf)
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			continue
		}
		if out, ok := n.answer(buf[:size]); ok {
			_, _ = n.conn.WriteTo(out, from) // who does not hear it asks again
		}
	}
}

func (n *names) answer(question []byte) ([]byte, bool) {
	var p dnsmessage.Parser
	head, err := p.Start(question)
	if err != nil || head.Response {
		return nil, false
	}
	q, err := p.Question()
	if err != nil {
		return nil, false
	}
	domain, signs := strings.CutPrefix(strings.ToLower(strings.TrimSuffix(q.Name.String(), ".")), dkimSelector+"._domainkey.")
	n.mu.Lock()
	k, known := n.keys[domain]
	n.mu.Unlock()
	m := dnsmessage.Message{Header: dnsmessage.Header{ID: head.ID, Response: true, Authoritative: true, RecursionDesired: head.RecursionDesired}, Questions: []dnsmessage.Question{q}}
	switch {
	case !signs || !known:
		m.RCode = dnsmessage.RCodeNameError
	case q.Type == dnsmessage.TypeTXT:
		text := "v=DKIM1; k=ed25519; p=" + base64.StdEncoding.EncodeToString(k.Public().(ed25519.PublicKey))
		m.Answers = []dnsmessage.Resource{{Header: dnsmessage.ResourceHeader{Name: q.Name, Type: q.Type, Class: q.Class, TTL: 300}, Body: &dnsmessage.TXTResource{TXT: []string{text}}}}
	}
	out, err := m.Pack()
	return out, err == nil
}
