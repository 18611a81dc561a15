package web

import (
	"slices"

	"filodiretto/inbox"
	"filodiretto/internal/clock"
	"filodiretto/web/openapi"
)

// versionProp is in every command that changes what has a version.
var versionProp = openapi.Opt("version", openapi.Between(1, 1<<53), "As read. A newer one is 409. If-Match with the ETag says the same.")

var ifMatch = openapi.Param{Name: "If-Match", In: "header", Schema: openapi.Text(100), Doc: "The ETag as read. A newer one is 409."}

// caseCommand is an operation that changes one case and answers with it.
func caseCommand[In any](a *api, verb, id, summary string, body *openapi.Schema, f func(q *apiCall, c *inbox.Case, in In) (*inbox.Case, error)) apiOp {
	run := func(q *apiCall, in In) (apiCase, error) {
		c, err := a.pathCase(q)
		if err != nil {
			return apiCase{}, err
		}
		return q.changed(f(q, c, in))
	}
	return op(openapi.Operation{
		Method: "POST", Path: casePath + "/" + verb, ID: id, Tag: "cases", Scope: "write", Summary: summary,
		Params: []openapi.Param{ifMatch}, Body: body, Out: caseSchema,
	}, apiDo(run))
}

func (a *api) commandOps() []apiOp {
	reason := openapi.Req("reason", openapi.Filled(2000), "")
	return []apiOp{
		caseCommand(a, "assign", "assignCase", "Give the case to an operator of its office, or to nobody",
			openapi.Object(openapi.Req("operator", idOrNull, "null for nobody."), versionProp), a.apiAssign),
		caseCommand(a, "kind", "setCaseKind", "Classify the case",
			openapi.Object(openapi.Req("kind", openapi.OneOf(inbox.CaseKinds...), ""), versionProp), a.apiKind),
		caseCommand(a, "priority", "setCasePriority", "Set the priority",
			openapi.Object(openapi.Req("priority", openapi.Between(0, 2), "0 normal, 1 high, 2 urgent."), versionProp), a.apiPriority),
		caseCommand(a, "due", "setCaseDue", "Set by when an answer is owed",
			openapi.Object(openapi.Req("due_at", timeOrNull, "null takes the term away."), versionProp), a.apiDue),
		caseCommand(a, "snooze", "snoozeCase", "Put the case aside until an instant, or until the citizen writes",
			openapi.Object(openapi.Req("until", openapi.Time(), ""), versionProp), a.apiSnooze),
		caseCommand(a, "status", "setCaseStatus", "Make the case open, or waiting for the citizen",
			openapi.Object(openapi.Req("status", openapi.OneOf(inbox.Open, inbox.Waiting), ""), versionProp), a.apiStatus),
		caseCommand(a, "close", "closeCase", "End the case",
			openapi.Object(openapi.Opt("outcome", openapi.Text(2000), ""), openapi.Opt("seen_in_id", idOrNull, "Newest message of the citizen that was seen: nothing is closed over a newer one."), versionProp), a.apiClose),
		caseCommand(a, "reopen", "reopenCase", "Open a closed case again",
			openapi.Object(versionProp), a.apiReopen),
		caseCommand(a, "merge", "mergeCase", "Put the case into another one of the same person; the answer is that other one",
			openapi.Object(openapi.Req("into", openapi.Filled(20), "Number of the other case: 2026/000123.")), a.apiMergeCase),
		caseCommand(a, "unmerge", "unmergeCase", "Take the case out of the one it was put into, and open it", nil, a.apiUnmerge),
		caseCommand(a, "handover", "handOverCase", "Offer the case to another office",
			openapi.Object(openapi.Req("office", openapi.ID(), ""), reason, versionProp), a.apiHandOver),
		caseCommand(a, "handover/answer", "answerHandover", "Accept what was offered to an office of the operator, or refuse it with a reason",
			openapi.Object(openapi.Req("accept", openapi.Bool(), ""), openapi.Opt("reason", openapi.Text(2000), "Needed for a refusal.")), a.apiAnswerHandover),
		caseCommand(a, "handover/withdraw", "withdrawHandover", "Take an offer back before it is answered", nil, a.apiWithdraw),
		caseCommand(a, "read", "markCaseRead", "Take the unread mark away for the office", nil, a.apiMarkRead),
		caseCommand(a, "failure", "dealWithFailure", "Say that somebody deals with an answer that did not arrive", nil, a.apiFailure),
		op(openapi.Operation{
			Method: "POST", Path: casePath + "/suggestions/{id}", ID: "decideSuggestion", Tag: "cases", Scope: "write",
			Summary: "Accept a suggestion (the case is put into the other one, which is the answer), or refuse it for good",
			Body:    openapi.Object(openapi.Req("accept", openapi.Bool(), "")), Out: caseSchema,
		}, apiDo(a.apiSuggestion)),
	}
}

type assignIn struct {
	Operator apiID `json:"operator"`
	Version  int64 `json:"version"`
}

func (a *api) apiAssign(q *apiCall, c *inbox.Case, in assignIn) (*inbox.Case, error) {
	v, err := q.version(in.Version)
	if err != nil {
		return nil, err
	}
	return a.Inbox.Assign(q.ctx, q.Viewer, c.ID, v, int64(in.Operator))
}

type kindIn struct {
	Kind    inbox.CaseKind `json:"kind"`
	Version int64          `json:"version"`
}

func (a *api) apiKind(q *apiCall, c *inbox.Case, in kindIn) (*inbox.Case, error) {
	v, err := q.version(in.Version)
	if err != nil {
		return nil, err
	}
	return a.Inbox.SetKind(q.ctx, q.Viewer, c.ID, v, in.Kind)
}

type priorityIn struct {
	Priority int   `json:"priority"`
	Version  int64 `json:"version"`
}

func (a *api) apiPriority(q *apiCall, c *inbox.Case, in priorityIn) (*inbox.Case, error) {
	v, err := q.version(in.Version)
	if err != nil {
		return nil, err
	}
	return a.Inbox.SetPriority(q.ctx, q.Viewer, c.ID, v, in.Priority)
}

type dueIn struct {
	DueAt   clock.Instant `json:"due_at"`
	Version int64         `json:"version"`
}

func (a *api) apiDue(q *apiCall, c *inbox.Case, in dueIn) (*inbox.Case, error) {
	v, err := q.version(in.Version)
	if err != nil {
		return nil, err
	}
	return a.Inbox.SetDue(q.ctx, q.Viewer, c.ID, v, in.DueAt)
}

type snoozeIn struct {
	Until   clock.Instant `json:"until"`
	Version int64         `json:"version"`
}

func (a *api) apiSnooze(q *apiCall, c *inbox.Case, in snoozeIn) (*inbox.Case, error) {
	v, err := q.version(in.Version)
	if err != nil {
		return nil, err
	}
	return a.Inbox.Snooze(q.ctx, q.Viewer, c.ID, v, in.Until)
}

type statusIn struct {
	Status  inbox.Status `json:"status"`
	Version int64        `json:"version"`
}

func (a *api) apiStatus(q *apiCall, c *inbox.Case, in statusIn) (*inbox.Case, error) {
	v, err := q.version(in.Version)
	if err != nil {
		return nil, err
	}
	return a.Inbox.SetStatus(q.ctx, q.Viewer, c.ID, v, in.Status)
}

type closeIn struct {
	Outcome  string `json:"outcome"`
	SeenInID apiID  `json:"seen_in_id"`
	Version  int64  `json:"version"`
}

func (a *api) apiClose(q *apiCall, c *inbox.Case, in closeIn) (*inbox.Case, error) {
	v, err := q.version(in.Version)
	if err != nil {
		return nil, err
	}
	return a.Inbox.Close(q.ctx, q.Viewer, c.ID, v, int64(in.SeenInID), in.Outcome)
}

type versionIn struct {
	Version int64 `json:"version"`
}

func (a *api) apiReopen(q *apiCall, c *inbox.Case, in versionIn) (*inbox.Case, error) {
	v, err := q.version(in.Version)
	if err != nil {
		return nil, err
	}
	if c.Status != inbox.Closed {
		return nil, &inbox.InvalidError{Field: "status", Code: "not_closed"}
	}
	return a.Inbox.SetStatus(q.ctx, q.Viewer, c.ID, v, inbox.Open)
}

type mergeCaseIn struct {
	Into string `json:"into"`
}

func (a *api) apiMergeCase(q *apiCall, c *inbox.Case, in mergeCaseIn) (*inbox.Case, error) {
	into, err := a.Inbox.CaseByRef(q.ctx, q.Viewer, in.Into)
	if err == inbox.ErrNotFound {
		return nil, &inbox.InvalidError{Field: "into", Code: "unknown"}
	}
	if err != nil {
		return nil, err
	}
	return a.Inbox.MergeCase(q.ctx, q.Viewer, c.ID, into.ID)
}

func (a *api) apiUnmerge(q *apiCall, c *inbox.Case, _ nothing) (*inbox.Case, error) {
	return a.Inbox.UnmergeCase(q.ctx, q.Viewer, c.ID)
}

type handOverIn struct {
	Office  apiID  `json:"office"`
	Reason  string `json:"reason"`
	Version int64  `json:"version"`
}

func (a *api) apiHandOver(q *apiCall, c *inbox.Case, in handOverIn) (*inbox.Case, error) {
	v, err := q.version(in.Version)
	if err != nil {
		return nil, err
	}
	return a.Desk.HandOver(q.ctx, q.Viewer, c.ID, v, int64(in.Office), in.Reason)
}

type decideIn struct {
	Accept bool   `json:"accept"`
	Reason string `json:"reason"`
}

func (a *api) apiAnswerHandover(q *apiCall, c *inbox.Case, in decideIn) (*inbox.Case, error) {
	return a.Desk.Answer(q.ctx, q.Viewer, c.ID, in.Accept, in.Reason)
}

func (a *api) apiWithdraw(q *apiCall, c *inbox.Case, _ nothing) (*inbox.Case, error) {
	return a.Desk.Withdraw(q.ctx, q.Viewer, c.ID)
}

func (a *api) apiMarkRead(q *apiCall, c *inbox.Case, _ nothing) (*inbox.Case, error) {
	if !q.Member(c.OfficeID) {
		return nil, inbox.ErrForbidden
	}
	if err := a.Inbox.MarkRead(q.ctx, q.Viewer, c); err != nil {
		return nil, err
	}
	c.Unread = false
	return c, nil
}

func (a *api) apiFailure(q *apiCall, c *inbox.Case, _ nothing) (*inbox.Case, error) {
	return a.Inbox.DealWithFailure(q.ctx, q.Viewer, c.ID)
}

func (a *api) apiSuggestion(q *apiCall, in decideIn) (apiCase, error) {
	c, err := a.pathCase(q)
	if err != nil {
		return apiCase{}, err
	}
	return q.changed(a.suggestionOf(q, c, in.Accept))
}

// suggestionOf decides a suggestion of the case in the address, and of no other.
func (a *api) suggestionOf(q *apiCall, c *inbox.Case, accept bool) (*inbox.Case, error) {
	cv, err := a.Inbox.ViewCase(q.ctx, q.Viewer, c.ID)
	if err != nil {
		return nil, err
	}
	id := q.id("id")
	if !slices.ContainsFunc(cv.Suggestions, func(s inbox.CaseSuggestion) bool { return s.ID == id }) {
		return nil, inbox.ErrNotFound
	}
	return a.Inbox.DecideSuggestion(q.ctx, q.Viewer, id, accept)
}
