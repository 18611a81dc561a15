package web

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"filodiretto/inbox"
	"filodiretto/queue"
	"filodiretto/web/assets"
	"filodiretto/web/crowd"
	"filodiretto/web/page"
)

// roomNow is a room at an instant, as all pages of citizens show it. It is read
// once for each change, whoever looks.
type roomNow struct {
	h       *queue.House
	display *queue.DisplayView
	visits  []queue.Visit
	open    []int64 // counters at which somebody sits
	places  map[int64]queue.Place
	// forecast is nil when waits could not be estimated.
	forecast *queue.Forecast
}

// theRoom looks at a room for its pages: what these show names no person.
var theRoom = inbox.Viewer{System: true}

func (s *Server) roomNow(ctx context.Context, site int64) (*roomNow, error) {
	room, err := s.Queue.Room(ctx, theRoom, site)
	if err != nil {
		return nil, err
	}
	d, err := s.Queue.DisplayOf(ctx, site, 0, room)
	if err != nil {
		return nil, err
	}
	places := s.Queue.PlacesIn(d.House, room)
	out := &roomNow{h: d.House, display: d, visits: room.Visits, places: places, forecast: s.forecast(ctx, site)}
	for _, st := range room.Sittings {
		out.open = append(out.open, st.CounterID)
	}
	return out, nil
}

// roomPicture is what all who follow a room are sent (crowd.Source).
func (s *Server) roomPicture(ctx context.Context, site int64) (*crowd.Picture, error) {
	now, err := s.roomNow(ctx, site)
	if err != nil {
		return nil, err
	}
	at := s.render.Say(page.Italian).RoomTime(now.display.At)
	p := &crowd.Picture{
		Room: sse("state", s.displayState(now)), Beat: sse("beat", at), Gone: sse("ticket", page.TicketState{Phase: "gone"}),
		Tickets: make(map[int64][]byte, len(now.visits)),
	}
	for i := range now.visits {
		v := &now.visits[i]
		p.Tickets[v.Ticket.ID] = sse("ticket", now.ticketState(&v.Step))
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
	d := now.display
	out := page.DisplayState{
		RoomTime: s.render.Say(page.Italian).RoomTime(d.At), Release: assets.Version(), Title: now.h.Site.Name, Open: d.Open, Opens: page.Millis(d.Opens),
		Code: d.Code, Calls: displayCalls(d.Called), Announce: displayCalls(d.Announce), Next: d.Next, Waiting: d.Waiting,
	}
	for _, g := range now.h.Groups {
		out.Waits = append(out.Waits, page.DisplayWait{Names: page.Names(g.Names), Wait: now.groupWait(g.ID)})
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
		if c := now.h.Counter(step.CounterID); c != nil {
			place := page.PlaceOf(c.Name)
			out.Place = &place
		}
	case step.State == queue.Held:
		out = page.TicketState{Phase: page.TicketHeld}
	case step.Away():
		out.Phase = page.TicketAway
	case step.NotBefore > now.display.At:
		out.Phase, out.At = page.TicketLater, page.Millis(step.NotBefore)
	}
	return out
}

// waitingFor is how many wait for the counters that do a service.
func (now *roomNow) waitingFor(service int64) int {
	together, n := now.together(service), 0
	for i := range now.visits {
		if st := &now.visits[i].Step; st.State == queue.Waiting && st.EligibleAt != 0 && slices.Contains(together, st.ServiceID) {
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
		for _, c := range now.h.Counters {
			if c.EndedAt != 0 || onlyOpen && !slices.Contains(now.open, c.ID) || !now.h.Does(c.ID, service) {
				continue
			}
			for _, skill := range now.h.Skills[c.ID] {
				out = append(out, skill.ServiceID)
			}
		}
		if len(out) > 1 {
			break
		}
	}
	return out
}
