package web

import (
	"net/http"

	"filodiretto/inbox"
	"filodiretto/internal/clock"
	"filodiretto/queue"
	"filodiretto/queue/order"
	"filodiretto/web/openapi"
)

var stepSchema = openapi.Named("Step", "One service within a visit.", openapi.Object(
	openapi.Req("id", openapi.ID(), ""),
	openapi.Req("service", idOrNull, ""),
	openapi.Req("state", openapi.OneOf(queue.States...), ""),
	openapi.Req("class", openapi.Text(0), "Key of the class of precedence; never published."),
	openapi.Req("counter", idOrNull, "Where it is, or was last."),
	openapi.Req("away", openapi.Bool(), "The number was taken from afar, and the person is not known to be here."),
	openapi.Req("arrived_at", timeOrNull, ""),
	openapi.Req("waiting_since", timeOrNull, "Waits count from here to the first call."),
	openapi.Req("slot_at", timeOrNull, "Of the appointment."),
	openapi.Req("called_at", timeOrNull, ""),
	openapi.Req("calls", openapi.Int(), ""),
	openapi.Req("served_at", timeOrNull, ""),
	openapi.Req("ended_at", timeOrNull, ""),
	openapi.Req("outcome", openapi.Text(0), ""),
	openapi.Req("version", openapi.Int(), "")))

var ticketSchema = openapi.Named("Ticket", "One person's presence, with one number.", openapi.Object(
	openapi.Req("id", openapi.ID(), ""),
	openapi.Req("site", openapi.ID(), ""),
	openapi.Req("label", openapi.Text(0), "As people see it: B12."),
	openapi.Req("day", openapi.Text(0), "2026-11-23."),
	openapi.Req("lang", openapi.Text(0), ""),
	openapi.Req("origin", openapi.Text(0), "kiosk, staff, web, telegram or appointment."),
	openapi.Req("citizen_id", idOrNull, ""),
	openapi.Req("person", openapi.Text(0), "Name on file; empty when nobody knows."),
	openapi.Req("issued_at", timeOrNull, ""),
	openapi.Req("ended_at", timeOrNull, "")))

var visitSchema = openapi.Named("QueueVisit", "A ticket with its step that goes on.", openapi.Object(
	openapi.Req("ticket", ticketSchema, ""),
	openapi.Req("step", stepSchema, ""),
	openapi.Req("ahead", openapi.Int().OrNull(), "How many would be called before, among those who share a counter; null for who does not wait.")))

type apiStep struct {
	ID       apiID         `json:"id"`
	Service  apiID         `json:"service"`
	State    queue.State   `json:"state"`
	Class    string        `json:"class"`
	Counter  apiID         `json:"counter"`
	Away     bool          `json:"away"`
	Arrived  clock.Instant `json:"arrived_at"`
	Since    clock.Instant `json:"waiting_since"`
	Slot     clock.Instant `json:"slot_at"`
	CalledAt clock.Instant `json:"called_at"`
	Calls    int           `json:"calls"`
	ServedAt clock.Instant `json:"served_at"`
	EndedAt  clock.Instant `json:"ended_at"`
	Outcome  string        `json:"outcome"`
	Version  int64         `json:"version"`
}

type apiTicket struct {
	ID       apiID         `json:"id"`
	Site     apiID         `json:"site"`
	Label    string        `json:"label"`
	Day      queue.Day     `json:"day"`
	Lang     string        `json:"lang"`
	Origin   queue.Origin  `json:"origin"`
	Citizen  apiID         `json:"citizen_id"`
	Person   string        `json:"person"`
	IssuedAt clock.Instant `json:"issued_at"`
	EndedAt  clock.Instant `json:"ended_at"`
}

type apiQueueVisit struct {
	Ticket apiTicket `json:"ticket"`
	Step   apiStep   `json:"step"`
	Ahead  *int      `json:"ahead"`
}

func viewStep(h *queue.House, s *queue.Step) apiStep {
	out := apiStep{
		ID: apiID(s.ID), Service: apiID(s.ServiceID), State: s.State, Counter: apiID(s.CounterID), Away: s.Away(), Arrived: s.ArrivedAt, Since: s.EligibleAt, Slot: s.SlotAt,
		CalledAt: s.CalledAt, Calls: s.Calls, ServedAt: s.ServedAt, EndedAt: s.EndedAt, Outcome: s.Outcome, Version: s.Version,
	}
	if c := h.Class(s.ClassID); c != nil {
		out.Class = string(c.Key)
	}
	return out
}

func viewTicket(t *queue.Ticket, person string) apiTicket {
	return apiTicket{apiID(t.ID), apiID(t.SiteID), t.Label, t.Day, t.Lang, t.Origin, apiID(t.CitizenID), person, t.IssuedAt, t.EndedAt}
}

func viewVisit(h *queue.House, v *queue.Visit, places map[int64]queue.Place) apiQueueVisit {
	out := apiQueueVisit{Ticket: viewTicket(&v.Ticket, v.Person), Step: viewStep(h, &v.Step)}
	if p, ok := places[v.Step.ID]; ok && v.Step.State == queue.Waiting {
		out.Ahead = &p.Ahead
	}
	return out
}

func (a *api) ticketOps() []apiOp {
	issued := openapi.Object(
		openapi.Req("ticket", ticketSchema, ""), openapi.Req("step", stepSchema, ""), openapi.Req("ahead", openapi.Int().OrNull(), ""),
		openapi.Req("url", openapi.Text(0), "The page of the ticket, for the person's telephone; whoever has it holds the number."), openapi.Req("repeated", openapi.Bool(), "The key was used before: it is the same number."))
	return []apiOp{
		op(openapi.Operation{
			Method: "GET", Path: "/sites/{id}/tickets", ID: "listTickets", Tag: "rooms", Scope: "read", Summary: "Who waits, is called, is served or is set aside, by seniority; for who works there",
			Params: []openapi.Param{{Name: "state", In: "query", Schema: openapi.OneOf(queue.Waiting, queue.Called, queue.Serving, queue.Held), Doc: "These only."}},
			Out:    openapi.Object(openapi.Req("items", openapi.List(visitSchema), "")),
		}, apiRead(a.tickets)),
		op(openapi.Operation{
			Method: "GET", Path: "/sites/{id}/tickets/{ticket}", ID: "getTicket", Tag: "rooms", Scope: "read", Summary: "One of those who are in the room, with the place", Out: visitSchema,
		}, apiRead(a.oneTicket)),
		op(openapi.Operation{
			Method: "POST", Path: "/sites/{id}/tickets", ID: "takeTicket", Tag: "rooms", Scope: "write", OK: http.StatusCreated, Out: issued,
			Summary: "Give a number, as reception does. The key makes a repeated request the same number; the answer holds the ticket's secret address and is not kept",
			Body: openapi.Object(openapi.Req("service", openapi.ID(), ""), openapi.Req("key", openapi.Filled(100), "Any text, made for this number."), openapi.Opt("class", openapi.Text(40), "Of precedence; the ordinary one when left out."),
				openapi.Opt("lang", openapi.Text(8), ""), openapi.Opt("citizen_id", idOrNull, "Who it is, when known."), openapi.Opt("anyway", openapi.Bool(), "Also when the site is shut or full.")),
		}, apiDo(a.takeTicket)).withoutKey(),
	}
}

func (a *api) inRoom(q *apiCall) (*queue.RoomView, map[int64]queue.Place, error) {
	room, err := a.Queue.Room(q.ctx, q.Viewer, q.id("id"))
	if err != nil {
		return nil, nil, err
	}
	places, err := a.Queue.Places(q.ctx, room.House.Site.ID)
	return room, places, err
}

func (a *api) tickets(q *apiCall) (apiItems[apiQueueVisit], error) {
	out := apiItems[apiQueueVisit]{Items: []apiQueueVisit{}}
	room, places, err := a.inRoom(q)
	if err != nil {
		return out, err
	}
	state := queue.State(q.query("state"))
	for i := range room.Visits {
		if v := &room.Visits[i]; state == "" || v.Step.State == state {
			out.Items = append(out.Items, viewVisit(room.House, v, places))
		}
	}
	return out, nil
}

func (a *api) oneTicket(q *apiCall) (apiQueueVisit, error) {
	room, places, err := a.inRoom(q)
	if err != nil {
		return apiQueueVisit{}, err
	}
	for i := range room.Visits {
		if v := &room.Visits[i]; v.Ticket.ID == q.id("ticket") {
			q.etag = etag(v.Step.Version)
			return viewVisit(room.House, v, places), nil
		}
	}
	return apiQueueVisit{}, inbox.ErrNotFound
}

type ticketIn struct {
	Service apiID  `json:"service"`
	Key     string `json:"key"`
	Class   string `json:"class"`
	Lang    string `json:"lang"`
	Citizen apiID  `json:"citizen_id"`
	Anyway  bool   `json:"anyway"`
}

type apiIssued struct {
	apiQueueVisit
	URL      string `json:"url"`
	Repeated bool   `json:"repeated"`
}

func (a *api) takeTicket(q *apiCall, in ticketIn) (apiIssued, error) {
	if err := q.mayName(a, int64(in.Citizen)); err != nil {
		return apiIssued{}, err
	}
	t, err := a.Queue.IssueTicket(q.ctx, q.Viewer, queue.NewTicket{
		SiteID: q.id("id"), ServiceID: int64(in.Service), Class: order.Class(in.Class), Lang: in.Lang, Key: in.Key, CitizenID: int64(in.Citizen), Anyway: in.Anyway,
	})
	if err != nil {
		return apiIssued{}, err
	}
	h, err := a.Queue.House(q.ctx, t.Ticket.SiteID)
	if err != nil {
		return apiIssued{}, err
	}
	places, err := a.Queue.Places(q.ctx, t.Ticket.SiteID)
	v := queue.Visit{Step: *t.Step, Ticket: *t.Ticket}
	return apiIssued{viewVisit(h, &v, places), a.publicURL("/p/t/" + t.Secret), t.Repeated}, err
}

// mayName refuses to name a person whom the operator does not see.
func (q *apiCall) mayName(a *api, citizen int64) error {
	if citizen == 0 {
		return nil
	}
	if _, err := a.Inbox.PersonSummary(q.ctx, q.Viewer, citizen); err == inbox.ErrNotFound {
		return &inbox.InvalidError{Field: "citizen_id", Code: "unknown"}
	} else if err != nil {
		return err
	}
	return nil
}
