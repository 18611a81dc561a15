package router

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"filodiretto/inbox"
	"filodiretto/internal/clock"
)

func TestToken(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		ctx, giulia := t.Context(), e.people["giulia"]
		word, made, err := e.CreateToken(ctx, giulia, " protocollo ", []Scope{ScopeWrite, ScopeRead}, e.manual.Now().Add(time.Hour))
		if err != nil || !strings.HasPrefix(word, TokenPrefix) || len(word) != tokenLength || made.Name != "protocollo" || made.Scopes != "read write" {
			t.Fatal(word, made, err)
		}
		v, tok, err := e.ViewerByToken(ctx, word)
		if err != nil || v.OperatorID != giulia.OperatorID || !v.FrontDesk || !tok.May(ScopeRead) || !tok.May(ScopeWrite) || tok.May(ScopeAdmin) {
			t.Fatal(v, tok, err)
		}
		for _, wrong := range []string{"", "fd_", word + "x", strings.ToUpper(word), strings.Replace(word, "fd_", "xx_", 1), word[:tokenLength-1] + "\x00"} {
			if _, _, err := e.ViewerByToken(ctx, wrong); !errors.Is(err, inbox.ErrNotFound) {
				t.Errorf("%q is a token: %v", wrong, err)
			}
		}
		var stored string
		if err := e.Router.db.Read.NewRaw("SELECT hash FROM api_tokens").Scan(ctx, &stored); err != nil || strings.Contains(stored, word) || len(stored) != 64 {
			t.Error("only the hash is kept:", stored, err)
		}
		e.manual.Advance(time.Hour)
		if _, _, err := e.ViewerByToken(ctx, word); !errors.Is(err, inbox.ErrNotFound) {
			t.Error("it is over:", err)
		}
	})
}

// A token for the intake sees nothing, and one for reading and writing hands no
// mail over.
func TestTokenOfTheIntake(t *testing.T) {
	for have, may := range map[string][]Scope{
		"intake": {ScopeIntake}, "read": {ScopeRead}, "read write": {ScopeRead, ScopeWrite}, "admin": Scopes, "intake read": {ScopeIntake, ScopeRead}, "": nil,
	} {
		tok := Token{Scopes: have}
		for _, s := range Scopes {
			if tok.May(s) != slices.Contains(may, s) {
				t.Errorf("%q and %s: %v", have, s, tok.May(s))
			}
		}
	}
}

func TestTokenRefused(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		giulia := e.people["giulia"]
		admin := giulia
		admin.Admin = true
		for _, x := range []struct {
			v           inbox.Viewer
			name        string
			scopes      []Scope
			expires     time.Duration
			field, code string
		}{
			{giulia, " ", []Scope{ScopeRead}, 0, "name", "required"},
			{giulia, strings.Repeat("x", 201), []Scope{ScopeRead}, 0, "name", "too_long"},
			{giulia, "x", nil, 0, "scopes", "required"},
			{giulia, "x", []Scope{"all"}, 0, "scopes", "unknown"},
			{giulia, "x", []Scope{ScopeAdmin}, 0, "scopes", "not_yours"},
			{giulia, "x", []Scope{ScopeIntake}, 0, "scopes", "not_yours"},
			{admin, "x", []Scope{ScopeAdmin}, -time.Hour, "expires_at", "past"},
		} {
			at := e.manual.Now().Add(x.expires)
			if x.expires == 0 {
				at = 0
			}
			_, _, err := e.CreateToken(t.Context(), x.v, x.name, x.scopes, at)
			wantCode(t, err, x.field, x.code)
		}
		if _, _, err := e.CreateToken(t.Context(), inbox.Viewer{System: true}, "x", []Scope{ScopeRead}, 0); !errors.Is(err, inbox.ErrForbidden) {
			t.Error("a token acts as somebody:", err)
		}
	})
}

// TestTokenEnds: a token ends when it is revoked, and with its operator.
func TestTokenEnds(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		ctx := t.Context()
		word, made, err := e.CreateToken(ctx, e.people["giulia"], "x", []Scope{ScopeRead}, 0)
		if err != nil {
			t.Fatal(err)
		}
		if err := e.RevokeToken(ctx, e.people["elena"], made.ID); !errors.Is(err, inbox.ErrNotFound) {
			t.Error("a colleague's token is none of hers:", err)
		}
		if list, err := e.Tokens(ctx, e.people["elena"]); err != nil || len(list) != 0 {
			t.Error(list, err)
		}
		for range 2 {
			if err := e.RevokeToken(ctx, e.people["giulia"], made.ID); err != nil {
				t.Fatal(err)
			}
		}
		if _, _, err := e.ViewerByToken(ctx, word); !errors.Is(err, inbox.ErrNotFound) {
			t.Error(err)
		}
		if list, err := e.Tokens(ctx, e.people["giulia"]); err != nil || len(list) != 1 || list[0].RevokedAt.IsZero() {
			t.Error(list, err)
		}
		word, _, err = e.CreateToken(ctx, e.people["sara"], "y", []Scope{ScopeRead}, 0)
		if err != nil {
			t.Fatal(err)
		}
		_, err = e.SaveOperator(ctx, e.admin, Operator{ID: e.people["sara"].OperatorID, Login: "sara", Name: "Sara", DisabledAt: e.manual.Now()}, nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := e.ViewerByToken(ctx, word); !errors.Is(err, inbox.ErrNotFound) {
			t.Error("who may not work any more has no token:", err)
		}
	})
}

// TestTokenUse: the use of a token is written down once a minute.
func TestTokenUse(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		ctx := t.Context()
		word, made, err := e.CreateToken(ctx, e.people["giulia"], "x", []Scope{ScopeRead}, 0)
		if err != nil {
			t.Fatal(err)
		}
		used := func() clock.Instant {
			t.Helper()
			if _, _, err := e.ViewerByToken(ctx, word); err != nil {
				t.Fatal(err)
			}
			list, err := e.Tokens(ctx, e.people["giulia"])
			if err != nil || list[0].ID != made.ID {
				t.Fatal(list, err)
			}
			return list[0].LastUsedAt
		}
		first := used()
		if first != e.manual.Now() {
			t.Error(first)
		}
		e.manual.Advance(59 * time.Second)
		if at := used(); at != first {
			t.Error("too early:", at)
		}
		e.manual.Advance(time.Second)
		if at := used(); at != e.manual.Now() {
			t.Error("too late:", at)
		}
	})
}
