package mail

import (
	"context"
	"net"
	"sync"
	"time"

	"filodiretto/channels"
	"filodiretto/internal/clock"
)

// How the DNS is asked for keys.
const (
	lookupPatience = 5 * time.Second
	keyFor         = time.Hour       // an answer is kept
	noKeyFor       = 5 * time.Minute // that there is none
	mostKeys       = 2000            // domains that are remembered
)

// Lookup asks a DNS server for texts, "" for the system's own, and remembers the
// answers for a while: most mail comes from a few domains. An answer that did not
// come is not remembered.
func Lookup(server string, c clock.Clock) channels.TextLookup {
	r := &net.Resolver{}
	if server != "" {
		r.PreferGo = true
		r.Dial = func(ctx context.Context, network, _ string) (net.Conn, error) {
			return (&net.Dialer{Timeout: lookupPatience}).DialContext(ctx, network, server)
		}
	}
	k := &keys{ask: r.LookupTXT, clock: c, known: map[string]domainKey{}}
	return k.lookup
}

// keys remembers what the DNS said.
type keys struct {
	ask   channels.TextLookup
	clock clock.Clock

	mu    sync.Mutex
	known map[string]domainKey
}

type domainKey struct {
	texts []string
	err   error
	until clock.Instant
}

func (k *keys) lookup(ctx context.Context, name string) ([]string, error) {
	now := k.clock.Now()
	k.mu.Lock()
	a, ok := k.known[name]
	k.mu.Unlock()
	if ok && now < a.until {
		return a.texts, a.err
	}
	ctx, cancel := context.WithTimeout(ctx, lookupPatience)
	defer cancel()
	texts, err := k.ask(ctx, name+".") // a name in full: no search domain is tried
	switch e := missing(err); {
	case err == nil:
		a = domainKey{texts, nil, now.Add(keyFor)}
	case e:
		a = domainKey{nil, err, now.Add(noKeyFor)}
	default:
		return nil, &net.DNSError{Err: "no answer", Name: name, IsTemporary: true, IsTimeout: true}
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.known) >= mostKeys {
		clear(k.known)
	}
	k.known[name] = a
	return a.texts, a.err
}

// missing reports whether the DNS answered that there is no such name.
func missing(err error) bool {
	e, ok := err.(*net.DNSError)
	return ok && e.IsNotFound
}
