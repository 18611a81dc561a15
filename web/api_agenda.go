package web

import (
	"net/http"
	"slices"

	"filodiretto/inbox"
	"filodiretto/internal/clock"
	"filodiretto/queue"
	"filodiretto/web/openapi"
)

var agendaProps = []openapi.Prop{
	openapi.Req("key", openapi.Filled(40), "Small letters, digits, - and _."),
	openapi.Req("names", namesSchema, "By language; Italian must be there."),
	openapi.Opt("counter", idOrNull, "A specialist's; null for any counter."),
	openapi.Req("slot_minutes", openapi.Between(5, 480), ""),
	openapi.Req("capacity", openapi.Between(1, 200), "Places of a slot."),
	openapi.Req("public", openapi.Between(0, 200), "Of these, for citizens."),
	openapi.Opt("lead_minutes", openapi.Between(0, 60*24*30), "Citizens book no later than so long before."),
	openapi.Req("horizon_days", openapi.Between(1, 366), "And no further ahead."),
	openapi.Opt("hours", openapi.UpTo(50, openapi.Object(openapi.Req("weekday", openapi.Between(1, 7), "1 Monday."), openapi.Req("from", openapi.Between(0, 24*60), ""), openapi.Req("to", openapi.Between(0, 24*60), ""))), "None: the site's."),
	openapi.Req("services", openapi.UpTo(100, openapi.ID()), ""),
}

var agendaSchema = openapi.Named("Agenda", "What publishes appointments.", openapi.Object(append(slices.Clone(agendaProps),
	openapi.Req("id", openapi.ID(), ""), openapi.Req("site", openapi.ID(), ""), openapi.Req("version", openapi.Int(), ""))...))

type apiAgenda struct {
	ID       apiID           `json:"id"`
	Site     apiID           `json:"site"`
	Key      string          `json:"key"`
	Names    queue.Names     `json:"names"`
	Counter  apiID           `json:"counter"`
	Slot     int             `json:"slot_minutes"`
	Capacity int             `json:"capacity"`
	Public   int             `json:"public"`
	Lead     int             `json:"lead_minutes"`
	Horizon  int             `json:"horizon_days"`
	Hours    []apiAgendaHour `json:"hours"`
	Services []apiID         `json:"services"`
	Version  int64           `json:"version"`
}

type apiAgendaHour struct {
	Weekday int `json:"weekday"`
	From    int `json:"from"`
	To      int `json:"to"`
}

func viewAgenda(a *queue.Agenda) apiAgenda {
	out := apiAgenda{
		ID: apiID(a.ID), Site: apiID(a.SiteID), Key: a.Key, Names: a.Names, Counter: apiID(a.CounterID), Slot: a.SlotMin, Capacity: a.Capacity, Public: a.Public,
		Lead: a.LeadMin, Horizon: a.HorizonDays, Hours: []apiAgendaHour{}, Services: apiIDs(a.Services), Version: a.Version,
	}
	for _, h := range a.Hours {
		out.Hours = append(out.Hours, apiAgendaHour{h.Weekday, h.From, h.To})
	}
	return out
}

// onto takes what was sent into an agenda; its settings stay.
func (in *apiAgenda) onto(a *queue.Agenda) {
	a.Key, a.Names, a.CounterID, a.SlotMin, a.Capacity, a.Public = in.Key, in.Names, int64(in.Counter), in.Slot, in.Capacity, in.Public
	a.LeadMin, a.HorizonDays, a.Services, a.Hours = in.Lead, in.Horizon, plainIDs(in.Services), nil
	for _, h := range in.Hours {
		a.Hours = append(a.Hours, queue.AgendaRange{Weekday: h.Weekday, From: h.From, To: h.To})
	}
}

var slotSchema = openapi.Named("Slot", "A time of an agenda.", openapi.Object(
	openapi.Req("start_at", openapi.Time(), ""), openapi.Req("end_at", openapi.Time(), ""),
	openapi.Req("capacity", openapi.Int(), ""), openapi.Req("free", openapi.Int(), "For staff."), openapi.Req("free_public", openapi.Int(), "Of these, for citizens."),
	openapi.Req("resting", openapi.Int(), "Just given back: offered to nobody yet."),
	openapi.Req("appointments", openapi.List(appointmentSchema), "")))

type apiSlot struct {
	Start        clock.Instant    `json:"start_at"`
	End          clock.Instant    `json:"end_at"`
	Capacity     int              `json:"capacity"`
	Free         int              `json:"free"`
	FreePublic   int              `json:"free_public"`
	Resting      int              `json:"resting"`
	Appointments []apiAppointment `json:"appointments"`
}

var dayParams = []openapi.Param{
	{Name: "from", In: "query", Required: true, Schema: openapi.Filled(10), Doc: "2026-11-23."},
	{Name: "to", In: "query", Required: true, Schema: openapi.Filled(10), Doc: "Included; at most 31 days later."},
}

func (a *api) agendaOps() []apiOp {
	withVersion := openapi.Object(append(slices.Clone(agendaProps), versionProp)...)
	return []apiOp{
		op(openapi.Operation{
			Method: "GET", Path: "/sites/{id}/agendas", ID: "listAgendas", Tag: "appointments", Scope: "read", Summary: "The agendas of a site that the operator works, or all for an administrator",
			Out: openapi.Object(openapi.Req("items", openapi.List(agendaSchema), "")),
		}, apiRead(a.agendas)),
		op(openapi.Operation{
			Method: "POST", Path: "/sites/{id}/agendas", ID: "createAgenda", Tag: "appointments", Scope: "admin", OK: http.StatusCreated, Summary: "Make an agenda; for an administrator",
			Body: openapi.Object(agendaProps...), Out: agendaSchema,
		}, apiDo(a.createAgenda)),
		op(openapi.Operation{
			Method: "PUT", Path: "/agendas/{id}", ID: "replaceAgenda", Tag: "appointments", Scope: "admin", Summary: "Change an agenda; appointments that have no place then stay and are conflicts",
			Params: []openapi.Param{ifMatch}, Body: withVersion, Out: agendaSchema, Faults: []int{http.StatusPreconditionRequired},
		}, apiDo(a.replaceAgenda)),
		op(openapi.Operation{
			Method: "POST", Path: "/agendas/{id}/end", ID: "endAgenda", Tag: "appointments", Scope: "admin", Summary: "Take an agenda off; its appointments stay and are conflicts",
			Params: []openapi.Param{ifMatch}, Body: openapi.Object(versionProp), Faults: []int{http.StatusPreconditionRequired},
		}, apiEmpty(a.endAgenda)),
		op(openapi.Operation{
			Method: "GET", Path: "/agendas/{id}/slots", ID: "listSlots", Tag: "appointments", Scope: "read", Summary: "The slots of some days with who comes; what is of a reserved office shows only that a place is taken",
			Params: dayParams, Out: openapi.Object(openapi.Req("items", openapi.List(slotSchema), ""), openapi.Req("others", openapi.List(appointmentSchema), "At times at which there is no slot any more.")),
		}, apiRead(a.slots)),
		op(openapi.Operation{
			Method: "POST", Path: "/agendas/{id}/slots", ID: "setSlot", Tag: "appointments", Scope: "write", Summary: "Give a slot a capacity of its own, or the agenda's again",
			Body: openapi.Object(openapi.Req("start_at", openapi.Time(), ""), openapi.Opt("capacity", openapi.Between(0, 200), "0 closes it for new bookings."), openapi.Opt("public", openapi.Between(0, 200), ""), openapi.Opt("follow", openapi.Bool(), "The agenda's again.")),
		}, apiEmpty(a.setSlot)),
		op(openapi.Operation{
			Method: "GET", Path: "/sites/{id}/conflicts", ID: "listConflicts", Tag: "appointments", Scope: "read", Summary: "Appointments that have no place any more, with what is to be done",
			Out: openapi.Object(openapi.Req("items", openapi.List(openapi.Object(openapi.Req("appointment", appointmentSchema, ""), openapi.Req("why", openapi.Text(0), "shut, no_slot, capacity, agenda_ended or service_ended."),
				openapi.Req("next", openapi.Text(0), "tell the person, call them, or wait: they were told."), openapi.Req("free", openapi.List(openapi.Time()), "The nearest free times."))), "")),
		}, apiRead(a.conflicts)),
		op(openapi.Operation{
			Method: "GET", Path: "/sites/{id}/votes", ID: "countVotes", Tag: "appointments", Scope: "read", Summary: "How people voted, by months; groups that are too small are told together",
			Params: []openapi.Param{
				{Name: "from", In: "query", Required: true, Schema: openapi.Filled(7), Doc: "Month: 2026-09."},
				{Name: "to", In: "query", Required: true, Schema: openapi.Filled(7)},
				{Name: "by", In: "query", Schema: openapi.OneOf(queue.VoteBys...), Doc: "service when left out."},
			},
			Out: openapi.Object(openapi.Req("items", openapi.List(voteSchema), ""), openapi.Req("total", voteSchema.OrNull(), "null for too few.")),
		}, apiRead(a.votes)),
	}
}

var voteSchema = openapi.Named("VoteNumber", "How a group voted.", openapi.Object(
	openapi.Req("key", openapi.Text(0), "few for those too small to be told apart."), openapi.Req("green", openapi.Int(), ""), openapi.Req("yellow", openapi.Int(), ""), openapi.Req("red", openapi.Int(), "")))

func (a *api) agendas(q *apiCall) (apiItems[apiAgenda], error) {
	out := apiItems[apiAgenda]{Items: []apiAgenda{}}
	f := func() ([]*queue.Agenda, error) { return a.Bookings.AgendasOf(q.ctx, q.Viewer, q.id("id")) }
	if q.Admin {
		f = func() ([]*queue.Agenda, error) { return a.Bookings.Agendas(q.ctx, q.id("id")) }
	}
	list, err := f()
	for _, x := range list {
		out.Items = append(out.Items, viewAgenda(x))
	}
	return out, err
}

type agendaIn struct {
	apiAgenda
}

func (q *apiCall) agenda(a *queue.Agenda, err error) (apiAgenda, error) {
	if err != nil {
		return apiAgenda{}, err
	}
	q.etag = etag(a.Version)
	return viewAgenda(a), nil
}

func (a *api) createAgenda(q *apiCall, in agendaIn) (apiAgenda, error) {
	if err := q.mustAdmin(); err != nil {
		return apiAgenda{}, err
	}
	x := queue.Agenda{SiteID: q.id("id")}
	in.onto(&x)
	return q.agenda(a.Bookings.SaveAgenda(q.ctx, q.Viewer, x))
}

func (a *api) replaceAgenda(q *apiCall, in agendaIn) (apiAgenda, error) {
	if err := q.mustAdmin(); err != nil {
		return apiAgenda{}, err
	}
	v, err := q.needVersion(in.Version)
	if err != nil {
		return apiAgenda{}, err
	}
	x, err := a.Bookings.Agenda(q.ctx, q.id("id"))
	if err != nil {
		return apiAgenda{}, err
	}
	in.onto(x)
	x.Version = v
	return q.agenda(a.Bookings.SaveAgenda(q.ctx, q.Viewer, *x))
}

func (a *api) endAgenda(q *apiCall, in versionIn) error {
	if err := q.mustAdmin(); err != nil {
		return err
	}
	v, err := q.needVersion(in.Version)
	if err != nil {
		return err
	}
	return a.Bookings.EndAgenda(q.ctx, q.Viewer, q.id("id"), v)
}

// days reads from and to of an address.
func (q *apiCall) days() (from, to queue.Day, err error) {
	for name, d := range map[string]*queue.Day{"from": &from, "to": &to} {
		if *d, err = queue.ParseDay(q.query(name)); err != nil {
			return "", "", &inbox.InvalidError{Field: name, Code: "bad_form"}
		}
	}
	return from, to, nil
}

type apiSlots struct {
	Items  []apiSlot        `json:"items"`
	Others []apiAppointment `json:"others"`
}

func (a *api) slots(q *apiCall) (*apiSlots, error) {
	from, to, err := q.days()
	if err != nil {
		return nil, err
	}
	days, err := a.Bookings.Days(q.ctx, q.Viewer, q.id("id"), from, to)
	if err != nil {
		return nil, err
	}
	out := &apiSlots{Items: []apiSlot{}, Others: []apiAppointment{}}
	for _, d := range days {
		for _, s := range d.Slots {
			x := apiSlot{s.Start, s.End, s.Capacity, s.Free, min(s.Free, s.FreePublic), s.Resting, []apiAppointment{}}
			for _, ap := range s.Appointments {
				x.Appointments = append(x.Appointments, viewAppointment(ap))
			}
			out.Items = append(out.Items, x)
		}
		for _, ap := range d.Others {
			out.Others = append(out.Others, viewAppointment(ap))
		}
	}
	return out, nil
}

type slotIn struct {
	Start    clock.Instant `json:"start_at"`
	Capacity int           `json:"capacity"`
	Public   int           `json:"public"`
	Follow   bool          `json:"follow"`
}

func (a *api) setSlot(q *apiCall, in slotIn) error {
	return a.Bookings.SetSlot(q.ctx, q.Viewer, q.id("id"), in.Start, in.Capacity, in.Public, in.Follow)
}

type apiConflict struct {
	Appointment apiAppointment  `json:"appointment"`
	Why         string          `json:"why"`
	Next        string          `json:"next"`
	Free        []clock.Instant `json:"free"`
}

func (a *api) conflicts(q *apiCall) (apiItems[apiConflict], error) {
	list, err := a.Bookings.Conflicts(q.ctx, q.Viewer, q.id("id"))
	out := apiItems[apiConflict]{Items: []apiConflict{}}
	for _, c := range list {
		x := apiConflict{viewAppointment(c.Appointment), c.Why, c.Next, []clock.Instant{}}
		for _, f := range c.Free {
			x.Free = append(x.Free, f.Start)
		}
		out.Items = append(out.Items, x)
	}
	return out, err
}

type apiVote struct {
	Key    string `json:"key"`
	Green  int    `json:"green"`
	Yellow int    `json:"yellow"`
	Red    int    `json:"red"`
}

type apiVotes struct {
	Items []apiVote `json:"items"`
	Total *apiVote  `json:"total"`
}

func (a *api) votes(q *apiCall) (*apiVotes, error) {
	by := queue.VoteBy(q.query("by"))
	if by == "" {
		by = queue.VotesByService
	}
	t, err := a.Votes.Numbers(q.ctx, q.Viewer, q.id("id"), q.query("from"), q.query("to"), by)
	if err != nil {
		return nil, err
	}
	view := func(n *queue.VoteNumber) apiVote { return apiVote{n.Key, n.Green, n.Yellow, n.Red} }
	out := &apiVotes{Items: []apiVote{}}
	for i := range t.Rows {
		out.Items = append(out.Items, view(&t.Rows[i]))
	}
	if t.Total != nil {
		all := view(t.Total)
		out.Total = &all
	}
	return out, nil
}
