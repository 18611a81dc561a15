package demo

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"strings"
	"sync"
	"time"

	"filodiretto/channels/telegram/standin"
)

// hallChat are people who take their number in the chat, now and then: they press the
// bot's buttons as anybody would, over the Bot API and no other way, come and write the
// code that the display shows, are late, or give up.
type hallChat struct {
	bot   *standin.Server
	code  func(context.Context) (string, error) // what the display shows
	log   *slog.Logger
	speed float64
	end   context.CancelFunc
	done  sync.WaitGroup
}

// chatters are the people who do so; they write to the bot for nothing else.
var chatters = []string{"Nadia", "Franco", "Giorgia", "Ivan", "Bruna", "Samir"}

// firstChatter is the first of their Telegram numbers.
const firstChatter = 5200001

func startHallChat(bot *standin.Server, code func(context.Context) (string, error), log *slog.Logger, seed uint64, speed float64) *hallChat {
	ctx, cancel := context.WithCancel(context.Background())
	c := &hallChat{bot: bot, code: code, log: log, speed: speed, end: cancel}
	if speed > 0 {
		c.done.Go(func() { c.run(ctx, rand.New(rand.NewPCG(seed, 0x63686174))) })
	}
	return c
}

func (c *hallChat) stop() error {
	c.end()
	c.done.Wait()
	return nil
}

// rest waits for some seconds at the demo's speed; false when the demo ends.
func (c *hallChat) rest(ctx context.Context, seconds float64) bool {
	timer := time.NewTimer(time.Duration(seconds / c.speed * float64(time.Second)))
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

func (c *hallChat) run(ctx context.Context, rng *rand.Rand) {
	for n := 0; c.rest(ctx, 20+rng.Float64()*50); n++ {
		i := n % len(chatters)
		u := standin.User{ID: int64(firstChatter + i), First: chatters[i], Lang: "it"}
		if err := c.visit(ctx, u, rng); err != nil && ctx.Err() == nil && !errors.Is(err, errOtherwise) {
			c.log.Error("the chat's robots stumbled", "error", err)
		}
	}
}

// errOtherwise says that the bot answered something else than what was hoped for: the
// room is full, the person has a number already.
var errOtherwise = errors.New("demo: the bot said something else")

// visit takes a number, comes, and perhaps is late or gives up.
func (c *hallChat) visit(ctx context.Context, u standin.User, rng *rand.Rand) error {
	last := c.last(u)
	c.bot.Say(u, []string{"/numero", "Prendi un numero"}[rng.IntN(2)])
	m, err := c.next(ctx, u, last)
	for range 5 {
		if err != nil {
			return err
		}
		if strings.Contains(m.Text, "il tuo numero è") {
			return c.wait(ctx, u, m, rng)
		}
		if !c.rest(ctx, 1+rng.Float64()*2) {
			return ctx.Err()
		}
		if m, err = c.choose(ctx, u, m, rng); err != nil {
			return err
		}
	}
	return errOtherwise
}

// last is the number of the newest message to somebody.
func (c *hallChat) last(u standin.User) int {
	n := 0
	for _, m := range c.bot.Sent(0) {
		if m.ChatID == u.ID {
			n = m.N
		}
	}
	return n
}

// patience is how long a robot waits for an answer.
const patience = 20 * time.Second

func (c *hallChat) next(ctx context.Context, u standin.User, after int) (standin.Sent, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return c.bot.AwaitSent(ctx, after, standin.To(u))
}

// choose presses one of the buttons that lead on, and gives the message as it is then.
func (c *hallChat) choose(ctx context.Context, u standin.User, m standin.Sent, rng *rand.Rand) (standin.Sent, error) {
	var ways []string
	for _, row := range m.Buttons {
		for _, b := range row {
			if b.Data != "" && !strings.HasPrefix(b.Text, "‹") && b.Text != "Riprova" && b.Text != "Rinuncio" {
				ways = append(ways, b.Data)
			}
		}
	}
	if len(ways) == 0 {
		return m, errOtherwise
	}
	return c.press(ctx, u, m, ways[rng.IntN(len(ways))])
}

// press presses a button and waits until the message says something else.
func (c *hallChat) press(ctx context.Context, u standin.User, m standin.Sent, data string) (standin.Sent, error) {
	if _, err := c.bot.Press(u, m.MessageID, data); err != nil {
		return m, errOtherwise // the message has changed meanwhile
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	out, err := c.bot.AwaitShown(ctx, func(s standin.Sent) bool {
		return s.ChatID == u.ID && s.MessageID == m.MessageID && (s.Text != m.Text || len(s.Buttons) != len(m.Buttons))
	})
	if err != nil {
		return out, fmt.Errorf("press a button: %w", err)
	}
	return out, nil
}

// wait is what somebody does with a number: most come soon and write the code.
func (c *hallChat) wait(ctx context.Context, u standin.User, m standin.Sent, rng *rand.Rand) error {
	label := map[bool]string{true: "Sono in ritardo", false: "Fai passare 3"}
	switch k := rng.IntN(10); {
	case k == 0:
		return c.pressing(ctx, u, m, "Rinuncio", "Sì, rinuncio")
	case k < 3:
		if err := c.pressing(ctx, u, m, label[k == 1]); err != nil || !c.rest(ctx, 5) {
			return err
		}
	}
	if !c.rest(ctx, 4+rng.Float64()*8) {
		return ctx.Err()
	}
	code, err := c.code(ctx)
	if err == nil && code != "" {
		c.bot.Say(u, code)
	}
	return err
}

// pressing presses buttons by what stands on them, one after the other.
func (c *hallChat) pressing(ctx context.Context, u standin.User, m standin.Sent, labels ...string) error {
	for _, label := range labels {
		data := ""
		for _, row := range m.Buttons {
			for _, b := range row {
				if b.Text == label {
					data = b.Data
				}
			}
		}
		if data == "" {
			return errOtherwise
		}
		var err error
		if m, err = c.press(ctx, u, m, data); err != nil || !c.rest(ctx, 2) {
			return err
		}
	}
	return nil
}
