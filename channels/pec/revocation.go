package pec

import (
	"context"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"
	"time"

	"filodiretto/internal/clock"
)

// How a list of revoked certificates is had. A message never waits longer than
// listPatience for it, and is read without it then.
const (
	listPatience = 4 * time.Second
	listFresh    = 6 * time.Hour    // after which it is had again
	listRetry    = 10 * time.Minute // after a failure
	maxList      = 16 << 20
)

// revocations keeps the newest list of one place, a file or an address. Asking
// for a list, rather than for each certificate (OCSP), tells nobody who wrote to
// the municipality (PEC reference section 8.7).
type revocations struct {
	source string
	client *http.Client
	clock  clock.Clock
	log    *slog.Logger

	mu   sync.Mutex
	list []*x509.RevocationList
	next clock.Instant // when it is had again
}

// newRevocations checks what was set; it reads nothing yet.
func newRevocations(source string, transport http.RoundTripper, c clock.Clock, log *slog.Logger) (*revocations, error) {
	if u, err := url.Parse(source); err != nil || strings.Contains(source, "://") && (u.Scheme != "http" && u.Scheme != "https" || u.Host == "") {
		return nil, errors.New("write the path of a file, or an address that begins with http:// or https://")
	}
	if c == nil {
		c = clock.System{}
	}
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return &revocations{source: source, client: &http.Client{Transport: transport, Timeout: listPatience}, clock: c, log: log}, nil
}

// lists gives what is known. It waits for the place at most once in listRetry.
func (r *revocations) lists() []*x509.RevocationList {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.clock.Now()
	if now < r.next {
		return r.list
	}
	b, err := r.read()
	if err == nil {
		var list *x509.RevocationList
		if list, err = parseList(b); err == nil {
			r.list, r.next = []*x509.RevocationList{list}, now.Add(listFresh)
			return r.list
		}
	}
	r.next = now.Add(listRetry)
	r.log.Warn("the list of revoked certificates cannot be had: signatures are read without it", "error", err)
	return r.list
}

func (r *revocations) read() ([]byte, error) {
	if !strings.Contains(r.source, "://") {
		f, err := os.Open(r.source)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		return limited(f)
	}
	ctx, cancel := context.WithTimeout(context.Background(), listPatience)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, r.source, nil)
	if err != nil {
		return nil, err
	}
	resp, err := r.client.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("the server answered %d", resp.StatusCode)
	}
	return limited(resp.Body)
}

func limited(in io.Reader) ([]byte, error) {
	b, err := io.ReadAll(io.LimitReader(in, maxList+1))
	if err == nil && len(b) > maxList {
		err = errors.New("the list is too large")
	}
	return b, err
}

// parseList reads a list as authorities publish it, in DER or PEM. Whose it is,
// whoever uses it checks.
func parseList(b []byte) (*x509.RevocationList, error) {
	if block, _ := pem.Decode(b); block != nil {
		b = block.Bytes
	}
	return x509.ParseRevocationList(b)
}
