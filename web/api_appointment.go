package web

import (
	"net/http"

	"filodiretto/internal/clock"
	"filodiretto/internal/secret"
	"filodiretto/queue"
	"filodiretto/queue/order"
	"filodiretto/web/openapi"
)

var bookingStates = []queue.BookingState{
	queue.HeldSlot, queue.BookedSlot, queue.Arrived, queue.AppointmentDone, queue.AppointmentMissed, queue.AppointmentCancel, queue.AppointmentExpired,
}

var appointmentSchema = openapi.Named("Appointment", "Somebody's place in a slot. One that is veiled is of a reserved office: who comes and why is not told.", openapi.Object(
	openapi.Req("id", openapi.ID(), ""),
	openapi.Req("agenda", openapi.ID(), ""),
	openapi.Req("service", idOrNull, ""),
	openapi.Req("start_at", openapi.Time(), ""),
	openapi.Req("end_at", openapi.Time(), ""),
	openapi.Req("state", openapi.OneOf(bookingStates...), ""),
	openapi.Req("person", openapi.Text(0), ""),
	openapi.Req("citizen_id", idOrNull, ""),
	openapi.Req("code", openapi.Text(0), "For the kiosk and reception."),
	openapi.Req("note", openapi.Text(0), "Of staff."),
	openapi.Req("public", openapi.Bool(), "Of the places that citizens take themselves."),
	openapi.Req("ticket", idOrNull, "Once the person is here."),
	openapi.Req("confirmed_at", timeOrNull, "When the person said that they will come."),
	openapi.Req("conflict_at", timeOrNull, "When they were told that it cannot stay."),
	openapi.Req("outcome", openapi.Text(0), ""),
	openapi.Req("veiled", openapi.Bool(), ""),
	openapi.Req("version", openapi.Int(), "")))

type apiAppointment struct {
	ID        apiID              `json:"id"`
	Agenda    apiID              `json:"agenda"`
	Service   apiID              `json:"service"`
	Start     clock.Instant      `json:"start_at"`
	End       clock.Instant      `json:"end_at"`
	State     queue.BookingState `json:"state"`
	Person    string             `json:"person"`
	Citizen   apiID              `json:"citizen_id"`
	Code      string             `json:"code"`
	Note      string             `json:"note"`
	Public    bool               `json:"public"`
	Ticket    apiID              `json:"ticket"`
	Confirmed clock.Instant      `json:"confirmed_at"`
	Conflict  clock.Instant      `json:"conflict_at"`
	Outcome   string             `json:"outcome"`
	Veiled    bool               `json:"veiled"`
	Version   int64              `json:"version"`
}

func viewAppointment(ap *queue.Appointment) apiAppointment {
	return apiAppointment{
		apiID(ap.ID), apiID(ap.AgendaID), apiID(ap.ServiceID), ap.StartAt, ap.EndAt, ap.State, ap.Person, apiID(ap.CitizenID), ap.Code, ap.Note, ap.Public, apiID(ap.TicketID),
		ap.ConfirmedAt, ap.ConflictAt, ap.Outcome, ap.Veiled, ap.Version,
	}
}

var toldProp = openapi.Req("told", openapi.Bool(), "A message reaches the person; else somebody must telephone.")

var bookingSchema = openapi.Named("Booking", "An appointment as it was changed.", openapi.Object(openapi.Req("appointment", appointmentSchema, ""), toldProp))

type apiBooking struct {
	Appointment apiAppointment `json:"appointment"`
	Told        bool           `json:"told"`
}

func (q *apiCall) booking(b *queue.Booking, err error) (apiBooking, error) {
	if err != nil {
		return apiBooking{}, err
	}
	q.etag = etag(b.Appointment.Version)
	return apiBooking{viewAppointment(b.Appointment), b.Told.Held == "" && (b.Appointment.CitizenID != 0 || b.Appointment.IdentityID != 0)}, nil
}

// appointmentCommand is an operation that changes one appointment.
func appointmentCommand[In any](verb, id, summary string, body *openapi.Schema, f func(q *apiCall, in In) (apiBooking, error)) apiOp {
	return op(openapi.Operation{
		Method: "POST", Path: "/appointments/{id}/" + verb, ID: id, Tag: "appointments", Scope: "write", Summary: summary,
		Params: []openapi.Param{ifMatch}, Body: body, Out: bookingSchema,
	}, apiDo(f))
}

func (a *api) appointmentOps() []apiOp {
	person := []openapi.Prop{
		openapi.Req("service", openapi.ID(), ""), openapi.Opt("citizen_id", idOrNull, "Who it is, when known."), openapi.Opt("person", openapi.Text(200), "Name as said; needed without citizen_id."),
		openapi.Opt("email", openapi.Text(320), ""), openapi.Opt("phone", openapi.Text(50), ""), openapi.Opt("lang", openapi.Text(8), ""),
	}
	wish := openapi.Named("Wish", "Somebody who waits for a place.", openapi.Object(openapi.Req("id", openapi.ID(), ""), openapi.Req("service", idOrNull, ""), openapi.Req("person", openapi.Text(0), ""),
		openapi.Req("from", openapi.Text(0), "Days that suit."), openapi.Req("to", openapi.Text(0), ""), openapi.Req("state", openapi.Text(0), "waiting or offered."),
		openapi.Req("offers", openapi.Int(), "That were not accepted."), openapi.Req("since", openapi.Time(), ""), openapi.Req("veiled", openapi.Bool(), "")))
	return []apiOp{
		op(openapi.Operation{
			Method: "POST", Path: "/agendas/{id}/appointments", ID: "book", Tag: "appointments", Scope: "write", OK: http.StatusCreated, Summary: "Book for somebody, of all places of the slot; who has an address is told",
			Body: openapi.Object(append(person, openapi.Req("start_at", openapi.Time(), ""), openapi.Opt("class", openapi.Text(40), "Of precedence; that of appointments when left out."), openapi.Opt("note", openapi.Text(4000), "For the counter."))...), Out: bookingSchema,
		}, apiDo(a.book)),
		op(openapi.Operation{Method: "GET", Path: "/appointments/{id}", ID: "getAppointment", Tag: "appointments", Scope: "read", Summary: "One appointment, for who works its agenda", Out: appointmentSchema}, apiRead(a.oneAppointment)),
		op(openapi.Operation{
			Method: "GET", Path: "/sites/{id}/expected", ID: "listExpected", Tag: "appointments", Scope: "read", Summary: "Who is expected today, for reception",
			Params: []openapi.Param{{Name: "q", In: "query", Schema: openapi.Text(100), Doc: "Words of the name, digits of the telephone, the code, or the ticket's number."}},
			Out:    openapi.Object(openapi.Req("items", openapi.List(appointmentSchema), "")),
		}, apiRead(a.expected)),
		appointmentCommand("move", "moveAppointment", "Move it to another slot of its agenda; the person is told",
			openapi.Object(openapi.Req("start_at", openapi.Time(), ""), versionProp), a.moveAppointment),
		appointmentCommand("cancel", "cancelAppointment", "Cancel it",
			openapi.Object(openapi.Opt("reason", openapi.Text(300), "In words for the person."), openapi.Opt("silent", openapi.Bool(), "The person is told in another way."), versionProp), a.cancelAppointment),
		appointmentCommand("missed", "missAppointment", "The person did not come", openapi.Object(versionProp), a.missAppointment),
		appointmentCommand("tell", "tellConflict", "Tell the person of a conflict that it cannot stay, with a link to choose another time", openapi.Object(versionProp), a.tellConflictAPI),
		op(openapi.Operation{
			Method: "POST", Path: "/sites/{id}/check-in", ID: "checkIn", Tag: "appointments", Scope: "write", Summary: "The person is here: the appointment becomes a ticket with the slot as its reference",
			Body: openapi.Object(openapi.Opt("appointment", idOrNull, "This, or the code."), openapi.Opt("code", openapi.Text(20), "As the person shows it.")),
			Out: openapi.Object(openapi.Req("ticket", ticketSchema, ""), openapi.Req("step", stepSchema, ""), openapi.Req("appointment", appointmentSchema, ""),
				openapi.Req("early", openapi.Bool(), "Called from the beginning of the window on."), openapi.Req("late", openapi.Bool(), "Counts from now.")),
		}, apiDo(a.checkIn)),
		op(openapi.Operation{
			Method: "GET", Path: "/agendas/{id}/waiting-list", ID: "listWaiting", Tag: "appointments", Scope: "read", Summary: "Who waits for a place, in the order of offers",
			Out: openapi.Object(openapi.Req("items", openapi.List(wish), "")),
		}, apiRead(a.waitingList)),
		op(openapi.Operation{
			Method: "POST", Path: "/agendas/{id}/waiting-list", ID: "joinWaiting", Tag: "appointments", Scope: "write", OK: http.StatusCreated, Summary: "Put somebody on the waiting list",
			Body: openapi.Object(append(person, openapi.Req("from", openapi.Filled(10), "First day that suits: 2026-11-23."), openapi.Req("to", openapi.Filled(10), "Last one."))...), Out: wish,
		}, apiDo(a.joinWaiting)),
		op(openapi.Operation{Method: "DELETE", Path: "/waiting-list/{id}", ID: "leaveWaiting", Tag: "appointments", Scope: "write", Summary: "Take somebody off the waiting list"},
			apiEmpty(func(q *apiCall, _ nothing) error { return a.Bookings.LeaveList(q.ctx, q.Viewer, "", q.id("id")) })),
	}
}

type bookIn struct {
	Service apiID         `json:"service"`
	Citizen apiID         `json:"citizen_id"`
	Person  string        `json:"person"`
	Email   string        `json:"email"`
	Phone   string        `json:"phone"`
	Lang    string        `json:"lang"`
	Start   clock.Instant `json:"start_at"`
	Class   string        `json:"class"`
	Note    string        `json:"note"`
	From    queue.Day     `json:"from"`
	To      queue.Day     `json:"to"`
}

// named fills in the name on file of a person who is named by id.
func (a *api) named(q *apiCall, in *bookIn) error {
	if in.Citizen == 0 {
		return nil
	}
	if err := q.mayName(a, int64(in.Citizen)); err != nil {
		return err
	}
	p, err := a.Inbox.PersonSummary(q.ctx, q.Viewer, int64(in.Citizen))
	if err == nil && in.Person == "" {
		in.Person = p.Name
	}
	return err
}

func (a *api) book(q *apiCall, in bookIn) (apiBooking, error) {
	if err := a.named(q, &in); err != nil {
		return apiBooking{}, err
	}
	return q.booking(a.Bookings.Book(q.ctx, q.Viewer, queue.BookRequest{
		HoldRequest: queue.HoldRequest{AgendaID: q.id("id"), ServiceID: int64(in.Service), Start: in.Start, Key: visitKey(q), Lang: in.Lang},
		CitizenID:   int64(in.Citizen), Person: in.Person, Email: in.Email, Phone: in.Phone, Class: order.Class(in.Class), Note: in.Note,
	}))
}

func (a *api) oneAppointment(q *apiCall) (apiAppointment, error) {
	ap, err := a.Bookings.Appointment(q.ctx, q.Viewer, q.id("id"))
	if err != nil {
		return apiAppointment{}, err
	}
	q.etag = etag(ap.Version)
	return viewAppointment(ap), nil
}

func (a *api) expected(q *apiCall) (apiItems[apiAppointment], error) {
	list, err := a.Bookings.ExpectedToday(q.ctx, q.Viewer, q.id("id"), q.query("q"))
	out := apiItems[apiAppointment]{Items: []apiAppointment{}}
	for _, x := range list {
		out.Items = append(out.Items, viewAppointment(x.Appointment))
	}
	return out, err
}

type moveAppointmentIn struct {
	Start   clock.Instant `json:"start_at"`
	Version int64         `json:"version"`
}

func (a *api) moveAppointment(q *apiCall, in moveAppointmentIn) (apiBooking, error) {
	v, err := q.version(in.Version)
	if err != nil {
		return apiBooking{}, err
	}
	return q.booking(a.Bookings.Change(q.ctx, q.Viewer, queue.ChangeRequest{ID: q.id("id"), Version: v, Start: in.Start}))
}

type cancelIn struct {
	Reason  string `json:"reason"`
	Silent  bool   `json:"silent"`
	Version int64  `json:"version"`
}

func (a *api) cancelAppointment(q *apiCall, in cancelIn) (apiBooking, error) {
	v, err := q.version(in.Version)
	if err != nil {
		return apiBooking{}, err
	}
	return q.booking(a.Bookings.Cancel(q.ctx, q.Viewer, queue.CancelRequest{ID: q.id("id"), Version: v, Reason: in.Reason, Silent: in.Silent}))
}

func (a *api) missAppointment(q *apiCall, in versionIn) (apiBooking, error) {
	v, err := q.version(in.Version)
	if err != nil {
		return apiBooking{}, err
	}
	ap, err := a.Bookings.Missed(q.ctx, q.Viewer, q.id("id"), v)
	if err != nil {
		return apiBooking{}, err
	}
	q.etag = etag(ap.Version)
	return apiBooking{viewAppointment(ap), false}, nil
}

func (a *api) tellConflictAPI(q *apiCall, in versionIn) (apiBooking, error) {
	v, err := q.version(in.Version)
	if err != nil {
		return apiBooking{}, err
	}
	return q.booking(a.Bookings.TellConflict(q.ctx, q.Viewer, q.id("id"), v))
}

type checkInIn struct {
	Appointment apiID  `json:"appointment"`
	Code        string `json:"code"`
}

type apiCheckedIn struct {
	Ticket      apiTicket      `json:"ticket"`
	Step        apiStep        `json:"step"`
	Appointment apiAppointment `json:"appointment"`
	Early       bool           `json:"early"`
	Late        bool           `json:"late"`
}

func (a *api) checkIn(q *apiCall, in checkInIn) (*apiCheckedIn, error) {
	h, err := a.Queue.House(q.ctx, q.id("id"))
	if err != nil {
		return nil, err
	}
	var got *queue.CheckedIn
	if in.Code != "" {
		got, err = a.Bookings.CheckInByCode(q.ctx, q.Viewer, h.Site.ID, in.Code)
	} else {
		var ap *queue.Appointment
		if ap, err = a.Bookings.Appointment(q.ctx, q.Viewer, int64(in.Appointment)); err == nil && ap.SiteID != h.Site.ID {
			err = queue.ErrNotFound
		}
		if err == nil {
			got, err = a.Bookings.CheckIn(q.ctx, q.Viewer, ap.ID)
		}
	}
	if err != nil {
		return nil, err
	}
	return &apiCheckedIn{viewTicket(got.Ticket, got.Appointment.Person), viewStep(h, got.Step), viewAppointment(got.Appointment), got.Early, got.Late}, nil
}

type apiWish struct {
	ID      apiID           `json:"id"`
	Service apiID           `json:"service"`
	Person  string          `json:"person"`
	From    queue.Day       `json:"from"`
	To      queue.Day       `json:"to"`
	State   queue.WaitState `json:"state"`
	Offers  int             `json:"offers"`
	Since   clock.Instant   `json:"since"`
	Veiled  bool            `json:"veiled"`
}

func viewWish(w *queue.Wish) apiWish {
	return apiWish{apiID(w.ID), apiID(w.ServiceID), w.Person, w.FromDay, w.ToDay, w.State, w.Offers, w.CreatedAt, w.Veiled}
}

func (a *api) waitingList(q *apiCall) (apiItems[apiWish], error) {
	list, err := a.Bookings.WaitingList(q.ctx, q.Viewer, q.id("id"))
	out := apiItems[apiWish]{Items: []apiWish{}}
	for _, w := range list {
		out.Items = append(out.Items, viewWish(w))
	}
	return out, err
}

func (a *api) joinWaiting(q *apiCall, in bookIn) (apiWish, error) {
	if err := a.named(q, &in); err != nil {
		return apiWish{}, err
	}
	key := q.r.Header.Get("Idempotency-Key")
	if key == "" {
		key = secret.Token(12)
	}
	w, err := a.Bookings.Join(q.ctx, q.Viewer, queue.JoinRequest{
		AgendaID: q.id("id"), ServiceID: int64(in.Service), From: in.From, To: in.To, Key: key, Lang: in.Lang,
		CitizenID: int64(in.Citizen), Person: in.Person, Email: in.Email, Phone: in.Phone,
	})
	if err != nil {
		return apiWish{}, err
	}
	return viewWish(w), nil
}
