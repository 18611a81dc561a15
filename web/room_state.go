package web

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"filodiretto/inbox"
	"filodiretto/queue"
	"filodiretto/web/crowd"
	"filodiretto/web/page"
)

// roomNow is a room at an instant, as all pages of citizens show it.
type roomNow struct {
	*queue.Hall
	// forecast is nil when waits could not be estimated.
	forecast *queue.Forecast
}

// theRoom looks at a room for its pages: what these show names no person.
var theRoom = inbox.Viewer{System: true}

// roomNow reads a room and estimates its waits.
func (s *Server) roomNow(ctx context.Context, site int64) (*roomNow, error) {
	hall, err := s.Queue.Hall(ctx, site)
	if err != nil {
		return nil, err
	}
	return &roomNow{hall, s.forecast(ctx, site)}, nil
}

// roomPicture is what all who follow a room are sent (crowd.Source). Who is called
// and the places are told at once, with the ranges that were told before; a change of
// these follows when the replay is done, which a crowd must not wait for.
func (s *Server) roomPicture(ctx context.Context, site int64) (*crowd.Picture, error) {
	hall, err := s.Queue.Hall(ctx, site)
	if err != nil {
		return nil, err
	}
	told := s.Queue.LastForecast(site)
	if told == nil {
		told = s.forecast(ctx, site)
	}
	now := &roomNow{hall, told}
	at := s.render.Say(page.Italian).RoomTime(now.Display.At)
	p := &crowd.Picture{
		Room: sse("state", s.displayState(now)), Beat: sse("beat", at), Gone: sse("ticket", page.TicketState{Phase: "gone"}),
		Tickets: make(map[int64][]byte, len(now.Steps)),
		Later:   func(ctx context.Context) bool { return s.forecast(ctx, site) != told },
		Stale:   func() bool { return s.Queue.LastForecast(site) != told },
	}
	for _, step := range now.Steps {
		p.Tickets[step.TicketID] = sse("ticket", now.ticketState(step))
	}
	return p, nil
}

// sse is one event with its data.
func sse(event string, data any) []byte {
	b, err := json.Marshal(data)
	if err != nil {
		panic(fmt.Sprintf("web: an event cannot be written: %v", err)) // plain values only
	}
	return fmt.Appendf(nil, "event: %s\ndata: %s\n\n", event, b)
}

// displayState is the room as its displays show it.
func (s *Server) displayState(now *roomNow) page.DisplayState {
	d := now.Display
	out := page.DisplayState{
		RoomTime: s.render.Say(page.Italian).RoomTime(d.At), Release: release(), Title: now.House.Site.Name, Open: d.Open, Opens: page.Millis(d.Opens),
		Code: d.Code, Calls: displayCalls(d.Called), Announce: displayCalls(d.Announce), Next: d.Next, Waiting: d.Waiting,
	}
	for _, g := range now.House.Groups {
		w, own := now.groupWait(g.ID)
		if w.Differ { // each for itself: there is room, and the list turns its pages
			out.Waits = append(out.Waits, own...)
			continue
		}
		out.Waits = append(out.Waits, page.DisplayWait{Names: page.Names(g.Names), Wait: w})
	}
	return out
}

func displayCalls(list []queue.Announced) []page.DisplayCall {
	out := make([]page.DisplayCall, 0, len(list))
	for _, c := range list {
		out = append(out, page.DisplayCall{ID: c.ID, Label: c.Label, Place: page.PlaceOf(c.Place), At: page.Millis(c.At)})
	}
	return out
}

// ticketState is a step that goes on, as the person's telephone shows it.
func (now *roomNow) ticketState(step *queue.Step) page.TicketState {
	out := page.TicketState{Phase: page.TicketWaiting}
	out.Wait, out.Today = now.stepWait(step)
	switch {
	case step.State == queue.Called || step.State == queue.Serving:
		out = page.TicketState{Phase: page.TicketCalled, At: page.Millis(step.CalledAt), Times: step.Calls}
		if step.State == queue.Serving {
			out.Phase = page.TicketServing
		}
		if c := now.House.Counter(step.CounterID); c != nil {
			place := page.PlaceOf(c.Name)
			out.Place = &place
		}
	case step.State == queue.Held:
		out = page.TicketState{Phase: page.TicketHeld}
	case step.Away():
		out.Phase = page.TicketAway
	case step.NotBefore > now.Display.At:
		out.Phase, out.At = page.TicketLater, page.Millis(step.NotBefore)
	}
	return out
}

// waitingFor is how many wait for the counters that do a service.
func (now *roomNow) waitingFor(service int64) int {
	together, n := now.together(service), 0
	for _, st := range now.Steps {
		if st.State == queue.Waiting && st.EligibleAt != 0 && slices.Contains(together, st.ServiceID) {
			n++
		}
	}
	return n
}

// together are the services whose people wait for the same counters: those open
// now, or all when none of the open ones does it.
func (now *roomNow) together(service int64) []int64 {
	out := []int64{service}
	for _, onlyOpen := range []bool{true, false} {
		for _, c := range now.House.Counters {
			if c.EndedAt != 0 || onlyOpen && !slices.Contains(now.Open, c.ID) || !now.House.Does(c.ID, service) {
				continue
			}
			for _, skill := range now.House.Skills[c.ID] {
				out = append(out, skill.ServiceID)
			}
		}
		if len(out) > 1 {
			break
		}
	}
	return out
}
