package web

import (
	"filodiretto/inbox"
	"filodiretto/internal/clock"
	"filodiretto/web/openapi"
)

// apiStory is one thing in a person's history.
type apiStory struct {
	At      clock.Instant `json:"at"`
	Message *apiMessage   `json:"message,omitempty"`
	Event   *apiEvent     `json:"event,omitempty"`
	Case    *apiCaseRef   `json:"case"`
}

var storySchema = openapi.Named("Story", "One thing that happened: a message (the beginning of its text) or an event.", openapi.Object(
	openapi.Req("at", openapi.Time(), ""),
	openapi.Opt("message", messageSchema, "Without parts and deliveries."),
	openapi.Opt("event", eventSchema, ""),
	openapi.Req("case", caseRefSchema.OrNull(), "The matter that it belongs to.")))

func (a *api) timeline(q *apiCall) (apiPage[apiStory], error) {
	entries, next, err := a.Inbox.PersonStory(q.ctx, q.Viewer, q.id("id"), inbox.StoryFilter{What: q.query("what"), Channel: q.query("channel"), Limit: q.limit(50)}, q.query("cursor"))
	if err != nil {
		return apiPage[apiStory]{}, err
	}
	out := make([]apiStory, len(entries))
	for i, e := range entries {
		out[i].At = e.At
		if e.Message != nil {
			m := viewMessage(q, e.Message, nil, nil)
			out[i].Message = &m
		}
		if e.Event != nil {
			out[i].Event = q.viewEvent(e.Event)
		}
		if e.Case != nil {
			out[i].Case = &apiCaseRef{apiID(e.Case.ID), e.Case.Ref(), e.Case.Subject}
		}
	}
	return pageOf(out, next), nil
}
