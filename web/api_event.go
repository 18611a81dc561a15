package web

import (
	"filodiretto/inbox"
	"filodiretto/internal/clock"
	"filodiretto/web/openapi"
)

// apiAudit is a piece of the register.
type apiAudit struct {
	Items  []apiAuditEvent `json:"items"`
	Next   string          `json:"next"`
	Sealed clock.Instant   `json:"sealed_until"`
}

type apiAuditEvent struct {
	apiEvent
	CaseRef string `json:"case_ref"`
	Person  string `json:"person"`
}

func (a *api) eventOps() []apiOp {
	at := func(name, doc string) openapi.Param {
		return openapi.Param{Name: name, In: "query", Schema: openapi.Time(), Doc: doc}
	}
	event := openapi.Named("AuditEvent", "An event with what names its object.", openapi.Object(append(eventSchema.Props[:len(eventSchema.Props):len(eventSchema.Props)],
		openapi.Req("case_ref", openapi.Text(0), "Number of the case."), openapi.Req("person", openapi.Text(0), "Name of the citizen."))...))
	return []apiOp{
		op(openapi.Operation{
			Method: "GET", Path: "/events", ID: "listEvents", Tag: "events", Scope: "read", Summary: "The register of what happened, newest first; for administrators and heads",
			Doc: "An administrator sees all, a head what concerns the offices they head.",
			Params: append([]openapi.Param{
				{Name: "kind", In: "query", Schema: openapi.Text(60), Doc: "case.closed, or a whole family: case."},
				{Name: "operator", In: "query", Schema: openapi.ID()},
				{Name: "citizen", In: "query", Schema: openapi.ID()},
				{Name: "case", In: "query", Schema: openapi.Text(20), Doc: "Number of the case."},
				at("from", ""), at("to", "Not part of it."),
			}, paging(200)...),
			Out: openapi.Object(openapi.Req("items", openapi.List(event), ""), openapi.Req("next", openapi.Text(0), "Cursor of what follows."),
				openapi.Req("sealed_until", timeOrNull, "Events up to then are sealed: a change of one would show.")),
		}, apiRead(a.events)),
	}
}

func (a *api) events(q *apiCall) (*apiAudit, error) {
	p, err := a.Inbox.Audit(q.ctx, q.Viewer, inbox.AuditFilter{
		Kind: q.query("kind"), OperatorID: parseID(q.query("operator")), CitizenID: parseID(q.query("citizen")),
		CaseRef: q.query("case"), From: q.instant("from"), To: q.instant("to"), Before: parseID(q.query("cursor")), Limit: q.limit(50),
	})
	if err != nil {
		return nil, err
	}
	out := &apiAudit{Items: make([]apiAuditEvent, len(p.Events)), Next: idCursor(p.Next), Sealed: p.Sealed}
	for i := range p.Events {
		e := &p.Events[i]
		out.Items[i] = apiAuditEvent{*q.viewEvent(&e.Event), e.Ref, e.Person}
	}
	return out, nil
}
