package demo

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"filodiretto/inbox"
	"filodiretto/router"
)

// colleague is the robot of the town hall at one case: who works on it, and
// what they may see. It does what a person would do on the pages, with the same
// calls.
type colleague struct {
	s *story
	v inbox.Viewer
	c *inbox.Case
}

// expected reports whether an error is the life of an office and not a fault of
// the demo: somebody was quicker, or may not.
func expected(err error) bool {
	return errors.Is(err, inbox.ErrChanged) || errors.Is(err, inbox.ErrNotFound) || errors.Is(err, inbox.ErrForbidden) || errors.Is(err, inbox.ErrInvalid)
}

// turn to a case: somebody of its office, the one who has it if there is one.
// nil when the case is closed, or the last word was not the citizen's.
func (s *story) colleague(ctx context.Context) (*colleague, error) {
	ok, err := s.findCase(ctx)
	if err != nil || !ok {
		return nil, err
	}
	w := s.w
	c, err := w.in.CaseByID(ctx, inbox.Viewer{System: true}, s.caseID)
	if err != nil {
		return nil, fmt.Errorf("demo: look at a case: %w", err)
	}
	if c.MergedInto != 0 {
		s.caseID = c.MergedInto
		return s.colleague(ctx)
	}
	dir, err := w.router.Directory(ctx)
	if err != nil {
		return nil, err
	}
	who := c.AssigneeID
	if who == 0 {
		var able []int64
		for _, m := range dir.Members {
			if m.OfficeID == c.OfficeID && (m.Role == router.FrontOffice || m.Role == router.BackOffice) {
				able = append(able, m.OperatorID)
			}
		}
		if len(able) == 0 {
			return nil, nil
		}
		slices.Sort(able)
		who = able[w.rng.IntN(len(able))]
	}
	v, _ := dir.Viewer(who)
	return &colleague{s, v, c}, nil
}

// look is a colleague's turn: answer, ask back, leave a note, or pass the case on.
func (s *story) look(ctx context.Context) error {
	rng := s.w.rng
	k, err := s.colleague(ctx)
	if err == nil && s.caseID == 0 && s.tries < 5 { // not filed yet
		s.tries++
		s.plan(s.w.pace.staff(rng, s.at()), s.look)
	}
	if err != nil || k == nil || k.c.Status == inbox.Closed || s.left {
		return err
	}
	if s.m != nil && k.officeKey(ctx) == "urp" && s.m.Office != "urp" && s.turns == 0 {
		return k.handOver(ctx, s.m.Office)
	}
	if err := s.w.in.MarkRead(ctx, k.v, k.c); err != nil {
		return err
	}
	if s.turns == 0 && s.m != nil && chance(rng, 22) {
		note := pick(rng, s.m.Notes)
		if chance(rng, 40) {
			note = pick(rng, s.w.lib.TicketNotes)
		}
		if _, err := s.w.in.Note(ctx, k.v, inbox.NoteCommand{CaseID: k.c.ID, Text: s.say(note)}); err != nil && !expected(err) {
			return fmt.Errorf("demo: a note: %w", err)
		}
	}
	ask := s.turns == 0 && s.t != nil && len(s.t.Questions) > 0 && chance(rng, 40)
	text := "grazie della segnalazione: ce ne stiamo occupando e le scriviamo appena abbiamo notizie."
	switch {
	case s.mood == "unhappy":
		text = pick(rng, s.w.lib.ToUnhappy)
	case s.mood == "again":
		text = pick(rng, s.w.lib.ToAgain)
	case ask:
		text = pick(rng, s.t.Questions)
	case s.t != nil:
		text = pick(rng, s.t.Answers)
	}
	sent, err := k.reply(ctx, text, ask)
	if err != nil {
		return err
	}
	s.turns++
	s.asked = ask && sent
	switch {
	case !sent, !ask && chance(rng, 30):
		s.plan(s.at().Add(5_000_000_000), s.close) // a few seconds later
	case !ask:
		s.plan(s.w.pace.later(rng, s.at()), s.close)
	case chance(rng, 30) && s.w.take != nil:
		return k.snooze(ctx)
	}
	return nil
}

func (k *colleague) officeKey(ctx context.Context) string {
	dir, err := k.s.w.router.Directory(ctx)
	if err != nil || dir.Office(k.c.OfficeID) == nil {
		return ""
	}
	return dir.Office(k.c.OfficeID).Key
}

// reply answers on the channel that the composer would offer first. Nothing is
// sent to somebody who left no address; a note says that they were telephoned.
func (k *colleague) reply(ctx context.Context, text string, ask bool) (sent bool, err error) {
	w, s := k.s.w, k.s
	o, err := w.in.Options(ctx, k.v, k.c.ID)
	if err != nil {
		if expected(err) {
			return false, nil
		}
		return false, fmt.Errorf("demo: ways to answer: %w", err)
	}
	s.marks["operatore"] = strings.Fields(k.v.Name)[0]
	if o.Default < 0 {
		_, err := w.in.Note(ctx, k.v, inbox.NoteCommand{CaseID: k.c.ID, Text: "Richiamato al telefono. " + upperFirst(s.say(text))})
		if expected(err) {
			err = nil
		}
		return false, err
	}
	opt := o.List[o.Default]
	body := s.say(text)
	if opt.Account.Kind == "mail" {
		body = "Buongiorno " + s.c.Name() + ",\n\n" + body + "\n\nCordiali saluti\n" + k.v.Name
	} else {
		body = "Buongiorno " + s.c.First + ", " + body
	}
	_, err = w.in.Reply(ctx, k.v, inbox.ReplyCommand{
		CaseID: k.c.ID, SeenInID: o.SeenInID, SeenID: o.SeenID, AccountID: opt.Account.ID, Text: body, Subject: o.Subject,
		To: []inbox.Recipient{{IdentityID: opt.Identity.ID, Confirmed: true}}, Waiting: ask,
	})
	if expected(err) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("demo: an answer: %w", err)
	}
	return true, nil
}

// handOver passes a case to the office that can conclude it; a colleague there
// takes it later, and now and then says no at first.
func (k *colleague) handOver(ctx context.Context, office string) error {
	s, w := k.s, k.s.w
	dir, err := w.router.Directory(ctx)
	if err != nil {
		return err
	}
	to := dir.OfficeByKey(office)
	if _, err := w.desk.HandOver(ctx, k.v, k.c.ID, 0, to.ID, s.say(s.m.Handover)); err != nil {
		if expected(err) {
			return nil
		}
		return fmt.Errorf("demo: a hand-over: %w", err)
	}
	refuse := chance(w.rng, 8)
	s.plan(w.pace.staff(w.rng, s.at()), func(ctx context.Context) error {
		there := dir.InOffice(to.ID)
		if len(there) == 0 {
			return nil
		}
		v, _ := dir.Viewer(there[0].ID)
		reason := ""
		if refuse {
			reason = "Manca un dato per lavorarla: va chiesto prima al cittadino."
		}
		if _, err := w.desk.Answer(ctx, v, s.caseID, !refuse, reason); err != nil && !expected(err) {
			return fmt.Errorf("demo: answer to a hand-over: %w", err)
		}
		if !refuse {
			s.plan(w.pace.staff(w.rng, s.at()), s.look)
		}
		return nil
	})
	return nil
}

// snooze puts a case aside until the citizen should have answered.
func (k *colleague) snooze(ctx context.Context) error {
	until := k.s.w.pace.later(k.s.w.rng, k.s.at().Add(48*3600*1_000_000_000))
	if _, err := k.s.w.in.Snooze(ctx, k.v, k.c.ID, 0, until); err != nil && !expected(err) {
		return fmt.Errorf("demo: put a case aside: %w", err)
	}
	return nil
}

// close ends the case, unless the citizen has had a newer word.
func (s *story) close(ctx context.Context) error {
	k, err := s.colleague(ctx)
	if err != nil || k == nil {
		return err
	}
	outcome := "Risposta data"
	if s.t != nil && len(s.t.Outcomes) > 0 {
		outcome = pick(s.w.rng, s.t.Outcomes)
	}
	if k.c.Status == inbox.Closed {
		return nil
	}
	wroteLast := k.c.LastInID > 0 && k.c.LastMessageID == k.c.LastInID
	if wroteLast && s.echoes > 0 && s.mood != "thanks" && s.turns < 4 {
		s.plan(s.w.pace.staff(s.w.rng, s.at()), s.look) // one more answer first
		return nil
	}
	if _, err := s.w.in.Close(ctx, k.v, k.c.ID, 0, 0, outcome); err != nil && !expected(err) {
		return fmt.Errorf("demo: close a case: %w", err)
	}
	s.closed = s.at()
	return nil
}
