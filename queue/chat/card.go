package chat

import (
	"cmp"
	"context"
	"fmt"
	"strconv"
	"time"

	"filodiretto/channels"
	"filodiretto/inbox"
	"filodiretto/queue"
)

// The phases of a ticket, as its card tells them.
const (
	phaseAway    = "away"    // has a number and is not known to be in the room
	phaseWaiting = "waiting" // can be called
	phaseLater   = "later"   // not before an instant
	phaseCalled  = "called"
	phaseServing = "serving"
	phaseHeld    = "held"
	phaseOffice  = "office" // goes on at an office
	phaseDone    = "done"
	phaseMissed  = "missed"
	phaseLeft    = "left"
	phaseOver    = "over"
)

func phaseOf(v *queue.TicketView) string {
	s := v.Last()
	switch s.State {
	case queue.Waiting, queue.Booked:
		switch {
		case s.Away():
			return phaseAway
		case s.NotBefore > v.At:
			return phaseLater
		}
		return phaseWaiting
	case queue.Called:
		return phaseCalled
	case queue.Serving:
		return phaseServing
	case queue.Held:
		return phaseHeld
	case queue.Done:
		return phaseDone
	case queue.NoShow:
		return phaseMissed
	case queue.Left:
		return phaseLeft
	case queue.Transferred:
		if s.Open() {
			return phaseOffice
		}
	}
	return phaseOver
}

// sign is what a card shows, in brief: by it Refresh knows what is worth an edit.
type sign struct {
	Phase           string
	Ahead           int
	Known           bool
	Low, High       int
	LetPass, Counts int
	At              int64
	Opens           int64 // when a counter of the service should open; unserved where nobody knows; 0 where one is open
}

// unserved is of a service that nobody does, and no shift says from when.
const unserved = -1

func (s sign) String() string {
	return fmt.Sprintf("%s %d %t %d %d %d %d %d %d", s.Phase, s.Ahead, s.Known, s.Low, s.High, s.LetPass, s.Counts, s.At, s.Opens)
}

func readSign(text string) (s sign, ok bool) {
	n, err := fmt.Sscanf(text, "%s %d %t %d %d %d %d %d %d", &s.Phase, &s.Ahead, &s.Known, &s.Low, &s.High, &s.LetPass, &s.Counts, &s.At, &s.Opens)
	return s, err == nil && n == 9
}

// codeFor is how long digits in the chat are taken for the code of presence.
const codeFor = 12 * time.Hour

// render writes the card of a ticket. did, when it is not empty, says what was just
// done; rev makes the buttons those of this rendering.
func (c *Chat) render(ctx context.Context, v *queue.TicketView, say phrases, did string, rev int64) (inbox.Said, error) {
	s, phase := v.Last(), phaseOf(v)
	sg := sign{Phase: phase, LetPass: s.LetPass, Counts: s.Calls, At: int64(s.NotBefore)}
	w := newWriting()
	if did != "" {
		w.line(did)
		w.line("")
	}
	sv := v.House.Service(s.ServiceID)
	w.bold(v.Ticket.Label + " · " + sv.Names.In(say.lang))
	w.line(place(v.House))
	w.line("")
	var rows inbox.Buttons
	switch phase {
	case phaseAway, phaseWaiting, phaseLater:
		x, err := c.expect(ctx, v)
		if err != nil {
			return inbox.Said{}, err
		}
		sg.Ahead, sg.Known, sg.Low, sg.High = x.Ahead, x.Known, x.Low, x.High
		if x.Nobody {
			sg.Opens = cmp.Or(int64(x.From), unserved)
		}
		w.wait(say, x, v.At, v.House.Calendar.Zone)
		if x.Nobody {
			w.line(say.text("card_keep"))
		}
		if phase == phaseLater {
			w.line(say.text("card_later", "time", say.clock(s.NotBefore, v.House.Calendar.Zone)))
		}
		if s.LetPass > 0 {
			w.line(say.text("card_pass", "count", strconv.Itoa(s.LetPass)))
		}
		c.paperLines(w, say, sv.Errand(s.Errand))
		w.line("")
		if phase == phaseAway {
			w.line(say.text("card_away"))
		}
		w.line(say.text("card_at", "time", say.clock(v.At, v.House.Calendar.Zone)))
		rows = waitingButtons(say, v, s, rev)
	case phaseCalled, phaseServing:
		name := ""
		if v.Counter != nil {
			name = v.Counter.Name
		}
		w.bold(say.text("card_"+phase, "counter", name))
	case phaseLeft:
		w.line(say.text("card_left"))
		if s.Outcome == "gave_up" && v.At < s.EndedAt.Add(undoLeft) {
			rows = inbox.Buttons{choice(say.text("come_back"), pressData(toComeBack, v.Ticket.ID, rev))}
		}
	default:
		w.line(say.text("card_" + phase))
	}
	out := w.said(rows)
	out.Topic, out.Sign = v.Ticket.ID, sg.String()
	out.Close = over(phase) && rows == nil
	if phase == phaseAway {
		out.Asks, out.AsksFor = askCode, codeFor
	}
	return out, nil
}

// over reports whether a phase is the last.
func over(phase string) bool {
	switch phase {
	case phaseDone, phaseMissed, phaseLeft, phaseOver:
		return true
	}
	return false
}

func (c *Chat) paperLines(w *writing, say phrases, e *queue.Errand) {
	if e == nil {
		return
	}
	list := e.Documents.In(say.lang)
	if len(list) == 0 {
		return
	}
	w.line("")
	w.line(say.text("bring"))
	for _, d := range list {
		w.line("– " + d)
	}
}

// waitingButtons are what somebody who waits can say.
func waitingButtons(say phrases, v *queue.TicketView, s *queue.Step, rev int64) inbox.Buttons {
	first := []channels.OutgoingButton{{Text: say.text("late"), Data: pressData(toLate, v.Ticket.ID, rev)}}
	if left := v.House.Set.MostPass - s.LetPass; left > 0 {
		first = append(first, channels.OutgoingButton{Text: say.text("pass", "count", strconv.Itoa(min(passAtOnce, left))), Data: pressData(toPass, v.Ticket.ID, rev)})
	}
	return inbox.Buttons{first, choice(say.text("leave"), pressData(toLeave, v.Ticket.ID, rev))}
}
