package web

import (
	"slices"
	"strconv"
	"time"

	"filodiretto/inbox"
	"filodiretto/queue"
	"filodiretto/reports"
	"filodiretto/router"
	"filodiretto/web/openapi"
)

// apiSpread is how long something took, in whole seconds; null where there is none.
type apiSpread struct {
	N      int  `json:"n"`
	Median *int `json:"median_s"`
	P80    *int `json:"p80_s"`
	P95    *int `json:"p95_s"`
	Mean   *int `json:"mean_s"`
}

func spreadOf(s *reports.Spread) apiSpread {
	known := func(n int) *int {
		if n < 0 {
			return nil
		}
		return &n
	}
	return apiSpread{s.N(), known(s.Quantile(.5)), known(s.Quantile(.8)), known(s.Quantile(.95)), known(s.Mean())}
}

type apiFigures struct {
	From     queue.Day         `json:"from"`
	To       queue.Day         `json:"to"`
	Visits   int               `json:"visits"`
	Booked   int               `json:"booked"`
	Outcomes map[string]int    `json:"outcomes"`
	Wait     apiSpread         `json:"wait"`
	Work     apiSpread         `json:"work"`
	Services []apiServiceFacts `json:"services"`
	Days     []apiDayFacts     `json:"days"`
	Hours    []apiHourFacts    `json:"hours"`
}

type apiServiceFacts struct {
	Service string    `json:"service"`
	Site    string    `json:"site"`
	Key     string    `json:"key"`
	Visits  int       `json:"visits"`
	Wait    apiSpread `json:"wait"`
	Work    apiSpread `json:"work"`
}

type apiDayFacts struct {
	Day    queue.Day `json:"day"`
	Visits int       `json:"visits"`
	Served int       `json:"served"`
	Wait   apiSpread `json:"wait"`
}

type apiHourFacts struct {
	From   string    `json:"from"`
	To     string    `json:"to"`
	Visits int       `json:"visits"`
	Wait   apiSpread `json:"wait"`
	Open   float64   `json:"counters_open"`
	Busy   float64   `json:"counters_busy"`
	Need   float64   `json:"counters_needed"`
}

type apiAdvice struct {
	Days []queue.Day `json:"days"`
	Best []apiTry    `json:"best"`
}

type apiTry struct {
	From    string `json:"from"`
	To      string `json:"to"`
	More    bool   `json:"more"`
	Counter string `json:"counter"`
	Open    int    `json:"open"`
	Before  int    `json:"p80_before_s"`
	After   int    `json:"p80_after_s"`
}

func (a *api) reportOps() []apiOp {
	seconds := &openapi.Schema{Type: "integer", Null: true}
	spread := openapi.Named("Spread", "How long something took, whole seconds; null where nothing was measured. Quantiles are exact: the smallest duration that such a share do not exceed.",
		openapi.Object(openapi.Req("n", openapi.Int(), ""), openapi.Req("median_s", seconds, ""), openapi.Req("p80_s", seconds, ""), openapi.Req("p95_s", seconds, ""), openapi.Req("mean_s", seconds, "")))
	day := openapi.Text(10)
	site := openapi.Param{Name: "site", In: "query", Schema: openapi.ID()}
	span := []openapi.Param{
		{Name: "from", In: "query", Schema: day, Doc: "A day, as in 2026-11-01. Without it, 28 days."},
		{Name: "to", In: "query", Schema: day, Doc: "A day, part of it. Without it, today."},
	}
	return []apiOp{
		op(openapi.Operation{
			Method: "GET", Path: "/reports/figures", ID: "getFigures", Tag: "reports", Scope: "read", Summary: "Visits, waits, service times and counters of a span of days; for heads, administrators and who communicates",
			Doc:    "A wait runs from the first instant of being callable to the first call. Nothing is about a person or an operator.",
			Params: append([]openapi.Param{site, {Name: "service", In: "query", Schema: openapi.ID()}}, span...),
			Out: openapi.Named("Figures", "Figures of the rooms.", openapi.Object(
				openapi.Req("from", day, ""), openapi.Req("to", day, ""), openapi.Req("visits", openapi.Int(), "People, each once."),
				openapi.Req("booked", openapi.Int(), "Of them with an appointment."), openapi.Req("outcomes", openapi.Map(), "How many by outcome: served, moved, no_show, left, expired, open."),
				openapi.Req("wait", spread, ""), openapi.Req("work", spread, "Service times."),
				openapi.Req("services", openapi.List(openapi.Object(openapi.Req("service", openapi.ID(), ""), openapi.Req("site", openapi.ID(), ""), openapi.Req("key", openapi.Text(0), ""),
					openapi.Req("visits", openapi.Int(), ""), openapi.Req("wait", spread, ""), openapi.Req("work", spread, ""))), ""),
				openapi.Req("days", openapi.List(openapi.Object(openapi.Req("day", day, ""), openapi.Req("visits", openapi.Int(), ""), openapi.Req("served", openapi.Int(), ""), openapi.Req("wait", spread, ""))), ""),
				openapi.Req("hours", openapi.List(openapi.Object(openapi.Req("from", openapi.Text(5), "By the clock on the wall."), openapi.Req("to", openapi.Text(5), ""), openapi.Req("visits", openapi.Int(), ""),
					openapi.Req("wait", spread, ""), openapi.Req("counters_open", openapi.Number(), "On average."), openapi.Req("counters_busy", openapi.Number(), ""), openapi.Req("counters_needed", openapi.Number(), ""))), ""))),
		}, apiRead(a.figures)),
		op(openapi.Operation{
			Method: "GET", Path: "/reports/advice", ID: "getAdvice", Tag: "reports", Scope: "read", Summary: "What one counter more or fewer would do on a site's own days, played again",
			Params: []openapi.Param{site, {Name: "weekday", In: "query", Schema: openapi.Between(0, 7), Doc: "1 Monday to 7 Sunday; 0 for any."}},
			Out: openapi.Object(openapi.Req("days", openapi.List(day), "Which were played."), openapi.Req("best", openapi.List(openapi.Object(
				openapi.Req("from", openapi.Text(5), ""), openapi.Req("to", openapi.Text(5), ""), openapi.Req("more", openapi.Bool(), "Else one fewer."), openapi.Req("counter", openapi.ID(), "Whose services it does."),
				openapi.Req("open", openapi.Int(), "Counters that do any of them and are open then."), openapi.Req("p80_before_s", openapi.Int(), ""), openapi.Req("p80_after_s", openapi.Int(), ""))), "")),
		}, apiRead(a.advice)),
	}
}

// span is the days that from and to name, both included: up to today and over the
// usual number of days where they are left out.
func (q *apiCall) span(today queue.Day) (from, to queue.Day, err error) {
	to = today
	for name, day := range map[string]*queue.Day{"from": &from, "to": &to} {
		if t := q.query(name); t != "" {
			if *day, err = queue.ParseDay(t); err != nil {
				return "", "", &inbox.InvalidError{Field: name, Code: "bad_form"}
			}
		}
	}
	if from == "" {
		from = to.Add(1 - usualSpan)
	}
	return from, to, nil
}

// mayReport is the rule of the pages.
func (q *apiCall) mayReport() bool {
	return q.Admin || slices.ContainsFunc(q.dir.RolesOf(q.OperatorID), func(m router.Membership) bool { return m.Role == router.Head || m.Role == router.Communication })
}

func (a *api) figures(q *apiCall) (*apiFigures, error) {
	if !q.mayReport() {
		return nil, inbox.ErrForbidden
	}
	f := reports.Filter{Site: parseID(q.query("site")), Service: parseID(q.query("service"))}
	var err error
	if f.From, f.To, err = q.span(a.Reports.Today()); err != nil {
		return nil, err
	}
	x, err := a.Reports.Load(q.ctx, f)
	if err != nil {
		return nil, err
	}
	out := &apiFigures{
		From: f.From, To: f.To, Visits: x.Visits, Booked: x.Booked, Outcomes: map[string]int{}, Wait: spreadOf(&x.Wait), Work: spreadOf(&x.Work),
		Services: []apiServiceFacts{}, Days: []apiDayFacts{}, Hours: []apiHourFacts{},
	}
	for _, o := range reportOutcomes {
		out.Outcomes[outcomeNames[o]] = x.Outcomes[o]
	}
	for _, sv := range x.Services {
		line := apiServiceFacts{Service: formatID(sv.Service), Site: formatID(sv.Site), Visits: sv.Visits, Wait: spreadOf(&sv.Wait), Work: spreadOf(&sv.Work)}
		if h, err := a.Queue.House(q.ctx, sv.Site); err == nil && h.Service(sv.Service) != nil {
			line.Key = h.Service(sv.Service).Key
		}
		out.Services = append(out.Services, line)
	}
	for i := range x.ByDay {
		d := &x.ByDay[i]
		out.Days = append(out.Days, apiDayFacts{d.Day, d.Visits, d.Served, spreadOf(&d.Wait)})
	}
	for _, n := range x.Needs() {
		h := &x.Hours[n.Band]
		out.Hours = append(out.Hours, apiHourFacts{clockOf(n.Band), clockOf(n.Band + 1), h.Visits, spreadOf(&h.Wait), n.Open, n.Busy, n.Need})
	}
	return out, nil
}

func (a *api) advice(q *apiCall) (*apiAdvice, error) {
	if !q.mayReport() {
		return nil, inbox.ErrForbidden
	}
	site := parseID(q.query("site"))
	if site == 0 {
		return nil, &inbox.InvalidError{Field: "site", Code: "required"}
	}
	weekday, _ := strconv.Atoi(q.query("weekday"))
	x, err := a.Reports.Advise(q.ctx, site, weekday)
	if err != nil {
		return nil, err
	}
	out := &apiAdvice{Days: append([]queue.Day{}, x.Days...), Best: []apiTry{}}
	for _, t := range x.Best {
		out.Best = append(out.Best, apiTry{
			From: dayTime(t.From), To: dayTime(t.To), More: t.More, Counter: formatID(t.Like), Open: t.Open,
			Before: int(t.Before.P80 / time.Second), After: int(t.After.P80 / time.Second),
		})
	}
	return out, nil
}
