package web

import (
	"filodiretto/inbox"
	"filodiretto/internal/clock"
	"filodiretto/web/openapi"
)

// apiReconciliation is one comparison of an account with its platform.
type apiReconciliation struct {
	ID         apiID               `json:"id"`
	State      string              `json:"state"`
	AskedAt    clock.Instant       `json:"asked_at"`
	EndedAt    clock.Instant       `json:"ended_at"`
	Daily      bool                `json:"daily"`
	Done       int                 `json:"done"`
	Todo       int                 `json:"todo"`
	ErrorClass string              `json:"error_class"`
	ErrorText  string              `json:"error_text"`
	Streams    []apiReconcileEntry `json:"streams"`
}

type apiReconcileEntry struct {
	Stream     string `json:"stream"`
	Held       int    `json:"held"`
	Here       int    `json:"here"`
	Waiting    int    `json:"waiting"`
	Gone       int    `json:"gone"`
	Older      int    `json:"older"`
	Missing    int    `json:"missing"`
	Fetched    int    `json:"fetched"`
	Absent     int    `json:"absent"`
	Renumbered bool   `json:"renumbered"`
}

var reconciliationSchema = openapi.Named("Reconciliation", "One comparison of what a platform holds with what was taken in.", openapi.Object(
	openapi.Req("id", openapi.ID(), ""),
	openapi.Req("state", openapi.OneOf("asked", "running", "done", "failed"), ""),
	openapi.Req("asked_at", timeOrNull, ""),
	openapi.Req("ended_at", timeOrNull, ""),
	openapi.Req("daily", openapi.Bool(), "Nobody asked: it was its turn."),
	openapi.Req("done", openapi.Int(), "Missing messages fetched so far."),
	openapi.Req("todo", openapi.Int(), "Of how many."),
	openapi.Req("error_class", openapi.Text(0), ""),
	openapi.Req("error_text", openapi.Text(0), "In words for the administrator."),
	openapi.Req("streams", openapi.List(openapi.Object(
		openapi.Req("stream", openapi.Text(0), "A folder."),
		openapi.Req("held", openapi.Int(), "At the platform and due to be here."),
		openapi.Req("here", openapi.Int(), "Originals here, of the platform's present numbering."),
		openapi.Req("waiting", openapi.Int(), "On the way."),
		openapi.Req("gone", openapi.Int(), "Here, and no longer at the platform."),
		openapi.Req("older", openapi.Int(), "Originals of earlier numberings."),
		openapi.Req("missing", openapi.Int(), "Held and not here when it was compared."),
		openapi.Req("fetched", openapi.Int(), "Of them taken in by the comparison."),
		openapi.Req("absent", openapi.Int(), "Of them still not here: anything but 0 is an alarm."),
		openapi.Req("renumbered", openapi.Bool(), "Numbered anew: nothing could be compared yet."))), "")))

func (a *api) reconcileOps() []apiOp {
	ask := openapi.Operation{
		Method: "POST", Path: "/accounts/{id}/reconcile", ID: "reconcileAccount", Tag: "channels", Scope: "admin",
		Summary: "Compare it with its platform and fetch what is missing; one under way is enough", Out: reconciliationSchema,
	}
	return []apiOp{
		op(openapi.Operation{
			Method: "GET", Path: "/accounts/{id}/reconciliations", ID: "listReconciliations", Tag: "channels", Scope: "read", Summary: "The newest comparisons with its platform",
			Out: openapi.Object(openapi.Req("items", openapi.List(reconciliationSchema), "")),
		}, apiRead(a.reconciliations)),
		op(ask, apiRead(a.reconcileAccount)).withoutKey(),
	}
}

// reconciliations are the newest comparisons; an administrator may see them.
func (a *api) reconciliations(q *apiCall) (apiItems[apiReconciliation], error) {
	out := apiItems[apiReconciliation]{Items: []apiReconciliation{}}
	if err := q.mustAdmin(); err != nil {
		return out, err
	}
	x, err := a.Inbox.Account(q.ctx, q.id("id"))
	if err != nil {
		return out, err
	}
	runs, err := a.Inbox.ReconcileRuns(q.ctx, x.ID, reconcileRuns)
	for i := range runs {
		out.Items = append(out.Items, viewReconciliation(&runs[i]))
	}
	return out, err
}

// reconcileAccount asks for a comparison now.
func (a *api) reconcileAccount(q *apiCall) (apiReconciliation, error) {
	run, err := a.Inbox.AskReconcile(q.ctx, q.Viewer, q.id("id"))
	if err != nil {
		return apiReconciliation{}, err
	}
	return viewReconciliation(run), nil
}

func viewReconciliation(r *inbox.ReconcileRun) apiReconciliation {
	out := apiReconciliation{
		ID: apiID(r.ID), State: r.State, AskedAt: r.AskedAt, EndedAt: r.EndedAt, Daily: r.AskedBy == 0, Done: r.Done, Todo: r.Todo,
		ErrorClass: r.ErrorClass, ErrorText: r.ErrorText, Streams: []apiReconcileEntry{},
	}
	for _, s := range r.Streams {
		out.Streams = append(out.Streams, apiReconcileEntry{s.Stream, s.Held, s.Here, s.Waiting, s.Gone, s.Older, s.Missing, s.Fetched, s.Absent, s.Renumbered})
	}
	return out
}
