package demo

import (
	"context"
	"fmt"
	"time"

	"filodiretto/channels/telegram/standin"
	"filodiretto/internal/clock"
)

// story is one matter of one citizen, from the first word to the last.
type story struct {
	w       *world
	c       *citizen
	m       *matter // nil for a case that was there when the demo went on
	t       *thread // of the matter
	channel string  // "mail", "telegram", "counter", "phone"
	box     string  // the town's mailbox, for mail
	marks   map[string]string

	subject string
	lastID  string // of the citizen's last message, by its name on the channel
	refs    []string
	told    standin.Told
	caseID  int64
	asked   bool   // staff wants something
	mood    string // "unhappy", "again": what the citizen wrote last
	turns   int    // answers of staff
	echoes  int    // what the citizen wrote after the first
	tries   int    // looks at a case that was not filed yet
	left    bool   // to the people who try the demo: robots of the town hall keep off
	began   clock.Instant
	closed  clock.Instant // when the case was closed, 0 while it is not
}

// begin opens a story: the citizen writes, or comes.
func (w *world) begin(ctx context.Context, c *citizen, m *matter, channel string) (*story, error) {
	threads := m.on(channel)
	s := &story{w: w, c: c, m: m, t: threads[w.rng.IntN(len(threads))], channel: channel, marks: map[string]string{}, box: urpBox, began: w.clock.Now()}
	if m.Office == "tributi" && chance(w.rng, 60) {
		s.box = tributiBox
	}
	w.stories[s] = true
	switch channel {
	case "mail":
		s.subject = s.say(pick(w.rng, s.t.Subjects))
		return s, s.write(ctx, pick(w.rng, s.t.Letters), true)
	case "telegram":
		return s, s.chat(ctx, pick(w.rng, s.t.Chats), true)
	default:
		return s, s.come(ctx)
	}
}

// word gives what stands for a mark in this story; always the same.
func (s *story) word(mark string) (string, bool) {
	if v, ok := s.marks[mark]; ok {
		return v, true
	}
	v, ok := s.invent(mark)
	if ok {
		s.marks[mark] = v
	}
	return v, ok
}

func (s *story) invent(mark string) (string, bool) {
	rng, now := s.w.rng, s.w.clock.Now().Time().In(rome)
	switch mark {
	case "via":
		return fmt.Sprintf("%s %d", pick(rng, streets), 1+rng.IntN(90)), true
	case "casa":
		return s.c.Street, true
	case "nome":
		return s.c.Name(), true
	case "o": // the ending of words about the writer
		return map[bool]string{true: "a", false: "o"}[s.c.Woman], true
	case "cognome":
		return s.c.Last, true
	case "tel":
		return s.c.Phone, true
	case "cf":
		return s.c.CF, true
	case "figlio":
		return pick(rng, children), true
	case "importo":
		return euro(3200 + rng.IntN(46000)), true
	case "data":
		return italianDate(now.AddDate(0, 0, -7-rng.IntN(60))), true
	case "tra":
		return italianDate(now.AddDate(0, 0, 10+rng.IntN(35))), true
	case "giorno":
		return []string{"lunedì", "martedì", "mercoledì", "giovedì", "venerdì"}[rng.IntN(5)], true
	case "ora":
		return fmt.Sprintf("%d:%02d", 20+rng.IntN(4), 15*rng.IntN(4)), true
	case "targa":
		return fmt.Sprintf("%c%c%03d%c%c", 'F'+rune(rng.IntN(3)), 'A'+rune(rng.IntN(8)), rng.IntN(1000), 'K'+rune(rng.IntN(8)), 'P'+rune(rng.IntN(8))), true
	case "numero":
		return fmt.Sprint(1000 + rng.IntN(9000)), true
	case "anno":
		return fmt.Sprint(now.Year() - 1), true
	case "operatore":
		return "Giulia", true
	}
	return "", false
}

var months = []string{"gennaio", "febbraio", "marzo", "aprile", "maggio", "giugno", "luglio", "agosto", "settembre", "ottobre", "novembre", "dicembre"}

func italianDate(t time.Time) string {
	return fmt.Sprintf("%d %s", t.Day(), months[t.Month()-1])
}

// say makes one of the library's texts into this story's.
func (s *story) say(text string) string { return phrase(s.w.rng, text, s.word) }

// at is the present of the story.
func (s *story) at() clock.Instant { return s.w.clock.Now() }

// plan makes something of the story happen later.
func (s *story) plan(at clock.Instant, do func(context.Context) error) { s.w.agenda.plan(at, do) }

// findCase looks up where the story's case is; false when it is not filed.
func (s *story) findCase(ctx context.Context) (bool, error) {
	if s.caseID != 0 {
		return true, nil
	}
	id, err := s.w.caseOfMessage(ctx, s.lastID)
	s.caseID = id
	return id != 0, err
}
