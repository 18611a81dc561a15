package web

import (
	"net/http"

	"filodiretto/internal/clock"
	"filodiretto/router"
	"filodiretto/web/openapi"
)

// apiReadyText is a text that operators insert into answers.
type apiReadyText struct {
	ID        apiID         `json:"id"`
	Short     string        `json:"short"`
	Name      string        `json:"name"`
	Office    *apiOfficeRef `json:"office"`
	Lang      string        `json:"lang"`
	Body      string        `json:"body"`
	UpdatedAt clock.Instant `json:"updated_at"`
	UpdatedBy *apiWho       `json:"updated_by"`
}

var readyTextSchema = openapi.Named("ReadyText", "A text that operators insert with / and its short name.", openapi.Object(
	openapi.Req("id", openapi.ID(), ""),
	openapi.Req("short", openapi.Text(0), ""),
	openapi.Req("name", openapi.Text(0), ""),
	openapi.Req("office", officeRefSchema.OrNull(), "null for all offices."),
	openapi.Req("lang", openapi.Text(0), ""),
	openapi.Req("body", openapi.Text(0), ""),
	openapi.Req("updated_at", timeOrNull, "To be given back as seen when it is changed."),
	openapi.Req("updated_by", whoSchema.OrNull(), "")))

func (a *api) readyTextOps() []apiOp {
	props := []openapi.Prop{
		openapi.Req("short", openapi.Filled(40), "Small letters, digits and hyphens."),
		openapi.Req("name", openapi.Filled(200), ""),
		openapi.Opt("office", idOrNull, "null for all offices."),
		openapi.Req("lang", openapi.OneOf("it", "en"), ""),
		openapi.Req("body", openapi.Filled(20_000), ""),
	}
	seen := openapi.Req("seen", openapi.Time(), "updated_at as read. A newer one is 409.")
	return []apiOp{
		op(openapi.Operation{
			Method: "GET", Path: "/ready-texts", ID: "listReadyTexts", Tag: "settings", Scope: "read", Summary: "The ready texts of all offices and of the operator's own",
			Out: openapi.Object(openapi.Req("items", openapi.List(readyTextSchema), "")),
		}, apiRead(a.readyTexts)),
		op(openapi.Operation{
			Method: "POST", Path: "/ready-texts", ID: "createReadyText", Tag: "settings", Scope: "write", Summary: "Add a ready text; for administrators and heads", OK: http.StatusCreated,
			Body: openapi.Object(props...), Out: readyTextSchema,
		}, apiDo(a.saveReadyText)),
		op(openapi.Operation{
			Method: "PUT", Path: "/ready-texts/{id}", ID: "replaceReadyText", Tag: "settings", Scope: "write", Summary: "Change a ready text",
			Body: openapi.Object(append(props[:len(props):len(props)], seen)...), Out: readyTextSchema,
		}, apiDo(a.saveReadyText)),
		op(openapi.Operation{Method: "DELETE", Path: "/ready-texts/{id}", ID: "deleteReadyText", Tag: "settings", Scope: "write", Summary: "Take a ready text away"}, apiEmpty(a.deleteReadyText)),
	}
}

func (q *apiCall) viewReadyText(t *router.ReadyText) apiReadyText {
	return apiReadyText{apiID(t.ID), t.Short, t.Name, q.officeRef(t.OfficeID), t.Lang, t.Body, t.UpdatedAt, q.who(t.UpdatedBy)}
}

func (a *api) readyTexts(q *apiCall) (apiItems[apiReadyText], error) {
	list, err := a.Router.ReadyTexts(q.ctx, q.Viewer)
	out := apiItems[apiReadyText]{Items: make([]apiReadyText, len(list))}
	for i := range list {
		out.Items[i] = q.viewReadyText(&list[i])
	}
	return out, err
}

type readyTextIn struct {
	Short  string        `json:"short"`
	Name   string        `json:"name"`
	Office apiID         `json:"office"`
	Lang   string        `json:"lang"`
	Body   string        `json:"body"`
	Seen   clock.Instant `json:"seen"`
}

// saveReadyText makes a text, or changes the one in the address.
func (a *api) saveReadyText(q *apiCall, in readyTextIn) (apiReadyText, error) {
	t, err := a.Router.SaveReadyText(q.ctx, q.Viewer, router.ReadyText{ID: q.id("id"), Short: in.Short, Name: in.Name, OfficeID: int64(in.Office), Lang: in.Lang, Body: in.Body, UpdatedAt: in.Seen})
	if err != nil {
		return apiReadyText{}, err
	}
	return q.viewReadyText(t), nil
}

func (a *api) deleteReadyText(q *apiCall, _ nothing) error {
	return a.Router.DeleteReadyText(q.ctx, q.Viewer, q.id("id"))
}
