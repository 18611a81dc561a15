package web

import (
	"filodiretto/channels"
	"filodiretto/inbox"
	"filodiretto/internal/clock"
	"filodiretto/web/openapi"
	"filodiretto/web/page"
)

// apiTrust is what is known of where a case's mails come from: checks of domains,
// who looks like somebody else, whose mails a colleague passed on.
type apiTrust struct {
	Senders    []apiSender    `json:"senders"`
	Lookalikes []apiLookalike `json:"lookalikes"`
	Forwards   []apiForward   `json:"forwards"`
}

var trustProps = []openapi.Prop{
	openapi.Req("senders", openapi.List(senderSchema), "What is known of where each mail comes from, of which anything is."),
	openapi.Req("lookalikes", openapi.List(lookalikeSchema), "Senders who look like somebody else. No proof of anything: two people may have one name."),
	openapi.Req("forwards", openapi.List(forwardSchema), "Mails that a colleague passed on, with who wrote them."),
}

type apiSender struct {
	MessageID  apiID                      `json:"message_id"`
	State      page.SenderState           `json:"state"`
	Server     []apiFinding               `json:"server"`
	Outcome    string                     `json:"outcome"`
	Domain     string                     `json:"domain"`
	Aligned    bool                       `json:"aligned"`
	Signatures []channels.DomainSignature `json:"signatures"`
	CheckedAt  clock.Instant              `json:"checked_at"`
}

// apiFinding is one result of our own mail server.
type apiFinding struct {
	Method string `json:"method"`
	Result string `json:"result"`
	Domain string `json:"domain"`
}

var senderSchema = openapi.Named("SenderCheck", "What our own mail server and the signatures of domains say of where a mail comes from.", openapi.Object(
	openapi.Req("message_id", openapi.ID(), ""),
	openapi.Req("state", openapi.OneOf(page.SenderUnknown, page.SenderConfirmed, page.SenderVia, page.SenderChanged, page.SenderDoubted, page.SenderUnlikely, page.SenderUnclear, page.SenderWaiting, page.SenderSilent),
		"All of it in a word, as the page says it. via: another domain vouches for it. changed: after it was signed. waiting, silent: of the DNS. The others as the standing of a message."),
	openapi.Req("server", openapi.List(openapi.Object(
		openapi.Req("method", openapi.OneOf("dmarc", "spf", "dkim", "arc"), ""), openapi.Req("result", openapi.Text(0), "pass, fail, softfail, none, …"),
		openapi.Req("domain", openapi.Text(0), "That was looked at; empty where it is not said, \"?\" where that is no domain."))), "What our own mail server found."),
	openapi.Req("outcome", openapi.OneOf("", "pass", "fail", "none", "temporary"), "Of the signatures (DKIM), checked when it came. Empty while it waits for the DNS."),
	openapi.Req("domain", openapi.Text(0), "Of which the outcome is."),
	openapi.Req("aligned", openapi.Bool(), "It is the domain of the sender's address."),
	openapi.Req("signatures", openapi.List(openapi.Object(
		openapi.Req("domain", openapi.Text(0), ""), openapi.Req("outcome", openapi.Text(0), ""),
		openapi.Opt("aligned", openapi.Bool(), ""), openapi.Opt("reason", openapi.Text(0), "Code of why it does not hold."))), ""),
	openapi.Req("checked_at", timeOrNull, "")))

type apiLookalike struct {
	ID        apiID         `json:"id"`
	MessageID apiID         `json:"message_id"`
	Kind      string        `json:"kind"`
	AboutID   apiID         `json:"about_id"`
	Likes     string        `json:"likes"`
	Alarm     bool          `json:"alarm"`
	At        clock.Instant `json:"at"`
	Decision  string        `json:"decision"`
	DecidedBy *apiWho       `json:"decided_by"`
	DecidedAt clock.Instant `json:"decided_at"`
}

var lookalikeSchema = openapi.Named("Lookalike", "The remark that a sender looks like somebody else.", openapi.Object(
	openapi.Req("id", openapi.ID(), ""),
	openapi.Req("message_id", openapi.ID(), ""),
	openapi.Req("kind", openapi.OneOf("domain", "municipality", "office", "operator", "citizen", "address", "forged"), "\"address\": the name is one of our own addresses. \"forged\": our own mail server does not take the message for its sender's, or it comes as certified mail under no seal that holds; decided for that message alone."),
	openapi.Req("about_id", idOrNull, "The office, the operator, the citizen; of \"forged\" the message."),
	openapi.Req("likes", openapi.Text(0), "The name or the domain that it looks like."),
	openapi.Req("alarm", openapi.Bool(), "It asks for a decision; else it is a remark."),
	openapi.Req("at", openapi.Time(), ""),
	openapi.Req("decision", openapi.OneOf("", "fine", "false"), ""),
	openapi.Req("decided_by", whoSchema.OrNull(), ""),
	openapi.Req("decided_at", timeOrNull, "")))

type apiForward struct {
	MessageID apiID         `json:"message_id"`
	Kind      string        `json:"kind"`
	Address   string        `json:"address"`
	Name      string        `json:"name"`
	Subject   string        `json:"subject"`
	Found     string        `json:"found"`
	State     string        `json:"state"`
	DecidedBy *apiWho       `json:"decided_by"`
	DecidedAt clock.Instant `json:"decided_at"`
}

var forwardSchema = openapi.Named("Forward", "A citizen's mail that a colleague passed on, as it says of itself.", openapi.Object(
	openapi.Req("message_id", openapi.ID(), ""),
	openapi.Req("kind", openapi.OneOf("email", "pec"), "Of the address."),
	openapi.Req("address", openapi.Text(0), "Of who wrote first; nobody has proven it."),
	openapi.Req("name", openapi.Text(0), ""),
	openapi.Req("subject", openapi.Text(0), ""),
	openapi.Req("found", openapi.OneOf("attached", "quoted"), ""),
	openapi.Req("state", openapi.OneOf("open", "accepted", "refused"), ""),
	openapi.Req("decided_by", whoSchema.OrNull(), ""),
	openapi.Req("decided_at", timeOrNull, "")))

func (q *apiCall) viewTrust(cv *inbox.CaseView) apiTrust {
	out := apiTrust{Senders: []apiSender{}, Lookalikes: []apiLookalike{}, Forwards: []apiForward{}}
	for i := range cv.Entries {
		m := cv.Entries[i].Message
		if m == nil {
			continue
		}
		if s := viewSender(cv, m); s != nil && !cv.Entries[i].TakenBack {
			out.Senders = append(out.Senders, *s)
		}
		for _, l := range cv.Lookalikes[m.ID] {
			out.Lookalikes = append(out.Lookalikes, apiLookalike{apiID(l.ID), apiID(m.ID), l.Kind, apiID(l.AboutID), l.Likes, l.Alarm, l.At, l.Decision, q.who(l.DecidedBy), l.DecidedAt})
		}
		if f := cv.Forwards[m.ID]; f != nil {
			out.Forwards = append(out.Forwards, apiForward{apiID(m.ID), f.Kind, f.Address, f.Name, f.Subject, f.Found, f.State, q.who(f.DecidedBy), f.DecidedAt})
		}
	}
	return out
}

// viewSender is what is known of where a mail comes from; nil for nothing.
func viewSender(cv *inbox.CaseView, m *inbox.Message) *apiSender {
	c, said := cv.Checks[m.RawID], senderCheck(cv, m)
	if !m.ErasedAt.IsZero() || c == nil && said == nil {
		return nil
	}
	out := &apiSender{MessageID: apiID(m.ID), Server: []apiFinding{}, Outcome: string(channels.CheckNone), Signatures: []channels.DomainSignature{}}
	if said != nil {
		out.State = said.State
	}
	for _, v := range m.Verdicts() {
		out.Server = append(out.Server, apiFinding(v))
	}
	if c != nil {
		out.Outcome, out.Domain, out.Aligned, out.CheckedAt = c.Outcome, c.Domain, c.Aligned, c.CheckedAt
		out.Signatures = append(out.Signatures, c.Details()...)
	}
	return out
}

func (a *api) trustOps() []apiOp {
	return []apiOp{
		caseCommand(a, "lookalikes/{id}", "judgeLookalike", "Say that somebody has looked at a sender who looks like another: fine, or false, and then their mail is held",
			openapi.Object(openapi.Req("fine", openapi.Bool(), "")), a.apiJudge),
		caseCommand(a, "lookalikes/{id}/undo", "undoJudgement", "Take back what somebody said of such a sender, and the hold that came of it", nil, a.apiUndoJudge),
		caseCommand(a, "forwards/{id}", "decideForward", "Take who wrote a forwarded mail (its message's id) for the person of the case, or leave the colleague",
			openapi.Object(openapi.Req("accept", openapi.Bool(), "")), a.apiForward),
		caseCommand(a, "forwards/{id}/undo", "undoForward", "Give the case back to the colleague, while no answer has left", nil, a.apiUndoForward),
		op(openapi.Operation{
			Method: "GET", Path: "/storms", ID: "listStorms", Tag: "quarantine", Scope: "read",
			Summary: "Senders of whom too much came at once, with how much of it waits", Out: openapi.List(stormSchema),
		}, apiRead(a.storms)),
		op(openapi.Operation{
			Method: "POST", Path: "/storms/reject", ID: "rejectStorm", Tag: "quarantine", Scope: "write", Summary: "Keep out all that waits of one such sender",
			Body: openapi.Object(openapi.Req("account", openapi.ID(), ""), openapi.Req("address", openapi.Filled(320), ""), openapi.Req("reason", openapi.Filled(500), "")),
			Out: openapi.Object(openapi.Req("rejected", openapi.Int(), "How many."),
				openapi.Req("held_id", openapi.ID(), "One of them: putHeldBack with \"together\" lets all of them wait again.")),
		}, apiDo(a.apiRejectStorm)),
		op(openapi.Operation{
			Method: "GET", Path: "/held-senders", ID: "listHeldSenders", Tag: "quarantine", Scope: "read",
			Summary: "Senders whose mails wait for a person", Out: openapi.List(heldSenderSchema),
		}, apiRead(a.heldSenders)),
		op(openapi.Operation{
			Method: "POST", Path: "/held-senders", ID: "holdSender", Tag: "quarantine", Scope: "write", Summary: "Let the mails of an address wait for a person",
			Body: openapi.Object(openapi.Req("address", openapi.Filled(320), ""), openapi.Req("office", openapi.ID(), "Whose mailboxes hold them."),
				openapi.Req("reason", openapi.Filled(500), ""), openapi.Opt("certified", openapi.Bool(), "It is an address of certified mail.")),
		}, apiEmpty(a.apiHold)),
		op(openapi.Operation{
			Method: "POST", Path: "/held-senders/{id}/free", ID: "freeSender", Tag: "quarantine", Scope: "write", Summary: "Let them become cases again",
		}, apiEmpty(a.apiFree)),
	}
}

type judgeIn struct {
	Fine bool `json:"fine"`
}

func (a *api) apiJudge(q *apiCall, c *inbox.Case, in judgeIn) (*inbox.Case, error) {
	return a.Inbox.JudgeLookalike(q.ctx, q.Viewer, c.ID, q.id("id"), in.Fine)
}

func (a *api) apiUndoJudge(q *apiCall, c *inbox.Case, _ nothing) (*inbox.Case, error) {
	return a.Inbox.UndoJudgement(q.ctx, q.Viewer, c.ID, q.id("id"))
}

func (a *api) apiForward(q *apiCall, c *inbox.Case, in decideIn) (*inbox.Case, error) {
	if in.Accept {
		return a.Inbox.TakeForwarded(q.ctx, q.Viewer, c.ID, q.id("id"))
	}
	return a.Inbox.KeepForwarded(q.ctx, q.Viewer, c.ID, q.id("id"))
}

func (a *api) apiUndoForward(q *apiCall, c *inbox.Case, _ nothing) (*inbox.Case, error) {
	return a.Inbox.UndoForwarded(q.ctx, q.Viewer, c.ID, q.id("id"))
}

type apiStorm struct {
	AccountID apiID         `json:"account_id"`
	Office    *apiOfficeRef `json:"office"`
	Sender    string        `json:"sender"`
	Address   string        `json:"address"`
	Count     int           `json:"count"`
	Since     clock.Instant `json:"since"`
	Last      clock.Instant `json:"last"`
}

var stormSchema = openapi.Named("Storm", "One sender of whom too much came at once.", openapi.Object(
	openapi.Req("account_id", openapi.ID(), ""),
	openapi.Req("office", officeRefSchema.OrNull(), ""),
	openapi.Req("sender", openapi.Text(0), "As shown in the newest."),
	openapi.Req("address", openapi.Text(0), ""),
	openapi.Req("count", openapi.Int(), "How many wait."),
	openapi.Req("since", openapi.Time(), ""),
	openapi.Req("last", openapi.Time(), "")))

func (a *api) storms(q *apiCall) ([]apiStorm, error) {
	list, err := a.Inbox.Storms(q.ctx, q.Viewer)
	out := make([]apiStorm, len(list))
	for i, s := range list {
		out[i] = apiStorm{apiID(s.AccountID), q.officeRef(s.OfficeID), s.Sender, s.Address, s.Count, s.Since, s.Last}
	}
	return out, err
}

type stormIn struct {
	Account apiID  `json:"account"`
	Address string `json:"address"`
	Reason  string `json:"reason"`
}

type apiRejected struct {
	Rejected int   `json:"rejected"`
	HeldID   apiID `json:"held_id"`
}

func (a *api) apiRejectStorm(q *apiCall, in stormIn) (apiRejected, error) {
	n, one, err := a.Inbox.RejectStorm(q.ctx, q.Viewer, int64(in.Account), in.Address, in.Reason)
	return apiRejected{n, apiID(one)}, err
}

type apiHeldSender struct {
	ID      apiID         `json:"id"`
	Kind    string        `json:"kind"`
	Address string        `json:"address"`
	Office  *apiOfficeRef `json:"office"`
	Reason  string        `json:"reason"`
	By      *apiWho       `json:"by"`
	At      clock.Instant `json:"at"`
}

var heldSenderSchema = openapi.Named("HeldSender", "Somebody whose mails wait for a person before they become cases.", openapi.Object(
	openapi.Req("id", openapi.ID(), ""),
	openapi.Req("kind", openapi.OneOf("email", "pec"), ""),
	openapi.Req("address", openapi.Text(0), ""),
	openapi.Req("office", officeRefSchema.OrNull(), "Whose mailboxes hold them."),
	openapi.Req("reason", openapi.Text(0), "In words, or \"lookalike\" where a sender was found to be false."),
	openapi.Req("by", whoSchema.OrNull(), ""),
	openapi.Req("at", openapi.Time(), "")))

func (a *api) heldSenders(q *apiCall) ([]apiHeldSender, error) {
	list, err := a.Inbox.HeldSenders(q.ctx, q.Viewer)
	out := make([]apiHeldSender, len(list))
	for i, h := range list {
		out[i] = apiHeldSender{apiID(h.ID), h.Kind, h.Value, q.officeRef(h.OfficeID), h.Reason, q.who(h.ByOperator), h.At}
	}
	return out, err
}

type holdIn struct {
	Address   string `json:"address"`
	Office    apiID  `json:"office"`
	Reason    string `json:"reason"`
	Certified bool   `json:"certified"`
}

func (a *api) apiHold(q *apiCall, in holdIn) error {
	kind := "email"
	if in.Certified {
		kind = "pec"
	}
	return a.Inbox.HoldSender(q.ctx, q.Viewer, kind, in.Address, int64(in.Office), in.Reason)
}

func (a *api) apiFree(q *apiCall, _ nothing) error {
	_, err := a.Inbox.FreeSender(q.ctx, q.Viewer, q.id("id"))
	return err
}
