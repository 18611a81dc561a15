package web

import (
	"net/http"

	"filodiretto/inbox"
	"filodiretto/internal/clock"
	"filodiretto/web/openapi"
)

// apiDraft is what the operator is writing on a case.
type apiDraft struct {
	Kind      inbox.DraftKind `json:"kind"`
	Body      string          `json:"body"`
	Account   apiID           `json:"account"`
	To        []apiRecipient  `json:"to"`
	Cc        []apiRecipient  `json:"cc"`
	Subject   string          `json:"subject"`
	Template  string          `json:"template"`
	Waiting   bool            `json:"waiting"`
	Mentions  []apiID         `json:"mentions"`
	Files     []apiFileRef    `json:"files"`
	Version   int64           `json:"version"`
	UpdatedAt clock.Instant   `json:"updated_at"`
}

type apiRecipient struct {
	Identity  apiID  `json:"identity"`
	Address   string `json:"address"`
	Display   string `json:"display"`
	Confirmed bool   `json:"confirmed"`
}

// apiFileRef is a file that is uploaded and not yet sent.
type apiFileRef struct {
	SHA256 string `json:"sha256"`
	Name   string `json:"name"`
	Type   string `json:"type"`
	Size   int64  `json:"size"`
}

var fileRefSchema = openapi.Named("Upload", "A file that is uploaded, to be sent or put to a draft.", openapi.Object(
	openapi.Req("sha256", openapi.Text(64), "Its name in the store."),
	openapi.Req("name", openapi.Text(0), ""),
	openapi.Req("type", openapi.Text(0), "As its bytes say."),
	openapi.Req("size", openapi.Int(), "Bytes.")))

var draftSchema = openapi.Named("Draft", "What the operator is writing on a case.", openapi.Object(
	openapi.Req("kind", openapi.OneOf(inbox.ReplyDraft, inbox.NoteDraft), ""),
	openapi.Req("body", openapi.Text(0), ""),
	openapi.Req("account", idOrNull, ""),
	openapi.Req("to", openapi.List(recipientSchema), ""),
	openapi.Req("cc", openapi.List(recipientSchema), ""),
	openapi.Req("subject", openapi.Text(0), ""),
	openapi.Req("template", openapi.Text(0), ""),
	openapi.Req("waiting", openapi.Bool(), ""),
	openapi.Req("mentions", openapi.List(openapi.ID()), ""),
	openapi.Req("files", openapi.List(fileRefSchema), ""),
	openapi.Req("version", openapi.Int(), "0 for one that was never saved."),
	openapi.Req("updated_at", timeOrNull, "")))

func viewDraft(d *inbox.Draft) apiDraft {
	return apiDraft{
		Kind: d.Kind, Body: d.Body, Account: apiID(d.Choice.AccountID), To: viewRecipients(d.Choice.To), Cc: viewRecipients(d.Choice.Cc),
		Subject: d.Choice.Subject, Template: d.Choice.Template, Waiting: d.Choice.Waiting, Mentions: apiIDs(d.Choice.Mentions),
		Files: viewFileRefs(d.Choice.Files), Version: d.Version, UpdatedAt: d.UpdatedAt,
	}
}

func viewRecipients(list []inbox.Recipient) []apiRecipient {
	out := make([]apiRecipient, len(list))
	for i, r := range list {
		out[i] = apiRecipient{apiID(r.IdentityID), r.Address, r.Display, r.Confirmed}
	}
	return out
}

func viewFileRefs(list []inbox.FileRef) []apiFileRef {
	out := make([]apiFileRef, len(list))
	for i, f := range list {
		out[i] = apiFileRef(f)
	}
	return out
}

const draftPath = casePath + "/drafts/{kind}"

func (a *api) draftOps() []apiOp {
	return []apiOp{
		op(openapi.Operation{Method: "GET", Path: draftPath, ID: "getDraft", Tag: "messages", Scope: "read", Summary: "The operator's own draft on a case; kind is reply or note", Out: draftSchema}, apiRead(a.getDraft)),
		op(openapi.Operation{
			Method: "PUT", Path: draftPath, ID: "saveDraft", Tag: "messages", Scope: "write", Summary: "Save the draft",
			Doc: "409 with the other text in draft when it was saved elsewhere meanwhile. Files are put and taken with .../files.", Params: []openapi.Param{ifMatch},
			Body: openapi.Object(openapi.Req("body", openapi.Text(100_000), ""), openapi.Opt("version", openapi.Between(0, 1<<53), "As read; 0 or left out for a new one."),
				openapi.Opt("account", idOrNull, ""), openapi.Opt("to", openapi.UpTo(20, recipientSchema), ""), openapi.Opt("cc", openapi.UpTo(20, recipientSchema), ""),
				openapi.Opt("subject", openapi.Text(250), ""), openapi.Opt("template", openapi.Text(100), ""), openapi.Opt("waiting", openapi.Bool(), ""),
				openapi.Opt("mentions", openapi.UpTo(50, openapi.ID()), "")), Out: draftSchema,
		}, apiDo(a.saveDraft)),
		op(openapi.Operation{Method: "DELETE", Path: draftPath, ID: "discardDraft", Tag: "messages", Scope: "write", Summary: "Throw the draft away"}, apiEmpty(a.discardDraft)),
		op(openapi.Operation{
			Method: "POST", Path: draftPath + "/files", ID: "attachToDraft", Tag: "messages", Scope: "write", Summary: "Upload a file to the draft", OK: http.StatusCreated,
			Params: []openapi.Param{fileName}, Body: openapi.Bytes(), BodyType: "application/octet-stream", Out: draftSchema,
		}, apiRead(a.attachToDraft)).after(a.keepForDraft),
		op(openapi.Operation{Method: "DELETE", Path: draftPath + "/files/{sha256}", ID: "detachFromDraft", Tag: "messages", Scope: "write", Summary: "Take a file off the draft", Out: draftSchema}, apiRead(a.detachFromDraft)),
	}
}

// pathDraft is the case and the kind of draft of the address.
func (a *api) pathDraft(q *apiCall) (*inbox.Case, inbox.DraftKind, error) {
	c, err := a.pathCase(q)
	return c, inbox.DraftKind(q.r.PathValue("kind")), err
}

// draft answers with a draft and its version.
func (q *apiCall) draft(d *inbox.Draft, err error) (*apiDraft, error) {
	if err != nil {
		return nil, err
	}
	if d.Version > 0 {
		q.etag = etag(d.Version)
	}
	out := viewDraft(d)
	return &out, nil
}

func (a *api) getDraft(q *apiCall) (*apiDraft, error) {
	c, kind, err := a.pathDraft(q)
	if err != nil {
		return nil, err
	}
	return q.draft(a.Inbox.Draft(q.ctx, q.Viewer, c.ID, kind))
}

type draftIn struct {
	Body     string        `json:"body"`
	Version  int64         `json:"version"`
	Account  apiID         `json:"account"`
	To       []recipientIn `json:"to"`
	Cc       []recipientIn `json:"cc"`
	Subject  string        `json:"subject"`
	Template string        `json:"template"`
	Waiting  bool          `json:"waiting"`
	Mentions []apiID       `json:"mentions"`
}

func (a *api) saveDraft(q *apiCall, in draftIn) (*apiDraft, error) {
	c, kind, err := a.pathDraft(q)
	if err != nil {
		return nil, err
	}
	v, err := q.version(in.Version)
	if err != nil {
		return nil, err
	}
	return q.draft(a.Inbox.SaveDraft(q.ctx, q.Viewer, inbox.Draft{CaseID: c.ID, Kind: kind, Body: in.Body, Version: v, Choice: inbox.DraftChoice{
		AccountID: int64(in.Account), To: recipients(in.To), Cc: recipients(in.Cc), Subject: in.Subject, Template: in.Template, Waiting: in.Waiting, Mentions: plainIDs(in.Mentions),
	}}))
}

func (a *api) discardDraft(q *apiCall, _ nothing) error {
	c, kind, err := a.pathDraft(q)
	if err != nil {
		return err
	}
	return a.Inbox.DiscardDraft(q.ctx, q.Viewer, c.ID, kind)
}

// keepForDraft keeps the file that comes, after the case was found: the bytes are
// whole in the store before any transaction begins.
func (a *api) keepForDraft(q *apiCall) error {
	if _, _, err := a.pathDraft(q); err != nil {
		return err
	}
	return a.keep(q)
}

func (a *api) attachToDraft(q *apiCall) (*apiDraft, error) {
	c, kind, err := a.pathDraft(q)
	if err != nil {
		return nil, err
	}
	return q.draft(a.Inbox.AttachKept(q.ctx, q.Viewer, c.ID, kind, *q.upload))
}

func (a *api) detachFromDraft(q *apiCall) (*apiDraft, error) {
	c, kind, err := a.pathDraft(q)
	if err != nil {
		return nil, err
	}
	return q.draft(a.Inbox.DetachFromDraft(q.ctx, q.Viewer, c.ID, kind, q.r.PathValue("sha256")))
}
