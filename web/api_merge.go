package web

import (
	"filodiretto/internal/clock"
	"filodiretto/web/openapi"
)

func (a *api) mergeOps() []apiOp {
	other := openapi.Req("other", openapi.ID(), "Any record of the other person.")
	return []apiOp{
		op(openapi.Operation{
			Method: "POST", Path: "/citizens/{id}/merge", ID: "mergeCitizens", Tag: "citizens", Scope: "write", Summary: "Say that another record is the same person, who goes on under this one's name",
			Doc: "It can be undone at any time.", Body: openapi.Object(other, openapi.Req("reason", openapi.Filled(500), "")), Out: mergeSchema,
		}, apiDo(a.mergeCitizens)),
		op(openapi.Operation{Method: "POST", Path: "/citizens/merges/{id}/undo", ID: "undoMerge", Tag: "citizens", Scope: "write", Summary: "Take a merge back: the exact former state"}, apiEmpty(a.undoMerge)),
		op(openapi.Operation{
			Method: "POST", Path: "/citizens/{id}/not-same", ID: "keepApart", Tag: "citizens", Scope: "write", Summary: "Say for good that two are not the same person",
			Body: openapi.Object(other),
		}, apiEmpty(a.notSame)),
		op(openapi.Operation{
			Method: "POST", Path: "/citizens/{id}/not-same/withdraw", ID: "withdrawApart", Tag: "citizens", Scope: "write", Summary: "Take back that two are not the same person",
			Body: openapi.Object(other),
		}, apiEmpty(a.withdrawNotSame)),
		op(openapi.Operation{
			Method: "GET", Path: "/proposals", ID: "listProposals", Tag: "citizens", Scope: "read", Summary: "Who may be the same person as whom, the newest question first",
			Params: paging(100), Out: pageSchema(openProposalSchema),
		}, apiRead(a.proposals)),
		op(openapi.Operation{
			Method: "POST", Path: "/proposals/{id}", ID: "decideProposal", Tag: "citizens", Scope: "write", Summary: "Accept a proposal, which merges the two, or refuse it for good",
			Body: openapi.Object(openapi.Req("accept", openapi.Bool(), "")),
			Out:  openapi.Named("ProposalDone", "A proposal that was decided.", openapi.Object(openapi.Req("merge", mergeSchema.OrNull(), "null for a refusal."))),
		}, apiDo(a.decideProposal)),
	}
}

type otherIn struct {
	Other  apiID  `json:"other"`
	Reason string `json:"reason"`
}

func (a *api) mergeCitizens(q *apiCall, in otherIn) (apiMerge, error) {
	m, err := a.Inbox.Merge(q.ctx, q.Viewer, q.id("id"), int64(in.Other), in.Reason)
	if err != nil {
		return apiMerge{}, err
	}
	return q.viewMerge(m), nil
}

func (a *api) undoMerge(q *apiCall, _ nothing) error {
	return a.Inbox.UndoMerge(q.ctx, q.Viewer, q.id("id"))
}

func (a *api) notSame(q *apiCall, in otherIn) error {
	return a.Inbox.NotSame(q.ctx, q.Viewer, q.id("id"), int64(in.Other))
}

func (a *api) withdrawNotSame(q *apiCall, in otherIn) error {
	return a.Inbox.WithdrawNotSame(q.ctx, q.Viewer, q.id("id"), int64(in.Other))
}

// apiOpenProposal is a question about two persons.
type apiOpenProposal struct {
	ID        apiID          `json:"id"`
	One       apiPersonBrief `json:"one"`
	Other     apiPersonBrief `json:"other"`
	Reasons   []string       `json:"reasons"`
	Score     int            `json:"score"`
	CreatedAt clock.Instant  `json:"created_at"`
}

var openProposalSchema = openapi.Named("OpenProposal", "A question: are these two one person?", openapi.Object(
	openapi.Req("id", openapi.ID(), ""),
	openapi.Req("one", personBriefSchema, ""),
	openapi.Req("other", personBriefSchema, ""),
	openapi.Req("reasons", openapi.List(openapi.Text(0)), "cf, email, form, phone, address, name."),
	openapi.Req("score", openapi.Int(), "5 to 100."),
	openapi.Req("created_at", openapi.Time(), "")))

func (a *api) proposals(q *apiCall) (apiPage[apiOpenProposal], error) {
	list, next, err := a.Inbox.OpenProposals(q.ctx, q.Viewer, parseID(q.query("cursor")), q.limit(rowsOf))
	if err != nil {
		return apiPage[apiOpenProposal]{}, err
	}
	now := a.clock.Now()
	out := make([]apiOpenProposal, len(list))
	for i := range list {
		p := &list[i]
		out[i] = apiOpenProposal{apiID(p.ID), q.viewBrief(&p.One, now), q.viewBrief(&p.Other, now), splitWords(p.Reasons), p.Score, p.CreatedAt}
	}
	return pageOf(out, idCursor(next)), nil
}

type acceptIn struct {
	Accept bool `json:"accept"`
}

type apiProposalDone struct {
	Merge *apiMerge `json:"merge"`
}

func (a *api) decideProposal(q *apiCall, in acceptIn) (apiProposalDone, error) {
	var out apiProposalDone
	if !in.Accept {
		return out, a.Inbox.RefuseProposal(q.ctx, q.Viewer, q.id("id"))
	}
	m, err := a.Inbox.AcceptProposal(q.ctx, q.Viewer, q.id("id"))
	if err != nil {
		return out, err
	}
	v := q.viewMerge(m)
	out.Merge = &v
	return out, nil
}
