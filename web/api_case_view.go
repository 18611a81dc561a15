package web

import (
	"encoding/json"

	"filodiretto/inbox"
	"filodiretto/internal/clock"
	"filodiretto/router"
	"filodiretto/web/openapi"
)

// apiCase is a case as lists show it.
type apiCase struct {
	ID            apiID          `json:"id"`
	Ref           string         `json:"ref"`
	Year          int            `json:"year"`
	Number        int64          `json:"number"`
	CitizenID     apiID          `json:"citizen_id"`
	Person        string         `json:"person"`
	Office        *apiOfficeRef  `json:"office"`
	Assignee      *apiWho        `json:"assignee"`
	Kind          inbox.CaseKind `json:"kind"`
	Procedure     string         `json:"procedure"`
	Priority      int            `json:"priority"`
	Status        inbox.Status   `json:"status"`
	Outcome       string         `json:"outcome"`
	Subject       string         `json:"subject"`
	Snippet       string         `json:"snippet"`
	Channel       string         `json:"channel"`
	AccountID     apiID          `json:"account_id"`
	LastMessageID apiID          `json:"last_message_id"`
	LastInID      apiID          `json:"last_in_id"`
	LastAt        clock.Instant  `json:"last_at"`
	LastInAt      clock.Instant  `json:"last_in_at"`
	Unread        bool           `json:"unread"`
	Failed        bool           `json:"failed"`
	Delayed       bool           `json:"delayed"`
	Suspect       bool           `json:"suspect"`
	CalledFalse   bool           `json:"called_false"`
	DueAt         clock.Instant  `json:"due_at"`
	SnoozedUntil  clock.Instant  `json:"snoozed_until"`
	ClosedAt      clock.Instant  `json:"closed_at"`
	RaisedAt      clock.Instant  `json:"raised_at"`
	MergedInto    apiID          `json:"merged_into"`
	FollowsID     apiID          `json:"follows_id"`
	Version       int64          `json:"version"`
	CreatedAt     clock.Instant  `json:"created_at"`
}

var caseProps = []openapi.Prop{
	openapi.Req("id", openapi.ID(), ""),
	openapi.Req("ref", openapi.Text(0), "The number that people say: 2026/000123."),
	openapi.Req("year", openapi.Int(), ""),
	openapi.Req("number", openapi.Int(), "Within the year, without gaps."),
	openapi.Req("citizen_id", openapi.ID(), "The record that it came from; /citizens/{id} finds its person also after a merge."),
	openapi.Req("person", openapi.Text(0), "Name or address, as lists show it."),
	openapi.Req("office", officeRefSchema, ""),
	openapi.Req("assignee", whoSchema.OrNull(), ""),
	openapi.Req("kind", openapi.OneOf(inbox.CaseKinds...), ""),
	openapi.Req("procedure", openapi.Text(0), ""),
	openapi.Req("priority", openapi.Between(0, 2), "0 normal, 1 high, 2 urgent."),
	openapi.Req("status", openapi.OneOf(inbox.Open, inbox.Waiting, inbox.Snoozed, inbox.Closed), "waiting: the citizen must do something."),
	openapi.Req("outcome", openapi.Text(0), ""),
	openapi.Req("subject", openapi.Text(0), ""),
	openapi.Req("snippet", openapi.Text(0), "The beginning of the last message."),
	openapi.Req("channel", openapi.Text(0), "Of the last message: mail, pec, telegram, counter, phone."),
	openapi.Req("account_id", openapi.ID(), ""),
	openapi.Req("last_message_id", idOrNull, "To be given back as seen_id with an answer."),
	openapi.Req("last_in_id", idOrNull, "Newest message of the citizen; to be given back as seen_in_id with an answer."),
	openapi.Req("last_at", timeOrNull, ""),
	openapi.Req("last_in_at", timeOrNull, ""),
	openapi.Req("unread", openapi.Bool(), ""),
	openapi.Req("failed", openapi.Bool(), "An answer did not arrive and nobody has dealt with it."),
	openapi.Req("delayed", openapi.Bool(), "An answer has not left for a while."),
	openapi.Req("suspect", openapi.Bool(), "A sender looks like somebody else and nobody has looked."),
	openapi.Req("called_false", openapi.Bool(), "Somebody found the sender of a message to be false."),
	openapi.Req("due_at", timeOrNull, "By when an answer is owed."),
	openapi.Req("snoozed_until", timeOrNull, ""),
	openapi.Req("closed_at", timeOrNull, ""),
	openapi.Req("raised_at", timeOrNull, "When nobody took it and the head was told."),
	openapi.Req("merged_into", idOrNull, "The case that this one was put into."),
	openapi.Req("follows_id", idOrNull, "The closed case that this one goes on from."),
	openapi.Req("version", openapi.Int(), "Grows with each change; also the ETag."),
	openapi.Req("created_at", openapi.Time(), ""),
}

var caseSchema = openapi.Named("Case", "One matter of one citizen.", openapi.Object(caseProps...))

func (q *apiCall) viewCase(c *inbox.Case) apiCase {
	return apiCase{
		ID: apiID(c.ID), Ref: c.Ref(), Year: c.Year, Number: c.Number, CitizenID: apiID(c.CitizenID), Person: c.Person,
		Office: q.officeRef(c.OfficeID), Assignee: q.who(c.AssigneeID), Kind: c.Kind, Procedure: c.Procedure, Priority: c.Priority,
		Status: c.Status, Outcome: c.Outcome, Subject: c.Subject, Snippet: c.Snippet, Channel: c.Channel, AccountID: apiID(c.AccountID),
		LastMessageID: apiID(c.LastMessageID), LastInID: apiID(c.LastInID), LastAt: c.LastAt, LastInAt: c.LastInAt,
		Unread: c.Unread, Failed: c.Failed, Delayed: c.Delayed, Suspect: c.Suspect, CalledFalse: c.CalledFalse, DueAt: c.DueAt, SnoozedUntil: c.SnoozedUntil, ClosedAt: c.ClosedAt,
		RaisedAt: c.RaisedAt, MergedInto: apiID(c.MergedInto), FollowsID: apiID(c.FollowsID), Version: c.Version, CreatedAt: c.CreatedAt,
	}
}

// apiCaseRef is another case in a few words.
type apiCaseRef struct {
	ID      apiID  `json:"id"`
	Ref     string `json:"ref"`
	Subject string `json:"subject"`
}

var caseRefSchema = openapi.Named("CaseRef", "A case in a few words.", openapi.Object(
	openapi.Req("id", openapi.ID(), ""),
	openapi.Req("ref", openapi.Text(0), ""),
	openapi.Req("subject", openapi.Text(0), "")))

func viewCaseRef(c *inbox.Case) *apiCaseRef { return &apiCaseRef{apiID(c.ID), c.Ref(), c.Subject} }

// apiCaseFull is a case with all that its page shows.
type apiCaseFull struct {
	apiCase
	StatusSecret string          `json:"status_secret,omitempty"`
	StatusURL    string          `json:"status_url,omitempty"`
	Timeline     []apiEntry      `json:"timeline"`
	Older        bool            `json:"older"`
	Suggestions  []apiSuggestion `json:"suggestions"`
	Merged       []apiCaseRef    `json:"merged"`
	Parent       *apiCaseRef     `json:"parent"`
	Handovers    []apiHandover   `json:"handovers"`
	apiTrust
}

var caseFullSchema = openapi.Named("CaseFull", "A case with all that its page shows.", openapi.Object(append(append(caseProps, trustProps...),
	openapi.Opt("status_secret", openapi.Text(0), "With it and the number the citizen sees how the case stands. Only for members of the case's office: it goes to the citizen and nowhere else."),
	openapi.Opt("status_url", openapi.Text(0), "The citizen's page; it holds the secret."),
	openapi.Req("timeline", openapi.List(entrySchema), "Oldest first, the newest 200 messages."),
	openapi.Req("older", openapi.Bool(), "There are older messages: read them from .../messages."),
	openapi.Req("suggestions", openapi.List(suggestionSchema), "Cases that this one may belong to, for a person to decide."),
	openapi.Req("merged", openapi.List(caseRefSchema), "Cases that were put into this one."),
	openapi.Req("parent", caseRefSchema.OrNull(), "The case that this one was put into."),
	openapi.Req("handovers", openapi.List(handoverSchema), "Oldest first."))...))

// apiEntry is one thing on a timeline.
type apiEntry struct {
	Message *apiMessage `json:"message,omitempty"`
	Event   *apiEvent   `json:"event,omitempty"`
}

var entrySchema = openapi.Named("Entry", "One thing on a timeline: a message or an event.", openapi.Object(
	openapi.Opt("message", messageSchema, ""),
	openapi.Opt("event", eventSchema, "")))

type apiSuggestion struct {
	ID     apiID      `json:"id"`
	Other  apiCaseRef `json:"other"`
	Person string     `json:"person"`
	Reason string     `json:"reason"`
}

var suggestionSchema = openapi.Named("Suggestion", "Another case that this one may belong to.", openapi.Object(
	openapi.Req("id", openapi.ID(), ""),
	openapi.Req("other", caseRefSchema, ""),
	openapi.Req("person", openapi.Text(0), ""),
	openapi.Req("reason", openapi.Text(0), "reply_address, reference, subject_token, chat or follows.")))

type apiHandover struct {
	ID        apiID         `json:"id"`
	CaseID    apiID         `json:"case_id"`
	From      *apiOfficeRef `json:"from"`
	To        *apiOfficeRef `json:"to"`
	Reason    string        `json:"reason"`
	By        *apiWho       `json:"by"`
	At        clock.Instant `json:"at"`
	State     string        `json:"state"`
	DecidedBy *apiWho       `json:"decided_by"`
	DecidedAt clock.Instant `json:"decided_at"`
	Decision  string        `json:"decision"`
}

var handoverSchema = openapi.Named("Handover", "A case offered by one office to another.", openapi.Object(
	openapi.Req("id", openapi.ID(), ""),
	openapi.Req("case_id", openapi.ID(), ""),
	openapi.Req("from", officeRefSchema, ""),
	openapi.Req("to", officeRefSchema, ""),
	openapi.Req("reason", openapi.Text(0), ""),
	openapi.Req("by", whoSchema.OrNull(), ""),
	openapi.Req("at", openapi.Time(), ""),
	openapi.Req("state", openapi.OneOf("pending", "accepted", "refused", "withdrawn"), ""),
	openapi.Req("decided_by", whoSchema.OrNull(), ""),
	openapi.Req("decided_at", timeOrNull, ""),
	openapi.Req("decision", openapi.Text(0), "The reason of a refusal.")))

func (q *apiCall) viewHandover(h *router.Handover) apiHandover {
	return apiHandover{
		apiID(h.ID), apiID(h.CaseID), q.officeRef(h.FromOffice), q.officeRef(h.ToOffice), h.Reason, q.who(h.ByOperator), h.At,
		h.State, q.who(h.DecidedBy), h.DecidedAt, h.Decision,
	}
}

// apiEvent is one line of the memory.
type apiEvent struct {
	ID        apiID           `json:"id"`
	At        clock.Instant   `json:"at"`
	Kind      string          `json:"kind"`
	Actor     string          `json:"actor"`
	Operator  *apiWho         `json:"operator"`
	CitizenID apiID           `json:"citizen_id"`
	CaseID    apiID           `json:"case_id"`
	MessageID apiID           `json:"message_id"`
	OfficeID  apiID           `json:"office_id"`
	Data      json.RawMessage `json:"data"`
}

var eventSchema = openapi.Named("Event", "Something that happened: who did what, when, to which case or person.", openapi.Object(
	openapi.Req("id", openapi.ID(), ""),
	openapi.Req("at", openapi.Time(), ""),
	openapi.Req("kind", openapi.Text(0), "case.opened, message.received, case.assigned, citizen.read, ..."),
	openapi.Req("actor", openapi.Text(0), "operator, citizen, automation or administrator."),
	openapi.Req("operator", whoSchema.OrNull(), ""),
	openapi.Req("citizen_id", idOrNull, ""),
	openapi.Req("case_id", idOrNull, ""),
	openapi.Req("message_id", idOrNull, ""),
	openapi.Req("office_id", idOrNull, ""),
	openapi.Req("data", openapi.Map(), "Ids and codes, no contents.")))

func (q *apiCall) viewEvent(e *inbox.Event) *apiEvent {
	return &apiEvent{apiID(e.ID), e.At, e.Kind, e.Actor, q.who(e.OperatorID), apiID(e.CitizenID), apiID(e.CaseID), apiID(e.MessageID), apiID(e.OfficeID), json.RawMessage(e.Data)}
}
