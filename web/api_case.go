package web

import (
	"net/http"

	"filodiretto/inbox"
	"filodiretto/web/openapi"
)

const casePath = "/cases/{year}/{number}"

// rowsOf is how many rows a list has when nobody says.
const rowsOf = 25

func (a *api) caseOps() []apiOp {
	return []apiOp{
		op(openapi.Operation{
			Method: "GET", Path: "/cases", ID: "listCases", Tag: "cases", Scope: "read", Summary: "A piece of a view, newest or most urgent first",
			Doc:    "Its cost does not depend on how many cases there are, nor on how far the cursor is.",
			Params: append([]openapi.Param{{Name: "view", In: "query", Schema: openapi.OneOf(inbox.Views...), Doc: "office when left out. Views look at all the offices of the operator; all shows what the front desk may see of every office; copied those of other offices whose mail came to a mailbox of the operator's offices too."}}, paging(200)...),
			Out:    pageSchema(caseSchema),
		}, apiRead(a.listCases)),
		op(openapi.Operation{
			Method: "GET", Path: "/cases/counts", ID: "countCases", Tag: "cases", Scope: "read", Summary: "The numbers beside the views",
			Out: countsSchema,
		}, apiRead(a.countCases)),
		op(openapi.Operation{
			Method: "GET", Path: casePath, ID: "getCase", Tag: "cases", Scope: "read", Summary: "A case with its timeline, deliveries and suggestions",
			Doc: "Reading is written to the events, once in ten minutes.", Out: caseFullSchema,
		}, apiRead(a.getCase)),
	}
}

func (a *api) listCases(q *apiCall) (apiPage[apiCase], error) {
	view := inbox.View(q.query("view"))
	if view == "" {
		view = inbox.ViewOffice
	}
	p, err := a.Inbox.List(q.ctx, q.Viewer, view, q.query("cursor"), q.limit(rowsOf))
	if err != nil {
		return apiPage[apiCase]{}, err
	}
	rows := make([]apiCase, len(p.Cases))
	for i, c := range p.Cases {
		rows[i] = q.viewCase(c)
	}
	return pageOf(rows, p.Next), nil
}

// apiCounts are the numbers beside the views. One above Cap means "more than Cap".
type apiCounts struct {
	Views      map[inbox.View]int `json:"views"`
	Unread     apiUnread          `json:"unread"`
	Quarantine int                `json:"quarantine"`
	Cap        int                `json:"cap"`
}

// apiUnread is how many cases hold something that nobody has read.
type apiUnread struct {
	Mine   int `json:"mine"`
	Office int `json:"office"`
	All    int `json:"all"`
}

var countsSchema = openapi.Named("Counts", "The numbers beside the views.", openapi.Object(
	openapi.Req("views", openapi.Map(), "For each view how many, at most one more than cap."),
	openapi.Req("unread", openapi.Object(
		openapi.Req("mine", openapi.Int(), ""), openapi.Req("office", openapi.Int(), ""), openapi.Req("all", openapi.Int(), "Of either, each once.")),
		"How many cases of one's own and of one's offices hold something that nobody has read."),
	openapi.Req("quarantine", openapi.Int(), "How many items wait in quarantine."),
	openapi.Req("cap", openapi.Int(), "Counting stops here; a number above it means more than it.")))

func (a *api) countCases(q *apiCall) (apiCounts, error) {
	views, err := a.Inbox.Counts(q.ctx, q.Viewer)
	if err != nil {
		return apiCounts{}, err
	}
	w, err := a.Inbox.Tally(q.ctx, q.Viewer)
	return apiCounts{views, apiUnread{w.Mine, w.Office, w.Unread}, w.Quarantined, inbox.CountCap}, err
}

// pathCase is the case that the address names, if the operator may see it.
func (a *api) pathCase(q *apiCall) (*inbox.Case, error) {
	return a.Inbox.CaseByRef(q.ctx, q.Viewer, q.pathRef())
}

// pathRef is the number in the address.
func (q *apiCall) pathRef() string { return q.r.PathValue("year") + "/" + q.r.PathValue("number") }

func (a *api) getCase(q *apiCall) (*apiCaseFull, error) {
	cv, err := a.Inbox.ViewCaseByRef(q.ctx, q.Viewer, q.pathRef())
	if err != nil {
		return nil, err
	}
	out := &apiCaseFull{
		apiCase: q.viewCase(cv.Case), Timeline: make([]apiEntry, len(cv.Entries)), Older: cv.Older != "",
		Suggestions: []apiSuggestion{}, Merged: []apiCaseRef{}, Handovers: []apiHandover{}, apiTrust: q.viewTrust(cv),
	}
	q.etag = etag(cv.Case.Version)
	if q.Member(cv.Case.OfficeID) {
		out.StatusSecret, out.StatusURL = cv.Case.Secret, a.Inbox.StatusLink(cv.Case)
	}
	for i, e := range cv.Entries {
		if e.Message == nil {
			out.Timeline[i].Event = q.viewEvent(e.Event)
			continue
		}
		m := viewMessage(q, e.Message, e.Parts, e.Deliveries)
		withSteps(&m, e.Deliveries, cv.Receipts[e.Message.ID])
		m.TakenBack = e.TakenBack
		out.Timeline[i].Message = &m
	}
	for _, s := range cv.Suggestions {
		out.Suggestions = append(out.Suggestions, apiSuggestion{apiID(s.ID), apiCaseRef{apiID(s.OtherID), s.Ref(), s.Subject}, s.Person, s.Reason})
	}
	for _, m := range cv.Merged {
		out.Merged = append(out.Merged, *viewCaseRef(m))
	}
	if cv.Parent != nil {
		out.Parent = viewCaseRef(cv.Parent)
	}
	hs, err := a.Desk.OfCase(q.ctx, cv.Case)
	if err != nil {
		return nil, err
	}
	for _, h := range hs {
		out.Handovers = append(out.Handovers, q.viewHandover(h))
	}
	return out, nil
}

// changed answers a command on a case with the case as it is now.
func (q *apiCall) changed(c *inbox.Case, err error) (apiCase, error) {
	if err != nil {
		return apiCase{}, err
	}
	q.etag = etag(c.Version)
	return q.viewCase(c), nil
}

const statusCreated = http.StatusCreated
