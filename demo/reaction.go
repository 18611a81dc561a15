package demo

import (
	"context"
	"fmt"

	"filodiretto/channels/telegram/standin"
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
		id, err := w.caseOfMessage(ctx, fmt.Sprintf("%d:%d", m.ChatID, m.MessageID))
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
	s.echoes++
	return s.speak(ctx, pick(s.w.rng, s.w.lib.Chase))
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
