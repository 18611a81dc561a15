package chat

import (
	"context"
	"errors"
	"time"

	"filodiretto/inbox"
	"filodiretto/internal/db"
	"filodiretto/queue"
)

// How often a card is edited because of the place alone, and how long a question on
// one is left standing. An edit makes no sound, but a chat that never rests is a chat
// that is silenced; and the platform counts edits as messages (channels reference 1.7).
const (
	placeEvery  = 30 * time.Second
	questionFor = 90 * time.Second
)

// Refresh brings the cards of open tickets up to date where that is worth telling. It
// is a chore for every some seconds; what calls a person to the counter is told at
// once and by a message of its own (queue.Teller). It returns how many were changed.
func (c *Chat) Refresh(ctx context.Context) (int, error) {
	cards, err := c.in.Cards(ctx)
	if err != nil || len(cards) == 0 {
		return 0, err
	}
	ids := make([]int64, len(cards))
	for i, x := range cards {
		ids[i] = x.Topic
	}
	views, err := c.q.Tickets(ctx, ids...)
	if err != nil {
		return 0, err
	}
	count := 0
	var errs []error
	for _, x := range cards {
		v := views[x.Topic]
		if v == nil {
			continue
		}
		changed, err := c.refresh(ctx, x, v)
		if db.IsDown(err) || ctx.Err() != nil {
			return count, err
		}
		errs = append(errs, err) // one card must not keep the others from their news
		if changed {
			count++
		}
	}
	return count, errors.Join(errs...)
}

func (c *Chat) refresh(ctx context.Context, x *inbox.Card, v *queue.TicketView) (bool, error) {
	now := c.clock.Now()
	was, known := readSign(x.Sign)
	if !known && now < x.WantedAt.Add(questionFor) {
		return false, nil // a question stands on it
	}
	s, err := c.render(ctx, v, phrasesOf(v.Ticket.Lang), "", int64(now))
	if err != nil {
		return false, err
	}
	is, _ := readSign(s.Sign)
	if known && !worth(was, is, now.Sub(x.WantedAt)) && !s.Close {
		return false, nil
	}
	s.Card = x.MessageID
	return true, c.in.ChangeCard(ctx, s, now)
}

// worth reports whether what a card shows has changed enough to tell: at once when
// something happened; the place while it is near at every step, and from afar only
// when it has become a good part less.
func worth(was, is sign, since time.Duration) bool {
	place, rest := is, was
	place.Ahead, place.Known, place.Low, place.High = was.Ahead, was.Known, was.Low, was.High
	if place != rest {
		return true
	}
	if since < placeEvery {
		return false
	}
	moved := was.Ahead - is.Ahead
	if moved < 0 {
		moved = -moved
	}
	far := max(was.Ahead, is.Ahead)
	switch {
	case moved > 0 && (is.Ahead <= 5 || moved >= 3 || 4*moved >= far):
		return true
	case is.Known != was.Known:
		return true
	}
	return is.Known && (differ(is.Low, was.Low) || differ(is.High, was.High))
}

// differ reports whether minutes have changed by a quarter and by five at least.
func differ(a, b int) bool {
	d := a - b
	if d < 0 {
		d = -d
	}
	return d >= 5 && 4*d >= max(a, b)
}
