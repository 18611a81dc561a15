package web

import (
	"filodiretto/inbox"
	"filodiretto/internal/clock"
	"filodiretto/web/openapi"
	"filodiretto/web/page"
)

type linkIn struct {
	Case string `json:"case"`
}

type apiLink struct {
	Word      string        `json:"word"`
	ExpiresAt clock.Instant `json:"expires_at"`
	Chats     []apiChat     `json:"chats"`
}

type apiChat struct {
	Channel string `json:"channel"`
	Account string `json:"account"`
	Handle  string `json:"handle"`
	URL     string `json:"url"`
}

var linkSchema = openapi.Named("Link", "A word that proves who sends it.", openapi.Object(
	openapi.Req("word", openapi.Text(64), "Told once."),
	openapi.Req("expires_at", openapi.Time(), ""),
	openapi.Req("chats", openapi.List(openapi.Object(
		openapi.Req("channel", openapi.Text(0), ""), openapi.Req("account", openapi.Text(0), "Its key."),
		openapi.Req("handle", openapi.Text(0), "The bot's public name, without @."), openapi.Req("url", openapi.Text(0), "Opens the chat and hands the word over."))),
		"The bots that the citizen may choose; empty while none is known.")))

type apiLinkState struct {
	Stage     page.LinkStage `json:"stage"`
	MadeAt    clock.Instant  `json:"made_at"`
	ExpiresAt clock.Instant  `json:"expires_at"`
	UsedAt    clock.Instant  `json:"used_at"`
	By        string         `json:"by"`
	With      string         `json:"with"`
}

var linkStateSchema = openapi.Named("LinkState", "How a word stands.", openapi.Object(
	openapi.Req("stage", openapi.OneOf(page.LinkWaiting, page.LinkUsed, page.LinkExpired), ""),
	openapi.Req("made_at", openapi.Time(), ""), openapi.Req("expires_at", openapi.Time(), ""), openapi.Req("used_at", timeOrNull, ""),
	openapi.Req("by", openapi.Text(0), "Who made it."), openapi.Req("with", openapi.Text(0), "The chat that was linked.")))

func (a *api) makeLink(q *apiCall, in linkIn) (apiLink, error) {
	id, err := a.caseNamed(q, "case", in.Case)
	if err != nil {
		return apiLink{}, err
	}
	l, err := a.Inbox.MakeLink(q.ctx, q.Viewer, q.id("id"), id)
	if err != nil {
		return apiLink{}, err
	}
	out := apiLink{Word: l.Word, ExpiresAt: l.ExpiresAt, Chats: []apiChat{}}
	chats, err := a.chatLinks(q.ctx, l.Word)
	for _, x := range chats {
		out.Chats = append(out.Chats, apiChat{x.account.Kind, x.account.Key, x.account.Handle, x.url})
	}
	return out, err
}

func (a *api) getLink(q *apiCall) (apiLinkState, error) {
	l, err := a.Inbox.LinkOf(q.ctx, q.Viewer, q.id("id"))
	if err != nil {
		return apiLinkState{}, err
	}
	if l == nil {
		return apiLinkState{}, inbox.ErrNotFound
	}
	s := a.linkState(0, l)
	return apiLinkState{s.Stage, s.MadeAt, s.ExpiresAt, s.UsedAt, s.By, s.With}, nil
}
