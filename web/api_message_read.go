package web

import (
	"filodiretto/inbox"
	"filodiretto/internal/clock"
	"filodiretto/internal/safehtml"
	"filodiretto/web/openapi"
)

// apiMessageFull is a message with its HTML.
type apiMessageFull struct {
	apiMessage
	HTML string `json:"html"`
}

var messageFullSchema = openapi.Named("MessageFull", "A message with its HTML.", openapi.Object(append(messageProps,
	openapi.Req("html", openapi.Text(0), "Made safe: no script, nothing loaded from elsewhere. Show it in a sandboxed frame."))...))

func (a *api) getMessage(q *apiCall) (*apiMessageFull, error) {
	m, parts, err := a.Inbox.MessageWithParts(q.ctx, q.Viewer, q.id("id"))
	if err != nil {
		return nil, err
	}
	ds, err := a.Inbox.MessageDeliveries(q.ctx, q.Viewer, m)
	if err != nil {
		return nil, err
	}
	receipts, err := a.Inbox.ReceiptsOf(q.ctx, m)
	if err != nil {
		return nil, err
	}
	out := &apiMessageFull{apiMessage: viewMessage(q, m, parts, ds)}
	withSteps(&out.apiMessage, ds, receipts[m.ID])
	if m.ErasedAt.IsZero() && m.HTML != "" {
		out.HTML = safehtml.Show(m.HTML, func(cid string) (string, bool) {
			for _, p := range parts {
				if p.ContentID == cid && p.State == "stored" {
					return apiPrefix + "/files/" + formatID(p.ID), true
				}
			}
			return "", false
		}, false)
	}
	return out, nil
}

func (a *api) getRaw(q *apiCall) (*apiFile, error) {
	id := q.id("id")
	body, kind, err := a.Inbox.RawMessage(q.ctx, q.Viewer, id)
	if err != nil {
		return nil, heldProblem(err)
	}
	return rawFile(body, "message-"+formatID(id), kind), nil
}

type apiVersion struct {
	Version int           `json:"version"`
	Subject string        `json:"subject"`
	Text    string        `json:"text"`
	At      clock.Instant `json:"at"`
	Files   []apiPart     `json:"files"`
}

var versionSchema = openapi.Named("MessageVersion", "What a message said before.", openapi.Object(
	openapi.Req("version", openapi.Int(), ""), openapi.Req("subject", openapi.Text(0), ""), openapi.Req("text", openapi.Text(0), ""), openapi.Req("at", timeOrNull, ""),
	openapi.Req("files", openapi.List(partSchema), "Those that it was the last to have: replaced since, and still to be opened.")))

type apiItems[T any] struct {
	Items []T `json:"items"`
}

func (a *api) listVersions(q *apiCall) (apiItems[apiVersion], error) {
	list, former, err := a.Inbox.Versions(q.ctx, q.Viewer, q.id("id"))
	out := apiItems[apiVersion]{Items: make([]apiVersion, len(list))}
	for i, v := range list {
		out.Items[i] = apiVersion{v.Version, v.Subject, v.Text, v.At, []apiPart{}}
		for _, p := range former {
			if p.Former == v.Version {
				out.Items[i].Files = append(out.Items[i].Files, viewPart(p, ""))
			}
		}
	}
	return out, err
}

func (a *api) listMessages(q *apiCall) (apiPage[apiMessage], error) {
	c, err := a.pathCase(q)
	if err != nil {
		return apiPage[apiMessage]{}, err
	}
	entries, next, err := a.Inbox.CaseMessages(q.ctx, q.Viewer, c, q.query("cursor"), q.limit(50))
	if err != nil {
		return apiPage[apiMessage]{}, err
	}
	messages := make([]*inbox.Message, len(entries))
	for i := range entries {
		messages[i] = entries[i].Message
	}
	receipts, err := a.Inbox.ReceiptsOf(q.ctx, messages...)
	if err != nil {
		return apiPage[apiMessage]{}, err
	}
	out := make([]apiMessage, len(entries))
	for i, e := range entries {
		out[i] = viewMessage(q, e.Message, e.Parts, e.Deliveries)
		withSteps(&out[i], e.Deliveries, receipts[e.Message.ID])
		out[i].TakenBack = e.TakenBack
	}
	return pageOf(out, next), nil
}

type apiChanged struct {
	Changed bool `json:"changed"`
}

func (a *api) readAgain(q *apiCall) (apiChanged, error) {
	changed, err := a.Inbox.ReadMessageAgain(q.ctx, q.Viewer, q.id("id"))
	return apiChanged{changed}, err
}

type apiUndo struct {
	UndoUntil clock.Instant `json:"undo_until"`
}

var undoSchema = openapi.Named("Undo", "Until when an answer can be taken back.", openapi.Object(openapi.Req("undo_until", openapi.Time(), "")))

func (a *api) holdReply(q *apiCall) (apiUndo, error) {
	m, err := a.caseMessage(q)
	if err != nil {
		return apiUndo{}, err
	}
	until, err := a.Inbox.HoldReply(q.ctx, q.Viewer, m.ID)
	return apiUndo{until}, err
}

func (a *api) letReplyGo(q *apiCall) (apiUndo, error) {
	m, err := a.caseMessage(q)
	if err != nil {
		return apiUndo{}, err
	}
	until, err := a.Inbox.ReleaseReply(q.ctx, q.Viewer, m.ID, 0)
	return apiUndo{until}, err
}
