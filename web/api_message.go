package web

import (
	"time"

	"filodiretto/inbox"
	"filodiretto/internal/clock"
	"filodiretto/web/openapi"
)

// recipientSchema is who gets an answer.
var recipientSchema = openapi.Named("Recipient", "A known identity, or an e-mail address.", openapi.Object(
	openapi.Opt("identity", idOrNull, "Of .../options."),
	openapi.Opt("address", openapi.Text(320), "An e-mail address, when there is no identity."),
	openapi.Opt("display", openapi.Text(200), "The name beside a typed address."),
	openapi.Opt("confirmed", openapi.Bool(), "A recipient whom the case has never seen is meant.")))

var fileRefIn = openapi.Named("FileName", "A file that was uploaded before with POST /files.", openapi.Object(
	openapi.Req("sha256", openapi.Filled(64), ""),
	openapi.Req("name", openapi.Filled(255), "As the recipient sees it.")))

var replySchema = openapi.Named("Reply", "An answer to a citizen. Recipients are said in full: nothing is added.", openapi.Object(
	openapi.Req("text", openapi.Text(100_000), ""),
	openapi.Req("account", openapi.ID(), "From which it goes out; see .../options."),
	openapi.Req("to", openapi.UpTo(20, recipientSchema), ""),
	openapi.Opt("cc", openapi.UpTo(20, recipientSchema), ""),
	openapi.Opt("subject", openapi.Text(250), "Mail only. Empty takes that of the message answered."),
	openapi.Opt("files", openapi.UpTo(20, fileRefIn), ""),
	openapi.Opt("template", openapi.Text(100), "The ready text that was used, for statistics."),
	openapi.Opt("waiting", openapi.Bool(), "The citizen must do something now."),
	openapi.Opt("undo_seconds", openapi.Between(0, 600), "For how long it can be taken back; 0 sends at once. Left out: as the municipality says."),
	openapi.Req("seen_in_id", idOrNull, "last_in_id of the case as it was read: a newer message of the citizen stops the answer with 409."),
	openapi.Opt("seen_id", idOrNull, "last_message_id as it was read: a colleague's newer answer stops this one with 409."),
	versionProp,
	openapi.Opt("override", openapi.Bool(), "Send although something newer is there.")))

var replyDoneSchema = openapi.Named("ReplyDone", "An answer that is queued.", openapi.Object(
	openapi.Req("message", messageSchema, "With one delivery for each recipient."),
	openapi.Req("undo_until", openapi.Time(), "Until when it can be taken back.")))

var noteSchema = openapi.Named("Note", "An internal note: it never leaves the house.", openapi.Object(
	openapi.Req("text", openapi.Text(100_000), "@login tells a colleague."),
	openapi.Opt("mentions", openapi.UpTo(50, openapi.ID()), "Operators who are told."),
	openapi.Opt("files", openapi.UpTo(20, fileRefIn), "")))

var noteDoneSchema = openapi.Named("NoteDone", "A note that was added.", openapi.Object(
	openapi.Req("message", messageSchema, ""),
	openapi.Req("told", openapi.List(openapi.ID()), "Operators who are told."),
	openapi.Req("blind", openapi.List(openapi.ID()), "Mentioned operators who may not see the case, and are not told.")))

func (a *api) messageOps() []apiOp {
	return []apiOp{
		op(openapi.Operation{
			Method: "GET", Path: casePath + "/options", ID: "listOptions", Tag: "messages", Scope: "read", Summary: "The ways to answer, with those that are barred and why",
			Out: optionsSchema,
		}, apiRead(a.options)),
		op(openapi.Operation{
			Method: "POST", Path: casePath + "/messages", ID: "sendReply", Tag: "messages", Scope: "write", Summary: "Answer the citizen",
			Doc: "409 with the newer messages when something came after what was answered; 422 with the recipients when the case has never seen them.",
			OK:  statusCreated, Params: []openapi.Param{ifMatch}, Body: replySchema, Out: replyDoneSchema,
		}, apiDo(a.sendReply)),
		op(openapi.Operation{
			Method: "POST", Path: casePath + "/notes", ID: "addNote", Tag: "messages", Scope: "write", Summary: "Add an internal note",
			OK: statusCreated, Body: noteSchema, Out: noteDoneSchema,
		}, apiDo(a.addNote)),
		op(openapi.Operation{
			Method: "POST", Path: casePath + "/messages/{id}/undo", ID: "undoReply", Tag: "messages", Scope: "write", Summary: "Take an answer back before it leaves; its text is the draft again",
			Out: draftSchema,
		}, apiRead(a.undoReply)),
		op(openapi.Operation{
			Method: "POST", Path: casePath + "/messages/{id}/hold", ID: "holdReply", Tag: "messages", Scope: "write", Summary: "Stop the seconds of undo, for two minutes at most",
			Out: undoSchema,
		}, apiRead(a.holdReply)),
		op(openapi.Operation{
			Method: "POST", Path: casePath + "/messages/{id}/let-go", ID: "letReplyGo", Tag: "messages", Scope: "write", Summary: "Let an answer that is held, or still to be undone, go now",
			Out: undoSchema,
		}, apiRead(a.letReplyGo)),
		op(openapi.Operation{
			Method: "GET", Path: casePath + "/messages", ID: "listMessages", Tag: "messages", Scope: "read", Summary: "The messages of a case, newest first, also those before the timeline's",
			Params: paging(200), Out: pageSchema(messageSchema),
		}, apiRead(a.listMessages)),
		op(openapi.Operation{Method: "GET", Path: "/messages/{id}", ID: "getMessage", Tag: "messages", Scope: "read", Summary: "One message, with its HTML made safe", Out: messageFullSchema}, apiRead(a.getMessage)),
		op(openapi.Operation{Method: "GET", Path: "/messages/{id}/raw", ID: "getRaw", Tag: "messages", Scope: "read", Summary: "A message as it came, byte for byte", Out: openapi.Bytes(), OutType: "application/octet-stream"}, apiRead(a.getRaw)),
		op(openapi.Operation{
			Method: "GET", Path: "/messages/{id}/versions", ID: "listVersions", Tag: "messages", Scope: "read", Summary: "What a message said before it was edited or read again, oldest first",
			Out: openapi.Object(openapi.Req("items", openapi.List(versionSchema), "")),
		}, apiRead(a.listVersions)),
		op(openapi.Operation{
			Method: "POST", Path: "/messages/{id}/read-again", ID: "readMessageAgain", Tag: "messages", Scope: "write", Summary: "Read the bytes of a message with the parser of today",
			Out: openapi.Object(openapi.Req("changed", openapi.Bool(), "It reads differently; what was shown before is a version.")),
		}, apiRead(a.readAgain)),
		op(openapi.Operation{
			Method: "POST", Path: "/messages/{id}/erase", ID: "eraseMessage", Tag: "messages", Scope: "write", Summary: "Erase the contents of a message for good; heads of its case's office may. 422 in_register, being_sent, in_quarantine where it must stay",
			Body: eraseSchema,
		}, apiEmpty(a.eraseMessage)),
	}
}

type recipientIn struct {
	Identity  apiID  `json:"identity"`
	Address   string `json:"address"`
	Display   string `json:"display"`
	Confirmed bool   `json:"confirmed"`
}

func recipients(in []recipientIn) []inbox.Recipient {
	out := make([]inbox.Recipient, len(in))
	for i, r := range in {
		out[i] = inbox.Recipient{IdentityID: int64(r.Identity), Address: r.Address, Display: r.Display, Confirmed: r.Confirmed}
	}
	return out
}

type fileIn struct {
	SHA256 string `json:"sha256"`
	Name   string `json:"name"`
}

func fileRefs(in []fileIn) []inbox.FileRef {
	out := make([]inbox.FileRef, len(in))
	for i, f := range in {
		out[i] = inbox.FileRef{SHA256: f.SHA256, Name: f.Name}
	}
	return out
}

type replyIn struct {
	Text        string        `json:"text"`
	Account     apiID         `json:"account"`
	To          []recipientIn `json:"to"`
	Cc          []recipientIn `json:"cc"`
	Subject     string        `json:"subject"`
	Files       []fileIn      `json:"files"`
	Template    string        `json:"template"`
	Waiting     bool          `json:"waiting"`
	UndoSeconds *int          `json:"undo_seconds"`
	SeenInID    apiID         `json:"seen_in_id"`
	SeenID      apiID         `json:"seen_id"`
	Version     int64         `json:"version"`
	Override    bool          `json:"override"`
}

// undo is the time of a ReplyCommand.
func (in *replyIn) undo() time.Duration {
	switch {
	case in.UndoSeconds == nil:
		return 0
	case *in.UndoSeconds == 0:
		return inbox.AtOnce
	}
	return time.Duration(*in.UndoSeconds) * time.Second
}

type apiReplyDone struct {
	Message   apiMessage    `json:"message"`
	UndoUntil clock.Instant `json:"undo_until"`
}

func (a *api) sendReply(q *apiCall, in replyIn) (*apiReplyDone, error) {
	c, err := a.pathCase(q)
	if err != nil {
		return nil, err
	}
	if !q.Member(c.OfficeID) { // the front desk reads the cases of others, and leaves notes on them
		return nil, inbox.ErrForbidden
	}
	v, err := q.version(in.Version)
	if err != nil {
		return nil, err
	}
	out, err := a.Inbox.Reply(q.ctx, q.Viewer, inbox.ReplyCommand{
		CaseID: c.ID, SeenInID: int64(in.SeenInID), SeenID: int64(in.SeenID), Version: v,
		AccountID: int64(in.Account), To: recipients(in.To), Cc: recipients(in.Cc), Subject: in.Subject, Text: in.Text, Files: fileRefs(in.Files),
		Template: in.Template, Waiting: in.Waiting, Undo: in.undo(), Override: in.Override,
	})
	if err != nil {
		return nil, err
	}
	q.at = apiPrefix + "/messages/" + formatID(out.Message.ID)
	return &apiReplyDone{viewMessage(q, out.Message, nil, out.Deliveries), out.UndoUntil}, nil
}

type noteIn struct {
	Text     string   `json:"text"`
	Mentions []apiID  `json:"mentions"`
	Files    []fileIn `json:"files"`
}

type apiNoteDone struct {
	Message apiMessage `json:"message"`
	Told    []apiID    `json:"told"`
	Blind   []apiID    `json:"blind"`
}

func (a *api) addNote(q *apiCall, in noteIn) (*apiNoteDone, error) {
	c, err := a.pathCase(q)
	if err != nil {
		return nil, err
	}
	out, err := a.Inbox.Note(q.ctx, q.Viewer, inbox.NoteCommand{CaseID: c.ID, Text: in.Text, Mentions: plainIDs(in.Mentions), Files: fileRefs(in.Files)})
	if err != nil {
		return nil, err
	}
	q.at = apiPrefix + "/messages/" + formatID(out.Message.ID)
	return &apiNoteDone{viewMessage(q, out.Message, nil, nil), apiIDs(out.Mentioned), apiIDs(out.Blind)}, nil
}

// caseMessage is the message of the address, when it is on the case of the address.
func (a *api) caseMessage(q *apiCall) (*inbox.Message, error) {
	c, err := a.pathCase(q)
	if err != nil {
		return nil, err
	}
	m, err := a.Inbox.Message(q.ctx, q.Viewer, q.id("id"))
	if err != nil {
		return nil, err
	}
	if m.CaseID != c.ID {
		return nil, inbox.ErrNotFound
	}
	return m, nil
}

func (a *api) undoReply(q *apiCall) (*apiDraft, error) {
	m, err := a.caseMessage(q)
	if err != nil {
		return nil, err
	}
	d, err := a.Inbox.UndoReply(q.ctx, q.Viewer, m.ID)
	if err != nil {
		return nil, err
	}
	out := viewDraft(d)
	return &out, nil
}

// apiOptions are the ways to answer.
type apiOptions struct {
	Items    []apiOption `json:"items"`
	Default  *int        `json:"default"`
	Subject  string      `json:"subject"`
	Token    string      `json:"token"`
	SeenInID apiID       `json:"seen_in_id"`
	SeenID   apiID       `json:"seen_id"`
}

type apiOption struct {
	Identity apiID          `json:"identity"`
	Kind     string         `json:"kind"`
	Address  string         `json:"address"`
	Account  *apiAccountRef `json:"account"`
	Barred   string         `json:"barred"`
	Failed   bool           `json:"failed"`
}

type apiAccountRef struct {
	ID   apiID  `json:"id"`
	Key  string `json:"key"`
	Kind string `json:"kind"`
	Name string `json:"name"`
}

var accountRefSchema = openapi.Named("AccountRef", "A mailbox, bot or counter in a few words.", openapi.Object(
	openapi.Req("id", openapi.ID(), ""),
	openapi.Req("key", openapi.Text(0), ""),
	openapi.Req("kind", openapi.Text(0), "mail, pec, telegram, counter, phone."),
	openapi.Req("name", openapi.Text(0), "")))

var optionsSchema = openapi.Named("Options", "The ways to answer on a case, the best first.", openapi.Object(
	openapi.Req("items", openapi.List(openapi.Object(
		openapi.Req("identity", openapi.ID(), "For a recipient."),
		openapi.Req("kind", openapi.Text(0), "email, pec, telegram, phone."),
		openapi.Req("address", openapi.Text(0), "As people read it."),
		openapi.Req("account", accountRefSchema.OrNull(), "From which it would go."),
		openapi.Req("barred", openapi.Text(0), "Why not: blocked, withdrawn, gone, bad, relay, account_off, cannot_send, no_account, other_office, never_wrote_here. Empty when it may be used."),
		openapi.Req("failed", openapi.Bool(), "The last try on this case did not arrive: another one is better."))), ""),
	openapi.Req("default", openapi.Int().OrNull(), "Index of the way in which the citizen wrote last; null when none can be used."),
	openapi.Req("subject", openapi.Text(0), "Of a mail, without the token that is added on sending."),
	openapi.Req("token", openapi.Text(0), "The token, for a preview."),
	openapi.Req("seen_in_id", idOrNull, "To be given back with the answer."),
	openapi.Req("seen_id", idOrNull, "To be given back with the answer.")))

func (a *api) options(q *apiCall) (*apiOptions, error) {
	c, err := a.pathCase(q)
	if err != nil {
		return nil, err
	}
	o, err := a.Inbox.Options(q.ctx, q.Viewer, c.ID)
	if err != nil {
		return nil, err
	}
	out := &apiOptions{Items: make([]apiOption, len(o.List)), Subject: o.Subject, Token: o.Token, SeenInID: apiID(o.SeenInID), SeenID: apiID(o.SeenID)}
	if o.Default >= 0 {
		out.Default = &o.Default
	}
	for i, x := range o.List {
		out.Items[i] = apiOption{apiID(x.Identity.ID), x.Identity.Kind, x.Identity.Shown(), nil, x.Barred, x.Failed}
		if x.Account.ID != 0 {
			out.Items[i].Account = &apiAccountRef{apiID(x.Account.ID), x.Account.Key, x.Account.Kind, x.Account.Name}
		}
	}
	return out, nil
}
