package web

import (
	"filodiretto/internal/clock"
	"filodiretto/queue"
	"filodiretto/web/openapi"
)

var namesSchema = openapi.Map()

var siteSchema = openapi.Named("Site", "A place where people wait.", openapi.Object(
	openapi.Req("id", openapi.ID(), ""),
	openapi.Req("key", openapi.Text(0), "Stable; part of public addresses."),
	openapi.Req("name", openapi.Text(0), ""),
	openapi.Req("address", openapi.Text(0), ""),
	openapi.Req("version", openapi.Int(), "Grows with every change of the set-up."),
	openapi.Req("open", openapi.Bool(), "Within the opening hours now."),
	openapi.Req("next_change_at", timeOrNull, "When it shuts, or opens next."),
	openapi.Req("services", openapi.List(openapi.Object(
		openapi.Req("id", openapi.ID(), ""), openapi.Req("key", openapi.Text(0), ""), openapi.Req("names", namesSchema, "By language."),
		openapi.Req("office", officeRefSchema.OrNull(), ""), openapi.Req("series", openapi.Text(0), "Letter of its numbers."), openapi.Req("minutes", openapi.Number(), "Expected."),
		openapi.Req("kiosk", openapi.Bool(), "Gives numbers at the kiosk."), openapi.Req("remote", openapi.Bool(), "Gives numbers on the web."))), ""),
	openapi.Req("classes", openapi.List(openapi.Object(openapi.Req("key", openapi.Text(0), ""), openapi.Req("names", namesSchema, ""))), "Of precedence. Not for publication."),
	openapi.Req("counters", openapi.List(counterBriefSchema), "")))

var counterBriefSchema = openapi.Named("Counter", "Where people are served.", openapi.Object(
	openapi.Req("id", openapi.ID(), ""),
	openapi.Req("name", openapi.Text(0), ""),
	openapi.Req("kind", openapi.Text(0), "desk, specialist or reception."),
	openapi.Req("office", officeRefSchema.OrNull(), ""),
	openapi.Req("services", openapi.List(openapi.ID()), "That it does.")))

type apiSite struct {
	ID       apiID            `json:"id"`
	Key      string           `json:"key"`
	Name     string           `json:"name"`
	Address  string           `json:"address"`
	Version  int64            `json:"version"`
	Open     bool             `json:"open"`
	Next     clock.Instant    `json:"next_change_at"`
	Services []apiRoomService `json:"services"`
	Classes  []apiRoomClass   `json:"classes"`
	Counters []apiCounter     `json:"counters"`
}

type apiRoomService struct {
	ID      apiID         `json:"id"`
	Key     string        `json:"key"`
	Names   queue.Names   `json:"names"`
	Office  *apiOfficeRef `json:"office"`
	Series  string        `json:"series"`
	Minutes float64       `json:"minutes"`
	Kiosk   bool          `json:"kiosk"`
	Remote  bool          `json:"remote"`
}

type apiRoomClass struct {
	Key   string      `json:"key"`
	Names queue.Names `json:"names"`
}

type apiCounter struct {
	ID       apiID         `json:"id"`
	Name     string        `json:"name"`
	Kind     string        `json:"kind"`
	Office   *apiOfficeRef `json:"office"`
	Services []apiID       `json:"services"`
}

func (a *api) siteOps() []apiOp {
	return []apiOp{
		op(openapi.Operation{
			Method: "GET", Path: "/sites", ID: "listSites", Tag: "rooms", Scope: "read", Summary: "The places where people wait, with services and counters",
			Out: openapi.Object(openapi.Req("items", openapi.List(siteSchema), "")),
		}, apiRead(a.sites)),
		op(openapi.Operation{Method: "GET", Path: "/sites/{id}", ID: "getSite", Tag: "rooms", Scope: "read", Summary: "One site", Out: siteSchema}, apiRead(a.oneSite)),
		op(openapi.Operation{
			Method: "POST", Path: "/sites/{id}/days", ID: "setSiteDay", Tag: "rooms", Scope: "admin", Summary: "Give a day other hours, or none; for an administrator",
			Body: openapi.Object(openapi.Req("day", openapi.Filled(10), "2026-12-24."), openapi.Opt("hours", openapi.UpTo(6, rangeSchema), "None: the site is shut."),
				openapi.Opt("reason", openapi.Text(200), ""), openapi.Opt("tell", openapi.Bool(), "Tell those whose appointment cannot stay, with a link to choose another time."),
				openapi.Opt("try", openapi.Bool(), "Only work out what would follow."), versionProp),
			Out: openapi.Object(openapi.Req("conflicts", openapi.Int(), "Appointments that have, or would have, no place any more."), openapi.Req("told", openapi.Int(), ""),
				openapi.Req("to_call", openapi.Int(), "Whom no message reaches."), openapi.Req("waiting", openapi.Int(), "People with a number who wait now, when it is today.")),
		}, apiDo(a.setSiteDay)).withoutKey(), // the same day set twice is the same day
	}
}

var rangeSchema = openapi.Object(openapi.Req("from", openapi.Between(0, 24*60), "Minutes after midnight, by the clock on the wall."), openapi.Req("to", openapi.Between(0, 24*60), ""))

func (a *api) viewSite(q *apiCall, h *queue.House) apiSite {
	now := a.clock.Now()
	out := apiSite{
		ID: apiID(h.Site.ID), Key: h.Site.Key, Name: h.Site.Name, Address: h.Site.Address, Version: h.Site.Version,
		Services: []apiRoomService{}, Classes: []apiRoomClass{}, Counters: []apiCounter{},
	}
	if until, open := h.Calendar.Open(now); open {
		out.Open, out.Next = true, until
	} else {
		out.Next = h.Calendar.Next(now)
	}
	for _, s := range h.Services {
		if s.EndedAt != 0 {
			continue
		}
		x := apiRoomService{ID: apiID(s.ID), Key: s.Key, Names: s.Names, Office: q.officeRef(s.OfficeID), Minutes: s.Minutes, Kiosk: s.Kiosk, Remote: s.Remote}
		if g := h.Group(s.GroupID); g != nil {
			x.Series = g.Series
		}
		out.Services = append(out.Services, x)
	}
	for _, k := range h.Classes {
		out.Classes = append(out.Classes, apiRoomClass{string(k.Key), k.Names})
	}
	for _, c := range h.Counters {
		if c.EndedAt == 0 {
			out.Counters = append(out.Counters, q.viewCounter(h, c))
		}
	}
	return out
}

func (q *apiCall) viewCounter(h *queue.House, c *queue.Counter) apiCounter {
	out := apiCounter{ID: apiID(c.ID), Name: c.Name, Kind: c.Kind, Office: q.officeRef(c.OfficeID), Services: []apiID{}}
	for _, sk := range h.Skills[c.ID] {
		if s := h.Service(sk.ServiceID); s != nil && s.EndedAt == 0 {
			out.Services = append(out.Services, apiID(s.ID))
		}
	}
	return out
}

func (a *api) sites(q *apiCall) (apiItems[apiSite], error) {
	list, err := a.Queue.Sites(q.ctx)
	out := apiItems[apiSite]{Items: []apiSite{}}
	for _, s := range list {
		h, err := a.Queue.House(q.ctx, s.ID)
		if err != nil {
			return out, err
		}
		out.Items = append(out.Items, a.viewSite(q, h))
	}
	return out, err
}

func (a *api) oneSite(q *apiCall) (apiSite, error) {
	h, err := a.Queue.House(q.ctx, q.id("id"))
	if err != nil {
		return apiSite{}, err
	}
	if h.Site.ClosedAt != 0 {
		return apiSite{}, queue.ErrNotFound
	}
	q.etag = etag(h.Site.Version)
	return a.viewSite(q, h), nil
}

type dayIn struct {
	Day   queue.Day `json:"day"`
	Hours []struct {
		From int `json:"from"`
		To   int `json:"to"`
	} `json:"hours"`
	Reason  string `json:"reason"`
	Tell    bool   `json:"tell"`
	Try     bool   `json:"try"`
	Version int64  `json:"version"`
}

type apiShut struct {
	Conflicts int `json:"conflicts"`
	Told      int `json:"told"`
	ToCall    int `json:"to_call"`
	Waiting   int `json:"waiting"`
}

func (a *api) setSiteDay(q *apiCall, in dayIn) (apiShut, error) {
	if err := q.mustAdmin(); err != nil {
		return apiShut{}, err
	}
	v, err := q.version(in.Version)
	if err != nil {
		return apiShut{}, err
	}
	d := queue.SpecialDay{Day: in.Day, Reason: in.Reason}
	for _, r := range in.Hours {
		d.Intervals = append(d.Intervals, queue.Range{From: r.From, To: r.To})
	}
	would, err := a.Bookings.WouldShut(q.ctx, q.Viewer, q.id("id"), d)
	if err != nil {
		return apiShut{}, err
	}
	out := apiShut{Conflicts: len(would.Booked), Waiting: would.Waiting}
	if in.Try {
		for _, b := range would.Booked {
			if !b.Told {
				out.ToCall++
			}
		}
		return out, nil
	}
	done, err := a.Bookings.ShutDay(q.ctx, q.Viewer, q.id("id"), v, d, in.Tell)
	if err != nil {
		return apiShut{}, err
	}
	return apiShut{done.Conflicts, done.Told, done.ToCall, would.Waiting}, nil
}
