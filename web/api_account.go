package web

import (
	"strings"
	"time"

	"filodiretto/inbox"
	"filodiretto/internal/clock"
	"filodiretto/web/openapi"
	"filodiretto/web/page"
)

// apiAccount is a mailbox, bot or counter, and how it is.
type apiAccount struct {
	ID          apiID               `json:"id"`
	Key         string              `json:"key"`
	Kind        string              `json:"kind"`
	Name        string              `json:"name"`
	Office      *apiOfficeRef       `json:"office"`
	Origin      string              `json:"origin"`
	WayIn       string              `json:"way_in"`
	State       page.ChannelStateID `json:"state"`
	LastOkAt    clock.Instant       `json:"last_ok_at"`
	LastSentAt  clock.Instant       `json:"last_sent_at"`
	RefusedFrom clock.Instant       `json:"refused_from"`
	StuckFrom   clock.Instant       `json:"stuck_from"`

	Unaccepted     int           `json:"unaccepted"`
	UnacceptedFrom clock.Instant `json:"unaccepted_from"`

	ErrorClass  string        `json:"error_class"`
	ErrorText   string        `json:"error_text"`
	ErrorAt     clock.Instant `json:"error_at"`
	PausedUntil clock.Instant `json:"paused_until"`
	StoppedAt   clock.Instant `json:"stopped_at"`
	Pending     int           `json:"pending"`
	PendingFrom clock.Instant `json:"pending_from"`
	Outgoing    int           `json:"outgoing"`
	Failed      int           `json:"failed"`
}

var accountSchema = openapi.Named("Account", "A mailbox, bot or counter, and how it is.", openapi.Object(
	openapi.Req("id", openapi.ID(), ""),
	openapi.Req("key", openapi.Text(0), "Stable."),
	openapi.Req("kind", openapi.Text(0), "mail, pec, telegram, counter, phone."),
	openapi.Req("name", openapi.Text(0), ""),
	openapi.Req("office", officeRefSchema, "To whom its messages go when no rule says otherwise."),
	openapi.Req("origin", openapi.OneOf("file", "page"), "Where its settings are changed."),
	openapi.Req("way_in", openapi.OneOf("", "pop3", "handed"), "How mail comes in: read over POP3, or handed over by another server; empty for what the kind usually does."),
	openapi.Req("state", openapi.OneOf(page.ChannelUp, page.ChannelStarting, page.ChannelSlow, page.ChannelDown, page.ChannelBroken, page.ChannelMute, page.ChannelPaused, page.ChannelStopped), "slow: no good look, something that came is not read, or acceptances of certified mail are missing, for too long; down: it is tried again; broken: a person must change something; mute: it is read, and nothing leaves; paused: a person stopped it."),
	openapi.Req("last_ok_at", timeOrNull, "When it was last looked at with success, or mail was last handed over."),
	openapi.Req("last_sent_at", timeOrNull, ""),
	openapi.Req("refused_from", timeOrNull, "Since when the server for sending refuses what is to leave."),
	openapi.Req("stuck_from", timeOrNull, "Since when it is not reached, or out of order, while something is to leave."),
	openapi.Req("unaccepted", openapi.Int(), "Certified mails that have no acceptance for too long, with which nobody has dealt."),
	openapi.Req("unaccepted_from", timeOrNull, "When the first of them was given to the provider."),
	openapi.Req("error_class", openapi.Text(0), ""),
	openapi.Req("error_text", openapi.Text(0), "In words for the administrator."),
	openapi.Req("error_at", timeOrNull, ""),
	openapi.Req("paused_until", timeOrNull, "It rests by itself until then."),
	openapi.Req("stopped_at", timeOrNull, "Since when a person keeps it paused."),
	openapi.Req("pending", openapi.Int(), "What came and is not read yet."),
	openapi.Req("pending_from", timeOrNull, "Since when the oldest of it waits."),
	openapi.Req("outgoing", openapi.Int(), "Deliveries that wait."),
	openapi.Req("failed", openapi.Int(), "Deliveries that failed in the last 24 hours.")))

func (a *api) accountOps() []apiOp {
	item := func(verb, id, summary string) openapi.Operation {
		return openapi.Operation{Method: "POST", Path: "/accounts/{id}/" + verb, ID: id, Tag: "channels", Scope: "admin", Summary: summary}
	}
	probe := item("probe", "probeAccount", "Try whether it works, now")
	probe.Out = openapi.Object(openapi.Req("ok", openapi.Bool(), ""), openapi.Req("class", openapi.Text(0), "Why not."), openapi.Req("detail", openapi.Text(0), ""))
	return append(a.reconcileOps(), []apiOp{
		op(openapi.Operation{
			Method: "GET", Path: "/accounts", ID: "listAccounts", Tag: "channels", Scope: "read", Summary: "All accounts and how they are",
			Out: openapi.Object(openapi.Req("items", openapi.List(accountSchema), "")),
		}, apiRead(a.accounts)),
		op(openapi.Operation{Method: "GET", Path: "/accounts/{id}", ID: "getAccount", Tag: "channels", Scope: "read", Summary: "One account and how it is", Out: accountSchema}, apiRead(a.account)),
		op(probe, apiRead(a.probeAccount)).withoutKey(),
		op(item("pause", "pauseAccount", "Stop it until a person lets it go on; nothing is lost"), apiEmpty(a.pauseAccount)),
		op(item("resume", "resumeAccount", "Let it go on, and try again at once what rests for trouble"), apiEmpty(a.resumeAccount)),
	}...)
}

func (a *api) accounts(q *apiCall) (apiItems[apiAccount], error) {
	list, err := a.Inbox.AccountsFaring(q.ctx)
	if err != nil {
		return apiItems[apiAccount]{}, err
	}
	return a.viewAccounts(q, list)
}

func (a *api) viewAccounts(q *apiCall, list []inbox.Account) (apiItems[apiAccount], error) {
	work, err := a.Inbox.AccountsWork(q.ctx, a.clock.Now().Add(-24*time.Hour))
	out := apiItems[apiAccount]{Items: make([]apiAccount, len(list))}
	for i := range list {
		x := &list[i]
		w := work[x.ID]
		out.Items[i] = apiAccount{
			apiID(x.ID), x.Key, x.Kind, x.Name, q.officeRef(x.OfficeID), x.Origin, wayIn(x), a.channelState(x, a.waitsTooLong(w.Oldest)), x.LastOkAt, x.LastSentAt, x.RefusedFrom, x.StuckFrom, x.Unaccepted, x.UnacceptedFrom,
			x.ErrorClass, x.ErrorText, x.ErrorAt, x.PausedUntil, x.StoppedAt, w.Pending, w.Oldest, w.Outgoing, w.Failed,
		}
	}
	return out, err
}

func (a *api) account(q *apiCall) (apiAccount, error) {
	x, err := a.Inbox.AccountFaring(q.ctx, q.id("id"))
	if err != nil {
		return apiAccount{}, err
	}
	out, err := a.viewAccounts(q, []inbox.Account{*x})
	if err != nil {
		return apiAccount{}, err
	}
	return out.Items[0], nil
}

type apiProbe struct {
	OK     bool   `json:"ok"`
	Class  string `json:"class"`
	Detail string `json:"detail"`
}

// probeAccount tries an account now; an administrator may.
func (a *api) probeAccount(q *apiCall) (apiProbe, error) {
	if err := q.mustAdmin(); err != nil {
		return apiProbe{}, err
	}
	x, err := a.Inbox.Account(q.ctx, q.id("id"))
	if err != nil {
		return apiProbe{}, err
	}
	p := a.probe(q.ctx, x.ID)
	if p.OK {
		return apiProbe{OK: true}, q.ctx.Err()
	}
	return apiProbe{Class: p.Error.Class, Detail: strings.TrimSpace(p.Error.Code + " " + p.Error.Text)}, q.ctx.Err()
}

func (a *api) pauseAccount(q *apiCall, _ nothing) error {
	q.after = append(q.after, a.reload(q))
	return a.Inbox.PauseAccount(q.ctx, q.Viewer, q.id("id"))
}

func (a *api) resumeAccount(q *apiCall, _ nothing) error {
	q.after = append(q.after, a.reload(q))
	return a.Inbox.ResumeAccount(q.ctx, q.Viewer, q.id("id"))
}

// reload opens the accounts anew once the change is committed.
func (a *api) reload(q *apiCall) func() { return func() { a.reloadAccounts(q.r) } }
