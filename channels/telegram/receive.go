package telegram

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"filodiretto/channels"
	"filodiretto/internal/clock"
)

// stream is the name of the one stream of a bot. Its cursor is the next
// offset, in decimal.
const stream = "updates"

// allowed are the kinds of update that we ask for (channels 1.3).
var allowed = []string{"message", "edited_message", "callback_query", "my_chat_member"}

// Codes of the warnings that Receive gives.
const (
	WarnSecondPoller = "second_poller"     // another program polls with the same token
	WarnWebhook      = "webhook_set"       // the updates go elsewhere
	WarnSilence      = "no_good_poll_12h"  // after 24 h messages are lost for ever
	WarnCursor       = "bad_cursor"        // the stored offset could not be read
	WarnNoUpdateID   = "update_without_id" // the platform gave something without an update_id
	WarnPending      = "many_pending"      // a long queue was waiting at the start
	pendingIsMany    = 1000                // updates
	silenceLimit     = 12 * time.Hour      // half of what the platform keeps (channels 1.2)
	conflictPause    = 30 * time.Second    // to let the other poller end
	slack            = 15 * time.Second    // what a poll may take above its own time-out
	fullBatch        = 100                 // updates in one answer, the platform's most
)

// Receive polls until ctx ends. Network trouble, 429 and 409 are waited out
// here; it returns a *channels.Error when the token is refused (AuthBroken) or
// when a webhook takes the updates away (RetryBackoff, with the remedy).
func (c *Channel) Receive(ctx context.Context, in channels.Intake) error {
	c.good.CompareAndSwap(0, int64(c.clock.Now()))
	r := &receiver{Channel: c, in: in, limit: fullBatch}
	defer r.answering.Wait()
	if err := r.start(ctx); err != nil {
		return err
	}
	for {
		if err := r.step(ctx, r.poll); err != nil {
			return err
		}
	}
}

// receiver is one run of Receive.
type receiver struct {
	*Channel
	in        channels.Intake
	offset    int64
	limit     int  // updates to ask for at once
	failures  int  // in a row
	silent    bool // the administrator was told of this silence
	conflict  bool // the administrator was told of this conflict
	answering sync.WaitGroup
}

// start reads the cursor and looks whether the bot can be polled at all.
func (r *receiver) start(ctx context.Context) error {
	read := func(ctx context.Context) error {
		cursor, err := r.in.Cursor(ctx, stream)
		if err != nil {
			return fmt.Errorf("read the cursor: %w", err)
		}
		r.offset = 0
		if cursor == nil {
			return nil
		}
		if r.offset, err = strconv.ParseInt(string(cursor), 10, 64); err != nil || r.offset < 0 {
			// From 0 the platform gives the oldest unconfirmed update: what is
			// known already is recognised, and nothing is lost.
			r.offset = 0
			r.in.Warn(ctx, WarnCursor, "the stored offset cannot be read: polling begins again at the oldest update")
		}
		return nil
	}
	if err := r.insist(ctx, read); err != nil {
		return err
	}
	return r.insist(ctx, func(ctx context.Context) error {
		var who me
		if err := r.api.ask(ctx, "getMe", struct{}{}, &who); err != nil {
			return err
		}
		if goodUsername.MatchString(who.Username) {
			if err := r.in.Introduce(ctx, who.Username); err != nil {
				return fmt.Errorf("keep the bot's name: %w", err)
			}
		}
		info, err := r.webhook(ctx)
		if err != nil {
			return err
		}
		if info.Pending >= pendingIsMany {
			r.in.Warn(ctx, WarnPending, fmt.Sprintf("%d updates were waiting", info.Pending))
		}
		return nil
	})
}

// insist repeats what fails until it works or step says that it is in vain.
func (r *receiver) insist(ctx context.Context, do func(context.Context) error) error {
	for {
		ok := false
		err := r.step(ctx, func(ctx context.Context) error {
			err := do(ctx)
			ok = err == nil
			return err
		})
		if err != nil || ok {
			return err
		}
	}
}

// step does one thing and decides what its failure means: nil to go on (after
// a wait), or the error with which Receive ends.
func (r *receiver) step(ctx context.Context, do func(context.Context) error) error {
	err := do(ctx)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err == nil {
		r.failures = 0
		return nil
	}
	e := channels.AsError(err)
	if e.Code == "409" {
		e = r.conflicted(ctx, e)
	}
	if e.Code == codeWebhook {
		r.in.Warn(ctx, WarnWebhook, e.Text)
	}
	if e.Code == codeWebhook || e.Class == channels.AuthBroken {
		return e
	}
	wait := backoff(r.failures)
	r.failures++
	switch {
	case e.Class == channels.RetryAfter:
		wait = e.After
	case e.Code == "409":
		wait = conflictPause
	}
	r.log.WarnContext(ctx, "telegram: receiving failed", "class", e.Class, "code", e.Code, "error", err, "wait", wait, "failures", r.failures)
	r.lookAtSilence(ctx)
	return r.pause(ctx, wait)
}

// backoff is how long to wait after n failures before this one: from a second
// to a minute. There is one poller for each bot, so no dice are needed.
func backoff(n int) time.Duration {
	return min(time.Second<<min(n, 6), time.Minute)
}

// codeWebhook is the Code of the error that says where the updates go.
const codeWebhook = "webhook"

// webhook tells whether the updates go to a webhook; polling is then refused.
// Only the host of its address is named: the path is a secret by custom.
func (c *Channel) webhook(ctx context.Context) (webhookInfo, error) {
	var info webhookInfo
	if err := c.api.ask(ctx, "getWebhookInfo", struct{}{}, &info); err != nil || info.URL == "" {
		return info, err
	}
	return info, channels.Errorf(channels.RetryBackoff, codeWebhook,
		"the bot delivers to a webhook at %s, so that it cannot be polled: end the program that set it, or call deleteWebhook for this token", c.api.redact(hostOf(info.URL)))
}

// conflicted tells the two reasons of a 409 apart: a webhook, which is an
// error of its own, or a second poller, which is waited out with a warning.
func (r *receiver) conflicted(ctx context.Context, e *channels.Error) *channels.Error {
	if strings.Contains(strings.ToLower(e.Text), "webhook") {
		if _, err := r.webhook(ctx); err != nil {
			return channels.AsError(err)
		}
		return e
	}
	if !r.conflict {
		r.conflict = true
		r.in.Warn(ctx, WarnSecondPoller, "another program asks for the messages of the same bot: only one may run; if none should, revoke the token at @BotFather")
	}
	return e
}

// lookAtSilence warns once when no poll has been good for half of the time
// that the platform keeps messages.
func (r *receiver) lookAtSilence(ctx context.Context) {
	since := r.clock.Now().Sub(clock.Instant(r.good.Load()))
	if r.silent || since < silenceLimit {
		return
	}
	r.silent = true
	r.in.Warn(ctx, WarnSilence, fmt.Sprintf("no message could be asked for since %d hours; after 24 hours Telegram forgets them", int(since.Hours())))
}

// poll asks once and commits what came. The platform confirms what is below
// the offset of the next poll, which is moved only after the commit; updates
// are never filtered by number, since the platform may begin anew with a
// random one (channels 1.2).
func (r *receiver) poll(ctx context.Context) error {
	params := map[string]any{
		"limit":           r.limit,
		"timeout":         int(r.set.pollTimeout / time.Second),
		"allowed_updates": allowed,
	}
	if r.offset > 0 {
		params["offset"] = r.offset
	}
	var raws []json.RawMessage
	err := r.api.askWithin(ctx, r.set.pollTimeout+slack, "getUpdates", params, &raws)
	if err == nil && len(raws) > 0 {
		err = r.commit(ctx, raws)
	}
	if err != nil {
		// Should one batch be too much for the line or for us, smaller ones
		// get through.
		r.limit = max(1, r.limit/4)
		return err
	}
	r.limit = fullBatch
	r.good.Store(int64(r.clock.Now()))
	r.silent, r.conflict = false, false
	r.in.Alive(ctx)
	return nil
}

var errNoUpdateID = errors.New("no update of the batch has an update_id")

func (r *receiver) commit(ctx context.Context, raws []json.RawMessage) error {
	now := r.clock.Now()
	items := make([]channels.Raw, len(raws))
	var presses []string
	next := int64(0)
	for i, body := range raws {
		h := readHead(body)
		if h.ID != nil && *h.ID < 1<<62 {
			next = max(next, *h.ID+1)
		}
		items[i] = h.raw(body, now)
		if h.Callback != nil && h.Callback.ID != "" {
			presses = append(presses, h.Callback.ID)
		}
	}
	b := channels.Batch{Stream: stream, Items: items}
	if next > 0 {
		b.Cursor = strconv.AppendInt(nil, next, 10)
	}
	if err := r.in.Accept(ctx, b); err != nil {
		return fmt.Errorf("accept %d updates: %w", len(items), err)
	}
	if next == 0 {
		r.in.Warn(ctx, WarnNoUpdateID, "updates without a number came and were kept; they cannot be confirmed")
		return errNoUpdateID
	}
	r.offset = next
	r.release(ctx, presses)
	return nil
}

// release ends the spinner on the buttons that people pressed. It is best
// effort: a press may be too old, and the press itself is committed.
func (r *receiver) release(ctx context.Context, presses []string) {
	if len(presses) == 0 {
		return
	}
	r.answering.Go(func() {
		for _, id := range presses {
			err := r.api.askWithin(ctx, 5*time.Second, "answerCallbackQuery", map[string]string{"callback_query_id": id}, nil)
			if err != nil && ctx.Err() == nil {
				r.log.DebugContext(ctx, "telegram: a button press was not answered", "error", err)
			}
		}
	})
}
