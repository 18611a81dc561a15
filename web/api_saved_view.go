package web

import (
	"net/http"

	"filodiretto/inbox"
	"filodiretto/internal/clock"
	"filodiretto/internal/textfold"
	"filodiretto/web/openapi"
)

// apiSavedView is a search that the operator of the token keeps.
type apiSavedView struct {
	ID     apiID         `json:"id"`
	Name   string        `json:"name"`
	Query  string        `json:"query"`
	MadeAt clock.Instant `json:"made_at"`
}

var savedViewSchema = openapi.Named("SavedView", "A search that an operator keeps beside the views of the inbox. Its cases are those of /search with the same q.", openapi.Object(
	openapi.Req("id", openapi.ID(), ""),
	openapi.Req("name", openapi.Text(0), ""),
	openapi.Req("query", openapi.Text(0), "As typed."),
	openapi.Req("made_at", openapi.Time(), "")))

func (a *api) savedViewOps() []apiOp {
	return []apiOp{
		op(openapi.Operation{
			Method: "GET", Path: "/saved-views", ID: "listSavedViews", Tag: "search", Scope: "read", Summary: "The operator's saved views, by name",
			Out: openapi.Object(openapi.Req("items", openapi.List(savedViewSchema), "")),
		}, apiRead(a.savedViews)),
		op(openapi.Operation{
			Method: "POST", Path: "/saved-views", ID: "saveView", Tag: "search", Scope: "write", Summary: "Keep a search under a name", OK: http.StatusCreated,
			Doc:  "Under a name that is there already, the search takes the place of the one before.",
			Body: openapi.Object(openapi.Req("name", openapi.Filled(60), ""), openapi.Req("query", openapi.Filled(500), "All of it must be understood.")),
			Out:  savedViewSchema,
		}, apiDo(a.saveView)),
		op(openapi.Operation{Method: "DELETE", Path: "/saved-views/{id}", ID: "forgetView", Tag: "search", Scope: "write", Summary: "Take a saved view away"}, apiEmpty(a.forgetView)),
	}
}

func viewSaved(sv *inbox.SavedView) apiSavedView {
	return apiSavedView{apiID(sv.ID), sv.Name, sv.Query, sv.MadeAt}
}

func (a *api) savedViews(q *apiCall) (apiItems[apiSavedView], error) {
	list, err := a.Inbox.SavedViews(q.ctx, q.Viewer)
	out := apiItems[apiSavedView]{Items: make([]apiSavedView, len(list))}
	for i := range list {
		out.Items[i] = viewSaved(&list[i])
	}
	return out, err
}

type savedViewIn struct {
	Name  string `json:"name"`
	Query string `json:"query"`
}

func (a *api) saveView(q *apiCall, in savedViewIn) (apiSavedView, error) {
	if _, problems := textfold.Parse(in.Query, a.searchOptions(&caller{Viewer: q.Viewer, dir: q.dir})); len(problems) > 0 {
		return apiSavedView{}, &inbox.InvalidError{Field: "query", Code: "unclear"}
	}
	sv, err := a.Inbox.SaveView(q.ctx, q.Viewer, in.Name, in.Query)
	if err != nil {
		return apiSavedView{}, err
	}
	return viewSaved(sv), nil
}

func (a *api) forgetView(q *apiCall, _ nothing) error {
	return a.Inbox.ForgetView(q.ctx, q.Viewer, q.id("id"))
}
