package web

import (
	"bytes"
	"io"

	"filodiretto/inbox"
	"filodiretto/internal/clock"
	"filodiretto/web/openapi"
)

// apiHeld is an item in quarantine.
type apiHeld struct {
	ID        apiID         `json:"id"`
	AccountID apiID         `json:"account_id"`
	Office    *apiOfficeRef `json:"office"`
	Reason    string        `json:"reason"`
	Detail    string        `json:"detail"`
	Sender    string        `json:"sender"`
	Subject   string        `json:"subject"`
	At        clock.Instant `json:"at"`
	State     string        `json:"state"`
	DecidedBy *apiWho       `json:"decided_by"`
	DecidedAt clock.Instant `json:"decided_at"`
	Note      string        `json:"note"`
	MessageID apiID         `json:"message_id"`
}

var heldProps = []openapi.Prop{
	openapi.Req("id", openapi.ID(), ""),
	openapi.Req("account_id", openapi.ID(), "Where it came."),
	openapi.Req("office", officeRefSchema.OrNull(), ""),
	openapi.Req("reason", openapi.Text(0), "Code of why it was not filed."),
	openapi.Req("detail", openapi.Text(0), "Of reason \"auto\" the kind: auto_reply, vacation, bulk, notice, calendar_reply, challenge, abuse_report, dsn, mdn; empty for what came before kinds were kept."),
	openapi.Req("sender", openapi.Text(0), ""),
	openapi.Req("subject", openapi.Text(0), ""),
	openapi.Req("at", openapi.Time(), ""),
	openapi.Req("state", openapi.OneOf("waiting", "released", "attached", "rejected"), ""),
	openapi.Req("decided_by", whoSchema.OrNull(), ""),
	openapi.Req("decided_at", timeOrNull, ""),
	openapi.Req("note", openapi.Text(0), ""),
	openapi.Req("message_id", idOrNull, "The message that it became."),
}

var heldSchema = openapi.Named("Held", "An item that a person must look at.", openapi.Object(heldProps...))

var heldFullSchema = openapi.Named("HeldFull", "An item with what could be read of it.", openapi.Object(append(heldProps,
	openapi.Req("claimed_sender", openapi.Text(0), "Whom a certified envelope names outside of every signature: a claim, and no sender."),
	openapi.Req("written_for", openapi.Text(0), "Of an item that bears an address of ours: whose words it is once released or attached, by the address it asks to be answered at; empty for somebody unknown."),
	openapi.Req("ours", openapi.Bool(), "Attached to a case it counts as written by us."),
	openapi.Req("size", openapi.Int(), "Bytes of what came."),
	openapi.Req("readable", openapi.Bool(), "It can be released."),
	openapi.Req("text", openapi.Text(0), ""),
	openapi.Req("parts", openapi.List(partSchema), "Names only: the files can be fetched once it is released."))...))

func (q *apiCall) viewHeld(x *inbox.Quarantined) apiHeld {
	return apiHeld{apiID(x.ID), apiID(x.AccountID), q.officeRef(x.OfficeID), x.Reason, x.Detail, x.Sender, x.Subject, x.At, x.State, q.who(x.DecidedBy), x.DecidedAt, x.Note, apiID(x.MessageID)}
}

func (a *api) quarantineOps() []apiOp {
	return []apiOp{
		op(openapi.Operation{
			Method: "GET", Path: "/quarantine", ID: "listQuarantine", Tag: "quarantine", Scope: "read", Summary: "What waits for a person, newest first; or what somebody decided, the newest decision first",
			Params: append([]openapi.Param{
				{Name: "reason", In: "query", Schema: openapi.Text(50)},
				{Name: "detail", In: "query", Doc: "Of automatic mail: its kind.", Schema: openapi.Text(50)},
				{Name: "decided", In: "query", Doc: "What somebody decided, in place of what waits; what was let in only where its case may be seen.", Schema: openapi.Bool()},
			}, paging(200)...), Out: pageSchema(heldSchema),
		}, apiRead(a.quarantineList)),
		op(openapi.Operation{Method: "GET", Path: "/quarantine/{id}", ID: "getHeld", Tag: "quarantine", Scope: "read", Summary: "One item, with what could be read of it", Out: heldFullSchema}, apiRead(a.quarantineItem)),
		op(openapi.Operation{
			Method: "GET", Path: "/quarantine/{id}/raw", ID: "getHeldRaw", Tag: "quarantine", Scope: "read", Summary: "The item as it came, byte for byte",
			Out: openapi.Bytes(), OutType: "application/octet-stream",
		}, apiRead(a.quarantineBytes)),
		op(openapi.Operation{
			Method: "POST", Path: "/quarantine/{id}/release", ID: "releaseHeld", Tag: "quarantine", Scope: "write", Summary: "File it as if nothing had spoken against it; the answer is its case, null when it is one that the caller may not see",
			Body: openapi.Object(openapi.Opt("note", openapi.Text(500), "")), Out: caseSchema,
		}, apiDo(a.release)),
		op(openapi.Operation{
			Method: "POST", Path: "/quarantine/{id}/attach", ID: "attachHeld", Tag: "quarantine", Scope: "write", Summary: "Put it into a case of the operator's offices",
			Body: openapi.Object(openapi.Req("case", openapi.Filled(20), "Number of the case."), openapi.Opt("note", openapi.Text(500), "")), Out: caseSchema,
		}, apiDo(a.attach)),
		op(openapi.Operation{
			Method: "POST", Path: "/quarantine/{id}/reject", ID: "rejectHeld", Tag: "quarantine", Scope: "write", Summary: "Keep it out, with a reason",
			Body: openapi.Object(openapi.Req("reason", openapi.Filled(500), ""), openapi.Opt("hold", openapi.Bool(), "Let the sender's next mails wait for a person too. Refused (not_theirs), and nothing is rejected, where the mail may be forged or names no address.")),
		}, apiEmpty(a.reject)),
		op(openapi.Operation{
			Method: "POST", Path: "/quarantine/{id}/wait-again", ID: "putHeldBack", Tag: "quarantine", Scope: "write", Summary: "Take its rejection back: it waits as before, and a hold that began with it ends",
			Body: openapi.Object(openapi.Opt("together", openapi.Bool(), "And all that was rejected by the same act, as a storm is.")),
			Out:  openapi.Object(openapi.Req("waiting", openapi.Int(), "How many wait again."), openapi.Req("freed", openapi.Bool(), "The sender was held by the rejection, and is no more.")),
		}, apiDo(a.putHeldBack)),
		op(openapi.Operation{
			Method: "POST", Path: "/quarantine/{id}/read-again", ID: "readHeldAgain", Tag: "quarantine", Scope: "write", Summary: "Try it with the parser of today",
			Out: openapi.Object(openapi.Req("filed", openapi.Bool(), "Nothing speaks against it any more, and it was filed.")),
		}, apiDo(a.readHeldAgain)),
	}
}

func (a *api) quarantineList(q *apiCall) (apiPage[apiHeld], error) {
	list, next, err := a.Inbox.QuarantinePage(q.ctx, q.Viewer, inbox.HeldFilter{
		Reason: q.query("reason"), Kind: q.query("detail"), Decided: q.query("decided") == "true",
	}, q.query("cursor"), q.limit(rowsOf))
	if err != nil {
		return apiPage[apiHeld]{}, err
	}
	out := make([]apiHeld, len(list))
	for i, x := range list {
		out[i] = q.viewHeld(x)
	}
	return pageOf(out, next), nil
}

type apiHeldFull struct {
	apiHeld
	Claims     string    `json:"claimed_sender"`
	WrittenFor string    `json:"written_for"`
	Ours       bool      `json:"ours"`
	Size       int64     `json:"size"`
	Readable   bool      `json:"readable"`
	Text       string    `json:"text"`
	Parts      []apiPart `json:"parts"`
}

func (a *api) quarantineItem(q *apiCall) (*apiHeldFull, error) {
	x, err := a.Inbox.Quarantine(q.ctx, q.Viewer, q.id("id"))
	if err != nil {
		return nil, err
	}
	out := &apiHeldFull{
		apiHeld: q.viewHeld(&x.Quarantined), Claims: claimedSender(x.Item.Notes), WrittenFor: x.LetIn.For.Value, Ours: x.LetIn.Ours, Size: x.Size,
		Readable: x.Item.Kind != "" && x.State == "waiting", Text: x.Item.Text, Parts: []apiPart{},
	}
	for i := range x.Item.Parts {
		p := &x.Item.Parts[i]
		out.Parts = append(out.Parts, apiPart{Kind: string(p.Kind), Name: p.Name, Type: p.Detected, Claimed: p.Claimed, Size: p.Size, State: "none", Scan: "none", Problem: p.Problem, Preview: p.Preview})
	}
	return out, nil
}

func (a *api) quarantineBytes(q *apiCall) (*apiFile, error) {
	raw, body, err := a.Inbox.QuarantineRaw(q.ctx, q.Viewer, q.id("id"))
	if err != nil {
		return nil, err
	}
	return rawFile(body, "quarantine-"+formatID(q.id("id")), raw.ContentType), nil
}

func rawFile(body []byte, name, contentType string) *apiFile {
	return &apiFile{Name: name + rawEnding(contentType), Size: int64(len(body)), Body: io.NopCloser(bytes.NewReader(body))}
}

func rawEnding(contentType string) string {
	switch contentType {
	case "message/rfc822", "message/rfc822-headers":
		return ".eml"
	case "application/json":
		return ".json"
	}
	return ".bin"
}

type heldIn struct {
	Case   string `json:"case"`
	Note   string `json:"note"`
	Reason string `json:"reason"`
	Hold   bool   `json:"hold"`
}

// release answers null when the item came to a case that the caller may not see.
func (a *api) release(q *apiCall, in heldIn) (*apiCase, error) {
	k, err := a.Inbox.Release(q.ctx, q.Viewer, q.id("id"), 0, in.Note)
	if err != nil || k == nil {
		return nil, err
	}
	out, err := q.changed(k, nil)
	return &out, err
}

func (a *api) attach(q *apiCall, in heldIn) (apiCase, error) {
	if _, err := a.Inbox.Quarantine(q.ctx, q.Viewer, q.id("id")); err != nil {
		return apiCase{}, err
	}
	id, err := a.caseNamed(q, "case", in.Case)
	if err != nil {
		return apiCase{}, err
	}
	return q.changed(a.Inbox.Release(q.ctx, q.Viewer, q.id("id"), id, in.Note))
}

func (a *api) reject(q *apiCall, in heldIn) error {
	if in.Hold {
		return a.Inbox.RejectAndHold(q.ctx, q.Viewer, q.id("id"), in.Reason)
	}
	return a.Inbox.Reject(q.ctx, q.Viewer, q.id("id"), in.Reason)
}

type heldBackIn struct {
	Together bool `json:"together"`
}

type apiWaiting struct {
	Waiting int  `json:"waiting"`
	Freed   bool `json:"freed"`
}

func (a *api) putHeldBack(q *apiCall, in heldBackIn) (apiWaiting, error) {
	did, err := a.Inbox.WaitAgain(q.ctx, q.Viewer, q.id("id"), in.Together)
	return apiWaiting{did.Count, did.Freed > 0}, err
}

type apiFiled struct {
	Filed bool `json:"filed"`
}

func (a *api) readHeldAgain(q *apiCall, _ nothing) (apiFiled, error) {
	filed, err := a.Inbox.ReadAgain(q.ctx, q.Viewer, q.id("id"))
	return apiFiled{filed}, err
}
