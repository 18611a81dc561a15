package app

import (
	"context"
	"io"
	"sync"
	"time"

	"filodiretto/channels"
	"filodiretto/inbox"
	"filodiretto/internal/clock"
)

// aliveEvery is how often a good look at an account is written down. Receivers
// look many times a second.
const aliveEvery = 15 * time.Second

// intake is what a receiver of one account is given.
type intake struct {
	in      *inbox.Inbox
	account int64
	clock   clock.Clock

	mu   sync.Mutex
	last clock.Instant
}

func (k *intake) Cursor(ctx context.Context, stream string) ([]byte, error) {
	return k.in.Cursor(ctx, k.account, stream)
}

func (k *intake) Accept(ctx context.Context, b channels.Batch) error {
	return k.in.Accept(ctx, k.account, b)
}

// Known asks the database which items are here already.
func (k *intake) Known(ctx context.Context, keys []string) (map[string]channels.Known, error) {
	return k.in.Known(ctx, k.account, keys)
}

func (k *intake) Store(ctx context.Context, r io.Reader) (string, int64, error) {
	return k.in.Store(ctx, r)
}

// Alive notes a good look, at most every aliveEvery.
func (k *intake) Alive(ctx context.Context) {
	now := k.clock.Now()
	k.mu.Lock()
	due := now.Sub(k.last) >= aliveEvery
	if due {
		k.last = now
	}
	k.mu.Unlock()
	if due {
		_ = k.in.Alive(ctx, k.account) // the next one will do
	}
}

// Introduce keeps the account's public name.
func (k *intake) Introduce(ctx context.Context, handle string) error {
	return k.in.Introduce(ctx, k.account, handle)
}

func (k *intake) Warn(ctx context.Context, code, text string) {
	_ = k.in.Warn(ctx, k.account, code, text) // the channel logged it too
}
