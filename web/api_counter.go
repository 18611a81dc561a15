package web

import (
	"time"

	"filodiretto/internal/clock"
	"filodiretto/queue"
	"filodiretto/web/openapi"
)

var counterSchema = openapi.Named("CounterState", "A counter as who sits there sees it.", openapi.Object(
	openapi.Req("counter", counterBriefSchema, ""),
	openapi.Req("site", openapi.ID(), ""),
	openapi.Req("operator", whoSchema.OrNull(), "Who sits there; null for nobody."),
	openapi.Req("since", timeOrNull, ""),
	openapi.Req("paused_at", timeOrNull, "Since when it is on a break."),
	openapi.Req("pause", openapi.Text(0), "Why: a code."),
	openapi.Req("now", visitSchema.OrNull(), "Who is called or served."),
	openapi.Req("held", openapi.List(visitSchema), "Set aside by this counter."),
	openapi.Req("next", openapi.List(visitSchema), "The first of those who would be called."),
	openapi.Req("waiting", openapi.Int(), "Who can be called to it now or later."),
	openapi.Req("undo", idOrNull, "What POST /verbs/{id}/undo would take back."),
	openapi.Req("undo_until", timeOrNull, "")))

type apiCounterState struct {
	Counter  apiCounter      `json:"counter"`
	Site     apiID           `json:"site"`
	Operator *apiWho         `json:"operator"`
	Since    clock.Instant   `json:"since"`
	PausedAt clock.Instant   `json:"paused_at"`
	Pause    string          `json:"pause"`
	Now      *apiQueueVisit  `json:"now"`
	Held     []apiQueueVisit `json:"held"`
	Next     []apiQueueVisit `json:"next"`
	Waiting  int             `json:"waiting"`
	Undo     apiID           `json:"undo"`
	UndoTill clock.Instant   `json:"undo_until"`
}

var resultSchema = openapi.Named("QueueResult", "What a verb did.", openapi.Object(
	openapi.Req("ticket", ticketSchema, ""),
	openapi.Req("step", stepSchema, ""),
	openapi.Req("new_step", stepSchema.OrNull(), "That a transfer or a second service made."),
	openapi.Req("verb", idOrNull, "For POST /verbs/{id}/undo."),
	openapi.Req("undo_until", timeOrNull, "null for what cannot be taken back."),
	openapi.Req("call", idOrNull, "")))

type apiQueueResult struct {
	Ticket  apiTicket     `json:"ticket"`
	Step    apiStep       `json:"step"`
	NewStep *apiStep      `json:"new_step"`
	Verb    apiID         `json:"verb"`
	Until   clock.Instant `json:"undo_until"`
	Call    apiID         `json:"call"`
}

var sittingSchema = openapi.Named("Sitting", "An operator at a counter.", openapi.Object(
	openapi.Req("counter", openapi.ID(), ""),
	openapi.Req("operator", whoSchema.OrNull(), ""),
	openapi.Req("since", timeOrNull, ""),
	openapi.Req("until", timeOrNull, "When the operator means to leave."),
	openapi.Req("paused_at", timeOrNull, "Since when it is on a break."),
	openapi.Req("pause", openapi.Text(0), "Why: a code."),
	openapi.Req("pause_until", timeOrNull, "")))

type apiSitting struct {
	Counter    apiID         `json:"counter"`
	Operator   *apiWho       `json:"operator"`
	Since      clock.Instant `json:"since"`
	Until      clock.Instant `json:"until"`
	PausedAt   clock.Instant `json:"paused_at"`
	Pause      string        `json:"pause"`
	PauseUntil clock.Instant `json:"pause_until"`
}

// counterCommand is an operation of somebody who sits at a counter.
func counterCommand[In any](verb, id, summary string, body *openapi.Schema, f func(q *apiCall, counter int64, in In) (*queue.Sitting, error)) apiOp {
	return op(openapi.Operation{
		Method: "POST", Path: "/counters/{id}/" + verb, ID: id, Tag: "rooms", Scope: "write", Summary: summary, Body: body, Out: sittingSchema,
	}, apiDo(func(q *apiCall, in In) (*apiSitting, error) {
		st, err := f(q, q.id("id"), in)
		if err != nil {
			return nil, err
		}
		return &apiSitting{apiID(st.CounterID), q.who(st.OperatorID), st.FromAt, st.UntilAt, st.PauseAt, st.PauseReason, st.PauseUntil}, nil
	}))
}

// stepCommand is an operation with a step of somebody's visit.
func stepCommand[In any](a *api, verb, id, summary string, more []openapi.Prop, f func(q *apiCall, act queue.Act, in In) (*queue.Result, error)) apiOp {
	return op(openapi.Operation{
		Method: "POST", Path: "/steps/{id}/" + verb, ID: id, Tag: "rooms", Scope: "write", Summary: summary,
		Params: []openapi.Param{ifMatch}, Body: openapi.Object(append(more, versionProp)...), Out: resultSchema,
	}, func(q *apiCall) (any, error) {
		var in In
		var ver versionIn
		if err := q.into(&in); err != nil {
			return nil, err
		}
		if err := q.into(&ver); err != nil {
			return nil, err
		}
		version, err := q.version(ver.Version)
		if err != nil {
			return nil, err
		}
		return a.queueResult(q)(f(q, queue.Act{StepID: q.id("id"), Version: version}, in))
	})
}

// bare is stepCommand for a verb that needs no more than the step.
func bare(a *api, verb, id, summary string, f func(q *apiCall, act queue.Act) (*queue.Result, error)) apiOp {
	return stepCommand(a, verb, id, summary, nil, func(q *apiCall, act queue.Act, _ nothing) (*queue.Result, error) { return f(q, act) })
}

func (a *api) queueResult(q *apiCall) func(r *queue.Result, err error) (any, error) {
	return func(r *queue.Result, err error) (any, error) {
		if err != nil {
			return nil, err
		}
		h, err := a.Queue.House(q.ctx, r.Ticket.SiteID)
		if err != nil {
			return nil, err
		}
		out := apiQueueResult{Ticket: viewTicket(r.Ticket, ""), Step: viewStep(h, r.Step), Verb: apiID(r.VerbID), Until: r.UndoUntil, Call: apiID(r.CallID)}
		if r.New != nil {
			s := viewStep(h, r.New)
			out.NewStep = &s
		}
		q.etag = etag(r.Step.Version)
		return out, nil
	}
}

type breakIn struct {
	Reason string        `json:"reason"`
	Until  clock.Instant `json:"until"`
}

type forceIn struct {
	Force bool `json:"force"`
}

type callIn struct {
	Step    apiID  `json:"step"`
	Reason  string `json:"reason"`
	Version int64  `json:"version"`
}

type transferIn struct {
	Service apiID  `json:"service"`
	Counter apiID  `json:"counter"`
	Note    string `json:"note"`
}

type finishIn struct {
	Outcome string   `json:"outcome"`
	Note    string   `json:"note"`
	Missing []string `json:"missing"`
	Next    apiID    `json:"next"`
}

type toOfficeIn struct {
	Office  apiID  `json:"office"`
	Subject string `json:"subject"`
	Text    string `json:"text"`
	Note    string `json:"note"`
}

func (a *api) counterOps() []apiOp {
	note := openapi.Opt("note", openapi.Text(4000), "What the next who meets the person should know.")
	until := openapi.Opt("until", timeOrNull, "")
	return []apiOp{
		op(openapi.Operation{Method: "GET", Path: "/counters/{id}", ID: "getCounter", Tag: "rooms", Scope: "read", Summary: "A counter now, for who may sit there", Out: counterSchema}, apiRead(a.counterState)),
		counterCommand("open", "openCounter", "Sit down at the counter", openapi.Object(openapi.Opt("until", timeOrNull, "When the operator means to leave.")),
			func(q *apiCall, c int64, in breakIn) (*queue.Sitting, error) {
				return a.Queue.Open(q.ctx, q.Viewer, c, in.Until)
			}),
		counterCommand("break", "breakCounter", "Close the counter for a while: nobody is called", openapi.Object(openapi.Opt("reason", openapi.OneOf("break", "back_office", "meeting", "fault"), ""), until),
			func(q *apiCall, c int64, in breakIn) (*queue.Sitting, error) {
				return a.Queue.Pause(q.ctx, q.Viewer, c, in.Reason, in.Until)
			}),
		counterCommand("reopen", "reopenCounter", "End the break", nil,
			func(q *apiCall, c int64, _ nothing) (*queue.Sitting, error) {
				return a.Queue.Unpause(q.ctx, q.Viewer, c)
			}),
		op(openapi.Operation{
			Method: "POST", Path: "/counters/{id}/close", ID: "closeCounter", Tag: "rooms", Scope: "write", Summary: "Leave the counter",
			Body: openapi.Object(openapi.Opt("force", openapi.Bool(), "Also when somebody else sits there or a person is there, who then waits again; for who works the site's queue.")),
		}, apiEmpty(func(q *apiCall, in forceIn) error { return a.Queue.Leave(q.ctx, q.Viewer, q.id("id"), in.Force) })),
		op(openapi.Operation{Method: "POST", Path: "/counters/{id}/call-next", ID: "callNext", Tag: "rooms", Scope: "write", Summary: "Call whoever the site's order puts first for the counter", Out: resultSchema},
			func(q *apiCall) (any, error) {
				return a.queueResult(q)(a.Queue.CallNext(q.ctx, q.Viewer, queue.At{CounterID: q.id("id")}))
			}),
		op(openapi.Operation{
			Method: "POST", Path: "/counters/{id}/call", ID: "callThis", Tag: "rooms", Scope: "write", Summary: "Call somebody out of order; the reason is kept", Out: resultSchema,
			Body: openapi.Object(openapi.Req("step", openapi.ID(), ""), openapi.Opt("reason", openapi.Text(300), ""), versionProp),
		}, func(q *apiCall) (any, error) {
			var in callIn
			if err := q.into(&in); err != nil {
				return nil, err
			}
			return a.queueResult(q)(a.Queue.Call(q.ctx, q.Viewer, queue.CallThis{Act: queue.Act{StepID: int64(in.Step), Version: in.Version}, CounterID: q.id("id"), Reason: in.Reason}))
		}),
		bare(a, "recall", "recall", "Announce the number again", func(q *apiCall, act queue.Act) (*queue.Result, error) { return a.Queue.Recall(q.ctx, q.Viewer, act) }),
		bare(a, "start", "startServing", "The person is here", func(q *apiCall, act queue.Act) (*queue.Result, error) { return a.Queue.Start(q.ctx, q.Viewer, act) }),
		bare(a, "no-show", "noShow", "The person did not come", func(q *apiCall, act queue.Act) (*queue.Result, error) { return a.Queue.NoShow(q.ctx, q.Viewer, act) }),
		stepCommand(a, "put-back", "putBack", "Back to waiting, with the seniority; not called again for a while", []openapi.Prop{openapi.Opt("minutes", openapi.Between(0, 240), "The site's when left out.")},
			func(q *apiCall, act queue.Act, in struct {
				Minutes int `json:"minutes"`
			},
			) (*queue.Result, error) {
				return a.Queue.PutBack(q.ctx, q.Viewer, act, time.Duration(in.Minutes)*time.Minute)
			}),
		stepCommand(a, "hold", "holdStep", "Set the person aside; the counter keeps them", []openapi.Prop{openapi.Opt("reason", openapi.Text(40), "A code.")},
			func(q *apiCall, act queue.Act, in breakIn) (*queue.Result, error) {
				return a.Queue.Hold(q.ctx, q.Viewer, act, in.Reason)
			}),
		stepCommand(a, "resume", "resumeStep", "Go on with somebody who was set aside", []openapi.Prop{openapi.Req("counter", openapi.ID(), "")},
			func(q *apiCall, act queue.Act, in transferIn) (*queue.Result, error) {
				return a.Queue.Resume(q.ctx, q.Viewer, act, int64(in.Counter))
			}),
		stepCommand(a, "transfer", "transferStep", "Send on to another service, another counter or both; number and seniority stay",
			[]openapi.Prop{openapi.Opt("service", idOrNull, "The same when left out."), openapi.Opt("counter", idOrNull, "Any that does the service when left out."), note},
			func(q *apiCall, act queue.Act, in transferIn) (*queue.Result, error) {
				return a.Queue.Transfer(q.ctx, q.Viewer, queue.Transfer{Act: act, ServiceID: int64(in.Service), CounterID: int64(in.Counter), Note: in.Note})
			}),
		stepCommand(a, "add-service", "addService", "Add a service to the visit, after this one", []openapi.Prop{openapi.Req("service", openapi.ID(), "")},
			func(q *apiCall, act queue.Act, in transferIn) (*queue.Result, error) {
				return a.Queue.AddService(q.ctx, q.Viewer, act, int64(in.Service))
			}),
		stepCommand(a, "to-office", "handToOffice", "Hand the matter to an office as a case: the visit goes on there",
			[]openapi.Prop{openapi.Opt("office", idOrNull, "The service's when left out."), openapi.Opt("subject", openapi.Text(250), ""), openapi.Opt("text", openapi.Text(20_000), "Subject or text must be there."), note},
			func(q *apiCall, act queue.Act, in toOfficeIn) (*queue.Result, error) {
				return a.Queue.ToOffice(q.ctx, q.Viewer, queue.ToOffice{Act: act, OfficeID: int64(in.Office), Subject: in.Subject, Text: in.Text, Note: in.Note})
			}),
		stepCommand(a, "finish", "finishStep", "End the service",
			[]openapi.Prop{openapi.Opt("outcome", openapi.Text(40), "A code; served when left out."), note, openapi.Opt("missing", openapi.UpTo(20, openapi.Filled(200)), "Documents that were not brought."), openapi.Opt("next", idOrNull, "A further service that goes on here and now.")},
			func(q *apiCall, act queue.Act, in finishIn) (*queue.Result, error) {
				return a.Queue.Finish(q.ctx, q.Viewer, queue.Finish{Act: act, Outcome: in.Outcome, Note: in.Note, Missing: in.Missing, Next: int64(in.Next)})
			}),
		bare(a, "here", "personIsHere", "Somebody who took the number from afar is in the room", func(q *apiCall, act queue.Act) (*queue.Result, error) { return a.Queue.StaffHere(q.ctx, q.Viewer, act) }),
		bare(a, "give-up", "giveUp", "The person told the staff that they leave", func(q *apiCall, act queue.Act) (*queue.Result, error) {
			return a.Queue.StaffGiveUp(q.ctx, q.Viewer, act)
		}),
		op(openapi.Operation{Method: "POST", Path: "/verbs/{id}/undo", ID: "undoVerb", Tag: "rooms", Scope: "write", Summary: "Take an act of the last 30 seconds back", Out: resultSchema},
			func(q *apiCall) (any, error) { return a.queueResult(q)(a.Queue.Undo(q.ctx, q.Viewer, q.id("id"), "")) }),
	}
}

func (a *api) counterState(q *apiCall) (apiCounterState, error) {
	st, err := a.Queue.CounterState(q.ctx, q.Viewer, q.id("id"))
	if err != nil {
		return apiCounterState{}, err
	}
	places, err := a.Queue.Places(q.ctx, st.House.Site.ID)
	if err != nil {
		return apiCounterState{}, err
	}
	out := apiCounterState{
		Counter: q.viewCounter(st.House, st.Counter), Site: apiID(st.House.Site.ID), Held: []apiQueueVisit{}, Next: []apiQueueVisit{}, Waiting: st.Waiting,
		Undo: apiID(st.LastVerb), UndoTill: st.UndoTill,
	}
	if st.Sitting != nil {
		out.Operator, out.Since, out.PausedAt, out.Pause = q.who(st.Sitting.OperatorID), st.Sitting.FromAt, st.Sitting.PauseAt, st.Sitting.PauseReason
	}
	if st.Now != nil {
		v := viewVisit(st.House, st.Now, places)
		out.Now = &v
	}
	for i := range st.Held {
		out.Held = append(out.Held, viewVisit(st.House, &st.Held[i], places))
	}
	for i := range st.Next {
		out.Next = append(out.Next, viewVisit(st.House, &st.Next[i], places))
	}
	return out, nil
}
