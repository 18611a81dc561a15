package web

import (
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
	return apiDraft{Kind: d.Kind, Body: d.Body, Account: apiID(d.Choice.AccountID), To: viewRecipients(d.Choice.To), Cc: viewRecipients(d.Choice.Cc),
		Subject: d.Choice.Subject, Template: d.Choice.Template, Waiting: d.Choice.Waiting, Mentions: apiIDs(d.Choice.Mentions),
		Files: viewFileRefs(d.Choice.Files), Version: d.Version, UpdatedAt: d.UpdatedAt}
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
