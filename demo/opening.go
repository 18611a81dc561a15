package demo

import (
	"context"
	"fmt"
	"time"

	"filodiretto/internal/clock"
)

// planAll plans the first words of all stories, and what offices do by the day.
func (h *history) planAll() {
	rng := h.rng
	first := h.until.Add(-span).Time().In(rome)
	// day by day of the calendar: 24 hours are not always one
	for t := noon(first, 0); !t.After(noon(h.until.Time().In(rome), 0)); t = noon(t, 1) {
		n := map[time.Weekday]int{time.Saturday: 2, time.Sunday: 1}[t.Weekday()]
		if holiday(t) {
			n = 1
		}
		if n == 0 {
			n = 4 + rng.IntN(3)
		}
		if h.until.Sub(clock.At(t)) < 15*24*time.Hour { // the town has learnt of it
			n = n * 3 / 2
		}
		for range n {
			at := clock.At(time.Date(t.Year(), t.Month(), t.Day(), 0, minuteOfDay(rng.IntN(100), rng.IntN(1000)), rng.IntN(60), 0, rome))
			h.agenda.plan(at, h.opening)
		}
		for _, hour := range []int{8, 14} {
			h.agenda.plan(clock.At(time.Date(t.Year(), t.Month(), t.Day(), hour, 5, 0, 0, rome)), h.chores)
		}
		if t.Weekday() == time.Thursday && !holiday(t) {
			h.agenda.plan(clock.At(time.Date(t.Year(), t.Month(), t.Day(), 15, 10+rng.IntN(40), 0, 0, rome)), h.tidy)
			h.agenda.plan(clock.At(time.Date(t.Year(), t.Month(), t.Day(), 11, 10+rng.IntN(40), 0, 0, rome)), h.telephone)
			h.agenda.plan(clock.At(time.Date(t.Year(), t.Month(), t.Day(), 12, 10+rng.IntN(40), 0, 0, rome)), h.clearUp)
		}
	}
	h.planIncidents()
}

// noon of a day of the calendar, some days later.
func noon(t time.Time, days int) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day()+days, 12, 0, 0, 0, rome)
}

// minuteOfDay spreads what people write over the day: most in the morning, some
// in the evening, little at night.
func minuteOfDay(hundred, thousand int) int {
	switch {
	case hundred < 4:
		return thousand * 7 * 60 / 1000
	case hundred < 55:
		return 7*60 + thousand*6*60/1000
	case hundred < 78:
		return 13*60 + thousand*5*60/1000
	}
	return 18*60 + thousand*(5*60+50)/1000
}

// opening begins a story and plans how it goes on.
func (h *history) opening(ctx context.Context) error {
	s, err := h.someStory(ctx)
	if err != nil || s == nil || s.closed != 0 {
		return err
	}
	rng, now := h.rng, h.clock.Now()
	age := h.until.Sub(now)
	if age < 16*24*time.Hour && chance(rng, 30) || age < 4*24*time.Hour && chance(rng, 40) { // nobody has come to it yet
		s.plan(now.Add(time.Duration(5+rng.IntN(4))*24*time.Hour), s.chase)
		return nil
	}
	s.plan(h.pace.staff(rng, now), s.look)
	if chance(rng, 25) {
		s.plan(wakingHours(rng, now.Add(time.Duration(5+rng.IntN(5))*24*time.Hour)), s.chase)
	}
	s.plan(officeHours(rng, now.Add(18*24*time.Hour)), func(ctx context.Context) error {
		if s.turns > 0 {
			return nil
		}
		return s.look(ctx)
	})
	s.plan(officeHours(rng, now.Add(27*24*time.Hour)), s.close)
	return nil
}

// someStory begins a story of anybody about anything. nil when nobody is free.
func (w *world) someStory(ctx context.Context) (*story, error) {
	rng := w.rng
	channel := "mail"
	visits, calls := 14, 9
	if w.take != nil { // the history: some come when the town hall is shut, and write instead
		visits, calls = 24, 16
	}
	switch n := rng.IntN(100); {
	case n < 33:
		channel = "telegram"
	case w.take != nil && !inOffice(w.clock.Now()):
	case n < 33+visits:
		channel = "counter"
	case n < 33+visits+calls:
		channel = "phone"
	}
	c := w.someone(channel)
	if c == nil {
		return nil, nil
	}
	s, err := w.begin(ctx, c, w.someMatter(channel), channel)
	if err != nil || channel != "telegram" {
		return s, err
	}
	w.habits(s)
	return s, nil
}

// habits are what people do in chats: correct themselves, send the place, leave.
func (w *world) habits(s *story) {
	rng := w.rng
	soon := func(low, high int) clock.Instant {
		return s.at().Add(time.Duration(low+rng.IntN(high-low)) * time.Second)
	}
	if s.m.Office == "lavori_pubblici" && chance(rng, 22) {
		lat, lon := 45.01+rng.Float64()/50, 10.45+rng.Float64()/50
		s.plan(soon(8, 40), func(context.Context) error { w.bot.SendLocation(s.c.Telegram, lat, lon); return nil })
	}
	if chance(rng, 9) {
		text := s.say(pick(rng, w.lib.Edits))
		s.plan(soon(30, 200), func(context.Context) error { w.bot.Edit(s.told, text); return nil })
	}
	if s.c.Blocks {
		s.plan(soon(300, 900), func(context.Context) error { w.bot.Block(s.c.Telegram); return nil })
	}
}

// someone finds a citizen who may use a channel now. Some write more than others.
func (w *world) someone(channel string) *citizen {
	for range 60 {
		people, f := w.folk.all(), w.rng.Float64()
		c := people[int(f*f*float64(len(people)))]
		switch {
		case !w.left(c):
		case channel == "mail" && len(c.Mail) == 0:
		case channel == "telegram" && (c.Telegram.ID == 0 || w.talksIn(c)):
		default:
			return c
		}
	}
	if w.take != nil {
		return nil // in the history nobody comes to town
	}
	c := w.folk.next()
	if c.Telegram.ID != 0 {
		w.bot.AddUser(c.Telegram)
	}
	if channel == "mail" && len(c.Mail) == 0 || channel == "telegram" && c.Telegram.ID == 0 {
		return nil
	}
	return c
}

// talksIn reports whether a citizen has a matter in the chat, or had one within
// the last two days: what they say there belongs to it, so that a new story waits.
func (w *world) talksIn(c *citizen) bool {
	for s := range w.stories {
		if s.c == c && s.channel == "telegram" && (s.closed == 0 || w.clock.Now().Sub(s.closed) < 50*time.Hour) {
			return true
		}
	}
	return false
}

func (w *world) someMatter(channel string) *matter {
	total := 0
	for _, m := range w.lib.matters {
		if len(m.on(channel)) > 0 {
			total += m.Weight
		}
	}
	n := w.rng.IntN(total)
	for _, m := range w.lib.matters {
		if len(m.on(channel)) == 0 {
			continue
		}
		if n -= m.Weight; n < 0 {
			return m
		}
	}
	panic("demo: the weights do not add up") // n was below their sum
}

// chores are what the program does by itself as time goes on.
func (h *history) chores(ctx context.Context) error {
	if _, err := h.in.WakeSnoozed(ctx); err != nil {
		return fmt.Errorf("demo: wake cases: %w", err)
	}
	if _, err := h.desk.RaiseNobodys(ctx); err != nil {
		return fmt.Errorf("demo: raise cases: %w", err)
	}
	return nil
}
