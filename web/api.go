package web

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"filodiretto/inbox"
	"filodiretto/router"
	"filodiretto/web/openapi"
)

// apiPrefix is where the REST API lives. What changes in a way that breaks
// programs gets a new number.
const apiPrefix = "/api/v1"

// The largest bodies, in bytes, that the API reads.
const apiMostJSON = 1 << 20

// api is the REST API: whatever a page can do, a program can do too, as the
// operator whose token it has.
type api struct {
	*Server
	rates *rates
	doing *inProgress
	doc   []byte // openapi.json
}

// apiOp is one operation: what the document says of it, and what does it.
type apiOp struct {
	openapi.Operation
	run func(q *apiCall) (any, error)
	// prepare, where there is one, takes in what no transaction should wait for.
	prepare func(q *apiCall) error
	// keyless operations take no idempotency key: they change nothing, or answer
	// with a secret that must not be kept.
	keyless bool
}

// op is an operation as most are.
func op(o openapi.Operation, run func(q *apiCall) (any, error)) apiOp {
	return apiOp{Operation: o, run: run}
}

func (op apiOp) after(prepare func(q *apiCall) error) apiOp {
	op.prepare = prepare
	return op
}

func (op apiOp) withoutKey() apiOp {
	op.keyless = true
	return op
}

func (s *Server) apiRoutes() {
	a := &api{Server: s, rates: newRates(s.clock, s.Config.Server.APIPerSecond), doing: newInProgress()}
	ops := a.operations()
	a.doc = apiDocument(ops)
	for i := range ops {
		op := &ops[i]
		s.mux.Handle(op.Method+" "+apiPrefix+op.Path, a.handler(op))
	}
}

// operations lists all of them, by what they are about.
func (a *api) operations() []apiOp {
	var ops []apiOp
	for _, group := range []func() []apiOp{
		a.metaOps, a.caseOps, a.commandOps, a.presenceOps, a.messageOps, a.draftOps, a.fileOps, a.deliveryOps, a.certifiedOps, a.visitOps,
		a.citizenOps, a.mergeOps, a.quarantineOps, a.trustOps, a.searchOps, a.savedViewOps, a.accountOps, a.accountEditOps, a.ruleOps,
		a.intakeOps, a.textOps, a.readyTextOps, a.peopleOps, a.tokenOps, a.eventOps, a.reportOps, a.estimateOps,
		a.siteOps, a.ticketOps, a.counterOps, a.agendaOps, a.appointmentOps, a.registerOps,
	} {
		ops = append(ops, group()...)
	}
	for i := range ops {
		ops[i].complete()
	}
	return ops
}

// complete fills in what follows from the rest: parameters of the path, the
// headers of a method, and the faults that every operation can answer with.
func (op *apiOp) complete() {
	op.Params = append(pathParams(op.Path), op.Params...)
	if op.OK == 0 {
		op.OK = http.StatusOK
		if op.Out == nil {
			op.OK = http.StatusNoContent
		}
	}
	op.BodyOpt = op.Body != nil && op.BodyType == "" && !op.Body.Needs() // {} may be left out
	faults := []int{}
	if op.Scope != "" {
		faults = append(faults, http.StatusUnauthorized, http.StatusForbidden, http.StatusTooManyRequests)
	}
	if strings.Contains(op.Path, "{") {
		faults = append(faults, http.StatusNotFound)
	}
	if len(op.Params) > 0 || op.Body != nil {
		faults = append(faults, http.StatusUnprocessableEntity)
	}
	if op.Body != nil {
		faults = append(faults, http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType)
	}
	if op.Method != http.MethodGet {
		faults = append(faults, http.StatusConflict)
	}
	if op.Method == http.MethodPost && !op.keyless {
		op.Params = append(op.Params, openapi.Param{Name: "Idempotency-Key", In: "header", Schema: openapi.Text(mostKey), Doc: "Any text, such as a UUID. The same request with the same key is done once, and answered alike for 48 hours."})
	}
	op.Faults = append(append(op.Faults, faults...), http.StatusInternalServerError, http.StatusServiceUnavailable)
}

func pathParams(path string) []openapi.Param {
	var out []openapi.Param
	for _, part := range strings.Split(path, "/") {
		if !strings.HasPrefix(part, "{") {
			continue
		}
		name := strings.Trim(part, "{}")
		p := openapi.Param{Name: name, In: "path", Schema: openapi.ID()}
		switch name {
		case "year":
			p.Schema, p.Doc = openapi.Between(2000, 2999), "Of the case number: 2026 in 2026/000123."
		case "number":
			p.Schema, p.Doc = openapi.Between(1, 999_999_999), "Of the case number, with or without zeros in front: 000123 in 2026/000123."
		case "kind":
			p.Schema, p.Doc = openapi.OneOf(inbox.ReplyDraft, inbox.NoteDraft), ""
		case "event", "channel", "lang", "sha256", "day", "account":
			p.Schema = openapi.Filled(100)
		}
		out = append(out, p)
	}
	return out
}

// read makes an operation's function of one that takes nothing but the call.
func apiRead[Out any](f func(*apiCall) (Out, error)) func(*apiCall) (any, error) {
	return func(q *apiCall) (any, error) {
		out, err := f(q)
		if err != nil {
			return nil, err
		}
		return out, nil
	}
}

// apiDo makes an operation's function of one that takes a body, and apiEmpty of
// one that answers nothing.
func apiDo[In, Out any](f func(*apiCall, In) (Out, error)) func(*apiCall) (any, error) {
	return func(q *apiCall) (any, error) {
		var in In
		if err := q.into(&in); err != nil {
			return nil, err
		}
		out, err := f(q, in)
		if err != nil {
			return nil, err
		}
		return out, nil
	}
}

func apiEmpty[In any](f func(*apiCall, In) error) func(*apiCall) (any, error) {
	return func(q *apiCall) (any, error) {
		var in In
		if err := q.into(&in); err != nil {
			return nil, err
		}
		return nil, f(q, in)
	}
}

// nothing is the body of a command that says all with its address.
type nothing struct{}

// openapiDocument answers the document.
func (a *api) metaOps() []apiOp {
	return []apiOp{
		op(openapi.Operation{Method: "GET", Path: "/openapi.json", ID: "getDocument", Tag: "this API", Summary: "This document", Out: openapi.Map()},
			func(*apiCall) (any, error) { return json.RawMessage(a.doc), nil }),
		op(openapi.Operation{Method: "GET", Path: "/me", ID: "getMe", Tag: "this API", Summary: "Who the token acts as, and what it may do", Scope: string(router.ScopeRead), Out: meSchema},
			apiRead(a.me)),
	}
}

func apiDocument(ops []apiOp) []byte {
	d := apiDescription
	for i := range ops {
		d.Operations = append(d.Operations, ops[i].Operation)
	}
	b, err := json.Marshal(&d)
	if err != nil {
		panic(fmt.Sprintf("web: the API's document cannot be written: %v", err)) // plain values only
	}
	return b
}
