package web

import (
	"errors"
	"net/http"
	"slices"

	"filodiretto/inbox"
	"filodiretto/internal/clock"
	"filodiretto/router"
	"filodiretto/templates"
	"filodiretto/web/openapi"
)

const textPath = "/texts/{event}/{channel}/{lang}"

// anyChannel stands in an address for a text that is for all channels.
const anyChannel = "any"

// apiText is a text of a notification, the municipality's own or the built-in one.
type apiText struct {
	Event     string        `json:"event"`
	Channel   string        `json:"channel"`
	Lang      string        `json:"lang"`
	Subject   string        `json:"subject"`
	Body      string        `json:"body"`
	Own       bool          `json:"own"`
	UpdatedAt clock.Instant `json:"updated_at"`
	UpdatedBy *apiWho       `json:"updated_by"`
}

var textSchema = openapi.Named("Text", "A text of a notification.", openapi.Object(
	openapi.Req("event", openapi.Text(0), ""),
	openapi.Req("channel", openapi.Text(0), "any is for all channels."),
	openapi.Req("lang", openapi.Text(0), ""),
	openapi.Req("subject", openapi.Text(0), ""),
	openapi.Req("body", openapi.Text(0), "{case_number} stands for a value."),
	openapi.Req("own", openapi.Bool(), "The municipality's own; otherwise the built-in one."),
	openapi.Req("updated_at", timeOrNull, "To be given back as seen when it is changed."),
	openapi.Req("updated_by", whoSchema.OrNull(), "")))

var textEventSchema = openapi.Named("TextEvent", "Something that citizens or staff are told of.", openapi.Object(
	openapi.Req("name", openapi.Text(0), ""),
	openapi.Req("label", openapi.Text(0), "What it is for."),
	openapi.Req("subject_only", openapi.Bool(), "It has no body."),
	openapi.Req("partial", openapi.Bool(), "Put under or into another message."),
	openapi.Req("variables", openapi.List(openapi.Object(
		openapi.Req("name", openapi.Text(0), ""), openapi.Req("optional", openapi.Bool(), "May be empty."),
		openapi.Req("label", openapi.Text(0), ""), openapi.Req("example", openapi.Text(0), ""))), "")))

func (a *api) textOps() []apiOp {
	body := []openapi.Prop{openapi.Opt("subject", openapi.Text(200), "One line; mail only."), openapi.Opt("body", openapi.Text(20_000), "")}
	return []apiOp{
		op(openapi.Operation{
			Method: "GET", Path: "/texts", ID: "listTexts", Tag: "settings", Scope: "read", Summary: "All texts of notifications, and what they may use; for administrators and heads",
			Out: openapi.Object(openapi.Req("items", openapi.List(textSchema), "The built-in texts, and the own ones over them."), openapi.Req("events", openapi.List(textEventSchema), "")),
		}, apiRead(a.texts)),
		op(openapi.Operation{
			Method: "PUT", Path: textPath, ID: "saveText", Tag: "settings", Scope: "write", Summary: "Put an own text over the built-in one; channel any is for all",
			Doc:  "422 with each mistake and its place when it does not parse.",
			Body: openapi.Object(append(body, openapi.Opt("seen", timeOrNull, "updated_at of the own text as read; left out or null when there was none. A newer one is 409."))...), Out: textSchema,
		}, apiDo(a.saveText)),
		op(openapi.Operation{Method: "DELETE", Path: textPath, ID: "restoreText", Tag: "settings", Scope: "write", Summary: "Take an own text away, so that the built-in one speaks again"}, apiEmpty(a.restoreText)),
		op(openapi.Operation{
			Method: "POST", Path: "/texts/preview", ID: "previewText", Tag: "settings", Scope: "read", Summary: "A text with example values, as a channel would send it",
			Body: openapi.Object(append(body, openapi.Req("event", openapi.Filled(100), ""), openapi.Opt("channel", openapi.Text(20), ""), openapi.Opt("lang", openapi.Text(35), ""))...),
			Out:  previewSchema,
		}, apiDo(a.previewText)).withoutKey(),
	}
}

type apiTexts struct {
	Items  []apiText      `json:"items"`
	Events []apiTextEvent `json:"events"`
}

type apiTextEvent struct {
	Name        string       `json:"name"`
	Label       string       `json:"label"`
	SubjectOnly bool         `json:"subject_only"`
	Partial     bool         `json:"partial"`
	Variables   []apiTextVar `json:"variables"`
}

type apiTextVar struct {
	Name     string `json:"name"`
	Optional bool   `json:"optional"`
	Label    string `json:"label"`
	Example  string `json:"example"`
}

func (a *api) texts(q *apiCall) (*apiTexts, error) {
	own, err := a.Router.OwnTexts(q.ctx, q.Viewer)
	if err != nil {
		return nil, err
	}
	out := &apiTexts{Items: []apiText{}, Events: []apiTextEvent{}}
	for i := range own {
		out.Items = append(out.Items, q.viewText(&own[i]))
	}
	for _, t := range templates.Builtin() {
		if !slices.ContainsFunc(own, func(o router.OwnText) bool { return o.Event == t.Event && o.Channel == t.Channel && o.Lang == t.Lang }) {
			out.Items = append(out.Items, apiText{Event: t.Event, Channel: shownChannel(t.Channel), Lang: t.Lang, Subject: t.Subject, Body: t.Plain})
		}
	}
	lang := q.dir.Operator(q.OperatorID).Lang
	for _, e := range templates.Events() {
		x := apiTextEvent{e.Name, e.Label(lang), e.SubjectOnly, e.Partial, []apiTextVar{}}
		for _, v := range e.Vars {
			label := v.It
			if lang == "en" {
				label = v.En
			}
			x.Variables = append(x.Variables, apiTextVar{v.Name, v.Optional, label, v.Example(lang)})
		}
		out.Events = append(out.Events, x)
	}
	return out, nil
}

func (q *apiCall) viewText(t *router.OwnText) apiText {
	return apiText{t.Event, shownChannel(t.Channel), t.Lang, t.Subject, t.Body, true, t.UpdatedAt, q.who(t.UpdatedBy)}
}

func shownChannel(c string) string {
	if c == templates.Any {
		return anyChannel
	}
	return c
}

// pathText is which text the address names.
func (q *apiCall) pathText() templates.Text {
	t := templates.Text{Event: q.r.PathValue("event"), Channel: q.r.PathValue("channel"), Lang: q.r.PathValue("lang")}
	if t.Channel == anyChannel {
		t.Channel = templates.Any
	}
	return t
}

type saveTextIn struct {
	Subject string        `json:"subject"`
	Body    string        `json:"body"`
	Seen    clock.Instant `json:"seen"`
	Event   string        `json:"event"`
	Channel string        `json:"channel"`
	Lang    string        `json:"lang"`
}

func (a *api) saveText(q *apiCall, in saveTextIn) (apiText, error) {
	t := q.pathText()
	t.Subject, t.Plain = in.Subject, in.Body
	if err := a.Router.SaveText(q.ctx, q.Viewer, t, in.Seen); err != nil {
		return apiText{}, textFaults(err)
	}
	q.after = append(q.after, a.ForgetTexts)
	own, err := a.Router.OwnTexts(q.ctx, q.Viewer)
	if err != nil {
		return apiText{}, err
	}
	i := slices.IndexFunc(own, func(o router.OwnText) bool { return o.Event == t.Event && o.Channel == t.Channel && o.Lang == t.Lang })
	if i < 0 {
		return apiText{}, inbox.ErrChanged
	}
	return q.viewText(&own[i]), nil
}

// textFaults names each mistake in a text with its place.
func textFaults(err error) error {
	var mistakes templates.ParseErrors
	var e *router.TextError
	if errors.As(err, &e) {
		mistakes = e.Mistakes
	} else if !errors.As(err, &mistakes) {
		return err
	}
	out := &faultsError{}
	for _, m := range mistakes {
		field := m.Field
		if field == templates.FieldPlain {
			field = "body"
		}
		out.faults = append(out.faults, openapi.Fault{Path: field, Code: string(m.Code), Detail: m.Error()})
	}
	return out
}

func (a *api) restoreText(q *apiCall, _ nothing) error {
	t := q.pathText()
	q.after = append(q.after, a.ForgetTexts)
	return a.Router.RestoreText(q.ctx, q.Viewer, t.Event, t.Channel, t.Lang)
}

type apiPreview struct {
	Subject string `json:"subject"`
	Plain   string `json:"plain"`
	HTML    string `json:"html"`
	Units   int    `json:"sms_units"`
	Parts   int    `json:"sms_parts"`
}

var previewSchema = openapi.Named("Preview", "A text as a channel would send it.", openapi.Object(
	openapi.Req("subject", openapi.Text(0), ""), openapi.Req("plain", openapi.Text(0), ""), openapi.Req("html", openapi.Text(0), "Of mail."),
	openapi.Req("sms_units", openapi.Int(), ""), openapi.Req("sms_parts", openapi.Int(), "What an SMS provider would charge; 0 for other channels.")))

func (a *api) previewText(q *apiCall, in saveTextIn) (apiPreview, error) {
	t := templates.Text{Event: in.Event, Channel: in.Channel, Lang: in.Lang, Subject: in.Subject, Plain: in.Body}
	if t.Channel == anyChannel {
		t.Channel = templates.Any
	}
	if t.Lang == "" {
		t.Lang = templates.DefaultLang
	}
	r, err := templates.Preview(t, t.Channel)
	if err != nil {
		return apiPreview{}, previewFault(err)
	}
	return apiPreview{r.Subject, r.Plain, r.HTML + r.Body, r.SMS.Units, r.SMS.Parts}, nil
}

func previewFault(err error) error {
	if e := textFaults(err); e != err {
		return e
	}
	return &apiError{status: http.StatusUnprocessableEntity, code: "cannot_render", field: "body", detail: err.Error(), remedy: "Correct the text and try again."}
}
