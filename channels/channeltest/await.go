package channeltest

import (
	"context"
	"fmt"

	"filodiretto/channels"
)

// AwaitItems blocks until at least n items are stored, and gives them all.
func (in *Intake) AwaitItems(ctx context.Context, n int) ([]channels.Raw, error) {
	err := in.await(ctx, func() (bool, string) {
		return len(in.items) >= n, fmt.Sprintf("%d of %d items", len(in.items), n)
	})
	return in.Items(), err
}

// AwaitOffered blocks until Accept was given at least n items, stored or not.
func (in *Intake) AwaitOffered(ctx context.Context, n int) ([]channels.Raw, error) {
	err := in.await(ctx, func() (bool, string) {
		return len(in.offered) >= n, fmt.Sprintf("%d of %d items offered", len(in.offered), n)
	})
	return in.Offered(), err
}

// AwaitRefused blocks until Accept failed at least n times as Fail asked.
func (in *Intake) AwaitRefused(ctx context.Context, n int) error {
	return in.await(ctx, func() (bool, string) {
		return in.refused >= n, fmt.Sprintf("%d of %d refusals", in.refused, n)
	})
}

// AwaitAlive blocks until Alive was called at least n times in all.
func (in *Intake) AwaitAlive(ctx context.Context, n int) error {
	return in.await(ctx, func() (bool, string) {
		return in.alive >= n, fmt.Sprintf("Alive %d of %d", in.alive, n)
	})
}

// Looks is how often Alive was called so far.
func (in *Intake) Looks() int {
	in.mu.Lock()
	defer in.mu.Unlock()
	return in.alive
}

// AwaitWarning blocks until a warning with the code was given, and gives its text.
func (in *Intake) AwaitWarning(ctx context.Context, code string) (string, error) {
	var text string
	err := in.await(ctx, func() (bool, string) {
		for _, w := range in.warnings {
			if w.Code == code {
				text = w.Text
				return true, ""
			}
		}
		return false, fmt.Sprintf("warning %q among %v", code, in.warnings)
	})
	return text, err
}

// AwaitCursor blocks until the stream has a cursor that pleases.
func (in *Intake) AwaitCursor(ctx context.Context, stream string, pleases func([]byte) bool) error {
	return in.await(ctx, func() (bool, string) {
		c := in.cursors[stream]
		return c != nil && pleases(c), fmt.Sprintf("cursor of %q, now %q", stream, c)
	})
}

// await blocks until done, which runs under mu, says so. The error tells what
// was still missing when ctx ended.
func (in *Intake) await(ctx context.Context, done func() (bool, string)) error {
	for {
		in.mu.Lock()
		ok, missing := done()
		changed := in.changed
		in.mu.Unlock()
		if ok {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return fmt.Errorf("waiting for %s: %w", missing, ctx.Err())
		}
	}
}
