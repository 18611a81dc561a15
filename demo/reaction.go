package demo

import (
	"context"
	"fmt"
	"slices"
	"time"

	"filodiretto/channels/telegram/standin"
	"filodiretto/internal/clock"
)

// react looks at what reached the citizens and lets them think about it.
func (w *world) react(ctx context.Context) error {
	mails, chats := w.takeNews()
	for _, r := range mails {
		c := w.folk.mail(r.To)
		if c == nil || r.Automatic || !w.left(c) {
			continue
		}
		id, err := w.caseOfMessage(ctx, r.ID)
		if err != nil {
			return err
		}
		w.answered(c, "mail", id)
	}
	for _, m := range chats {
		c := w.folk.chat(m.ChatID)
		if c == nil || !w.left(c) || m.Deleted || m.Edited {
			continue
		}
		name := fmt.Sprintf("%d:%d", m.ChatID, m.MessageID)
		if robot, err := w.automatic(ctx, name); err != nil || robot {
			if err != nil {
				return err
			}
			continue // nobody answers a receipt, or that an appointment is booked
		}
		id, err := w.caseOfMessage(ctx, name)
		if err != nil {
			return err
		}
		w.answeredChat(c, id, m)
	}
	return nil
}

// answeredChat takes only what a person of the town wrote: the bot's own
// dialogue begins with its own words.
func (w *world) answeredChat(c *citizen, caseID int64, m standin.Sent) {
	if len(m.Buttons) == 0 {
		w.answered(c, "telegram", caseID)
	}
}

// answered finds whose story it is and plans what the citizen does.
func (w *world) answered(c *citizen, channel string, caseID int64) {
	s := w.storyOf(c, channel, caseID)
	if s == nil {
		return
	}
	rng := w.rng
	if w.take != nil && channel == "mail" && chance(rng, 3) {
		s.plan(s.at().Add(20_000_000_000), s.away)
	}
	s.plan(w.pace.citizen(rng, s.at()), s.echo)
}

func (w *world) storyOf(c *citizen, channel string, caseID int64) *story {
	var found *story
	for s := range w.stories {
		if s.c != c {
			continue
		}
		if caseID != 0 && s.caseID == caseID {
			return s
		}
		if s.channel == channel && (found == nil || s.lastID > found.lastID) {
			found = s
		}
	}
	if found == nil && w.take == nil && caseID != 0 { // a case from before the demo went on
		found = &story{w: w, c: c, channel: channel, marks: map[string]string{}, box: urpBox, caseID: caseID, turns: 1, left: true}
		w.stories[found] = true
	}
	return found
}

// echo is what the citizen does when the town has answered: gives what was
// asked, thanks, complains, asks on, or does nothing.
func (s *story) echo(ctx context.Context) error {
	w, rng := s.w, s.w.rng
	if s.echoes >= 3 || !w.left(s.c) {
		return nil
	}
	s.mood = ""
	// whether staff asks is seen from the case, since a person may have answered
	asked := s.asked
	if ok, err := s.findCase(ctx); err == nil && ok && s.left {
		asked = w.waits(ctx, s.caseID)
	}
	var text string
	again := false
	switch n := rng.IntN(100); {
	case asked && n < 72:
		text, again = pick(rng, w.lib.Given), true
		if s.t != nil && len(s.t.Replies) > 0 {
			text = pick(rng, s.t.Replies)
		}
	case asked:
		return nil // some never answer
	case n < 38 || s.left && n < 62:
		text, s.mood = pick(rng, w.lib.Thanks), "thanks"
	case n < 48:
		text, again, s.mood = pick(rng, w.lib.Unhappy), true, "unhappy"
	case n < 56:
		text, again, s.mood = pick(rng, w.lib.Again), true, "again"
	default:
		return nil
	}
	s.asked, s.closed = false, 0
	s.echoes++
	if err := s.speak(ctx, text); err != nil {
		return err
	}
	switch {
	case s.left:
	case again:
		s.plan(w.pace.staff(rng, s.at()), s.look)
	default:
		s.plan(w.pace.staff(rng, s.at()), s.close)
	}
	return nil
}

// waits reports whether a case waits for its citizen.
func (w *world) waits(ctx context.Context, caseID int64) bool {
	var n int
	err := w.db.Read.NewRaw("SELECT count(*) FROM cases WHERE id = ? AND status = 'waiting'", caseID).Scan(ctx, &n)
	return err == nil && n > 0
}

// speak writes on the story's channel, if the citizen has one.
func (s *story) speak(ctx context.Context, text string) error {
	switch {
	case s.channel == "telegram":
		return s.chat(ctx, text, false)
	case len(s.c.Mail) > 0:
		return s.write(ctx, text, false)
	}
	return nil
}

// chase is the citizen's impatience.
func (s *story) chase(ctx context.Context) error {
	if s.turns > 0 || s.echoes > 0 || s.c.Telegram.ID == 0 && len(s.c.Mail) == 0 {
		return nil
	}
	ok, err := s.findCase(ctx)
	if err != nil || !ok {
		return err
	}
	quiet, err := s.w.quiet(ctx, s.caseID, s.at())
	words := s.w.lib.chase(quiet)
	if err != nil || len(words) == 0 {
		return err
	}
	s.echoes++
	return s.speak(ctx, pick(s.w.rng, words))
}

// chase is what somebody says who has heard nothing for so long: nothing within a day,
// as after a receipt or the confirmation of an appointment.
func (r *reactions) chase(quiet time.Duration) []string {
	switch {
	case quiet < 24*time.Hour:
		return nil
	case quiet > 7*24*time.Hour:
		return slices.Concat(r.Chase, r.ChaseWeek)
	}
	return r.Chase
}

// quiet is how long neither the citizen of a case nor the town has said anything to the
// other, whatever it was about.
func (w *world) quiet(ctx context.Context, caseID int64, now clock.Instant) (time.Duration, error) {
	var last clock.Instant
	err := w.db.Read.NewRaw("SELECT COALESCE(MAX(m.at), 0) FROM messages AS m JOIN cases AS c ON c.citizen_id = m.citizen_id WHERE c.id = ? AND m.direction IN ('in', 'out')", caseID).Scan(ctx, &last)
	return now.Sub(last), err
}

// automatic reports whether the town's programs wrote a message of the bot by themselves.
func (w *world) automatic(ctx context.Context, external string) (bool, error) {
	var n int
	err := w.db.Read.NewRaw("SELECT count(*) FROM messages WHERE external_id = ? AND direction = 'out' AND auto <> ''", external).Scan(ctx, &n)
	return n > 0, err
}

// away is the answer of a mailbox whose owner is on holiday.
func (s *story) away(ctx context.Context) error {
	last, ok := s.w.diary.lastFromTown(s.c.Key)
	if !ok || len(s.c.Mail) == 0 {
		return nil
	}
	s.w.letters++
	return s.w.post(ctx, s.c, &letter{
		From: s.c.Mail[0], Name: s.c.Name(), To: urpBox, Subject: "Risposta automatica: " + last.Subject, Text: s.say(s.w.lib.Away) + "\n",
		ID: fmt.Sprintf("away-%d@posta.example", s.w.letters), InReplyTo: last.ID, References: last.References, Automatic: true, At: s.at(),
	})
}
