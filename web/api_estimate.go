package web

import (
	"filodiretto/queue"
	"filodiretto/queue/estimate"
	"filodiretto/web/openapi"
)

// apiKept is how promised waits came out; the share is null while too few were called
// to say.
type apiKept struct {
	From    queue.Day              `json:"from"`
	To      queue.Day              `json:"to"`
	Made    int                    `json:"made"`
	Called  int                    `json:"called"`
	InTime  int                    `json:"in_time"`
	Left    int                    `json:"left"`
	Open    int                    `json:"open"`
	Share   *int                   `json:"share"`
	Waits   int                    `json:"waits_learnt"`
	Enough  bool                   `json:"enough"`
	ByHour  []estimate.Calibration `json:"by_hour"`
	ByDay   []estimate.Calibration `json:"by_day"`
	ByClass []estimate.Calibration `json:"by_class"`
	ByWait  []estimate.Calibration `json:"by_wait"`
}

var calibrationSchema = openapi.Named("Calibration", "How promises of one band came out. Minutes.", openapi.Object(
	openapi.Req("band", openapi.Text(0), "An hour, a day, the key of a class, or minutes of expected wait."),
	openapi.Req("n", openapi.Int(), "Promises whose person was called."),
	openapi.Req("kept", openapi.Number(), "Share called no later than the upper end; 0.8 is right."),
	openapi.Req("bias", openapi.Number(), "By how much the guess was too long, on average."),
	openapi.Req("error", openapi.Number(), "Mean distance of guess and wait."),
	openapi.Req("width", openapi.Number(), "Mean of the upper end less the lower.")))

func (a *api) estimateOps() []apiOp {
	share := openapi.Between(0, 100)
	share.Null = true
	bands := openapi.List(calibrationSchema)
	return []apiOp{op(openapi.Operation{
		Method: "GET", Path: "/sites/{id}/estimates", ID: "getEstimates", Tag: "reports", Scope: "read",
		Summary: "How the promised waits of a site were kept; for heads of its offices and administrators",
		Doc:     "Only the first promise of each number counts. Nothing is about a person or an operator.",
		Params: []openapi.Param{
			{Name: "from", In: "query", Schema: openapi.Text(10), Doc: "A day, as in 2026-11-01. Without it, 28 days up to the last. At most 92 days."},
			{Name: "to", In: "query", Schema: openapi.Text(10), Doc: "A day, part of it. Without it, today."},
		},
		Out: openapi.Named("Kept", "How promised waits were kept.", openapi.Object(
			openapi.Req("from", openapi.Text(10), ""), openapi.Req("to", openapi.Text(10), ""),
			openapi.Req("made", openapi.Int(), "First promises, whatever became of them."), openapi.Req("called", openapi.Int(), "Of them: the person was called. Only these are in the bands."),
			openapi.Req("in_time", openapi.Int(), "Of the called: no later than they had read."), openapi.Req("left", openapi.Int(), "Gave up before."), openapi.Req("open", openapi.Int(), "Still wait, or were sent on."),
			openapi.Req("share", share, "In time, of a hundred called; null while they are too few to say."), openapi.Req("waits_learnt", openapi.Int(), "Waits that the estimates of the site have learnt from."),
			openapi.Req("enough", openapi.Bool(), "Whether they suffice to show a range; below, people read their place only."),
			openapi.Req("by_hour", bands, ""), openapi.Req("by_day", bands, ""), openapi.Req("by_class", bands, "Of precedence. Not for publication."), openapi.Req("by_wait", bands, ""))),
	}, apiRead(a.siteEstimates))}
}

func (a *api) siteEstimates(q *apiCall) (*apiKept, error) {
	h, err := a.Queue.House(q.ctx, q.id("id"))
	if err != nil {
		return nil, err
	}
	from, to, err := q.span(h.Today(a.clock.Now()))
	if err != nil {
		return nil, err
	}
	k, err := a.Queue.Kept(q.ctx, q.Viewer, h.Site.ID, from, to)
	if err != nil {
		return nil, err
	}
	bands := func(all []estimate.Calibration) []estimate.Calibration {
		return append([]estimate.Calibration{}, all...)
	}
	out := &apiKept{
		From: from, To: to, Made: k.Made, Called: k.Called, InTime: k.InTime, Left: k.Left, Open: k.Open, Waits: k.Waits, Enough: k.Waits >= estimate.Enough,
		ByHour: bands(k.ByHour), ByDay: bands(k.ByDay), ByClass: bands(k.ByClass), ByWait: bands(k.ByWait),
	}
	if n := k.Share(); n > 0 {
		out.Share = &n
	}
	return out, nil
}
