package web

import (
	"filodiretto/internal/clock"
	"filodiretto/internal/live"
	"filodiretto/web/openapi"
)

// apiPresent is somebody who has a case open.
type apiPresent struct {
	Operator apiWho        `json:"operator"`
	Doing    live.Doing    `json:"doing"`
	Until    clock.Instant `json:"until"`
}

var presentSchema = openapi.Named("Present", "Somebody who has a case open.", openapi.Object(
	openapi.Req("operator", whoSchema, ""),
	openapi.Req("doing", openapi.OneOf(live.Looking, live.Writing), ""),
	openapi.Req("until", openapi.Time(), "When this ends unless there is another sign.")))

func (a *api) presenceOps() []apiOp {
	return []apiOp{
		op(openapi.Operation{
			Method: "GET", Path: casePath + "/presence", ID: "listPresent", Tag: "cases", Scope: "read", Summary: "Who looks at the case or writes an answer now",
			Out: openapi.Object(openapi.Req("items", openapi.List(presentSchema), "")),
		}, apiRead(a.present)),
		op(openapi.Operation{
			Method: "POST", Path: casePath + "/presence", ID: "setPresence", Tag: "cases", Scope: "write", Summary: "Tell the others that the operator looks, writes, or is gone; a sign holds for some seconds",
			Body: openapi.Object(openapi.Req("doing", openapi.OneOf(live.Looking, live.Writing, live.Gone), "")),
		}, apiEmpty(a.touch)).withoutKey(),
		op(openapi.Operation{
			Method: "GET", Path: "/handovers", ID: "listHandovers", Tag: "cases", Scope: "read", Summary: "The cases that are offered to the operator's offices and wait for an answer, oldest first",
			Out: openapi.Object(openapi.Req("items", openapi.List(handoverSchema), "")),
		}, apiRead(a.handovers)),
	}
}

func (a *api) present(q *apiCall) (apiItems[apiPresent], error) {
	out := apiItems[apiPresent]{Items: []apiPresent{}}
	c, err := a.pathCase(q)
	if err != nil {
		return out, err
	}
	for _, p := range a.Presence.List(q.ctx, []int64{c.ID})[c.ID] {
		out.Items = append(out.Items, apiPresent{apiWho{apiID(p.Operator), p.Name}, p.Doing, p.Until})
	}
	return out, nil
}

type doingIn struct {
	Doing live.Doing `json:"doing"`
}

func (a *api) touch(q *apiCall, in doingIn) error {
	c, err := a.pathCase(q)
	if err != nil {
		return err
	}
	a.Presence.Touch(q.ctx, c.ID, q.OperatorID, q.Name, in.Doing)
	return nil
}

func (a *api) handovers(q *apiCall) (apiItems[apiHandover], error) {
	list, err := a.Desk.Pending(q.ctx, q.Viewer)
	out := apiItems[apiHandover]{Items: make([]apiHandover, len(list))}
	for i, h := range list {
		out.Items[i] = q.viewHandover(h)
	}
	return out, err
}
