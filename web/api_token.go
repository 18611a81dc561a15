package web

import (
	"net/http"

	"filodiretto/internal/clock"
	"filodiretto/router"
	"filodiretto/web/openapi"
)

// apiToken is a token without its word.
type apiToken struct {
	ID         apiID         `json:"id"`
	Name       string        `json:"name"`
	Operator   *apiWho       `json:"operator"`
	Scopes     []string      `json:"scopes"`
	CreatedAt  clock.Instant `json:"created_at"`
	ExpiresAt  clock.Instant `json:"expires_at"`
	LastUsedAt clock.Instant `json:"last_used_at"`
	RevokedAt  clock.Instant `json:"revoked_at"`
}

var tokenProps = []openapi.Prop{
	openapi.Req("id", openapi.ID(), ""), openapi.Req("name", openapi.Text(0), ""), openapi.Req("operator", whoSchema.OrNull(), "As whom it acts."),
	openapi.Req("scopes", openapi.List(openapi.OneOf(router.Scopes...)), ""), openapi.Req("created_at", openapi.Time(), ""), openapi.Req("expires_at", timeOrNull, ""),
	openapi.Req("last_used_at", timeOrNull, "Exact to a minute."), openapi.Req("revoked_at", timeOrNull, ""),
}

var tokenSchema = openapi.Named("Token", "A token without its word.", openapi.Object(tokenProps...))

var newTokenSchema = openapi.Named("NewToken", "A token that was just made.", openapi.Object(append(tokenProps[:len(tokenProps):len(tokenProps)],
	openapi.Req("token", openapi.Text(100), "The word itself: told once, and never again."))...))

func (a *api) tokenOps() []apiOp {
	return []apiOp{
		op(openapi.Operation{
			Method: "GET", Path: "/tokens", ID: "listTokens", Tag: "settings", Scope: "admin", Summary: "All tokens, newest first, with those that are over",
			Out: openapi.Object(openapi.Req("items", openapi.List(tokenSchema), "")),
		}, apiRead(a.tokens)),
		op(openapi.Operation{
			Method: "POST", Path: "/tokens", ID: "createToken", Tag: "settings", Scope: "admin", Summary: "Make a token that acts as this operator",
			Doc: "An Idempotency-Key is not taken: the word would have to be kept to be told again.", OK: http.StatusCreated,
			Body: openapi.Object(openapi.Req("name", openapi.Filled(200), "What it is for."), openapi.Req("scopes", openapi.UpTo(4, openapi.OneOf(router.Scopes...)), "write holds read, admin holds all. intake hands mail over and sees nothing; like admin, only an administrator gives it."),
				openapi.Opt("expires_at", timeOrNull, "")), Out: newTokenSchema,
		}, apiDo(a.createToken)).withoutKey(),
		op(openapi.Operation{Method: "DELETE", Path: "/tokens/{id}", ID: "revokeToken", Tag: "settings", Scope: "admin", Summary: "End a token at once"}, apiEmpty(a.revokeToken)),
	}
}

func (q *apiCall) viewToken(t *router.Token) apiToken {
	return apiToken{apiID(t.ID), t.Name, q.who(t.OperatorID), splitWords(t.Scopes), t.CreatedAt, t.ExpiresAt, t.LastUsedAt, t.RevokedAt}
}

func (a *api) tokens(q *apiCall) (apiItems[apiToken], error) {
	list, err := a.Router.Tokens(q.ctx, q.Viewer)
	out := apiItems[apiToken]{Items: make([]apiToken, len(list))}
	for i := range list {
		out.Items[i] = q.viewToken(&list[i])
	}
	return out, err
}

type tokenIn struct {
	Name      string         `json:"name"`
	Scopes    []router.Scope `json:"scopes"`
	ExpiresAt clock.Instant  `json:"expires_at"`
}

type apiNewToken struct {
	apiToken
	Token string `json:"token"`
}

func (a *api) createToken(q *apiCall, in tokenIn) (*apiNewToken, error) {
	word, t, err := a.Router.CreateToken(q.ctx, q.Viewer, in.Name, in.Scopes, in.ExpiresAt)
	if err != nil {
		return nil, err
	}
	return &apiNewToken{q.viewToken(t), word}, nil
}

func (a *api) revokeToken(q *apiCall, _ nothing) error {
	return a.Router.RevokeToken(q.ctx, q.Viewer, q.id("id"))
}
